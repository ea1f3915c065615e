"""A disk in memory that loses power: every state a real one may be found in afterwards.

Between a write and its sync any part of the write may have reached the disk, in any order of sectors; between a change of
names and the sync of their folder any subset of the changes may. A sync that returned is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ZERO = b"\0"


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes on their way into a file."""

    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """A change of names on its way into a folder: what appears and what goes."""

    folder: str
    new: str = ""
    inode: int = 0
    old: str = ""


@dataclass(slots=True)
class Moment:
    """What is durable at one moment, and what is on its way."""

    files: dict[int, bytes] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    write: Write | None = None
    naming: list[Named] = field(default_factory=list)

    def copy(self) -> Moment:
        return Moment(dict(self.files), dict(self.names), self.write, list(self.naming))


class MemoryDisk:
    """A disk as its program sees it; with a list of moments it writes down what is durable after each small step."""

    tag = "0"

    def __init__(self, image: dict[str, bytes] | None = None) -> None:
        self.seen = dict(image or {})
        self.now = Moment(dict(enumerate(self.seen.values())), {n: i for i, n in enumerate(self.seen)})
        self.inodes = {n: i for i, n in enumerate(self.seen)}
        self.moments: list[Moment] | None = None

    def _step(self) -> None:
        if self.moments is not None:
            self.moments.append(self.now.copy())

    def read(self, name: str, start: int = 0) -> bytes:
        return self.seen.get(name, b"")[start:]

    def size(self, name: str) -> int:
        return len(self.seen.get(name, b""))

    def create(self, name: str, data: bytes) -> None:
        self._new(name)
        self._put(name, 0, data)
        self.seen[name] = data

    def append(self, name: str, data: bytes) -> None:
        if name not in self.seen:
            self._new(name)
        self._put(name, self.size(name), data)
        self.seen[name] = self.read(name) + data

    def rename(self, old: str, new: str) -> None:
        self.seen[new] = self.seen.pop(old)
        self.inodes[new] = self.inodes.pop(old)
        self.now.naming.append(Named(_folder(new), new, self.inodes[new], old))
        self._step()

    def sync_folder(self, folder: str) -> None:
        for change in self.now.naming:
            if change.folder == folder:
                _apply(self.now.names, change)
        self.now.naming = [n for n in self.now.naming if n.folder != folder]
        self._step()

    def remove(self, name: str) -> None:
        if self.seen.pop(name, None) is not None:
            self.now.naming.append(Named(_folder(name), old=name))
            self._step()

    def _new(self, name: str) -> None:
        inode = len(self.now.files)
        self.now.files[inode] = b""
        self.inodes[name], self.seen[name] = inode, b""
        self.now.naming.append(Named(_folder(name), name, inode))
        self._step()

    def _put(self, name: str, offset: int, data: bytes) -> None:
        inode = self.inodes[name]
        self.now.write = Write(inode, offset, data)
        self._step()
        self.now.files[inode] = self.now.files[inode][:offset] + data
        self.now.write = None
        self._step()


def images(moment: Moment) -> Iterator[dict[str, bytes]]:
    """Return every disk that may be found when the power goes at a moment."""
    for kept in product((False, True), repeat=len(moment.naming)):
        names = dict(moment.names)
        for change, is_kept in zip(moment.naming, kept, strict=True):
            if is_kept:
                _apply(names, change)
        base = {n: moment.files[i] for n, i in names.items()}
        w = moment.write
        mine = [n for n, i in names.items() if w and i == w.inode]
        if w is None or not mine:
            yield base
            continue
        for data in _torn(w.data):
            yield base | {mine[0]: moment.files[w.inode][: w.offset] + data}


def _torn(data: bytes) -> Iterator[bytes]:
    """Return what may be left of a write: a beginning; a beginning with nothing behind it; an end without beginning."""
    size = len(data)
    for k in range(size + 1):
        yield data[:k]
    for k in range(size):
        yield data[:k] + ZERO * (size - k)
        if k:
            yield ZERO * k + data[k:]


def _apply(names: dict[str, int], change: Named) -> None:
    if change.old:
        names.pop(change.old, None)
    if change.new:
        names[change.new] = change.inode


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
