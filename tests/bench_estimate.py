"""make bench PART=estimate: coverage of the intervals of `sampler estimate`, 20,000 draws a cell."""

from __future__ import annotations

import sys

from tests.bench import Report
from tests.coverage_grid import (
    BAR,
    CELLS,
    MONTHLY,
    MONTHS,
    MONTHS_OFF,
    POPULATIONS,
    REFERENCE,
    UNITS,
    Figures,
    cooldown,
    simulate,
)

REPLICATES = 20_000
SEED = 2026


def main() -> int:
    """Simulate every cell and write the table."""
    report = Report("estimate", "Intervals of estimates: coverage", packages=("numpy", "scipy"))
    report.text(
        f"Nominal 95 %. Each cell: {REPLICATES:,} draws of {POPULATIONS} made-up populations (lognormal risk; the draw's own rule with f = 20 %, "
        "gamma = 2, exact L and pi; uniform tickets), the share that fails in brackets. The estimate is the code that the command runs "
        f"(docs/spec/estimate.md). A cell fails when the one-sided 99.9 % bound of its coverage is below {BAR:.0%}. *Lowest*: the population "
        "with the lowest coverage. *Missed low / high*: the whole interval lay above / below the truth. *Uncorrected*: Korn and Graubard's "
        "interval cut at n, without section 5.2's degrees of freedom and 5.3's correction. *Wald*: rate and t quantiles."
    )
    found = {name: simulate(name, REPLICATES, SEED) for name in CELLS}
    for title, names in (
        ("The reference's grid", REFERENCE),
        ("Further cells", {n: 0 for n in CELLS if n not in REFERENCE}),
    ):
        report.text(f"## {title}")
        head = (
            "N, n (fails)",
            "coverage",
            "99.9 % bound",
            "lowest",
            "missed low",
            "missed high",
            "width",
            "uncorrected",
            "Wald",
            "verdict",
        )
        report.table(head, [_row(n, found[n]) for n in names])
    report.text("## Bias and standard deviation")
    report.text(
        "*Separate*: a mean of the strata's own ratios. With one unit a stratum, such a ratio is the unit's answer whatever its weight, so the "
        "estimate keeps the bias that the weights were to remove; one ratio over all strata does not."
    )
    columns = ("cell", "bias", "bias, separate ratios", "mean estimated sd", "true sd")
    report.table(
        columns,
        [
            (n, f"{f.bias:+.4f}", f"{f.separate_bias:+.4f}", f"{f.estimated_sd:.4f}", f"{f.true_sd:.4f}")
            for n, f in found.items()
        ],
    )
    report.text("## Cool-down")
    report.text(
        f"{UNITS:,} objects, {MONTHLY} a month, {MONTHS_OFF} months of cool-down, pi at most 1/4, risk tripled after a bad visit; the rate of all "
        f"objects from month {MONTHS} alone, {REPLICATES:,} histories. The variance with q = 1 / W holds both chances: of the draw and of cooling."
    )
    c = cooldown(REPLICATES, SEED)
    row = (
        f"{c.coverage:.3f}",
        f"{c.bias:+.4f}",
        f"{c.eligible_bias:+.4f}",
        f"{c.estimated_sd:.4f}",
        f"{c.true_sd:.4f}",
    )
    report.table(("coverage with W", "bias with W", "bias with 1 / pi", "mean estimated sd", "true sd"), [row])
    report.write()
    return int(any(f.fails for f in found.values()))


def _row(name: str, f: Figures) -> tuple[str, ...]:
    cells = (f.coverage, f.upper, f.worst, f.above, f.below, f.width, f.raw, f.wald)
    return (name, *(f"{min(c, 1):.3f}" for c in cells), "fails" if f.fails else "holds")


if __name__ == "__main__":
    sys.exit(main())
