"""Papers of the procedure itself: 行政检查审批表 and 计划公示 at the seal, 摇号纪要 and 结果公示稿 after the draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler.office import words
from sampler.office.word import Paper
from sampler.wording import GIVEN, REASONS, SEAL_DIGITS, Papers, approval, beijing, given_by, groups_of_four, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sampler.office.views import DrawView

PLAN_HEADINGS: Final = (
    "序号", "检查主体", "年度计划名称", "检查内容", "计划开展时间", "股室", "抽查比例", "抽查频次", "抽查数量",
)  # fmt: skip
_PLAN_WIDTHS: Final = (12, 32, 40, 44, 28, 22, 18, 18, 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One ratio of the plan and how many objects it draws."""

    name: str
    ratio: str
    frequency: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedView:
    """What the papers at the seal show: no drawn object exists yet.

    Parameters
    ----------
    seal_code
        The first 40 digits of the sitting hash in groups of four.
    items
        Name and legal basis of every item.
    given
        The document of the level above that names the objects; empty for a draw of this office.
    """

    draw_id: str
    agency: str
    title: str
    department: str
    visits: tuple[str, str]
    approval: tuple[str, str]
    sitting_id: str
    seal_code: str
    source: str
    reveal_deadline: str
    registry: int
    frame: int
    excluded: tuple[tuple[str, int], ...]
    items: tuple[tuple[str, str], ...]
    clauses: tuple[Clause, ...]
    given: str = ""

    @property
    def n(self) -> int:
        """How many objects will be drawn."""
        return sum(c.count for c in self.clauses)


def sealed_view(
    files: Mapping[str, bytes], charter: Mapping[str, Any], sitting: str, labels: Mapping[str, str]
) -> SealedView:
    """Return the view of a sealed draw.

    Parameters
    ----------
    files
        Plan, commitment, items and strata of the draw, as sealed.
    charter
        The charter's fields.
    sitting
        The sitting hash, 64 hex digits.
    labels
        Code to Chinese text.

    Raises
    ------
    RecordError
        ``VIEW_MISSING`` or ``VIEW_TYPE`` as `sampler.office.lists.view`.
    """
    papers = Papers(files=files, made="forms", missing="VIEW_MISSING", mistyped="VIEW_TYPE")
    plan, seal = papers.record("plan"), papers.record("commitment")
    items, strata = papers.rows("items.tsv"), papers.rows("strata.tsv")
    departments = sorted({c["department"] for c in plan["caps"]})
    return SealedView(
        draw_id=seal["draw_id"],
        agency=plain(charter["name"]),
        title=plain(plan["title"]),
        department="、".join(plain(labels.get(d, d)) for d in departments) or plain(charter["name"]),
        visits=(plan["visits"]["from"], plan["visits"]["to"]),
        approval=(plain(approval(seal["approval"])), seal["approval"]["date"]),
        sitting_id=seal["sitting_id"],
        seal_code=groups_of_four(sitting[:SEAL_DIGITS]),
        source=seal["source"],
        reveal_deadline=seal["reveal_deadline"],
        registry=seal["registry"],
        frame=seal["frame"]["count"],
        excluded=tuple(sorted(seal["excluded"]["counts"].items())),
        items=tuple((plain(items[i]["name"]), plain(items[i]["legal_basis"])) for i in plan["items"]),
        clauses=tuple(_clause(c, strata, labels) for c in plan["clauses"] if _drawn(c, strata)),
        given=given_by(plan),
    )


def sitting_of(files: Mapping[str, bytes]) -> str:
    """Return the sitting of a sealed draw."""
    found = Papers(files=files, made="forms", missing="VIEW_MISSING", mistyped="VIEW_TYPE").record("commitment")
    return str(found["sitting_id"])


def _drawn(clause: Mapping[str, Any], strata: Mapping[str, Mapping[str, str]]) -> int:
    return sum(int(row["n"]) for row in strata.values() if row["clause"] == clause["clause"])


def _clause(clause: Mapping[str, Any], strata: Mapping[str, Mapping[str, str]], labels: Mapping[str, str]) -> Clause:
    name = labels.get(clause["clause"]) or (
        GIVEN if clause["clause"] == "given" else f"{'、'.join(clause['classes'])}类"
    )
    frequency = f"本批次1次，年内尚余{clause['batches_left']}批" if clause["period"] == "year" else "本次1次"
    return Clause(name=plain(name), ratio=clause["ratio"], frequency=frequency, count=_drawn(clause, strata))


