"""Frames for the streaming engine: the same units as Parquet and as what `sampler.draw.commit` takes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sampler import canon, draw, frame, records, tables
from sampler.plan import Plan, validate
from tests.support import ROOT

DRAW = "TEST-2026-0001"
SECRET = bytes(range(32))
SEED = bytes(range(32, 64))
DISTRICTS = tuple(f"3301{n:02d}" for n in range(1, 6))
TYPES = ("coop", "enterprise", "individual")
COLUMNS = ("object_id", "class", "type", "district", "risk_ppm", "cooling")
CODES = "0123456789ABCDEFGHJKLMNPQRTUWXY"
Row = tuple[str, str, str, str, int, bool]


def plan(**changes: Any) -> Plan:
    """A plan with two clauses; A and B may be drawn only every third month."""
    held = Plan.parse((ROOT / "tests/vectors/golden/bundle-12/plan.json").read_bytes(), "plan.json").to_dict()
    held |= {
        "districts": list(DISTRICTS), "caps": [], "period": "2026-12", "reserves": 2,
        "types": [{"type": t, "stratum": "coop" if t == "coop" else "firm"} for t in TYPES],
        "clauses": [
            {"clause": "low", "classes": ["A", "B"], "types": ["coop", "firm"], "ratio": "2%", "period": "task"},
            {"clause": "high", "classes": ["C", "D"], "types": ["coop", "firm"], "ratio": "25%", "period": "task"},
        ],
        "cooldown": [{"class": "A", "months": 2}, {"class": "B", "months": 2}],
        **changes,
    }  # fmt: skip
    return validate(Plan.from_dict(held))


def rows(
    count: int, seed: int, *, risks: Sequence[int] = (0, 1, 20_000, 150_000, 1_000_000), odd: bool = False
) -> list[Row]:
    """Distinct units in no order; `odd` gives ids of every length."""
    rng = random.Random(seed)
    ids: set[str] = set()
    while len(ids) < count:
        ids.add("".join(rng.choices(CODES + "._-a", k=rng.choice((4, 18, 23, 24, 55, 64)) if odd else 18)))
    out = []
    for oid in sorted(ids):
        class_ = rng.choices("ABCD", (50, 30, 15, 5))[0]
        cooling = class_ in "AB" and rng.random() < 0.05
        out.append((oid, class_, rng.choice(TYPES), rng.choice(DISTRICTS), rng.choice(risks), cooling))
    rng.shuffle(out)
    return out


def write(path: Path, held: Sequence[Row], *, group: int, cooling: bool = True) -> Path:
    """Write units as Parquet with row groups of `group`."""
    columns = dict(zip(COLUMNS, map(list, zip(*held, strict=True)), strict=True))
    if not cooling:
        del columns["cooling"]
    pq.write_table(pa.table(columns), path, row_group_size=group, compression="zstd")
    return path


def sources(held: Sequence[Row]) -> draw.Sources:
    """The same units as tables, where history tells who cools."""
    named = ("object_id", "owner_id", "object_type", "district", "industry", "tags", "status")
    objects = tables.from_rows(named, [(i, "", t, d, "", "", "存续") for i, _, t, d, _, _ in held])
    history = [(f"{i}/2026-11", "X-1", "-", "1") for i, *_, cooling in held if cooling]
    scores = "object_id,risk_ppm\n" + "".join(f"{i},{r}\n" for i, r in sorted((h[0], h[4]) for h in held))
    empty = tables.from_rows(("x",), [])
    return draw.Sources(
        registry=frame.Registry(objects=objects, classes={h[0]: h[1] for h in held}, visits={}),
        history=tables.from_rows(records.TABLE_COLUMNS["history.tsv"], history),
        items=empty, roster=empty, recusals=empty, scores=scores.encode(),
    )  # fmt: skip


def in_memory(rule: Plan, held: Sequence[Row]) -> dict[str, Any]:
    """What the workspace's own road gives."""
    sealed = draw.commit(rule, sources(held), SECRET, DRAW)
    decoded = {
        n: tables.decode(sealed.files[n], records.TABLE_COLUMNS[n]) for n in ("frame.tsv", "strata.tsv", "levels.tsv")
    }
    found = draw.select(rule, decoded["frame.tsv"].without("nonce"), decoded["strata.tsv"], decoded["levels.tsv"], SEED)
    nonces = dict(zip(decoded["frame.tsv"].key, decoded["frame.tsv"]["nonce"], strict=True))
    return {
        "root": sealed.frame.root, "count": sealed.frame.count, "strata.tsv": sealed.files["strata.tsv"],
        "levels.tsv": sealed.files["levels.tsv"], "tau.tsv": found.tau, "drawn": found.drawn, "reserves": found.reserves,
        "nonces": nonces,
    }  # fmt: skip


def digest(folder: Path) -> dict[str, str]:
    """Hashes of what a stream has written and everybody else computes as well."""
    out = next(folder.glob("draw-*"))
    files = [folder / "strata.tsv", folder / "levels.tsv", *(out / f"{n}.tsv" for n in ("drawn", "reserves", "tau"))]
    return {f.name: canon.sha256(f.read_bytes()).hex() for f in files}
