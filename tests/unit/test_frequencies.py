"""What is published is what happens: realised frequencies against pi, and a claim wrong by 2 % is caught."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from sampler import ticket
from sampler.canon import H
from sampler.probability import inclusion, solve
from sampler.select.fast import choose_fast
from sampler.weights import rc_weight
from tests.chance import Floats, Means, generator, limit, planted

E12 = 10**12
TOP = 2**32
CHUNK = 2_000_000
"""Keys held in memory at once."""


class Frame(NamedTuple):
    """Levels of a stratum and how units are gathered into the groups whose frequencies are compared."""

    big_l: list[int]
    counts: list[int]
    m: int
    groups: int

    def gathered(self) -> tuple[Floats, Floats]:
        """Return how many of each group are drawn if pi is true, about equally many, and each group's first level."""
        pi = np.array(inclusion(self.big_l, self.counts, self.m))
        drawn = pi * np.array(self.counts)
        if len(drawn) <= self.groups:
            return drawn, np.arange(len(drawn), dtype=np.float64)
        shares = np.minimum((np.cumsum(drawn) - drawn / 2) / self.m * self.groups, self.groups - 0.5).astype(int)
        _, first = np.unique(shares, return_index=True)
        return np.add.reduceat(drawn, first), first.astype(np.float64)


def of(*lambdas: float) -> list[int]:
    return [min(max(round(v * TOP), 1), TOP - 1) for v in lambdas]


SMALL = {
    "six": Frame(of(0.07, 0.17, 0.41, 0.61, 0.83, 0.91), [1] * 6, 3, 6),
    "one nearly certain": Frame(of(0.99, 0.2, 0.3, 0.25), [1, 2, 1, 3], 2, 4),
    "all but one": Frame(of(0.5, 0.7, 0.8, 0.9), [1, 1, 1, 2], 4, 4),
    "two of one": Frame(of(0.2, 0.8), [1, 1], 1, 2),
    "skewed": Frame(of(0.02, 0.05, 0.5, 0.9), [20, 10, 4, 2], 6, 4),
    "quarter": Frame(of(0.25, 0.1, 0.05), [4, 10, 20], 3, 3),
}


def population(test_data: Path, name: str, groups: int = 8) -> Frame:
    """The units of a real population that are not certain, one level for each size."""
    targets = Counter(
        int(p * E12 + Fraction(1, 2))
        for p in map(Fraction, (test_data / "sampling" / name).read_text().split())
        if p < 1
    )
    wanted = sorted(targets)
    counts = [targets[t] for t in wanted]
    m = round(Fraction(sum(t * n for t, n in targets.items()), E12))
    return Frame(solve(wanted, counts, m)[0], counts, m, groups)


