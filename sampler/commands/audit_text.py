"""The report of `audit` in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from sampler.audit import FLAGGED, NA, OK, UNCLEAR
from sampler.wording import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sampler.audit import Finding, Subject

MARKS: Final = {OK: "通过", FLAGGED: "有问题", UNCLEAR: "次数不够", NA: "不适用"}
NAMES: Final = {
    "results": "每次结果", "replay": "同一种子重来", "order": "名录换个顺序", "reach": "人人有机会", "uniform": "各户概率",
    "parts": "各段名录", "seeds": "结果有多少种", "pairs": "两两搭档",
}  # fmt: skip


def report(subject: Subject, runs: int, found: Sequence[Finding]) -> str:
    """Return the text for a person."""
    unit = "户" if subject.team == 1 else "人"
    what = f"每次抽 {subject.lines} 户" if subject.team == 1 else f"每次组 {subject.lines} 个 {subject.team} 人小组"
    lines = [f"{plain(subject.name)}: {len(subject.ids)} {unit}，{what}，用 {runs} 个不同的种子各运行一次"]
    lines += [f"{MARKS[f.status]} {NAMES[f.check]}: {WORDS[f.check](f)}" for f in found if f.status != NA]
    flagged = [NAMES[f.check] for f in found if f.status == FLAGGED]
    unclear = [NAMES[f.check] for f in found if f.status == UNCLEAR]
    if flagged:
        lines.append(f"结论: 有问题（{'、'.join(flagged)}）")
    else:
        lines.append("结论: 没有发现问题" + (f"；{'、'.join(unclear)}的运行次数还不够，不能下结论" if unclear else ""))
    lines.append("误报的机会不到百万分之一（各项合计）。没有发现问题不等于没有问题: 能看出多大的毛病，各项已写明。")
    return "\n".join(lines)


def _results(f: Finding) -> str:
    if f.status == OK:
        return "户数都对，没有重复，没有名录之外的"
    first = f.facts["defects"][0]
    kind, _, rest = first["what"].partition(" ")
    words = {
        "lines": "输出的行数是",
        "unknown": "输出了名录里没有的",
        "twice": "同一户抽中两次:",
        "team": "小组人数不对或有人重复:",
    }
    return f"种子 {first['seed']} {words[kind]} {plain(rest)}"


def _replay(f: Finding) -> str:
    return "结果相同，可以复算" if f.status == OK else f"结果不同，无法复算（种子 {f.facts['seeds'][0]}）"


def _order(f: Finding) -> str:
    if f.status == OK:
        return "抽中的不变"
    return f"抽中的变了: 谁排名录谁就能影响结果（种子 {f.facts['seeds'][0]}）"


def _reach(f: Finding) -> str:
    x = f.facts
    if f.status == FLAGGED:
        return f"{x['objects']} 户中有 {x['never']} 户永远抽不中（如 {'、'.join(map(plain, x['examples'][:3]))}）"
    if f.status == UNCLEAR:
        return f"{x['objects']} 户中还有 {x['not_seen_yet']} 户没有抽到过，要运行 {x['runs_needed']} 次才能判断"
    return f"{x['objects']} 户都抽到过"


def _uniform(f: Finding) -> str:
    x = f.facts
    seen = "；运行次数太少，看不出单户的偏差"
    if x["error_seen"] is not None:
        seen = f"；单户概率若高出 {_percent(x['error_seen'])}，有{_tenths(x['with_probability'])}的机会被看出来"
    if f.status == OK:
        return f"与声称的相符（最大 |z| = {x['max_z'] or 0:.2f}，界限 {x['bound_z']:.2f}）{seen}"
    size = "声称必抽或不可抽而实际不是" if x["max_z"] is None else f"|z| = {x['max_z']:.1f}，界限 {x['bound_z']:.2f}"
    return (
        f"{x['wrong']} 户与声称的不符；最明显的 {plain(x['object'])}: 声称 {_percent(x['claimed'])}，"
        f"实际 {_percent(x['found'])}（{size}）"
    )


def _parts(f: Finding) -> str:
    x = f.facts
    kind, _, place = x["part"].partition(" ")
    name = f"{'按名录次序' if kind == 'order' else '按声称概率由小到大'}分段的第 {place} 段"
    seen = f"；一段若偏差 {_percent(x['error_seen'])}，有{_tenths(x['with_probability'])}的机会被看出来"
    if f.status == OK:
        return f"{x['parts']} 段都与声称的相符（最大 |z| = {x['max_z']:.2f}，界限 {x['bound_z']:.2f}）{seen}"
    return f"{name}: 应平均抽中 {x['expected']:.3f} 户，实际 {x['found']:.3f} 户（|z| = {x['max_z']:.1f}，界限 {x['bound_z']:.2f}）"


def _seeds(f: Finding) -> str:
    x = f.facts
    if x["seed_space"] is not None:
        return f"种子只有 {x['seed_space']} 个，可以逐个试出想要的结果（至少应有 2^60 个）"
    if x["outcomes"] is None or f.status == OK:
        return (
            f"{x['distinct']} 个种子给出 {x['distinct']} 种结果；若总共不到 {x['would_notice_below']} 种，99 % 会看出来"
        )
    bits = math.log2(x["outcomes"])
    count = (
        f"总共只有 {x['outcomes']} 种结果"
        if x["exhausted"]
        else f"不同种子给出同样的结果 {x['same_pairs']} 次，总共约 {x['outcomes']} 种"
    )
    return f"{count}（{bits:.1f} 比特）"


def _pairs(f: Finding) -> str:
    x = f.facts
    if f.status == FLAGGED:
        return f"{x['possible']} 种搭档只出现过 {x['formed']} 种，其余 {x['never']} 种永远不会出现"
    if f.status == UNCLEAR:
        return f"{x['possible']} 种搭档出现过 {x['formed']} 种；要运行约 {x['runs_needed']} 次才能判断"
    return f"{x['possible']} 种搭档都出现过；最常见的是平均的 {x['most_over_mean']:.2f} 倍"


WORDS: Final[dict[str, Callable[[Finding], str]]] = {
    "results": _results, "replay": _replay, "order": _order, "reach": _reach, "uniform": _uniform, "parts": _parts,
    "seeds": _seeds, "pairs": _pairs,
}  # fmt: skip


def _percent(x: float) -> str:
    return f"{100 * x:.3g} %"


def _tenths(x: Any) -> str:
    return {0.9: "九成"}.get(x, f" {x:.0%} ")
