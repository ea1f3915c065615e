"""The independent parts of a draw, in columns (docs/spec/assignment.md, sections 4 to 6).

A block may hold millions of eligible arcs: they are compact arrays, grouped by the place they lead to.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sampler.assign import limits as limiting
from sampler.assign.model import VACANCY, Eligibility
from sampler.errors import DrawError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sampler.assign.limits import Limits
    from sampler.assign.model import Rules, Rung, Target, Template
    from sampler.roster import Officer, Recusals

NOTHING: Final = MappingProxyType[tuple[str, str], int]({})
"""No visits paid yet."""
HUB: Final = 0
"""The first node; officers follow from 1, then groups."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the draw that shares no officer with the rest (assignment.md, 4).

    Parameters
    ----------
    block
        Its smallest object_id.
    templates
        Object to template, by object_id.
    officers, max_load, visits
        Officers in order, each with the most visits allowed and the number of objects open to them.
    groups, counts, places
        (object_id, group) in order, each with its number of places; position of the object in `templates`.
    who, start
        The eligible arcs: arcs ``start[g]`` to ``start[g + 1] - 1`` lead from the officers ``who`` to group g.
    limits, most, above
        (limit, officer) of every node below an officer, the visits that may pass it, and the node above it.
    tails
        Where there are limits: the node that each eligible arc begins at; else it is the officer's.
    """

    block: str
    templates: dict[str, str]
    officers: tuple[str, ...]
    max_load: tuple[int, ...]
    visits: tuple[int, ...]
    groups: tuple[tuple[str, str], ...]
    counts: tuple[int, ...]
    places: tuple[int, ...]
    who: array[int]
    start: array[int]
    limits: tuple[tuple[str, str], ...] = ()
    most: tuple[int, ...] = ()
    above: tuple[int, ...] = ()
    tails: array[int] = field(default_factory=lambda: array("i"))
    demand: int = field(init=False)

    def __post_init__(self) -> None:
        """Count D, the number of places to fill."""
        object.__setattr__(self, "demand", sum(self.counts))

    @property
    def first(self) -> int:
        """The node of the first group."""
        return 1 + len(self.officers)

    @property
    def nodes(self) -> int:
        """Number of nodes: hub, officers, groups, limits."""
        return self.below + len(self.limits)

    @property
    def below(self) -> int:
        """The node of the first limit."""
        return self.first + len(self.groups)

    def tail(self, arc: int) -> int:
        """Return the node that an eligible arc begins at."""
        return self.tails[arc] if self.limits else 1 + self.who[arc]

    @property
    def arcs(self) -> list[tuple[int, int]]:
        """Positions of officer and group of every eligible arc."""
        return list(zip(self.who, self.group_of(range(len(self.who))), strict=True))

    def open_to(self) -> list[tuple[tuple[str, str], list[str]]]:
        """Return (object_id, group) and the officers eligible for it, group by group."""
        spans = zip(self.groups, pairwise(self.start), strict=True)
        return [(g, [self.officers[i] for i in self.who[low:high]]) for g, (low, high) in spans]

    def bounds(self, rung: Rung) -> tuple[list[int], list[int]]:
        """Return the smallest and the largest load of every officer on `rung` (assignment.md, 5)."""
        n = len(self.officers)
        if rung == VACANCY or not n:
            return [0] * n, list(self.max_load)
        low, high = max(0, self.demand // n - rung.below), -(-self.demand // n) + rung.above
        ceils = [min(most, high) for most in self.max_load]
        return [min(c, v, low) for c, v in zip(ceils, self.visits, strict=True)], ceils

    def group_of(self, arcs: Iterable[int]) -> list[int]:
        """Return the group each of the increasing `arcs` leads to."""
        out, g = [], 0
        for a in arcs:
            while self.start[g + 1] <= a:
                g += 1
            out.append(g)
        return out

    def names(self) -> list[str]:
        """Return the published name of every node, in order (records.md, 3.9)."""
        below = (f"l:{limit}:{i}" for limit, i in self.limits)
        return ["hub", *(f"i:{i}" for i in self.officers), *(f"g:{e}:{g}" for e, g in self.groups), *below]


def build(rules: Rules, targets: Iterable[Target], officers: Iterable[Officer], recusals: Recusals) -> list[Block]:
    """Return the blocks of a draw in order (assignment.md, 4).

    Raises
    ------
    DrawError
        ``ASSIGN_FRAME`` when an object or an officer stands twice.
    """
    who = Eligibility(rules, officers, recusals)
    what = sorted(targets, key=lambda t: t.object_id)
    if len({t.object_id for t in what}) < len(what) or len({o.inspector_id for o in who.officers}) < len(who.officers):
        raise DrawError("ASSIGN_FRAME", "an object or an officer stands twice")
    found = [who.row(t) for t in what]
    parts = components([open_to for _, open_to in found], len(who.officers))
    rows = ([(what[e], *found[e]) for e in part] for part in parts)
    return [make_block(who.officers, part, rules.limits) for part in rows]


def components(open_to: Sequence[list[list[int]]], officers: int) -> list[list[int]]:
    """Return the objects of each connected component, by smallest object (union-find over officers and objects).

    Most objects of a district share one list of lists, which joins them once.
    """
    root = list(range(officers + len(open_to)))

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    joined: dict[int, int] = {}
    for e, lists in enumerate(open_to, start=officers):
        if any(lists):
            root[e] = joined.setdefault(id(lists), e)
        if root[e] == e:
            for n in {root[n] for n in chain.from_iterable(lists)}:
                root[find(n)] = find(e)
    parts: dict[int, list[int]] = {}
    for e in range(len(open_to)):
        parts.setdefault(find(officers + e), []).append(e)
    return list(parts.values())


Row = tuple["Target", "Template", list[list[int]]]
"""An object, its template, and the positions of those eligible for each of its groups."""


def make_block(
    everyone: list[Officer], part: list[Row], limits: Limits = (), paid: Mapping[tuple[str, str], int] = NOTHING
) -> Block:
    """Return the block of these objects; `paid` are visits by (limit, officer) that limits have let pass already."""
    may_visit = _within([*part], limits)
    members = sorted(may_visit)
    at = {n: i for i, n in enumerate(members)}
    rows = sorted(
        (
            (e, g.group, g.count, found)
            for e, (_, t, lists) in enumerate(part)
            for g, found in zip(t.groups, lists, strict=True)
        ),
        key=itemgetter(0, 1),
    )
    who, start, known = array("i"), array("q", [0]), {}
    for _, _, _, found in rows:
        if id(found) not in known:
            known[id(found)] = array("i", [at[n] for n in found])
        who += known[id(found)]
        start.append(len(who))
    officers = tuple(everyone[n].inspector_id for n in members)
    tree = _Tree(limits, officers, 1 + len(members) + len(rows), paid)
    tails = array("i")
    for e, _, _, found in rows if limits else ():
        tails.extend(tree.tails(part[e][0].district, known[id(found)]))
    return Block(
        block=part[0][0].object_id,
        templates={target.object_id: template.template for target, template, _ in part},
        officers=officers,
        max_load=tuple(everyone[n].max_load for n in members),
        visits=tuple(may_visit[n] for n in members),
        groups=tuple((part[e][0].object_id, group) for e, group, _, _ in rows),
        counts=tuple(count for _, _, count, _ in rows),
        places=tuple(e for e, _, _, _ in rows),
        who=who,
        start=start,
        limits=tuple(tree.names),
        most=tuple(tree.most),
        above=tuple(tree.above),
        tails=tails,
    )


class _Tree:
    """The nodes of the limits below a block's officers, made as they are asked for."""

    def __init__(
        self, limits: Limits, officers: tuple[str, ...], first: int, paid: Mapping[tuple[str, str], int]
    ) -> None:
        self.limits, self.officers, self.first, self.paid = limits, officers, first, paid
        self.names: list[tuple[str, str]] = []
        self.most: list[int] = []
        self.above: list[int] = []
        self._node: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[str, bytes], list[int]] = {}

    def tails(self, district: str, who: array[int]) -> list[int]:
        """Return the node that each of the arcs from these officers to an object of the district begins at."""
        key = (district, who.tobytes())
        if key not in self._known:
            around = limiting.chain(self.limits, district)[::-1]
            self._known[key] = [self._below(i, around) for i in who]
        return self._known[key]

    def _below(self, officer: int, around: list[int]) -> int:
        node = 1 + officer
        for n in around:
            if (n, officer) not in self._node:
                name = (self.limits[n].limit, self.officers[officer])
                self._node[n, officer] = self.first + len(self.names)
                self.names.append(name)
                self.most.append(max(0, self.limits[n].most - self.paid.get(name, 0)))
                self.above.append(node)
            node = self._node[n, officer]
        return node


def _within(part: list[Row], limits: Limits) -> Counter[int]:
    """Return the most visits that limits let each officer pay at the objects open to him."""
    by_district: dict[str, list[list[list[int]]]] = {}
    for target, _, lists in part:
        by_district.setdefault(target.district if limits else "", []).append(lists)
    counts = {d: _visits(found) for d, found in by_district.items()}
    if not limits:
        return counts[""]
    everyone = {n for c in counts.values() for n in c}
    return Counter({n: limiting.reach(limits, {d: c[n] for d, c in counts.items()})[0] for n in everyone})


def _visits(open_to: list[list[list[int]]]) -> Counter[int]:
    """Return how many objects are open to each officer; objects that share their lists are counted together."""
    alike = Counter(map(id, open_to))
    kept = {id(lists): lists for lists in open_to}
    out = Counter(chain.from_iterable({*chain.from_iterable(kept[k])} for k, times in alike.items() if times == 1))
    for key, times in alike.items():
        for n in {*chain.from_iterable(kept[key])} if times > 1 else ():
            out[n] += times
    return out
