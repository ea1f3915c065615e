"""Ratios, clause totals, strata and their sizes, in integers (docs/spec/draw.md, 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sampler.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
