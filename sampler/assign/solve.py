"""Find the cheapest assignment with OR-tools and write down its certificate (docs/spec/assignment.md, 6 to 10).

The solver is neither trusted nor part of the definition: the optimum is unique, and `certify` judges it alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sampler.assign.model import VACANCY, build, parse_rules
from sampler.assign.residual import (
    ROUNDS,
    TicketRule,
    canonical,
    is_unique,
    names,
    residual,
    tickets,
    vacancies,
)
from sampler.errors import DrawError
from sampler.ticket import assign_ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.assign.model import Block, Rules, Rung, Target
    from sampler.canon import Json
    from sampler.roster import Officer, Recusals


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
    rule: TicketRule = assign_ticket,
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


def solve_block(block: Block, rules: Rules, seed: bytes, *, rule: TicketRule = assign_ticket) -> Solved:
    """Return the one cheapest circulation of `block` on the first rung that has one (assignment.md, 5, 6, 9)."""
    rung, filled = _rung(block, rules)
    for round_ in range(ROUNDS):
        costs = tickets(block, seed, round_, rule)
        used = _cheapest(block, rung, filled, costs)
        graph = residual(block, rung, used, costs)
        potentials = canonical(graph)
        if is_unique(graph, potentials):
            return Solved(block, rung, round_, used, sum(costs[a] for a in used), potentials)
    raise DrawError("ASSIGN_TIE", f"{ROUNDS} rounds of tickets tied", found=block.block)


def _block_entry(s: Solved) -> dict[str, Json]:
    return {
        "block": s.block.block,
        "rung": s.rung.rung,
        "round": s.round,
        "cost": str(s.cost),
        "vacancies": s.block.demand - len(s.used),
        "potentials": {n: str(p) for n, p in zip(names(s.block), s.potentials, strict=True)},
    }


def _teams(s: Solved) -> list[dict[str, Json]]:
    teams: dict[str, dict[str, Any]] = {
        e: {"object_id": e, "template": t, "members": [], "vacant": []} for e, t in s.block.templates.items()
    }
    for a in sorted(s.used):
        i, g = s.block.arcs[a]
        object_id, group = s.block.groups[g]
        teams[object_id]["members"].append({"group": group, "inspector_id": s.block.officers[i]})
    for (object_id, group), count in zip(s.block.groups, vacancies(s.block, s.used), strict=True):
        if count:
            teams[object_id]["vacant"].append({"group": group, "count": count})
    return list(teams.values())


@dataclass(slots=True)
class _Net:
    """Arcs as the solver wants them. Nodes: 0 source, officers from 1, groups, sink, then pairs of several groups."""

    sink: int
    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    capacity: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)

    def add(self, tail: int, head: int, capacity: int, cost: int = 0) -> int:
        """Add an arc and return its number."""
        self.tail.append(tail)
        self.head.append(head)
        self.capacity.append(capacity)
        self.cost.append(cost)
        return len(self.tail) - 1


def _network(block: Block, rung: Rung, costs: Sequence[int]) -> tuple[_Net, list[int]]:
    """Return the network, its lower bounds still owed at the officers, and the solver's arc of every arc."""
    floors, ceils = block.bounds(rung)
    first = 1 + len(block.officers)
    net = _Net(first + len(block.groups))
    for i, (low, high) in enumerate(zip(floors, ceils, strict=True), start=1):
        net.add(0, i, high - low)
    for g, count in enumerate(block.counts, start=first):
        net.add(g, net.sink, count)
    pairs = [(i, block.places[g]) for i, g in block.arcs]
    several = {pair: net.sink + n for n, (pair, m) in enumerate(Counter(pairs).items(), start=1) if m > 1}
    for (i, _), node in several.items():
        net.add(1 + i, node, 1)
    arcs = [
        net.add(several.get(pair, 1 + i), first + g, 1, cost)
        for (i, g), pair, cost in zip(block.arcs, pairs, costs, strict=True)
    ]
    return net, arcs


def _rung(block: Block, rules: Rules) -> tuple[Rung, int]:
    """Return the first rung with a circulation without vacancies, else the last, and the places it fills."""
    for rung in rules.ladder:
        if sum(block.bounds(rung)[0]) <= block.demand and _most(block, rung) == block.demand:
            return rung, block.demand
    return VACANCY, _most(block, VACANCY)


def _most(block: Block, rung: Rung) -> int:
    """Return the largest flow that meets the floors first: the demand if and only if the rung is feasible."""
    from ortools.graph.python import max_flow  # noqa: PLC0415  # heavy, needed only here

    net, _ = _network(block, rung, [0] * len(block.arcs))
    floors, _ = block.bounds(rung)
    start = max(net.tail + net.head) + 1
    net.add(start, 0, block.demand - sum(floors))
    for i, low in enumerate(floors, start=1):
        net.add(start, i, low)
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(net.tail, net.head, net.capacity)
    if solver.solve(start, net.sink) != solver.OPTIMAL:
        raise DrawError("ASSIGN_SOLVER", "max flow failed", found=block.block)
    return int(solver.optimal_flow())


def _cheapest(block: Block, rung: Rung, filled: int, costs: Sequence[int]) -> list[int]:
    """Return the arcs used by a cheapest flow that fills exactly `filled` places within the bounds of `rung`."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  # heavy, needed only here

    net, arcs = _network(block, rung, costs)
    floors, _ = block.bounds(rung)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, net.capacity, net.cost)
    solver.set_nodes_supplies(range(1, 1 + len(floors)), floors)
    solver.set_node_supply(0, filled - sum(floors))
    solver.set_node_supply(net.sink, -filled)
    if solver.solve() != solver.OPTIMAL:
        raise DrawError("ASSIGN_SOLVER", "min-cost flow failed", found=block.block)
    flows = solver.flows(arcs)
    return [a for a, flow in enumerate(flows) if flow]
