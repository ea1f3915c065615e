"""A directory on a disk that may fail, fill up or lose power: the few operations everything durable is built on.

Small on purpose: tests put a disk in memory in its place and cut the power at every moment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

SECRET_MODE: Final = 0o600
PRIVATE_DIR_MODE: Final = 0o700
RESTRICTED: Final = ("private", "draws", "bundles", "lists")
"""Secrets, names, and who will be visited: for the owner alone until somebody publishes."""


class SyncError(OSError):
    """The disk did not confirm: what was written before may be gone, and asking again proves nothing."""


class Disk(Protocol):
    """A directory. Names are relative, with ``/``; whatever cannot be done raises OSError."""

    tag: str

    def read(self, name: str, start: int = 0) -> bytes:
        """Return a file's bytes from `start` on; nothing when there is no file."""

    def size(self, name: str) -> int:
        """Return a file's length; 0 when there is no file."""

    def create(self, name: str, data: bytes) -> None:
        """Write a new file, or an old one anew, whose bytes are durable on return; its name not yet."""

    def append(self, name: str, data: bytes) -> None:
        """Write behind the end of a file; the bytes are durable on return; the name of a new file not yet."""

    def rename(self, old: str, new: str) -> None:
        """Put a file in the place of another, at once; not yet durable."""

    def sync_folder(self, folder: str) -> None:
        """Make the names in a folder durable."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there; not yet durable."""


def replace(disk: Disk, name: str, data: bytes) -> None:
    """Write a file whole: a reader sees the old bytes or the new, and so does who comes after a power cut."""
    folder, slash, file = name.rpartition("/")
    temporary = f"{folder}{slash}.{file}.{disk.tag}.tmp"
    try:
        disk.create(temporary, data)
        disk.rename(temporary, name)
    except BaseException:
        disk.remove(temporary)
        raise
    disk.sync_folder(folder)


class RealDisk:
    """A directory of the operating system.

    Parameters
    ----------
    root
        The directory; made when something is written.
    secret
        Whether files are for the owner alone; by default those below the restricted folders of a workspace are.
    """

    def __init__(self, root: Path, *, secret: bool | None = None) -> None:
        self._root = root
        self._secret = secret
        self.tag = str(os.getpid())

    def read(self, name: str, start: int = 0) -> bytes:
        """Return a file's bytes from `start` on; nothing when there is no file."""
        try:
            with (self._root / name).open("rb") as f:
                f.seek(start)
                return f.read()
        except FileNotFoundError:
            return b""

    def size(self, name: str) -> int:
        """Return a file's length; 0 when there is no file."""
        try:
            return (self._root / name).stat().st_size
        except FileNotFoundError:
            return 0

    def create(self, name: str, data: bytes) -> None:
        """Write a file anew and make its bytes durable."""
        self._put(name, data, os.O_TRUNC)

    def append(self, name: str, data: bytes) -> None:
        """Write behind the end of a file and make the bytes durable."""
        self._put(name, data, os.O_APPEND)

    def rename(self, old: str, new: str) -> None:
        """Put a file in the place of another."""
        os.replace(self._root / old, self._root / new)  # noqa: PTH105  # beside os.open, os.write and os.fsync

    def sync_folder(self, folder: str) -> None:
        """Make the names in a folder durable, where the system can."""
        sync_directory(self._root / folder)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        (self._root / name).unlink(missing_ok=True)

    def _put(self, name: str, data: bytes, how: int) -> None:
        """Write and sync through one handle: a failed write-back is told to the handle that wrote."""
        secret = self._is_secret(name)
        self._make_folders(PurePosixPath(name).parent, secret=secret and self._secret is None)
        mode = SECRET_MODE if secret else 0o666
        handle = os.open(self._root / name, os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_BINARY", 0), mode)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            _sync(handle)
        finally:
            os.close(handle)

    def _is_secret(self, name: str) -> bool:
        return PurePosixPath(name).parts[0] in RESTRICTED if self._secret is None else self._secret

    def _make_folders(self, folder: PurePosixPath, *, secret: bool) -> None:
        """Make what is missing of the way to a file, durably; private folders are the owner's alone."""
        self._root.mkdir(parents=True, exist_ok=True)
        for part in (*reversed(folder.parents), folder):
            path = self._root / part
            if not path.is_dir():
                path.mkdir(exist_ok=True, mode=PRIVATE_DIR_MODE if secret else 0o777)
                sync_directory(path.parent)
            if secret and part.parts:
                path.chmod(PRIVATE_DIR_MODE)


def sync_directory(path: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def _sync(handle: int) -> None:
    try:
        if sys.platform == "darwin":
            import fcntl  # noqa: PLC0415  # fsync of this system does not reach the disk's own cache

            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        else:
            os.fsync(handle)
    except OSError as e:
        raise SyncError(e.errno, e.strerror) from e
