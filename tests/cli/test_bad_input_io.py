"""Bad files from the office, whole: a refusal with code, place and hint, or a clean import; never a traceback."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from sampler.errors import Place, SamplerError
from sampler.io.checks import check_file
from sampler.io.headings import KINDS, WORDS
from sampler.io.imported import COLUMNS, KEYS, Imported
from sampler.tables import decode, encode

HEAD = ["统一社会信用代码", "主体类型", "名称", "区划", "行业", "登记状态", "成立日期"]


def number(n: int) -> str:
    body = f"91210603{n:09d}"
    return body + str(uscc.calc_check_digit(body))


def firm(n: int = 1) -> list[Any]:
    return [number(n), "企业", f"甲{n}", "210603", "F5212", "存续", date(2020, 1, 5)]


def workbook(rows: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.title = "名录"
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def codes(result: Imported) -> list[str]:
    return [p.code for p in result.problems]


def warned(result: Imported) -> list[str]:
    return [p.code for p in result.warnings]


def test_a_template_with_banner_hints_and_sample_named_xls() -> None:
    hint = ["必填，18 位", "必填", "", "6 位代码", "", "", "如 2020-01-05"]
    sample = ["案例（请删除）", "企业", "某公司", "210603", "", "存续", ""]
    book = workbook([["检查对象名录库导入模板"], HEAD, hint, sample, firm(1), [], firm(2)])
    book.active.merge_cells("A1:G1")
    book.create_sheet("参数表").append(["主体类型", "企业", "个体户"])
    result = check_file("对象.xls", saved(book), districts=["210603"])
    assert (codes(result), warned(result)) == ([], ["SHEET_IGNORED", "ROW_SKIPPED", "ROW_SKIPPED"])
    assert (result.kind, result.sheet, result.rows, result.accepted) == ("objects", "名录", 2, 2)
    assert result.table["established"] == ["2020-01-05"] * 2


def test_a_code_stored_as_a_number_is_refused_with_sheet_row_and_column() -> None:
    book = workbook([HEAD, firm(1), [913702001635626812, *firm(2)[1:]]])
    problem = check_file("a.xlsx", saved(book)).problems[0]
    assert problem.code == "CODE_RUINED"
    assert problem.place == Place(file="a.xlsx", sheet="名录", row=3, column="统一社会信用代码")
    assert problem.hint == "从业务系统重新导出, 打开前先把该列设为文本 (Excel: 数据-自文本, 列类型选文本)"


def test_short_codes_stored_as_numbers_are_warned_about() -> None:
    book = workbook([["object_id", "risk_ppm"], [12, 5]])
    result = check_file("a.xlsx", saved(book))
    assert (codes(result), warned(result), result.table.key) == ([], ["CODE_NUMBER"], ["12"])


def test_an_excel_error_in_a_used_column_is_refused() -> None:
    book = workbook([HEAD, firm(1), firm(2)])
    book.active["E3"] = "#N/A"
    book.active["E3"].data_type = "e"
    result = check_file("a.xlsx", saved(book))
    assert codes(result) == ["CELL_ERROR"]
    assert (result.problems[0].place.row, result.problems[0].place.column) == (3, "行业")


def test_an_excel_error_is_found_when_sheets_were_reordered() -> None:
    book = workbook([["x"]])
    other = book.create_sheet("数据", 0)
    for row in (HEAD, firm(1)):
        other.append(row)
    other["E2"] = "#REF!"
    other["E2"].data_type = "e"
    assert codes(check_file("a.xlsx", saved(book))) == ["CELL_ERROR"]


def test_merged_data_cells_are_refused_in_every_row() -> None:
    book = workbook([HEAD, firm(1), firm(2), firm(3)])
    book.active.merge_cells("E2:E3")
    result = check_file("a.xlsx", saved(book))
    assert [(p.code, p.place.row, p.place.column) for p in result.problems] == [
        ("CELL_MERGED", 2, "行业"),
        ("CELL_MERGED", 3, "行业"),
    ]
    assert result.accepted == 1


def test_two_sheets_of_the_same_kind_are_refused_not_dropped() -> None:
    book = workbook([HEAD, firm(1)])
    more = book.create_sheet("续表")
    more.append(HEAD)
    more.append(firm(2))
    assert codes(check_file("a.xlsx", saved(book))) == ["SHEET_SEVERAL"]


def test_a_hidden_sheet_of_the_same_kind_is_said() -> None:
    book = workbook([HEAD, firm(1)])
    more = book.create_sheet("旧")
    more.append(HEAD)
    more.append(firm(2))
    more.sheet_state = "hidden"
    result = check_file("a.xlsx", saved(book))
    assert (codes(result), warned(result), result.accepted) == ([], ["SHEET_HIDDEN"], 1)


def test_day_numbers_in_a_1904_workbook_are_refused() -> None:
    book = workbook([HEAD, [*firm(1)[:6], 46387]])
    assert codes(check_file("a.xlsx", saved(book))) == []
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert codes(check_file("a.xlsx", saved(book))) == ["DATE_FORM"]


def test_formulas_without_a_value_are_empty_cells() -> None:
    book = workbook([HEAD, ['="x"&A1', *firm(1)[1:]]])
    assert codes(check_file("a.xlsx", saved(book))) == ["CELL_EMPTY"]


def test_line_breaks_in_workbook_names_become_blanks_and_are_counted() -> None:
    book = workbook([HEAD, [*firm(1)[:2], "甲\n公司", *firm(1)[3:]]])
    result = check_file("a.xlsx", saved(book))
    assert (codes(result), warned(result)) == ([], ["NORMALISED"])
    assert "\t甲 公司\t" in result.private().decode()


def test_line_breaks_in_codes_are_refused() -> None:
    book = workbook([HEAD, [*firm(1)[:4], "F\n52", *firm(1)[5:]]])
    assert codes(check_file("a.xlsx", saved(book))) == ["CELL_CONTROL"]


def test_full_width_digits_are_counted_not_hidden() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number(1))
    book = workbook([HEAD, [wide, *firm(1)[1:3], "２１０６０３", *firm(1)[4:]]])
    result = check_file("a.xlsx", saved(book), districts=["210603"])
    assert (codes(result), warned(result), result.table.key) == ([], ["NORMALISED", "NORMALISED"], [number(1)])


def test_everything_bad_at_once_is_reported_at_once() -> None:
    rows: list[list[Any]] = [
        [number(1)[:17] + ("A" if number(1)[17] != "A" else "B"), *firm()[1:]],
        [9.1e17, *firm()[1:]],
        [*firm(3)[:3], "999999", *firm()[4:]],
        [*firm(4)[:6], "2020-02-30"],
        firm(5),
        [*firm(5)[:4], "A01", *firm()[5:]],
        ["合计", *[""] * 6],
    ]
    result = check_file("a.xlsx", saved(workbook([HEAD, *rows])), districts=["210603"])
    assert [(p.place.row, p.code) for p in result.problems] == [
        (2, "USCC_CHECK"),
        (3, "CODE_RUINED"),
        (4, "DISTRICT_UNKNOWN"),
        (5, "DATE_IMPOSSIBLE"),
        (7, "ID_DUPLICATE"),
    ]
    assert [(w.place.row, w.code) for w in result.warnings if w.code == "ROW_CLOSING"] == [(8, "ROW_CLOSING")]
    assert result.accepted == 0


def test_xlsxwriter_files_in_constant_memory_are_read_alike() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    for r, row in enumerate((["object_id", "risk_ppm"], ["a", 5])):
        sheet.write_row(r, 0, row)
    book.close()
    assert list(check_file("a", out.getvalue()).table.rows()) == [("a", "5")]


def attempt(data: bytes, kind: str | None) -> tuple[Imported | None, SamplerError | None]:
    try:
        return check_file("f", data, kind, districts=["210603"], today="2026-11-23"), None
    except SamplerError as e:
        return None, e


def outcome(data: bytes, kind: str | None = None) -> Imported | None:
    """Return the import, or None for a refusal; anything but a SamplerError fails the test."""
    result, refusal = attempt(data, kind)
    if refusal is not None:
        assert refusal.code.isupper()
        assert refusal.problem.place.file == "f"
    if result is None:
        return None
    assert all(p.code.isupper() and p.message and len(p.found) <= 120 for p in (*result.problems, *result.warnings))
    assert result.accepted == len(result.table)
    assert result.table.names == COLUMNS[result.kind]
    if KEYS.get(result.kind, 1) == 1 and result.accepted:
        assert decode(encode(result.table), result.table.names) == result.table
    return result


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([None, *KINDS]))
def test_any_bytes(data: bytes, kind: str | None) -> None:
    outcome(data, kind)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1", b"\xff\xfe"]), st.binary(max_size=700)
)
def test_any_bytes_behind_a_known_beginning(magic: bytes, data: bytes) -> None:
    outcome(magic + data)
    outcome(magic + data + magic)


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("", "-", "210603", "企业", "A", "存续", "2026-01-05", "长期", "46387", "9.1E+17", "NaN", "-1", "5"),
            *("1000001", "0.5", number(1), number(1).lower(), "１", "=1+1", "#N/A", "a,b", "x\ny", "\x00", "object"),
            *("2026-01-01..2026-01-02", "案例（请删除）", "必填", "\ud7ff", "\ufeff", '"'),
        ]
    ),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    kind = draw(st.sampled_from(KINDS))
    head = draw(st.permutations(list(WORDS[kind])))
    rows = draw(st.lists(st.lists(CELLS, min_size=len(head) - 1, max_size=len(head) + 1), max_size=6))
    return kind, [head, *rows, *rows[:1]]


@settings(max_examples=300, deadline=None)
@given(tables(), st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_any_cells_under_the_right_headings(table: tuple[str, list[list[str]]], delimiter: str, codec: str) -> None:
    kind, rows = table
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    outcome(out.getvalue().encode(codec), kind)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_a_workbook(data: st.DataObject) -> None:
    book = bytearray(BOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        book[data.draw(st.integers(0, len(book) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(book))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage_to_the_sheet_inside_a_workbook(data: st.DataObject) -> None:
    parts = {}
    with zipfile.ZipFile(io.BytesIO(BOOK)) as z:
        parts = {n: bytearray(z.read(n)) for n in z.namelist()}
    sheet = parts[data.draw(st.sampled_from([n for n in parts if n.startswith("xl/")]))]
    for _ in range(data.draw(st.integers(1, 4))):
        sheet[data.draw(st.integers(0, len(sheet) - 1))] = data.draw(
            st.sampled_from(list(b"<>/\"'0129AZaz =&;\x00\xff"))
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, part in parts.items():
            z.writestr(name, bytes(part))
    outcome(out.getvalue())


BOOK = saved(workbook([HEAD, firm(1), firm(2)]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_heading_alone_is_no_crash(kind: str) -> None:
    result = outcome(",".join(WORDS[kind]).encode(), kind)
    assert result is not None
    assert result.rows == 0
