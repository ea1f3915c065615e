"""Judge an assignment record without a solver, in unbounded integers (docs/spec/assignment.md, section 10).

Nothing of the record is believed: blocks, bounds and tickets are derived again, and the published potentials prove
that no other lawful assignment is as cheap.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from sampler.assign.bans import NEW, Flow, declared, standing_bans
from sampler.assign.blocks import Block, build
from sampler.assign.flow import feasible
from sampler.assign.model import VACANCY, Rung, parse_rules, reason
from sampler.assign.residual import (
    EXACT,
    ROUNDS,
    Arithmetic,
    TicketRule,
    both,
    is_anchored,
    is_unique,
    loads,
    passed,
    tickets,
)
from sampler.assign.stages import replay, tied
from sampler.errors import DrawError, Place
from sampler.ticket import assign_tickets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.assign.bans import Past
    from sampler.assign.model import Group, Rules, Target
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals

Seat = tuple[str, str]
"""Group and officer."""
_BIG: Final = re.compile(r"0|-?[1-9][0-9]{0,39}")


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything the record is held against."""

    rules: Rules
    targets: dict[str, Target]
    officers: dict[str, Officer]
    recusals: Recusals
    groups: dict[str, dict[str, Group]]


def check(
    record: dict[str, Json],
    plan: dict[str, Json],
    targets: Iterable[Target],
    officers: Iterable[Officer],
    recusals: Recusals,
    seed: bytes,
    *,
    rule: TicketRule = assign_tickets,
    judge: Arithmetic = EXACT,
) -> None:
    """Return quietly when `record` is the assignment that the seal and the seed prescribe (assignment.md, 10).

    Parameters
    ----------
    record
        An assignment record whose field table has been checked (records.md, 3.9).
    plan, targets, officers, recusals
        As for :func:`sampler.assign.solve.solve`.
    seed
        The draw's seed.
    rule
        How tickets are computed; for tests only.
    judge
        Who hashes and prices the arcs: the standard library, or `arrays.FAST` where numpy is at hand.

    Raises
    ------
    DrawError
        The first defect: ``ASSIGN_TEAM``, ``ASSIGN_TEMPLATE``, ``ASSIGN_COUNT``, ``ASSIGN_INELIGIBLE``,
        ``ASSIGN_TWICE``, ``ASSIGN_ORDER``, ``ASSIGN_BANS``, ``ASSIGN_BLOCKS``, ``ASSIGN_RUNG``, ``ASSIGN_ROUND``,
        ``ASSIGN_VACANCY``, ``ASSIGN_LOAD``, ``ASSIGN_COST``, ``ASSIGN_POTENTIALS``, ``ASSIGN_TIE``.
    """
    what, who = list(targets), list(officers)
    rules = parse_rules(plan)
    case = _Case(
        rules,
        {t.object_id: t for t in what},
        {o.inspector_id: o for o in who},
        recusals,
        {t.template: {g.group: g for g in t.groups} for t in rules.templates},
    )
    blocks = build(case.rules, what, who, recusals)
    if not declared(record["blocks"], rules.together) or record["bans"] != standing_bans(record["blocks"]):
        _refuse("ASSIGN_BANS", "bans are not those of the stages, or there is no limit on meetings", "bans")
    teams = _check_objects(record["teams"], case)
    used = [_check_teams(block, teams, case) for block in blocks]
    if [entry["block"] for entry in record["blocks"]] != [block.block for block in blocks]:
        _refuse("ASSIGN_BLOCKS", "blocks are not the connected components, by smallest object", "blocks")
    check_blocks(blocks, record["blocks"], used, case.rules, seed, rule=rule, judge=judge)


class _Team(NamedTuple):
    """What the record says of one object; there may be 100,000."""

    template: str
    serving: list[Seat]
    vacant: list[tuple[str, int]]


def _check_objects(teams: list[dict[str, Json]], case: _Case) -> dict[str, _Team]:
    found = [team["object_id"] for team in teams]
    if wrong := set(found) ^ set(case.targets):
        _refuse("ASSIGN_TEAM", "teams are not those of the drawn objects", "teams", min(wrong))
    if len(found) != len(case.targets):
        _refuse("ASSIGN_TEAM", "an object has two teams", "teams", Counter(found).most_common(1)[0][0])
    if found != sorted(found):
        _refuse("ASSIGN_ORDER", "teams are not in order of object_id", "teams")
    out = {}
    for object_id, team in zip(found, teams, strict=True):
        serving = [(m["group"], m["inspector_id"]) for m in team["members"]]
        vacant = [(v["group"], v["count"]) for v in team["vacant"]]
        if not _increasing(serving) or (vacant and not _increasing([group for group, _ in vacant])):
            _refuse("ASSIGN_ORDER", "members or vacant groups are not in increasing order", f"teams.{object_id}")
        out[object_id] = _Team(team["template"], serving, vacant)
    return out


