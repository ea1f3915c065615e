"""The sheets of the office's workbook, one function each."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from sampler.office import words
from sampler.office.styles import banner, grid, on_paper, pairs, put
from sampler.office.twins import HEADINGS, list_row
from sampler.wording import REASONS, RESULTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.office.styles import Sheet, Styles
    from sampler.office.views import DrawView, Member, Task

TOP: Final = 2
"""Row of the headings, below the sheet's name and its note."""

INTERNAL: Final = "内部资料，含姓名和电话，不得公示"
_LIST_STYLE: Final = ((5, "mid"), (12, "code"), (21, "code"), (26, "cell"), (11, "cell"), (9, "mid"), (9, "mid"))
_LIST_STYLE_2: Final = ((10, "cell"), (6, "mid"), (5, "mid"), (21, "cell"), (21, "cell"), (9, "cell"), (14, "cell"))
LIST: Final = tuple((h, w, s) for h, (w, s) in zip(HEADINGS, _LIST_STYLE + _LIST_STYLE_2, strict=True))
TASKS: Final = (
    ("序号", 5, "mid"),
    ("任务编号", 12, "code"),
    ("统一社会信用代码/注册号", 21, "code"),
    ("检查对象名称", 26, "cell"),
    ("类别", 9, "mid"),
    ("行业", 10, "cell"),
    ("组长（执法证编号，单位）", 21, "cell"),
    ("组员（执法证编号，单位）", 21, "cell"),
    ("空缺", 9, "cell"),
    ("备注", 14, "cell"),
    ("实际检查日期", 13, "date"),
    ("检查结果", 20, "cell"),
)
PEOPLE: Final = (
    ("执法证编号", 18, "code"),
    ("姓名", 14, "mid"),
    ("联系电话", 15, "code"),
    ("单位", 24, "cell"),
    ("部门", 16, "cell"),
    ("身份", 14, "mid"),
    ("任务数", 7, "mid"),
    ("其中任组长", 7, "mid"),
    ("任务编号", 42, "code"),
)
SPARE: Final = (
    ("分层", 28, "code"),
    ("递补次序", 10, "mid"),
    ("顺位", 8, "mid"),
    ("统一社会信用代码/注册号", 23, "code"),
    ("检查对象名称", 44, "cell"),
    ("区划", 18, "cell"),
    ("类别", 14, "mid"),
)
VACANT: Final = (
    ("任务编号", 20, "code"),
    ("统一社会信用代码/注册号", 23, "code"),
    ("检查对象名称", 44, "cell"),
    ("区划", 18, "cell"),
    ("岗位", 18, "cell"),
    ("空缺人数", 10, "mid"),
)


