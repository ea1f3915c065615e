"""records.md 3.2: what is refused of a plan whose fields are of the right kinds, in the order of its table."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

Input = dict[str, Any]
Rule = tuple[str, bool]  # the code, and whether it applies
REASONS = ("status", "no-class", "no-clause", "ratio-zero", "cap")
FILTERS = {"types", "industries", "tags"}
TRIGGERS = ("complaint", "report", "recall", "accident", "alert", "transfer")


def lowest(ratio: Input) -> bool:
    num, den = int(ratio["num"]), int(ratio["den"])
    return den > 0 and 0 <= num <= den and Fraction(num, den).denominator == den


def twice(names: list[str]) -> bool:
    return len(names) > len(set(names))


def scalars(plan: Input) -> Iterator[Rule]:
    yield "PLAN_LEVEL", plan["disclosure"] not in ("open", "standard", "after-inspection")
    yield "PLAN_VISITS", plan["visits"]["from"] > plan["visits"]["to"]
    reasons = [*REASONS, *["off-target"] * ("target" in plan), *["grace"] * ("grace" in plan)]
    yield "PLAN_EXCLUSIONS", sorted(plan["exclusions"]) != sorted(reasons)
    yield "PLAN_ITEMS", plan["items"] == []
    yield "PLAN_GAMMA", plan["risk"]["gamma"] > 3
    yield "PLAN_UNITS", plan.get("units", "owner") != "owner"
    yield "PLAN_RATIO", not (lowest(plan["risk"]["floor"]) and lowest(plan["q_max"]))
    yield "PLAN_COOLDOWN", any(c["months"] > 24 or c["class"] not in list("ABCD") for c in plan["cooldown"])
    places = [t["stratum"] for t in plan["types"]] + plan["districts"]
    yield "PLAN_PART", any("." in place or len(place) > 30 for place in places)


def clauses(plan: Input) -> Iterator[Rule]:
    yield "PLAN_CLAUSES", plan["clauses"] == [] or twice([c["clause"] for c in plan["clauses"]])
    for c in plan["clauses"]:
        fields = {"drawn", "batches_left"} & set(c)
        wanted = {"year": 2, "task": 0}.get(c["period"])
        yield "PLAN_CLAUSE_PERIOD", len(fields) != wanted or c.get("batches_left") == 0
        yield "PLAN_CLASS", not set(c["classes"]) <= set("ABCD")


def teams(plan: Input) -> Iterator[Rule]:
    found, initiator = plan["templates"], plan["assignment"].get("initiator")
    yield "PLAN_TEMPLATES", found == [] or "when" in found[-1]
    for t in found:
        own = [g for g in t["groups"] if "expert" not in g["needs"]]
        yield "PLAN_TEAM", sum(g["count"] for g in own) < 2 or any(g["count"] == 0 for g in t["groups"])
        of = [g.get("department") for g in own]
        leads = {g.get("department") for g in t["groups"] if "lead" in g["needs"]}
        yield "PLAN_JOINT", any(of) and (not all(of) or initiator not in of or leads != {initiator})


def areas(plan: Input) -> Iterator[Rule]:
    rules = plan["assignment"]
    clusters, limits = rules.get("clusters", []), rules.get("limits", [])
    known = rules["jurisdiction"] in ("district", "cluster", "any")
    yield "PLAN_JURISDICTION", not known or (rules["jurisdiction"] == "cluster") != (clusters != [])
    yield "PLAN_CLUSTERS", twice([d for c in clusters for d in c["districts"]])
    sets = [set(x["districts"]) for x in limits]
    empty = any(
        x["most"] == 0 or not x["districts"] or not set(x["districts"]) <= set(plan["districts"]) for x in limits
    )
    crossed = any(a & b and not a < b and not b < a for a, b in combinations(sets, 2))
    yield "PLAN_LIMITS", empty or crossed
    yield "PLAN_TOGETHER", rules.get("together") == 0
    rungs = [r["rung"] for r in rules["ladder"]]
    yield "PLAN_LADDER", rungs == [] or twice(rungs) or "vacancy" in rungs


def aims(plan: Input) -> Iterator[Rule]:
    yield "PLAN_GRACE", "grace" in plan and not 1 <= plan["grace"] <= 36
    target = plan.get("target")
    if target is None:
        return
    ways = [way for way in ("when", "triggers", "given") if way in target]
    yield "PLAN_TARGET", len(ways) != 1 or ("when" in target and not set(target["when"]) & FILTERS)
    if "when" in target:
        return
    last = plan["visits"]["to"]
    leads = target.get("triggers", [])
    yield "PLAN_TRIGGER", any(t["reason"] not in TRIGGERS or t["date"] > last for t in leads)
    yearly = any(c["period"] == "year" for c in plan["clauses"])
    named = leads if "triggers" in target else target["given"]["objects"]
    yield "PLAN_TARGET", not named or yearly or plan["cooldown"] != [] or "grace" in plan or "units" in plan
    if "given" in target:
        whole = all(c["ratio"] == "100%" for c in plan["clauses"])
        yield "PLAN_GIVEN", not whole or target["given"]["date"] > last


def lots(plan: Input) -> Iterator[Rule]:
    if "batches" in plan:
        yield "PLAN_BATCHES", not held_once(plan["batches"], plan["districts"])
    samples = [c["sample"] for c in plan["clauses"] if "sample" in c]
    sizes = [x["size"] for x in plan.get("lots", [])]
    yield "PLAN_LOTS", ("lots" in plan) != (samples != []) or plan.get("lots") == []
    yield "PLAN_LOTS", not all(1 <= n <= 10_000 for n in samples + sizes)


def held_once(found: list[Input], districts: list[str]) -> bool:
    held = [d for b in found for d in b["districts"]]
    return len(found) >= 2 and sorted(held) == sorted(districts)


def refusal(plan: Input) -> str:
    """The code of the first rule that applies; empty when none does."""
    rules = (rule for part in (scalars, clauses, teams, areas, aims, lots) for rule in part(plan))
    return next((code for code, applies in rules if applies), "")
