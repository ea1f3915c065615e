"""The challenger: the integer tables say what the library said, and a file is believed only if it is whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from models import features, growing, trees
from models.columns import MISSING
from models.history import read_history
from models.options import Options
from models.points import KNOWN
from models.run import run_score, run_train
from models.train import Material, prepare
from models.treefile import read_model, write_model
from sampler import canon
from sampler.errors import SamplerError
from tests.unit.test_models_example import ASOF, make_objects, make_rows, to_csv


@pytest.fixture(scope="module")
def material() -> Material:
    options = Options(asof=ASOF)
    return prepare(read_history(to_csv(make_rows(objects=300, weighted=False)), options), options)


@pytest.fixture(scope="module")
def table(material: Material) -> trees.TreesTable:
    return growing.trees_table(material)


def library(material: Material) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = list(material.columns.values())
    design = growing.numbered([growing.bin_edges(v) for v in values], values)
    signs = [features.direction(n) for n in material.columns]
    model = HistGradientBoostingClassifier(**growing.SETTINGS, monotonic_cst=signs)
    model.fit(design, material.failed, sample_weight=np.ones(len(design)))
    found: np.ndarray[Any, np.dtype[np.float64]] = model.decision_function(design)
    return found


def test_the_sum_of_the_trees_is_the_librarys(material: Material, table: trees.TreesTable) -> None:
    assert np.abs(trees.log_odds(table, material.columns) / 1e6 - library(material)).max() < 1e-4


@settings(max_examples=60)
@given(st.lists(st.one_of(st.just(MISSING), st.integers(-5_000, 5_000)), min_size=1, max_size=400))
def test_numbers_are_few_whole_in_the_order_of_the_values_and_missing_where_nothing_is_known(values: list[int]) -> None:
    column = np.array(values, dtype="int64")
    edges = growing.bin_edges(column)
    numbers = growing.numbered([edges], [column])[:, 0]
    assert (np.isnan(numbers) == (column == MISSING)).all()
    known, order = numbers[column != MISSING], np.sort(column[column != MISSING])
    assert set(known.tolist()) == set(range(1, len(edges) + 1)) if len(known) else edges == (KNOWN,)
    assert len(edges) <= growing.BINS
    assert (np.sort(known) == np.searchsorted(np.array(edges), order, side="right")).all()


def test_one_object_by_plain_comparing_and_adding_gives_the_same(material: Material, table: trees.TreesTable) -> None:
    many = trees.risks(table, material.columns)
    for n in range(0, len(many), 37):
        assert trees.score(table, {k: int(v[n]) for k, v in material.columns.items()}) == many[n]


def test_a_worse_past_never_lowers_the_risk(table: trees.TreesTable, material: Material) -> None:
    start = {k: v[:50].copy() for k, v in material.columns.items()}
    for name in ("severity_mean", "last_severity", "fail_rate"):
        before = trees.log_odds(table, start)
        worse = {**start, name: np.where(start[name] == MISSING, MISSING, start[name] + 500_000)}
        assert (trees.log_odds(table, worse) >= before).all()


def test_a_table_survives_its_file(table: trees.TreesTable) -> None:
    assert read_model(write_model(table)) == table


def test_risks_by_log_odds_are_half_up_in_every_library() -> None:
    milli = np.arange(-trees.EDGE, trees.EDGE + 1, 97)
    exact = 1e6 / (1 + np.exp(-milli / 1000))
    assert np.abs((exact % 1) - 0.5).min() > 1e-9
    assert (trees.risk_of_log_odds()[milli + trees.EDGE] == np.floor(exact + 0.5)).all()


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1}, {"schema": "sampler/trees/v0"}, {"names": []}, {"names": ["visits", "visits"]}, {"cuts": [[1]]},
        {"trees": []}, {"trees": [{"leaves": [], "masks": []}]}, {"trees": [{"leaves": [1] * 9, "masks": []}]},
        {"trees": [{"leaves": [2**40], "masks": []}]}, {"baseline": True}, {"trained_on": "x"},
        {"trees": [{"leaves": [1], "masks": [{"feature": 99, "bins": "00" * 256}]}]},
        {"trees": [{"leaves": [1], "masks": [{"feature": 0, "bins": "0g"}]}]},
        {"trees": [{"leaves": [1], "masks": [{"feature": 0, "bins": "00"}]}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused(table: trees.TreesTable, change: dict[str, Any]) -> None:
    record = canon.decode(write_model(table))
    record.update(change)
    with pytest.raises(SamplerError) as caught:
        read_model(canon.encode(record))
    assert caught.value.code == "POINTS_FIELD"


def test_the_challenger_trains_and_scores_through_the_ordinary_commands() -> None:
    model, data, _ = run_train(to_csv(make_rows()), Options(asof=ASOF), learner="trees")
    scores, found, _ = run_score(model, to_csv(make_rows()), make_objects(), asof=ASOF)
    assert found["model_sha256"] == data["model_sha256"]
    assert scores.count(b"\n") == 71
