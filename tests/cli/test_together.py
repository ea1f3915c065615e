"""A limit on how often two officers meet, from the plan to the replay of both programs (assignment.md, 18)."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import DRAW, bundle, office, ok, refused, revealed, say, sealed, valued
from tests.javascript import Javascript, replayed

LAW = 'jurisdiction = "district"'
ASKED = ("--requester", "本人", "--reason", "离岗", "--form", "审2号", "--approved", "2026-12-05")


@pytest.fixture(scope="module")
def drawn(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return an office whose officers may meet once, and what `draw` said."""
    root = tmp_path_factory.mktemp("together") / "w"
    office(demo / "input", root, law=(LAW, 'jurisdiction = "any", together = 1'))
    sealed(root)
    revealed(root)
    valued(root)
    return root, say(root, "draw", DRAW).json


def met(root: Path) -> Counter[tuple[str, str]]:
    teams = json.loads((root / f"bundles/{DRAW}/assignment.json").read_bytes())["teams"]
    return Counter(p for t in teams for p in combinations(sorted(m["inspector_id"] for m in t["members"]), 2))


def test_a_draw_keeps_the_limit_and_both_programs_replay_it(drawn: tuple[Path, Any], node: Javascript) -> None:
    root, said = drawn
    assignment = json.loads((root / f"bundles/{DRAW}/assignment.json").read_bytes())
    assert all("stages" in b for b in assignment["blocks"])
    left = [p for p, n in met(root).items() if n > 1]
    assert bool(left) == ("TOGETHER_LEFT" in {w["code"] for w in said["warnings"]})
    ours = ok(root, "verify", f"bundles/{DRAW}")
    theirs = replayed(node, bundle(root))
    assert (ours["first_failed"], theirs["first_failed"]) == (None, 0)
    assert any("同组超过" in x for x in ours["not_proved"]) == bool(left)
    assert ok(root, "explain", DRAW, next(iter(met(root)))[0])
    assert ok(root, "fairness", DRAW)


def test_an_amendment_keeps_it(drawn: tuple[Path, Any], node: Javascript) -> None:
    root, _ = drawn
    who = next(iter(met(root)))[0]
    ok(root, "amend", DRAW, "--kind", "left", "--officer", who, *ASKED)
    assert ok(root, "verify", f"bundles/{DRAW}")["first_failed"] is None
    assert replayed(node, bundle(root))["first_failed"] == 0


def test_a_limit_of_nothing_is_refused(demo: Path, tmp_path: Path) -> None:
    root = office(demo / "input", tmp_path / "w", law=(LAW, f"{LAW}, together = 0"))
    refused(root, "PLAN_TOGETHER", "plan", "input/plan.toml")