def _increasing(rows: list[Any]) -> bool:
    return len(rows) < 2 or rows == sorted(set(rows))  # noqa: PLR2004  # a pair is what can be out of order


def _check_teams(block: Block, teams: dict[str, _Team], case: _Case) -> list[int]:
    """Return the arcs that the teams of a block use, increasing."""
    at, known = {who: i for i, who in enumerate(block.officers)}, dict[str, tuple[list[str], dict[str, int]]]()
    used, line, start, first = list[int](), block.who, block.start, 0
    for object_id, template in block.templates.items():
        if template not in known:
            groups = case.groups[template]
            whole = [name for name in sorted(groups) for _ in range(groups[name].count)]
            known[template] = whole, {name: n for n, name in enumerate(sorted(groups))}
        team, (whole, number) = teams[object_id], known[template]
        if team.vacant or team.template != template or [name for name, _ in team.serving] != whole:
            _check_places(team, template, case.groups[template], object_id)
        for name, who in team.serving:
            i, g = at.get(who, -1), first + number[name]
            arc = bisect_left(line, i, start[g], start[g + 1])
            if arc == start[g + 1] or line[arc] != i:
                _refuse_member(who, case.groups[template][name], case, object_id)
            used.append(arc)
        if len({who for _, who in team.serving}) < len(team.serving):
            _refuse("ASSIGN_TWICE", "an officer stands twice in the team", f"teams.{object_id}")
        if team.vacant and any(name not in number or count < 1 for name, count in team.vacant):
            where = f"teams.{object_id}"
            _refuse("ASSIGN_VACANCY", "a vacancy of no place, or of an unknown group", where, team.vacant)
        first += len(number)
    return used


def _check_places(team: _Team, template: str, groups: dict[str, Group], object_id: str) -> None:
    where = f"teams.{object_id}"
    if team.template != template:
        _refuse("ASSIGN_TEMPLATE", f"the object's template is {template}", where, team.template)
    if strange := [g for g, _ in team.serving if g not in groups]:
        _refuse("ASSIGN_COUNT", "the team has no such group", where, strange[0])
    filled = Counter(group for group, _ in team.serving)
    for name, count in team.vacant:
        filled[name] += count
    for group in groups.values():
        if filled[group.group] != group.count:
            _refuse("ASSIGN_COUNT", f"members and vacancies do not add up to {group.count}", where, group.group)


def _refuse_member(who: str, group: Group, case: _Case, object_id: str) -> NoReturn:
    where = f"teams.{object_id}"
    officer = case.officers.get(who)
    if officer is None:
        _refuse("ASSIGN_INELIGIBLE", "not in the roster: unknown", where, who)
    why = reason(officer, case.targets[object_id], group, case.rules, case.recusals)
    _refuse("ASSIGN_INELIGIBLE", f"may not serve here: {why}", where, who)


def check_blocks(
    blocks: Sequence[Block],
    entries: Sequence[dict[str, Json]],
    flows: Sequence[list[int]],
    rules: Rules,
    seed: bytes,
    *,
    rule: TicketRule,
    judge: Arithmetic,
    past: Past = NEW,
) -> None:
    """Check the entries of blocks, step by step over all of them (assignment.md, 10, steps 5 to 9).

    Parameters
    ----------
    blocks, entries
        The blocks by rule, and what the record says of each.
    flows
        The arcs that the teams use, of every block, increasing.
    rules
        For the ladder.
    seed, rule, judge
        As for :func:`check`.
    past
        Meetings that stood before.
    """
    found = []
    priced = judge.priced(blocks, [entry["round"] for entry in entries], seed, rule)
    for block, entry, used in zip(blocks, entries, flows, strict=True):
        rung = _rung(entry, rules)
        _check_numbers(block, rung, used, entry)
        costs = next(priced)
        if entry["cost"] != str(sum(costs[a] for a in used)):
            where = f"blocks.{block.block}"
            _refuse("ASSIGN_COST", "cost is not the sum of the members' tickets", where, entry["cost"])
        found.append((block, entry, rung, used, costs))
    pasts = []
    for block, entry, rung, used, costs in found:
        flow = Flow(block, costs, used)
        pasts.append(past)
        if rules.together:
            flow = replay(flow, rung, entry["stages"], rules.together, past, judge)
            past = past.joined(flow.seats())
        _check_optimal(flow, rung, entry, judge)
    for (block, entry, rung, used, _), before in zip(found, pasts, strict=True):
        for earlier in range(entry["round"]):
            costs = tickets(block, seed, earlier, rule)
            if not tied(block, rung, len(used), costs, rules.together, before):
                _refuse("ASSIGN_ROUND", f"round {earlier} was not tied", f"blocks.{block.block}", entry["round"])
        _check_rung(block, rung, used, rules)


