"""The residual graph at scale, in numpy (twin of `residual`; docs/spec/assignment.md, sections 7 to 9).

Columns of 64-bit integers; a block whose prices might not fit is left to the exact twin. Used by the solver always,
by the replay when numpy is there: `tight` is handed to the checker, which is complete without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from sampler.assign import residual
from sampler.assign.blocks import HUB
from sampler.errors import DrawError
from sampler.ticket import assign_tickets

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung
    from sampler.assign.residual import TicketRule, Tight

    Ints = npt.NDArray[np.int64]

SAFE: Final = 1 << 61
FAR: Final = 1 << 62
COMPILED: Final = find_spec("llvmlite") is not None
"""Whether the extra `speed` is installed; the bytes are the same without."""
MANY: Final = 500_000
"""So many tickets take longer than to make the function that hashes them faster."""
DENSE: Final = 50_000_000
"""Most (object, officer) cells for which a table is worth its memory."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """Residual arcs by columns.

    Parameters
    ----------
    tail, weight
        Of the arc that leads to the group of each eligible arc; meaningless where the arc is used.
    used, back, price
        Used arcs; the group node and officer node of each, and its ticket.
    start, filled
        First arc of every group that has arcs, and the node of that group.
    hub
        Tail, head, cost of the arcs at the hub and of those above limits.
    """

    tail: Ints
    weight: Ints
    used: Ints
    back: tuple[Ints, Ints]
    price: Ints
    start: Ints
    filled: Ints
    hub: tuple[Ints, Ints, Ints]


def fits(block: Block) -> bool:
    """Return whether every price of the block fits a 64-bit integer with room to spare."""
    return (block.demand + block.nodes + 2) << residual.TICKET_BITS < SAFE


def group_column(block: Block) -> Ints:
    """Return the group of every arc."""
    start = np.frombuffer(block.start, np.int64)
    return np.repeat(np.arange(len(block.groups)), start[1:] - start[:-1])


def arcs(block: Block, rung: Rung, used: Sequence[int], costs: array[int]) -> Arcs:
    """Return the residual graph of the flow on the increasing arcs `used`."""
    ticket, start = np.frombuffer(costs, np.int64), np.frombuffer(block.start, np.int64)
    who, group = np.frombuffer(block.who, np.int32).astype(np.int64), group_column(block)
    on = np.asarray(used, np.int64)
    begin = _begin(block, who)
    tail, weight = begin.copy(), ticket.copy()
    now = _serving(block, who, group, on)
    swap = np.flatnonzero(now >= 0)
    tail[swap] = block.first + group[now[swap]]
    weight[swap] -= ticket[now[swap]]
    some = np.flatnonzero(start[1:] > start[:-1])
    return Arcs(
        tail=tail,
        weight=weight,
        used=on,
        back=(block.first + group[on], begin[on]),
        price=ticket[on],
        start=start[some],
        filled=block.first + some,
        hub=_bound_arcs(block, rung, used, who[on], group[on]),
    )


def _bound_arcs(block: Block, rung: Rung, used: Sequence[int], who: Ints, group: Ints) -> tuple[Ints, Ints, Ints]:
    """Do as :func:`residual.bound_arcs`, by columns, from the officers and the groups of the used arcs."""
    low, high = np.array(block.bounds(rung), np.int64).reshape(2, -1)
    count, load = np.asarray(block.counts, np.int64), np.bincount(who, minlength=len(low))
    empty = count - np.bincount(group, minlength=len(count))
    more, less = 1 + np.flatnonzero(load < high), 1 + np.flatnonzero(load > low)
    some, gaps = block.first + np.flatnonzero(empty < count), block.first + np.flatnonzero(empty > 0)
    below = np.array(residual.limit_arcs(block, used), np.int64).reshape(-1, 3)
    free, penalty = np.zeros(len(more) + len(less), np.int64), block.demand << residual.TICKET_BITS
    return (
        np.concatenate([np.full(len(more), HUB), less, np.full(len(some), HUB), gaps, below[:, 0]]),
        np.concatenate([more, np.full(len(less), HUB), some, np.full(len(gaps), HUB), below[:, 1]]),
        np.concatenate([free, np.full(len(some), penalty), np.full(len(gaps), -penalty), below[:, 2]]),
    )


def _begin(block: Block, who: Ints) -> Ints:
    """Return the node that each eligible arc begins at."""
    return np.frombuffer(block.tails, np.int32).astype(np.int64) if block.limits else 1 + who


def _serving(block: Block, who: Ints, group: Ints, on: Ints) -> Ints:
    """Return for every arc the used arc of the same officer at the same object, or -1."""
    key = np.asarray(block.places, np.int64)[group] * len(block.officers) + who
    cells = len(block.templates) * len(block.officers)
    if cells <= DENSE:
        table = np.full(cells, -1, np.int64)
        table[key[on]] = on
        found: Ints = table[key]
        return found
    order = np.argsort(key[on])
    taken = key[on][order]
    at = np.minimum(np.searchsorted(taken, key), max(len(taken) - 1, 0))
    return np.where(taken[at] == key, on[order][at], -1) if len(taken) else np.full(len(key), -1, np.int64)


def canonical(a: Arcs, nodes: int) -> Ints:
    """Return p[v] = the smallest residual distance to v from any node, 0 included (assignment.md, 8).

    Raises
    ------
    DrawError
        ``ASSIGN_SOLVER`` when a cycle of negative cost shows that the flow is not the cheapest.
    """
    p = np.zeros(nodes, np.int64)
    order = np.argsort(a.back[1], kind="stable")
    heads, cut = np.unique(a.back[1][order], return_index=True)
    tails, prices = a.back[0][order], a.price[order]
    for _ in range(nodes + 1):
        before = p.copy()
        if len(a.filled):
            reach = p[a.tail] + a.weight
            reach[a.used] = FAR
            p[a.filled] = np.minimum(p[a.filled], np.minimum.reduceat(reach, a.start))
        if len(heads):
            p[heads] = np.minimum(p[heads], np.minimum.reduceat(p[tails] - prices, cut))
        _at_hub(p, a.hub)
        if np.array_equal(p, before):
            return p
    raise DrawError("ASSIGN_SOLVER", "the flow is not the cheapest: a cycle of negative cost is left")


def _at_hub(p: Ints, hub: tuple[Ints, Ints, Ints]) -> None:
    """Relax the arcs between limits and what is above them, then the arcs into the hub, then those out of it."""
    tail, head, cost = hub
    into, out = head == HUB, tail == HUB
    if not (into | out).all():
        tree = ~(into | out)
        np.minimum.at(p, head[tree], p[tail[tree]] + cost[tree])
    if into.any():
        p[HUB] = min(p[HUB], (p[tail[into]] + cost[into]).min())
    p[head[out]] = np.minimum(p[head[out]], p[HUB] + cost[out])


def only(a: Arcs, shown: npt.NDArray[np.bool_], group: Ints, first: int) -> Arcs:
    """Return the residual graph without the arcs that are not `shown` (used arcs are)."""
    keep = np.flatnonzero(shown)
    filled, start = np.unique(group[keep], return_index=True)
    return replace(
        a,
        tail=a.tail[keep],
        weight=a.weight[keep],
        used=np.searchsorted(keep, a.used),
        start=start,
        filled=first + filled,
    )


def slack(a: Arcs, p: Ints, group: Ints, first: int) -> Ints:
    """Return the reduced cost of the arc into the group of every eligible arc; 1 where that arc is used."""
    found: Ints = p[a.tail] + a.weight - p[first + group]
    found[a.used] = 1
    return found


def potentials(block: Block, rung: Rung, used: Sequence[int], costs: array[int]) -> list[int]:
    """Do as :func:`residual.canonical`, in numpy."""
    if not fits(block):
        return residual.canonical(block, rung, used, costs)
    found: list[int] = canonical(arcs(block, rung, used, costs), block.nodes).tolist()
    return found


def tight(block: Block, rung: Rung, used: Sequence[int], costs: array[int], p: Sequence[int]) -> Tight | None:
    """Do as :func:`residual.tight`, in numpy."""
    if not fits(block):
        return residual.tight(block, rung, used, costs, p)
    if min(p, default=0) < -SAFE or max(p, default=0) > 0:
        return None  # no residual path is that long: such a number is no potential
    price, a, group = np.asarray(p, np.int64), arcs(block, rung, used, costs), group_column(block)
    into = slack(a, price, group, block.first)
    back = price[a.back[0]] - a.price - price[a.back[1]]
    hub = price[a.hub[0]] + a.hub[2] - price[a.hub[1]]
    if min(into.min(initial=0), back.min(initial=0), hub.min(initial=0)) < 0:
        return None
    at, on, by = np.flatnonzero(into == 0), back == 0, hub == 0
    tails = np.concatenate([a.tail[at], a.back[0][on], a.hub[0][by]])
    heads = np.concatenate([block.first + group[at], a.back[1][on], a.hub[1][by]])
    return tails.tolist(), heads.tolist()


def priced(blocks: Sequence[Block], rounds: Sequence[int], seed: bytes, rule: TicketRule) -> Iterator[array[int]]:
    """Do as :func:`residual.priced`, compiled where there are so many tickets that it is worth its start."""
    many = rule is assign_tickets and sum(len(b.who) for b in blocks) >= MANY
    return (compiled if many and COMPILED else residual.priced)(blocks, rounds, seed, rule)


def compiled(blocks: Sequence[Block], rounds: Sequence[int], seed: bytes, _rule: TicketRule) -> Iterator[array[int]]:
    """Do as :func:`residual.priced` by the rule of assignment.md, 6, in `columns`."""
    from sampler.assign import columns  # noqa: PLC0415  # llvmlite is an extra

    for block, round_ in zip(blocks, rounds, strict=True):
        yield columns.tickets(block, seed, round_)


FAST: Final = residual.Arithmetic(priced, tight, potentials)
"""Of numpy, in 64-bit integers where these suffice."""
