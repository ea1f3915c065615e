"""Points and trees mixed: a weighted mean of two sums, still by comparing and adding whole numbers.

Kept because it earns its place (ADR 0025): on early folds and on invented cities it ranks at least as well as the
points nearly everywhere and surely better where objects have long records. Trees learn little from few failures
and harm a small town: their share grows with what there was to learn from, up to one half (ADR 0027).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models import points, trees
from models.columns import MICRO
from models.trees import MILLI, TreesTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from models.points import Feature

    Ints = NDArray[np.int64]

POINT: Final = 34_657
"""One point in millionths of log-odds: ln 2 / 20 (`models.points.DOUBLING`)."""
HALF: Final = 500
"""Largest share of the trees, in thousandths."""
PER_SHARE: Final = 2
"""Training visits of the rarer outcome for each thousandth; chosen on early folds and in invented towns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendTable(TreesTable):
    """The challenger's trees with the lines of a points table beside them.

    Parameters
    ----------
    features, intercept
        The points.
    share
        Thousandths of the log-odds that are the trees'; the rest are the points'.
    """

    features: tuple[Feature, ...]
    intercept: int
    share: int


def share_of(positives: int, rows: int) -> int:
    """Return the share of the trees after learning from `positives` failed among `rows` visits.

    >>> [share_of(n, 5_000) for n in (0, 270, 999, 1_000, 2_500)]
    [0, 135, 499, 500, 500]
    """
    return min(HALF, min(positives, rows - positives) // PER_SHARE)


def risks(table: BlendTable, features: Mapping[str, Ints]) -> Ints:
    """Return the risk in ppm per row: both log-odds by their shares, rounded half up to thousandths."""
    own = (MILLI - table.share) * POINT * points.totals(table, features)
    return trees.risk_at((own + table.share * trees.log_odds(table, features) + MICRO // 2) // MICRO)


def score(table: BlendTable, features: Mapping[str, int]) -> int:
    """Return the risk in ppm of one object, by comparing and adding in plain Python."""
    own = POINT * sum(int(line["points"]) for line in points.explain(table, features))
    total = (MILLI - table.share) * own + table.share * trees.total(table, features)
    return trees.risk_of((total + MICRO // 2) // MICRO)
