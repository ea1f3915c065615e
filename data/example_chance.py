"""Chance of the example: named SHA-256 draws and integer curves, the same on every machine.

Every number is named by a label and a key instead of being the next of a stream, so adding a draw in one place
never changes another. No floating point takes part: libm may differ by a last digit, and a last digit is a byte.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

E12 = 10**12
MILLION = 10**6
_STEP = 10
_EDGE = 8000


class Chance:
    """Named draws under one seed.

    Parameters
    ----------
    seed
        Text that opens every hash; another seed is another world.
    """

    def __init__(self, seed: str) -> None:
        self._base = hashlib.sha256(seed.encode())

    def digest(self, label: str, key: str) -> bytes:
        """Return the 32 bytes of one named draw."""
        fresh = self._base.copy()
        fresh.update(f"/{label}/{key}".encode())
        return fresh.digest()

    def u64(self, label: str, key: str) -> int:
        """Return a whole number in [0, 2^64)."""
        return int.from_bytes(self.digest(label, key)[:8], "big")

    def below(self, n: int, label: str, key: str) -> int:
        """Return a whole number in [0, n); the bias is below n / 2^64."""
        return self.u64(label, key) * n >> 64

    def hit(self, p_e12: int, label: str, key: str) -> bool:
        """Return whether an event of probability `p_e12` / 10^12 happens."""
        return self.u64(label, key) * E12 < p_e12 << 64

    def choice(self, items: Sequence[T], label: str, key: str) -> T:
        """Return one of `items`, all equally likely."""
        return items[self.below(len(items), label, key)]

    def weighted(self, table: Weighted[T], label: str, key: str) -> T:
        """Return one item of `table` in proportion to its weight."""
        return table.at(self.below(table.total, label, key))

    def normal(self, sd: int, label: str, key: str) -> int:
        """Return a bell-shaped whole number around 0 (sum of twelve bytes, whose deviation is 256)."""
        return (sum(self.digest(label, key)[:12]) - 1530) * sd // 256

    def shuffled(self, items: Iterable[T], label: str) -> list[T]:
        """Return `items` in a random order."""
        marked = [(self.u64(label, str(i)), i, item) for i, item in enumerate(items)]
        return [item for _, _, item in sorted(marked, key=lambda m: m[:2])]


class Weighted(list[tuple[T, int]]):
    """Items with whole-number weights."""

    @property
    def total(self) -> int:
        """Return the sum of the weights."""
        return sum(weight for _, weight in self)

    def at(self, point: int) -> T:
        """Return the item whose share of [0, total) holds `point`."""
        for (item, _), end in zip(self, accumulate(weight for _, weight in self), strict=True):
            if point < end:
                return item
        raise IndexError(point)


@cache
def _table() -> tuple[int, ...]:
    """Return 10^6 / (1 + e^-x) for x = -8, -7.99 .. 8.01; Decimal rounds correctly everywhere."""
    grid = range(-_EDGE, _EDGE + 2 * _STEP, _STEP)
    return tuple(int((MILLION / (1 + (Decimal(-x) / 1000).exp())).to_integral_value()) for x in grid)


def logistic_ppm(milli: int) -> int:
    """Return the probability, in millionths, of a logit given in thousandths.

    >>> logistic_ppm(0), logistic_ppm(-2000), logistic_ppm(99_000)
    (500000, 119203, 999665)
    """
    at = min(max(milli, -_EDGE), _EDGE) + _EDGE
    step, rest = divmod(at, _STEP)
    low, high = _table()[step : step + 2]
    return low + (high - low) * rest // _STEP


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Return `total` split in proportion to `weights` by largest remainder.

    >>> shares(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    parts = [total * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
