"""Draws with uniform tickets, many at a time, and what the intervals of `sampler.estimate` make of them (DESIGN 7).

A cell is a kind of population with a kind of draw. Several populations stand in each cell, because one may be lucky. The
estimate is the very code that the command runs; only the tickets are numpy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sampler import allocation, probability
from sampler.estimate.interval import interval, limits
from sampler.estimate.joined import Place, variance_strata
from sampler.estimate.ratio import CERTAIN, Ratio, Sample, ratio

Floats = NDArray[np.float64]
POPULATIONS = 5
CHUNK = 4_000_000
"""Random numbers at a time."""
BAR = 0.94
Z_999 = 3.0902


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Units of one stratum: their risk in ppm and whether they comply; `n` are drawn, `class_` names the joining."""

    risk: NDArray[np.int64]
    good: Floats
    n: int
    class_: str = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A stratum with its design: those taken, the others' lambda and pi, how many of them are drawn."""

    taken: NDArray[np.int64]
    left: NDArray[np.int64]
    lam: Floats
    pi: Floats
    m: int


@dataclass(slots=True)
class Figures:
    """Means over the replicates of a cell."""

    replicates: int
    coverage: float
    worst: float
    above: float
    below: float
    wald: float
    raw: float
    width: float
    bias: float
    separate_bias: float
    estimated_sd: float
    true_sd: float

    @property
    def upper(self) -> float:
        """One-sided 99.9 % bound of the coverage."""
        return self.coverage + Z_999 * math.sqrt(max(self.coverage * (1 - self.coverage), 1e-9) / self.replicates)

    @property
    def fails(self) -> bool:
        return self.upper < BAR


def solve(s: Stratum) -> Solved:
    """Return the design our own rule gives the stratum (f = 20 %, gamma = 2)."""
    found = allocation.levels(allocation.weights([int(r) for r in s.risk], 1, 5, 2), s.n, cooldown=False)
    names = [k for k in found.target_e12 if k != allocation.TAKEN]
    counts = [found.count[k] for k in names]
    params, pis = probability.solve([found.target_e12[k] for k in names], counts, found.m) if names else ([], [])
    level = {k: (p / 2**32, q / 1e12) for k, p, q in zip(names, params, pis, strict=True)}
    left = [i for i, k in enumerate(found.level_of) if k != allocation.TAKEN]
    taken = [i for i, k in enumerate(found.level_of) if k == allocation.TAKEN]
    pairs = np.array([level[found.level_of[i]] for i in left]).reshape(-1, 2)
    return Solved(
        taken=np.array(taken, dtype=np.int64),
        left=np.array(left, dtype=np.int64),
        lam=pairs[:, 0],
        pi=pairs[:, 1],
        m=found.m,
    )


