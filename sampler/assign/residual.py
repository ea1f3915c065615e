"""What could still change in an assignment, and at what price (docs/spec/assignment.md, sections 6 to 8).

The residual graph is that of the specification with every pair node contracted: exactly one residual arc enters
a pair node, so nothing is lost, and its potential follows. All numbers are Python's unbounded integers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.errors import DrawError
from sampler.ticket import assign_key, assign_ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.assign.model import Block, Rung

TICKET_BITS: Final = 40
ROUNDS: Final = 8
"""Tie rounds before the draw gives up: chance below 10^-40 even for a whole country."""
HUB: Final = 0
TicketRule = Callable[[bytes, str, str, str], int]
"""Cost of an arc from (key of the round, object_id, group, inspector_id); tests make ties with coarse rules."""


@dataclass(frozen=True, slots=True)
class Residual:
    """Residual arcs between hub (0), officers (from 1) and groups (after them).

    Parameters
    ----------
    nodes
        Number of nodes.
    tail, head, cost
        One entry an arc.
    both
        Nodes joined to the hub by an arc and its own reverse.
    """

    nodes: int
    tail: list[int]
    head: list[int]
    cost: list[int]
    both: frozenset[int]


def names(block: Block) -> list[str]:
    """Return the published name of every node, in order (records.md, 3.9)."""
    return ["hub", *(f"i:{i}" for i in block.officers), *(f"g:{e}:{g}" for e, g in block.groups)]


def tickets(block: Block, seed: bytes, round_: int, rule: TicketRule = assign_ticket) -> list[int]:
    """Return the cost of every arc of the block in tie round `round_` (assignment.md, 6)."""
    key = assign_key(seed, round_)
    who, what = block.officers, block.groups
    return [rule(key, *what[g], who[i]) for i, g in block.arcs]


def loads(block: Block, used: Iterable[int]) -> list[int]:
    """Return how often each officer serves when the arcs `used` carry flow."""
    count = Counter(block.arcs[a][0] for a in used)
    return [count[i] for i in range(len(block.officers))]


def vacancies(block: Block, used: Iterable[int]) -> list[int]:
    """Return how many places of each group stay empty."""
    count = Counter(block.arcs[a][1] for a in used)
    return [k - count[g] for g, k in enumerate(block.counts)]


def residual(block: Block, rung: Rung, used: Sequence[int], costs: Sequence[int]) -> Residual:
    """Return the residual graph of the flow on arcs `used` (assignment.md, 7).

    Parameters
    ----------
    block, rung
        The network: arcs, and bounds of the loads.
    used
        Positions in ``block.arcs`` of the arcs that carry flow.
    costs
        Ticket of every arc.
    """
    out = Residual(1 + len(block.officers) + len(block.groups), [], [], [], _both(block, rung, used))
    _hub_arcs(out, block, rung, used)
    _pair_arcs(out, block, used, costs)
    return out


def _both(block: Block, rung: Rung, used: Sequence[int]) -> frozenset[int]:
    first = 1 + len(block.officers)
    spans = zip(*block.bounds(rung), loads(block, used), strict=True)
    empty = zip(vacancies(block, used), block.counts, strict=True)
    return frozenset(
        [i for i, (low, high, load) in enumerate(spans, start=1) if low < load < high]
        + [g for g, (v, k) in enumerate(empty, start=first) if 0 < v < k]
    )


def _hub_arcs(out: Residual, block: Block, rung: Rung, used: Sequence[int]) -> None:
    penalty = block.demand << TICKET_BITS
    arcs: list[tuple[int, int, int]] = []
    for i, (low, high, load) in enumerate(zip(*block.bounds(rung), loads(block, used), strict=True), start=1):
        arcs += [(HUB, i, 0)] * (load < high) + [(i, HUB, 0)] * (load > low)
    first = 1 + len(block.officers)
    for g, (v, k) in enumerate(zip(vacancies(block, used), block.counts, strict=True), start=first):
        arcs += [(HUB, g, penalty)] * (v < k) + [(g, HUB, -penalty)] * (v > 0)
    for tail, head, cost in arcs:
        out.tail.append(tail)
        out.head.append(head)
        out.cost.append(cost)


def _pair_arcs(out: Residual, block: Block, used: Sequence[int], costs: Sequence[int]) -> None:
    places, first = block.places, 1 + len(block.officers)
    serves = {(block.arcs[a][0], places[block.arcs[a][1]]): a for a in used}
    tail, head, cost = out.tail.append, out.head.append, out.cost.append
    for a, (i, g) in enumerate(block.arcs):
        now = serves.get((i, places[g]))
        if now is None:
            tail(1 + i)
            head(first + g)
            cost(costs[a])
        elif now == a:
            tail(first + g)
            head(1 + i)
            cost(-costs[a])
        else:
            tail(first + block.arcs[now][1])
            head(first + g)
            cost(costs[a] - costs[now])


def canonical(graph: Residual) -> list[int]:
    """Return p[v] = the smallest residual distance to v from any node, 0 included (assignment.md, 8).

    Raises
    ------
    DrawError
        ``ASSIGN_SOLVER`` when a cycle of negative cost shows that the flow is not the cheapest.
    """
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(graph.nodes)]
    for tail, head, cost in zip(graph.tail, graph.head, graph.cost, strict=True):
        leaving[tail].append((head, cost))
    p = [0] * graph.nodes
    arcs_to = [0] * graph.nodes
    queue, waiting = deque(range(graph.nodes)), [True] * graph.nodes
    while queue:
        u = queue.popleft()
        waiting[u] = False
        here = p[u]
        for v, cost in leaving[u]:
            if here + cost < p[v]:
                p[v] = here + cost
                arcs_to[v] = arcs_to[u] + 1
                if arcs_to[v] >= graph.nodes:
                    raise DrawError("ASSIGN_SOLVER", "the flow is not the cheapest: a cycle of negative cost is left")
                if not waiting[v]:
                    waiting[v] = True
                    queue.append(v)
    return p


def is_canonical(graph: Residual, p: Sequence[int]) -> bool:
    """Return whether `p` is what :func:`canonical` would give, without searching for it (assignment.md, 8)."""
    if max(p) > 0 or any(p[v] > p[u] + c for u, v, c in zip(graph.tail, graph.head, graph.cost, strict=True)):
        return False
    leaving: dict[int, list[int]] = {}
    for u, v in _tight(graph, p):
        leaving.setdefault(u, []).append(v)
    reached = {v for v in range(graph.nodes) if p[v] == 0}
    stack = list(reached)
    while stack:
        new = [v for v in leaving.get(stack.pop(), ()) if v not in reached]
        reached.update(new)
        stack += new
    return len(reached) == graph.nodes


def is_unique(graph: Residual, p: Sequence[int]) -> bool:
    """Return whether no other flow costs the same: tight arcs form no cycle but arc and reverse (assignment.md, 9)."""
    star = [HUB if v in graph.both else v for v in range(graph.nodes)]
    leaving: list[list[int]] = [[] for _ in range(graph.nodes)]
    entering = [0] * graph.nodes
    for u, v in _tight(graph, p):
        if HUB in (u, v) and graph.both.intersection((u, v)):
            continue
        leaving[star[u]].append(star[v])
        entering[star[v]] += 1
    stack = [v for v in range(graph.nodes) if not entering[v]]
    gone = 0
    while stack:
        gone += 1
        for v in leaving[stack.pop()]:
            entering[v] -= 1
            if not entering[v]:
                stack.append(v)
    return gone == graph.nodes


def _tight(graph: Residual, p: Sequence[int]) -> list[tuple[int, int]]:
    return [(u, v) for u, v, c in zip(graph.tail, graph.head, graph.cost, strict=True) if p[v] == p[u] + c]
