"""Valid plans at random, with every key a plan may have, as TOML has them."""

from __future__ import annotations

import random
import string
from typing import Any

from sampler.plan import REASONS
from sampler.target import TRIGGERS
from sampler.wording import TYPES

ALPHABET = string.ascii_letters + string.digits + "-_"
WORDS = (
    "云岭县",
    "食品",
    "=1+1",
    "@SUM(A1)",
    "+86",
    "-",
    "a;b",
    "“引号”",
    "'x",
    "𠮷野家",
    "10%",
    "2026-12-01",
    "#N/A",
    "<b>",
    "é",
)
FILES = ("objects", "classes", "roster", "recusals", "items", "caps", "history", "scores")


def name(rng: random.Random, most: int = 12) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, most)))


def names(rng: random.Random, low: int, high: int) -> list[str]:
    """Return ids in the order of a record."""
    return sorted({name(rng) for _ in range(rng.randint(low, high))} | ({name(rng)} if low else set()), key=str.encode)


def words(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 3)))


def day(rng: random.Random, year: int = 2026) -> str:
    return f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def when(rng: random.Random) -> dict[str, Any]:
    keys = rng.sample(("types", "industries", "tags"), rng.randint(1, 3))
    return {k: sorted(rng.sample(sorted(TYPES), 2)) if k == "types" else names(rng, 1, 3) for k in keys}


def groups(rng: random.Random) -> list[dict[str, Any]]:
    return [{"group": g, "count": rng.randint(2, 3), "needs": names(rng, 0, 2)} for g in names(rng, 1, 3)]


def clause(rng: random.Random, code: str, *, free: bool) -> dict[str, Any]:
    ratio = rng.choice(("10%", ">=3%", "<=2.5‰", "0%", "100%"))
    out: dict[str, Any] = {
        "clause": code,
        "classes": sorted(rng.sample("ABCD", rng.randint(1, 4))),
        "types": names(rng, 1, 2),
        "ratio": ratio,
        "period": "task",
    }
    if free and rng.random() < 0.4:
        out |= {"period": "year", "drawn": rng.randint(0, 99), "batches_left": rng.randint(1, 9)}
    return out


def assignment(rng: random.Random, districts: list[str]) -> dict[str, Any]:
    rungs = [
        {"rung": r, "below": rng.randint(0, 9), "above": rng.randint(0, 9)}
        for r in rng.sample(("even", "one", "wide"), rng.randint(1, 3))
    ]
    out: dict[str, Any] = {
        "jurisdiction": rng.choice(("district", "any")),
        "leave_days": rng.randint(0, 31),
        "ladder": rungs,
    }
    if rng.random() < 0.5:
        out |= {"jurisdiction": "cluster", "clusters": [{"cluster": "k", "districts": districts[:2]}]}
    if rng.random() < 0.5:
        pairs = sorted({(name(rng), rng.choice(districts)) for _ in range(3)}, key=lambda p: [x.encode() for x in p])
        out["cross"] = [{"inspector_id": i, "district": d, "document": words(rng)} for i, d in pairs]
    if rng.random() < 0.5:
        out["fixed"] = [
            {"object_id": o, "group": "lead", "inspector_id": name(rng), "document": words(rng)}
            for o in names(rng, 1, 3)
        ]
    if rng.random() < 0.5:
        out["limits"] = [
            {"limit": f"w{n}", "districts": [d], "most": rng.randint(1, 9)} for n, d in enumerate(districts[:5])
        ]
    if rng.random() < 0.5:
        out |= {"rotate": True, "initiator": name(rng), "together": rng.randint(1, 9)}
    return out


def plan(rng: random.Random) -> dict[str, Any]:
    districts = names(rng, 2, 6)
    triggered = rng.random() < 0.25
    free = not triggered
    exclusions = list(REASONS)
    out: dict[str, Any] = {
        "plan_id": name(rng), "scope": name(rng), "title": words(rng), "agency": "XJSC", "period": "2026-12",
        "disclosure": rng.choice(("open", "standard", "after-inspection")), "visits": {"from": day(rng), "to": day(rng, 2027)},
        "items": names(rng, 1, 4), "districts": districts, "active": rng.sample(("存续", "在营（开业）", "=在册"), rng.randint(1, 3)),
        "types": [{"type": t, "stratum": name(rng)} for t in sorted(rng.sample(sorted(TYPES), rng.randint(1, 4)))],
        "clauses": [clause(rng, c, free=free) for c in rng.sample("ABCDEF", rng.randint(1, 4))],
        "cooldown": [{"class": c, "months": rng.randint(0, 24)} for c in sorted(rng.sample("ABC", rng.randint(0, 3)))] if free else [],
        "risk": {"floor": rng.choice(("1/5", "0", "1", "3/7")), "gamma": rng.randint(0, 3)}, "reserves": rng.randint(0, 9),
        "dry_runs": rng.randint(0, 99), "q_max": rng.choice(("1/2", "1")), "assignment": assignment(rng, districts),
        "templates": [*({"template": t, "when": when(rng), "groups": groups(rng)} for t in names(rng, 0, 3)), {"template": "last.", "groups": groups(rng)}],
        "source": {"source": "lottery:kl8:2026339"}, "approval": {"form": words(rng), "date": day(rng)},
        "deadlines": {"reveal": f"{day(rng)}T10:00:00Z", "draw": f"{day(rng)}T16:30:{rng.randint(0, 59):02d}Z"},
        "files": {k: f"{words(rng)}.csv" for k in FILES} | ({"model": "points.json", "labels": "标签.csv"} if rng.random() < 0.5 else {}),
    }  # fmt: skip
    if rng.random() < 0.3:
        out["clauses"][0]["sample"] = rng.randint(1, 10_000)
        out["lots"] = [{"object_id": o, "size": rng.randint(1, 10_000)} for o in names(rng, 1, 4)]
    if rng.random() < 0.5:
        out["caps"] = [{"item": i, "department": name(rng), "cap": rng.randint(0, 9)} for i in out["items"]]
    if rng.random() < 0.5:
        out["approval"]["by"] = rng.sample(("局长", "分管副局长", "=主任"), 2)
    if rng.random() < 0.5:
        out["note"] = words(rng)
    if rng.random() < 0.4:
        out["batches"] = [{"batch": "east", "districts": districts[:1]}, {"batch": "west", "districts": districts[1:]}]
    if free and rng.random() < 0.4:
        out |= {"units": "owner", "grace": rng.randint(1, 36)}
        exclusions.append("grace")
    if triggered:
        rows = {(o, day(rng), rng.choice(TRIGGERS), name(rng)) for o in names(rng, 1, 4)}
        keys = ("object_id", "date", "reason", "source")
        out["target"] = {"filter": words(rng), "triggers": [dict(zip(keys, r, strict=True)) for r in sorted(rows)]}
    elif rng.random() < 0.4:
        out["target"] = {"filter": words(rng), "when": when(rng)}
    exclusions += ["off-target"] if "target" in out else []
    rng.shuffle(exclusions)
    return out | {"exclusions": exclusions}
