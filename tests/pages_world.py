"""Offices for the benchmark of the pages: the example many times over, and a thousand small draws."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sampler import canon, log, signing
from sampler.io import disk, keys, session
from tests.cli import office as o
from tests.cli.office import DRAW, ok
from tests.cli.test_results import fill
from tests.support import ROOT, sampler

Swaps = Iterable[tuple[str, str]]
EXAMPLE = ROOT / "data" / "example" / "full"
COPIED = ("objects", "classes", "history", "scores")


def scored(root: Path, example: Path) -> Path:
    """Return the input folder of a new office: an example with its scores."""
    said = o.say(root.parent, "init", root.name, "--demo", root.name)
    assert said.code == 0, said.out
    folder = root / "input"
    shutil.copytree(example, folder)
    known = ["--history", "input/history.csv", "--asof", "2026-12-01", "--objects", "input/objects.csv"]
    known += ["--classes", "input/classes.csv"]
    ok(root, "train", *known, "--target", "severity>=2", "--out", "input/points.json")
    ok(root, "score", "--model", "input/points.json", *known, "--out", "input/scores.csv")
    return folder


def multiplied(root: Path, times: int) -> Path:
    """Return an office that drew at level ``open`` from `times` the example's objects, as many as the example draws."""
    folder = scored(root, EXAMPLE)
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
    """Return an office with `count` draws of twenty objects at level ``open``, with results.

    The first is made by the commands. The others are that one under other names in a log of their own entries, without
    signatures that verify: enough for publishing, which takes the office's own records as they are.
    """
    demo = root.with_name("demo")
    answer = sampler("demo", "--size", "small", "--stops", "2", "--out", demo, cwd=root.parent)
    assert answer.code == 0, answer.err
    o.office(demo / "input", root, level=('disclosure = "standard"', 'disclosure = "open"'))
    with pytest.MonkeyPatch.context() as faster:
        faster.setattr(disk, "_sync", lambda _: None)
        o.sealed(root, "S0001")
        o.revealed(root, "S0001")
        o.valued(root, "S0001")
        ok(root, "draw", DRAW)
        ok(root, "lists", DRAW)
        ok(root, "results", DRAW, fill(root).relative_to(root))
        _repeated(session.open_session(root), count)
    return root


def _repeated(s: session.Session, count: int) -> None:
    w, agency = s.workspace, s.charter.agency
    key = keys.load(w, s.world, "log", agency)

    def note(size: int, head: bytes) -> bytes:
        text = log.Checkpoint(log.origin(agency), size, head).text()
        return f"{text}\n{signing.note_sign(log.origin(agency), key, text)}".encode()

    first = [row for row in s.index() if row["type"] != "charter"]
    names = [n for top in ("draws", "sittings", "private/names", "private/secrets") for n in w.names(top)]
    mine = {n: w.read(n) for n in names if DRAW in n or "/S0001/" in n}
    hashes = {n: canon.rhash(v).hex() for n, v in _records(mine).items()}
    for number in range(2, count + 1):
        swaps = ((DRAW, f"XJSC-2026-{number:04d}"), ("S0001", f"S{number:04d}"), ("P-2026-12", f"P-{number:04d}"))
        made = {_swapped(n, swaps): _bytes_swapped(d, swaps) for n, d in mine.items()}
        for name, data in made.items():
            w.write(name, data)
        records = _records(made)
        fresh = {hashes[n]: canon.rhash(records[_swapped(n, swaps)]).hex() for n in hashes}
        for row in first:
            old, new = row["rhash"], fresh[row["rhash"]]
            w.write(f"signatures/{new}.json", _bytes_swapped(w.read(f"signatures/{old}.json"), ((old, new),)))
            ids: dict[str, Any] = {k: _swapped(row[k], swaps) for k in ("draw_id", "sitting_id") if k in row}
            nonce = canon.sha256(f"{number} {old}".encode()).hex()[:32]
            s.journal.append({"type": row["type"], "rhash": new, "nonce": nonce, **ids}, note)


def _records(files: dict[str, bytes]) -> dict[str, Any]:
    found = {n: canon.decode(d) for n, d in files.items() if n.endswith(".json")}
    return {n: v for n, v in found.items() if isinstance(v, dict) and "type" in v}


def _swapped(text: str, swaps: Swaps) -> str:
    for old, new in swaps:
        text = text.replace(old, new)
    return text


def _bytes_swapped(data: bytes, swaps: Swaps) -> bytes:
    for old, new in swaps:
        data = data.replace(old.encode(), new.encode())
    return data
