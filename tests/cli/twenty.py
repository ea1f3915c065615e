"""A draw of 20 objects, small enough to flip every bit of its bundle."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.support import sampler

PER_CLASS = {"A": 8, "B": 6, "C": 4, "D": 2}


def make(source: Path, root: Path) -> Path:
    """Return the bundle of 20 of `source`'s objects, made with the ordinary commands."""
    assert sampler("init", root, "--demo", "twenty", cwd=root.parent).code == 0
    folder = root / "input"
    shutil.copytree(source, folder)
    chosen = choose(folder)
    for name in ("objects", "classes", "history", "scores"):
        keep(folder / f"{name}.csv", chosen)
    head = (folder / "recusals.csv").read_text().splitlines()[0]
    (folder / "recusals.csv").write_text(head + "\n")
    plan = (folder / "plan.toml").read_text()
    plan = re.sub(r'ratio = "[^"]*"', 'ratio = "50%"', plan)
    plan = re.sub(r"cooldown = \[.*?\n\]", "cooldown = []", plan, flags=re.DOTALL).replace(
        "dry_runs = 20", "dry_runs = 1"
    )
    (folder / "plan.toml").write_text(plan)
    parties = ("business", "law", "notary")
    for words in (
        *(("reveal", "S", "--party", p, "--commit") for p in parties),
        ("seal", "input/plan.toml", "--sitting", "S"),
        *(("reveal", "S", "--party", p) for p in parties),
        ("close", "S"),
        ("seed", "S", "--value", "0205091113182022263135394148525761667180"),
        ("draw", "XJSC-2026-0001"),
    ):
        answer = sampler("-C", root, *words, cwd=root.parent)
        assert answer.code == 0, answer.err
    return root / "bundles" / "XJSC-2026-0001"


def choose(folder: Path) -> set[str]:
    left = dict(PER_CLASS)
    plain = {r.split(",")[0] for r in (folder / "objects.csv").read_text().splitlines() if ",存续," in r}
    chosen = set()
    for row in (folder / "classes.csv").read_text().splitlines()[1:]:
        oid, class_ = row.split(",")[:2]
        if oid in plain and not oid.startswith(("P-", "S-")) and left[class_]:
            left[class_] -= 1
            chosen.add(oid)
    return chosen


def keep(path: Path, chosen: set[str]) -> None:
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text(head + "".join(r for r in rows if r.split(",")[0] in chosen))
