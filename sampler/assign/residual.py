"""What could still change in an assignment, and at what price (docs/spec/assignment.md, sections 6 to 9).

The residual graph is that of the specification with every pair node contracted: exactly one residual arc enters
a pair node, so nothing is lost, and its potential follows. All numbers are Python's unbounded integers. `arrays`
does the same with numpy; whoever has it may hand it to the checker.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.assign.blocks import HUB
from sampler.errors import DrawError
from sampler.ticket import assign_key, assign_tickets

if TYPE_CHECKING:
    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung

TICKET_BITS: Final = 40
ROUNDS: Final = 8
"""Tie rounds before the draw gives up: chance below 10^-40 even for a whole country."""
TicketRule = Callable[[bytes, str, str, tuple[str, ...]], Sequence[int]]
"""Costs of the arcs from (key of the round, object_id, group, inspectors); tests make ties with coarse rules."""
Arc = tuple[int, int, int]
"""Tail, head, cost of a residual arc between nodes of a block."""
Tight = tuple[list[int], list[int]]
"""Tails and heads of the tight arcs."""
Twins = frozenset[tuple[int, int]]
"""Pairs of nodes joined by a residual arc and its own reverse."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Who prices the arcs: functions of this module, or those of `arrays`; they agree."""

    priced: Callable[[Sequence[Block], Sequence[int], bytes, TicketRule], Iterator[array[int]]]
    tight: Callable[[Block, Rung, Sequence[int], array[int], Sequence[int]], Tight | None]
    canonical: Callable[[Block, Rung, Sequence[int], array[int]], list[int]]


def tickets(block: Block, seed: bytes, round_: int, rule: TicketRule = assign_tickets) -> array[int]:
    """Return the cost of every arc of the block in tie round `round_` (assignment.md, 6)."""
    key, start, out = assign_key(seed, round_), block.start, array("q")
    names: dict[bytes, tuple[str, ...]] = {}
    for g, (object_id, group) in enumerate(block.groups):
        here = block.who[start[g] : start[g + 1]]
        same = here.tobytes()
        if same not in names:
            names[same] = tuple(block.officers[i] for i in here)
        out.extend(rule(key, object_id, group, names[same]))
    return out


def priced(blocks: Sequence[Block], rounds: Sequence[int], seed: bytes, rule: TicketRule) -> Iterator[array[int]]:
    """Yield the :func:`tickets` of every block in its round."""
    for block, round_ in zip(blocks, rounds, strict=True):
        yield tickets(block, seed, round_, rule)


def loads(block: Block, used: Iterable[int]) -> list[int]:
    """Return how often each officer serves when the arcs `used` carry flow."""
    count = Counter(block.who[a] for a in used)
    return [count[i] for i in range(len(block.officers))]


def passed(block: Block, used: Iterable[int]) -> list[int]:
    """Return how many visits pass each limit when the arcs `used` carry flow."""
    out = [0] * len(block.limits)
    if out:
        for a in used:
            node = block.tails[a]
            while node >= block.below:
                out[node - block.below] += 1
                node = block.above[node - block.below]
    return out


def vacancies(block: Block, used: Iterable[int]) -> list[int]:
    """Return how many places of each group stay empty when the increasing arcs `used` carry flow."""
    count = Counter(block.group_of(used))
    return [k - count[g] for g, k in enumerate(block.counts)]


def both(block: Block, rung: Rung, used: Sequence[int]) -> Twins:
    """Return (above, node) of a lawful flow's residual arcs that come with their own reverse (assignment.md, 9)."""
    spans = zip(*block.bounds(rung), loads(block, used), strict=True)
    gaps = vacancies(block, used) if len(used) < block.demand else [0] * len(block.counts)
    empty = zip(gaps, block.counts, strict=True)
    below = enumerate(zip(block.above, passed(block, used), block.most, strict=True), start=block.below)
    return frozenset(
        [(HUB, i) for i, (low, high, load) in enumerate(spans, start=1) if low < load < high]
        + [(HUB, g) for g, (v, k) in enumerate(empty, start=block.first) if 0 < v < k]
        + [(up, n) for n, (up, load, most) in below if 0 < load < most]
    )


def bound_arcs(block: Block, rung: Rung, used: Sequence[int]) -> list[Arc]:
    """Return the residual arcs between the hub and officers or groups, and those of limits (assignment.md, 7)."""
    penalty = block.demand << TICKET_BITS
    arcs: list[Arc] = []
    for i, (low, high, load) in enumerate(zip(*block.bounds(rung), loads(block, used), strict=True), start=1):
        arcs += [(HUB, i, 0)] * (load < high) + [(i, HUB, 0)] * (load > low)
    for g, (v, k) in enumerate(zip(vacancies(block, used), block.counts, strict=True), start=block.first):
        arcs += [(HUB, g, penalty)] * (v < k) + [(g, HUB, -penalty)] * (v > 0)
    return arcs + limit_arcs(block, used)