def approval_form(view: SealedView) -> bytes:
    """Return the approval form (行政检查审批表) with the seal code, to be signed before the public value exists."""
    paper = Paper(f"{view.draw_id} 行政检查审批表")
    shares = "；".join(f"{c.name} {c.ratio}，{c.count} 户" for c in view.clauses) + f"；合计 {view.n} 户"
    if view.given:
        shares = f"对象由上级抽定，全部检查，共 {view.n} 户；本机关只随机匹配检查人员"
    paper.title("行政检查审批表")
    paper.note(f"{view.approval[0]}　{view.approval[1]}　任务编号 {view.draw_id}　场次 {view.sitting_id}")
    paper.pairs(
        [
            ("检查机关", view.agency), ("任务名称", view.title), ("任务来源", f"{GIVEN}：{view.given}" if view.given else "年度抽查计划，双随机、一公开"),
            ("检查事项", "；".join(name for name, _ in view.items)),
            ("检查依据", "\n".join(basis for _, basis in view.items)),
            ("检查时间", f"{view.visits[0]} 至 {view.visits[1]}"),
            ("名录", f"登记库 {view.registry} 户，可抽 {view.frame} 户；{_excluded(view.excluded)}"),
            ("抽查比例与数量", shares),
            ("公开数来源", f"{view.source}（封存时指定，不得更换）"), ("揭示截止", beijing(view.reveal_deadline)),
            ("封存码", view.seal_code),
        ]
    )  # fmt: skip
    paper.note(
        "封存码在公开数产生之前打印并签字：签字后名录、比例、规则和人员都不能再改。请核对屏幕与本表的封存码一致。"
    )
    paper.pairs([("承办人意见", "\n\n"), ("部门负责人意见", "\n\n"), ("机关负责人意见", "\n\n")])
    paper.sign("承办人", "部门负责人", "机关负责人")
    return paper.bytes()


def _excluded(counts: tuple[tuple[str, int], ...]) -> str:
    if not counts:
        return "没有剔除"
    return "剔除：" + "、".join(f"{REASONS.get(r, r)} {n} 户" for r, n in counts)


def plan_notice(view: SealedView) -> bytes:
    """Return the notice of the plan (抽查计划公示) with the headings in use."""
    paper = Paper(f"{view.draw_id} 抽查计划公示", wide=True)
    paper.title(f"{view.agency}抽查计划公示")
    what = "；".join(name for name, _ in view.items)
    rows = [
        (str(n), view.agency, view.title, f"{what}（{c.name}）", f"{view.visits[0]}至{view.visits[1]}", view.department,
         c.ratio, c.frequency, str(c.count))
        for n, c in enumerate(view.clauses, 1)
    ]  # fmt: skip
    paper.grid(PLAN_HEADINGS, _PLAN_WIDTHS, rows)
    paper.note(f"任务编号 {view.draw_id}　封存码 {view.seal_code}　公开数来源 {view.source}")
    paper.close(f"{view.agency}　{view.approval[1]}")
    return paper.bytes()


def minutes(view: DrawView) -> bytes:
    """Return the minutes of the draw (摇号纪要), for signature by those present."""
    paper = Paper(f"{view.draw_id} 摇号纪要")
    paper.title("双随机抽查摇号纪要")
    for line in words.warnings(view):
        paper.note(line)
    came = "；".join(f"{name}：{'已揭示' if there else '未到场（ABSENT）'}" for name, there in view.parties)
    paper.pairs(
        [
            ("任务编号", f"{view.draw_id}　场次 {view.sitting_id}"), ("任务名称", view.title), ("检查机关", view.agency),
            ("审批表", f"{view.approval[0]}　{view.approval[1]}"), ("封存码", view.seal_code), ("各方", came),
            ("公开数", f"{view.source}\n{view.value or '（无）'}"), ("种子", groups_of_four(view.seed)),
            ("名录", f"登记库 {view.registry} 户，可抽 {view.frame} 户；{_excluded(view.excluded)}"),
            ("抽查类型", view.kind),
            ("结果", f"{view.taken} {view.n} 户，备选 {len(view.reserves)} 户，派员空缺 {view.vacancies} 个"),
            ("章程指纹", groups_of_four(view.charter)),
        ]
    )  # fmt: skip
    paper.head("复算")
    for what, command in words.commands(view)[:3]:
        paper.note(f"{what}：{command}")
    paper.note("以下各人核对：屏幕显示的封存码与签字的审批表一致；公开数与官方公告一致。")
    paper.sign("主持人", "记录人", "监督人", "见证人")
    return paper.bytes()


def result_notice(view: DrawView, level: str) -> bytes:
    """Return the draft of the public notice (抽查结果公告), no names of persons.

    Parameters
    ----------
    view
        The draw.
    level
        Its disclosure level: ``after-inspection`` names nobody before the opening (PROTOCOL 6).
    """
    paper = Paper(f"{view.draw_id} 抽查公告", wide=True)
    paper.title(f"{view.agency}双随机抽查公告")
    what = f"从 {view.frame} 户中抽取 {view.n} 户"
    if view.given:
        what = f"为{GIVEN}（{view.given}）的 {view.n} 户随机匹配检查人员；检查对象由上级抽定，本机关未再抽取"
    paper.text(
        f"{view.title}（任务编号 {view.draw_id}）于封存后按公开数 {view.source} 摇号，{what}。"
        f"检查时间 {view.visits[0]} 至 {view.visits[1]}。封存码 {view.seal_code}。"
    )
    if level == "after-inspection":
        paper.text("为保证检查实效，抽中名单在检查完成后公布；名单已登记入公开日志，不能改动。")
    else:
        rows = [
            (str(t.no), t.task_id, t.pick.name, t.pick.object_id, t.pick.district_text)
            for t in view.tasks
            if not t.called
        ]
        paper.grid(("序号", "任务编号", "检查对象", "统一社会信用代码/注册号", "区划"), (12, 40, 80, 60, 30), rows)
    paper.text("任何人都可以按公布的规范和材料复算本次摇号。")
    paper.close(view.agency)
    return paper.bytes()
