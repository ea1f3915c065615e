"""Any file of the office to rows of text.

The content decides what a file is, never its name: templates called .xls are often xlsx, and downloads have any name.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sampler.errors import InputError, Place
from sampler.io.encoding import find_codec, open_text, unreadable
from sampler.io.headings import known_in
from sampler.io.raw import (
    HEADER_ROWS,
    MAX_BOOK,
    MAX_CELLS,
    MAX_FILE,
    PART_BYTES,
    RawTable,
    check_cells,
    opened,
    part_rows,
    refuse,
    size_of,
    too_large,
    too_long,
)
from sampler.io.workbooks import read_parquet, read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import TextIOWrapper

    from sampler.io.raw import Rows, Source

DELIMITERS: Final = (",", ";", "\t")
_FORMS: Final = ((b"PK\x03\x04", "xlsx"), (b"PK\x05\x06", "xlsx"), (b"\xd0\xcf\x11\xe0", "xls"), (b"PAR1", "parquet"))
_FOREIGN: Final = (
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x89PNG", "PNG"),
)
_HEAD_BYTES: Final = 512
_SNIFFED: Final = 100_000
"""Characters that show the delimiter."""
_SAVE_AS: Final = "请提供 xlsx、xls、CSV 或 Parquet 文件"


def read_rows(name: str, source: Source, *, encoding: str = "") -> RawTable:
    """Return the cells of a file as text, exactly as typed.

    Text and Parquet are read piece by piece, so that a path costs no more memory than a piece.

    Parameters
    ----------
    name
        The file's name, for messages only.
    source
        The file's bytes, or its path.
    encoding
        Of a text file, if the office names it; by default the file itself decides.

    Raises
    ------
    InputError
        ``FILE_EMPTY``, ``FILE_TOO_LARGE``, ``FILE_KIND``, ``FILE_DAMAGED``, ``FILE_LOCKED``, ``ZIP_BOMB``,
        ``SHEET_TOO_LARGE``, ``ENCODING``, ``CSV_QUOTE`` or ``CELL_TOO_LONG``.
    """
    with opened(source) as f:
        head = f.read(_HEAD_BYTES)
    form = _form(name, head)
    most = MAX_FILE if form in ("text", "parquet") else MAX_BOOK
    if size_of(source) > most:
        message = f"文件超过 {most // 1_000_000} MB"
        hint = "按地区拆分, 或提供 Parquet"
        raise refuse("FILE_TOO_LARGE", message, hint, place=Place(file=name), found=size_of(source))
    if form == "parquet":
        return read_parquet(name, source)
    if form != "text":
        return read_workbook(name, source if isinstance(source, bytes) else source.read_bytes(), form)
    return _read_text(name, source, encoding)


def _form(name: str, data: bytes) -> str:
    for magic, form in _FORMS:
        if data.startswith(magic):
            return form
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise refuse("FILE_KIND", f"不能导入 {what} 文件", _SAVE_AS, place=Place(file=name))
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<html", b"<!doctype html", b"<?xml", b"<table")):
        raise refuse("FILE_KIND", "这是网页, 不是表格", "用 Excel 或 WPS 打开并另存为 xlsx", place=Place(file=name))
    return "text"


def _read_text(name: str, source: Source, encoding: str) -> RawTable:
    codec, skip = find_codec(name, source, encoding)
    with open_text(source, codec, skip) as text:
        delimiter = sniff(text.read(_SNIFFED))

    def parts() -> Iterator[Rows]:
        with open_text(source, codec, skip) as text:
            yield from _split(name, text, delimiter)

    head: Rows = []
    seen = False
    for part in parts():
        head.extend(part[: HEADER_ROWS - len(head)])
        seen = seen or any(cell and not cell.isspace() for row in part for cell in row)
        if seen and len(head) == HEADER_ROWS:
            break
    if not seen:
        raise refuse("FILE_EMPTY", "文件里没有数据", "确认导出成功后重新提交", place=Place(file=name))
    return RawTable(file=name, head=head, parts=parts, encoding=codec, delimiter=delimiter)


def sniff(text: str) -> str:
    """Return the delimiter that makes most known headings in the first lines.

    >>> sniff("统一社会信用代码;名称,简称;区划")
    ';'
    """
    lines = text.splitlines()[:HEADER_ROWS]

    def score(delimiter: str) -> tuple[int, int]:
        cut = [[cell.strip('" ') for cell in line.split(delimiter)] for line in lines]
        return max(((known_in(row), len(row)) for row in cut), default=(0, 0))

    return max(DELIMITERS, key=score)


def _split(name: str, text: TextIOWrapper, delimiter: str) -> Iterator[Rows]:
    """Yield the rows of a text file, some at a time."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    above = cells = 0
    size = 1  # the first row says how wide the table is; wider ones below make smaller parts
    while rows := _some(name, text, reader, size, above):
        yield rows
        above += len(rows)
        here = sum(map(len, rows))
        cells += here
        if cells > MAX_CELLS:
            raise too_large(name, f"{above}+")
        size = part_rows(-(-here // len(rows)))


def _some(name: str, text: TextIOWrapper, reader: Iterator[list[str]], size: int, above: int) -> Rows:
    """Return the next rows: `size`, or fewer where they are long."""
    rows: Rows = []
    tell = cast("BinaryIO", text.buffer).tell  # how far the text has been read, but for a little ahead
    end = tell() + PART_BYTES
    step = min(size, 64)
    try:
        while len(rows) < size and tell() < end:
            more = len(rows)
            rows.extend(islice(reader, step))
            if len(rows) == more:
                break
    except csv.Error as e:
        check_cells(name, "", rows, above)
        raise _csv_error(name, above + len(rows) + 1, str(e)) from e
    except UnicodeDecodeError as e:
        raise unreadable(name) from e
    return check_cells(name, "", rows, above)


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
