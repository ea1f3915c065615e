"""Three years of monthly draws with a cool-down, and a model that learns from every visit.

The program's own weights, levels, L and pi; numbers uniform in place of hashes. A unit is bad or good for good. The
model begins with a hint and knows the truth of whoever was visited: exactly the loop in which plausible weights fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from sampler import allocation, weights
from sampler.probability import solve
from tests.chance import Floats, Means

E12: Final = 10**12
WAYS: Final = ("W", "1/pi of the month", "1/pi*")


class World(NamedTuple):
    """A stratum and how long it is watched; the first year is not judged, since nobody was drawn before it."""

    units: int = 2_000
    drawn: int = 60
    months: int = 36
    cool: int = 11
    judged: int = 24
    learns: bool = True
    hints: tuple[int, ...] = (40_000, 100_000, 300_000)
    found_bad: int = 700_000
    found_good: int = 15_000
    gamma: int = 1
    hazards: bool = False
    """Whether weights are divided by the chance of not resting, so that without learning every unit keeps its pi*."""
    entering: float = 0.0
    """Share of the units that enter the frame one after the other, in the second half."""


@dataclass
class Run:
    """What one run gave: the three estimates of the rate of bad units, repeats within the cool-down, the worst W."""

    estimates: list[float] = field(default_factory=list)
    repeats: int = 0
    largest: float = 0.0
    effective: float = 1.0
    weighed: list[tuple[float, Floats, float]] = field(default_factory=list)
    """pi, earlier pi and W of one drawn unit a month."""


def chances(weight: list[int], world: World) -> tuple[Floats, Floats]:
    """Return pi and lambda of units with these weights, as `commit` finds them."""
    found = allocation.levels(weight, world.drawn, cooldown=True)
    names = [*found.target_e12]
    params, pi = solve([*found.target_e12.values()], [*found.count.values()], found.m)
    at = np.array([int(v) - 1 for v in found.level_of])
    assert [int(n) for n in names] == list(range(1, len(names) + 1))
    return (np.array(pi) / E12)[at], (np.array(params) / 2**32)[at]


def snapped(hazard: Floats) -> list[int]:
    """Return hazards as weights of at most seven significant bits: few levels, found fast."""
    whole = (hazard * 2**32).astype(np.int64)
    shift = np.maximum(np.floor(np.log2(whole)).astype(np.int64) - 6, 0)
    found: list[int] = (whole >> shift << shift).tolist()
    return found


def simulate(world: World, rng: np.random.Generator) -> Run:
    """Return one run; every month's draw depends on all the earlier ones."""
    hint = rng.choice(world.hints, world.units)
    bad = rng.random(world.units) * 1e6 < hint
    entry = np.where(rng.random(world.units) < world.entering, rng.integers(12, world.months, world.units), 0)
    risk, last = hint.copy(), np.full(world.units, -(10**6))
    past, ideal = np.zeros((world.months, world.units)), np.zeros((world.months, world.units))
    sums = np.zeros((3, 2))
    squares = 0.0
    truth: list[float] = []
    run = Run()
    for t in range(world.months):
        there = entry <= t
        everyone = np.flatnonzero(there)
        eligible = np.flatnonzero(there & (t - last > world.cool))
        window = slice(max(0, t - world.cool), t)
        weight = np.array(allocation.weights(risk[everyone].tolist(), 1, 5, world.gamma), dtype=np.float64)
        ideal[t, everyone] = world.drawn * weight / weight.sum()
        if world.hazards:
            pi, lam = chances(snapped(ideal[t, eligible] / (1 - ideal[window, eligible].sum(axis=0))), world)
        else:
            pi, lam = chances(allocation.weights(risk[eligible].tolist(), 1, 5, world.gamma), world)
        past[t, eligible] = pi
        u = rng.random(len(eligible))
        at = np.argpartition(u / (1 - u) * (1 - lam) / lam, world.drawn)[: world.drawn]
        got = eligible[at]
        run.repeats += int((t - last[got] <= world.cool).sum())
        if t >= world.months - world.judged:
            w = 1 / (pi[at] * (1 - past[window, got]).prod(axis=0))
            for k, v in enumerate((w, 1 / pi[at], 1 / ideal[t, got])):
                sums[k] += v @ bad[got], v.sum()
            squares += float(w @ w)
            run.weighed.append((float(pi[at[0]]), past[window, got[0]], float(w[0])))
            run.largest = max(run.largest, float(w.max()))
            truth.append(float(bad[there].mean()))
        last[got] = t
        if world.learns:
            risk[got] = np.where(bad[got], world.found_bad, world.found_good)
    mean = float(np.mean(truth))
    run.estimates = [float(a / b) - mean for a, b in sums]
    run.effective = float(sums[0, 1] ** 2 / squares / (world.judged * world.drawn))
    return run


FINDINGS: Final = World(
    hazards=True, units=3_000, drawn=90, hints=(80_000, 100_000, 160_000), found_bad=190_000, found_good=70_000
)
"""Near the world in which the weights were first compared: 36 % of the frame is resting, nobody's pi* is above 1/12."""
WORLDS: Final = {
    "draws as the protocol makes them, risk learns": World(),
    "the same, three units in ten enter while it runs": World(entering=0.3),
    "the same, fixed risk": World(learns=False),
    "hazards, risk learns": FINDINGS,
    "hazards, fixed risk": FINDINGS._replace(learns=False),
}


def biases(runs: list[Run]) -> Means:
    """Return the mean errors of the three estimates with their standard errors."""
    errors = np.array([r.estimates for r in runs])
    return Means.of(errors.sum(axis=0), (errors**2).sum(axis=0), len(runs))


def exact(pi: float, window: Floats) -> float:
    """Return W as the program computes it from sealed integers, to hold the float product to it."""
    return float(weights.W(round(pi * E12), [round(p * E12) for p in window]))
