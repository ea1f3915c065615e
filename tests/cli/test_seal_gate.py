"""seal is a gate: who approved, and how likely an officer meets an object (records.md 3.1, assignment.md 15.5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import DRAW, PARTIES, bundle, inputs, ok, refused, revealed, say, valued
from tests.javascript import Javascript, replayed

SEAL = ("seal", "input/plan.toml", "--sitting", "S")
DATE = 'date = "2026-11-25"'
TWO = f'{DATE}\nby = ["局长", "  分管副局长 ", "局长"]'
RUNS = ("dry_runs = 1\n", "dry_runs = 40\n")


def promised(demo: Path, root: Path, *flags: str, **swaps: tuple[str, str]) -> Path:
    """Return a workspace in which everything but the seal is done."""
    said = say(root.parent, "init", root.name, "--demo", root.name, *flags)
    assert said.code == 0, said.out
    inputs(demo / "input", root / "input", **swaps)
    for p in PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    return root


def entries(root: Path) -> bytes:
    return (root / "log/entries").read_bytes()


@pytest.mark.parametrize(
    "approval", [DATE, f"{DATE}\nby = []", f'{DATE}\nby = ["局长"]', f'{DATE}\nby = ["局长", " 局长", ""]']
)
def test_fewer_approvers_than_the_charter_asks_for(demo: Path, tmp_path: Path, approval: str) -> None:
    root = promised(demo, tmp_path / "w", "--approvals", "2", approval=(DATE, approval))
    before = entries(root)
    refused(root, "APPROVALS_FEW", *SEAL)
    assert entries(root) == before


@pytest.mark.parametrize("by", ['"局长"', "[1]", '["\\u0001"]', '[["局长"]]'])
def test_a_list_of_approvers_that_is_none(demo: Path, tmp_path: Path, by: str) -> None:
    root = promised(demo, tmp_path / "w", approval=(DATE, f"{DATE}\nby = {by}"))
    refused(root, "RECORD_VALUE", *SEAL)


def test_two_approve_the_seal_and_its_amendments(demo: Path, tmp_path: Path) -> None:
    """Sealed, drawn, amended by two; both programs replay it, and the form shows who approved."""
    root = promised(demo, tmp_path / "w", "--approvals", "2", approval=(DATE, TWO))
    ok(root, *SEAL)
    commitment = json.loads((root / f"draws/{DRAW}/commitment.json").read_bytes())
    assert commitment["approval"]["by"] == sorted(["局长", "分管副局长"], key=str.encode)
    ok(root, "lists", DRAW)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    who = busiest(root)
    left = ("amend", DRAW, "--kind", "left", "--officer", who, "--requester", "本人", "--reason", "离岗")
    form = ("--form", "审2号", "--approved", "2026-12-05")
    before = entries(root)
    refused(root, "APPROVALS_FEW", *left, *form)
    refused(root, "APPROVALS_FEW", *left, *form, "--approver", "局长", "--approver", "局长 ")
    assert entries(root) == before
    ok(root, *left, *form, "--approver", "局长", "--approver", "分管副局长")
    assert ok(root, "verify", f"bundles/{DRAW}")["first_failed"] is None
    with Javascript.started() as node:
        assert replayed(node, bundle(root))["first_failed"] == 0


def busiest(root: Path) -> str:
    teams = json.loads((root / f"draws/{DRAW}/assignment.json").read_bytes())["teams"]
    served = [m["inspector_id"] for t in teams for m in t["members"]]
    return str(max(sorted(set(served)), key=served.count))


def gate(demo: Path, root: Path, q_max: str, runs: tuple[str, str] = RUNS) -> Path:
    anywhere = ('jurisdiction = "district"', 'jurisdiction = "any"')
    return promised(demo, root, q=('q_max = "1/2"', f'q_max = "{q_max}"'), runs=runs, anywhere=anywhere)


def test_an_officer_too_likely_to_meet_a_group(demo: Path, tmp_path: Path) -> None:
    """What the dry runs prove stops the seal before anything is logged; plan said the same."""
    root = gate(demo, tmp_path / "w", "1/1000")
    told: Any = say(root, "plan", "input/plan.toml").json
    assert "Q_MAX" in {e["code"] for e in told["errors"]}
    before = entries(root)
    refused(root, "Q_MAX", *SEAL)
    assert entries(root) == before


def test_too_few_dry_runs_to_tell_are_a_warning(demo: Path, tmp_path: Path) -> None:
    root = gate(demo, tmp_path / "w", "1/5", ("dry_runs = 1\n", "dry_runs = 2\n"))
    said = say(root, *SEAL)
    assert said.code == 0
    assert "Q_UNCLEAR" in {w["code"] for w in said.json["warnings"]}


def test_a_lawful_limit_that_holds_for_sure_is_silent(demo: Path, tmp_path: Path) -> None:
    said = say(gate(demo, tmp_path / "w", "1/1"), *SEAL)
    assert said.code == 0
    assert "Q_UNCLEAR" not in {w["code"] for w in said.json["warnings"]}
