"""Limits on the visits of one officer in some districts, or in a week planned for them (docs/spec/assignment.md, 5.5).

The sets of districts are laminar: any two are nested or share nothing. So the limits of an officer form a tree below
him, the network stays a network, and everything that is proved of it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.crew import laminar
from sampler.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sampler.canon import Json

NO_LIMIT: Final = 10**9
"""More visits than anybody pays."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` visits of each officer in these districts."""

    limit: str
    districts: frozenset[str]
    most: int


Limits = tuple["Limit", ...]
"""A laminar family, smaller sets first."""


def parse_limits(rows: Iterable[dict[str, Json]]) -> Limits:
    """Return the limits of a plan, smaller sets first.

    Raises
    ------
    PlanError
        ``PLAN_LIMITS`` when two sets overlap or are the same, one is empty, a name stands twice or nobody may visit.
    """
    found = tuple(Limit(r["limit"], frozenset(r["districts"]), r["most"]) for r in rows)
    if not all(x.districts and x.most for x in found) or len({x.limit for x in found}) < len(found):
        raise PlanError("PLAN_LIMITS", "a limit needs a name of its own, districts, and at least one visit")
    if not laminar([x.districts for x in found]):
        raise PlanError("PLAN_LIMITS", "the districts of two limits overlap", found=", ".join(x.limit for x in found))
    return tuple(sorted(found, key=lambda x: (len(x.districts), x.limit)))


def chain(limits: Limits, district: str) -> list[int]:
    """Return the positions of the limits that hold a district, innermost first."""
    return [n for n, x in enumerate(limits) if district in x.districts]


def above(limits: Limits, position: int) -> int:
    """Return the position of the smallest limit around another one, -1 for none."""
    inner = limits[position].districts
    return next((n for n, x in enumerate(limits) if n > position and inner < x.districts), -1)


def reach(
    limits: Limits, objects: Mapping[str, int], most: int = NO_LIMIT, left: Sequence[int] | None = None
) -> tuple[int, frozenset[str]]:
    """Return how many of these objects an officer can visit at most, and the names of the limits that hold him back.

    Parameters
    ----------
    limits
        The family.
    objects
        District to the number of objects open to him.
    most
        His load; when it is what holds him back, no limit is named.
    left
        What is left of each limit, in order; absent: all of it.
    """
    total, held = 0, frozenset[str]()
    inside = [0] * len(limits)
    names: list[frozenset[str]] = [frozenset()] * len(limits)
    for district, n in objects.items():
        inner = next(iter(chain(limits, district)), -1)
        if inner < 0:
            total += n
        else:
            inside[inner] += n
    for n, x in enumerate(limits):
        cap = x.most if left is None else left[n]
        value, why = (cap, frozenset((x.limit,))) if cap < inside[n] else (inside[n], names[n])
        around = above(limits, n)
        if around < 0:
            total, held = total + value, held | why
        else:
            inside[around] += value
            names[around] |= why
    return (most, frozenset()) if most <= total else (total, held)
