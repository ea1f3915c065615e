"""A workspace out into one file and back: nothing lost, nothing overwritten, nothing believed without its hash."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from sampler import canon
from sampler.errors import StoreError
from sampler.io import backup
from tests.support import BUNDLE, called

FILES = {"charter.json": b"{}", "private/keys/a.key": b"secret", "名录/甲.csv": "甲".encode()}


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_there_and_back(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved, again = tmp_path / "备份.zip", tmp_path / "新"
    assert called(capsys, "-C", demo, "backup", saved, "--json").json["ok"]
    assert saved.stat().st_mode & 0o077 == 0
    assert called(capsys, "restore", saved, again, "--json").json["ok"]
    assert tree(again) == tree(demo)
    assert all(p.stat().st_mode & 0o077 == 0 for p in (again / "private").rglob("*") if p.is_file())
    assert called(capsys, "-C", again, "log", "check", "--json").code == 0
    assert called(capsys, "-C", again, "verify", BUNDLE, "--json").code == 0


def test_nothing_is_overwritten(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "b.zip"
    saved.write_bytes(b"mine")
    assert called(capsys, "-C", demo, "backup", saved, "--json").codes == ["BACKUP_EXISTS"]
    assert saved.read_bytes() == b"mine"
    saved.write_bytes(backup.pack(FILES))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("x")
    assert called(capsys, "restore", saved, tmp_path / "full", "--json").codes == ["RESTORE_EXISTS"]
    assert tree(tmp_path / "full") == {"x": b"x"}


def test_a_backup_does_not_lie_in_what_it_backs_up(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(demo.rglob("*"))
    assert called(capsys, "-C", demo, "backup", "b.zip", "--json").codes == ["BACKUP_INSIDE"]
    assert sorted(demo.rglob("*")) == before


def test_same_files_same_bytes() -> None:
    assert backup.pack(FILES) == backup.pack(dict(reversed(FILES.items())))
    assert backup.unpack(backup.pack(FILES), "b") == FILES


def rezipped(change: dict[str, bytes | None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(backup.pack(FILES))) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in {**parts, **change}.items():
            if data is not None:
                z.writestr(name, data)
    return out.getvalue()


def listing(name: str, data: bytes) -> bytes:
    files = {**FILES, name: data}
    return canon.encode({"schema": backup.SCHEMA, "files": [[n, canon.sha256(files[n]).hex()] for n in sorted(files)]})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "BACKUP_DAMAGED"),
        (b"PK\x03\x04", "BACKUP_DAMAGED"),
        (backup.pack(FILES)[:-40], "BACKUP_DAMAGED"),
        (rezipped({"charter.json": b"{ }"}), "BACKUP_DAMAGED"),
        (rezipped({"charter.json": None}), "BACKUP_DAMAGED"),
        (rezipped({"extra": b"x"}), "BACKUP_DAMAGED"),
        (rezipped({backup.LISTING: None}), "BACKUP_DAMAGED"),
        (rezipped({backup.LISTING: b"[]"}), "BACKUP_DAMAGED"),
        (rezipped({backup.LISTING: b'{"files": []}'}), "BACKUP_DAMAGED"),
        (rezipped({backup.LISTING: listing("../x", b"x"), "../x": b"x"}), "PATH_OUTSIDE"),
        (rezipped({backup.LISTING: listing("/x", b"x"), "/x": b"x"}), "PATH_OUTSIDE"),
    ],
)
def test_a_backup_that_is_not_what_was_saved_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(StoreError) as e:
        backup.unpack(data, "b.zip")
    assert e.value.code == code


@pytest.mark.parametrize("at", range(0, len(backup.pack(FILES)), 23))
def test_a_flipped_bit_is_seen_or_harmless(at: int) -> None:
    data = bytearray(backup.pack(FILES))
    data[at] ^= 1
    try:
        assert backup.unpack(bytes(data), "b.zip") == FILES
    except StoreError as e:
        assert e.code in ("BACKUP_DAMAGED", "PATH_OUTSIDE")  # noqa: PT017  # a refusal is the other good outcome
