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
from models.attributes import DATE, TEXT, Attribute, is_place, pairs
from models.columns import MICRO, MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.history import History
    from models.prior import Prior

    Ints = NDArray[np.int64]

HALF_LIFE: Final = 365
GROUP_PRIOR: Final = 20
"""Pseudo-visits of a group whose strength was not estimated."""
MEASURE_PRIOR: Final = 2
"""Usual visits added to the mean of a measure."""
_FADE: Final = 2**20
_OLDEST: Final = 20 * HALF_LIFE
_PAIR: Final = 2**31


_RISING: Final = ("severity_", "fail_rate", "recent_rate", "last_severity", "max_severity", "rate:", "place:")


def direction(name: str) -> int:
    """Return 1 for a feature that may only raise the risk as it grows, -1 for one that may only lower it, else 0."""
    measured = name.startswith("past:") and "score" not in name
    return 1 if measured or name.startswith(_RISING) else -1 if name == "days_since_failure" else 0


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
        Attributes at the visits, for the group rates.
    queries
        What to describe.
    used
        Attributes in use.
    prior
        Strength of the shrinkage.

    Notes
    -----
    The rate of a place (``place:``) speaks only for an object without a visit of its own. Whoever inspects a place
    colours its rate, and officers move on: on early folds with long records it cost up to 0.05 AUC, and it would
    send officers to the same streets again and again (docs/benchmarks/model.md).
    """
    base = Base.of(history, queries.day)
    index = past.Past.of(history.ids, history.day)
    codes = index.codes(queries.ids)
    out = own(history, codes, queries.day, base, prior, index)
    at_visits, asked = pairs(seen, used), pairs(queries.values, used)
    for name, groups in at_visits.items():
        strength = prior.groups.get(name, GROUP_PRIOR)
        rate = others_rate(history, index, groups, (codes, asked[name], queries.day), base, strength)
        if is_place(name):
            out[f"place:{name}"] = np.where(out["visits"] == 0, rate, MISSING)
        else:
            out[f"rate:{name}"] = rate
    for a in used:
        if a.kind == DATE:
            out[f"days_since:{a.name}"] = _age(queries.values[a.name].astype("int64"), queries.day)
        elif a.kind != TEXT:
            out[a.name] = queries.values[a.name].astype("int64")
    out["month"] = queries.day.astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12 + 1
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


def own(history: History, codes: Ints, now: Ints, base: Base, prior: Prior, index: past.Past) -> dict[str, Ints]:
    """Return the features from the earlier visits of object number `codes` on day `now`."""
    start, end = index.before(codes, now)
    n = end - start
    failed, severity = history.failed[index.order].astype("int64"), history.severity[index.order]
    day, first = history.day[index.order], index.group_starts()
    some, two = n > 0, n > 1
    last = past.at(severity, end - 1, where=some, other=MISSING)
    previous = past.at(severity, end - 2, where=two, other=0)
    failure = past.running_max(np.where(failed == 1, day, MISSING), first)
    mean = past.divide(past.range_sum(severity, start, end) + prior.severity * base.severity, n + prior.severity)
    rate = past.divide(past.range_sum(failed, start, end) * MICRO + prior.rate * base.rate, n + prior.rate)
    fresh = _recent(day, (MICRO * failed, severity), start, end, now, (base.rate, base.severity))
    out = {
        "visits": n,
        "severity_mean": np.where(some, mean, MISSING),
        "severity_recent": np.where(some, fresh[1], MISSING),
        "fail_rate": np.where(some, rate, MISSING),
        "recent_rate": np.where(some, fresh[0], MISSING),
        "last_severity": last,
        "max_severity": past.at(past.running_max(severity, first), end - 1, where=some, other=MISSING),
        "days_since_visit": _age(past.at(day, end - 1, where=some, other=MISSING), now),
        "days_since_failure": _age(past.at(failure, end - 1, where=some, other=MISSING), now),
        "trend": np.where(two, last - previous, MISSING),
    }
    for name, values in history.measures.items():
        out[f"past:{name}"] = _measured(values[index.order], start, end, _usual(history, values, now))
    return out


def _age(day: Ints, now: Ints) -> Ints:
    return np.where((day == MISSING) | (day > now), MISSING, now - day)


def _usual(history: History, values: Ints, day: Ints) -> Ints:
    """Return the mean of a measure among all visits before each day."""
    order = np.argsort(history.day, kind="stable")
    end = np.searchsorted(history.day[order], day, side="left").astype("int64")
    there = (values[order] != MISSING).astype("int64")
    start = np.zeros_like(end)
    total = past.range_sum(values[order] * there, start, end)
    return past.divide(total, np.maximum(past.range_sum(there, start, end), 1))


def _measured(values: Ints, start: Ints, end: Ints, usual: Ints) -> Ints:
    """Return the mean of a measure at the object's earlier visits, with `MEASURE_PRIOR` usual ones added."""
    there = (values != MISSING).astype("int64")
    known = values * there
    n = past.range_sum(there, start, end)
    mean = past.divide(past.range_sum(known, start, end) + MEASURE_PRIOR * usual, n + MEASURE_PRIOR)
    return np.where(n > 0, mean, MISSING)


def _recent(
    day: Ints, values: tuple[Ints, Ints], start: Ints, end: Ints, now: Ints, usual: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Return means with weights halving every `HALF_LIFE` days and 1.5 usual visits added."""
    fade = fading()
    sums, mass = [np.zeros_like(end), np.zeros_like(end)], np.zeros_like(end)
    rows, lag = np.flatnonzero(end > start), 1
    while len(rows):
        at = end[rows] - lag
        weight = fade[np.minimum(now[rows] - day[at], _OLDEST)]
        mass[rows] += weight
        for total, value in zip(sums, values, strict=True):
            total[rows] += weight * value[at]
        lag += 1
        rows = rows[end[rows] - lag >= start[rows]]
    extra = 3 * _FADE // 2
    rate, severity = (past.divide(t + extra * u, mass + extra) for t, u in zip(sums, usual, strict=True))
    return rate, severity


@lru_cache(maxsize=1)
def fading() -> Ints:
    """Return 2^20 * 2^(-d/365) rounded, by day d; in decimal arithmetic, so every machine has the same."""
    with localcontext() as context:
        context.prec = 40
        step = Decimal(2) ** (Decimal(-1) / HALF_LIFE)
        return np.array([int(_FADE * step**d + Decimal("0.5")) for d in range(_OLDEST + 1)], dtype="int64")


def others_rate(
    history: History,
    own_index: past.Past,
    seen: NDArray[np.generic],
    query: tuple[Ints, NDArray[np.generic], Ints],
    base: Base,
    strength: int,
) -> Ints:
    """Return the smoothed rate of failed visits of the other objects in a group before a day, in ppm.

    A query is the object's number, its group and the day.

    The object's own record stands in its own features; left in, it would count twice in a small group.
    """
    objects, groups, day = query
    index = past.Past.of(seen, history.day)
    codes = index.codes(groups)
    pair = past.Past.of(own_index.visits * _PAIR + index.visits, history.day)
    both = pair.codes(objects * _PAIR + codes)
    all_of, mine = _tally(history, index, codes, day), _tally(history, pair, both, day)
    hits, n = all_of[0] - mine[0], all_of[1] - mine[1]
    rate = past.divide(hits * MICRO + strength * base.rate, n + strength)
    return np.where(groups == "", MISSING, rate)


def _tally(history: History, index: past.Past, codes: Ints, day: Ints) -> tuple[Ints, Ints]:
    start, end = index.before(codes, day)
    return past.range_sum(history.failed[index.order].astype("int64"), start, end), end - start
