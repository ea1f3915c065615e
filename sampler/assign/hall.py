"""Why a set of visits cannot be staffed: a set of places with too few officers, in numbers (assignment.md, 15).

Hall's theorem with loads: places that ask for more visits than all who may serve there can pay. The set comes from
the residual graph of an assignment with fewest vacancies; :func:`checked` counts it again from the rules alone.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sampler.assign.limits import reach
from sampler.assign.model import Eligibility, Group, reason
from sampler.assign.residual import passed
from sampler.roster import EVERYWHERE, EXPERT, OFFICER, Officer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.assign.blocks import Block
    from sampler.assign.model import Rules, Target
    from sampler.roster import Recusals

LIMIT: Final = "limit"
"""Not why somebody may not serve at all, but why not more often."""
LIFTED: Final = ("certificate", "leave", "jurisdiction", "items")
"""Reasons that the office may mend before the seal. Recusals are never lifted."""
MOST_LOAD: Final = 999_999


@dataclass(frozen=True, slots=True)
class Case:
    """A concrete set of visits and who is there to pay them."""

    rules: Rules
    targets: dict[str, Target]
    officers: tuple[Officer, ...]
    recusals: Recusals


@dataclass(frozen=True, slots=True)
class Violator:
    """Places that ask for more than their officers can give.

    Parameters
    ----------
    places
        (object, group) with its number of places.
    capacity
        Officer to the most visits he can pay at these places: his load, or what limits let him visit of their objects.
    slots, supply, short
        Sums, and what is missing.
    reasons
        Why all others may not serve: first reason, counted over (officer, object, group).
    limits
        Limit of the plan to the number of officers whom it, not their load, holds back at these places.
    """

    places: dict[tuple[str, str], int]
    capacity: dict[str, int]
    reasons: dict[str, int]
    limits: dict[str, int]

    @property
    def slots(self) -> int:
        """Return the number of places."""
        return sum(self.places.values())

    @property
    def supply(self) -> int:
        """Return the visits that all eligible officers together can pay there."""
        return sum(self.capacity.values())

    @property
    def short(self) -> int:
        """Return how many places must stay empty."""
        return self.slots - self.supply


def violator(case: Case, block: Block, used: Sequence[int]) -> Violator:
    """Return the places that cannot be filled, given an assignment of `block` with fewest vacancies on no rung.

    Walk back from the vacancies: whoever could serve there is at his load, so the places he serves count as well.
    """
    group_of = block.group_of(range(len(block.who)))
    taken = set(used)
    load = dict(enumerate(passed(block, used), start=block.below))
    under: dict[int, list[int]] = {}
    for n, up in enumerate(block.above, start=block.below):
        under.setdefault(up, []).append(n)
    serves = {(block.who[a], block.places[group_of[a]]): group_of[a] for a in used}
    at: dict[int, list[int]] = {}
    for a in used:
        at.setdefault(block.tail(a), []).append(group_of[a])
    filled = Counter(group_of[a] for a in used)
    queue = deque(g for g, k in enumerate(block.counts) if filled[g] < k)
    groups, nodes = set(queue), set[int]()

    def behind(node: int) -> list[int]:
        """Return the places served from a node, or from one that visits could be moved to or from on its behalf."""
        waiting, found = [node], []
        while waiting:
            n = waiting.pop()
            if n in nodes:
                continue
            nodes.add(n)
            found += at.get(n, [])
            waiting += [x for x in under.get(n, ()) if load[x]]
            if n >= block.below and load[n] < block.most[n - block.below]:
                waiting.append(block.above[n - block.below])
        return found

    while queue:
        g = queue.popleft()
        found: list[int] = []
        for a in range(block.start[g], block.start[g + 1]):
            here = serves.get((block.who[a], block.places[g]))
            if here is not None:
                found += [here] * (a not in taken)
            else:
                found += behind(block.tail(a))
        for h in found:
            if h not in groups:
                groups.add(h)
                queue.append(h)
    return checked(case, {block.groups[g]: block.counts[g] for g in sorted(groups)})


def checked(case: Case, places: dict[tuple[str, str], int]) -> Violator:
    """Return what the rules alone say of these places: who may serve, how often, and why the others may not."""
    open_to = Eligibility(case.rules, case.officers, case.recusals)
    asked = _asked(open_to, case.targets, places)
    able: dict[str, set[str]] = {}
    for target, group in asked:
        for n in open_to.of(target, group):
            able.setdefault(open_to.officers[n].inspector_id, set()).add(target.object_id)
    load = {o.inspector_id: o.max_load for o in case.officers}
    capacity, held = {}, Counter[str]()
    for i, objects in sorted(able.items()):
        where = Counter(case.targets[e].district for e in objects)
        capacity[i], by = reach(case.rules.limits, where, load[i])
        held.update(by)
    return Violator(places, capacity, _reasons(case, asked, set(able)), dict(sorted(held.items())))


def _asked(
    open_to: Eligibility, targets: dict[str, Target], places: Iterable[tuple[str, str]]
) -> list[tuple[Target, Group]]:
    templates = {e: open_to.template(targets[e]) for e, _ in places}
    return [(targets[e], next(x for x in templates[e].groups if x.group == g)) for e, g in places]


def _reasons(case: Case, asked: list[tuple[Target, Group]], able: set[str]) -> dict[str, int]:
    """Count the first reasons; places alike but for recusals are asked once and counted by their number."""
    kinds: dict[tuple[str, frozenset[str], str], tuple[Target, Group, int]] = {}
    found: Counter[str] = Counter()
    barred: dict[tuple[str, str], set[str]] = {}
    for who, kind, what in case.recusals:
        barred.setdefault((kind, what), set()).add(who)
    nobody: set[str] = set()
    for target, group in asked:
        key = (target.district, group.needs, group.department)
        kinds[key] = (target, group, kinds.get(key, (target, group, 0))[2] + 1)
        here = barred.get(("object", target.object_id), nobody) | barred.get(("owner", target.owner), nobody)
        found["recusal"] += len(here - able)
    for target, group, times in kinds.values():
        for o in case.officers:
            why = None if o.inspector_id in able else reason(o, target, group, case.rules, frozenset())
            if why:
                found[why] += times
    return {k: n for k, n in found.most_common() if n}


def lifted(case: Case, why: str) -> Case:
    """Return the case as it would be without one reason: what mending it could fix at most."""
    if why == LIMIT:
        return replace(case, rules=replace(case.rules, limits=()))
    if why == "jurisdiction":
        return replace(case, officers=tuple(replace(o, district=EVERYWHERE) for o in case.officers))
    change: dict[str, object] = {
        "certificate": {"expiry": "9999-12-31"},
        "leave": {"leave": ()},
        "items": {"items": frozenset()},
    }[why]  # type: ignore[assignment]  # one field each
    return replace(case, officers=tuple(replace(o, **change) for o in case.officers))  # type: ignore[arg-type]


def raised(case: Case, officers: Iterable[str], more: int) -> Case:
    """Return the case with the loads of some officers raised by `more`."""
    chosen = set(officers)
    return replace(
        case,
        officers=tuple(
            replace(o, max_load=o.max_load + more) if o.inspector_id in chosen else o for o in case.officers
        ),
    )


@dataclass(frozen=True, slots=True)
class Recruit:
    """Officers to be added: for one district, these needs and department, this many, each with this many visits."""

    district: str
    needs: tuple[str, ...]
    department: str
    count: int
    visits: int


def recruits(case: Case, vacant: dict[tuple[str, str], int]) -> list[Recruit]:
    """Return the officers whose coming would fill the vacant places, kind by kind, as many as objects or limits ask."""
    open_to = Eligibility(case.rules, case.officers, case.recusals)
    most: dict[tuple[str, tuple[str, ...], str], int] = {}
    total: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    for (target, group), count in zip(_asked(open_to, case.targets, vacant), vacant.values(), strict=True):
        key = (target.district, tuple(sorted(group.needs)), group.department)
        most[key] = max(most.get(key, 0), count)
        total[key] += count
    limits = case.rules.limits
    paid = {key: reach(limits, {key[0]: n})[0] for key, n in total.items()}
    return [
        Recruit(*key, count=max(n, -(-total[key] // paid[key])), visits=paid[key]) for key, n in sorted(most.items())
    ]


def joined(case: Case, coming: Iterable[Recruit]) -> Case:
    """Return the case with the recruits in it, under ids that no officer has."""
    new = [
        Officer(
            inspector_id=f"~{n}.{k}", unit="~", department=r.department or "~", district=r.district,
            role=EXPERT if EXPERT in r.needs else OFFICER, expiry="9999-12-31", items=frozenset(),
            qualifications=frozenset(r.needs), max_load=r.visits, leave=(),
        )
        for n, r in enumerate(coming)
        for k in range(r.count)
    ]  # fmt: skip
    return replace(case, officers=(*case.officers, *new))
