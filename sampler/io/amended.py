"""The teams of a draw as its amendments left them, read from a workspace (docs/spec/assignment.md, 14)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sampler import records, roster, tables, ticket
from sampler.assign import amend, model
from sampler.io import others, parties, sealed
from sampler.io.bundle import sitting_record
from sampler.io.session import need
from sampler.io.world import TIME_FORM
from sampler.plan import Plan
from sampler.wording import beijing

if TYPE_CHECKING:
    from sampler.io.session import Session

WITHHELD_AFTER: Final = dt.timedelta(days=5)
"""How long the keeper of the chain has (PROTOCOL 3.10)."""


@dataclass(frozen=True, slots=True)
class Amended:
    """A draw after its amendments.

    Parameters
    ----------
    sealed, teams
        What the seal holds; who visits what now.
    history
        The amendments so far.
    pending
        A logged cause whose chance has not come yet, or None.
    commitment
        The seal.
    seed
        The draw's seed.
    place
        Which chain of the sitting serves this draw, from 0.
    """

    sealed: amend.Sealed
    teams: amend.Teams
    history: tuple[records.Amendment, ...]
    pending: records.AmendmentCause | None
    commitment: records.Commitment
    seed: bytes
    drawn: int
    place: int

    @property
    def number(self) -> int:
        """Return the number of the next amendment."""
        return len(self.history) + 1


def cause_file(draw_id: str, number: int) -> str:
    """Return where a cause waits for its amendment."""
    return f"draws/{draw_id}/amendments/{number:04d}-cause.json"


def _asked_file(draw_id: str, number: int) -> str:
    return f"draws/{draw_id}/amendments/{number:04d}-asked.json"


def note_asked(session: Session, draw_id: str, number: int) -> dt.datetime:
    """Return when the cause of an amendment was logged by this office's clock, noted on first asking."""
    w, name = session.workspace, _asked_file(draw_id, number)
    if not w.exists(name):
        w.write_json(name, {"asked": session.world.now().strftime(TIME_FORM)})
    return dt.datetime.strptime(w.read_json(name)["asked"], TIME_FORM).replace(tzinfo=dt.UTC)


def refuse_early(session: Session, draw_id: str, state: Amended) -> None:
    """Refuse to call the chain withheld while it is here, or before its keeper had five days (PROTOCOL 3.10).

    Raises
    ------
    StepError
        ``AMEND_HELD`` or ``AMEND_EARLY``. A chain never promised or used up has nobody to wait for.
    """
    anchor = state.commitment.anchor
    if anchor is None or state.number > ticket.CHAIN_LENGTH:
        return
    here = parties.has_chain(session.workspace, session.sitting_of(draw_id), anchor.party)
    need(not here, "AMEND_HELD", "变更链就在本机，没有人扣留", f"不写 --withheld，再运行 sampler amend {draw_id}")
    end = note_asked(session, draw_id, state.number) + WITHHELD_AFTER
    message = f"{anchor.party} 有五日给出变更链的值，到 {beijing(end.strftime(TIME_FORM))} 为止"
    hint = f"请 {anchor.party} 运行 sampler amend {draw_id} --give；到期仍不给，再用 --withheld"
    need(session.world.now() >= end, "AMEND_EARLY", message, hint)


def load(session: Session, draw_id: str) -> Amended:
    """Return the state of a drawn draw; every file is held against the seal and the log.

    Raises
    ------
    StoreError
        ``RECORD_CHANGED`` or ``SEAL_BROKEN`` when a file is not the logged one.
    """
    w, base = session.workspace, f"draws/{draw_id}"
    commitment = sealed.commitment(session, draw_id)
    result: records.Draw = sealed.logged(session, records.Draw, f"{base}/draw.json", draw_id=draw_id)
    assignment = w.record(records.Assignment, f"{base}/assignment.json").to_dict()
    t = {
        n: tables.decode(w.read(f"{base}/{n}"), records.TABLE_COLUMNS[n], file=n).without("nonce")
        for n in ("frame.tsv", "roster.tsv", "recusals.tsv")
    }
    everyone = [c.object_id for c in (*result.drawn, *result.reserves)]
    held = amend.Sealed(
        model.parse_rules(w.record(Plan, f"{base}/plan.json").to_dict()),
        {x.object_id: x for x in model.parse_targets(t["frame.tsv"], everyone)},
        tuple(roster.parse_roster(t["roster.tsv"])),
        roster.parse_recusals(t["recusals.tsv"]),
    )
    teams, history = amend.begin(assignment, result.drawn, result.reserves), _history(session, draw_id)
    index = {e["rhash"]: n for n, e in enumerate(session.index())}
    for a in history:
        teams = replace(teams, elsewhere=others.taken_elsewhere(session, draw_id, index[a.cause.rhash()]))
        teams = follow(held, teams, a, done(session, draw_id, a.cause))
    name = cause_file(draw_id, len(history) + 1)
    waiting = sealed.logged(session, records.AmendmentCause, name, draw_id=draw_id) if w.exists(name) else None
    at = index[waiting.rhash()] if waiting else None
    teams = replace(teams, elsewhere=others.taken_elsewhere(session, draw_id, at))
    total = sitting_record(session, session.sitting_of(draw_id))
    place = [c.draw_id for c in total.commitments].index(draw_id)
    return Amended(held, teams, history, waiting, commitment, bytes.fromhex(result.seed), result.n, place)


def follow(held: amend.Sealed, teams: amend.Teams, a: records.Amendment, done_: frozenset[str]) -> amend.Teams:
    """Return the teams after a logged amendment, which `verify` judges; here its changes are taken as they stand."""
    freed = amend.free(held, teams, a.cause.to_dict(), done_)
    entering = {c.object_id: [(m.group, m.inspector_id) for m in c.entering] for c in a.changes}
    return amend.enter(freed, entering)


def _history(session: Session, draw_id: str) -> tuple[records.Amendment, ...]:
    count = len(session.logged("amendment", draw_id=draw_id))
    names = (f"draws/{draw_id}/amendments/{n:04d}.json" for n in range(1, count + 1))
    return tuple(sealed.logged(session, records.Amendment, n, draw_id=draw_id) for n in names)


def done(session: Session, draw_id: str, cause: records.AmendmentCause | None) -> frozenset[str]:
    """Return the objects with a result logged before the cause; without a cause, all with a result so far."""
    index = {e["rhash"]: n for n, e in enumerate(session.index())}
    before = index[cause.rhash()] if cause else len(index)
    w, out = session.workspace, set[Any]()
    for name in w.names(f"draws/{draw_id}/results"):
        batch: records.Results = w.record(records.Results, name)
        if index.get(batch.rhash(), before) < before:
            out |= {row.object_id for row in batch.rows}
    return frozenset(out)
