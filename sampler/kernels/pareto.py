"""Inclusion probabilities of one stratum, compiled: the formulas of `sampler.probability`, its small way alone.

Sums stand in another order than there, so results agree to many digits, not to the last bit: `probability.quick` says
what may be done with them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NEGLIGIBLE: Final = 44.0
STEP: Final = (0.43, 0.6)
CENTRE_STEPS: Final = 300
EXP_MAX: Final = 690.0
DEPTH_MAX: Final = 299.0
"""A little less than `probability.small` allows: nearer to its limit the choice of the way is left to it."""
TINY: Final = 1e-300
MOVE_MAX: Final = 8.0
GOAL: Final = (1e-11, 1e-9)
SURE: Final = 1e-3
"""So near to the goal, as a share of it, nobody can say from here whether it is met."""
FASTER: Final = 3.001
PLAIN_STEPS: Final = 40
ROUGH: Final = 0.75


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _expit(v: float) -> float:
    return 1.0 / (1.0 + math.exp(-v)) if v >= 0 else math.exp(v) / (1.0 + math.exp(v))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _soft(v: float) -> float:
    """Return log(1 + exp(v))."""
    return max(v, 0.0) + math.log1p(math.exp(-abs(v)))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _moments(x: Any, n: Any, z: float) -> tuple[float, float]:
    mean, spread = 0.0, 0.0
    for j in range(len(x)):
        e = math.exp(-abs(x[j] + z))
        small, large = e / (1.0 + e), 1.0 / (1.0 + e)
        mean += n[j] * (large if x[j] + z >= 0 else small)
        spread += n[j] * small * large
    return mean, spread


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _potential(x: Any, n: Any, z: float) -> float:
    total = 0.0
    for j in range(len(x)):
        total += n[j] * _soft(x[j] + z)
    return total


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def centre(x: Any, n: Any, m: int) -> Any:
    """Return `probability.frame.centre`."""
    size = math.log(n.sum())
    low, high = -x.max() - size - 1.0, -x.min() + size + 1.0
    z = min(max(0.0, low), high)
    for _ in range(CENTRE_STEPS):
        mean, slope = _moments(x, n, z)
        if mean > m:
            high = z
        else:
            low = z
        step = z - (mean - m) / slope if slope > 0 else math.inf
        new = step if low < step < high else (low + high) / 2
        if abs(new - z) <= 1e-15 * max(1.0, abs(z)):
            return new
        z = new
    return z


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _edge(x: Any, n: Any, m: int, middle: float, top: float, limit: float, direction: float) -> float:
    far = 1.0
    while top - _potential(x, n, middle + direction * far) + m * direction * far > limit:
        far *= 2
    near = 0.0
    while far - near > 0.02 * far:
        half = (near + far) / 2
        if top - _potential(x, n, middle + direction * half) + m * direction * half > limit:
            near = half
        else:
            far = half
    return middle + direction * far


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _binomial(at: float, n: int, out: Any) -> int:
    """Write P(B = k) of n units of logit `at` and return how many terms there are."""
    terms = min(n + 1, len(out))
    out[0] = math.exp(-n * _soft(at))
    odds = math.exp(at)
    for k in range(1, terms):
        out[k] = out[k - 1] * ((n - k + 1) / k * odds)
    return terms


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _times(a: Any, terms: int, b: Any, more: int, out: Any) -> int:
    """Write the product of two polynomials, cut to the length of `out`; return its number of terms."""
    most = min(len(out), terms + more - 1)
    out[:most] = 0.0
    for k in range(more):
        for i in range(min(terms, most - k)):
            out[i + k] += a[i] * b[k]
    return most


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _leave_one_out(at: Any, n: Any, m: int) -> Any:
    """Return P(B = k), k < m, of all units but one of the group, one row per group."""
    groups = len(at)
    one, both, out = np.empty(m), np.empty(m), np.zeros((groups, m))
    before, terms = np.empty((groups + 1, m)), np.ones(groups + 1, dtype=np.int64)
    before[0, 0] = 1.0
    for j in range(groups):
        more = _binomial(at[j], n[j], one)
        terms[j + 1] = _times(before[j], terms[j], one, more, before[j + 1])
    after, held = np.empty((2, m)), 1
    after[0, 0] = 1.0
    for j in range(groups - 1, -1, -1):
        more = _binomial(at[j], n[j] - 1, one)
        size = _times(before[j], terms[j], one, more, both)
        _times(both, size, after[0], held, out[j])
        more = _binomial(at[j], n[j], one)
        held = _times(after[0], held, one, more, after[1])
        after[0, :held] = after[1, :held]
    return out


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _add(n: Any, p: Any, q: Any, held: Any, tilt: float, chance: Any, tilted: Any, pi: Any, rest: Any) -> None:  # noqa: PLR0917
    """Add the integrands of pi and 1 - pi to both, `tilt` away from where p, q and `_leave_one_out` were taken."""
    groups, m = held.shape
    tilt = min(max(tilt, -EXP_MAX), EXP_MAX)
    up, grow = math.exp(tilt), math.expm1(tilt)
    mean, depth = 0.0, 0.0
    for j in range(groups):
        factor, grown = q[j] + p[j] * up, p[j] * grow
        chance[j] = p[j] * up / factor
        mean += n[j] * chance[j]
        depth += n[j] * (math.log1p(grown) if abs(grown) < 0.5 else math.log(factor))  # noqa: PLR2004
    for k in range(m):
        tilted[k] = math.exp(min(k * tilt - depth, EXP_MAX))
    for j in range(groups):
        a, b = 0.0, 0.0
        for k in range(m):
            v = held[j, k] * tilted[k]
            a += v * (mean - k)
            b += v
        d = a - chance[j] * b
        pi[j] += p[j] * up * d
        rest[j] += q[j] * d


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _evaluate(x: Any, n: Any, m: int, share: float, pi: Any, rest: Any) -> float:
    """Write pi and 1 - pi by one trapezoidal sum, or with share 0 by two; return how far these differ.

    Infinity where `probability.small` would not do.
    """
    middle = centre(x, n, m)
    top = _potential(x, n, middle)
    if top > DEPTH_MAX:
        return math.inf
    held = _leave_one_out(x + middle, n, m)
    spread = _moments(x, n, middle)[1]
    least = -_soft(-x.min() - middle)
    limit = -NEGLIGIBLE - math.log1p(spread) + least
    low = _edge(x, n, m, middle, top, limit, -1.0)
    high = _edge(x, n, m, middle, top, limit, 1.0)
    step = (share if share > 0.0 else 1.0) * min(STEP[0], STEP[1] / math.sqrt(max(spread, 1e-9)))
    nodes = math.ceil((high - low) / step) + 1
    pi[:], rest[:] = 0.0, 0.0
    chance, tilted, p, q = np.empty(len(x)), np.empty(m), np.empty(len(x)), np.empty(len(x))
    for j in range(len(x)):
        p[j], q[j] = _expit(x[j] + middle), _expit(-x[j] - middle)
    for i in range(nodes):
        _add(n, p, q, held, low - middle + step * i, chance, tilted, pi, rest)
    off = 0.0
    if share == 0.0:
        first = pi * step
        for i in range(nodes):
            _add(n, p, q, held, low - middle + step * (i + 0.5), chance, tilted, pi, rest)
        step /= 2
        off = np.abs(pi * step - first).max()
    pi *= step
    rest *= step
    return off


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def evaluate(x: Any, n: Any, m: int, share: float) -> Any:
    """Return pi, 1 - pi and the difference of `_evaluate`, drawing the smaller side."""
    pi, rest = np.empty(len(x)), np.empty(len(x))
    if 2 * m > n.sum():
        return rest, pi, _evaluate(-x, n, n.sum() - m, share, pi, rest)
    return pi, rest, _evaluate(x, n, m, share, pi, rest)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def search(goal: Any, n: Any, m: int) -> Any:
    """Return x for which pi has the logits `goal`, by plain steps of `probability.fixed_point`, and whether it is sure.

    Parameters
    ----------
    goal
        Logits of the targets.
    n
        Units of every group.
    m
        How many are drawn.
    """
    goal = goal + centre(goal, n, m)
    want, x, least = np.empty(len(goal)), goal, math.inf
    for j in range(len(goal)):
        want[j] = _expit(goal[j])
    for _ in range(PLAIN_STEPS):
        pi, rest, off = evaluate(x, n, m, ROUGH)
        if off > 0:
            break
        worst = (np.abs(pi - want) / (GOAL[0] + GOAL[1] * want)).max()
        if worst <= 1.0:
            return x + centre(x, n, m), worst <= 1.0 - SURE
        residual = goal - np.log(np.maximum(pi, TINY)) + np.log(np.maximum(rest, TINY))
        size = np.abs(residual).max()
        if worst < 1.0 + SURE or not size * FASTER <= least:
            break
        least = size
        x = x + np.minimum(np.maximum(residual, -MOVE_MAX), MOVE_MAX)
    return x, False
