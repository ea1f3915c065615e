"""An honest measurement: train on what was known, score what came next, fold after fold, and compare.

A fold's model, its features and its heuristics see only visits before the fold began (less the gap): no outcome of
the test period can move any prediction of its fold, whatever day the visit took place. Rows without a draw feed
features but are not counted where the history has weights (DESIGN 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models import attributes, heuristics
from models.bootstrap import Estimate, Resampler, differences, estimates
from models.columns import MICRO
from models.features import Queries
from models.folds import Fold, Split, inside, iso
from models.history import notes
from models.learners import Learner, Learnt
from models.metrics import Ranking
from models.problems import refuse, warning

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.attributes import Attribute
    from models.history import History
    from models.options import Options

    Ints = NDArray[np.int64]

LEAST_TEST: Final = 20
MODEL: Final = "model"


@dataclass(frozen=True, slots=True)
class Tested:
    """One fold done.

    Parameters
    ----------
    fold
        Its period.
    learnt
        The model, with the features of its training visits.
    columns
        Features of the test visits.
    risk, orders
        The model's risk in ppm, and the heuristics.
    rows
        Positions of the test visits in the whole history.
    """

    fold: Fold
    learnt: Learnt
    columns: dict[str, Ints]
    risk: Ints
    orders: dict[str, Ints]
    rows: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All folds together.

    Parameters
    ----------
    history
        All visits up to the end of the test period.
    used
        Attributes in use.
    tested
        The folds that had visits.
    rankings
        ``model`` and the heuristics over all test visits.
    resampler
        The objects behind them.
    metrics, paired
        Intervals of every metric by ranking, and of the AUC of the model less each heuristic's.
    warnings
        Entries of the envelope.
    """

    history: History
    used: tuple[Attribute, ...]
    tested: tuple[Tested, ...]
    rankings: dict[str, Ranking]
    resampler: Resampler
    metrics: dict[str, dict[str, Estimate]]
    paired: dict[str, Estimate]
    warnings: list[dict[str, object]]

    @property
    def rows(self) -> NDArray[np.intp]:
        """Positions of the test visits in the history."""
        return np.concatenate([t.rows for t in self.tested])

    @property
    def test(self) -> History:
        """The test visits, in the order of the folds."""
        return self.history.take(self.rows)


def evaluate(
    history: History,
    options: Options,
    split: Split,
    learner: Learner,
    *,
    objects: pd.DataFrame | None = None,
    seed: int = 0,
) -> Evaluation:
    """Return what a learner is worth on a history.

    Parameters
    ----------
    history
        Visits, read with `options`.
    options, split
        How the history was read, and the periods to test.
    learner
        What trains a model (`models.learners`), or a committed one.
    objects
        Properties by object, or none.
    seed
        Of the bootstrap and of the random order.

    Raises
    ------
    InputError
        ``EVALUATE_*``, ``TRAIN_*``, ``ATTRIBUTE_*``.
    """
    folds = split.cut(history)
    counted = np.ones(len(history), dtype="bool") if not history.weight.any() else history.weight > 0
    used = attributes.choose(history.before(folds[0].known), objects, options)
    tested = [
        _fold(history, fold, np.flatnonzero(inside(history, fold) & counted), learner, (used, objects, options, seed))
        for fold in folds
        if (inside(history, fold) & counted).any()
    ]
    rows = np.concatenate([t.rows for t in tested]) if tested else np.array([], dtype="intp")
    failed = history.failed[rows]
    if len(rows) < LEAST_TEST or failed.all() or not failed.any():
        message = f"{int(failed.sum())} of {len(rows)} test visits fail the target: nothing to measure"
        hint = f"at least {LEAST_TEST} test visits of both outcomes are needed; choose another period or --target"
        refuse("EVALUATE_ROWS", message, hint=hint, found=str(len(rows)))
    weight = history.weight[rows] / MICRO if history.weight.any() else np.ones(len(rows))
    resampler = Resampler(history.ids[rows], weight / weight.mean(), seed)
    rankings = _rankings(history, rows, tested)
    return Evaluation(
        history=history,
        used=used,
        tested=tuple(tested),
        rankings=rankings,
        resampler=resampler,
        metrics=estimates(rankings, resampler),
        paired=differences(rankings, resampler, MODEL),
        warnings=notes(history) + _told(tested, folds),
    )


def _fold(
    history: History,
    fold: Fold,
    rows: NDArray[np.intp],
    learner: Learner,
    given: tuple[tuple[Attribute, ...], pd.DataFrame | None, Options, int],
) -> Tested:
    used, objects, options, seed = given
    known, later = history.before(fold.known), history.take(rows)
    learnt = learner(known, replace(options, asof=iso(fold.known)), used, objects)
    values = {a.name: attributes.at_visits(later, objects, a) for a in used}
    queries = Queries(later.ids, later.day, values)
    columns = learnt.describe(known, queries, objects)
    orders = heuristics.orders(known, queries, seed + fold.number)
    return Tested(fold, learnt, columns, learnt.risks(columns), orders, rows)


def _rankings(history: History, rows: NDArray[np.intp], tested: list[Tested]) -> dict[str, Ranking]:
    folds = np.concatenate([np.full(len(t.rows), t.fold.number) for t in tested])
    risks = {MODEL: np.concatenate([t.risk for t in tested])}
    risks |= {name: np.concatenate([t.orders[name] for t in tested]) for name in heuristics.NAMES}
    known = heuristics.PROBABILITIES | {MODEL}
    return {
        name: Ranking(risk, history.failed[rows], history.day[rows], folds, probability=name in known)
        for name, risk in risks.items()
    }


def _told(tested: list[Tested], folds: list[Fold]) -> list[dict[str, object]]:
    told = {str(w["code"]): w for t in tested for w in t.learnt.warnings if str(w["code"]).startswith("TRAIN_")}
    empty = len(folds) - len(tested)
    notes_ = [warning("EVALUATE_EMPTY", f"{empty} folds had no visit to test")] if empty else []
    return notes_ + list(told.values())


def envelope(found: Evaluation, model_sha256: str) -> dict[str, Any]:
    """Return the data of ``evaluate --json`` (DESIGN 4) and what explains it."""
    test, last = found.test, found.tested[-1]
    names = list(found.tested[0].learnt.features)
    return {
        "target": found.history.roles.target.text,
        "rows_in": found.history.counts["rows_in"],
        "rows_used": len(found.history),
        "n_train": last.learnt.rows,
        "n_test": len(test),
        "base_rate": round(float(test.failed.mean()), 6),
        "test_from": iso(found.tested[0].fold.start),
        "test_to": iso(last.fold.end - 1),
        "features": names,
        "columns": {**found.history.roles.shown(), "attributes": [a.name for a in found.used]},
        "metrics": _shown(found.metrics[MODEL]),
        "heuristics": {name: _shown(found.metrics[name]) for name in heuristics.NAMES},
        "paired_auc": {name: d.shown() for name, d in found.paired.items()},
        "counts": found.history.counts,
        "model_sha256": model_sha256,
    }


def _shown(metrics: dict[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: e.shown() for name, e in metrics.items()}