def simulated(frame: Frame, replicates: int, rng: np.random.Generator) -> Means:
    """Draw with uniform numbers in place of hashes: m smallest of U / (1 - U) x (1 - lambda) / lambda."""
    lam = np.repeat(np.array(frame.big_l) / TOP, frame.counts)
    _, first = frame.gathered()
    level = np.repeat(np.arange(len(frame.counts)), frame.counts)
    group = np.searchsorted(first, level, side="right") - 1
    member = (group[:, None] == np.arange(len(first))).astype(np.float32)
    odds = (1 - lam) / lam
    sums, squares = np.zeros(len(first)), np.zeros(len(first))
    left = replicates
    while left:
        some = min(left, max(1, CHUNK // len(lam)))
        u = rng.random((some, len(lam)))
        keys = u / (1 - u) * odds
        edge = np.partition(keys, frame.m - 1, axis=1)[:, frame.m - 1 : frame.m]
        drawn = ((keys <= edge).astype(np.float32) @ member).astype(np.float64)
        sums += drawn.sum(axis=0)
        squares += (drawn**2).sum(axis=0)
        left -= some
    return Means.of(sums, squares, replicates)


def check(frame: Frame, means: Means) -> None:
    held, _ = frame.gathered()
    assert means.fits(held), f"|z| {means.worst(held):.2f}, limit {limit(len(held)):.2f}"
    assert means.power(held) > 0, "too few replicates to tell 2 % with power 99 %"
    one = np.ones(len(held))
    for k in range(len(held)):
        assert not means.fits(planted(held, one, k)), f"an error of 2 % in group {k} went unseen"


@pytest.mark.parametrize("name", SMALL)
def test_small_frames(name: str) -> None:
    replicates = 3_500_000 if name == "six" else 12_000_000 // sum(SMALL[name].counts)
    check(SMALL[name], simulated(SMALL[name], replicates, generator(f"frequencies/{name}")))


POPULATIONS = {
    "belgian_Tot04_n200_pik.csv": 15_000,
    "MU284_P75_n40_pik.csv": 60_000,
    "swiss_POPTOT_n300_pik.csv": 10_000,
    "belgian40_n8_pik.csv": 400_000,
}


@pytest.mark.parametrize("name", POPULATIONS)
def test_populations(name: str, test_data: Path) -> None:
    frame = population(test_data, name)
    check(frame, simulated(frame, POPULATIONS[name], generator(f"frequencies/{name}")))


@pytest.mark.torture
@pytest.mark.parametrize("name", POPULATIONS)
def test_populations_unit_by_unit(name: str, test_data: Path) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print("seed", seed)  # noqa: T201  # so that a failure can be repeated
    frame = population(test_data, name, groups=10**6)
    means = simulated(frame, 300_000, generator(f"frequencies/{name}", fresh=seed))
    held, _ = frame.gathered()
    assert means.fits(held)


@pytest.mark.torture
@pytest.mark.parametrize("name", SMALL)
def test_small_frames_ten_times_over(name: str) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print("seed", seed)  # noqa: T201  # so that a failure can be repeated
    check(SMALL[name], simulated(SMALL[name], 10_000_000, generator(f"frequencies/{name}", fresh=seed)))


def test_twenty_thousand_real_draws() -> None:
    # hashed tickets and the program's own selection: the stub above is justified only if these agree too
    big_l, counts, m, groups = [2**29, 2**30], [60, 40], 30, 2
    frame = Frame(big_l, counts, m, groups)
    level = np.repeat(np.arange(groups), counts)
    ids = [f"unit-{k:02d}" for k in range(len(level))]
    units = [big_l[k] for k in level]
    at = {unit: int(k) for unit, k in zip(ids, level, strict=True)}
    replicates = 20_000
    sums, squares = np.zeros(groups), np.zeros(groups)
    for r in range(replicates):
        key = ticket.object_key(H("frequencies", str(r)))
        held = np.bincount([at[u] for u in choose_fast(ids, units, key, m, 0).drawn], minlength=groups).astype(
            np.float64
        )
        sums += held
        squares += held**2
    means = Means.of(sums, squares, replicates)
    check(frame, means)


def test_rank_conditioned_totals_are_unbiased() -> None:
    # sum of 1 + (1 - lambda) / (lambda tau) over the drawn of a level estimates its number of units, whatever the L
    frame = Frame(of(0.3, 0.5, 0.7), [6, 4, 4], 7, 3)
    lam = np.repeat(np.array(frame.big_l) / TOP, frame.counts)
    level = np.repeat(np.arange(len(frame.counts)), frame.counts)
    member = (level[:, None] == np.arange(len(frame.counts))).astype(np.float64)
    replicates = 150_000
    u = generator("frequencies/rank-conditioned").random((replicates, len(lam)))
    keys = u / (1 - u) * (1 - lam) / lam
    tau = np.partition(keys, frame.m, axis=1)[:, frame.m : frame.m + 1]
    totals = np.where(keys < tau, 1 + (1 - lam) / (lam * tau), 0.0) @ member
    means = Means.of(totals.sum(axis=0), (totals**2).sum(axis=0), replicates)
    counts = np.array(frame.counts, dtype=np.float64)
    assert means.fits(counts)
    assert means.power(counts) > 0
    h, parameter = 2**255 + 12345, frame.big_l[0]  # the float weight is the program's exact one
    edge = (2 * h + 1) * (TOP - frame.big_l[1]) / (frame.big_l[1] * (2**257 - 2 * h - 1))
    x = frame.big_l[0] / TOP
    assert float(rc_weight(parameter, (h, frame.big_l[1]))) == pytest.approx(1 + (1 - x) / (x * edge), rel=1e-12)


def test_a_wrong_design_is_told_from_the_right_one() -> None:
    # successive sampling, what numpy and pandas do: its probabilities are not those of its weights
    rng = generator("frequencies/successive")
    target = np.array([0.07, 0.17, 0.41, 0.61, 0.83, 0.91])
    exponential = rng.exponential(size=(200_000, 6)) / target
    drawn = (exponential <= np.sort(exponential, axis=1)[:, 2:3]).astype(np.float64)
    assert not Means.of(drawn.sum(axis=0), (drawn**2).sum(axis=0), len(drawn)).fits(target)


def test_the_limit_keeps_the_whole_suite_within_its_error() -> None:
    assert limit(1) == pytest.approx(5.847, abs=0.001)
    assert limit(1000) > limit(1)
    rng = generator("limit")
    assert all(Means(rng.standard_normal(50), np.ones(50)).fits(np.zeros(50)) for _ in range(1_000))
