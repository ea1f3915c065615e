"""The constants of SHA-256, from their definition (FIPS 180-4, 4.2.2 and 5.3.3), and the shape of what is hashed."""

from __future__ import annotations

from itertools import islice
from math import isqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD: Final = 2**32
WORDS: Final = 16
ROUNDS: Final = 64
STATE: Final = 8
"""Words of a state; rows 0..7 of a compiled input hold it, rows 8..23 the block."""
BLOCK_BYTES: Final = 64


def _primes() -> Iterator[int]:
    found: list[int] = []
    n = 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1


def _cube_root(n: int) -> int:
    """Return the integer part of the cube root, bit by bit."""
    root = 0
    for bit in reversed(range(n.bit_length() // 3 + 1)):
        if (root + (1 << bit)) ** 3 <= n:
            root += 1 << bit
    return root


ROUND: Final = [_cube_root(p << 96) % WORD for p in islice(_primes(), ROUNDS)]
"""Fractions of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2)."""
START: Final = [isqrt(p << 64) % WORD for p in islice(_primes(), STATE)]
"""Fractions of the square roots of the first 8 primes (FIPS 180-4, 5.3.3)."""
