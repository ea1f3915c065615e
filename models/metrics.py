"""How good a ranking is: numbers for many sets of weights at once, so that a bootstrap is one call.

A resampled set of objects is a vector of weights over the test visits (how often the object was drawn, times the
visit's own weight W). Every function takes a matrix of such vectors, one row per replicate, and returns one
number per row. Rows are sorted by risk once; ties share their credit.

References
----------
Kumar, Liang & Ma (2019), Verified uncertainty calibration (debiased calibration error).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from models.columns import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NAMES: Final = ("auc", "ap", "precision_at_5", "precision_at_10", "precision_at_20", "brier", "ece", "days_earlier")
"""Metrics in the order of the report (DESIGN 4)."""
BINS: Final = 10
_TINY: Final = 1e-12


@dataclass(frozen=True)
class Ranking:
    """Test visits in the order of their risk.

    Parameters
    ----------
    risk
        Risk or any ranking score per visit; higher is worse.
    failed, day, fold
        Outcome, day of the visit, and number of the fold (days are re-dealt inside a fold).
    probability
        Whether `risk` is a probability in ppm; only then Brier and calibration mean something.
    """

    risk: Ints
    failed: NDArray[np.bool_]
    day: Ints
    fold: Ints
    probability: bool = True

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Positions from the highest risk to the lowest."""
        return np.argsort(-self.risk, kind="stable")

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """Last position of each group of equal risk, in `order`."""
        sorted_risk = self.risk[self.order]
        return np.flatnonzero(np.append(sorted_risk[1:] != sorted_risk[:-1], [True]))

    def measured(self, weights: Floats) -> dict[str, Floats]:
        """Return every metric for every row of `weights` (replicates x visits); NaN where it is not defined."""
        hits, mass = self._cumulated(weights)
        out = {"auc": auc(hits, mass), "ap": average_precision(hits, mass)}
        for share in (5, 10, 20):
            out[f"precision_at_{share}"] = precision_at(hits, mass, share / 100)
        nothing = np.full(len(weights), np.nan)
        out["brier"] = brier(self.risk, self.failed, weights) if self.probability else nothing
        out["ece"] = calibration_error(self.risk, self.failed, weights) if self.probability else nothing
        out["days_earlier"] = self.days_earlier(weights)
        return out

    def auc(self, weights: Floats) -> Floats:
        """Return the area under the ROC curve per row of `weights`."""
        return auc(*self._cumulated(weights))

    def _cumulated(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return weight of failed visits and of all visits down to the end of each group of equal risk."""
        sorted_weights = weights[:, self.order]
        hits = np.cumsum(sorted_weights * self.failed[self.order], axis=1)[:, self.ends]
        return hits, np.cumsum(sorted_weights, axis=1)[:, self.ends]

    def days_earlier(self, weights: Floats) -> Floats:
        """Return how many days earlier failed visits come when each fold's dates are re-dealt in order of risk.

        Ties are dealt in the order of the dates themselves, which gains nothing for anybody. In a resampled set
        an object's visits keep the days gained in the whole set: dates are not resampled.
        """
        gained = np.zeros(len(self.day))
        for fold in np.unique(self.fold):
            rows = np.flatnonzero(self.fold == fold)
            order = rows[np.lexsort((self.day[rows], -self.risk[rows]))]
            slots = np.sort(self.day[rows]).astype("float64")
            ties = np.unique(-self.risk[order], return_inverse=True)[1]
            dealt = (np.bincount(ties, weights=slots) / np.bincount(ties))[ties]
            gained[order] = self.day[order] - dealt
        failed = weights * self.failed
        return _ratio(failed @ gained, failed.sum(axis=1))


def _ratio(a: Floats, b: Floats) -> Floats:
    return np.where(b > _TINY, a / np.where(b > _TINY, b, 1), np.nan)


def auc(hits: Floats, mass: Floats) -> Floats:
    """Return the chance that a failed visit has the higher risk than a passed one, ties counting half."""
    passed = mass - hits
    step = np.diff(hits, axis=1, prepend=0.0)
    below = passed[:, -1:] - passed + 0.5 * np.diff(passed, axis=1, prepend=0.0)
    return _ratio((step * below).sum(axis=1), hits[:, -1] * passed[:, -1])


def average_precision(hits: Floats, mass: Floats) -> Floats:
    """Return the mean precision over the failed visits, groups of equal risk taken whole."""
    precision = hits / np.where(mass > _TINY, mass, 1)
    return _ratio((np.diff(hits, axis=1, prepend=0.0) * precision).sum(axis=1), hits[:, -1])


def precision_at(hits: Floats, mass: Floats, share: float) -> Floats:
    """Return the share of failed visits among the riskiest `share`; the tie at the edge counts in proportion."""
    out = np.empty(len(hits))
    for n, (h, m) in enumerate(zip(hits, mass, strict=True)):
        wanted = share * m[-1]
        out[n] = np.interp(wanted, np.append(0.0, m), np.append(0.0, h)) / max(wanted, _TINY)
    return out


def brier(risk: Ints, failed: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the mean squared distance between risk and outcome."""
    squares = (risk / MICRO - failed.astype("float64")) ** 2
    return _ratio(weights @ squares, weights.sum(axis=1))


def calibration_error(risk: Ints, failed: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the debiased calibration error over 10 bins of equal count.

    Root of the mean squared gap between mean risk and rate of failure, less the part that chance alone explains,
    s^2 = rate (1 - rate) sum w^2 / (sum w)^2 per bin with Bessel's factor; never below 0. A perfectly calibrated
    model scores about 0 instead of the 0.01 to 0.02 of the plain error on some thousand visits.
    """
    gaps, noise, share = _bins(risk, failed, weights)
    return np.asarray(np.sqrt(np.maximum((share * (gaps**2 - noise)).sum(axis=1), 0)))


def plain_calibration_error(risk: Ints, failed: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the usual expected calibration error: the mean absolute gap over 10 bins of equal count."""
    gaps, _, share = _bins(risk, failed, weights)
    return np.asarray((share * np.abs(gaps)).sum(axis=1))


def _bins(risk: Ints, failed: NDArray[np.bool_], weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return gap, variance of its noise and share of the weight by (replicate, bin)."""
    order = np.argsort(risk, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    mass, squares, hits, risks = (np.empty((len(weights), len(parts))) for _ in range(4))
    for b, rows in enumerate(parts):
        w = weights[:, rows]
        mass[:, b], squares[:, b] = w.sum(axis=1), (w**2).sum(axis=1)
        hits[:, b], risks[:, b] = w @ failed[rows], w @ (risk[rows] / MICRO)
    safe = np.where(mass > _TINY, mass, 1)
    rate = hits / safe
    size = safe**2 / np.where(squares > _TINY, squares, 1)
    noise = np.where(size > 1, rate * (1 - rate) / np.maximum(size - 1, _TINY), 0)
    return risks / safe - rate, noise, mass / mass.sum(axis=1, keepdims=True)
