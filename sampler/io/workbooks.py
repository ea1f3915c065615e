"""Workbooks and Parquet to cells of text."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from sampler.errors import InputError, Place
from sampler.io.archives import Inside, inspect_xlsx
from sampler.io.raw import (
    HEADER_ROWS,
    MAX_BOOK_CELLS,
    MAX_CELLS,
    MAX_UNFOLDED,
    RawTable,
    book_too_large,
    cell_text,
    check_cells,
    part_rows,
    refuse,
    too_large,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from python_calamine import CalamineSheet, SheetMetadata

    from sampler.io.raw import Rows, Source

_SAVE_AS: Final = "用 Excel 或 WPS 打开并另存为 xlsx"
_NUMBERS: Final = (float, int)
"""Classes of cells stored as numbers; a truth value is none."""
_PANIC: Final = "PanicException"
"""How a failed check inside the Rust reader arrives: outside the tree of Exception."""


def read_workbook(name: str, data: bytes, form: str) -> RawTable:
    """Return the first visible sheet of an xlsx or xls workbook; the other sheets hang on it.

    Raises
    ------
    InputError
        ``ZIP_BOMB``, ``SHEET_TOO_LARGE``, ``FILE_DAMAGED``, ``FILE_LOCKED``, ``FILE_KIND``, ``FILE_EMPTY`` or
        ``CELL_TOO_LONG``.
    """
    inside = inspect_xlsx(name, data) if form == "xlsx" else Inside()
    sheets: list[RawTable] = _guarded(name, lambda: _sheets(name, data, form, inside))
    if not sheets:
        raise refuse("FILE_EMPTY", "工作簿是空的", "确认导出时选中了数据", place=Place(file=name))
    first, *others = sorted(sheets, key=lambda s: s.hidden)
    return replace(first, others=tuple(others))


def _guarded(name: str, work: Callable[[], Any]) -> Any:
    """Run a foreign reader; whatever it throws becomes one refusal."""
    place = Place(file=name)
    try:
        return work()
    except InputError:
        raise
    except MemoryError as e:
        raise refuse("SHEET_TOO_LARGE", "表过大, 内存不足", "按地区拆分后分别导入", place=place) from e
    except PasswordError as e:
        raise refuse("FILE_LOCKED", "工作簿有密码", "去掉密码后另存", place=place) from e
    except (CalamineError, OSError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError) as e:
        raise refuse("FILE_DAMAGED", "文件已损坏, 无法读出", _SAVE_AS, place=place, found=str(e)) from e
    except BaseException as e:
        if type(e).__name__ != _PANIC:
            raise
        raise refuse("FILE_DAMAGED", "文件已损坏, 无法读出", _SAVE_AS, place=place, found=str(e)) from e


def _sheets(name: str, data: bytes, form: str, inside: Inside) -> list[RawTable]:
    with CalamineWorkbook.from_object(io.BytesIO(data)) as book:
        kept = [(n, m) for n, m in enumerate(book.sheets_metadata) if m.typ == SheetTypeEnum.WorkSheet]
        sheets = [(n, m, book.get_sheet_by_index(n)) for n, m in kept]
        held = sum(s.width * s.height for _, _, s in sheets)
        if held > MAX_BOOK_CELLS:  # an xls, into which nobody could look before
            raise book_too_large(name, f"各工作表共 {held:,} 格")
        found = (_sheet(name, s, m, form, _of_sheet(inside, n)) for n, m, s in sheets)
        return [table for table in found if table is not None]


def _of_sheet(inside: Inside, n: int) -> dict[str, Any]:
    """Return what the look inside found of one sheet."""
    return {
        "failed": inside.failed[n] if n < len(inside.failed) else frozenset(),
        "formulas": inside.formulas[n] if n < len(inside.formulas) else frozenset(),
        "old_epoch": inside.old_epoch,
        "hidden_rows": inside.hidden[n] if n < len(inside.hidden) else 0,
    }


def _sheet(name: str, sheet: CalamineSheet, meta: SheetMetadata, form: str, inside: dict[str, Any]) -> RawTable | None:
    """Return one sheet, None when it is empty. The reader holds it in its own tight form; texts are made part by part."""

    def cells() -> Iterator[list[list[Any]]]:
        left = [""] * (sheet.start[1] if sheet.start else 0)  # the iterator leaves out empty columns before the first
        lines = sheet.iter_rows()
        size = part_rows(len(left) + sheet.width)
        while rows := _guarded(name, lambda: [left + row for row in islice(lines, size)]):
            yield rows

    head: Rows = []
    numeric: Counter[int] = Counter()
    filled, above = False, 0
    for rows in cells():
        numeric.update(c for row in rows for c, value in enumerate(row) if value.__class__ in _NUMBERS)
        check_cells(name, meta.name, _texts(rows), above)
        filled, above = filled or any(map(any, rows)), above + len(rows)
        head.extend(rows[: HEADER_ROWS - len(head)])
    if not filled:
        return None
    merged = tuple((*a, *b) for a, b in sheet.merged_cell_ranges or ())
    return RawTable(
        file=name, head=head, parts=lambda: map(_texts, cells()), sheet=meta.name, form=form, merged=merged, numeric=dict(numeric),
        hidden=meta.visible != SheetVisibleEnum.Visible, **inside,
    )  # fmt: skip


def _texts(rows: list[list[Any]]) -> Rows:
    """Return rows as text, in place."""
    for row in rows:
        for c, value in enumerate(row):
            if value.__class__ is not str:
                row[c] = cell_text(value)
    return rows


def read_parquet(name: str, source: Source) -> RawTable:
    """Return the rows of a Parquet file, the column names as first row.

    Raises
    ------
    InputError
        ``FILE_DAMAGED``, ``SHEET_TOO_LARGE`` or ``CELL_TOO_LONG``.
    """

    def parts() -> Iterator[Rows]:
        reader, above = _parquet_parts(name, source), 0
        while (rows := _guarded(name, lambda: next(reader, None))) is not None:
            yield check_cells(name, "", rows, above)
            above += len(rows)

    head: Rows = []
    for part in parts():
        head.extend(part)
        if len(head) >= HEADER_ROWS:
            break
    return RawTable(file=name, head=head[:HEADER_ROWS], parts=parts, form="parquet")


def _parquet_parts(name: str, source: Source) -> Iterator[Rows]:
    import pyarrow as pa  # noqa: PLC0415  # heavy, and needed for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415

    place = pa.BufferReader(source) if isinstance(source, bytes) else pa.OSFile(str(source))
    with pq.ParquetFile(place) as file:
        meta = file.metadata
        if meta.num_rows * max(1, meta.num_columns) > MAX_CELLS:
            raise too_large(name, meta.num_rows)
        if sum(meta.row_group(n).total_byte_size for n in range(meta.num_row_groups)) > MAX_UNFOLDED:
            raise refuse("ZIP_BOMB", "文件解压后过大", "确认文件来源", place=Place(file=name))
        texts = [f.name for f in file.schema_arrow if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        names = list(file.schema_arrow.names)
    place.seek(0)
    with pq.ParquetFile(place, read_dictionary=texts) as file:  # a text that stands in many rows is held once
        yield [names]
        for batch in file.iter_batches(part_rows(len(names)), use_threads=False):
            columns = [_parquet_column(column) for column in batch.columns]
            yield [list(row) for row in zip(*columns, strict=True)]


def _parquet_column(column: Any) -> list[str]:
    """Return one column as text; whole numbers keep all their digits."""
    if hasattr(column, "dictionary"):
        known = [*_parquet_column(column.dictionary), ""]
        return [known[-1 if n is None else n] for n in column.indices.to_pylist()]
    values = column.to_pylist()
    return [str(v) if v.__class__ is int else cell_text(v) for v in values]
