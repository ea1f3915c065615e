"""The program's fast path, the naive twin in fractions and the JavaScript give the same draw, byte for byte."""

from __future__ import annotations

import json
import secrets
import zlib
from collections import Counter

import pytest

from tests import frames
from tests.javascript import Javascript

LARGE = 50_000


def compare(node: Javascript, seed: int, size: int | None = None) -> str:
    """Draw one frame three ways; returns what came of it."""
    given = frames.frame(seed, size)
    program, twin = frames.Program(given).outcome(), frames.Twin(given).outcome()
    answer = node.text("frame", **given)
    if answer.startswith('{"error"'):
        answer = frames.canonical({"error": json.loads(answer)["error"]})
    assert program == twin, f"program and twin differ on seed {seed}, size {size}"
    assert answer == program, f"JavaScript and program differ on seed {seed}, size {size}"
    return str(json.loads(answer).get("error", "drawn"))


def run(node: Javascript, name: str, small: int, large: int, *, fresh: bool = False) -> Counter[str]:
    first = secrets.randbits(48) if fresh else zlib.crc32(name.encode())
    found = Counter(compare(node, first + n) for n in range(small))
    found.update(compare(node, first + n, LARGE) for n in range(large))
    return found


def test_small_frames_three_ways(node: Javascript) -> None:
    found = run(node, "small frames", 5000, 0)
    assert found["drawn"] >= 2000, found
    assert {"CLAUSE_ZERO", "STRATUM_ZERO", "SIZE_COOLDOWN"} <= found.keys()


def test_large_frames_three_ways(node: Javascript) -> None:
    assert run(node, "large frames", 0, 2)["drawn"] >= 1


@pytest.mark.torture
def test_many_frames_three_ways(node: Javascript) -> None:
    assert run(node, "torture", 100_000, 20, fresh=True)["drawn"] >= 20_000
