"""Classes, roster, recusals, items, caps, history and scores."""

from __future__ import annotations

from typing import Any

import pytest

from sampler.errors import InputError
from sampler.io.checks import check_file
from sampler.io.imported import COLUMNS, Imported
from sampler.io.values import code_of
from sampler.tables import encode

ROSTER = "执法证号,姓名,手机号,所在单位,所在部门,区划,执法证有效期,执法事项范围,岗位资质,角色,工作量上限,请假"
OFFICER = "06030001,张三,13900000000,市局,食品科,210603,2027-12-31,A01,,执法人员,20,"
HISTORY = "object_id,date,result,severity,defects,item,inspector_id,draw_id,pi,W"
VISIT = "a,2026-01-30,1,0,0,A01,i1,D-2026-0001,0.5,2"


def run(kind: str, head: str, *lines: str, **context: Any) -> Imported:
    return check_file("表.csv", "\n".join([head, *lines]).encode(), kind, **context)


def codes(result: Imported) -> list[str]:
    return [p.code for p in result.problems]


def warned(result: Imported) -> list[str]:
    return [p.code for p in result.warnings]


def change(row: str, at: int, value: str) -> str:
    cells = row.split(",")
    cells[at] = value
    return ",".join(cells)


def test_classes() -> None:
    result = run(
        "classes", "object_id,class,source,month", "b,较高风险,省局,202611", "a,a,,2026年11月", "c,D级,-,2026-11-30"
    )
    assert list(result.table.rows()) == [
        ("a", "A", "-", "2026-11"),
        ("b", "C", "省局", "2026-11"),
        ("c", "D", "-", "2026-11"),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("a,E,,2026-11", "CLASS_UNKNOWN"),
        ("a,,,2026-11", "CELL_EMPTY"),
        ("a,AB,,", "CLASS_UNKNOWN"),
        ("a,A,,2026-13", "DATE_IMPOSSIBLE"),
        ("91370200163562681X,A,,", "USCC_CHECK"),
        ("a,A,x\ty,", "CELL_CONTROL"),
    ],
)
def test_bad_classes(row: str, code: str) -> None:
    assert codes(run("classes", "object_id,class,source,month", row)) == [code]


def test_two_classes_for_one_object_are_refused() -> None:
    assert codes(run("classes", "object_id,class", "a,A", "a,B")) == ["ID_DUPLICATE"]


def test_known_objects_are_taken_as_they_are() -> None:
    free = "ABCDEFGHIJKLMNOPQR"
    assert codes(run("classes", "object_id,class", f"{free},A")) == ["USCC_FORM"]
    assert codes(run("classes", "object_id,class", f"{free},A", objects=[free])) == []


def test_roster_is_coded_and_people_stay_private() -> None:
    result = run("roster", ROSTER, OFFICER)
    assert list(result.table.rows()) == [
        (
            *("06030001", code_of("市局"), code_of("食品科"), "210603", "officer"),
            *("2027-12-31", "A01", "-", "20", "-"),
        )
    ]
    assert result.private().decode().splitlines()[1:] == ["06030001\t张三\t13900000000\t"]
    committed = encode(result.table)
    assert committed.isascii()
    assert b"139" not in committed


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (0, "9.1E+10", "CODE_RUINED"),
        (0, "张三", "ID_FORM"),
        (0, "", "CELL_EMPTY"),
        (4, "", "CELL_EMPTY"),
        (5, "999999", "DISTRICT_UNKNOWN"),
        (6, "", "CELL_EMPTY"),
        (6, "2027-02-30", "DATE_IMPOSSIBLE"),
        (6, "明年", "DATE_FORM"),
        (9, "局长", "ROLE_UNKNOWN"),
        (10, "", "CELL_EMPTY"),
        (10, "-1", "LOAD_RANGE"),
        (10, "2.5", "LOAD_RANGE"),
        (10, "NaN", "NUMBER_NAN"),
        (11, "2026-12-05..2026-12-01", "LEAVE_FORM"),
        (11, "下周", "DATE_FORM"),
        (1, "张\x07三", "CELL_CONTROL"),
    ],
)
def test_bad_officers(at: int, value: str, code: str) -> None:
    result = run(
        "roster", ROSTER, OFFICER.replace("06030001", "06030002"), change(OFFICER, at, value), districts=["210603"]
    )
    assert codes(result) == [code]
    assert result.problems[0].place.row == 3
    assert result.problems[0].place.column == ROSTER.split(",")[at]
    assert result.accepted == 1


