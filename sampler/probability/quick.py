"""`fixed_point.solve`, compiled, with the same results: for engines that have thousands of strata to solve.

Needs numba (the extra `speed`); whoever does not ask for this module never loads it. Compiled sums stand in another
order, so they end a few units in the last place away. Nearly always that rounds to the same integers; where a value
lies so near to the edge between two that it might not, or the stratum is an unusual one, `fixed_point.solve` decides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit

from sampler.kernels import pareto as compiled
from sampler.probability import fixed_point, small
from sampler.probability.frame import L_ONE, STABLE, logit
from sampler.probability.pareto import E12, SUM_TOLERANCE, inclusion, pi_e12

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.probability.frame import Floats

UNSURE: Final = 5e-14
"""Relative distance to an edge of rounding within which the compiled value does not decide; over ten times what the
two ways have been seen to differ by (tests/unit/test_kernels.py)."""
HALF: Final = 0.9
"""Share of a tolerance that has to suffice here."""


def solve(target_e12: Sequence[int], counts: Sequence[int], m: int) -> tuple[list[int], list[int]]:
    """Return what `fixed_point.solve` returns, or raise what it raises."""
    fixed_point.check(target_e12, counts, m)
    if len(counts) > 1 and min(target_e12) > 0 and max(target_e12) < E12 and _suits(counts, m, sum(counts)):
        n = np.array(counts, dtype=np.int64)
        found = _parameters(target_e12, n, m)
        if found:
            achieved = _achieved(found, n, m) or pi_e12(inclusion(found, counts, m))
            if all(map(fixed_point.met, target_e12, achieved)):
                return found, achieved
    return fixed_point.solve(target_e12, counts, m)


def _suits(counts: Sequence[int], m: int, size: int) -> bool:
    side = min(m, size - m)
    return side <= small.M_MAX and side * sum(min(side, c + 1) for c in counts) <= small.WORK_MAX


def _parameters(target_e12: Sequence[int], n: np.ndarray, m: int) -> list[int] | None:
    want = np.array(target_e12, dtype=np.float64)
    x, sure = compiled.search(np.log(want) - np.log(E12 - want), n, m)
    found = _rounded(expit(x) * L_ONE) if sure else None
    return [min(max(v, 1), L_ONE - 1) for v in found] if found else None


def _achieved(found: list[int], n: np.ndarray, m: int) -> list[int] | None:
    if len(set(found)) == 1:
        return None
    pi, _, off = compiled.evaluate(logit(found), n, m, 0.0)
    if off > HALF * STABLE or abs(math.fsum(pi * n) - m) > HALF * n.sum() * SUM_TOLERANCE:
        return None
    return _rounded(np.clip(pi, 0.0, 1.0) * E12)


def _rounded(values: Floats) -> list[int] | None:
    """Return the values rounded half up, or nothing where one is too near to a half."""
    near = np.abs(values - np.floor(values) - 0.5)
    return None if (near <= UNSURE * values).any() else [math.floor(v + 0.5) for v in values.tolist()]
