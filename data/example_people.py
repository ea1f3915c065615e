"""People of the example: officers, experts and who must not visit whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from data.example_chance import Chance, Weighted, shares
from data.example_codes import COUNTY, COUNTY_NAME, DISTRICTS
from data.example_registry import ACTIVE
from data.example_rules import ITEMS, MARKET, PLAN_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from data.example_registry import Thing

_SURNAMES = "例样拟仿虚试"
"""No Chinese surnames: nobody can take a row of the roster for a person."""
_GIVEN = "一乙丙丁卯辰午未申酉天地玄黄宇宙洪荒日月盈昃"
_OTHER_DEPARTMENTS = ("应急管理", "生态环境", "文化和旅游")
_OTHER_ITEMS = {"应急管理": ("AQ-01",), "生态环境": ("HB-01",), "文化和旅游": ("WL-01",)}
_LEADS = 11
_PERIOD_END = date(2026, 12, 31)
_LONG_LEAVE = ("2026-12-03..2026-12-20", "2026-11-16..2026-12-15", "2026-12-07..2026-12-31")
_SHORT_LEAVE = ("2026-12-10..2026-12-11", "2026-12-24..2026-12-25", "2026-12-01..2026-12-02")
_OLD_LEAVE = ("2026-10-12..2026-10-16", "2026-11-02..2026-11-06")


class Staff(NamedTuple):
    """How many people a variant has.

    Parameters
    ----------
    officers, experts
        All in all.
    roaming
        Officers of the county who may act in every district.
    expired, away, foreign
        Officers out of action in 2026-12: certificate run out, long leave, other department.
    recusals
        Declared conflicts.
    """

    officers: int
    experts: int
    roaming: int
    expired: int
    away: int
    foreign: int
    recusals: int


@dataclass(frozen=True, slots=True)
class Person:
    """One row of roster.csv; `strictness` (a logit in thousandths) is what makes two officers differ."""

    inspector_id: str
    name: str
    phone: str
    unit: str
    department: str
    district: str
    expiry: date
    items: tuple[str, ...]
    qualifications: tuple[str, ...]
    role: str
    max_load: int
    leave: tuple[str, ...]
    strictness: int


def roster(chance: Chance, staff: Staff, demand: dict[str, int]) -> list[Person]:
    """Return officers and experts by id.

    Parameters
    ----------
    chance
        Where names and traits come from.
    staff
        How many of which.
    demand
        Expected visits of 2026-12 by district. Officers able to go are spread in proportion, so that equal loads
        are feasible; those who cannot go are spread apart from them.
    """
    out = ["expired"] * staff.expired + ["away"] * staff.away + ["foreign"] * staff.foreign
    able = [""] * (staff.officers - staff.roaming - len(out))
    posts = [*_posts(demand, able), *_posts(demand, chance.shuffled(out, "reason"))]
    officers = [
        _officer(chance, f"LE{place}-{serial:04d}", place, reason, serial)
        for (place, reason), serial in zip(posts, _serials(place for place, _ in posts), strict=True)
    ]
    roaming = [_officer(chance, f"LE{COUNTY}-{i:04d}", "*", "", i) for i in range(1, staff.roaming + 1)]
    experts = [_expert(chance, f"EX{COUNTY}-{i:04d}") for i in range(1, staff.experts + 1)]
    return sorted([*officers, *roaming, *experts], key=lambda p: p.inspector_id)


def recusals(chance: Chance, people: Sequence[Person], things: Iterable[Thing], n: int) -> list[dict[str, str]]:
    """Return `n` conflicts, half of them about objects of the officer's own district, where they matter."""
    officers = [p for p in people if p.role == "officer"]
    objects = [t for t in things if t.status == ACTIVE]
    homes: dict[str, list[Thing]] = {d: [t for t in objects if t.district == d] for d in DISTRICTS}
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    turn = 0
    while len(found) < n:
        row = _recusal(chance, officers, objects, homes, str(turn))
        found.setdefault((row["inspector_id"], row["kind"], row["target"]), row)
        turn += 1
    return [found[key] for key in sorted(found)]


def _posts(demand: dict[str, int], reasons: list[str]) -> list[tuple[str, str]]:
    """Return a district for each of `reasons` why somebody cannot go ('' = can), in proportion to `demand`."""
    parts = shares(len(reasons), list(demand.values()))
    places = [place for place, k in zip(demand, parts, strict=True) for _ in range(k)]
    return list(zip(places, reasons, strict=True))


def _serials(places: Iterable[str]) -> list[int]:
    """Return a running number within each district."""
    count: dict[str, int] = {}
    serials = []
    for place in places:
        count[place] = count.get(place, 0) + 1
        serials.append(count[place])
    return serials


