"""What `plan` foresees: cool-downs nobody can keep, ratios that fall while risk rises, owners of several objects, false quotas."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sampler import feasibility
from sampler.allocation import clause_total, parse_ratio
from sampler.errors import Place, Problem
from sampler.units import of_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sampler.plan import Plan
    from sampler.tables import Table


def pace(plan: Plan, strata: Table) -> list[Problem]:
    """Return ``COOLDOWN_PACE`` for every class whose cool-down cannot be kept at this pace, with the longest that can.

    A clause of period `task` is taken to be drawn every month; a yearly quota spreads over twelve months.
    """
    size: dict[tuple[str, str], int] = defaultdict(int)
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    for stratum, of, units, n in zip(*(strata[c] for c in ("stratum", "clause", "N", "n")), strict=True):
        at = of, stratum.split(".")[0]
        size[at] += int(units)
        drawn[at] += int(n)
    found = []
    for (name, class_), units in size.items():
        clause = next(c for c in plan.clauses if c.clause == name)
        total, g = drawn[name, class_], plan.cool_months(class_)
        yearly = (
            feasibility.MONTHS * total if clause.period == "task" else clause_total(parse_ratio(clause.ratio), units)
        )
        longest = feasibility.longest_at_pace(units, total, yearly)
        if g > longest:
            way = f"最长 {longest} 个月" if longest else "不能定轮休期"
            found.append(
                Problem(
                    code="COOLDOWN_PACE",
                    message=f"{class_} 类 {units} 户每次抽 {total} 户（一年 {yearly} 户），轮休 {g} 个月，几个月后可抽的户数就不够",
                    hint=f"按这样的进度{way}；缩短 {class_} 类的 cooldown，或降低比例",
                    place=Place(file="plan.json", column="cooldown"),
                    found=f"g={g} longest={longest}",
                )
            )
    return found


def falling_ratios(plan: Plan) -> list[Problem]:
    """Return ``CLAUSE_ORDER`` wherever a riskier class is drawn less than a safer one: lawful, but hardly meant."""
    return [
        Problem(
            code="CLAUSE_ORDER",
            message=f"{type_}：条款 {risky.clause}（{'、'.join(risky.classes)} 类）的比例 {risky.ratio} 低于条款 {safe.clause}（{'、'.join(safe.classes)} 类）的 {safe.ratio}",
            hint="风险越高，比例一般不低于前一类（A≤B≤C≤D）；若确属有意，可以继续",
            place=Place(file="plan.json", column="clauses"),
            found=f"{safe.ratio} > {risky.ratio}",
        )
        for type_, safe, risky in feasibility.falling(plan)
    ]


def several(plan: Plan, framed: Table) -> list[Problem]:
    """Return ``UNITS_SEVERAL`` when owners with a yearly cap have several objects, yet objects are drawn (draw.md, 1.1).

    A warning: whoever owns several is then drawn more often than his cap lets him be visited.
    """
    capped = plan.caps and not plan.owners and not plan.triggered
    sizes = of_frame(framed, owners=True).sizes() if capped else []
    found = [n for n in sizes if n > 1]
    if not found:
        return []
    message = f"{len(found)} 个所有者在可抽名录里有多个对象（最多 {max(found)} 个），计划却按对象抽取"
    hint = '有年度频次上限的，在计划里写 units = "owner"，先抽所有者再抽其中一个对象；若确属有意，可以继续'
    place = Place(file="plan.json", column="units")
    return [Problem(code="UNITS_SEVERAL", message=message, hint=hint, place=place, found=str(len(found)))]


def quotas(plan: Plan, recorded: Mapping[str, int]) -> list[Problem]:
    """Return ``QUOTA_DRAWN`` for every yearly clause whose `drawn` is not what this workspace drew this year.

    A warning, since part of the year may have been drawn elsewhere; a number left over from last year is the usual cause.
    """
    return [
        Problem(
            code="QUOTA_DRAWN",
            message=f"条款 {c.clause} 写着今年已抽 {c.drawn} 户，本工作区 {plan.period[:4]} 年的记录是 {recorded.get(c.clause, 0)} 户",
            hint="年初应从 0 起算；若另有在别处抽的，确认后可以继续",
            place=Place(file="plan.json", column="clauses.drawn"),
            found=f"{c.drawn} != {recorded.get(c.clause, 0)}",
        )
        for c in plan.clauses
        if c.period == "year" and c.drawn != recorded.get(c.clause, 0)
    ]
