"""Blinded leaves and the roots of their tiles, compiled: `merkle.blinded_leaves` and `merkle.root`, the same bytes.

A row costs one block for the inner half of its nonce's HMAC, one for the outer, two or three for the leaf and two for
a node of the tree; the secret's blocks are hashed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from sampler.canon import DOMAIN, lp
from sampler.kernels import sha256
from sampler.kernels.fips180 import BLOCK_BYTES, START, STATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ends = NDArray[np.int64]

BLOCK: Final = sha256.BLOCK
SIZE: Final = BLOCK_BYTES
LENGTH_BYTES: Final = 8
HMAC_PADS: Final = (0x36, 0x5C)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _put(message: Any, j: int, at: int, data: Any, start: int, stop: int) -> int:
    for p in range(start, stop):
        message[j, at + p - start] = data[p]
    return at + stop - start


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _close(message: Any, j: int, size: int, before: int) -> int:
    """Pad message j of so many bytes, `before` having gone into its state already; return its number of blocks."""
    blocks = (size + 1 + LENGTH_BYTES + SIZE - 1) // SIZE
    message[j, size] = 0x80
    for p in range(size + 1, blocks * SIZE - LENGTH_BYTES):
        message[j, p] = 0
    bits = (before + size) * 8
    for p in range(LENGTH_BYTES):
        message[j, blocks * SIZE - 1 - p] = (bits >> (8 * p)) & 0xFF
    return blocks


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _absorb(x: Any, o: Any, message: Any, blocks: Any, n: int) -> None:
    """Take the states in `x` through the blocks of their messages."""
    most = 0
    for j in range(n):
        most = max(most, blocks[j])
    for b in range(most):
        for i in range(16):
            p = b * SIZE + 4 * i
            for j in range(n):
                x[STATE + i, j] = (
                    (np.uint32(message[j, p]) << np.uint32(24))
                    | (np.uint32(message[j, p + 1]) << np.uint32(16))
                    | (np.uint32(message[j, p + 2]) << np.uint32(8))
                    | np.uint32(message[j, p + 3])
                )
        sha256.compress(x, o, n)
        for i in range(STATE):
            for j in range(n):
                x[i, j] = o[i, j] if b < blocks[j] else x[i, j]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _outer(x: Any, o: Any, outer: Any, n: int) -> None:
    """Hash the 32 bytes in the states behind the outer pad."""
    for i in range(STATE):
        for j in range(n):
            x[STATE + i, j] = x[i, j]
            x[i, j] = outer[i]
            x[2 * STATE + i, j] = 0
    for j in range(n):
        x[2 * STATE, j] = np.uint32(0x80000000)
        x[3 * STATE - 1, j] = np.uint32((SIZE + 32) * 8)
    sha256.compress(x, o, n)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _leaves(  # noqa: PLR0917  # compiled: no keywords
    x: Any, o: Any, message: Any, begin: Any, inner: Any, outer: Any, named: Any, head: Any,
    data: Any, ends: Any, kind: Any, texts: Any, text_ends: Any, tails: Any, out: Any,
) -> None:  # fmt: skip
    blocks = np.empty(BLOCK, dtype=np.int64)
    for start in range(0, len(ends) - 1, BLOCK):
        n = min(BLOCK, len(ends) - 1 - start)
        for j in range(n):
            low, high = ends[start + j], ends[start + j + 1]
            at = _put(message, j, 0, named, 0, len(named))
            for p in range(3):
                message[j, at + p] = 0
            message[j, at + 3] = high - low
            blocks[j] = _close(message, j, _put(message, j, at + 4, data, low, high), SIZE)
        for i in range(STATE):
            x[i, :n] = inner[i]
        _absorb(x, o, message, blocks, n)
        _outer(x, o, outer, n)
        for j in range(n):
            k = kind[start + j]
            message[j, 0] = 0
            for i in range(4):
                for p in range(4):
                    message[j, 1 + 4 * i + p] = (o[i, j] >> np.uint32(24 - 8 * p)) & np.uint32(0xFF)
            at = _put(message, j, 17, head, 0, len(head))
            at = _put(message, j, at, data, ends[start + j], ends[start + j + 1])
            for p in range(tails.shape[1]):
                text = tails[k, p]
                at = _put(message, j, at, texts, text_ends[text], text_ends[text + 1])
            blocks[j] = _close(message, j, at, 0)
        for i in range(STATE):
            x[i, :n] = begin[i]
        _absorb(x, o, message, blocks, n)
        for j in range(n):
            for i in range(STATE):
                out[start + j, i] = x[i, j]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _nodes(x: Any, o: Any, begin: Any, h: Any, pairs: int) -> None:
    """Write the parents of the first 2 x `pairs` hashes over the first of them."""
    by, left = np.uint32(8), np.uint32(24)
    for start in range(0, pairs, BLOCK):
        n = min(BLOCK, pairs - start)
        for j in range(n):
            carried = np.uint32(1)
            for i in range(2 * STATE):
                word = h[2 * (start + j) + i // STATE, i % STATE]
                x[STATE + i, j] = np.uint32(carried << left) | (word >> by)
                carried = word
            for i in range(STATE):
                x[i, j] = begin[i]
        sha256.compress(x, o, n)
        for j in range(n):
            last = h[2 * (start + j) + 1, STATE - 1]
            for i in range(STATE):
                x[i, j] = o[i, j]
                x[STATE + i, j] = 0
                x[2 * STATE + i, j] = 0
            x[STATE, j] = np.uint32(last << left) | np.uint32(0x800000)
            x[3 * STATE - 1, j] = np.uint32(65 * 8)
        sha256.compress(x, o, n)
        for j in range(n):
            for i in range(STATE):
                h[start + j, i] = o[i, j]


@dataclass(frozen=True, slots=True)
class Blinder:
    """Makes the leaves of one tree of one draw.

    Parameters
    ----------
    tree, draw_id, secret
        As in `merkle.blinded_leaves`; the secret has at most 64 bytes.
    texts, text_ends
        Text t is ``texts[text_ends[t]:text_ends[t+1]]``.
    tails
        What follows the id in a row: for every kind of row the same number of texts, end to end.
    """

    tree: str
    draw_id: str
    secret: bytes
    texts: Bytes
    text_ends: Ends
    tails: NDArray[np.int32]

    def leaves(self, data: Bytes, ends: Ends, kind: NDArray[np.int32]) -> NDArray[np.uint32]:
        """Return the leaf of every row, as 8 words.

        Parameters
        ----------
        data, ends
            Ids of at most 64 bytes laid end to end: id i is ``data[ends[i]:ends[i+1]]``.
        kind
            Kind of every row.
        """
        named = lp(self.draw_id.encode()) + lp(self.tree.encode())
        head = lp((DOMAIN + self.tree).encode()) + lp(self.draw_id.encode())
        longest = int(np.diff(ends).max(initial=0))
        tail = self.tails.shape[1] * int(np.diff(self.text_ends).max(initial=0))
        width = max(len(named) + 4, 17 + len(head) + tail) + longest + 2 * SIZE
        out = np.empty((len(ends) - 1, STATE), dtype=np.uint32)
        x, o = sha256.columns()
        inner, outer = (self._padded(x, o, pad) for pad in HMAC_PADS)
        parts = (np.frombuffer(p, dtype=np.uint8) for p in (named, head))
        message = np.empty((BLOCK, width // SIZE * SIZE), dtype=np.uint8)
        begin, given = np.array(START, dtype=np.uint32), (self.texts, self.text_ends, self.tails)
        _leaves(x, o, message, begin, inner, outer, *parts, data, ends, kind, *given, out)
        return out

    def _padded(self, x: Any, o: Any, pad: int) -> NDArray[np.uint32]:
        """Return the state behind the secret's block (RFC 2104)."""
        block = bytes(b ^ pad for b in self.secret.ljust(SIZE, b"\0"))
        x[:STATE, 0], x[STATE:, 0] = START, np.frombuffer(block, dtype=">u4")
        sha256.compress(x, o, 1)
        return o[:, 0].copy()  # type: ignore[no-any-return]


def root(leaves: NDArray[np.uint32]) -> bytes:
    """Return the root over 2^k leaves of 8 words; overwrites them."""
    x, o = sha256.columns()
    begin, size = np.array(START, dtype=np.uint32), len(leaves)
    while size > 1:
        size //= 2
        _nodes(x, o, begin, leaves, size)
    found: bytes = leaves[0].astype(">u4").tobytes()
    return found
