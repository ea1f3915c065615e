"""make bench PART=scoring: a frame scored in batches, against the same in memory. BENCH_MILLIONS="1 10"."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from tests.bench import Report
from tests.bench_scale import DISTRICTS, MILLION, TYPES, Timed, timed
from tests.make_frame import named, write

MILLIONS = [float(m) for m in os.environ.get("BENCH_MILLIONS", "1 10").split()]
MEMORY_UP_TO = 1
VISITS = 200_000
ASOF = "2026-12-01"


def history(frame: Path, out: Path) -> None:
    """Write visits of objects of the frame: worse in some districts."""
    rng, held = random.Random(1), pq.ParquetFile(frame).read_row_group(0).select(["object_id", "district"])
    ids, districts = held["object_id"].to_pylist(), held["district"].to_pylist()
    lines = ["object_id,date,severity"]
    for n in range(VISITS):
        k = rng.randrange(len(ids))
        bad = rng.random() < 0.05 + int(districts[k]) % 10 / 40
        day = f"{2023 + n * 3 // VISITS}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        lines.append(f"{ids[k]},{day},{3 if bad else 0}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(folder: Path, millions: float) -> dict[str, Timed]:
    """Return what each way took."""
    frame, visits, program = folder / "f.parquet", folder / "h.csv", [sys.executable, "cli.py"]
    write(frame, range(int(millions * MILLION)), *named(DISTRICTS, TYPES))
    history(frame, visits)
    few = folder / "few.parquet"
    pq.write_table(pq.ParquetFile(frame).read_row_group(0), few)
    trained = [*program, "train", "--history", str(visits), "--asof", ASOF, "--attributes", "district,class,type:text"]
    for name, learner in (("one", "points"), ("two", "trees")):
        timed(*trained, "--objects", str(few), "--learner", learner, "--out", str(folder / f"{name}.json"))
    given = ["--history", str(visits), "--asof", ASOF, "--objects", str(frame), "--model", str(folder / "one.json")]
    found = {
        "in batches": timed(*program, "score", *given, "--out", str(folder / "out.parquet")),
        "in batches, with a challenger of trees": timed(
            *program, "score", *given, "--challenger", str(folder / "two.json"), "--out", str(folder / "out2.parquet")
        ),
    }
    if millions <= MEMORY_UP_TO:
        found["in memory"] = timed(*program, "score", *given, "--out", str(folder / "scores.csv"))
    return found


def main() -> None:
    """Measure and write the document."""
    report = Report(
        "scoring", "Large frames scored", packages=("numpy", "pandas", "pyarrow"),
        command=f"make bench PART=scoring BENCH_MILLIONS='{' '.join(f'{m:g}' for m in MILLIONS)}'",
    )  # fmt: skip
    report.text(
        f"`sampler score` on a generated frame in Parquet, {VISITS:,} visits, attributes district, class and type; start of the program "
        "included. The risks are those of the scoring in memory (tests/unit/test_models_streaming.py). The machine's load average was "
        f"{os.getloadavg()[0]:.1f} at the start: above 1 or so, wall times tell of the neighbours."
    )
    rows = []
    for millions in MILLIONS:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            for name, t in measure(Path(folder), millions).items():
                rows.append(
                    (
                        f"{millions:g}",
                        name,
                        f"{t.wall:.1f}",
                        f"{t.cpu:.1f}",
                        f"{millions * MILLION / t.cpu:,.0f}",
                        f"{t.peak:.0f}",
                    )
                )
    report.table(("million", "way", "wall s", "CPU s", "objects per CPU s", "peak MB"), rows)
    report.write()


if __name__ == "__main__":
    main()
