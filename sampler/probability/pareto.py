"""From parameters to inclusion probabilities (docs/spec/draw.md, 8).

`small` and `large` give the density of the m-th key by different arithmetic; where both are cheap they agree to 1e-14.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from sampler.errors import DrawError
from sampler.probability import large, small
from sampler.probability.frame import L_ONE, Frame, Pair, centre, logit, stable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sampler.probability.frame import Density

E12: Final = 10**12
SUM_TOLERANCE: Final = 1e-12
"""Largest error per unit of the sum of pi."""
MAX_UNITS: Final = 2**53


def inclusion(
    L: Sequence[int],  # noqa: N803  # the specification's name
    counts: Sequence[int],
    m: int,
) -> list[float]:
    """Return the inclusion probability of a unit of each level.

    Parameters
    ----------
    L
        Parameter of each numbered level, 1..2^32-1.
    counts
        Units of each level, at least 1.
    m
        How many are drawn of all units.

    Raises
    ------
    DrawError
        ``PI_INPUT`` when the stratum cannot exist, ``PI_UNSTABLE`` when the numbers do not settle or do not sum to m.
    """
    check_levels(counts, m)
    if len(L) != len(counts) or any(not 1 <= v < L_ONE for v in L):
        raise DrawError("PI_INPUT", "every level needs an L in 1..2^32-1", found=len(L))
    size = sum(counts)
    if len(set(L)) == 1 or m in {0, size}:
        return [m / size] * len(L)
    pi = evaluate(Frame(logit(L), np.array(counts, dtype=np.float64), m), stable).pi
    off = abs(math.fsum(float(p) * n for p, n in zip(pi, counts, strict=True)) - m)
    if not off <= size * SUM_TOLERANCE:
        raise DrawError("PI_UNSTABLE", "the inclusion probabilities do not sum to m", found=off)
    return [min(max(float(p), 0.0), 1.0) for p in pi]


def check_levels(counts: Sequence[int], m: int) -> None:
    """Refuse levels without units, more units than doubles count, and an m outside 0..N."""
    if not counts or min(counts) < 1 or not 0 <= m <= sum(counts) <= MAX_UNITS:
        raise DrawError("PI_INPUT", "levels need units, and m must lie within 0..N", found=m)


def evaluate(frame: Frame, quadrature: Callable[[Frame, Density, float], Pair]) -> Pair:
    """Return pi and 1 - pi of `frame` by `rough` or `stable`, drawing the smaller side."""
    mirrored = 2 * frame.m > frame.size
    side = frame.mirrored() if mirrored else frame
    middle = centre(side)
    density = small.density(side, middle) if small.suits(side, middle) else large.density(side)
    found = quadrature(side, density, middle)
    return Pair(found.rest, found.pi) if mirrored else found


def pi_e12(probabilities: Iterable[float]) -> list[int]:
    """Return floor(10^12 pi + 1/2) of each."""
    return [math.floor(E12 * p + 0.5) for p in probabilities]
