"""stream under kill -9 and on a disk that is really full, at full size: make torture."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import kills, large
from tests.bench_scale import generate
from tests.support import ROOT

pytestmark = pytest.mark.torture


def test_ten_million_killed_fifty_times(tmp_path: Path) -> None:
    found = kills.run(tmp_path, 10_000_000, 50)
    assert found.kills.total() == 50


def test_a_disk_that_fills_again_and_again(tmp_path: Path) -> None:
    frame, whole = generate(tmp_path, 300_000), tmp_path / "whole"
    whole.mkdir()
    (whole / "secret").write_bytes(large.SECRET)
    for command in kills.words(frame, whole, 1):
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with kills.disk(tmp_path / "disk", 4) as own:
        if not own:
            pytest.skip(reason="only an administrator may make a small disk")
        codes = kills.filled(frame, whole, tmp_path / "disk", 4, 5)
    assert len(codes) > 2
    assert set(codes) == {"DISK_FULL"}
