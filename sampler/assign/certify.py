"""Judge an assignment record without a solver, in unbounded integers (docs/spec/assignment.md, section 10).

Nothing of the record is believed: blocks, bounds and tickets are derived again, and the published potentials prove
that no other lawful assignment is as cheap.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

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
    vacancies,
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

Seats = dict[tuple[str, str], frozenset[str]]
"""(object_id, group) to those who may serve there."""
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
    _check_objects(record["teams"], case)
    teams = {team["object_id"]: team for team in record["teams"]}
    for block in blocks:
        seats = _seats(block)
        for object_id, template in block.templates.items():
            _check_team(teams[object_id], template, case, seats)
    if [entry["block"] for entry in record["blocks"]] != [block.block for block in blocks]:
        _refuse("ASSIGN_BLOCKS", "blocks are not the connected components, by smallest object", "blocks")
    check_blocks(blocks, record["blocks"], teams, case.rules, seed, rule=rule, judge=judge)


def _check_objects(teams: list[dict[str, Json]], case: _Case) -> None:
    found = [team["object_id"] for team in teams]
    if wrong := set(found) ^ set(case.targets):
        _refuse("ASSIGN_TEAM", "teams are not those of the drawn objects", "teams", min(wrong))
    if len(found) != len(case.targets):
        _refuse("ASSIGN_TEAM", "an object has two teams", "teams", Counter(found).most_common(1)[0][0])
    if found != sorted(found):
        _refuse("ASSIGN_ORDER", "teams are not in order of object_id", "teams")
    for team in teams:
        serving, vacant = _places(team)
        if serving != sorted(set(serving)) or [g for g, _ in vacant] != sorted({g for g, _ in vacant}):
            where = f"teams.{team['object_id']}"
            _refuse("ASSIGN_ORDER", "members or vacant groups are not in increasing order", where)


def _places(team: dict[str, Json]) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    serving = [(m["group"], m["inspector_id"]) for m in team["members"]]
    return serving, [(v["group"], v["count"]) for v in team["vacant"]]


def _seats(block: Block) -> Seats:
    """Return who may serve in every group; groups with one row of officers share one set."""
    start, known, out = block.start, dict[bytes, frozenset[str]](), {}
    for g, name in enumerate(block.groups):
        row = block.who[start[g] : start[g + 1]]
        same = row.tobytes()
        if same not in known:
            known[same] = frozenset(block.officers[i] for i in row)
        out[name] = known[same]
    return out


def _check_team(team: dict[str, Json], template: str, case: _Case, seats: Seats) -> None:
    object_id = team["object_id"]
    where = f"teams.{object_id}"
    if team["template"] != template:
        _refuse("ASSIGN_TEMPLATE", f"the object's template is {template}", where, team["template"])
    groups = case.groups[template]
    serving, vacant = _places(team)
    if strange := [g for g, _ in serving if g not in groups]:
        _refuse("ASSIGN_COUNT", "the team has no such group", where, strange[0])
    filled = Counter(group for group, _ in serving)
    for name, count in vacant:
        filled[name] += count
    for group in groups.values():
        if filled[group.group] != group.count:
            _refuse("ASSIGN_COUNT", f"members and vacancies do not add up to {group.count}", where, group.group)
    for name, who in serving:
        if who not in seats[object_id, name]:
            _check_member(who, groups[name], case, object_id)
    if len({who for _, who in serving}) < len(serving):
        _refuse("ASSIGN_TWICE", "an officer stands twice in the team", where)
    if any(name not in groups or count < 1 for name, count in vacant):
        _refuse("ASSIGN_VACANCY", "a vacancy of no place, or of an unknown group", where, vacant)


def _check_member(who: str, group: Group, case: _Case, object_id: str) -> None:
    where = f"teams.{object_id}"
    officer = case.officers.get(who)
    if officer is None:
        _refuse("ASSIGN_INELIGIBLE", "not in the roster: unknown", where, who)
    why = reason(officer, case.targets[object_id], group, case.rules, case.recusals)
    if why:
        _refuse("ASSIGN_INELIGIBLE", f"may not serve here: {why}", where, who)


def check_blocks(
    blocks: Sequence[Block],
    entries: Sequence[dict[str, Json]],
    teams: dict[str, dict[str, Any]],
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
    teams
        Object to its ``members``, all eligible.
    rules
        For the ladder.
    seed, rule, judge
        As for :func:`check`.
    past
        Meetings that stood before.
    """
    found = []
    priced = judge.priced(blocks, [entry["round"] for entry in entries], seed, rule)
    for block, entry in zip(blocks, entries, strict=True):
        rung, used = _rung(entry, rules), _used(block, teams)
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


def _used(block: Block, teams: dict[str, dict[str, Any]]) -> list[int]:
    """Return the arcs that the record uses, increasing; every member is eligible by now, so every arc exists."""
    at = {who: i for i, who in enumerate(block.officers)}
    out: list[int] = []
    for g, (object_id, group) in enumerate(block.groups):
        for member in teams[object_id]["members"]:
            if member["group"] == group:
                low, high = block.start[g], block.start[g + 1]
                out.append(bisect_left(block.who, at[member["inspector_id"]], low, high))
    return out


def _check_numbers(block: Block, rung: Rung, used: list[int], entry: dict[str, Json]) -> None:
    where, empty = f"blocks.{block.block}", sum(vacancies(block, used))
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
    if wrong := set(published) ^ set(nodes):
        _refuse("ASSIGN_POTENTIALS", "a potential is missing or of no node", where, min(wrong))
    if odd := [v for v in published.values() if _BIG.fullmatch(v) is None]:
        _refuse("ASSIGN_POTENTIALS", "no canonical integer of at most 40 digits", where, odd[0])
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
