"""Any file to rows of text: content decides, guards hold."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from sampler.errors import InputError
from sampler.io import archives, raw, readers, workbooks
from sampler.io.checks import check_file
from sampler.io.readers import read_rows, sniff

HEAD = ["object_id", "risk_ppm"]


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for title, more in sheets.items():
        other = book.create_sheet(title)
        for row in more:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, part in parts.items():
            z.writestr(name, part)
    return out.getvalue()


def biff(rows: list[list[str | float]]) -> bytes:
    """Return a true .xls: one BIFF8 sheet in a compound file."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def bof(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0xDBB, 0x7CC, 0, 0))

    cells = b""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                cells += record(0x204, struct.pack("<HHHHB", r, c, 0, len(value), 1) + text)
            else:
                cells += record(0x203, struct.pack("<HHHd", r, c, 0, value))
    name = "名录".encode("utf-16-le")
    end = record(0x0A, b"")
    before = len(bof(5)) + 4 + 8 + len(name) + len(end)
    sheet = record(0x85, struct.pack("<IBBBB", before, 0, 0, 2, 1) + name)
    stream = (bof(5) + sheet + end + bof(0x10) + cells + end).ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    free, last, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [fat, last, *range(3, 2 + count), last]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0) + struct.pack("<109I", 0, *[free] * 108)

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        wide = (title + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(wide), kind, 1, free, free, child)
        return wide.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, last, 0) + entry("Workbook", 2, free, 2, len(stream)) + bytes(256)
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    return head + table + directory + stream.ljust(512 * count, b"\0")


def test_a_true_xls_is_read() -> None:
    table = read_rows("a.xlsx", biff([["object_id", "risk_ppm"], ["甲1", 5.0], [9.137020016356268e17, 0.5]]))
    assert (table.form, table.sheet) == ("xls", "名录")
    assert table.rows == [["object_id", "risk_ppm"], ["甲1", "5"], ["9.137020016356268e+17", "0.5"]]


@pytest.mark.parametrize("at", range(0, 1500, 37))
def test_a_damaged_xls_is_refused_or_read(at: int) -> None:
    data = bytearray(biff([["object_id", "risk_ppm"], ["a", 5.0]]))
    data[at + 8 : at + 16] = b"\xff" * 8
    try:
        read_rows("a.xls", bytes(data))
    except InputError as e:
        assert e.code in {"FILE_DAMAGED", "FILE_EMPTY", "SHEET_TOO_LARGE", "FILE_LOCKED"}  # noqa: PT017


def refused(data: bytes, name: str = "a.csv") -> str:
    with pytest.raises(InputError) as e:
        _ = read_rows(name, data).rows
    assert e.value.problem.place.file == name
    return e.value.code


def test_an_xlsx_named_xls_is_read_by_content() -> None:
    table = read_rows("名单.xls", workbook([HEAD, ["a", 5]]))
    assert (table.form, table.rows) == ("xlsx", [HEAD, ["a", "5"]])


def test_typed_cells_become_text() -> None:
    moment = datetime(2026, 1, 2, 8, 30)  # noqa: DTZ001  # a workbook knows no zone
    row = ["00012", 210603, 0.05, True, date(2026, 12, 31), moment, None, 912345678901234]
    table = read_rows("a.xlsx", workbook([row]))
    assert table.rows == [
        ["00012", "210603", "0.05", "TRUE", "2026-12-31", "2026-01-02T08:30:00", "", "912345678901234"]
    ]
    assert table.numeric == {1: 1, 2: 1, 7: 1}


@pytest.mark.parametrize("number", [1e15, 9.137020016356268e17, -1e18])
def test_numbers_excel_has_cut_show_an_exponent(number: float) -> None:
    assert "e+" in read_rows("a.xlsx", workbook([[number]])).rows[0][0]


def test_parquet_keeps_all_digits() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"object_id": [913702001635626812], "risk_ppm": [None], "x": [1.5]}), out)
    assert read_rows("a.csv", out.getvalue()).rows == [
        ["object_id", "risk_ppm", "x"],
        ["913702001635626812", "", "1.5"],
    ]


def test_a_text_that_stands_in_many_rows_of_parquet_is_held_once() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"object_id": ["x" * 30_000] * 5_000 + [None, "y"]}), out)
    cells = [row[0] for row in read_rows("a", out.getvalue()).rows[1:]]
    assert len({id(c) for c in cells[:5_000]}) == 1
    assert cells[5_000:] == ["", "y"]


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"object_id": [f"{n:020d}" for n in range(1_000)]}), out)
    assert len(read_rows("a", out.getvalue()).rows) == 1_001
    monkeypatch.setattr("sampler.io.workbooks.MAX_UNFOLDED", 1_000)
    assert refused(out.getvalue()) == "ZIP_BOMB"


