"""The choice is the naive sort, whatever the tickets and parameters."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.select import exact
from sampler.select.exact import Choice, Key, choose, settle

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


@settings(max_examples=150, deadline=None)
@given(frame=st.one_of(frames, same), data=st.data())
def test_the_choice_is_the_naive_sort(frame: list[tuple[int, int]], data: st.DataObject) -> None:
    keys = [Key(h, x, f"u{i}") for i, (h, x) in enumerate(frame)]
    m = data.draw(st.integers(0, len(keys)))
    reserves = data.draw(st.integers(0, 5))
    assert settle(keys, m, reserves) == naive(keys, m, reserves)


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
