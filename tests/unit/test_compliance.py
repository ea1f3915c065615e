"""The table of thirty checks names only what exists."""

from __future__ import annotations

import re

import pytest

import cli
from tests.support import ROOT
from tests.unit.test_io_nasty import BAD, GOOD, REFUSED

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


def test_the_numbers_it_gives_are_true() -> None:
    vectors = [p for p in (ROOT / "tests" / "vectors").glob("*/*.json") if p.parent.name != "golden"]
    claimed = re.search(r"([0-9,]+) 余个）和黄金证据包", TEXT)
    assert claimed
    assert len(vectors) >= int(claimed[1].replace(",", ""))
    assert "## 190 million" in (ROOT / "docs/benchmarks/scale.md").read_text(encoding="utf-8")
    nasty = re.search(r"([0-9]+) 余个刁难文件", TEXT)
    assert nasty
    assert len(GOOD) + len(BAD) + len(REFUSED) >= int(nasty[1])