def test_long_rows_of_a_text_file_make_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"object_id,name\n" + b"".join(b"a%d,%s\n" % (n, b"x" * 20_000) for n in range(200))
    table = read_rows("a", data)
    whole = list(table.parts())
    monkeypatch.setattr(readers, "PART_BYTES", 100_000)
    cut = list(table.parts())
    assert [row for rows in cut for row in rows] == [row for rows in whole for row in rows]
    assert max(map(len, cut)) == 64 < max(map(len, whole))


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("object_id,risk_ppm\na,1", ","),
        ("object_id;risk_ppm\na;1,5", ";"),
        ("object_id\trisk_ppm\na\t1", "\t"),
        ("名单, 甲, 乙, 丙\nobject_id;risk_ppm", ";"),
        ('"object_id";"risk_ppm"', ";"),
        ("x", ","),
        ("", ","),
    ],
)
def test_the_heading_line_decides_the_delimiter(text: str, delimiter: str) -> None:
    assert sniff(text) == delimiter


def test_quotes_and_blank_lines_keep_row_numbers() -> None:
    assert read_rows("a", b'object_id,name\n\n"a,1","x ""y"""\n').rows == [["object_id", "name"], [], ["a,1", 'x "y"']]


@pytest.mark.parametrize("data", [b"", b"  \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b",,\n,,\n"])
def test_empty_files_are_refused(data: bytes) -> None:
    assert refused(data) == "FILE_EMPTY"


def test_an_empty_workbook_is_refused() -> None:
    assert refused(workbook([])) == "FILE_EMPTY"


@pytest.mark.parametrize("data", [b'object_id,name\n"a,1\nb,2\n', b'object_id,name\n"a"x,1\n'])
def test_unpaired_quotes_are_refused_not_swallowed(data: bytes) -> None:
    assert refused(data) == "CSV_QUOTE"


@pytest.mark.parametrize("size", [32_768, 10_000_000])
def test_long_cells_are_refused_with_their_row(size: int) -> None:
    with pytest.raises(InputError) as e:
        _ = read_rows("a.csv", b"object_id,name\na," + b"x" * size + b"\n").rows
    assert (e.value.code, e.value.problem.place.row) == ("CELL_TOO_LONG", 2)
    assert len(e.value.problem.found) <= 120


def test_a_long_cell_in_a_workbook_is_refused_with_its_column() -> None:
    sheet = (
        b'<worksheet><sheetData><row r="1"><c r="B1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'
    )
    parts = _parts(workbook([["a"]]))
    data = zipped({**parts, "xl/worksheets/sheet1.xml": sheet % (b"x" * 10_000_000)})
    with pytest.raises(InputError) as e:
        read_rows("a.xlsx", data)
    assert (e.value.code, e.value.problem.place.column) == ("CELL_TOO_LONG", "B")


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return {n: z.read(n) for n in z.namelist()}


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_FILE", 1000)
    assert refused(b"a" * 1001) == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7", b"\x1f\x8b\x08", b"Rar!\x1a", b"<html><table>", b"\r\n<!DOCTYPE html>", b"<?xml version='1.0'?><x/>"],
)
def test_other_formats_are_named(data: bytes) -> None:
    assert refused(data) == "FILE_KIND"


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    assert refused(zipped({"word/document.xml": b"<w/>"})) == "FILE_KIND"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04garbage",
        b"PK\x05\x06" + bytes(18),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"PAR1",
        b"PAR1xxxxPAR1",
    ],
)
def test_damaged_files_are_refused(data: bytes) -> None:
    assert refused(data) in {"FILE_DAMAGED", "FILE_KIND"}


@pytest.mark.parametrize("cut", [10, 500, 2000, -1, -30])
def test_truncated_workbooks_are_refused(cut: int) -> None:
    assert refused(workbook([HEAD, ["a", 1]])[:cut]) == "FILE_DAMAGED"


def test_a_zip_bomb_is_refused_quickly() -> None:
    zeros = zlib_zeros(60_000_000)
    start = time.perf_counter()
    assert refused(zeros) == "ZIP_BOMB"
    assert time.perf_counter() - start < 1


def zlib_zeros(size: int) -> bytes:
    return zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(size)})


def test_too_much_unfolded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNFOLDED", 10_000)
    assert refused(workbook([HEAD, *[[f"id{n}", n] for n in range(2000)]])) == "ZIP_BOMB"


def test_too_many_entries_are_refused() -> None:
    assert refused(zipped({"xl/workbook.xml": b""} | {f"xl/{n}": b"" for n in range(10_001)})) == "ZIP_BOMB"


def test_a_lying_size_is_refused() -> None:
    data = bytearray(zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(100_000)}))
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 10)
    assert refused(bytes(data)) == "ZIP_BOMB"


def test_two_far_corners_are_refused_before_the_parser_allocates_between() -> None:
    data = workbook([HEAD])
    sheet = _parts(data)["xl/worksheets/sheet1.xml"].replace(b'r="B1"', b'r="XFD1048576"')
    assert refused(zipped({**_parts(data), "xl/worksheets/sheet1.xml": sheet})) == "SHEET_TOO_LARGE"


