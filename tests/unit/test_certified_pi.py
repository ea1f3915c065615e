"""pi from the sealed L against ball arithmetic, and the whole road targets -> L -> pi -> pi_e12."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from sampler.allocation import COOLDOWN_CAP, fill, levels, round_e12, weights
from sampler.errors import DrawError
from sampler.probability import fixed_point, inclusion, pi_e12, solve
from sampler.probability.pareto import evaluate
from tests.reference.certified import FRAMES, Frame, of
from tests.reference.certified import inclusion as certified
from tests.reference.convolution import by_convolution

E12 = 10**12
ABSOLUTE, RELATIVE = 1e-12, 1e-9
"""What the issue asks. Measured is a hundred times less: the tests hold to that."""
MEASURED = 1e-13


def check(frame: Frame) -> None:
    size = sum(frame.counts)
    found = inclusion(frame.big_l, frame.counts, frame.m)
    sealed = pi_e12(found)
    wanted = range(len(found)) if frame.certify is None else frame.certify
    for g, true in zip(wanted, certified(frame.big_l, frame.counts, frame.m, levels=frame.certify), strict=True):
        error = abs(float(true - found[g]))
        assert error <= MEASURED < ABSOLUTE
        assert error <= RELATIVE * float(true)
        assert abs(float(true * E12) - sealed[g]) <= 0.51  # half a unit is the rounding, 2 units the verifier's limit
    assert abs(math.fsum(p * n for p, n in zip(found, frame.counts, strict=True)) - frame.m) <= size * 1e-12


@pytest.mark.parametrize("name", FRAMES)
def test_against_balls(name: str) -> None:
    check(FRAMES[name])


@pytest.mark.torture
def test_half_of_ten_thousand() -> None:
    check(Frame(of(0.4, 0.45, 0.5, 0.6), [2500] * 4, 5_000, [0, 3]))


@pytest.mark.torture
def test_a_thousand_levels_of_ten_thousand_units() -> None:
    counts = [1 + k % 20 for k in range(1024)]
    raw = [1024 + 9 * k for k in range(1024)]
    targets = [round_e12(t) for t in fill(dict(zip(raw, counts, strict=True)), 200, Fraction(1)).values()]
    check(Frame(solve(targets, counts, 200)[0], counts, 200, [0, 500, 1023]))


def arbitrary(rng: random.Random) -> Frame:
    groups = rng.choice([2, 2, 3, 4, 6])
    counts = [rng.choice([1, 1, 2, 5, 30, rng.randint(1, 300)]) for _ in range(groups)]
    spread = rng.choice([0.3, 1, 3, 6])
    big_l = of(*(1 / (1 + math.exp(-max(-22.0, min(22.0, rng.gauss(-2, spread))))) for _ in counts))
    size = sum(counts)
    return Frame(
        big_l, counts, rng.choice([1, size - 1, rng.randint(1, size - 1), max(1, size // 50), max(1, size // 10)])
    )


def check_arbitrary(frames: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(frames):
        check(arbitrary(rng))


def test_arbitrary_frames() -> None:
    check_arbitrary(8, 1)


@pytest.mark.torture
def test_hundreds_of_arbitrary_frames() -> None:
    seed = random.SystemRandom().getrandbits(32)
    print("seed", seed)  # noqa: T201  # so that a failure can be repeated
    check_arbitrary(300, seed)


@pytest.mark.parametrize(("m", "levels_"), [(20_000, [0, 11])])
def test_a_million_units_by_two_independent_methods(m: int, levels_: list[int]) -> None:
    counts = [10**6 // 12 + k - 6 for k in range(12)]
    big_l = of(*(0.004 * 1.4**k for k in range(12)))
    found = inclusion(big_l, counts, m)
    for g in levels_:
        assert found[g] == pytest.approx(by_convolution(big_l, counts, m, g, 60), rel=2e-12)
    assert abs(math.fsum(p * n for p, n in zip(found, counts, strict=True)) - m) <= sum(counts) * 1e-12


@pytest.mark.torture
def test_a_million_units_against_balls() -> None:
    check(Frame(of(0.004, 0.01, 0.02, 0.08), [400_000, 300_000, 200_000, 100_000], 2_000, [0, 3]))


def stratum(size: int, count: int) -> tuple[list[int], list[int]]:
    """Lognormal risks of a large stratum: targets and counts of its levels."""
    rng = np.random.default_rng(7)
    risks = np.minimum(rng.lognormal(11, 1, size), 1e6).astype(int).tolist()
    got = levels(weights(risks, 1, 5, 2), count, cooldown=False)
    return [*got.target_e12.values()], [*got.count.values()]


def test_a_hundred_thousand_objects_from_targets_to_pi() -> None:
    targets, counts = stratum(100_000, 2_000)
    found, sealed = solve(targets, counts, 2_000)
    assert len(counts) > 800
    assert max(abs(a - t) - t // 10**6 for a, t in zip(sealed, targets, strict=True)) <= 1_000
    assert sealed == pi_e12(inclusion(found, counts, 2_000))


awkward = st.one_of(
    st.lists(st.integers(1, 2**52), min_size=2, max_size=12),
    st.lists(st.sampled_from([1, 2, 2**20, 2**40, 2**52]), min_size=2, max_size=30),
    st.builds(lambda a, n: [a, *([1] * n)], st.integers(1, 2**40), st.integers(1, 40)),
)


def check_search(held: list[int], data: st.DataObject) -> None:
    # targets as extreme as integers allow, past the certainties that the allocation takes out before
    n = data.draw(st.integers(1, len(held) - 1))
    cap = data.draw(st.sampled_from([Fraction(1), Fraction(9999, 10_000), COOLDOWN_CAP]))
    assume(n < cap * len(held))
    left = Counter(held)
    by_target: Counter[int] = Counter()
    for w, t in fill(left, n, cap).items():
        by_target[round_e12(t)] += left[w]
    with patch.object(fixed_point, "evaluate", wraps=evaluate) as spy:
        try:
            found, sealed = solve([*by_target], [*by_target.values()], n)
        except DrawError as error:
            event(error.code)
            assert error.code in {"PI_TARGET", "PI_NO_FIXED_POINT"}  # noqa: PT017
            return
        finally:
            assert spy.call_count <= fixed_point.STEPS
        event(f"about {2 ** spy.call_count.bit_length()} steps")
    for target, got, true in zip(by_target, sealed, certified(found, [*by_target.values()], n), strict=True):
        assert abs(float(true * E12) - got) <= 2
        assert abs(float(true * E12) - target) <= 1_000 + target / 10**6 + 1


@settings(max_examples=60)
@given(held=awkward, data=st.data())
def test_a_search_ends_with_the_right_value_or_a_code(held: list[int], data: st.DataObject) -> None:
    check_search(held, data)


@pytest.mark.torture
@settings(max_examples=2_000)
@given(held=awkward, data=st.data())
def test_two_thousand_searches_end_with_the_right_value_or_a_code(held: list[int], data: st.DataObject) -> None:
    check_search(held, data)
