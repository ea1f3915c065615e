"""RFC 6962 trees over leaves that are already hashed (docs/spec/records.md, 1.4 and 4).

A blinded leaf commits to one row without showing it: whoever holds the row and its nonce can open it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler.canon import DOMAIN, hmac_each, hmac_sha256, lp, sha256, sha256_each
from sampler.errors import CanonError

if TYPE_CHECKING:
    from collections.abc import Sequence

NONCE_BYTES: Final = 16
EMPTY_ROOT: Final = sha256(b"")


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right)


def blinded_leaf(tree: str, draw_id: str, row: str, nonce: bytes) -> bytes:
    """Return the leaf of one committed row (records.md, 1.4).

    Parameters
    ----------
    tree
        ``frame``, ``excluded``, ``roster`` or ``recusals``.
    draw_id
        Keeps an opening of one draw from serving in another.
    row
        The TSV line without nonce and line end.
    nonce
        16 bytes from :func:`leaf_nonce`.
    """
    return sha256(b"\x00" + nonce + lp((DOMAIN + tree).encode()) + lp(draw_id.encode()) + row.encode())


def leaf_nonce(secret: bytes, draw_id: str, tree: str, key: str) -> bytes:
    """Return the nonce of one row: unguessable without `secret`, fresh for every draw and tree."""
    return hmac_sha256(secret, lp(draw_id.encode()) + lp(tree.encode()) + lp(key.encode()))[:NONCE_BYTES]


def blinded_leaves(tree: str, draw_id: str, secret: bytes, keys: Sequence[str], rows: Sequence[str]) -> list[bytes]:
    """Return :func:`blinded_leaf` of every row with its :func:`leaf_nonce`, in one go."""
    named = lp(draw_id.encode()) + lp(tree.encode())
    nonces = hmac_each(secret, named, [lp(k.encode()) for k in keys])
    head = lp((DOMAIN + tree).encode()) + lp(draw_id.encode())
    return sha256_each(b"\x00", [n[:NONCE_BYTES] + head + row.encode() for n, row in zip(nonces, rows, strict=True)])


def token(secret: bytes, draw_id: str, item: str) -> str:
    """Return the unguessable path (32 hex digits) of one opening or task page."""
    return hmac_sha256(secret, lp(draw_id.encode()) + lp(b"token") + lp(item.encode()))[:NONCE_BYTES].hex()


def log_leaf(nonce: bytes, record_hash: bytes) -> bytes:
    """Return the blinded hash that a log entry carries for a record."""
    return sha256(b"\x00" + nonce + record_hash)


def entry_leaf(entry: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of one log entry."""
    return sha256(b"\x00" + entry)


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree head over `leaves` (RFC 6962, 2.1)."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        paired = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]


class Frontier:
    """A growing tree: the roots of its full subtrees, largest first; a leaf costs O(log n)."""

    def __init__(self) -> None:
        self._peaks: list[bytes] = []
        self._size = 0

    def add(self, leaf: bytes) -> None:
        """Add a leaf hash, or the root of a full tile where tiles are the leaves, at the right."""
        size, peak = self._size, leaf
        while size & 1:
            peak, size = node(self._peaks.pop(), peak), size >> 1
        self._peaks.append(peak)
        self._size += 1

    def root(self) -> bytes:
        """Return what :func:`root` gives for the leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *rest, found = self._peaks
        for peak in reversed(rest):
            found = node(peak, found)
        return found


def _split(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


class Tree:
    """A growing tree that keeps the roots of its full subtrees: a leaf, a root and a proof cost O(log n) each."""

    def __init__(self) -> None:
        self._full: list[list[bytes]] = [[]]

    def add(self, leaf: bytes) -> None:
        """Add a leaf hash at the right."""
        self._full[0].append(leaf)
        level = 0
        while len(self._full[level]) % 2 == 0:
            if level + 1 == len(self._full):
                self._full.append([])
            self._full[level + 1].append(node(*self._full[level][-2:]))
            level += 1

    def __len__(self) -> int:
        """Return the number of leaves."""
        return len(self._full[0])

    def root(self, size: int) -> bytes:
        """Return what :func:`root` gives for the first `size` leaves."""
        return self._root(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, size: int, index: int) -> list[bytes]:
        """Return what :func:`inclusion_proof` gives for a leaf among the first `size`."""
        if not 0 <= index < size <= len(self):
            raise CanonError("MERKLE_INDEX", f"no leaf {index} in a tree of {size}")
        path: list[bytes] = []
        lo, hi = 0, size
        while hi - lo > 1:
            middle = lo + _split(hi - lo)
            if index < middle:
                path.append(self._root(middle, hi))
                hi = middle
            else:
                path.append(self._root(lo, middle))
                lo = middle
        return path[::-1]

    def consistency_proof(self, size: int, old: int) -> list[bytes]:
        """Return what :func:`consistency_proof` gives for the first `old` among the first `size` leaves."""
        if not 0 < old <= size <= len(self):
            raise CanonError("MERKLE_SIZE", f"no consistency from {old} to {size} leaves")
        path: list[bytes] = []
        lo, hi = 0, size
        while hi != old:
            middle = lo + _split(hi - lo)
            if old <= middle:
                path.append(self._root(middle, hi))
                hi = middle
            else:
                path.append(self._root(lo, middle))
                lo = middle
        return ([self._root(lo, hi)] if lo else []) + path[::-1]

    def _root(self, lo: int, hi: int) -> bytes:
        """Return the root over leaves that begin where a full subtree could."""
        n = hi - lo
        if n & (n - 1) == 0:
            return self._full[n.bit_length() - 1][lo // n]
        middle = lo + _split(n)
        return node(self._root(lo, middle), self._root(middle, hi))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf `index` (RFC 6962, 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise CanonError("MERKLE_INDEX", f"no leaf {index} in a tree of {len(leaves)}")
    return path(levels(leaves), index)


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the rows of the tree from the leaves up to the two below its root: what `path` reads many proofs from."""
    found: list[list[bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        found.append(level)
        level = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + level[len(level) & ~1 :]
    return found


def path(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the audit path of leaf `index`, given the tree's `levels`."""
    found = [(level, (index >> n) ^ 1) for n, level in enumerate(tree)]
    return [level[at] for level, at in found if at < len(level)]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Return whether `proof` puts `leaf` at `index` of the tree of `size` with `head` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or any(len(h) != len(EMPTY_ROOT) for h in (leaf, head, *proof)):
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == head


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return the proof that the tree of the first `old` leaves is a prefix of the whole (RFC 6962, 2.1.2)."""
    if not 0 < old <= len(leaves):
        raise CanonError("MERKLE_SIZE", f"no consistency from {old} to {len(leaves)} leaves")
    return _subproof(old, list(leaves), whole=True)


def _subproof(m: int, part: list[bytes], *, whole: bool) -> list[bytes]:
    n = len(part)
    if m == n:
        return [] if whole else [root(part)]
    k = _split(n)
    if m <= k:
        return [*_subproof(m, part[:k], whole=whole), root(part[k:])]
    return [*_subproof(m - k, part[k:], whole=False), root(part[:k])]


def consistent(old: int, new: int, old_head: bytes, new_head: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the old tree is a prefix of the new one (RFC 9162, 2.1.4.2).

    A size of 0 proves nothing and is refused, as are hashes of the wrong length.
    """
    if not 0 < old <= new or any(len(h) != len(EMPTY_ROOT) for h in (old_head, new_head, *proof)):
        return False
    if old == new:
        return not proof and old_head == new_head
    path = list(proof) if old & (old - 1) else [old_head, *proof]
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_head and sr == new_head
