"""Any kind of trained model: a points table, the challenger's trees, or both blended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import blend, points, trees
from models.blend import BlendTable
from models.points import PointsTable
from models.trees import TreesTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Table = PointsTable | TreesTable | BlendTable


def names(table: Table) -> tuple[str, ...]:
    """Return the features a table uses, in its order."""
    return table.names if isinstance(table, TreesTable) else tuple(f.name for f in table.features)


def risks(table: Table, columns: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the risk in ppm per row."""
    if isinstance(table, BlendTable):
        return blend.risks(table, columns)
    return trees.risks(table, columns) if isinstance(table, TreesTable) else points.risks(table, columns)
