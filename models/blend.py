"""Points and trees, half each: the mean of two sums, still by comparing and adding whole numbers.

Kept because it earns its place (ADR 0025): on early folds and on invented cities it ranks at least as well as the
points nearly everywhere and surely better where objects have long records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models import points, trees
from models.trees import MILLI, TreesTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from models.points import Feature

    Ints = NDArray[np.int64]

POINT: Final = 34_657
"""One point in millionths of log-odds: ln 2 / 20 (`models.points.DOUBLING`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendTable(TreesTable):
    """The challenger's trees with the lines of a points table beside them.

    Parameters
    ----------
    features, intercept
        The points.
    """

    features: tuple[Feature, ...]
    intercept: int


def risks(table: BlendTable, features: Mapping[str, Ints]) -> Ints:
    """Return the risk in ppm per row: half of both log-odds, rounded half up to thousandths."""
    both = POINT * points.totals(table, features) + trees.log_odds(table, features)
    return trees.risk_at((both + MILLI) // (2 * MILLI))


def score(table: BlendTable, features: Mapping[str, int]) -> int:
    """Return the risk in ppm of one object, by comparing and adding in plain Python."""
    total = sum(int(line["points"]) for line in points.explain(table, features))
    return trees.risk_of((POINT * total + trees.total(table, features) + MILLI) // (2 * MILLI))
