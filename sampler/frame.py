"""The frame: what can be drawn, and why the rest cannot (docs/spec/records.md, 2; draw.md, 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import units
from sampler.errors import Place, PlanError
from sampler.plan import GRACE
from sampler.tables import NONE, Table, from_rows
from sampler.target import GONE, OFF_TARGET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sampler.plan import Plan

FRAME_COLUMNS: Final = (
    "object_id", "owner_id", "class", "type", "district", "industry", "tags", "stratum", "level",
)  # fmt: skip
Cell = tuple[str, str, str]
"""Class, stratum type, district."""
MONTHS: Final = 12
NEVER: Final = 10**6
"""More months than any cool-down has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything that decides who is in the frame.

    Parameters
    ----------
    objects
        Columns object_id, owner_id, object_type, district, industry, tags, status; codes only.
    classes
        Object id to credit class.
    visits
        (unit, item) to visits already made in the year, for the yearly caps: a unit is an object, or an owner where
        owners are drawn.
    """

    objects: Table
    classes: Mapping[str, str]
    visits: Mapping[tuple[str, str], int]


def split(registry: Registry, plan: Plan) -> tuple[list[int], Table]:
    """Return the rows of the objects that can be drawn, and the table of the others.

    Each excluded object carries the first reason that holds in the plan's order.
    """
    o = registry.objects
    statuses = set(plan.active)
    kept: list[int] = []
    out: list[tuple[str, str]] = []
    for i, oid in enumerate(o["object_id"]):
        unit = units.owner_of(oid, o["owner_id"][i]) if plan.owners else oid
        held = _reasons(plan, registry, oid, o["object_type"][i], active=o["status"][i] in statuses, unit=unit)
        if plan.target and not plan.target.holds(oid, *(o[c][i] for c in ("object_type", "industry", "tags"))):
            held.add(OFF_TARGET)
        if plan.grace is not None and in_grace(o["established"][i], plan):
            held.add(GRACE)
        reason = next((r for r in plan.exclusions if r in held), None)
        if reason is None:
            kept.append(i)
        else:
            out.append((oid, reason))
    return kept, from_rows(("object_id", "reason"), out)


def _reasons(plan: Plan, registry: Registry, oid: str, object_type: str, *, active: bool, unit: str) -> set[str]:
    held = set() if active else {"status"}
    class_ = registry.classes.get(oid)
    if class_ is None:
        return held | {"no-class"}
    clause = plan.clause_of(class_, plan.stratum_type(object_type))
    if clause is None:
        held.add("no-clause")
    elif set(clause.ratio) <= set("0.%‰"):
        held.add("ratio-zero")
    caps = () if plan.listed else plan.caps  # 国办发〔2024〕54号: leads and orders are followed up whatever the cap
    if any(registry.visits.get((unit, c.item), 0) >= c.cap for c in caps if c.item in plan.items):
        held.add("cap")
    return held


def in_grace(established: str, plan: Plan) -> bool:
    """Return whether a firm is so young that the plan leaves it alone (包容审慎).

    Whole months, by calendar: with 12, a firm of 15 March rests to the end of next February. No date: no grace.
    """
    if established in ("", NONE):
        return False
    return month_number(plan.period) - month_number(established) < (plan.grace or 0)


def check_list(registry: Registry, plan: Plan) -> None:
    """Refuse a list that names an object the registry does not hold."""
    missing = plan.target.listed.difference(registry.objects["object_id"]) if plan.target else set()
    if missing:
        code, name = ("TRIGGER_UNKNOWN", "线索名单") if plan.triggered else ("GIVEN_UNKNOWN", "上级下达名单")
        raise PlanError(
            code,
            f"{name}里有 {len(missing)} 个对象不在检查对象名录库",
            hint="核对统一社会信用代码；确有其户的，先补进检查对象名录库",
            place=Place(file="triggers" if plan.triggered else "given", column="object_id"),
            found=min(missing),
        )


def check_given(plan: Plan, excluded: Table) -> None:
    """Refuse to leave out an object given by the level above, unless it is no longer there to be inspected."""
    given = plan.target.given if plan.target else None
    rows = zip(excluded["object_id"], excluded["reason"], strict=True)
    lost = next(((o, r) for o, r in rows if given and r != GONE and o in given.objects), None)
    if lost:
        raise PlanError(
            "GIVEN_EXCLUDED",
            "上级下达名单里的对象不能被剔除",
            hint="补上它的信用风险分类，并让一条 100% 的 clauses 覆盖它的类别和类型；名单上的对象只能因登记状态剔除",
            place=Place(file="given", column="object_id"),
            found=f"{lost[0]} {lost[1]}",
        )


def cells(registry: Registry, plan: Plan, kept: list[int]) -> list[Cell]:
    """Return the cell of every kept object."""
    o = registry.objects
    return [
        (registry.classes[o["object_id"][i]], plan.stratum_type(o["object_type"][i]), o["district"][i]) for i in kept
    ]


def check_districts(registry: Registry, plan: Plan) -> None:
    """Refuse an object whose district the plan does not know."""
    known = set(plan.districts)
    for i, d in enumerate(registry.objects["district"]):
        if d not in known:
            raise PlanError(
                "DISTRICT_UNKNOWN",
                f"对象 {registry.objects['object_id'][i]} 的区划不在计划之内",
                hint="更正区划，或把它加入计划的 districts",
                place=Place(file="objects", row=i + 2, column="district"),
                found=d,
            )


def month_number(month: str) -> int:
    """Return a month as a running number, so that months can be subtracted."""
    return int(month[:4]) * MONTHS + int(month[5:7]) - 1


def drawn_months(history: Table) -> dict[str, set[int]]:
    """Return every month (a number) a unit was drawn in: the last may lie after the plan's and hide another."""
    months: dict[str, set[int]] = {}
    for key, drawn in zip(history["key"], history["drawn"], strict=True):
        if drawn == "1":
            oid, _, month = key.rpartition("/")
            months.setdefault(oid, set()).add(month_number(month))
    return months


def months_ago(months: set[int], plan: Plan) -> int:
    """Return how long before the plan's month an object drawn in `months` was last drawn; `NEVER` if it was not.

    Draws of the plan's own month and of later ones do not count.
    """
    now = month_number(plan.period)
    return min((now - m for m in months if m < now), default=NEVER)


def cooling(months: set[int], class_: str, plan: Plan) -> bool:
    """Return whether an object drawn in `months` is still within its class's cool-down in the plan's month."""
    return months_ago(months, plan) <= plan.cool_months(class_)


def frame_table(registry: Registry, kept: list[int], stratum: list[str], level: list[str]) -> Table:
    """Return frame.tsv without nonces: the kept objects by id."""
    o = registry.objects
    rows = (
        (
            o["object_id"][i], o["owner_id"][i] or NONE, registry.classes[o["object_id"][i]], o["object_type"][i],
            o["district"][i], o["industry"][i] or NONE, o["tags"][i] or NONE, stratum[k], level[k],
        )
        for k, i in enumerate(kept)
    )  # fmt: skip
    return from_rows(FRAME_COLUMNS, rows)
