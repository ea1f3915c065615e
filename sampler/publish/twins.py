"""The same lists for programs: JSON with the national publicity system's field names, CSV with its headings."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from sampler.canon import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sampler.publish.outcomes import Outcome
    from sampler.publish.views import Card

INDEX: Final = "api/index.json"
MONTHS: Final = "api/results/"
ITEM: Final = ("编号", "抽查事项名称", "抽查依据", "抽查主体", "抽查对象", "事项类别", "检查人员要求")
PLAN: Final = ("抽查计划编号", "抽查计划名称", "抽查类型", "抽查事项", "抽查对象范围", "检查日期自", "检查日期至")
TASK: Final = (
    "抽查计划编号", "抽查计划名称", "抽查任务编号", "抽查任务名称", "抽查类型", "检查机关", "抽查事项", "抽查市场主体数量",
    "检查日期自", "检查日期至",
)  # fmt: skip
RESULT: Final = (
    "序号", "抽查计划编号", "抽查计划名称", "抽查任务编号", "抽查任务名称", "抽查类型", "检查机关", "抽查市场主体名称",
    "统一社会信用代码/注册号", "检查完成日期", "检查结果", "备注",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet compute a cell."""


def files(agency: str, cards: Sequence[Card], items: Iterable[Mapping[str, Any]] = ()) -> dict[str, bytes]:
    """Return the machine-readable twins of items, plans, tasks and results, and an index of draws and months.

    Results lie by month: a month that is over never changes, and no file grows for ever.
    """
    drawn = [v for v in cards if v.is_drawn]
    results: dict[str, list[tuple[Card, Outcome]]] = {}
    for v in drawn:
        results.setdefault(v.period, []).extend((v, r) for r in v.results)
    months = {period: results[period] for period in sorted(results) if results[period]}
    out = {
        "api/items.csv": _csv(ITEM, ([i["item_id"], i["name"], i["legal_basis"], agency, *("、".join(i[k]) for k in ("objects", "kinds", "needs"))] for i in items)),
        "api/plans.csv": _csv(PLAN, ([v.plan_id, v.title, v.type_name, "、".join(v.items), v.scope, *v.visits] for v in cards)),
        "api/tasks.csv": _csv(
            TASK,
            (
                [v.plan_id, v.title, v.draw_id, v.title, v.type_name, agency, "、".join(v.items), str(v.n), *v.visits]
                for v in drawn
            ),
        ),
        INDEX: encode({
            "schema": "sampler/site/v1", "agency": agency, "draws": [_draw(v) for v in cards],
            "results": [{"period": p, "rows": len(rows), **_paths(p)} for p, rows in months.items()],
        }),
    }  # fmt: skip
    for period, rows in months.items():
        path = _paths(period)
        out[path["json"]] = encode([_national(agency, v, r) for v, r in rows])
        out[path["csv"]] = _csv(RESULT, (_result(agency, no, v, r) for no, (v, r) in enumerate(rows, start=1)))
    return out


def _paths(period: str) -> dict[str, str]:
    return {end: f"{MONTHS}{period}.{end}" for end in ("csv", "json")}


def _result(agency: str, no: int, v: Card, r: Outcome) -> list[str]:
    return [
        str(no), v.plan_id, v.title, v.draw_id, v.title, v.type_name, agency, r.name, r.object_id, r.date,
        "；".join(r.results), _remark(r),
    ]  # fmt: skip


def _national(agency: str, v: Card, r: Outcome) -> dict[str, Any]:
    """Return one 双随机抽查结果信息 as the national system's clients know it ("raninsPlaneName" is its spelling)."""
    said = "；".join(r.results)
    details = [
        {"seqno": no, "raninsItemName": item, "raninsCheckResName": said} for no, item in enumerate(v.items, start=1)
    ]
    return {
        "uniscid": r.object_id,
        "raninsPlanId": v.plan_id,
        "raninsPlaneName": v.title,
        "raninsTaskId": v.draw_id,
        "raninsTaskName": v.title,
        "raninsTypeName": v.type_name,
        "insAuth": agency,
        "insDate": r.date,
        "details": details,
    }


def _remark(r: Outcome) -> str:
    return "；".join(filter(None, (r.remark, f"并入 {r.merged} 的检查" if r.merged else "")))


def _draw(v: Card) -> dict[str, Any]:
    out = {
        "draw_id": v.draw_id, "plan_id": v.plan_id, "period": v.period, "state": v.state, "level": v.level,
        "trust": v.trust["stage"], "visits_from": v.visits[0], "visits_to": v.visits[1], "page": f"draws/{v.draw_id}.html",
    }  # fmt: skip
    if v.is_drawn:
        out["n"] = v.n
    if v.folder:
        out["manifest"] = f"data/{v.folder}/manifest.json"
    return out


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 with a mark that spreadsheets know, every field quoted, no cell that could be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([tame(c) for c in row] for row in rows)
    return "\ufeff".encode() + out.getvalue().encode()


def tame(cell: str) -> str:
    """Return a cell that no spreadsheet computes.

    >>> tame("=1+1"), tame("1")
    ("'=1+1", '1')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell
