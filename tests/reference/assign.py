"""PROTOCOL 5 and records.md 3.9 by brute force: every assignment of a tiny block is listed, the cheapest is taken.

`Demands` is object -> group -> (count, officers who may serve in it); an assignment is a set of picks
(object, group, officer).
"""

import hashlib
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

from tests.reference.bytes_ import h, lp
from tests.reference.strata import RefusedError

Demands = dict[str, dict[str, tuple[int, list[str]]]]
Pick = tuple[str, str, str]  # object, group, officer
Bounds = dict[str, tuple[int, int]]
TicketOf = Callable[[int, str, str, str], int]  # round, object, group, officer
ROUNDS = 8
VACANCY = "vacancy"


class Arc(NamedTuple):
    tail: str
    head: str
    low: int
    high: int
    cost: int
    flow: int


class Block(NamedTuple):
    block: str
    objects: list[str]
    officers: list[str]
    demand: int
    bounds: Bounds
    rung: str
    round: int
    picks: list[Pick]
    cost: int
    vacancies: int
    potentials: dict[str, int]


def ticket_of(seed: bytes) -> TicketOf:
    def ticket(round_: int, object_id: str, group: str, officer: str) -> int:
        stream = h("stream", seed, "assign", round_)
        return int.from_bytes(hashlib.sha256(stream + lp(object_id) + lp(group) + lp(officer)).digest()[:5], "big")

    return ticket


def cost_in(ticket: TicketOf, round_: int) -> Callable[[Pick], int]:
    return lambda pick: ticket(round_, *pick)


def may_visit(demands: Demands, object_id: str) -> set[str]:
    return {officer for _, officers in demands[object_id].values() for officer in officers}


def components(demands: Demands) -> list[tuple[list[str], list[str]]]:
    """Blocks, by their smallest object: grow each from one object until nothing more is reached."""
    left = sorted(demands, key=str.encode)
    found = []
    while left:
        objects, officers = {left[0]}, may_visit(demands, left[0])
        while True:
            more = {e for e in left if e not in objects and may_visit(demands, e) & officers}
            if not more:
                break
            objects |= more
            officers |= {i for e in more for i in may_visit(demands, e)}
        found.append((sorted(objects, key=str.encode), sorted(officers, key=str.encode)))
        left = [e for e in left if e not in objects]
    return found


def teams(groups: dict[str, tuple[int, list[str]]]) -> Iterator[list[tuple[str, str]]]:
    """Every way to fill the groups of one object, fully or not, no officer twice."""
    if not groups:
        yield []
        return
    name, *others = sorted(groups)
    count, officers = groups[name]
    for size in range(min(count, len(officers)), -1, -1):
        for members in combinations(sorted(officers), size):
            rest = {g: (groups[g][0], [i for i in groups[g][1] if i not in members]) for g in others}
            for team in teams(rest):
                yield [(name, i) for i in members] + team


def assignments(demands: Demands, ceilings: dict[str, int], *, full: bool) -> Iterator[list[Pick]]:
    """Every assignment within the ceilings; with `full`, only those without vacancies."""
    if not demands:
        yield []
        return
    object_id, *others = sorted(demands)
    need = sum(count for count, _ in demands[object_id].values())
    for team in teams(demands[object_id]):
        if full and len(team) < need:
            continue
        left = dict(ceilings)
        for _, officer in team:
            left[officer] -= 1
        if min(left.values(), default=0) < 0:
            continue
        for rest in assignments({e: demands[e] for e in others}, left, full=full):
            yield [(object_id, group, officer) for group, officer in team] + rest


def within_floors(picks: list[Pick], bounds: Bounds) -> bool:
    return all(sum(officer == i for _, _, i in picks) >= low for officer, (low, _) in bounds.items())


def best(
    demands: Demands, bounds: Bounds, cost: Callable[[Pick], int], *, full: bool
) -> tuple[list[list[Pick]], int, int] | None:
    """All the assignments with fewest vacancies, then the lowest ticket sum; the vacancies; the sum."""
    demand = sum(count for groups in demands.values() for count, _ in groups.values())
    ceilings = {officer: high for officer, (_, high) in bounds.items()}
    lowest: tuple[int, int] | None = None
    winners: list[list[Pick]] = []
    for picks in assignments(demands, ceilings, full=full):
        if not within_floors(picks, bounds):
            continue
        value = (demand - len(picks), sum(cost(pick) for pick in picks))
        if lowest is None or value < lowest:
            lowest, winners = value, [picks]
        elif value == lowest:
            winners.append(picks)
    return None if lowest is None else (winners, lowest[0], lowest[1])


