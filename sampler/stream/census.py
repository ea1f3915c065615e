"""Counting the units of a frame that is read in parts: a census of parts adds up to that of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Place = tuple[str, str, str]
"""Class, object type, district."""
RISK_BITS: Final = 20
COMPACT: Final = 2**22
"""Distinct pairs of place and risk held uncounted before they are added up."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of the frame, ids aside.

    Parameters
    ----------
    places, place
        Distinct places, and each row's place as a position among them.
    risk
        Parts per million.
    cooling
        Whether the unit is in its cool-down.
    """

    places: Sequence[Place]
    place: Integers
    risk: Integers
    cooling: NDArray[np.bool_]

    def keys(self, number: dict[Place, int]) -> Integers:
        """Return place, risk and cooling as one number, with places numbered by `number` (-1: unknown)."""
        of = np.array([number.get(p, -1) for p in self.places], dtype=np.int64)
        return (of[self.place] << RISK_BITS | self.risk) << 1 | self.cooling


class Census:
    """How many units there are of each place, risk and state of cool-down."""

    def __init__(self) -> None:
        self.places: dict[Place, int] = {}
        self._key: list[Integers] = []
        self._count: list[Integers] = []

    def add(self, batch: Batch) -> None:
        """Count some rows."""
        self._number(batch.places)
        key, count = np.unique(batch.keys(self.places), return_counts=True)
        self._append(key, count)

    def merge(self, places: Sequence[Place], key: Integers, count: Integers) -> None:
        """Add another census, given as `places` in their order and its `counted`."""
        self._number(places)
        new = np.array([self.places[p] for p in places], dtype=np.int64)
        shift = RISK_BITS + 1
        self._append(new[key >> shift] << shift | key & ((1 << shift) - 1), count)

    def counted(self) -> tuple[Integers, Integers]:
        """Return the distinct numbers of `Batch.keys`, increasing, and how many units have each."""
        key = np.concatenate([np.empty(0, np.int64), *self._key])
        count = np.concatenate([np.empty(0, np.int64), *self._count])
        order = np.argsort(key)
        key = key[order]
        first = np.flatnonzero(np.diff(key, prepend=-1))
        total = np.add.reduceat(count[order], first) if len(first) else count
        self._key, self._count = [key[first]], [total]
        return self._key[0], total

    def _number(self, places: Sequence[Place]) -> None:
        for p in places:
            self.places.setdefault(p, len(self.places))

    def _append(self, key: Integers, count: Integers) -> None:
        self._key.append(key)
        self._count.append(count)
        if len(self._key) > 1 and sum(map(len, self._key[1:])) > COMPACT:
            self.counted()
