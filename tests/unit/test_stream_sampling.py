"""Rows picked by a challenge, and the exact bound of what a sample proves."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.canon import H
from sampler.select.exact import Key
from sampler.stream.sampling import SURE, bound, drawn, picked

ROOT = bytes(range(32))


@given(size=st.integers(1, 300), count=st.integers(0, 400), challenge=st.binary(min_size=32, max_size=32))
def test_rows_are_distinct_within_the_frame_and_follow_from_challenge_and_root(
    size: int, count: int, challenge: bytes
) -> None:
    found = picked(challenge, ROOT, size, count)
    assert len(found) == len(set(found)) == min(size, count)
    assert all(0 <= n < size for n in found)
    longer = picked(challenge, ROOT, size, count + 5)
    assert longer[: len(found)] == found
    numbers = [int.from_bytes(H("sample", challenge, ROOT, k), "big") % size for k in range(len(found) * 20 + 99)]
    assert found == list(dict.fromkeys(numbers))[: len(found)]


def test_another_challenge_or_root_picks_other_rows() -> None:
    held = [
        picked(bytes(32), ROOT, 10**8, 20),
        picked(b"1" * 32, ROOT, 10**8, 20),
        picked(bytes(32), bytes(32), 10**8, 20),
    ]
    assert not set(held[0]) & set(held[1])
    assert not set(held[0]) & set(held[2])


def passing(size: int, count: int, wrong: int) -> Fraction:
    return Fraction(comb(size - wrong, count), comb(size, count))


@given(size=st.integers(1, 500), data=st.data())
def test_the_bound_is_the_smallest_number_that_would_have_been_seen(size: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, size))
    wrong = bound(size, count)
    assert 1 <= wrong <= size
    assert passing(size, count, wrong) * SURE <= 1
    assert wrong == 1 or passing(size, count, wrong - 1) * SURE > 1


def test_bounds_of_a_country() -> None:
    assert bound(190_000_000, 190_000_000 // 10**6) == pytest.approx(190_000_000 * (1 - 0.001 ** (1 / 190)), rel=1e-4)
    assert bound(10_000_000, 3000) == pytest.approx(23_000, rel=0.001)  # 0.23 %
    assert bound(50, 50) == 1
    assert bound(50, 49) == 50 - 0 or bound(50, 49) == 2
    assert bound(7, 0) == 8


def test_a_tenth_of_rows_wrong_is_missed_as_often_as_the_bound_says() -> None:
    size, wrong, count, times = 600, 60, 20, 3000
    bad = set(range(0, 600, 10))
    missed = sum(not bad & set(picked(k.to_bytes(32, "big"), ROOT, size, count)) for k in range(times))
    want = float(passing(size, count, wrong))
    assert abs(missed / times - want) < 4 * (want * (1 - want) / times) ** 0.5


def test_who_has_to_be_drawn() -> None:
    low, edge, high = (Key(h, 2**31, "x") for h in (2**200, 2**201, 2**202))
    tau = {"s": (edge.h, edge.L)}
    assert drawn(low, "1", tau, "s")
    assert not drawn(edge, "1", tau, "s")
    assert not drawn(high, "1", tau, "s")
    assert drawn(high, "1", tau, "another")
    assert drawn(None, "T", tau, "s")
    assert not drawn(None, "0", tau, "s")
