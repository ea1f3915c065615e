"""Find the cheapest assignment with OR-tools and write down its certificate (docs/spec/assignment.md, 6 to 10).

The solver is neither trusted nor part of the definition: the optimum is unique, and `certify` judges it alone. It sees
few arcs: an officer with a high ticket hardly ever serves. What it was not shown is priced afterwards, all of it,
and shown to it where the price says that it might matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sampler.assign import arrays, network
from sampler.assign.amend import changes, enter, free, parts, reserve_entry
from sampler.assign.amend import key as amend_key
from sampler.assign.blocks import build
from sampler.assign.model import VACANCY, parse_rules
from sampler.assign.residual import ROUNDS, TICKET_BITS, TicketRule, both, is_unique, tickets, vacancies
from sampler.canon import rhash
from sampler.errors import DrawError
from sampler.ticket import assign_tickets

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Iterable

    import numpy.typing as npt

    from sampler.assign.amend import Sealed, Teams
    from sampler.assign.arrays import Ints
    from sampler.assign.blocks import Block
    from sampler.assign.model import Rules, Rung, Target
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals

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
    return {"type": "assignment", "draw_id": draw_id, "blocks": blocks, "teams": teams, "bans": []}


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
    if chain is not None:
        key = amend_key(seed, rhash(cause), cause["number"], chain)
        found = [solve_block(b, replace(sealed.rules, ladder=()), key) for b in parts(sealed, freed)]
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


def solve_block(block: Block, rules: Rules, seed: bytes, *, rule: TicketRule = assign_tickets) -> Solved:
    """Return the one cheapest circulation of `block` on the first rung that has one (assignment.md, 5, 6, 9).

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
        used, potentials = cheapest(block, rung, filled, costs)
        arcs = arrays.tight(block, rung, used, costs, potentials)
        if arcs is None:
            raise DrawError("ASSIGN_SOLVER", "the potentials do not prove the optimum", found=block.block)
        if is_unique(block.nodes, both(block, rung, used), arcs):
            return Solved(block, rung, round_, used, sum(costs[a] for a in used), potentials)
    raise DrawError("ASSIGN_TIE", f"{ROUNDS} rounds of tickets tied", found=block.block)


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
    }


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
