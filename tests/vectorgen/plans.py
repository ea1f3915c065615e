"""Vectors of area `plan`: rules of targeted draws, the grace of young firms, the order of batches (records.md 3.2, 3.8)."""

import copy
from typing import Any

from tests.reference import ops, world
from tests.vectorgen.case import Case, Maker, digest
from tests.vectorgen.near import near

SEED = digest("seed of the order of batches").hex()
Given = dict[str, Any]


TRIGGER = {"object_id": "a-3", "date": "2026-12-01", "reason": "complaint", "source": "12315-7"}


def grace() -> list[Case]:
    made, wrong = Maker("plan", "grace"), Maker("plan", "grace-follows")
    for name, desc, established, months in [
        ("same-month", "founded this month", "2026-12-31", 1),
        ("month-before", "founded last month, one month of grace", "2026-11-01", 1),
        ("last-day", "15 January to the end of December: eleven months", "2026-01-15", 12),
        ("over", "of 31 December the year before: twelve months", "2025-12-31", 12),
        ("over-first-day", "days do not count", "2025-12-01", 12),
        ("year-wrap", "two months over the turn of the year", "2025-11-30", 14),
        ("three-years", "36 months", "2023-12-31", 36),
        ("three-years-less", "35 months", "2024-01-01", 36),
        ("no-date", "without a date no grace", "-", 36),
        ("future", "a date after the month of the draw", "2027-02-01", 1),
    ]:
        made.good(name, desc, period="2026-12", months=months, established=established)
    for name, mutation, established, months, claim in [
        ("days", "counted in days: twelve months are not over on the 31st", "2025-12-31", 12, True),
        ("inclusive", "at most instead of fewer than", "2026-11-01", 1, True),
        ("years", "years compared only", "2025-01-15", 24, False),
        ("no-date", "no date taken for young", "-", 36, True),
        ("future", "the difference taken as positive", "2027-02-01", 1, False),
        ("thirty", "a month taken for thirty days", "2026-06-30", 6, True),
        ("off", "the month of founding not counted", "2026-12-01", 1, False),
    ]:
        wrong.bad(
            "VERIFY_FAILED", name, mutation, period="2026-12", months=months, established=established, claim=claim
        )
    return made.cases + wrong.cases


def parts(*groups: str) -> list[Given]:
    return [{"batch": f"b{n}", "districts": text.split()} for n, text in enumerate(groups, start=1)]


def batches() -> list[Case]:
    made, wrong = Maker("plan", "batches"), Maker("plan", "batches-follows")
    four = [f"3101{n:02d}" for n in (1, 4, 5, 6)]
    each: Given = {"districts": four, "batches": parts(*four)}
    made.good(
        "two",
        "two batches of two districts",
        seed=SEED,
        districts=four,
        batches=parts("310101 310106", "310104 310105"),
    )
    made.good("each", "every district a batch", seed=SEED, **each)
    made.good("other-seed", "the seed decides", seed=digest("another order").hex(), **each)
    many = [f"d{n:02d}" for n in range(30)]
    made.good("thirty", "thirty", seed=SEED, districts=many, batches=[{"batch": d, "districts": [d]} for d in many])
    for name, mutation, found in [
        ("none", "no batch", []),
        ("one", "a single batch has no order", parts(" ".join(four))),
        ("missing", "a district in no batch", parts("310101 310104", "310105")),
        ("twice", "a district in two batches", parts("310101 310104", "310104 310105 310106")),
        ("strange", "a district the plan does not have", parts("310101 310104", "310105 310107")),
        ("more", "one district more", parts("310101 310104", "310105 310106 310107")),
    ]:
        made.bad("PLAN_BATCHES", name, mutation, seed=SEED, districts=four, batches=found)
    truth = ops.OPS["plan"]["batches"]({"seed": SEED, **each})
    for name, mutation, claim in [
        ("by-name", "by name", sorted(truth)), ("backwards", "largest hash first", truth[::-1]), ("lost", "a batch left out", truth[1:]),
        ("swapped", "the first two swapped", [truth[1], truth[0], *truth[2:]]), ("turned", "begun with the second", [*truth[1:], truth[0]]),
        ("districts", "districts instead of batches", four), ("twice", "a batch twice", [*truth, truth[0]]),
    ]:  # fmt: skip
        wrong.bad("VERIFY_FAILED", name, mutation, seed=SEED, **each, claim=claim)
    return made.cases + wrong.cases


