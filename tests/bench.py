"""make bench: time and memory of the road, written to docs/benchmarks/road.md by the run itself."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import ROOT

REPEATS = 5


def run(*words: str, cwd: Path) -> float:
    """Run the program and return the seconds it took."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        bare = min(_python(here) for _ in range(REPEATS))
        helped = min(run("--help", cwd=here) for _ in range(REPEATS))
        demo = run("demo", "--out", "d", cwd=here)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        verify = min(run("verify", "d/bundles/XJSC-2026-0001", cwd=here) for _ in range(2))
    rows = [
        ("bare Python start", f"{bare * 1000:.0f} ms"),
        ("`sampler --help`", f"{helped * 1000:.0f} ms"),
        ("`make demo` after set-up: 47,554 objects, registry to verified bundle", f"{demo:.1f} s"),
        ("peak memory of the demo", f"{peak} MB"),
        ("`sampler verify` of that bundle", f"{verify:.1f} s"),
    ]
    table = "\n".join(f"| {what} | {found} |" for what, found in rows)
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    text = f"# The road, measured\n\nWritten by `make bench` on {machine}; minimum of {REPEATS} runs for the short ones.\n\n| what | measured |\n|---|---|\n{table}\n"
    (ROOT / "docs" / "benchmarks" / "road.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _python(cwd: Path) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], cwd=cwd, check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
