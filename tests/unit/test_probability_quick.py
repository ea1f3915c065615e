"""The compiled search gives what `fixed_point.solve` gives, to the last integer, or leaves it to it."""

from __future__ import annotations

import json
import random
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from sampler.allocation import COOLDOWN_CAP
from sampler.allocation.levels import fill, round_e12
from sampler.errors import DrawError
from sampler.probability import fixed_point, pareto, solve
from sampler.probability.frame import Frame, logit, stable
from tests.support import ROOT

quick = pytest.importorskip("sampler.probability.quick", reason="numba (extra `speed`) is not installed")

E12 = 10**12


def outcome(way: Any, *task: Any) -> Any:
    try:
        return way(*task)
    except DrawError as e:
        return e.code, str(e)


def task(seed: int, groups: int, most: int, cap: Fraction) -> tuple[list[int], list[int], int]:
    """Targets in proportion to random weights, as the allocation makes them."""
    rng = random.Random(seed)
    left = {rng.randint(10**6, 10**8): rng.randint(1, most) for _ in range(groups)}
    size = sum(left.values())
    m = rng.randint(1, max(1, int(cap * size) // rng.choice((1, 3, 20))))
    held: Counter[int] = Counter()
    for w, t in fill(left, m, cap).items():
        held[round_e12(t)] += left[w]
    return list(held), list(held.values()), m


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**9),
    groups=st.integers(1, 50),
    most=st.sampled_from([1, 3, 12, 40]),
    cap=st.sampled_from([Fraction(1), COOLDOWN_CAP]),
)
def test_ordinary_strata(seed: int, groups: int, most: int, cap: Fraction) -> None:
    held = task(seed, groups, most, cap)
    assert outcome(quick.solve, *held) == outcome(solve, *held)


awkward = st.one_of(
    st.lists(st.integers(1, 2**52), min_size=2, max_size=12),
    st.lists(st.sampled_from([1, 2, 2**20, 2**40, 2**52]), min_size=2, max_size=30),
)


@settings(max_examples=40)
@given(held=awkward, data=st.data())
def test_awkward_strata(held: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(held) - 1))
    cap = data.draw(st.sampled_from([Fraction(1), Fraction(9999, 10_000), COOLDOWN_CAP]))
    assume(n < cap * len(held))
    left, by_target = Counter(held), Counter[int]()
    for w, t in fill(left, n, cap).items():
        by_target[round_e12(t)] += left[w]
    found = outcome(quick.solve, [*by_target], [*by_target.values()], n)
    event(str(found[0]) if isinstance(found[0], str) else "solved")
    assert found == outcome(solve, [*by_target], [*by_target.values()], n)