def plans() -> list[Case]:
    made = Maker("plan", "plan")
    base = world.plan()
    task = [
        {k: v for k, v in c.items() if k not in {"drawn", "batches_left"}} | {"period": "task"} for c in base["clauses"]
    ]
    aim, young = [*base["exclusions"], "off-target"], [*base["exclusions"], "grace"]
    when = {**base, "target": {"filter": "food", "when": {"tags": ["food"]}}, "exclusions": aim}
    leads = {"filter": "leads", "triggers": [TRIGGER]}
    lead = {**base, "target": leads, "exclusions": aim, "cooldown": [], "clauses": task}
    paper = {
        "authority": "省局",
        "document": "鲁市监信〔2026〕12号",
        "date": "2026-11-20",
        "sha256": digest("list").hex(),
        "objects": ["a-1"],
    }
    all_of = [{**c, "ratio": "100%"} for c in task]
    given = {**lead, "target": {"filter": "上级下达名单", "given": paper}, "clauses": all_of}
    batched = {**base, "batches": parts("310101", "310104")}
    stock = [{"object_id": "a-1", "size": 40}]
    sampled = [*base["clauses"][:-1], {**base["clauses"][-1], "sample": 3}]
    for name, desc, record in [
        ("when", "aimed by tags", when), ("triggers", "aimed by a list of leads", lead), ("given", "a list from the level above", given), ("grace", "a grace of a year", {**base, "grace": 12, "exclusions": young}),
        ("lots", "a clause takes three items of each lot", {**base, "lots": stock, "clauses": sampled}),
        ("batches", "two batches", batched), ("aimed-young", "both", {**when, "grace": 1, "exclusions": [*aim, "grace"]}),
    ]:  # fmt: skip
        made.good(name, desc, record=record)
    made.good("limits", "limits that nest, a joint team, together", record=joined_up(base))
    every: list[tuple[str, str, str, Given]] = [
        ("PLAN_EXCLUSIONS", "target-no-reason", "a target, but no reason off-target", {**when, "exclusions": base["exclusions"]}),
        ("PLAN_EXCLUSIONS", "reason-no-target", "the reason off-target without a target", {**base, "exclusions": aim}),
        ("PLAN_EXCLUSIONS", "grace-no-reason", "a grace, but no reason", {**base, "grace": 12}),
        ("PLAN_EXCLUSIONS", "reason-no-grace", "the reason grace without one", {**base, "exclusions": young}),
        ("PLAN_TARGET", "neither", "neither filter nor list", {**when, "target": {"filter": "x"}}),
        ("PLAN_TARGET", "both", "a filter and a list", {**lead, "target": {**leads, "when": {"tags": ["food"]}}}),
        ("PLAN_TARGET", "no-filter", "a filter that asks nothing", {**when, "target": {"filter": "x", "when": {}}}),
        ("PLAN_TARGET", "no-leads", "an empty list", {**lead, "target": {"filter": "x", "triggers": []}}),
        ("PLAN_TRIGGER", "late", "a lead of after the visits", {**lead, "target": {"filter": "x", "triggers": [{**TRIGGER, "date": "2026-12-26"}]}}),
        ("PLAN_TARGET", "cooldown", "leads with a cool-down", {**lead, "cooldown": base["cooldown"]}),
        ("PLAN_TARGET", "leads-young", "leads with a grace", {**lead, "grace": 3, "exclusions": [*aim, "grace"]}),
        ("PLAN_TARGET", "owners", "leads with owners as units", {**lead, "units": "owner"}),
        ("PLAN_TARGET", "yearly", "leads with a yearly clause", {**lead, "clauses": base["clauses"]}),
        ("PLAN_TARGET", "given-and-leads", "two lists", {**given, "target": {**leads, "given": paper}}),
        ("PLAN_TARGET", "given-nobody", "a given list of nobody", {**given, "target": {"filter": "x", "given": {**paper, "objects": []}}}),
        ("PLAN_TARGET", "given-cooldown", "a given list with a cool-down", {**given, "cooldown": base["cooldown"]}),
        ("PLAN_GIVEN", "given-share", "a given list of which half is drawn", {**given, "clauses": [*all_of[:-1], {**all_of[-1], "ratio": "50%"}]}),
        ("PLAN_GIVEN", "given-late", "a list of after the visits", {**given, "target": {"filter": "x", "given": {**paper, "date": "2026-12-26"}}}),
        ("PLAN_BATCHES", "one-batch", "a single batch", {**base, "batches": parts("310101 310104")}),
        ("PLAN_BATCHES", "half", "a district in no batch", {**base, "batches": [*parts("310101"), {"batch": "b2", "districts": []}]}),
        ("PLAN_LOTS", "lots-no-sample", "sizes of lots, but no clause takes items", {**base, "lots": stock}),
        ("PLAN_LOTS", "sample-no-lots", "a clause takes items of lots nobody counted", {**base, "clauses": sampled}),
        ("PLAN_LOTS", "no-lots", "an empty list of lots", {**base, "lots": [], "clauses": sampled}),
        ("PLAN_BATCHES", "shared", "a district in both", {**base, "batches": parts("310101 310104", "310104")}),
    ]  # fmt: skip
    for code, name, mutation, record in every + parts_apart(base, young):
        made.bad(code, name, mutation, record=record)
    return made.cases


