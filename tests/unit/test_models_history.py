"""Reading a history: what is used, what is counted, what is refused and how."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest

from models.columns import MISSING
from models.grammar import parse_severity, parse_target
from models.history import read_history
from models.options import Options
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF, Row, make_rows, to_csv


def read(rows: list[Row], **choices: Any) -> Any:
    return read_history(to_csv(rows), Options(asof=ASOF, **choices))


def refused(rows: list[Row] | bytes, **choices: Any) -> InputError:
    data = rows if isinstance(rows, bytes) else to_csv(rows)
    with pytest.raises(InputError) as caught:
        read_history(data, Options(asof=ASOF, **choices))
    assert all(p.hint and p.message for p in caught.value.problems)
    return caught.value


def with_cell(column: str, value: str, row: int = 3) -> list[Row]:
    rows = make_rows()
    rows[row][column] = value
    return rows


def test_visits_are_sorted_by_object_and_day() -> None:
    history = read(make_rows())
    keys = list(zip(history.ids, history.day, strict=True))
    assert keys == sorted(keys)


def test_parquet_and_csv_say_the_same() -> None:
    rows = make_rows()
    out = io.BytesIO()
    frame = pd.DataFrame(rows).replace("", None)
    frame["date"] = pd.to_datetime(frame["date"])
    frame["severity"] = frame["severity"].astype("int64")
    frame["W"] = frame["W"].astype("float64")
    frame.to_parquet(out)
    a, b = read(rows), read_history(out.getvalue(), Options(asof=ASOF))
    for name in ("ids", "day", "failed", "severity", "weight"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist()


def test_same_object_and_day_merge_to_the_worst_and_are_counted() -> None:
    rows = make_rows()
    rows.append({**rows[0], "severity": "3", "W": ""})
    rows.append({**rows[0], "severity": "0", "W": "99"})
    history = read(rows)
    first = [s for i, d, s in zip(history.ids, history.day, history.severity, strict=True) if i == rows[0]["object_id"]]
    assert max(first) == 3000
    assert history.counts["rows_merged"] >= 2
    assert history.counts["rows_used"] + history.counts["rows_merged"] == len(rows)


@pytest.mark.parametrize("day", [ASOF, "2026-12-02", "2031-01-01"])
def test_rows_from_the_as_of_date_on_are_counted_and_never_read(day: str) -> None:
    rows = make_rows()
    late = {**rows[0], "date": day, "severity": "not a number", "W": "-1", "object_id": ""}
    assert read([*rows, late]).counts["rows_future"] == 1
    assert len(read([*rows, late])) == len(read(rows))


def test_the_eve_of_the_as_of_date_is_used() -> None:
    rows = [*make_rows(), {**make_rows()[0], "date": "2026-11-30"}]
    assert read(rows).counts["rows_future"] == 0


@pytest.mark.parametrize("column", ["date", "object_id"])
def test_a_missing_column_is_named(column: str) -> None:
    rows = [{k: v for k, v in r.items() if k != column} for r in make_rows()]
    error = refused(rows)
    assert (error.code, error.problem.place.column) == ("HISTORY_COLUMN", column)


@pytest.mark.parametrize("choice", ["id_col", "date_col", "weight_col", "severity_col", "target"])
def test_an_option_that_names_no_column_is_refused(choice: str) -> None:
    value = "nowhere>=2" if choice == "target" else "nowhere"
    assert refused(make_rows(), **{choice: value}).code == "HISTORY_COLUMN"


@pytest.mark.parametrize("value", ["", "-1", "nan", "many", "inf", "1e99"])
def test_a_severity_that_is_no_severity_is_refused_with_its_row(value: str) -> None:
    error = refused(with_cell("severity", value), target="defects>=4")
    assert (error.code, error.problem.place.row, error.problem.place.column) == ("HISTORY_SEVERITY", 5, "severity")


@pytest.mark.parametrize("value", ["", "2026/01/02", "20260102", "2026-02-30", "yesterday", "2026-01-02T99"])
def test_a_date_that_is_no_iso_date_is_refused_with_its_row(value: str) -> None:
    error = refused(with_cell("date", value))
    assert (error.code, error.problem.place.row) == ("HISTORY_DATE", 5)


@pytest.mark.parametrize("value", ["0", "-2", "nan?", "inf", "1e9"])
def test_a_weight_that_is_no_weight_is_refused_with_its_row(value: str) -> None:
    error = refused(with_cell("W", value))
    assert (error.code, error.problem.place.row) == ("HISTORY_WEIGHT", 5)


def test_a_visit_without_identifier_is_refused() -> None:
    assert refused(with_cell("object_id", " ")).code == "HISTORY_ID"


def test_many_bad_rows_are_listed_up_to_a_limit_and_the_rest_counted() -> None:
    error = refused([{**r, "date": "soon"} for r in make_rows()])
    assert len(error.problems) == 20
    assert "220 more" in error.problem.message


def test_a_bare_score_is_refused_naming_the_option() -> None:
    rows = [{"object_id": r["object_id"], "date": r["date"], "score": "90"} for r in make_rows()]
    error = refused(rows)
    assert error.code == "TARGET_MISSING"
    assert '--target "score<=85"' in error.problem.hint


def test_no_outcome_at_all_is_refused_naming_the_option() -> None:
    error = refused([{"object_id": r["object_id"], "date": r["date"]} for r in make_rows()])
    assert error.code == "TARGET_MISSING"
    assert "--target" in error.problem.hint


def test_a_score_with_a_target_grows_severe_as_it_falls() -> None:
    rows = [{**r, "score": "91"} for r in make_rows()]
    history = read(rows, target="score<=91", severity_col="score")
    assert history.failed.all()
    assert set(history.severity.tolist()) == {9000}


def test_a_score_above_a_hundred_is_refused() -> None:
    rows = [{**r, "score": "101"} for r in make_rows()]
    assert refused(rows, target="score<=91", severity_col="score").code == "HISTORY_SEVERITY"


@pytest.mark.parametrize(("target", "direction"), [("severity>=2", "lower"), ("severity<=2", "higher")])
def test_a_target_against_its_direction_is_refused(target: str, direction: str) -> None:
    assert refused(make_rows(), target=target, score_direction=direction).code == "OPTION_DIRECTION"


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Options(asof=ASOF, score_direction="worse")
    assert caught.value.code == "OPTION_DIRECTION"


@pytest.mark.parametrize("asof", ["", "2026-13-01", "2026-1-1", "tomorrow", "2026-12-01T00:00"])
def test_an_as_of_date_that_is_none_is_refused(asof: str) -> None:
    with pytest.raises(InputError) as caught:
        Options(asof=asof)
    assert caught.value.code == "DATE_SYNTAX"


def test_a_text_target_compares_texts() -> None:
    history = read([{**r, "verdict": "Fail" if r["severity"] == "3" else "Pass"} for r in make_rows()],
                   target="verdict==Fail")  # fmt: skip
    assert set(history.severity[history.failed].tolist()) == {3000}


def test_a_target_without_value_in_a_row_is_refused() -> None:
    assert refused(with_cell("defects", ""), target="defects>0").code == "HISTORY_TARGET"


@pytest.mark.parametrize("text", ["", "severity", ">=2", "severity>=", "severity=>2", "a>1>2", "a b>2", "a>=2 or b>1"])
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.code in {"TARGET_SYNTAX", "TARGET_ORDER"}


def test_an_order_of_texts_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_target("result<=Fail")
    assert caught.value.code == "TARGET_ORDER"


@pytest.mark.parametrize("text", ["", "4*", "*a", "4*a+", "a-b", "0.3*a", "a+a", "__import__('os')+1", "4*4", "a*4"])
def test_a_severity_expression_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_severity(text)
    assert caught.value.code == "SEVERITY_SYNTAX"


def test_a_severity_expression_adds_up() -> None:
    history = read(make_rows(), severity_col="4*severity + defects", target="severity>=2")
    assert set(history.severity.tolist()) == {0, 6000, 12_000, 18_000}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"PK\x03\x04rest", "FILE_KIND"),
        (b"PAR1broken", "FILE_PARQUET"),
        (b"a,a\n1,2\n", "FILE_HEADING"),
        (b"a,b\n1\n", "FILE_RAGGED"),
        (b'a,b\n"1,2\n', "FILE_CSV"),
        (b"\xff\xff\xff", "FILE_ENCODING"),
    ],
)
def test_bytes_that_are_no_table_are_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_codes_stay_text_and_credit_codes_become_upper_case() -> None:
    rows = [{**make_rows()[0], "object_id": "91440300ma5f0aaa1x"}, {**make_rows()[0], "object_id": "0012"}]
    assert sorted(read(rows).ids.tolist()) == ["0012", "91440300MA5F0AAA1X"]


def test_the_missing_integer_lies_below_every_value() -> None:
    assert read(make_rows()).severity.min() > MISSING
