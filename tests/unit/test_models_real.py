"""Chicago 2011-2014: the model on real inspections, with what it must beat and what must not move it."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models import attributes, features, points
from models.history import read_history
from models.objects import read_objects
from models.options import Options
from models.prior import Prior
from models.score import describe, options_of, score_objects, scores_csv
from models.tablefile import write_table
from models.train import train

NAME = "inspections/chicago_canvass_2011_2014.parquet"
ASOF = "2014-09-01"
TARGET, SEVERITY = "critical_n>0", "4*critical_n+2*serious_n+minor_n"
NAMES = ("facility_type", "risk_class", "license_age_years", "zip")


@pytest.fixture(scope="module")
def raw() -> bytes:
    root = os.environ.get("SAMPLER_TEST_DATA", "")
    if not root:
        pytest.skip(reason="SAMPLER_TEST_DATA is not set: the real inspections are not at hand")
    return (Path(root) / NAME).read_bytes()


def options(asof: str = ASOF) -> Options:
    return Options(asof=asof, target=TARGET, severity_col=SEVERITY, id_col="establishment_id", attributes=NAMES)


def test_the_points_rank_later_visits_better_than_past_severity(raw: bytes) -> None:
    table = train(raw, options()).table
    frame = pd.read_parquet(io.BytesIO(raw))
    window = frame[(frame["date"] >= "2014-09-02") & (frame["date"] <= "2014-10-31")]
    later = read_history(window, options("2014-11-01"))
    known = read_history(raw, options_of(table, ASOF))
    values = {a.name: attributes.at_visits(later, None, a) for a in table.attributes}
    day = np.full(len(later), options().asof_day, dtype="int64")
    columns = describe(table, known, features.Queries(later.ids, day, values), None)
    auc = roc_auc_score(later.failed, points.risks(table, columns))
    assert len(later) == 1895
    assert auc > 0.58
    assert auc > roc_auc_score(later.failed, columns["severity_mean"]) + 0.03
    assert not [f.name for f in table.features if "inspector" in f.name]


def outputs(frame: pd.DataFrame) -> tuple[bytes, bytes]:
    table = train(frame, options()).table
    ids = [str(i) for i in sorted(frame["establishment_id"].unique().tolist())]
    return write_table(table), scores_csv(score_objects(table, frame, ids, None, ASOF))


def test_mutated_labels_after_the_as_of_date_and_shuffled_rows_change_no_byte(raw: bytes) -> None:
    frame = pd.read_parquet(io.BytesIO(raw))
    mutated = frame.copy()
    late = mutated["date"] >= ASOF
    mutated.loc[late, ["critical_n", "serious_n", "minor_n"]] = 7.0
    mutated.loc[late, ["result", "violation_codes", "facility_type", "zip", "inspector"]] = "mutated"
    assert late.sum() == 3082
    assert outputs(frame) == outputs(mutated.sample(frac=1, random_state=5))


def test_features_of_the_whole_history_take_less_than_two_seconds(raw: bytes) -> None:
    history = read_history(raw, options("2015-01-01"))
    used = attributes.choose(history, None, options("2015-01-01"))
    seen = {a.name: attributes.at_visits(history, None, a) for a in used}
    queries = features.Queries(history.ids, history.day, seen)
    started = time.process_time()
    features.build(history, seen, queries, used, Prior(4, 4))
    assert time.process_time() - started < 2


def test_scores_reach_every_object_of_a_registry(raw: bytes) -> None:
    objects = read_objects(b"establishment_id,facility_type\n82474,Restaurant\nnew-1,School\nnew-2,Restaurant\n",
                           keep=("facility_type",))  # fmt: skip
    table = train(raw, options()).table
    scores = dict(score_objects(table, raw, objects.index.tolist(), objects, ASOF))
    assert set(scores) == {"82474", "new-1", "new-2"}
    assert scores["new-1"] < scores["new-2"]
