"""Any file of the office to rows of text.

The content decides what a file is, never its name: templates called .xls are often xlsx, and downloads have any name.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from sampler.errors import InputError, Place
from sampler.io.encoding import decode
from sampler.io.headings import known_in
from sampler.io.raw import HEADER_ROWS, MAX_FILE, RawTable, check_cells, refuse, too_long
from sampler.io.workbooks import read_parquet, read_workbook

DELIMITERS: Final = (",", ";", "\t")
_FORMS: Final = ((b"PK\x03\x04", "xlsx"), (b"PK\x05\x06", "xlsx"), (b"\xd0\xcf\x11\xe0", "xls"), (b"PAR1", "parquet"))
_FOREIGN: Final = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x89PNG", "PNG"),
)
_SAVE_AS: Final = "请提供 xlsx、xls、CSV 或 Parquet 文件"


def read_rows(name: str, data: bytes, *, encoding: str = "") -> RawTable:
    """Return the cells of a file as text, exactly as typed.

    Parameters
    ----------
    name
        The file's name, for messages only.
    data
        The file's bytes.
    encoding
        Of a text file, if the office names it; by default the file itself decides.

    Raises
    ------
    InputError
        ``FILE_EMPTY``, ``FILE_TOO_LARGE``, ``FILE_KIND``, ``FILE_DAMAGED``, ``FILE_LOCKED``, ``ZIP_BOMB``,
        ``SHEET_TOO_LARGE``, ``ENCODING``, ``CSV_QUOTE`` or ``CELL_TOO_LONG``.
    """
    if not data or data.isspace():
        raise refuse("FILE_EMPTY", "文件是空的", "确认导出成功后重新提交", place=Place(file=name))
    if len(data) > MAX_FILE:
        message = f"文件超过 {MAX_FILE // 1_000_000} MB"
        raise refuse("FILE_TOO_LARGE", message, "按地区拆分, 或提供 Parquet", place=Place(file=name), found=len(data))
    form = _form(name, data)
    if form == "parquet":
        return read_parquet(name, data)
    if form != "text":
        return read_workbook(name, data, form)
    return _read_text(name, data, encoding)


def _form(name: str, data: bytes) -> str:
    for magic, form in _FORMS:
        if data.startswith(magic):
            return form
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise refuse("FILE_KIND", f"不能导入 {what} 文件", _SAVE_AS, place=Place(file=name))
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype html", b"<?xml", b"<table")):
        raise refuse("FILE_KIND", "这是网页, 不是表格", "用 Excel 或 WPS 打开并另存为 xlsx", place=Place(file=name))
    return "text"


def _read_text(name: str, data: bytes, encoding: str) -> RawTable:
    text, codec = decode(name, data, encoding)
    delimiter = sniff(text)
    rows = _split(name, text, delimiter)
    if not any(map(any, rows)):
        raise refuse("FILE_EMPTY", "文件里没有数据", "确认导出成功后重新提交", place=Place(file=name))
    return check_cells(RawTable(file=name, rows=rows, encoding=codec, delimiter=delimiter))


def sniff(text: str) -> str:
    """Return the delimiter that makes most known headings in the first lines.

    >>> sniff("统一社会信用代码;名称,简称;区划")
    ';'
    """
    lines = text[:100_000].splitlines()[:HEADER_ROWS]

    def score(delimiter: str) -> tuple[int, int]:
        cut = [[cell.strip('" ') for cell in line.split(delimiter)] for line in lines]
        return max(((known_in(row), len(row)) for row in cut), default=(0, 0))

    return max(DELIMITERS, key=score)


def _split(name: str, text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as e:
        raise _csv_error(name, len(rows) + 1, str(e)) from e
    return rows


def _csv_error(name: str, row: int, message: str) -> InputError:
    if "field limit" in message:
        return too_long(name, "", row, "")
    return refuse(
        "CSV_QUOTE",
        "引号不成对",
        "检查该行的双引号; 或另存为 xlsx 后提交",
        place=Place(file=name, row=row),
        found=message,
    )
