"""The analyst's notebook runs from top to bottom on the bundled example."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest

from tests.support import ROOT

NOTEBOOK = ROOT / "notebooks" / "retrain.ipynb"


def test_the_notebook_runs_and_shows_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(NOTEBOOK.parent)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    space: dict[str, Any] = {}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for n, cell in enumerate(c for c in cells if c["cell_type"] == "code"):
            exec(compile("".join(cell["source"]), f"cell {n}", "exec"), space)  # noqa: S102  # our own
    said = out.getvalue()
    for word in ("PSI:", '"decision":"keep"', "# 模型卡", "510 户", "ours_weighted"):
        assert word in said or word in space["record"].decode()


def test_the_notebook_carries_no_output() -> None:
    for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not c.get("outputs")
