"""Metrics against their textbook twins, intervals against what they promise, and a calibration error without bias."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from models.bootstrap import Resampler, differences, estimates
from models.metrics import NAMES, Ranking, calibration_error, plain_calibration_error

VISITS = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(1, 4)), min_size=6, max_size=40).filter(
    lambda rows: len({y for _, y, _ in rows}) == 2
)


def ranking(risk: list[int], failed: list[bool], day: list[int] | None = None) -> Ranking:
    n = len(risk)
    days = np.array(day if day is not None else range(n), dtype="int64")
    return Ranking(np.array(risk, dtype="int64"), np.array(failed), days, np.ones(n, dtype="int64"))


@given(VISITS)
def test_auc_precision_and_brier_are_those_of_the_library_weights_and_ties_included(
    rows: list[tuple[int, bool, int]],
) -> None:
    risk, failed, weight = ([r[k] for r in rows] for k in range(3))
    got = ranking([100_000 * int(r) for r in risk], [bool(y) for y in failed]).measured(np.array([weight], dtype=float))
    assert got["auc"][0] == pytest.approx(roc_auc_score(failed, risk, sample_weight=weight))
    assert got["ap"][0] == pytest.approx(average_precision_score(failed, risk, sample_weight=weight))
    share = [r / 10 for r in risk]
    assert got["brier"][0] == pytest.approx(brier_score_loss(failed, share, sample_weight=weight))


@given(VISITS)
def test_a_weight_of_two_is_the_visit_twice(rows: list[tuple[int, bool, int]]) -> None:
    again = [r for r in rows for _ in range(r[2])]
    once = ranking([r[0] for r in rows], [r[1] for r in rows]).measured(np.array([[r[2] for r in rows]], dtype=float))
    twice = ranking([r[0] for r in again], [r[1] for r in again]).measured(np.ones((1, len(again))))
    for name in ("auc", "ap", "precision_at_10", "precision_at_20", "brier"):
        assert once[name][0] == pytest.approx(twice[name][0])


def test_precision_at_a_share_counts_the_top_and_shares_the_tie_at_the_edge() -> None:
    got = ranking([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [True, False] * 5).measured(np.ones((1, 10)))
    assert got["precision_at_20"][0] == 0.5
    assert got["precision_at_10"][0] == 1
    assert ranking([1] * 10, [True] * 3 + [False] * 7).measured(np.ones((1, 10)))["precision_at_10"][
        0
    ] == pytest.approx(0.3)


def test_days_earlier_is_the_gain_of_failed_visits_when_dates_are_dealt_by_risk() -> None:
    got = ranking([0, 0, 9, 1], [False, False, True, False], [10, 20, 30, 40])
    assert got.measured(np.ones((1, 4)))["days_earlier"][0] == 20
    assert ranking([5, 5, 5], [True, False, True], [1, 2, 9]).days_earlier(np.ones((1, 3)))[0] == pytest.approx(1)


def test_a_fold_deals_only_its_own_dates() -> None:
    got = Ranking(np.array([1, 2, 3]), np.array([False, True, True]), np.array([0, 10, 99]), np.array([1, 1, 2]))
    assert got.days_earlier(np.ones((1, 3)))[0] == 5


def test_the_calibration_error_of_a_calibrated_model_is_near_zero_and_of_a_wrong_one_its_true_value() -> None:
    chance = np.random.default_rng(5)
    risk = chance.integers(20_000, 600_000, 4_000)
    one = np.ones((1, 4_000))
    right = [calibration_error(risk, chance.random(4_000) < risk / 1e6, one)[0] for _ in range(60)]
    plain = [plain_calibration_error(risk, chance.random(4_000) < risk / 1e6, one)[0] for _ in range(60)]
    wrong = [calibration_error(risk, chance.random(4_000) < risk / 1e6 + 0.05, one)[0] for _ in range(60)]
    assert np.mean(np.square(right)) < 0.3 * np.mean(np.square(plain))
    assert np.mean(wrong) == pytest.approx(0.05, abs=0.004)


def test_a_better_ranking_is_told_from_a_worse_one_and_equal_ones_are_not() -> None:
    chance = np.random.default_rng(6)
    truth = chance.random(2_000)
    failed = chance.random(2_000) < truth
    ids = np.array([f"o{n // 2}" for n in range(2_000)], dtype="object")
    days, fold = np.arange(2_000), np.ones(2_000, dtype="int64")
    rankings = {
        "model": Ranking((truth * 1e6).astype("int64"), failed, days, fold),
        "same": Ranking((truth * 1e6).astype("int64"), failed, days, fold),
        "noisy": Ranking(((truth + chance.random(2_000)) * 5e5).astype("int64"), failed, days, fold),
    }
    resampler = Resampler(ids, np.ones(2_000), 3)
    found = differences(rankings, resampler, "model")
    assert found["noisy"].lo > 0
    assert (found["same"].lo, found["same"].value, found["same"].hi) == (0, 0, 0)
    whole = estimates({"model": rankings["model"]}, resampler)["model"]
    assert list(whole) == list(NAMES)
    assert all(e.lo <= e.value <= e.hi for e in whole.values() if e.value == e.value and e is not whole["ece"])


def test_visits_of_one_object_do_not_count_as_independent() -> None:
    chance = np.random.default_rng(7)
    risk, failed = chance.integers(0, 10**6, 60), chance.random(60) < 0.4
    alone = np.array([f"o{n}" for n in range(600)], dtype="object")
    together = np.array([f"o{n % 60}" for n in range(600)], dtype="object")
    many = Ranking(np.tile(risk, 10), np.tile(failed, 10), np.arange(600), np.ones(600, dtype="int64"))
    width = [
        (e := estimates({"m": many}, Resampler(ids, np.ones(600), 1))["m"]["auc"]).hi - e.lo
        for ids in (alone, together)
    ]
    assert width[1] > 2 * width[0]


def test_a_number_that_is_not_defined_is_null() -> None:
    got = estimates(
        {"m": ranking([1, 2, 3], [False, False, False])},
        Resampler(np.array(list("abc"), dtype="object"), np.ones(3), 1),
    )
    assert got["m"]["auc"].shown() == {"value": None, "lo": None, "hi": None}
