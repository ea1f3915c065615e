"""The regression on steps: held to the same loss with its design written out, and to its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from models.columns import MISSING
from models.steps import STRENGTH, Binned, logistic, ramp


def world(seed: int, rows: int = 400) -> tuple[list[Binned], np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    features = [
        Binned(chance.integers(0, size + 1, rows), size, way) for size, way in ((5, 1), (7, 0), (1, 0), (4, -1))
    ]
    anchor = chance.integers(0, 7, rows)
    features.append(Binned(anchor, 6, 1, ramp(np.where(anchor, anchor**2 * 500, MISSING), anchor, 6)))
    chances = expit(0.6 * features[0].bins - 0.3 * features[1].bins - 0.5)
    return features, chance.random(rows) < chances, chance.integers(1, 4, rows).astype("float64")


def written_out(features: list[Binned], failed: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the log-odds of each visit from the dense design: a column for missing, one for each step, one for a ramp."""
    parts: list[np.ndarray] = [np.ones((len(failed), 1))]
    for f in features:
        parts += [(f.bins == 0)[:, None], f.bins[:, None] >= np.arange(2, f.size + 1)]
        parts += [f.ramp[f.bins][:, None]] if len(f.ramp) else []
    design = np.hstack([p.astype("float64") for p in parts])
    free = [0, *([design.shape[1] - 1] if len(features[-1].ramp) else [])]
    held = np.ones(design.shape[1])
    held[free] = 0
    sign = 2.0 * failed - 1

    def loss(b: np.ndarray) -> float:
        return float(STRENGTH * weight @ np.logaddexp(0, -sign * (design @ b)) + 0.5 * held @ b**2)

    bounds = [(None, None), *(bound for f in features for bound in f.bounds())]
    found = minimize(loss, np.zeros(design.shape[1]), method="L-BFGS-B", bounds=bounds,
                     options={"maxfun": 10**6, "maxiter": 10**5, "ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
    return np.asarray(design @ found.x)


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_that_of_the_design_written_out(seed: int) -> None:
    features, failed, weight = world(seed)
    intercept, lines = logistic(features, failed, weight)
    total = intercept + sum(line[f.bins] for f, line in zip(features, lines, strict=True))
    assert np.abs(total - written_out(features, failed, weight)).max() < 1e-3


def test_lines_keep_their_direction_and_begin_at_nothing() -> None:
    features, failed, weight = world(9)
    _, lines = logistic(features, ~failed, weight)
    assert (np.diff(lines[0][1:]) >= 0).all()
    assert (np.diff(lines[3][1:]) <= 0).all()
    assert (np.diff(lines[4][1:]) >= 0).all()
    assert [line[1] for line in lines[:4]] == [0, 0, 0, 0]
    assert [len(line) for line in lines] == [6, 8, 2, 5, 7]


@pytest.mark.parametrize("number", [1, 4])
def test_the_slopes_are_those_of_the_line(number: int) -> None:
    feature = world(4)[0][number]
    assert feature.parameters == 7
    chance = np.random.default_rng(1)
    steps, pull = chance.normal(size=7), chance.normal(size=len(feature.bins))
    moved = [feature.line(steps + 1e-6 * np.eye(7)[k])[feature.bins] @ pull for k in range(7)]
    assert np.allclose(
        (np.array(moved) - feature.line(steps)[feature.bins] @ pull) / 1e-6, feature.slopes(pull), atol=1e-4
    )


def test_a_ramp_rises_with_the_logarithm_and_stands_still_at_the_missing_values() -> None:
    values = np.array([MISSING, 0, 1_000, 3_000, 7_000, 15_000])
    bins = np.arange(6)
    found = ramp(values, bins, 5)
    assert found[0] == 0
    assert np.allclose(np.diff(found[1:]), np.log(2))
    assert abs(found[bins[1:]].mean()) < 1e-9


def test_a_ramp_of_empty_or_unknown_values_is_flat_there() -> None:
    assert ramp(np.full(3, MISSING), np.zeros(3, dtype="intp"), 4).tolist() == [0] * 5
    gap = ramp(np.array([1_000, 3_000]), np.array([1, 3]), 3)
    assert gap[1] == gap[2] < gap[3]


def test_a_slope_without_a_penalty_is_learnt_from_little_where_steps_are_not() -> None:
    """Severity decides by its logarithm: forty visits teach the ramp most of the slope, steps stay near nothing."""
    chance = np.random.default_rng(3)
    severity = chance.permutation(np.repeat(np.arange(1, 9), 5))
    failed = chance.random(40) < expit(3 * np.log1p(severity) - 5)
    with_ramp, without = (
        logistic([Binned(severity, 8, 1, r)], failed, np.ones(40))[1][0]
        for r in (ramp(severity * 1_000, severity, 8), np.zeros(0))
    )
    assert with_ramp[8] - with_ramp[1] > 10 * (without[8] - without[1])
