"""Two months in which owners are drawn, with the ordinary commands: teams, lists, pages, estimate, history."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from sampler import records, units
from sampler.tables import Table, decode
from tests.cli.test_second_month import PARTIES, next_plan
from tests.cli.twenty import choose, keep
from tests.support import Run, sampler

FIRST, SECOND = "XJSC-2026-0001", "XJSC-2027-0001"
SHARED = 4
"""Objects of each of three owners."""


def table(root: Path, draw: str, name: str) -> Table:
    return decode((root / "bundles" / draw / name).read_bytes(), records.TABLE_COLUMNS[name], file=name)


def result(root: Path, draw: str) -> records.Draw:
    return records.Draw.parse((root / "bundles" / draw / "draw.json").read_bytes())


def month(root: Path, plan: Path, sitting: str, draw: str, value: str) -> None:
    for words in (
        *(("reveal", sitting, "--party", p, "--commit") for p in PARTIES),
        ("seal", plan.relative_to(root).as_posix(), "--sitting", sitting),
        *(("reveal", sitting, "--party", p) for p in PARTIES),
        ("close", sitting), ("seed", sitting, "--value", value), ("draw", draw),
    ):  # fmt: skip
        answer = sampler("-C", root, *words, cwd=root)
        assert answer.code == 0, (words, answer.err)


@pytest.fixture(scope="module")
def w(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty objects, twelve of which belong to three owners; classes C and B, a quarter drawn, C rests three months."""
    root = tmp_path_factory.mktemp("owners") / "w"
    assert sampler("init", root, "--demo", "owners", cwd=root.parent).code == 0
    folder = root / "input"
    shutil.copytree(demo / "input", folder)
    chosen = sorted(choose(folder))
    for name in ("objects", "classes", "history", "scores"):
        keep(folder / f"{name}.csv", set(chosen))
    with (folder / "objects.csv").open(encoding="utf-8", newline="") as f:
        head, *rows = list(csv.reader(f))
    for n, row in enumerate(rows):
        row[head.index("所有者代码")] = chosen[n // SHARED * SHARED] if n < 3 * SHARED else ""
    with (folder / "objects.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([head, *rows])
    text = (folder / "classes.csv").read_text(encoding="utf-8")
    (folder / "classes.csv").write_text(re.sub(r",[ABD],", ",C,", text), encoding="utf-8")
    (folder / "recusals.csv").write_text((folder / "recusals.csv").read_text().splitlines()[0] + "\n")
    (folder / "history.csv").write_text((folder / "history.csv").read_text().splitlines()[0] + "\n")
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    plan = re.sub(r'ratio = "[^"]*"', 'ratio = "20%"', plan).replace('q_max = "1/5"', 'q_max = "1"')
    plan = re.sub(r'stratum = "[a-z]+"', 'stratum = "all"', plan)
    plan = re.sub(r"types = \[\"[^\]]*\]", 'types = ["all"]', plan)
    plan = re.sub(r"cooldown = \[.*?\n\]", 'cooldown = [{ class = "C", months = 3 }]', plan, flags=re.DOTALL)
    plan = re.sub(r"dry_runs = \d+", 'dry_runs = 1\nunits = "owner"', plan)
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    month(root, folder / "plan.toml", "S1", FIRST, "0205091113182022263135394148525761667180")
    month(root, next_plan(root), "S2", SECOND, "0305091113182022263135394148525761667180")
    return root


def test_both_months_verify(w: Path, run: Run) -> None:
    for draw in (FIRST, SECOND):
        answer = run("verify", w / "bundles" / draw, "--json")
        assert answer.code == 0, answer.out
    strata = table(w, FIRST, "strata.tsv")
    owners = units.of_frame(table(w, FIRST, "frame.tsv"), owners=True)
    assert sum(map(int, strata["N"])) == len(owners.ids) < len(table(w, FIRST, "frame.tsv"))


def test_an_owner_drawn_rests_with_all_its_objects(w: Path) -> None:
    first, second = (table(w, d, "frame.tsv") for d in (FIRST, SECOND))
    owner = {o: units.owner_of(o, x) for o, x in zip(first["object_id"], first["owner_id"], strict=True)}
    hit = {owner[c.object_id] for c in result(w, FIRST).drawn}
    resting = {owner[o] for o, v in zip(second["object_id"], second["level"], strict=True) if v == "0"}
    assert resting == hit
    assert not {owner[c.object_id] for c in result(w, SECOND).drawn} & hit


def test_history_holds_what_the_owner_had(w: Path) -> None:
    history, frame, levels = (
        table(w, d, n) for d, n in ((SECOND, "history.tsv"), (FIRST, "frame.tsv"), (FIRST, "levels.tsv"))
    )
    pi = dict(zip(levels["key"], levels["pi_e12"], strict=True))
    held = units.of_frame(frame, owners=True)
    want = {
        f"{u}/2026-12": pi[f"{frame['stratum'][i]}/{frame['level'][i]}"]
        for u, i in zip(held.ids, held.first, strict=True)
    }
    assert dict(zip(history["key"], history["pi_e12"], strict=True)) == want


def test_what_is_told_of_an_object_is_its_own_probability(w: Path, run: Run) -> None:
    frame, levels = table(w, FIRST, "frame.tsv"), table(w, FIRST, "levels.tsv")
    pi = units.frame_pi(frame, dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True)), owners=True)
    objects = units.of_frame(frame, owners=True).objects(frame["object_id"])
    unit, (several, *others) = next((u, mine) for u, mine in objects.items() if len(mine) > 1)
    told = json.loads(run("-C", w, "explain", FIRST, several, "--json").out)["data"]
    assert told["pi_e12"] == pi[several]
    assert (told["owner"]["owner_id"], told["owner"]["objects"]) == (unit, 1 + len(others))
    assert "先抽所有者" in run("-C", w, "explain", FIRST, several).out
    summary = {c.object_id: pi[c.object_id] for c in result(w, FIRST).drawn}
    assert summary.items() <= pi.items()
    for words in (("lists", FIRST), ("publish",), ("estimate", FIRST)):
        answer = run("-C", w, *words, "--json")
        assert answer.code == 0, (words, answer.out, answer.err)
