"""Intervals from resampled objects: an object's visits hang together, so whole objects are drawn, not visits.

Percentile intervals of the cluster bootstrap (Davison & Hinkley 1997, 2.4; Field & Welsh 2007). The same resampled
objects serve every ranking, so that differences are paired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.metrics import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.metrics import Ranking

    Floats = NDArray[np.float64]

REPLICATES: Final = 1_000
FEWER: Final = 400
MANY: Final = 30_000
"""Test visits from which `FEWER` replicates do."""
_CELLS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval.

    Parameters
    ----------
    value, lo, hi
        NaN where it is not defined.
    """

    value: float
    lo: float
    hi: float

    def shown(self) -> dict[str, float | None]:
        """Return the three numbers for JSON, rounded to six digits; null where not defined."""
        return {
            name: None if np.isnan(x) else round(float(x), 6)
            for name, x in (("value", self.value), ("lo", self.lo), ("hi", self.hi))
        }


@dataclass(frozen=True, slots=True)
class Resampler:
    """Objects to draw again and again.

    Parameters
    ----------
    ids
        Object of each test visit.
    weight
        The visit's own weight; 1 each without a draw.
    seed
        Start of the stream; the same seed draws the same objects.
    """

    ids: NDArray[np.object_]
    weight: Floats
    seed: int

    @property
    def replicates(self) -> int:
        """How many sets are drawn."""
        return REPLICATES if len(self.ids) < MANY else FEWER

    def sets(self) -> Iterator[Floats]:
        """Yield matrices of weights (some replicates x visits), `replicates` rows in all."""
        chance = np.random.default_rng(self.seed)
        codes, names = pd.factorize(self.ids)
        per = max(1, _CELLS // len(codes))
        for start in range(0, self.replicates, per):
            rows = min(per, self.replicates - start)
            counts = chance.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rows)
            yield counts[:, codes] * self.weight


def estimates(rankings: dict[str, Ranking], resampler: Resampler) -> dict[str, dict[str, Estimate]]:
    """Return every metric of every ranking with its interval."""
    whole = {name: r.measured(resampler.weight[None, :]) for name, r in rankings.items()}
    drawn: dict[str, dict[str, list[Floats]]] = {name: {m: [] for m in NAMES} for name in rankings}
    for weights in resampler.sets():
        for name, ranking in rankings.items():
            for metric, values in ranking.measured(weights).items():
                drawn[name][metric].append(values)
    return {
        name: {m: interval(float(whole[name][m][0]), np.concatenate(drawn[name][m])) for m in NAMES}
        for name in rankings
    }


def differences(rankings: dict[str, Ranking], resampler: Resampler, first: str) -> dict[str, Estimate]:
    """Return the AUC of `first` less that of each other ranking, on the same resampled objects."""
    one = resampler.weight[None, :]
    value = {name: float(r.auc(one)[0]) for name, r in rankings.items()}
    drawn: dict[str, list[Floats]] = {name: [] for name in rankings}
    for weights in resampler.sets():
        for name, ranking in rankings.items():
            drawn[name].append(ranking.auc(weights))
    mine = np.concatenate(drawn[first])
    return {
        name: interval(value[first] - value[name], mine - np.concatenate(drawn[name]))
        for name in rankings
        if name != first
    }


def interval(value: float, drawn: Floats) -> Estimate:
    """Return a value with the 2.5th and 97.5th percentile of its replicates."""
    if np.isnan(value) or np.isnan(drawn).all():
        return Estimate(value, float("nan"), float("nan"))
    lo, hi = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(value, float(lo), float(hi))
