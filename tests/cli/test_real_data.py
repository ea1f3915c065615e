"""Chicago's inspections through a whole month of the ordinary commands, and the guide that reports it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests import real_data
from tests.real_data import ASOF, DRAW, FILE, GUIDE, OFFICERS, SECONDS


@pytest.fixture(scope="module")
def month(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return the workspace of the month and its figures."""
    if not (test_data / FILE).is_file():
        pytest.skip(reason=f"SAMPLER_TEST_DATA has no {FILE}: real inspections are not at hand")
    root = tmp_path_factory.mktemp("real") / "w"
    return root, real_data.run(test_data, root)


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as f:
        return [row[name] for row in csv.DictReader(f)]


def test_the_guide_shows_what_the_run_computed(month: tuple[Path, dict[str, str]]) -> None:
    made = real_data.stable(real_data.block(month[1]))
    written = real_data.stable(GUIDE.read_text(encoding="utf-8"))
    assert written == made, "run: python -m tests.real_data --write"


def test_every_licence_could_be_drawn_and_the_chances_add_up(month: tuple[Path, dict[str, str]]) -> None:
    pi = real_data.chances(month[0] / "bundles" / DRAW)
    assert len(pi) == 12_367
    assert min(pi.values()) > 0
    assert abs(sum(pi.values()) - 618 * 10**12) < 10**7  # 5 % half up; each pi is good to 2e-12
    assert "不通过 0" in month[1]["核验"]


def test_the_office_knew_nothing_from_later_and_nobody_by_name(month: tuple[Path, dict[str, str]]) -> None:
    history = month[0] / "input" / "history.csv"
    assert max(column(history, "date")) < ASOF
    assert history.read_text(encoding="utf-8").startswith("object_id,date,result,severity,defects,item\n")


def test_every_district_has_a_lead_and_another_officer(month: tuple[Path, dict[str, str]]) -> None:
    roster = month[0] / "input" / "roster.csv"
    staff = list(zip(column(roster, "district"), column(roster, "qualifications"), strict=True))
    assert len(staff) == OFFICERS
    for d in set(column(month[0] / "input" / "objects.csv", "district")):
        assert {(d, "lead"), (d, "")} <= set(staff)


def test_the_guide_lists_every_command() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert "\n".join(real_data.typed()) in text


@pytest.mark.parametrize(("counts", "want"), [((1, 9, 9), 3), ((0, 1, 0), 2), ((0, 0, 5), 1), ((0, 0, 0), 0)], ids=str)
def test_severity_is_that_of_the_worst_violation(counts: tuple[int, int, int], want: int) -> None:
    assert real_data.severity(*counts) == want


def test_wilson_interval_of_a_textbook_case() -> None:
    assert real_data.wilson([1] * 10 + [0] * 90, [1] * 100) == "5.5–17.4 %"
    assert real_data.wilson([1] * 10 + [0] * 90, [7] * 100) == "5.5–17.4 %"


def test_timings_are_no_figures() -> None:
    text = real_data.block({"a": "1", "b": f"17 {SECONDS}"})
    assert real_data.stable(text) == real_data.block({"a": "1"})
