"""Korn-Graubard intervals, the tests that mirror them, and how many visits would tell (docs/spec/estimate.md, 5 and 6).

Clopper and Pearson's limits at an effective size: exact for a simple random sample, never narrower than the number of
answers allows, and defined where no failure was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import betainc, betaincc, betaincinv, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sampler.estimate.ratio import Ratio

    Floats = NDArray[np.float64]

LEVEL: Final = 0.95
FLAT: Final = 1e-12
"""A variance below this, as a share of p (1 - p) / n, is none: rounding, or strata that are each of one kind."""
TRUST: Final = 10.0
"""Degrees of freedom at which a variance that promises more than the weights is believed half way (in logarithms)."""
POWER: Final = 0.8
MOST_VISITS: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Limits of a rate.

    Parameters
    ----------
    lo, hi
        The limits, 0..1.
    effective
        Effective number of answers that were left to chance.
    """

    lo: Floats
    hi: Floats
    effective: Floats


def effective_size(r: Ratio, level: float = LEVEL) -> Floats:
    """Return n_eff, at most the number of answers (docs/spec/estimate.md, 5).

    p (1 - p) / V, corrected for the degrees of freedom; where that promises more than Kish's number of the weights, it
    is believed as far as the variance is steady. Kish's number where p is 0 or 1 or the strata show no variance.
    """
    spread, n, v = r.chance_rate * (1.0 - r.chance_rate), np.maximum(r.units, 1.0), _own_variance(r)
    usable = varies(r)
    half = 1.0 - (1.0 - level) / 2.0
    shrink = (stdtrit(np.maximum(n - 1.0, 1.0), half) / stdtrit(np.maximum(r.freedom, 1.0), half)) ** 2
    promised = spread / np.where(usable, v, 1.0) * np.minimum(shrink, 1.0)
    found = np.where(usable, np.minimum(promised, r.units), r.kish)
    kish = np.maximum(r.kish, FLAT)
    steady = np.minimum(r.steady, r.freedom)
    careful = kish * (np.maximum(found, kish) / kish) ** (steady / (steady + TRUST))
    size = np.where(found > kish, careful, found)
    return np.asarray(np.minimum(size, r.units), dtype=np.float64)  # equal weights round Kish's number up


def varies(r: Ratio) -> NDArray[np.bool_]:
    """Return whether the part left to chance shows a variance at all: else Kish's number stands in."""
    spread = r.chance_rate * (1.0 - r.chance_rate)
    return np.asarray((spread > 0) & (_own_variance(r) > FLAT * spread / np.maximum(r.units, 1.0)), dtype=np.bool_)


def _own_variance(r: Ratio) -> Floats:
    return np.asarray(r.variance / np.where(r.chance > 0, r.chance, 1.0) ** 2, dtype=np.float64)


def interval(r: Ratio, level: float = LEVEL) -> Interval:
    """Return the Korn-Graubard interval of the part left to chance, moved to the whole by the known share."""
    n = effective_size(r, level)
    lo, hi = limits(r.chance_rate, n, (1.0 - level) / 2.0)
    sure = (1.0 - r.chance) * r.taken_rate
    return Interval(lo=sure + r.chance * lo, hi=sure + r.chance * hi, effective=n)


def limits(p: Floats, n: Floats, tail: float) -> tuple[Floats, Floats]:
    """Return Clopper and Pearson's limits of a rate p among n, n and p n not necessarily whole."""
    x = np.clip(p * n, 0.0, n)
    rest = np.maximum(n - x, 0.0)
    lo = np.where(x > 0, betaincinv(np.maximum(x, 1e-300), rest + 1.0, tail), 0.0)
    hi = np.where(rest > 0, betaincinv(x + 1.0, np.maximum(rest, 1e-300), 1.0 - tail), 1.0)
    return lo, hi


def p_values(p: float, n: float, target: float) -> tuple[float, float]:
    """Return the chance of a rate at least p if the truth were `target`, and of one at most p.

    The first is at most half the error level exactly when the lower limit reaches the target, the second when the upper
    limit does: intervals and verdicts cannot disagree.
    """
    if target <= 0:
        return 0.0, 1.0
    if target >= 1:
        return 1.0, 0.0 if p < 1 else 1.0
    x = min(max(p * n, 0.0), n)
    above = float(betainc(x, n - x + 1.0, target)) if x > 0 else 1.0
    below = float(betaincc(x + 1.0, n - x, target)) if n - x > 0 else 1.0
    return above, below


def visits_needed(p: float, target: float, per_visit: float, error: float) -> int | None:
    """Return how many visits in all would tell, with probability 80 %, if the true rate is what was found.

    Parameters
    ----------
    p, target
        The rate found, and the one asked for.
    per_visit
        Effective answers a visit brings.
    error
        Two-sided error level.

    Returns
    -------
    int or None
        None where no number would: the rate found is the target.
    """
    if p == target or per_visit <= 0:
        return None
    low, high = 0, 1
    while not _tells(p, target, high * per_visit, error):
        low, high = high, 2 * high
        if high > MOST_VISITS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _tells(p, target, middle * per_visit, error) else (middle, high)
    return high


def _tells(p: float, target: float, n: float, error: float) -> bool:
    """Return whether n effective answers at a true rate p would miss the target with probability `POWER` at least."""
    share = min(max(p, 0.0), 1.0)
    sign = 1.0 if share > target else -1.0
    unlucky = share - sign * Z_POWER * (share * (1.0 - share) / n) ** 0.5
    above, below = p_values(min(max(unlucky, 0.0), 1.0), n, target)
    return (above if sign > 0 else below) <= error / 2


Z_POWER: Final = 0.8416212335729143
"""Standard normal quantile of `POWER`."""
