"""Offices for the benchmark of the pages: the example many times over, and a thousand small draws."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from sampler.io import disk, session
from sampler.io.journal import Journal
from tests.cli import office as o
from tests.cli.office import DRAW, ok
from tests.support import ROOT, sampler

EXAMPLE = ROOT / "data" / "example" / "full"
COPIED = ("objects", "classes", "history", "scores")


def multiplied(root: Path, times: int) -> Path:
    """Return an office that drew at level ``open`` from `times` the example's objects, as many as the example draws."""
    said = o.say(root.parent, "init", root.name, "--demo", root.name)
    assert said.code == 0, said.out
    folder = root / "input"
    shutil.copytree(EXAMPLE, folder)
    known = ["--history", "input/history.csv", "--asof", "2026-12-01", "--objects", "input/objects.csv"]
    known += ["--classes", "input/classes.csv"]
    ok(root, "train", *known, "--target", "severity>=2", "--out", "input/points.json")
    ok(root, "score", "--model", "input/points.json", *known, "--out", "input/scores.csv")
    for name in COPIED:
        _repeat(folder / f"{name}.csv", times)
    plan = (folder / "plan.toml").read_text()
    plan = plan.replace('disclosure = "standard"', 'disclosure = "open"').replace("dry_runs = 10", "dry_runs = 1")
    for percent in (1, 2, 10, 30):
        plan = plan.replace(f'ratio = "{percent}%"', f'ratio = "{round(percent * 10 / times, 4):g}‰"')
    (folder / "plan.toml").write_text(plan)
    o.sealed(root)
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    return root


def _repeat(path: Path, times: int) -> None:
    """Write every row `times` times, the copies under ids of their own."""
    with path.open(encoding="utf-8", newline="") as f:
        head, *rows = csv.reader(f)
    every = [[oid if k == 0 else f"{oid}-{k}", *rest] for k in range(times) for oid, *rest in rows]
    if path.name == "scores.csv":
        every.sort(key=lambda r: r[0].encode())
    with path.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([head, *every])


def many(root: Path, count: int) -> Path:
    """Return an office of twenty objects that drew `count` times at level ``open``"""
    demo = root.with_name("demo")
    answer = sampler("demo", "--size", "small", "--out", demo, cwd=root.parent)
    assert answer.code == 0, answer.err
    o.office(demo / "input", root, level=('disclosure = "standard"', 'disclosure = "open"'))
    known: dict[str, Journal] = {}
    with pytest.MonkeyPatch.context() as faster:  # every step reads the whole log and waits for the disk
        faster.setattr(session, "Journal", lambda where: known.setdefault("one", Journal(where)))
        faster.setattr(disk, "_sync", lambda _: None)
        _draws(root, count)
    return root


def _draws(root: Path, count: int) -> None:
    plan = (root / "input" / "plan.toml").read_text()
    for n in range(1, count + 1):
        number = f"{n:04d}"
        (root / "input" / "plan.toml").write_text(plan.replace("P-2026-12", f"P-2026-12-{number}"))
        o.sealed(root, f"S{number}")
        o.revealed(root, f"S{number}")
        o.valued(root, f"S{number}")
        ok(root, "draw", f"XJSC-2026-{number}")
        shutil.rmtree(root / "bundles")  # each holds the whole log: a gigabyte by the end
