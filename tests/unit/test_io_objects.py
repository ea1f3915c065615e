"""The registry: what is accepted, what is refused, and where."""

from __future__ import annotations

import pytest
from stdnum.cn import uscc

from sampler.errors import Place
from sampler.io import imported
from sampler.io.checks import check_file
from sampler.io.imported import COLUMNS, Imported
from sampler.io.imports import import_objects
from sampler.io.readers import read_rows
from sampler.tables import decode, encode

HEAD = "统一社会信用代码,主体类型,所有者代码,名称,区划,行业,登记状态,成立日期,标签"


def number(n: int) -> str:
    body = f"91210603{n:09d}"
    return body + str(uscc.calc_check_digit(body))


def line(n: int, **change: str) -> str:
    cells = {
        "id": number(n),
        "type": "企业",
        "owner": "",
        "name": f"甲{n}",
        "district": "210603",
        "industry": "F5212",
        "status": "存续",
        "established": "2020-01-05",
        "tags": "",
    }
    return ",".join({**cells, **change}.values())


def run(*lines: str, head: str = HEAD, districts: tuple[str, ...] = ("210603",)) -> Imported:
    data = "\n".join([head, *lines]).encode()
    return import_objects(read_rows("名录.csv", data), districts=districts)


def codes(result: Imported) -> list[str]:
    return [p.code for p in result.problems]


def warned(result: Imported) -> list[str]:
    return [p.code for p in result.warnings]


def test_a_clean_file() -> None:
    result = run(line(2, industry="食品和药品", tags="b、a"), line(1, owner=number(9)))
    assert (result.kind, result.rows, result.accepted, codes(result), warned(result)) == ("objects", 2, 2, [], [])
    assert result.table.names == COLUMNS["objects"]
    assert next(iter(result.table.rows())) == (
        *(number(1), number(9), "enterprise", "210603", "F5212", "-", "存续", "2020-01-05", "-"),
    )
    assert result.table["tags"] == ["-", "a,b"]
    assert result.columns["object_id"] == "统一社会信用代码"
    assert encode(result.table)


def test_names_go_to_private_only() -> None:
    result = run(line(1, name="=HYPERLINK(1)"))
    assert result.private() == f"object_id\tname\taddress\n{number(1)}\t=HYPERLINK(1)\t\n".encode()
    assert b"HYPERLINK" not in encode(result.table)


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"id": number(1)[:17] + ("0" if number(1)[17] != "0" else "1")}, "USCC_CHECK", "统一社会信用代码"),
        ({"id": "9.13702E+17"}, "CODE_RUINED", "统一社会信用代码"),
        ({"id": "210603000000017"}, "REGNO_CHECK", "统一社会信用代码"),
        ({"id": "编号一"}, "ID_FORM", "统一社会信用代码"),
        ({"id": " "}, "CELL_EMPTY", "统一社会信用代码"),
        ({"id": "a\x00b"}, "CELL_CONTROL", "统一社会信用代码"),
        ({"name": "甲\u202e乙"}, "CELL_CONTROL", "名称"),
        ({"name": "甲\ufffd"}, "CELL_CONTROL", "名称"),
        ({"name": '"甲\n乙"'}, "CELL_CONTROL", "名称"),
        ({"type": "外星企业"}, "TYPE_UNKNOWN", "主体类型"),
        ({"type": ""}, "CELL_EMPTY", "主体类型"),
        ({"district": "999999"}, "DISTRICT_UNKNOWN", "区划"),
        ({"district": "/"}, "CELL_EMPTY", "区划"),
        ({"status": "#N/A"}, "CELL_ERROR", "登记状态"),
        ({"status": ""}, "CELL_EMPTY", "登记状态"),
        ({"established": "2020-02-30"}, "DATE_IMPOSSIBLE", "成立日期"),
        ({"established": "5/1/2020"}, "DATE_FORM", "成立日期"),
        ({"owner": "9.1E+17"}, "CODE_RUINED", "所有者代码"),
        ({"tags": "a,b,c"}, "ROW_WIDTH", ""),
    ],
)
def test_each_bad_cell_is_reported_at_its_place(change: dict[str, str], code: str, column: str) -> None:
    result = run(line(1), line(2, **change), line(3))
    assert codes(result) == [code]
    assert result.problems[0].place == Place(file="名录.csv", row=3, column=column)
    assert result.problems[0].hint
    assert (result.rows, result.accepted) == (3, 2)


