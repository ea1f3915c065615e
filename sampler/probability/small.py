"""Density of the m-th key by the distribution of counts, for small m (docs/spec/draw.md, 8).

Where the chance of a key below z is expit(z + x), the number B of such keys has P(B = k at z) proportional to
P(B = k at 0) exp(kz): one distribution serves all z. Leaving one unit out uses products of the other groups'
polynomials (a tree, never a division), all terms positive, so every probability keeps its relative precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit, log_expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sampler.probability.frame import Density, Floats, Frame

    Lengths = NDArray[np.int64]

M_MAX: Final = 128
WORK_MAX: Final = 4e7
"""Multiplications above which `large` is quicker."""
DEPTH_MAX: Final = 300.0
"""-log P(B = 0) in the middle, above which D would hang on terms that underflow: units at opposite ends of L."""
EXP_MAX: Final = 690.0


def suits(frame: Frame, middle: float) -> bool:
    """Return whether this way is cheap and safe for `frame`."""
    work = frame.m * float(np.minimum(frame.m, frame.counts + 1).sum())
    return frame.m <= M_MAX and work <= WORK_MAX and frame.potential(middle) <= DEPTH_MAX


def density(frame: Frame, middle: float) -> Density:
    """Return the function from z to D(z), one row per group, for any z.

    With the counts' distribution known, D = -d/dz P(B <= m-1) = sum over k < m of P(B = k) (mean - k).
    """
    at = frame.x + middle
    p, q = expit(at), expit(-at)
    counts = _leave_one_out(at, frame.counts.astype(np.int64), frame.m)
    k = np.arange(frame.m)[:, None]

    def of(z: Floats) -> Floats:
        tilt = np.clip(z - middle, -EXP_MAX, EXP_MAX)
        factor = q[:, None] + p[:, None] * np.exp(tilt)
        grown = p[:, None] * np.expm1(tilt)
        log_factor = np.where(np.abs(grown) < 0.5, np.log1p(np.maximum(grown, -0.5)), np.log(factor))  # noqa: PLR2004
        chance = expit(frame.x[:, None] + z)
        mean = frame.counts @ chance
        tilted = np.exp(np.minimum(k * tilt - frame.counts @ log_factor, EXP_MAX))
        return np.asarray((counts @ ((mean - k) * tilted) - chance * (counts @ tilted)) * factor)

    return of


def _leave_one_out(at: Floats, n: Lengths, m: int) -> Floats:
    """Return P(B = k), k < m, of all units but one of the group, one row per group."""
    order = np.argsort(-n, kind="stable")
    at, n = at[order], n[order]
    width = 1 << (len(n) - 1).bit_length()
    padded = np.concatenate([n, np.zeros(width - len(n), dtype=np.int64)])
    at = np.concatenate([at, np.zeros(width - len(at))])
    tree = [(_binomials(at, padded, m), np.minimum(padded + 1, m))]
    while len(tree[-1][1]) > 1:
        rows, lengths = tree[-1]
        joined = times(rows[0::2], rows[1::2], lengths[1::2], m)
        tree.append((joined, np.minimum(lengths[0::2] + lengths[1::2] - 1, m)))
    others = np.ones((1, 1))
    for rows, lengths in reversed(tree[:-1]):
        parents = others
        others = np.empty((len(rows), min(m, parents.shape[1] + rows.shape[1] - 1)))
        others[0::2] = times(parents, rows[1::2], lengths[1::2], m)
        others[1::2] = times(parents, rows[0::2], lengths[0::2], m)
    fewer = np.maximum(padded - 1, 0)
    out = np.zeros((len(order), m))
    left = times(others, _binomials(at, fewer, m), np.minimum(fewer + 1, m), m)
    out[order, : left.shape[1]] = left[: len(order)]
    return out


def times(a: Floats, b: Floats, lengths: Lengths, m: int) -> Floats:
    """Return the products of polynomials row by row, cut below degree m; row i of b has lengths[i] terms, falling."""
    out = np.zeros((len(a), min(m, a.shape[1] + b.shape[1] - 1)))
    longer = np.searchsorted(-lengths, -np.arange(b.shape[1])).tolist()  # rows with more than k terms
    for k, rows in enumerate(longer):
        if rows == 0:
            break
        terms = min(a.shape[1], out.shape[1] - k)
        out[:rows, k : k + terms] += a[:rows, :terms] * b[:rows, k : k + 1]
    return out


def _binomials(at: Floats, n: Lengths, m: int) -> Floats:
    """Return P(B = k), k < m, of n units with logit `at`, one row per group."""
    k = np.arange(1, min(m, int(n.max()) + 1))
    ratios = np.maximum(n[:, None] - k + 1, 0) / k * np.exp(at)[:, None]
    first = np.exp(n * log_expit(-at))[:, None]
    return np.concatenate([first, first * np.cumprod(ratios, axis=1)], axis=1)
