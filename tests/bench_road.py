"""make bench PART=road: time and memory of the road from registry to published results."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import ROOT, Report, best, peak_mb

REPEATS = 5


def run(*words: str, cwd: Path) -> None:
    """Run the program."""
    subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, check=True, capture_output=True)


def main() -> None:
    """Measure and write."""
    report = Report("road", "The road, measured")
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        bare = best(lambda: subprocess.run([sys.executable, "-c", "pass"], cwd=here, check=True), REPEATS)
        helped = best(lambda: run("--help", cwd=here), REPEATS)
        demo = best(lambda: run("demo", "--out", "d", cwd=here), 1)
        peak = peak_mb(resource.RUSAGE_CHILDREN)
        verify = best(lambda: run("verify", "d/bundles/XJSC-2026-0001", cwd=here), 2)
    report.text(f"Minimum of {REPEATS} runs for the short ones.")
    rows = [
        ("bare Python start", f"{bare * 1000:.0f} ms"),
        ("`sampler --help`", f"{helped * 1000:.0f} ms"),
        ("`make demo` after set-up: 47,554 objects, registry to published results", f"{demo:.1f} s"),
        ("peak memory of the demo", f"{peak} MB"),
        ("`sampler verify` of that bundle", f"{verify:.1f} s"),
    ]
    report.table(("what", "measured"), rows)
    report.write()


if __name__ == "__main__":
    main()
