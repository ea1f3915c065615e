"""Inclusion probabilities of large strata by a second road, to meet the program's where balls are too slow (draw.md, 6)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit
from scipy.stats import binom

WIDTHS = 9
"""Standard deviations of the m-th key on either side."""


def by_convolution(big_l: Sequence[int], counts: Sequence[int], m: int, g: int, nodes: int = 60) -> float:
    """pi of a unit of group g by binomial windows convolved one by one and Gauss-Legendre: none of the program's ways."""
    x = logit(np.array(big_l) / 2**32)
    left = np.array(counts) - (np.arange(len(counts)) == g)
    low, high = -30.0, 30.0
    for _ in range(80):
        z = (low + high) / 2
        low, high = (z, high) if left @ expit(x + z) < m else (low, z)
    width = 1 / math.sqrt(float(left @ (expit(x + low) * expit(-x - low))))
    points, shares = np.polynomial.legendre.leggauss(nodes)
    begin, end = low - WIDTHS * width, low + WIDTHS * width

    def fewer(z: float) -> float:
        mass, at = np.ones(1), 0
        for n, p in zip(left.tolist(), expit(x + z).tolist(), strict=True):
            a, b = (int(binom.ppf(q, n, p)) if n else 0 for q in (1e-19, 1 - 1e-16))
            b = min(n, b + 40)
            mass, at = np.convolve(mass, binom.pmf(np.arange(a, b + 1), n, p)), at + a
        return float(mass[: max(0, m - at)].sum())

    at = begin + (end - begin) * (points + 1) / 2
    inside = sum(
        s * float(expit(x[g] + z) * expit(-x[g] - z)) * fewer(float(z)) for z, s in zip(at, shares, strict=True)
    )
    return float(inside * (end - begin) / 2 + expit(x[g] + begin))
