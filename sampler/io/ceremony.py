"""What has been sealed in a sitting, asked by every later step of its ceremony."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import records
from sampler.io import sealed
from sampler.io.session import need
from sampler.plan import Plan

if TYPE_CHECKING:
    from sampler.io.session import Session


def seals(session: Session, sitting: str) -> list[records.Commitment]:
    """Return the seals of a sitting, each as logged."""
    draws = [e["draw_id"] for e in session.logged("commitment", sitting_id=sitting)]
    return [sealed.logged(session, records.Commitment, f"draws/{d}/commitment.json", draw_id=d) for d in draws]


def source(session: Session, sitting: str) -> str:
    """Return the one public source of a sitting."""
    found = {s.source for s in seals(session, sitting)}
    need(len(found) == 1, "SOURCE_MIXED", "同一场次的任务须封存同一个来源", "分成两个场次")
    return found.pop()


def last(session: Session, sitting: str) -> str:
    """Return the party that reveals after the digits; empty when there is none."""
    return next((s.last for s in seals(session, sitting) if s.last), "")


def level(session: Session, sitting: str) -> str:
    """Return the level of disclosure of the sitting's draws, which is one."""
    plans = [session.workspace.record(Plan, f"draws/{s.draw_id}/plan.json") for s in seals(session, sitting)]
    return str(plans[0].disclosure)


def custody(session: Session, sitting: str) -> list[records.Custody]:
    """Return the receipts for secrets in custody, by party, each as logged."""
    folder = f"sittings/{sitting}"
    names = [n for n in session.workspace.names(folder) if n.startswith(f"{folder}/custody-")]
    found = [sealed.logged(session, records.Custody, n, sitting_id=sitting) for n in names]
    return sorted(found, key=lambda c: c.party.encode())
