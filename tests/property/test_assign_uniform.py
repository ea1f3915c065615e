"""How far from uniform the lowest ticket sum is, and that it is not claimed to be uniform (assignment.md, 12; ADR 0016).

Tickets are independent and uniform: a draw picks the cheapest of the enumerated assignments, so that a million draws
are one matrix product. That the solver picks the same one is checked on its own seeds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import beta, spearmanr

from sampler.assign.blocks import build
from sampler.assign.model import parse_rules
from sampler.assign.residual import tickets
from sampler.assign.solve import solve_block
from sampler.canon import H
from tests.property.test_assign_twin import Case, officer, plan, target

MOST = 300
ALPHA = 1e-3
BATCH = 20_000
LOW, HIGH = 0.4, 2.2


@dataclass(frozen=True)
class Instance:
    """A case of one block and all its assignments, as rows of used arcs."""

    case: Case
    all: npt.NDArray[np.float64]


SIZES = ((3, 3, 2), (4, 4, 2), (5, 5, 2), (6, 4, 2), (6, 6, 1), (5, 5, 1), (4, 4, 1), (6, 3, 2), (4, 4, 3), (3, 6, 2))
"""Objects, officers, places: every officer can have the same load."""


@cache
def generate(number: int) -> Instance:
    """Return the committed generator's instance `number`: loads exactly even, 12 % recusals, 12 to 300 assignments.

    Even loads are what the first rung of a plan asks for. Where loads differ or leads are scarce no bound is claimed:
    see :func:`uneven`.
    """
    r = random.Random(f"sampler/v1/uniform/{number}")
    while True:
        objects, officers, places = r.choice(SIZES)
        crew = [officer(f"i{n}", load=9) for n in range(officers)]
        what = [target(f"e{n}") for n in range(objects)]
        barred = frozenset((o.inspector_id, "object", t.object_id) for o in crew for t in what if r.random() < 0.12)
        case = Case(plan([("a", places, [])], [(0, 0)]), what, crew, barred)
        rows = enumerate_all(case)
        if 12 <= len(rows) <= MOST:
            return Instance(case, rows)


UNEVEN = ((3, 4, 2), (4, 5, 2), (3, 5, 2), (4, 3, 2), (5, 4, 1), (5, 3, 1), (4, 6, 2), (5, 4, 2))
"""Objects, officers, places: not every officer can have the same load."""


@cache
def uneven(number: int) -> Instance:
    """Return instance `number` where loads differ by a visit, and leads are scarce in half of the pairs (ADR 0016)."""
    r = random.Random(f"sampler/v1/uneven/{number}")
    while True:
        objects, officers, places = r.choice(UNEVEN)
        scarce = places == 2 and r.random() < 0.5
        crew = [
            officer(f"i{n}", *(["lead"] if not scarce or r.random() < 0.6 else []), load=9) for n in range(officers)
        ]
        what = [target(f"e{n}") for n in range(objects)]
        barred = frozenset((o.inspector_id, "object", t.object_id) for o in crew for t in what if r.random() < 0.12)
        groups = [("a", 1, ["lead"]), ("b", 1, [])] if scarce else [("a", places, [])]
        case = Case(plan(groups, [(0, 0)]), what, crew, barred)
        rows = enumerate_all(case)
        if 12 <= len(rows) <= MOST:
            return Instance(case, rows)


def enumerate_all(case: Case) -> npt.NDArray[np.float64]:
    """Return every assignment of the first rung, or nothing when there is no single feasible block."""
    rules = parse_rules(case.plan)
    blocks = build(rules, case.targets, case.officers, case.recusals)
    if len(blocks) != 1:
        return np.empty((0, 0))
    (block,) = blocks
    low, high = block.bounds(rules.ladder[0])
    arcs = block.arcs
    found: list[list[int]] = [[]]
    for g, count in enumerate(block.counts):
        mine = [a for a, (_, h) in enumerate(arcs) if h == g]
        found = [
            [*used, *picked]
            for used in found
            for picked in _choose(mine, count)
            if _lawful([*used, *picked], arcs, block.places, high)
        ]
        if len(found) > 5_000:
            return np.empty((0, 0))
    rows = [u for u in found if all(sum(arcs[a][0] == i for a in u) >= lo for i, lo in enumerate(low))]
    matrix = np.zeros((len(rows), len(arcs)))
    for row, used in enumerate(rows):
        matrix[row, used] = 1
    return matrix


def _choose(arcs: list[int], count: int) -> list[list[int]]:
    if not count:
        return [[]]
    return [[a, *rest] for n, a in enumerate(arcs) for rest in _choose(arcs[n + 1 :], count - 1)]


def _lawful(used: list[int], arcs: list[tuple[int, int]], places: tuple[int, ...], high: list[int]) -> bool:
    pairs = [(arcs[a][0], places[arcs[a][1]]) for a in used]
    return len(set(pairs)) == len(pairs) and all(sum(i == j for j, _ in pairs) <= high[i] for i, _ in pairs)


def hits(instance: Instance, draws: int, seed: int) -> npt.NDArray[np.int64]:
    """Return how often each assignment was the cheapest under random 40-bit tickets."""
    rng, out = np.random.default_rng(seed), np.zeros(len(instance.all), np.int64)
    for start in range(0, draws, BATCH):
        costs = instance.all @ rng.integers(0, 1 << 40, (instance.all.shape[1], min(BATCH, draws - start))).astype(
            float
        )
        out += np.bincount(costs.argmin(axis=0), minlength=len(out))
    return out


def outside(found: npt.NDArray[np.int64], instances: int) -> tuple[float, float, int]:
    """Return least and largest ratio to uniform, and how many intervals lie wholly outside the bounds."""
    n, total = len(found), int(found.sum())
    tail = ALPHA / instances / n / 2
    lo = np.where(found > 0, beta.ppf(tail, np.maximum(found, 1), total - found + 1), 0.0) * n
    hi = np.where(found < total, beta.ppf(1 - tail, found + 1, np.maximum(total - found, 1)), 1.0) * n
    return float(found.min() / total * n), float(found.max() / total * n), int(((hi < LOW) | (lo > HIGH)).sum())


def judge(number: int, draws: int, instances: int) -> tuple[float, float]:
    low, high, wrong = outside(hits(generate(number), draws, number), instances)
    assert not wrong, f"instance {number}: {low:.2f} to {high:.2f}"
    return low, high


@pytest.mark.parametrize("number", range(10))
def test_no_assignment_of_the_generator_is_far_from_uniform(number: int) -> None:
    judge(number, 40_000, 10)


@pytest.mark.torture
def test_two_hundred_instances_with_a_million_draws(record_property: Callable[[str, object], None]) -> None:
    """200 instances of the committed generator, a million draws each: no assignment wholly outside [0.4, 2.2] of uniform."""
    found = [judge(number, 1_000_000, 200) for number in range(200)]
    record_property("least ratio to uniform", min(f[0] for f in found))
    record_property("largest ratio to uniform", max(f[1] for f in found))


@pytest.mark.parametrize("number", [9, 137, 179])
def test_uneven_loads_leave_the_bounds(number: int) -> None:
    """What is not claimed must not be thought to hold: assignments wholly outside, for certain (ADR 0016)."""
    low, _, wrong = outside(hits(uneven(number), 40_000, number), 3)
    assert wrong
    assert 0.1 < low < 0.25


@pytest.mark.parametrize("number", [9, 13, 59])
def test_who_has_many_rivals_one_visit_away_is_drawn_seldom(number: int) -> None:
    instance = uneven(number)
    shared = instance.all @ instance.all.T
    rivals = (shared == instance.all[0].sum() - 1).sum(axis=1)
    assert spearmanr(hits(instance, 40_000, number), rivals).statistic < -0.8


@pytest.mark.torture
def test_how_far_uneven_loads_are_from_uniform(record_property: Callable[[str, object], None]) -> None:
    """200 instances with loads that differ, a million draws each: the worst is written down, no bound is claimed."""
    found = [outside(hits(uneven(number), 1_000_000, number), 200) for number in range(200)]
    record_property("least ratio to uniform", min(f[0] for f in found))
    record_property("largest ratio to uniform", max(f[1] for f in found))
    record_property("instances with an assignment certainly outside 0.4 to 2.2", sum(f[2] > 0 for f in found))
    assert min(f[0] for f in found) < LOW


@pytest.mark.parametrize("number", range(4))
def test_the_solver_takes_the_cheapest_of_the_enumerated(number: int) -> None:
    instance = generate(number)
    rules = parse_rules(instance.case.plan)
    (block,) = build(rules, instance.case.targets, instance.case.officers, instance.case.recusals)
    for k in range(20):
        seed = H("dry", bytes(32), k)
        costs = instance.all @ np.array(tickets(block, seed, 0), float)
        assert solve_block(block, rules, seed).used == np.flatnonzero(instance.all[costs.argmin()]).tolist()


def test_a_planted_preference_is_noticed() -> None:
    """The judgement can fail: an assignment three times too likely is seen."""
    instance = generate(0)
    found = hits(instance, 40_000, 0)
    found[0] += 3 * 40_000 // len(found)
    assert outside(found, 10)[2] == 1


# ---------------------------------------------------------------- the chain: no bound exists


def chain(m: int) -> Case:
    """Return m objects in a row, object j open to officers j and j + 1 only, one visit each."""
    crew = [officer(f"i{n:03}", load=1) for n in range(m + 1)]
    what = [target(f"e{n:03}") for n in range(m)]
    barred = frozenset(
        (o.inspector_id, "object", t.object_id)
        for j, t in enumerate(what)
        for n, o in enumerate(crew)
        if n not in (j, j + 1)
    )
    return Case(plan([("a", 1, [])], []), what, crew, barred)


def ratio(m: int) -> float:
    """Return how many times likelier than uniform the chain's end assignment is: C(2m, m) 4^-m (m + 1)."""
    return float(comb(2 * m, m) * (m + 1) / 4**m)


