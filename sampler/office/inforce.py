"""The teams in force: those of the draw, changed by its amendments in their order (docs/spec/assignment.md, 14).

Nothing is judged here: `sampler verify` does, and the office's documents show what the records say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One object's team now.

    Parameters
    ----------
    members
        Group and officer of each member.
    changes
        Numbers of the amendments that changed it.
    gone, called
        Number of the amendment that took the object off the list or called it as a reserve; 0: none.
    """

    members: tuple[Json, ...]
    vacant: tuple[Json, ...]
    template: str
    changes: tuple[int, ...] = ()
    gone: int = 0
    called: int = 0


def teams(assignment: Json, amendments: Sequence[Json], groups: Mapping[str, Sequence[str]]) -> dict[str, Team]:
    """Return the team of every object, reserves that were called included.

    Parameters
    ----------
    assignment
        The assignment record.
    amendments
        The amendment records by number.
    groups
        Slot groups of every template, in the plan's order of templates.
    """
    now = {
        t["object_id"]: Team(members=tuple(t["members"]), vacant=tuple(t["vacant"]), template=t["template"])
        for t in assignment["teams"]
    }
    for a in amendments:
        number = int(a["number"])
        for c in a["changes"]:
            old = now.get(c["object_id"]) or _called(c, number, groups)
            leaving = [_key(m) for m in c["leaving"]]
            stay = (m for m in old.members if _key(m) not in leaving)
            now[c["object_id"]] = replace(
                old, members=(*stay, *c["entering"]), vacant=tuple(c["vacant"]), changes=(*old.changes, number)
            )
        if a["cause"]["kind"] == "out-of-scope":
            what = a["cause"]["object_id"]
            now[what] = replace(now[what], gone=number, vacant=())
    return now


def _called(change: Json, number: int, groups: Mapping[str, Sequence[str]]) -> Team:
    """Return the empty team of a reserve: of the first template that has all its groups."""
    wanted = {x["group"] for x in (*change["entering"], *change["vacant"])}
    template = next(t for t, held in groups.items() if wanted <= set(held))
    return Team(members=(), vacant=(), template=template, called=number)


def _key(member: Json) -> tuple[str, str]:
    return (member["group"], member["inspector_id"])
