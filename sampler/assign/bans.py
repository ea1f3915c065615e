"""Limits on how often two officers meet: visits are banned one by one, the dearest first (docs/spec/assignment.md, 18).

No network holds such a limit, so it is met step by step. Which visit goes follows from the tickets, never from a name.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from sampler.assign.residual import bound_arcs, pair_arcs
from sampler.errors import DrawError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung
    from sampler.canon import Json

Seat = tuple[str, str, str]
"""Object, group, officer."""
Pair = tuple[str, str]
"""Two officers, in order."""
Visit = tuple[int, int]
"""Positions of object and officer in a block."""
Again = Callable[["Block", "array[int]"], "list[int] | None"]
"""The cheapest flow that leaves no more places empty, None when there is none; a tie raises ``ASSIGN_TIE``."""


def too_many(assignment: dict[str, Any], most: int | None) -> list[tuple[str, str, int]]:
    """Return the pairs of an assignment record that meet more than `most` times, and how often."""
    met = meetings([m["inspector_id"] for m in t["members"]] for t in assignment["teams"]) if most else {}
    return [(i, j, n) for (i, j), n in sorted(met.items()) if most and n > most]


@dataclass(frozen=True, slots=True)
class Past:
    """What stood before a block was solved: who is in the teams of its objects, and how often pairs met."""

    standing: Mapping[str, Collection[str]] = field(default_factory=dict)
    met: Mapping[Pair, int] = field(default_factory=dict)

    def joined(self, seats: Iterable[Seat]) -> Past:
        """Return what stands once these officers have entered; later blocks are of other objects."""
        teams: dict[str, set[str]] = {}
        for e, _, i in seats:
            teams.setdefault(e, set()).add(i)
        met = Counter(self.met)
        for e, entering in teams.items():
            here = set(self.standing.get(e, ()))
            met += meetings([here | entering])
            met -= meetings([here])
        return Past(self.standing, met)


NEW: Final = Past()
"""Nobody has met."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A block without the visits banned so far, the tickets of its arcs, and its cheapest flow."""

    block: Block
    costs: array[int]
    used: list[int]

    def seats(self) -> frozenset[Seat]:
        """Return who serves where."""
        b = self.block
        at = zip(self.used, b.group_of(self.used), strict=True)
        return frozenset((*b.groups[g], b.officers[b.who[a]]) for a, g in at)


def arcs_of(block: Block, seats: Collection[Seat]) -> list[int] | None:
    """Return the arcs of the seats, increasing; None when one of them is none of the block's."""
    wanted = {(e, g): set[str]() for e, g in block.groups}
    for e, g, i in seats:
        if (e, g) not in wanted:
            return None
        wanted[e, g].add(i)
    used = [
        a
        for g, name in enumerate(block.groups)
        if wanted[name]
        for a in range(block.start[g], block.start[g + 1])
        if block.officers[block.who[a]] in wanted[name]
    ]
    return used if len(used) == len(seats) else None


def meetings(teams: Iterable[Collection[str]]) -> Counter[Pair]:
    """Return how often each pair of officers stands in one team."""
    return Counter(pair for team in teams for pair in combinations(sorted(team), 2))


def crowded(flow: Flow, most: int, past: Past) -> list[list[tuple[int, Visit]]]:
    """Return the meetings of the flow that are too many, each by the arcs that make it (assignment.md, 18)."""
    count, found = Counter(past.met), []
    for pair, arcs in _met(flow, past):
        count[pair] += 1
        found.append((pair, arcs))
    return [arcs for pair, arcs in found if count[pair] > most]


def dearest(flow: Flow, too_often: list[list[tuple[int, Visit]]], lifted: Collection[Visit]) -> list[int]:
    """Return the arcs of the highest ticket of all visits with one of these meetings.

    Visits whose ban was lifted stay. More than one arc is a tie; none means that nothing is left to ban.
    """
    open_ = {a: flow.costs[a] for arcs in too_often for a, visit in arcs if visit not in lifted}
    highest = max(open_.values(), default=0)
    return sorted(a for a, ticket in open_.items() if ticket == highest)


def _met(flow: Flow, past: Past) -> Iterable[tuple[Pair, list[tuple[int, Visit]]]]:
    """Yield every meeting that the flow makes: the pair, and the arcs that make it."""
    block, objects = flow.block, tuple(flow.block.templates)
    teams: dict[int, list[tuple[str, list[tuple[int, Visit]]]]] = {}
    for a, g in zip(flow.used, block.group_of(flow.used), strict=True):
        e, who = block.places[g], block.who[a]
        teams.setdefault(e, []).append((block.officers[who], [(a, (e, who))]))
    for e, entering in teams.items():
        there = [*entering, *((i, []) for i in past.standing.get(objects[e], ()))]
        for (i, one), (j, other) in combinations(there, 2):
            if one or other:
                yield (i, j) if i < j else (j, i), one + other


def visit_of(block: Block, arc: int) -> Visit:
    """Return the object and the officer of an arc."""
    return block.places[block.group_of([arc])[0]], block.who[arc]


