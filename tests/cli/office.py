"""An office of twenty objects, driven inside this process: a step costs milliseconds, not a new interpreter."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import cli
from sampler import canon
from sampler.commands import shell
from tests.cli.twenty import choose, keep

VALUE = "0205091113182022263135394148525761667180"
DRAW = "XJSC-2026-0001"
PARTIES = ("business", "law", "notary")
AFTER_VISITS = "2027-01-05T09:00:00Z"
LATE = "2027-03-01T09:00:00Z"


class Said:
    """What a command answered."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def codes(self) -> list[str]:
        return [e["code"] for e in self.json["errors"]]


def say(root: Path, *words: str | Path) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = shell.run(cli.group, ["-C", str(root), *map(str, words), "--json"])
    assert "Traceback" not in err.getvalue()
    return Said(code, out.getvalue(), err.getvalue())


def ok(root: Path, *words: str | Path) -> Any:
    """Return the data of a command that must be done."""
    answer = say(root, *words)
    assert answer.code == 0, (words, answer.out)
    return answer.data


def refused(root: Path, code: str, *words: str | Path) -> None:
    answer = say(root, *words)
    assert answer.codes == [code], (words, answer.out)
    assert answer.code != 0


def inputs(source: Path, folder: Path, **swaps: tuple[str, str]) -> None:
    """Write the input of twenty objects, one more that is excluded, and a recusal; `swaps` are replacements in the plan."""
    shutil.copytree(source, folder)
    chosen = choose(folder)
    gone = next(r.split(",")[0] for r in (folder / "objects.csv").read_text().splitlines() if ",注销," in r)
    for name in ("objects", "classes", "history", "scores"):
        keep(folder / f"{name}.csv", chosen | {gone})
    head, first = (folder / "recusals.csv").read_text().splitlines()[:2]
    inspector, kind, _, *why = first.split(",")
    (folder / "recusals.csv").write_text("\n".join([head, ",".join([inspector, kind, min(chosen), *why])]) + "\n")
    plan = re.sub(r'ratio = "[^"]*"', 'ratio = "50%"', (folder / "plan.toml").read_text())
    plan = re.sub(r"cooldown = \[.*?\n\]", "cooldown = []", plan, flags=re.DOTALL)
    for old, new in (("dry_runs = 10", "dry_runs = 1"), *swaps.values()):
        assert old in plan, old
        plan = plan.replace(old, new)
    (folder / "plan.toml").write_text(plan)


def office(source: Path, root: Path, **swaps: tuple[str, str]) -> Path:
    """Return a workspace of the demo's world in which nothing has been promised yet."""
    said = say(root.parent, "init", root.name, "--demo", root.name)
    assert said.code == 0, said.out
    inputs(source, root / "input", **swaps)
    return root


def sealed(root: Path, sitting: str = "S") -> Any:
    for p in PARTIES:
        ok(root, "reveal", sitting, "--party", p, "--commit")
    return ok(root, "seal", "input/plan.toml", "--sitting", sitting)


def revealed(root: Path, sitting: str = "S", *, kept: bool = False) -> None:
    for p in PARTIES[: 2 if kept else 3]:
        ok(root, "reveal", sitting, "--party", p)
    if kept:
        ok(root, "reveal", sitting, "--party", "notary", "--to", "law")


def valued(root: Path, sitting: str = "S", value: str = VALUE) -> None:
    ok(root, "close", sitting)
    ok(root, "seed", sitting, "--value", value)


def clock(root: Path, time: str) -> None:
    """Let the demo's day be another one."""
    path = root / "workspace.json"
    path.write_bytes(canon.encode(json.loads(path.read_bytes()) | {"demo_day": time}))


def bundle(root: Path, draw: str = DRAW) -> dict[str, bytes]:
    folder = root / "bundles" / draw
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
