"""The intervals cover what they promise (docs/spec/estimate.md, 5); the full grid is make bench PART=estimate and make torture."""

from __future__ import annotations

import secrets

import pytest

from sampler.estimate import interval, ratio
from tests import coverage_grid
from tests.coverage_grid import CELLS, cooldown, one, simulate

SMALL = (
    "60, 12 (.167)",
    "500, 25 (.3, uninformative)",
    "500, 100 (.5)",
    "8 strata, n = 46",
    "75 of 300, about 30 taken",
)


@pytest.mark.parametrize("cell", SMALL)
def test_a_small_grid_holds(cell: str) -> None:
    found = simulate(cell, 3000, 1)
    assert not found.fails, found
    assert abs(found.bias) < 0.02
    assert 0.8 < found.estimated_sd / found.true_sd < 1.2


def test_strata_of_one_hold_and_separate_ratios_would_be_biased() -> None:
    found = simulate("40 strata with m = 1", 1500, 1)
    assert not found.fails
    assert abs(found.bias) < 0.02
    assert found.separate_bias < -0.08


def test_a_planted_wrong_variance_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the weights vary and many units speak, the interval leans on the variance."""
    monkeypatch.setitem(CELLS, "leaning", one(2000, 200, 0.5, informed=False))
    right = ratio.deville
    assert not simulate("leaning", 3000, 1).fails
    monkeypatch.setattr(ratio, "deville", lambda s, z: 0.25 * right(s, z))
    assert simulate("leaning", 3000, 1).fails


def test_a_planted_wrong_weight_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = coverage_grid.samples

    def flat(*given: object) -> object:
        sample, inside, left = right(*given)  # type: ignore[arg-type]  # handed on as they are
        sample.weight[:] = sample.weight.mean()
        return sample, inside, left

    monkeypatch.setattr(coverage_grid, "samples", flat)
    assert simulate("500, 100 (.5)", 3000, 1).fails


def test_the_interval_without_its_correction_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 5.3 is needed: without it a draw whose risk does not predict the outcome is covered too rarely."""
    monkeypatch.setattr(interval, "TRUST", 1e-9)
    assert simulate("500, 25 (.3, uninformative)", 6000, 1).fails


def test_w_speaks_for_cooling_objects_too_and_its_variance_holds_both_chances() -> None:
    found = cooldown(1500, 1)
    assert found.coverage > 0.96
    assert abs(found.bias) < 0.005  # five standard errors
    assert found.eligible_bias > 0.01
    assert 0.93 < found.estimated_sd / found.true_sd < 1.1


@pytest.mark.torture
@pytest.mark.parametrize("cell", CELLS)
def test_the_full_grid_holds_with_fresh_seeds(cell: str) -> None:
    seed = secrets.randbits(64)
    print(f"{cell}: seed {seed}")  # noqa: T201  # torture prints its seeds
    found = simulate(cell, 20_000, seed)
    print(found)  # noqa: T201
    assert not found.fails
