"""draw.md 1.1, 9.6 and 9.7: owners as units, the object that stands for a drawn one, the items taken of a lot."""

from fractions import Fraction
from math import floor
from typing import Any

from tests.reference.bytes_ import h
from tests.reference.strata import RefusedError
from tests.reference.tables import Row

Unit = dict[str, Any]  # a row with the unit's id as object_id, and its rows as `objects`


def owner(row: Row) -> str:
    return row["object_id"] if row["owner_id"] == "-" else row["owner_id"]


def cell(row: Row, kinds: dict[str, str]) -> str:
    return ".".join((row["class"], kinds[row["type"]], row["district"]))


def units(plan: dict[str, Any], frame: list[Row]) -> list[Unit]:
    """Each owner once, counted where its object of the highest class stands, of those the smallest cell."""
    if "units" not in plan:
        return [{**row, "objects": [row]} for row in frame]
    kinds = {rule["type"]: rule["stratum"] for rule in plan["types"]}
    found: list[Unit] = []
    for name in sorted({owner(row) for row in frame}, key=str.encode):
        mine = [row for row in frame if owner(row) == name]
        highest = max(row["class"] for row in mine)
        place = min((row for row in mine if row["class"] == highest), key=lambda row: cell(row, kinds).encode())
        found.append({**place, "object_id": name, "objects": mine})
    return found


def risk(unit: Unit, scores: dict[str, int]) -> int:
    return max(scores[row["object_id"]] for row in unit["objects"])


def second(seed: bytes, unit: str, objects: list[str]) -> str:
    return min(objects, key=lambda e: (h("second", seed, unit, e), e.encode()))


def object_pi(pi_e12: int, size: int) -> int:
    return floor(Fraction(pi_e12, size) + Fraction(1, 2))


def items(seed: bytes, lot: str, size: int, sample: int) -> list[int]:
    if not 0 < size <= 10_000 or sample < 1:
        raise RefusedError("LOT_RANGE", "")
    left = {number: h("item", seed, lot, number) for number in range(1, size + 1)}
    taken: list[int] = []
    while left and len(taken) < sample:
        first = min(left, key=lambda number: (left[number], number))
        taken.append(first)
        del left[first]
    return taken
