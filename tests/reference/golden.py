"""The golden bundle: every file of records.md 6 for the world of world.py, and the intermediate values."""

import json
from collections import Counter
from fractions import Fraction
from typing import Any, NamedTuple

from tests.reference import assign, bytes_, eligible, owners, pareto, strata, tables, tree, world
from tests.reference.tables import Row

SPEC = "draw/v1-draft"
ZEROS = "0" * 64
NUMBERED = ("0", "T")


class Selection(NamedTuple):
    frame: list[Row]  # with stratum and level
    strata: list[Row]
    levels: list[Row]
    shown: dict[str, Any]
    plan: dict[str, Any]


def cooling(class_: str, object_id: str, plan: dict[str, Any], history: list[Row]) -> bool:
    months = next((rule["months"] for rule in plan["cooldown"] if rule["class"] == class_), 0)
    year, month = map(int, plan["period"].split("-"))
    count = 12 * year + month - 1
    seen = {f"{object_id}/{k // 12:04d}-{k % 12 + 1:02d}" for k in range(count - months, count)}
    return any(row["drawn"] == "1" and row["key"] in seen for row in history)


def strata_of(plan: dict[str, Any], frame: list[Row]) -> dict[str, strata.Stratum]:
    kinds = {rule["type"]: rule["stratum"] for rule in plan["types"]}
    cells: dict[str, dict[strata.Cell, int]] = {}
    for row in frame:
        clause = next(
            c["clause"] for c in plan["clauses"] if row["class"] in c["classes"] and kinds[row["type"]] in c["types"]
        )
        counts = cells.setdefault(clause, {})
        cell = (row["class"], kinds[row["type"]], row["district"])
        counts[cell] = counts.get(cell, 0) + 1
    totals = {}
    for rule in plan["clauses"]:
        if rule["clause"] in cells:
            units = sum(cells[rule["clause"]].values())
            year = (rule.get("drawn", 0), rule.get("batches_left", 1))
            totals[rule["clause"]] = strata.clause_total(rule["ratio"], units, rule["period"], *year)
    return strata.strata(cells, totals)


def level_rows(name: str, level_of: list[str], target: dict[str, int], m: int, cold: int) -> tuple[list[Row], Any]:
    """Rows of levels.tsv of one stratum, and pi to 30 places."""
    counts = Counter(level_of)
    numbered = sorted((level for level in counts if level not in NUMBERED), key=int)
    sizes = [counts[level] for level in numbered]
    big_l: list[int] = []
    pi: list[Fraction] = []
    if numbered:
        big_l = pareto.parameters([Fraction(target[level], strata.E12) for level in numbered], sizes, m)
        pi = pareto.inclusion(big_l, sizes, m)
    rows = [
        (level, counts[level], target[level], value, strata.half_up(strata.E12 * p))
        for level, value, p in zip(numbered, big_l, pi, strict=True)
    ]
    if cold:
        rows.append(("0", cold, 0, 0, 0))
    if counts["T"]:
        rows.append(("T", counts["T"], strata.E12, pareto.Q32, strata.E12))
    names = ("key", "count", "target_e12", "L", "pi_e12")
    texts = [(f"{name}/{row[0]}", *map(str, row[1:])) for row in rows]
    shown = {f"{name}/{level}": pareto.digits(p) for level, p in zip(numbered, pi, strict=True)}
    return [dict(zip(names, text, strict=True)) for text in texts], shown


def select(plan: dict[str, Any], frame: list[Row], scores: dict[str, int], history: list[Row]) -> Selection:
    """Everything that is sealed about the sizes: strata, weights, targets, levels, L, pi."""
    kinds = {rule["type"]: rule["stratum"] for rule in plan["types"]}
    floor_ = plan["risk"]["floor"]
    out = Selection([], [], [], {"weights": {}, "pi": {}, "strata": {}}, plan)
    units = owners.units(plan, frame)
    cold_classes = {rule["class"] for rule in plan["cooldown"] if rule["months"] > 0}
    for name, stratum in strata_of(plan, units).items():
        mine = [r for r in units if (r["class"], kinds[r["type"]], r["district"]) in stratum.cells]
        cold = [r for r in mine if cooling(r["class"], r["object_id"], plan, history)]
        warm = [r for r in mine if r not in cold]
        risks = [owners.risk(r, scores) for r in warm]
        weights = strata.weights(risks, int(floor_["num"]), int(floor_["den"]), plan["risk"]["gamma"])
        level_of, target = strata.levels(weights, stratum.n, cooldown=stratum.cells[0][0] in cold_classes)
        take_all = level_of.count("T")
        rows, pi = level_rows(name, level_of, target, stratum.n - take_all, len(cold))
        out.levels.extend(rows)
        placed = [*((r, "0") for r in cold), *zip(warm, level_of, strict=True)]
        out.frame.extend(row | {"stratum": name, "level": level} for r, level in placed for row in r["objects"])
        sizes = (len(mine), len(warm), stratum.n, stratum.n - take_all, take_all)
        texts = (name, stratum.clause, *map(str, sizes))
        out.strata.append(dict(zip(tables.columns("strata"), texts, strict=True)))
        out.shown["weights"] |= {r["object_id"]: str(w) for r, w in zip(warm, weights, strict=True)}
        out.shown["pi"] |= pi
        out.shown["strata"][name] = {
            "cells": {
                ".".join(c): sum((r["class"], kinds[r["type"]], r["district"]) == c for r in mine)
                for c in stratum.cells
            },
            **dict(zip(("N", "eligible", "n", "m", "take_all"), sizes, strict=True)),
        }
    return out


