"""Who may visit what: records.md 3.2 and 3.9 (templates, availability, reason codes)."""

from datetime import date, timedelta
from typing import Any

from tests.reference.assign import Demands, teams

Row = dict[str, str]


def listed(field: str) -> list[str]:
    return [] if field == "-" else field.split(",")


def leave_days(leave: str, start: date, end: date) -> int:
    """Days of the window on which at least one interval holds, both ends included."""
    days: set[date] = set()
    for interval in listed(leave):
        first, last = (date.fromisoformat(text) for text in interval.split(".."))
        while first <= last:
            days.add(first)
            first += timedelta(days=1)
    return sum(start <= day <= end for day in days)


def recused(officer: Row, target: Row, recusals: list[Row]) -> bool:
    owner = target["object_id"] if target["owner_id"] == "-" else target["owner_id"]
    hits = {("object", target["object_id"]), ("owner", owner)}
    return any(r["inspector"] == officer["inspector_id"] and (r["kind"], r["target"]) in hits for r in recusals)


def needed_items(plan: dict[str, Any], target: Row, items: list[Row]) -> set[str]:
    """The plan's items that concern objects of this type."""
    return {
        item["item_id"]
        for item in items
        if item["item_id"] in plan["items"]
        and (item["object_types"] == "-" or target["type"] in listed(item["object_types"]))
    }


def in_area(officer: Row, target: Row, rule: dict[str, Any]) -> bool:
    """Own district, everywhere, the same travel cluster where the plan says so, or an authorisation on record."""
    if rule["jurisdiction"] == "any" or officer["district"] in ("*", target["district"]):
        return True
    together = [c["districts"] for c in rule.get("clusters", []) if rule["jurisdiction"] == "cluster"]
    allowed = [(c["inspector_id"], c["district"]) for c in rule.get("cross", [])]
    return (
        any(officer["district"] in districts and target["district"] in districts for districts in together)
        or (officer["inspector_id"], target["district"]) in allowed
    )


def kept_for_others(officer: Row, target: Row, group: dict[str, Any], rule: dict[str, Any]) -> bool:
    """The places of this group are filled before the seed, with others."""
    named = [
        f["inspector_id"]
        for f in rule.get("fixed", [])
        if (f["object_id"], f["group"]) == (target["object_id"], group["group"])
    ]
    return bool(named) and officer["inspector_id"] not in named


def reason(
    officer: Row, target: Row, group: dict[str, Any], plan: dict[str, Any], items: list[Row], recusals: list[Row]
) -> str | None:
    """The first reason that holds against this officer in this group of this object; None: eligible."""
    needs = group["needs"]
    window, rule = plan["visits"], plan["assignment"]
    away = leave_days(officer["leave"], date.fromisoformat(window["from"]), date.fromisoformat(window["to"]))
    against = {
        "expert": officer["role"] == "expert",
        "department": "department" in group and officer["department"] != group["department"],
        "certificate": officer["expiry"] < window["to"],
        "leave": away > rule["leave_days"],
        "jurisdiction": not in_area(officer, target, rule),
        "recusal": recused(officer, target, recusals),
        "items": not needed_items(plan, target, items) <= set(listed(officer["items"])),
        "needs": not set(needs) <= set(listed(officer["qualifications"])),
        "fixed": kept_for_others(officer, target, group, rule),
    }
    return next((name for name, holds in against.items() if holds), None)


def when_holds(when: dict[str, list[str]], target: Row) -> bool:
    """Every list that is given must be met: the type and industry stand in it, one tag does."""
    return (
        target["type"] in when.get("types", [target["type"]])
        and target["industry"] in when.get("industries", [target["industry"]])
        and ("tags" not in when or bool(set(when["tags"]) & set(listed(target["tags"]))))
    )


def groups_of(
    template: dict[str, Any],
    target: Row,
    plan: dict[str, Any],
    items: list[Row],
    roster: list[Row],
    recusals: list[Row],
) -> dict[str, tuple[int, list[str]]]:
    found = {}
    for group in template["groups"]:
        officers = [o["inspector_id"] for o in roster if reason(o, target, group, plan, items, recusals) is None]
        found[group["group"]] = (group["count"], sorted(officers, key=str.encode))
    return found


def full_team(groups: dict[str, tuple[int, list[str]]]) -> bool:
    need = sum(count for count, _ in groups.values())
    return any(len(team) == need for team in teams(groups))


def demands_of(
    drawn: list[Row], plan: dict[str, Any], items: list[Row], roster: list[Row], recusals: list[Row]
) -> tuple[Demands, dict[str, str]]:
    """The demand of each drawn object, and its template: the first that fits and has a full team, else the last."""
    demands: Demands = {}
    templates = {}
    for target in drawn:
        for template in plan["templates"]:
            groups = groups_of(template, target, plan, items, roster, recusals)
            demands[target["object_id"]], templates[target["object_id"]] = groups, template["template"]
            if when_holds(template.get("when", {}), target) and full_team(groups):
                break
    return demands, templates