def test_all_problems_of_a_file_are_collected_in_row_order() -> None:
    result = run(line(1, district="1"), line(2, type="x"), line(3, district="2", established="x"))
    assert [(p.place.row, p.code) for p in result.problems] == [
        *((2, "DISTRICT_UNKNOWN"), (3, "TYPE_UNKNOWN"), (4, "DISTRICT_UNKNOWN"), (4, "DATE_FORM")),
    ]


def test_problems_are_bounded_and_counted() -> None:
    result = run(*[line(n, type="x") for n in range(1200)])
    assert (len(result.problems), result.problem_count) == (1000, 1200)
    assert "PROBLEMS_MORE" in warned(result)


def test_equal_rows_are_merged_and_counted() -> None:
    result = run(line(1), line(2), line(1), line(1))
    assert (codes(result), warned(result), result.accepted) == ([], ["MERGED"], 2)
    assert result.warnings[0].message.startswith("2 ")
    assert result.warnings[0].found == "4, 5"


def test_rows_that_differ_only_in_tags_are_one_object() -> None:
    result = run(line(1, tags="食用油"), line(1, tags="B"), line(1))
    assert (codes(result), warned(result)) == ([], ["TAGS_MERGED"])
    assert result.table["tags"][0].startswith("B,x")


@pytest.mark.parametrize("change", [{"district": "210604"}, {"type": "个体户"}, {"name": "乙"}, {"industry": "A"}])
def test_contradicting_rows_are_refused_and_neither_is_taken(change: dict[str, str]) -> None:
    result = run(line(1), line(2), line(1, **change), districts=())
    assert codes(result) == ["ID_DUPLICATE"]
    assert "第 2 行和第 4 行" in result.problems[0].message
    assert result.table.key == [number(2)]


def test_the_same_code_in_full_width_is_the_same_object() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number(1).lower())
    result = run(line(1), line(1, id=wide))
    assert (result.accepted, warned(result)) == (1, ["MERGED", "NORMALISED"])


def test_every_normalisation_is_counted() -> None:
    result = run(line(1, id=number(1).lower()), line(2, id=f" {number(2)}\t"), line(3, established="2020年1月5日"))
    assert codes(result) == []
    assert [(w.place.column, w.message[:1]) for w in result.warnings] == [("统一社会信用代码", "2"), ("成立日期", "1")]
    assert result.table.key == [number(1), number(2), number(3)]


def test_an_object_that_owns_itself_has_no_owner() -> None:
    result = run(line(1, owner=number(1)))
    assert (result.table["owner_id"], warned(result)) == (["-"], ["NORMALISED"])


def test_products_may_have_any_id() -> None:
    result = run(line(1, id="ABCDEFGHIJKLMNOPQR", type="产品"), line(2, id="123456789012345", type="项目"), line(3))
    assert (codes(result), result.accepted) == ([], 3)


def test_products_are_still_checked_for_ruined_codes() -> None:
    assert codes(run(line(1, id="9.13702E+17", type="产品"))) == ["CODE_RUINED"]


@pytest.mark.parametrize("gone", ["统一社会信用代码", "主体类型", "区划", "登记状态"])
def test_a_missing_column_is_named_with_what_it_may_be_called(gone: str) -> None:
    result = run(line(1), head=HEAD.replace(gone, "其他"))
    assert codes(result) == ["COLUMN_MISSING"]
    assert gone in result.problems[0].hint
    assert (result.accepted, len(result.table)) == (0, 0)


def test_no_heading_at_all_names_all_columns() -> None:
    assert codes(run(head="x,y,z")) == ["COLUMN_MISSING"] * 4


def test_two_columns_of_one_meaning_are_refused() -> None:
    result = run(line(1) + ",2106", head=HEAD + ",注册号")
    assert codes(result) == ["COLUMN_TWICE"]
    assert "统一社会信用代码" in result.problems[0].message
    assert "注册号" in result.problems[0].message


def test_unknown_columns_are_ignored_and_named() -> None:
    result = run(line(1) + ",x,y", head=HEAD + ",经营范围,备注")
    assert (codes(result), warned(result)) == ([], ["COLUMN_UNKNOWN"])
    assert result.warnings[0].found == "经营范围、备注"


