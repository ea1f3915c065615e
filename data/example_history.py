"""History of the example: 36 months of visits, hand-picked at first, drawn later, and the risk behind them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from data.example_chance import E12, MILLION, Chance, Weighted, logistic_ppm
from data.example_registry import ACTIVE, months, working_days
from data.example_rules import AGENCY, MARKET, limit, suitable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.example_people import Person
    from data.example_registry import Thing

FIRST = date(2023, 12, 1)
MONTHS = 36
FIRST_DRAW = 12
"""Month of the first real draw; before it, objects were picked by hand."""
_LAST_GONE = 18
"""Objects no longer active were still visited before this month."""
BAD = 2
"""Severity from which a visit counts as a finding."""
_INTERCEPT = -4650
_RECIDIVISM = 500
_PI_CAP = E12 // 4

_DRAWN_PPM = {"A": 4_700, "B": 12_000, "C": 62_000, "D": 145_000}
_PICKED_PPM = {"A": 7_000, "B": 18_000, "C": 44_000, "D": 100_000}
_COMPLAINT_SHARE = 25
"""After the first draw, hand-picked visits (complaints) fall to a 25th."""

_FOUND = Weighted([((4, 2), 570), ((3, 2), 250), ((3, 3), 80), ((8, 2), 25), ((8, 3), 15), ((6, 3), 28), ((5, 2), 32)])
_CLEAN = Weighted([((1, 0), 9640), ((2, 1), 120), ((5, 1), 130), ((7, 0), 110)])
_CLEAN_SUMMER = Weighted([((1, 0), 9480), ((2, 1), 280), ((5, 1), 130), ((7, 0), 110)])
"""Late annual reports come to light in the months after 30 June."""
_SUMMER = (7, 8, 9)


class Visit(NamedTuple):
    """One row of history.csv; `pi_e12` is 0 where nothing was drawn."""

    object_id: str
    day: date
    result: int
    severity: int
    defects: int
    item: str
    inspector_id: str
    draw_id: str
    pi_e12: int


@dataclass(slots=True)
class World:
    """Everything a visit depends on.

    Parameters
    ----------
    chance
        Named draws.
    things, people
        Registry and roster.
    scale
        Factor of all visiting rates; a small registry needs a larger one for the same use.
    worst
        Worst severity found so far, by object; absent if never visited.
    items
        Visits by object, year and item, for the caps.
    """

    chance: Chance
    things: list[Thing]
    people: list[Person]
    scale: int
    worst: dict[str, int] = field(default_factory=dict)
    items: Counter[tuple[str, int, str]] = field(default_factory=Counter)


def history(world: World) -> list[Visit]:
    """Return all visits by day and object, filling what `world` remembers."""
    starts = months(FIRST, MONTHS)
    days = working_days(FIRST, MONTHS)
    local = _local(world.people)
    visits: list[Visit] = []
    for month, start in enumerate(starts[:MONTHS]):
        for thing in world.things:
            if thing.established < start and (thing.status == ACTIVE or month < _LAST_GONE):
                visits.extend(_month(world, thing, month, days[month], local))
    return sorted(visits, key=lambda v: (v.day, v.object_id))


def truth(world: World) -> dict[str, int]:
    """Return, for active objects, the chance in ppm that an average officer finds something bad in 2026-12."""
    return {t.object_id: logistic_ppm(_logit(world, t, MONTHS)) for t in world.things if t.status == ACTIVE}


def draw_id(start: date) -> str:
    """Return the id of a month's draw; the serial begins with the first draw of the system.

    >>> draw_id(date(2024, 12, 1)), draw_id(date(2025, 3, 1))
    ('XJSC-2024-0001', 'XJSC-2025-0003')
    """
    first = months(FIRST, FIRST_DRAW)[-1]
    serial = 1 if start.year == first.year else start.month
    return f"{AGENCY}-{start.year}-{serial:04d}"


def _local(people: Iterable[Person]) -> dict[str, list[Person]]:
    """Return who visits objects of each district."""
    officers = [p for p in people if p.role == "officer" and p.department == MARKET]
    local: dict[str, list[Person]] = defaultdict(list)
    for person in officers:
        local[person.district].append(person)
    roaming = local.pop("*", [])
    return {district: team + roaming for district, team in local.items()}


def _month(world: World, thing: Thing, month: int, days: list[date], local: dict[str, list[Person]]) -> Iterable[Visit]:
    """Yield the visit of one object in one month, if any: drawn, or else picked by hand."""
    key = f"{thing.object_id}/{month}"
    pi = inclusion(thing.grade, world.worst.get(thing.object_id), world.scale) if month >= FIRST_DRAW else 0
    # Every object is drawn on its own (Poisson sampling): so pi is the exact inclusion probability.
    if pi and world.chance.hit(pi, "drawn", key):
        yield _visit(world, thing, month, days, local, pi)
    elif world.chance.hit(_picking(world, thing, month), "picked", key):
        yield _visit(world, thing, month, days, local, 0)


def inclusion(grade: str, worst: int | None, scale: int) -> int:
    """Return the probability, in 10^-12, with which an object is drawn in a month.

    The draws of the past knew only the class and the worst finding so far; both are in the published files.
    """
    factor = 1000 if worst is None else 1900 if worst >= BAD else 800
    return min(_DRAWN_PPM[grade] * factor * scale * (E12 // MILLION) // 1000, _PI_CAP)


def _picking(world: World, thing: Thing, month: int) -> int:
    """Return the probability, in 10^-12, of a hand-picked visit: a hunch about the risk, unknown to any file."""
    base = _PICKED_PPM[thing.grade] // (_COMPLAINT_SHARE if month >= FIRST_DRAW else 1)
    hunch = thing.logit(month) + world.chance.normal(1500, "hunch", thing.object_id)
    return min(base * (16 if hunch > 0 else 7) * world.scale * (E12 // MILLION) // 10, _PI_CAP)


def _logit(world: World, thing: Thing, month: int) -> int:
    """Return the full risk of one object, past findings included."""
    known = world.worst.get(thing.object_id, 0)
    return _INTERCEPT + thing.logit(month) + (_RECIDIVISM if known >= BAD else 0)


def _visit(world: World, thing: Thing, month: int, days: list[date], local: dict[str, list[Person]], pi: int) -> Visit:
    """Return what a visit finds, and remember it."""
    key = f"{thing.object_id}/{month}"
    day = world.chance.choice(days, "day", key)
    officer = world.chance.choice(local[thing.district], "officer", key)
    risk = logistic_ppm(_logit(world, thing, month) + officer.strictness)
    found = world.chance.hit(risk * (E12 // MILLION), "found", key)
    clean = _CLEAN_SUMMER if day.month in _SUMMER else _CLEAN
    result, severity = world.chance.weighted(_FOUND if found else clean, "result", key)
    world.worst[thing.object_id] = max(severity, world.worst.get(thing.object_id, 0))
    return Visit(
        object_id=thing.object_id,
        day=day,
        result=result,
        severity=severity,
        defects=severity and severity + world.chance.below(1 + 2 * severity, "defects", key) // 2,
        item=_item(world, thing, day.year, key),
        inspector_id=officer.inspector_id,
        draw_id=draw_id(day.replace(day=1)) if pi else "",
        pi_e12=pi,
    )


def _item(world: World, thing: Thing, year: int, key: str) -> str:
    """Return what the visit was for, within the yearly limits."""
    options = suitable(thing.kind, thing.industry)
    free = [i for i in options if world.items[thing.object_id, year, i] < limit(i)] or options[-1:]
    item = world.chance.choice(free, "item", key)
    world.items[thing.object_id, year, item] += 1
    return item
