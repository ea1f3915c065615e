"""The rate and its variance (docs/spec/estimate.md, 3 and 4): a ratio over all strata, linearised, Deville's variance.

Every function takes the units along the last axis; axes before it are replicates, so that the simulation that judges
the intervals (docs/benchmarks/estimate.md) runs the very code that the command runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CERTAIN: Final = -1
"""Variance stratum of a unit that was taken with certainty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The drawn units of one or more draws, in increasing order of their variance stratum.

    Parameters
    ----------
    stratum
        Variance stratum of each unit, shape (n,); `CERTAIN` for taken units, else 0, 1, ...
    weight
        1 / pi or W, shape (..., n); 1 for taken units.
    answered
        1 where the visit gave an answer, else 0.
    value
        1 where the answer is "compliant", else 0.
    """

    stratum: Integers
    weight: Floats
    answered: Floats
    value: Floats

    @property
    def sampled(self) -> NDArray[np.bool_]:
        """Which units were left to chance."""
        return np.asarray(self.stratum != CERTAIN, dtype=np.bool_)

    def supposing(self, value: float) -> Sample:
        """Return this sample as if every unit without an answer had given `value`."""
        filled = np.where(self.answered > 0, self.value, value)
        return replace(self, answered=np.ones_like(self.answered), value=filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A rate over a domain, split into what was taken with certainty and what was left to chance.

    Parameters
    ----------
    rate
        The estimate; NaN where nothing answered.
    taken_rate, chance_rate
        The rate among those taken, and the estimated rate among the others; 0 where there are none.
    chance
        Share of the reachable domain that was left to chance.
    variance
        Of `rate`.
    units
        Answers that were left to chance.
    kish
        Effective number of these by their weights alone, (sum w)^2 / sum w^2.
    freedom
        Units less strata, over the variance strata in which the domain answered.
    steady
        Satterthwaite's degrees of freedom of `variance` by the spread of its terms: few where a few units carry it.
    """

    rate: Floats
    taken_rate: Floats
    chance_rate: Floats
    chance: Floats
    variance: Floats
    units: Floats
    kish: Floats
    freedom: Floats
    steady: Floats


def ratio(s: Sample, inside: Floats, size: float) -> Ratio:
    """Return the rate of a domain.

    Parameters
    ----------
    s
        The drawn units.
    inside
        1 for units of the domain, else 0; shape (n,) or that of the weights.
    size
        How many frame units of the domain were left to chance: a count of the frame, not an estimate.
    """
    sure = inside * (1.0 - s.sampled)
    w = inside * s.weight * s.sampled
    taken, taken_good = _total(sure * s.answered), _total(sure * s.answered * s.value)
    a, b, c = _total(w * s.answered * s.value), _total(w * s.answered), _total(w)
    factor = _divide(np.full_like(c, size), c)
    reach = factor * b
    whole = taken + reach
    rate = _divide(taken_good + factor * a, whole, np.nan)
    p = np.nan_to_num(rate)
    centre = _divide(a - p * b, c)
    z = _divide(factor, whole)[..., None] * inside * (s.answered * (s.value - p[..., None]) - centre[..., None])
    answers = inside * s.answered * s.sampled
    terms = deville(s, z)
    variance = _total(terms)
    return Ratio(
        rate=rate,
        taken_rate=_divide(taken_good, taken),
        chance_rate=_divide(a, b),
        chance=_divide(reach, whole),
        variance=variance,
        units=_total(answers),
        kish=_divide(b * b, _total(answers * s.weight**2)),
        freedom=_freedom(s, answers),
        steady=_divide(2.0 * variance**2, _total(terms**2)),
    )


def deville(s: Sample, z: Floats) -> Floats:
    """Return what each unit adds to the variance of the weighted total of `z`; taken units add nothing.

    With q = 1 / w and m units in the variance stratum: c = (1 - q) m / (m - 1), A = sum(c w z) / sum(c),
    V = sum c (w z - A)^2 (Deville 1999; for Pareto sampling Rosen 1997).
    """
    starts, sizes = _strata(s)
    first = int(np.count_nonzero(~s.sampled))
    if not len(starts):
        return np.zeros((*z.shape[:-1], 1))
    scale = np.repeat(sizes / np.maximum(sizes - 1, 1), sizes)
    w = s.weight[..., first:]
    c = (1.0 - 1.0 / w) * scale
    x = w * z[..., first:]
    total = np.add.reduceat(np.broadcast_to(c, x.shape), starts, axis=-1)
    middle = _divide(np.add.reduceat(c * x, starts, axis=-1), total)
    off = x - np.repeat(middle, sizes, axis=-1)
    return np.asarray(c * off * off, dtype=np.float64)


def _strata(s: Sample) -> tuple[Integers, Integers]:
    """Return where each variance stratum begins among the sampled units, and its number of units."""
    groups = s.stratum[s.sampled]
    if not len(groups):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1)).astype(np.int64)
    return starts, np.diff(np.append(starts, len(groups))).astype(np.int64)


def _freedom(s: Sample, answers: Floats) -> Floats:
    starts, sizes = _strata(s)
    if not len(starts):
        return np.zeros(answers.shape[:-1])
    first = int(np.count_nonzero(~s.sampled))
    present = np.add.reduceat(answers[..., first:], starts, axis=-1) > 0
    found: Floats = (present * (sizes - 1.0)).sum(axis=-1)
    return found


def _total(x: Floats) -> Floats:
    return np.asarray(x.sum(axis=-1), dtype=np.float64)


def _divide(a: Floats, b: Floats, otherwise: float = 0.0) -> Floats:
    """Return a / b, and `otherwise` where b is 0."""
    some = b > 0
    return np.where(some, a / np.where(some, b, 1.0), otherwise)