def test_control_characters_in_unknown_columns_are_refused_too() -> None:
    assert codes(run(line(1) + ",x\x01", head=HEAD + ",备注")) == ["CELL_CONTROL"]


def test_banner_hint_and_sample_rows() -> None:
    hint = "必填、18位" + ",说明" * 8
    sample = "案例（请删除）,企业,,某公司,210603,,存续,,"
    data = "\n".join(["检查对象名录库" + "," * 8, HEAD, hint, sample, line(1)])
    result = import_objects(read_rows("a.csv", data.encode()))
    assert (codes(result), warned(result), result.accepted) == ([], ["ROW_SKIPPED", "ROW_SKIPPED"], 1)
    assert [w.place.row for w in result.warnings] == [3, 4]


def test_a_real_row_is_never_taken_for_a_sample() -> None:
    result = run(line(1, name="案例（请删除）"), line(2, name="示例科技"))
    assert codes(result) == ["ROW_SAMPLE"]
    assert result.accepted == 1


def test_a_short_row_is_said_and_a_cut_one_refused() -> None:
    cells = line(1).split(",")
    short = run(",".join(cells[:7]))
    assert (codes(short), warned(short), short.accepted) == ([], ["ROW_SHORT"], 1)
    assert "ROW_WIDTH" in codes(run(line(2), ",".join(cells[:4])))


def test_a_file_without_rows_says_so() -> None:
    result = run()
    assert (codes(result), warned(result), result.accepted) == ([], ["ROWS_NONE"], 0)


def test_column_order_and_row_order_do_not_matter() -> None:
    rows = [line(n).split(",") for n in range(5)]
    flipped = [",".join(reversed(row)) for row in reversed(rows)]
    head = ",".join(reversed(HEAD.split(",")))
    assert run(*flipped, head=head).table == run(*map(",".join, rows)).table


def test_the_encoding_does_not_matter() -> None:
    text = f"{HEAD}\n{line(1)}\n"
    tables = [check_file("a", text.encode(c)).table for c in ("utf-8", "utf-8-sig", "gb18030", "utf-16")]
    assert tables.count(tables[0]) == 4


LICENCES = f"{HEAD},许可证号"


def held(n: int, *numbers: str, **change: str) -> list[str]:
    return [f"{line(n, **change)},{number}" for number in numbers]


def test_a_row_for_each_licence_becomes_one_object_with_their_number() -> None:
    rows = [*held(1, "JY1", "JY2", "JY3"), *held(2, "JY4"), *held(3, "")]
    result = run(*rows, head=LICENCES)
    assert (codes(result), warned(result), result.rows, result.accepted) == ([], ["LICENCES_MERGED"], 5, 3)
    assert dict(zip(result.table.key, result.table["licences"], strict=True)) == {
        number(1): "3",
        number(2): "1",
        number(3): "-",
    }
    assert result.warnings[0].message.startswith("2 行")
    assert b"JY1" not in encode(result.table)


def test_one_licence_on_two_rows_counts_once_whatever_their_order() -> None:
    rows = [*held(1, "JY1", " JY1", "JY2"), *held(1, "JY1", tags="b"), *held(1, "", tags="a")]
    for order in (rows, rows[::-1]):
        result = run(*order, head=LICENCES)
        assert (codes(result), result.accepted, result.table["licences"]) == ([], 1, ["2"])
        assert result.table["tags"] == ["a,b"]


@pytest.mark.parametrize(
    "change", [{"district": "210604"}, {"status": "注销"}, {"name": "乙"}, {"established": "2021-01-05"}]
)
def test_licences_of_rows_that_contradict_each_other_are_not_merged(change: dict[str, str]) -> None:
    result = run(*held(1, "JY1"), *held(1, "JY2", **change), head=LICENCES, districts=())
    assert (codes(result), result.accepted) == (["ID_DUPLICATE"], 0)


def test_without_numbers_of_licences_their_number_is_unknown() -> None:
    result = run(line(1, tags="a"), line(1, tags="b"))
    assert (result.table["licences"], "licences" in result.columns) == (["-"], False)


def test_a_number_of_licences_is_taken_as_given() -> None:
    result = run(f"{line(1)},3", f"{line(2)},", f"{line(2)},", head=f"{HEAD},许可证数")
    assert (codes(result), dict(zip(result.table.key, result.table["licences"], strict=True))) == (
        [],
        {number(1): "3", number(2): "-"},
    )


