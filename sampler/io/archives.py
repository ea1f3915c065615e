"""Look into a workbook before a parser unfolds it.

An xlsx file is a zip of XML. A small one can unfold to gigabytes (a zip bomb), or put two cells at opposite corners
of a sheet so that a parser allocates everything between them. Both are measured here with bounded memory.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.errors import InputError, Place
from sampler.io.raw import MAX_BOOK_CELLS, book_too_large, column_index, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ENTRIES: Final = 10_000
MAX_UNFOLDED: Final = 500_000_000
MAX_RATIO: Final = 200
RATIO_FROM: Final = 50_000_000
"""Below this size a high ratio is harmless."""
MAX_TEXT: Final = 1_000_000_000
"""Most bytes of text in one sheet: a workbook keeps a repeated text once, a reader unfolds it in every cell."""
_MAX_DIRECTORY: Final = 4_000_000
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_END_SEARCH: Final = 65_557
_LOCAL: Final = struct.Struct("<26xHH")
_STORED, _DEFLATED = 0, 8
_CELL: Final = re.compile(rb"\br=[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_HIDDEN: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*?\bhidden=[\"'](?:1|true)[\"']")
_START: Final = re.compile(rb"<(?:\w+:)?(?:row|c)\b")
_EMPTY: Final = re.compile(rb"<(?:\w+:)?c\s[^>]*/>")
"""A cell that holds nothing but a format."""
PIECE: Final = 4_000_000
"""Bytes of a sheet searched at once: a list of every cell of a big sheet takes more memory than the sheet."""
_FAILED: Final = re.compile(rb"<(?:\w+:)?c\s[^>]*?t=[\"']e[\"'][^>]*>")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_COMPUTED: Final = re.compile(rb"<(?:\w+:)?c\s[^>]*>\s*(?=<(?:\w+:)?f[\s/>])")
_OLD_EPOCH: Final = re.compile(rb"date1904=[\"'](?:1|true|on)[\"']")
_SHARED: Final = "xl/sharedstrings.xml"
_STRING: Final = re.compile(rb"<(?:\w+:)?si\b")
_REFERENCE: Final = re.compile(rb" t=\"s\"[^>]*><v>([0-9]{1,9})</v>")
_PLAIN: Final = re.compile(rb'<c r="[A-Z0-9]+"(?: s="[0-9]+")?(?: t="(?!s")\w+")?/?>')
"""A cell whose text is not shared, as Excel and WPS write it."""
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\w+:id=[\"']([^\"']+)[\"']")
_SHEET_NAME: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\bname=[\"']([^\"']*)[\"']")
_LINK: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_LINK_ID: Final = re.compile(rb"\bId=[\"']([^\"']+)[\"']")
_LINK_TARGET: Final = re.compile(rb"\bTarget=[\"']([^\"']+)[\"']")
_SAVE_AS: Final = "用 Excel 或 WPS 打开并另存为 xlsx"
_BOMB_HINT: Final = "确认文件来源; 复制所需行列到新工作簿再保存"


@dataclass(frozen=True, slots=True)
class Inside:
    """What the look into a workbook found.

    Parameters
    ----------
    failed
        Cells holding an Excel error, for each sheet in the order of the workbook.
    formulas
        Cells holding a formula, likewise; (-1, -1) for one that names no cell.
    old_epoch
        The workbook counts days from 1904.
    hidden
        Number of rows that are hidden or filtered out, likewise.
    """

    failed: tuple[frozenset[tuple[int, int]], ...] = ()
    formulas: tuple[frozenset[tuple[int, int]], ...] = ()
    old_epoch: bool = False
    hidden: tuple[int, ...] = ()


def inspect_xlsx(name: str, data: bytes) -> Inside:
    """Return what is inside the xlsx file `data`, or refuse it.

    Raises
    ------
    InputError
        ``ZIP_BOMB``, ``SHEET_TOO_LARGE``, ``FILE_DAMAGED``, ``FILE_LOCKED`` or ``FILE_KIND``.
    """
    entries = _entries(name, data)
    names = {e.filename.lower().lstrip("/") for e in entries}
    if "xl/workbook.xml" not in names:
        raise refuse("FILE_KIND", "这不是 xlsx 工作簿", _SAVE_AS, place=Place(file=name))
    failed: dict[str, frozenset[tuple[int, int]]] = {}
    formulas: dict[str, frozenset[tuple[int, int]]] = {}
    hidden: dict[str, int] = {}
    book = links = b""
    shared: list[int] = []
    held = 0
    for entry in sorted(entries, key=lambda e: e.filename.lower().lstrip("/") != _SHARED):
        part = _unfold(name, data, entry)
        path = entry.filename.lower().lstrip("/")
        if path == _SHARED:
            shared = [len(text) for text in _STRING.split(part)[1:]]
        elif path == "xl/workbook.xml":
            book = part
        elif path == "xl/_rels/workbook.xml.rels":
            links = part
        elif path.startswith("xl/worksheets/") and path.endswith(".xml"):
            cells, failed[path.rpartition("/")[2]] = _scan_sheet(name, path, part, shared)
            held += cells
            if held > MAX_BOOK_CELLS:
                raise book_too_large(name, f"各工作表共 {held:,} 格")
            formulas[path.rpartition("/")[2]] = _formula_cells(part)
            hidden[path.rpartition("/")[2]] = sum(len(_HIDDEN.findall(part, *piece)) for piece in _pieces(part))
    files = _order(book, links)
    in_order, computed = (tuple(of.get(file, frozenset()) for file in files) for of in (failed, formulas))
    return Inside(in_order, computed, _OLD_EPOCH.search(book) is not None, tuple(hidden.get(f, 0) for f in files))


def has_sheet(name: str, data: bytes, title: str) -> bool:
    """Return whether the xlsx file `data` has a sheet `title`, without unfolding the sheets; False if it is no xlsx."""
    try:
        entries = _entries(name, data)
        books = [e for e in entries if e.filename.lower().lstrip("/") == "xl/workbook.xml"]
        return any(_SHEET_NAME.findall(_unfold(name, data, e)).count(title.encode()) for e in books)
    except InputError:
        return False


def _order(book: bytes, links: bytes) -> list[str]:
    """Return the file name of each sheet's part in the order of the workbook."""
    targets = {}
    for tag in _LINK.findall(links):
        who, where = _LINK_ID.search(tag), _LINK_TARGET.search(tag)
        if who and where:
            targets[who[1]] = where[1].decode(errors="replace").lower().rpartition("/")[2]
    return [targets.get(ref, "") for ref in _SHEET.findall(book)]


