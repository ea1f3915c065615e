"""make bench-model: what the risk model is worth on real inspections, written to docs/benchmarks/model.md by the run.

python -m tests.bench_model [--write] [--closed]: closed leaves the test periods shut, their sections stay as the page has them.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn

from models import blend, points, trees
from models.blend import BlendTable
from models.columns import MISSING
from models.folds import Split
from models.growing import trees_table
from models.measure import Measured, asof_of, run_evaluate
from models.options import Options
from models.points import Feature, PointsTable, reach, risk_map
from models.prior import Prior
from models.train import Material, Weighted
from tests.model_lessons import lesson, worth
from tests.support import ROOT

PAGE = ROOT / "docs" / "benchmarks" / "model.md"
SF, CHICAGO = "inspections/sanfrancisco_2015_2018.parquet", "inspections/chicago_canvass_2011_2014.parquet"
SEVERITY = "4*critical_n+2*serious_n+minor_n"
NAMED = {
    SF: ("zip", "name"),
    CHICAGO: ("zip", "name", "facility_type", "risk_class", "license_description", "license_age_years"),
}
EARLY = {
    SF: Split(test_from="2016-02-01", test_to="2017-01-31", folds=4),
    CHICAGO: Split(test_from="2013-01-01", test_to="2014-03-31", folds=5),
}
TEST = {
    SF: Split(test_from="2017-02-01", test_to="2018-02-16", folds=4),
    CHICAGO: Split(test_from="2014-09-02", test_to="2014-10-31", folds=1),
}
TARGETS = {SF: ("score<=85", ""), CHICAGO: ("critical_n>0", SEVERITY)}
OTHERS = ((SF, "score<=80", ""), (CHICAGO, "serious_n>0", SEVERITY), (CHICAGO, "result==Fail", ""))
ASKED = {
    SF: (("auc", 0.815, 1), ("precision_at_10", 0.66, 1), ("ece", 0.025, -1)),
    CHICAGO: (("auc", 0.61, 1), ("days_earlier", 3.8, 1)),
}
RIVAL = {SF: "mean_severity", CHICAGO: "past_rate"}
HELD = ("blend", True)
"""Learner and attributes (named, or the defaults) that the bars are held to: what `sampler evaluate` measures unless told
otherwise, with the attributes that led on the early folds. Decided before the fourth opening."""
KINDS = ("blend", "points", "trees")
ROWS = 1_000_000


def options(city: str, split: Split, *, named: bool, target: str = "", severity: str = "") -> Options:
    """Return how a city's history is read."""
    asked, grave = TARGETS[city]
    return Options(
        asof=asof_of("", split.test_to), target=target or asked, severity_col=severity if target else grave, near_days=14, missing="drop",
        attributes=NAMED[city] if named else (),
    )  # fmt: skip


def measure(data: Path, city: str, split: Split, learner: str, *, named: bool, **more: str) -> Measured:
    """Return one measurement."""
    return run_evaluate((data / city).read_bytes(), options(city, split, named=named, **more), split, learner=learner)


def shown(e: dict[str, Any], digits: int = 4) -> str:
    """Return a value with its interval."""
    return f"{e['value']:.{digits}f} ({e['lo']:.{digits}f} to {e['hi']:.{digits}f})"


def row(name: str, found: Measured, rival: str) -> str:
    """Return one line of a table."""
    m = found.data["metrics"]
    cells = [
        shown(m["auc"]),
        shown(m["precision_at_10"], 3),
        shown(m["ece"]),
        shown(m["days_earlier"], 2),
        shown(found.data["paired_auc"][rival]),
    ]
    return f"| {name} | {found.data['n_test']:,} | {' | '.join(cells)} |"


