"""sampler upgrade on a whole office of form 1: refused until it is upgraded, whole afterwards, saved before if one likes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sampler import canon
from sampler.io.disk import RealDisk
from sampler.io.journal import JOURNAL, Journal
from sampler.io.upgrade import CURRENT, INDEX, KEPT, SETTINGS, schema
from tests.support import BUNDLE, ROOT, called

KILLED = """
import os, signal, sys
from pathlib import Path
from sampler.io import disk, upgrade
left = int(sys.argv[2])
def counted(name, real):
    def run(*words, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words, **more)
    return run
for name in ("open", "write", "fsync", "replace", "close"):
    setattr(os, name, counted(name, getattr(os, name)))
upgrade.upgrade(disk.RealDisk(Path(sys.argv[1])))
"""
"""The upgrade, killed before its n-th system call that changes something."""


def aged(root: Path) -> Path:
    """Turn a workspace back into form 1."""
    (root / INDEX).write_bytes(canon.encode(list(Journal(RealDisk(root)).rows())))
    (root / INDEX).chmod(0o600)
    (root / JOURNAL).unlink()
    settings = canon.decode((root / SETTINGS).read_bytes())
    assert settings["schema"] == schema()
    (root / SETTINGS).write_bytes(canon.encode(settings | {"schema": schema(1)}))
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def office(demo: Path, tmp_path: Path) -> Path:
    return aged(Path(shutil.copytree(demo, tmp_path / "旧")))


@pytest.mark.parametrize("words", [("log", "show"), ("log", "check"), ("due",), ("lists", "x"), ("month", "2026-12")])
def test_nothing_is_done_in_an_old_workspace(
    office: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(office)
    done = called(capsys, "-C", office, *words, "--json")
    assert (done.codes, "sampler upgrade" in done.json["errors"][0]["hint"]) == (["WORKSPACE_OLD"], True)
    assert tree(office) == before


def test_after_the_upgrade_all_is_as_before(office: Path, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = (office / INDEX).read_bytes()
    done = called(capsys, "-C", office, "upgrade", "--json").json
    assert (done["ok"], done["data"]["from"], done["data"]["to"]) == (True, 1, CURRENT)
    want = tree(demo)
    assert done["data"]["entries"] == len(Journal(RealDisk(office)).rows()) > 5
    assert tree(office) == {**want, KEPT: index}
    assert (office / KEPT).stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert called(capsys, "-C", office, "log", "check", "--json").code == 0
    assert called(capsys, "-C", office, "verify", BUNDLE, "--json").code == 0
    again = called(capsys, "-C", office, "upgrade")
    assert (again.code, "不用升级" in again.out) == (0, True)


def test_an_old_workspace_is_backed_up_and_restored_as_it_is(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(capsys, "-C", office, "backup", tmp_path / "b.zip", "--json").json["ok"]
    assert called(capsys, "restore", tmp_path / "b.zip", tmp_path / "again", "--json").json["ok"]
    assert tree(tmp_path / "again") == tree(office)
    assert called(capsys, "-C", tmp_path / "again", "upgrade", "--json").json["data"]["from"] == 1


def test_a_directory_that_is_no_workspace_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "-C", tmp_path, "upgrade", "--json").codes == ["NO_WORKSPACE"]
    assert not list(tmp_path.iterdir())


def test_an_upgrade_killed_anywhere_ends_the_same_at_the_next_try(
    office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = tmp_path / "小"
    for name in (SETTINGS, INDEX, "log"):
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (office / name).is_dir() else shutil.copy)(office / name, small / name)
    whole = Path(shutil.copytree(small, tmp_path / "全"))
    assert called(capsys, "-C", whole, "upgrade", "--json").json["ok"]
    killed = 0
    for n in range(0, 60, 3):
        root = Path(shutil.copytree(small, tmp_path / str(n)))
        died = subprocess.run([sys.executable, "-c", KILLED, str(root), str(n)], cwd=ROOT, check=False)
        killed += died.returncode == -signal.SIGKILL
        assert called(capsys, "-C", root, "upgrade", "--json").json["ok"]
        left = {name: data for name, data in tree(root).items() if not Path(name).name.startswith(".")}
        assert left == tree(whole)
        if not died.returncode:
            break
    assert killed >= 4
