"""The plan's Excel form: every key has its cell, and every wrong cell is named with sheet, row and column."""

from __future__ import annotations

import datetime as dt
import io
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import openpyxl
import pytest

from sampler import records
from sampler.commands.templates import example_plan
from sampler.errors import InputError, Place, PlanError, SamplerError
from sampler.io import plans
from sampler.io.plandoc import Document, is_form, read_document
from sampler.io.planform import FILES, PLACES, SHEETS
from sampler.io.planread import read_form
from sampler.io.planwrite import form
from sampler.plan import Plan, RatioField
from sampler.schema import Part
from tests import plan_forms
from tests.unit.test_io_nasty import workbook

EXAMPLE = tomllib.loads(example_plan("XJSC", dt.date(2026, 11, 25)))
PLAN = form(EXAMPLE)
Book = Any


def row_of(heading: str, sheet: str = "计划") -> int:
    fields = next(s for s in SHEETS if s.name == sheet).fields
    return next(n for n, f in enumerate(fields, 2) if f.heading == heading)


def edited(edit: Callable[[Book], object], data: bytes = PLAN) -> bytes:
    """Return the form as a clerk saves it after `edit`."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(sheet: str, row: int, column: int, value: object) -> Callable[[Book], object]:
    return lambda book: setattr(book[sheet].cell(row, column), "value", value)


def fill(heading: str, value: object) -> Callable[[Book], object]:
    return put("计划", row_of(heading), 2, value)


def typed(cell: Any, value: object, form_: str) -> None:
    cell.number_format, cell.value = form_, value


def leaves(part: type[Part], path: str = "") -> Iterator[str]:
    """Yield every key of a record, as the form names it."""
    hints = get_type_hints(part, include_extras=True)
    for name in (f.name for f in fields(part)):  # type: ignore[arg-type]  # every part is a dataclass
        given = get_args(hints[name])
        hint = next(a for a in given if a is not NoneType) if NoneType in given else hints[name]
        key = f"{path}.{ {'class_': 'class', 'first': 'from', 'last': 'to'}.get(name, name) }".lstrip(".").replace(
            " ", ""
        )
        inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        inner = get_args(inner)[0] if get_origin(inner) is tuple else inner
        if isinstance(inner, type) and issubclass(inner, Part) and inner is not RatioField:
            yield from leaves(inner, key)
        else:
            yield key


def test_every_key_of_a_plan_has_its_cell() -> None:
    said = {f"{s.list_}.{f.path}".strip(".") for s in SHEETS if s is not PLACES for f in s.fields}
    said |= {f"templates.groups.{f.path}" for f in PLACES.fields[1:]}
    sections = {f"approval.{k}" for k in leaves(records.Approval)} | {
        f"given.{k}" for k in ("authority", "document", "date", "columns")
    }
    sections |= {
        "source.source",
        "deadlines.reveal",
        "deadlines.draw",
    }
    made = {k for k in leaves(Plan) if k.startswith("target.given.")}  # from the list's own file (given.*, files.given)
    assert said == set(leaves(Plan)) - made | sections | {f.path for f in FILES.fields}, (
        "a new key needs its line in planform.py"
    )
    assert {f.path for f in FILES.fields if f.need} == {f"files.{k}" for k in plans.KINDS}


def test_headings_are_told_apart() -> None:
    for s in SHEETS:
        assert len({f.heading for f in s.fields}) == len(s.fields)
    assert len({s.name for s in SHEETS}) == len(SHEETS)


def test_the_example_of_init_says_the_same_in_both_forms() -> None:
    assert read_form("x.xlsx", PLAN).fields == EXAMPLE
    assert is_form("x.xlsx", PLAN)


def test_a_list_given_by_the_level_above() -> None:
    given = {
        "authority": "省市场监管局",
        "document": "鲁市监〔2026〕7号",
        "date": "2026-11-20",
        "columns": "列对照.toml",
    }
    fields = {k: v for k, v in EXAMPLE.items() if k not in ("clauses", "cooldown")} | {"cooldown": [], "given": given}
    fields["files"] = EXAMPLE["files"] | {"given": "上级名单.xlsx"}
    assert read_form("x.xlsx", form(fields)).fields == fields


def test_the_form_stays_the_same_when_a_clerk_opens_and_saves_it() -> None:
    assert read_form("x.xlsx", edited(lambda _: None)).fields == EXAMPLE
    assert form(EXAMPLE) == PLAN


def test_hints_choices_and_nothing_live() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(form(plan_forms.plan(random.Random(5)) | {"title": "=HYPERLINK(1)", "note": "@x"}))
    )
    assert [s.title for s in book.worksheets] == [s.name for s in SHEETS]
    for page in book.worksheets:
        assert page.data_validations.dataValidation
        assert not page.merged_cells.ranges
        assert all(
            c.data_type in ("s", "n") and (c.data_type == "s" or c.value is None)
            for row in page.iter_rows()
            for c in row
        ), "all text"


ACCEPTED: dict[str, tuple[Callable[[Book], object], str, object]] = {
    "a date cell": (fill("检查开始日期", dt.date(2026, 12, 3)), "visits.from", "2026-12-03"),
    "a date as people write it": (fill("检查开始日期", "2026年12月3日"), "visits.from", "2026-12-03"),
    "a month that became a date": (fill("抽查月份", dt.date(2026, 12, 1)), "period", "2026-12"),
    "a time cell": (fill("揭示截止时间", dt.datetime(2026, 11, 30, 18, 0)), "deadlines.reveal", "2026-11-30T10:00:00Z"),  # noqa: DTZ001  # a cell
    "a code stored as a number": (fill("区划", 990101), "districts", ["990101"]),
    "codes in another order and full-width marks": (fill("区划", " 990102，990101 "), "districts", ["990101", "990102"]),
    "the code instead of the word": (fill("公开级别", "open"), "disclosure", "open"),
    "the word": (fill("公开级别", "全部公开"), "disclosure", "open"),
    "a fraction as a decimal cell": (fill("保底份额", 0.2), "risk.floor", "0.2"),
    "a text with formula signs": (fill("任务名称", "'=1+1"), "title", "'=1+1"),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_a_clerk_may_type(case: str) -> None:
    edit, key, want = ACCEPTED[case]
    found: Any = read_form("x.xlsx", edited(edit)).fields
    for part in key.split("."):
        found = found[part]
    assert found == want


def test_a_sheet_for_notes_and_empty_rows_do_no_harm() -> None:
    def edit(book: Book) -> None:
        book.create_sheet("说明").append(["谁填的", "=1+1"])
        book.create_sheet("空的")
        book["抽查比例"].insert_rows(4)
        book["放宽次序"].delete_rows(2)

    assert read_form("x.xlsx", edited(edit)).fields == EXAMPLE


def test_rows_of_a_set_may_stand_in_any_order() -> None:
    def edit(book: Book) -> None:
        rows = [[c.value for c in r] for r in book["主体类型"].iter_rows(min_row=3, max_row=6)]
        for r, row in enumerate(reversed(rows), 3):
            for c, value in enumerate(row, 1):
                book["主体类型"].cell(r, c).value = value

    document = read_form("x.xlsx", edited(edit))
    assert document.fields == EXAMPLE
    assert document.places["types[0]"].row == 6, "the places are those of the file"


REFUSED: dict[str, tuple[Callable[[Book], object], str, tuple[str, int, str]]] = {
    "required blank": (fill("任务名称", None), "PLAN_FORM_MISSING", ("计划", row_of("任务名称"), "任务名称")),
    "only blanks": (fill("任务名称", " 　"), "PLAN_FORM_MISSING", ("计划", row_of("任务名称"), "任务名称")),
    "required file blank": (put("数据文件", 2, 2, None), "PLAN_FORM_MISSING", ("数据文件", 2, "检查对象")),
    "a row taken out": (lambda b: b["计划"].delete_rows(row_of("区划")), "PLAN_FORM_MISSING", ("计划", 0, "区划")),
    "an unknown item": (put("计划", 60, 1, "种子"), "PLAN_FORM_ITEM", ("计划", 60, "种子")),
    "an item twice": (put("计划", 60, 1, "区划"), "PLAN_FORM_ITEM", ("计划", 60, "区划")),
    "a value without item": (put("计划", 60, 2, "990103"), "PLAN_FORM_ITEM", ("计划", 60, "A")),
    "a remark beside": (put("计划", 3, 4, "待定"), "PLAN_FORM_STRAY", ("计划", 3, "范围")),
    "headings gone": (lambda b: b["计划"].delete_rows(1), "PLAN_FORM_COLUMN", ("计划", 1, "项目")),
    "a banner": (lambda b: (b["抽查比例"].insert_rows(1), put("抽查比例", 1, 1, "云岭县")(b)), "PLAN_FORM_COLUMN", ("抽查比例", 1, "条款")),
    "no integer": (fill("试派次数", "二十"), "PLAN_FORM_VALUE", ("计划", row_of("试派次数"), "试派次数")),
    "a negative": (fill("每层备选户数", -1), "PLAN_FORM_VALUE", ("计划", row_of("每层备选户数"), "每层备选户数")),
    "half": (fill("每层备选户数", 1.5), "PLAN_FORM_VALUE", ("计划", row_of("每层备选户数"), "每层备选户数")),
    "an impossible day": (fill("检查开始日期", "2026-02-30"), "DATE_IMPOSSIBLE", ("计划", row_of("检查开始日期"), "检查开始日期")),
    "no day": (fill("检查开始日期", "月底"), "DATE_FORM", ("计划", row_of("检查开始日期"), "检查开始日期")),
    "no time": (fill("揭示截止时间", "下午六点"), "PLAN_FORM_VALUE", ("计划", row_of("揭示截止时间"), "揭示截止时间")),
    "hour 25": (fill("揭示截止时间", "2026-11-30 25:00"), "PLAN_FORM_VALUE", ("计划", row_of("揭示截止时间"), "揭示截止时间")),
    "a fraction that became a day": (fill("保底份额", dt.date(2026, 1, 5)), "PLAN_FORM_VALUE", ("计划", row_of("保底份额"), "保底份额")),
    "a word for yes": (fill("上次去过的不再去", "对"), "PLAN_FORM_VALUE", ("计划", row_of("上次去过的不再去"), "上次去过的不再去")),
    "an unknown level": (fill("公开级别", "绝密"), "PLAN_FORM_VALUE", ("计划", row_of("公开级别"), "公开级别")),
    "a code twice": (fill("区划", "990101；990101"), "PLAN_FORM_VALUE", ("计划", row_of("区划"), "区划")),
    "a ruined code": (fill("抽查事项", "9.137E+17"), "PLAN_FORM_VALUE", ("计划", row_of("抽查事项"), "抽查事项")),
    "no source": (fill("公开数来源", "lottery:kl8"), "SOURCE_FORM", ("计划", row_of("公开数来源"), "公开数来源")),
    "a guessable source": (fill("公开数来源", "ceremony:hall:d6:23"), "SOURCE_ENTROPY", ("计划", row_of("公开数来源"), "公开数来源")),
    "a ratio that became a number": (put("抽查比例", 3, 4, 0.1), "RATIO_SYNTAX", ("抽查比例", 3, "抽查比例")),
    "a ratio above one": (put("抽查比例", 3, 4, "120%"), "RATIO_ABOVE_ONE", ("抽查比例", 3, "抽查比例")),
    "a ratio in words": (put("抽查比例", 3, 4, "百分之三"), "RATIO_SYNTAX", ("抽查比例", 3, "抽查比例")),
    "an unknown column": (put("抽查比例", 1, 8, "科室"), "PLAN_FORM_COLUMN", ("抽查比例", 1, "科室")),
    "a column twice": (put("抽查比例", 1, 8, "条款"), "PLAN_FORM_COLUMN", ("抽查比例", 1, "条款")),
    "a column renamed": (put("轮休", 1, 2, "月"), "PLAN_FORM_COLUMN", ("轮休", 1, "月")),
    "a value outside the columns": (put("抽查比例", 4, 9, "x"), "PLAN_FORM_STRAY", ("抽查比例", 4, "I")),
    "a value over a hint": (put("批次", 2, 1, "east"), "PLAN_FORM_VALUE", ("批次", 2, "区划")),
    "a row half filled": (put("片区", 3, 1, "k1"), "PLAN_FORM_MISSING", ("片区", 3, "区划")),
    "a sheet of one's own": (lambda b: b.create_sheet("附表").append(["x"]), "PLAN_FORM_SHEET", ("附表", 0, "")),
    "merged cells": (lambda b: b["小组名额"].merge_cells("A3:A4"), "PLAN_FORM_MERGED", ("小组名额", 3, "A")),
    "merged blanks": (lambda b: b["计划"].merge_cells("B50:C50"), "PLAN_FORM_MERGED", ("计划", 50, "B")),
    "a formula": (fill("每层备选户数", "=1+1"), "PLAN_FORM_FORMULA", ("计划", row_of("每层备选户数"), "B")),
    "a link formula": (fill("任务名称", '=HYPERLINK("http://x","y")'), "PLAN_FORM_FORMULA", ("计划", row_of("任务名称"), "B")),
    "a formula in a list": (put("轮休", 3, 2, "=SUM(1,2)"), "PLAN_FORM_FORMULA", ("轮休", 3, "B")),
    "an Excel error": (lambda b: typed(b["轮休"].cell(3, 2), "#REF!", "General"), "PLAN_FORM_ERROR", ("轮休", 3, "B")),
    "a place of no team": (put("小组名额", 3, 1, "fod"), "PLAN_FORM_TEAM", ("小组名额", 3, "小组")),
    "a team twice": (put("检查小组", 4, 1, "food"), "PLAN_FORM_TEAM", ("检查小组", 0, "小组")),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_and_where(case: str) -> None:
    edit, code, (sheet, row, column) = REFUSED[case]
    with pytest.raises(InputError) as e:
        read_form("抽查计划.xlsx", edited(edit))
    mine = [p for p in e.value.problems if p.code == code]
    assert mine, [p.code for p in e.value.problems]
    assert Place(file="抽查计划.xlsx", sheet=sheet, row=row, column=column) in [p.place for p in mine]
    assert all(p.message and p.hint for p in mine)


LATER: dict[str, tuple[Callable[[Book], object], str, tuple[str, int, str]]] = {
    "a clause twice": (put("抽查比例", 4, 1, "A"), "PLAN_CLAUSES", ("抽查比例", 0, "条款")),
    "an unknown class": (put("抽查比例", 4, 2, "E"), "PLAN_CLASS", ("抽查比例", 0, "信用风险分类")),
    "a year without quota": (put("抽查比例", 4, 5, "全年"), "PLAN_CLAUSE_PERIOD", ("抽查比例", 0, "余下批次")),
    "a long rest": (put("轮休", 3, 2, "30"), "PLAN_COOLDOWN", ("轮休", 3, "轮休月数")),
    "a rest twice": (put("轮休", 4, 1, "A"), "RECORD_ORDER", ("轮休", 4, "")),
    "an end before the start": (fill("检查结束日期", "2026-11-01"), "PLAN_VISITS", ("计划", row_of("检查开始日期"), "检查开始日期")),
    "a weight too strong": (fill("风险加权强度", 4), "PLAN_GAMMA", ("计划", row_of("风险加权强度"), "风险加权强度")),
    "one officer alone": (lambda b: b["小组名额"].delete_rows(4), "PLAN_TEAM", ("小组名额", 0, "")),
    "a grace without its reason": (fill("包容期（月）", 12), "PLAN_EXCLUSIONS", ("剔除次序", 0, "")),
    "a target aimed at nothing": (fill("定向抽查的说明", "餐饮"), "PLAN_EXCLUSIONS", ("剔除次序", 0, "")),
    "no ratio at all": (lambda b: b["抽查比例"].delete_rows(3, 9), "RECORD_MISSING", ("抽查比例", 0, "")),
    "clusters without the word": (lambda b: b["片区"].append([]) or [put("片区", 3, 1, "k")(b), put("片区", 3, 2, "990101")(b)], "PLAN_JURISDICTION", ("计划", row_of("派人范围"), "派人范围")),
}  # fmt: skip


@pytest.mark.parametrize("case", LATER)
def test_what_does_not_fit_together_is_shown_in_the_form(case: str) -> None:
    edit, code, (sheet, row, column) = LATER[case]
    document = read_form("x.xlsx", edited(edit))
    with pytest.raises(PlanError) as e:
        plans.plan_record(document.fields, [], "x.xlsx")
    shown = document.placed(e.value).problem
    assert shown.code == code
    assert (shown.place.sheet, shown.place.row, shown.place.column) == (sheet, row, column)


def test_an_error_of_a_toml_plan_keeps_its_key() -> None:
    error = PlanError("PLAN_X", "x", place=Place(file="plan.toml", column="clauses.period"))
    assert Document({}).placed(error) is error


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.xlsx", workbook([["项目", "填写"]]), "PLAN_FORM_KIND"),
        ("x.xlsx", b"PK\x03\x04 cut short", "FILE_DAMAGED"),
        ("x.xlsx", PLAN[: len(PLAN) // 2], "FILE_DAMAGED"),
        ("x.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "FILE_DAMAGED"),
        ("x.toml", b"title = ", "PLAN_TOML"),
        ("x.toml", b"\xff\xfe", "PLAN_TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SamplerError) as e:
        read_document(tmp_path / name)
    assert e.value.problem.code == code
    assert not is_form(name, data)


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_bytes(PLAN)
    assert read_document(tmp_path / "plan.toml").fields == EXAMPLE


def test_a_place_of_a_plan_has_no_file_of_ours() -> None:
    document = read_form("我的计划.xlsx", PLAN)
    assert {p.file for p in document.places.values()} == {"我的计划.xlsx"}
    assert replace(document.places["title"], row=0).row == 0