def cover(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 封面: what was drawn, when, from what, and how far to trust it."""
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, 1, "", styles["title"])
    put(sheet, 0, 0, view.agency, styles["title"])
    sheet.set_row(1, 30)
    sheet.merge_range(1, 0, 1, 1, "", styles["title"])
    put(sheet, 1, 0, "双随机抽查结果名单", styles["title"])
    alarms = words.warnings(view)
    facts = [(label, text, "code" if label in _CODES else "cell") for label, text in _facts(view)]
    for row, line in enumerate(alarms, start=2):
        sheet.set_row(row, 22)
        sheet.merge_range(row, 0, row, 1, "", styles["warn"])
        put(sheet, row, 0, line, styles["warn"])
    top = 3 + len(alarms)
    pairs(sheet, styles, top, (18, 74), facts)
    put(sheet, top + len(facts) + 1, 0, INTERNAL + "。", styles["note"])
    on_paper(sheet, footer=view.draw_id, wide=False)


_CODES: Final = frozenset({"抽查编号", "封存码", "种子", "公开数来源", "公开数"})


def _facts(view: DrawView) -> list[tuple[str, str]]:
    entered = "；".join(f"{party}：{'已揭示' if there else '缺席（以 ABSENT 计入）'}" for party, there in view.parties)
    dropped = "；".join(f"{REASONS.get(reason, reason)} {count}" for reason, count in view.excluded)
    return [
        ("抽查任务名称", view.title),
        ("抽查编号", view.draw_id),
        ("抽查计划编号", view.plan_id),
        ("抽查类型", view.kind),
        *([("检查批次次序", " → ".join(view.order))] if view.order else []),
        ("抽查月份", view.period),
        ("检查日期", f"{view.visits[0]} 至 {view.visits[1]}"),
        ("审批表", f"{view.approval[0]}（{view.approval[1]}）"),
        ("检查对象名录库", f"{view.registry} 户，纳入抽取 {view.frame} 户"),
        ("未纳入（剔除）", dropped or "无"),
        (
            view.taken,
            f"{view.n} 户（必查 {sum(not t.pick.rank for t in view.tasks)} 户），备选 {len(view.reserves)} 户",
        ),
        ("检查人员", f"{len(_officers(view))} 人，空缺 {view.vacancies} 人"),
        ("封存码", view.seal_code),
        ("种子", view.seed),
        ("公开数来源", view.source),
        ("公开数", view.value or "（无）"),
        ("各方密值", entered),
        ("可信程度", "\n".join(words.not_proved(view)) + "\n核验方法见“如何核验”。"),
    ]


def listing(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 检查名单: every drawn object with its team."""
    banner(sheet, styles, "检查名单", f"{view.title}　{view.draw_id}　共 {len(view.tasks)} 户　{INTERNAL}")
    grid(sheet, styles, TOP, LIST, [list_row(t) for t in view.tasks])
    sheet.autofilter(TOP, 0, TOP + len(view.tasks), len(LIST) - 1)
    on_paper(sheet, footer=view.draw_id, repeat=TOP)


def district(sheet: Sheet, styles: Styles, view: DrawView, tasks: Sequence[Task]) -> None:
    """Lay out the 任务单 of one district, with room for the date and a choice of the eight national results."""
    first, last, date = TOP + 1, TOP + len(tasks), len(TASKS) - 2
    note = f"{view.title}　检查日期 {view.visits[0]} 至 {view.visits[1]}　共 {len(tasks)} 户　{INTERNAL}"
    banner(sheet, styles, f"检查任务单：{tasks[0].pick.district_text}", note)
    grid(sheet, styles, TOP, TASKS, [_task_row(t) for t in tasks], least=36)
    sheet.data_validation(first, date, last, date, _date_rule(view))
    sheet.data_validation(first, date + 1, last, date + 1, _RESULT_RULE)
    on_paper(sheet, footer=view.draw_id, repeat=TOP)


_RESULT_RULE: Final = {
    "validate": "list",
    "source": list(RESULTS.values()),
    "error_title": "检查结果",
    "error_message": "请从八类检查结果中选择。",
}


def _date_rule(view: DrawView) -> dict[str, object]:
    return {
        "validate": "date",
        "criteria": ">=",
        "value": dt.date.fromisoformat(view.visits[0]),
        "error_type": "warning",
        "error_title": "实际检查日期",
        "error_message": "日期早于检查日期的起始日，请核对。",
    }


def _task_row(task: Task) -> tuple[str, ...]:
    p = task.pick
    name = f"{p.name}\n{p.lot_text}" if p.lot else p.name
    who = (task.leader_text, task.others_text, task.vacant_text, task.mark)
    return (str(task.no), task.task_id, p.object_id, name, p.type_text, p.industry_text, *who, "", "")


def _officers(view: DrawView) -> dict[str, list[tuple[Member, str]]]:
    """Return every assigned person's memberships with the task number, by inspector id."""
    out: dict[str, list[tuple[Member, str]]] = {}
    for task in view.tasks:
        for member in task.team:
            out.setdefault(member.inspector_id, []).append((member, task.task_id))
    return dict(sorted(out.items()))


def people(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 检查人员: one row a person, with the number of tasks and which."""
    rows = []
    for held in _officers(view).values():
        m = held[0][0]
        led = sum(member.leader for member, _ in held)
        counts = (str(len(held)), str(led), "，".join(task_id for _, task_id in held))
        rows.append((m.inspector_id, m.name, m.phone, m.unit, m.department, m.role_text, *counts))
    banner(sheet, styles, "检查人员", f"{view.title}　{view.draw_id}　共 {len(rows)} 人　{INTERNAL}")
    grid(sheet, styles, TOP, PEOPLE, rows)
    on_paper(sheet, footer=view.draw_id, repeat=TOP)


def reserves(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 备选名单: reserves by stratum, in the order in which they would be called."""
    rows: list[tuple[str, ...]] = []
    seen: dict[str, int] = {}
    for p in sorted(view.reserves, key=lambda p: (p.stratum, p.rank)):
        seen[p.stratum] = seen.get(p.stratum, 0) + 1
        rows.append((p.stratum, str(seen[p.stratum]), str(p.rank), p.object_id, p.name, p.district_text, p.type_text))
    banner(sheet, styles, "备选名单", "仅当抽中对象在封存前已退出名录时，按本层次序递补；其余未检查的不递补。")
    grid(sheet, styles, TOP, SPARE, rows or [("无", *[""] * (len(SPARE) - 1))])
    on_paper(sheet, footer=view.draw_id, repeat=TOP)


def vacancies(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 空缺: places no eligible officer could fill, or 无."""
    rows = [
        (t.task_id, t.pick.object_id, t.pick.name, t.pick.district_text, v.group_text, str(v.count))
        for t in view.tasks
        for v in t.vacant
    ]
    banner(sheet, styles, "空缺", f"{view.draw_id}　共空缺 {view.vacancies} 人；由调整程序补派，不得自行指定。")
    grid(sheet, styles, TOP, VACANT, rows or [("无", *[""] * (len(VACANT) - 1))])
    on_paper(sheet, footer=view.draw_id, repeat=TOP)


def checking(sheet: Sheet, styles: Styles, view: DrawView) -> None:
    """Lay out 如何核验: the commands, the seal code, what they show and what they cannot."""
    banner(sheet, styles, "如何核验", "任何人持全套材料均可复算；无需相信本表，也无需联网。")
    rows = [("封存码（与审批表签字处一致）", view.seal_code, "code")]
    rows += [(what, command, "code") for what, command in words.commands(view)]
    rows += [(f"全部步骤通过时，可以证明（{n}）", line, "cell") for n, line in enumerate(words.proved(), start=1)]
    rows += [(f"不能证明（{n}）", line, "cell") for n, line in enumerate(words.not_proved(view), start=1)]
    pairs(sheet, styles, TOP, (34, 92), rows)
    on_paper(sheet, footer=view.draw_id)
