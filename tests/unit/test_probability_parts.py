"""The parts of the probabilities one by one: densities, bracket, range, sums, angles, and the words of refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sampler.errors import DrawError
from sampler.probability import frame, inclusion, large, pareto, small
from sampler.probability.frame import Frame, Pair, centre, grid, logit, reach, rough, stable

if TYPE_CHECKING:
    from sampler.probability.frame import Floats

E12 = 10**12
L_TOP = 2**32 - 1
FRAMES = {
    "pair": Frame(np.array([0.3, -1.2]), np.array([1.0, 1.0]), 1),
    "m = 1": Frame(np.array([0.5, -0.5, 2.0]), np.array([3.0, 1.0, 2.0]), 1),
    "m = N-1": Frame(np.array([1.0, -1.0, 0.2]), np.array([2.0, 2.0, 1.0]), 4),
    "five groups": Frame(np.array([-3.0, 4.0, 0.0, 1.5, -0.7]), np.array([1.0, 4.0, 2.0, 3.0, 2.0]), 6),
    "few of a group": Frame(np.array([0.1, -2.0]), np.array([7.0, 2.0]), 3),
}


def refused(code: str, message: str, found: object) -> pytest.RaisesExc[DrawError]:
    def same(e: DrawError) -> bool:
        return (e.code, e.problem.message, e.problem.found) == (code, message, str(found))

    return pytest.RaisesExc(DrawError, check=same)


def counts_of(p: list[float]) -> list[float]:
    """Return P(B = k) of independent units, by multiplying out."""
    out = [1.0]
    for v in p:
        out = [a * (1 - v) + b * v for a, b in zip([*out, 0.0], [0.0, *out], strict=True)]
    return out


def others(of: Frame, *leave: int) -> list[float]:
    """Return x of all units but one of each group in `leave`."""
    left = of.counts.astype(int).tolist()
    for g in leave:
        left[g] -= 1
    return [float(x) for x, n in zip(of.x, left, strict=True) for _ in range(n)]


def chance(x: list[float], z: float) -> list[float]:
    return [1 / (1 + math.exp(-v - z)) for v in x]


def density(of: Frame, g: int, z: float) -> float:
    """Return the density of the m-th key among all units but one of g: somebody is the m-th."""
    p = chance(others(of, g), z)
    return sum(v * (1 - v) * counts_of([*p[:j], *p[j + 1 :]])[of.m - 1] for j, v in enumerate(p))


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("offset", [-3.0, -0.4, 0.0, 0.05, 2.5])
def test_both_densities_are_the_sum_over_who_may_be_the_m_th(name: str, offset: float) -> None:
    of = FRAMES[name]
    middle = centre(of)
    z = np.array([middle + offset, middle])
    want = np.array([[density(of, g, v) for v in z.tolist()] for g in range(len(of.x))])
    assert small.density(of, middle)(z) == pytest.approx(want, rel=1e-12)
    assert large.density(of)(z) == pytest.approx(want, abs=1e-14)


def test_densities_keep_still_far_out() -> None:
    of = FRAMES["five groups"]
    far = np.array([-2_000.0, -800.0, 800.0, 2_000.0])
    assert np.abs(small.density(of, centre(of))(far)).max() < 1e-200


@pytest.mark.parametrize("name", FRAMES)
def test_coupling_is_the_chance_that_two_units_compete(name: str) -> None:
    of = FRAMES[name]
    z = centre(of) + 0.3
    p = chance(of.x.tolist(), z)
    for g, h in ((0, 1), (1, 0), (len(p) - 1, 0)):
        rest = counts_of(chance(others(of, g, h), z))
        want = p[g] * (1 - p[g]) * p[h] * (1 - p[h]) * (rest[of.m - 1] if of.m <= len(rest) else 0.0)
        assert large.coupling(of, z)[g, h] == pytest.approx(want, abs=1e-15)


def test_small_chances_of_many_units_keep_their_precision() -> None:
    of = Frame(np.array([-14.0]), np.array([1e6]), 3)
    z = np.array([-0.2, 0.0, 0.001, 0.3])
    p = np.exp(-np.logaddexp(0.0, 14.0 - z))
    some = (1e6 - 1) * p * (1 - p) * math.comb(10**6 - 2, 2) * p**2 * np.exp((1e6 - 4) * np.log1p(-p))
    assert small.density(of, 0.0)(z)[0] == pytest.approx(some, rel=2e-12)


MANY = Frame(np.linspace(-3, 3, 11) ** 3 / 9, np.array([3, 1, 7, 6, 4, 5, 8, 8, 7, 6, 5.0]), 54)


@pytest.mark.parametrize("of", [*FRAMES.values(), MANY])
def test_leaving_one_out_is_multiplying_the_others(of: Frame) -> None:
    at = of.x + centre(of)
    got = small._leave_one_out(at, of.counts.astype(np.int64), of.m)
    assert got.shape == (len(at), of.m)
    for g in range(len(at)):
        want = counts_of(chance(others(of, g), centre(of)))[: of.m]
        assert got[g] == pytest.approx([*want, *[0.0] * (of.m - len(want))], rel=1e-13)


def test_products_of_rows_are_cut_below_degree_m() -> None:
    a, b = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 10.0, 100.0], [7.0, 0.0, 0.0]])
    got = small.times(a, b, np.array([3, 1]), 4)
    assert got.tolist() == [[1.0, 12.0, 123.0, 230.0], [28.0, 35.0, 42.0, 0.0]]
    assert small.times(a, b, np.array([3, 1]), 9).shape == (2, 5)
    b[1, 1:] = np.nan  # row 1 has one term: what lies behind it is never touched
    assert small.times(a, b, np.array([3, 1]), 4).tolist() == got.tolist()


def test_which_frames_the_small_way_suits() -> None:
    def suits(m: int, counts: list[float], x: float = 0.0) -> bool:
        return small.suits(Frame(np.full(len(counts), x), np.array(counts), m), 0.0)

    assert suits(128, [300.0])  # 300 log 2 = 208 below DEPTH_MAX
    assert not suits(129, [300.0])
    assert not suits(1, [433.0])
    assert suits(1, [432.0])
    assert suits(1, [433.0], -0.01)


def test_the_small_way_ends_where_its_work_does(monkeypatch: pytest.MonkeyPatch) -> None:
    of = Frame(np.zeros(3), np.array([1.0, 9.0, 4.0]), 5)
    monkeypatch.setattr(small, "WORK_MAX", 5.0 * (2 + 5 + 5))
    assert small.suits(of, 0.0)
    monkeypatch.setattr(small, "WORK_MAX", 5.0 * (2 + 5 + 5) - 0.5)
    assert not small.suits(of, 0.0)


EXTREMES = [
    Frame(logit([1, L_TOP]), np.array([1e6, 1.0]), 1),
    Frame(logit([1, L_TOP]), np.array([1.0, 1e6]), 10**6),
    Frame(logit([1, 2**31, L_TOP]), np.array([5.0, 1.0, 5.0]), 5),
    Frame(np.array([0.0]), np.array([1e9]), 1),
    Frame(np.array([0.0]), np.array([1e9]), 10**9 - 1),
    Frame(np.array([30.0, 31.0]), np.array([2.0, 3.0]), 2),
    Frame(np.array([-30.0, -31.0]), np.array([2.0, 3.0]), 3),
    *FRAMES.values(),
]


@pytest.mark.parametrize("of", EXTREMES)
def test_at_the_centre_m_keys_are_expected(of: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    mean, asked = Frame.mean, list[float]()

    def counted_mean(self: Frame, z: float) -> float:
        asked.append(z)
        return mean(self, z)

    monkeypatch.setattr(Frame, "mean", counted_mean)
    middle = centre(of)
    assert abs(mean(of, middle) - of.m) <= 1e-14 * of.size + 1e-13 * of.m
    assert len(asked) <= 80
    side = of.mirrored()
    assert centre(side) == pytest.approx(-middle, abs=1e-3)  # flat where one unit alone may come first
    assert (side.size, side.m, (-side.x).tolist()) == (of.size, of.size - of.m, of.x.tolist())


def test_a_centre_is_found_where_no_slope_leads_to_it() -> None:
    of = Frame(np.array([-800.0, 800.0]), np.array([1.0, 1.0]), 1)
    assert of.spread(0.0) == 0.0
    assert of.mean(centre(of)) == pytest.approx(1.0, abs=1e-14)


def test_moments_of_the_count_at_a_point() -> None:
    of = FRAMES["few of a group"]
    p = chance(others(of), 0.4)
    assert of.mean(0.4) == pytest.approx(sum(p), rel=1e-14)
    assert of.spread(0.4) == pytest.approx(sum(v * (1 - v) for v in p), rel=1e-14)
    assert of.potential(0.4) == pytest.approx(-sum(math.log(1 - v) for v in p), rel=1e-14)
    assert logit([1, 2**31, L_TOP]).tolist() == [-math.log(L_TOP), 0.0, math.log(L_TOP)]


@pytest.mark.parametrize("edge", [0.1, 0.9, 1.5, 10.0, 77.0])
@pytest.mark.parametrize("direction", [-1.0, 1.0])
def test_an_edge_is_found_from_outside_within_two_percent(edge: float, direction: float) -> None:
    asked: list[float] = []

    def bound(z: float) -> float:
        asked.append(z)
        return -(((z - 5.0) / edge) ** 2)

    off = (frame._edge(bound, 5.0, direction, -1.0) - 5.0) * direction
    assert edge <= off <= 1.021 * edge
    assert len(asked) <= 18


@pytest.mark.parametrize(
    ("edge", "asked", "end"),
    [
        (1.0, [1.0, 0.5, 0.75], 1.0),  # the edge itself is outside
        (49.2, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 32.0, 48.0, 56.0, 52.0, 50.0, 49.0], 50.0),  # 2 % and no finer
        (50.0, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 32.0, 48.0, 56.0, 52.0, 50.0, 49.0], 50.0),
    ],
)
def test_an_edge_is_doubled_to_and_halved_back(edge: float, asked: list[float], end: float) -> None:
    at: list[float] = []

    def bound(z: float) -> float:
        at.append(z)
        return -z

    assert frame._edge(bound, 0.0, 1.0, -edge) == end
    assert at[: len(asked)] == asked
    assert edge < 2 or len(at) == len(asked)


@pytest.mark.parametrize("of", EXTREMES)
def test_the_range_ends_where_chernoff_says_so(of: Frame) -> None:
    middle = centre(of)
    low, high = reach(of, middle)
    least = float(np.min(-np.logaddexp(0.0, -of.x - middle)))
    limit = -frame.NEGLIGIBLE - math.log1p(of.spread(middle)) + least

    def bound(z: float) -> float:
        return of.potential(middle) - of.potential(z) - of.m * (middle - z)

    for end in (low, high):
        assert bound(end) <= limit < bound(middle + (end - middle) / 1.03)
    nodes, step = grid(of, middle)
    assert step == min(frame.STEP_MAX, frame.STEP_SIGMA / math.sqrt(max(of.spread(middle), 1e-9)))
    assert nodes[0] == low
    assert nodes[-1] - step < high <= nodes[-1] + 1e-9
    assert np.diff(nodes) == pytest.approx(step)
    assert grid(of, middle, 0.5)[1] == step / 2


def test_a_grid_where_nothing_spreads_has_the_longest_step() -> None:
    of = Frame(logit([1, L_TOP]), np.array([2.0, 2.0]), 2)
    assert grid(of, 0.0)[1] == frame.STEP_MAX


def counted(way: Callable[[Floats], Floats], nodes: list[Floats]) -> Callable[[Floats], Floats]:
    def noted(z: Floats) -> Floats:
        nodes.append(z)
        return way(z)

    return noted


def test_sums_are_refined_by_the_points_between() -> None:
    of = FRAMES["five groups"]
    middle = centre(of)
    nodes: list[Floats] = []
    fine = stable(of, counted(small.density(of, middle), nodes), middle)
    first, step = grid(of, middle)
    assert nodes[0].tolist() == first.tolist()
    assert nodes[1].tolist() == (first + step / 2).tolist()
    assert len(nodes) == 2  # two sums agree at once
    nodes.clear()
    coarse = rough(of, counted(small.density(of, middle), nodes), middle)
    assert [n.tolist() for n in nodes] == [grid(of, middle, 0.75)[0].tolist()]
    for a, b in ((coarse.pi, fine.pi), (coarse.rest, fine.rest), (1 - fine.rest, fine.pi)):
        assert a == pytest.approx(b, abs=1e-10)


def test_sums_that_do_not_agree_are_halved_seven_times() -> None:
    of = FRAMES["pair"]
    nodes: list[Floats] = []

    def restless(z: Floats) -> Floats:
        return np.full((2, len(z)), float(len(nodes)))

    with refused("PI_UNSTABLE", "the inclusion probabilities do not settle", 1):
        stable(of, counted(restless, nodes), centre(of))
    assert len(nodes) == 8
    for earlier, later in pairwise(nodes[1:]):
        assert len(later) == 2 * len(earlier)
    together = np.sort(np.concatenate(nodes))
    assert np.diff(together) == pytest.approx(grid(of, centre(of))[1] / 2**7)


def test_sums_that_agree_exactly_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "STABLE", 0.0)
    of = FRAMES["pair"]
    assert stable(of, lambda z: np.zeros((2, len(z))), centre(of)).pi.tolist() == [0.0, 0.0]


def test_pairs_add_and_scale() -> None:
    a, b = Pair(np.array([1.0, 2.0]), np.array([3.0, 4.0])), Pair(np.array([10.0, 20.0]), np.array([30.0, 40.0]))
    both, twice = a.plus(b), a.times(2.0)
    assert (both.pi.tolist(), both.rest.tolist()) == ([11.0, 22.0], [33.0, 44.0])
    assert (twice.pi.tolist(), twice.rest.tolist()) == ([2.0, 4.0], [6.0, 8.0])


def test_at_the_half_a_stratum_is_not_turned() -> None:
    of, seen = Frame(np.array([0.0, 1.0]), np.array([2.0, 2.0]), 2), list[Frame]()

    def quadrature(side: Frame, density_of: Callable[[Floats], Floats], middle: float) -> Pair:
        seen.append(side)
        return stable(side, density_of, middle)

    pareto.evaluate(of, quadrature)
    assert len(seen) == 1
    assert seen[0] is of


def test_the_smaller_side_is_drawn_and_turned_round(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def quadrature(side: Frame, density_of: Callable[[Floats], Floats], middle: float) -> Pair:
        assert middle == centre(side)
        drawn.append(side.m)
        return stable(side, density_of, middle)

    for m in (1, 2, 3):
        of = Frame(np.array([0.0, 1.0]), np.array([2.0, 2.0]), m)
        got = pareto.evaluate(of, quadrature)
        assert float(of.counts @ got.pi) == pytest.approx(m, abs=1e-13)
        assert got.pi + got.rest == pytest.approx([1.0, 1.0], abs=1e-13)
    assert drawn == [1, 2, 1]
    pareto.evaluate(Frame(np.array([0.0, 1.0]), np.array([2.0, 3.0]), 2), quadrature)
    assert drawn[3:] == [2]  # turned from the half on, not earlier
    used: list[str] = []

    def noted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        return lambda *a: (used.append(name), real(*a))[1]  # type: ignore[func-returns-value]

    monkeypatch.setattr(small, "density", noted("small", small.density))
    monkeypatch.setattr(large, "density", noted("large", large.density))
    pareto.evaluate(Frame(np.array([0.0, 1.0]), np.array([2.0, 2.0]), 3), stable)
    pareto.evaluate(Frame(np.array([0.0, 1.0]), np.array([400.0, 400.0]), 300), stable)
    assert used == ["small", "large"]


@pytest.mark.parametrize("factor", [1, 15, 20, 1000])
def test_angles_are_enough_and_odd(factor: int) -> None:
    of = Frame(np.array([0.0, -1.0]), np.array([3.0 * factor, 5.0 * factor]), 2 * factor)
    mean, spread = of.mean(0.1), of.spread(0.1)
    total, t = large._angles(of, mean, spread)
    margin = frame.NEGLIGIBLE + math.log1p(spread)
    needed = margin / 3 + math.sqrt(margin**2 / 9 + 2 * margin * spread) + abs(mean - of.m + 1)
    assert total % 2 == 1
    assert total == min(math.ceil(needed) + 2, of.size) | 1
    assert t[0] == 0
    assert np.diff(t) == pytest.approx(2 * math.pi / total)
    assert t[-1] < math.pi
    assert (spread - 0.5) * (1 - math.cos(t[-1])) <= margin
    following = t[-1] + 2 * math.pi / total
    assert following > math.pi or (spread - 0.5) * (1 - math.cos(following)) > margin


def test_refusals_of_levels_say_what_was_found() -> None:
    levels = "levels need units, and m must lie within 0..N"
    for counts, m in (([], 0), ([0], 0), ([1, -1], 0), ([2], 3), ([2], -1), ([2**53 + 1], 5)):
        with refused("PI_INPUT", levels, m):
            pareto.check_levels(counts, m)
    pareto.check_levels([2**53], 2**53)
    pareto.check_levels([1], 0)
    for parameters in ([5], [5, 2**32], [0, 5], [5, 5, 5]):
        with refused("PI_INPUT", "every level needs an L in 1..2^32-1", len(parameters)):
            inclusion(parameters, [1, 1], 1)
    assert inclusion([1, L_TOP], [1, 1], 2) == [1.0, 1.0]


def test_a_sum_that_misses_m_is_told_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pareto, "evaluate", lambda *_: Pair(np.array([0.25, 0.5]), np.array([0.75, 0.5])))
    with refused("PI_UNSTABLE", "the inclusion probabilities do not sum to m", 0.25):
        inclusion([5, 9], [3, 1], 1)
    with monkeypatch.context() as patch:
        patch.setattr(pareto, "SUM_TOLERANCE", 0.25 / 4)
        assert inclusion([5, 9], [3, 1], 1) == [0.25, 0.5]  # the whole of the tolerance is allowed
    near = np.array([0.25 + 3e-12, 0.25])
    monkeypatch.setattr(pareto, "evaluate", lambda *_: Pair(near, 1 - near))
    assert inclusion([5, 9], [1, 3], 1) == near.tolist()  # 3e-12 is within 4 units' share
    monkeypatch.setattr(pareto, "evaluate", lambda *_: Pair(np.array([1 + 1e-14, -1e-14]), np.array([0.0, 1.0])))
    assert inclusion([5, 9], [1, 3], 1) == [1.0, 0.0]
