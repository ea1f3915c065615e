"""Vectors of the items taken of a lot (draw.md 9.7)."""

from typing import Any

from tests.reference import ops
from tests.vectorgen.case import Case, Maker, digest, flip

SEED = digest("seed of the items").hex()
LOT: dict[str, Any] = {"seed": SEED, "object": "lot-2026-11", "size": 40, "sample": 6}


def cases() -> list[Case]:
    made, wrong = Maker("select", "items"), Maker("select", "items-follows")
    good: dict[str, tuple[str, dict[str, Any]]] = {
        "six-of-forty": ("six items of forty", {}),
        "nested": ("of a smaller lot the same, but for the item that is not there", {"size": 34}),
        "one-more": ("one item more comes last", {"sample": 7}),
        "one-of-one": ("a lot of one item", {"size": 1, "sample": 1}),
        "all": ("as many as there are: an order of all", {"size": 6}),
        "fewer": ("a lot smaller than the sample is taken whole", {"size": 3}),
        "other-lot": ("the lot enters the hash", {"object": "lot-2026-12"}),
        "other-seed": ("the seed enters the hash", {"seed": digest("another").hex()}),
        "long-id": ("an id of 64 bytes", {"object": "x" * 64}),
        "largest": ("the largest lot", {"size": 10_000, "sample": 2}),
    }
    for name, (desc, fields) in good.items():
        made.good(name, desc, **LOT | fields)
    for name, fields in {
        "size-0": {"size": 0}, "size-10001": {"size": 10_001}, "sample-0": {"sample": 0},
        "both-0": {"size": 0, "sample": 0},
    }.items():  # fmt: skip
        made.bad("LOT_RANGE", name, f"out of range: {fields}", **LOT | fields)
    truth = ops.OPS["select"]["items"](LOT)
    other = ops.OPS["select"]["items"](LOT | {"object": "lot-2026-12"})
    free = next(n for n in range(1, 41) if n not in truth)
    changes: dict[str, tuple[str, Any]] = {
        "sorted": ("in increasing order of numbers", sorted(truth)),
        "reversed": ("largest ticket first", truth[::-1]),
        "swapped": ("two items in the other order", [truth[1], truth[0], *truth[2:]]),
        "replaced-first": ("another item for the first", [free, *truth[1:]]),
        "replaced-last": ("another item for the last", [*truth[:-1], free]),
        "dropped": ("one item too few", truth[:-1]),
        "dropped-first": ("the first item left out", truth[1:]),
        "added": ("one item too many", [*truth, free]),
        "twice": ("an item twice", [*truth[:-1], truth[0]]),
        "from-zero": ("items numbered from 0", [n - 1 for n in truth]),
        "zero": ("an item 0", [*truth[:-1], 0]),
        "beyond": ("an item the lot does not have", [*truth[:-1], 41]),
        "first-items": ("the items at hand", [1, 2, 3, 4, 5, 6]),
        "every-seventh": ("every seventh item", [1, 8, 15, 22, 29, 36]),
        "none": ("no items", []),
        "other-lots": ("the items of another lot", other),
        "one-again": ("the first item six times", [truth[0]] * 6),
    }
    for name, (mutation, claim) in changes.items():
        wrong.bad("VERIFY_FAILED", name, mutation, **LOT, claim=claim)
    others: dict[str, tuple[str, dict[str, Any]]] = {
        "seed-bit": ("one bit of the seed", {"seed": flip(SEED)}),
        "lot-case": ("the lot in capitals", {"object": "LOT-2026-11"}),
        "larger-lot": ("a lot of 4,000", {"size": 4_000}),
        "smaller-lot": ("a lot that lacks the first item", {"size": truth[0] - 1}),
        "larger-sample": ("a larger sample", {"sample": 7}),
    }
    for name, (mutation, fields) in others.items():
        wrong.bad("VERIFY_FAILED", f"kept-{name}", f"the old items for {mutation}", **LOT | fields, claim=truth)
    return made.cases + wrong.cases
