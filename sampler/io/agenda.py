"""What is due when, for every draw of a workspace, and how far each department has come (domain rules 1.1, 2.4)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler import records, tables
from sampler.disclosure import AFTER
from sampler.io import batches
from sampler.plan import Plan
from sampler.verify.steps_later import opening_due
from sampler.wording import beijing

if TYPE_CHECKING:
    from sampler.io.session import Session
    from sampler.io.workdays import Workdays

PUBLISH_WITHIN: Final = 20
"""Working days after a visit within which its result is published."""
PUBLISHED: Final = "published"
"""Folder of the workspace that notes what is public: DRAW.json lists the published batches."""
WORDS: Final = {
    "reveal": "各方揭示", "draw": "摇号", "visits": "完成检查", "publish": "公示结果", "opening": "公开名单",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One deadline that is not met yet.

    Parameters
    ----------
    what
        Key of `WORDS`.
    day
        The last day, ``YYYY-MM-DD`` in Beijing.
    count
        How many objects it concerns; 0: the draw as a whole.
    """

    draw_id: str
    what: str
    day: str
    count: int
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one department has come with the visits its leaders lead."""

    department: str
    n: int
    recorded: int
    published: int
    closed: int


def agenda(session: Session, workdays: Workdays, today: dt.date) -> tuple[list[Due], list[Progress]]:
    """Return what is due, overdue first and then by day, and the progress of every department.

    Parameters
    ----------
    session
        The workspace.
    workdays
        Its calendar.
    today
        The day that decides what is overdue.
    """
    found: list[Due] = []
    by_department: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for e in session.logged("registration"):
        draw_id = str(e["draw_id"])
        if not session.logged("void", draw_id=draw_id):
            found += _draw(session, draw_id, workdays, today, by_department)
    progress = [
        Progress(department=d, n=c[0], recorded=c[1], published=c[2], closed=c[3])
        for d, c in sorted(by_department.items())
    ]
    return sorted(found, key=lambda d: (not d.overdue, d.day, d.draw_id, d.what)), progress


def _draw(
    session: Session, draw_id: str, workdays: Workdays, today: dt.date, by_department: dict[str, list[int]]
) -> list[Due]:
    w, base = session.workspace, f"draws/{draw_id}"
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    if not session.logged("draw", draw_id=draw_id):
        return [_due(draw_id, *step, today=today) for step in _before_the_draw(session, draw_id)]
    drawn = {c.object_id for c in w.record(records.Draw, f"{base}/draw.json").drawn}
    done = batches.recorded(session, draw_id)
    public = batches.current(done[: _published(session, draw_id)])
    held = {o: r for o, r in batches.current(done).items() if o in drawn}
    _count(session, draw_id, drawn, held, public, by_department)
    steps: list[tuple[str, str, int]] = []
    if len(held) < len(drawn):
        steps.append(("visits", plan.visits.last, len(drawn) - len(held)))
    waiting = [r.date for o, r in held.items() if r.date and public.get(o) != r]
    if waiting:
        last = workdays.after(dt.date.fromisoformat(min(waiting)), PUBLISH_WITHIN)
        steps.append(("publish", last.isoformat(), len(waiting)))
    if plan.disclosure == AFTER and not session.logged("opening", draw_id=draw_id):
        steps.append(("opening", _day(opening_due(plan.visits.last)), 0))
    return [_due(draw_id, *step, today=today) for step in steps]


def _before_the_draw(session: Session, draw_id: str) -> list[tuple[str, str, int]]:
    w, base = session.workspace, f"draws/{draw_id}"
    steps: list[tuple[str, str, int]] = []
    sealed = session.logged("commitment", draw_id=draw_id)
    if sealed and not session.logged("closing", sitting_id=str(sealed[-1]["sitting_id"])):
        seal = w.record(records.Commitment, f"{base}/commitment.json")
        steps.append(("reveal", _day(seal.reveal_deadline), 0))
    registered = w.record(records.Registration, f"{base}/registration.json")
    return [*steps, ("draw", _day(registered.deadline), 0)]


def _day(time: str) -> str:
    return beijing(time)[:10]


def _due(draw_id: str, what: str, day: str, count: int, *, today: dt.date) -> Due:
    return Due(draw_id=draw_id, what=what, day=day, count=count, overdue=day < today.isoformat())


def _published(session: Session, draw_id: str) -> int:
    """Return how many batches are public."""
    name = f"{PUBLISHED}/{draw_id}.json"
    found: Any = session.workspace.read_json(name) if session.workspace.exists(name) else {}
    return int(found.get("batches", 0))


def _count(
    session: Session,
    draw_id: str,
    drawn: set[str],
    held: dict[str, records.Result],
    public: dict[str, records.Result],
    by_department: dict[str, list[int]],
) -> None:
    leaders = _departments(session, draw_id)
    for oid in drawn:
        row = held.get(oid)
        shown = row is not None and public.get(oid) == row
        tally = by_department[leaders.get(oid, "-")]
        closed = row is not None and (
            row.state != "visited" or row.result in (1, 7) or row.measure not in (None, "order")
        )
        for n, true in enumerate((True, row is not None, shown, shown and closed)):
            tally[n] += true


def _departments(session: Session, draw_id: str) -> dict[str, str]:
    """Return each object's department: that of the first member of its team in the order of the template's groups."""
    w, base = session.workspace, f"draws/{draw_id}"
    data = w.read(f"{base}/roster.tsv")
    roster = tables.decode(data, records.TABLE_COLUMNS["roster.tsv"], file="roster.tsv")
    of = dict(zip(roster.key, roster["department"], strict=True))
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    place = {(t.template, g.group): n for t in plan.templates for n, g in enumerate(t.groups)}
    out = {}
    for team in w.read_json(f"{base}/assignment.json")["teams"]:
        ranked = sorted((place.get((team["template"], m["group"]), 0), m["inspector_id"]) for m in team["members"])
        if ranked:
            out[team["object_id"]] = of.get(ranked[0][1], "-")
    return out
