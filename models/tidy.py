"""One visit a day and object, and no visit recorded twice: the same result whatever the order of the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from models.reading import as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.history import History

_Kind = TypeVar("_Kind", bound=np.generic)


def merged(history: History) -> History:
    """Return the visits sorted by object and day, those of the same day merged into the worst."""
    order, codes = _worst_first(history)
    day = history.day[order]
    first = np.ones(len(order), dtype="bool")
    first[1:] = (codes[order][1:] != codes[order][:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(first)
    kept = order[starts]
    return replace(
        history,
        ids=history.ids[kept],
        day=history.day[kept],
        failed=_largest(history.failed[order], starts),
        severity=_largest(history.severity[order], starts),
        weight=_largest(history.weight[order], starts),
        measures={name: _largest(values[order], starts) for name, values in history.measures.items()},
        raw=history.raw.iloc[kept].reset_index(drop=True),
        counts={**history.counts, "rows_merged": len(order) - len(kept), "rows_used": len(kept)},
    )


def _largest(values: NDArray[_Kind], starts: NDArray[np.intp]) -> NDArray[_Kind]:
    return np.maximum.reduceat(values, starts) if len(starts) else values


def _worst_first(history: History) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Order by object, day and worst first; ties by the whole row as text, so that the file's order is no input."""
    codes = pd.factorize(history.ids, sort=True)[0]
    keys = (~history.failed, -history.severity, history.day, codes)
    order = np.lexsort(keys)
    twin = (codes[order][1:] == codes[order][:-1]) & (history.day[order][1:] == history.day[order][:-1])
    rows = np.unique(np.concatenate([np.flatnonzero(twin), np.flatnonzero(twin) + 1]))
    tie = np.zeros(len(order), dtype="int64")
    if not len(rows):
        return order, codes
    where = order[rows]
    twins = history.raw.iloc[where]
    cells = [as_text(twins[c]).tolist() for c in sorted(twins.columns, key=str)]
    text = np.array(["\x1f".join(row) for row in zip(*cells, strict=True)])
    tie[where] = np.unique(text, return_inverse=True)[1]
    return np.lexsort((tie, *keys)), codes


def without_repeats(history: History, near_days: int) -> History:
    """Return the visits without those that repeat the one before: same object, outcome and severity within `near_days`.

    Feeds list some visits twice under two dates. A visit with a weight was drawn, so it is never a repeat.
    """
    if not near_days or len(history) < 2:  # noqa: PLR2004  # nothing to compare
        return history
    repeat = np.zeros(len(history), dtype="bool")
    repeat[1:] = (
        (history.ids[1:] == history.ids[:-1])
        & (history.day[1:] - history.day[:-1] <= near_days)
        & (history.failed[1:] == history.failed[:-1])
        & (history.severity[1:] == history.severity[:-1])
        & (history.weight[1:] == 0)
    )
    dropped = int(repeat.sum())
    counts = {**history.counts, "rows_repeated": dropped, "rows_used": len(history) - dropped}
    return replace(history.take(~repeat), counts=counts) if dropped else history