@pytest.mark.parametrize(("m", "want"), [(20, 2.63), (100, 5.69)])
def test_a_chain_of_scarce_officers_is_not_uniform(m: int, want: float) -> None:
    """Leaving out officer k costs a symmetric random walk; the end is cheapest when the walk never goes below 0."""
    assert ratio(m) == pytest.approx(want, abs=0.01)
    draws, rng = 200_000, np.random.default_rng(m)
    steps = rng.random((draws, m)) - rng.random((draws, m))
    share = float((np.cumsum(steps, axis=1).min(axis=1) > 0).mean()) * (m + 1)
    assert share == pytest.approx(ratio(m), rel=0.05)


def test_the_solver_meets_the_chain() -> None:
    """At m = 20 the two ends come 2.63 times as often as uniform; the exact binomial bounds hold at 1e-6."""
    case = chain(20)
    rules, draws, ends = parse_rules(case.plan), 1500, 0
    (block,) = build(rules, case.targets, case.officers, case.recusals)
    for k in range(draws):
        left_out = set(range(21)) - {block.who[a] for a in solve_block(block, rules, H("dry", bytes(32), k)).used}
        ends += bool(left_out & {0, 20})
    p = 2 * ratio(20) / 21
    assert abs(ends - draws * p) < 5 * (draws * p * (1 - p)) ** 0.5
    assert ends > 1.6 * draws * 2 / 21
