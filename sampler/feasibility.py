"""Whether a cool-down can be kept, now and at this pace, and whether ratios rise with the risk (draw.md, 5)."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sampler.allocation import COOLDOWN_CAP, parse_ratio
from sampler.plan import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.plan import Clause, Plan

MONTHS: Final = 12
PARTS: Final = COOLDOWN_CAP.denominator
"""In a cool-down stratum at most one eligible unit in so many is drawn."""


def longest_now(months: int, strata: Iterable[tuple[int, Sequence[int]]]) -> int:
    """Return the longest cool-down of at most `months` that all strata of a class can keep this month; 0 is none.

    Parameters
    ----------
    months
        The months g wished for.
    strata
        Of each stratum n, and per unit the months since its last draw (more than g if never, or longer ago).
    """
    held = [(n, list(ago)) for n, ago in strata]
    for g in range(months, 0, -1):
        if all(PARTS * n <= sum(a > g for a in ago) for n, ago in held):
            return g
    return 0


def longest_at_pace(size: int, total: int, yearly: int) -> int:
    """Return the longest cool-down that can be kept for ever at this pace, in months; 0 when there is none.

    After g months g / 12 of the yearly number is cooling, and four times what is drawn at once must be eligible.

    Parameters
    ----------
    size
        Units of the class in the frame.
    total, yearly
        How many of them one draw takes, and all draws of a year.
    """
    free = size - PARTS * total
    return max(0, MONTHS * free // yearly) if yearly else MONTHS * size


def falling(plan: Plan) -> list[tuple[str, Clause, Clause]]:
    """Return (stratum type, clause, clause) wherever a riskier class has a lower ratio than the class before it.

    Classes run from A, the safest, to D; only ratios of the same period are compared.
    """
    found = []
    for type_ in sorted({t.stratum for t in plan.types}):
        given = [c for name in CLASSES if (c := plan.clause_of(name, type_)) is not None]
        for safe, risky in pairwise(given):
            if safe.period == risky.period and _share(risky) < _share(safe):
                found.append((type_, safe, risky))
    return found


def _share(clause: Clause) -> Fraction:
    ratio = parse_ratio(clause.ratio)
    return Fraction(ratio.num, ratio.den)
