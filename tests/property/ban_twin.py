"""The limit on meetings by trying everything (docs/spec/assignment.md, 18): every flow is listed, the lawful ones are sifted."""

from __future__ import annotations

from itertools import combinations
from typing import Any

Arc = tuple[str, str, str]  # officer, object, group
Visit = tuple[str, str]  # object, officer
Flows = list[frozenset[Arc]]


def settle(
    lawful: Flows, t: dict[Arc, int], first: frozenset[Arc], demand: int, most: int
) -> tuple[frozenset[Arc], set[Visit], list[dict[str, Any]]] | None:
    """Return the best flow, the bans that hold, and the stages; None when something ties."""
    flow, banned, lifted = first, set[Visit](), set[Visit]()
    stages: list[dict[str, Any]] = []
    reached = [first]
    while len(stages) < demand:
        open_ = {a for pair in crowded(flow, most) for a in pair if (a[1], a[0]) not in lifted}
        dear = [a for a in open_ if t[a] == max(t[b] for b in open_)]
        if len(dear) > 1:
            return None
        if not dear:
            break
        visit = (dear[0][1], dear[0][0])
        left = [f for f in lawful if not {(e, i) for i, e, _ in f} & (banned | {visit}) and len(f) >= len(first)]
        ranked = sorted((sum(t[a] for a in f), sorted(f)) for f in left)
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            return None
        after = frozenset(ranked[0][1]) if ranked else flow
        (banned if ranked else lifted).add(visit)
        stages.append(stage(visit, flow, after) | ({} if ranked else {"lifted": True}))
        flow = after
        reached.append(flow)
    best = min(range(len(reached)), key=lambda n: (len(crowded(reached[n], most)), sum(t[a] for a in reached[n]), n))
    for s in stages[best:]:
        if "lifted" not in s:
            s["undone"] = True
            banned.discard((s["object_id"], s["inspector_id"]))
    return reached[best], banned, stages


def crowded(flow: frozenset[Arc], most: int) -> list[tuple[Arc, Arc]]:
    """Return the meetings of two who meet more than `most` times, by the arcs that make them."""
    met = [(a, b) for a, b in combinations(sorted(flow), 2) if a[1] == b[1]]
    times = {frozenset((a[0], b[0])): 0 for a, b in met}
    for a, b in met:
        times[frozenset((a[0], b[0]))] += 1
    return [(a, b) for a, b in met if times[frozenset((a[0], b[0]))] > most]


def stage(visit: Visit, before: frozenset[Arc], after: frozenset[Arc]) -> dict[str, Any]:
    def listed(flow: frozenset[Arc], e: str) -> list[dict[str, str]]:
        return [{"group": g, "inspector_id": i} for g, i in sorted((g, i) for i, x, g in flow if x == e)]

    touched = sorted({e for _, e, _ in before ^ after})
    changes = [
        {"object_id": e, "leaving": listed(before - after, e), "entering": listed(after - before, e)} for e in touched
    ]
    return {"object_id": visit[0], "inspector_id": visit[1], "changes": changes}
