"""amend, as an office runs it: cause, chance, bundle; and what it refuses (docs/spec/assignment.md, 14)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import sampler

DRAW = "XJSC-2026-0001"
ASKED = ("--requester", "本人", "--reason", "住院", "--form", "审〔2026〕12号", "--approved", "2026-12-05")


@pytest.fixture
def office(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "w"))


def amend(office: Path, *words: str) -> tuple[int, dict[str, Any]]:
    answer = sampler("-C", office, "amend", DRAW, *words, "--json", cwd=office)
    return answer.code, json.loads(answer.out)


def busiest(office: Path) -> str:
    teams = json.loads((office / "bundles" / DRAW / "assignment.json").read_bytes())["teams"]
    served = [m["inspector_id"] for t in teams for m in t["members"]]
    return str(max(sorted(set(served)), key=served.count))


def test_illness_then_recusal_then_a_closed_object(office: Path) -> None:
    who = busiest(office)
    window = ("--from", "2026-12-01", "--to", "2026-12-31")
    code, done = amend(office, "--kind", "illness", "--officer", who, *window, *ASKED)
    assert code == 0
    first = done["data"]["changes"]
    assert {m["inspector_id"] for c in first for m in c["leaving"]} == {who}
    assert sum(len(c["entering"]) + sum(v["count"] for v in c["vacant"]) for c in first) == sum(
        len(c["leaving"]) for c in first
    )
    entered = next((c["object_id"], m["inspector_id"]) for c in first for m in c["entering"])
    code, done = amend(office, "--kind", "recusal", "--officer", entered[1], "--object", entered[0], *ASKED)
    assert code == 0
    assert done["data"]["number"] == 2
    code, done = amend(office, "--kind", "out-of-scope", "--object", entered[0], *ASKED)
    assert code == 0
    assert done["data"]["reserve"]["rank"] > 0
    assert done["warnings"]
    bundle = office / "bundles" / DRAW
    answer = sampler("verify", bundle, "--json", cwd=office)
    steps = {s["id"]: s for s in json.loads(answer.out)["data"]["steps"]}
    assert (answer.code, steps["amendments"]["status"]) == (0, "ok")
    assert "3 次变更" in steps["amendments"]["found"] + steps["amendments"]["meaning"]
    assert sampler("-C", office, "log", "check", cwd=office).code == 0


def test_no_change_without_a_cause_that_frees_a_place(office: Path) -> None:
    who = busiest(office)
    for words, want in (
        (("--kind", "left", "--officer", who), "AMEND_CAUSE"),
        (("--kind", "left", "--officer", "NOBODY", *ASKED), "AMEND_FIELDS"),
        (("--give",), "AMEND_CAUSE"),
    ):
        code, answer = amend(office, *words)
        assert (code, answer["errors"][0]["code"]) in ((1, want), (2, want))
    entries = (office / "log" / "entries").read_bytes()
    assert b"amendment" not in entries


def test_the_chain_comes_from_its_keeper_after_the_cause(office: Path) -> None:
    """Without the chain the cause is logged and waits; a wrong value is refused, the right one decides, once."""
    who = busiest(office)
    keeper = json.loads((office / "draws" / DRAW / "commitment.json").read_bytes())["anchor"]["party"]
    (chain,) = (p for p in (office / "private").rglob("*chain*") if keeper in str(p.relative_to(office)))
    away = chain.rename(office.parent / "chain")
    code, answer = amend(office, "--kind", "left", "--officer", who, *ASKED)
    assert (code, answer["errors"][0]["code"]) == (1, "AMEND_WAITING")
    code, answer = amend(office, "--chain", "11" * 32)
    assert answer["errors"][0]["code"] == "AMEND_CHAIN"
    away.rename(chain)
    code, answer = amend(office, "--give")
    assert code == 0
    value = answer["data"]["chain"]
    chain.rename(away)
    code, answer = amend(office, "--chain", value)
    assert (code, answer["data"]["number"]) == (0, 1)
    code, answer = amend(office, "--kind", "left", "--officer", who, *ASKED)
    assert answer["errors"][0]["code"] == "AMEND_NOTHING"


def test_a_withheld_chain_leaves_vacancies(office: Path) -> None:
    code, answer = amend(office, "--kind", "left", "--officer", busiest(office), *ASKED, "--withheld")
    assert code == 0
    assert all(not c["entering"] and c["vacant"] for c in answer["data"]["changes"])
    assert sampler("verify", office / "bundles" / DRAW, cwd=office).code == 0
