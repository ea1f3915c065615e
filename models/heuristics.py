"""What an office would do without a model: five orders that every report must beat, from the same earlier visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from models import past
from models.columns import MICRO, MISSING
from models.features import Base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.features import Queries
    from models.history import History

    Ints = NDArray[np.int64]

PRIOR: Final = 4
"""Usual visits mixed into the past rate."""
PROBABILITIES: Final = frozenset({"past_rate"})
"""Heuristics that are probabilities in ppm, so that calibration means something."""
NAMES: Final = ("past_rate", "mean_severity", "days_since_failure", "longest_gap", "random")


def orders(history: History, queries: Queries, seed: int) -> dict[str, Ints]:
    """Return heuristic to a risk per query, higher first.

    Parameters
    ----------
    history
        Visits known at the start of the fold.
    queries
        Test visits.
    seed
        For the random order.

    Notes
    -----
    ``past_rate``: (failed + 4 usual) / (visits + 4). ``mean_severity``: the plain mean; without a visit the usual
    one. ``days_since_failure``: the more recent the riskier, never last. ``longest_gap``: never visited first.
    """
    index = past.Past.of(history.ids, history.day)
    start, end = index.before(index.codes(queries.ids), queries.day)
    base, n = Base.of(history, queries.day), end - start
    day, failed = history.day[index.order], history.failed[index.order]
    some = n > 0
    hits = past.range_sum(failed.astype("int64"), start, end)
    severity = past.range_sum(history.severity[index.order], start, end)
    failure = past.running_max(np.where(failed, day, MISSING), index.group_starts())
    last_failure = past.at(failure, end - 1, where=some, other=MISSING)
    last_visit = past.at(day, end - 1, where=some, other=MISSING)
    return {
        "past_rate": past.divide(hits * MICRO + PRIOR * base.rate, n + PRIOR),
        "mean_severity": np.where(some, past.divide(severity, np.maximum(n, 1)), base.severity),
        "days_since_failure": np.where(last_failure == MISSING, MISSING, last_failure - queries.day),
        "longest_gap": queries.day - last_visit,
        "random": np.random.default_rng(seed).permutation(len(n)).astype("int64"),
    }
