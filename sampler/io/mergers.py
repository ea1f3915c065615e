"""One visit for several draws of a sitting: what a later draw hits again is visited in the first (records.md, 3.17)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sampler import records, units
from sampler.io import batches, sealed
from sampler.plan import Plan
from sampler.tables import decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sampler.io.session import Session

Hit = tuple[str, str]
"""The earlier draw, and the object it hit."""


def find(mine: Mapping[str, str], before: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, Hit]:
    """Return the objects of a draw that an earlier draw of its sitting hit too.

    Parameters
    ----------
    mine
        Drawn object to what is visited once: its owner where owners are drawn, else the object itself.
    before
        The same of the sitting's draws of smaller draw_id, by draw_id. The first that hit it makes the visit.
    """
    found: dict[str, Hit] = {}
    for oid, unit in mine.items():
        hits = ((d, o) for d, drawn in before for o, u in sorted(drawn.items()) if oid == o or unit in (o, u))
        first = next(hits, None)
        if first is not None:
            found[oid] = first
    return found


def hits(session: Session, draw_id: str) -> dict[str, Hit]:
    """Return the drawn objects whose visit is another draw's; draws that were voided visit nobody."""
    sitting = session.sitting_of(draw_id)
    sealed_here = sorted(str(e["draw_id"]) for e in session.logged("commitment", sitting_id=sitting))
    done = [d for d in sealed_here if session.logged("draw", draw_id=d) and not session.logged("void", draw_id=d)]
    if draw_id not in done:
        return {}
    return find(_drawn(session, draw_id), [(d, _drawn(session, d)) for d in done if d < draw_id])


def guests(session: Session, draw_id: str) -> dict[str, tuple[str, ...]]:
    """Return the drawn objects whose visit serves later draws of the sitting too, as far as these are drawn."""
    later = (str(e["draw_id"]) for e in session.logged("commitment", sitting_id=session.sitting_of(draw_id)))
    found: dict[str, list[str]] = {}
    for other in sorted(d for d in later if d > draw_id):
        for host, there in sorted(hits(session, other).values()):
            if host == draw_id and other not in found.setdefault(there, []):
                found[there].append(other)
    return {o: tuple(d) for o, d in found.items()}


def _drawn(session: Session, draw_id: str) -> dict[str, str]:
    w, base = session.workspace, f"draws/{draw_id}"
    draw: records.Draw = sealed.logged(session, records.Draw, f"{base}/draw.json", draw_id=draw_id)
    plan: Plan = w.record(Plan, f"{base}/plan.json")
    if not plan.owners:
        return {c.object_id: c.object_id for c in draw.drawn}
    frame = decode(w.read(f"{base}/frame.tsv"), records.TABLE_COLUMNS["frame.tsv"], file="frame.tsv")
    owner = dict(zip(frame["object_id"], frame["owner_id"], strict=True))
    return {c.object_id: units.owner_of(c.object_id, owner[c.object_id]) for c in draw.drawn}


def carried(session: Session, merged: Mapping[str, Hit]) -> list[records.Result]:
    """Return the rows that the later draw has from the earlier ones' visits, as these now stand."""
    now = {d: batches.current(batches.recorded(session, d)) for d in {d for d, _ in merged.values()}}
    rows = ((oid, draw, now[draw].get(there)) for oid, (draw, there) in merged.items())
    return [replace(row, object_id=oid, merged_into=draw) for oid, draw, row in rows if row is not None]
