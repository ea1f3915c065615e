"""Who may visit what: rules, eligibility, templates and blocks (docs/spec/assignment.md, sections 2 to 5).

Nothing here depends on the seed. All that chance may later choose from is fixed, and can be listed, before it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sampler.assign.limits import Limits, parse_limits
from sampler.crew import JURISDICTIONS
from sampler.errors import DrawError, PlanError
from sampler.roster import EVERYWHERE, EXPERT, OFFICER, Officer, Recusals
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sampler.canon import Json
    from sampler.tables import Table

REASONS: Final = (
    "expert",
    "department",
    "certificate",
    "leave",
    "jurisdiction",
    "recusal",
    "items",
    "needs",
    "fixed",
)
"""Why an officer may not serve, in the order in which they are tried (records.md, 3.9)."""
MOST: Final = 99
"""Most groups of a template, and most places of a group."""
TARGET_COLUMNS: Final = ("object_id", "owner_id", "class", "type", "district", "industry", "tags")


@dataclass(frozen=True, slots=True)
class Group:
    """`count` places of one object that ask for the same (assignment.md, 3)."""

    group: str
    count: int
    needs: frozenset[str]
    department: str = ""

    @property
    def expert(self) -> bool:
        """Whether these places are for experts, who never count as officers."""
        return EXPERT in self.needs


@dataclass(frozen=True, slots=True)
class Template:
    """A team; `when` is (key, values) of the plan, empty for the last template (assignment.md, 3)."""

    template: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """How far loads may lie below and above the even share (assignment.md, 5)."""

    rung: str
    below: int
    above: int


VACANCY: Final = Rung("vacancy", 0, 0)
"""The rung after the last of the plan: no floors, the officers' own ceilings, vacancies allowed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the plan says about teams (records.md, 3.2)."""

    first_day: str
    last_day: str
    items: frozenset[str]
    jurisdiction: str
    leave_days: int
    templates: tuple[Template, ...]
    ladder: tuple[Rung, ...]
    cluster: dict[str, str]
    cross: frozenset[tuple[str, str]]
    fixed: dict[tuple[str, str], frozenset[str]]
    limits: Limits = ()
    together: int = 0

    def covers(self, officer: Officer, district: str) -> bool:
        """Return whether the officer's area holds `district`, by right or by authorisation (assignment.md, 2)."""
        return self.near(officer.district, district) or (officer.inspector_id, district) in self.cross

    def near(self, home: str, district: str) -> bool:
        """Return whether the area of every officer of district `home` holds `district`."""
        if self.jurisdiction == "any" or home in (EVERYWHERE, district):
            return True
        return (
            self.jurisdiction == "cluster" and home in self.cluster and self.cluster[home] == self.cluster.get(district)
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A drawn object, as its frame row has it (records.md, 2); `class_` is the column ``class``."""

    object_id: str
    owner_id: str
    class_: str
    type: str
    district: str
    industry: str
    tags: frozenset[str]

    @property
    def owner(self) -> str:
        """The owner; the object itself when the row has ``-``."""
        return self.object_id if self.owner_id == NONE else self.owner_id


def parse_rules(plan: dict[str, Json]) -> Rules:
    """Return the rules of a plan record whose field table has been checked (records.md, 3.2).

    Raises
    ------
    PlanError
        ``PLAN_TEMPLATES``, ``PLAN_GROUPS``, ``PLAN_LADDER``, ``PLAN_JURISDICTION``, ``PLAN_LIMITS``,
        ``PLAN_TOGETHER``: what no record schema sees.
    """
    assignment = plan["assignment"]
    templates = tuple(_template(t) for t in plan["templates"])
    ladder = tuple(Rung(r["rung"], r["below"], r["above"]) for r in assignment["ladder"])
    if not templates or templates[-1].when or not _distinct(t.template for t in templates):
        raise PlanError("PLAN_TEMPLATES", "templates need distinct names, and the last one has no `when`")
    if not _distinct([*(r.rung for r in ladder), VACANCY.rung]):
        raise PlanError("PLAN_LADDER", "rungs need distinct names; `vacancy` is added by rule")
    if assignment["jurisdiction"] not in JURISDICTIONS:
        raise PlanError("PLAN_JURISDICTION", "not district, cluster or any", found=assignment["jurisdiction"])
    if assignment.get("together", 1) < 1:
        raise PlanError("PLAN_TOGETHER", "officers who meet at all meet at least once")
    return Rules(
        first_day=plan["visits"]["from"],
        last_day=plan["visits"]["to"],
        items=frozenset(plan["items"]),
        jurisdiction=assignment["jurisdiction"],
        leave_days=assignment["leave_days"],
        templates=templates,
        ladder=ladder,
        cluster={d: c["cluster"] for c in assignment.get("clusters", ()) for d in c["districts"]},
        cross=frozenset((c["inspector_id"], c["district"]) for c in assignment.get("cross", ())),
        fixed=_fixed(assignment.get("fixed", ())),
        limits=parse_limits(assignment.get("limits", ())),
        together=assignment.get("together", 0),
    )


def _fixed(rows: Iterable[dict[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
    """Return who alone may serve in a group of an object whose places are filled before the seed."""
    out: dict[tuple[str, str], frozenset[str]] = {}
    for row in rows:
        key = (row["object_id"], row["group"])
        out[key] = out.get(key, frozenset()) | {row["inspector_id"]}
    return out


def _template(raw: dict[str, Any]) -> Template:
    groups = tuple(Group(g["group"], g["count"], frozenset(g["needs"]), g.get("department", "")) for g in raw["groups"])
    counts = [g.count for g in groups]
    if (
        not 1 <= len(groups) <= MOST
        or not _distinct(g.group for g in groups)
        or not 1 <= min(counts) <= max(counts) <= MOST
    ):
        raise PlanError(
            "PLAN_GROUPS", f"1 to {MOST} groups of distinct names and 1 to {MOST} places", found=raw["template"]
        )
    when = tuple((key, tuple(values)) for key, values in sorted(raw.get("when", {}).items()))
    return Template(raw["template"], when, groups)


def _distinct(names: Iterable[str]) -> bool:
    return max(Counter(names).values()) == 1


def parse_targets(frame: Table, drawn: Iterable[str]) -> list[Target]:
    """Return the `drawn` objects as their frame rows have them, by object_id.

    Raises
    ------
    DrawError
        ``ASSIGN_FRAME`` when a drawn object has no row.
    """
    row = {key: n for n, key in enumerate(frame.key)}
    columns = {name: frame[name] for name in TARGET_COLUMNS}
    out = []
    for object_id in sorted(drawn):
        if object_id not in row:
            raise DrawError("ASSIGN_FRAME", "a drawn object is not in the frame", found=object_id)
        fields = {name: column[row[object_id]] for name, column in columns.items()}
        tags = fields.pop("tags")
        fields["class_"] = fields.pop("class")
        out.append(Target(**fields, tags=frozenset(tags.split(",")) - {NONE}))
    return out


def remaining(officers: Iterable[Officer], used: Mapping[str, int]) -> list[Officer]:
    """Return `officers` with the visits taken off that earlier draws of the sitting gave them (assignment.md, 5)."""
    return [replace(o, max_load=max(0, o.max_load - used.get(o.inspector_id, 0))) for o in officers]


def visits(assignment: dict[str, Json], amendments: Iterable[dict[str, Json]] = ()) -> Counter[str]:
    """Return how many visits an assignment gives every officer, as `amendments` of it left them."""
    found = Counter(m["inspector_id"] for team in assignment["teams"] for m in team["members"])
    for change in (c for a in amendments for c in a["changes"]):
        found.update(m["inspector_id"] for m in change["entering"])
        found.subtract(m["inspector_id"] for m in change["leaving"])
    return found


def reason(officer: Officer, target: Target, group: Group, rules: Rules, recusals: Recusals) -> str | None:
    """Return the first reason why `officer` may not serve in `group` at `target`, or None (assignment.md, 2)."""
    if officer.role != (EXPERT if group.expert else OFFICER):
        return "expert"
    if group.department not in ("", officer.department):
        return "department"
    if officer.expiry < rules.last_day:
        return "certificate"
    if officer.leave and days_away(officer, rules.first_day, rules.last_day) > rules.leave_days:
        return "leave"
    if not rules.covers(officer, target.district):
        return "jurisdiction"
    who = officer.inspector_id
    if (who, "object", target.object_id) in recusals or (who, "owner", target.owner) in recusals:
        return "recusal"
    if officer.items and not rules.items <= officer.items:
        return "items"
    if not group.needs <= officer.qualifications | {EXPERT}:
        return "needs"
    alone = rules.fixed.get((target.object_id, group.group))
    return None if alone is None or who in alone else "fixed"


def days_away(officer: Officer, first: str, last: str) -> int:
    """Return how many days from `first` to `last`, both included, the officer is on leave."""
    window = range(_day(first), _day(last) + 1)
    return sum(max(0, min(_day(end) + 1, window.stop) - max(_day(start), window.start)) for start, end in officer.leave)


def _day(date: str) -> int:
    return dt.date.fromisoformat(date).toordinal()


Row = tuple[Template, list[list[int]]]
"""A template, and the positions of those eligible for each of its groups."""


class Eligibility:
    """Every eligible officer of a place, by the rule of :func:`reason`, asked once per district and needs.

    Parameters
    ----------
    rules, officers, recusals
        What the seal holds; officers are put in order of inspector_id.
    """

    def __init__(self, rules: Rules, officers: Iterable[Officer], recusals: Recusals) -> None:
        self.rules = rules
        self.officers = sorted(officers, key=lambda o: o.inspector_id)
        self._general: dict[tuple[str, frozenset[str], str], list[int]] = {}
        self._special = {object_id for object_id, _ in rules.fixed}
        self._recused: dict[str, dict[str, set[int]]] = {"object": {}, "owner": {}}
        self._rows: dict[tuple[str, str, str, frozenset[str]], Row] = {}
        at = {o.inspector_id: n for n, o in enumerate(self.officers)}
        for who, kind, target in recusals:
            if who in at:
                self._recused[kind].setdefault(target, set()).add(at[who])
        self._homes: dict[str, list[int]] = {}
        for n, o in enumerate(self.officers):
            self._homes.setdefault(o.district, []).append(n)
        self._cross: dict[str, list[int]] = {}
        for who, district in rules.cross:
            self._cross.setdefault(district, []).extend([at[who]] if who in at else [])

    def of(self, target: Target, group: Group) -> list[int]:
        """Return positions of the officers eligible for `group` at `target`."""
        key = (target.district, group.needs, group.department)
        if key not in self._general:
            nobody: Recusals = frozenset()
            anywhere = replace(target, object_id=NONE)
            self._general[key] = [
                n
                for n in self._around(target.district)
                if reason(self.officers[n], anywhere, group, self.rules, nobody) is None
            ]
        barred, found = self._barred(target), self._general[key]
        alone = self.rules.fixed.get((target.object_id, group.group))
        if alone is not None:
            found = [n for n in found if self.officers[n].inspector_id in alone]
        return [n for n in found if n not in barred] if barred else found

    def _around(self, district: str) -> list[int]:
        """Return those whose area may hold the district, in order: of many districts few are asked."""
        near = [n for home, those in self._homes.items() if self.rules.near(home, district) for n in those]
        return sorted({*near, *self._cross.get(district, ())})

    def _barred(self, target: Target) -> set[int]:
        here = self._recused["object"].get(target.object_id)
        owned = self._recused["owner"].get(target.owner)
        return here | owned if here and owned else here or owned or set()

    def template(self, target: Target) -> Template:
        """Return the first template that fits and for which the object alone has a full team, else the last."""
        return self.row(target)[0]

    def row(self, target: Target) -> Row:
        """Return the object's template and who is eligible for each of its groups; objects alike share one row."""
        if self._barred(target) or target.object_id in self._special:
            return self._row(target)
        key = (target.type, target.industry, target.district, target.tags)
        if key not in self._rows:
            self._rows[key] = self._row(target)
        return self._rows[key]

    def _row(self, target: Target) -> Row:
        *before, last = self.rules.templates
        for template in before:
            if fits(template, target):
                found = [self.of(target, g) for g in template.groups]
                if self._full(template, found):
                    return template, found
        return last, [self.of(target, g) for g in last.groups]

    def full(self, target: Target, template: Template) -> bool:
        """Return whether distinct officers who can still make a visit fill every place of the object."""
        return self._full(template, [self.of(target, g) for g in template.groups])

    def _full(self, template: Template, found: list[list[int]]) -> bool:
        open_to = [[n for n in those if self.officers[n].max_load] for those in found]
        if min(map(len, open_to)) >= sum(g.count for g in template.groups):
            return True  # whoever is seated first, somebody is left for each place
        team: dict[int, int] = {}
        return all(
            _seat(g, open_to, team, set()) for g, group in enumerate(template.groups) for _ in range(group.count)
        )


def _seat(group: int, open_to: list[list[int]], team: dict[int, int], tried: set[int]) -> bool:
    """Seat one more officer in `group`, moving others between groups where needed (an augmenting path)."""
    tried.add(group)
    for n in open_to[group]:
        if n not in team or (team[n] not in tried and _seat(team[n], open_to, team, tried)):
            team[n] = group
            return True
    return False


def fits(template: Template, target: Target) -> bool:
    """Return whether every list of the template's `when` names the object (assignment.md, 3)."""
    hits = {
        "types": lambda values: target.type in values,
        "industries": lambda values: target.industry != NONE and target.industry.startswith(values),
        "tags": lambda values: not target.tags.isdisjoint(values),
    }
    return all(hits[key](values) for key, values in template.when)
