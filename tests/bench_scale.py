"""make bench-scale: commit, draw and proof of large frames by the streaming engine, against reading the columns.

Sizes in millions: BENCH_MILLIONS="1 10" (the default), "1 10 50", "190". Each step runs in a process of its own.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from tests.bench import ROOT, Report
from tests.make_frame import make

MILLIONS = [float(m) for m in os.environ.get("BENCH_MILLIONS", "1 10").split()]
DISTRICTS = 300
SEED = bytes(range(32)).hex()
MILLION = 10**6
READ = "import sys, pyarrow.parquet as pq\nfor b in pq.ParquetFile(sys.argv[1]).iter_batches(131072, use_threads=False): pass"
SINGLE = "import sys; sys.modules['numba'] = None\nimport importlib.util as u; f = u.find_spec\nu.find_spec = lambda n, *a: None if n == 'numba' else f(n, *a)\nimport cli; cli.main(sys.argv[1:])"


def timed(*words: str) -> tuple[float, float, float, str]:
    """Return wall seconds, CPU seconds and the largest process's peak memory in MB, and what was printed."""
    watch = (
        "import json, resource, subprocess, sys, time; t = time.perf_counter(); "
        "p = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True); u = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(json.dumps([time.perf_counter() - t, u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, p.stdout]))"
    )
    done = subprocess.run([sys.executable, "-c", watch, *words], cwd=ROOT, check=True, capture_output=True, text=True)
    wall, cpu, peak, out = json.loads(done.stdout)
    return wall, cpu, peak, out


def measure(folder: Path, rows: int) -> dict[str, tuple[float, float, float, str]]:
    """Return what each step took for one size."""
    path, out = folder / "f.parquet", folder / "out"
    make(path, rows, DISTRICTS)
    some = pq.ParquetFile(path).read_row_group(0, ["object_id"])["object_id"][7].as_py()
    program = [sys.executable, "cli.py", "stream"]
    found = {"reading the columns": timed(sys.executable, "-c", READ, str(path))}
    committed = timed(
        *program,
        "commit",
        str(path),
        "--plan",
        str(path.with_suffix(".plan.json")),
        "--draw-id",
        "BENCH-2026-0001",
        "--out",
        str(out),
        "--json",
    )
    found["commit"] = committed
    found["draw, compiled tickets"] = timed(*program, "draw", str(out), "--seed", SEED, "--json")
    plain = [
        sys.executable,
        "-c",
        SINGLE,
        "stream",
        "draw",
        str(out),
        "--seed",
        SEED[::-1],
        "--processes",
        "1",
        "--json",
    ]
    found["draw, hashlib, one process"] = timed(*plain)
    found["prove one"] = timed(*program, "prove", str(out), some, "--out", str(folder / "o.json"))
    root = json.loads(committed[3])["data"]["root"]
    found["verify one"] = timed(*program, "check", str(folder / "o.json"), "--root", root)
    for file in (path, *out.rglob("*.arrow")):
        file.unlink()
    return found


def main() -> None:
    """Measure and write the document."""
    report = Report(
        "scale",
        "Large frames",
        packages=("numpy", "pyarrow", "numba"),
        command=f"make bench PART=scale BENCH_MILLIONS='{' '.join(f'{m:g}' for m in MILLIONS)}'",
    )
    report.text(
        f"Distinct valid codes, {DISTRICTS * 8} cells of class, stratum type and district, 64 risks; clauses of 2 % and 25 %. Wall and CPU seconds of "
        "one run, start of the program included; memory is that of the largest process. Two processes unless said. Commit counts, solves the "
        "probabilities, sorts outside memory, and hashes a nonce, a leaf and a node per row. "
        f"The machine's load average was {os.getloadavg()[0]:.1f} at the start: above 1 or so, wall times tell of the neighbours."
    )
    times: dict[str, list[float]] = {}
    for millions in MILLIONS:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(Path(folder), int(millions * MILLION))
        floor = found["reading the columns"][1]
        report.text(f"## {millions:g} million")
        report.table(
            ("step", "wall s", "CPU s", "rows per wall s", "peak MB", "CPU over reading"),
            [
                (
                    name,
                    f"{w:.2f}",
                    f"{c:.2f}",
                    f"{millions * MILLION / w:,.0f}" if "one" not in name.split() or "draw" in name else "-",
                    f"{p:.0f}",
                    f"{c / floor:.1f}",
                )
                for name, (w, c, p, _) in found.items()
            ],
        )
        for name, (_, cpu, _, _) in found.items():
            times.setdefault(name, []).append(cpu)
    if len(MILLIONS) > 1:
        span = math.log(MILLIONS[-1] / MILLIONS[0])
        report.text(
            f"## Growth from {MILLIONS[0]:g} to {MILLIONS[-1]:g} million\n\nExponent of CPU time; fixed costs make it smaller."
        )
        report.table(("step", "exponent"), [(n, f"{math.log(t[-1] / t[0]) / span:.2f}") for n, t in times.items()])
    report.write()


if __name__ == "__main__":
    main()
