"""Sizes, strata, weights, certainties and targets of a draw, in integers only (docs/spec/draw.md, 4 to 7).

Everything here is exact: a verifier in any language gets the same numbers from the sealed tables.

>>> clause_total(parse_ratio("1%"), 31107)
311
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sampler.errors import InputError, PlanError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

E12: Final = 10**12
"""Probabilities are integers of 10^-12."""
RISK_MAX: Final = 10**6
CLASSES_MAX: Final = 1024
"""At most so many distinct weights per stratum (draw.md, 6)."""
UNIT_WEIGHT: Final = 2**32
COOLDOWN_CAP: Final = Fraction(1, 4)
"""No pi above this where history must be weighed (draw.md, 5)."""
CERTAIN: Final = (1023, 1024)
"""A share of the draw from which a unit is taken outright (draw.md, 7.3)."""
TAKEN: Final = "T"

_RATIO: Final = re.compile(r"(>=|<=)?(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,4}))?([%‰])")
_ROUNDING: Final = {None: "half-up", ">=": "up", "<=": "down"}
_PER: Final = {"%": 100, "‰": 1000}

Cell = tuple[str, str, str]
"""Class, stratum type, district."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio clause's share in lowest terms, and how its product is rounded (records.md, 3.2).

    Parameters
    ----------
    num, den
        The share, at most 1.
    rounding
        ``half-up``, ``up`` or ``down``.
    """

    num: int
    den: int
    rounding: str


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum and its size (draw.md, 4).

    Parameters
    ----------
    id
        ``class.type.district``.
    clause, cells
        The clause whose total it shares, and the cells it holds, increasing.
    n_frame, n
        N, cooling units included, and how many are drawn.
    """

    id: str
    clause: str
    cells: tuple[Cell, ...]
    n_frame: int
    n: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a stratum's eligible units (draw.md, 7).

    Parameters
    ----------
    level_of
        Level of each unit, in the order of the weights: ``T`` or a number from ``1``.
    target_e12, count
        Target and number of units of each numbered level, by ascending target. ``T`` is not among them.
    take_all
        Number of units of level ``T``.
    m
        Number still to be drawn from the numbered levels.
    """

    level_of: list[str]
    target_e12: dict[str, int]
    count: dict[str, int]
    take_all: int
    m: int


def parse_ratio(text: str) -> Ratio:
    """Return the ratio written as `text`: ``10%``, ``>=3%``, ``<=2.5‰`` (records.md, 3.2).

    Raises
    ------
    PlanError
        ``RATIO_SYNTAX`` for anything else, ``RATIO_ABOVE_ONE`` above 100 %.
    """
    match = _RATIO.fullmatch(text)
    if match is None:
        raise PlanError(
            "RATIO_SYNTAX",
            "a ratio is a number with at most 4 decimals and % or ‰, after >= or <= if it is a bound",
            hint="write for example 10%, >=3% or <=2.5‰",
            found=text,
        )
    bound, whole, decimals, per = match.groups(default=None)
    digits = decimals or ""
    share = Fraction(int(f"{whole}{digits}"), 10 ** len(digits) * _PER[str(per)])
    if share > 1:
        raise PlanError("RATIO_ABOVE_ONE", "the ratio is above 100 %", hint="nobody is drawn twice", found=text)
    return Ratio(share.numerator, share.denominator, _ROUNDING[bound])


def clause_total(ratio: Ratio, n_clause: int, *, drawn: int = 0, batches_left: int = 0) -> int:
    """Return how many a clause draws now (draw.md, 4.2); never negative, 0 is for `strata` to refuse.

    Parameters
    ----------
    ratio
        The clause's ratio.
    n_clause
        Number of frame objects of the clause.
    drawn, batches_left
        Of a yearly quota: drawn so far, and batches left with this one. 0 batches: the ratio is the task's own.
    """
    exact = ratio.num * n_clause
    match ratio.rounding:
        case "up":
            quota = -(-exact // ratio.den)
        case "down":
            quota = exact // ratio.den
        case _:
            quota = (2 * exact + ratio.den) // (2 * ratio.den)
    if batches_left == 0:
        return quota
    return max(0, -((drawn - quota) // batches_left))


def strata(clause_cells: Mapping[str, Mapping[Cell, int]], totals: Mapping[str, int]) -> list[Stratum]:
    """Return the strata of all clauses with their sizes, by id (draw.md, 4.3).

    Parameters
    ----------
    clause_cells
        Clause to its cells and their numbers of frame objects.
    totals
        Clause to its total.

    Raises
    ------
    PlanError
        ``CLAUSE_ZERO``, ``CLAUSE_ABOVE`` for a total nobody or not everybody can meet, ``STRATUM_ZERO`` for a
        stratum whose objects could never be drawn, ``STRATUM_ID`` when two strata would share an id.
    """
    found = [s for clause, cells in clause_cells.items() for s in _clause_strata(clause, cells, totals[clause])]
    found.sort(key=lambda s: s.id)
    for a, b in pairwise(found):
        if a.id == b.id:
            raise PlanError(
                "STRATUM_ID",
                "two strata share an id, because a class, type or district holds a point",
                hint="use codes without points for classes, types and districts",
                found=a.id,
            )
    return found


def _clause_strata(clause: str, cells: Mapping[Cell, int], total: int) -> list[Stratum]:
    size = sum(cells.values())
    _check_total(clause, total, size)
    members = _merged(cells, total, size)
    sizes = _largest_remainder(members, total, size)
    empty = sorted(m.id for m, n in zip(members, sizes, strict=True) if n == 0)
    if empty:
        raise PlanError(
            "STRATUM_ZERO",
            f"{len(empty)} strata of clause {clause} would draw nobody",
            hint="map their types to a common stratum type, or raise the ratio",
            found=" ".join(empty),
        )
    return [Stratum(m.id, clause, m.cells, m.n, n) for m, n in zip(members, sizes, strict=True)]


def _check_total(clause: str, total: int, size: int) -> None:
    if total <= 0:
        hint = "raise the ratio, or set it to 0 so that its objects are excluded with that reason"
        raise PlanError("CLAUSE_ZERO", f"clause {clause} would draw nobody of {size}", hint=hint, found=total)
    if total > size:
        raise PlanError(
            "CLAUSE_ABOVE", f"clause {clause} would draw {total} of {size}", hint="correct its quota", found=total
        )


@dataclass(frozen=True, slots=True)
class _Member:
    """Cells that are one stratum so far; `id` holds the smallest district."""

    id: str
    cells: tuple[Cell, ...]
    n: int


def _merged(cells: Mapping[Cell, int], total: int, size: int) -> list[_Member]:
    """Return a clause's strata by id bytes, small cells joined to a neighbour within class and type (draw.md, 4.3)."""
    groups: dict[tuple[str, str], list[_Member]] = {}
    for cell in sorted(cells, key=lambda c: c[2]):
        if cells[cell]:
            groups.setdefault(cell[:2], []).append(_Member(".".join(cell), (cell,), cells[cell]))
    members = [m for group in groups.values() for m in _merged_group(group, total, size)]
    return sorted(members, key=lambda m: m.id)


