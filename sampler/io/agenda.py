"""What is due when, for every draw of a workspace, and how far each department has come (domain rules 1.1, 2.4)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sampler import records, tables
from sampler.io import batches, overdue
from sampler.io.world import TIME_FORM
from sampler.plan import Plan
from sampler.wording import beijing

if TYPE_CHECKING:
    from sampler.io.overdue import Pending
    from sampler.io.session import Session
    from sampler.io.workdays import Workdays

BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
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


def agenda(session: Session, workdays: Workdays, now: dt.datetime) -> tuple[list[Due], list[Progress]]:
    """Return what is due, overdue first and then by day, and the progress of every department.

    Parameters
    ----------
    session
        The workspace.
    workdays
        Its calendar.
    now
        The moment that decides what is overdue: a deadline with an instant of its own passes then, one of a day with the
        end of that day in Beijing.
    """
    found: list[Due] = []
    by_department: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for e in session.logged("registration"):
        draw_id = str(e["draw_id"])
        if not session.logged("void", draw_id=draw_id):
            found += [_instant(p, now) for p in overdue.pending(session, draw_id)]
            found += _visits(session, draw_id, workdays, now, by_department)
    progress = [
        Progress(department=d, n=c[0], recorded=c[1], published=c[2], closed=c[3])
        for d, c in sorted(by_department.items())
    ]
    return sorted(found, key=lambda d: (not d.overdue, d.day, d.draw_id, d.what)), progress


def _instant(p: Pending, now: dt.datetime) -> Due:
    late = now.astimezone(dt.UTC).strftime(TIME_FORM) > p.due
    return Due(draw_id=p.draw_id, what=p.what, day=beijing(p.due)[:10], count=0, overdue=late)


def _visits(
    session: Session, draw_id: str, workdays: Workdays, now: dt.datetime, by_department: dict[str, list[int]]
) -> list[Due]:
    """Return what a drawn task owes: visits by the end of their window, results published in time."""
    if not session.logged("draw", draw_id=draw_id):
        return []
    w, base = session.workspace, f"draws/{draw_id}"
    plan: Plan = w.record(Plan, f"{base}/plan.json")
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
    today = now.astimezone(BEIJING).date().isoformat()
    return [Due(draw_id=draw_id, what=what, day=day, count=count, overdue=day < today) for what, day, count in steps]


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