def test_the_same_officer_with_another_phone_is_refused() -> None:
    assert codes(run("roster", ROSTER, OFFICER, change(OFFICER, 2, "1"))) == ["ID_DUPLICATE"]


def test_roster_meanings_given_to_empty_cells_are_said() -> None:
    row = change(change(change(OFFICER, 5, ""), 9, ""), 6, "长期")
    result = run("roster", ROSTER, row)
    assert (codes(result), warned(result)) == ([], ["DISTRICT_ALL", "ROLE_DEFAULT"])  # 长期 is a word, not a repair
    assert result.table["district"] == ["*"]
    assert result.table["expiry"] == ["9999-12-31"]


def test_inactive_officers_are_left_out_and_counted() -> None:
    result = run("roster", ROSTER + ",执法人员状态", OFFICER + ",失效", change(OFFICER, 0, "2") + ",有效")
    assert (result.table.key, warned(result), codes(result)) == (["2"], ["ROW_INACTIVE"], [])
    assert codes(run("roster", ROSTER + ",执法人员状态", OFFICER + ",待定")) == ["STATE_UNKNOWN"]


def test_chinese_certificates_are_coded_and_said() -> None:
    result = run("roster", ROSTER, change(OFFICER, 0, "辽060300012"))
    assert (result.table.key, warned(result)) == ([code_of("辽060300012")], ["ID_CODED"])


def test_experts() -> None:
    head = ROSTER.replace("角色", "是否专家")
    result = run("roster", head, change(OFFICER, 9, "是"), change(change(OFFICER, 9, "否"), 0, "2"))
    assert result.table["role"] == ["expert", "officer"]


def test_recusals_in_both_forms_are_the_same() -> None:
    named = run("recusals", "inspector_id,kind,target,reason_code,asked_by", "1,对象,a,亲属,本人", "2,owner,b,,")
    split = run("recusals", "inspector_id,object_id,owner_id,reason_code,asked_by", "1,a,,亲属,本人", "2,,b,,")
    assert named.table == split.table
    assert named.table.names == COLUMNS["recusals"]
    assert next(iter(named.table.rows())) == ("1", "object", "a", code_of("亲属"), code_of("本人"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,a,b,,", "RECUSAL_TARGET"),
        ("1,,,,", "RECUSAL_TARGET"),
        ("9,a,,,", "INSPECTOR_UNKNOWN"),
        (",a,,,", "CELL_EMPTY"),
    ],
)
def test_bad_recusals(row: str, code: str) -> None:
    head = "inspector_id,object_id,owner_id,reason_code,asked_by"
    assert codes(run("recusals", head, row, inspectors=["1"])) == [code]


def test_bad_recusal_kinds_and_columns() -> None:
    assert codes(run("recusals", "inspector_id,kind,target", "1,朋友,a")) == ["RECUSAL_KIND_UNKNOWN"]
    assert codes(run("recusals", "inspector_id,reason_code", "1,x")) == ["COLUMN_MISSING", "COLUMN_MISSING"]
    assert codes(run("recusals", "inspector_id,kind,target,reason_code", "1,object,a,x", "1,object,a,y")) == [
        "ID_DUPLICATE"
    ]


ITEMS = "item_id,name,legal_basis,kind,object_types,ratio,frequency,qualification"


def test_items() -> None:
    result = run("items", ITEMS, "A01,即时公示,条例第十四条,一般检查事项,企业、个体户,3%,1,")
    assert (codes(result), warned(result)) == ([], [])
    assert list(result.table.rows()) == [("A01", "general", "-", "enterprise,individual", "即时公示", "条例第十四条")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A01,名,,一般,企业,,,", "BASIS_MISSING"),
        ("A01,名,法,特别,企业,,,", "ITEM_KIND_UNKNOWN"),
        ("A01,名,法,一般,企业、火星,,,", "TYPE_UNKNOWN"),
        ("A01,名,法,一般,,,,", "CELL_EMPTY"),
        ("A01,,法,一般,企业,,,", "CELL_EMPTY"),
        ("事项一,名,法,一般,企业,,,", "ID_FORM"),
        (f"A01,名,{'法' * 400},一般,企业,,,", "CELL_TOO_LONG"),
    ],
)
def test_bad_items(row: str, code: str) -> None:
    assert codes(run("items", ITEMS, row)) == [code]