@pytest.mark.parametrize("given", ["-1", "1.5", "三", "100001", "nan"])
def test_an_impossible_number_of_licences_is_refused(given: str) -> None:
    result = run(f"{line(1)},{given}", head=f"{HEAD},许可证数")
    assert codes(result) == ["NUMBER_NAN" if given == "nan" else "LICENCES_RANGE"]


def test_two_numbers_of_licences_for_one_object_are_refused() -> None:
    result = run(f"{line(1)},3", f"{line(1)},4", head=f"{HEAD},许可证数")
    assert codes(result) == ["ID_DUPLICATE"]
    assert "许可证数" in result.problems[0].message


def test_licences_named_and_counted_at_once_are_refused() -> None:
    result = run(f"{line(1)},JY1,3", head=f"{HEAD},许可证号,许可证数")
    assert [(p.code, p.place.row, p.place.column) for p in result.problems] == [("COLUMN_TWICE", 1, "许可证数")]
    assert result.accepted == 0


def test_a_date_in_words_is_told_as_unified() -> None:
    result = run(line(1, established="二〇二〇年一月五日"))
    assert (result.table["established"], warned(result)) == (["2020-01-05"], ["NORMALISED"])


def test_the_private_table_is_the_same_however_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(*(line(n, name=f"甲{n}公司") for n in (5, 3, 1, 4, 2)))
    whole = result.private()
    assert encode(decode(whole, ("object_id", "name", "address"))) == whole, "in order of code, one heading"
    assert len(whole.splitlines()) == 6
    for piece in (1, 2, 3, 5, 6):
        monkeypatch.setattr(imported, "PIECE", piece)
        assert result.private() == whole


def test_a_kind_without_names_has_no_private_table() -> None:
    assert check_file("c.csv", f"代码,分类\n{number(1)},A\n".encode(), "classes").private() == b""


@pytest.mark.parametrize("first", ["合计", "总 计：2户", "制表人：张三", "审核日期: 2026-11-20", "本页小计 2 户"])
def test_closing_rows_are_left_out_and_said(first: str) -> None:
    for last in (f"{first}," + "," * 7, f",{first}," + "," * 6, f"{first},2户" + "," * 7):
        result = run(line(1), line(2), last)
        assert (codes(result), result.rows, warned(result)) == ([], 2, ["ROW_CLOSING"]), last
        assert result.warnings[0].place.row == 4


def test_a_row_with_a_code_is_no_closing_row_whatever_it_is_called() -> None:
    head = "名称," + HEAD.replace("名称,", "")
    named = line(1, name="x").split(",")
    cells = ",".join(["合计", *named[:3], *named[4:]])
    result = run(cells, head=head)
    assert (codes(result), result.accepted, warned(result)) == ([], 1, [])


@pytest.mark.parametrize("first", ["合计食品有限公司", "制表机械厂", "小计"])
def test_a_row_without_a_code_that_is_not_closing_is_refused(first: str) -> None:
    result = run(line(1, id="", name=first))
    assert codes(result) == ["CELL_EMPTY"], "a name alone does not close a table"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("有限责任公司(自然人投资或控股)", "enterprise"),
        ("股份有限公司（上市、自然人投资或控股）", "enterprise"),
        ("个体工商户（内地）", "individual"),
        ("农民专业合作社(联合社)", "coop"),
        ("外国（地区）企业常驻代表机构", "repoffice"),
    ],
)
def test_types_as_the_registry_exports_them(typed: str, kind: str) -> None:
    result = run(line(1, type=typed))
    assert (codes(result), result.table["object_type"]) == ([], [kind])


@pytest.mark.parametrize("typed", ["(企业)", "机关（企业）", "企业(", "x(y)(z)"])
def test_types_nobody_knows_stay_unknown(typed: str) -> None:
    assert codes(run(line(1, type=typed))) == ["TYPE_UNKNOWN"]


def test_what_is_missing_is_called_as_the_clerk_calls_it() -> None:
    [problem] = run(line(1, type="")).problems
    assert "“主体类型”" in problem.hint
    assert "“主体类型”" in run(line(1), head=HEAD.replace("主体类型", "啥")).problems[0].message
