"""A workspace at work: signs records, appends them to the log, keeps the checkpoints.

The journal in ``private/`` is written first and is the authority; entries and checkpoints follow from it, so that a
crash between two writes loses nothing and forks nothing (:mod:`sampler.io.journal`).
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sampler import canon, log, merkle, records, signing
from sampler.errors import Place, StepError, StoreError
from sampler.io import keys
from sampler.io.journal import Journal
from sampler.io.store import Workspace
from sampler.io.upgrade import SETTINGS, need_current
from sampler.io.world import TIME_FORM, DemoWorld, RealWorld
from sampler.verify.keyring import Ring
from sampler.wording import beijing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sampler.io.world import World
    from sampler.schema import Record

ONCE = ("charter", "registration", "commitment", "closing", "public-value", "draw", "void", "opening")
"""Types of which a draw, a sitting or a log has one."""


@dataclass(frozen=True)
class Session:
    """A workspace and the world it lives in."""

    workspace: Workspace
    world: World

    @property
    def charter(self) -> records.Charter:
        """The charter of the agency."""
        found: records.Charter = self.workspace.record(records.Charter, "charter.json")
        return found

    @property
    def today(self) -> str:
        """The day in Beijing, ``YYYY-MM-DD``: what an office means by today."""
        return beijing(self.world.now().strftime(TIME_FORM))[:10]

    @cached_property
    def journal(self) -> Journal:
        """The log on disk."""
        return Journal(self.workspace.disk)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the workspace, with what a power cut left half done finished first: the log, and a key that was logged."""
        with self.workspace.lock():
            self.journal.heal(self._note)
            self._follow_keys()
            yield

    def _follow_keys(self) -> None:
        """Put every new key in its place whose change is logged."""
        w = self.workspace
        for role, owner in keys.waiting(w):
            public = signing.public_of(keys.load(w, self.world, role, owner, new=True))
            if records.key_id(public) in self.ring().at(len(self.index())):
                keys.adopt(w, role, owner, len(self.ring().changes))

    def index(self) -> list[dict[str, Any]]:
        """Return every log entry with its nonce and record hash, in log order."""
        return list(self.journal.rows())

    def logged(self, type_: str, *, draw_id: str | None = None, sitting_id: str | None = None) -> list[dict[str, Any]]:
        """Return the index entries of a type, of one draw or sitting."""
        wanted = {k: v for k, v in (("draw_id", draw_id), ("sitting_id", sitting_id)) if v is not None}
        rows = self.journal.rows()
        some = [rows[n] for n in self.journal.places(next(iter(wanted.values())))] if wanted else rows
        return [e for e in some if e["type"] == type_ and wanted.items() <= e.items()]

    def entries(self) -> list[bytes]:
        """Return the log's entries as they follow from the journal."""
        return list(self.journal.entries())

    def append(
        self,
        record: Record,
        *,
        sitting_id: str | None = None,
        draw_id: str | None = None,
        signed: tuple[records.Signature, ...] = (),
    ) -> int:
        """Sign a record, log it, sign a checkpoint; return its index. Doing it twice does it once.

        Parameters
        ----------
        signed
            Signatures made elsewhere, already checked; without them the keys of this workspace sign.
        """
        found = record.rhash()
        self.journal.heal(self._note)  # the last append was cut off: without its checkpoint no bundle could be made
        there = self.journal.find(found)
        if there is not None:
            return there
        self._refuse_second(record.TYPE, sitting_id=sitting_id, draw_id=draw_id)
        listed = signed or self._signed_elsewhere(found) or self.sign(record)
        self.workspace.write_json(f"signatures/{found}.json", [s.to_dict() for s in listed])
        nonce = self.world.entropy(merkle.NONCE_BYTES, f"log/{len(self.journal.rows())}/{found}")
        ids = {k: v for k, v in (("draw_id", draw_id), ("sitting_id", sitting_id)) if v is not None}
        return self.journal.append({"type": record.TYPE, "rhash": found, "nonce": nonce.hex(), **ids}, self._note)

    def _signed_elsewhere(self, rhash: str) -> tuple[records.Signature, ...]:
        """Return the signatures that came with a record, checked when it was imported."""
        name = f"signatures/{rhash}.json"
        stored = self.workspace.read_json(name) if self.workspace.exists(name) else []
        return tuple(records.Signature.from_dict(s) for s in stored)

    def _refuse_second(self, type_: str, *, sitting_id: str | None, draw_id: str | None) -> None:
        """Refuse another record where only one may be: deleting the first one's file does not take it back."""
        ids = {"draw_id": draw_id} if draw_id else {"sitting_id": sitting_id}
        if type_ in ONCE and self.logged(type_, **ids):
            what = draw_id or sitting_id or ""
            raise StepError(
                "LOGGED_ONCE", f"{what} 已有一份 {type_}，不能再有第二份", hint="从备份恢复被删改的文件", found=what
            )

    def _note(self, size: int, root: bytes) -> bytes:
        """Return the signed checkpoint of a size and root."""
        origin = log.origin(self.charter.agency)
        text = log.Checkpoint(origin, size, root).text()
        return f"{text}\n{signing.note_sign(origin, self._log_key(size), text)}".encode()

    def ring(self) -> Ring:
        """Return the charter's keys with every logged change."""
        places = [n for n, e in enumerate(self.index()) if e["type"] == records.KeyChange.TYPE]
        names = (f"keys/{number:04d}.json" for number in range(1, len(places) + 1))
        changes = [self.workspace.record(records.KeyChange, n) for n in names]
        return Ring(self.charter.keys, tuple(zip(places, changes, strict=True)))

    def _log_key(self, size: int) -> bytes:
        """Return the key that signs the checkpoint of `size`, a new one from its key change on."""
        agency = self.charter.agency
        private = keys.load(self.workspace, self.world, "log", agency)
        wanted = [k.key_id for k in self.ring().at(size).values() if k.role == "log"]
        if records.key_id(signing.public_of(private)) not in wanted:
            keys.adopt(self.workspace, "log", agency, len(self.ring().changes))
            private = keys.load(self.workspace, self.world, "log", agency)
        return private

    def sign(self, record: Record) -> tuple[records.Signature, ...]:
        """Return the signatures a record must carry: the agency's or a party's, on a receipt the party's and the holder's."""
        agency = record.agency if isinstance(record, records.Charter) else self.charter.agency
        if record.TYPE in records.SIGNED_BY_AGENCY:
            return (self.sign_as(record, "agency", agency),)
        who = (getattr(record, "party", ""), getattr(record, "holder", ""))
        found = [self.sign_as(record, "party", str(p)) for p in who if p]
        return tuple(sorted(found, key=lambda s: s.key_id))

    def sign_as(self, record: Record, role: str, owner: str, *, new: bool = False) -> records.Signature:
        """Return the signature of one key of this workspace."""
        return signature(keys.load(self.workspace, self.world, role, owner, new=new), record)

    def sitting_of(self, draw_id: str) -> str:
        """Return the sitting in which a draw was sealed."""
        found = self.logged("commitment", draw_id=draw_id)
        if not found:
            raise StepError("NOT_SEALED", f"{draw_id} 还没有封存", hint="先运行 sampler seal")
        return str(found[-1]["sitting_id"])


