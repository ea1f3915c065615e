"""docs/spec/attacks.md is complete: every attack of the protocol has its row, every test it names exists and is collected."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support import ROOT

PAGE = (ROOT / "docs" / "spec" / "attacks.md").read_text(encoding="utf-8")
LETTER = re.compile(r"`([A-Z])`\s+(?:is\s+)?(tests/[a-z_/]+\.py)")
ROW = re.compile(r"^\| (?!attack|---)(.+?) \| (.+?) \| (\d+) \| (.+?) \|$", re.MULTILINE)
NAMED = re.compile(r"([A-Z])::(\w+(?:\[[^\]]*\])?)")
PROTOCOL = (
    "Two seals in one sitting", "seal after the public value", "closing after it", "ABSENT forged", "2^k withholding",
    "custody secret lost", "enumerable source (< 60 bits)", "practice rolls or free text in the value",
    "wrong beacon round, chain, encoding",
    *(f"{what} edited after the seal" for what in ("frame", "weight", "level", "history", "roster", "recusal", "plan", "size")),
    "L not matching its target", "excluded friend", "omitted friend in the draw (full verify)",
    "opening replayed from another month or tree", "silent redraw", "deleted id", "duplicated id", "gapped id",
    "swapped or dropped officer", "skipped reserve", "fake illness series", "amendment before its cause", "log truncation",
    "log fork", "backdating", "extra or missing file",
    "lenient JSON (duplicate keys, 2^53+1, trailing bytes, NFD)", "key not in the charter", "disclosure leak at open",
    "disclosure leak at standard", "disclosure leak at after-inspection",
)  # fmt: skip
"""The attacks of PROTOCOL 8, one by one."""


def rows() -> list[tuple[str, str, int, str]]:
    return [(a, b, int(c), d) for a, b, c, d in ROW.findall(PAGE)]


def files() -> dict[str, str]:
    return dict(LETTER.findall(PAGE.replace("\n", " ")))


def test_every_attack_of_the_protocol_has_a_row_with_a_test() -> None:
    found = {attack.lower(): tests for attack, _, _, tests in rows()}
    assert not {a.lower() for a in PROTOCOL} - found.keys()
    assert all(NAMED.findall(tests) for tests in found.values())
    assert all(1 <= step <= 16 for _, _, step, _ in rows())


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """Return the id of every test in the files that the page names."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", *sorted(set(files().values()))]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return {line for line in done.stdout.splitlines() if "::" in line}


def test_every_named_test_is_collected(collected: set[str]) -> None:
    where = files()
    assert len(where) == 23
    named = [f"{where[letter]}::{test}" for *_, tests in rows() for letter, test in NAMED.findall(tests)]
    assert len(named) > 85
    assert not [n for n in named if n not in collected]
