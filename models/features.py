"""Integer features of an object on a day, from strictly earlier visits.

Training and scoring share this one path: a training row is a query on the visit's own day, a score is a query
on the as-of date. Everything is 64-bit integer arithmetic: ppm for rates, thousandths for severities, days.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from models import past
from models.attributes import DATE, TEXT, Attribute
from models.columns import MICRO, MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.history import History
    from models.prior import Prior

    Ints = NDArray[np.int64]

HALF_LIFE: Final = 365
GROUP_PRIOR: Final = 20
"""Pseudo-visits that pull a group's rate towards the overall one."""
_FADE: Final = 2**20
_OLDEST: Final = 20 * HALF_LIFE


@dataclass(frozen=True, slots=True)
class Queries:
    """Objects on days.

    Parameters
    ----------
    ids, day
        Object and day of each query.
    values
        Attribute name to its value for each query.
    """

    ids: NDArray[np.object_]
    day: Ints
    values: dict[str, NDArray[np.generic]]


def build(
    history: History, seen: dict[str, NDArray[np.generic]], queries: Queries, used: tuple[Attribute, ...], prior: Prior
) -> dict[str, Ints]:
    """Return feature name to one integer per query, `MISSING` where nothing is known.

    Parameters
    ----------
    history
        Visits before the as-of date.
    seen
        Text attributes at the visits, for the group rates.
    queries
        What to describe.
    used
        Attributes in use.
    prior
        Strength of the shrinkage.
    """
    base = Base.of(history, queries.day)
    out = own(history, queries, base, prior)
    for a in used:
        if a.kind == TEXT:
            out[f"rate:{a.name}"] = group_rate(history, seen[a.name], queries, a.name, base)
        elif a.kind == DATE:
            out[f"days_since:{a.name}"] = _age(queries.values[a.name].astype("int64"), queries.day)
        else:
            out[a.name] = queries.values[a.name].astype("int64")
    return out


@dataclass(frozen=True, slots=True)
class Base:
    """What was usual among all visits before each query's day.

    Parameters
    ----------
    rate, severity
        Smoothed rate of failed visits in ppm, mean severity in thousandths.
    """

    rate: Ints
    severity: Ints

    @classmethod
    def of(cls, history: History, day: Ints) -> Base:
        """Return the usual values before each day."""
        order = np.argsort(history.day, kind="stable")
        end = np.searchsorted(history.day[order], day, side="left").astype("int64")
        start = np.zeros_like(end)
        failed = past.range_sum(history.failed[order].astype("int64"), start, end)
        severity = past.range_sum(history.severity[order], start, end)
        return cls(past.divide((failed + 1) * MICRO, end + 7), past.divide(severity, np.maximum(end, 1)))


def own(history: History, queries: Queries, base: Base, prior: Prior) -> dict[str, Ints]:
    """Return the features from the object's own earlier visits."""
    index = past.Past.of(history.ids, history.day)
    start, end = index.before(queries.ids, queries.day)
    n = end - start
    failed, severity = history.failed[index.order].astype("int64"), history.severity[index.order]
    day, first = history.day[index.order], index.group_starts()
    some, two = n > 0, n > 1
    last = past.at(severity, end - 1, where=some, other=MISSING)
    previous = past.at(severity, end - 2, where=two, other=0)
    failure = past.running_max(np.where(failed == 1, day, MISSING), first)
    mean = past.divide(past.range_sum(severity, start, end) + prior.severity * base.severity, n + prior.severity)
    rate = past.divide(past.range_sum(failed, start, end) * MICRO + prior.rate * base.rate, n + prior.rate)
    recent = _recent(day, failed, start, end, queries.day, base.rate)
    return {
        "visits": n,
        "severity_mean": np.where(some, mean, MISSING),
        "fail_rate": np.where(some, rate, MISSING),
        "recent_rate": np.where(some, recent, MISSING),
        "last_severity": last,
        "max_severity": past.at(past.running_max(severity, first), end - 1, where=some, other=MISSING),
        "days_since_visit": _age(past.at(day, end - 1, where=some, other=MISSING), queries.day),
        "days_since_failure": _age(past.at(failure, end - 1, where=some, other=MISSING), queries.day),
        "trend": np.where(two, last - previous, MISSING),
    }


def _age(day: Ints, now: Ints) -> Ints:
    return np.where((day == MISSING) | (day > now), MISSING, now - day)


def _recent(day: Ints, failed: Ints, start: Ints, end: Ints, now: Ints, base: Ints) -> Ints:
    """Return the rate with weights halving every `HALF_LIFE` days and 1.5 usual visits added, in ppm."""
    fade = fading()
    hits, mass = np.zeros_like(end), np.zeros_like(end)
    rows, lag = np.flatnonzero(end > start), 1
    while len(rows):
        at = end[rows] - lag
        weight = fade[np.minimum(now[rows] - day[at], _OLDEST)]
        mass[rows] += weight
        hits[rows] += weight * failed[at]
        lag += 1
        rows = rows[end[rows] - lag >= start[rows]]
    extra = 3 * _FADE // 2
    return past.divide(hits * MICRO + extra * base, mass + extra)


@lru_cache(maxsize=1)
def fading() -> Ints:
    """Return 2^20 * 2^(-d/365) rounded, by day d; in decimal arithmetic, so every machine has the same."""
    with localcontext() as context:
        context.prec = 40
        step = Decimal(2) ** (Decimal(-1) / HALF_LIFE)
        return np.array([int(_FADE * step**d + Decimal("0.5")) for d in range(_OLDEST + 1)], dtype="int64")


def group_rate(history: History, seen: NDArray[np.generic], queries: Queries, name: str, base: Base) -> Ints:
    """Return the smoothed rate of failed visits in the query's group before its day, in ppm."""
    index = past.Past.of(seen, history.day)
    groups = queries.values[name]
    start, end = index.before(groups, queries.day)
    hits = past.range_sum(history.failed[index.order].astype("int64"), start, end)
    rate = past.divide(hits * MICRO + GROUP_PRIOR * base.rate, end - start + GROUP_PRIOR)
    return np.where(groups.astype("str") == "", MISSING, rate)
