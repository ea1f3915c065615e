"""The demo of 500 objects as far as the drawn list, run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Run, sampler


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of a small demo that waits for its visits; tests copy before they change it."""
    root = tmp_path_factory.mktemp("demo") / "w"
    answer = sampler("demo", "--size", "small", "--stops", "2", "--out", root, cwd=root.parent)
    assert answer.code == 0, answer.err
    return root


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the program in a fresh directory."""
    return lambda *words, **kw: sampler(*words, **{"cwd": tmp_path, **kw})
