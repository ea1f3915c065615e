"""Any stratum the allocation can make is solved; pi sums to m and rises with L."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampler.allocation import levels, weights
from sampler.probability import inclusion, solve

risks = st.lists(st.one_of(st.integers(0, 10), st.integers(0, 10**6), st.just(10**6)), min_size=2, max_size=30)
parameters = st.one_of(st.sampled_from([1, 2**31, 2**32 - 1]), st.integers(1, 2**32 - 1))


@settings(max_examples=100, deadline=None)
@given(risk=risks, floor=st.sampled_from([(1, 5), (1, 1), (1, 1000), (0, 1)]), gamma=st.integers(0, 3), data=st.data())
def test_every_small_stratum_is_solved(
    risk: list[int], floor: tuple[int, int], gamma: int, data: st.DataObject
) -> None:
    cooldown = data.draw(st.booleans())
    top = len(risk) // 4 if cooldown else len(risk)
    assume(top >= 1)
    got = levels(weights(risk, *floor, gamma), data.draw(st.integers(1, top)), cooldown=cooldown)
    assume(got.m)
    targets, counts = [*got.target_e12.values()], [*got.count.values()]
    found, achieved = solve(targets, counts, got.m)
    assert found == sorted(found)
    assert all(abs(a - t) <= 1_000 + t // 10**6 for a, t in zip(achieved, targets, strict=True))


@settings(max_examples=100, deadline=None)
@given(level=st.lists(st.tuples(parameters, st.integers(1, 60)), min_size=1, max_size=12), data=st.data())
def test_pi_sums_to_m_and_rises_with_l(level: list[tuple[int, int]], data: st.DataObject) -> None:
    level.sort()
    counts = [n for _, n in level]
    m = data.draw(st.integers(0, sum(counts)))
    pi = inclusion([v for v, _ in level], counts, m)
    assert abs(math.fsum(p * n for p, n in zip(pi, counts, strict=True)) - m) <= sum(counts) * 1e-12
    assert all(0 <= p <= 1 for p in pi)
    assert all(a <= b + 1e-13 for a, b in pairwise(pi))
