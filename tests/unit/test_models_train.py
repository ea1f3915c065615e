"""Training: weights, refusals, determinism, and that the model learned what the example teaches."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import features
from models.attributes import TEXT, Attribute, is_place
from models.columns import MISSING
from models.history import read_history
from models.objects import read_objects
from models.options import Options
from models.points import DOUBLING, totals
from models.prior import STRONGEST, Prior, strength
from models.run import run_score, run_train
from models.score import options_of, score_objects, scores_csv
from models.steps import logistic
from models.tablefile import write_table
from models.train import ANCHOR, BINS, FINE, Trained, binned, cut_points, fit, prepare, train, weigh
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF, Row, make_classes, make_objects, make_rows, to_csv


def trained(rows: list[Row], **choices: Any) -> Trained:
    return train(to_csv(rows), Options(asof=ASOF, **choices), read_objects(make_objects(), make_classes()))


def codes(result: Trained) -> list[object]:
    return [w["code"] for w in result.warnings]


def test_objects_that_failed_more_often_get_more_risk() -> None:
    rows = make_rows(weighted=False)
    table = trained(rows).table
    registry = read_objects(make_objects(), make_classes())
    scores = dict(score_objects(table, to_csv(rows), [f"E{n:03d}" for n in range(60)], registry, ASOF))
    odd = [p for i, p in scores.items() if int(i[1:]) % 2]
    even = [p for i, p in scores.items() if not int(i[1:]) % 2]
    assert np.mean(odd) > 1.5 * np.mean(even)


def test_only_visits_with_a_weight_train_and_the_others_are_counted() -> None:
    rows = make_rows()
    result = trained(rows)
    assert result.table.weights == "W"
    assert result.counts["rows_train"] + result.counts["rows_features_only"] == result.counts["rows_used"]
    assert 0 < result.counts["effective_n"] < result.counts["rows_train"]


def test_visits_without_weight_still_feed_the_features() -> None:
    rows = make_rows()
    other = [{**r, "severity": "3"} if not r["W"] else r for r in rows]
    assert trained(rows).table.features != trained(other).table.features


def test_without_any_weight_every_visit_trains_and_that_is_said() -> None:
    result = trained(make_rows(weighted=False))
    assert result.table.weights == "none"
    assert "TRAIN_UNWEIGHTED" in codes(result)


def test_weights_can_be_ignored_on_purpose() -> None:
    assert trained(make_rows(), weight_col="none").table.weights == "none"


def test_weights_are_cut_off_at_their_99th_percentile_and_the_cut_is_stated() -> None:
    rows = make_rows(weighted=False)
    for row in rows:
        row["W"] = "2"
    rows[0]["W"] = "5000"
    weighted = weigh(read_history(to_csv(rows), Options(asof=ASOF)))
    assert set(weighted.weight.tolist()) == {2_000_000}
    assert weighted.counts["weight_clipped_rows"] == 1
    assert weighted.counts["weight_clipped_ppm"] == 4998 * 10**6 // (5000 + 2 * (len(weighted.rows) - 1))
    assert weighted.counts["effective_n"] == len(weighted.rows)


def test_fewer_than_fifty_training_visits_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        trained(make_rows(objects=12))
    assert caught.value.code == "TRAIN_ROWS"


def test_fifty_visits_of_which_few_have_weights_are_refused_naming_the_way_out() -> None:
    rows = make_rows(weighted=False)
    for row in rows[:30]:
        row["W"] = "3"
    with pytest.raises(InputError) as caught:
        trained(rows)
    assert caught.value.code == "TRAIN_ROWS"
    assert "--weight-col none" in caught.value.problem.hint


@pytest.mark.parametrize("target", ["severity>=0", "severity>9"])
def test_a_history_of_one_outcome_is_refused(target: str) -> None:
    with pytest.raises(InputError) as caught:
        trained(make_rows(), target=target)
    assert caught.value.code == "TRAIN_ONE_CLASS"


def test_an_as_of_date_before_everything_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        train(to_csv(make_rows()), Options(asof="2020-01-01"))
    assert caught.value.code == "TRAIN_ROWS"


def test_future_and_merged_rows_and_the_snapshot_of_classes_are_told() -> None:
    rows = make_rows()
    rows += [{**rows[0], "severity": "3"}, {**rows[0], "date": "2027-01-01"}]
    told = codes(trained(rows))
    assert {"HISTORY_FUTURE", "HISTORY_MERGED", "ATTRIBUTE_SNAPSHOT"} <= set(told)


def test_properties_come_from_the_registry() -> None:
    names = {f.name for f in trained(make_rows()).table.features}
    assert {"place:district", "rate:industry", "rate:class", "days_since:established"} <= names


def test_shuffled_rows_give_the_same_bytes() -> None:
    rows = make_rows()
    rows += [{**r, "severity": "1", "inspector_id": "Z"} for r in rows[:20]]
    shuffled = rows[:]
    random.Random(7).shuffle(shuffled)  # a test, not a draw
    assert write_table(trained(rows).table) == write_table(trained(shuffled).table)


SCRIPT = """
import hashlib, sys
from models.options import Options
from models.run import run_score, run_train
from tests.unit.test_models_example import *
model, _, _ = run_train(to_csv(make_rows()), Options(asof=ASOF), objects=make_objects(), classes=make_classes())
scores, _, _ = run_score(model, to_csv(make_rows()), make_objects(), asof=ASOF, classes=make_classes())
print(hashlib.sha256(model + scores).hexdigest())
"""


def test_hash_seeds_and_threads_change_nothing() -> None:
    root = Path(__file__).parents[2]
    seen = set()
    for seed, threads in (("1", "1"), ("2", "2")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=root, capture_output=True, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1


def test_training_data_hash_depends_on_what_trained_only() -> None:
    rows = make_rows()
    first = trained(rows).table.trained_on
    assert first == trained(rows[::-1]).table.trained_on
    assert first == trained([*rows, {**rows[0], "date": ASOF}]).table.trained_on
    assert first != trained(rows[1:]).table.trained_on


def test_objects_never_visited_get_a_score_from_their_properties() -> None:
    rows = make_rows()
    model, _, _ = run_train(to_csv(rows), Options(asof=ASOF), objects=make_objects(), classes=make_classes())
    raw, data, told = run_score(model, to_csv(rows), make_objects(), asof=ASOF, classes=make_classes())
    lines = raw.decode().splitlines()
    new = {line.partition(",")[2] for line in lines[61:]}
    assert (data["objects"], data["never_visited"], [w["code"] for w in told]) == (70, 10, ["HISTORY_MERGED"])
    assert len(lines) == 71
    assert len(new) > 1


def test_an_empty_history_still_scores_everyone() -> None:
    table = trained(make_rows()).table
    none = to_csv([dict.fromkeys(make_rows()[0], "")]).splitlines(keepends=True)[0]
    scores = score_objects(table, none, ["B", "A"], None, ASOF)
    assert [i for i, _ in scores] == ["A", "B"]
    assert len({p for _, p in scores}) == 1


def test_no_objects_give_no_scores() -> None:
    assert score_objects(trained(make_rows()).table, to_csv(make_rows()), [], None, ASOF) == []
    assert scores_csv([]) == b"object_id,risk_ppm\n"


def test_scores_stand_in_order_of_identifier_bytes() -> None:
    assert scores_csv([("b", 1), ("B", 2), ("1", 0)]) == b"object_id,risk_ppm\n1,0\nB,2\nb,1\n"


@pytest.mark.parametrize("bad", ["", "a,b", "a\nb", "企业", "x" * 65, 'a"b'])
def test_an_object_id_that_would_break_the_file_is_refused(bad: str) -> None:
    with pytest.raises(InputError) as caught:
        score_objects(trained(make_rows()).table, to_csv(make_rows()), ["E001", bad], None, ASOF)
    assert caught.value.code == "SCORE_ID"


def test_an_object_named_twice_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        score_objects(trained(make_rows()).table, to_csv(make_rows()), ["E001", "E001"], None, ASOF)
    assert caught.value.code == "SCORE_DUPLICATE"


def test_a_table_may_not_score_a_day_before_its_own() -> None:
    with pytest.raises(InputError) as caught:
        options_of(trained(make_rows()).table, "2026-11-30")
    assert caught.value.code == "SCORE_ASOF"


def test_attributes_that_no_file_has_are_told() -> None:
    rows = make_rows()
    model, _, _ = run_train(to_csv(rows), Options(asof=ASOF), objects=make_objects(), classes=make_classes())
    _, _, told = run_score(model, to_csv(rows), make_objects(), asof=ASOF)
    assert [(w["code"], w["column"]) for w in told] == [("HISTORY_MERGED", ""), ("SCORE_ATTRIBUTE", "class")]


@pytest.mark.parametrize(
    ("objects", "code"),
    [
        (b"name\nx\n", "OBJECTS_COLUMN"),
        (b"object_id\nA\nA\n", "OBJECTS_DUPLICATE"),
        (b"object_id\nA B\n", "OBJECTS_ID"),
        (b"object_id,x\n,1\n", "OBJECTS_ID"),
        ("object_id,统一社会信用代码\nA,B\n".encode(), "OBJECTS_COLUMN"),
    ],
)
def test_a_registry_that_cannot_be_used_is_refused(objects: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_objects(objects)
    assert caught.value.code == code


def test_a_file_of_classes_without_classes_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_objects(make_objects(), b"object_id,x\nE001,A\n")
    assert caught.value.code == "OBJECTS_COLUMN"


def test_classes_alone_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        run_train(to_csv(make_rows()), Options(asof=ASOF), classes=make_classes())
    assert caught.value.code == "CLASSES_ALONE"


def test_chinese_and_english_headings_train_the_same_table() -> None:
    results = [
        train(to_csv(make_rows()), Options(asof=ASOF), read_objects(make_objects(chinese=zh))).table
        for zh in (True, False)
    ]
    assert results[0] == results[1]


def test_shrinkage_is_strongest_where_objects_do_not_differ() -> None:
    groups = np.repeat(np.arange(50), 2)
    same = np.tile([0.0, 1.0], 50)
    assert strength(groups, same) == STRONGEST
    assert strength(groups, (groups % 2).astype("float64")) == 1
    assert strength(np.arange(3), np.ones(3)) == STRONGEST


def fitted(seed: int) -> tuple[Any, ...]:
    """Return points and exact log-odds (in points) of training visits of a random history, and who was never visited."""
    rows = make_rows(objects=80 + 20 * seed, weighted=False)
    chance = random.Random(seed)
    for row in rows:
        row["severity"] = str(chance.choice((0, 0, 0, 1, 2, 3, 5)))
    m = prepare(read_history(to_csv(rows), Options(asof=ASOF)), Options(asof=ASOF))
    lines, intercept = fit(m.columns, m.failed, m.weighted.weight)
    table = SimpleNamespace(features=lines, intercept=intercept)
    parts = [binned(n, v, f.cuts) for (n, v), f in zip(m.columns.items(), lines, strict=True)]
    start, found = logistic(parts, m.failed, np.ones(len(m.failed)))
    exact = start + sum(line[p.bins] for p, line in zip(parts, found, strict=True))
    return lines, totals(table, m.columns), exact * DOUBLING / np.log(2), m.columns[ANCHOR] == MISSING


@pytest.mark.parametrize("seed", range(4))
def test_firms_never_visited_take_their_rounding_errors_on_one_line(seed: int) -> None:
    _, whole, exact, unseen = fitted(seed)
    assert unseen.any()
    assert abs((whole - exact)[unseen].mean()) <= 0.5 + 1e-6


def test_rounding_moves_no_visited_firm_by_more_than_half_a_point_a_line() -> None:
    lines, whole, exact, unseen = fitted(1)
    assert np.abs(whole - exact)[~unseen].max() <= 0.5 * (len(lines) + 1)


def test_the_points_are_whole_and_a_worse_past_never_lowers_them() -> None:
    lines = fitted(2)[0]
    assert all(type(p) is int for f in lines for p in f.points)
    for f in lines:
        steps, way = np.diff(f.points[1:]), features.direction(f.name)
        assert (steps * way >= 0).all(), f.name


def test_a_table_without_the_mean_severity_is_rounded_line_by_line() -> None:
    chance = np.random.default_rng(5)
    values, failed = chance.integers(0, 9, 300), chance.random(300) < 0.3
    lines, intercept = fit({"rate:x": values}, failed, np.full(300, 10**6))
    start, (line,) = logistic([binned("rate:x", values, lines[0].cuts)], failed, np.ones(300))
    assert np.abs(np.array(lines[0].points) - line * DOUBLING / np.log(2)).max() <= 0.5 + 1e-6
    assert abs(intercept - start * DOUBLING / np.log(2)) <= 0.5 + 1e-6


def test_the_mean_severity_has_finer_bins_than_the_rest() -> None:
    values = np.arange(10_000)
    assert len(cut_points(values)) == BINS
    assert BINS < len(cut_points(values, FINE)) <= FINE


def test_a_history_too_small_for_anything_else_ranks_by_the_mean_severity() -> None:
    """Sixty visits: what is learnt beyond the logarithm of the mean severity stays a small part of the points."""
    m = prepare(read_history(to_csv(make_rows(objects=16, weighted=False)), Options(asof=ASOF)), Options(asof=ASOF))
    lines, _ = fit(m.columns, m.failed, m.weighted.weight)
    spans = {f.name: max(f.points[1:]) - min(f.points[1:]) for f in lines}
    assert spans[ANCHOR] > 3 * max(s for n, s in spans.items() if n != ANCHOR)


def test_cut_points_of_a_constant_or_empty_feature_are_the_missing_one_only() -> None:
    assert cut_points(np.full(80, 5)) == cut_points(np.array([], dtype="int64")) == (-999_999_999,)


def test_a_place_speaks_only_for_a_firm_without_its_own_record() -> None:
    history = read_history(to_csv(make_rows()), Options(asof=ASOF))
    zips = np.array([f"2{int(i) % 3}" for i in pd.factorize(history.ids)[0]], dtype="object")
    ids = np.array([history.ids[0], "NEVER-SEEN"], dtype="object")
    asked = features.Queries(ids, np.full(2, history.day.max() + 1), {"zip": np.array(["20", "20"], dtype="object")})
    found = features.build(history, {"zip": zips}, asked, (Attribute("zip", TEXT),), Prior(4, 4))
    assert found["visits"].tolist()[1] == 0 < found["visits"].tolist()[0]
    assert found["place:zip"][0] == MISSING < found["place:zip"][1]
    assert "rate:zip" not in found


def test_a_trade_speaks_for_every_firm() -> None:
    history = read_history(to_csv(make_rows()), Options(asof=ASOF))
    trades = np.full(len(history), "food", dtype="object")
    day = np.full(1, history.day.max() + 1)
    asked = features.Queries(history.ids[:1], day, {"industry": np.array(["food"], dtype="object")})
    found = features.build(history, {"industry": trades}, asked, (Attribute("industry", TEXT),), Prior(4, 4))
    assert found["rate:industry"][0] > MISSING


@pytest.mark.parametrize("name", ["zip", "police_district", "ward", "区划", "街道", "zipcode", "district*industry"])
def test_what_says_where_the_firm_is_counts_as_a_place(name: str) -> None:
    assert is_place(name)


@pytest.mark.parametrize("name", ["industry", "wardrobe", "steward", "class", "facility_type", "owner_id"])
def test_what_says_what_the_firm_is_counts_as_none(name: str) -> None:
    assert not is_place(name)
