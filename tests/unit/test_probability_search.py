"""The search for L step by step: start, plain steps, Newton's steps, halving, limits, and the words of refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sampler.errors import DrawError
from sampler.probability import fixed_point, pareto, solve
from sampler.probability.frame import Frame, Pair, logit, stable

if TYPE_CHECKING:
    from sampler.probability.frame import Floats

E12 = 10**12
L_TOP = 2**32 - 1
FIVE = Frame(np.array([-3.0, 4.0, 0.0, 1.5, -0.7]), np.array([1.0, 4.0, 2.0, 3.0, 2.0]), 6)


def refused(code: str, message: str, found: object) -> pytest.RaisesExc[DrawError]:
    def same(e: DrawError) -> bool:
        return (e.code, e.problem.message, e.problem.found) == (code, message, str(found))

    return pytest.RaisesExc(DrawError, check=same)


def test_newton_removes_what_is_linear() -> None:
    of = FIVE
    pair = pareto.evaluate(of, stable)
    residual = np.array([0.3, -0.2, 0.5, 0.1, -0.4])
    here = np.log(pair.pi / pair.rest)
    residual -= (of.counts * pair.pi * pair.rest) @ residual / float(of.counts @ (pair.pi * pair.rest))  # sum stays m
    move = fixed_point._newton(of, pair, residual)
    ahead = pareto.evaluate(Frame(of.x + 1e-5 * move, of.counts, of.m), stable)
    assert (np.log(ahead.pi / ahead.rest) - here) / 1e-5 == pytest.approx(residual, abs=1e-4)


def test_the_search_starts_from_targets_that_sum_to_m() -> None:
    of = fixed_point._start([0, E12 // 4, E12 // 2, E12], [4, 4, 2, 1], 3)
    assert (of.m, of.counts.tolist()) == (3, [4.0, 4.0, 2.0, 1.0])
    assert of.mean(0.0) == pytest.approx(3.0, abs=1e-13)
    assert np.diff(of.x) == pytest.approx(
        [math.log(1 / 3) + math.log(2 * E12 - 1), math.log(3), math.log(2 * E12 - 1)], rel=1e-12
    )


def scripted(monkeypatch: pytest.MonkeyPatch, script: list[list[float]]) -> list[Frame]:
    """Let the search see these pi, one after the other, and return the frames it asks about."""
    tried: list[Frame] = []

    def evaluate(of: Frame, _: object) -> Pair:
        tried.append(of)
        pi = np.array(script[len(tried) - 1])
        return Pair(pi, 1 - pi)

    monkeypatch.setattr(fixed_point, "evaluate", evaluate)
    monkeypatch.setattr(fixed_point, "STEPS", len(script))
    with refused("PI_NO_FIXED_POINT", f"no parameters found in {len(script)} steps", 1):
        fixed_point._search([E12 // 2, E12 // 2], [1, 1], 1)
    return tried


def logit_of(p: float) -> float:
    return math.log(p / (1 - p))


def test_a_step_that_makes_things_worse_is_halved_until_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_point, "_newton", lambda _frame, _pair, residual: 2 * residual)
    step = -logit_of(0.6)
    script = [[0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.55, 0.45], [0.5, 0.51], [0.5, 0.5001]]
    got = [(f.x).tolist() for f in scripted(monkeypatch, script)]
    here = step / 4  # the plain step, a half, a quarter of it; the quarter is better, though by less than a third
    newton = -2 * logit_of(0.55)
    later = -2 * logit_of(0.51)  # once too slow, Newton's steps to the end; the other unit's pi decides here
    want = [
        [0.0, 0.0], [step, -step], [step / 2, -step / 2], [here, -here],
        [here + newton, -here - newton], [here + newton, -here - newton + later],
    ]  # fmt: skip
    assert got == [pytest.approx(w, abs=1e-9) for w in want]


def test_plain_steps_go_on_while_each_divides_the_residual_by_three(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[float] = []

    def newton(_of: Frame, _pair: Pair, residual: Floats) -> Floats:
        used.append(float(residual[0]))
        return residual

    monkeypatch.setattr(fixed_point, "_newton", newton)
    first = 0.9
    script = [[1 / (1 + math.exp(-r)), 0.5] for r in (first, first / 3.01, first / 3.01 / 2.9, first / 100)]
    scripted(monkeypatch, script)
    assert used == pytest.approx([-first / 3.01 / 2.9, -first / 100])


def test_no_logit_moves_by_more_than_eight_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = scripted(monkeypatch, [[1e-9, 1 - 1e-9], [0.4, 0.6]])
    assert tried[1].x.tolist() == [8.0, -8.0]


def test_pi_that_left_the_range_of_doubles_still_moves_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = scripted(monkeypatch, [[0.0, 1.0], [0.4, 0.6]])
    assert tried[1].x.tolist() == [8.0, -8.0]


def test_large_strata_need_no_newton_and_one_level_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fixed_point, "_newton", never)
    assert solve([E12 // 20, E12 // 10, E12 // 5], [100, 100, 25], 20)[1] == pytest.approx(
        [E12 // 20, E12 // 10, E12 // 5], abs=1_000
    )
    monkeypatch.setattr(fixed_point, "_search", never)
    assert solve([E12 // 2], [2], 1) == ([2**31], [E12 // 2])


@pytest.mark.parametrize(("want", "most"), [(0, 1_000), (E12 // 2, 501_000)])
def test_a_target_may_be_missed_by_the_tolerance_and_no_more(
    monkeypatch: pytest.MonkeyPatch, want: int, most: int
) -> None:
    monkeypatch.setattr(fixed_point, "_search", lambda *_: Frame(np.zeros(2), np.ones(2), 1))
    for off, allowed in ((most, True), (most + 1, False), (-most, True), (-most - 1, False)):
        monkeypatch.setattr(fixed_point, "pi_e12", lambda _, off=off: [want + off, E12 - want])
        if allowed:
            assert solve([want, E12 - want], [1, 1], 1)[1] == [want + off, E12 - want]
        else:
            with pytest.RaisesExc(DrawError, check=lambda e: e.code == "PI_TARGET"):
                solve([want, E12 - want], [1, 1], 1)


def steps_of(monkeypatch: pytest.MonkeyPatch, targets: list[int], counts: list[int], m: int) -> list[Frame]:
    tried: list[Frame] = []
    real = pareto.evaluate

    def noted(of: Frame, way: Callable[..., Pair]) -> Pair:
        tried.append(of)
        return real(of, way)

    monkeypatch.setattr(fixed_point, "evaluate", noted)
    found = fixed_point._search(targets, counts, m)
    got = real(found, stable).pi
    want = np.array(targets) / E12
    assert (np.abs(got - want) <= 1.1e-11 + 1.1e-9 * want).all()
    return tried


@pytest.mark.parametrize(
    ("targets", "counts", "m", "most"),
    [
        ([E12 // 20, E12 // 10, E12 // 5], [100, 100, 25], 20, 5),
        ([E12 // 3, E12 // 6], [2, 2], 1, 8),
        ([E12 // 10, E12 - E12 // 10], [1, 1], 1, 9),
        ([10**6, E12 - 10**6], [1, 1], 1, 25),
    ],
)
def test_searches_are_short(
    monkeypatch: pytest.MonkeyPatch, targets: list[int], counts: list[int], m: int, most: int
) -> None:
    tried = steps_of(monkeypatch, targets, counts, m)
    assert len(tried) <= most
    for a, b in pairwise(tried):
        assert float(np.abs(b.x - a.x).max()) <= 2 * fixed_point.STEP_MAX


def test_refusals_of_targets_say_what_was_found() -> None:
    half = E12 // 2
    words = "every level needs a target in 0..10^12"
    with refused("PI_INPUT", "nothing to decide: m must lie strictly between 0 and N", 2):
        solve([E12], [2], 2)
    with refused("PI_INPUT", "nothing to decide: m must lie strictly between 0 and N", 0):
        solve([0], [2], 0)
    for targets in ([half], [half, half, 0], [-1, E12], [E12 + 1, 0]):
        with refused("PI_INPUT", words, len(targets)):
            solve(targets, [1, 1], 1)
    with refused("PI_INPUT", "the targets do not sum to m", 2):
        solve([half + 2, half], [1, 1], 1)
    with refused("PI_INPUT", "the targets do not sum to m", -2):
        solve([half - 2, half], [1, 1], 1)
    assert solve([half + 1, half], [1, 1], 1)[1] == [half, half]  # half a unit each is rounding
    assert solve([half - 1, half], [1, 1], 1)[1] == [half, half]


def test_refusals_of_a_search_say_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    small_target, rest = 10, (2 * E12 - 10**8) // 4
    with pytest.RaisesExc(DrawError, check=lambda e: e.code == "PI_TARGET") as caught:
        solve([small_target, rest], [10**7, 4], 2)
    problem = caught.value.problem
    assert problem.message.startswith("no L gives the target 499975000000e-12 closely enough, the nearest gives 49941")
    assert (problem.found, problem.hint) == ("499975000000", "targets so small need a larger floor or a smaller gamma")
    monkeypatch.setattr(fixed_point, "STEPS", 1)
    with refused("PI_NO_FIXED_POINT", "no parameters found in 1 steps", 1) as again:
        solve([E12 // 10, E12 - E12 // 10], [1, 1], 1)
    assert again.value.problem.hint == "report this stratum"


def test_one_level_stays_within_the_range_of_l() -> None:
    assert fixed_point._single(3, 1) == round(2**32 / 3)
    assert fixed_point._single(2**40, 1) == 1
    assert fixed_point._single(2**40, 2**40 - 1) == L_TOP
    assert fixed_point._single(2, 1) == 2**31
    assert fixed_point._single(2**33 - 1, 1) == 1


def test_parameters_are_rounded_into_their_range() -> None:
    of = Frame(logit([2**30, 2**31, 3 * 2**30]), np.array([1.0, 2.0, 1.0]), 2)
    assert fixed_point._rounded(of) == [2**30, 2**31, 3 * 2**30]
    assert fixed_point._rounded(Frame(of.x + 1.0, of.counts, 2)) == [2**30, 2**31, 3 * 2**30]
    assert fixed_point._rounded(Frame(np.array([-60.0, 60.0]), np.array([1.0, 1.0]), 1)) == [1, L_TOP]