def signature(private: bytes, record: Record) -> records.Signature:
    """Return the signature of a private key on a record."""
    rhash = record.rhash()
    key_id = records.key_id(signing.public_of(private))
    return records.Signature(
        type=record.TYPE, rhash=rhash, key_id=key_id, sig=signing.sign(private, record.TYPE, rhash)
    )


def open_workspace(root: Path) -> Workspace:
    """Return a workspace of any form.

    Raises
    ------
    StoreError
        ``NO_WORKSPACE`` when the directory is none.
    """
    workspace = Workspace(root)
    if not workspace.exists(SETTINGS):
        raise StoreError(
            "NO_WORKSPACE", "这里不是工作区", hint="先运行 sampler init 目录，或用 -C 指定", found=str(root)
        )
    return workspace


def open_session(root: Path) -> Session:
    """Return the session of a workspace; a demo workspace lives in its own world.

    Raises
    ------
    StoreError
        ``NO_WORKSPACE`` when the directory is none; ``WORKSPACE_OLD``, ``WORKSPACE_NEWER`` of another form.
    """
    workspace = open_workspace(root)
    settings = workspace.read_json(SETTINGS)
    need_current(settings)
    label = settings.get("demo_label")
    _refuse_disguise(workspace, demo=label is not None)
    if label is None:
        return Session(workspace, RealWorld())
    day = dt.datetime.strptime(settings["demo_day"], TIME_FORM).replace(tzinfo=dt.UTC)
    return Session(workspace, DemoWorld(label, day))


def _refuse_disguise(workspace: Workspace, *, demo: bool) -> None:
    """Refuse secrets that anybody can foresee under a charter that does not say so, and the other way round."""
    if workspace.exists("charter.json"):
        charter: records.Charter = workspace.record(records.Charter, "charter.json")
        if bool(charter.demo) != demo:
            raise StoreError(
                "DEMO_MISMATCH", "工作区设置与章程对“演示”说法不同", hint="演示与真实抽查各用自己的工作区",
                place=Place(file=SETTINGS),
            )  # fmt: skip


def need(condition: object, code: str, message: str, hint: str) -> None:
    """Refuse a step whose turn has not come."""
    if not condition:
        raise StepError(code, message, hint=hint)


def plain_hash(data: bytes) -> str:
    """Return the SHA-256 of a file in hex."""
    return canon.sha256(data).hex()
