"""Who is visited more, and is it deserved: groups of firms side by side, and inspectors side by side."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from models import attributes
from models.attributes import TEXT
from models.bootstrap import interval
from models.columns import MICRO
from models.evaluate import MODEL
from models.problems import refuse
from models.reading import as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.bootstrap import Estimate
    from models.evaluate import Evaluation

LEAST: Final = 30
"""A group with fewer test visits is only counted."""
LEAST_FAILED: Final = 10
TOP: Final = 0.2
MOST_GROUPS: Final = 30


def parity(found: Evaluation) -> list[dict[str, Any]]:
    """Return for each group of each text attribute and size: visits, rate, mean risk, share in the top 20 %, found.

    Notes
    -----
    ``selected`` is the share of the group's visits among the riskiest 20 % of all; ``found`` the share of its
    failed visits among them (its true-positive rate); ``calibration`` the mean risk less the rate. Size is the
    number of earlier visits: what a model knows of an object.
    """
    test, ranking = found.test, found.rankings[MODEL]
    top = np.zeros(len(test), dtype="bool")
    top[ranking.order[: max(1, round(TOP * len(test)))]] = True
    visits = np.concatenate([t.columns["visits"] for t in found.tested])
    sizes = np.select([visits == 0, visits <= 2, visits <= 5], ["0", "1-2", "3-5"], "6+")  # noqa: PLR2004
    groups = {
        a.name: attributes.at_visits(test, None, a).astype("object")
        for a in found.used
        if a.kind == TEXT and a.name in test.raw.columns
    }
    return [
        row
        for name, values in [*groups.items(), ("visits", sizes.astype("object"))]
        for row in _groups(name, values, test.failed, ranking.risk, top)
    ]


def _groups(
    name: str, values: NDArray[np.object_], failed: NDArray[np.bool_], risk: NDArray[np.int64], top: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    size = pd.Series(values).value_counts()
    out = []
    for group in sorted(str(g) for g in size[size >= LEAST].index[:MOST_GROUPS]):
        rows = values == group
        bad = rows & failed
        found = round(float(top[bad].mean()), 4) if bad.sum() >= LEAST_FAILED else None
        rate, mean = float(failed[rows].mean()), float(risk[rows].mean()) / MICRO
        out.append(
            {
                "attribute": name,
                "group": group,
                "visits": int(rows.sum()),
                "rate": round(rate, 4),
                "risk": round(mean, 4),
                "calibration": round(mean - rate, 4),
                "selected": round(float(top[rows].mean()), 4),
                "found": found,
            }
        )
    return out


def consistency(found: Evaluation) -> dict[str, Any]:
    """Return for each inspector how often visits failed against what the model expected of the same firms.

    ``difference`` is the inspector's mean of outcome less expected risk, less the median of all inspectors': neither
    a model that expects too much of everybody nor one strict colleague makes the others look lenient.

    Fair only if firms were dealt to inspectors at random, as our draw does; without a draw the difference may be
    the firms' as well as the inspector's, and ``assignment`` says so. Officers dealt only within a district or a
    qualification are comparable only there. Intervals resample whole objects; with k inspectors one in 20 excludes
    0 by chance, so ``bonferroni`` says which still does at 5 %/k, by the normal quantile times the resampled
    standard error: a thousand resampled sets do not reach that far into the tails.

    Raises
    ------
    InputError
        ``CONSISTENCY_COLUMN`` if the history names no inspector.
    """
    test, ranking, column = found.test, found.rankings[MODEL], found.history.roles.inspector_col
    if not column or column not in test.raw.columns:
        hint = "name it with --inspector-col"
        refuse("CONSISTENCY_COLUMN", "the history has no column of inspectors", hint=hint, column="--inspector-col")
    names = as_text(test.raw[column]).to_numpy(dtype="object")
    size = pd.Series(names[names != ""]).value_counts()
    shown = sorted(str(n) for n in size[size >= LEAST].index)
    groups = [np.flatnonzero(names == n) for n in shown]
    excess = test.failed - ranking.risk / MICRO
    value = _less_median(excess, groups, found.resampler.weight[None, :])[0]
    drawn = np.concatenate([_less_median(excess, groups, w) for w in found.resampler.sets()])
    rows = [
        _inspector(name, test.failed[mine], ranking.risk[mine], interval(float(v), d), len(shown), float(d.std(ddof=1)))
        for name, mine, v, d in zip(shown, groups, value, drawn.T, strict=True)
    ]
    return {"assignment": "drawn" if test.weight.any() else "not proven random", "inspectors": rows}


def _less_median(
    excess: NDArray[np.float64], groups: list[NDArray[np.intp]], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each group's weighted mean less the median of the groups, one row per row of `weights`."""
    means = np.empty((len(weights), len(groups)))
    for k, rows in enumerate(groups):
        w = weights[:, rows]
        means[:, k] = w @ excess[rows] / np.maximum(w.sum(axis=1), 1e-12)
    return means - np.median(means, axis=1, keepdims=True) if groups else means


def _inspector(
    name: str,
    failed: NDArray[np.bool_],
    risk: NDArray[np.int64],
    difference: Estimate,
    inspectors: int,
    error: float,
) -> dict[str, Any]:
    return {
        "inspector": name,
        "visits": len(failed),
        "rate": round(float(failed.mean()), 4),
        "expected": round(float(risk.mean()) / MICRO, 4),
        "difference": difference.shown(),
        "bonferroni": abs(difference.value) > NormalDist().inv_cdf(1 - 0.025 / inspectors) * error,
    }
