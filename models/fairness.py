"""Who is visited more, and is it deserved: groups of firms side by side, and inspectors side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from models import attributes
from models.attributes import TEXT
from models.bootstrap import Resampler, interval
from models.columns import MICRO
from models.evaluate import MODEL
from models.problems import refuse
from models.reading import as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

    Fair only if firms were dealt to inspectors at random, as our draw does; without a draw the difference may be
    the firms' as well as the inspector's, and ``assignment`` says so. Intervals resample whole objects; with k
    inspectors one in 20 excludes 0 by chance, so ``bonferroni`` says which still does at 5 %/k.

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
    rows = [_inspector(n, names == n, test.failed - ranking.risk / MICRO, found, len(shown)) for n in shown]
    return {"assignment": "drawn" if test.weight.any() else "not proven random", "inspectors": rows}


def _inspector(
    name: str, mine: NDArray[np.bool_], excess: NDArray[np.float64], found: Evaluation, inspectors: int
) -> dict[str, Any]:
    rows = np.flatnonzero(mine)
    test = found.test
    resampler = Resampler(test.ids[rows], found.resampler.weight[rows], found.resampler.seed)
    drawn = np.concatenate([w @ excess[rows] / np.maximum(w.sum(axis=1), 1e-12) for w in resampler.sets()])
    value = float(np.average(excess[rows], weights=resampler.weight))
    tail = 2.5 / max(1, inspectors)
    lo, hi = np.percentile(drawn, [tail, 100 - tail])
    return {
        "inspector": name,
        "visits": len(rows),
        "rate": round(float(test.failed[rows].mean()), 4),
        "expected": round(float(found.rankings[MODEL].risk[rows].mean()) / MICRO, 4),
        "difference": interval(value, drawn).shown(),
        "bonferroni": bool(lo > 0 or hi < 0),
    }
