"""The stages of a block's bans, checked one by one, by the standard library alone (docs/spec/assignment.md, 18)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from sampler.assign.bans import (
    Flow,
    Past,
    arcs_of,
    crowded,
    dearest,
    follow,
    kept,
    replaceable,
    stage,
    visit_of,
    without,
)
from sampler.assign.flow import cheapest
from sampler.assign.residual import EXACT, Arithmetic, both, is_unique, loads, passed, vacancies
from sampler.errors import DrawError, Place

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from sampler.assign.bans import Seat, Visit
    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung
    from sampler.canon import Json


def replay(end: Flow, rung: Rung, stages: Sequence[dict[str, Any]], most: int, past: Past, judge: Arithmetic) -> Flow:
    """Return the recorded flow of a block without the visits banned; its own certificate is checked elsewhere.

    Parameters
    ----------
    end
        The block, its tickets and the recorded flow, which is lawful.
    stages
        What the record says of the way; from the recorded flow those before follow backwards, and those after forwards.
    most, past
        The limit, and the meetings that stood before this block.

    Raises
    ------
    DrawError
        ``ASSIGN_BANS`` when a stage is not the one that the tickets prescribe, ``ASSIGN_TIE`` when one has two answers.
    """
    first = kept(stages)
    flows = [end.seats()]
    for s in reversed(stages[:first]):
        flows.insert(0, _moved(flows[0], s["changes"], "entering", "leaving"))
    for s in stages[first:]:
        flows.append(_moved(flows[-1], s["changes"], "leaving", "entering"))
    block, costs = end.block, end.costs
    lifted: set[tuple[int, int]] = set()
    ends, counts = list[Flow](), list[int]()

    def reached(flow: Flow) -> list[list[tuple[int, Visit]]]:
        meet = crowded(flow, most, past)
        ends.append(flow)
        counts.append(len(meet))
        return meet

    for s, (before, after) in zip(stages, pairwise(flows), strict=True):
        now = _proved(block, costs, before, rung, len(end.used), judge)
        arc = _next(now, reached(now), lifted)
        if arc is None:
            _refuse(block, "nothing is left to ban", s)
        visit, stays = visit_of(block, arc), "lifted" in s
        if s != stage(now, visit, before, after, lifted=stays, undone=not stays and len(ends) > first):
            _refuse(block, "another visit is to be banned, or others change", s)
        if stays and (before != after or replaceable(now, rung, arc)):
            _refuse(block, "the ban leaves no more places empty, so it holds", s)
        if stays:
            lifted.add(visit)
        else:
            block, costs = without(block, costs, visit)
    used = arcs_of(block, flows[-1])
    if used is None:
        _refuse(block, "a banned visit is paid")
    now = Flow(block, costs, used)
    if first < len(stages):
        now = _proved(block, costs, flows[-1], rung, len(end.used), judge)
    meet = reached(now)
    if len(stages) > block.demand or (len(stages) < block.demand and _next(now, meet, lifted) is not None):
        _refuse(block, "the bans end too early or too late")
    best = counts.index(min(counts))
    if first != next((n for n in range(best, len(stages)) if "lifted" not in stages[n]), len(stages)):
        _refuse(block, f"after {best} stages fewest meetings are too many: {counts[best]}")
    return ends[first]


def _next(flow: Flow, meet: list[list[tuple[int, Visit]]], lifted: set[Visit]) -> int | None:
    found = dearest(flow, meet, lifted)
    if len(found) > 1:
        raise DrawError("ASSIGN_TIE", "two visits are equally dear: the next round decides", found=flow.block.block)
    return found[0] if found else None


def _moved(seats: frozenset[Seat], changes: list[dict[str, Any]], gone: str, come: str) -> frozenset[Seat]:
    def listed(which: str) -> frozenset[Seat]:
        return frozenset((c["object_id"], m["group"], m["inspector_id"]) for c in changes for m in c[which])

    return seats - listed(gone) | listed(come)


def _proved(
    block: Block, costs: array[int], seats: frozenset[Seat], rung: Rung, filled: int, judge: Arithmetic
) -> Flow:
    """Return the flow of a stage, shown to be lawful, the cheapest, and the only one."""
    used = arcs_of(block, seats)
    if used is None or len(used) != filled or not _lawful(block, rung, used):
        _refuse(block, "a stage is not lawful")
    try:
        potentials = judge.canonical(block, rung, used, costs)
    except DrawError:
        _refuse(block, "a stage is not the cheapest")
    arcs = judge.tight(block, rung, used, costs, potentials)
    if arcs is None or not is_unique(block.nodes, both(block, rung, used), arcs):
        raise DrawError("ASSIGN_TIE", "a stage ties: the next round decides", found=block.block)
    return Flow(block, costs, used)


def _lawful(block: Block, rung: Rung, used: list[int]) -> bool:
    visits = [(block.places[g], block.who[a]) for a, g in zip(used, block.group_of(used), strict=True)]
    within = zip(loads(block, used), *block.bounds(rung), strict=True)
    return (
        min(vacancies(block, used), default=0) >= 0
        and len(set(visits)) == len(visits)
        and all(low <= load <= high for load, low, high in within)
        and all(load <= most for load, most in zip(passed(block, used), block.most, strict=True))
    )


def tied(block: Block, rung: Rung, filled: int, costs: array[int], most: int, past: Past) -> bool:
    """Return whether a round of tickets ties, by solving it anew (assignment.md, 9.4); `most` is 0 without a limit."""

    def again(b: Block, c: array[int]) -> list[int] | None:
        used = cheapest(b, rung, filled, c)
        if len(used) < filled or not _lawful(b, rung, used):
            return None
        arcs = EXACT.tight(b, rung, used, c, EXACT.canonical(b, rung, used, c))
        if arcs is not None and not is_unique(b.nodes, both(b, rung, used), arcs):
            raise DrawError("ASSIGN_TIE", "a stage ties", found=b.block)
        return used

    try:
        used = again(block, costs)
        if used is not None and most:
            follow(Flow(block, costs, used), most, past, again)
    except DrawError:
        return True
    return False


def _refuse(block: Block, message: str, found: Json = "") -> NoReturn:
    hint = "solve the draw again from the seal and the seed; never edit an assignment by hand"
    place = Place(file="assignment.json", column=f"blocks.{block.block}.stages")
    raise DrawError("ASSIGN_BANS", message, hint=hint, place=place, found=found)
