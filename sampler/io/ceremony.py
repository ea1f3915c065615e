"""What has been sealed in a sitting, asked by every later step of its ceremony."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import records
from sampler.disclosure import AFTER
from sampler.io import sealed
from sampler.io.bundle import sitting_record
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


def refuse_turn(session: Session, sitting: str, party: str, *, handing: bool) -> None:
    """Refuse a secret out of its turn: before the seal, after the closing, twice, or on the wrong side of the digits."""
    sealed = session.logged("commitment", sitting_id=sitting)
    need(sealed, "NOT_SEALED", "该场次还没有封存，不能揭示", "先运行 sampler seal")
    at_the_end = party == last(session, sitting)
    need(not (at_the_end and handing), "LAST_HANDED", f"{party} 在现场数字之后揭示，不能交保管", "到时由它自己揭示")
    if at_the_end:
        value = session.logged("public-value", sitting_id=sitting)
        need(value, "REVEAL_LATER", f"{party} 要在现场数字记录之后揭示", "先运行 sampler close、seed")
        return
    closed = session.logged("closing", sitting_id=sitting)
    need(not closed, "SITTING_CLOSED", "该场次已截止，不再接受揭示", "按 ABSENT 处理")
    w, folder = session.workspace, f"sittings/{sitting}"
    other = f"{folder}/reveal-{party}.json" if handing else f"{folder}/custody-{party}.json"
    need(not w.exists(other), "REVEALED_TWICE", f"{party} 已经揭示或交保管", "每方在一个场次只能选一样，只做一次")
    if not handing and level(session, sitting) == AFTER and not custody(session, sitting):
        given = {r.party for r in sitting_record(session, sitting).reveals} | {party}
        waiting = {p.party for p in session.charter.parties} - given - {last(session, sitting)}
        hint = f"改为交保管: sampler reveal {sitting} --party {party} --to 保管人"
        need(waiting, "CUSTODY_NEEDED", "检查后公开的抽查须有一方的秘密在保管中，只剩这一方了", hint)
