"""The teams of a draw as its amendments left them, read from a workspace (docs/spec/assignment.md, 14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sampler import records, roster, tables
from sampler.assign import amend, model
from sampler.io import others, sealed
from sampler.io.bundle import sitting_record
from sampler.plan import Plan

if TYPE_CHECKING:
    from sampler.io.session import Session


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
