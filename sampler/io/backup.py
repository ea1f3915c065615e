"""A whole workspace in one file, and back: every byte is compared on the way out and on the way in.

The file holds secrets and names: it is for the owner alone (0600) and belongs in a safe, not in the mail.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sampler import canon
from sampler.errors import CanonError, Place, StoreError
from sampler.io.store import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LISTING: Final = "backup.json"
"""Entry of the archive that lists every file and its SHA-256."""
SCHEMA: Final = "sampler/backup/v1"
LOCK: Final = "lock.json"
MAX_BYTES: Final = 20_000_000_000
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError, OSError, RuntimeError,
)  # fmt: skip
"""What a damaged archive makes the library raise."""
_HINT: Final = "换一份备份；不要用这一份覆盖任何东西"


def collect(workspace: Workspace) -> dict[str, bytes]:
    """Return every file of a workspace by name, without the lock."""
    return {n: workspace.read(n) for n in workspace.names(".") if n != LOCK}


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of `files`; the same files give the same bytes."""
    listing = {"schema": SCHEMA, "files": [[n, canon.sha256(files[n]).hex()] for n in sorted(files)]}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(_entry(LISTING), canon.encode(listing))
        for name in sorted(files):
            z.writestr(_entry(name), files[name])
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def unpack(data: bytes, name: str) -> dict[str, bytes]:
    """Return the files of an archive, each compared with its hash.

    Raises
    ------
    StoreError
        ``BACKUP_DAMAGED`` when the archive cannot be read, misses or adds a file, or a file is not what was saved;
        ``PATH_OUTSIDE`` for a name that leads out of the workspace.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            if sum(i.file_size for i in z.infolist()) > MAX_BYTES or len(set(z.namelist())) != len(z.namelist()):
                raise _damaged(name, "文件太大，或有重名")
            found = {i.filename: z.read(i) for i in z.infolist()}
        listing = canon.decode(found.pop(LISTING))
        wanted = {str(n): str(h) for n, h in listing["files"]}
    except (*_UNREADABLE, CanonError) as e:
        raise _damaged(name, str(e)) from e
    if listing.get("schema") != SCHEMA or wanted.keys() != found.keys():
        raise _damaged(name, "清单与文件不一致")
    for path, content in found.items():
        if canon.sha256(content).hex() != wanted[path]:
            raise _damaged(name, path)
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path:
            raise StoreError("PATH_OUTSIDE", "备份里有越出工作区的文件名", hint=_HINT, found=path)
    return found


def _damaged(name: str, found: str) -> StoreError:
    return StoreError("BACKUP_DAMAGED", "备份已损坏或被改动", hint=_HINT, place=Place(file=name), found=found)


def restore(files: Mapping[str, bytes], root: Path) -> None:
    """Write files into a directory that does not exist yet, or is empty.

    Raises
    ------
    StoreError
        ``RESTORE_EXISTS`` when something is there.
    """
    if root.exists() and any(root.iterdir()):
        hint = "换一个新目录；恢复从不覆盖"
        raise StoreError("RESTORE_EXISTS", "目录不是空的", hint=hint, found=str(root))
    target = Workspace(root)
    for name in sorted(files):
        target.write(name, files[name])
