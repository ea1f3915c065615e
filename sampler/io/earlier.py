"""What earlier draws of this workspace did: the months a cool-down looks back on, and the probabilities W needs.

A unit counts as drawn in the month of the plan that drew it, whenever the visit took place. Draws that were voided
count for nothing: their successors stand for them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampler import canon, merkle, records, units
from sampler.allocation import E12
from sampler.errors import Place, StoreError
from sampler.frame import month_number
from sampler.io import sealed
from sampler.plan import Plan
from sampler.tables import NONE, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sampler.io.session import Session
    from sampler.tables import Table

Row = tuple[str, int | None, bool]
"""Draw, pi in units of 10^-12 or None where it is unknown, drawn or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One draw of the past.

    Parameters
    ----------
    draw_id, period
        Its name and the month of its plan.
    pi_e12
        Object to its probability in that draw, for all of its frame.
    drawn
        The objects it drew.
    owners
        Owner to the probability that it was drawn, by whichever of its objects. None where that is unknown: several
        objects of one owner were drawn each for itself.
    owner_of
        Object to its owner, where it is not its own.
    triggered
        Its objects stood on a list of triggers: its visits count for no yearly cap.
    """

    draw_id: str
    period: str
    pi_e12: Mapping[str, int]
    drawn: frozenset[str]
    owners: Mapping[str, int | None] = field(default_factory=dict)
    owner_of: Mapping[str, str] = field(default_factory=dict)
    triggered: bool = False

    def rows(self, *, owners: bool) -> Iterator[tuple[str, Row]]:
        """Yield unit and what this draw did to it, units being those of the draw that looks back."""
        pi: Mapping[str, int | None] = self.owners if owners else self.pi_e12
        drawn = {self.owner_of.get(o, o) for o in self.drawn} if owners else self.drawn
        yield from ((unit, (self.draw_id, p, unit in drawn)) for unit, p in pi.items())


def draws(session: Session, plan: Plan) -> tuple[frozenset[str], list[Earlier]]:
    """Return the ids of all finished draws, and those draws that the plan's longest cool-down still sees.

    Draws from lists are all there, empty: no probability of ours stands behind them, so they start no cool-down.

    Raises
    ------
    StoreError
        ``RECORD_CHANGED``, ``SEAL_BROKEN`` when a file of an earlier draw is not the sealed one.
    """
    ids = _finished(session)
    longest = max((c.months for c in plan.cooldown), default=0)
    now = month_number(plan.period)
    found = []
    for draw_id in ids:
        registration = _registration(session, draw_id)
        plan_then = _plan(session, registration)
        if plan_then.listed:
            found.append(
                Earlier(
                    draw_id=draw_id, period=registration.period, pi_e12={}, drawn=frozenset(),
                    triggered=plan_then.triggered,
                )
            )  # fmt: skip
        elif 0 < now - month_number(registration.period) <= longest:
            found.append(_read(session, draw_id, registration.period))
    return frozenset(ids), found


def drawn_this_year(session: Session, plan: Plan) -> dict[str, int]:
    """Return how many each clause has drawn in the plan's year and scope, by the finished draws of this workspace."""
    counts: Counter[str] = Counter()
    for draw_id in _finished(session):
        registration = _registration(session, draw_id)
        mine = (registration.scope, registration.period[:4]) == (plan.scope, plan.period[:4])
        if mine and not _plan(session, registration).listed:
            strata = _table(session, f"draws/{draw_id}/strata.tsv", "strata.tsv")
            for clause, n in zip(strata["clause"], strata["n"], strict=True):
                counts[clause] += int(n)
    return dict(counts)


def _finished(session: Session) -> list[str]:
    void = {e["draw_id"] for e in session.logged("void")}
    return [str(e["draw_id"]) for e in session.logged("draw") if e["draw_id"] not in void]


