"""Find the cheapest assignment with OR-tools and write down its certificate (docs/spec/assignment.md, 6 to 10).

The solver is neither trusted nor part of the definition: the optimum is unique, and `certify` judges it alone. It sees
few arcs: an officer with a high ticket hardly ever serves. What it was not shown is priced afterwards, all of it,
and shown to it where the price says that it might matter.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sampler.assign import arrays, network
from sampler.assign.amend import changes, enter, free, parts, reserve_entry
from sampler.assign.amend import key as amend_key
from sampler.assign.bans import NEW, Flow, follow, standing_bans
from sampler.assign.blocks import build
from sampler.assign.model import VACANCY, parse_rules
from sampler.assign.residual import ROUNDS, TICKET_BITS, TicketRule, both, is_unique, tickets, vacancies
from sampler.canon import rhash
from sampler.errors import DrawError
from sampler.ticket import assign_tickets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import numpy.typing as npt

    from sampler.assign.amend import Sealed, Teams
    from sampler.assign.arrays import Ints
    from sampler.assign.bans import Past, Seat
    from sampler.assign.blocks import Block
    from sampler.assign.model import Rules, Rung, Target
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals

NO_TICKETS: Final = array("q")
SPARE: Final = 8
"""Cheap arcs shown to the solver beyond those a group or an officer needs."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The optimum of one block and its certificate."""

    block: Block
    rung: Rung
    round: int
    used: list[int]
    cost: int
    potentials: list[int]
    stages: list[Json] | None = None

    def seats(self) -> frozenset[Seat]:
        """Return who serves where."""
        return Flow(self.block, NO_TICKETS, self.used).seats()


def solve(
    draw_id: str,
    plan: dict[str, Json],
    targets: Iterable[Target],
    officers: Iterable[Officer],
    recusals: Recusals,
    seed: bytes,
    *,
    rule: TicketRule = assign_tickets,
) -> dict[str, Json]:
    """Return the assignment record of a draw (records.md, 3.9).

    Parameters
    ----------
    draw_id
        Names the record; the seed already depends on it.
    plan
        The plan record.
    targets
        The drawn objects.
    officers, recusals
        The sealed roster, loads of earlier draws of the sitting taken off, and the sealed recusals.
    seed
        The draw's seed.
    rule
        How tickets are computed; for tests only.

    Raises
    ------
    DrawError
        ``ASSIGN_TIE`` after eight tied rounds, ``ASSIGN_SOLVER`` when the solver fails or its result is not optimal.
    """
    rules = parse_rules(plan)
    solved = [solve_block(b, rules, seed, rule=rule) for b in build(rules, targets, officers, recusals)]
    teams = sorted((t for s in solved for t in _teams(s)), key=lambda t: str(t["object_id"]))
    blocks = [_block_entry(s) for s in solved]
    return {"type": "assignment", "draw_id": draw_id, "blocks": blocks, "teams": teams, "bans": standing_bans(blocks)}


def amend(
    sealed: Sealed, teams: Teams, cause: dict[str, Json], done: Collection[str], seed: bytes, chain: bytes | None
) -> dict[str, Json]:
    """Return the amendment that a cause and the chain prescribe (assignment.md, 14; records.md, 3.18).

    Parameters
    ----------
    sealed, teams, cause, done
        As for :func:`sampler.assign.amend.free`.
    seed
        The draw's seed.
    chain
        a_number; None when it is withheld: the freed places then stay empty.
    """
    freed = free(sealed, teams, cause, done)
    found: list[Solved] = []
    past = freed.teams.past()
    for b in parts(sealed, freed) if chain is not None else ():
        key = amend_key(seed, rhash(cause), cause["number"], chain or b"")
        found.append(solve_block(b, replace(sealed.rules, ladder=()), key, past=past))
        past = past.joined(found[-1].seats())
    entering = {
        t["object_id"]: [(m["group"], m["inspector_id"]) for m in t["members"]] for s in found for t in _teams(s)
    }
    record = {
        "type": "amendment",
        "draw_id": cause["draw_id"],
        "number": cause["number"],
        "cause": cause,
        "changes": changes(sealed, freed, enter(freed, entering)),
        "blocks": sorted((_block_entry(s) for s in found), key=lambda b: str(b["block"])),
    }
    reserve = reserve_entry(freed)
    return record | ({"chain": chain.hex()} if chain else {}) | ({"reserve": reserve} if reserve else {})


def solve_block(
    block: Block, rules: Rules, seed: bytes, *, rule: TicketRule = assign_tickets, past: Past = NEW
) -> Solved:
    """Return the one cheapest circulation of `block` on the first rung that has one (assignment.md, 5, 6, 9, 18).

    `past` are the meetings that stood before.

    Raises
    ------
    DrawError
        ``ASSIGN_TIE`` after eight tied rounds; ``ASSIGN_SOLVER`` when the solver fails, ``ASSIGN_SIZE`` when the
        block is too large for 64-bit prices (over a million places).
    """
    if not arrays.fits(block):
        raise DrawError("ASSIGN_SIZE", "a block of over a million places", hint="抽查按区划分开派员", found=block.block)
    rung, filled = _rung(block, rules)
    for round_ in range(ROUNDS):
        costs = tickets(block, seed, round_, rule)
        try:
            return _settled(Part(block, rung, filled, round_), costs, rules.together, past)
        except DrawError as e:
            if e.code != "ASSIGN_TIE":
                raise
    raise DrawError("ASSIGN_TIE", f"{ROUNDS} rounds of tickets tied", found=block.block)