def _rung(entry: dict[str, Json], rules: Rules) -> Rung:
    where = f"blocks.{entry['block']}"
    rung = next((r for r in (*rules.ladder, VACANCY) if r.rung == entry["rung"]), None)
    if rung is None:
        _refuse("ASSIGN_RUNG", "the ladder has no such rung", where, entry["rung"])
    if entry["round"] not in range(ROUNDS):
        _refuse("ASSIGN_ROUND", "rounds go from 0 to 7", where, entry["round"])
    return rung


def _check_numbers(block: Block, rung: Rung, used: list[int], entry: dict[str, Json]) -> None:
    where, empty = f"blocks.{block.block}", block.demand - len(used)
    if entry["vacancies"] != empty:
        _refuse("ASSIGN_VACANCY", f"the teams leave {empty} places empty", where, entry["vacancies"])
    if empty and rung != VACANCY:
        _refuse("ASSIGN_VACANCY", "vacancies are lawful on the rung `vacancy` only", where, entry["rung"])
    for who, load, low, high in zip(block.officers, loads(block, used), *block.bounds(rung), strict=True):
        if not low <= load <= high:
            _refuse("ASSIGN_LOAD", f"{load} visits, lawful are {low} to {high}", where, who)
    for (limit, who), load, most in zip(block.limits, passed(block, used), block.most, strict=True):
        if load > most:
            _refuse("ASSIGN_LOAD", f"{load} visits under the limit {limit}, lawful are {most}", where, who)


def _check_optimal(flow: Flow, rung: Rung, entry: dict[str, Json], judge: Arithmetic) -> None:
    block, used = flow.block, flow.used
    where, published = f"blocks.{block.block}", entry["potentials"]
    nodes = block.names()
    if published.keys() != (expected := set(nodes)):
        _refuse("ASSIGN_POTENTIALS", "a potential is missing or of no node", where, min(published.keys() ^ expected))
    if not all(map(_BIG.fullmatch, published.values())):
        odd = next(v for v in published.values() if _BIG.fullmatch(v) is None)
        _refuse("ASSIGN_POTENTIALS", "no canonical integer of at most 40 digits", where, odd)
    potentials = [int(published[n]) for n in nodes]
    arcs = judge.tight(block, rung, used, flow.costs, potentials)
    if arcs is None or not is_anchored(potentials, arcs):
        _refuse("ASSIGN_POTENTIALS", "potentials are not the canonical ones, or a cheaper assignment exists", where)
    if not is_unique(block.nodes, both(block, rung, used), arcs):
        _refuse("ASSIGN_TIE", "another assignment costs the same: the next round decides", where)


def _check_rung(block: Block, rung: Rung, used: list[int], rules: Rules) -> None:
    """Refuse when an earlier rung is feasible."""
    if len(used) < block.demand:
        return  # the fewest vacancies, just proved, are not none: every rung bounds loads more tightly
    for tighter in rules.ladder:
        if tighter == rung:
            return
        if feasible(block, tighter, used):
            where = f"blocks.{block.block}"
            _refuse("ASSIGN_RUNG", f"the earlier rung {tighter.rung} is feasible", where, rung.rung)


def _refuse(code: str, message: str, where: str, found: object = "") -> NoReturn:
    raise DrawError(
        code,
        message,
        hint="solve the draw again from the seal and the seed; never edit an assignment by hand",
        place=Place(file="assignment.json", column=where),
        found=found,
    )