def joined_up(base: Given) -> Given:
    """A plan with the parts that the others leave out."""
    limits = [
        {"limit": "a", "districts": ["310101"], "most": 1},
        {"limit": "b", "districts": ["310101", "310104"], "most": 2},
    ]
    found = at(at(base, "assignment.limits", limits), "assignment.together", 1)
    found = at(at(found, "templates.-1.groups.0.department", "law"), "templates.-1.groups.1.department", "market")
    return at(found, "assignment.initiator", "law")


def at(base: Given, path: str, value: Any) -> Given:
    """The same plan with something else at a path; `+` adds to a list."""
    out = copy.deepcopy(base)
    *outer, last = path.split(".")
    inner: Any = out
    for key in outer:
        inner = inner[int(key) if key.lstrip("-").isdigit() else key]
    if last == "+":
        inner.append(value)
    else:
        inner[last] = value
    return out


def parts_apart(base: Given, young: list[str]) -> list[tuple[str, str, str, Given]]:
    """One plan for every other rule between its parts."""
    long, other = "a" * 31, {**base["clauses"][-1], "clause": "d"}
    limits = [
        {"limit": "a", "districts": ["310101"], "most": 1},
        {"limit": "b", "districts": ["310101", "310104"], "most": 2},
    ]
    cluster = {"cluster": "k", "districts": ["310101"]}
    joint = at(base, "templates.-1.groups.0.department", "market")
    both = at(at(joint, "templates.-1.groups.1.department", "law"), "assignment.initiator", "law")
    changes: list[tuple[str, str, str, str, Any]] = [
        ("PLAN_LEVEL", "level", "a level that there is not", "disclosure", "auditor"),
        ("PLAN_VISITS", "visits", "the window ends before it begins", "visits", {"from": "2026-12-25", "to": "2026-12-24"}),
        ("PLAN_EXCLUSIONS", "reason-twice", "a reason twice", "exclusions.+", "cap"),
        ("PLAN_EXCLUSIONS", "reason-strange", "a reason that there is not", "exclusions.+", "young"),
        ("PLAN_ITEMS", "items", "nothing is inspected", "items", []),
        ("PLAN_GAMMA", "gamma", "gamma 4", "risk.gamma", 4),
        ("PLAN_UNITS", "units", "units that there are not", "units", "object"),
        ("PLAN_RATIO", "floor-terms", "a floor of 2/10", "risk.floor", {"num": "2", "den": "10"}),
        ("PLAN_RATIO", "floor-above", "a floor above 1", "risk.floor", {"num": "6", "den": "5"}),
        ("PLAN_RATIO", "floor-negative", "a floor below 0", "risk.floor", {"num": "-1", "den": "5"}),
        ("PLAN_RATIO", "q-max-zero", "q_max of 1/0", "q_max", {"num": "1", "den": "0"}),
        ("PLAN_RATIO", "q-max-signs", "q_max of -1/-2", "q_max", {"num": "-1", "den": "-2"}),
        ("PLAN_RATIO", "q-max-none", "0 written 0/2", "q_max", {"num": "0", "den": "2"}),
        ("PLAN_COOLDOWN", "cooldown-long", "a cool-down of 25 months", "cooldown", [{"class": "B", "months": 25}]),
        ("PLAN_COOLDOWN", "cooldown-class", "a cool-down of a class that there is not", "cooldown", [{"class": "E", "months": 2}]),
        ("PLAN_PART", "district-dot", "a district with a dot", "districts", ["310101", "310104", "310105.1"]),
        ("PLAN_PART", "district-long", "a district of 31 characters", "districts", ["310101", "310104", long]),
        ("PLAN_PART", "type-dot", "a stratum type with a dot", "types.0.stratum", "fi.rm"),
        ("PLAN_CLAUSES", "no-clauses", "no clause", "clauses", []),
        ("PLAN_CLAUSES", "clause-twice", "two clauses of one name", "clauses.+", base["clauses"][0]),
        ("PLAN_CLAUSE_PERIOD", "period", "a period that there is not", "clauses.+", {**other, "period": "month"}),
        ("PLAN_CLAUSE_PERIOD", "year-alone", "a year without what was drawn", "clauses.+", {**other, "period": "year"}),
        ("PLAN_CLAUSE_PERIOD", "year-half", "a year without the batches left", "clauses.+", {**other, "period": "year", "drawn": 1}),
        ("PLAN_CLAUSE_PERIOD", "task-drawn", "a task with what was drawn", "clauses.+", {**other, "drawn": 1, "batches_left": 1}),
        ("PLAN_CLAUSE_PERIOD", "year-over", "no batch left, this one included", "clauses.+", {**other, "period": "year", "drawn": 1, "batches_left": 0}),
        ("PLAN_CLASS", "class", "a class that there is not", "clauses.+", {**other, "classes": ["C", "E"]}),
        ("PLAN_TEMPLATES", "no-templates", "no template", "templates", []),
        ("PLAN_TEMPLATES", "last-when", "a last template with a condition", "templates.-1.when", {"tags": ["food"]}),
        ("PLAN_TEAM", "team-one", "a team of one", "templates.-1.groups", [{"group": "lead", "count": 1, "needs": ["lead"]}]),
        ("PLAN_TEAM", "team-expert", "a team of an officer and an expert", "templates.-1.groups.1.needs", ["expert"]),
        ("PLAN_TEAM", "team-nobody", "a group of nobody", "templates.-1.groups.+", {"group": "third", "count": 0, "needs": []}),
        ("PLAN_JURISDICTION", "jurisdiction", "a jurisdiction that there is not", "assignment.jurisdiction", "county"),
        ("PLAN_JURISDICTION", "cluster-none", "clusters, but none named", "assignment.jurisdiction", "cluster"),
        ("PLAN_JURISDICTION", "cluster-idle", "clusters named, but not asked for", "assignment.clusters", [cluster]),
        ("PLAN_LIMITS", "limit-zero", "a limit of 0 visits", "assignment.limits", [{**limits[0], "most": 0}]),
        ("PLAN_LIMITS", "limit-nowhere", "a limit without districts", "assignment.limits", [{**limits[0], "districts": []}]),
        ("PLAN_LIMITS", "limit-elsewhere", "a limit in a district of no plan", "assignment.limits", [{**limits[0], "districts": ["310115"]}]),
        ("PLAN_LIMITS", "limit-same", "two limits on the same districts", "assignment.limits", [limits[0], {**limits[0], "limit": "c"}]),
        ("PLAN_TOGETHER", "together", "two officers that may never meet", "assignment.together", 0),
        ("PLAN_LADDER", "no-ladder", "no rung", "assignment.ladder", []),
        ("PLAN_LADDER", "rung-twice", "two rungs of one name", "assignment.ladder.+", base["assignment"]["ladder"][0]),
        ("PLAN_LADDER", "rung-vacancy", "a rung of the name that is taken", "assignment.ladder.+", {"rung": "vacancy", "below": 9, "above": 9}),
    ]  # fmt: skip
    crossing = [{"limit": "a", "districts": ["1", "2"], "most": 1}, {"limit": "b", "districts": ["2", "3"], "most": 1}]
    clusters = [cluster, {"cluster": "l", "districts": ["310101", "310104"]}]
    lots = {
        **base,
        "clauses": [*base["clauses"][:-1], {**base["clauses"][-1], "sample": 3}],
        "lots": [{"object_id": "a-1", "size": 40}],
    }
    lead = {
        **base,
        "exclusions": [*base["exclusions"], "off-target"],
        "clauses": [c for c in base["clauses"] if c["period"] == "task"],
        "cooldown": [],
    }
    return [(code, name, mutation, at(base, path, value)) for code, name, mutation, path, value in changes] + [
        ("PLAN_GRACE", "grace-zero", "a grace of 0 months", {**base, "exclusions": young, "grace": 0}),
        ("PLAN_GRACE", "grace-long", "a grace of 37 months", {**base, "exclusions": young, "grace": 37}),
        ("PLAN_JOINT", "joint-half", "a place without a department", joint),
        ("PLAN_JOINT", "joint-lead", "the lead comes from another department than the initiator's", both),
        ("PLAN_JOINT", "joint-nobody", "nobody of the initiating department", at(both, "assignment.initiator", "tax")),
        ("PLAN_CLUSTERS", "cluster-twice", "a district in two clusters", at(at(base, "assignment.clusters", clusters), "assignment.jurisdiction", "cluster")),
        ("PLAN_LIMITS", "limit-crossing", "two limits that share a district, and neither holds the other", at({**base, "districts": ["1", "2", "3"]}, "assignment.limits", crossing)),
        ("PLAN_TRIGGER", "reason", "a lead for a reason that there is not", {**lead, "target": {"filter": "x", "triggers": [{**TRIGGER, "reason": "rumour"}]}}),
        ("PLAN_LOTS", "sample-zero", "no item is taken", at(lots, "clauses.-1.sample", 0)),
        ("PLAN_LOTS", "sample-many", "10,001 items are taken", at(lots, "clauses.-1.sample", 10_001)),
        ("PLAN_LOTS", "lot-zero", "a lot of nothing", at(lots, "lots.0.size", 0)),
        ("PLAN_LOTS", "lot-many", "a lot of 10,001 items", at(lots, "lots.0.size", 10_001)),
    ]  # fmt: skip


def cases() -> list[Case]:
    small = grace() + batches()
    return small + near(small, 2) + plans()
