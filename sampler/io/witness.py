"""A witness: a second machine or a USB stick that remembers the last checkpoint of a log and signs only what grew from it.

It needs no secret of the office, sees no record, and refuses for ever a log that lost or changed an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import log, records, signing, tiles
from sampler.errors import RecordError, StepError
from sampler.io import keys
from sampler.io.session import need
from sampler.io.store import Workspace
from sampler.io.world import RealWorld

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.session import Session
    from sampler.io.world import World

SETTINGS: Final = "witness.json"
CHECKPOINT: Final = "checkpoint"
CHARTER: Final = "charter.json"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness at its own desk."""

    workspace: Workspace
    world: World
    name: str

    def pin(self, folder: Workspace, charter_hash: str, log_key: str) -> tuple[str, bytes]:
        """Return origin and key of the log in `folder`: as pinned when it was first seen, or pinned now.

        Raises
        ------
        StepError
            ``WITNESS_PIN`` when a log is seen for the first time without the right hash of its charter;
            ``WITNESS_UNKNOWN`` when that charter does not name this witness.
        """
        charter = records.Charter.parse(folder.read(CHARTER), CHARTER)
        place = f"logs/{charter.agency}.json"
        if not self.workspace.exists(place):
            found = charter.rhash()
            hint = f"把 {found} 与机关书面公布的章程指纹核对，一致再用 --charter 给出"
            need(charter_hash == found, "WITNESS_PIN", "第一次见到这份日志，须核对章程", hint)
            mine = signing.public_of(keys.load(self.workspace, self.world, "witness", self.name)).hex()
            listed = [k.public for k in charter.keys if k.role == "witness" and k.owner == self.name]
            need(mine in listed, "WITNESS_UNKNOWN", f"章程里没有见证方 {self.name} 的这把钥匙", "请机关在章程中列入")
            key = next(k.public for k in charter.keys if k.role == "log")
            self.workspace.write_json(place, {"agency": charter.agency, "charter": found, "key": key})
        pinned = self.workspace.read_json(place)
        if log_key:
            pinned |= {"key": log_key}
            self.workspace.write_json(place, pinned)
        return log.origin(pinned["agency"]), bytes.fromhex(pinned["key"])

    def cosign(self, folder: Workspace, charter_hash: str = "", log_key: str = "") -> tuple[log.Checkpoint, bytes]:
        """Return the checkpoint in `folder` and the note with this witness's signature, after everything is checked.

        The checkpoint is remembered, durably, before it is signed.

        Raises
        ------
        StepError
            ``WITNESS_ROLLBACK`` when the log is shorter than it was, ``WITNESS_FORK`` when what was there has changed;
            both notes are kept under ``forks/``: two signatures of the log's key on them prove it to anybody.
        RecordError
            ``NOTE_*``, ``CHECKPOINT_FORM``, ``TILE_*``.
        """
        origin, key = self.pin(folder, charter_hash, log_key)
        note = folder.read(CHECKPOINT)
        found = log.parse_checkpoint(signing.note_verify(note, origin, key))
        need(found.origin == origin, "WITNESS_ORIGIN", "检查点属于另一份日志", "核对目录")
        entries = tiles.read(found.size, folder.read)
        if log.head(entries) != (found.size, found.root):
            raise RecordError("TILE_ROOT", "entries do not give the root of the checkpoint", found=CHECKPOINT)
        self._grown(found, note, entries)
        private = keys.load(self.workspace, self.world, "witness", self.name)
        text = found.text()
        self.workspace.write(self._seen(found), note)
        return found, f"{text}\n{signing.note_sign(self.name, private, text)}".encode()

    def _seen(self, head: log.Checkpoint) -> str:
        return f"seen/{head.origin.rpartition('/')[2]}"

    def _grown(self, found: log.Checkpoint, note: bytes, entries: tuple[bytes, ...]) -> None:
        """Refuse a log that does not begin with the one seen last."""
        if not self.workspace.exists(self._seen(found)):
            return
        before = self.workspace.read(self._seen(found))
        old = log.parse_checkpoint(signing.note_parse(before).text)
        if old.size > found.size:
            self._refuse("WITNESS_ROLLBACK", f"日志变短了: 见过 {old.size} 条，现在 {found.size} 条", before, note)
        if old.size and not log.grows(old, found, log.consistency(entries, old.size)):
            self._refuse("WITNESS_FORK", f"前 {old.size} 条与见过的不同: 日志被改写或有分叉", before, note)

    def _refuse(self, code: str, message: str, before: bytes, now: bytes) -> None:
        for number, data in enumerate((before, now)):
            self.workspace.write(f"forks/{code}-{number}.note", data)
        raise StepError(code, message, hint="不签。forks/ 下的两份检查点都有日志密钥的签名，可作证据，交审计或上级")


def make(root: Path, name: str, *, outside: bool) -> records.Key:
    """Make a witness's workspace and return its public key."""
    workspace = Workspace(root)
    key = keys.make(workspace, RealWorld(), "witness", name, outside=outside)
    workspace.write_json(SETTINGS, {"schema": "sampler/witness/v1", "witness": name})
    return key


def open_witness(root: Path) -> Witness:
    """Return the witness of a workspace.

    Raises
    ------
    StepError
        ``NO_WITNESS`` when the directory is none.
    """
    workspace = Workspace(root)
    hint = "先运行 sampler keys new 目录 --party 名称 --witness，再用 -C 指定"
    need(workspace.exists(SETTINGS), "NO_WITNESS", "这里不是见证方的工作区", hint)
    return Witness(workspace, RealWorld(), str(workspace.read_json(SETTINGS)["witness"]))


def merge(session: Session, note: bytes) -> tuple[int, list[str]]:
    """Add the cosignatures on a note to our own checkpoint of that size; return size and the witnesses that signed it now.

    Raises
    ------
    StepError
        ``COSIGN_OTHER`` when the note is not about a checkpoint of this log, ``COSIGN_NOBODY`` when no valid signature of a
        witness of the charter is on it.
    """
    parsed = signing.note_parse(note)
    found = log.parse_checkpoint(parsed.text)
    w, name = session.workspace, f"log/checkpoints/{found.size:08d}"
    own = signing.note_parse(w.read(name)) if w.exists(name) else None
    if own is None or own.text != parsed.text:
        hint = "核对是否同一份日志；若是，日志有分叉，停止使用"
        raise StepError("COSIGN_OTHER", "见证签名不是对着本日志的检查点", hint=hint)
    known = [(k.owner, bytes.fromhex(k.public)) for k in session.ring().at(found.size).values() if k.role == "witness"]
    valid = {n: k for n, k in known if signing.note_signed(parsed, n, k)}
    need(valid, "COSIGN_NOBODY", "没有章程所列见证方的有效签名", "请见证方用章程所列的钥匙签")
    lines = w.read(name).decode().rpartition("\n\n")[2].splitlines(keepends=True)
    given = note.decode().rpartition("\n\n")[2].splitlines(keepends=True)
    fresh = [x for x in given if x.split(" ")[1] in valid and x not in lines]
    merged = [lines[0], *sorted({*lines[1:], *fresh})]
    session.journal.cosign(found.size, f"{own.text}\n{''.join(merged)}".encode())
    signed = signing.note_parse(w.read(name))
    return found.size, sorted(n for n, k in known if signing.note_signed(signed, n, k))
