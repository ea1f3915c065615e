"""The auditor's notebook runs from top to bottom, on the golden bundle and on an office's own."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import BUNDLE, ROOT

NOTEBOOK = ROOT / "notebooks" / "replay.ipynb"


def cells() -> list[str]:
    """Return the sources of the code cells in order."""
    found = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in found if c["cell_type"] == "code"]


def run(sources: list[str]) -> str:
    """Run cells as one program, as a kernel would; return what they print."""
    space: dict[str, Any] = {}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for n, source in enumerate(sources):
            exec(compile(source, f"cell {n}", "exec"), space)  # noqa: S102  # the notebook is our own
    return out.getvalue()


def test_the_notebook_replays_the_golden_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    said = run(cells())
    assert "与公布的逐户相同" in said
    assert [f"{n:>2} " in said for n in range(1, 17)] == [True] * 16
    for step in (10, 12, 3):
        assert f"第 {step} 步" in said


def test_the_notebook_replays_another_bundle(demo: Path) -> None:
    """Its own arithmetic, sections 1 to 8, holds for a bundle it was not written for."""
    first, *others = cells()
    at = next(n for n, source in enumerate(others) if source.startswith("def altered"))
    said = run([first.replace("../tests/vectors/golden/bundle-12", str(demo / BUNDLE)), *others[:at]])
    assert "与公布的逐户相同" in said


def test_the_notebook_carries_no_output() -> None:
    for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not c.get("outputs")
