"""Vectors of owners as units: cells, the second stage, the probability of one object (draw.md 1.1, 9.6, 10)."""

from typing import Any

from tests.reference import ops
from tests.vectorgen.case import Case, Maker, digest

E12 = 10**12
TYPES = [
    {"type": "firm", "stratum": "firm"},
    {"type": "product", "stratum": "thing"},
    {"type": "lot", "stratum": "thing"},
]
SEED = digest("seed of the second stage").hex()
Rows = list[dict[str, str]]


def row(object_id: str, owner_id: str, class_: str, type_: str, district: str) -> dict[str, str]:
    return {"object_id": object_id, "owner_id": owner_id, "class": class_, "type": type_, "district": district}


MIXED = [
    row("firm-1", "-", "B", "firm", "02"), row("firm-2", "-", "A", "firm", "01"), row("p-1", "firm-1", "C", "product", "02"),
    row("p-2", "firm-1", "C", "lot", "01"), row("p-3", "firm-1", "A", "firm", "00"), row("p-4", "firm-2", "A", "lot", "01"),
    row("p-5", "abroad", "D", "product", "10"), row("p-6", "abroad", "D", "product", "9"), row("p-7", "p-7", "B", "lot", "01"),
]  # fmt: skip


def cells() -> list[Case]:
    made, wrong = Maker("allocation", "owners"), Maker("allocation", "owners-follows")
    good: dict[str, tuple[str, Rows]] = {
        "mixed": ("several objects, one, none of its own", MIXED),
        "none": ("no rows", []),
        "alone": ("every object its own owner", [row("a", "-", "A", "firm", "01"), row("b", "b", "B", "lot", "01")]),
        "highest-class": ("D comes before A", [row("a", "o", "A", "firm", "01"), row("b", "o", "D", "lot", "09")]),
        "smallest-cell": ("of one class the smaller cell", [row("a", "o", "C", "lot", "01"), row("b", "o", "C", "firm", "09")]),
        "bytes-not-numbers": ("10 before 9", [row("a", "o", "C", "lot", "9"), row("b", "o", "C", "lot", "10")]),
        "point-below-letter": ("a point is smaller than a letter", [row("a", "o", "C", "firm", "0-1"), row("b", "o", "C", "firm", "0")]),
        "owner-is-an-object": ("the firm and its product are one unit", [row("f", "-", "A", "firm", "01"), row("p", "f", "B", "product", "02")]),
        "chain": ("an owner that has an owner is a unit of its own", [row("f", "g", "A", "firm", "01"), row("p", "f", "B", "lot", "02")]),
    }  # fmt: skip
    for name, (desc, rows) in good.items():
        made.good(name, desc, types=TYPES, rows=rows)
    truth = ops.OPS["allocation"]["owners"]({"types": TYPES, "rows": MIXED})
    first, *rest = truth
    changes: dict[str, tuple[str, Any]] = {
        "hidden": ("an owner left out", rest),
        "twice": ("an owner counted twice", [first, *truth]),
        "per-object": (
            "each object of an owner a unit",
            [*({**first, "objects": [o]} for o in first["objects"]), *rest],
        ),
        "lower-class": ("the cell of the lowest class", [{**first, "cell": "A.thing.01"}, *rest]),
        "object-hidden": ("an object of an owner left out", [{**first, "objects": first["objects"][1:]}, *rest]),
        "object-lent": (
            "an object given to another owner",
            [{**first, "objects": [*first["objects"], "firm-2"]}, *rest],
        ),
        "renamed": ("the owner named after its first object", [{**first, "owner": first["objects"][0]}, *rest]),
        "unordered": ("owners out of order", truth[::-1]),
    }
    for name, (mutation, claim) in changes.items():
        wrong.bad("VERIFY_FAILED", name, mutation, types=TYPES, rows=MIXED, claim=claim)
    return made.cases + wrong.cases


def second() -> list[Case]:
    made, wrong = Maker("select", "second"), Maker("select", "second-follows")
    every = [f"shop-{n:02d}" for n in range(12)]
    made.good("alone", "one object needs no hash", seed=SEED, owner="firm-1", objects=["shop-00"])
    made.good("twelve", "one of twelve", seed=SEED, owner="firm-1", objects=every)
    made.good("order-is-nothing", "the same twelve in another order", seed=SEED, owner="firm-1", objects=every[::-1])
    made.good("other-owner", "the owner enters the hash", seed=SEED, owner="firm-2", objects=every)
    made.good(
        "other-seed", "the seed enters the hash", seed=digest("another seed").hex(), owner="firm-1", objects=every
    )
    made.good(
        "owner-among", "the owner may be one of its objects", seed=SEED, owner="firm-1", objects=["firm-1", "p-1"]
    )
    made.good("long-ids", "ids of 64 bytes", seed=SEED, owner="o" * 64, objects=["a" * 64, "b" * 64, "c"])
    right = ops.OPS["select"]["second"]({"seed": SEED, "owner": "firm-1", "objects": every})
    for n, other in enumerate([e for e in every if e != right][:10]):
        wrong.bad("VERIFY_FAILED", f"swapped-{n}", "another object of the owner", seed=SEED, owner="firm-1", objects=every, claim=other)  # fmt: skip
    wrong.bad("VERIFY_FAILED", "stranger", "an object the owner does not have", seed=SEED, owner="firm-1", objects=every, claim="shop-12")  # fmt: skip
    wrong.bad("VERIFY_FAILED", "owner", "the owner itself", seed=SEED, owner="firm-1", objects=every, claim="firm-1")
    return made.cases + wrong.cases


def shares() -> list[Case]:
    made, wrong = Maker("inference", "object-pi"), Maker("inference", "object-pi-follows")
    for name, pi, size in [
        ("one", 123, 1), ("third", E12, 3), ("two-thirds", 2 * E12 // 3, 1), ("half-up", 5, 2), ("half-up-odd", 7, 2), ("down", 4, 3),
        ("cooling", 0, 5), ("many", E12, 10**6),
    ]:  # fmt: skip
        made.good(name, f"{pi} shared by {size}", pi_e12=pi, objects=size)
    for name, pi, size, claim in [
        ("whole", E12, 3, E12), ("rounded-up", E12, 3, E12 // 3 + 1), ("rounded-down", 5, 2, 2), ("even", 5, 2, 2 + 2),
        ("squared", E12, 4, E12 // 16), ("one-less", E12, 5, E12 // 6), ("one-more", E12, 5, E12 // 4),
    ]:  # fmt: skip
        wrong.bad("VERIFY_FAILED", name, f"{claim} for {pi} shared by {size}", pi_e12=pi, objects=size, claim=claim)
    return made.cases + wrong.cases


def cases() -> list[Case]:
    return cells() + second() + shares()
