"""make bench PART=probability: from targets to L to pi, how fast and how exactly."""

from __future__ import annotations

import math
from unittest.mock import patch

import numpy as np

from sampler.allocation import Levels, levels, weights
from sampler.probability import fixed_point, inclusion, pi_e12, solve
from sampler.probability.pareto import evaluate
from tests.bench import Report, best
from tests.reference.certified import FRAMES, of
from tests.reference.certified import inclusion as certified
from tests.reference.convolution import by_convolution

SIZES = (10_000, 100_000, 1_000_000)
SHARE = 50
"""One unit in so many is drawn."""
DISTINCT = 1024
RISK_TOP = 250_000
"""Nobody is certain, so that all levels are searched."""
E12 = 10**12


def risks(size: int) -> list[int]:
    """Return lognormal risks in ppm, of exactly 1,024 different values."""
    drawn = np.sort(np.random.default_rng(7).lognormal(10.5, 1, size))
    value = np.unique(np.minimum(drawn[:: max(1, size // (4 * DISTINCT))], RISK_TOP).astype(int))
    kept = value[np.linspace(0, len(value) - 1, DISTINCT).astype(int)]
    found: list[int] = kept[np.arange(size) % DISTINCT].tolist()
    return found


def speed(report: Report) -> None:
    """Time each step for strata of three sizes."""
    rows = []
    for size in SIZES:
        risk, m = risks(size), size // SHARE
        got: list[Levels] = []
        integers = best(lambda: got.append(levels(weights(risk, 1, 5, 2), m, cooldown=False)), 1)  # noqa: B023
        targets, counts, left = [*got[0].target_e12.values()], [*got[0].count.values()], got[0].m
        with patch.object(fixed_point, "evaluate", wraps=evaluate) as spy:
            found, sealed = solve(targets, counts, left)
        search = best(lambda: solve(targets, counts, left), 2)  # noqa: B023
        again = best(lambda: inclusion(found, counts, left), 2)  # noqa: B023
        pi = inclusion(found, counts, left)
        off = abs(math.fsum(p * n for p, n in zip(pi, counts, strict=True)) - left)
        far = max(abs(a - t) / t for a, t in zip(sealed, targets, strict=True))
        rows.append(
            (f"{size:,}", f"{len(targets):,}", f"{m:,}", f"{integers:.2f} s", f"{search:.2f} s", spy.call_count,
             f"{again:.2f} s", f"{off:.0e}", f"{far:.0e}")
        )  # fmt: skip
    report.text("## Speed\n\nOne stratum, lognormal risks, f = 1/5, gamma = 2, 2 % drawn.")
    report.table(
        ("objects", "levels", "drawn", "risk to targets (integers)", "targets to L to pi", "steps of the search",
         "pi from L (what verify repeats)", "abs. error of sum of pi", "largest relative distance of pi from target"),
        rows,
    )  # fmt: skip


def accuracy(report: Report) -> None:
    """Compare with balls, and with the second method where balls are too slow."""
    rows = []
    for name, frame in FRAMES.items():
        found = inclusion(frame.big_l, frame.counts, frame.m)
        wanted = range(len(found)) if frame.certify is None else frame.certify
        true = certified(frame.big_l, frame.counts, frame.m, levels=frame.certify)
        error = [abs(float(t - found[g])) for g, t in zip(wanted, true, strict=True)]
        relative = [e / float(t) for e, t in zip(error, true, strict=True)]
        units = [abs(float(t * E12) - pi_e12([found[g]])[0]) for g, t in zip(wanted, true, strict=True)]
        least = min(float(t) for t in true)
        rows.append(
            (
                name,
                f"{sum(frame.counts):,}",
                f"{frame.m:,}",
                f"{least:.1e}",
                f"{max(error):.0e}",
                f"{max(relative):.0e}",
                f"{max(units):.2f}",
            )
        )
    report.text(
        "## Against ball arithmetic\n\nRadius of the balls below 1e-30; sealed integers may be wrong by 2 units of 10^-12."
    )
    report.table(("frame", "N", "m", "smallest pi", "absolute error", "relative error", "error of pi_e12, units"), rows)
    counts, m = [10**6 // 12 + k - 6 for k in range(12)], 20_000
    big_l = of(*(0.004 * 1.4**k for k in range(12)))
    found = inclusion(big_l, counts, m)
    apart = max(abs(by_convolution(big_l, counts, m, g) / found[g] - 1) for g in (0, 5, 11))
    report.text(
        f"N = {sum(counts):,}, m = {m:,}, 12 levels: the program (characteristic function, trapezoidal sum) and convolved "
        f"binomials with Gauss-Legendre agree to {apart:.0e}, relative."
    )


def main() -> None:
    """Measure and write."""
    report = Report("probability", "Exact probabilities, measured", packages=["numpy", "scipy"])
    speed(report)
    accuracy(report)
    report.write()


if __name__ == "__main__":
    main()