def _merged_group(group: list[_Member], total: int, size: int) -> list[_Member]:
    """Join the smallest member below 1 to the next by district, or the last to the previous, until none is left."""
    while len(group) > 1:
        at = min(range(len(group)), key=lambda i: group[i].n)  # the first of equals: the smallest district
        if total * group[at].n >= size:
            break
        first = min(at, len(group) - 2)
        a, b = group[first : first + 2]
        group[first : first + 2] = [_Member(a.id, tuple(sorted(a.cells + b.cells)), a.n + b.n)]
    return group


def _largest_remainder(members: Sequence[_Member], total: int, size: int) -> list[int]:
    """Share `total` among members (by id) in proportion to their n, ties to the smaller id (draw.md, 4.3)."""
    sizes = [total * m.n // size for m in members]
    by_remainder = sorted(range(len(members)), key=lambda i: -(total * members[i].n % size))
    for i in by_remainder[: total - sum(sizes)]:
        sizes[i] += 1
    return sizes


def weights(risks: Sequence[int], floor_num: int, floor_den: int, gamma: int) -> list[int]:
    """Return the weights of a stratum's eligible units, one per unit (draw.md, 6).

    Parameters
    ----------
    risks
        Risk in ppm of every eligible unit.
    floor_num, floor_den
        The share f = a / b of the draw that risk does not steer.
    gamma
        Power of the risk; 0 makes all weights equal.

    Raises
    ------
    InputError
        ``RISK_RANGE`` for every risk below 0 or above 1,000,000.
    PlanError
        ``FLOOR_RANGE`` unless 0 <= f <= 1 and gamma is in 0..3.
    """
    _check_weights(risks, floor_num, floor_den, gamma)
    counts = Counter(risks)
    total = sum(n * r**gamma for r, n in counts.items())
    if total == 0:
        return [UNIT_WEIGHT] * len(risks)
    level = floor_num * total
    scale = (floor_den - floor_num) * len(risks)
    of = {r: max(1, UNIT_WEIGHT * (level + scale * r**gamma) // (floor_den * total)) for r in counts}
    kept = _leading_bits(set(of.values()))
    final = {r: kept[w] for r, w in of.items()}
    return [final[r] for r in risks]


def _check_weights(risks: Iterable[int], floor_num: int, floor_den: int, gamma: int) -> None:
    if not 0 <= floor_num <= floor_den or floor_den == 0 or gamma not in range(4):
        found = f"{floor_num}/{floor_den}, {gamma}"
        raise PlanError("FLOOR_RANGE", "the floor must lie in 0..1 and gamma in 0..3", found=found)
    bad = sorted(r for r in set(risks) if not 0 <= r <= RISK_MAX)
    if bad:
        message, hint = "a risk is outside 0..1,000,000", "scores are probabilities in parts per million"
        raise InputError(Problem(code="RISK_RANGE", message=message, hint=hint, found=str(r)) for r in bad)


def _leading_bits(distinct: set[int]) -> dict[int, int]:
    """Return each weight with its lower bits cleared, so that at most 1,024 differ (draw.md, 6)."""

    def cut(w: int, k: int) -> int:
        shift = max(0, w.bit_length() - k)
        return w >> shift << shift

    def differ(k: int) -> int:
        return len({cut(w, k) for w in distinct})

    bits = max(w.bit_length() for w in distinct)
    kept = bisect_right(range(1, bits + 1), CLASSES_MAX, key=differ)
    return {w: cut(w, kept) for w in distinct}


def levels(weights: Sequence[int], n: int, *, cooldown: bool) -> Levels:
    """Return certainties, targets and levels of a stratum's eligible units (draw.md, 5 and 7).

    Parameters
    ----------
    weights, n
        Weights of the eligible units, and how many to draw.
    cooldown
        Whether the stratum's class has a cool-down, so that no pi may exceed 1/4.

    Raises
    ------
    PlanError
        ``SIZE_COOLDOWN``, ``SIZE_FRAME`` when the eligible units cannot give n, ``STRATUM_ZERO`` for n below 1.
    """
    _check_size(n, len(weights), cooldown=cooldown)
    if n == len(weights) and not cooldown:
        return Levels([TAKEN] * n, {}, {}, n, 0)
    left = dict(Counter(weights))
    m = n if cooldown else take_certain(left, n)
    level_at, target_e12, count = _numbered(left, fill(left, m, COOLDOWN_CAP if cooldown else Fraction(1)))
    return Levels([level_at.get(w, TAKEN) for w in weights], target_e12, count, n - m, m)


def _check_size(n: int, eligible: int, *, cooldown: bool) -> None:
    if n <= 0:
        raise PlanError("STRATUM_ZERO", "the stratum would draw nobody", found=n)
    if cooldown and n > eligible // COOLDOWN_CAP.denominator:
        raise PlanError(
            "SIZE_COOLDOWN",
            f"{n} of {eligible} eligible units is more than a quarter",
            hint="shorten the cool-down of this class or lower its ratio",
            found=n,
        )
    if n > eligible:
        raise PlanError("SIZE_FRAME", f"there are {eligible} eligible units", hint="lower the ratio", found=n)


def take_certain(left: dict[int, int], n: int) -> int:
    """Remove the certain weights from `left` (weight to number of units) and return m (draw.md, 7.3).

    There must be more units than `n`. Then more units than m stay, since fewer than m can have w m >= S.
    """
    m = n
    num, den = CERTAIN
    while True:
        total = sum(w * c for w, c in left.items())
        taken = [w for w in left if den * w * m >= num * total]
        if sum(left[w] for w in taken) > m - 1:
            taken = [w for w in taken if w * m >= total]
        if not taken:
            return m
        m -= sum(left.pop(w) for w in taken)


def fill(left: Mapping[int, int], m: int, cap: Fraction) -> dict[int, Fraction]:
    """Return the exact target min(cap, c w) of every weight, with c such that all units sum to m (draw.md, 7.4).

    Parameters
    ----------
    left
        Weight to number of units.
    m
        Sum of the targets; at most cap times the number of units.
    cap
        No target exceeds it.
    """
    free = dict(left)
    capped = 0
    while True:
        total = sum(w * c for w, c in free.items())
        rest = m - cap * capped
        above = [w for w in free if rest * w > cap * total]
        if not above:
            return {w: rest * w / total if w in free else cap for w in left}
        capped += sum(free.pop(w) for w in above)


def _numbered(
    left: Mapping[int, int], targets: Mapping[int, Fraction]
) -> tuple[dict[int, str], dict[str, int], dict[str, int]]:
    """Return level of each weight, target and count of each level (draw.md, 7.4 to 7.6)."""
    rounded = {w: round_e12(t) for w, t in targets.items()}
    name = {t: str(k) for k, t in enumerate(sorted(set(rounded.values())), 1)}
    count = dict.fromkeys(name.values(), 0)
    for w, c in left.items():
        count[name[rounded[w]]] += c
    return {w: name[t] for w, t in rounded.items()}, {k: t for t, k in name.items()}, count


def round_e12(value: Fraction) -> int:
    """Return floor(10^12 value + 1/2)."""
    return (2 * E12 * value.numerator + value.denominator) // (2 * value.denominator)
