"""Dated tables of districts and industries: what a code is on a day, and every way in which a table can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampler.commands.templates import workbooks
from sampler.errors import InputError
from sampler.io import dated
from sampler.io.checks import check_file
from sampler.io.dated import Dated, Entry, parser, read_codes
from sampler.io.imported import Imported
from sampler.io.values import Bad
from tests.unit.test_io_nasty import code, workbook

HEAD = ["代码", "名称", "启用日期", "停用日期", "改为"]
TABLE = [
    ["990101", "甲区", "", "", ""],
    ["990102", "乙县", "", "2020-01-01", "990112"],
    ["990112", "乙区", "2020-01-01", "2024-01-01", "990122;990123"],
    ["990122", "乙东区", "2024-01-01", "", ""],
    ["990123", "乙西区", "2024-01-01", "", ""],
    ["990104", "丙县", "2030-01-01", "", ""],
    ["990105", "丁县", "", "2021-01-01", ""],
    ["990106", "戊区", "2001-01-01", "2010-01-01", "990101"],
    ["990106", "戊区", "2015-01-01", "", ""],
    ["990107", "己区", "", "", ""],
    ["990108", "己区", "", "", ""],
]
DAY = "2026-12-01"


def table(*rows: list[str], head: list[str] | None = None) -> bytes:
    return workbook([head or HEAD, *rows])


def entries() -> list[Entry]:
    return read_codes("区划代码.xlsx", table(*TABLE))


def refused(written: str, day: str = DAY) -> tuple[str, str]:
    with pytest.raises(Bad) as e:
        parser("district", entries(), day)(written)
    return e.value.code, e.value.hint


@pytest.mark.parametrize(
    ("written", "day", "want"),
    [
        ("990101", DAY, "990101"),
        ("甲区", DAY, "990101"),
        ("990102", "2019-12-31", "990102"),
        ("乙区", "2020-01-01", "990112"),
        ("990112", "2023-12-31", "990112"),
        ("990106", "2009-12-31", "990106"),
        ("990106", "2015-01-01", "990106"),
        ("990104", "2030-01-01", "990104"),
    ],
)
def test_a_code_or_name_of_that_day_is_the_code(written: str, day: str, want: str) -> None:
    assert parser("district", entries(), day)(written) == want


@pytest.mark.parametrize(
    ("written", "day", "want", "hint"),
    [
        ("990102", "2020-01-01", "CODE_ABOLISHED", "改为 990112（乙区）"),
        ("990102", DAY, "CODE_ABOLISHED", "改为 990122（乙东区）、990123（乙西区）"),
        ("乙县", DAY, "CODE_ABOLISHED", "改为 990122（乙东区）、990123（乙西区）"),
        ("990105", DAY, "CODE_ABOLISHED", "表里没有写改为什么代码"),
        ("990106", "2012-06-01", "CODE_ABOLISHED", "改为 990101（甲区）"),
        ("990104", DAY, "CODE_NOT_YET", "2026-12-01"),
        ("己区", DAY, "CODE_NAME_SEVERAL", "990107、990108"),
        ("990199", DAY, "DISTRICT_UNKNOWN", "区划代码.xlsx"),
        ("某区", DAY, "DISTRICT_UNKNOWN", "区划代码.xlsx"),
        ("99010", DAY, "DISTRICT_UNKNOWN", "区划代码.xlsx"),
    ],
)
def test_another_code_is_refused_with_what_became_of_it(written: str, day: str, want: str, hint: str) -> None:
    found, said = refused(written, day)
    assert found == want
    assert hint in said


def test_codes_that_became_each_other_end_the_search() -> None:
    rows = [["a", "甲", "", "2020-01-01", "b"], ["b", "乙", "", "2020-01-01", "a"]]
    with pytest.raises(Bad) as e:
        parser("industry", read_codes("f", table(*rows)), DAY)("a")
    assert (e.value.code, "表里没有写" in e.value.hint) == ("CODE_ABOLISHED", True)


@pytest.mark.parametrize(
    ("row", "want", "at", "column"),
    [
        (["", "某区", "", "", ""], "CELL_EMPTY", 13, "代码"),
        (["99 01", "某区", "", "", ""], "ID_FORM", 13, "代码"),
        (["9.901E+05", "某区", "", "", ""], "CODE_RUINED", 13, "代码"),
        (["990109", "", "", "", ""], "CELL_EMPTY", 13, "名称"),
        (["990109", "某区", "2020-02-30", "", ""], "DATE_IMPOSSIBLE", 13, "启用日期"),
        (["990109", "某区", "", "去年", ""], "DATE_FORM", 13, "停用日期"),
        (["990109", "某区", "2020-01-01", "2020-01-01", ""], "CODE_SPAN", 13, "停用日期"),
        (["990109", "某区", "2020-01-02", "2020-01-01", ""], "CODE_SPAN", 13, "停用日期"),
        (["990109", "某区", "", "", "990101"], "CODE_SPAN", 13, "改为"),
        (["990109", "某区", "", "2020-01-01", "990198"], "CODE_SUCCESSOR", 13, "改为"),
        (["990109", "某区", "", "2020-01-01", "某 区"], "ID_FORM", 13, "改为"),
        (["990101", "甲区", "2020-01-01", "", ""], "CODE_OVERLAP", 13, "代码"),
        (["990106", "戊区", "2009-01-01", "2012-01-01", ""], "CODE_OVERLAP", 13, "代码"),
        (["990101", "甲甲区", "", "", ""], "ID_DUPLICATE", 13, "代码"),
        (["990109", "=1+1\x07", "", "", ""], "CELL_CONTROL", 13, "名称"),
    ],
)
def test_a_wrong_table_is_refused_at_its_place(row: list[str], want: str, at: int, column: str) -> None:
    data = "\n".join(",".join(r) for r in [HEAD, *TABLE, row]).encode()
    with pytest.raises(InputError) as e:
        read_codes("区划代码.xlsx", data)
    assert [(p.code, p.place.row, p.place.column) for p in e.value.problems] == [(want, at, column)]
    assert all(p.hint for p in e.value.problems)


@pytest.mark.parametrize("missing", [0, 1, 3])
def test_a_table_without_a_column_is_refused(missing: int) -> None:
    head = [h for n, h in enumerate(HEAD) if n != missing]
    with pytest.raises(InputError) as e:
        read_codes("f", table([r for n, r in enumerate(TABLE[0]) if n != missing], head=head))
    assert e.value.code == "COLUMN_MISSING"


FIRM = ["统一社会信用代码", "主体类型", "区划", "行业", "登记状态", "名称"]


def registry(*rows: list[str], codes: Dated | None = None, districts: tuple[str, ...] = ()) -> Imported:
    full = [[code(n), "企业", *r, "存续", f"甲{n}"] for n, r in enumerate(rows)]
    return check_file("名录.xlsx", workbook([FIRM, *full]), "objects", districts=districts, dated=codes)


def both(tmp_path: Path) -> Dated:
    (tmp_path / "templates").mkdir()
    (tmp_path / dated.FILES["district"]).write_bytes(table(*TABLE))
    industries = [
        ["F52", "零售业", "", "", ""],
        ["F521", "综合零售", "", "2017-10-01", "F5211"],
        ["F5211", "百货零售", "", "", ""],
    ]
    (tmp_path / dated.FILES["industry"]).write_bytes(table(*industries))
    return dated.load(tmp_path, DAY)


def test_the_registry_is_held_against_both_tables(tmp_path: Path) -> None:
    rows = [
        ["甲区", "百货零售"],
        ["990102", "F52"],
        ["990101", "F521"],
        ["990101", "F99"],
        ["990199", ""],
        ["990104", "-"],
    ]
    found = registry(*rows, codes=both(tmp_path))
    assert [(p.code, p.place.row, p.place.column) for p in found.problems] == [
        ("CODE_ABOLISHED", 3, "区划"), ("CODE_ABOLISHED", 4, "行业"), ("INDUSTRY_UNKNOWN", 5, "行业"),
        ("DISTRICT_UNKNOWN", 6, "区划"), ("CODE_NOT_YET", 7, "区划"),
    ]  # fmt: skip
    assert (found.table["district"], found.table["industry"]) == (["990101"], ["F5211"])


def test_a_code_must_be_known_to_the_plan_and_to_the_table(tmp_path: Path) -> None:
    rows = [["甲区", ""], ["990122", ""], ["990102", ""]]
    found = registry(*rows, codes=both(tmp_path), districts=("990101", "990102"))
    assert [(p.code, p.place.row) for p in found.problems] == [("DISTRICT_UNKNOWN", 3), ("CODE_ABOLISHED", 4)]


def test_an_officers_district_is_held_against_the_table_too(tmp_path: Path) -> None:
    head = ["执法证号", "所在单位", "所在部门", "区划", "执法证有效期", "执法事项范围", "工作量上限"]
    people = [
        [f"100{n}", "一所", "食品科", d, "2030-01-01", "A01", "9"] for n, d in enumerate(["甲区", "全市", "990105"])
    ]
    found = check_file("人.xlsx", workbook([head, *people]), "roster", dated=both(tmp_path))
    assert [(p.code, p.place.row) for p in found.problems] == [("CODE_ABOLISHED", 4)]
    assert found.table["district"] == ["990101", "*"]


def test_without_tables_or_with_the_empty_ones_of_init_any_code_goes(tmp_path: Path) -> None:
    assert dated.load(tmp_path, DAY) == Dated()
    (tmp_path / "templates").mkdir()
    for name in dated.FILES.values():
        (tmp_path / name).write_bytes(workbooks()[Path(name).name])
    assert dated.load(tmp_path, DAY) == Dated()
    assert registry(["990199", "百货"], codes=Dated()).problems == ()


def test_the_template_of_init_holds_the_tests_table() -> None:
    assert check_file("t.xlsx", table(*TABLE)).kind == "codes"
    assert check_file("t.xlsx", workbooks()["区划代码.xlsx"]).kind == "codes"