def draw(s: Solved, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Return the places (within `left`) of the m smallest Pareto keys, for `size` draws."""
    u = rng.random((size, len(s.lam)))
    key = u / (1 - u) * ((1 - s.lam) / s.lam)
    if s.m == len(s.lam):
        return np.tile(np.arange(s.m), (size, 1))
    return np.argpartition(key, s.m - 1, axis=1)[:, : s.m]


def lognormal(rng: np.random.Generator, size: int, sigma: float) -> Floats:
    return np.exp(sigma * rng.standard_normal(size))


def population(
    rng: np.random.Generator, size: int, bad: float, *, sigma: float = 1.0, informed: bool = True
) -> tuple[NDArray[np.int64], Floats]:
    """Return risks and compliance; a share `bad` fails, more where the risk is higher if `informed`."""
    risk = lognormal(rng, size, sigma)
    cause = risk if informed else lognormal(rng, size, sigma)
    low, high = 0.0, 1e9
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if np.minimum(0.9, middle * cause).mean() > bad else (middle, high)
    good = (rng.random(size) >= np.minimum(0.9, low * cause)).astype(np.float64)
    return np.maximum(1, risk / risk.max() * 1e6).astype(np.int64), good


Frame = tuple[list[Stratum], list[Floats]]
"""Strata, and for each which units belong to the domain that is estimated."""


def one(
    size: int, n: int, bad: float, *, sigma: float = 1.0, informed: bool = True
) -> Callable[[np.random.Generator], Frame]:
    def make(rng: np.random.Generator) -> Frame:
        risk, good = population(rng, size, bad, sigma=sigma, informed=informed)
        return [Stratum(risk=risk, good=good, n=n)], [np.ones(size)]

    return make


def many(
    sizes: Sequence[tuple[int, int, float, str]], *, domain: float = 1.0
) -> Callable[[np.random.Generator], Frame]:
    """Return strata of (N, n, share that fails, class); a share `domain` of the units is estimated."""

    def make(rng: np.random.Generator) -> Frame:
        strata, inside = [], []
        for size, n, bad, class_ in sizes:
            risk, good = population(rng, size, bad)
            strata.append(Stratum(risk=risk, good=good, n=n, class_=class_))
            inside.append((rng.random(size) < domain).astype(np.float64))
        return strata, inside

    return make


def certain(rng: np.random.Generator) -> Frame:
    """Return a stratum of which some thirty of 300 are so risky that they are taken."""
    risk, good = population(rng, 300, 0.15)
    top = rng.permutation(300)[:30]
    risk[top] = 10**6
    risk[np.setdiff1d(np.arange(300), top)] //= 20
    good[top] = (rng.random(30) < 0.6).astype(np.float64)
    return [Stratum(risk=np.maximum(risk, 1), good=good, n=75)], [np.ones(300)]


CLASSES = [
    (310, 8, 0.02, "A"),
    (260, 6, 0.03, "A"),
    (120, 6, 0.06, "B"),
    (90, 4, 0.08, "B"),
    (40, 8, 0.15, "C"),
    (36, 7, 0.2, "C"),
    (12, 4, 0.4, "D"),
    (10, 3, 0.4, "D"),
]
ONES = [(30 + 5 * k, 1, 0.04 + 0.01 * (k % 8), "ABCD"[k % 4]) for k in range(40)]
BIG = [(3000, 120, 0.04, "A"), (2000, 100, 0.08, "B"), (600, 90, 0.15, "C")]

REFERENCE = {
    "60, 12 (.167)": one(60, 12, 0.167),
    "500, 25 (.086)": one(500, 25, 0.086),
    "500, 100 (.086)": one(500, 100, 0.086),
    "5000, 200 (.080)": one(5000, 200, 0.08),
    "5000, 200 (.078, uninformative)": one(5000, 200, 0.078, informed=False),
    "5000, 400 (.028)": one(5000, 400, 0.028),
    "20000, 2000 (.031)": one(20000, 2000, 0.031),
}
FURTHER = {
    "500, 25 (.3, uninformative)": one(500, 25, 0.3, informed=False),
    "500, 100 (.5)": one(500, 100, 0.5),
    "20000, 1000 (p = 0.5 %)": one(20000, 1000, 0.005),
    "8 strata, n = 46": many(CLASSES),
    "40 strata with m = 1": many(ONES),
    "75 of 300, about 30 taken": certain,
    "domain: a tenth of 3 strata": many(BIG, domain=0.1),
    "domain: a third of 3 strata": many(BIG, domain=1 / 3),
}
CELLS = REFERENCE | FURTHER


def samples(frame: Frame, solved: list[Solved], rng: np.random.Generator, size: int) -> tuple[Sample, Floats, float]:
    """Return `size` draws of a frame as one sample, which units are inside, and the domain's size left to chance."""
    strata, inside = frame
    places = [Place("D", s.class_, s.class_, f"{s.class_}.{k:03d}") for k, s in enumerate(strata)]
    number = variance_strata((p, d.m) for p, d in zip(places, solved, strict=True))
    columns: list[tuple[Any, ...]] = []
    for s, d, p, i in zip(strata, solved, places, inside, strict=True):
        columns += [(CERTAIN, np.ones(size), np.full(size, s.good[t]), np.full(size, i[t])) for t in d.taken]
        if d.m:
            at = draw(d, rng, size)
            unit = d.left[at]
            w, y, x = 1 / d.pi[at], s.good[unit], i[unit]
            columns += [(number[p], w[:, k], y[:, k], x[:, k]) for k in range(d.m)]
    columns.sort(key=lambda c: c[0])
    weight, good, member = (np.stack([c[k] for c in columns], axis=1) for k in (1, 2, 3))
    stratum = np.array([c[0] for c in columns], dtype=np.int64)
    sample = Sample(stratum=stratum, weight=weight, answered=np.ones_like(good), value=good)
    left = sum(float(i[d.left].sum()) for i, d in zip(inside, solved, strict=True))
    return sample, member, left


def chunks(total: int, units: int) -> Iterator[int]:
    step = max(1, CHUNK // units)
    while total > 0:
        yield min(step, total)
        total -= step


def simulate(name: str, replicates: int, seed: int) -> Figures:
    """Return the figures of a cell."""
    rng = np.random.default_rng([seed, *name.encode()])
    rows: list[list[float]] = []
    spread: list[float] = []
    for _ in range(POPULATIONS):
        frame = CELLS[name](rng)
        strata, inside = frame
        solved = [solve(s) for s in strata]
        truth = sum(float(s.good @ i) for s, i in zip(strata, inside, strict=True)) / sum(
            float(i.sum()) for i in inside
        )
        rates: list[Floats] = []
        found: list[tuple[float, ...]] = []
        for size in chunks(replicates // POPULATIONS, sum(len(s.good) for s in strata)):
            sample, x, left = samples(frame, solved, rng, size)
            r = ratio(sample, x, left)
            found.append((size, *_judge(r, truth), _separate(sample, x, r) - truth))
            rates.append(r.rate)
        got = np.array(found)
        rows.append(list(got[:, 1:].T @ got[:, 0] / got[:, 0].sum()))
        every = np.concatenate(rates)
        spread.append(float(every[~np.isnan(every)].std()))
    m = np.array(rows)
    total = m.mean(axis=0)
    return Figures(
        replicates=replicates, coverage=total[0], worst=float(m[:, 0].min()), above=total[1], below=total[2], wald=total[3],
        raw=total[4], width=total[5], bias=total[6], estimated_sd=math.sqrt(total[7]), separate_bias=total[8],
        true_sd=float(np.sqrt(np.mean(np.square(spread)))),
    )  # fmt: skip


def _judge(r: Ratio, truth: float) -> tuple[float, ...]:
    """Return coverage of ours, misses above and below, of Wald and of the uncorrected interval, width, bias, variance."""
    ok = ~np.isnan(r.rate)
    got = interval(r)
    half = stdtrit(np.maximum(r.freedom, 1.0), 0.975) * np.sqrt(r.variance)
    p = r.chance_rate
    v = r.variance / np.where(r.chance > 0, r.chance, 1) ** 2
    n = np.where((p > 0) & (p < 1) & (v > 0), np.minimum(p * (1 - p) / np.where(v > 0, v, 1), r.units), r.units)
    lo, hi = limits(p, n, 0.025)
    sure = (1 - r.chance) * r.taken_rate

    def within(a: Floats, b: Floats) -> float:
        return float(((a <= truth + 1e-12) & (truth <= b + 1e-12))[ok].mean())

    return (
        within(got.lo, got.hi), float((got.lo > truth + 1e-12)[ok].mean()), float((got.hi < truth - 1e-12)[ok].mean()),
        within(r.rate - half, r.rate + half), within(sure + r.chance * lo, sure + r.chance * hi),
        float((got.hi - got.lo)[ok].mean()), float(r.rate[ok].mean() - truth), float(r.variance[ok].mean()),
    )  # fmt: skip


def _separate(s: Sample, x: Floats, r: Ratio) -> float:
    """Return the mean of the estimate made of strata's own ratios, each in proportion to its estimated size."""
    total, good = np.zeros(len(s.value)), np.zeros(len(s.value))
    for h in np.unique(s.stratum):
        at = s.stratum == h
        w, y, i = s.weight[:, at], s.value[:, at], x[:, at]
        size = w.mean(axis=0).sum()
        inside = (w * i).sum(axis=1)
        rate = np.where(inside > 0, (w * i * y).sum(axis=1) / np.where(inside > 0, inside, 1), 0)
        total, good = total + size, good + size * rate
    return float((good / total)[~np.isnan(r.rate)].mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """The last of several months with cool-down, whose risk learns from the visits before."""

    coverage: float
    bias: float
    eligible_bias: float
    estimated_sd: float
    true_sd: float


UNITS, MONTHLY, MONTHS_OFF, MONTHS = 1000, 60, 3, 9


def cooldown(replicates: int, seed: int) -> Cooldown:
    """Return what W makes of the last month, and the bias of 1 / pi, which speaks for eligible objects only."""
    rng = np.random.default_rng([seed, 3])
    risk, good = population(rng, UNITS, 0.1)
    truth = float(good.mean())
    rows = [_last_month(rng, risk / risk.mean(), good, size) for size in chunks(replicates, 4 * UNITS)]
    rate, lo, hi, variance, eligible = (np.concatenate(c) for c in zip(*rows, strict=True))
    return Cooldown(
        coverage=float(((lo <= truth) & (truth <= hi)).mean()), bias=float(rate.mean() - truth),
        eligible_bias=float(eligible.mean() - truth), estimated_sd=math.sqrt(variance.mean()), true_sd=float(rate.std()),
    )  # fmt: skip


def _last_month(rng: np.random.Generator, risk: Floats, good: Floats, size: int) -> tuple[Floats, ...]:
    """Run the months; return rate, limits and variance with W, and the rate with 1 / pi."""
    last = np.full((size, UNITS), -99)
    seen_bad = np.zeros((size, UNITS), dtype=bool)
    past: list[Floats] = []
    rows = np.arange(size)[:, None]
    at, weight, plain = np.zeros((size, MONTHLY), dtype=np.int64), np.zeros(0), np.zeros(0)
    for month in range(MONTHS):
        hazard = np.where(month - last > MONTHS_OFF, 0.3 + risk * np.where(seen_bad, 3.0, 1.0), 0.0)
        pi = _targets(hazard)
        u = rng.random((size, UNITS))
        with np.errstate(divide="ignore"):
            key = u / (1 - u) * (1 - pi) / pi
        at = np.argpartition(key, MONTHLY - 1, axis=1)[:, :MONTHLY]
        plain = 1 / pi[rows, at]
        weight = plain / np.prod([1 - p[rows, at] for p in past[-MONTHS_OFF:]], axis=0)
        last[rows, at] = month
        seen_bad[rows, at] = good[at] == 0
        past.append(pi)
    value = good[at]
    s = Sample(stratum=np.zeros(MONTHLY, dtype=np.int64), weight=weight, answered=np.ones_like(value), value=value)
    r = ratio(s, np.ones(MONTHLY), float(UNITS))
    got = interval(r)
    return r.rate, got.lo, got.hi, r.variance, (plain * value).sum(axis=1) / plain.sum(axis=1)


def _targets(hazard: Floats) -> Floats:
    """Return pi in proportion to the hazards, at most 1/4, summing to the month's number.

    At this size Pareto's own pi differs from its lambda by less than 1e-4 of itself, so no L is solved for.
    """
    pi = hazard / hazard.sum(axis=1, keepdims=True) * MONTHLY
    for _ in range(20):
        full = pi >= 0.25
        free = np.where(full, 0.0, hazard)
        pi = np.where(
            full, 0.25, free * (MONTHLY - 0.25 * full.sum(axis=1, keepdims=True)) / free.sum(axis=1, keepdims=True)
        )
    return np.asarray(np.minimum(pi, 0.25), dtype=np.float64)
