"""What is late, and how often draws were given up: seen from the workspace that holds all records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sampler import records
from sampler.disclosure import AFTER
from sampler.io.world import TIME_FORM
from sampler.plan import Plan
from sampler.verify.steps_later import opening_due

if TYPE_CHECKING:
    from sampler.io.session import Session

WORDS: Final = {"draw": "既未抽取也未作废", "opening": "检查早已结束，名单还没有公开"}


def overdue(session: Session) -> list[dict[str, str]]:
    """Return every draw without Draw or Void at its deadline, and every opening that is due and not made."""
    now = session.world.now().strftime(TIME_FORM)
    out: list[dict[str, str]] = []
    for e in session.logged("registration"):
        draw_id = str(e["draw_id"])
        base = f"draws/{draw_id}"
        registered = session.workspace.record(records.Registration, f"{base}/registration.json")
        drawn, void = (bool(session.logged(t, draw_id=draw_id)) for t in ("draw", "void"))
        if not (drawn or void) and now > registered.deadline:
            out.append({"draw_id": draw_id, "what": "draw", "due": registered.deadline})
        plan: Plan = session.workspace.record(Plan, f"{base}/plan.json")
        due = opening_due(plan.visits.last)
        opened = session.logged("opening", draw_id=draw_id)
        if drawn and not void and plan.disclosure == AFTER and not opened and now > due:
            out.append({"draw_id": draw_id, "what": "opening", "due": due})
    return out


def counts(session: Session) -> dict[str, int]:
    """Return how many draws were registered, drawn, voided and redrawn."""
    found = {f"{t}s": len(session.logged(t)) for t in ("registration", "draw", "void")}
    named = (e["draw_id"] for e in session.logged("registration"))
    again = (session.workspace.record(records.Registration, f"draws/{d}/registration.json").redraw for d in named)
    return {**found, "redraws": sum(r is not None for r in again)}
