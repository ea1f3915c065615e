"""Numbers from a label, the same on every machine: SHA-256 in counter mode, integers only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
MILLION = 1_000_000


class Stream:
    """A stream of integers named by its label.

    Parameters
    ----------
    label
        Two labels give unrelated streams.
    """

    def __init__(self, label: str) -> None:
        self._label = label.encode()
        self._count = 0

    def below(self, n: int) -> int:
        """Return an integer in 0..n-1 (bias below 2^-90)."""
        self._count += 1
        digest = hashlib.sha256(self._label + b"/%d" % self._count).digest()
        return int.from_bytes(digest[:16], "big") % n

    def chance(self, ppm: int) -> bool:
        """Return true with probability `ppm` in a million."""
        return self.below(MILLION) < ppm

    def pick(self, items: Sequence[T]) -> T:
        """Return one of `items`, all equally likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """Return an item with probability proportional to its weight."""
        at = self.below(sum(w for _, w in items))
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return `items` in random order (Fisher-Yates)."""
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out
