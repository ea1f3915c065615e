"""Inclusion probabilities against certified and closed forms, solved targets, and every refusal."""

from __future__ import annotations

import json
import math
import os
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from flint import acb, acb_poly, arb, ctx

from sampler.errors import DrawError
from sampler.probability import fixed_point, inclusion, large, pareto, pi_e12, small, solve
from sampler.probability.frame import Frame, centre, logit, stable

E12 = 10**12
L_TOP = 2**32 - 1


def refused(code: str) -> pytest.RaisesExc[DrawError]:
    return pytest.RaisesExc(DrawError, check=lambda e: e.code == code)


def test_data() -> Path:
    root = os.environ.get("SAMPLER_TEST_DATA", "")
    if not root:
        pytest.skip(reason="SAMPLER_TEST_DATA is not set: it names the directory that holds sampling/")
    return Path(root) / "sampling"


test_data.__test__ = False  # type: ignore[attr-defined]  # a helper, in spite of its name


def of(*lambdas: float) -> list[int]:
    return [min(max(round(v * 2**32), 1), L_TOP) for v in lambdas]


@cache  # three ways are judged by one figure
def certified(parameters: tuple[int, ...], counts: tuple[int, ...], m: int) -> list[float]:
    """Return pi by ball arithmetic, from the rational integrand of the reference."""
    ctx.prec = 192
    lam = [acb(v) / acb(2**32) for v in parameters]
    eps = arb(2) ** -70

    def one(g: int) -> float:
        def integrand(s: acb, _: bool) -> acb:  # noqa: FBT001  # flint's signature
            den = [(1 - s) * (1 - v) + s * v for v in lam]
            others = acb_poly([1])
            for j, v in enumerate(lam):
                factor = acb_poly([(1 - s) * (1 - v) / den[j], s * v / den[j]])
                others = acb_poly((others * factor ** (counts[j] - (j == g))).coeffs()[:m])
            return lam[g] * (1 - lam[g]) / (den[g] * den[g]) * sum(others.coeffs(), acb(0))

        found = acb.integral(integrand, 0, 1, rel_tol=eps, abs_tol=eps, eval_limit=10**6, depth_limit=2000).real
        assert float(found.rad()) < 1e-18
        return float(found.mid())

    return [one(g) for g in range(len(lam))]


CERTIFIED = {
    "one pi near .999": (of(0.999, 0.3, 0.2, 0.25, 0.251), 2),
    "all equal": ([2**30] * 6, 2),
    "n = N-1": (of(0.9, 0.8, 0.7, 0.95, 0.65), 4),
    "N = 2": (of(0.999, 0.001), 1),
    "N = 2, ends of the scale": ([1, L_TOP], 1),
    "huge skew": ([1, 5, L_TOP - 4, L_TOP, 2**31, 7, 2**20], 3),
    "two clusters": ([L_TOP] * 2 + [1] * 4, 3),
    "seven": (of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 3),
}


@pytest.mark.parametrize("name", CERTIFIED)
@pytest.mark.parametrize("way", ["small", "large", "public"])
def test_against_ball_arithmetic(name: str, way: str) -> None:
    parameters, m = CERTIFIED[name]
    want = certified(tuple(parameters), (1,) * len(parameters), m)
    frame = Frame(logit(parameters), np.ones(len(parameters)), m)
    middle = centre(frame)
    match way:
        case "small":
            got = stable(frame, small.density(frame, middle), middle).pi.tolist()
        case "large":
            got = stable(frame, large.density(frame), middle).pi.tolist()
        case _:
            got = inclusion(parameters, [1] * len(parameters), m)
    assert max(abs(a - b) for a, b in zip(got, want, strict=True)) <= 1e-14


@pytest.mark.parametrize(
    ("parameters", "counts", "m"),
    [([1, L_TOP], [32, 32], 32), ([1, 5, L_TOP], [1, 31, 32], 32), ([1, 2**31, L_TOP], [20, 3, 40], 20)],
)
def test_clusters_at_both_ends_of_the_scale(parameters: list[int], counts: list[int], m: int) -> None:
    want = certified(tuple(parameters), tuple(counts), m)
    assert inclusion(parameters, counts, m) == pytest.approx(want, abs=1e-14)


def test_deep_tails_are_left_to_the_large_way() -> None:
    frame = Frame(logit([1, 5, L_TOP]), np.array([1.0, 31.0, 32.0]), 32)
    assert not small.suits(frame, centre(frame))
    mild = Frame(logit([2**28, 2**29]), np.array([31.0, 32.0]), 5)
    assert small.suits(mild, centre(mild))


