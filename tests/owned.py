"""Worlds in which owners are drawn: a whole bundle made by the naive twin, and random registries for the program."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from sampler import draw, frame, tables
from sampler.plan import Plan
from sampler.records import TABLE_COLUMNS
from sampler.tables import NONE, Table, from_rows
from tests.forge import Forge
from tests.reference import bundle, world

E12 = 10**12
CLASSES = "BC"
Row = tuple[str, str, str, str, str, int]
"""Object, owner or `-`, class, type, district, risk."""


@cache
def made() -> dict[str, bytes]:
    """The golden world with owners as units: two owners of two objects each among twelve objects."""
    return bundle.build(units="owner")[0]


class Owned(Forge):
    """A forger of that bundle."""

    def __init__(self) -> None:
        super().__init__()
        self.files = dict(made())

    def row(self, object_id: str, column: str, value: str) -> None:
        """Change one field of frame.tsv and seal the table as it then stands."""
        lines = self.files["frame.tsv"].decode().split("\n")
        names = lines[0].split("\t")
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{object_id}\t"))
        fields = lines[at].split("\t")
        fields[names.index(column)] = value
        lines[at] = "\t".join(fields)
        self.files["frame.tsv"] = "\n".join(lines).encode()

    def pick(self, listed: str, old: str, new: str) -> None:
        """List another object for the same owner, as the draw record would if nobody replayed it."""
        rows = self.get("draw.json")[listed]
        for row in rows:
            row["object_id"] = new if row["object_id"] == old else row["object_id"]
        self.change("draw.json", **{listed: sorted(rows, key=lambda r: str(r["object_id"]))})


def table(name: str) -> Table:
    return tables.decode(made()[name], TABLE_COLUMNS[name], file=name)


def plan(*, owners: bool = True, **changes: Any) -> Plan:
    found: Plan = Plan.from_dict(world.plan() | changes | ({"units": "owner"} if owners else {}))
    return found


def easy(*, owners: bool = True, ratio: str = "40%", cooldown: int = 0, reserves: int = 2) -> Plan:
    """One clause for both classes and both types, each type a stratum type of its own."""
    return plan(
        owners=owners, reserves=reserves, cooldown=[{"class": "B", "months": cooldown}] if cooldown else [],
        types=[{"type": "enterprise", "stratum": "e"}, {"type": "individual", "stratum": "i"}],
        clauses=[{"clause": "all", "classes": ["B", "C"], "types": ["e", "i"], "ratio": ratio, "period": "task"}],
    )  # fmt: skip


def rows(rng: random.Random, count: int, owners: int) -> list[Row]:
    """Objects of which some share an owner; an owner may itself be an object."""
    found: list[Row] = []
    for n in range(count):
        name = f"o{n:04d}"
        owner = rng.choice((NONE, NONE, name, f"o{rng.randrange(owners):04d}", f"w{rng.randrange(owners)}"))
        type_, district = rng.choice(("enterprise", "individual")), rng.choice(("310101", "310104"))
        found.append((name, owner, rng.choice(CLASSES), type_, district, rng.choice((0, 1000, 90_000, 400_000))))
    return found


def sources(given: list[Row], history: Table | None = None) -> draw.Sources:
    objects = from_rows(
        ("object_id", "owner_id", "object_type", "district", "industry", "tags", "status"),
        [(o, "" if w == NONE else w, t, d, "F51", "", "存续") for o, w, _, t, d, _ in given],
    )
    registry = frame.Registry(objects=objects, classes={r[0]: r[2] for r in given}, visits={})
    empty = {name: from_rows(TABLE_COLUMNS[f"{name}.tsv"], []) for name in ("history", "items")}
    plain = {name: table(f"{name}.tsv").without("nonce") for name in ("roster", "recusals")}
    scores = "object_id,risk_ppm\n" + "".join(f"{r[0]},{r[5]}\n" for r in sorted(given))
    return draw.Sources(
        registry=registry, history=history or empty["history"], items=empty["items"], roster=plain["roster"],
        recusals=plain["recusals"], scores=scores.encode(),
    )  # fmt: skip


def sealed(by: Plan, given: list[Row], history: Table | None = None) -> dict[str, Table]:
    """The tables of a seal."""
    files = draw.commit(by, sources(given, history), bytes(32), "DEMO-2026-0001").files
    names = ("frame.tsv", "strata.tsv", "levels.tsv", "history.tsv")
    return {n: tables.decode(files[n], TABLE_COLUMNS[n], file=n) for n in names}


def drawn(by: Plan, held: dict[str, Table], seed: bytes) -> draw.Selection:
    return draw.select(by, held["frame.tsv"], held["strata.tsv"], held["levels.tsv"], seed)


def without_units(by: Plan) -> Plan:
    return replace(by, units=None)
