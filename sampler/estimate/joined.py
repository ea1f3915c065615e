"""Variance strata: which strata speak together for the variance (docs/spec/estimate.md, 4).

They follow from strata.tsv alone, which is sealed, so that nobody can choose them after seeing the results.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a stratum stands: its draw, clause, class and id. Bytes order them, as everywhere."""

    draw: str
    clause: str
    class_: str
    id: str


def variance_strata(sizes: Iterable[tuple[Place, int]]) -> dict[Place, int]:
    """Return the variance stratum, numbered from 0, of every stratum that leaves something to chance.

    A group with m = 1 joins the next group of the same draw, clause and class by id, or the previous one if it is the
    last; alone in its class, it joins within the clause, then within the draw, then the next draw.

    Parameters
    ----------
    sizes
        Place and m of every stratum; those with m = 0 are left out.
    """
    found = sorted((p, m) for p, m in sizes if m > 0)
    groups = [([place], m) for place, m in found]
    for depth in (3, 2, 1, 0):
        groups = _join(groups, depth)
    return {place: n for n, (members, _) in enumerate(groups) for place in members}


def _join(groups: Sequence[tuple[list[Place], int]], depth: int) -> list[tuple[list[Place], int]]:
    """Join the groups of one unit among those whose first `depth` names agree."""
    apart: dict[tuple[str, ...], list[tuple[list[Place], int]]] = defaultdict(list)
    for members, m in groups:
        first = members[0]
        apart[(first.draw, first.clause, first.class_)[:depth]].append((members, m))
    return [group for key in sorted(apart) for group in _chain(apart[key])]


def _chain(groups: list[tuple[list[Place], int]]) -> list[tuple[list[Place], int]]:
    out: list[tuple[list[Place], int]] = []
    for members, m in groups:
        if out and out[-1][1] == 1:
            before, one = out.pop()
            out.append((before + members, one + m))
        else:
            out.append((members, m))
    if len(out) > 1 and out[-1][1] == 1:
        last, one = out.pop()
        before, m = out.pop()
        out.append((before + last, m + one))
    return out
