"""One program at a time in a workspace: the system's lock, which dies with its owner, and a word on who holds it."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sampler.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 20
    """Windows forbids to read what is locked: the lock lies behind the owner's words."""

    def _take(handle: int, *, wait: bool) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(handle: int, *, wait: bool) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextmanager
def hold(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock file `path`; a program that ends in any way lets go of it.

    Yields whether the last owner was cut off: who ends in order takes the file away.

    Parameters
    ----------
    wait
        Wait for the owner to finish, for programs that write often; by default the loser is told at once.

    Raises
    ------
    StepError
        ``LOCKED`` with the owner and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = _held(path, wait=wait)
    try:
        cut_off = os.fstat(handle).st_size > 0
        since = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"pid": os.getpid(), "host": platform.node(), "since": since}).encode())
        yield cut_off
    finally:
        with suppress(OSError):
            path.unlink()  # while it is held, so that nobody's lock is removed but ours
        os.close(handle)


def _held(path: Path, *, wait: bool) -> int:
    """Return a handle on the locked file that stands at `path` now, not on one its owner has just removed."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(handle, wait=wait)
            if path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except FileNotFoundError:
            pass
        except OSError as e:
            os.close(handle)
            raise StepError(
                "LOCKED", f"另一个程序正在使用此工作区{_owner(path)}",
                hint="等它结束再试；它若没有响应，结束该进程即可，锁会自动释放", found=path.name,
            ) from e  # fmt: skip
        os.close(handle)


def _owner(path: Path) -> str:
    """Return who holds the lock and for how long, as far as it is written there."""
    try:
        found = json.loads(path.read_bytes())
        age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(found["since"])
        minutes = max(0, int(age.total_seconds() // 60))
        return f"（进程 {int(found['pid'])}，主机 {found['host']}，已 {minutes} 分钟）"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
