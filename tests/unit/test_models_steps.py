"""The regression on steps: held to the same loss with its design written out, and to its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from models.steps import STRENGTH, Binned, logistic


def world(seed: int, rows: int = 400) -> tuple[list[Binned], np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    features = [
        Binned(chance.integers(0, size + 1, rows), size, way) for size, way in ((5, 1), (7, 0), (1, 0), (4, -1))
    ]
    chances = expit(0.6 * features[0].bins - 0.3 * features[1].bins - 0.5)
    return features, chance.random(rows) < chances, chance.integers(1, 4, rows).astype("float64")


def written_out(features: list[Binned], failed: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the log-odds of each visit from the dense design: a column for missing, one for each step."""
    design = np.hstack([np.column_stack([f.bins == 0, f.bins[:, None] >= np.arange(2, f.size + 1)]) for f in features])
    design = np.column_stack([np.ones(len(failed)), design.astype("float64")])
    sign = 2.0 * failed - 1

    def loss(b: np.ndarray) -> float:
        return float(STRENGTH * weight @ np.logaddexp(0, -sign * (design @ b)) + 0.5 * b[1:] @ b[1:])

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
    assert [line[1] for line in lines] == [0, 0, 0, 0]
    assert [len(line) for line in lines] == [6, 8, 2, 5]


def test_the_slopes_are_those_of_the_line() -> None:
    feature = world(4)[0][1]
    chance = np.random.default_rng(1)
    steps, pull = chance.normal(size=7), chance.normal(size=len(feature.bins))
    moved = [feature.line(steps + 1e-6 * np.eye(7)[k])[feature.bins] @ pull for k in range(7)]
    assert np.allclose(
        (np.array(moved) - feature.line(steps)[feature.bins] @ pull) / 1e-6, feature.slopes(pull), atol=1e-4
    )
