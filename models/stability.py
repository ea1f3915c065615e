"""Does the world still look as it did, and what does the model lean on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.columns import MISSING
from models.evaluate import MODEL
from models.folds import YEAR
from models.tables import risks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.evaluate import Evaluation

    Ints = NDArray[np.int64]

STABLE: Final = ("last_severity", "trend", "severity_recent", "recent_rate", "max_severity")
"""Features that do not grow by themselves: counts, ages and days would drift in any history."""
BINS: Final = 10
ROUNDS: Final = 5
_LEAST: Final = 200
_FLOOR: Final = 1e-4


def drift(found: Evaluation) -> list[dict[str, Any]]:
    """Return the population stability index of the stable features, test against training visits of a year before.

    The comparison is with the same days of the year before where there are enough visits, so that seasons do not
    pass for drift; else with all training visits of the first fold.
    """
    first, last = found.tested[0], found.tested[-1]
    day = found.history.before(first.fold.known).day
    window = (day >= first.fold.start - YEAR) & (day < last.fold.end - YEAR)
    learned = first.learnt.columns
    usable = len(day) == len(next(iter(learned.values()))) and window.sum() >= _LEAST
    out = []
    for name in [n for n in STABLE if n in learned]:
        before = learned[name][window] if usable else learned[name]
        now = np.concatenate([t.columns[name] for t in found.tested])
        value = round(psi(before, now), 4)
        out.append({"feature": name, "psi": value, "against": "year before" if usable else "all training visits"})
    return out


def psi(before: Ints, now: Ints) -> float:
    """Return the population stability index over the deciles of `before`, missing values a bin of their own.

    Below 0.1 is usually called stable, above 0.25 a shift.
    """
    known = np.sort(before[before != MISSING])
    cuts = np.unique(known[np.arange(1, BINS) * len(known) // BINS]) if len(known) else np.array([], dtype="int64")
    edges = np.concatenate([[MISSING + 1], cuts])
    a, b = (np.bincount(np.searchsorted(edges, x, side="right"), minlength=len(edges) + 1) for x in (before, now))
    p, q = (np.maximum(x / max(1, x.sum()), _FLOOR) for x in (a, b))
    return float(((q - p) * np.log(q / p)).sum())


def importance(found: Evaluation, seed: int) -> list[dict[str, Any]]:
    """Return how much AUC is lost when a feature's values are dealt anew among a fold's visits, largest first."""
    ranking, weight = found.rankings[MODEL], found.resampler.weight[None, :]
    whole = float(ranking.auc(weight)[0])
    chance = np.random.default_rng(seed)
    out = []
    for name in found.tested[-1].learnt.features:
        lost = [whole - _shuffled(found, name, chance, weight) for _ in range(ROUNDS)]
        out.append({"feature": name, "auc_lost": round(float(np.mean(lost)), 5)})
    return sorted(out, key=lambda row: -float(str(row["auc_lost"])))


def _shuffled(found: Evaluation, name: str, chance: np.random.Generator, weight: NDArray[np.float64]) -> float:
    parts = []
    for t in found.tested:
        columns = t.columns
        dealt = {**columns, name: chance.permutation(columns[name])} if name in columns else columns
        parts.append(risks(t.learnt.table, dealt))
    return float(replace(found.rankings[MODEL], risk=np.concatenate(parts)).auc(weight)[0])
