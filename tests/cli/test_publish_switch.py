"""`sampler publish` killed in the middle, for real: the site is the old one whole, and the next run publishes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sampler.io import beside
from tests.cli import office as o
from tests.cli.office import DRAW, ok, refused
from tests.support import ROOT


def held(place: Path) -> dict[str, bytes]:
    return {p: (place / p).read_bytes() for p in beside.inside(place)}


@pytest.fixture(scope="module")
def two(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """Return an office whose site is that of the seal though the draw has been made, and both sites."""
    root = o.office(demo / "input", tmp_path_factory.mktemp("two") / "w")
    o.sealed(root)
    ok(root, "publish")
    old = held(root / "site")
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    copy = root.with_name("copy")
    shutil.copytree(root, copy)
    ok(copy, "publish", "--site", copy / "site")
    return root, old, held(copy / "site")


@pytest.mark.parametrize("beyond", [1, 10, 40])
def test_killed_in_the_middle_the_old_site_is_whole(
    two: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path, beyond: int
) -> None:
    model, old, new = two
    root = tmp_path / "w"
    shutil.copytree(model, root)
    words = [sys.executable, str(ROOT / "cli.py"), "-C", str(root), "publish", "--site", str(root / "site")]
    running = subprocess.Popen(words, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and sum(len(f) for _, _, f in os.walk(root / ".site.next")) < beyond:
        pass
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert held(root / "site") in (old, new)
    ok(root, "publish", "--site", root / "site")
    assert ok(root, "publish", "--site", root / "site", "--check")["problems"] == 0
    assert new.items() <= held(root / "site").items()
    assert not (root / ".site.next").exists()


def test_a_directory_of_something_else_is_not_replaced(
    two: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("x")
    refused(two[0], "SITE_FOREIGN", "publish", "--site", mine)
    assert held(mine) == {"letter.txt": b"x"}


def test_what_others_put_into_the_site_stays(
    two: tuple[Path, dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    root = tmp_path / "w"
    shutil.copytree(two[0], root)
    (root / "site/robots.txt").write_text("x")
    ok(root, "publish", "--site", root / "site")
    assert (root / "site/robots.txt").read_text() == "x"
