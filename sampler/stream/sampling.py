"""A sample of a committed frame's rows that nobody but the verifier has chosen, and what it proves (docs/adr/0023)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sampler.canon import H
from sampler.select.exact import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

SURE: Final = 1000
"""One in so many samples may miss what the bound names: 99.9 %."""
TAKEN: Final = "T"


def picked(challenge: bytes, root: bytes, size: int, count: int) -> list[int]:
    """Return the rows to be opened: distinct places below `size`, in the order in which they are picked.

    Parameters
    ----------
    challenge
        32 bytes of the verifier's own, made after the root was published.
    root, size
        Of the committed frame.
    count
        How many; all rows when there are no more.

    Notes
    -----
    Number k is ``H("sample", challenge, root, k)`` modulo `size`, without repetition; what the remainder leaves uneven
    is below 2^-190.
    """
    found: dict[int, None] = {}
    number = 0
    while len(found) < min(count, size):
        found.setdefault(int.from_bytes(H("sample", challenge, root, number), "big") % size)
        number += 1
    return list(found)


def bound(size: int, count: int) -> int:
    """Return the smallest number of wrong rows of which a sample would have met one with probability 99.9 %.

    Exact: with d of `size` rows wrong, `count` distinct rows all pass with the hypergeometric chance
    C(size - d, count) / C(size, count). ``size + 1`` where even all rows wrong could pass: an empty sample.
    """
    if count == 0:
        return size + 1
    every = math.prod(range(size - count + 1, size + 1))
    low, high = 0, size
    while high - low > 1:
        wrong = (low + high) // 2
        passing = math.prod(range(size - wrong - count + 1, size - wrong + 1)) if wrong + count <= size else 0
        low, high = (low, wrong) if SURE * passing <= every else (wrong, high)
    return high


def drawn(key: Key | None, level: str, tau: Mapping[str, tuple[int, int]], stratum: str) -> bool:
    """Return whether a unit has to be among the drawn: what docs/spec/draw.md, 9, says about it alone.

    Parameters
    ----------
    key
        Of a unit of a numbered level.
    tau
        Ticket and L of the first unit that is not drawn, by stratum; a stratum without one draws all.
    """
    if key is None:
        return level == TAKEN
    if stratum not in tau:
        return True
    edge = Key(*tau[stratum], "")
    return key.num * edge.den < edge.num * key.den
