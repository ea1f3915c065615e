"""From any file of the history contract to the same tidy visits: workbooks, times of day, chances, repeats, measures."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from models.columns import MICRO, MISSING
from models.history import History, notes, read_history
from models.options import Options
from models.score import options_of
from models.train import train
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF, Row, make_rows, to_csv

HEADINGS = {
    "object_id": "统一社会信用代码",
    "date": "检查日期",
    "severity": "严重程度",
    "inspector_id": "检查人员",
    "W": "权重",
}


def read(rows: list[Row], **choices: Any) -> History:
    return read_history(to_csv(rows), Options(asof=ASOF, **choices))


def workbook(rows: list[Row]) -> bytes:
    """Return rows as an office keeps them: Chinese headings, dates and numbers as such."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [HEADINGS.get(name, name) for name in rows[0]])
        for n, row in enumerate(rows, 1):
            for k, (name, value) in enumerate(row.items()):
                if name == "date":
                    sheet.write_datetime(n, k, datetime.fromisoformat(value), day)
                elif value and name in {"severity", "W"}:
                    sheet.write_number(n, k, float(value))
                else:
                    sheet.write_string(n, k, value)
    return out.getvalue()


def same(a: History, b: History) -> bool:
    return all(getattr(a, n).tolist() == getattr(b, n).tolist() for n in ("ids", "day", "failed", "severity", "weight"))


def test_a_workbook_with_chinese_headings_says_the_same_as_the_csv() -> None:
    assert same(read(make_rows()), read_history(workbook(make_rows()), Options(asof=ASOF)))


def test_a_damaged_workbook_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_history(workbook(make_rows())[:900], Options(asof=ASOF))
    assert caught.value.code == "FILE_KIND"


@pytest.mark.parametrize("later", ["T00:00:00", "T00:00:00.000", " 13:45", "T13:45:01Z"])
def test_a_time_of_day_after_the_date_is_not_used(later: str) -> None:
    assert same(read(make_rows()), read([{**r, "date": r["date"] + later} for r in make_rows()]))


def test_chances_become_weights_where_no_weight_is_given() -> None:
    rows = [{k: v for k, v in r.items() if k != "W"} for r in make_rows()]
    weights = set(read(rows, pi_col="pi").weight.tolist())
    assert weights == {0, 4 * MICRO}
    assert read(rows).weight.max() == 0


@pytest.mark.parametrize("value", ["0", "1.01", "-0.5", "often"])
def test_a_chance_that_is_none_is_refused_with_its_row(value: str) -> None:
    rows = [{k: v for k, v in r.items() if k != "W"} for r in make_rows()]
    rows[3]["pi"] = value
    with pytest.raises(InputError) as caught:
        read(rows, pi_col="pi")
    assert (caught.value.code, caught.value.problem.place.row) == ("HISTORY_PI", 5)


def repeated(gap: int, **other: str) -> list[Row]:
    first: Row = {**make_rows()[0], "object_id": "R1", "date": "2026-03-01", "severity": "1", "W": ""}
    return [first, {**first, "date": f"2026-03-{1 + gap:02d}", **other}]


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        (repeated(14), 1),
        (repeated(15), 2),
        (repeated(9, severity="2"), 2),
        (repeated(9, W="3"), 2),
        (repeated(9, object_id="R2"), 2),
    ],
    ids=["within", "later", "other-severity", "drawn", "other-object"],
)
def test_a_visit_that_only_repeats_the_one_before_is_dropped_and_counted(rows: list[Row], left: int) -> None:
    history = read(rows, near_days=14)
    assert len(history) == left
    assert history.counts.get("rows_repeated", 0) == 2 - left
    assert [w["code"] for w in notes(history)] == ["HISTORY_REPEATED"] * (2 - left)
    assert len(read(rows)) == 2


def test_an_empty_outcome_is_dropped_only_when_asked_and_counted() -> None:
    rows = make_rows(objects=40)
    rows = [{**r, "date": f"202{4 + n % 2}-0{1 + n % 9}-{1 + n // 9:02d}"} for n, r in enumerate(rows)]
    rows[5]["severity"] = ""
    history = read(rows, missing="drop")
    assert (history.counts["rows_unknown"], history.counts["rows_used"]) == (1, len(rows) - 1)
    with pytest.raises(InputError):
        read(rows)
    rows[5]["severity"] = "junk"
    with pytest.raises(InputError):
        read(rows, missing="drop")


@pytest.mark.parametrize(
    ("choice", "code"),
    [({"missing": "guess"}, "OPTION_MISSING"), ({"near_days": 99}, "OPTION_NEAR"), ({"near_days": -1}, "OPTION_NEAR")],
    ids=str,
)
def test_an_unknown_choice_is_refused(choice: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        Options(asof=ASOF, **choice)
    assert caught.value.code == code


def test_numbers_that_describe_the_outcome_are_found_by_name_and_only_their_past_is_used() -> None:
    rows = [{**r, "n_viol": r["defects"] if n % 9 else "", "note": "text"} for n, r in enumerate(make_rows())]
    history = read(rows)
    assert history.roles.measures == ("defects", "n_viol")
    assert MISSING in history.measures["n_viol"].tolist()
    trained = train(to_csv(rows), Options(asof=ASOF)).table
    assert {"past:defects", "past:n_viol"} <= {f.name for f in trained.features}
    assert options_of(trained, ASOF).measures == ("defects", "n_viol")
    assert not train(to_csv(rows), Options(asof=ASOF, measures=("none",))).table.measures


def test_the_measure_of_a_visit_is_no_feature_of_itself() -> None:
    rows = make_rows()
    for n, row in enumerate(rows):
        row["n_viol"] = str(int(row["severity"]) * 10)
        row["severity"] = "3" if n % 2 else "0"
    table = train(to_csv(rows), Options(asof=ASOF)).table
    assert max(map(max, (f.points for f in table.features))) < 60