def test_against_certified_file() -> None:
    for entry in json.loads((test_data() / "pareto_certified_pi.json").read_text()):
        parameters, want = entry["lambda_q32"], [float(p) for p in entry["pi_certified"]]
        got = inclusion(parameters, [1] * len(parameters), entry["n"])
        assert max(abs(a - b) for a, b in zip(got, want, strict=True)) <= 1e-14, entry["name"]
        assert abs(math.fsum(got) - entry["n"]) <= 1e-13


@pytest.mark.parametrize("r", [1.5, 10.0, 1e4, 1e9])
def test_two_units_in_closed_form(r: float) -> None:
    lam = math.sqrt(r) / (1 + math.sqrt(r))
    parameters = of(lam, 1 - lam)
    a, b = (Fraction(v, 2**32 - v) for v in parameters)
    ratio = float(a / b)
    want = ratio * (ratio - 1 - math.log(ratio)) / (ratio - 1) ** 2
    assert inclusion(parameters, [1, 1], 1)[0] == pytest.approx(want, abs=1e-14)


@pytest.mark.parametrize(
    ("groups", "per_group", "m", "spread"),
    [(400, 1, 50, 1.0), (60, 33, 120, 1.0), (100, 50, 100, 8.0), (9, 7, 60, 6.0)],
)
def test_both_ways_agree(groups: int, per_group: int, m: int, spread: float) -> None:
    x = spread * np.sin(np.arange(groups) * 1.7) - 1
    frame = Frame(x, np.full(groups, float(per_group)), m)
    middle = centre(frame)
    a = stable(frame, small.density(frame, middle), middle)
    b = stable(frame, large.density(frame), middle)
    assert float(np.abs(a.pi - b.pi).max()) <= 5e-14
    assert float(np.abs(a.pi + a.rest - 1).max()) <= 5e-14
    assert abs(float(frame.counts @ b.pi) - m) <= 1e-11


def test_groups_are_units() -> None:
    grouped = inclusion([2**28, 2**30, 2**31], [4, 3, 2], 3)
    single = inclusion([2**28] * 4 + [2**30] * 3 + [2**31] * 2, [1] * 9, 3)
    assert [single[0], single[4], single[7]] == pytest.approx(grouped, abs=1e-15)


def test_a_common_factor_of_the_odds_changes_nothing() -> None:
    odds = [0.1, 0.5, 2.0]
    a, b = ([o * f / (1 + o * f) for o in odds] for f in (1.0, 7.0))
    x, y = (inclusion(of(*lambdas), [2, 2, 2], 3) for lambdas in (a, b))
    assert x == pytest.approx(y, abs=1e-8)  # L is rounded to 2^-32


def test_complements() -> None:
    parameters = of(0.1, 0.4, 0.7, 0.9)
    other = [2**32 - v for v in parameters]
    a, b = inclusion(parameters, [3, 1, 1, 2], 2), inclusion(other, [3, 1, 1, 2], 5)
    assert [1 - p for p in b] == pytest.approx(a, abs=1e-14)


def test_trivial_cases_are_exact() -> None:
    assert inclusion([5], [7], 3) == [3 / 7]
    assert inclusion([5, 5], [4, 3], 3) == [3 / 7, 3 / 7]
    assert inclusion([5, 9], [4, 3], 0) == [0.0, 0.0]
    assert inclusion([5, 9], [4, 3], 7) == [1.0, 1.0]


def test_rounding() -> None:
    assert pi_e12([0.0, 1.0, 0.25, 4.4e-13, 5.1e-13]) == [0, E12, E12 // 4, 0, 1]


@pytest.mark.parametrize(
    ("parameters", "counts", "m"),
    [([], [], 0), ([5], [0], 0), ([5, 6], [1, -1], 1), ([5, 6], [1, 1], 3), ([5, 6], [1, 1], -1), ([5], [1, 1], 1),
     ([0, 6], [1, 1], 1), ([-1, 6], [1, 1], 1), ([2**32, 6], [1, 1], 1), ([10**40, 6], [1, 1], 1),
     ([5, 6], [1, 10**30], 1)],
)  # fmt: skip
def test_strata_that_cannot_exist_are_refused(parameters: list[int], counts: list[int], m: int) -> None:
    with refused("PI_INPUT"):
        inclusion(parameters, counts, m)


def test_a_sum_that_misses_m_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pareto, "SUM_TOLERANCE", -1.0)
    with refused("PI_UNSTABLE"):
        inclusion([5, 9], [3, 3], 2)


