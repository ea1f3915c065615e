"""Forged bundles whose manifest fits again: only replaying the draw can refuse them (conformance.md, 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Files = dict[str, bytes]


def read_bundle(folder: Path) -> Files:
    """Return a bundle's files by path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def write_bundle(folder: Path, files: Files) -> None:
    """Write a bundle's files."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def relisted(files: Files) -> Files:
    """Return the files with a manifest that names them as they are now."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [
        {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for path, data in sorted(files.items())
        if path != "manifest.json"
    ]
    return files | {"manifest.json": canonical(manifest)}


def record(path: str, change: Callable[[Any], object]) -> Callable[[Files], Files]:
    """Return the forgery that changes one JSON file in place."""

    def forge(files: Files) -> Files:
        value = json.loads(files[path])
        change(value)
        return relisted(files | {path: canonical(value)})

    return forge


def text(path: str, change: Callable[[str], str]) -> Callable[[Files], Files]:
    """Return the forgery that changes one text file."""

    def forge(files: Files) -> Files:
        before = files[path].decode()
        after = change(before)
        if before == after:
            raise ValueError(f"{path} was not changed")
        return relisted(files | {path: after.encode()})

    return forge


def field(row: int, column: int, change: Callable[[str], str]) -> Callable[[str], str]:
    """Return the change of one field of a table, rows counted from 1 below the header."""

    def of(table: str) -> str:
        lines = [line.split("\t") for line in table.split("\n")]
        lines[row][column] = change(lines[row][column])
        return "\n".join("\t".join(line) for line in lines)

    return of


def swap_drawn(draw: dict[str, Any]) -> None:
    """Spare the first drawn object that has a reserve in its stratum."""
    for reserve in draw["reserves"]:
        for chosen in draw["drawn"]:
            if chosen["stratum"] == reserve["stratum"] and chosen["rank"]:
                chosen["object_id"], reserve["object_id"] = reserve["object_id"], chosen["object_id"]
                return


def drop_last(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda value: value[name].pop()


def shift(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda target: target.update({name: value})


def plus_one(number: str) -> str:
    return str(int(number) + 1)


def other_digit(value: str) -> str:
    return ("1" if value[0] == "0" else "0") + value[1:]


FORGERIES: dict[str, Callable[[Files], Files]] = {
    "manifest-only-relisted-with-an-extra-file": lambda files: relisted(files | {"notes.txt": b"x"}),
    "drawn-object-spared": record("draw.json", swap_drawn),
    "drawn-object-left-out": record("draw.json", drop_last("drawn")),
    "reserve-left-out": record("draw.json", drop_last("reserves")),
    "seed-other": record("seed.json", lambda seed: seed.update(seed=other_digit(seed["seed"]))),
    "value-other": record("public-value.json", lambda v: v.update(value=v["value"][:-2] + "80")),
    "value-unsorted": record("public-value.json", lambda v: v.update(value=v["value"][2:] + v["value"][:2])),
    "reveal-other": record("sitting.json", lambda s: s["reveals"][0].update(r=other_digit(s["reveals"][0]["r"]))),
    "reveal-called-absent": record("closing.json", lambda c: c["absent"].append(c["revealed"].popitem()[0])),
    "commitment-of-another-plan": record("commitment.json", lambda c: c.update(plan=other_digit(c["plan"]))),
    "frame-count": record("commitment.json", lambda c: c["frame"].update(count=c["frame"]["count"] + 1)),
    "plan-more-reserves": record("plan.json", lambda p: p.update(reserves=p["reserves"] + 1)),
    "plan-other-gamma": record("plan.json", lambda p: p["risk"].update(gamma=3)),
    "frame-row-left-out": text("frame.tsv", lambda t: t.split("\n", 2)[0] + "\n" + t.split("\n", 2)[2]),
    "frame-other-class": text("frame.tsv", field(1, 2, lambda _: "A")),
    "frame-other-level": text("frame.tsv", field(1, 8, lambda level: "1" if level != "1" else "2")),
    "excluded-row-left-out": text("excluded.tsv", lambda t: t.split("\n", 2)[0] + "\n" + t.split("\n", 2)[2]),
    "history-erased": text("history.tsv", lambda t: t.split("\n", 1)[0] + "\n"),
    "strata-one-fewer": text("strata.tsv", field(1, 4, lambda n: str(int(n) - 1))),
    "levels-other-l": text("levels.tsv", field(2, 3, plus_one)),
    "levels-other-target": text("levels.tsv", field(2, 2, plus_one)),
    "levels-other-pi": text("levels.tsv", field(2, 4, lambda pi: str(int(pi) + 3))),
    "tau-other-ticket": text("tau.tsv", field(1, 1, other_digit)),
    "tau-other-l": text("tau.tsv", field(1, 2, plus_one)),
    "scores-one-lower": text("scores.csv", lambda t: t.replace(",450000\n", ",450001\n")),
    "officer-dropped": text("roster.tsv", lambda t: t.split("\n", 2)[0] + "\n" + t.split("\n", 2)[2]),
    "recusal-dropped": text("recusals.tsv", lambda t: t.split("\n", 1)[0] + "\n"),
    "team-member-left-out": record("assignment.json", lambda a: a["teams"][0]["members"].pop()),
    "cost-lower": record("assignment.json", lambda a: a["blocks"][0].update(cost=str(int(a["blocks"][0]["cost"]) - 1))),
    "signature-dropped": record("signatures.json", lambda s: s.pop()),
    "log-entry-dropped": text("log/entries", lambda t: t.rsplit("\n", 2)[0] + "\n"),
    "checkpoint-other-root": text("log/checkpoint", lambda t: t.replace("\n", "\n1", 1)),
    "other-draw-id": record("draw.json", shift("draw_id", "DEMO-2026-0002")),
    "charter-other-key": record(
        "charter.json", lambda c: c["keys"][0].update(public=other_digit(c["keys"][0]["public"]))
    ),
    "demo-flag-dropped": record("charter.json", lambda c: c.pop("demo", None) or c.update(name="x")),
}