def table(rival: str, rows: list[str]) -> list[str]:
    """Return rows under their heading."""
    return [
        f"| pipeline | test visits | AUC | precision at 10 % | ECE, debiased | days earlier | AUC less {rival} |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


def verdict(city: str, found: Measured) -> list[str]:
    """Return asked against measured."""
    out = ["| asked | measured | met |", "|---|---|---|"]
    for name, bar, sign in ASKED[city]:
        e = found.data["metrics"][name]
        out.append(
            f"| {name} {'>=' if sign > 0 else '<='} {bar} | {shown(e)} | {'yes' if sign * (e['value'] - bar) >= 0 else 'no'} |"
        )
    d = found.data["paired_auc"][RIVAL[city]]
    out.append(f"| lower bound of AUC less {RIVAL[city]} > 0 | {shown(d)} | {'yes' if d['lo'] > 0 else 'no'} |")
    return out


def early(data: Path) -> list[str]:
    """Return the folds on which everything was chosen."""
    asked = [(city, learner, named) for city in (SF, CHICAGO) for learner in KINDS for named in (True, False)]
    rows = [
        row(f"{city[12:19]} {TARGETS[city][0]}, {kind(learner, named=named)}", measure(data, city, EARLY[city], learner, named=named), "mean_severity")
        for city, learner, named in asked
    ]  # fmt: skip
    for city, target, severity in OTHERS:
        found = measure(data, city, EARLY[city], "blend", named=False, target=target, severity=severity)
        rows.append(row(f"{city[12:19]} {target}, {kind('blend', named=False)}", found, "mean_severity"))
    return table("mean_severity", rows)


def kind(learner: str, *, named: bool) -> str:
    """Return how a pipeline is called on the page."""
    return f"{learner}, {'named' if named else 'default'} attributes"


def tested(data: Path, city: str) -> list[str]:
    """Return the test period of a city."""
    found = {(n, named): measure(data, city, TEST[city], n, named=named) for n in KINDS for named in (True, False)}
    beaten = [
        f"| {n} | {shown(m['auc'])} | {shown(m['precision_at_10'], 3)} | {shown(m['days_earlier'], 2)} |"
        for n, m in found[HELD].data["heuristics"].items()
    ]
    return [
        f"Held to the bars: {kind(HELD[0], named=HELD[1])}.",
        "",
        *verdict(city, found[HELD]),
        "",
        *table(RIVAL[city], [row(kind(n, named=named), m, RIVAL[city]) for (n, named), m in found.items()]),
        "",
        "| heuristic | AUC | precision at 10 % | days earlier |",
        "|---|---|---|---|",
        *beaten,
    ]


def opened(data: Path) -> str:
    """Open the test periods: the sections of both cities."""
    parts = [f"## San Francisco, 2017-02-01 to 2018-02-16, score <= 85, four folds, repeats within 14 days dropped\n\n{lines(tested(data, SF))}",
             f"## Chicago, 2014-09-02 to 2014-10-31, critical violation, no inspector\n\n{lines(tested(data, CHICAGO))}",
             lines(lesson(data)), lines(worth(data))]  # fmt: skip
    return "\n\n".join(parts)


def still_closed(page_: str) -> str:
    """Return those sections as the page has them."""
    return page_[page_.index("## San Francisco, 2017-02-01") : page_.index("## Two sets of libraries")].rstrip()


def lines(rows: list[str]) -> str:
    """Return rows as text."""
    return "\n".join(rows)


def speed() -> list[str]:
    """Return seconds to score a million objects by each kind of table."""
    chance = np.random.default_rng(1)
    columns = {f"f{n}": chance.integers(0, 10**6, ROWS) for n in range(20)}
    for values in columns.values():
        values[chance.random(ROWS) < 0.1] = MISSING
    cuts = (MISSING + 1, *range(60_000, 960_000, 60_000))
    lines = tuple(Feature(n, cuts, tuple(int(p) for p in chance.integers(-30, 30, len(cuts) + 1))) for n in columns)
    header: dict[str, Any] = {"target": "a>1", "severity": "a", "score_direction": "higher", "asof": "2026-12-01", "id_col": "i", "date_col": "d",
                              "prior": Prior(4, 4), "trained_on": "0" * 64, "rows": 1, "positives": 1, "weights": "none"}  # fmt: skip
    small = {n: v[:30_000] for n, v in columns.items()}
    failed = (small["f0"] + small["f1"] + chance.integers(0, 10**6, 30_000)) > 1.6 * 10**6
    material = Material(small, failed, Weighted(np.arange(30_000), np.full(30_000, 10**6), "none", {}, []), header, [])
    grown = trees_table(material)
    table_ = PointsTable(**header, features=lines, intercept=0, map=risk_map(*reach(lines, 0)))
    both = BlendTable(**{f.name: getattr(grown, f.name) for f in fields(grown)}, features=lines, intercept=0, share=500)
    took = {
        "points": min(_took(lambda: points.risks(table_, columns)) for _ in range(3)),
        "trees": _took(lambda: trees.risks(grown, columns)),
        "blend": _took(lambda: blend.risks(both, columns)),
    }
    copy = min(_took(lambda: [v + 1 for v in columns.values()]) for _ in range(3))
    return ["| 1 M objects x 20 features | seconds | times one pass over the same numbers |", "|---|---|---|",
            *(f"| {n} | {t:.2f} | {t / copy:.0f} |" for n, t in took.items())]  # fmt: skip


def _took(work: Any) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


OPEN = """**The fourth opening** was declared before it took place: the pipeline as shipped, committed and landed; the bars held to the blend with named attributes, `sampler evaluate`'s own
learner with the attributes that lead on the early folds, whatever points or trees alone would give; nothing changed afterwards because of it. Its figures stand in the sections of
the two cities below, as they came. A period opened four times is no longer unseen: the bars were known, and so were three results. San Francisco's bars
were met but for calibration (0.0282, asked 0.025); Chicago's three were missed, each by less than its interval is wide. Earlier openings, for comparison:"""
CLOSED = """**A fourth opening** is declared, and has not taken place: the pipeline as shipped, committed and landed; the bars held to the blend with named attributes, `sampler evaluate`'s own
learner with the attributes that lead on the early folds, whatever points or trees alone would give. The sections of the two cities below are still those of the third. The openings so far:"""
TEXT = """# The risk model, measured

Written by `make bench-model` (Python {python}, scikit-learn {sklearn}, numpy {numpy}, pandas {pandas}). Intervals: 95 %, whole objects resampled {replicates} times;
differences are paired. A fold's model, features and heuristics know only visits before the fold began.

## How it was chosen

Everything was chosen on periods before any test period: San Francisco, four quarters to 2017-01-31, and Chicago, five quarters to 2014-03-31, on five targets.
About 80 variants were scored there: bins 8 to 32, penalty 0.003 to 0.3, one column per bin against steps between bins, half-lives of training weights, group rates
with and without the object's own record, rates against severities of groups, month, span, recalibration on the latest part, tree sizes, monotone steps. A blend of
points and trees was scored and not kept: within 0.003 AUC of the trees alone, and a sum of two kinds of table cannot be replayed by hand.

**The test periods were opened more than once.** First with free steps and penalty 0.01: San Francisco gave AUC 0.8115, difference to mean_severity +0.0006 (-0.0051 to
0.0069), debiased ECE 0.0302; Chicago AUC 0.6249, 4.45 days earlier, +0.0446 (0.0053 to 0.0841) over past_rate. The points were then made monotone (penalty 0.03), on the
early folds, because monotone trees led free points by up to 0.015 among objects with two or more visits. Second opening, points with named attributes: San Francisco
0.8127, +0.0018 (-0.0044 to 0.0081), ECE 0.0390, precision 0.6715; Chicago 0.6272, 4.54 days, +0.0469 (0.0057 to 0.0880).

After that some 65 more variants were scored on the early folds, in seven settings (targets and attributes), now split by how many visits an object had: extra features (rates of mild and grave
visits, span, lowest and last but one severity, log severity, severities of groups), half-lives of training weights, less weight for first visits of the file's first year,
intercept or slope refitted on the latest 90 or 180 days, penalties, number of trees, averages of five forests. One thing held almost everywhere, and it is all that was changed:
**the rate of a place speaks only for an object without a visit of its own** (`models.features.build`). Zip rates carried who inspected there, and officers moved on: in the
last early quarter of Chicago, where most objects had two or more visits, points with zip rates for all lost to mean severity by 0.029 (critical), 0.034 (serious) and 0.051
(Fail); with the rule the differences were +0.006, +0.002 and -0.010. Over the early folds the gain over mean severity rose in six of seven settings for points (by up to
0.003; critical violations lost 0.001), and the debiased ECE fell on all three of Chicago (0.033 to 0.023, 0.043 to 0.026, 0.047 to 0.025) but rose on two of San Francisco
(score <= 80 and <= 90, by 0.009 and 0.013); trees lost up to 0.009 AUC on
Chicago's whole early period and kept their lead on San Francisco. Refitting intercept or slope on the latest part made calibration worse, not better. Fewer trees calibrated
better on Chicago's early folds but left objects with long records too flat (slope 1.2), so their number stayed. The bars were held then to the trees with named attributes, which
led the points on the early folds with history by 0.003 to 0.005 (San Francisco). A measurement of similar trees on the same San Francisco period (AUC 0.820, made elsewhere) was
known to us. The pipeline was committed before the third opening, and this is how it came: **San Francisco gained, Chicago lost.** San Francisco's trees reach the AUC asked; their
lower bound misses 0 by 0.0004 and the calibration bar is missed (points would have passed the bound, 0.0020, but trees were held to it beforehand). On Chicago's two test
months the place was still worth 0.013 to 0.022 AUC: the bars met at the second opening are missed now, days earlier by 0.01, the bound over past_rate by 0.008. The
inspector explains it: with the inspector as a feature, the AUC was 0.6905 with zip rates for all and 0.6903 without; without the inspector it fell from 0.6193 to 0.5989.
The zip had stood for who inspects there, which the draw may not use. The rule stays for the reason it was chosen, and not because of this table.

**After the third opening** more was changed, chosen on early folds and in invented cities only ([the risk model where nobody looked](cities.md)). First (ADR 0025): trees get
numbers of bins that we cut (AUC on four early settings -0.0013 to +0.0019, debiased ECE lower in all four), and a blend of points and trees is a learner of its own, the one
`sampler evaluate` measures unless told otherwise. Then (ADR 0027): the points hold a line in the logarithm of the mean severity without a penalty and six times the penalty on
everything else, never visited firms get their rounding errors back, and the trees' share in the blend grows with the failures to learn from, up to one half. Against the blend
before, on the early folds: +0.001 to +0.003 AUC on Chicago, -0.003 on San Francisco at <= 85 and <= 80 (folds in which half the firms were never visited; level or better in
the two later ones), +0.002 at <= 90; debiased ECE lower in six of eight settings, higher by 0.003 on San Francisco at <= 90.

{openings}

| opening | held to the bars | San Francisco: AUC | precision at 10 % | ECE | less mean_severity | Chicago: AUC | days earlier | less past_rate |
|---|---|---|---|---|---|---|---|---|
| first | points, free steps | 0.8115 | - | 0.0302 | +0.0006 (-0.0051 to 0.0069) | 0.6249 | 4.45 | +0.0446 (0.0053 to 0.0841) |
| second | points, monotone, named attributes | 0.8127 | 0.6715 | 0.0390 | +0.0018 (-0.0044 to 0.0081) | 0.6272 | 4.54 | +0.0469 (0.0057 to 0.0880) |
| third | trees, named attributes | 0.8171 | 0.6785 | 0.0367 | +0.0062 (-0.0004 to 0.0124) | 0.6117 | 3.79 | +0.0314 (-0.0080 to 0.0674) |
| third, beside it | points, named attributes | 0.8186 | 0.694 | 0.0355 | +0.0077 (0.0020 to 0.0135) | 0.6051 | 3.43 | +0.0248 (-0.0138 to 0.0634) |

Recalibration was tried once more, this time on predictions made ahead of time: each early quarter's were shifted (or shifted and stretched) by what the quarter before had shown,
in full or shrunk by 100 visits. The rate of failures of a quarter says little about the next one's (gaps of +-0.03 that change sign), so every variant made it worse. Debiased ECE of
the trees, quarters 2 on, default attributes:

| early folds | as trained | shifted | shifted, shrunk | shifted and stretched | the same, shrunk |
|---|---|---|---|---|---|
| San Francisco, score <= 85 | 0.0265 | 0.0426 | 0.0364 | 0.0379 | 0.0365 |
| Chicago, critical violations | 0.0160 | 0.0289 | 0.0257 | 0.0271 | 0.0225 |
| Chicago, Fail | 0.0249 | 0.0394 | 0.0343 | 0.0287 | 0.0307 |

Also tried there and left (score <= 85, Fail, critical violations and five invented cities): 32 and 64 bins, penalties that do not depend on the number of bins, an L1 penalty on
the steps, a free line in the severity under the old penalty, boosted stumps as points and their mean with the regression, lines that differ by the number of visits. Each gained
up to 0.003 AUC in some settings and lost as much in others. A third look at calibration (ADR 0027: log-odds shrunk to the base rate, recent visits weighing more, the mean shift
or slope of all earlier quarters) found nothing that helps nearly everywhere; the stronger penalty of the anchored points did.

{early}

{sections}

## Two sets of libraries

Python 3.11, data/example/full, six months in three folds (`pytest -m integration tests/integration/test_lock_sets.py`): scikit-learn 1.9.1, numpy 2.4.6 against 1.6.1, 2.0.2.

| | asked | points | trees |
|---|---|---|---|
| scores from a committed table | identical | identical to the byte | identical to the byte |
| AUC of tables trained anew, difference | <= 0.0001 | 0 (models and predictions identical to the byte) | 0 (models and predictions identical to the byte) |

The two versions of scikit-learn place the edges of their bins otherwise, and grew trees that differed by 0.0021 AUC. They now get whole numbers of at most 64 bins that we cut
ourselves (ADR 0025). The tests ask for 0.0001 only; the committed table and scores are the authority.

## Speed (processor seconds of one thread)

{speed}
"""


def page(data: Path, sections: str, openings: str) -> str:
    """Return the page around the sections of the test periods."""
    return TEXT.format(
        python=platform.python_version(), sklearn=sklearn.__version__, numpy=np.__version__, pandas=pd.__version__, replicates="1,000",
        early=lines(early(data)), openings=openings, sections=sections, speed=lines(speed()),
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure; write only when asked."""
    data, closed = Path(os.environ["SAMPLER_TEST_DATA"]), "--closed" in arguments
    sections = still_closed(PAGE.read_text(encoding="utf-8")) if closed else opened(data)
    text = page(data, sections, CLOSED if closed else OPEN)
    sys.stdout.write(text)
    if "--write" in arguments:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
