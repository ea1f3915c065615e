"""amend, as an office runs it: cause, chance, bundle; and what it refuses (docs/spec/assignment.md, 14)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import clock
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


def test_a_withheld_chain_leaves_vacancies_after_five_days(office: Path) -> None:
    """The keeper has five days from the logged cause; nobody skips them by losing the note, or with the chain at hand."""
    keeper = json.loads((office / "draws" / DRAW / "commitment.json").read_bytes())["anchor"]["party"]
    (chain,) = (p for p in (office / "private").rglob("*chain*") if keeper in str(p.relative_to(office)))
    cause = ("--kind", "left", "--officer", busiest(office), *ASKED)
    code, answer = amend(office, *cause, "--withheld")
    assert (code, answer["errors"][0]["code"]) == (1, "AMEND_HELD")
    chain.rename(office.parent / "chain")
    for day in (None, "2026-11-30T08:59:59Z"):
        if day:
            clock(office, day)
        code, answer = amend(office, "--withheld")
        assert (code, answer["errors"][0]["code"]) == (1, "AMEND_EARLY")
    note = office / f"draws/{DRAW}/amendments/0001-asked.json"
    kept = note.read_bytes()
    note.unlink()
    assert amend(office, "--withheld")[1]["errors"][0]["code"] == "AMEND_EARLY", "without the note the days begin anew"
    note.write_bytes(kept)
    clock(office, "2026-11-30T09:00:00Z")
    code, answer = amend(office, "--withheld")
    assert code == 0
    assert all(not c["entering"] and c["vacant"] for c in answer["data"]["changes"])
    assert "没有变更链的值" in answer["data"]["flags"][0]
    assert sampler("verify", office / "bundles" / DRAW, cwd=office).code == 0


def test_the_lists_show_the_teams_in_force(office: Path) -> None:
    """Papers made after amendments name who goes now, and the amendment; who left is on none of them."""
    who, window = busiest(office), ("--from", "2026-12-01", "--to", "2026-12-31")
    changed = {
        c["object_id"]
        for c in amend(office, "--kind", "illness", "--officer", who, *window, *ASKED)[1]["data"]["changes"]
    }
    gone = min(changed)
    called = amend(office, "--kind", "out-of-scope", "--object", gone, *ASKED)[1]["data"]["reserve"]["object_id"]
    assert sampler("-C", office, "lists", DRAW, cwd=office).code == 0
    listed = json.loads((office / f"lists/{DRAW}/检查名单.json").read_bytes())
    rows = {r["object_id"]: r for r in listed["drawn"]}
    assert who not in json.dumps(listed)
    assert {o for o, r in rows.items() if r.get("amended", [])[:1] == [1]} == changed
    assert (rows[gone]["gone"], rows[gone]["team"]) == (2, [])
    assert (rows[called]["called"], rows[called]["amended"]) == (2, [2])
    assert called not in {r["object_id"] for r in listed["reserves"]}
    csv = (office / f"lists/{DRAW}/检查名单.csv").read_text(encoding="utf-8-sig")
    assert "第 2 次变更移出，不检查" in csv
    assert "第 2 次变更由备选递补" in csv
    assert csv.count("小组按第 1 次变更") == len(changed) - 1
    page = (office / f"lists/{DRAW}/任务单.html").read_text(encoding="utf-8")
    assert "第 2 次变更后的现行派人" in page
    left = json.loads((office / f"bundles/{DRAW}/assignment.json").read_bytes())["teams"]
    assert who in json.dumps(left), "the bundle keeps the draw as it was"
