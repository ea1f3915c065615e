"""make bench PART=kills: a large run killed at many moments and taken up again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.bench import Report
from tests.kills import run

ROWS = int(float(os.environ.get("BENCH_MILLIONS", "10")) * 1_000_000)
KILLS = int(os.environ.get("BENCH_KILLS", "50"))


def main() -> None:
    """Kill, compare and write the document."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        found = run(Path(folder), ROWS, KILLS)
    report = Report("kills", "Large runs, killed", packages=("numpy", "pyarrow"))
    report.text(
        f"{ROWS:,} rows, `sampler stream commit` and `draw` in two processes; the whole group got SIGKILL {KILLS} times, "
        "spread evenly over the files that a run writes, up to a second after one of them. Taken up each time by the same command. "
        "At the end every file of the folder was compared with a run that nobody disturbed: **all had the same bytes**, and no "
        "temporary file was left (the page is written only then)."
    )
    report.table(("killed while at", "times"), sorted(found.kills.items()))
    report.table(
        ("", "wall s"),
        [
            ("undisturbed: commit and draw", f"{found.calm:.0f}"),
            (f"killed {KILLS} times, starts of the program included", f"{found.disturbed:.0f}"),
        ],
    )
    report.write()


if __name__ == "__main__":
    main()
