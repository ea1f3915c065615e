"""The corrected copy (更正件): the clerk's own sheet, every finding marked where it stands.

A cell that must be changed is red and carries a comment: what is wrong, what to do. A cell whose writing was unified
holds the unified text, is yellow, and its comment says what stood there. A second sheet lists all findings in order.
The copy shows what the office's own file holds, names included: it is for the office alone.
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from sampler.office.styles import Styles, banner, grid, on_paper, put
from sampler.office.text import columns_of
from sampler.office.workbook import CREATED, OPTIONS

if TYPE_CHECKING:
    from sampler.errors import Problem
    from sampler.io.imported import Imported

RED: Final = "#F8CBCB"
YELLOW: Final = "#FFF2CC"
MAX_MARKS: Final = 20_000
"""Comments written; a workbook with more opens too slowly to be of use."""
_WIDTH_ROWS: Final = 200
"""Rows that decide how wide a column is shown."""
_WIDEST: Final = 40
_LIST: Final = "问题清单"
_COLUMNS: Final = (
    ("序号", 6, "mid"), ("性质", 8, "mid"), ("行", 8, "mid"), ("列", 20, "cell"), ("发现", 30, "code"),
    ("原因", 40, "cell"), ("怎么改", 40, "cell"), ("代码", 20, "code"),
)  # fmt: skip


def corrected_copy(found: Imported) -> bytes:
    """Return a workbook (xlsx): the sheet `found` came from with its findings marked, and the list of findings.

    Parameters
    ----------
    found
        An import; its problems and corrections say what to mark.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties({"title": "更正件", "created": CREATED})
    sheet = book.add_worksheet((found.sheet or "数据")[:31].strip("'") or "数据")
    styles = Styles(book)
    _copy(sheet, found, _formats(book))
    listing = book.add_worksheet(_LIST if found.sheet != _LIST else f"{_LIST}2")
    banner(listing, styles, _LIST, f"共 {found.problem_count} 处要改，{len(found.warnings)} 条提示；改完重新检查")
    rows = [_row(n, "要改", p) for n, p in enumerate(found.problems, 1)]
    rows += [_row(n, "提示", p) for n, p in enumerate(found.warnings, len(rows) + 1)]
    grid(listing, styles, 2, _COLUMNS, rows)
    on_paper(listing, footer="更正件", repeat=2)
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"num_format": "@", "valign": "vcenter"}
    return {
        "plain": book.add_format(base),
        "wrong": book.add_format({**base, "bg_color": RED}),
        "changed": book.add_format({**base, "bg_color": YELLOW}),
    }


def _row(n: int, kind: str, p: Problem) -> tuple[str, ...]:
    return (str(n), kind, str(p.place.row or ""), p.place.column, p.found, p.message, p.hint, p.code)


def _copy(sheet: Any, found: Imported, formats: dict[str, Any]) -> None:
    head = found.raw.head[found.header_row] if found.header_row >= 0 else []
    heading = {name: at for at, name in enumerate(head)}
    wrong: dict[tuple[int, int], list[str]] = defaultdict(list)
    for p in found.problems:
        if p.place.row:
            at = next((c for h, c in heading.items() if h.strip() == p.place.column), 0)
            wrong[p.place.row - 1, at].append(f"{p.message}。{p.hint}")
    marks = 0
    widths: dict[int, int] = defaultdict(int)
    for r, row in enumerate(row for part in found.raw.parts() for row in part):
        for c, text in enumerate(row):
            if r < found.header_row + _WIDTH_ROWS:
                widths[c] = max(widths[c], columns_of(text[:_WIDEST]))
            better = found.corrections.get(c, {}).get(text) if r > found.header_row else None
            if (r, c) in wrong:
                put(sheet, r, c, text, formats["wrong"])
                note = "\n".join(wrong[r, c])
            elif better is not None:
                put(sheet, r, c, better, formats["changed"])
                note = f"原为“{text}”"
            else:
                put(sheet, r, c, text, formats["plain"])
                continue
            marks += 1
            if marks <= MAX_MARKS:
                sheet.write_comment(r, c, note[:1000], {"author": "", "x_scale": 2})
    for c, widest in widths.items():
        sheet.set_column(c, c, min(max(widest + 2, 8), _WIDEST))
    on_paper(sheet, footer="更正件", repeat=max(found.header_row, 0))
