"""The blend: points and a share of trees, by whole numbers; a file is believed only if it is whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models import blend, points, trees
from models.blend import BlendTable
from models.card import card
from models.commands_measure import evaluate
from models.history import read_history
from models.learners import blend_table
from models.options import Options
from models.run import run_score, run_train
from models.train import Material, points_table, prepare
from models.treefile import read_model, write_model
from sampler import canon
from sampler.errors import SamplerError
from tests.unit.test_models_example import ASOF, make_objects, make_rows, to_csv


@pytest.fixture(scope="module")
def material() -> Material:
    options = Options(asof=ASOF)
    return prepare(read_history(to_csv(make_rows(objects=300, weighted=False)), options), options)


@pytest.fixture(scope="module")
def table(material: Material) -> BlendTable:
    return blend_table(material)


def test_the_log_odds_are_mixed_by_the_share_of_the_trees(material: Material, table: BlendTable) -> None:
    parts = points.risks(points_table(material), material.columns), trees.risks(table, material.columns)
    odds = [np.log(p / (1e6 - p)) for p in parts]
    both = blend.risks(table, material.columns)
    mixed = odds[0] + table.share / 1_000 * (odds[1] - odds[0])
    assert np.abs(np.log(both / (1e6 - both)) - mixed).max() < 0.002
    assert np.abs(odds[0] - odds[1]).max() > 0.1


@pytest.mark.parametrize(
    ("positives", "rows", "share"),
    [(0, 50, 0), (1, 100, 0), (200, 1_000, 100), (800, 1_000, 100), (999, 5_000, 499), (10**6, 10**7, 500)],
)
def test_trees_speak_the_louder_the_more_they_could_learn_and_never_above_half(
    positives: int, rows: int, share: int
) -> None:
    assert blend.share_of(positives, rows) == share


def test_the_share_is_that_of_the_rarer_outcome_in_training(table: BlendTable) -> None:
    assert table.share == blend.share_of(table.positives, table.rows)
    assert 0 < table.share < 500


def test_a_table_of_the_first_version_is_half_and_half(table: BlendTable) -> None:
    record = canon.decode(write_model(table))
    del record["share"]
    first = read_model(canon.encode({**record, "schema": "sampler/blend/v1"}))
    assert first == replace(table, share=500)
    assert canon.decode(write_model(first))["schema"] == "sampler/blend/v2"


@pytest.mark.parametrize("schema", ["sampler/blend/v2", "sampler/blend/v3"])
def test_any_other_version_without_a_share_is_refused(table: BlendTable, schema: str) -> None:
    record = canon.decode(write_model(table))
    del record["share"]
    with pytest.raises(SamplerError) as caught:
        read_model(canon.encode({**record, "schema": schema}))
    assert caught.value.code == "POINTS_FIELD"


def test_a_point_is_a_twentieth_of_a_doubling() -> None:
    assert abs(blend.POINT * points.DOUBLING - 1e6 * np.log(2)) < points.DOUBLING / 2


def test_one_object_by_plain_comparing_and_adding_gives_the_same(material: Material, table: BlendTable) -> None:
    many = blend.risks(table, material.columns)
    for n in range(0, len(many), 37):
        assert blend.score(table, {k: int(v[n]) for k, v in material.columns.items()}) == many[n]


def test_a_table_survives_its_file_and_is_no_other_kind(table: BlendTable) -> None:
    again = read_model(write_model(table))
    assert isinstance(again, BlendTable)
    assert again == table


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1}, {"schema": "sampler/trees/v1"}, {"type": "trees-table"}, {"features": []}, {"intercept": True},
        {"intercept": 5_000}, {"intercept": -5_000}, {"features": [{"name": "visits", "cuts": [1], "points": [1, 2]}]},
        {"names": []}, {"trees": []}, {"baseline": "1"}, {"share": -1}, {"share": 1_001}, {"share": True}, {"share": "500"},
        {"schema": "sampler/blend/v1"},
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_is_not_whole_is_refused(table: BlendTable, change: dict[str, Any]) -> None:
    record = canon.decode(write_model(table))
    record.update(change)
    with pytest.raises(SamplerError) as caught:
        read_model(canon.encode(record))
    assert caught.value.code == "POINTS_FIELD"


def test_a_line_that_stands_twice_or_is_missing_is_refused(table: BlendTable) -> None:
    record = canon.decode(write_model(table))
    for features in ([*record["features"], record["features"][0]], None):
        changed = {k: v for k, v in {**record, "features": features}.items() if v is not None}
        with pytest.raises(SamplerError) as caught:
            read_model(canon.encode(changed))
        assert caught.value.code == "POINTS_FIELD"


def test_the_blend_trains_scores_and_has_a_card_through_the_ordinary_commands() -> None:
    model, data, _ = run_train(to_csv(make_rows()), Options(asof=ASOF), learner="blend")
    scores, found, _ = run_score(model, to_csv(make_rows()), make_objects(), asof=ASOF)
    assert found["model_sha256"] == data["model_sha256"]
    assert scores.count(b"\n") == 71
    data |= {"metrics": {}, "heuristics": {}, "paired_auc": {}, "test_from": "", "test_to": "", "n_test": 1}
    assert "种类：积分表与单调提升树合用" in card(model, {**data, "base_rate": 0.1})


def test_evaluate_measures_the_blend_unless_told_otherwise() -> None:
    assert next(p.default for p in evaluate.params if p.name == "learner") == "blend"
