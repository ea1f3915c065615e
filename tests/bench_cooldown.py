"""make bench PART=cooldown: the rate that three weights give after three years of draws with a cool-down."""

from __future__ import annotations

import sys

import numpy as np

from tests.bench import Report
from tests.chance import generator
from tests.cooldown import WAYS, WORLDS, biases, simulate

RUNS = 200


def main(runs: int = RUNS) -> None:
    """Measure and write; fewer runs for a quick look: `python -m tests.bench_cooldown 40`."""
    command = "" if runs == RUNS else f"python -m tests.bench_cooldown {runs}"
    report = Report("cooldown", "Cool-down and weights, measured", packages=["numpy"], command=command)
    rows = []
    for name, world in WORLDS.items():
        rng = generator(f"bench/cooldown/{name}")
        found = [simulate(world, rng) for _ in range(runs)]
        means = biases(found)
        shown = [f"{m:+.4f} ± {e:.4f}" for m, e in zip(means.mean, means.error, strict=True)]
        largest, effective = max(r.largest for r in found), float(np.mean([r.effective for r in found]))
        rows.append((name, *shown, sum(r.repeats for r in found), f"{largest:.0f}", f"{effective:.2f}"))
    world = next(iter(WORLDS.values()))
    report.text(
        f"{runs} runs of {world.months} months each, cool-down {world.cool} months, the last {world.judged} judged; Hájek "
        "rates of bad units minus the frame's true rate, mean ± standard error. The model knows the truth of whoever was "
        "visited. *Hazards*: weights divided by the chance of not resting, so that pi* would hold without learning."
    )
    head = ("world", *(f"bias with {w}" for w in WAYS), "repeats within the cool-down", "largest W", "effective n / n")
    report.table(head, rows)
    report.text(
        "W = 1 / (pi_t x product of (1 - pi_{t-k})) holds in every world. 1/pi of the month speaks for the eligible units "
        "alone, and who is resting is not like the others; 1/pi* holds only under hazards and fixed risk."
    )
    report.write()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
