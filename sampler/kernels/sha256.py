"""The compression function of SHA-256 for many messages at once, compiled (FIPS 180-4, 6.2.2).

The 64 rounds are written out once per import as straight-line code over 32-bit words, so that the compiler puts one
message into each lane of a vector register; a loop over rounds keeps it from doing so and is 6 times slower.

Two things keep the lanes apart: every intermediate is cast back to 32 bits (numba widens sums of them to 64, which
would be wrong, not slow), and the arrays have a constant shape, so that the compiler sees that none overlaps another.
"""

from __future__ import annotations

from itertools import islice
from math import isqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import carray, njit, types

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK: Final = 1024
"""Messages worked on at once: their words stay in the processor's cache."""
BLOCK_BYTES: Final = 64
WORD: Final = 2**32
WORDS: Final = 16
ROUNDS: Final = 64
STATE: Final = 8
"""Words of a state; rows 0..7 of the input hold it, rows 8..23 the block."""
LETTERS: Final = "abcdefgh"


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
START: Final = [isqrt(p << 64) % WORD for p in islice(_primes(), len(LETTERS))]
"""Fractions of the square roots of the first 8 primes (FIPS 180-4, 5.3.3)."""


def _rounds() -> tuple[list[str], str]:
    """Return the lines of all rounds, and the names that hold a..h after them."""

    def turn(x: str, *by: int) -> str:
        return "^".join(f"(({x}>>n{n})|({x}<<n{32 - n}))" for n in by)

    lines: list[str] = []
    a, b, c, d, e, f, g, h = LETTERS
    for t in range(ROUNDS):
        w, x, y, z = (f"w{(t + k) % WORDS}" for k in (0, 1, 9, 14))
        if t >= WORDS:
            lines.append(f"{w}=u({w}+u({turn(x, 7, 18)}^({x}>>n3))+{y}+u({turn(z, 17, 19)}^({z}>>n10)))")
        lines += [
            f"v=u({h}+u({turn(e, 6, 11, 25)})+u(({e}&{f})^(~{e}&{g}))+k{t}+{w})",
            f"{d}=u({d}+v)",
            f"{h}=u(v+u({turn(a, 2, 13, 22)})+u(({a}&{b})^({a}&{c})^({b}&{c})))",
        ]
        a, b, c, d, e, f, g, h = h, a, b, c, d, e, f, g
    return lines, a + b + c + d + e + f + g + h


def _text() -> str:
    lines, end = _rounds()
    body = [f"w{i}=x[{STATE + i},j]" for i in range(WORDS)] + [f"s{i}=x[{i},j]" for i in range(STATE)]
    body += [f"{name}=s{i}" for i, name in enumerate(LETTERS)]
    body += [*lines, *(f"o[{i},j]=u({name}+s{i})" for i, name in enumerate(end))]
    text = "\n  ".join(body)
    return (
        f"def compress(px, po, n):\n x=carray(px,({STATE + WORDS},{BLOCK}),u)\n o=carray(po,({STATE},{BLOCK}),u)\n"
        f" for j in range(n):\n  {text}\n"
    )


def _compiled() -> Any:
    names: dict[str, Any] = {"__name__": __name__, "u": np.uint32, "carray": carray}
    names |= {f"n{i}": np.uint32(i) for i in range(33)} | {f"k{t}": np.uint32(x) for t, x in enumerate(ROUND)}
    exec(compile(_text(), __file__, "exec"), names)  # noqa: S102  # our own text; this file's name lets numba cache it
    taken = types.void(types.voidptr, types.voidptr, types.int64)
    return njit(taken, nogil=True, cache=True)(names["compress"])


_compress: Final = _compiled()


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def compress(x: Any, o: Any, n: int) -> None:
    """Take n states one block further: ``o[8, BLOCK]`` from ``x[24, BLOCK]``, columns of 32-bit words, n <= BLOCK."""
    _compress(x.ctypes, o.ctypes, n)


def columns() -> tuple[Any, Any]:
    """Return an input whose states are the start of a message, and an output."""
    x = np.zeros((STATE + WORDS, BLOCK), dtype=np.uint32)
    x[:STATE] = np.array(START, dtype=np.uint32)[:, None]
    return x, np.empty((STATE, BLOCK), dtype=np.uint32)
