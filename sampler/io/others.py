"""The other draws of a sitting, read from a workspace: what they took of the officers' loads (assignment.md, 5.2, 14.8)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sampler import records
from sampler.assign.amend import Elsewhere, elsewhere
from sampler.assign.model import visits
from sampler.io import sealed
from sampler.io.session import need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sampler.io.session import Session

TOLD: Final = ("draw", "void", "amendment-cause", "amendment")
"""Types of the records that a bundle shows of the sitting's other draws."""


def of(session: Session, draw_id: str) -> list[str]:
    """Return the other draws of the sitting, by id."""
    sitting = session.sitting_of(draw_id)
    found = {str(e["draw_id"]) for e in session.logged("commitment", sitting_id=sitting)}
    return sorted(found - {draw_id}, key=str.encode)


def used_before(session: Session, draw_id: str) -> Counter[str]:
    """Return the visits that the sitting's draws of smaller draw_id gave every officer, as they were drawn.

    Raises
    ------
    StepError
        ``DRAW_ORDER`` when one of them is neither drawn nor void.
    """
    found: Counter[str] = Counter()
    for other in (o for o in of(session, draw_id) if o.encode() < draw_id.encode()):
        _need_done(session, other)
        if session.logged("draw", draw_id=other) or _void(session, other).draw:
            found.update(visits(_assignment(session, other)))
    return found


def taken_elsewhere(session: Session, draw_id: str, before: int | None = None) -> Elsewhere:
    """Return what all other draws of the sitting had taken at a place of the log, at its end without one.

    Raises
    ------
    StepError
        ``DRAW_ORDER`` when one of them is neither drawn nor void, ``AMEND_OTHER`` when a cause waits there.
    """
    found = []
    for other in of(session, draw_id):
        happened = list(_events(session, other, before))
        types = Counter(t for t, _ in happened)
        _need_done(session, other)
        message = f"同一场次的 {other} 还有事由在等变更"
        need(types["amendment-cause"] == types["amendment"], "AMEND_OTHER", message, f"先完成 sampler amend {other}")
        if not types["void"]:
            base = f"draws/{other}/amendments"
            past = [_amendment(session, other, f"{base}/{n:04d}.json") for n in range(1, types["amendment"] + 1)]
            found.append((_assignment(session, other), past))
    return elsewhere(found)


def shown(session: Session, draw_id: str) -> tuple[dict[str, bytes], set[int]]:
    """Return the files of ``sitting/`` in the bundle of a draw, and the places in the log of their records."""
    ends = [n for t, n in _events(session, draw_id) if t in ("draw", "void")]
    causes = [n for t, n in _events(session, draw_id) if t == "amendment"]
    files: dict[str, bytes] = {}
    places: set[int] = set()
    w = session.workspace
    for other in of(session, draw_id):
        end = max([*(ends[:1] if other.encode() < draw_id.encode() else ()), *causes[-1:]], default=0)
        happened = list(_events(session, other, end))
        number = Counter(t for t, _ in happened)
        causes_shown = [n for t, n in happened if t == "amendment-cause"][: number["amendment"]]
        places |= {*causes_shown, *(n for t, n in happened if t != "amendment-cause")}
        names = [f"{t}.json" for t in ("draw", "void") if number[t]]
        if number["draw"] or (number["void"] and _void(session, other).draw):
            names += ["draw.json", "assignment.json"]
        names += [f"amendments/{n:04d}.json" for n in range(1, number["amendment"] + 1)]
        files |= {f"sitting/{other}/{n}": w.read(f"draws/{other}/{n}") for n in names}
    return files, places


def _events(session: Session, draw_id: str, before: int | None = None) -> Iterator[tuple[str, int]]:
    rows = session.journal.rows()
    for n in session.journal.places(draw_id):
        if (before is None or n < before) and rows[n]["type"] in TOLD:
            yield rows[n]["type"], n


def _need_done(session: Session, other: str) -> None:
    done = session.logged("draw", draw_id=other) or session.logged("void", draw_id=other)
    message = f"同一场次的 {other} 还没有抽取，人员已用去的工作量不知道"
    need(done, "DRAW_ORDER", message, f"先运行 sampler draw {other}")


def _void(session: Session, other: str) -> records.Void:
    found: records.Void = sealed.logged(session, records.Void, f"draws/{other}/void.json", draw_id=other)
    return found


def _amendment(session: Session, other: str, name: str) -> dict[str, Any]:
    found: records.Amendment = sealed.logged(session, records.Amendment, name, draw_id=other)
    return found.to_dict()


def _assignment(session: Session, other: str) -> dict[str, Any]:
    """Return who visits what in another draw; its file must be the one its Draw names."""
    w, base = session.workspace, f"draws/{other}"
    if session.logged("draw", draw_id=other):
        sealed.logged(session, records.Draw, f"{base}/draw.json", draw_id=other)
    draw: records.Draw = w.record(records.Draw, f"{base}/draw.json")
    sealed.same_file(w.read(f"{base}/assignment.json"), draw.assignment, f"{base}/assignment.json")
    found: records.Assignment = w.record(records.Assignment, f"{base}/assignment.json")
    return found.to_dict()
