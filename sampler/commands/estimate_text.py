"""The report of `estimate` in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.estimate import CANNOT_TELL, FEW, MET
from sampler.wording import CLASSES, TYPES, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.estimate import Estimate, Outcome

NAMES: Final = {
    "class": "信用风险分类", "type": "主体类型", "district": "区划", "industry": "行业门类", "stratum": "层",
    "clause": "条款", "draw": "任务", "month": "月份",
}  # fmt: skip
OUTCOMES: Final = {
    "compliant": "合格 = 未发现问题（结果 1、7）；无法联系（4）不算合格也不算不合格，单列",
    "strict": "合格 = 未发现问题（结果 1、7）；无法联系（4）算不合格",
    "disclosure": "合格 = 公示信息没有问题（结果不是 2、3）；无法联系（4）单列",
    "contact": "合格 = 能联系上（结果不是 4）",
}
VERDICTS: Final = {"met": "达到", "not_met": "没有达到", "cannot_tell": "说不准"}


def report(draws: Sequence[str], outcome: Outcome, found: Sequence[Estimate], tested: int) -> str:
    """Return the text for a person."""
    whole, *groups = found
    lines = [
        f"任务 {'、'.join(draws)}",
        f"口径: {OUTCOMES.get(outcome.name, f'合格 = {outcome.name}；无法联系（4）单列')}",
    ]
    lines += _paragraph(whole)
    for by in dict.fromkeys(g.by for g in groups):
        lines.append(f"按{NAMES[by]}（95 % 区间各自成立；目标的结论已按 {tested} 个问题一并校正）:")
        lines += [f"  {_label(g)}: {_line(g)}" for g in groups if g.by == by]
    return "\n".join(lines)


def _paragraph(e: Estimate) -> list[str]:
    lines = [
        f"抽中 {e.n} 户（其中必查 {e.taken} 户）: 有结论 {e.responded} 户，无法联系 {e.unreachable} 户，尚无结果 {e.no_result} 户"
    ]
    if e.rate is None:
        lines.append(f"合格率: 说不准。{_why(e)}")
    else:
        lines.append(f"合格率 {_percent(e.rate)}，95 % 区间 {_range(e.lo, e.hi)}（能联系上的对象；名录 {e.N} 户）")
    missing = e.unreachable + e.no_result
    if missing and e.worst.rate_lo is not None:
        lines.append(
            f"没有结论的 {missing} 户若全不合格，合格率为 {_percent(e.worst.rate_lo)}；若全合格，为 {_percent(e.worst.rate_hi)}"
            f"（连同抽样误差: {_range(e.worst.lo, e.worst.hi)}）"
        )
    if e.target is not None:
        lines.append(f"目标 {_percent(e.target)}: {_verdict(e)}")
    if e.n_eff is not None and e.deff is not None:
        lines.append(
            f"依据: 随机抽中且有结论的户相当于 {e.n_eff:.1f} 户等概率抽取（设计效应 {e.deff:.2f}；"
            f"最大权重 {e.max_weight:.1f}，按权重的有效户数 {e.effective_n:.1f}）"
        )
    return lines


def _why(e: Estimate) -> str:
    if not e.n:
        return "没有抽到这一组的对象"
    return f"有结论的不足 {FEW} 户" if e.responded < FEW else "随机抽中的对象还没有结论"


def _line(e: Estimate) -> str:
    counts = f"名录 {e.N}，抽中 {e.n}，有结论 {e.responded}"
    if e.rate is None:
        return f"说不准（{_why(e)}；{counts}）"
    missing = e.unreachable + e.no_result
    bounds = f"；计入没有结论的 {missing} 户: {_range(e.worst.lo, e.worst.hi)}" if missing else ""
    goal = f"；目标 {_percent(e.target)} {_verdict(e)}" if e.target is not None else ""
    whole = "全部查过，没有抽样误差" if e.method == "census" else _range(e.lo, e.hi)
    return f"合格率 {_percent(e.rate)}（{whole}；{counts}{bounds}）{goal}"


def _verdict(e: Estimate) -> str:
    text = VERDICTS[e.verdict or CANNOT_TELL]
    if e.verdict == CANNOT_TELL:
        if e.visits_needed is None:
            return text
        return f"{text}。若真实的合格率就是 {_percent(e.rate)}，共查约 {e.visits_needed} 户才有八成把握下结论"
    if e.worst.verdict != e.verdict:
        side = "不合格" if e.verdict == MET else "合格"
        return f"{text}（只就有结论的对象而言；没有结论的若都{side}，则未必）"
    return text


def _label(e: Estimate) -> str:
    names = {"class": CLASSES, "type": TYPES}.get(e.by, {})
    return plain(names.get(e.group, e.group)) or "（空）"


def _percent(x: float | None) -> str:
    return "—" if x is None else f"{100 * x:.2f}".rstrip("0").rstrip(".") + " %"


def _range(lo: float | None, hi: float | None) -> str:
    return "—" if lo is None or hi is None else f"{100 * lo:.1f}–{100 * hi:.1f} %"
