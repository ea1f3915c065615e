"""Three years under a cool-down while risk learns: nobody comes back early, W is unbiased, its neighbours are not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.chance import Floats, Means, generator, limit
from tests.cooldown import FINDINGS, WORLDS, Run, World, biases, exact, simulate

LEARNS = "draws as the protocol makes them, risk learns"


def runs(world: World, name: str, count: int, fresh: int = 0) -> list[Run]:
    rng = generator(f"cooldown/{name}", fresh=fresh)
    return [simulate(world, rng) for _ in range(count)]


def scores(means: Means) -> Floats:
    return means.mean / means.error


def check(found: list[Run]) -> tuple[Floats, Floats]:
    """No repeats, W within its limit; return z and bias of the two other weights."""
    assert sum(r.repeats for r in found) == 0
    assert max(r.largest for r in found) < 1_000
    means = biases(found)
    z = scores(means)
    assert abs(z[0]) <= limit(1), f"W is off by {means.mean[0]:.4f}, z = {z[0]:.1f}"
    return z[1:], means.mean[1:]


def test_w_alone_is_unbiased_when_risk_learns() -> None:
    z, bias = check(runs(WORLDS[LEARNS], LEARNS, 20))
    assert (z < -limit(2)).all()
    assert (bias < -0.02).all()


def test_the_two_plausible_weights_of_the_findings() -> None:
    # with hazards the unconditional chance is the target, so 1/pi* looks right; it is not once risk learns
    z, bias = check(runs(FINDINGS, "findings", 24))
    assert z[0] < -limit(2)
    assert z[1] > limit(2)
    assert bias == pytest.approx([-0.0185, 0.006], abs=0.005)


def test_units_that_enter_while_it_runs() -> None:
    check(runs(World(entering=0.5, units=1_500, drawn=45), "entering", 16))


def test_the_simulated_w_is_the_programs() -> None:
    run = simulate(WORLDS[LEARNS], np.random.default_rng(3))
    assert len(run.weighed) == WORLDS[LEARNS].judged
    for pi, window, w in run.weighed:
        assert exact(pi, window) == pytest.approx(w, rel=1e-9)


@pytest.mark.torture
@pytest.mark.parametrize("name", WORLDS)
def test_the_full_run(name: str) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print("seed", seed)  # noqa: T201  # so that a failure can be repeated
    check(runs(WORLDS[name], name, 1_000, fresh=seed))
