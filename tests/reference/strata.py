"""draw.md 4, 6 and 7, step by step: strata and sizes, weights, certainties, targets, levels."""

import re
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

Cell = tuple[str, str, str]  # class, stratum type, district
E12 = 10**12
DISTINCT = 1024


class RefusedError(ValueError):
    """The text refuses this input; the first argument is the code."""


class Stratum(NamedTuple):
    stratum: str
    clause: str
    cells: list[Cell]
    units: int
    n: int


class Member(NamedTuple):
    cells: list[Cell]  # by district; the first one names it
    expectation: Fraction


def parse_ratio(ratio: str) -> tuple[Fraction, str]:
    """draw.md 4.1: the share, and how its product is rounded."""
    match = re.fullmatch(r"(>=|<=)?((0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?)(%|‰)", ratio)
    if match is None:
        raise RefusedError("RATIO_SYNTAX", ratio)
    exact = Fraction(match[2]) / (100 if match[5] == "%" else 1000)
    if exact > 1:
        raise RefusedError("RATIO_ABOVE_ONE", ratio)
    return exact, {">=": "up", "<=": "down"}.get(match[1] or "", "half-up")


def clause_total(ratio: str, units: int, period: str = "task", drawn: int = 0, batches_left: int = 1) -> int:
    exact, rounding = parse_ratio(ratio)
    product = exact * units
    total = {"up": ceil(product), "down": floor(product)}.get(rounding, floor(product + Fraction(1, 2)))
    if period == "year":
        total = ceil(Fraction(total - drawn, batches_left))
    if total <= 0:
        raise RefusedError("CLAUSE_ZERO", ratio)
    if total > units:
        raise RefusedError("CLAUSE_ABOVE", ratio)
    return total


def merge_group(members: list[Member]) -> list[Member]:
    """Join the smallest expectation below 1 with its neighbour until there is none, or one member."""
    members = sorted(members, key=lambda member: member.cells[0][2].encode())
    while len(members) > 1:
        at = min(range(len(members)), key=lambda i: (members[i].expectation, i))
        if members[at].expectation >= 1:
            break
        first = at if at + 1 < len(members) else at - 1
        one, two = members[first], members[first + 1]
        members[first : first + 2] = [Member(one.cells + two.cells, one.expectation + two.expectation)]
    return members


def clause_strata(clause: str, cells: dict[Cell, int], total: int) -> list[Stratum]:
    whole = sum(cells.values())
    if not 0 < total <= whole:
        raise RefusedError("CLAUSE_ABOVE" if total > 0 else "CLAUSE_ZERO", clause)
    members: list[Member] = []
    for group in sorted({cell[:2] for cell in cells}):
        mine = [Member([c], Fraction(total * cells[c], whole)) for c in cells if c[:2] == group]
        members += merge_group(mine)
    members.sort(key=name_of)
    sizes = [floor(member.expectation) for member in members]
    order = sorted(range(len(members)), key=lambda i: (sizes[i] - members[i].expectation, i))
    for i in order[: total - sum(sizes)]:
        sizes[i] += 1
    if 0 in sizes:
        raise RefusedError("STRATUM_ZERO", clause)
    return [
        Stratum(".".join(member.cells[0]), clause, member.cells, sum(cells[c] for c in member.cells), n)
        for member, n in zip(members, sizes, strict=True)
    ]


def name_of(member: Member) -> bytes:
    return ".".join(member.cells[0]).encode()


def strata(clause_cells: dict[str, dict[Cell, int]], totals: dict[str, int]) -> dict[str, Stratum]:
    found = [s for clause, cells in clause_cells.items() for s in clause_strata(clause, cells, totals[clause])]
    found.sort(key=lambda s: s.stratum.encode())
    for one, two in pairwise(found):
        if one.stratum == two.stratum:
            raise RefusedError("STRATUM_ID", one.stratum)
    return {stratum.stratum: stratum for stratum in found}


