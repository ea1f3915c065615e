"""Density of the m-th key by the characteristic function of counts, for large m (docs/spec/draw.md, 8).

With f_j = 1 - p_j + p_j exp(it) the number of keys below z among all units but i has the characteristic function
prod f / f_i, and the density of the m-th key among them is

    D_i = mean over t of exp(-it(m-1)) (prod f / f_i) (A - p_i q_i / f_i),     A = sum over all j of p_j q_j / f_j.

Dividing by f_i undoes the very factor that was multiplied in, so nothing is lost. |prod f| falls like
exp(-spread (1 - cos t)): a few dozen t suffice however large the stratum is. An odd number of t avoids t = pi,
where f may vanish.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from sampler.probability.frame import NEGLIGIBLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sampler.probability.frame import Density, Floats, Frame

    Complexes = NDArray[np.complex128]


def density(frame: Frame) -> Density:
    """Return the function from z to D(z), one row per group."""

    def at(z: float) -> Floats:
        weight, inverse, pq = _circle(frame, z)
        sums = inverse @ (frame.counts * pq)
        return np.asarray(((weight * sums) @ inverse - pq * (weight @ (inverse * inverse))).real)

    def of(z: Floats) -> Floats:
        return np.stack([at(float(v)) for v in z], axis=1)

    return of


def coupling(frame: Frame, z: float) -> Floats:
    """Return p_g q_g p_h q_h P(B = m-1) at z for all pairs of groups, B counting all units but one of g and one of h.

    Its integral over z is how much raising x of one unit of h lowers pi of a unit of g.
    """
    weight, inverse, pq = _circle(frame, z)
    factor = inverse * pq
    return np.asarray(((factor.T * weight) @ factor).real)


def _circle(frame: Frame, z: float) -> tuple[Complexes, Complexes, Floats]:
    """Return, at z, prod f exp(-it(m-1)) with its share of the mean per t, 1 / f per t and group, and pq per group."""
    p, q = expit(frame.x + z), expit(-frame.x - z)
    pq = p * q
    spread = float(frame.counts @ pq)
    total, t = _angles(frame, float(frame.counts @ p), spread)
    turn = 2 * np.sin(t / 2) ** 2  # 1 - cos t
    real, imaginary = 1 - np.outer(turn, p), np.outer(np.sin(t), p)
    square = np.outer(-2 * turn, pq)
    log_size = 0.5 * (np.log1p(square) @ frame.counts)
    angle = np.arctan2(imaginary, real) @ frame.counts - t * (frame.m - 1)
    weight = np.exp(log_size + 1j * angle) * np.where(t > 0, 2.0, 1.0) / total
    return weight, (real - 1j * imaginary) / (1 + square), pq


def _angles(frame: Frame, mean: float, spread: float) -> tuple[int, Floats]:
    """Return the number of angles of the full circle and those of the upper half that matter.

    A count so far from its mean that Bernstein's inequality makes it negligible may share its residue with m - 1.
    """
    margin = NEGLIGIBLE + math.log1p(spread)
    reach = margin / 3 + math.sqrt((margin / 3) ** 2 + 2 * margin * spread)
    total = min(math.ceil(reach + abs(mean - frame.m + 1)) + 2, frame.size) | 1
    t = 2 * math.pi / total * np.arange(total // 2 + 1)
    return total, t[(spread - 0.5) * (1 - np.cos(t)) <= margin]
