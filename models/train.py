"""Visits to a points table: bins by quantiles, a regularised logistic regression, rounding to points.

A worse past never lowers the points (`models.features.direction`): lawful to explain, and on folds before any
test period better for objects with several visits. One thread, rows in a fixed order, a tight tolerance: the table
does not depend on the order of the file or of hashing. Cut points are rounded to two digits and points are whole
numbers, so tiny differences of floating point between machines rarely show; where they do, the committed table
decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, log2
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from models import attributes, features
from models.columns import MICRO, MISSING
from models.history import NONE, notes, read_history
from models.points import DOUBLING, KNOWN, Feature, PointsTable, reach, risk_map
from models.prior import Prior
from models.problems import refuse, warning
from models.steps import Binned, logistic, ramp
from sampler import canon

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.history import History
    from models.options import Options

    Ints = NDArray[np.int64]

LEAST_ROWS: Final = 50
BINS: Final = 16
"""Known values of a feature in the points table; chosen on folds before any test period (docs/benchmarks/model.md)."""
ANCHOR: Final = "severity_mean"
"""Feature whose line is free of the penalty while it is straight in log severity: with little to learn from, the table
ranks like the mean severity, which is hard to beat then (ADR 0027)."""
FINE: Final = 64
"""Known values of that feature."""
SEASONS: Final = 4
"""Years of history from which the month may be a feature: fewer cannot tell a season from a trend."""
SCALE: Final = DOUBLING * log2(e)
"""Points of one unit of log-odds."""
CLIP: Final = 99
"""Percentile at which weights are cut off."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A table with what the analyst must know about it.

    Parameters
    ----------
    table
        The model.
    counts
        Rows read, used, merged, dropped; weights in whole numbers.
    warnings
        Entries of the envelope.
    """

    table: PointsTable
    counts: dict[str, int]
    warnings: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Which visits train, and how much.

    Parameters
    ----------
    rows
        Positions of the training visits.
    weight
        Their weights in millionths, cut off.
    column, counts, warnings
        The weight column or ``none``; what was done.
    """

    rows: NDArray[np.intp]
    weight: Ints
    column: str
    counts: dict[str, int]
    warnings: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is fitted to.

    Parameters
    ----------
    columns
        Feature name to integers, one per training visit.
    failed, weighted
        Outcomes, and the rows and weights behind them.
    header
        What every table says about itself (`models.points.Described`).
    warnings
        Entries of the envelope.
    """

    columns: dict[str, Ints]
    failed: NDArray[np.bool_]
    weighted: Weighted
    header: dict[str, Any]
    warnings: list[dict[str, object]]


def train(source: bytes | pd.DataFrame, options: Options, objects: pd.DataFrame | None = None) -> Trained:
    """Return the points table of a history.

    Parameters
    ----------
    source
        History: CSV or Parquet bytes, or a frame.
    options
        The analyst's choices.
    objects
        Properties by object (`models.objects`), or none.

    Raises
    ------
    InputError
        What `read_history` and `attributes.choose` refuse; ``TRAIN_ROWS``, ``TRAIN_ONE_CLASS``.
    """
    return train_history(read_history(source, options), options, objects)


def train_history(history: History, options: Options, objects: pd.DataFrame | None = None) -> Trained:
    """Return the points table of visits already read; errors as for `train`."""
    material = prepare(history, options, objects)
    counts = {**history.counts, **material.weighted.counts}
    return Trained(points_table(material), counts, notes(history) + material.warnings)


def prepare(
    history: History,
    options: Options,
    objects: pd.DataFrame | None = None,
    used: tuple[attributes.Attribute, ...] | None = None,
) -> Material:
    """Return what a model is fitted to; `used`: attributes already chosen. Errors as for `train`."""
    weighted = weigh(history)
    _check(history, weighted)
    used = attributes.choose(history, objects, options) if used is None else used
    seen = {a.name: attributes.at_visits(history, objects, a) for a in used}
    prior = Prior.of(history, attributes.pairs(seen, used))
    queries = features.Queries(history.ids, history.day, seen)
    columns = features.build(history, seen, queries, used, prior)
    if history.day.max() - history.day.min() < SEASONS * 365:
        del columns["month"]
    header: dict[str, Any] = {
        **_described(history, options),
        "attributes": used,
        "prior": prior,
        "trained_on": fingerprint(history, seen),
        "rows": len(weighted.rows),
        "positives": int(history.failed[weighted.rows].sum()),
        "weights": weighted.column,
    }
    at_rows = {name: values[weighted.rows] for name, values in columns.items()}
    told = _snapshot(history, used) + weighted.warnings
    return Material(at_rows, history.failed[weighted.rows], weighted, header, told)


def points_table(material: Material) -> PointsTable:
    """Return the points table that fits the material."""
    lines, intercept = fit(material.columns, material.failed, material.weighted.weight)
    return PointsTable(**material.header, features=lines, intercept=intercept, map=risk_map(*reach(lines, intercept)))


def _described(history: History, options: Options) -> dict[str, Any]:
    roles = history.roles
    return {
        "target": roles.target.text,
        "severity": roles.severity_text,
        "score_direction": "lower" if roles.lower else "higher",
        "asof": options.asof,
        "id_col": roles.id_col,
        "date_col": roles.date_col,
        "measures": roles.measures,
        "near_days": options.near_days,
        "missing": options.missing,
    }


def weigh(history: History) -> Weighted:
    """Return the visits that train: those with a weight, cut off at the 99th percentile, or all with weight 1."""
    rows = np.flatnonzero(history.weight > 0)
    if not len(rows):
        note = warning("TRAIN_UNWEIGHTED", "no visit has a weight: every visit trains with weight 1")
        ones = np.full(len(history), MICRO, dtype="int64")
        return Weighted(np.arange(len(history)), ones, NONE, {"rows_train": len(history)}, [note])
    raw = history.weight[rows]
    limit = np.sort(raw)[-(-CLIP * len(raw) // 100) - 1]
    cut = np.minimum(raw, limit)
    total, squares = int(cut.sum()), sum(w**2 for w in cut.tolist())
    counts = {
        "rows_train": len(rows),
        "rows_features_only": len(history) - len(rows),
        "weight_limit_e6": int(limit),
        "weight_clipped_rows": int((raw > limit).sum()),
        "weight_clipped_ppm": (int(raw.sum()) - total) * MICRO // int(raw.sum()),
        "effective_n": total**2 // squares,
    }
    return Weighted(rows, cut, history.roles.weight_col or f"1/{history.roles.pi_col}", counts, [])


def _check(history: History, weighted: Weighted) -> None:
    n, failed = len(weighted.rows), int(history.failed[weighted.rows].sum())
    if n < LEAST_ROWS:
        hint = "supply more history; --weight-col none lets visits without a weight train"
        message = f"{n} visits before the as-of date can train; {LEAST_ROWS} are needed"
        refuse("TRAIN_ROWS", message, hint=hint, found=str(n))
    if failed in {0, n}:
        hint = "choose another --target"
        refuse("TRAIN_ONE_CLASS", f"{failed} of {n} visits fail the target: nothing to learn", hint=hint, found=failed)


def _snapshot(history: History, used: tuple[attributes.Attribute, ...]) -> list[dict[str, object]]:
    if not any(a.name == "class" and "class" not in history.raw.columns for a in used):
        return []
    message = "the class is today's and may reflect the very visits it is used to explain"
    return [warning("ATTRIBUTE_SNAPSHOT", message, hint="--exclude class leaves it out", column="class")]


def fingerprint(history: History, seen: dict[str, NDArray[np.generic]]) -> str:
    """Return the SHA-256 of the visits used, as sorted tab-separated integers and texts."""
    fields = (history.ids, history.day, history.failed.astype("int64"), history.severity, history.weight)
    columns = [*fields, *(seen[name] for name in sorted(seen))]
    lines = ("\t".join(map(str, row)) for row in zip(*(c.tolist() for c in columns), strict=True))
    return canon.sha256("\n".join(lines).encode()).hex()


def fit(columns: dict[str, Ints], failed: NDArray[np.bool_], weight: Ints) -> tuple[tuple[Feature, ...], int]:
    """Return the lines of the table and the intercept, in points.

    Parameters
    ----------
    columns
        Feature name to integers, one per training visit.
    failed, weight
        Outcome and weight in millionths.
    """
    cuts = {n: cut_points(values, FINE if n == ANCHOR else BINS) for n, values in columns.items()}
    parts = [binned(n, values, cuts[n]) for n, values in columns.items()]
    with threadpool_limits(limits=1):
        exact = logistic(parts, failed, weight / (weight.sum() / len(weight)))
    return whole(columns, cuts, parts, exact)


def whole(
    columns: dict[str, Ints],
    cuts: dict[str, tuple[int, ...]],
    parts: list[Binned],
    exact: tuple[float, list[NDArray[np.float64]]],
) -> tuple[tuple[Feature, ...], int]:
    """Return the lines and the intercept in whole points.

    A firm never visited has the missing value on most lines at once, and their rounding errors add up to a tenth of
    log-odds for all such firms alike. What they lose on average is given back on the one line whose missing value
    is theirs alone.
    """
    start, found = exact
    intercept, lines = _rounded(np.array(start)), [_rounded(line) for line in found]
    if ANCHOR in columns and (unseen := columns[ANCHOR] == MISSING).any():
        lost = start * SCALE - intercept
        for line, points, part in zip(found, lines, parts, strict=True):
            lost += float((line * SCALE - points)[part.bins[unseen]].mean())
        lines[list(columns).index(ANCHOR)][0] += _rounded(np.asarray(lost / SCALE, dtype="float64"))
    made = zip(columns, lines, strict=True)
    return tuple(Feature(n, cuts[n], tuple(line.tolist())) for n, line in made), int(intercept)


def _rounded(log_odds: NDArray[np.float64]) -> Ints:
    return np.asarray(np.floor(np.round(log_odds * SCALE, 6) + 0.5), dtype="int64")


def binned(name: str, values: Ints, cuts: tuple[int, ...]) -> Binned:
    """Return a feature of the training visits by bin."""
    bins = np.searchsorted(np.array(cuts), values, side="right")
    line = ramp(values, bins, len(cuts)) if name == ANCHOR else np.zeros(0)
    return Binned(bins, len(cuts), features.direction(name), line)


def cut_points(values: Ints, number: int = BINS) -> tuple[int, ...]:
    """Return the cuts of a feature: the missing values, then its quantiles rounded to two digits."""
    known = np.sort(values[values != MISSING])
    marks = {int(known[i * len(known) // number]) for i in range(1, number)} if len(known) else set()
    least = int(known[0]) if len(known) else 0
    return (KNOWN, *sorted({printable(m) for m in marks if printable(m) > least}))


def printable(value: int) -> int:
    """Return `value` rounded half up to two significant digits.

    >>> [printable(v) for v in (7, 84, 137, 132_468, -1_250)]
    [7, 84, 140, 130000, -1200]
    """
    unit = int("1" + "0" * max(0, len(str(abs(value))) - 2))
    return (2 * value + unit) // (2 * unit) * unit
