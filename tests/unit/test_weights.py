"""Weights for inference: unbiased exactly, not about, and refused where they would be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.errors import DrawError
from sampler.select.exact import Key, settle
from sampler.tables import Table, from_rows
from sampler.weights import W, design_weight, effective_size, past, rc_weight

E12 = 10**12
TOP = 2**32
parameters = st.one_of(st.integers(1, TOP - 1), st.sampled_from([1, TOP - 1, TOP // 2]))
tickets = st.one_of(st.integers(0, 2**256 - 1), st.sampled_from([0, 2**256 - 1, 2**255]))
COLUMNS = ("key", "draw_id", "pi_e12", "drawn")


def refused(code: str) -> pytest.RaisesExc[DrawError]:
    return pytest.RaisesExc(DrawError, check=lambda e: e.code == code)


def before(parameter: int, tau: tuple[int, int]) -> int:
    """How many of the 2^256 tickets give a key below tau: bisection, since the key rises with the ticket."""
    edge = Key(*tau, "")
    low, high = 0, 2**256
    while low < high:
        middle = (low + high) // 2
        mine = Key(middle, parameter, "")
        low, high = (middle + 1, high) if mine.num * edge.den < edge.num * mine.den else (low, middle)
    return low


@given(parameter=parameters, h=tickets, edge=parameters)
def test_given_tau_the_weight_is_one_over_the_share_of_tickets_drawn(parameter: int, h: int, edge: int) -> None:
    # rank conditioning: with the other keys fixed, a unit is drawn by exactly these tickets, so E[weight x drawn] = 1
    weight = rc_weight(parameter, (h, edge))
    assert abs(Fraction(before(parameter, (h, edge)), 2**256) - 1 / weight) <= Fraction(1, 2**256)


def expected(big_l: list[int], m: int, bits: int) -> list[Fraction]:
    """E[rc_weight x drawn] of every unit over all outcomes of tickets with so few bits, exactly."""
    step = 2 ** (256 - bits)
    totals = [Fraction(0)] * len(big_l)
    for hs in product(range(2**bits), repeat=len(big_l)):
        keys = [Key(h * step + step // 2, v, str(i)) for i, (h, v) in enumerate(zip(hs, big_l, strict=True))]
        choice = settle(keys, m, 0)
        for unit in choice.drawn:
            totals[int(unit)] += rc_weight(big_l[int(unit)], choice.tau)
    return [t / 2 ** (bits * len(big_l)) for t in totals]


@pytest.mark.parametrize(
    ("big_l", "m", "bits"),
    [
        ([TOP // 2, TOP // 3], 1, 5),
        ([TOP // 10, TOP // 2], 1, 6),
        ([TOP // 2, TOP // 3, TOP // 5], 1, 4),
        ([TOP // 2, TOP // 3, TOP // 5], 2, 4),
    ],
)
def test_every_outcome_enumerated(big_l: list[int], m: int, bits: int) -> None:
    # a coarse ticket is off by at most half a step, of which tau and the unit have one each: the bias falls with it
    rough, fine = ([abs(e - 1) for e in expected(big_l, m, b)] for b in (bits - 1, bits))
    assert max(fine) <= Fraction(3, 2**bits)
    assert max(fine) < max(rough)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (4, 4)])
def test_everyone_drawn_weighs_one(n: int, m: int) -> None:
    keys = [Key(5 * k, 7 + k, str(k)) for k in range(n)]
    assert settle(keys, m, 0).tau is None
    assert rc_weight(7, None) == 1


def test_taken_units_weigh_one_whatever_tau() -> None:
    assert rc_weight(TOP, (2**200, 1)) == rc_weight(TOP, None) == 1


@pytest.mark.parametrize(
    ("parameter", "tau"),
    [(0, (1, 1)), (-1, None), (TOP + 1, None), (5, (2**256, 1)), (5, (-1, 1)), (5, (0, 0)), (5, (0, TOP))],
)
def test_rank_conditioned_input(parameter: int, tau: tuple[int, int] | None) -> None:
    with refused("WEIGHT_INPUT"):
        rc_weight(parameter, tau)


@pytest.mark.parametrize("pi", [0, -1, E12 + 1])
def test_only_what_can_be_drawn_has_a_weight(pi: int) -> None:
    with refused("WEIGHT_INPUT"):
        design_weight(pi)
    with refused("WEIGHT_INPUT"):
        W(pi, [0])


@pytest.mark.parametrize("pi", [E12, E12 + 1, -1])
def test_a_certain_unit_cannot_come_back(pi: int) -> None:
    with refused("WEIGHT_CERTAIN"):
        W(1, [0, pi])


def test_w_in_numbers() -> None:
    assert W(E12 // 4) == design_weight(E12 // 4) == 4
    assert W(E12 // 4, [0, 0]) == 4
    assert W(E12 // 4, [E12 // 5, E12 // 2]) == 4 * Fraction(5, 4) * 2


Past = tuple[frozenset[int], ...]
Rule = Callable[[Past], list[int]]


def histories(
    months: int, cool: int, units: int, m: int, rule: Rule
) -> Iterator[tuple[Past, Fraction, list[list[Fraction]]]]:
    """Every history of draws of m with its probability and the pi of each month; pairs are drawn by product of risks."""
    found: list[tuple[Past, Fraction, list[list[Fraction]]]] = [((), Fraction(1), [])]
    for _ in range(months):
        grown: list[tuple[Past, Fraction, list[list[Fraction]]]] = []
        for seen, chance, pis in found:
            eligible = [u for u in range(units) if not any(u in d for d in seen[max(0, len(seen) - cool) :])]
            risk = rule(seen)
            sets = list(combinations(eligible, m))
            mass = [Fraction(1) for _ in sets]
            for k, s in enumerate(sets):
                for u in s:
                    mass[k] *= risk[u]
            total = sum(mass)
            share = {frozenset(s): w / total for s, w in zip(sets, mass, strict=True)}
            pi = [sum((p for s, p in share.items() if u in s), start=Fraction(0)) for u in range(units)]
            grown += [((*seen, s), chance * p, [*pis, pi]) for s, p in share.items()]
        found = grown
    yield from found


@pytest.mark.parametrize(("units", "m", "cool"), [(4, 1, 2), (6, 2, 1), (3, 1, 1)])
@given(
    weights=st.lists(st.integers(1, 9), min_size=6, max_size=6),
    learn=st.lists(st.integers(1, 9), min_size=6, max_size=6),
)
def test_w_is_exactly_unbiased_when_risk_learns(
    units: int, m: int, cool: int, weights: list[int], learn: list[int]
) -> None:
    def rule(seen: Past) -> list[int]:
        visits = [sum(u in d for d in seen) for u in range(units)]
        return [weights[u] if not visits[u] else weights[u] * learn[u] + visits[u] for u in range(units)]

    mean = [Fraction(0)] * units
    plain = [Fraction(0)] * units
    months = cool + 1
    for seen, chance, pis in histories(months, cool, units, m, rule):
        for u in seen[-1]:
            product_ = Fraction(1)
            for k in range(1, cool + 1):
                product_ *= 1 - pis[-1 - k][u]
            weight = 1 / (pis[-1][u] * product_)
            mean[u] += chance * weight
            plain[u] += chance / pis[-1][u]
    assert mean == [1] * units
    assert sum(plain) < units  # 1/pi speaks for the eligible alone


@given(st.lists(st.integers(0, E12 - 1), max_size=24), st.integers(1, E12))
def test_w_is_what_the_formula_says(earlier: list[int], pi: int) -> None:
    want = Fraction(pi, E12)
    for p in earlier:
        want *= 1 - Fraction(p, E12)
    assert W(pi, earlier) == 1 / want


def history(*rows: tuple[str, str, str]) -> Table:
    return from_rows(COLUMNS, [(key, "X-2026-0001", pi, drawn) for key, pi, drawn in rows])


def test_the_past_is_the_units_own_window() -> None:
    rows = history(
        ("a/2025-12", "5", "0"), ("a/2026-01", "7", "0"), ("a/2026-02", "11", "0"), ("a/2026-03", "13", "0"),
        ("b/2026-02", "17", "0"), ("b/2025-11", "-", "1"), ("c/2026-02", "-", "1"), ("d/2026-01", "19", "1"),
    )  # fmt: skip
    got = past(rows, "2026-03", {"a": 2, "b": 3, "d": 1, "new": 3, "free": 0})
    assert got == {"a": [7, 11], "b": [17], "d": [], "new": [], "free": []}
    assert W(E12, got["new"]) == 1  # the product begins with the unit's entry


@pytest.mark.parametrize(("pi", "drawn", "code"), [("5", "1", "WEIGHT_COOLING"), ("-", "0", "WEIGHT_UNKNOWN")])
def test_a_window_that_gives_no_weight_is_refused(pi: str, drawn: str, code: str) -> None:
    with refused(code):
        past(history(("a/2025-12", pi, drawn), ("b/2025-12", "5", "0")), "2026-01", {"a": 1})


def test_a_month_known_only_by_whom_it_drew_is_refused() -> None:
    rows = history(("b/2026-01", "5", "1"), ("a/2025-12", "7", "0"))
    assert past(rows, "2026-03", {"a": 1}) == {"a": []}  # January lies outside this window
    with refused("WEIGHT_UNKNOWN"):
        past(rows, "2026-02", {"a": 3})
    whole = history(("b/2026-01", "5", "1"), ("c/2026-01", "5", "0"), ("a/2025-12", "7", "0"))
    assert past(whole, "2026-02", {"a": 3}) == {"a": [7]}


def test_effective_size() -> None:
    assert effective_size([Fraction(3)] * 7) == 7
    assert effective_size([Fraction(1), Fraction(3)]) == Fraction(16, 10)
    assert effective_size([]) == 0
