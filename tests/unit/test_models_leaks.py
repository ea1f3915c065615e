"""What may never become a feature, and that nothing from the future or from the inspector gets through."""

from __future__ import annotations

from typing import Any

import pytest

from models.objects import read_objects
from models.options import Options
from models.run import run_score, run_train
from models.train import train
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF, Row, make_classes, make_objects, make_rows, to_csv


def refused(rows: list[Row], *attributes: str, **choices: Any) -> str:
    with pytest.raises(InputError) as caught:
        train(to_csv(rows), Options(asof=ASOF, attributes=attributes, **choices))
    assert caught.value.problem.place.column == attributes[0].partition(":")[0]
    assert caught.value.problem.hint
    return caught.value.code


def added(name: str) -> list[Row]:
    return [{**r, name: str(n % 7)} for n, r in enumerate(make_rows())]


@pytest.mark.parametrize(
    "name",
    ["result", "severity", "defects", "score", "critical_n", "n_viol", "violations", "violation_codes", "comments",
     "inspection_result", "last_score", "visit_code", "entered_at", "penalty", "检查结果", "违法情形", "备注"],
)  # fmt: skip
def test_what_describes_the_outcome_of_the_visit_is_refused_by_name(name: str) -> None:
    assert refused(added(name) if name not in make_rows()[0] else make_rows(), name) == "ATTRIBUTE_OUTCOME"


@pytest.mark.parametrize("name", ["inspector_id", "inspector", "lead_officer", "officers_present", "检查人员"])
def test_the_inspector_is_refused_by_name(name: str) -> None:
    assert refused(added(name), name) == "ATTRIBUTE_INSPECTOR"


def test_the_inspector_is_refused_under_another_name_once_told() -> None:
    assert refused(added("colour"), "colour", inspector_col="colour") == "ATTRIBUTE_INSPECTOR"


@pytest.mark.parametrize("name", ["W", "pi", "draw_id"])
def test_probabilities_of_the_draw_are_refused(name: str) -> None:
    assert refused(make_rows(), name) == "ATTRIBUTE_DESIGN"


def test_the_columns_of_target_and_severity_are_refused_whatever_their_name() -> None:
    assert refused(added("points"), "points", target="points>=3") == "ATTRIBUTE_OUTCOME"
    rows = added("points")
    assert refused(rows, "points", severity_col="2*points+severity", target="severity>=2") == "ATTRIBUTE_OUTCOME"


def test_a_copy_of_the_outcome_under_an_innocent_name_is_refused() -> None:
    rows = [{**r, "colour": "red" if int(r["severity"]) >= 2 else "blue"} for r in make_rows()]
    assert refused(rows, "colour") == "ATTRIBUTE_LEAK"


@pytest.mark.parametrize(
    ("name", "code"),
    [("nowhere", "ATTRIBUTE_MISSING"), ("object_id", "ATTRIBUTE_KEY"), ("date", "ATTRIBUTE_KEY"),
     ("item:colour", "ATTRIBUTE_KIND")],
)  # fmt: skip
def test_an_attribute_that_cannot_be_used_is_refused(name: str, code: str) -> None:
    assert refused(make_rows(), name) == code


def test_an_excluded_attribute_is_not_even_judged() -> None:
    trained = train(to_csv(make_rows()), Options(asof=ASOF, attributes=("item", "severity"), exclude=("severity",)))
    assert [a.name for a in trained.table.attributes] == ["item"]


def test_no_feature_ever_names_the_inspector() -> None:
    objects = read_objects(make_objects(), make_classes())
    table = train(to_csv(make_rows()), Options(asof=ASOF), objects).table
    assert not [f.name for f in table.features if "inspector" in f.name]


def test_another_inspector_changes_neither_table_nor_scores() -> None:
    rows = make_rows()
    other = [{**r, "inspector_id": f"Q{n}"} for n, r in enumerate(rows)]
    assert outputs(rows) == outputs(other)


def outputs(rows: list[Row]) -> tuple[bytes, bytes]:
    model, _, _ = run_train(to_csv(rows), Options(asof="2026-06-01"), objects=make_objects(), classes=make_classes())
    scores, _, _ = run_score(model, to_csv(rows), make_objects(), asof="2026-06-01", classes=make_classes())
    return model, scores


def test_labels_at_or_after_the_as_of_date_change_nothing() -> None:
    rows = make_rows()
    late = sum(r["date"] >= "2026-06-01" for r in rows)
    mutated = [{**r, "severity": "junk", "W": "x", "defects": "?"} if r["date"] >= "2026-06-01" else r for r in rows]
    assert late > 10
    assert outputs(rows) == outputs(mutated)


def test_a_label_before_the_as_of_date_changes_the_table() -> None:
    rows = make_rows()
    flipped = [{**r, "severity": "3" if r["severity"] == "0" else "0"} if r["date"] < "2026-06-01" else r for r in rows]
    assert outputs(rows)[0] != outputs(flipped)[0]


def test_rows_after_the_as_of_date_may_be_missing_altogether() -> None:
    rows = make_rows()
    assert outputs(rows) == outputs([r for r in rows if r["date"] < "2026-06-01"])