def _officer(chance: Chance, inspector_id: str, district: str, reason: str, serial: int) -> Person:
    """Return one officer; qualifications rotate with the serial so that no district lacks them."""
    foreign = reason == "foreign"
    department = chance.choice(_OTHER_DEPARTMENTS, "department", inspector_id) if foreign else MARKET
    return Person(
        inspector_id=inspector_id,
        name=_name(chance, inspector_id),
        phone=f"000{chance.below(10**8, 'phone', inspector_id):08d}",
        unit=_unit(department, district),
        department=department,
        district=district,
        expiry=_expiry(chance, inspector_id, late=reason != "expired"),
        items=_OTHER_ITEMS[department] if foreign else _items(chance, inspector_id),
        qualifications=_qualifications(chance, inspector_id, serial),
        role="officer",
        max_load=10 + chance.below(7, "load", inspector_id),
        leave=_leave(chance, inspector_id, away=reason == "away"),
        strictness=chance.normal(300, "strict", inspector_id),
    )


def _expert(chance: Chance, inspector_id: str) -> Person:
    """Return one expert: advises, never counts as one of the two officers."""
    skill = chance.choice(("food", "drug", "special-equipment", "metrology"), "skill", inspector_id)
    return Person(
        inspector_id=inspector_id,
        name=_name(chance, inspector_id),
        phone=f"000{chance.below(10**8, 'phone', inspector_id):08d}",
        unit=COUNTY_NAME + chance.choice(("检验检测中心", "计量测试所", "食品研究所"), "unit", inspector_id),
        department=MARKET,
        district="*",
        expiry=_expiry(chance, inspector_id, late=True),
        items=tuple(i.item_id for i in ITEMS),
        qualifications=(skill,),
        role="expert",
        max_load=8,
        leave=(),
        strictness=0,
    )


def _name(chance: Chance, key: str) -> str:
    """Return a name no person has."""
    code = chance.digest("person", key)
    return _SURNAMES[code[0] % len(_SURNAMES)] + _GIVEN[code[1] % len(_GIVEN)] + _GIVEN[code[2] % len(_GIVEN)]


def _unit(department: str, district: str) -> str:
    """Return the office somebody belongs to."""
    if department != MARKET:
        return f"{COUNTY_NAME}{department}局"
    return f"{COUNTY_NAME}市场监督管理局" if district == "*" else f"{DISTRICTS[district]}市场监督管理所"


def _expiry(chance: Chance, key: str, *, late: bool) -> date:
    """Return the last day of a certificate, after the visits or before their end."""
    days = chance.below(1400, "expiry", key)
    return _PERIOD_END + timedelta(days=days) if late else _PERIOD_END - timedelta(days=days // 3 + 1)


def _items(chance: Chance, key: str) -> tuple[str, ...]:
    """Return the items somebody may inspect: those of the plan and about half of the others."""
    return tuple(i.item_id for i in ITEMS if i.item_id in PLAN_ITEMS or chance.below(2, f"may-{i.item_id}", key))


def _qualifications(chance: Chance, key: str, serial: int) -> tuple[str, ...]:
    """Return what somebody is trained for.

    Of 20 in a row, 11 may lead (6 of them know food) and 9 may not (8 know food): half of all places in teams are
    for leads, and most visits of this county are to shops and restaurants.
    """
    rank = serial * 7 % 20
    lead = rank < _LEADS
    food = rank % 2 == 0 if lead else rank != _LEADS
    table = Weighted([((), 6), (("drug",), 2), (("special-equipment",), 2), (("metrology",), 1)])
    held = ["lead"] * lead + ["food"] * food
    return tuple(sorted([*held, *chance.weighted(table, "skill", key)]))


def _leave(chance: Chance, key: str, *, away: bool) -> tuple[str, ...]:
    """Return somebody's leave: too long for the visits, harmless, past or none."""
    if away:
        return (chance.choice(_LONG_LEAVE, "leave", key),)
    old = (chance.choice(_OLD_LEAVE, "old-leave", key),) if chance.below(10, "had-leave", key) == 0 else ()
    short = (chance.choice(_SHORT_LEAVE, "leave", key),) if chance.below(8, "has-leave", key) == 0 else ()
    return old + short


def _recusal(
    chance: Chance, officers: Sequence[Person], objects: Sequence[Thing], homes: dict[str, list[Thing]], key: str
) -> dict[str, str]:
    """Return one conflict."""
    officer = chance.choice(officers, "recused", key)
    near = homes.get(officer.district) if chance.below(2, "near", key) else None
    thing = chance.choice(near or objects, "target", key)
    owner = bool(thing.owner_id) or (thing.kind == "enterprise" and chance.below(2, "owner", key) == 0)
    reasons = Weighted([("kin", 4), ("former-employer", 2), ("interest", 3), ("requested", 2)])
    reason = chance.weighted(reasons, "reason", key)
    return {
        "inspector_id": officer.inspector_id,
        "kind": "owner" if owner else "object",
        "target": (thing.owner_id or thing.object_id) if owner else thing.object_id,
        "reason_code": reason,
        "asked_by": "object" if reason == "requested" else "officer",
    }
