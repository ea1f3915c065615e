"""Vectors of area `plan`: rules of targeted draws, the grace of young firms, the order of batches (records.md 3.2, 3.8)."""

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
    for code, name, mutation, record in every:
        made.bad(code, name, mutation, record=record)
    return made.cases


def cases() -> list[Case]:
    small = grace() + batches()
    return small + near(small, 2) + plans()
