"""The result form out, filled in Excel, back in: batches that only add, a bundle that still verifies, rows for the analyst."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.support import BUNDLE, Called, called

DRAW = "XJSC-2026-0001"
FORM = f"lists/{DRAW}/检查结果登记表.xlsx"
HEAD = 3
Call = Callable[..., Called]


@pytest.fixture
def office(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "w"))


def columns(sheet: Any) -> dict[str, int]:
    return {c.value: c.column for c in sheet[HEAD]}


def team(office: Path, oid: str) -> list[str]:
    teams = json.loads((office / BUNDLE / "assignment.json").read_bytes())["teams"]
    return [m["inspector_id"] for t in teams if t["object_id"] == oid for m in t["members"]]


def fill(office: Path, count: int = 99, **cells: Any) -> Path:
    """Fill the first `count` rows of the form as a clerk would; `cells` overrule by heading."""
    book = openpyxl.load_workbook(office / FORM)
    sheet = book.worksheets[0]
    at = columns(sheet)
    for r in range(HEAD + 1, min(HEAD + count, sheet.max_row) + 1):
        oid = sheet.cell(r, at["统一社会信用代码/注册号"]).value
        officers = "，".join(team(office, oid))
        usual = {
            "检查情况": "已检查",
            "检查日期": "2026-12-01",
            "检查结果": "1",
            "严重程度": "0",
            "到场执法人员": officers,
        }
        for heading, value in {**usual, **cells}.items():
            sheet.cell(r, at[heading]).value = value
    out = office / "filled.xlsx"
    book.save(out)
    return out


@pytest.fixture
def call(office: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs a command in the office, in this process."""
    return lambda name, *words: called(capsys, "-C", office, name, *words, "--json")


def test_a_filled_form_is_recorded_and_the_bundle_verifies(office: Path, call: Call) -> None:
    fill(office, 10)
    answer = call("results", DRAW, "filled.xlsx").json
    assert (answer["ok"], answer["data"]["rows"], answer["data"]["batch"], len(answer["data"]["missing"])) == (
        True,
        10,
        1,
        4,
    )
    assert "ROW_UNFILLED" in {w["code"] for w in answer["warnings"]}
    report = call("verify", BUNDLE).json["data"]
    assert (report["first_failed"], report["steps"][14]["status"]) == (None, "ok")


def test_the_same_form_twice_records_nothing_new_and_a_correction_adds(office: Path, call: Call) -> None:
    fill(office)
    assert call("results", DRAW, "filled.xlsx").json["data"]["batch"] == 1
    again = call("results", DRAW, "filled.xlsx").json["data"]
    assert (again["batch"], again["rows"]) == (1, 0)
    fill(office, 1, 检查结果="5", 严重程度="2", 后续处置="责令改正")
    corrected = call("results", DRAW, "filled.xlsx").json["data"]
    assert (corrected["batch"], corrected["rows"], corrected["corrected"]) == (2, 1, 1)
    assert (office / BUNDLE / "results/0001.json").exists(), "the old batch stays"
    assert call("verify", BUNDLE).json["data"]["first_failed"] is None
    rate = call("estimate", DRAW).json["data"]
    assert rate["responded"] == 14
    assert 0 < rate["rate"] < 1


def test_the_rows_go_back_to_the_analyst_with_pi_and_weight(office: Path, call: Call) -> None:
    fill(office, 14, 检查结果="5,8", 严重程度="3", 问题数="4", 后续处置="移送办案机构")
    call("results", DRAW, "filled.xlsx")
    path = office / f"lists/{DRAW}/检查历史.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    assert head == "object_id,date,result,severity,defects,item,inspector_id,draw_id,pi,W"
    assert len(rows) == 14
    for line in rows:
        row = dict(zip(head.split(","), next(iter(_csv(line))), strict=True))
        assert 0 < float(row["pi"]) <= 1
        assert row["W"] == "", "the example knows its earlier months only by whom they drew"
    checked = call("check", path.relative_to(office)).json
    assert (checked["ok"], checked["data"]["files"][0]["as"]) == (True, "history")


def _csv(line: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(line)))


