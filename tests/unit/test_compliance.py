"""The table of thirty checks names only what exists."""

from __future__ import annotations

import re

import pytest

import cli
from tests.support import ROOT

TEXT = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if re.match(r"\| \d+ \|", line)]


def test_there_are_thirty_in_order() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 31))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_a_row_is_shown_by_something_that_exists(row: list[str]) -> None:
    named = re.findall(r"`([^`]+)`", row[3])
    assert named
    for name in named:
        if name.startswith("sampler "):
            assert name.split()[1] in cli.COMMANDS
            continue
        path, _, function = name.partition("::")
        assert (ROOT / path).is_file(), name
        assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")
