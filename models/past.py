"""Sums over what came strictly before a day: the only way this package looks at a visit.

Visits are sorted by group and day; a query (group, day) becomes a half-open range of positions that ends before
the first visit of that day, so a visit never sees itself, its own day, or anything later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_SPAN: Final = 2**24
_SHIFT: Final = 2**23


@dataclass(frozen=True, slots=True)
class Past:
    """Visits of groups in order of day.

    Parameters
    ----------
    names
        Distinct group names.
    visits
        Number of the group of each visit, in the order given.
    order
        Positions of the visits sorted by group and day.
    keys
        Group and day of the sorted visits in one integer.
    """

    names: pd.Index
    visits: Ints
    order: Ints
    keys: Ints

    @classmethod
    def of(cls, groups: NDArray[np.generic], day: Ints) -> Past:
        """Return the index of visits by group."""
        codes, names = pd.factorize(groups)
        visits = codes.astype("int64")
        keys = _keys(visits, day)
        order = np.argsort(keys, kind="stable").astype("int64")
        return cls(pd.Index(names, dtype=groups.dtype), visits, order, keys[order])

    def before(self, codes: Ints, day: Ints) -> tuple[Ints, Ints]:
        """Return for each query (number of a group, day) the range of sorted positions strictly before it."""
        start = np.searchsorted(self.keys, codes * _SPAN, side="left")
        end = np.searchsorted(self.keys, _keys(codes, day), side="left")
        start, end = start.astype("int64"), end.astype("int64")
        return start, np.where(codes < 0, start, end)

    def codes(self, groups: NDArray[np.generic]) -> Ints:
        """Return the number of each group, -1 for one that was never visited."""
        wanted, texts = pd.factorize(groups)
        found = self.names.get_indexer(pd.Index(texts, dtype=self.names.dtype)).astype("int64")
        return np.asarray(found[wanted], dtype="int64")

    def group_starts(self) -> NDArray[np.bool_]:
        """Return which sorted visits are the first of their group."""
        codes = self.keys // _SPAN
        return np.concatenate([[True], codes[1:] != codes[:-1]])[: len(codes)]


def _keys(codes: Ints, day: Ints) -> Ints:
    return codes * _SPAN + (day + _SHIFT)


def range_sum(values: Ints, start: Ints, end: Ints) -> Ints:
    """Return the sum of `values` over each half-open range, exactly."""
    total = np.concatenate([[0], np.cumsum(values, dtype="int64")])
    return np.asarray(total[end] - total[start], dtype="int64")


def running_max(values: Ints, starts: NDArray[np.bool_]) -> Ints:
    """Return the largest value so far within each group of sorted visits."""
    return pd.Series(values).groupby(np.cumsum(starts)).cummax().to_numpy(dtype="int64")


def at(values: Ints, positions: Ints, *, where: NDArray[np.bool_], other: int) -> Ints:
    """Return ``values[positions]`` where allowed, else `other`."""
    out = np.full(len(positions), other, dtype="int64")
    out[where] = values[positions[where]]
    return out


def divide(a: Ints, b: Ints) -> Ints:
    """Return a/b rounded half up, in integers; b is positive."""
    return np.asarray((2 * a + b) // (2 * b), dtype="int64")
