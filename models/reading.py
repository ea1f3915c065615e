"""Bytes to a pandas frame, by content: Parquet, CSV in UTF-8 or GB18030, or the first sheet of a workbook.

Cells of a CSV stay text; a workbook's headings stand in its first row.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Final

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from models.problems import refuse, refuse_rows

_HINT: Final = "save the sheet as CSV (UTF-8) or as Parquet"
_PARQUET: Final = b"PAR1"
_BINARY: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_INTEGRAL: Final = re.compile(r"(-?[0-9]+)\.0+")
_CREDIT_CODE: Final = 18


def read_frame(data: bytes, file: str) -> pd.DataFrame:
    """Return the table in `data`; an empty cell is missing.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name, for messages only.

    Raises
    ------
    InputError
        ``FILE_*`` if it is not a table this package reads.
    """
    if data[:4] == _PARQUET:
        return _parquet(data, file)
    if data[:4] in _BINARY:
        return _workbook(data, file)
    return _csv(data, file)


def _parquet(data: bytes, file: str) -> pd.DataFrame:
    try:
        return pd.read_parquet(io.BytesIO(data))
    except (OSError, ValueError) as e:
        refuse("FILE_PARQUET", f"the Parquet file cannot be read: {e}", hint=_HINT, file=file)


def _workbook(data: bytes, file: str) -> pd.DataFrame:
    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError, IndexError) as e:
        refuse("FILE_KIND", f"the workbook cannot be read: {e}", hint=_HINT, file=file)
    return _table([[_cell(c) for c in row] for row in rows], file)


def _cell(value: object) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return value.isoformat() if isinstance(value, dt.date) else _INTEGRAL.sub(r"\1", str(value))


def _csv(data: bytes, file: str) -> pd.DataFrame:
    return _table(_rows(_decoded(data, file), file), file)


def _table(rows: list[list[str]], file: str) -> pd.DataFrame:
    if not rows:
        refuse("FILE_EMPTY", "the file is empty", hint="the first line must hold the headings", file=file)
    header = [name.strip() for name in rows[0]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        refuse("FILE_HEADING", "a heading stands twice", hint="rename one of them", found=twice[0], file=file)
    ragged: list[tuple[int, object]] = [(n, len(r)) for n, r in enumerate(rows[1:], 2) if len(r) != len(header)]
    refuse_rows("FILE_RAGGED", "the row has another number of cells", ragged, hint=_HINT, column="", file=file)
    return pd.DataFrame(rows[1:], columns=header, dtype="str").replace("", pd.NA)


def _decoded(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return refuse("FILE_ENCODING", "the file is neither UTF-8 nor GB18030", hint=_HINT, file=file)


def _rows(text: str, file: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as e:
        refuse("FILE_CSV", f"the CSV file cannot be read: {e}", hint=_HINT, file=file)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as text: codes stay codes, ``9.0`` becomes ``9``, missing becomes empty."""
    values = column.astype("object").where(column.notna(), "")
    unique = {v: _INTEGRAL.sub(r"\1", str(v).strip()) for v in values.unique()}
    return values.map(unique).astype("object")


def as_ids(column: pd.Series) -> pd.Series:
    """Return a column of identifiers as text; an 18-character credit code in upper case."""
    values = as_text(column)
    fixed = {v: v.upper() if len(v) == _CREDIT_CODE and v.isascii() else v for v in values.unique()}
    return values.map(fixed).astype("object")


def as_number(column: pd.Series) -> pd.Series:
    """Return a column as 64-bit floats; what is no number becomes NaN."""
    return pd.to_numeric(column.astype("object"), errors="coerce").astype("float64")
