"""Exact is the naive sort, fast is exact, whatever the tickets and parameters."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.select import exact, fast
from sampler.select.exact import Choice, Key, choose, settle
from sampler.select.fast import choose_fast

TOP = 2**256 - 1
parameters = st.one_of(st.sampled_from([1, 2, 2**31, 2**32 - 2, 2**32 - 1]), st.integers(1, 2**32 - 1))
spread = st.one_of(st.sampled_from([0, 1, TOP - 1, TOP]), st.integers(0, TOP))
close = st.builds(lambda base, d: base + d, st.sampled_from([0, 2**100, 2**255, TOP - 64]), st.integers(0, 64))
tickets = st.one_of(spread, close)
frames = st.lists(st.tuples(tickets, parameters), min_size=1, max_size=40)
same = st.builds(lambda hs, x: [(h, x) for h in hs], st.lists(close, min_size=1, max_size=40), parameters)


def naive(keys: list[Key], m: int, reserves: int) -> Choice:
    order = sorted(keys, key=lambda k: (Fraction(k.num, k.den), k.id.encode()))
    tau = (order[m].h, order[m].L) if len(order) > m else None
    return Choice(tuple(k.id for k in order[:m]), tuple(k.id for k in order[m : m + reserves]), tau)


def fast_with(monkeypatch: pytest.MonkeyPatch, keys: list[Key], m: int, reserves: int) -> Choice:
    table = {k.id.encode(): k.h.to_bytes(32, "big") for k in keys}
    with monkeypatch.context() as patch:
        patch.setattr(fast, "sha256", table.__getitem__)
        return choose_fast([k.id for k in keys], [k.L for k in keys], b"", m, reserves)


@settings(max_examples=150, deadline=None)
@given(frame=st.one_of(frames, same), data=st.data())
def test_exact_is_the_naive_sort_and_fast_is_exact(frame: list[tuple[int, int]], data: st.DataObject) -> None:
    keys = [Key(h, x, f"u{i}") for i, (h, x) in enumerate(frame)]
    m = data.draw(st.integers(0, len(keys)))
    reserves = data.draw(st.integers(0, 5))
    want = naive(keys, m, reserves)
    assert settle(keys, m, reserves) == want
    with pytest.MonkeyPatch.context() as patch:
        assert fast_with(patch, keys, m, reserves) == want


@settings(max_examples=300, deadline=None)
@given(h=tickets, x=parameters)
def test_float_bounds_enclose_the_exact_key(h: int, x: int) -> None:
    lower, upper = fast.bounds(fast.leading(h.to_bytes(32, "big")), np.array([x]))
    key = Key(h, x, "a")
    value = Fraction(key.num, key.den)
    assert Fraction(float(lower[0])) <= value
    assert upper[0] == np.inf or value <= Fraction(float(upper[0]))


@settings(max_examples=50, deadline=None)
@given(units=st.dictionaries(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), parameters, min_size=2), data=st.data())
def test_choice_ignores_the_order_of_units_and_merges(units: dict[str, int], data: st.DataObject) -> None:
    rows = list(units.items())
    m = data.draw(st.integers(1, len(rows) - 1))
    whole = choose(rows, b"k", m, 2)
    assert choose(data.draw(st.permutations(rows)), b"k", m, 2) == whole
    half = len(rows) // 2
    kept: list[tuple[str, int]] = []
    for part in (rows[:half], rows[half:]):
        some = choose(part, b"k", min(m, len(part)), 3)
        kept += [(u, units[u]) for u in (*some.drawn, *some.reserves)]
    assert choose(kept, b"k", m, 2) == whole


@settings(max_examples=50, deadline=None)
@given(frame=frames)
def test_one_more_drawn_is_the_first_reserve(frame: list[tuple[int, int]]) -> None:
    keys = [Key(h, x, f"u{i:02}") for i, (h, x) in enumerate(frame)]
    found = [settle(keys, m, 1) for m in range(len(keys) + 1)]
    for a, b in pairwise(found):
        assert b.drawn == a.drawn + a.reserves
    assert found[-1].tau is None
    assert all(a < b for a, b in pairwise(sorted(keys)))
    assert exact.L_ONE == 2**32
