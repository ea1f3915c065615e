"""The leading bits of many tickets at once, compiled: `ticket.heads` about 6 times faster, with the same bytes.

Needs numba (the extra `speed`); whoever does not ask for this module never loads it. SHA-256 of K || id is one block
when the id has at most 23 bytes. The 64 rounds are written out once per import as straight-line code over 32-bit
words (FIPS 180-4, 6.2.2), so that the compiler puts one message into each lane of a vector register; a loop over
rounds keeps it from doing so and is 6 times slower. Longer ids and ids outside ASCII go to `ticket.heads`.

Every intermediate is cast back to 32 bits: numba widens sums of them to 64, which would be wrong, not slow.
"""

from __future__ import annotations

from itertools import islice
from math import isqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from sampler import ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK: Final = 1024
"""Messages packed at once."""
KEY_BYTES: Final = 32
ID_BYTES: Final = 23
WORD: Final = 2**32
WORDS: Final = 16
ROUNDS: Final = 64


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
START: Final = [isqrt(p << 64) % WORD for p in islice(_primes(), 8)]
"""Fractions of the square roots of the first 8 primes (FIPS 180-4, 5.3.3)."""


def _source() -> str:
    """Return the compression function for one block a message, giving the first two words of each digest."""

    def turn(x: str, *by: int) -> str:
        return "^".join(f"(({x}>>n{n})|({x}<<n{32 - n}))" for n in by)

    lines = [f"w{i}=w[{i},j]" for i in range(WORDS)]
    a, b, c, d, e, f, g, h = "abcdefgh"
    lines += [f"{name}=h{i}" for i, name in enumerate("abcdefgh")]
    for t in range(ROUNDS):
        w, x, y, z = (f"w{(t + k) % WORDS}" for k in (0, 1, 9, 14))
        if t >= WORDS:
            lines.append(f"{w}=u({w}+u({turn(x, 7, 18)}^({x}>>n3))+{y}+u({turn(z, 17, 19)}^({z}>>n10)))")
        lines += [
            f"s=u({h}+u({turn(e, 6, 11, 25)})+u(({e}&{f})^(~{e}&{g}))+k{t}+{w})",
            f"{d}=u({d}+s)",
            f"{h}=u(s+u({turn(a, 2, 13, 22)})+u(({a}&{b})^({a}&{c})^({b}&{c})))",
        ]
        a, b, c, d, e, f, g, h = h, a, b, c, d, e, f, g
    lines += [f"first[j]=u({a}+h0)", f"second[j]=u({b}+h1)"]
    body = "\n  ".join(lines)
    return f"def compress(w, first, second, n):\n for j in range(n):\n  {body}\n"


def _compiled() -> Any:
    constants = {f"n{i}": i for i in range(33)}
    constants |= {f"k{t}": x for t, x in enumerate(ROUND)} | {f"h{i}": x for i, x in enumerate(START)}
    names: dict[str, Any] = {
        "__name__": __name__,
        "u": np.uint32,
        **{name: np.uint32(x) for name, x in constants.items()},
    }
    exec(compile(_source(), __file__, "exec"), names)  # noqa: S102  # our own text; the file's name lets numba cache it
    return njit(nogil=True, cache=True)(names["compress"])


_compress: Final = _compiled()


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _pack(w: Any, key: Any, data: Any, ends: Any, start: int, n: int) -> None:  # compiled: no keywords
    """Lay K || id || 1 0...0 || length of n messages out as columns of 16 big-endian words."""
    for i in range(8):
        for j in range(n):
            w[i, j] = key[i]
            w[i + 8, j] = 0
    for j in range(n):
        begin = ends[start + j]
        size = ends[start + j + 1] - begin
        for p in range(size):
            w[8 + (p >> 2), j] |= np.uint32(np.uint32(data[begin + p]) << np.uint32(24 - 8 * (p & 3)))
        w[8 + (size >> 2), j] |= np.uint32(np.uint32(128) << np.uint32(24 - 8 * (size & 3)))
        w[15, j] = np.uint32((32 + size) * 8)


def heads(key: bytes, units: Sequence[str]) -> NDArray[np.uint64]:
    """Return what `ticket.heads` returns, as numbers."""
    size = np.fromiter(map(len, units), dtype=np.int64, count=len(units))
    data = "".join(units).encode()
    if len(key) != KEY_BYTES or size.max(initial=0) > ID_BYTES or len(data) != size.sum():
        return np.frombuffer(ticket.heads(key, units), dtype=">u8").astype(np.uint64)
    ends = np.concatenate([[0], np.cumsum(size)])
    return of_bytes(key, np.frombuffer(data, dtype=np.uint8), ends)


def of_bytes(key: bytes, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the leading bits for ids laid end to end, as Arrow holds them: id i is ``data[ends[i]:ends[i+1]]``.

    Each id must have at most 23 bytes and the key 32.
    """
    n = len(ends) - 1
    first, second = np.empty(n, dtype=np.uint32), np.empty(n, dtype=np.uint32)
    words, block = np.frombuffer(key, dtype=">u4").astype(np.uint32), np.empty((WORDS, BLOCK), dtype=np.uint32)
    for start in range(0, n, BLOCK):
        some = min(BLOCK, n - start)
        _pack(block, words, data, ends, start, some)
        _compress(block, first[start : start + some], second[start : start + some], some)
    return (first.astype(np.uint64) << np.uint64(32)) | second
