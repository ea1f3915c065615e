"""RFC 6962 section 2.1 (and RFC 9162 2.1.3.2, 2.1.4.2 for checking), over leaf hashes."""

from tests.reference.bytes_ import sha256


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def split(size: int) -> int:
    """The largest power of two smaller than size."""
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*inclusion(index, leaves[:k]), root(leaves[k:])]
    return [*inclusion(index - k, leaves[k:]), root(leaves[:k])]


def consistency(size: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b)."""
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if size <= k:
        return [*consistency(size, leaves[:k], whole=whole), root(leaves[k:])]
    return [*consistency(size - k, leaves[k:], whole=False), root(leaves[:k])]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """The root this path leads to; None when the path has the wrong length."""
    if not 0 <= index < size:
        return None
    if size == 1:
        return None if proof else leaf
    if not proof:
        return None
    k = split(size)
    if index < k:
        left = root_from_inclusion(leaf, index, k, proof[:-1])
        return None if left is None else node(left, proof[-1])
    right = root_from_inclusion(leaf, index - k, size - k, proof[:-1])
    return None if right is None else node(proof[-1], right)


def roots_from_consistency(
    size1: int, size2: int, known: bytes, proof: list[bytes], *, whole: bool = True
) -> tuple[bytes, bytes] | None:
    """Both roots that the proof leads to, the old one taken as known where the proof leaves it out."""
    if size1 == size2:
        if whole:
            return None if proof else (known, known)
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not 0 < size1 < size2 or not proof:
        return None
    k = split(size2)
    if size1 <= k:
        inner = roots_from_consistency(size1, k, known, proof[:-1], whole=whole)
        return None if inner is None else (inner[0], node(inner[1], proof[-1]))
    inner = roots_from_consistency(size1 - k, size2 - k, known, proof[:-1], whole=False)
    return None if inner is None else (node(proof[-1], inner[0]), node(proof[-1], inner[1]))
