"""make bench-scale: commit, draw and proof of large frames by the streaming engine, against reading the columns.

Sizes in millions: BENCH_MILLIONS="1 10" (the default), "1 10 50", "190". Each step runs in a process of its own.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from tests import rivals, spark_local
from tests.bench import ROOT, Report
from tests.make_frame import named, write, write_plan

MILLIONS = [float(m) for m in os.environ.get("BENCH_MILLIONS", "1 10").split()]
DISTRICTS, TYPES, LOW, HIGH = 340, 20, "0.5%", "3%"
FILES = 4
HASHLIB_UP_TO = 10
AUDIT_UP_TO = 10
SPARK_UP_TO = 50
SAMPLE = 3000
SEED = rivals.SEED.hex()
MILLION = 10**6
COLUMNS = "['object_id', 'class', 'type', 'district', 'risk_ppm', 'cooling']"
READ = (
    "import sys, pyarrow.parquet as pq\nfor p in sys.argv[1:]:\n"
    f" for b in pq.ParquetFile(p).iter_batches(131072, columns={COLUMNS}, use_threads=False): pass"
)
SINGLE = "import sys; sys.modules['numba'] = None\nimport importlib.util as u; f = u.find_spec\nu.find_spec = lambda n, *a: None if n == 'numba' else f(n, *a)\nimport cli; cli.main(sys.argv[1:])"
HEAD = (
    "step",
    "wall s",
    "CPU s",
    "rows per wall s",
    "largest process MB",
    "all processes MB",
    "mapped MB",
    "CPU over reading",
)
RIVALS = {"duckdb": "DuckDB: the same draw in SQL, given the sealed L", "spark": "PySpark local[2]: commit and draw"}
OURS = {"duckdb": ("draw, compiled",), "spark": ("commit", "draw, compiled")}
SECTION = re.compile(r"^## ([0-9.]+) million\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Timed(NamedTuple):
    """Wall and CPU seconds; MB of the largest process, of all together, and mapped from files; what was printed."""

    wall: float
    cpu: float
    peak: float
    own: float
    mapped: float
    out: str


def timed(*words: str) -> Timed:
    """Return what a command took, as installed: modules are compiled once."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    watch = [sys.executable, "-m", "tests.watched", *words]
    return Timed(**json.loads(subprocess.run(watch, cwd=ROOT, env=kept, check=True, stdout=subprocess.PIPE).stdout))


