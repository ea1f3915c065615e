"""Test periods in order of time: a fold knows nothing of itself nor of what came later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from models.options import EPOCH, parse_day
from models.problems import refuse

if TYPE_CHECKING:
    from models.history import History

MONTH: Final = 30
MOST: Final = 12
YEAR: Final = 365
SHARE: Final = 0.4
"""Of a short history, at most this part is tested."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One test period.

    Parameters
    ----------
    number
        From 1.
    known
        First day of which nothing is known: the start, less the gap.
    start, end
        First day of the period, and the day after its last.
    """

    number: int
    known: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What the analyst wants to test.

    Parameters
    ----------
    test_from, test_to
        First and last day, ISO; empty: the last year, or the last 40 % of a short history.
    folds
        Number of periods of equal length; 0: about a month each, at most 12.
    gap_days
        Days before a fold whose results are not yet known.
    """

    test_from: str = ""
    test_to: str = ""
    folds: int = 0
    gap_days: int = 0

    def cut(self, history: History) -> list[Fold]:
        """Return the folds in order.

        Raises
        ------
        InputError
            ``EVALUATE_PERIOD`` if the period is empty or leaves nothing to learn from, ``EVALUATE_FOLDS``.
        """
        if not len(history):
            refuse("EVALUATE_PERIOD", "no visits before the as-of date", hint="check --asof and the dates")
        first, last = int(history.day.min()), int(history.day.max())
        end = parse_day(self.test_to, option="--test-to") + 1 if self.test_to else last + 1
        usual = end - min(YEAR, max(1, int(SHARE * (end - first))))
        start = parse_day(self.test_from, option="--test-from") if self.test_from else usual
        if not first < start < end or self.gap_days < 0:
            hint = f"visits run from {iso(first)} to {iso(last)}; choose --test-from, --test-to and --gap-days inside"
            found = f"{iso(start)}..{iso(end - 1)}, gap {self.gap_days}"
            refuse("EVALUATE_PERIOD", "the test period does not lie inside the history", hint=hint, found=found)
        number = self.folds or min(MOST, max(1, round((end - start) / MONTH)))
        if not 0 < number <= end - start:
            hint = "a fold needs a day at least"
            refuse("EVALUATE_FOLDS", "not a number of folds", hint=hint, found=str(self.folds), column="--folds")
        edges = [start + (end - start) * k // number for k in range(number + 1)]
        return [Fold(k + 1, edges[k] - self.gap_days, edges[k], edges[k + 1]) for k in range(number)]


def inside(history: History, fold: Fold) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which visits lie in a fold."""
    return np.asarray((history.day >= fold.start) & (history.day < fold.end))


def iso(day: int) -> str:
    """Return a day since 1970-01-01 as an ISO date."""
    return (EPOCH + timedelta(days=int(day))).isoformat()
