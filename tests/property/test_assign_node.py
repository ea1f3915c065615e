"""Whatever is changed in an assignment record, both checkers refuse it with the same code: Python, and one Node process."""

from __future__ import annotations

import copy
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import assign_vectors
from tests.property.test_assign_twin import Case, random_case
from tests.support import ROOT
from tests.vectors_program import outcome

Record = dict[str, Any]
PROGRAM = ROOT / "sampler" / "publish" / "js" / "cli.mjs"


def node(paths: list[Path]) -> list[Record]:
    """Return what one Node process answers to vector files."""
    if shutil.which("node") is None:
        pytest.skip(reason="no Node on this machine: the JavaScript checker is not asked")
    done = subprocess.run(["node", PROGRAM, "vectors", *paths], capture_output=True, text=True, check=True, cwd=ROOT)
    return [json.loads(line.split("\t")[1]) for line in done.stdout.splitlines()]


def bases() -> list[tuple[Case, Record]]:
    cases = [c for n, (_, c) in assign_vectors.cases().items() if n != "chain-100"]
    cases += [random_case(random.Random(n), 7, 6) for n in range(8)]
    return [(case, case.solve()) for case in cases]


def tampered(r: random.Random, record: Record) -> Record:
    """Return the record with one thing changed; kinds and fields stay right."""
    while True:
        out = copy.deepcopy(record)
        r.choice(EDITS)(r, out)
        if out != record:
            return out


def _team(r: random.Random, out: Record) -> Record:
    found: Record = r.choice([t for t in out["teams"] if t["members"]] or out["teams"])
    return found


def replace_member(r: random.Random, out: Record) -> None:
    everyone = sorted({m["inspector_id"] for t in out["teams"] for m in t["members"]} | {"zz"})
    team = _team(r, out)
    if team["members"]:
        r.choice(team["members"])["inspector_id"] = r.choice(everyone)
        if r.random() < 0.8:
            team["members"].sort(key=lambda m: (m["group"], m["inspector_id"]))


def swap_members(r: random.Random, out: Record) -> None:
    one, two = _team(r, out), _team(r, out)
    if one["members"] and two["members"]:
        a, b = r.choice(one["members"]), r.choice(two["members"])
        a["inspector_id"], b["inspector_id"] = b["inspector_id"], a["inspector_id"]
        for t in (one, two):
            t["members"].sort(key=lambda m: (m["group"], m["inspector_id"]))


def drop_member(r: random.Random, out: Record) -> None:
    team = _team(r, out)
    if team["members"]:
        gone = team["members"].pop(r.randrange(len(team["members"])))
        if r.random() < 0.7:
            found = next((v for v in team["vacant"] if v["group"] == gone["group"]), None)
            if found:
                found["count"] += 1
            else:
                team["vacant"] = sorted(
                    [*team["vacant"], {"group": gone["group"], "count": 1}], key=lambda v: v["group"]
                )


def change_block(r: random.Random, out: Record) -> None:
    entry = r.choice(out["blocks"])
    field = r.choice(("cost", "round", "rung", "vacancies", "block"))
    if field == "cost":
        entry["cost"] = str(max(0, int(entry["cost"]) + r.choice((-1, 1, r.randrange(-(2**40), 2**40)))))
    elif field == "round":
        entry["round"] = r.choice((1, 2, 7, 8, 99))
    elif field == "rung":
        entry["rung"] = r.choice(("r0", "r1", "vacancy", "other"))
    elif field == "vacancies":
        entry["vacancies"] = max(0, entry["vacancies"] + r.choice((-1, 1, 5)))
    else:
        entry["block"] = r.choice(("x", entry["block"] + "0"))


def change_potentials(r: random.Random, out: Record) -> None:
    entry = r.choice(out["blocks"])
    names = sorted(entry["potentials"])
    name = r.choice(names)
    step = r.choice((-1, 1, r.randrange(-(2**50), 2**50), -(2**200)))
    kind = r.randrange(4)
    if kind == 0:
        entry["potentials"][name] = str(int(entry["potentials"][name]) + step)
    elif kind == 1:
        entry["potentials"] = {n: str(int(p) + step) for n, p in entry["potentials"].items()}
    elif kind == 2:
        del entry["potentials"][name]
    else:
        entry["potentials"][f"i:{r.randrange(99)}"] = "0"


def reorder(r: random.Random, out: Record) -> None:
    rows = r.choice((out["teams"], out["blocks"], _team(r, out)["members"]))
    r.shuffle(rows)


def drop_or_double(r: random.Random, out: Record) -> None:
    rows = r.choice((out["teams"], out["blocks"]))
    place = r.randrange(len(rows))
    if r.random() < 0.5:
        rows.pop(place)
    else:
        rows.insert(place, copy.deepcopy(rows[place]))


def change_team(r: random.Random, out: Record) -> None:
    team = _team(r, out)
    edits: list[Callable[[], Any]] = [
        lambda: team.update(template="x"),
        lambda: team.update(object_id=r.choice(("A", "zz"))),
        lambda: team["vacant"].append({"group": r.choice("abz"), "count": r.choice((0, 1))}),
        lambda: out["bans"].append({"object_id": team["object_id"], "inspector_id": "i1"}),
    ]
    r.choice(edits)()


EDITS = [
    replace_member, swap_members, drop_member, change_block, change_potentials, reorder, drop_or_double, change_team,
]  # fmt: skip


def judge(count: int, seed: str, folder: Path) -> dict[str, int]:
    r, known, paths, mine = random.Random(seed), bases(), [], []
    for number in range(count):
        case, record = r.choice(known)
        vector = assign_vectors.vector("tampered", assign_vectors.given(case, tampered(r, record)), {})
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(json.dumps(vector), encoding="utf-8")
        mine.append(outcome(vector))
    for path, ours, theirs in zip(paths, mine, node(paths), strict=True):
        assert "error" in ours, path.read_text(encoding="utf-8")
        assert ours == theirs, (ours, theirs, path)
    seen: dict[str, int] = {}
    for ours in mine:
        seen[ours["error"]] = seen.get(ours["error"], 0) + 1
    return seen


def test_five_hundred_tamperings(tmp_path: Path) -> None:
    seen = judge(500, "tampered", tmp_path)
    assert len(seen) >= 13, seen


@pytest.mark.torture
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_tamperings(part: int, tmp_path: Path) -> None:
    judge(1000, f"torture {part}", tmp_path)


def test_the_vectors_are_those_of_the_generator_and_have_the_answers_of_both() -> None:
    made = assign_vectors.files()
    assert {p.name: p.read_bytes() for p in assign_vectors.FOLDER.glob("*.json")} == made
    paths = [assign_vectors.FOLDER / name for name in sorted(made)]
    wanted = [json.loads(p.read_bytes())["want"] for p in paths]
    assert [outcome(json.loads(p.read_bytes())) for p in paths] == wanted
    assert node(paths) == wanted
    assert sum("error" in w for w in wanted) > len(wanted) * 0.7
