"""Is the burden shared, and do the same two always meet? Counts and entropies of assignments (assignment.md, 17).

Floats estimate here; nothing is decided.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Month:
    """One draw.

    Parameters
    ----------
    draw_id
        Its name.
    teams
        Object to its officers, amendments included.
    open_to
        Object to the officers who could have come.
    """

    draw_id: str
    teams: Mapping[str, frozenset[str]]
    open_to: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Fairness:
    """How visits and meetings are spread over one or more draws.

    Parameters
    ----------
    loads, chances
        Officer to visits paid, and to objects that were open to him.
    never
        Officers with an object open to them who paid no visit.
    partners
        Two officers to the number of their common visits.
    entropy, bound
        Bits of the distribution of common visits over pairs, and the most that as many visits could have over the pairs
        that were possible.
    returns
        (officer, object) to the number of draws in which they met, where more than one.
    """

    loads: dict[str, int]
    chances: dict[str, int]
    never: tuple[str, ...]
    partners: dict[Pair, int]
    entropy: float
    bound: float
    returns: dict[Pair, int]


def fairness(months: Iterable[Month]) -> Fairness:
    """Return the report over some draws."""
    loads: Counter[str] = Counter()
    chances: Counter[str] = Counter()
    partners: Counter[Pair] = Counter()
    met: Counter[Pair] = Counter()
    possible: set[Pair] = set()
    for month in months:
        for object_id, team in month.teams.items():
            loads.update(team)
            partners.update(combinations(sorted(team), 2))
            met.update((i, object_id) for i in team)
        for able in set(month.open_to.values()):
            possible.update(combinations(sorted(able), 2))
        for able in month.open_to.values():
            chances.update(able)
    possible |= partners.keys()
    return Fairness(
        loads={i: loads[i] for i in sorted(chances.keys() | loads.keys())},
        chances=dict(sorted(chances.items())),
        never=tuple(sorted(i for i in chances if not loads[i])),
        partners=dict(sorted(partners.items(), key=lambda p: (-p[1], p[0]))),
        entropy=entropy(partners.values()),
        bound=even(partners.total(), len(possible)),
        returns={p: n for p, n in sorted(met.items(), key=lambda p: (-p[1], p[0])) if n > 1},
    )


def entropy(counts: Iterable[int]) -> float:
    """Return the entropy of a distribution given by counts, in bits.

    >>> entropy([1, 1, 2])
    1.5
    """
    found = [c for c in counts if c]
    total = sum(found)
    return sum(c / total * log2(total / c) for c in found) if total else 0.0


def even(total: int, cells: int) -> float:
    """Return the largest entropy of `total` counts over `cells` cells: as even as whole numbers allow.

    >>> even(4, 8)
    2.0
    """
    if not total or not cells:
        return 0.0
    least, more = divmod(total, cells)
    return entropy([least + 1] * more + [least] * (cells - more))
