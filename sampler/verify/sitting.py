"""What the other draws of a sitting took of the officers' loads (docs/spec/assignment.md, 5.2 and 14.8; records.md, 6).

The log names type and draw of every entry, so a bundle cannot leave out what happened there: whatever stands before
the moment in question must be shown and proved.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

from sampler import canon, records
from sampler.assign.amend import Elsewhere, elsewhere
from sampler.assign.model import visits
from sampler.schema import Record
from sampler.verify.report import VerifyError, need, same

if TYPE_CHECKING:
    from sampler.verify.bundle import Bundle

ENTRIES: Final = "log/entries"
TOLD: Final = frozenset({"draw", "void", "amendment"})
"""Types whose entries of another draw count."""
R = TypeVar("R", bound=Record)
Happened = dict[str, list[int]]
"""Type to the places in the log of one draw's entries."""


def used_before(b: Bundle) -> Counter[str]:
    """Return the visits of the sitting's draws of smaller draw_id, as they were drawn (assignment.md, 5.2)."""
    own = b.manifest.draw_id
    mine = [n for n, e in enumerate(b.logged) if e.draw_id == own and e.type in ("draw", "void")]
    found: Counter[str] = Counter()
    for other in _others(b):
        if other.encode() < own.encode():
            happened = _before(b, other, min(mine, default=len(b.logged)))
            void = None if "draw" in happened else _record(b, f"sitting/{other}/void.json", records.Void)
            if void is None or void.draw is not None:
                found.update(visits(_assignment(b, other, void)))
    return found


def taken_elsewhere(b: Bundle, cause: records.AmendmentCause) -> Elsewhere:
    """Return what all other draws of the sitting had taken when `cause` was logged (assignment.md, 14.8)."""
    at = b.index_of[cause.TYPE, cause.rhash()]
    found = []
    for other in _others(b):
        happened = _before(b, other, at)
        asked = sum(e.type == "amendment-cause" and e.draw_id == other for e in b.logged[:at])
        done = len(happened.get("amendment", ()))
        need(asked == done, f"{other} 的变更 {asked} 次", done, "同场次另有事由在先, 还没有变更", ENTRIES)
        if "void" not in happened:
            changed = [b.record(p, records.Amendment) for p in b.under(f"sitting/{other}/amendments/")]
            past = [a.to_dict() for a in changed if b.index_of[a.TYPE, a.rhash()] < at]
            found.append((_assignment(b, other, None), past))
    return elsewhere(found)


def _others(b: Bundle) -> list[str]:
    return [s.draw_id for s in b.sitting.commitments if s.draw_id != b.manifest.draw_id]


def _before(b: Bundle, other: str, end: int) -> Happened:
    """Return what the log holds of another draw before the place `end`; refuse what the bundle does not show."""
    shown, found = {p.index for p in b.proofs.records}, Happened()
    for n, e in enumerate(b.logged[:end]):
        if e.draw_id == other and e.type in TOLD:
            need(n in shown, f"{other} 的 {e.type}", "没有", "同场次另一任务的记录被隐去, 工作量无从核对", ENTRIES)
            found.setdefault(e.type, []).append(n)
    need(found.keys() & {"draw", "void"}, f"{other} 已抽取或作废", "没有", "同场次的任务没有先抽取", ENTRIES)
    return found


def _assignment(b: Bundle, other: str, void: records.Void | None) -> dict[str, canon.Json]:
    """Return who visits what in another draw: drawn, or (with its void) what would have been drawn."""
    draw = _record(b, f"sitting/{other}/draw.json", records.Draw)
    file = f"sitting/{other}/assignment.json"
    record = _record(b, file, records.Assignment)
    same(draw.assignment, canon.sha256(b.open(file)).hex(), "派员文件不是抽取时的那一份", file)
    if void is not None and void.draw != draw.rhash():
        raise VerifyError(void.draw or "-", draw.rhash(), "不是作废时公布的抽取", f"sitting/{other}/draw.json")
    return record.to_dict()


def _record(b: Bundle, path: str, cls: type[R]) -> R:
    need(b.has(path), path, "没有", "缺少同场次另一任务的文件, 工作量无从核对", path)
    return b.record(path, cls)
