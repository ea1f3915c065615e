"""The rule of selection in integers: key, order, choice (docs/spec/draw.md, 9).

Verification uses this module alone. Keys are rational numbers of about 310 bits; most are told apart by the
integer part of Q 2^128, the others by cross multiplication, so the order is exact and still fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import total_ordering
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from sampler.errors import DrawError
from sampler.ticket import ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

L_ONE: Final = 2**32
"""L is lambda in these units."""
U_ONE: Final = 2**257
"""2h + 1 is the uniform number in these units."""
SCALE_BITS: Final = 128


@total_ordering
@dataclass(frozen=True, slots=True)
class Key:
    """Key of one unit, ordered by Q = (2h+1)(2^32-L) / (L(2^257-2h-1)), then by id.

    Parameters
    ----------
    h
        The unit's ticket, 256 bits.
    L
        Its parameter, 1 <= L <= 2^32-1.
    id
        The unit.
    """

    h: int
    L: int
    id: str

    @property
    def num(self) -> int:
        """Numerator of Q, not reduced."""
        return (2 * self.h + 1) * (L_ONE - self.L)

    @property
    def den(self) -> int:
        """Denominator of Q, not reduced."""
        return self.L * (U_ONE - 2 * self.h - 1)

    def __lt__(self, other: Key) -> bool:
        """Return whether this unit comes first."""
        mine, theirs = self.num * other.den, other.num * self.den
        return mine < theirs or (mine == theirs and self.id < other.id)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a stratum's keys decide.

    Parameters
    ----------
    drawn, reserves
        Units in the order of their keys.
    tau
        h and L of the (m+1)-th key; None when there is none.
    """

    drawn: tuple[str, ...]
    reserves: tuple[str, ...]
    tau: tuple[int, int] | None


def choose(units: Iterable[tuple[str, int]], key: bytes, m: int, reserves: int) -> Choice:
    """Return the m units with the smallest keys and the reserves after them (draw.md, 9).

    Parameters
    ----------
    units
        Id and L of every unit of a numbered level, in any order.
    key
        K of the draw (`ticket.object_key`).
    m, reserves
        How many to draw, and how many to name after them (fewer if the units run out).

    Raises
    ------
    DrawError
        ``SELECT_SIZE`` when m is not in 0..number of units or reserves is negative, ``SELECT_L`` for an L outside
        1..2^32-1, ``SELECT_DUPLICATE`` for an id that stands twice.
    """
    found = list(units)
    check([u for u, _ in found], min((x for _, x in found), default=1), max((x for _, x in found), default=1))
    check_size(len(found), m, reserves)
    return settle([Key(ticket(key, unit), L, unit) for unit, L in found], m, reserves)


def settle(keys: Sequence[Key], m: int, reserves: int) -> Choice:
    """Return the choice among `keys`, which must hold the m + reserves + 1 smallest of the stratum."""
    rough = [(k.num << SCALE_BITS) // k.den for k in keys]
    wanted = nsmallest(m + reserves + 1, rough)
    edge = wanted[-1] if wanted else -1
    near = sorted((q, k) for q, k in zip(rough, keys, strict=True) if q <= edge)
    order = [k for _, k in near]
    tau = (order[m].h, order[m].L) if len(order) > m else None
    ids = tuple(k.id for k in order[: m + reserves])
    return Choice(ids[:m], ids[m:], tau)


def check(ids: Sequence[str], smallest: int, largest: int) -> None:
    """Refuse an L outside 1..2^32-1 (given the smallest and the largest) and ids that stand twice."""
    for found in (smallest, largest):
        if not 1 <= found < L_ONE:
            raise DrawError("SELECT_L", "a numbered level has an L outside 1..2^32-1", found=found)
    if len(set(ids)) != len(ids):
        seen: set[str] = set()
        twice = next(i for i in ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]  # add gives None
        raise DrawError("SELECT_DUPLICATE", "a unit stands twice in one stratum", found=twice)


def check_size(size: int, m: int, reserves: int) -> None:
    """Refuse an m outside 0..size and a negative number of reserves."""
    if not 0 <= m <= size or reserves < 0:
        raise DrawError("SELECT_SIZE", f"cannot draw {m} and {reserves} reserves of {size} units", found=m)
