"""Headings by meaning."""

from __future__ import annotations

import pytest

from sampler.errors import InputError
from sampler.io.headings import GUESSED, KINDS, REQUIRED, WORDS, fold, guess_kind, header_row, meanings, read_header
from sampler.io.imported import COLUMNS
from sampler.io.raw import HEADER_ROWS, RawTable, held

EXAMPLES = {
    "objects": "统一社会信用代码,主体类型,所有者代码,名称,区划,行业,登记状态,成立日期",
    "classes": "object_id,class,source,month",
    "roster": "执法证号,姓名,手机号,所在单位,所在部门,区划,执法证有效期,执法事项范围,岗位资质,角色,工作量上限,请假",
    "recusals": "inspector_id,kind,target,reason_code,asked_by",
    "items": "item_id,name,legal_basis,kind,object_types,ratio,frequency,qualification",
    "caps": "item_id,department,year,cap",
    "history": "object_id,date,result,severity,defects,item,inspector_id,draw_id,pi,W",
    "results": "任务编号,统一社会信用代码/注册号,检查情况,检查日期,检查结果,严重程度,问题数,后续处置,到场执法人员,进入时间,离开时间,扫码编号",
    "scores": "object_id,risk_ppm",
    "triggers": "统一社会信用代码,线索日期,线索类型,工单编号",
    "codes": "代码,名称,启用日期,停用日期,改为",
    "given": "统一社会信用代码",
    "lots": "批次编号,抽样基数",
}


def raw(*lines: str, **more: object) -> RawTable:
    rows = [line.split(",") for line in lines]
    return RawTable(file="a.csv", head=rows[:HEADER_ROWS], parts=held(rows), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_recognised_whole(kind: str) -> None:
    table = raw(EXAMPLES[kind])
    header = read_header(table, kind)
    assert header is not None
    assert not header.unknown
    assert not header.twice
    assert kind not in GUESSED or guess_kind(table) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_canonical_names_always_work(kind: str) -> None:
    assert {meanings(kind)[fold(name)] for name in WORDS[kind]} == set(WORDS[kind])
    assert set(REQUIRED[kind]) <= set(WORDS[kind])
    assert set(COLUMNS[kind]) <= set(WORDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_a_kind_has_two_meanings(kind: str) -> None:
    seen: dict[str, str] = {}
    for canonical, words in WORDS[kind].items():
        for word in words.split():
            assert seen.setdefault(fold(word), canonical) == canonical
            assert fold(word) not in {fold(c) for c in WORDS[kind] if c != canonical}


@pytest.mark.parametrize(
    "heading",
    ["统一社会信用代码*", "统一社会\n信用代码（必填）", "\ufeff统一社会信用代码 ", "统一社会信用代码:", "ＵＳＣＣ"],
)
def test_dress_does_not_matter(heading: str) -> None:
    assert meanings("objects")[fold(heading)] == "object_id"


def test_recusals_with_two_target_columns() -> None:
    assert guess_kind(raw("inspector_id,object_id,owner_id,reason_code,asked_by")) == "recusals"


def test_banner_rows_are_passed_over() -> None:
    assert header_row([["检查对象名录"], [], ["说明", "请如实填写"], ["object_id", "risk_ppm"]]) == 3


def test_headings_after_the_tenth_row_are_not_looked_for() -> None:
    assert header_row([["x"]] * 10 + [["object_id", "risk_ppm"]]) == -1


@pytest.mark.parametrize("line", ["a,b,c", "名称", "", "object_id,x", "x" * 1000])
def test_unclear_kinds_are_refused_with_the_way_out(line: str) -> None:
    with pytest.raises(InputError) as e:
        guess_kind(raw(line))
    assert e.value.code == "KIND_UNCLEAR"
    assert "--as" in e.value.problem.hint


def test_sheets_of_different_kinds_are_unclear() -> None:
    with pytest.raises(InputError):
        guess_kind(raw(EXAMPLES["objects"], others=(raw(EXAMPLES["roster"]),)))


def test_a_hidden_sheet_does_not_decide() -> None:
    assert guess_kind(raw(EXAMPLES["scores"], others=(raw(EXAMPLES["roster"], hidden=True),))) == "scores"
