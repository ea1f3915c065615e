"""The list of a draw as CSV for any spreadsheet and as JSON for any program, with the workbook's contents.

The CSV holds the codes exactly as they are, every field quoted; a spreadsheet that turns long digits into numbers must
be told to read text, or be given the workbook. The JSON has no names: outside scripts rely on codes.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from sampler.canon import encode
from sampler.office.text import csv_cell

if TYPE_CHECKING:
    from sampler.office.views import DrawView, Pick, Task

SCHEMA: Final = "sampler/lists/v1"
HEADINGS: Final = (
    "序号",
    "任务编号",
    "统一社会信用代码/注册号",
    "检查对象名称",
    "区划",
    "类别",
    "信用风险分类",
    "行业",
    "抽取方式",
    "顺位",
    "组长",
    "组员",
    "空缺",
    "备注",
)
"""Headings of the list, in the workbook and in the CSV."""


def list_row(task: Task) -> tuple[str, ...]:
    """Return the fields of one drawn object under :data:`HEADINGS`."""
    p = task.pick
    return (
        str(task.no),
        task.task_id,
        p.object_id,
        p.name,
        p.district_text,
        p.type_text,
        p.class_text,
        p.industry_text,
        p.way,
        str(p.rank) if p.rank else "",
        task.leader_text,
        task.others_text,
        task.vacant_text,
        task.mark,
    )


def csv_list(view: DrawView) -> bytes:
    """Return the drawn list as CSV: UTF-8 with BOM, CRLF, Chinese headings, no cell that could be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([csv_cell(cell.replace("\n", "；")) for cell in list_row(task)] for task in view.tasks)
    return out.getvalue().encode("utf-8-sig")


def json_list(view: DrawView) -> bytes:
    """Return the drawn list as canonical JSON of the form ``sampler/lists/v1``; integers only."""
    return encode(
        {
            "schema": SCHEMA,
            "draw_id": view.draw_id,
            "seed": view.seed,
            "n": view.n,
            "drawn": [{**_pick(t.pick), "team": _team(t), **_now(t)} for t in view.tasks],
            "reserves": [_pick(p) for p in view.reserves],
            "vacancies": [
                {"object_id": t.pick.object_id, "group": v.group, "count": v.count}
                for t in view.tasks
                for v in t.vacant
            ],
        }
    )


def _now(task: Task) -> dict[str, Any]:
    """Return what amendments and merged visits changed; most tasks have nothing of it."""
    found = {"amended": list(task.changes), "gone": task.gone, "called": task.called, "merged_into": task.merged}
    found["guests"] = list(task.guests)
    return {k: v for k, v in found.items() if v}


def _pick(pick: Pick) -> dict[str, Any]:
    return {"object_id": pick.object_id, "stratum": pick.stratum, "rank": pick.rank, "pi_e12": pick.pi_e12}


def _team(task: Task) -> list[dict[str, str]]:
    return [{"inspector_id": m.inspector_id, "role": m.role} for m in task.team]
