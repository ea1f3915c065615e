"""records.md 3.2 and 3.8: what a targeted draw is aimed at, the grace of young firms, the order of batches."""

from typing import Any

from tests.reference.bytes_ import h, rhash
from tests.reference.infer import months_apart
from tests.reference.strata import RefusedError

Input = dict[str, Any]
REASONS = ("status", "no-class", "no-clause", "ratio-zero", "cap")
FILTERS = ("types", "industries", "tags")


def grace(i: Input) -> bool:
    return bool(i["established"] != "-") and months_apart(i["period"], i["established"][:7]) < i["months"]


def batches(i: Input) -> list[str]:
    held_twice(i["batches"], i["districts"])
    seed = bytes.fromhex(i["seed"])
    return sorted((b["batch"] for b in i["batches"]), key=lambda name: (h("batch", seed, name), name.encode()))


def held_twice(found: list[Input], districts: list[str]) -> None:
    held = [d for b in found for d in b["districts"]]
    if len(found) < 2 or sorted(held) != sorted(districts):
        raise RefusedError("PLAN_BATCHES", "")


def plan(i: Input) -> str:
    """The rules of targets, grace, batches and lots; everything else of the plan is right."""
    record = i["record"]
    target = record.get("target")
    reasons = [*REASONS, *(["off-target"] if target else []), *(["grace"] if "grace" in record else [])]
    if sorted(record["exclusions"]) != sorted(reasons):
        raise RefusedError("PLAN_EXCLUSIONS", "")
    if target is not None:
        aimed_right(record, target)
    if "batches" in record:
        held_twice(record["batches"], record["districts"])
    sampled = any("sample" in c for c in record["clauses"])
    if ("lots" in record) != sampled or record.get("lots") == []:
        raise RefusedError("PLAN_LOTS", "")
    return rhash(record).hex()


def aimed_right(record: Input, target: Input) -> None:
    ways = [way for way in ("when", "triggers", "given") if way in target]
    if len(ways) != 1 or ("when" in target and not set(target["when"]) & set(FILTERS)):
        raise RefusedError("PLAN_TARGET", "")
    if "when" in target:
        return
    dates = [t["date"] for t in target.get("triggers", [])]
    if any(date > record["visits"]["to"] for date in dates):
        raise RefusedError("PLAN_TRIGGER", "")
    yearly = any(c["period"] == "year" for c in record["clauses"])
    named = target["triggers"] if "triggers" in target else target["given"]["objects"]
    if not named or yearly or record["cooldown"] or "grace" in record or "units" in record:
        raise RefusedError("PLAN_TARGET", "")
    if "given" in target:
        whole = all(c["ratio"] == "100%" for c in record["clauses"])
        if not whole or target["given"]["date"] > record["visits"]["to"]:
            raise RefusedError("PLAN_GIVEN", "")
