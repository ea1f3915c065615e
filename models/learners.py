"""What can be measured: the points table, the challenger of trees, both blended, or a committed table as it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from models.blend import BlendTable, share_of
from models.growing import trees_table
from models.problems import refuse
from models.score import describe
from models.tables import Table, names, risks
from models.train import points_table, prepare

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from models.attributes import Attribute
    from models.features import Queries
    from models.history import History
    from models.options import Options
    from models.train import Material

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model and what it learned from.

    Parameters
    ----------
    table
        The model.
    columns
        Features of its training visits.
    warnings
        Entries of the envelope.
    """

    table: Table
    columns: dict[str, Ints]
    warnings: list[dict[str, object]]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features in use."""
        return names(self.table)

    @property
    def rows(self) -> int:
        """Number of training visits."""
        return self.table.rows

    def describe(self, known: History, queries: Queries, objects: pd.DataFrame | None) -> dict[str, Ints]:
        """Return the features of `queries` from the visits known."""
        columns = describe(self.table, known, queries, objects)
        return {name: columns[name] for name in self.features}

    def risks(self, columns: dict[str, Ints]) -> Ints:
        """Return the risk in ppm per row."""
        return risks(self.table, columns)


Learner = Callable[["History", "Options", "tuple[Attribute, ...]", "pd.DataFrame | None"], Learnt]
"""Visits known, how they were read, attributes in use and properties of the objects; to a model."""


def train_with(fit: Callable[[Material], Table]) -> Learner:
    """Return a learner that prepares the visits and fits one kind of table."""

    def learner(known: History, options: Options, used: tuple[Attribute, ...], objects: pd.DataFrame | None) -> Learnt:
        material = prepare(known, options, objects, used)
        return Learnt(fit(material), material.columns, material.warnings)

    return learner


def committed(table: Table) -> Learner:
    """Return a learner that learns nothing: the table as it was committed, on later visits."""

    def learner(known: History, options: Options, _: tuple[Attribute, ...], objects: pd.DataFrame | None) -> Learnt:
        if options.asof < table.asof:
            message = f"the table knows visits up to {table.asof}, the test begins knowing those up to {options.asof}"
            hint = f"--test-from {table.asof} or later (plus --gap-days)"
            refuse("EVALUATE_SEEN", message, hint=hint, found=options.asof, column="--test-from")
        material = prepare(known, options, objects, table.attributes)
        return Learnt(table, {n: material.columns[n] for n in names(table) if n in material.columns}, [])

    return learner


def blend_table(material: Material) -> BlendTable:
    """Return both models that fit the material in one table."""
    lines, grown = points_table(material), trees_table(material)
    share = share_of(lines.positives, lines.rows)
    own: dict[str, Any] = {"features": lines.features, "intercept": lines.intercept, "share": share}
    return BlendTable(
        **material.header, **own, names=grown.names, cuts=grown.cuts, baseline=grown.baseline, trees=grown.trees
    )


FITS: Final[dict[str, Callable[[Material], Table]]] = {
    "points": points_table,
    "trees": trees_table,
    "blend": blend_table,
}
LEARNERS: Final = {name: train_with(fit) for name, fit in FITS.items()}
"""Kinds of model by name."""
