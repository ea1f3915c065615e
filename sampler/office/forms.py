"""Forms an officer takes into the field, one visit a page: 任务单, 检查通知书, 现场检查笔录, 跨区检查授权书, 派单表.

Internal: they hold names and phones. They carry no risk class, stratum or probability (PROTOCOL 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.office.word import Paper
from sampler.roster import EVERYWHERE
from sampler.wording import RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sampler.office.views import DrawView, Member, Task

_TEAM: Final = ("身份", "姓名", "执法证编号", "单位", "部门", "联系电话")
_TEAM_WIDTHS: Final = (18, 24, 34, 36, 24, 28)
_DISPATCH: Final = ("序号", "任务编号", "检查对象名称", "统一社会信用代码/注册号", "组长", "组员", "空缺", "备注")
_DISPATCH_WIDTHS: Final = (12, 32, 42, 42, 46, 46, 14, 16)
_LINE: Final = 28
"""Characters that surely fit on a line of a form's right column."""
_RIGHTS: Final = (
    "检查人员少于两人、不出示执法证件或者检查通知书的，当事人有权拒绝接受检查。当事人认为检查人员与本次检查有直接利害关系的，"
    "有权申请回避。"
)


def task_sheets(view: DrawView, links: Mapping[str, str]) -> bytes:
    """Return the task sheet (任务单) of every visit, with its number and QR code.

    Parameters
    ----------
    view
        The draw.
    links
        Task number to the address its code opens; without one the code holds the number.
    """
    return _each(
        view, "双随机抽查任务单", lambda paper, task: _task_sheet(paper, view, task, links.get(task.task_id, ""))
    )


def _each(view: DrawView, title: str, write: Callable[[Paper, Task], None]) -> bytes:
    paper = Paper(f"{view.draw_id} {title}")
    for n, task in enumerate(t for t in view.tasks if not t.gone):
        if n:
            paper.page()
        write(paper, task)
    return paper.bytes()


def _task_sheet(paper: Paper, view: DrawView, task: Task, link: str) -> None:
    paper.code(link or task.task_id, task.task_id)
    paper.title("双随机抽查任务单")
    paper.pairs(
        [
            ("任务编号", task.task_id), ("任务名称", view.title), ("检查机关", view.agency), *_object(task),
            ("检查事项", "；".join(i.name for i in view.items)),
            ("检查依据", "\n".join(i.basis for i in view.items)),
            ("检查时间", f"{view.visits[0]} 至 {view.visits[1]}"), ("抽查类型", view.kind),
            *([("线索", task.pick.trigger)] if task.pick.trigger else []),
            *([("抽样", task.pick.lot_text)] if task.pick.lot else []),
            *([("备注", task.mark)] if task.mark else []),
        ]
    )  # fmt: skip
    paper.head("检查小组")
    paper.grid(_TEAM, _TEAM_WIDTHS, [_member(m) for m in task.team])
    if task.vacant:
        paper.note(f"空缺：{task.vacant_text.replace(chr(10), '；')}。补派须先记录原因，再由系统按随机次序递补。")
    paper.note("小组由公开种子随机匹配，任何人不得自行调换；不能到场的，检查前报业务部门登记变更。")
    paper.sign("组长签收", "派单人")


def _marked(paper: Paper, task: Task) -> None:
    """Say on the paper what an amendment or a merged visit changed."""
    for line in filter(None, task.mark.split("\n")):
        paper.note(line)


def _object(task: Task) -> list[tuple[str, str]]:
    p = task.pick
    return [
        ("检查对象", p.name), ("统一社会信用代码/注册号", p.object_id),
        ("类别、行业", "　".join(filter(None, (p.type_text, p.industry_text)))),
        ("住所（经营场所）", "　".join(filter(None, (p.district_text, p.address)))),
    ]  # fmt: skip


def _member(m: Member) -> tuple[str, ...]:
    role = "组长" if m.leader else m.role_text
    return (role, m.name, m.inspector_id, m.unit, m.department, m.phone)


def notices(view: DrawView) -> bytes:
    """Return the notice of inspection (行政检查通知书) of every visit."""
    return _each(view, "行政检查通知书", lambda paper, task: _notice(paper, view, task))


def _notice(paper: Paper, view: DrawView, task: Task) -> None:
    paper.title("行政检查通知书")
    paper.note(f"编号：{task.task_id}")
    _marked(paper, task)
    paper.text(f"{task.pick.name}（{task.pick.object_id}）：")
    items = "、".join(i.name for i in view.items)
    paper.text(
        f"根据{view.title}，你单位{_how(task)}。本机关定于{view.visits[0]}至{view.visits[1]}期间，依法对你单位进行"
        f"现场检查。检查事项：{items}。"
    )
    paper.text("检查依据：" + "；".join(i.basis for i in view.items) + "。")
    paper.text(_RIGHTS)
    paper.text("请予配合并准备与检查事项有关的资料。本次抽查的封存值、公开数和核验办法由本机关公示，任何人均可复算。")
    paper.head("检查人员")
    paper.grid(("姓名", "执法证编号", "单位"), (40, 60, 56), [(m.name, m.inspector_id, m.unit) for m in task.team])
    paper.text(f"{view.agency}（印章）")
    paper.sign("当事人签收", "检查人员")


