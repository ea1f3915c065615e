"""The log on disk: appended to, never rewritten, and whole again after any crash.

`private/log-journal` is the authority: one line an entry, `chain row`, chain = SHA-256 of the chain before and the row.
The entries and checkpoints that everybody may see follow from it. An entry is acknowledged when its checkpoint is
durable; a torn or unacknowledged end is finished or cut off, damage before it stops everything.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, log, merkle, signing
from sampler.errors import CanonError, Place, RecordError, StoreError
from sampler.io.disk import SyncError, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sampler.io.disk import Disk

    Note = Callable[[int, bytes], bytes]

JOURNAL: Final = "private/log-journal"
ENTRIES: Final = "log/entries"
HEAD: Final = "log/checkpoint"
HEADS: Final = "log/checkpoints"
_CHAIN_DIGITS: Final = 64
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def entry_bytes(row: dict[str, Any]) -> bytes:
    """Return the log entry of one row of the journal: type, rhash, nonce and the ids it carries."""
    leaf = merkle.log_leaf(bytes.fromhex(row["nonce"]), bytes.fromhex(row["rhash"])).hex()
    return log.entry(row["type"], leaf, sitting_id=row.get("sitting_id"), draw_id=row.get("draw_id"))


class Journal:
    """The log of one workspace. Reading needs no lock; who appends must hold the workspace's.

    Parameters
    ----------
    disk
        The workspace's directory.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._rows: list[dict[str, Any]] = []
        self._entries: list[bytes] = []
        self._roots: list[bytes] = [merkle.EMPTY_ROOT]
        self._tree = merkle.Tree()
        self._chain = canon.ZERO_HASH
        self._places: dict[str, int] = {}
        self._of: dict[str, list[int]] = {}
        self._end = 0
        self._shown = 0
        self._seen = False
        self._stopped = False

    def rows(self) -> Sequence[dict[str, Any]]:
        """Return every entry's row, those other programs have added meanwhile included.

        Raises
        ------
        StoreError
            ``LOG_DAMAGED`` when an acknowledged entry is not what it was.
        """
        self._catch_up()
        return self._rows

    def entries(self) -> Sequence[bytes]:
        """Return every entry's bytes."""
        self._catch_up()
        return self._entries

    def find(self, rhash: str) -> int | None:
        """Return the index of a record, if it is logged."""
        self._catch_up()
        return self._places.get(rhash)

    def tree(self) -> merkle.Tree:
        """Return the tree over the entries."""
        self._catch_up()
        return self._tree

    def places(self, *owners: str) -> list[int]:
        """Return the indices of entries that carry one of these draw or sitting ids; of ``""``: that carry none."""
        self._catch_up()
        return sorted({n for owner in owners for n in self._of.get(owner, ())})

    def append(self, row: dict[str, Any], note: Note) -> int:
        """Add a row durably and return its index; when this returns, no crash can lose it.

        Parameters
        ----------
        row
            type, rhash, nonce and the ids the type carries.
        note
            Size and root to the signed checkpoint; called only once the entry is durable.

        Raises
        ------
        StoreError
            ``DISK_FULL``, ``DISK_ERROR``: nothing acknowledged is lost, the entry may or may not be there;
            ``LOG_STOPPED`` when the disk did not confirm: this object appends no more.
        """
        self.heal(note)
        entry = entry_bytes(row)
        line, chain = _line(self._chain, row)
        with self._guard():
            self._disk.append(JOURNAL, line)
            self._disk.append(ENTRIES, entry + b"\n")
            if not self._rows:
                self._disk.sync_folder("private")
                self._disk.sync_folder("log")
            self._add(row, entry, chain, len(line))
            self._publish(len(self._rows), note)
        return len(self._rows) - 1

    def heal(self, note: Note) -> None:
        """Finish what a crash left half done: cut off a torn end, complete an entry that is there.

        What is not known to be durable is written anew, never believed: after a failed sync the system may show bytes
        the disk does not hold.

        Raises
        ------
        StoreError
            As :meth:`append`; ``LOG_DAMAGED`` when acknowledged entries are not what they were.
        """
        if self._stopped:
            raise StoreError("LOG_STOPPED", "日志已停止写入：上一次写入磁盘没有确认", hint="检查磁盘后重新运行本步骤")
        known = self._catch_up()
        size = len(self._rows)
        if self._whole() and known == size and (not size or self._disk.size(f"{HEADS}/{size:08d}")):
            return
        with self._guard():
            replace(self._disk, JOURNAL, b"".join(lines(self._rows)))
            replace(self._disk, ENTRIES, log.encode_entries(self._entries))
            for n in range(max(1, min(known + 1, size)), size + 1):
                self._publish(n, note)

    def cosign(self, size: int, data: bytes) -> None:
        """Put a checkpoint with more signature lines in the place of the one of `size`."""
        with self._guard():
            replace(self._disk, f"{HEADS}/{size:08d}", data)
            if size == len(self.rows()):
                replace(self._disk, HEAD, data)

    def _catch_up(self) -> int:
        """Read what is new; return how many entries are acknowledged. A torn end is left to who holds the lock."""
        known, root = size_and_root(self._disk.read(HEAD))
        if self._disk.size(JOURNAL) < self._end:
            raise _damaged("日志比刚才短了")
        for line in self._disk.read(JOURNAL, self._end).split(b"\n")[:-1]:
            row, chain = _read(self._chain, line)
            if row is None:
                break
            self._add(row, _entry(row, len(self._rows)), chain, len(line) + 1)
        if known > len(self._rows) or (known and self._roots[known] != root):
            raise _damaged(f"检查点有 {known} 条，完好的日志只有 {len(self._rows)} 条，或内容不同")
        return known

    def _add(self, row: dict[str, Any], entry: bytes, chain: bytes, length: int) -> None:
        self._places.setdefault(row["rhash"], len(self._rows))
        self._rows.append(row)
        self._entries.append(entry)
        self._tree.add(merkle.entry_leaf(entry))
        self._roots.append(self._tree.root(len(self._rows)))
        for owner in {row.get("draw_id", ""), row.get("sitting_id", "")} - {""} or {""}:
            self._of.setdefault(owner, []).append(len(self._rows) - 1)
        self._chain = chain
        self._end += length
        self._shown += len(entry) + 1

    def _whole(self) -> bool:
        """Return whether journal and entries end where they should; the entries are read in full once."""
        if self._seen:
            return (self._disk.size(JOURNAL), self._disk.size(ENTRIES)) == (self._end, self._shown)
        found, want = self._disk.read(ENTRIES), log.encode_entries(self._entries)
        known = size_and_root(self._disk.read(HEAD))[0]
        sure = len(log.encode_entries(self._entries[:known]))
        if not want.startswith(found[:sure]):
            raise _damaged("日志条目与索引不一致")
        self._seen = True
        return found == want and self._disk.size(JOURNAL) == self._end

    def _publish(self, size: int, note: Note) -> None:
        """Write the checkpoint of `size`; one that is there already, perhaps with cosignatures, is kept."""
        name, want = f"{HEADS}/{size:08d}", (size, self._roots[size])
        there = (self._disk.read(n) for n in (name, HEAD))
        data = next((d for d in there if d and size_and_root(d) == want), b"") or note(*want)
        replace(self._disk, name, data)
        replace(self._disk, HEAD, data)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn what the disk says into an error of ours; after it nothing is appended through this object."""
        try:
            yield
        except OSError as e:
            self._stopped = True
            raise _refusal(e) from e


def _refusal(e: OSError) -> StoreError:
    if isinstance(e, SyncError):
        hint = "停止使用这块磁盘，检查后重新运行本步骤；已确认的条目都在"
        return StoreError("LOG_STOPPED", "磁盘没有确认写入，日志停止", hint=hint, found=e.strerror or "")
    if e.errno in _FULL:
        hint = "腾出空间后重新运行本步骤；已确认的条目都在"
        return StoreError("DISK_FULL", "磁盘已满，日志没有写完", hint=hint)
    return StoreError(
        "DISK_ERROR",
        "磁盘读写出错，日志没有写完",
        hint="检查磁盘后重新运行本步骤；已确认的条目都在",
        found=e.strerror or "",
    )


def _damaged(message: str) -> StoreError:
    return StoreError(
        "LOG_DAMAGED", f"日志已损坏: {message}", hint="停止使用，从备份核对后恢复", place=Place(file=JOURNAL)
    )


def _line(before: bytes, row: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the line of a row, and the chain after it."""
    body = canon.encode(row)
    chain = canon.sha256(before + body)
    return chain.hex().encode() + b" " + body + b"\n", chain


def lines(rows: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the journal's lines of all rows from the first."""
    chain = canon.ZERO_HASH
    for row in rows:
        line, chain = _line(chain, row)
        yield line


def _read(before: bytes, line: bytes) -> tuple[dict[str, Any] | None, bytes]:
    """Return the row of a line and the chain after it; no row when the chain does not hold."""
    body = line[_CHAIN_DIGITS + 1 :]
    chain = canon.sha256(before + body)
    if line[: _CHAIN_DIGITS + 1] != chain.hex().encode() + b" ":
        return None, before
    return dict(canon.decode(body)), chain


def _entry(row: dict[str, Any], index: int) -> bytes:
    try:
        return entry_bytes(row)
    except (CanonError, RecordError, KeyError, TypeError, ValueError) as e:
        raise _damaged(f"第 {index} 条读不出来") from e


def size_and_root(note: bytes) -> tuple[int, bytes]:
    """Return size and root of a checkpoint; of none, those of an empty log."""
    if not note:
        return 0, merkle.EMPTY_ROOT
    try:
        found = log.parse_checkpoint(signing.note_parse(note).text)
    except RecordError as e:
        raise _damaged("检查点读不出来") from e
    return found.size, found.root
