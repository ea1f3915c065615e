"""Weights, certainties, targets and levels of a stratum, in integers (docs/spec/draw.md, 5 to 7)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
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


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a stratum's eligible units (draw.md, 7).

    Parameters
    ----------
    level_of
        Level of each weight given, in their order: ``T`` or a number from ``1``.
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
    of = weight_of(Counter(risks), floor_num, floor_den, gamma)
    return [of[r] for r in risks]


def weight_of(counts: Mapping[int, int], floor_num: int, floor_den: int, gamma: int) -> dict[int, int]:
    """Return the weight of every risk, given how many units have it: `weights` of a stratum too large to list."""
    _check_weights(counts, floor_num, floor_den, gamma)
    total = sum(n * r**gamma for r, n in counts.items())
    if total == 0:
        return dict.fromkeys(counts, UNIT_WEIGHT)
    level = floor_num * total
    scale = (floor_den - floor_num) * sum(counts.values())
    of = {r: max(1, UNIT_WEIGHT * (level + scale * r**gamma) // (floor_den * total)) for r in counts}
    kept = _leading_bits(set(of.values()))
    return {r: kept[w] for r, w in of.items()}


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
    if len(distinct) <= CLASSES_MAX:
        return {w: w for w in distinct}

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
    counts = Counter(weights)
    found = counted_levels(counts, n, cooldown=cooldown)
    name = dict(zip(counts, found.level_of, strict=True))
    return replace(found, level_of=[name[w] for w in weights])


def counted_levels(counts: Mapping[int, int], n: int, *, cooldown: bool) -> Levels:
    """Return `levels`, given how many units have each weight; `level_of` tells the level of each distinct weight."""
    size = sum(counts.values())
    _check_size(n, size, cooldown=cooldown)
    if n == size and not cooldown:
        return Levels([TAKEN] * len(counts), {}, {}, n, 0)
    left = dict(counts)
    m = n if cooldown else take_certain(left, n)
    level_at, target_e12, count = _numbered(left, fill(left, m, COOLDOWN_CAP if cooldown else Fraction(1)))
    return Levels([level_at.get(w, TAKEN) for w in counts], target_e12, count, n - m, m)


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
        num, den = rest.numerator, rest.denominator * total  # c = num / den
        above = [w for w in free if num * w * cap.denominator > cap.numerator * den]
        if not above:
            return {w: Fraction(num * w, den) if w in free else cap for w in left}
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