def without(block: Block, costs: array[int], visit: Visit) -> tuple[Block, array[int]]:
    """Return the block without the arcs of one officer to one object; its nodes and bounds stay."""
    gone = _arcs(block, visit)
    who, left, tails = array("i", block.who), array("q", costs), array("i", block.tails)
    for a in reversed(gone):
        del who[a], left[a]
        if block.limits:
            del tails[a]
    start = array("q", (s - bisect_left(gone, s) for s in block.start))
    return replace(block, who=who, start=start, tails=tails), left


def _arcs(block: Block, visit: Visit) -> list[int]:
    place, officer = visit
    first, last = bisect_left(block.places, place), bisect_left(block.places, place + 1)
    found = []
    for g in range(first, last):
        a = bisect_left(block.who, officer, block.start[g], block.start[g + 1])
        if a < block.start[g + 1] and block.who[a] == officer:
            found.append(a)
    return found


def follow(flow: Flow, most: int, past: Past, again: Again) -> tuple[Flow, list[Json]]:
    """Return the best flow that the bans lead to, and the stages on the way (records.md, 3.9).

    Raises
    ------
    DrawError
        ``ASSIGN_TIE`` when two visits are equally dear, or a stage has two cheapest flows.
    """
    stages: list[Json] = []
    lifted: set[Visit] = set()
    meet = crowded(flow, most, past)
    ends, counts = [flow], [len(meet)]
    while len(stages) < flow.block.demand and (found := dearest(flow, meet, lifted)):
        if len(found) > 1:
            raise DrawError("ASSIGN_TIE", "two visits are equally dear", found=flow.block.block)
        visit = visit_of(flow.block, found[0])
        block, costs = without(flow.block, flow.costs, visit)
        used = again(block, costs)
        after = flow if used is None else Flow(block, costs, used)
        if used is None:
            lifted.add(visit)
        stages.append(stage(flow, visit, flow.seats(), after.seats(), lifted=used is None))
        flow, meet = after, crowded(after, most, past)
        ends.append(flow)
        counts.append(len(meet))
    best = counts.index(min(counts))
    for s in stages[best:]:
        if "lifted" not in s:
            s["undone"] = True
    return ends[best], stages


def kept(stages: Sequence[dict[str, Any]]) -> int:
    """Return after how many stages the assignment is: those before the first one that is undone."""
    return next((n for n, s in enumerate(stages) if "undone" in s), len(stages))


def stage(
    flow: Flow,
    visit: Visit,
    before: frozenset[Seat],
    after: frozenset[Seat],
    *,
    lifted: bool = False,
    undone: bool = False,
) -> dict[str, Json]:
    """Return the entry of a stage: the visit banned, and who changes; nobody does when the ban was lifted."""
    objects, (place, officer) = tuple(flow.block.templates), visit
    leaving, entering = before - after, after - before
    changes = [
        {"object_id": e, "leaving": _listed(leaving, e), "entering": _listed(entering, e)}
        for e in sorted({e for e, _, _ in leaving | entering})
    ]
    entry = {"object_id": objects[place], "inspector_id": flow.block.officers[officer], "changes": changes}
    return entry | ({"lifted": True} if lifted else {}) | ({"undone": True} if undone else {})


def _listed(seats: frozenset[Seat], object_id: str) -> list[dict[str, str]]:
    return [{"group": g, "inspector_id": i} for e, g, i in sorted(seats) if e == object_id]


def standing_bans(entries: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the bans that hold in the end, of the stages of all blocks (records.md, 3.9, `bans`)."""
    stages = (s for entry in entries for s in entry.get("stages", ()))
    rows = [
        {"object_id": s["object_id"], "inspector_id": s["inspector_id"]}
        for s in stages
        if not {"lifted", "undone"} & s.keys()
    ]
    return sorted(rows, key=lambda r: (r["object_id"], r["inspector_id"]))


def declared(entries: Iterable[dict[str, Any]], together: int) -> bool:
    """Return whether entries of blocks tell their stages exactly when there is a limit on meetings."""
    return all(("stages" in entry) == bool(together) for entry in entries)


def replaceable(flow: Flow, rung: Rung, arc: int) -> bool:
    """Return whether the place that `arc` fills can be filled without this officer at this object, and nothing be lost.

    That is a residual path from where the arc begins to where it ends; all residual arcs of the two begin at its end. A
    vacancy may be opened on the way only after one was closed.
    """
    block, used = flow.block, flow.used
    leaving: dict[int, list[tuple[int, int]]] = {}
    for tail, head, _ in pair_arcs(block, used, flow.costs):
        leaving.setdefault(tail, []).append((head, 0))
    for tail, head, cost in bound_arcs(block, rung, used):
        leaving.setdefault(tail, []).append((head, (cost > 0) - (cost < 0)))
    end = block.first + block.group_of([arc])[0]
    stack, seen = [(block.tail(arc), 0)], {(block.tail(arc), 0)}
    while stack:
        u, closed = stack.pop()
        if u == end:
            return True
        for v, opened in leaving.get(u, ()):
            step = (v, max(0, min(1, closed - opened)))
            if opened <= closed and step not in seen:
                seen.add(step)
                stack.append(step)
    return False