def _entries(name: str, data: bytes) -> list[zipfile.ZipInfo]:
    at = data.rfind(_END, max(0, len(data) - _END_SEARCH))
    if at < 0 or len(data) < at + _END_SIZE:
        raise _damaged(name)
    count, directory = struct.unpack_from("<HL", data, at + 10)
    if count > MAX_ENTRIES or directory > _MAX_DIRECTORY:
        raise _bomb(name, f"压缩包内文件超过 {MAX_ENTRIES} 个")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError, struct.error, EOFError) as e:
        raise _damaged(name) from e
    _check_sizes(name, entries)
    return entries


def _check_sizes(name: str, entries: list[zipfile.ZipInfo]) -> None:
    unfolded = sum(e.file_size for e in entries)
    folded = sum(e.compress_size for e in entries)
    if len(entries) > MAX_ENTRIES:
        raise _bomb(name, f"压缩包内文件超过 {MAX_ENTRIES} 个")
    if unfolded > MAX_UNFOLDED:
        raise _bomb(name, f"解压后超过 {MAX_UNFOLDED // 1_000_000} MB")
    if unfolded > RATIO_FROM and unfolded > MAX_RATIO * max(1, folded):
        raise _bomb(name, f"压缩比超过 {MAX_RATIO}")
    if any(e.flag_bits & 1 for e in entries):
        raise refuse("FILE_LOCKED", "工作簿有密码", "去掉密码后另存", place=Place(file=name))


