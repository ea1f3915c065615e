"""Deadlines of a draw from seal to publication, overdue first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_results import DRAW, fill
from tests.support import called


@pytest.fixture
def office(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "w"))


def due(office: Path, capsys: pytest.CaptureFixture[str], today: str) -> Any:
    return called(capsys, "-C", office, "due", "--today", today, "--json")


def test_visits_are_due_by_the_end_of_the_window(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = due(office, capsys, "2026-12-31")
    assert (before.code, before.json["data"]["overdue"]) == (0, 0)
    assert [(d["what"], d["day"], d["count"]) for d in before.json["data"]["due"]] == [("visits", "2026-12-31", 14)]
    late = due(office, capsys, "2027-01-01")
    assert (late.code, late.json["data"]["due"][0]["overdue"]) == (1, True)


def test_a_result_is_to_be_published_within_twenty_working_days(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(office, 3, 检查日期="2026-12-01")
    assert called(capsys, "-C", office, "results", DRAW, "filled.xlsx", "--json").code == 0
    found = due(office, capsys, "2026-12-15").json["data"]
    assert [(d["what"], d["day"], d["count"]) for d in found["due"]] == [
        ("publish", "2026-12-29", 3),
        ("visits", "2026-12-31", 11),
    ]
    assert sum(p["recorded"] for p in found["departments"]) == 3
    assert sum(p["n"] for p in found["departments"]) == 14
    late = due(office, capsys, "2027-01-05").json["data"]
    assert [d["overdue"] for d in late["due"]] == [True, True]


def test_what_is_published_is_no_longer_due(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(office)
    called(capsys, "-C", office, "results", DRAW, "filled.xlsx", "--json")
    (office / "published").mkdir(exist_ok=True)
    (office / "published" / f"{DRAW}.json").write_text(json.dumps({"batches": 1}, separators=(",", ":")))
    found = due(office, capsys, "2027-02-01").json["data"]
    assert found["due"] == []
    assert {(p["n"] == p["recorded"] == p["published"] == p["closed"]) for p in found["departments"]} == {True}


def test_a_deadline_in_a_year_without_calendar_is_refused_until_the_office_gives_one(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(office, 1, 检查日期="2026-12-20")
    called(capsys, "-C", office, "results", DRAW, "filled.xlsx", "--json")
    assert due(office, capsys, "2026-12-21").codes == ["CALENDAR_YEAR"]
    (office / "calendar.csv").write_text("日期,性质\n2027-01-01,休息\n", encoding="gb18030")
    assert due(office, capsys, "2026-12-21").json["data"]["due"][-1]["day"] == "2027-01-18"


def test_people_read_it_too(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = called(capsys, "-C", office, "due", "--today", "2027-01-01").out
    assert shown.startswith(f"逾期 2026-12-31 {DRAW} 完成检查，14 户")
    assert "应检查" in shown
