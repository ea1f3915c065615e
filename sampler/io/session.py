"""A workspace at work: signs records, appends them to the log, keeps the checkpoints.

The index in ``private/`` is written first and is the authority; entries and checkpoints follow from it, so that a
crash between two writes loses nothing and forks nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sampler import canon, log, merkle, records, signing
from sampler.errors import Place, StepError, StoreError
from sampler.io import keys
from sampler.io.store import Workspace
from sampler.io.world import TIME_FORM, DemoWorld, RealWorld

if TYPE_CHECKING:
    from pathlib import Path

    from sampler.io.world import World
    from sampler.schema import Record

INDEX = "private/log-index.json"
SETTINGS = "workspace.json"
ONCE = ("charter", "registration", "commitment", "closing", "public-value", "draw")
"""Types of which a draw, a sitting or a log has one."""


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace and the world it lives in."""

    workspace: Workspace
    world: World

    @property
    def charter(self) -> records.Charter:
        """The charter of the agency."""
        found: records.Charter = self.workspace.record(records.Charter, "charter.json")
        return found

    def index(self) -> list[dict[str, Any]]:
        """Return every log entry with its nonce and record hash, in log order."""
        return list(self.workspace.read_json(INDEX)) if self.workspace.exists(INDEX) else []

    def logged(self, type_: str, *, draw_id: str | None = None, sitting_id: str | None = None) -> list[dict[str, Any]]:
        """Return the index entries of a type, of one draw or sitting."""
        wanted = {k: v for k, v in (("draw_id", draw_id), ("sitting_id", sitting_id)) if v is not None}
        return [e for e in self.index() if e["type"] == type_ and wanted.items() <= e.items()]

    def entries(self) -> list[bytes]:
        """Return the log's entries as they follow from the index."""
        return [entry_bytes(e) for e in self.index()]

    def append(self, record: Record, *, sitting_id: str | None = None, draw_id: str | None = None) -> int:
        """Sign a record, log it, sign a checkpoint; return its index. Doing it twice does it once."""
        found = record.rhash()
        index = self.index()
        if index and not self.workspace.exists(f"log/checkpoints/{len(index):08d}"):
            self.publish_head()  # the last append was cut off: without its checkpoint no bundle could be made
        for n, e in enumerate(index):
            if e["rhash"] == found:
                return n
        self._refuse_second(record.TYPE, sitting_id=sitting_id, draw_id=draw_id)
        self._sign(record, found)
        nonce = self.world.entropy(merkle.NONCE_BYTES, f"log/{len(index)}/{found}")
        ids = {k: v for k, v in (("draw_id", draw_id), ("sitting_id", sitting_id)) if v is not None}
        index.append({"type": record.TYPE, "rhash": found, "nonce": nonce.hex(), **ids})
        self.workspace.write_json(INDEX, index)
        self.publish_head()
        return len(index) - 1

    def _refuse_second(self, type_: str, *, sitting_id: str | None, draw_id: str | None) -> None:
        """Refuse another record where only one may be: deleting the first one's file does not take it back."""
        ids = {"draw_id": draw_id} if draw_id else {"sitting_id": sitting_id}
        if type_ in ONCE and self.logged(type_, **ids):
            what = draw_id or sitting_id or ""
            raise StepError(
                "LOGGED_ONCE", f"{what} 已有一份 {type_}，不能再有第二份", hint="从备份恢复被删改的文件", found=what
            )

    def publish_head(self) -> None:
        """Write entries and a signed checkpoint for the index as it stands."""
        entries = self.entries()
        if self.workspace.exists("log/entries"):
            old = log.parse_entries(self.workspace.read("log/entries"))
            if list(old) != entries[: len(old)]:
                raise StoreError("LOG_DAMAGED", "日志与索引不一致", hint="停止使用，从备份核对后恢复")
        self.workspace.write("log/entries", log.encode_entries(entries))
        origin = log.origin(self.charter.agency)
        text = log.checkpoint(origin, entries).text()
        line = signing.note_sign(origin, keys.load(self.workspace, "log", self.charter.agency), text)
        data = f"{text}\n{line}".encode()
        self.workspace.write_final(f"log/checkpoints/{len(entries):08d}", data)
        self.workspace.write("log/checkpoint", data)

    def _sign(self, record: Record, found: str) -> None:
        charter = record if isinstance(record, records.Charter) else self.charter
        if record.TYPE in records.SIGNED_BY_AGENCY:
            role, owner = "agency", charter.agency
        else:
            role, owner = "party", str(getattr(record, "party", ""))
        private = keys.load(self.workspace, role, owner)
        signature = records.Signature(
            type=record.TYPE,
            rhash=found,
            key_id=records.key_id(signing.public_of(private)),
            sig=signing.sign(private, record.TYPE, found),
        )
        self.workspace.write_json(f"signatures/{found}.json", [signature.to_dict()])

    def sitting_of(self, draw_id: str) -> str:
        """Return the sitting in which a draw was sealed."""
        found = self.logged("commitment", draw_id=draw_id)
        if not found:
            raise StepError("NOT_SEALED", f"{draw_id} 还没有封存", hint="先运行 sampler seal")
        return str(found[-1]["sitting_id"])


def entry_bytes(e: dict[str, Any]) -> bytes:
    """Return the log entry of one index row."""
    leaf = merkle.log_leaf(bytes.fromhex(e["nonce"]), bytes.fromhex(e["rhash"])).hex()
    return log.entry(e["type"], leaf, sitting_id=e.get("sitting_id"), draw_id=e.get("draw_id"))


def open_session(root: Path) -> Session:
    """Return the session of a workspace; a demo workspace lives in its own world.

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
    settings = workspace.read_json(SETTINGS)
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
