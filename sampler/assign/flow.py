"""Two small exact flows for the checker: is a rung feasible, and what did a tied round cost? Standard library only.

The first starts from the published assignment, so that little is left to do; the second runs only when a record
claims that an earlier round of tickets was tied, which is practically never (docs/spec/assignment.md, 5 and 9).
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampler.assign.blocks import HUB
from sampler.assign.residual import TICKET_BITS, loads, passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung


@dataclass(slots=True)
class Net:
    """Arcs with what is left of them; arc ``a ^ 1`` is the reverse of arc ``a``."""

    leaving: list[list[int]]
    head: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)

    def node(self) -> int:
        """Add a node and return it."""
        self.leaving.append([])
        return len(self.leaving) - 1

    def add(self, tail: int, head: int, left: int, back: int = 0, cost: int = 0) -> int:
        """Add an arc of which `left` can still be used and `back` be undone; return its number."""
        arc = len(self.head)
        self.leaving[tail].append(arc)
        self.leaving[head].append(arc + 1)
        self.head += [head, tail]
        self.left += [left, back]
        self.cost += [cost, -cost]
        return arc

    def push(self, path: Sequence[int]) -> int:
        """Send as much as `path` holds, and return it."""
        amount = min(self.left[a] for a in path)
        for a in path:
            self.left[a] -= amount
            self.left[a ^ 1] += amount
        return amount


def feasible(block: Block, rung: Rung, used: Sequence[int]) -> bool:
    """Return whether `rung` has a circulation without vacancies, by Dinic's algorithm from the flow on `used`.

    The given loads are cut to the rung's bounds; what then enters and leaves a node unequally must find a way.
    Objects alike in groups and officers are one object of n-fold capacities. Nothing is lost: an n-th of its flow is
    a lawful fractional flow of each of them with the same loads, and where there is one there is one of integers.
    """
    net = Net([[] for _ in range(block.first + len(block.limits))])
    excess = Counter({HUB: block.demand})
    for i, (low, high, load) in enumerate(zip(*block.bounds(rung), loads(block, used), strict=True), start=1):
        kept = max(low, min(high, load))
        net.add(HUB, i, high - kept, kept - low)
        excess[i] += kept - load
        excess[HUB] -= kept
    for n, (up, most_, load) in enumerate(zip(block.above, block.most, passed(block, used), strict=True), block.first):
        net.add(_near(block, up), n, most_ - load, load)
    for alike in _alike(block, used):
        through = _through(net, alike)
        for taken, count, tails in alike.groups:
            node = net.node()
            excess[node] -= alike.times * count - taken.total()
            for tail in tails:
                net.add(through.get(tail, tail), node, alike.times - taken[tail], taken[tail])
    source, sink = net.node(), net.node()
    for node, amount in excess.items():
        net.add(source, node, max(0, amount))
        net.add(node, sink, max(0, -amount))
    return most(net, source, sink) == sum(amount for amount in excess.values() if amount > 0)


def _near(block: Block, node: int) -> int:
    """Return the number of an officer's or limit's node where objects alike are one: limits follow the officers."""
    return node if node < block.first else node - len(block.groups)


@dataclass(slots=True)
class _Alike:
    """Objects alike: how many, and of each group who serves how often, the places of one object, who may serve.

    Who serves is told by the node that his arc begins at: his own, or that of the innermost limit around the object.
    """

    times: int
    groups: list[tuple[Counter[int], int, array[int]]]


def _alike(block: Block, used: Sequence[int]) -> list[_Alike]:
    """Return the kinds of objects of a block with the flow on `used`."""
    start = block.start
    tails = (_near(block, n) for n in block.tails) if block.limits else (1 + i for i in block.who)
    begin = array("i", tails)
    rows: list[list[int]] = [[] for _ in block.templates]
    for g, place in enumerate(block.places):
        rows[place].append(g)
    kinds: dict[tuple[tuple[int, bytes], ...], _Alike] = {}
    taken: list[Counter[int]] = [Counter()] * len(block.groups)
    for row in rows:
        open_to = [begin[start[g] : start[g + 1]] for g in row]
        key = tuple((block.counts[g], tails.tobytes()) for g, tails in zip(row, open_to, strict=True))
        if key not in kinds:
            kinds[key] = _Alike(0, [(Counter(), block.counts[g], tails) for g, tails in zip(row, open_to, strict=True)])
        kinds[key].times += 1
        for g, group in zip(row, kinds[key].groups, strict=True):
            taken[g] = group[0]
    for a, g in zip(used, block.group_of(used), strict=True):
        taken[g][begin[a]] += 1
    return list(kinds.values())


def _through(net: Net, alike: _Alike) -> dict[int, int]:
    """Add a node for each officer open to several groups, so that he serves at most once at each object."""
    served: Counter[int] = Counter()
    for taken, _, _ in alike.groups:
        served += taken
    through = {}
    for tail, several in Counter(i for _, _, tails in alike.groups for i in tails).items():
        if several > 1:
            through[tail] = net.node()
            net.add(tail, through[tail], alike.times - served[tail], served[tail])
    return through


def cheapest(block: Block, rung: Rung, filled: int, costs: Sequence[int]) -> list[int]:
    """Return the arcs of a cheapest flow that fills `filled` places, by successive shortest paths.

    Visits above an officer's floor cost more than all tickets together, so floors are met whenever they can be.
    """
    net = Net([[] for _ in range(block.nodes)])
    dear = block.demand << TICKET_BITS
    for i, (low, high) in enumerate(zip(*block.bounds(rung), strict=True), start=1):
        net.add(HUB, i, low)
        net.add(HUB, i, high - low, cost=dear)
    for n, (up, most_) in enumerate(zip(block.above, block.most, strict=True), block.below):
        net.add(up, n, most_)
    arcs = _pairs(net, block, costs)
    sink = net.node()
    for g, count in enumerate(block.counts, start=block.first):
        net.add(g, sink, count)
    potentials = [0] * len(net.leaving)
    while filled > 0 and (path := _shortest(net, HUB, sink, potentials)):
        filled -= net.push(path)
    return [a for a, arc in enumerate(arcs) if not net.left[arc]]


def _pairs(net: Net, block: Block, costs: Sequence[int]) -> list[int]:
    """Add every eligible arc, through a pair node where an officer may serve in several groups of one object."""
    groups = block.group_of(range(len(block.who)))
    keys = [(i, block.places[g]) for i, g in zip(block.who, groups, strict=True)]
    through = {}
    begin = {key: block.tail(a) for a, key in enumerate(keys)}
    for key, several in Counter(keys).items():
        if several > 1:
            through[key] = net.node()
            net.add(begin[key], through[key], 1)
    return [
        net.add(through.get(key, begin[key]), block.first + g, 1, cost=costs[a])
        for a, (g, key) in enumerate(zip(groups, keys, strict=True))
    ]


def most(net: Net, source: int, sink: int) -> int:
    """Return the largest flow from `source` to `sink` (Dinic); `net` holds it afterwards."""
    total = 0
    while True:
        level = _levels(net, source, sink)
        if level[sink] < 0:
            return total
        tried = [0] * len(net.leaving)
        while path := _descend(net, source, sink, level, tried):
            total += net.push(path)


def _levels(net: Net, source: int, sink: int) -> list[int]:
    level = [-1] * len(net.leaving)
    level[source] = 0
    ring = [source]
    while ring and level[sink] < 0:
        following = []
        for u in ring:
            for a in net.leaving[u]:
                v = net.head[a]
                if level[v] < 0 and net.left[a]:
                    level[v] = level[u] + 1
                    following.append(v)
        ring = following
    return level


def _descend(net: Net, source: int, sink: int, level: list[int], tried: list[int]) -> list[int]:
    """Return a path of increasing levels, or nothing; arcs that led nowhere are not tried again."""
    path: list[int] = []
    u = source
    while u != sink:
        if tried[u] == len(net.leaving[u]):
            if not path:
                return []
            u = net.head[path.pop() ^ 1]
            tried[u] += 1
            continue
        a = net.leaving[u][tried[u]]
        if net.left[a] and level[net.head[a]] == level[u] + 1:
            path.append(a)
            u = net.head[a]
        else:
            tried[u] += 1
    return path


def _shortest(net: Net, source: int, sink: int, potentials: list[int]) -> list[int]:
    """Return a cheapest path (Dijkstra on reduced costs) or nothing, and move `potentials` along."""
    far: dict[int, int] = {source: 0}
    by: dict[int, int] = {}
    done: dict[int, int] = {}
    heap = [(0, source)]
    while heap and sink not in done:
        d, u = heapq.heappop(heap)
        if u in done:
            continue
        done[u] = d
        for a in net.leaving[u]:
            v = net.head[a]
            reached = d + net.cost[a] + potentials[u] - potentials[v]
            if net.left[a] and v not in done and (v not in far or reached < far[v]):
                far[v], by[v] = reached, a
                heapq.heappush(heap, (reached, v))
    if sink not in done:
        return []
    for v, d in done.items():
        potentials[v] += d - done[sink]
    path = []
    while sink != source:
        path.append(by[sink])
        sink = net.head[by[sink] ^ 1]
    return path[::-1]