def weights(risks: list[int], a: int, b: int, gamma: int) -> list[int]:
    """One weight per eligible unit (risk in ppm), at most 1,024 distinct ones."""
    if not 0 <= a <= b or not b or gamma not in (0, 1, 2, 3):
        raise RefusedError("FLOOR_RANGE", f"{a}/{b}, {gamma}")
    if any(not 0 <= risk <= 10**6 for risk in risks):
        raise RefusedError("RISK_RANGE", "")
    powers = [risk**gamma for risk in risks]  # 0**0 is 1 in Python as in the text
    total = sum(powers)
    if total == 0:
        return [2**32] * len(risks)
    found = [max(1, 2**32 * (a * total + (b - a) * len(risks) * power) // (b * total)) for power in powers]
    if len(set(found)) <= DISTINCT:
        return found
    for bits in range(max(w.bit_length() for w in found), 0, -1):
        short = [leading(w, bits) for w in found]
        if len(set(short)) <= DISTINCT:
            return short
    raise RefusedError("WEIGHTS", str(len(set(found))))


def leading(weight: int, bits: int) -> int:
    """The leading bits of the weight itself; the lower ones become 0."""
    drop = max(0, weight.bit_length() - bits)
    return weight >> drop << drop


def certainties(found: list[int], n: int) -> set[int]:
    """Positions taken, in a stratum without cool-down and n below the number of units."""
    taken: set[int] = set()
    m = n
    while True:
        left = [i for i in range(len(found)) if i not in taken]
        total = sum(found[i] for i in left)
        batch = [i for i in left if 1024 * found[i] * m >= 1023 * total]
        if len(batch) > m - 1:
            batch = [i for i in left if found[i] * m >= total]
        if not batch:
            return taken
        taken |= set(batch)
        m -= len(batch)


def targets(found: dict[int, int], m: int, cap: Fraction) -> dict[int, Fraction]:
    capped: set[int] = set()
    while True:
        c = (m - cap * len(capped)) / Fraction(sum(w for i, w in found.items() if i not in capped))
        more = {i for i, w in found.items() if i not in capped and c * w > cap}
        if not more:
            return {i: cap if i in capped else c * w for i, w in found.items()}
        capped |= more


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def levels(found: list[int], n: int, *, cooldown: bool) -> tuple[list[str], dict[str, int]]:
    """The level of each eligible unit, and target_e12 of each level that occurs."""
    if n < 1:
        raise RefusedError("STRATUM_ZERO", str(n))
    if n > (len(found) // 4 if cooldown else len(found)):
        raise RefusedError("SIZE_COOLDOWN" if cooldown else "SIZE_FRAME", f"{n} of {len(found)}")
    if cooldown:
        taken = set()
    elif n == len(found):
        taken = set(range(n))
    else:
        taken = certainties(found, n)
    left = {i: w for i, w in enumerate(found) if i not in taken}
    level_of = ["T"] * len(found)
    target_of = {"T": E12} if taken else {}
    if left:
        exact = targets(left, n - len(taken), Fraction(1, 4) if cooldown else Fraction(1))
        rounded = {i: half_up(E12 * t) for i, t in exact.items()}
        for number, value in enumerate(sorted(set(rounded.values())), start=1):
            target_of[str(number)] = value
            for i, own in rounded.items():
                if own == value:
                    level_of[i] = str(number)
    return level_of, target_of


def on_target(target: dict[str, Any], frame: list[dict[str, str]], excluded: list[dict[str, str]]) -> bool:
    """records.md 3.2, Decided: targets and given lists."""
    if "given" in target:
        named = target["given"]["objects"]
        inside = [row["object_id"] for row in frame]
        gone = [row["object_id"] for row in excluded if row["reason"] == "status"]
        return all(e in named for e in inside) and all(inside.count(e) + gone.count(e) == 1 for e in named)
    if "triggers" in target:
        named = [trigger["object_id"] for trigger in target["triggers"]]
        inside = [row["object_id"] for row in frame]
        reason = {row["object_id"]: row["reason"] for row in excluded}
        return all(e in named for e in inside) and all(
            e in inside or reason.get(e, "off-target") != "off-target" for e in named
        )
    when = target["when"]
    return all(
        row["type"] in when.get("types", [row["type"]])
        and any(row["industry"][: len(prefix)] == prefix for prefix in when.get("industries", [""]))
        and any(tag in when.get("tags", [tag]) for tag in row["tags"].split(","))
        for row in frame
    )
