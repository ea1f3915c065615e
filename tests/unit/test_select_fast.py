"""The parts of the fast selection one by one: bounds, cut, prefilter, edges, clusters, sizes."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from sampler.errors import DrawError
from sampler.select import exact, fast
from sampler.select.exact import Key, settle
from sampler.ticket import object_key, ticket

K = object_key(bytes(32))
L_TOP = 2**32 - 1
NEAR = Fraction(1, 2**47)


def columns(keys: list[Key], strata: list[int] | None = None) -> fast.Units:
    return fast.Units(
        [k.id for k in keys],
        np.array([k.h >> 192 for k in keys], dtype=np.uint64),
        np.array([k.L for k in keys], dtype=np.uint32),
        np.array(strata or [0] * len(keys), dtype=np.int32),
    )


def hashed(n: int, strata: int = 1) -> fast.Units:
    ids = [f"u{i}" for i in range(n)]
    return fast.units(ids, [2**26 + i for i in range(n)], [i % strata for i in range(n)], fast.heads(K, ids))


def arbitrary(n: int) -> list[Key]:
    """Return keys of every size: tickets near both ends and in between, parameters likewise."""
    draw = random.Random(7)
    ends = [0, 1, 2, 3, 2**63, 2**64 - 4, 2**64 - 3, 2**64 - 2, 2**64 - 1]

    def one(i: int) -> Key:
        top = draw.choice(ends) if i % 3 == 0 else draw.randrange(2 ** draw.randrange(1, 65))
        parameter = draw.choice([1, 2, 2**31, L_TOP]) if i % 5 == 0 else draw.randrange(1, 2**32)
        return Key((top << 192) + draw.randrange(2**192), parameter, f"u{i}")

    return [one(i) for i in range(n)]


def q(key: Key) -> Fraction:
    return Fraction(key.num, key.den)


def test_bounds_enclose_the_key_and_are_no_wider_than_they_say() -> None:
    keys = arbitrary(1_000)
    of = columns(keys)
    for key, lower, upper in zip(keys, *(b.tolist() for b in fast.bounds(of.heads, of.L)), strict=True):
        a = key.h >> 192
        b, rest = 2**64 - 1 - a, 2**32 - key.L
        assert Fraction(lower) <= q(key)
        assert Fraction(lower) >= Fraction(a * rest, (b + 1) * key.L) * (1 - NEAR)
        if b == 0:
            assert upper == np.inf
        else:
            assert q(key) <= Fraction(upper) <= Fraction((a + 1) * rest, b * key.L) * (1 + NEAR)


def test_the_prefilter_keeps_at_its_cut_and_drops_beyond_it() -> None:
    keys = [k for k in arbitrary(2_000) if q(k) >= 1]
    of = columns(keys, [*range(len(keys))])
    at = np.array([float(q(k)) for k in keys])
    at = np.where([Fraction(c) < q(k) for c, k in zip(at.tolist(), keys, strict=True)], np.nextafter(at, np.inf), at)
    assert fast._within(of, at).tolist() == [*range(len(keys))]
    sharp = [i for i, k in enumerate(keys) if k.h >> 192 > 2**50 and Fraction(1 + 2.0**-30) < q(k) < 50]
    assert len(sharp) > 20  # where the leading bits say nearly all
    assert not set(sharp) & set(fast._within(of, at * (1 - 2.0**-40)).tolist())


def test_the_prefilter_works_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    for strata in (1, 2, 3):
        of = hashed(100, strata)
        cut = np.array([20.0, 30.0, 45.0])[:strata]
        want = fast._within(of, cut).tolist()
        assert 10 < len(want) < 90
        values = [q(of.key(i, partial(ticket, K))) for i in range(100)]
        assert want == [i for i, v in enumerate(values) if v <= Fraction(float(cut[i % strata]))]
        monkeypatch.setattr(fast, "CHUNK", 17)
        assert fast._within(of, cut).tolist() == want
        monkeypatch.undo()


def test_the_cut_is_what_should_suffice_and_some_deviations_more() -> None:
    of = fast.Units(
        list("abcdefg"), np.arange(7, dtype=np.uint64), np.array([10, 20, 30, 40, 50, 60, 70], dtype=np.uint32),
        np.array([0, 0, 0, 1, 1, 1, 1], dtype=np.int32),
    )  # fmt: skip
    one = fast.Units(of.ids, of.heads, of.L, np.zeros(7, dtype=np.int32))

    def cut(k: int, total: int) -> float:
        return (k + 8 * math.sqrt(k)) / total * 2**32

    assert fast._guess(of, np.array([2, 3])) == pytest.approx([cut(2, 60), cut(3, 220)], rel=1e-14)
    assert fast._guess(of, np.array([2, 0])) == pytest.approx([cut(2, 60), 0.0], rel=1e-14)
    assert fast._guess(of, np.array([3, 1, 0])).tolist() == [np.inf, cut(1, 220), np.inf]  # nobody in the last
    assert fast._guess(one, np.array([4])) == pytest.approx([cut(4, 280)], rel=1e-14)
    assert fast._guess(one, np.array([7])).tolist() == [np.inf]


def test_sizes_name_every_stratum() -> None:
    of = hashed(6)
    assert of.sizes(1).tolist() == [6]
    assert of.sizes(3).tolist() == [6, 0, 0]
    assert hashed(5, 2).sizes(4).tolist() == [3, 2, 0, 0]


def test_edges_of_one_of_none_and_of_an_empty_stratum() -> None:
    of = hashed(40, 2)
    lower, upper = fast.bounds(of.heads, of.L)
    first = int(np.argmin(lower[of.stratum == 0])) * 2
    got = fast.edges(of, [1, 0, 1])
    assert got[0] == upper[first]
    assert got[1] < 0
    assert got[2] == np.inf
    assert fast.edges(fast.join([]), [0])[0] < 0
    assert fast.edges(fast.join([]), [1])[0] == np.inf


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("within", [None, np.inf])
def test_keys_that_floats_cannot_tell_apart_go_by_the_exact_rule(size: int, within: float | None) -> None:
    keys = [Key((base << 192) + 9 - d, 2**20, f"{base}-{d}") for base in (2**40, 2**50, 2**60) for d in range(size)]
    keys += [Key(2**200, 2**20, "first"), Key(2**255, 2**20, "far")]
    of = columns(keys)
    table = {k.id: k.h for k in keys}
    cut = None if within is None else np.array([within])
    found = fast.smallest(of, [len(keys)], table.__getitem__, within=cut)
    assert found.ids == [k.id for k in sorted(keys)]
    for m in range(len(keys)):
        assert fast.choose_many(of, [m], 1, table.__getitem__) == [settle(keys, m, 1)]


def test_sizes_that_cannot_be_drawn_are_told() -> None:
    for m, reserves in ((3, 1), (-1, 0), (1, -1)):
        with pytest.RaisesExc(DrawError, check=lambda e: e.code == "SELECT_SIZE") as caught:
            exact.check_size(2, m, reserves)
        problem = caught.value.problem
        assert problem.message == f"cannot draw {m} and {reserves} reserves of 2 units"
        assert problem.found == str(m)
    exact.check_size(0, 0, 0)
    exact.check_size(2, 2, 0)


def test_a_key_does_not_come_before_itself() -> None:
    key = Key(6, 7, "a")
    assert not key < key  # noqa: PLR0124  # what is tested


def test_the_default_way_does_without_the_compiled_tickets() -> None:
    code = "import sys; sys.modules['numba'] = None; from sampler.select.fast import choose_fast as f; print(f(['a', 'b'], [5, 9], b'k' * 32, 1, 1))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == str(fast.choose_fast(["a", "b"], [5, 9], b"k" * 32, 1, 1))
