"""A file's cells as text, before anyone asks what they mean."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from sampler.errors import InputError, Place, Problem, clip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime, time, timedelta

    Cell = str | int | float | bool | date | datetime | time | timedelta | None

Rows = list[list[str]]
"""Rows of cells."""
Source = bytes | Path
"""A file's bytes, or where it lies: then it is read piece by piece."""

MAX_BOOK: Final = 200_000_000
"""Largest workbook that is opened, in bytes: its reader holds all of it at once."""
MAX_FILE: Final = 500_000_000
"""Largest text or Parquet file, in bytes: these are read piece by piece."""
MAX_CELL: Final = 32_767
"""Longest cell, in characters: Excel's own limit."""
MAX_CELLS: Final = 30_000_000
"""Most cells in one sheet (2.5 million rows of 12 columns)."""
MAX_BOOK_CELLS: Final = 6_000_000
"""Most cells in a workbook, all its sheets together (half a million rows of 12 columns): its reader holds them all."""
PART_CELLS: Final = 300_000
"""Cells held at once while a file is read."""
PART_BYTES: Final = 16_000_000
"""Bytes of a text file held at once, where cells are long."""
MAX_UNFOLDED: Final = 4_000_000_000
"""Most bytes a Parquet file may unpack to."""
HEADER_ROWS: Final = 10
"""The headings must stand within this many rows."""
_EXACT: Final = 10**15
"""From here on Excel keeps only 15 digits and replaces the rest by zeros."""


def opened(source: Source) -> BinaryIO:
    """Return an open file with the bytes of `source`."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def size_of(source: Source) -> int:
    """Return the number of bytes."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def part_rows(width: int) -> int:
    """Return how many rows of `width` cells are held at once."""
    return max(1, PART_CELLS // max(1, width))


def held(rows: Rows) -> Callable[[], Iterator[Rows]]:
    """Return a reader of rows that are in memory already."""
    size = part_rows(max(map(len, rows[:HEADER_ROWS]), default=0))
    return lambda: (rows[at : at + size] for at in range(0, len(rows), size))


@dataclass(frozen=True)
class RawTable:
    """Cells of one sheet as text, row by row, exactly as typed.

    Parameters
    ----------
    file, sheet
        Where the cells come from; text files have no sheet.
    head
        The first `HEADER_ROWS` rows.
    parts
        Yields all rows from the first, also empty ones, some at a time; every call begins anew.
    form
        ``text``, ``xlsx``, ``xls`` or ``parquet``.
    encoding, delimiter
        Of a text file.
    hidden
        The sheet is hidden.
    hidden_rows
        Rows that are hidden or filtered out, of an xlsx.
    failed
        Cells (row, column from 0) holding an Excel error such as #N/A.
    formulas
        Cells holding a formula, of an xlsx; (-1, -1) for one whose cell is not known.
    merged
        Merged areas: first row, first column, last row, last column, from 0.
    old_epoch
        The workbook counts days from 1904.
    numeric
        Number of cells stored as numbers, by column from 0.
    others
        The other sheets of the workbook that hold something.
    """

    file: str
    head: Rows
    parts: Callable[[], Iterator[Rows]]
    sheet: str = ""
    form: str = "text"
    encoding: str = ""
    delimiter: str = ""
    hidden: bool = False
    hidden_rows: int = 0
    failed: frozenset[tuple[int, int]] = frozenset()
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    old_epoch: bool = False
    numeric: dict[int, int] = field(default_factory=dict)
    others: tuple[RawTable, ...] = ()

    @cached_property
    def rows(self) -> Rows:
        """All rows at once: for small files."""
        return [row for part in self.parts() for row in part]


def refuse(code: str, message: str, hint: str = "", *, place: Place, found: object = "") -> InputError:
    """Return the error for a file that cannot be read at all."""
    shown = "" if found == "" else clip(found)
    return InputError([Problem(code=code, message=message, hint=hint, place=place, found=shown)])


def cell_text(value: Cell) -> str:
    """Return a typed cell as the text a clerk would have typed.

    Whole numbers become their digits. From 10^15 on Excel has already lost digits, so the number is written with an
    exponent, which no code may have.

    >>> cell_text(210603.0), cell_text(9.137020016356268e17), cell_text(None)
    ('210603', '9.137020016356268e+17', '')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return number_text(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.removesuffix("T00:00:00")


def number_text(value: float) -> str:
    """Return a number of a workbook as text."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN
        return str(value)
    if abs(value) >= _EXACT:
        return format(float(value), ".15e")
    return str(int(value)) if value == int(value) else repr(value)


def check_cells(file: str, sheet: str, rows: Rows, above: int = 0) -> Rows:
    """Return `rows` if no cell is longer than Excel allows.

    Parameters
    ----------
    file, sheet
        Where the rows come from.
    rows
        Some of its rows.
    above
        Rows of the file before them.

    Raises
    ------
    InputError
        ``CELL_TOO_LONG`` with the place.
    """
    for n, row in enumerate(rows, above + 1):
        if row and len(max(row, key=len)) > MAX_CELL:
            at = max(range(len(row)), key=lambda c: len(row[c]))
            raise too_long(file, sheet, n, column_letters(at), row[at])
    return rows


def too_large(file: str, found: object = "") -> InputError:
    """Return the error for a table with more cells than one import takes."""
    message = f"表过大: 超过 {MAX_CELLS:,} 格"
    return refuse(
        "SHEET_TOO_LARGE", message, "删去不需要的列, 或按地区拆分后分别导入", place=Place(file=file), found=found
    )


def book_too_large(file: str, what: str, sheet: str = "") -> InputError:
    """Return the error for a workbook whose reader would hold more cells than one import takes."""
    message = f"工作簿过大: {what}，超过 {MAX_BOOK_CELLS:,} 格；工作簿要整本读进内存"
    hint = (
        "删除数据区以外的行列和用不到的工作表；确有这么多数据的，另存为“CSV UTF-8”或 Parquet"
        f"（分块读，可到 {MAX_CELLS:,} 格），或按地区拆分"
    )
    return refuse("SHEET_TOO_LARGE", message, hint, place=Place(file=file, sheet=sheet))


def too_long(file: str, sheet: str, row: int, column: str, found: str = "") -> InputError:
    """Return the error for an overlong cell."""
    return refuse(
        "CELL_TOO_LONG",
        f"单元格超过 {MAX_CELL} 个字符",
        "检查该行是否漏了引号或换行, 或删去过长内容",
        place=Place(file=file, sheet=sheet, row=row, column=column),
        found=found[:100],
    )


def column_letters(index: int) -> str:
    """Return a column's letters as Excel shows them.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return a column's number from 0.

    >>> column_index("AB")
    27
    """
    index = 0
    for c in letters.upper():
        index = index * 26 + ord(c) - 64
    return index - 1