def _registration(session: Session, draw_id: str) -> records.Registration:
    path = f"draws/{draw_id}/registration.json"
    found: records.Registration = sealed.logged(session, records.Registration, path, draw_id=draw_id)
    return found


def _plan(session: Session, registration: records.Registration) -> Plan:
    """Return a draw's sealed plan."""
    name = f"draws/{registration.draw_id}/plan.json"
    plan: Plan = session.workspace.record(Plan, name)
    _same(plan.rhash(), registration.plan, name)
    return plan


def _read(session: Session, draw_id: str, period: str) -> Earlier:
    base = f"draws/{draw_id}"
    seal: records.Commitment = sealed.logged(session, records.Commitment, f"{base}/commitment.json", draw_id=draw_id)
    result: records.Draw = sealed.logged(session, records.Draw, f"{base}/draw.json", draw_id=draw_id)
    framed = _table(session, f"{base}/frame.tsv", "frame.tsv")
    rows = zip(framed.lines(without="nonce"), framed["nonce"], strict=True)
    root = merkle.root([merkle.blinded_leaf("frame", draw_id, row, bytes.fromhex(n)) for row, n in rows]).hex()
    _same(root, seal.frame.root, f"{base}/frame.tsv")
    level_bytes = session.workspace.read(f"{base}/levels.tsv")
    _same(canon.sha256(level_bytes).hex(), seal.tables.levels, f"{base}/levels.tsv")
    levels = decode(level_bytes, records.TABLE_COLUMNS["levels.tsv"], file="levels.tsv")
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    plan: Plan = session.workspace.record(Plan, f"{base}/plan.json")
    _same(plan.rhash(), seal.plan, f"{base}/plan.json")
    return Earlier(
        draw_id=draw_id,
        period=period,
        pi_e12=units.frame_pi(framed, pi, owners=plan.owners),
        drawn=frozenset(c.object_id for c in result.drawn),
        owners=_owners(plan, framed, pi),
        owner_of={o: w for o, w in zip(framed["object_id"], framed["owner_id"], strict=True) if w != NONE},
    )


def _owners(plan: Plan, framed: Table, pi: Mapping[str, int]) -> dict[str, int | None]:
    """Return the probability of every owner that can be known."""
    held = units.of_frame(framed, owners=True)
    own = [pi[f"{framed['stratum'][i]}/{framed['level'][i]}"] for i in held.first]
    rows = zip(held.ids, own, held.sizes(), strict=True)
    return {unit: p if plan.owners or size == 1 else None for unit, p, size in rows}


def _table(session: Session, path: str, name: str) -> Table:
    return decode(session.workspace.read(path), records.TABLE_COLUMNS[name], file=path)


def _same(found: str, want: str, name: str) -> None:
    if found != want:
        raise StoreError(
            "SEAL_BROKEN",
            f"{name}: 文件与封存时不同",
            hint="有人改动过以前抽查的文件；从备份恢复原文件，并查明原因",
            place=Place(file=name),
        )


def by_month(found: list[Earlier], *, owners: bool = False) -> Iterator[tuple[str, Row]]:
    """Yield unit/month and what its draws amount to together, of units that could be drawn.

    Several draws of a month have seeds of their own, so the chance to be in none of them is the product of theirs.
    """
    rows: dict[str, Row] = {}
    for e in sorted(found, key=lambda e: e.draw_id):
        for unit, new in e.rows(owners=owners):
            key = f"{unit}/{e.period}"
            rows[key] = _together(rows[key], new) if key in rows else new
    yield from ((key, row) for key, row in rows.items() if row[1] != 0)


def _together(a: Row, b: Row) -> Row:
    unknown = a[1] is None or b[1] is None
    both = None if unknown else E12 - ((E12 - (a[1] or 0)) * (E12 - (b[1] or 0)) * 2 + E12) // (2 * E12)
    return (b[0] if b[2] and not a[2] else a[0], both, a[2] or b[2])
