"""What goes back to the level above: teams and results under the headings that it wants (a column map)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import xlsxwriter

from sampler.office.styles import Styles, grid
from sampler.office.workbook import CREATED, OPTIONS
from sampler.wording import MEASURES, RESULT_STATES, RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sampler.office.columns import Column
    from sampler.office.views import DrawView, Task
    from sampler.records import Result

    Cell = Callable[[DrawView, Task, Result | None], str]

CELLS: Final[Mapping[str, Cell]] = {
    "object_id": lambda _v, t, _r: t.pick.object_id,
    "name": lambda _v, t, _r: t.pick.name,
    "address": lambda _v, t, _r: t.pick.address,
    "district": lambda _v, t, _r: t.pick.district,
    "district_name": lambda _v, t, _r: t.pick.district_text,
    "draw_id": lambda v, _t, _r: v.draw_id,
    "task_id": lambda _v, t, _r: t.task_id,
    "title": lambda v, _t, _r: v.title,
    "agency": lambda v, _t, _r: v.agency,
    "items": lambda v, _t, _r: "；".join(i.name for i in v.items),
    "leader": lambda _v, t, _r: "；".join(m.name for m in t.team if m.leader),
    "team": lambda _v, t, _r: "；".join(m.name for m in t.team),
    "team_ids": lambda _v, t, _r: "，".join(m.inspector_id for m in t.team),
    "state": lambda _v, _t, r: RESULT_STATES.get(r.state, r.state) if r else "",
    "date": lambda _v, _t, r: (r.date or "") if r else "",
    "result": lambda _v, _t, r: str(r.result or "") if r else "",
    "result_name": lambda _v, _t, r: RESULTS.get(str(r.result), "") if r else "",
    "severity": lambda _v, _t, r: "" if r is None or r.severity is None else str(r.severity),
    "defects": lambda _v, _t, r: "" if r is None or r.defects is None else str(r.defects),
    "measure": lambda _v, _t, r: MEASURES.get(r.measure or "", "") if r else "",
    "officers": lambda _v, _t, r: "，".join(r.officers or ()) if r else "",
}
"""What stands under each field of a column map (`columns.FIELDS`)."""
_WIDTH: Final = 24


def report(view: DrawView, results: Mapping[str, Result], found: Sequence[Column]) -> bytes:
    """Return the workbook for the level above: one row a drawn object, every cell text.

    Parameters
    ----------
    view
        The draw, with names.
    results
        The row that holds for every object that has one.
    found
        The columns, in order.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": f"{view.draw_id} 上报表", "created": CREATED})
    styles = Styles(book)
    rows = [
        tuple(CELLS[c.field](view, t, results.get(t.pick.object_id)) if c.field else c.text for c in found)
        for t in view.tasks
    ]
    grid(book.add_worksheet("上报表"), styles, 0, tuple((c.heading, _WIDTH, "code") for c in found), rows)
    book.close()
    return out.getvalue()
