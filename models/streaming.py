"""Scores of a frame that is read in batches: the risks of `models.score`, in memory that does not grow with it.

A risk follows from an object's own visits, its attributes, and rates of groups of visits. The visited are as many as
the history is long: they are scored at once, when the frame has been read for what it says of them. All others differ
in their attributes alone: each combination is scored once, however many objects share it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.score import options_of, risks_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from models.history import History
    from models.score import Values
    from models.tables import Table

KNOWN_MAX: Final = 2**20
"""Combinations remembered; then they are forgotten and scored again when they come again."""


def visited(histories: Iterable[History], batches: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the properties of the objects that any history names; batches are indexed by object."""
    names = pd.Index(np.unique(np.concatenate([h.ids.astype("str") for h in histories])).astype("object"))
    parts = [b[b.index.isin(names)] for b in batches]
    return pd.concat(parts) if parts else pd.DataFrame()


class Scorer:
    """One model on the frame.

    Parameters
    ----------
    table, visits
        The model and the history, read with its `options_of`.
    objects
        Properties of the objects of the frame that are visited (`visited`).
    asof
        First day that must not be known, ISO.
    known
        Scores of an earlier run (`models.knownscores`).
    """

    def __init__(
        self, table: Table, visits: History, objects: pd.DataFrame, asof: str, known: Mapping[str, int] | None = None
    ) -> None:
        self._table, self._visits, self._objects = table, visits, objects
        self._day = options_of(table, asof).asof_day
        ids = objects.index[objects.index.isin(pd.unique(visits.ids))].to_numpy(dtype="object")
        self._known = {k: v for k, v in (known or {}).items() if k.startswith("[")}
        self.anew = self.combinations = 0
        self._own = pd.Series(self._visited(ids, known or {}), index=ids, dtype="int64")

    @property
    def own(self) -> int:
        """How many objects were scored for themselves."""
        return len(self._own)

    def _visited(self, ids: NDArray[np.object_], known: Mapping[str, int]) -> NDArray[np.int64]:
        if all(i in known for i in ids):
            return np.array([known[i] for i in ids], dtype="int64")
        self.anew += len(ids)
        return self._risks(ids, values_of(self._table, self._visits, ids, self._objects))

    @property
    def known(self) -> dict[str, int]:
        """What is known at the end, for a later run."""
        return {**self._known, **dict(zip(self._own.index.tolist(), self._own.tolist(), strict=True))}

    def risks(self, objects: pd.DataFrame) -> NDArray[np.int64]:
        """Return the risk in ppm of every object of a batch, in its order."""
        found = self._own.reindex(objects.index)
        rest = np.flatnonzero(found.isna().to_numpy())
        out = found.fillna(0).to_numpy(dtype="int64").copy()
        if len(rest):
            ids = objects.index[rest].to_numpy(dtype="object")
            out[rest] = self._others(ids, values_of(self._table, self._visits, ids, objects))
        return out

    def _others(self, ids: NDArray[np.object_], values: Values) -> NDArray[np.int64]:
        """Return the risk of objects without a visit: one of each combination of attributes speaks for all."""
        number = np.zeros(len(ids), dtype="int64")
        for v in values.values():
            codes, names = pd.factorize(v)
            number = np.unique(number * (len(names) + 1) + codes, return_inverse=True)[1]
        _, first, of = np.unique(number, return_index=True, return_inverse=True)
        rows = list(zip(*(v[first].tolist() for v in values.values()), strict=True)) or [()] * len(first)
        keys = [json.dumps(row, ensure_ascii=False) for row in rows]
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        new = [n for n, k in enumerate(keys) if k not in self._known]
        if new:
            at = first[new]
            risk = self._risks(ids[at], {name: v[at] for name, v in values.items()})
            self._known.update(zip((keys[n] for n in new), risk.tolist(), strict=True))
            self.combinations += len(new)
            self.anew += len(new)
        return np.array([self._known[k] for k in keys], dtype="int64")[of]

    def _risks(self, ids: NDArray[np.object_], values: Values) -> NDArray[np.int64]:
        if not len(ids):
            return np.empty(0, dtype="int64")
        return risks_of(self._table, self._visits, ids, values, self._objects, self._day)
