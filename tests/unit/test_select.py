"""The choice of the smallest keys: ties, edges of h and L, refusals, and the fast way's fallback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from sampler.errors import DrawError
from sampler.select import exact, fast
from sampler.select.exact import Choice, Key, choose, settle
from sampler.select.fast import choose_fast
from sampler.ticket import object_key, ticket

K = object_key(bytes(32))
TOP = 2**256 - 1
L_TOP = 2**32 - 1


def refused(code: str) -> pytest.RaisesExc[DrawError]:
    return pytest.RaisesExc(DrawError, check=lambda e: e.code == code)


def q(key: Key) -> Fraction:
    u = Fraction(2 * key.h + 1, 2**257)
    odds = Fraction(key.L, 2**32 - key.L)
    return u / (1 - u) / odds


@pytest.mark.parametrize("h", [0, 1, 2**255, TOP - 1, TOP])
@pytest.mark.parametrize("parameter", [1, 2, 2**31, L_TOP])
def test_key_is_the_specified_fraction(h: int, parameter: int) -> None:
    key = Key(h, parameter, "a")
    assert Fraction(key.num, key.den) == q(key)


def test_keys_order_by_value_then_id() -> None:
    assert Key(5, 7, "b") < Key(6, 7, "a") <= Key(6, 7, "a")
    assert Key(5, 8, "b") < Key(5, 7, "a")
    assert Key(5, 7, "a") < Key(5, 7, "b")
    assert Key(5, 7, "Z") < Key(5, 7, "a") < Key(5, 7, "é")  # bytes, not alphabets


def test_choice_is_the_naive_sort() -> None:
    units = [(f"u{i}", (i * 2_654_435_761) % L_TOP + 1) for i in range(500)]
    order = sorted((Key(ticket(K, u), x, u) for u, x in units), key=lambda k: (q(k), k.id))
    found = choose(units, K, 20, 7)
    assert found.drawn == tuple(k.id for k in order[:20])
    assert found.reserves == tuple(k.id for k in order[20:27])
    assert found.tau == (order[20].h, order[20].L)


def test_reserves_run_out() -> None:
    units = [("a", 1), ("b", L_TOP), ("c", 9)]
    assert len(choose(units, K, 2, 10).reserves) == 1
    whole = choose(units, K, 3, 10)
    assert (len(whole.drawn), whole.reserves, whole.tau) == (3, (), None)
    assert choose(units, K, 0, 0).tau is not None


def test_nobody_to_choose_from() -> None:
    assert choose([], K, 0, 5) == choose_fast([], [], K, 0, 5) == Choice((), (), None)


def test_equal_keys_go_by_id() -> None:
    keys = [Key(9, 5, i) for i in ("c", "a", "b")]
    assert settle(keys, 2, 0) == Choice(("a", "b"), (), (9, 5))


def test_keys_too_close_for_the_rough_integer_are_told_apart() -> None:
    keys = [Key(2**100 + d, L_TOP, f"u{9 - d}") for d in (3, 1, 2, 0)]
    assert len({(k.num << exact.SCALE_BITS) // k.den for k in keys}) == 1
    assert settle(keys, 2, 2).drawn == ("u9", "u8")
    assert settle(keys, 2, 2).reserves == ("u7", "u6")


@pytest.mark.parametrize("parameter", [0, -1, 2**32, 2**70])
def test_l_out_of_range_is_refused(parameter: int) -> None:
    with refused("SELECT_L"):
        choose([("a", 5), ("b", parameter)], K, 1, 0)
    with refused("SELECT_L"):
        choose_fast(["a", "b"], [5, parameter], K, 1, 0)


def test_refusals_say_what_was_found() -> None:
    with refused("SELECT_L") as caught:
        choose([("a", 5), ("b", 2**32)], K, 1, 0)
    p = caught.value.problem
    assert (p.message, p.found) == ("a numbered level has an L outside 1..2^32-1", "4294967296")
    with refused("SELECT_DUPLICATE") as caught:
        choose([("b", 5), ("a", 5), ("c", 5), ("a", 6)], K, 1, 0)
    p = caught.value.problem
    assert (p.message, p.found) == ("a unit stands twice in one stratum", "a")


def test_an_id_that_stands_twice_is_refused_and_named() -> None:
    with refused("SELECT_DUPLICATE") as caught:
        choose([("a", 5), ("b", 5), ("a", 6)], K, 1, 0)
    assert caught.value.problem.found == "a"
    with refused("SELECT_DUPLICATE"):
        choose_fast(["a", "a"], [5, 6], K, 1, 0)


@pytest.mark.parametrize(("m", "reserves"), [(-1, 0), (3, 0), (1, -1), (100, 5)])
def test_sizes_out_of_range_are_refused(m: int, reserves: int) -> None:
    with refused("SELECT_SIZE"):
        choose([("a", 5), ("b", 5)], K, m, reserves)
    with refused("SELECT_SIZE"):
        choose_fast(["a", "b"], [5, 5], K, m, reserves)


def test_columns_of_another_length_are_refused_with_both_numbers() -> None:
    top = fast.heads(K, ["a", "b"])
    for columns in (([5], [0, 0], top), ([5, 5], [0], top), ([5, 5], [0, 0], top[:1])):
        with refused("SELECT_SIZE") as caught:
            fast.units(["a", "b"], *columns)
        assert (caught.value.problem.message, caught.value.problem.found) == ("2 ids, but 1 values", "1")
    with refused("SELECT_SIZE"):
        choose_fast(["a", "b"], [5], K, 1, 0)


def test_columns_are_as_narrow_as_their_values() -> None:
    of = fast.units(["a", "b"], [1, L_TOP], [0, 1], fast.heads(K, ["a", "b"]))
    assert (of.heads.dtype.name, of.L.dtype.name, of.stratum.dtype.name) == ("uint64", "uint32", "int32")
    assert of.L.tolist() == [1, L_TOP]
    none = fast.join([])
    assert (none.heads.dtype.name, none.L.dtype.name, none.stratum.dtype.name) == ("uint64", "uint32", "int32")
    assert none.ids == []
    both = fast.join([of, of.take(np.array([1]))])
    assert (both.ids, both.L.tolist(), both.stratum.tolist()) == (["a", "b", "b"], [1, L_TOP, L_TOP], [0, 1, 1])
    assert both.heads.tolist() == [ticket(K, u) >> 192 for u in ("a", "b", "b")]


def test_fast_gives_the_choice_of_the_rule() -> None:
    for seed in range(5):
        key = object_key(bytes([seed]) * 32)
        units = [(f"u{i}", (i * 2_654_435_761) % L_TOP + 1) for i in range(400)]
        for m in (0, 1, 20, 399, 400):
            found = choose_fast([u for u, _ in units], [x for _, x in units], key, m, 7)
            assert found == choose(units, key, m, 7)


def test_units_of_another_number_of_strata_are_refused() -> None:
    of = fast.units(["a", "b"], [5, 5], [0, 2], fast.heads(K, ["a", "b"]))
    with refused("SELECT_SIZE") as caught:
        fast.choose_many(of, [1, 0], 0, partial(ticket, K))
    assert caught.value.problem.message == "sizes of 2 strata, but 3 strata"
    assert caught.value.problem.found == "2"


def test_edges_are_no_less_than_the_key_that_is_wanted() -> None:
    of, ticket_of = many(600, strata=3)
    got = fast.edges(of, [0, 5, 201])
    assert got[0] < 0
    assert got[2] == np.inf
    fifth = fast.smallest(of, [0, 5, 0], ticket_of).key(4, ticket_of)
    value = Fraction(fifth.num, fifth.den)
    assert value <= Fraction(float(got[1])) < value * (1 + Fraction(1, 2**40))
    assert fast.edges(of, [200, 200, 200]).max() < np.inf
    assert (
        fast.smallest(of, [0, 5, 0], ticket_of, within=np.array([np.inf, got[1], np.inf])).ids
        == fast.smallest(of, [0, 5, 0], ticket_of).ids
    )
    assert fast.smallest(of, [9, 9, 9], ticket_of, within=np.array([-1.0, got[1], -1.0])).sizes(3)[1] >= 5


class Asked:
    """Tickets that remember who was asked for."""

    def __init__(self, ticket_of: Callable[[str], int]) -> None:
        self.ticket_of, self.units = ticket_of, list[str]()

    def __call__(self, unit: str) -> int:
        self.units.append(unit)
        return self.ticket_of(unit)


def many(n: int, strata: int = 1, parameter: int = 2**26) -> tuple[fast.Units, Callable[[str], int]]:
    ids = [f"u{i}" for i in range(n)]
    of = fast.units(ids, [parameter + i for i in range(n)], [i % strata for i in range(n)], fast.heads(K, ids))
    return of, partial(ticket, K)


def whole(of: fast.Units, m: int, reserves: int, stratum: int = 0) -> Choice:
    rows = zip(of.ids, of.L.tolist(), of.stratum.tolist(), strict=True)
    return choose([(u, x) for u, x, s in rows if s == stratum], K, m, reserves)


def test_fast_takes_the_prefilter_and_survives_without(monkeypatch: pytest.MonkeyPatch) -> None:
    of, ticket_of = many(5_000)
    assert 31 < len(fast._within(of, fast._guess(of, np.array([31])))) < 200  # of 5,000; 31 + 8 sqrt(31) expected
    monkeypatch.setattr(fast, "_within", lambda *_: np.arange(0))
    assert fast.choose_many(of, [20], 10, ticket_of) == [whole(of, 20, 10)]


@pytest.mark.parametrize("margin", [-1e9, -5.5, -1.0, 0.0])
def test_a_prefilter_that_falls_short_is_made_good(monkeypatch: pytest.MonkeyPatch, margin: float) -> None:
    monkeypatch.setattr(fast, "MARGIN", margin)
    of, ticket_of = many(3_000, strata=7)
    cut = fast._guess(of, np.full(7, 31))
    kept = of.take(fast._within(of, cut)).sizes(7)
    assert margin >= 0 or (kept < 31).any()
    found = fast.choose_many(of, [20] * 7, 10, ticket_of)
    assert found == [whole(of, 20, 10, s) for s in range(7)]


def test_parameters_out_of_proportion_to_the_size_still_give_the_rule() -> None:
    for parameter in (1, 2**20, 2**31, L_TOP - 3_000):  # sum of lambda far from m: nothing rests on the design
        of, ticket_of = many(2_000, parameter=parameter)
        assert fast.choose_many(of, [50], 3, ticket_of) == [whole(of, 50, 3)]


def test_tickets_at_both_ends_are_left_to_the_exact_rule() -> None:
    hs = [0, 1, 2**192 - 1, 2**192, TOP, TOP - 1, TOP - 2**192, 2**255, 2**255 + 1]
    table = {f"u{i}": h for i, h in enumerate(hs)}
    parameters = [L_TOP, 1, 1, 7, L_TOP, L_TOP, 1, 9, 9]
    top = np.array([h >> 192 for h in hs], dtype=np.uint64)
    of = fast.Units(list(table), top, np.array(parameters, dtype=np.uint32), np.zeros(9, dtype=np.int32))
    keys = [Key(h, x, u) for (u, h), x in zip(table.items(), parameters, strict=True)]
    asked = Asked(table.__getitem__)
    for m in range(10):
        assert fast.choose_many(of, [m], 0, asked) == [settle(keys, m, 0)]
    assert {"u4", "u5", "u7", "u8"} <= set(asked.units)


def test_the_full_ticket_is_asked_only_for_tau_when_leading_bits_suffice() -> None:
    of, ticket_of = many(5_000)
    asked = Asked(ticket_of)
    found = fast.choose_many(of, [20], 10, asked)
    assert asked.units == [found[0].reserves[0]]


def test_fast_bounds_at_the_ends() -> None:
    top = np.array([h >> 192 for h in (0, TOP, 2**192 - 1, 2**192)], dtype=np.uint64)
    lower, upper = fast.bounds(top, np.array([1, L_TOP, 1, L_TOP], dtype=np.uint32))
    assert lower[0] == 0.0
    assert upper[1] == np.inf
    assert lower[2] == 0.0
    assert lower[3] > 0.0


def test_exact_needs_only_the_standard_library() -> None:
    code = "import sys, sampler.select.exact, sampler.allocation; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
