"""What is late, and how often draws were given up: seen from the workspace that holds all records."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sampler import records
from sampler.disclosure import AFTER
from sampler.io.world import TIME_FORM
from sampler.plan import Plan
from sampler.verify.steps_later import opening_due

if TYPE_CHECKING:
    from sampler.io.session import Session

WORDS: Final = {"draw": "既未抽取也未作废", "opening": "检查早已结束，名单还没有公开"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A step of one draw that is not done yet: `what` is ``reveal``, ``draw`` or ``opening``, `due` an instant."""

    draw_id: str
    what: str
    due: str


def pending(session: Session, draw_id: str) -> list[Pending]:
    """Return the steps with an instant of their own that a draw still owes; a voided draw owes none."""
    if session.logged("void", draw_id=draw_id):
        return []
    w, base = session.workspace, f"draws/{draw_id}"
    if session.logged("draw", draw_id=draw_id):
        plan: Plan = w.record(Plan, f"{base}/plan.json")
        if plan.disclosure != AFTER or session.logged("opening", draw_id=draw_id):
            return []
        return [Pending(draw_id=draw_id, what="opening", due=opening_due(plan.visits.last))]
    registered = w.record(records.Registration, f"{base}/registration.json")
    owed = [Pending(draw_id=draw_id, what="draw", due=registered.deadline)]
    sealed = session.logged("commitment", draw_id=draw_id)
    if sealed and not session.logged("closing", sitting_id=str(sealed[-1]["sitting_id"])):
        seal = w.record(records.Commitment, f"{base}/commitment.json")
        owed.insert(0, Pending(draw_id=draw_id, what="reveal", due=seal.reveal_deadline))
    return owed


def overdue(session: Session) -> list[dict[str, str]]:
    """Return every draw without Draw or Void at its deadline, and every opening that is due and not made."""
    now = session.world.now().strftime(TIME_FORM)
    owed = (p for e in session.logged("registration") for p in pending(session, str(e["draw_id"])))
    return [asdict(p) for p in owed if p.what in WORDS and now > p.due]


def counts(session: Session) -> dict[str, int]:
    """Return how many draws were registered, drawn, voided and redrawn."""
    found = {f"{t}s": len(session.logged(t)) for t in ("registration", "draw", "void")}
    named = (e["draw_id"] for e in session.logged("registration"))
    again = (session.workspace.record(records.Registration, f"draws/{d}/registration.json").redraw for d in named)
    return {**found, "redraws": sum(r is not None for r in again)}