def network(demands: Demands, bounds: Bounds, picks: list[Pick], cost: Callable[[Pick], int]) -> list[Arc]:
    """The full network of PROTOCOL 5 with the flow of this assignment."""
    demand = sum(count for groups in demands.values() for count, _ in groups.values())
    chosen = set(picks)
    arcs = []
    for officer, (low, high) in bounds.items():
        arcs.append(Arc("hub", f"i:{officer}", low, high, 0, sum(officer == i for _, _, i in picks)))
    for e, groups in demands.items():
        for officer in sorted(may_visit(demands, e)):
            flow = sum((e, group, officer) in chosen for group in groups)
            arcs.append(Arc(f"i:{officer}", f"p:{e}:{officer}", 0, 1, 0, flow))
        for group, (count, officers) in groups.items():
            node = f"g:{e}:{group}"
            filled = sum((e, group, officer) in chosen for officer in officers)
            for officer in officers:
                pick = (e, group, officer)
                arcs.append(Arc(f"p:{e}:{officer}", node, 0, 1, cost(pick), int(pick in chosen)))
            arcs.append(Arc("hub", node, 0, count, demand * 2**40, count - filled))
            arcs.append(Arc(node, "hub", count, count, 0, count))
    return arcs


def potentials(arcs: list[Arc]) -> dict[str, int]:
    """Bellman-Ford from everywhere at once: the smallest residual distance to each node, 0 included."""
    distance = {node: 0 for arc in arcs for node in (arc.tail, arc.head)}
    residual = [(a.tail, a.head, a.cost) for a in arcs if a.flow < a.high]
    residual += [(a.head, a.tail, -a.cost) for a in arcs if a.flow > a.low]
    for _ in range(len(distance) + 1):
        changed = False
        for tail, head, cost in residual:
            if distance[tail] + cost < distance[head]:
                distance[head] = distance[tail] + cost
                changed = True
        if not changed:
            return distance
    raise RefusedError("ASSIGN_CYCLE", "a residual cycle of negative cost")


def load_bounds(demands: Demands, officers: list[str], max_loads: dict[str, int], below: int, above: int) -> Bounds:
    demand = sum(count for groups in demands.values() for count, _ in groups.values())
    bounds = {}
    for officer in officers:
        objects = sum(officer in may_visit(demands, e) for e in demands)
        high = min(max_loads[officer], -(-demand // len(officers)) + above)
        bounds[officer] = (min(high, objects, max(0, demand // len(officers) - below)), high)
    return bounds


def solve(demands: Demands, bounds: Bounds, ticket: TicketOf, *, full: bool) -> tuple[int, list[Pick], int, int] | None:
    """Round, assignment, vacancies, sum; a tie goes to the next round."""
    for round_ in range(ROUNDS):
        found = best(demands, bounds, cost_in(ticket, round_), full=full)
        if found is None:
            return None
        winners, vacancies, total = found
        if len(winners) == 1:
            return round_, sorted(winners[0]), vacancies, total
    raise RefusedError("ASSIGN_TIE", "")


def solve_block(
    demands: Demands,
    officers: list[str],
    max_loads: dict[str, int],
    ladder: list[tuple[str, int, int]],
    ticket: TicketOf,
) -> Block:
    rungs = [(name, load_bounds(demands, officers, max_loads, below, above)) for name, below, above in ladder]
    for rung, bounds in [*rungs, (VACANCY, {officer: (0, max_loads[officer]) for officer in officers})]:
        found = solve(demands, bounds, ticket, full=rung != VACANCY)
        if found is None:
            continue
        round_, picks, vacancies, total = found
        prices = potentials(network(demands, bounds, picks, cost_in(ticket, round_)))
        shown = {node: value for node, value in prices.items() if not node.startswith("p:")}
        demand = sum(count for groups in demands.values() for count, _ in groups.values())
        objects = sorted(demands, key=str.encode)
        return Block(objects[0], objects, officers, demand, bounds, rung, round_, picks, total, vacancies, shown)
    raise RefusedError("ASSIGN_INFEASIBLE", "the rung without floors always succeeds")


def assign(
    demands: Demands, max_loads: dict[str, int], ladder: list[tuple[str, int, int]], ticket: TicketOf
) -> list[Block]:
    found = []
    for objects, officers in components(demands):
        mine = {e: demands[e] for e in objects}
        found.append(solve_block(mine, officers, max_loads, ladder, ticket))
    return found
