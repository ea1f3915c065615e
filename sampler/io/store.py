"""The workspace: one directory, atomic writes, secrets apart (DESIGN 3, 4).

A file is written whole or not at all; what a logged step wrote is final and is never overwritten with other bytes.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sampler import canon
from sampler.errors import Place, StepError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sampler.schema import Record

SECRET_MODE = 0o600
PRIVATE_DIR_MODE = 0o700
PRIVATE = "private"
RESTRICTED = (PRIVATE, "draws", "bundles", "lists")
"""Secrets, names, and who will be visited: for the owner alone until somebody publishes."""


def write_file(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write `data` to `path` atomically: a reader sees the old bytes or the new, and a crash loses neither."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    mode = SECRET_MODE if secret else 0o666
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make a rename in `path` durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths and guarded reads and writes below one root."""

    root: Path

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
        secret = PurePosixPath(name).parts[0] in RESTRICTED
        if secret:
            self._close(PurePosixPath(name).parent)
        write_file(self.path(name), data, secret=secret)

    def _close(self, folder: PurePosixPath) -> None:
        """Make each directory from private/ down the owner's alone: mkdir's mode reaches only the last one."""
        for part in (*reversed(folder.parents), folder):
            if part.parts:
                path = self.path(str(part))
                path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
                path.chmod(PRIVATE_DIR_MODE)

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
    def lock(self) -> Iterator[None]:
        """Hold the workspace: two programs at once would fork the log."""
        path = self.path("lock.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError as e:
            owner = path.read_text(errors="replace")[:100]
            raise StepError(
                "LOCKED", "另一个程序正在使用此工作区", hint=f"等它结束；确认没有在运行后删除 {path.name}", found=owner
            ) from e
        try:
            with os.fdopen(handle, "w") as f:
                json.dump({"pid": os.getpid()}, f)
            yield
        finally:
            path.unlink(missing_ok=True)
