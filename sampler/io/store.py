"""The workspace: one directory, atomic writes, secrets apart (DESIGN 3, 4).

A file is written whole or not at all; what a logged step wrote is final and is never overwritten with other bytes.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sampler import canon
from sampler.errors import Place, StepError, StoreError
from sampler.io.disk import RealDisk, replace
from sampler.io.lock import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sampler.schema import Record


_TEMPORARY: Final = re.compile(r"\..+\.[0-9]+\.tmp")
"""What `disk.replace` writes before it puts a file in its place."""


def write_file(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write `data` to `path` atomically: a reader sees the old bytes or the new, and a crash loses neither."""
    replace(RealDisk(path.parent, secret=secret), path.name, data)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths and guarded reads and writes below one root."""

    root: Path

    @property
    def disk(self) -> RealDisk:
        """The directory as a disk."""
        return RealDisk(self.root)

    def path(self, name: str) -> Path:
        """Return the path of a name inside the workspace; refuse any way out of it."""
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name or "\0" in name:
            raise StoreError("PATH_OUTSIDE", "路径越出工作区", found=name)
        return self.root.joinpath(*pure.parts)

    def exists(self, name: str) -> bool:
        """Return whether a file is there."""
        return self.path(name).is_file()

    def read(self, name: str) -> bytes:
        """Return a file's bytes, or say what is missing."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError as e:
            raise StoreError(
                "FILE_MISSING", f"工作区里没有 {name}", hint="确认目录（-C）和步骤顺序", place=Place(file=name)
            ) from e

    def write(self, name: str, data: bytes) -> None:
        """Write a file; names below private/ are for the owner alone."""
        self.path(name)
        replace(self.disk, name, data)

    def write_final(self, name: str, data: bytes) -> None:
        """Write a file of a logged step: the same bytes again are fine, others are refused."""
        if self.exists(name) and self.read(name) != data:
            raise StepError(
                "ALREADY_DONE", f"{name} 已经定稿，不能改写", hint="需要更改时走作废或调整程序", place=Place(file=name)
            )
        self.write(name, data)

    def read_json(self, name: str) -> Any:
        """Return a canonical JSON file's value."""
        return canon.decode(self.read(name))

    def write_json(self, name: str, value: Any) -> None:
        """Write a value as canonical JSON."""
        self.write(name, canon.encode(value))

    def record(self, cls: type[Record], name: str) -> Any:
        """Return a parsed record."""
        return cls.parse(self.read(name), name)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files below a folder, sorted."""
        base = self.path(folder)
        found = (p.relative_to(self.root).as_posix() for p in base.rglob("*") if p.is_file())
        return sorted(n for n in found if not PurePosixPath(n).name.startswith("."))

    @contextmanager
    def lock(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the workspace: two programs at once would fork the log. What one that was cut off left half written, goes."""
        with hold(self.path("lock.json"), wait=wait) as cut_off:
            if cut_off:
                for left in self.root.rglob(".*.tmp"):
                    if _TEMPORARY.fullmatch(left.name) and not left.is_symlink():
                        left.unlink(missing_ok=True)
            yield