@pytest.mark.parametrize(
    "given_",
    [
        ([E12], [2], 2),
        ([E12 // 2, E12 // 2, 0], [1, 1], 1),
        ([E12 + 1, 0], [1, 1], 1),
        ([E12 // 2 + 2, E12 // 2], [1, 1], 1),
        ([E12 // 2], [0], 1),
        ([10, (2 * E12 - 10**8) // 4], [10**7, 4], 2),
        ([0, E12 // 2], [7, 2], 1),
        ([E12 // 2, E12 // 2], [3, 1], 2),
    ],
)
def test_refusals_and_edges_are_the_same(given_: tuple[list[int], list[int], int]) -> None:
    assert outcome(quick.solve, *given_) == outcome(solve, *given_)


ORDINARY = [task(seed, 50, 12, Fraction(1)) for seed in range(30)]


def test_what_is_near_an_edge_is_left_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(name: str, real: Any) -> Any:
        def of(*a: Any) -> Any:
            asked.append(name)
            return real(*a)

        return of

    monkeypatch.setattr(fixed_point, "solve", noted("solve", fixed_point.solve))
    monkeypatch.setattr(quick, "inclusion", noted("inclusion", quick.inclusion))
    found = [quick.solve(*t) for t in ORDINARY]
    assert asked.count("solve") < len(ORDINARY) / 2  # the quick way does decide
    monkeypatch.setattr(quick, "UNSURE", 1.0)
    asked.clear()
    assert [quick.solve(*t) for t in ORDINARY] == found
    assert asked == ["solve"] * len(ORDINARY)
    assert quick._rounded(np.array([7.5 - 1e-9])) is None
    monkeypatch.setattr(quick, "UNSURE", 1e-12)
    assert quick._rounded(np.array([7.5 - 1e-9, 3.2, 3.6])) == [7, 3, 4]


def test_both_ways_differ_by_less_than_a_tenth_of_what_is_left_open() -> None:
    apart = []
    for targets, counts, m in ORDINARY:
        found, _ = solve(targets, counts, m)
        pi, rest, _ = quick.compiled.evaluate(logit(found), np.array(counts), m, 0.0)
        want = pareto.evaluate(Frame(logit(found), np.array(counts, dtype=np.float64), m), stable)
        apart += [np.abs(pi / want.pi - 1).max(), np.abs(rest / want.rest - 1).max()]
    assert max(apart) < quick.UNSURE / 2
    assert float(np.median(apart)) < quick.UNSURE / 10


VECTORS = [
    json.loads(p.read_bytes()) for p in sorted((ROOT / "tests" / "vectors" / "probability").glob("check-*.json"))
]


def test_every_vector_of_pi_is_judged_as_the_naive_twin_judged_it() -> None:
    """8.3 by the compiled pi alone: those it claims, and those whose claim is wrong."""
    judged: Counter[bool] = Counter()
    for vector in VECTORS:
        rows, m, want = vector["input"]["levels"], vector["input"]["m"], vector["want"]
        found = [row["L"] for row in rows]
        if want.get("error") == "PI_INPUT" or len(set(found)) == 1:
            continue  # refused before any pi is computed, or known without
        pi = quick._achieved(found, np.array([row["count"] for row in rows]), m)
        if pi is not None:
            claims = [(got - row["pi_e12"], got - row["target_e12"], row) for got, row in zip(pi, rows, strict=True)]
            good = all(abs(a) <= 2 and abs(b) <= 1000 + row["target_e12"] // 10**6 for a, b, row in claims)
            assert good == ("ok" in want), vector["desc"]
            judged[good] += 1
    assert judged[True] >= 6
    assert judged[False] >= 15


def test_pi_that_did_not_settle_or_does_not_sum_to_m_is_left_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found, n, m = [2**30, 2**31], np.array([2, 2]), 2
    pi, rest, off = quick.compiled.evaluate(logit(found), n, m, 0.0)
    given_: list[Any] = []
    monkeypatch.setattr(quick.compiled, "evaluate", lambda *_: tuple(given_))
    cases: list[tuple[Any, float, bool]] = [
        (pi, off, True),
        (pi, 0.8 * quick.STABLE, True),
        (pi, quick.STABLE, False),
        (pi + np.array([0, 0.8e-12]), off, True),
        (pi + np.array([0, 4e-12]), off, False),
        (pi - np.array([4e-12, 0]), off, False),
        (pi + np.array([0, 4e-12]), quick.STABLE, False),
    ]
    for values, unsettled, decides in cases:
        given_[:] = values, rest, unsettled
        assert (quick._achieved(found, n, m) is not None) == decides, (values, unsettled)


@pytest.mark.parametrize("value", [7.5, 7.5 + 2**-50, 7.5 - 2**-50, 2**32 - 0.5, 3e11 + 0.5, 0.5])
def test_a_value_at_the_edge_between_two_integers_is_not_rounded(value: float) -> None:
    assert quick._rounded(np.array([3.2, value])) is None


def test_the_edge_belongs_to_what_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "UNSURE", 2.0**-4)
    assert quick._rounded(np.array([8.0])) is None  # half a unit away, 8 / 16 left open
    assert quick._rounded(np.array([7.0])) == [7]