def limit_arcs(block: Block, used: Sequence[int]) -> list[Arc]:
    """Return the residual arcs between limits and what is above them (assignment.md, 7)."""
    arcs: list[Arc] = []
    for n, (up, load, most) in enumerate(zip(block.above, passed(block, used), block.most, strict=True), block.below):
        arcs += [(up, n, 0)] * (load < most) + [(n, up, 0)] * (load > 0)
    return arcs


def pair_arcs(block: Block, used: Sequence[int], costs: Sequence[int]) -> Iterator[Arc]:
    """Yield the residual arcs between officers or their limits and groups, without pair nodes (assignment.md, 7)."""
    first, start, who, places = block.first, block.start, block.who, block.places
    serves = {(who[a], places[g]): (a, g) for a, g in zip(used, block.group_of(used), strict=True)}
    for g, place in enumerate(places):
        for a in range(start[g], start[g + 1]):
            now = serves.get((who[a], place))
            if now is None:
                yield block.tail(a), first + g, costs[a]
            elif now[0] == a:
                yield first + g, block.tail(a), -costs[a]
            else:
                yield first + now[1], first + g, costs[a] - costs[now[0]]


def canonical(block: Block, rung: Rung, used: Sequence[int], costs: Sequence[int]) -> list[int]:
    """Return p[v] = the smallest residual distance to v from any node, 0 included (assignment.md, 8).

    Raises
    ------
    DrawError
        ``ASSIGN_SOLVER`` when a cycle of negative cost shows that the flow is not the cheapest.
    """
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(block.nodes)]
    for arcs in (bound_arcs(block, rung, used), pair_arcs(block, used, costs)):
        for tail, head, cost in arcs:
            leaving[tail].append((head, cost))
    p = [0] * block.nodes
    arcs_to = [0] * block.nodes
    queue, waiting = deque(range(block.nodes)), [True] * block.nodes
    while queue:
        u = queue.popleft()
        waiting[u] = False
        here = p[u]
        for v, cost in leaving[u]:
            if here + cost < p[v]:
                p[v] = here + cost
                arcs_to[v] = arcs_to[u] + 1
                if arcs_to[v] >= block.nodes:
                    raise DrawError("ASSIGN_SOLVER", "the flow is not the cheapest: a cycle of negative cost is left")
                if not waiting[v]:
                    waiting[v] = True
                    queue.append(v)
    return p


def tight(block: Block, rung: Rung, used: Sequence[int], costs: Sequence[int], p: Sequence[int]) -> Tight | None:
    """Return the tight residual arcs under `p`, or None when a reduced cost is negative (assignment.md, 8.3)."""
    tails, heads = [], []
    for arcs in (bound_arcs(block, rung, used), pair_arcs(block, used, costs)):
        for u, v, cost in arcs:
            slack = p[u] + cost - p[v]
            if slack < 0:
                return None
            if not slack:
                tails.append(u)
                heads.append(v)
    return tails, heads


EXACT: Final = Arithmetic(priced, tight, canonical)
"""Of the standard library, in unbounded integers."""


def is_anchored(p: Sequence[int], arcs: Tight) -> bool:
    """Return whether tight arcs lead from nodes of potential 0 to every node (assignment.md, 8.3)."""
    if max(p) > 0:
        return False
    leaving: dict[int, list[int]] = {}
    for u, v in zip(*arcs, strict=True):
        leaving.setdefault(u, []).append(v)
    stack = [v for v, price in enumerate(p) if not price]
    reached = bytearray(not price for price in p)
    while stack:
        for v in leaving.get(stack.pop(), ()):
            if not reached[v]:
                reached[v] = 1
                stack.append(v)
    return all(reached)


def is_unique(nodes: int, twins: Twins, arcs: Tight) -> bool:
    """Return whether no other flow costs the same: tight arcs form no cycle but arc and reverse (assignment.md, 9).

    `twins` are the pairs that :func:`both` gives; they form a forest, and each tree counts as one node.
    """
    joined = _joined(twins)
    leaving: list[list[int]] = [[] for _ in range(nodes)]
    entering = [0] * nodes
    for u, v in zip(*arcs, strict=True):
        tail, head = joined.get(u, u), joined.get(v, v)
        if tail == head and ((u, v) in twins or (v, u) in twins):
            continue
        leaving[tail].append(head)
        entering[head] += 1
    stack = [v for v in range(nodes) if not entering[v]]
    gone = 0
    while stack:
        gone += 1
        for v in leaving[stack.pop()]:
            entering[v] -= 1
            if not entering[v]:
                stack.append(v)
    return gone == nodes


def _joined(twins: Twins) -> dict[int, int]:
    """Return the node that stands for each node of a tree of twins: its uppermost."""
    up = {node: above for above, node in twins}
    out = {}
    for node in up:
        top = node
        while top in up:
            top = up[top]
        out[node] = top
    return out
