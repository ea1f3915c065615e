"""The network as OR-tools wants it (docs/spec/assignment.md, 6): heavy, and needed by the solver only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from sampler.assign.arrays import group_column
from sampler.errors import DrawError

if TYPE_CHECKING:
    from array import array

    from sampler.assign.arrays import Ints
    from sampler.assign.blocks import Block
    from sampler.assign.model import Rung


@dataclass(frozen=True, slots=True)
class Net:
    """Arcs by columns. Nodes: 0 source, officers from 1, groups, limits, sink, officers at objects of several groups.

    The last ``len(shown)`` arcs are the eligible ones.
    """

    sink: int
    tail: Ints
    head: Ints
    capacity: Ints


def _net(block: Block, rung: Rung, shown: Ints) -> Net:
    """Return the network of the arcs `shown`, without the lower bounds, which are still owed at the officers."""
    floors, ceils = (np.asarray(b, np.int64) for b in block.bounds(rung))
    first, below, sink = block.first, block.below, block.nodes
    who = np.frombuffer(block.who, np.int32).astype(np.int64)[shown]
    group = group_column(block)[shown]
    pair = np.asarray(block.places, np.int64)[group] * len(floors) + who
    keys, one, at, times = np.unique(pair, return_index=True, return_inverse=True, return_counts=True)
    several = np.flatnonzero(times > 1)
    node = np.zeros(len(keys), np.int64)
    node[several] = sink + 1 + np.arange(len(several))
    through = node[at]
    begin = np.frombuffer(block.tails, np.int32).astype(np.int64)[shown] if block.limits else 1 + who
    limits = np.arange(below, sink)
    tails = (
        np.zeros(len(floors), np.int64),
        np.arange(first, below),
        np.asarray(block.above, np.int64),
        begin[one[several]],
    )
    heads = (np.arange(1, first), np.full(below - first, sink), limits, node[several])
    capacities = (
        ceils - floors,
        np.asarray(block.counts, np.int64),
        np.asarray(block.most, np.int64),
        np.ones(len(several), np.int64),
    )
    return Net(
        sink,
        np.concatenate([*tails, np.where(through > 0, through, begin)]),
        np.concatenate([*heads, first + group]),
        np.concatenate([*capacities, np.ones(len(shown), np.int64)]),
    )


def most(block: Block, rung: Rung) -> int:
    """Return the largest flow that meets the floors first: the demand if and only if the rung is feasible.

    Raises
    ------
    DrawError
        ``ASSIGN_SOLVER`` when the solver fails.
    """
    net = _net(block, rung, np.arange(len(block.who)))
    floors = np.asarray(block.bounds(rung)[0], np.int64)
    start = int(max(net.tail.max(initial=0), net.head.max(initial=0), net.sink)) + 1
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(net.tail, net.head, net.capacity)
    solver.add_arcs_with_capacity(
        np.full(1 + len(floors), start), np.arange(1 + len(floors)), np.r_[block.demand - floors.sum(), floors]
    )
    if solver.solve(start, net.sink) != solver.OPTIMAL:
        raise DrawError("ASSIGN_SOLVER", "max flow failed", found=block.block)
    return int(solver.optimal_flow())


def cheapest(block: Block, rung: Rung, filled: int, costs: array[int], shown: Ints) -> list[int] | None:
    """Return the arcs used by a cheapest flow over the arcs `shown` that fills exactly `filled` places on `rung`.

    None when these arcs do not suffice.
    """
    net = _net(block, rung, shown)
    floors = np.asarray(block.bounds(rung)[0], np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    cost = np.zeros(len(net.tail), np.int64)
    cost[len(cost) - len(shown) :] = np.frombuffer(costs, np.int64)[shown]
    arcs = solver.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, net.capacity, cost)
    solver.set_nodes_supplies(np.arange(1, block.first), floors)
    solver.set_node_supply(0, int(filled - floors.sum()))
    solver.set_node_supply(net.sink, -filled)
    if solver.solve() != solver.OPTIMAL:
        return None
    flows = solver.flows(arcs)[len(cost) - len(shown) :]
    return [int(a) for a in shown[np.flatnonzero(flows)]]