class Drawing(NamedTuple):
    drawn: list[dict[str, Any]]
    reserves: list[dict[str, Any]]
    tau: list[Row]
    shown: dict[str, Any]


def draw_objects(chosen: Selection, seed: bytes, reserves: int) -> Drawing:
    stream = pareto.object_stream(seed)
    big_l = {row["key"]: int(row["L"]) for row in chosen.levels}
    out = Drawing([], [], [], {"stream": stream.hex(), "tickets": {}, "order": {}})
    whole = owners.units(chosen.plan, chosen.frame)
    objects = {u["object_id"]: [r["object_id"] for r in u["objects"]] for u in whole}
    for row in chosen.strata:
        name, m = row["stratum"], int(row["m"])
        mine = [r for r in whole if r["stratum"] == name]
        taken = [r["object_id"] for r in mine if r["level"] == "T"]
        units = [(r["object_id"], big_l[f"{name}/{r['level']}"]) for r in mine if r["level"] not in NUMBERED]
        drawn, more, tau = pareto.choose(units, stream, m, reserves)
        out.drawn.extend({"object_id": e, "stratum": name, "rank": 0} for e in taken)
        out.drawn.extend({"object_id": e, "stratum": name, "rank": k} for k, e in enumerate(drawn, start=1))
        out.reserves.extend({"object_id": e, "stratum": name, "rank": k} for k, e in enumerate(more, start=m + 1))
        if tau is not None:
            out.tau.append({"stratum": name, "h": f"{tau[0]:064x}", "L": str(tau[1])})
        out.shown["order"][name] = [entry[0] for entry in pareto.order(units, stream)]
        out.shown["tickets"] |= {e: f"{pareto.ticket(stream, e):064x}" for e, _ in units}
    for entry in (*out.drawn, *out.reserves):
        entry["object_id"] = owners.second(seed, entry["object_id"], objects[entry["object_id"]])
    out.drawn.sort(key=lambda entry: entry["object_id"].encode())
    out.reserves.sort(key=lambda entry: entry["object_id"].encode())
    return out


def assignment(
    plan: dict[str, Any], drawn: list[Row], roster: list[Row], recusals: list[Row], seed: bytes
) -> tuple[dict[str, Any], dict[str, Any]]:
    demands, templates = eligible.demands_of(drawn, plan, world.item_rows(), roster, recusals)
    loads = {row["inspector_id"]: int(row["max_load"]) for row in roster}
    ladder = [(rung["rung"], rung["below"], rung["above"]) for rung in plan["assignment"]["ladder"]]
    ticket = assign.ticket_of(seed)
    blocks = assign.assign(demands, loads, ladder, ticket)
    picks = sorted(pick for block in blocks for pick in block.picks)
    teams = []
    for e in sorted(demands, key=str.encode):
        members = [{"group": g, "inspector_id": i} for object_id, g, i in picks if object_id == e]
        short = {g: count - sum(p[:2] == (e, g) for p in picks) for g, (count, _) in sorted(demands[e].items())}
        vacant = [{"group": g, "count": count} for g, count in short.items() if count]
        teams.append({"object_id": e, "template": templates[e], "members": members, "vacant": vacant})
    record = {
        "type": "assignment",
        "draw_id": world.DRAW_ID,
        "blocks": [
            {
                "block": b.block,
                "rung": b.rung,
                "round": b.round,
                "cost": str(b.cost),
                "vacancies": b.vacancies,
                "potentials": {node: str(value) for node, value in b.potentials.items()},
            }
            for b in blocks
        ],
        "teams": teams,
        "bans": [],
    }
    shown = {
        "tickets": {
            f"{b.round}/{e}/{g}/{i}": ticket(b.round, e, g, i)
            for b in blocks
            for e in b.objects
            for g, (_, officers) in sorted(demands[e].items())
            for i in officers
        },
        "blocks": [
            {
                "objects": b.objects,
                "officers": b.officers,
                "demand": b.demand,
                "bounds": {i: list(v) for i, v in b.bounds.items()},
            }
            for b in blocks
        ],
    }
    return record, shown


def pretty(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def root(table: str, rows: list[Row]) -> dict[str, Any]:
    return {"root": tree.root(tables.leaves(table, rows, world.DRAW_ID)).hex(), "count": len(rows)}


def spec_hash() -> str:
    return bytes_.h("spec", SPEC).hex()
