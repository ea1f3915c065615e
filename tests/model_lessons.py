"""Two lessons on the Chicago file for docs/benchmarks/model.md: who inspected, and what a weighted draw is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import roc_auc_score

from models import attributes, points
from models.features import Queries, build
from models.history import read_history
from models.metrics import Ranking
from models.options import Options, parse_day
from models.pareto import draw, targets
from models.points import PointsTable, reach, risk_map
from models.reading import as_text
from models.score import describe
from models.train import fit, prepare

if TYPE_CHECKING:
    from models.history import History
    from models.train import Material

CHICAGO = "inspections/chicago_canvass_2011_2014.parquet"
START, END = "2014-09-02", "2014-11-01"
SEEDS, SHARE = 200, 0.05


def _options() -> Options:
    severity = "4*critical_n+2*serious_n+minor_n"
    return Options(asof=END, target="critical_n>0", severity_col=severity, near_days=14, missing="drop")


def _split(data: Path) -> tuple[History, History, Material]:
    history = read_history((data / CHICAGO).read_bytes(), _options())
    known, later = history.before(parse_day(START)), history.take(history.day >= parse_day(START))
    return known, later, prepare(known, _options())


def _table(
    material: Material,
    columns: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]],
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> PointsTable:
    lines, intercept = fit(
        {n: v[rows] for n, v in columns.items()}, material.failed[rows], material.weighted.weight[rows]
    )
    return PointsTable(**material.header, features=lines, intercept=intercept, map=risk_map(*reach(lines, intercept)))


def lesson(data: Path) -> list[str]:
    """Return what the inspector's identity adds, on visits whose inspector is known."""
    known, later, material = _split(data)
    who, test_who = (as_text(h.raw["inspector"]).to_numpy() for h in (known, later))
    rows, test = who != "", test_who != ""
    rate = {
        n: int(1e6 * (known.failed[rows & (who == n)].sum() + 1) / ((who == n).sum() + 7))
        for n in sorted(set(who[rows]))
    }
    plain = PointsTable(**material.header, features=(), intercept=0, map=risk_map(0, 0))
    used = plain.attributes
    seen = {a.name: attributes.at_visits(later, None, a) for a in used}
    asked = build(
        known,
        {a.name: attributes.at_visits(known, None, a) for a in used},
        Queries(later.ids, later.day, seen),
        used,
        plain.prior,
    )
    usual = int(1e6 * known.failed[rows].mean())
    with_who = {**material.columns, "rate:inspector": np.array([rate.get(n, usual) for n in who])}
    sets = {
        "without the inspector": material.columns,
        "with the inspector": with_who,
        "the inspector alone": {"rate:inspector": with_who["rate:inspector"]},
    }
    asked["rate:inspector"] = np.array([rate.get(n, usual) for n in test_who])
    out = [(f"### Who inspected, not what was inspected\n\n{int(rows.sum()):,} training and {int(test.sum()):,} test visits name their inspector ({int(later.failed[test].sum())} failed). "
           f"Rate of critical violations by inspector in training: {', '.join(f'{n} {r / 1e6:.3f}' for n, r in sorted(rate.items(), key=lambda x: -x[1]))}."), "",
           "| features | AUC | days earlier |", "|---|---|---|"]  # fmt: skip
    for name, columns in sets.items():
        risk = points.risks(_table(material, columns, rows), {n: asked[n][test] for n in columns})
        ranking = Ranking(risk, later.failed[test], later.day[test], np.ones(int(test.sum()), dtype="int64"))
        out.append(
            f"| {name} | {roc_auc_score(later.failed[test], risk):.4f} | {ranking.days_earlier(np.ones((1, int(test.sum()))))[0]:.2f} |"
        )
    return [
        *out,
        "",
        "The gain of the second line is who came, known only after the draw: it would move visits to firms that a strict officer happened to visit. It is never a feature.",
    ]


def worth(data: Path) -> list[str]:
    """Return what the weighted draw finds against a uniform one, on licences with a later first inspection."""
    history = read_history(
        (data / CHICAGO).read_bytes(),
        Options(
            asof="2015-01-01",
            target="critical_n>0",
            severity_col="4*critical_n+2*serious_n+minor_n",
            near_days=14,
            missing="drop",
        ),
    )
    known, later = history.before(parse_day("2014-09-01")), history.take(history.day >= parse_day("2014-09-01"))
    material = prepare(known, _options())
    table = _table(material, material.columns, np.ones(len(material.failed), dtype="bool"))
    first = np.append([True], later.ids[1:] != later.ids[:-1])
    later = later.take(first & np.isin(later.ids, known.ids))
    day = np.full(len(later), parse_day("2014-09-01"), dtype="int64")
    values = {a.name: attributes.at_visits(later, None, a) for a in table.attributes}
    risk = points.risks(table, describe(table, known, Queries(later.ids, day, values), None)) / 1e6
    n, size, chance = len(later), round(SHARE * len(later)), np.random.default_rng(20140901)
    ours = targets(risk, size, 0.2, 2.0, 1.0)
    rows: dict[str, list[float]] = {"ours": [], "uniform": [], "rate": []}
    for _ in range(SEEDS):
        mine, even = draw(ours, size, chance), chance.choice(n, size, replace=False)
        weight = 1 / ours[mine]
        rows["ours"].append(later.failed[mine].sum())
        rows["uniform"].append(later.failed[even].sum())
        rows["rate"].append(float(weight @ later.failed[mine] / weight.sum()))
    mean = {k: (float(np.mean(v)), 1.96 * float(np.std(v, ddof=1)) / SEEDS**0.5) for k, v in rows.items()}
    gain = np.array(rows["ours"]) - np.array(rows["uniform"])
    half = 1.96 * gain.std(ddof=1) / SEEDS**0.5
    return [
        f"### What the draw is worth\n\nFrame: {n:,} licences visited before 2014-09-01 with a first inspection after it; {size} drawn, {SEEDS} seeds, f = 0.2, gamma = 2, no strata.", "",
        "| | mean over seeds | 95 % interval of the mean |", "|---|---|---|",
        *(f"| {label} | {mean[k][0]:.4g} | {mean[k][0] - mean[k][1]:.4g} to {mean[k][0] + mean[k][1]:.4g} |" for k, label in
          (("ours", "critical violations found, weighted draw"), ("uniform", "critical violations found, uniform draw"), ("rate", "weighted rate (Hájek)"))),
        f"| gain of the weighted draw | {gain.mean():.2f} | {gain.mean() - half:.2f} to {gain.mean() + half:.2f} |",
        f"| the frame's true rate | {later.failed.mean():.4f} | - |",
    ]  # fmt: skip
