"""The workbook read back by another program: text stays text, nothing is a formula, nothing depends on the clock."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from sampler.canon import encode
from sampler.errors import RecordError
from sampler.office.lists import view
from sampler.office.text import sheet_name, units
from sampler.office.views import DrawView
from sampler.office.workbook import workbook
from sampler.wording import RESULTS
from tests.unit.office_fixture import DRAW, HOSTILE, PHONE, bundle, drawn_ids, labels, names, people

HEADINGS = (
    "序号|任务编号|统一社会信用代码/注册号|检查对象名称|区划|类别|信用风险分类|行业|抽取方式|顺位|组长|组员|空缺|备注"
)


def seen(**options: Any) -> DrawView:
    return view(bundle(**options), names(), people(), labels())


@pytest.fixture(scope="module")
def data() -> bytes:
    return workbook(seen())


@pytest.fixture(scope="module")
def book(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def cells(book: Any) -> list[Any]:
    return [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]


def text(sheet: Any) -> str:
    return "\n".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None)


def test_same_view_same_bytes(data: bytes) -> None:
    assert workbook(seen()) == data


def test_no_part_of_the_file_carries_todays_date(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"\d{4}-\d\d-\d\dT", z.read("docProps/core.xml").decode())) == {"2000-01-01T"}


def test_sheets_stand_in_order(book: Any) -> None:
    assert book.sheetnames[:4] == ["封面", "检查名单", "市南区", "市北区"]
    assert book.sheetnames[5:] == ["检查人员", "备选名单", "空缺", "如何核验"]
    assert book.sheetnames[4].startswith("黄岛区西海岸新区管委会开发区")


def test_no_cell_is_a_formula_a_number_or_a_link(data: bytes, book: Any) -> None:
    assert {c.data_type for c in cells(book)} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        parts = {n: z.read(n).decode() for n in z.namelist() if n.startswith("xl/worksheets/")}
    assert not any("<f>" in p or "<hyperlink" in p for p in parts.values())
    assert not any("_rels" in n for n in parts)


def test_list_holds_every_drawn_object_once_as_text(book: Any) -> None:
    sheet = book["检查名单"]
    assert "|".join(c.value for c in sheet[3]) == HEADINGS
    codes = [row[2] for row in sheet.iter_rows(min_row=4)]
    assert [c.value for c in codes] == [r[0] for r in drawn_ids()]
    assert {c.number_format for c in codes} == {"@"}
    assert sheet["B4"].value == f"{DRAW}-0001"


def test_taken_objects_are_marked_and_have_no_rank(book: Any) -> None:
    for row in book["检查名单"].iter_rows(min_row=4, values_only=True):
        assert (row[8], row[9]) == (("必查", None) if row[6] == "D 高风险" else ("抽取", "1"))


def test_district_sheets_partition_the_list(book: Any) -> None:
    found = [r[2] for s in book.worksheets[2:5] for r in s.iter_rows(min_row=4, values_only=True)]
    assert sorted(found) == [r[0] for r in drawn_ids()]


def test_district_sheets_offer_the_eight_national_results_and_nothing_else(book: Any) -> None:
    for sheet in book.worksheets[2:5]:
        rule = next(v for v in sheet.data_validations.dataValidation if v.type == "list")
        assert rule.formula1.strip('"').split(",") == list(RESULTS.values())
        assert str(rule.sqref) == f"L4:L{sheet.max_row}"
        assert all(sheet.cell(r, 11).value is None for r in range(4, sheet.max_row + 1))


def test_task_sheets_leave_the_office_without_class_stratum_or_probability(book: Any) -> None:
    for sheet in book.worksheets[2:5]:
        assert not re.search(r"风险|必查|enterprise|individual|概率", text(sheet))


def test_tables_repeat_their_headings_on_a4_landscape(book: Any) -> None:
    for sheet in book.worksheets[1:8]:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.print_title_rows, sheet.freeze_panes) == ("$3:$3", "A4")


def test_hidden_and_reversing_characters_show(book: Any) -> None:
    shown = text(book["检查名单"])
    assert "\u202e" not in shown
    assert "海洋⟨U+202E⟩司公限有⟨U+202C⟩食品" in shown
    assert "⟨U+0009⟩制表符" in shown
    assert HOSTILE[7] in shown  # 𠮷 and 䶮 as they are
    assert HOSTILE[8] in shown  # long names whole


def test_missing_names_fall_back_to_the_code(book: Any) -> None:
    last = drawn_ids()[-1][0]
    row = next(r for r in book["检查名单"].iter_rows(min_row=4, values_only=True) if r[2] == last)
    assert row[3] == last
    assert "370202-0011（西海岸新区市场监管局，专家）" in text(book["检查名单"])


def test_officers_sheet_counts_tasks(book: Any) -> None:
    rows = list(book["检查人员"].iter_rows(min_row=4, values_only=True))
    assert all(int(r[6]) == len(r[8].split("，")) for r in rows)
    assert sum(int(r[7]) for r in rows) == len(drawn_ids())
    assert PHONE.format(0) in {r[2] for r in rows}


def test_reserves_stand_by_stratum_in_order(book: Any) -> None:
    rows = [(r[0], int(r[1])) for r in book["备选名单"].iter_rows(min_row=4, values_only=True)]
    assert rows == sorted(rows)
    assert len(rows) == 9


def test_vacancies_are_listed_or_said_to_be_none(book: Any) -> None:
    assert book["空缺"].max_row == 6
    without = {**bundle(), "assignment.json": bundle()["assignment.json"].replace(b'"count":1,"group":"tech"', b"")}
    without["assignment.json"] = without["assignment.json"].replace(b'"vacant":[{}]', b'"vacant":[]')
    full = openpyxl.load_workbook(io.BytesIO(workbook(view(without, names(), people(), labels()))))
    assert full["空缺"]["A4"].value == "无"


def test_cover_carries_the_seal_code_and_the_demo_warning(book: Any) -> None:
    cover = text(book["封面"])
    assert seen().seal_code in cover
    assert re.fullmatch(r"([0-9a-f]{4} ){9}[0-9a-f]{4}", seen().seal_code)
    assert "演示" in cover


def test_a_real_draw_is_not_called_a_demo() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(seen(demo=False))))
    assert "演示" not in text(book["封面"])


@pytest.mark.parametrize(
    ("options", "warning"),
    [({"outside": False}, "未由外部证明"), ({"source": "parties"}, "弱"), ({"outside": True}, "录入时是否完整")],
)
def test_what_is_not_proved_is_said(options: dict[str, Any], warning: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(seen(**options))))
    assert warning in text(book["如何核验"])
    assert warning in text(book["封面"])


def test_amended_draws_say_that_the_teams_are_those_in_force() -> None:
    change = {"type": "amendment", "number": 1, "cause": {"kind": "left"}, "changes": []}
    late = {**bundle(), "amendments/0001.json": encode(change)}
    book = openpyxl.load_workbook(io.BytesIO(workbook(view(late, names(), people(), labels()))))
    assert "第 1 次变更后的现行派人" in text(book["封面"])


def test_an_amendment_that_is_none_is_refused() -> None:
    late = {**bundle(), "amendments/0001.json": encode({"type": "results"})}
    with pytest.raises(RecordError) as e:
        view(late, names(), people(), labels())
    assert e.value.problem.code == "VIEW_TYPE"


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("市南区", (), "市南区"),
        ("市南区", ("市南区",), "市南区（2）"),
        ("ABC", ("abc", "abc（2）"), "ABC（3）"),
        ("[]:*?/\\", (), "区划"),
        ("", (), "区划"),
        ("'引号'", (), "引号"),
        ("History", (), "History（2）"),
        ("封面", ("封面",), "封面（2）"),
        ("a\tb", (), "a⟨U+0009⟩b"),
    ],
)
def test_sheet_names_are_made_acceptable(wanted: str, taken: tuple[str, ...], name: str) -> None:
    assert sheet_name(wanted, taken) == name


@pytest.mark.parametrize("long", ["区" * 40, "𠮷" * 40, "A" * 29 + "𠮷𠮷", "x" * 30 + "'" + "y" * 9])
def test_long_sheet_names_are_cut_as_excel_counts_and_stay_unique(long: str) -> None:
    first = sheet_name(long, ())
    second = sheet_name(long, (first,))
    assert units(first) <= 31
    assert units(second) <= 31
    assert first != second
    assert not first.endswith("'")


def test_districts_of_one_name_get_sheets_of_their_own() -> None:
    same = dict.fromkeys(("370202", "370203", "370211"), "封面")
    book = openpyxl.load_workbook(io.BytesIO(workbook(view(bundle(), names(), people(), {**labels(), **same}))))
    assert book.sheetnames[2:5] == ["封面（2）", "封面（3）", "封面（4）"]
