"""The points table: a risk model a clerk can replay with a pencil, and a court can read.

Every feature is an integer, every bin gives integer points, the points are added, and a committed list turns the
sum into a risk in ppm. A float fit cannot be promised to be bit-stable across machines and library versions:
**the committed table is the authority**; training again elsewhere may differ by a point and proves nothing.
Within one machine and one lock file the table does not depend on the order of rows or of hashing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from models.columns import MICRO, MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.attributes import Attribute
    from models.prior import Prior

    Ints = NDArray[np.int64]

DOUBLING: Final = 20
"""Points that double the odds."""
KNOWN: Final = MISSING + 1
"""First cut of every feature: the bin below holds the missing values."""
MAX_TOTAL: Final = 4_000


@dataclass(frozen=True, slots=True)
class Feature:
    """One line of the table.

    Parameters
    ----------
    name
        Feature, as `models.features` computes it.
    cuts
        Strictly increasing; a value belongs to the bin of the number of cuts not above it.
    points
        One integer per bin, one more than cuts.
    """

    name: str
    cuts: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What every trained model says about itself: how its history is to be read, and what it learned from.

    Parameters
    ----------
    target, severity, score_direction
        What a failed visit is and how severe it is.
    asof
        First day whose records were not used.
    id_col, date_col, measures, near_days, missing
        How the history was read (`models.options`).
    attributes, prior
        Properties of the firm in use, and the strength of the shrinkage.
    trained_on
        SHA-256 of the tidy visits before the as-of date: independent of row order and of later rows.
    rows, positives, weights
        Training visits, failed ones, and the weight column or ``none``.
    """

    target: str
    severity: str
    score_direction: str
    asof: str
    id_col: str
    date_col: str
    prior: Prior
    trained_on: str
    rows: int
    positives: int
    weights: str
    attributes: tuple[Attribute, ...] = ()
    measures: tuple[str, ...] = ()
    near_days: int = 0
    missing: str = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTable(Described):
    """A trained model: integers and texts only.

    Parameters
    ----------
    features, intercept, map
        The points, and the ppm of every sum from ``map[0][0]`` on.
    """

    features: tuple[Feature, ...]
    intercept: int
    map: tuple[tuple[int, int], ...]


class Lines(Protocol):
    """Whatever has lines of points to add up."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """The lines."""
        ...

    @property
    def intercept(self) -> int:
        """Points to begin with."""
        ...


def risk_map(lowest: int, highest: int) -> tuple[tuple[int, int], ...]:
    """Return (points, ppm) for every sum from `lowest` to `highest`: odds double every 20 points.

    Computed in decimal arithmetic and rounded half up, so every machine writes the same integers.
    """
    with localcontext() as context:
        context.prec = 50
        step = Decimal(2) ** (Decimal(1) / DOUBLING)
        odds = ((t, step**t) for t in range(lowest, highest + 1))
        return tuple((t, int((MICRO * o / (1 + o)).to_integral_value(ROUND_HALF_UP))) for t, o in odds)


def reach(features: tuple[Feature, ...], intercept: int) -> tuple[int, int]:
    """Return the smallest and the largest sum a table can give."""
    low = intercept + sum(min(f.points) for f in features)
    high = intercept + sum(max(f.points) for f in features)
    return low, high


def totals(table: Lines, features: Mapping[str, Ints]) -> Ints:
    """Return the sum of points per row, in 64-bit integers."""
    rows = len(next(iter(features.values())))
    total = np.full(rows, table.intercept, dtype="int64")
    for f in table.features:
        bins = np.searchsorted(np.array(f.cuts, dtype="int64"), features[f.name], side="right")
        total += np.array(f.points, dtype="int64")[bins]
    return total


def risks(table: PointsTable, features: Mapping[str, Ints]) -> Ints:
    """Return the risk in ppm per row: totals looked up in the committed map."""
    ppm = np.array([p for _, p in table.map], dtype="int64")
    return np.asarray(ppm[totals(table, features) - table.map[0][0]], dtype="int64")


def score(table: PointsTable, features: Mapping[str, int]) -> int:
    """Return the risk in ppm of one object, by addition in plain Python.

    >>> from models.prior import Prior
    >>> f = Feature("visits", (-999999999, 3), (0, -5, 20))
    >>> t = PointsTable(target="severity>=2", severity="severity", score_direction="higher", asof="2026-12-01",
    ...     id_col="object_id", date_col="date", prior=Prior(4, 4), features=(f,), intercept=-40,
    ...     map=risk_map(-45, -20), trained_on="0" * 64, rows=60, positives=9, weights="none")
    >>> score(t, {"visits": 4})
    333333
    """
    total = table.intercept
    for f in table.features:
        total += f.points[sum(features[f.name] >= cut for cut in f.cuts)]
    return table.map[total - table.map[0][0]][1]


def explain(table: Lines, features: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the addition line by line: feature, value and points."""
    lines: list[dict[str, Any]] = [{"feature": "intercept", "value": 0, "points": table.intercept}]
    for f in table.features:
        value = features[f.name]
        lines.append({"feature": f.name, "value": value, "points": f.points[sum(value >= c for c in f.cuts)]})
    return lines