def generate(folder: Path, rows: int) -> list[str]:
    """Write the frame as a few files, and the plan."""
    names = named(DISTRICTS, TYPES)
    write_plan(folder / "plan.json", *names, LOW, HIGH)
    edges = [rows * n // FILES for n in range(FILES + 1)]
    paths = [folder / f"f{n}.parquet" for n in range(FILES)]
    with get_context("spawn").Pool(2) as pool:
        pool.starmap(write, [(p, range(a, b), *names) for p, a, b in zip(paths, edges[:-1], edges[1:], strict=True)])
    return [str(p) for p in paths]


def measure(folder: Path, millions: float) -> tuple[dict[str, Timed], dict[str, Any]]:
    """Return what each step took for one size, and what the commitment and the draw printed."""
    paths, out = generate(folder, int(millions * MILLION)), folder / "out"
    some = pq.ParquetFile(paths[0]).read_row_group(0, ["object_id"])["object_id"][7].as_py()
    program = [sys.executable, "cli.py", "stream"]
    found = {"reading the columns": timed(sys.executable, "-c", READ, *paths)}
    plan = ("--plan", str(folder / "plan.json"), "--draw-id", rivals.DRAW)
    found["commit"] = timed(*program, "commit", *paths, *plan, "--out", str(out), "--json")
    found["draw, compiled"] = timed(*program, "draw", str(out), "--seed", SEED, "--json")
    if millions <= HASHLIB_UP_TO:
        plain = [sys.executable, "-c", SINGLE, "stream", "draw", str(out), "--seed", SEED[::-1], "--processes", "1"]
        found["draw, hashlib, one process"] = timed(*plain, "--json")
    found["prove one"] = timed(*program, "prove", str(out), some, "--out", str(folder / "o.json"))
    printed = {k: json.loads(found[f].out)["data"] for k, f in (("commit", "commit"), ("draw", "draw, compiled"))}
    root = printed["commit"]["root"]
    found["verify one"] = timed(*program, "check", str(folder / "o.json"), "--root", root)
    sample = ("--root", root, "--seed", SEED, "--sample", str(SAMPLE))
    found[f"open {SAMPLE:,} rows and verify the sample"] = timed(*program, "verify", str(out), *sample)
    if millions <= AUDIT_UP_TO:
        found["verify all, for the auditor"] = timed(*program, "verify", str(out), "--root", root, "--seed", SEED)
    wanted = rivals.wanted(folder)
    for rival, name in RIVALS.items():
        if not without(rival, millions):
            found[name] = timed(sys.executable, "-m", "tests.rivals", rival, str(folder))
            assert json.loads(found[name].out) == wanted[rival], name
    return found, printed


def without(rival: str, millions: float = 0) -> str:
    """Return why a rival is not measured, or nothing."""
    if rival == "spark" and millions > SPARK_UP_TO:
        return f"only up to {SPARK_UP_TO} million"
    if rival == "spark":
        return spark_local.missing()
    return "" if find_spec(rival) else f"{rival} is not installed"


def warm() -> None:
    """Let the compiler do its work, which is kept, on a small frame."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), 0.1)


def section(millions: float, found: dict[str, Timed], printed: dict[str, Any], load: float) -> str:
    """Return the text of one size."""
    floor = found["reading the columns"].cpu
    commit, draw = printed["commit"], printed["draw"]
    per_row = {"prove one", "verify one", f"open {SAMPLE:,} rows and verify the sample"}
    lines: list[tuple[str, ...]] = [HEAD, ("---",) * len(HEAD)]
    for name, t in found.items():
        rate = "-" if name in per_row else f"{millions * MILLION / t.wall:,.0f}"
        memory = (f"{mb:.0f}" for mb in (t.peak, t.own, t.mapped))
        lines.append((name, f"{t.wall:.2f}", f"{t.cpu:.2f}", rate, *memory, f"{t.cpu / floor:.1f}"))
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    words = f"{commit['strata']:,} strata after merging; {draw['drawn']:,} drawn. Program {version()}; load average {load:.1f} at the start."
    return f"{words}\n\n{table}\n\n{' '.join(against(found, millions))}\n"


def against(found: dict[str, Timed], millions: float) -> Iterator[str]:
    """Yield how we compare with each rival that does the same, or why it was not asked."""
    for rival, name in RIVALS.items():
        if name not in found:
            yield f"{name.partition(':')[0]} was left out: {without(rival, millions)}."
            continue
        ours = [found[n] for n in OURS[rival]]
        ratios = (sum(getattr(o, k) for o in ours) / getattr(found[name], k) for k in ("cpu", "wall"))
        yield f"{' and '.join(OURS[rival])} over {name}: {' of CPU, '.join(f'{r:.2f}' for r in ratios)} of wall."


def version() -> str:
    """Return the program's version as the repository names it."""
    words = ["git", "log", "-1", "--format=%h", "--", "sampler"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def program(text: str) -> str:
    """Return the version that a section names."""
    found = re.search(r"Program (\S+);", text)
    return found[1] if found else ""


def kept(page: Path) -> dict[float, str]:
    """Return the sizes that the page has already: they stay until they are measured again."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {float(m[1]): m[2].strip() + "\n" for m in SECTION.finditer(text)}


def times(text: str) -> dict[str, tuple[float, float]]:
    """Return wall and CPU seconds of every step of a section."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {r[0]: (float(r[1]), float(r[2])) for r in rows if r[0] not in {HEAD[0], "---"}}


def main() -> None:
    """Measure and write the document."""
    load = os.getloadavg()[0]
    warm()
    report = Report("scale", "Large frames", packages=("numpy", "pyarrow", "numba"), command="make bench-scale")
    for millions in MILLIONS:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            found, printed = measure(Path(folder), millions)
        sections = kept(report.path) | {millions: section(millions, found, printed, load)}
        write_page(report, sections)
        load = os.getloadavg()[0]


def write_page(report: Report, sections: dict[float, str]) -> None:
    """Write all sizes and the growth between them."""
    del report.parts[2:]
    report.text(
        f"Distinct valid codes, {DISTRICTS * TYPES * 4:,} cells of class, type and district (27,200), 64 risks; clauses of {LOW} and {HIGH}; cells that "
        "would draw less than one are merged, so small frames have fewer strata. Wall and CPU seconds of one run, start of the program "
        "included. Memory, looked at while it runs: the largest process with whatever it has mapped; what all processes together hold themselves; and apart "
        "from it what all have mapped of programs and files, which the system takes back when it needs room. Two processes unless said. Commit counts, solves the probabilities, sorts outside "
        "memory, and hashes a nonce, a leaf and a node per row; the compiler's work, once per machine, is done before. DuckDB is given the sealed "
        "tables and the key: no probabilities, reserves or commitment; the ids it draws are compared. Spark commits and draws by the program's own functions; "
        "root and tables are compared. Both have two threads. Above a load average of 1 or so, wall times tell of the neighbours on the two cores; CPU seconds hardly do. "
        "`BENCH_MILLIONS` chooses the sizes; those not chosen stay as they were measured, with the version that was."
    )
    for millions, text in sorted(sections.items()):
        report.text(f"## {millions:g} million\n\n{text.strip()}")
    sizes = sorted(sections)
    between = sorted({*((sizes[0], b) for b in sizes[1:]), *pairwise(sizes)})
    held = {m: times(t) for m, t in sections.items()}
    rows = [
        (name, f"{a:g}", f"{b:g}", *(exponent(held[a][name][k], held[b][name][k], a, b) for k in (1, 0)))
        for name in dict.fromkeys(chain.from_iterable(held.values()))
        if "one" not in name.split()[-1:]
        for a, b in between
        if name in held[a] and name in held[b] and program(sections[a]) == program(sections[b])
    ]
    if rows:
        report.text(
            "## Growth\n\nExponent of time between two sizes. Fixed costs - starting Python, 27,200 strata to solve - make it smaller, "
            "most of all from the smallest size on; the largest two tell more. Sizes measured with different versions are not compared."
        )
        report.table(("step", "from, million", "to", "exponent of CPU", "of wall"), rows)
    report.write()


def exponent(old: float, new: float, a: float, b: float) -> str:
    """Return the power of the size that time grew by."""
    return f"{math.log(new / old) / math.log(b / a):.2f}"


if __name__ == "__main__":
    main()