def _unfold(name: str, data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return one entry's bytes, never more than it declares."""
    try:
        name_len, extra_len = _LOCAL.unpack_from(data, entry.header_offset)
    except struct.error as e:
        raise _damaged(name) from e
    start = entry.header_offset + _LOCAL.size + name_len + extra_len
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == _STORED:
        return packed
    if entry.compress_type != _DEFLATED:
        raise _damaged(name)
    try:
        part = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
    except zlib.error as e:
        raise _damaged(name) from e
    if len(part) > entry.file_size:
        raise _bomb(name, "解压后比声明的更大")
    return part


def _scan_sheet(name: str, path: str, part: bytes, shared: list[int]) -> tuple[int, frozenset[tuple[int, int]]]:
    """Return how many cells a reader will hold of one sheet, and those with an Excel error."""
    cells, rows, columns = _extent(part)
    if rows * columns > MAX_BOOK_CELLS:  # rows formatted to the end of the sheet hold nothing
        cells, rows, columns = _extent(_EMPTY.sub(b"", part))
    held = max(rows * columns, part.count(b"v>") // 2 + part.count(b"is>") // 2)
    if held > MAX_BOOK_CELLS:
        raise book_too_large(name, f"{rows:,} 行 × {columns:,} 列", path.rpartition("/")[2])
    if cells * max(shared, default=0) > MAX_TEXT and _text_size(part, shared, cells) > MAX_TEXT:
        raise _bomb(name, "同一段长文字重复了太多次")
    return held, frozenset(_failed_cells(part))


def _extent(part: bytes) -> tuple[int, int, int]:
    """Return the cells of a sheet that say where they are, its last row and its last column."""
    cells = rows = columns = 0
    for at, end in _pieces(part):
        found = _CELL.findall(part, at, end)
        cells += len(found)
        rows = max(rows, max((int(r) for _, r in found), default=0))
        columns = max(columns, max((column_index(c.decode()) + 1 for c in {c for c, _ in found}), default=0))
    return cells, rows, columns


def _pieces(part: bytes) -> Iterator[tuple[int, int]]:
    """Yield where to cut a sheet: before a row or a cell; in one that has none for long, behind a tag."""
    at = 0
    while at < len(part):
        start = _START.search(part, at + PIECE, at + 2 * PIECE)
        end = start.start() if start else part.find(b">", at + PIECE) + 1 or len(part)
        yield at, end
        at = end


def _text_size(part: bytes, shared: list[int], cells: int) -> int:
    """Return the bytes of text in a sheet; a cell whose reference cannot be followed counts as the longest."""
    followed = [int(n) for n in _REFERENCE.findall(part)]
    known = [shared[n] for n in followed if n < len(shared)]
    plain = len(_PLAIN.findall(part))
    return sum(known) + max(0, cells - len(followed) - plain) * max(shared)


def _failed_cells(part: bytes) -> list[tuple[int, int]]:
    if b't="e"' not in part and b"t='e'" not in part:
        return []
    places = [_CELL.search(tag) for tag in _FAILED.findall(part)]
    return [(int(p[2]) - 1, column_index(p[1].decode())) for p in places if p]


def _formula_cells(part: bytes) -> frozenset[tuple[int, int]]:
    if b"<f" not in part and b":f" not in part:
        return frozenset()
    found: set[tuple[int, int]] = set()
    known = True
    for at, end in _pieces(part):
        places = [_CELL.search(tag) for tag in _COMPUTED.findall(part, at, end)]
        known = known and len(places) == len(_FORMULA.findall(part, at, end)) and all(places)
        found |= {(int(p[2]) - 1, column_index(p[1].decode())) for p in places if p}
    return frozenset(found if known else {*found, (-1, -1)})


def _bomb(name: str, what: str) -> InputError:
    return refuse("ZIP_BOMB", f"文件像压缩炸弹: {what}", _BOMB_HINT, place=Place(file=name))


def _damaged(name: str) -> InputError:
    return refuse("FILE_DAMAGED", "文件已损坏, 无法读出", _SAVE_AS, place=Place(file=name))
