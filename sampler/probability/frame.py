"""A stratum as its probabilities see it: groups of equal units on the logit scale (docs/spec/draw.md, 8).

Put keys on the scale z = log Q. A unit of parameter lambda has its key below z with probability expit(z + x),
x = logit lambda. It is drawn when fewer than m of the others come before it, so with D the density of the m-th
smallest key among the others

    pi = integral expit(z + x) D(z) dz,      1 - pi = integral expit(-z - x) D(z) dz.

The integrand is analytic in a strip and falls off on both sides, so the trapezoidal rule converges geometrically:
halving the step squares the error. `small` and `large` compute D, each where it is cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit, log_expit

from sampler.errors import DrawError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Density = Callable[[Floats], Floats]

L_ONE: Final = 2**32
"""L is lambda in these units."""
NEGLIGIBLE: Final = 44.0
"""exp(-44) = 8e-20 is left out."""
STEP_MAX: Final = 0.43
STEP_SIGMA: Final = 0.6
"""First step. At m = 1 the density of the smallest key is exp(z - exp(z)): analytic in |Im z| < pi/2, the sum's error
is about exp(-pi^2 / step) = 1e-10. Larger m come near a Gaussian of width 1/sqrt(spread), which leaves far less."""
ROUGH_STEP: Final = 0.75
STABLE: Final = 1e-8
"""Two steps that agree so well leave about the square of it."""
HALVINGS: Final = 7
CENTRE_STEPS: Final = 300


@dataclass(frozen=True, slots=True)
class Frame:
    """Groups of equal units of which m are drawn, 0 < m < N.

    Parameters
    ----------
    x
        Logit of lambda per group.
    counts
        Units per group.
    m
        How many are drawn.
    """

    x: Floats
    counts: Floats
    m: int

    @property
    def size(self) -> int:
        """Number of units."""
        return int(self.counts.sum())

    def mirrored(self) -> Frame:
        """Return the frame that draws the others: 1 - pi of this one is pi of that one."""
        return Frame(-self.x, self.counts, self.size - self.m)

    def mean(self, z: float) -> float:
        """Return the expected number of keys below z."""
        return float(self.counts @ expit(self.x + z))

    def spread(self, z: float) -> float:
        """Return the variance of the number of keys below z."""
        return float(self.counts @ (expit(self.x + z) * expit(-self.x - z)))

    def potential(self, z: float) -> float:
        """Return the logarithm of the product of 1 + exp(x + z) over the units."""
        return float(self.counts @ np.logaddexp(0.0, self.x + z))


def logit(parameters: Sequence[int]) -> Floats:
    """Return logit of lambda = L / 2^32, both ends at full precision."""
    return np.array([math.log(v) - math.log(L_ONE - v) for v in parameters], dtype=np.float64)


def centre(frame: Frame) -> float:
    """Return the z below which m keys are expected: Newton steps inside a shrinking bracket."""
    low = -float(frame.x.max()) - math.log(frame.size) - 1.0
    high = -float(frame.x.min()) + math.log(frame.size) + 1.0
    z = min(max(0.0, low), high)
    for _ in range(CENTRE_STEPS):
        off = frame.mean(z) - frame.m
        low, high = (low, z) if off > 0 else (z, high)
        slope = frame.spread(z)
        step = z - off / slope if slope > 0 else math.inf
        new = step if low < step < high else (low + high) / 2
        if abs(new - z) <= 1e-15 * max(1.0, abs(z)):
            return new
        z = new
    return z


def reach(frame: Frame, middle: float) -> tuple[float, float]:
    """Return a range of z outside which the m-th key lies with negligible probability, even beside the smallest pi.

    Chernoff's bound; every pi is about expit(x + middle), so what is left out stays small relative to each.
    """
    top = frame.potential(middle)

    def bound(z: float) -> float:
        return top - frame.potential(z) - frame.m * (middle - z)

    least = float(log_expit(frame.x + middle).min())  # a unit of tiny lambda is drawn by the tail alone
    limit = -NEGLIGIBLE - math.log1p(frame.spread(middle)) + least
    return _edge(bound, middle, -1.0, limit), _edge(bound, middle, 1.0, limit)


def _edge(bound: Callable[[float], float], middle: float, direction: float, limit: float) -> float:
    far = 1.0
    while bound(middle + direction * far) > limit:
        far *= 2
    near = 0.0
    while far - near > 0.02 * far:
        half = (near + far) / 2
        near, far = (half, far) if bound(middle + direction * half) > limit else (near, half)
    return middle + direction * far


@dataclass(frozen=True, slots=True)
class Pair:
    """pi and 1 - pi per group, each at its own precision."""

    pi: Floats
    rest: Floats

    def plus(self, other: Pair) -> Pair:
        """Return the sums."""
        return Pair(self.pi + other.pi, self.rest + other.rest)

    def times(self, factor: float) -> Pair:
        """Return the multiples."""
        return Pair(self.pi * factor, self.rest * factor)


def grid(frame: Frame, middle: float, share: float = 1.0) -> tuple[Floats, float]:
    """Return the nodes of one trapezoidal sum and their distance."""
    low, high = reach(frame, middle)
    step = share * min(STEP_MAX, STEP_SIGMA / math.sqrt(max(frame.spread(middle), 1e-9)))
    return low + step * np.arange(math.ceil((high - low) / step) + 1, dtype=np.float64), step


def rough(frame: Frame, density: Density, middle: float) -> Pair:
    """Return pi by one trapezoidal sum, good to about 1e-11."""
    nodes, step = grid(frame, middle, ROUGH_STEP)
    return _sum(frame, density, nodes).times(step)


def _sum(frame: Frame, density: Density, z: Floats) -> Pair:
    d = density(z)
    at = frame.x[:, None] + z
    return Pair((expit(at) * d).sum(axis=1), (expit(-at) * d).sum(axis=1))


def stable(frame: Frame, density: Density, middle: float) -> Pair:
    """Return pi, halving the step until two sums agree.

    Raises
    ------
    DrawError
        ``PI_UNSTABLE`` when they never do.
    """
    nodes, step = grid(frame, middle)
    sums = _sum(frame, density, nodes)
    for _ in range(HALVINGS):
        old, between = sums.times(step), nodes + step / 2
        sums = sums.plus(_sum(frame, density, between))
        nodes, step = np.concatenate([nodes, between]), step / 2
        new = sums.times(step)
        if float(np.abs(new.pi - old.pi).max()) <= STABLE:
            return new
    raise DrawError("PI_UNSTABLE", "the inclusion probabilities do not settle", found=frame.m)
