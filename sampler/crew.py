"""What a plan says about teams: templates, areas, places filled beforehand, limits, the ladder (records.md, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Final

from sampler.errors import Place, PlanError
from sampler.schema import By, Flag, Id, Int, Part, Text
from sampler.target import When

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

JURISDICTIONS: Final = ("district", "cluster", "any")
EXPERT: Final = "expert"
LEAD: Final = "lead"
MIN_TEAM: Final = 2
"""行政处罚法 art. 42: no visit by one officer alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Part):
    """Slots of a team with the same needs; `department` keeps them for officers of that department."""

    group: Id
    count: Int
    needs: Annotated[tuple[Id, ...], By()]
    department: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Part):
    """A team: its slot groups and the objects it is for."""

    template: Id
    groups: Annotated[tuple[Group, ...], By(("group",))]
    when: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Part):
    """How far loads may lie from the even share."""

    rung: Id
    below: Int
    above: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Part):
    """Districts that are travelled together."""

    cluster: Id
    districts: Annotated[tuple[Id, ...], By()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cross(Part):
    """An authorisation to inspect outside one's own area, with the document that says so."""

    inspector_id: Id
    district: Id
    document: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Part):
    """A place that is filled before the seed, with the document that says why."""

    object_id: Id
    group: Id
    inspector_id: Id
    document: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Part):
    """Most visits of one officer in some districts: those planned for one week, a district, an area."""

    limit: Id
    districts: Annotated[tuple[Id, ...], By()]
    most: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(Part):
    """The assignment's rules."""

    jurisdiction: Id
    leave_days: Int
    ladder: tuple[Rung, ...]
    initiator: Id | None = None
    clusters: Annotated[tuple[Cluster, ...], By(("cluster",))] | None = None
    cross: Annotated[tuple[Cross, ...], By(("inspector_id", "district"))] | None = None
    fixed: Annotated[tuple[Fixed, ...], By(("object_id", "group", "inspector_id"))] | None = None
    rotate: Flag | None = None
    limits: Annotated[tuple[Limit, ...], By(("limit",))] | None = None
    together: Int | None = None


def check_teams(templates: tuple[Template, ...], rules: Rules, districts: tuple[str, ...]) -> None:
    """Refuse templates and rules of the assignment that do not fit together, with ``PLAN_*``."""
    ask(
        0,
        templates != () and templates[-1].when is None,
        "PLAN_TEMPLATES",
        "templates",
        "最后一个小组模板不写 when",
    )
    for t in templates:
        size = sum(g.count for g in t.groups if EXPERT not in g.needs)
        ask(
            size,
            size >= MIN_TEAM and all(g.count for g in t.groups),
            "PLAN_TEAM",
            "templates.groups",
            "每组至少两名执法人员, 专家不算",
        )  # 行政处罚法 art. 42
        _joint(t, rules.initiator)
    _areas(rules)
    _limits(rules, districts)
    ask(rules.together, rules.together != 0, "PLAN_TOGETHER", "assignment.together", "两人同组的最多次数, 至少 1")
    rungs = [r.rung for r in rules.ladder]
    ask(
        rungs,
        len(set(rungs)) == len(rungs) and rungs != [] and "vacancy" not in rungs,
        "PLAN_LADDER",
        "assignment.ladder",
        "至少一级, 名称不同, vacancy 由系统保留",
    )


def _joint(t: Template, initiator: str | None) -> None:
    """Check a joint team: every place has its department, and a lead of the initiating one."""
    departments = {g.department for g in t.groups if EXPERT not in g.needs}
    if departments == {None}:
        return
    leads = [g.department for g in t.groups if LEAD in g.needs]
    ask(
        t.template,
        None not in departments and initiator in departments and set(leads) == {initiator},
        "PLAN_JOINT",
        "templates.department",
        "联合检查的每个名额写明部门, 组长(lead)属于发起部门 assignment.initiator",
    )


def _areas(rules: Rules) -> None:
    ask(
        rules.jurisdiction,
        rules.jurisdiction in JURISDICTIONS and (rules.jurisdiction == "cluster") == bool(rules.clusters),
        "PLAN_JURISDICTION",
        "assignment.jurisdiction",
        "写 district、any, 或 cluster 并列出 clusters",
    )
    districts = [d for c in rules.clusters or () for d in c.districts]
    ask(
        districts,
        len(set(districts)) == len(districts),
        "PLAN_CLUSTERS",
        "assignment.clusters",
        "一个区划只属于一个片区",
    )


def _limits(rules: Rules, districts: tuple[str, ...]) -> None:
    limits = rules.limits or ()
    known = all(x.most and x.districts and set(x.districts) <= set(districts) for x in limits)
    hint = "每条写明 limit、districts(计划内的区划)、most(至少 1)；两条的区划或一个含另一个, 或没有共同的"
    ask(
        [x.limit for x in limits],
        known and laminar([x.districts for x in limits]),
        "PLAN_LIMITS",
        "assignment.limits",
        hint,
    )


def laminar(families: Sequence[Iterable[str]]) -> bool:
    """Return whether any two of these sets are different, and nested or without a common member."""
    sets = [frozenset(x) for x in families]
    shared = ((a, b, a & b) for a, b in combinations(sets, 2))
    return all(not both or (a != b and both in (a, b)) for a, b, both in shared)


def ask(found: object, ok: bool, code: str, field: str, hint: str) -> None:  # noqa: FBT001  # reads as a sentence
    """Refuse a plan with the field, what was found and what to write instead, unless `ok`."""
    if not ok:
        raise PlanError(
            code, f"计划的 {field} 不成立", hint=hint, place=Place(file="plan.json", column=field), found=str(found)
        )
