"""Exact is the naive sort, fast is exact, whatever the tickets and parameters."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.select import exact, fast
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


def columns(keys: list[Key], strata: list[int] | None = None) -> tuple[fast.Units, Callable[[str], int]]:
    """Return the keys as columns, with tickets from a table: hashing could never be made to give these."""
    table = {k.id: k.h for k in keys}
    of = fast.Units(
        [k.id for k in keys],
        np.array([k.h >> 192 for k in keys], dtype=np.uint64),
        np.array([k.L for k in keys], dtype=np.uint32),
        np.array(strata or [0] * len(keys), dtype=np.int32),
    )
    return of, table.__getitem__


@settings(max_examples=200, deadline=None)
@given(frame=st.one_of(frames, same), data=st.data())
def test_exact_is_the_naive_sort_and_fast_is_exact(frame: list[tuple[int, int]], data: st.DataObject) -> None:
    keys = [Key(h, x, f"u{i}") for i, (h, x) in enumerate(frame)]
    m = data.draw(st.integers(0, len(keys)))
    reserves = data.draw(st.integers(0, 5))
    want = naive(keys, m, reserves)
    assert settle(keys, m, reserves) == want
    of, ticket_of = columns(keys)
    assert fast.choose_many(of, [m], reserves, ticket_of) == [want]


@settings(max_examples=200, deadline=None)
@given(frame=st.lists(st.tuples(tickets, parameters, st.integers(0, 3)), max_size=60), data=st.data())
def test_many_strata_are_each_by_itself_and_parts_merge_to_the_whole(
    frame: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    keys = [Key(h, x, f"u{i}") for i, (h, x, _) in enumerate(frame)]
    of, ticket_of = columns(keys, [s for _, _, s in frame])
    inside = [[k for k, (_, _, s) in zip(keys, frame, strict=True) if s == n] for n in range(4)]
    m = [data.draw(st.integers(0, len(part))) for part in inside]
    want = [naive(part, d, 2) for part, d in zip(inside, m, strict=True)]
    assert fast.choose_many(of, m, 2, ticket_of) == want
    part_of = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(keys), max_size=len(keys))), dtype=int)
    wanted = [d + 3 for d in m]
    kept = fast.join([])
    for n in range(5):  # a stream: each part is cut by what the earlier ones left
        part = of.take(np.flatnonzero(part_of == n))
        kept = fast.smallest(
            fast.join([fast.smallest(part, wanted, ticket_of, within=fast.edges(kept, wanted)), kept]),
            wanted, ticket_of,
        )  # fmt: skip
    assert fast.choices(kept, m, 2, ticket_of) == want


@settings(max_examples=300, deadline=None)
@given(h=tickets, x=parameters, cut=st.one_of(st.floats(2.0**-100, 2.0**100), st.sampled_from([0.0, 1.0, np.inf])))
def test_float_bounds_enclose_the_exact_key_and_the_prefilter_keeps_whom_it_must(h: int, x: int, cut: float) -> None:
    of, _ = columns([Key(h, x, "a")])
    lower, upper = fast.bounds(of.heads, of.L)
    value = Fraction(Key(h, x, "a").num, Key(h, x, "a").den)
    assert Fraction(float(lower[0])) <= value
    assert upper[0] == np.inf or value <= Fraction(float(upper[0]))
    for edge in {cut, float(upper[0]), max(float(value), 2.0**-100)}:
        if edge == np.inf or value <= Fraction(edge):
            assert fast._within(of, np.array([edge])).tolist() == [0]


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
