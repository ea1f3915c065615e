"""Sizes sum to totals, targets sum to m, and nothing depends on the order of the input."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampler.allocation import Cell, clause_total, fill, levels, parse_ratio, strata, take_certain, weights
from sampler.errors import PlanError

cells = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["t", "u"]), st.sampled_from([f"d{k}" for k in range(9)])),
    st.integers(1, 300),
    min_size=1,
)
weight_lists = st.lists(st.one_of(st.integers(1, 20), st.integers(1, 2**52)), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(held=cells, data=st.data())
def test_strata_keep_every_cell_and_sum_to_the_total(held: dict[Cell, int], data: st.DataObject) -> None:
    size = sum(held.values())
    total = data.draw(st.integers(1, size))
    try:
        found = strata({"c": held}, {"c": total})
    except PlanError as error:
        if error.code != "STRATUM_ZERO":
            raise
        return
    assert sum(s.n for s in found) == total
    assert sorted(c for s in found for c in s.cells) == sorted(held)
    for s in found:
        assert s.n_frame == sum(held[c] for c in s.cells)
        assert abs(s.n - Fraction(total * s.n_frame, size)) < 1
        assert 1 <= s.n <= s.n_frame
        assert s.id == ".".join(min(s.cells))
        assert len({c[:2] for c in s.cells}) == 1
        assert len(s.cells) == 1 or total * min(held[c] for c in s.cells) < size
    shuffled = dict(data.draw(st.permutations(list(held.items()))))
    assert strata({"c": shuffled}, {"c": total}) == found


@settings(max_examples=200, deadline=None)
@given(num=st.integers(0, 1_000_000), n=st.integers(0, 10**7))
def test_rounding_is_the_nearest_or_the_named_side(num: int, n: int) -> None:
    share = f"{num // 10_000}.{num % 10_000:04}%"
    exact = Fraction(num, 1_000_000) * n
    half, up, down = (clause_total(parse_ratio(sign + share), n) for sign in ("", ">=", "<="))
    assert down <= exact <= up < exact + 1
    assert down > exact - 1
    assert Fraction(-1, 2) < half - exact <= Fraction(1, 2)


@settings(max_examples=100, deadline=None)
@given(n=st.integers(1, 10**5), batches=st.integers(1, 12))
def test_batches_add_up_to_the_quota(n: int, batches: int) -> None:
    ratio = parse_ratio("10%")
    drawn = 0
    for left in range(batches, 0, -1):
        drawn += clause_total(ratio, n, drawn=drawn, batches_left=left)
    assert drawn == clause_total(ratio, n)


@settings(max_examples=100, deadline=None)
@given(
    risks=st.lists(st.integers(0, 10**6), min_size=1, max_size=60), floor=st.integers(0, 10), gamma=st.integers(0, 3)
)
def test_weights_follow_the_risk_and_keep_the_floor(risks: list[int], floor: int, gamma: int) -> None:
    found = weights(risks, floor, 10, gamma)
    assert min(found) >= max(1, 2**32 * floor // 10 if sum(risks) else 1)
    by_risk = dict(zip(risks, found, strict=True))
    ordered = [by_risk[r] for r in sorted(by_risk)]
    assert ordered == sorted(ordered)
    assert weights(risks[::-1], floor, 10, gamma) == found[::-1]
    mean = Fraction(sum(found), len(found))
    assert 2**32 - 1 <= mean <= 2**32 + 1


@settings(max_examples=200, deadline=None)
@given(found=weight_lists, data=st.data())
def test_water_filling_sums_to_m_exactly(found: list[int], data: st.DataObject) -> None:
    cooldown = data.draw(st.booleans())
    top = len(found) // 4 if cooldown else len(found) - 1
    assume(top >= 1)
    n = data.draw(st.integers(1, top))
    left = dict(Counter(found))
    m = n if cooldown else take_certain(left, n)
    cap = Fraction(1, 4) if cooldown else Fraction(1)
    targets = fill(left, m, cap)
    assert sum(t * left[w] for w, t in targets.items()) == m
    assert all(0 < t <= cap for t in targets.values())
    slopes = {t / w for w, t in targets.items() if t < cap}
    assert len(slopes) <= 1
    assert all(w * c >= cap for c in slopes for w, t in targets.items() if t == cap)


@settings(max_examples=200, deadline=None)
@given(found=weight_lists, data=st.data())
def test_levels_are_counted_ordered_and_independent_of_order(found: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(found)))
    got = levels(found, n, cooldown=False)
    assert got.take_all + got.m == n
    assert Counter(got.level_of) == Counter({**got.count, "T": got.take_all})
    assert list(got.target_e12.values()) == sorted(set(got.target_e12.values()))
    assert [*got.count] == [*got.target_e12] == [str(k) for k in range(1, len(got.count) + 1)]
    off = sum(got.target_e12[k] * c for k, c in got.count.items()) - got.m * 10**12
    assert 2 * abs(off) <= sum(got.count.values())
    order = data.draw(st.permutations(range(len(found))))
    again = levels([found[i] for i in order], n, cooldown=False)
    assert again.level_of == [got.level_of[i] for i in order]
    assert again.target_e12 == got.target_e12


@settings(max_examples=100, deadline=None)
@given(found=weight_lists, n=st.integers(1, 60))
def test_cooldown_never_exceeds_a_quarter(found: list[int], n: int) -> None:
    if n > len(found) // 4:
        with pytest.raises(PlanError):
            levels(found, n, cooldown=True)
        return
    got = levels(found, n, cooldown=True)
    assert got.take_all == 0
    assert max(got.target_e12.values()) <= 250_000_000_000
