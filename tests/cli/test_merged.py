"""Two draws of one sitting that hit the same objects: one visit each, in the first; nothing is dropped from the second."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path

import pytest

from sampler import records
from tests.cli.twenty import make
from tests.support import Answer, sampler

FIRST, SECOND = "XJSC-2026-0002", "XJSC-2026-0003"
HEADINGS = ("统一社会信用代码", "检查情况", "检查日期", "检查结果", "严重程度", "到场执法人员")
PARTIES = ("business", "law", "notary")


def call(root: Path, *words: str) -> Answer:
    return sampler("-C", root, *words, "--json", cwd=root.parent)


def data(answer: Answer) -> dict[str, object]:
    assert answer.code == 0, (answer.out, answer.err)
    found: dict[str, object] = json.loads(answer.out)["data"]
    return found


def drawn(root: Path, draw: str) -> list[str]:
    return [c.object_id for c in records.Draw.parse((root / "bundles" / draw / "draw.json").read_bytes()).drawn]


@pytest.fixture(scope="module")
def root(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second sitting of two tasks, each with half of the officers, on the same twenty objects."""
    root = tmp_path_factory.mktemp("merged") / "w"
    make(demo / "input", root)
    head, *people = (root / "input/roster.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    plan = (root / "input/plan.toml").read_text(encoding="utf-8")
    plan = re.sub(r'jurisdiction = "\w+"', 'jurisdiction = "any"', plan)
    for n, name in enumerate(("one", "two")):
        (root / f"input/roster-{name}.csv").write_text(head + "".join(people[n::2]), encoding="utf-8")
        own = plan.replace('plan_id = "', f'plan_id = "{name}-').replace('"roster.csv"', f'"roster-{name}.csv"')
        (root / f"input/{name}.toml").write_text(own.replace('ratio = "50%"', 'ratio = "75%"'), encoding="utf-8")
    for words in (
        *(("reveal", "M", "--party", p, "--commit") for p in PARTIES),
        ("seal", "input/one.toml", "input/two.toml", "--sitting", "M"),
        *(("reveal", "M", "--party", p) for p in PARTIES),
        ("close", "M"), ("seed", "M", "--value", "0205091113182022263135394148525761667180"), ("draw", FIRST), ("draw", SECOND),
    ):  # fmt: skip
        data(call(root, *words))
    return root


def form(root: Path, draw: str, objects: list[str], result: str) -> str:
    """Fill a table of results by the teams of a draw."""
    teams = {t["object_id"]: t for t in json.loads((root / "bundles" / draw / "assignment.json").read_bytes())["teams"]}
    with (root / "filled.csv").open("w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(HEADINGS)
        for oid in objects:
            officers = "，".join(m["inspector_id"] for m in teams[oid]["members"])
            out.writerow((oid, "已检查", "2026-12-01", result, "0", officers))
    return "filled.csv"


def words(path: Path) -> str:
    with zipfile.ZipFile(path) as z:
        return re.sub(r"<[^>]+>", "", z.read("word/document.xml").decode())


def test_one_visit_and_nothing_dropped(root: Path) -> None:
    both = sorted(set(drawn(root, FIRST)) & set(drawn(root, SECOND)))
    alone = sorted(set(drawn(root, SECOND)) - set(both))
    assert both
    told = data(call(root, "lists", SECOND))
    assert told["merged"] == dict.fromkeys(both, FIRST)
    assert data(call(root, "lists", FIRST))["merged"] == {}
    for draw, other, mark in ((SECOND, FIRST, "并入 {}，不另上门"), (FIRST, SECOND, "同时办理 {} 的事项")):
        listed = (root / f"lists/{draw}/检查名单.csv").read_text(encoding="utf-8-sig")
        assert listed.count(f"合并检查：{mark.format(other)}") == len(both)
        assert "合并检查" in words(root / f"lists/{draw}/任务单.docx")
        assert "合并检查" in words(root / f"lists/{draw}/检查通知书.docx")
        assert "合并检查" in words(root / f"lists/{draw}/派单表.docx")

    refused = call(root, "results", SECOND, form(root, SECOND, both[:1], "1"))
    assert (refused.code, json.loads(refused.out)["errors"][0]["code"]) == (1, "RESULT_MERGED")

    data(call(root, "results", FIRST, form(root, FIRST, both, "5")))
    answer = data(call(root, "results", SECOND, form(root, SECOND, alone, "1")))
    assert answer["missing"] == []
    rows = {r.object_id: r for r in batch(root, SECOND, 1).rows}
    here = {r.object_id: r for r in batch(root, FIRST, 1).rows}
    assert set(rows) == {*both, *alone}
    assert all((rows[o].merged_into, rows[o].result, rows[o].officers) == (FIRST, 5, here[o].officers) for o in both)
    assert all(rows[o].merged_into is None for o in alone)

    data(call(root, "results", FIRST, form(root, FIRST, both[:1], "1")))
    assert data(call(root, "results", SECOND))["rows"] == 1  # the correction follows
    assert [(r.object_id, r.result) for r in batch(root, SECOND, 2).rows] == [(both[0], 1)]
    for draw in (FIRST, SECOND):
        assert sampler("verify", root / "bundles" / draw, "--json", cwd=root.parent).code == 0


def batch(root: Path, draw: str, number: int) -> records.Results:
    return records.Results.parse((root / f"bundles/{draw}/results/{number:04d}.json").read_bytes())