def _how(task: Task) -> str:
    if task.pick.given:
        return f"经上级机关抽取被列为检查对象（{task.pick.given}）"
    return "被列为定向检查对象" if task.pick.trigger else "经随机抽取被列为检查对象"


def site_records(view: DrawView) -> bytes:
    """Return the record of the visit (现场检查笔录) of every visit, ready to be filled in."""
    return _each(view, "现场检查笔录", lambda paper, task: _site_record(paper, view, task))


def _site_record(paper: Paper, view: DrawView, task: Task) -> None:
    paper.title("现场检查笔录")
    paper.note(f"任务编号：{task.task_id}")
    _marked(paper, task)
    paper.pairs(
        [
            *_object(task), ("检查机关", view.agency), ("检查人员", "\n".join(m.text for m in task.team)),
            ("扫码入企", "进：　　时　　分　　　出：　　时　　分　　到场执法人员（不少于两人）："),
            *([("抽样", f"{task.pick.lot_text}\n实际取件：")] if task.pick.lot else []),
            ("现场负责人", ""), ("出示证件、送达通知书", "□ 已出示执法证件　□ 已送达检查通知书　□ 已告知申请回避的权利"),
            ("检查情况", "\n" * (4 if task.pick.lot else 6)),
            ("检查结果", _boxes(f"□ {n} {r}" for n, r in RESULTS.items())),
            ("后续处置", "□ 无需后续处置　□ 责令改正　□ 移送办案机构\n□ 抄告相关部门　□ 停止检查反馈日常监管"),
        ]
    )  # fmt: skip
    paper.sign("当事人", "检查人员", "检查人员")


def _boxes(words: Iterable[str]) -> str:
    """Return choices to tick, as many on a line as fit: the record of a visit has one page with its signatures."""
    lines = [""]
    for word in words:
        more = f"{lines[-1]}　{word}" if lines[-1] else word
        lines = [*lines[:-1], more] if len(more) <= _LINE else [*lines, word]
    return "\n".join(lines)


def crossing(task: Task) -> tuple[Member, ...]:
    """Return the members of a team who come from another district than the object's."""
    return tuple(m for m in task.team if m.district not in (EVERYWHERE, task.pick.district))


def authorisations(view: DrawView) -> bytes:
    """Return the authorisations for officers of another district (跨区检查授权书); a page that says so if there are none."""
    paper = Paper(f"{view.draw_id} 跨区检查授权书")
    found = [(t, who) for t in view.tasks if (who := crossing(t))]
    for n, (task, who) in enumerate(found):
        if n:
            paper.page()
        paper.title("跨区检查授权书")
        paper.note(f"编号：{task.task_id}")
        names = "、".join(f"{m.name}（{m.inspector_id}，{m.unit}）" for m in who)
        paper.text(
            f"兹授权{names}于{view.visits[0]}至{view.visits[1]}，跨区对{task.pick.district_text}{task.pick.name}"
            f"（{task.pick.object_id}）实施双随机抽查。检查人员由公开种子随机匹配。"
        )
        paper.sign("授权机关负责人", "属地机关知悉")
    if not found:
        paper.title("跨区检查授权书")
        paper.text("本次抽查没有跨区派员。")
    return paper.bytes()


def dispatch(view: DrawView) -> bytes:
    """Return the dispatch list (派单表) of every unit, its leaders' visits, with a receipt (回执)."""
    paper = Paper(f"{view.draw_id} 派单表", wide=True)
    for n, (unit, tasks) in enumerate(_by_unit(view).items()):
        if n:
            paper.page()
        paper.title("双随机抽查派单表")
        paper.note(
            f"{unit}　{view.title}　{view.draw_id}　检查时间 {view.visits[0]} 至 {view.visits[1]}　共 {len(tasks)} 户"
            f"，上门 {sum(t.visited for t in tasks)} 户"
        )
        rows = [
            (str(t.no), t.task_id, t.pick.name, t.pick.object_id, t.leader_text, t.others_text, t.vacant_text, t.mark)
            for t in tasks
        ]
        paper.grid(_DISPATCH, _DISPATCH_WIDTHS, rows)
        paper.head("回执")
        paper.note(f"已收到 {view.draw_id} 派单表，{unit}共 {len(tasks)} 户，检查人员已通知。")
        paper.sign("单位负责人", "经办人")
    return paper.bytes()


def _by_unit(view: DrawView) -> dict[str, Sequence[Task]]:
    """Return the visits of each leader's unit, by its name; those nobody leads stand last."""
    units: dict[str, list[Task]] = {}
    for task in view.tasks:
        leader = next((m for m in task.team if m.leader), None)
        units.setdefault(leader.unit if leader else "（组长空缺）", []).append(task)
    return {u: units[u] for u in sorted(units, key=lambda u: (u.startswith("（组长空缺"), u))}
