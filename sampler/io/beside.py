"""A directory built beside another and put in its place at once: a reader meets the old one whole or the new one whole.

Linux and macOS exchange two directories in one step. Where neither the system nor the file system can (Windows, some
network drives), the old one steps aside and the new one steps in; a program killed between the two leaves both whole,
and whoever comes next puts the old one back (ADR 0022).
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sampler.errors import Place, StoreError
from sampler.io.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_HERE: Final = -100
"""AT_FDCWD: paths are relative to the working directory."""
_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""
_CANNOT: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


class Beside:
    """The directory that will take the place of another.

    Parameters
    ----------
    place
        Where readers look; it need not exist yet. What earlier runs left half done beside it is cleared away.
    """

    def __init__(self, place: Path) -> None:
        self.place = recovered(place)
        self._next = _sibling(self.place, "next")
        self.changed = 0
        remove(self._next)
        self._next.mkdir(parents=True)
        if self.place.is_dir():
            shutil.copymode(self.place, self._next)

    def put(self, path: str, data: bytes) -> None:
        """Write a file; one that is there with the same bytes is kept."""
        there, target = self._paths(path)
        target.unlink(missing_ok=True)  # it may be shared with the old one
        if there.is_file() and there.stat().st_size == len(data) and there.read_bytes() == data:
            _carry(there, target)
            return
        write(target, data)
        self.changed += 1

    def keep(self, path: str) -> bool:
        """Take a file, a link or an empty directory (`path` ends in ``/``) over as it is; return whether it was there."""
        there, target = self._paths(path)
        if path.endswith("/"):
            target.mkdir(exist_ok=True)
            return True
        if target.is_file() or not (there.is_file() or there.is_symlink()):
            return target.is_file()
        _carry(there, target)
        return True

    def keep_all(self, paths: Sequence[str]) -> bool:
        """Take files over as they are if all are there; return whether they are."""
        return all(self.place.joinpath(p).is_file() for p in paths) and all(self.keep(p) for p in paths)

    def _paths(self, path: str) -> tuple[Path, Path]:
        parts = path.rstrip("/").split("/")
        there, target = self.place.joinpath(*parts), self._next.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        return there, target

    def drop(self) -> None:
        """Give the new directory up."""
        remove(self._next)

    def switch(self) -> None:
        """Put the new directory in the place of the old one.

        Raises
        ------
        StoreError
            ``SITE_BUSY`` when the system does not let the directory go; the old one is still there, whole.
        """
        settle()
        try:
            _swap(self._next, self.place)
        except OSError as e:
            hint = "关闭打开着该目录的程序后再发布；挂载点本身不能换，请用它里面的一个目录"
            raise StoreError(
                "SITE_BUSY", "目录换不过来，旧的仍完整", hint=hint, place=Place(file=str(self.place)), found=str(e)
            ) from e
        sync_directory(self.place.parent)
        remove(self._next)


def recovered(place: Path) -> Path:
    """Return the real place; what a killed exchange moved aside is put back."""
    place = place.resolve()
    if not place.name:
        raise StoreError("SITE_BUSY", "这个目录换不了", hint="网站要有自己的目录", found=str(place))
    aside = _sibling(place, "old")
    if aside.is_dir() and not place.exists():
        aside.rename(place)
    remove(aside)
    return place


def inside(folder: Path) -> Iterator[str]:
    """Return the path of every file, link and empty directory (with ``/`` at its end) below a folder."""
    for one in folder.iterdir():
        if one.is_dir() and not one.is_symlink():
            below = [f"{one.name}/{path}" for path in inside(one)]
            yield from below or [f"{one.name}/"]
        else:
            yield one.name


def _sibling(place: Path, kind: str) -> Path:
    return place.with_name(f".{place.name}.{kind}")


def write(target: Path, data: bytes) -> None:
    """Write a new file."""
    target.write_bytes(data)


def _carry(there: Path, target: Path) -> None:
    """Share a file between two directories, or copy it where files cannot be shared: nobody writes into a file in place."""
    if there.is_symlink():
        target.symlink_to(there.readlink())
        return
    try:
        link(there, target)
    except OSError:
        shutil.copy2(there, target)


def link(there: Path, target: Path) -> None:
    """Give a file a second name."""
    os.link(there, target)  # Path.hardlink_to reads backwards


def settle() -> None:
    """Make everything written durable, in one go: a hundred thousand small files cannot wait for the disk one by one."""
    if sys.platform != "win32":
        os.sync()


def _swap(new: Path, place: Path) -> None:
    if not place.exists():
        rename(new, place)
        return
    if exchange(new, place):
        return
    aside = _sibling(place, "old")
    rename(place, aside)
    try:
        rename(new, place)
    except OSError:
        rename(aside, place)
        raise
    remove(aside)


def rename(old: Path, new: Path) -> None:
    """Give a directory another name."""
    old.rename(new)


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two directories in one step; return whether this system can."""
    libc: Any = ctypes.CDLL(None, use_errno=True) if sys.platform != "win32" else None
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(libc, "renameat2"):
        failed = libc.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif hasattr(libc, "renamex_np"):
        failed = libc.renamex_np(*names, _EXCHANGE)
    else:
        return False
    code = ctypes.get_errno() if failed else 0
    if code and code not in _CANNOT:
        raise OSError(code, os.strerror(code), str(other))
    return not failed


def remove(folder: Path) -> None:
    """Remove a directory that nobody is to read any more; what cannot be removed now is removed by the next run."""
    if folder.is_dir():
        with suppress(OSError):
            shutil.rmtree(folder)
