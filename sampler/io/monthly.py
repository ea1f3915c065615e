"""Where a month stands, read off the workspace: nothing is remembered apart, so it can be stopped and reopened anywhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import records
from sampler.disclosure import OPEN
from sampler.io import batches, ceremony, keys
from sampler.io.bundle import sitting_record
from sampler.io.plandoc import is_form, read_document
from sampler.plan import Plan
from sampler.wording import SEAL_DIGITS, groups_of_four

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.session import Session

STOPS: Final = ("核对封存", "摇号派人", "公示归档")
EXAMPLE: Final = "plan-example.toml"
FORM: Final = "抽查计划-示例.xlsx"
"""The example plan of `init`, as TOML and as a form: to be copied, never drawn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party of the sitting, and whether its key is in this workspace."""

    party: str
    name: str
    here: bool
    promised: bool
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far the month's sitting has come.

    Parameters
    ----------
    plans
        Plans of the month that lie in the workspace, by name.
    draws
        Draw ids of the sitting, once sealed; voided ones are left out.
    seal_code, source, deadline
        Of the seal; empty before.
    level, visits_end
        Disclosure level of the draws, and the last day on which any of them may be visited; empty before the seal.
    results
        Drawn objects with a result and all drawn objects, by draw.
    opened
        Draws whose list and results are opened.
    """

    sitting: str
    plans: tuple[str, ...]
    parties: tuple[Party, ...]
    draws: tuple[str, ...]
    closed: bool
    valued: bool
    drawn: tuple[str, ...]
    level: str
    visits_end: str
    seal_code: str
    source: str
    deadline: str
    results: dict[str, tuple[int, int]]
    opened: tuple[str, ...]

    @property
    def stop(self) -> int:
        """Which of the three stops comes next (0, 1, 2)."""
        if not self.draws:
            return 0
        return 2 if set(self.drawn) == set(self.draws) else 1

    @property
    def done(self) -> bool:
        """Whether nothing is left to do: every result is in, and what is opened later is open."""
        complete = all(have == want for have, want in self.results.values())
        return self.stop == 2 and complete and not self.unopened  # noqa: PLR2004

    @property
    def unopened(self) -> tuple[str, ...]:
        """Draws whose results become public by an opening that is still to come; at ``open`` there is none."""
        return () if self.level == OPEN else tuple(d for d in self.draws if d not in self.opened)


def state(session: Session, root: Path, month: str) -> State:
    """Return where the month stands.

    Parameters
    ----------
    session
        The workspace.
    root
        Its directory: plans (TOML, or the Excel form) are looked for there and in ``input/`` and ``months/MONTH/``.
    month
        ``YYYY-MM``.
    """
    sitting = _sitting(session, month)
    sealed = session.logged("commitment", sitting_id=sitting)
    draws = tuple(str(e["draw_id"]) for e in sealed if not session.logged("void", draw_id=e["draw_id"]))
    drawn = tuple(d for d in draws if session.logged("draw", draw_id=d))
    return State(
        sitting=sitting,
        plans=tuple(_plans(root, month)),
        parties=_parties(session, sitting),
        draws=draws,
        closed=bool(session.logged("closing", sitting_id=sitting)),
        valued=bool(session.logged("public-value", sitting_id=sitting)),
        drawn=drawn,
        level=ceremony.level(session, sitting) if sealed else "",
        visits_end=max((_plan(session, d).visits.last for d in draws), default=""),
        seal_code=groups_of_four(sitting_record(session, sitting).sitting[:SEAL_DIGITS]) if sealed else "",
        source=ceremony.source(session, sitting) if sealed else "",
        deadline=ceremony.seals(session, sitting)[0].reveal_deadline if sealed else "",
        results={d: _results(session, d) for d in drawn},
        opened=tuple(d for d in draws if session.logged("opening", draw_id=d)),
    )


def _sitting(session: Session, month: str) -> str:
    """Return the month's newest sitting that still has a draw, or the next number."""
    stem = f"{session.charter.agency}-{month}-S"
    known = {str(e["sitting_id"]) for e in session.logged("commitment")}
    number = 1
    while f"{stem}{number}" in known and _all_void(session, f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"


def _all_void(session: Session, sitting: str) -> bool:
    return all(session.logged("void", draw_id=e["draw_id"]) for e in session.logged("commitment", sitting_id=sitting))


def _plans(root: Path, month: str) -> list[str]:
    """Return the month's plans, TOML or forms, by their own ``period``; the examples of ``init`` are none.

    Raises
    ------
    InputError
        What the form's reader refuses: a form that cannot be read may be the month's own.
    """
    folders = (root, root / "input", root / "months" / month)
    files = [
        p for f in folders for p in sorted([*f.glob("*.toml"), *f.glob("*.xlsx")]) if p.name not in (EXAMPLE, FORM)
    ]
    return [p.relative_to(root).as_posix() for p in files if _period(p) == month]


def _period(path: Path) -> object:
    """Return the ``period`` of a plan; None for a TOML that is none, a workbook of something else, a file in use by Excel."""
    if path.suffix == ".xlsx":
        if path.name.startswith("~$") or not is_form(path.name, path.read_bytes()):
            return None
        return read_document(path).fields["period"]
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")).get("period")
    except (OSError, ValueError):
        return None


def _parties(session: Session, sitting: str) -> tuple[Party, ...]:
    w = session.workspace
    promised = {n for n in w.names(f"sittings/{sitting}") if "/party-commitment-" in n}
    given = {n for n in w.names(f"sittings/{sitting}") if "/reveal-" in n or "/custody-" in n}
    return tuple(
        Party(
            party=p.party,
            name=p.name,
            here=w.exists(keys.name("party", p.party)),
            promised=f"sittings/{sitting}/party-commitment-{p.party}.json" in promised,
            given=bool(given & {f"sittings/{sitting}/{k}-{p.party}.json" for k in ("reveal", "custody")}),
        )
        for p in session.charter.parties
    )


def _results(session: Session, draw_id: str) -> tuple[int, int]:
    drawn: records.Draw = session.workspace.record(records.Draw, f"draws/{draw_id}/draw.json")
    ids = {c.object_id for c in drawn.drawn}
    return len(ids & batches.current(batches.recorded(session, draw_id)).keys()), len(ids)


def sent(session: Session, draw_id: str) -> tuple[int, int]:
    """Return how many officers a draw sends out, and how many places it left vacant."""
    found: records.Assignment = session.workspace.record(records.Assignment, f"draws/{draw_id}/assignment.json")
    officers = {m.inspector_id for t in found.teams for m in t.members}
    return len(officers), sum(v.count for t in found.teams for v in t.vacant)


def framed(session: Session, draw_id: str) -> int:
    """Return how many objects a draw may hit."""
    found: records.Commitment = session.workspace.record(records.Commitment, f"draws/{draw_id}/commitment.json")
    return found.frame.count


def title(session: Session, draw_id: str) -> str:
    """Return the title of a draw's plan."""
    return _plan(session, draw_id).title


def _plan(session: Session, draw_id: str) -> Plan:
    found: Plan = session.workspace.record(Plan, f"draws/{draw_id}/plan.json")
    return found
