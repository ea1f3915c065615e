"""The fairness report counts what happened (docs/spec/assignment.md, 17)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sampler.assign.fairness import Month, entropy, even, fairness
from sampler.publish.fairness import page
from tests.support import sampler


def month(name: str, teams: dict[str, str], able: str) -> Month:
    return Month(name, {e: frozenset(t) for e, t in teams.items()}, {e: frozenset(able) for e in teams})


def test_loads_partners_and_those_never_drawn() -> None:
    found = fairness([month("m1", {"x": "ab", "y": "ab"}, "abcd"), month("m2", {"x": "ac", "z": "bc"}, "abcd")])
    assert found.loads == {"a": 3, "b": 3, "c": 2, "d": 0}
    assert found.chances == dict.fromkeys("abcd", 4)
    assert found.never == ("d",)
    assert found.partners == {("a", "b"): 2, ("a", "c"): 1, ("b", "c"): 1}
    assert found.returns == {("a", "x"): 2}
    assert found.entropy == pytest.approx(1.5)
    assert found.bound == pytest.approx(2.0)


def test_an_officer_with_nowhere_to_go_is_not_called_never_drawn() -> None:
    found = fairness([Month("m", {"x": frozenset("ab")}, {"x": frozenset("ab")})])
    assert (found.never, found.entropy, found.bound) == ((), 0.0, 0.0)


@pytest.mark.parametrize(("total", "cells"), [(1, 1), (7, 3), (10, 10), (3, 50), (100, 7)])
def test_the_bound_is_the_most_even_spread(total: int, cells: int) -> None:
    spreads = [[total], [total - total // 2, total // 2], [1] * min(total, cells) + [0]]
    assert all(
        entropy(s) <= even(total, cells) + 1e-12
        for s in spreads
        if sum(s) == total and len([x for x in s if x]) <= cells
    )


def test_hostile_names_stay_text() -> None:
    data = {
        "draws": ["<script>"], "officers": [{"inspector_id": "<b>x", "visits": 1, "open": 2}], "never": [],
        "loads": {"min": 1, "max": 1, "mean": "1.00"}, "returns": [],
        "pairs": {"met": 1, "entropy_bits": "0.000", "bound_bits": "0.000", "repeated": [{"pair": ["<i>", "y"], "times": 2}]},
    }  # fmt: skip
    text = page(data).decode()
    assert "<script>" not in text
    assert "<b>x" not in text
    assert "<i>" not in text
    assert "<svg" in text


def test_the_command_agrees_with_the_bundle(demo: Path, tmp_path: Path) -> None:
    draw = "XJSC-2026-0001"
    answer = sampler("-C", demo, "fairness", draw, "--html", tmp_path / "f.html", "--json", cwd=tmp_path)
    data = json.loads(answer.out)["data"]
    teams = json.loads((demo / "bundles" / draw / "assignment.json").read_bytes())["teams"]
    served = [m["inspector_id"] for t in teams for m in t["members"]]
    assert {o["inspector_id"]: o["visits"] for o in data["officers"] if o["visits"]} == {
        i: served.count(i) for i in served
    }
    assert float(data["pairs"]["entropy_bits"]) <= float(data["pairs"]["bound_bits"])
    assert (tmp_path / "f.html").read_text(encoding="utf-8").count("<rect") == len(data["officers"])
    who = served[0]
    told = json.loads(sampler("-C", demo, "explain", draw, who, "--json", cwd=tmp_path).out)["data"]
    assert told["load"] == served.count(who)
    assert told["floor"] <= told["load"] <= told["ceil"]
    for v in told["visits"]:
        assert int(v["price_officer"]) <= int(v["price_place"]) - v["ticket"]
        assert v["alternatives"] >= 0
    words = sampler("-C", demo, "explain", draw, who, cwd=tmp_path).out
    assert "recusal" not in words
    assert "回避" not in words
