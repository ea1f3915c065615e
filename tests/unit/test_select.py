"""The choice of the smallest keys: ties, edges of h and L, refusals, and the fast way's fallback."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

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


def test_parameters_of_another_number_are_refused() -> None:
    with refused("SELECT_SIZE"):
        choose_fast(["a", "b"], [5], K, 1, 0)


def test_fast_falls_back_when_its_bounds_are_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    units = [(f"u{i}", i + 1) for i in range(50)]
    nothing = np.full(50, np.nan)
    monkeypatch.setattr(fast, "bounds", lambda *_: (nothing, nothing))
    assert choose_fast([u for u, _ in units], [x for _, x in units], K, 5, 3) == choose(units, K, 5, 3)


def test_fast_takes_the_prefilter() -> None:
    units = [(f"u{i}", 2**20 + i) for i in range(5_000)]
    top = fast.leading(b"".join(ticket(K, u).to_bytes(32, "big") for u, _ in units))
    near = fast.candidates(*fast.bounds(top, np.array([x for _, x in units])), 31)
    assert len(near) == 31
    assert choose_fast([u for u, _ in units], [x for _, x in units], K, 20, 10) == choose(units, K, 20, 10)


def test_fast_bounds_at_the_ends() -> None:
    digests = b"".join(h.to_bytes(32, "big") for h in (0, TOP, 2**203 - 1, 2**203))
    lower, upper = fast.bounds(fast.leading(digests), np.array([1, L_TOP, 1, L_TOP]))
    assert lower[0] == 0.0
    assert upper[1] == np.inf
    assert lower[2] == 0.0
    assert lower[3] > 0.0


def test_exact_needs_only_the_standard_library() -> None:
    code = "import sys, sampler.select.exact, sampler.allocation; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
