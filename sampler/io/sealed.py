"""Is what lies on the disk still what was sealed and logged? Asked before every step that builds on it.

Between two steps anybody at the office can edit a file. Replay would find it, but only after the log had been given
a draw that is worth nothing; so each step refuses first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sampler import canon, merkle, records, tables
from sampler.draw import TABLE_FILES
from sampler.errors import Place, StoreError
from sampler.plan import Plan

if TYPE_CHECKING:
    from sampler.io.session import Session
    from sampler.schema import Record


def logged(session: Session, cls: type[Record], name: str, **ids: str) -> Any:
    """Return the record in a file, refused unless the log holds this very record under these ids.

    Raises
    ------
    StoreError
        ``RECORD_CHANGED``: the file was edited, replaced, or its step was cut off.
    """
    found = session.workspace.record(cls, name)
    if found.rhash() not in {e["rhash"] for e in session.logged(cls.TYPE, **ids)}:
        raise _changed("RECORD_CHANGED", name, "日志里没有这份记录")
    return found


def commitment(session: Session, draw_id: str) -> records.Commitment:
    """Return the seal of a draw, with every file it names still as sealed.

    Raises
    ------
    StoreError
        ``RECORD_CHANGED`` for the seal itself, ``SEAL_BROKEN`` for a file that is not the sealed one.
    """
    base = f"draws/{draw_id}"
    seal: records.Commitment = logged(session, records.Commitment, f"{base}/commitment.json", draw_id=draw_id)
    w = session.workspace
    named = (("registration.json", records.Registration, seal.registration), ("plan.json", Plan, seal.plan))
    for file, cls, want in named:
        _same(w.record(cls, f"{base}/{file}").rhash(), want, f"{base}/{file}")
    for field, file in TABLE_FILES.items():
        _same(canon.sha256(w.read(f"{base}/{file}")).hex(), getattr(seal.tables, field), f"{base}/{file}")
    roots = {
        "frame": seal.frame.root,
        "excluded": seal.excluded.root,
        "roster": seal.roster.root,
        "recusals": seal.recusals.root,
    }
    for tree, root in roots.items():
        _same(_root(w.read(f"{base}/{tree}.tsv"), tree, draw_id), root, f"{base}/{tree}.tsv")
    return seal


def _root(data: bytes, tree: str, draw_id: str) -> str:
    file = f"{tree}.tsv"
    table = tables.decode(data, records.TABLE_COLUMNS[file], file=file)
    rows = zip(table.lines(without="nonce"), table["nonce"], strict=True)
    try:
        return merkle.root([merkle.blinded_leaf(tree, draw_id, row, bytes.fromhex(n)) for row, n in rows]).hex()
    except ValueError:
        return ""


def same_file(data: bytes, want: str, name: str) -> None:
    """Refuse a file whose SHA-256 is not `want`, with ``SEAL_BROKEN``."""
    _same(canon.sha256(data).hex(), want, name)


def _same(found: str, want: str, name: str) -> None:
    if found != want:
        raise _changed("SEAL_BROKEN", name, "文件与封存时不同")


def _changed(code: str, name: str, message: str) -> StoreError:
    hint = "有人在该步骤之后改动过它；从备份恢复原文件，并查明原因"
    return StoreError(code, f"{name}: {message}", hint=hint, place=Place(file=name))
