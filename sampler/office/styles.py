"""The workbook's look: restrained, official, the same on every sheet; and the one way text enters a cell."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from sampler.office.text import columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Book: TypeAlias = Any
    Sheet: TypeAlias = Any
    Format: TypeAlias = Any

BODY: Final = "宋体"
HEAD: Final = "黑体"
RED: Final = "#9E1B1B"
GREY: Final = "#F2F0EC"
LINE: Final = "#8C8C8C"
A4: Final = 9
_LINE_POINTS: Final = 13.5
_ROW_LIMIT: Final = 409
_ROOM: Final = 1.12
"""Headroom for fonts wider than the one the width is counted in."""

CELL_LIMIT: Final = 32_767
"""Longest text an Excel cell takes."""

_BASE: Final = {"font_name": BODY, "font_size": 10, "valign": "vcenter", "text_wrap": True, "num_format": "@"}
_BOX: Final = {**_BASE, "border": 1, "border_color": LINE}
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "title": {**_BASE, "font_name": HEAD, "font_size": 18, "font_color": RED, "align": "center"},
    "name": {**_BASE, "font_name": HEAD, "font_size": 14, "text_wrap": False},
    "note": {**_BASE, "font_size": 9, "font_color": "#555555", "text_wrap": False},
    "warn": {**_BASE, "font_name": HEAD, "font_color": RED},
    "head": {**_BOX, "font_name": HEAD, "align": "center", "bg_color": GREY},
    "cell": {**_BOX, "align": "left"},
    "mid": {**_BOX, "align": "center"},
    "code": {**_BOX, "align": "left", "font_name": "Consolas"},
    "label": {**_BOX, "font_name": HEAD, "bg_color": GREY},
    "date": {**_BOX, "align": "center", "num_format": "yyyy-mm-dd"},
    "line": _BASE,
}


class Styles:
    """The named cell formats of one workbook."""

    def __init__(self, book: Book) -> None:
        self._formats = {name: book.add_format(props) for name, props in _STYLES.items()}

    def __getitem__(self, name: str) -> Format:
        """Return one format by name."""
        return self._formats[name]


def put(sheet: Sheet, row: int, column: int, text: str, style: Format) -> None:
    """Write `text` as text: never a number, a formula or a link, whatever it begins with."""
    if text:
        sheet.write_string(row, column, text[:CELL_LIMIT], style)
    else:
        sheet.write_blank(row, column, None, style)


def height(texts: Sequence[str], widths: Sequence[float], *, least: float = 20) -> float:
    """Return the row height in points that shows `texts` wrapped to `widths`: not every program works it out itself."""
    lines = max(
        sum(max(1, ceil(columns_of(line) * _ROOM / width)) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    )
    return min(max(least, lines * _LINE_POINTS + 5), _ROW_LIMIT)


def grid(
    sheet: Sheet,
    styles: Styles,
    top: int,
    columns: Sequence[tuple[str, float, str]],
    rows: Sequence[Sequence[str]],
    *,
    least: float = 20,
) -> None:
    """Write a table: headings at row `top`, then `rows`.

    Parameters
    ----------
    columns
        Heading, width in characters and style of each column.
    least
        Smallest height of a row in points: more where somebody writes by hand.
    """
    for n, (heading, width, _) in enumerate(columns):
        sheet.set_column(n, n, width)
        put(sheet, top, n, heading, styles["head"])
    widths = [width for _, width, _ in columns]
    sheet.set_row(top, height([c[0] for c in columns], widths, least=least))
    for r, row in enumerate(rows, start=top + 1):
        sheet.set_row(r, height(row, widths, least=least))
        for n, ((_, _, style), text) in enumerate(zip(columns, row, strict=True)):
            put(sheet, r, n, text, styles[style])


def pairs(
    sheet: Sheet, styles: Styles, top: int, widths: tuple[float, float], rows: Sequence[tuple[str, str, str]]
) -> None:
    """Write label and text side by side from row `top`; the third field of a row is the text's style."""
    for n, width in enumerate(widths):
        sheet.set_column(n, n, width)
    for row, (label, text, style) in enumerate(rows, start=top):
        sheet.set_row(row, height((label, text), widths, least=22))
        put(sheet, row, 0, label, styles["label"])
        put(sheet, row, 1, text, styles[style])


def banner(sheet: Sheet, styles: Styles, title: str, note: str) -> None:
    """Write the sheet's name and one line of context above its table."""
    sheet.set_row(0, 26)
    put(sheet, 0, 0, title, styles["name"])
    put(sheet, 1, 0, note, styles["note"])


def on_paper(sheet: Sheet, *, footer: str, repeat: int | None = None, wide: bool = True) -> None:
    """Set `sheet` up for A4, one page wide; row `repeat` stays on screen and returns on every page."""
    sheet.set_paper(A4)
    if wide:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{footer.replace('&', '&&')}&R第 &P 页 共 &N 页")
    if repeat is not None:
        sheet.repeat_rows(repeat)
        sheet.freeze_panes(repeat + 1, 0)