def test_caps() -> None:
    result = run("caps", "item_id,department,year,cap", "A02,食品科,2026,1", "A01,食品科,2026,2", "A01,食品科,2026,2")
    assert result.table["item"] == ["A01", "A02"]
    assert warned(result) == ["MERGED"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A01,a,26,1", "YEAR_RANGE"),
        ("A01,a,2026,-1", "CAP_RANGE"),
        ("A01,a,2026,1.5", "CAP_RANGE"),
        ("A01,a,2026,", "CELL_EMPTY"),
        ("A01,,2026,1", "CELL_EMPTY"),
        ("A01,a,2026,nan", "NUMBER_NAN"),
    ],
)
def test_bad_caps(row: str, code: str) -> None:
    assert codes(run("caps", "item_id,department,year,cap", row)) == [code]


def test_caps_may_carry_their_units() -> None:
    result = run("caps", "item_id,department,year,cap", "A01,a,2026年,2次", "A02,a,2026年度,3次/年", "A03,a,2026,4")
    assert (codes(result), result.table["year"], result.table["cap"]) == ([], ["2026"] * 3, ["2", "3", "4"])


def test_no_cap_is_no_row() -> None:
    [problem] = run("caps", "item_id,department,year,cap", "A01,a,2026,不限").problems
    assert (problem.code, "整行删去" in problem.hint) == ("CAP_RANGE", True)


def test_contradicting_caps_are_refused() -> None:
    assert codes(run("caps", "item_id,department,year,cap", "A01,a,2026,1", "A01,a,2026,2")) == ["ID_DUPLICATE"]


def test_history_keeps_every_visit() -> None:
    result = run("history", HISTORY, VISIT, change(VISIT, 5, "A02"), change(VISIT, 2, "发现问题已责令改正"), VISIT)
    assert (codes(result), warned(result), result.accepted) == ([], ["MERGED"], 3)
    assert result.table["result"] == ["1", "1", "5"]


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (1, "2026-02-30", "DATE_IMPOSSIBLE"),
        (1, "2026-12-30", "DATE_FUTURE"),
        (1, "长期", "DATE_FORM"),
        (1, "", "CELL_EMPTY"),
        (2, "0", "RESULT_UNKNOWN"),
        (2, "9", "RESULT_UNKNOWN"),
        (2, "不错", "RESULT_UNKNOWN"),
        (2, "NaN", "NUMBER_NAN"),
        (3, "-1", "SEVERITY_RANGE"),
        (3, "4", "SEVERITY_RANGE"),
        (3, "nan", "NUMBER_NAN"),
        (4, "-2", "DEFECTS_RANGE"),
        (6, "a b", "ID_FORM"),
        (7, "第一批", "ID_FORM"),
        (8, "0", "PI_RANGE"),
        (8, "1.2", "PI_RANGE"),
        (8, "inf", "PI_RANGE"),
        (9, "-1", "W_RANGE"),
        (9, "NaN", "NUMBER_NAN"),
    ],
)
def test_bad_history(at: int, value: str, code: str) -> None:
    result = run("history", HISTORY, change(VISIT, at, value), today="2026-11-23")
    assert codes(result) == [code]
    assert result.problems[0].place.column == HISTORY.split(",")[at]


def test_scores() -> None:
    result = run("scores", "object_id,risk_ppm", "b,1000000", "a,0")
    assert list(result.table.rows()) == [("a", "0"), ("b", "1000000")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1", "RISK_NEGATIVE"),
        ("NaN", "RISK_NOT_INTEGER"),
        ("0.5", "RISK_NOT_INTEGER"),
        ("1e5", "RISK_NOT_INTEGER"),
        ("1000001", "RISK_ABOVE"),
        ("", "CELL_EMPTY"),
    ],
)
def test_bad_scores(value: str, code: str) -> None:
    assert codes(run("scores", "object_id,risk_ppm", f"a,{value}")) == [code]


def test_an_object_scored_twice_is_refused() -> None:
    assert codes(run("scores", "object_id,risk_ppm", "a,1", "a,2")) == ["ID_DUPLICATE"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="没有这种表"):
        run("secrets", "a,b")


def test_an_officer_who_is_left_out_may_have_anything_in_his_cells() -> None:
    head = "执法证号,所在单位,所在部门,区划,执法证有效期,执法事项范围,工作量上限,执法人员状态,角色"
    result = run("roster", head, "L0001,一所,食品科,210603,2030-12-31,A01,9,有效,执法人员", "鲁B,,,,2026年12月,,,退休,")
    assert (codes(result), warned(result), result.accepted) == ([], ["ROW_INACTIVE"], 1)


def test_no_code_begins_as_a_formula_does() -> None:
    assert codes(run("items", "事项编号,事项名称,法律依据,事项类别,检查对象类型", "-A1,名,法,一般,企业")) == ["ID_FORM"]