def test_a_sum_that_never_settles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.probability.frame.STABLE", -1.0)
    with refused("PI_UNSTABLE"):
        inclusion([5, 9], [3, 3], 2)


def check_solved(targets: list[int], counts: list[int], m: int) -> list[int]:
    found, achieved = solve(targets, counts, m)
    assert all(1 <= v <= L_TOP for v in found)
    assert max(float(abs(a - t)) - 1e-6 * t for a, t in zip(achieved, targets, strict=True)) <= 1_000
    again = inclusion(found, counts, m)
    assert all(abs(p * E12 - a) <= 2 for p, a in zip(again, achieved, strict=True))
    total = sum((Fraction(v, 2**32) * n for v, n in zip(found, counts, strict=True)), start=Fraction(0))
    assert -sum(counts) <= (total - m) * 2**32 <= sum(counts)
    return found


@pytest.mark.parametrize("p", ["0.5001", "0.6", "0.9", "0.99", "0.999", "0.9999", "0.999999", "0.999999999"])
def test_two_units_are_solved(p: str) -> None:
    big = int(Fraction(p) * E12)
    check_solved([E12 - big, big], [1, 1], 1)


@pytest.mark.parametrize(
    ("weights", "m"),
    [
        ([1, 2, 3], 1),
        ([1, 2, 3], 2),
        ([1, 1, 1, 2], 3),
        ([1, 5, 6, 7, 8], 3),
        ([3, 4, 5, 6, 7, 8, 9], 6),
        ([1, 1000], 1),
    ],
)
def test_tiny_frames_are_solved(weights: list[int], m: int) -> None:
    if max(weights) * m > sum(weights):  # t = 1 - (the mirrored share) keeps every target below 1
        targets = [Fraction(1) - Fraction((len(weights) - m) * w, sum(weights)) for w in weights]
    else:
        targets = [Fraction(m * w, sum(weights)) for w in weights]
    by_target: dict[int, int] = {}
    for t in sorted(targets):
        by_target[round(t * E12)] = by_target.get(round(t * E12), 0) + 1
    check_solved([*by_target], [*by_target.values()], m)


def test_one_level_has_the_rounded_share() -> None:
    assert solve([333_333_333_333], [3], 1) == ([round(2**32 / 3)], [333_333_333_333])
    assert solve([E12 // 2], [2], 1) == ([2**31], [E12 // 2])
    assert solve([0], [10**13], 1) == ([1], [0])


@pytest.mark.parametrize(
    "name", ["belgian_Tot04_n200_pik.csv", "MU284_P75_n40_pik.csv", "swiss_POPTOT_n300_pik.csv", "belgian40_n8_pik.csv"]
)
def test_population_frames_are_solved(name: str) -> None:
    lines = (test_data() / name).read_text().split()
    below = [p for p in map(Fraction, lines) if p < 1]
    by_target: dict[int, int] = {}
    for t in sorted(int(p * E12 + Fraction(1, 2)) for p in below):
        by_target[t] = by_target.get(t, 0) + 1
    check_solved([*by_target], [*by_target.values()], round(sum(below)))


@pytest.mark.parametrize(
    ("targets", "counts", "m"),
    [([], [], 0), ([E12], [1], 1), ([0], [5], 0), ([E12 // 2], [1, 1], 1), ([-1, E12 + 1], [1, 1], 1),
     ([5, 6], [1, 1], 1), ([E12 // 2 + 2, E12 // 2], [1, 1], 1), ([E12 // 2, E12 // 2], [1, 0], 1),
     ([E12 // 2, E12], [2, 1], 1)],
)  # fmt: skip
def test_targets_that_cannot_be_met_are_refused(targets: list[int], counts: list[int], m: int) -> None:
    with refused("PI_INPUT"):
        solve(targets, counts, m)


def test_a_search_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed_point, "STEPS", 1)
    with refused("PI_NO_FIXED_POINT"):
        solve([E12 // 10, E12 - E12 // 10], [1, 1], 1)


def test_targets_below_the_grid_of_l_are_refused() -> None:
    # 10^7 units of 10^-11 have L = 1 at least, which takes 2e-3 from the others
    small_target, many = 10, 10**7
    rest = (2 * E12 - small_target * many) // 4
    with refused("PI_TARGET"):
        solve([small_target, rest], [many, 4], 2)


def test_ten_thousand_units_of_a_thousand_levels() -> None:
    counts = [1 + k % 20 for k in range(1024)]
    raw = [1024 + k for k in range(1024)]
    total = sum(w * n for w, n in zip(raw, counts, strict=True))
    check_solved([(2 * E12 * 200 * w + total) // (2 * total) for w in raw], counts, 200)
