"""Vectors of targets: a filter, a list of triggers, a list given by the level above (records.md 3.2)."""

from typing import Any

from tests.vectorgen.case import Case, Maker, digest

Rows = list[dict[str, str]]


def row(object_id: str, type_: str = "firm", industry: str = "H6210", tags: str = "food") -> dict[str, str]:
    return {"object_id": object_id, "type": type_, "industry": industry, "tags": tags}


def out(**reasons: str) -> Rows:
    return [{"object_id": o, "reason": r} for o, r in reasons.items()]


def given(*objects: str) -> dict[str, Any]:
    source = {"authority": "省局", "document": "鲁市监信〔2026〕12号", "date": "2026-11-20"}
    return {"filter": "上级下达名单", "given": {**source, "sha256": digest("list").hex(), "objects": list(objects)}}


def triggers(*objects: str) -> dict[str, Any]:
    why = {"date": "2026-11-20", "reason": "complaint", "source": "12315-1"}
    return {"filter": "线索名单", "triggers": [{"object_id": o, **why} for o in objects]}


def when(**fields: list[str]) -> dict[str, Any]:
    return {"filter": "餐饮", "when": fields}


GOOD: dict[str, tuple[str, dict[str, Any], list[str], Rows]] = {
    "given": ("every given object is in the frame", given("a", "b"), ["a", "b"], out(c="off-target", d="status")),
    "given-gone": ("one has left the registry", given("a", "b"), ["a"], out(b="status", c="off-target")),
    "given-all-gone": ("all have left the registry", given("a"), [], out(a="status")),
    "triggers": ("every reported object is in the frame", triggers("a", "b"), ["a", "b"], out(c="off-target")),
    "triggers-no-class": ("a reported one may lack a class", triggers("a", "b"), ["a"], out(b="no-class")),
}
BAD: dict[str, tuple[str, dict[str, Any], list[str], Rows]] = {
    "given-stranger": ("an object nobody gave", given("a"), ["a", "b"], []),
    "given-lost": ("a given object is nowhere", given("a", "b"), ["a"], out(c="off-target")),
    "given-none-there": ("nothing of the list is there", given("a"), [], []),
    "triggers-stranger": ("an object nobody reported", triggers("a"), ["a", "b"], []),
    "triggers-lost": ("a reported object is nowhere", triggers("a", "b"), ["a"], out(c="status")),
    "triggers-off-target": ("a reported object as off target", triggers("a", "b"), ["a"], out(b="off-target")),
} | {
    f"given-{reason}": (f"a given object left out as {reason}", given("a", "b"), ["a"], out(b=reason))
    for reason in ("off-target", "no-class", "no-clause", "ratio-zero", "cap", "grace")
}  # fmt: skip


def cases() -> list[Case]:
    made = Maker("allocation", "target")
    for name, (desc, target, frame, excluded) in GOOD.items():
        made.good(name, desc, target=target, frame=[row(o) for o in frame], excluded=excluded)
    for name, (mutation, target, frame, excluded) in BAD.items():
        made.bad("VERIFY_FAILED", name, mutation, target=target, frame=[row(o) for o in frame], excluded=excluded)
    held = {
        "all": (when(types=["firm"], industries=["H62"], tags=["food", "night"]), row("a", tags="food,old")),
        "prefix": (when(industries=["H6210"]), row("a")),
    }
    for name, (target, one) in held.items():
        made.good(f"filter-{name}", "the filter holds it", target=target, frame=[row("z"), one], excluded=[])
    off = {
        "type": (when(types=["shop"]), row("a")), "industry": (when(industries=["H62"]), row("a", industry="H61")),
        "longer-prefix": (when(industries=["H621"]), row("a", industry="H62")), "tag": (when(tags=["food"]), row("a", tags="foods")),
        "no-tag": (when(tags=["food"]), row("a", tags="-")), "one-of-two": (when(types=["firm"], tags=["food"]), row("a", tags="night")),
    }  # fmt: skip
    for name, (target, one) in off.items():
        made.bad(
            "VERIFY_FAILED",
            f"filter-{name}",
            "an object the filter does not hold",
            target=target,
            frame=[one],
            excluded=[],
        )
    return made.cases