def test_attachments_are_hashed_and_stay_with_the_office(office: Path, call: Call) -> None:
    fill(office, 1)
    book = openpyxl.load_workbook(office / "filled.xlsx")
    oid = book.worksheets[0].cell(HEAD + 1, 2).value
    (office / "scan").mkdir()
    (office / "scan" / f"{oid}-张三笔录.PDF").write_bytes(b"%PDF secret")
    call("results", DRAW, "filled.xlsx", "--attachments", "scan")
    row = json.loads((office / BUNDLE / "results/0001.json").read_bytes())["rows"][0]
    assert [a["name"] for a in row["attachments"]] == ["01.pdf"], "a file name may name a person"
    assert not any(b"%PDF secret" in p.read_bytes() for p in (office / BUNDLE).rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"检查结果": "9"}, "RESULT_UNKNOWN", "检查结果"),
        ({"检查结果": ""}, "RESULT_MISSING", "检查结果"),
        ({"检查结果": "1,5"}, "RESULT_ALONE", "检查结果"),
        ({"检查结果": "1", "严重程度": "2"}, "SEVERITY_RESULT", "严重程度"),
        ({"检查结果": "1", "后续处置": "责令改正"}, "MEASURE_RESULT", "后续处置"),
        ({"检查结果": "1", "问题数": "3"}, "DEFECTS_RESULT", "问题数"),
        ({"检查情况": "已注销或吊销"}, "RESULT_STATE", "检查结果"),
        ({"检查情况": "无法联系", "检查结果": "5"}, "RESULT_STATE", "检查结果"),
        ({"检查情况": "喝茶"}, "STATE_UNKNOWN", "检查情况"),
        ({"检查日期": "2026-12-32"}, "DATE_IMPOSSIBLE", "检查日期"),
        ({"检查日期": ""}, "VISIT_DATE", "检查日期"),
        ({"到场执法人员": ""}, "OFFICERS_FEW", "到场执法人员"),
        ({"到场执法人员": "LE990101-0001"}, "OFFICERS_FEW", "到场执法人员"),
        ({"到场执法人员": "LE990101-0001，LE990101-0001"}, "OFFICERS_FEW", "到场执法人员"),
        ({"到场执法人员": "NOBODY-1，LE990101-0001"}, "INSPECTOR_UNKNOWN", "到场执法人员"),
        ({"后续处置": "喝茶"}, "MEASURE_UNKNOWN", "后续处置"),
        ({"进入时间": "10:30", "离开时间": "09:30"}, "TIME_ORDER", "离开时间"),
        ({"进入时间": "早上"}, "TIME_FORM", "进入时间"),
        ({"严重程度": "4", "检查结果": "5"}, "SEVERITY_RANGE", "严重程度"),
        ({"统一社会信用代码/注册号": "91210603000000001J"}, "RESULT_NOT_DRAWN", ""),
    ],
)  # fmt: skip
def test_a_row_against_the_rules_is_refused_at_its_place(
    office: Path, call: Call, cells: dict[str, str], code: str, column: str
) -> None:
    fill(office, 1, **cells)
    answer = call("results", DRAW, "filled.xlsx")
    assert answer.code == 2
    first = answer.json["errors"][0]
    assert (first["code"], first["row"], first["column"]) == (code, HEAD + 1, column)
    assert first["hint"]
    assert not (office / BUNDLE / "results").exists()


@pytest.mark.parametrize(
    ("word", "state", "result"),
    [("无法联系", "visited", 4), ("已迁出", "not-visited", None), ("封存前已不在登记库", "out-of-scope", None)],
)
def test_drawn_but_not_checkable_is_an_outcome(
    office: Path, call: Call, word: str, state: str, result: int | None
) -> None:
    took_place = {} if word == "无法联系" else {"检查日期": "", "到场执法人员": ""}
    fill(office, 1, 检查情况=word, 检查结果="", 严重程度="", **took_place)
    assert call("results", DRAW, "filled.xlsx").json["ok"]
    row = json.loads((office / BUNDLE / "results/0001.json").read_bytes())["rows"][0]
    assert (row["state"], row.get("result")) == (state, result)


def test_other_officers_and_other_days_are_asked_about_not_refused(office: Path, call: Call) -> None:
    everybody = [line.split("\t")[0] for line in (office / BUNDLE / "roster.tsv").read_text().splitlines()[1:]]
    fill(office, 1, 到场执法人员="，".join(everybody[:4]), 检查日期="2026-11-30")
    answer = call("results", DRAW, "filled.xlsx").json
    assert answer["ok"]
    assert {"TEAM_DIFFERS", "VISIT_WINDOW"} <= {w["code"] for w in answer["warnings"]}


def test_a_crash_between_file_and_log_heals(office: Path, call: Call, tmp_path: Path) -> None:
    before = Path(shutil.copytree(office, tmp_path / "before"))
    fill(office)
    call("results", DRAW, "filled.xlsx")
    written = f"draws/{DRAW}/results/0001.json"
    (before / written).parent.mkdir()
    shutil.copy(office / written, before / written)
    shutil.rmtree(office)
    before.rename(office)
    assert call("results", DRAW).json["data"]["batch"] == 1
    assert call("verify", BUNDLE).json["data"]["first_failed"] is None


def test_progress_without_a_file_and_no_results_before_the_draw(call: Call) -> None:
    answer = call("results", DRAW).json
    assert (answer["ok"], answer["data"]["batch"], len(answer["data"]["missing"])) == (True, 0, 14)
    assert call("results", "XJSC-2026-0002").codes == ["NOT_DRAWN"]