def rows_of(count: int, more: bytes = b"") -> bytes:
    """Return a workbook with two rows of content and `count` rows that only have a format, as a clerk leaves them."""
    parts = _parts(workbook([["代码", "名称"], ["a", 1]]))
    blank = b"".join(b'<row r="%d"><c r="A%d" s="0"/><c r="B%d" s="0"/></row>' % (n, n, n) for n in range(3, count + 3))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", blank + more + b"</sheetData>")
    return zipped({**parts, "xl/worksheets/sheet1.xml": sheet})


def test_rows_that_only_have_a_format_are_no_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BOOK_CELLS", 100)
    monkeypatch.setattr(archives, "PIECE", 500)
    assert read_rows("a.xlsx", rows_of(300)).rows == [["代码", "名称"], ["a", "1"]]
    assert refused(rows_of(300, b'<row r="400"><c r="A400"><v>1</v></c></row>'), "a.xlsx") == "SHEET_TOO_LARGE"


def test_hidden_and_filtered_rows_are_read_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for row in (["统一社会信用代码", "信用风险等级"], ["91110000600037341L", "A"], ["91370200163562681G", "B"]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    out = io.BytesIO()
    book.save(out)
    for piece in (4_000_000, 60):
        monkeypatch.setattr(archives, "PIECE", piece)
        found = check_file("a.xlsx", out.getvalue())
        assert (found.accepted, [p.code for p in found.warnings]) == (2, ["ROWS_HIDDEN"])


def test_cells_that_do_not_say_where_they_are_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BOOK_CELLS", 100)
    assert refused(rows_of(0, b"<row>" + b"<c><v>1</v></c>" * 101 + b"</row>"), "a.xlsx") == "SHEET_TOO_LARGE"


def test_the_sheets_of_a_workbook_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for name in ("一", "二"):
        other = book.create_sheet(name)
        for n in range(6):
            other.append([n] * 5)
    out = io.BytesIO()
    book.save(out)
    assert len(read_rows("a.xlsx", out.getvalue()).rows) == 6
    monkeypatch.setattr(archives, "MAX_BOOK_CELLS", 50)
    with pytest.raises(InputError) as e:
        read_rows("a.xlsx", out.getvalue())
    assert (e.value.code, "CSV UTF-8" in e.value.problem.hint) == ("SHEET_TOO_LARGE", True)
    monkeypatch.setattr(archives, "MAX_BOOK_CELLS", 100)
    monkeypatch.setattr(workbooks, "MAX_BOOK_CELLS", 50)
    assert refused(out.getvalue(), "a.xlsx") == "SHEET_TOO_LARGE", "as of an xls"


def test_a_table_away_from_the_corner_keeps_its_places(monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active["C4"], book.active["D4"], book.active["C5"], book.active["E9"] = "代码", "名称", "a", 7
    out = io.BytesIO()
    book.save(out)
    want = [[""] * 5 for _ in range(9)]
    want[3][2:4], want[4][2], want[8][4] = ["代码", "名称"], "a", "7"
    for cells in (300_000, 5, 12):
        monkeypatch.setattr("sampler.io.raw.PART_CELLS", cells)
        assert read_rows("a.xlsx", out.getvalue()).rows == want


def test_formulas_are_found_in_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["a", f"={n}+1"] if n % 3 else [n, "b"] for n in range(60)]
    data, want = workbook(rows), frozenset((n, 1) for n in range(60) if n % 3)
    for piece in (4_000_000, 300, 90):
        monkeypatch.setattr(archives, "PIECE", piece)
        assert read_rows("a.xlsx", data).formulas == want


def shared(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(rows):
            sheet.write_row(r, 0, row)
    return out.getvalue()


def test_one_long_text_in_every_cell_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    data = shared([HEAD, *[["x" * 30_000, n] for n in range(100)]])
    assert len(read_rows("a.xlsx", data).rows) == 101
    monkeypatch.setattr(archives, "MAX_TEXT", 2_000_000)
    assert refused(data) == "ZIP_BOMB"


def test_one_long_text_among_many_short_ones_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TEXT", 2_000_000)
    assert len(read_rows("a.xlsx", shared([["x" * 30_000, "b"], *[["y", n] for n in range(100)]])).rows) == 101


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(workbook([HEAD]))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refused(bytes(data)) == "FILE_LOCKED"


def test_a_parquet_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.io.workbooks.MAX_CELLS", 100)
    out = io.BytesIO()
    pq.write_table(pa.table({"object_id": ["a"] * 101}), out)
    assert refused(out.getvalue()) == "SHEET_TOO_LARGE"


def test_a_panic_in_the_reader_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def explode(*_: object) -> None:
        raise panic

    monkeypatch.setattr("sampler.io.workbooks._sheets", explode)
    assert refused(workbook([HEAD])) == "FILE_DAMAGED"


@pytest.mark.parametrize("letters", ["A", "Z", "AA", "XFD"])
def test_column_letters_go_both_ways(letters: str) -> None:
    assert raw.column_letters(raw.column_index(letters)) == letters
