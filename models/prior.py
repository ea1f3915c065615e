"""Empirical Bayes: how many usual visits an object's own record, or a group's, is mixed with.

One-way analysis of variance: the variance within objects over the variance between them, as a whole number, so
that an object with that many visits is believed half. Estimated once, at training, and kept in the points table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.columns import MILLI

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.history import History

WEAKEST: Final = 1
STRONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class Prior:
    """Pseudo-visits of empirical Bayes.

    Parameters
    ----------
    severity, rate
        Strength for the mean severity and for the rate of failed visits of an object.
    groups
        Attribute (or pair of them) to the strength for the rate of its groups.
    """

    severity: int
    rate: int
    groups: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, history: History, texts: dict[str, NDArray[np.generic]] | None = None) -> Prior:
        """Return the strengths that the history suggests; `texts` holds the attributes at its visits."""
        codes = pd.factorize(history.ids)[0]
        severity = history.severity.astype("float64") / MILLI
        failed = history.failed.astype("float64")
        groups = {name: strength(pd.factorize(values)[0], failed) for name, values in (texts or {}).items()}
        return cls(strength(codes, severity), strength(codes, failed), groups)


def strength(groups: NDArray[np.integer], values: NDArray[np.float64]) -> int:
    """Return within-variance over between-variance, as a whole number from 1 to 64.

    Parameters
    ----------
    groups
        Group number of each value, from 0.
    values
        What varies.
    """
    n, size = len(values), np.bincount(groups).astype("float64")
    k = len(size)
    if n <= k or k < 2:  # noqa: PLR2004  # nothing to compare within or between
        return STRONGEST
    sums = np.bincount(groups, weights=values)
    squares = float(np.sum(sums**2 / size))
    within = (float(np.sum(values**2)) - squares) / (n - k)
    between = (squares - float(np.sum(values)) ** 2 / n) / (k - 1)
    typical = (n - float(np.sum(size**2)) / n) / (k - 1)
    excess = (between - within) / typical
    return min(STRONGEST, max(WEAKEST, round(within / excess))) if excess > within / STRONGEST else STRONGEST