@dataclass(frozen=True, slots=True)
class Part:
    """A block, its rung, the places it fills there, and the round of its tickets."""

    block: Block
    rung: Rung
    filled: int
    round: int


def _settled(part: Part, costs: array[int], together: int, past: Past) -> Solved:
    """Return the optimum of a round, where officers may meet at most `together` times (0: as often as it comes)."""
    block, rung, filled = part.block, part.rung, part.filled
    used, potentials = _optimum(block, rung, filled, costs)
    if not together:
        return Solved(block, rung, part.round, used, sum(costs[a] for a in used), potentials)

    def again(b: Block, c: array[int]) -> list[int] | None:
        return None if network.most(b, rung) < filled else _optimum(b, rung, filled, c)[0]

    end, stages = follow(Flow(block, costs, used), together, past, again)
    potentials = arrays.potentials(end.block, rung, end.used, end.costs)
    cost = sum(end.costs[a] for a in end.used)
    return Solved(end.block, rung, part.round, end.used, cost, potentials, stages)


def _optimum(block: Block, rung: Rung, filled: int, costs: array[int]) -> tuple[list[int], list[int]]:
    """Return the one cheapest flow and its potentials; ``ASSIGN_TIE`` when there are two."""
    used, potentials = cheapest(block, rung, filled, costs)
    arcs = arrays.tight(block, rung, used, costs, potentials)
    if arcs is None:
        raise DrawError("ASSIGN_SOLVER", "the potentials do not prove the optimum", found=block.block)
    if not is_unique(block.nodes, both(block, rung, used), arcs):
        raise DrawError("ASSIGN_TIE", "two assignments are the cheapest", found=block.block)
    return used, potentials


def _rung(block: Block, rules: Rules) -> tuple[Rung, int]:
    """Return the first rung with a circulation without vacancies, else the last, and the places it fills."""
    for rung in rules.ladder:
        if sum(block.bounds(rung)[0]) <= block.demand and network.most(block, rung) == block.demand:
            return rung, block.demand
    return VACANCY, network.most(block, VACANCY)


def cheapest(block: Block, rung: Rung, filled: int, costs: array[int]) -> tuple[list[int], list[int]]:
    """Return the arcs of a cheapest flow that fills `filled` places on `rung`, and its canonical potentials.

    Potentials of the few arcs that violate no other arc are those of all arcs: they stay lower bounds of the
    distances, and the paths that reach them are still there.
    """
    group = arrays.group_column(block)
    shown = _promising(block, group, costs)
    while True:
        used = network.cheapest(block, rung, filled, costs, np.flatnonzero(shown))
        if used is None:
            if shown.all():
                raise DrawError("ASSIGN_SOLVER", "min-cost flow failed", found=block.block)
            shown[:] = True
            continue
        a = arrays.arcs(block, rung, used, costs)
        potentials = arrays.canonical(arrays.only(a, shown, group, block.first), block.nodes)
        wrong = arrays.slack(a, potentials, group, block.first) < 0
        if not wrong.any():
            return used, potentials.tolist()
        shown |= wrong


def _promising(block: Block, group: Ints, costs: array[int]) -> npt.NDArray[np.bool_]:
    """Return the arcs with tickets so low that a few of them lead to each group and each officer."""
    who, ticket = np.frombuffer(block.who, np.int32), np.frombuffer(costs, np.int64)
    count, share = np.asarray(block.counts), np.full(len(block.officers), block.demand / max(1, len(block.officers)))
    places = (count + SPARE) / np.maximum(1, np.bincount(group, minlength=len(count)))
    visits = (share + SPARE) / np.maximum(1, np.bincount(who, minlength=len(share)))
    found: npt.NDArray[np.bool_] = ticket < np.maximum(places[group], visits[who]) * float(1 << TICKET_BITS)
    return found


def _block_entry(s: Solved) -> dict[str, Json]:
    return {
        "block": s.block.block,
        "rung": s.rung.rung,
        "round": s.round,
        "cost": str(s.cost),
        "vacancies": s.block.demand - len(s.used),
        "potentials": {n: str(p) for n, p in zip(s.block.names(), s.potentials, strict=True)},
    } | ({} if s.stages is None else {"stages": s.stages})


def _teams(s: Solved) -> list[dict[str, Json]]:
    teams: dict[str, dict[str, Any]] = {
        e: {"object_id": e, "template": t, "members": [], "vacant": []} for e, t in s.block.templates.items()
    }
    for a, g in zip(s.used, s.block.group_of(s.used), strict=True):
        object_id, group = s.block.groups[g]
        teams[object_id]["members"].append({"group": group, "inspector_id": s.block.officers[s.block.who[a]]})
    for (object_id, group), count in zip(s.block.groups, vacancies(s.block, s.used), strict=True):
        if count:
            teams[object_id]["vacant"].append({"group": group, "count": count})
    return list(teams.values())
