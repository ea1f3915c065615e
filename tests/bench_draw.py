"""make bench PART=draw: our selection against what else draws with unequal probabilities."""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sampler import canon, probability, ticket
from sampler.select import fast
from tests.bench import ROOT, Report

if TYPE_CHECKING:
    from tests.peers import Frame, Tool

HOME = ROOT / "build" / "peers"
LIMIT = int(os.environ.get("BENCH_SECONDS", "60"))
"""Seconds of wall time a cell may take."""
SHORT, RUNS = 0.5, 200
"""A cell whose runs are short is run again for so many seconds, so often at most: a first run also wakes the processor's caches."""
SIZES = tuple(10**k for k in range(4, 1 + int(os.environ.get("BENCH_LARGEST", "7"))))
"""Both can be lowered for a look; the document says what was used."""
PACKAGES = ("numpy", "pandas", "samplics", "pysps", "consistent-sampler", "numba")


def prepare() -> Path:
    """Return the Python of an environment with the peers in it; they never enter the project's own."""
    uv, python = str(Path(sys.executable).parent / "uv"), HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(HOME)], check=True)
    subprocess.run([uv, "pip", "sync", "-q", "--python", str(python), "requirements.lock"], cwd=ROOT, check=True)
    add = [uv, "pip", "install", "-q", "--python", str(python), "--group", "bench", "-c", "requirements.lock"]
    subprocess.run(add, cwd=ROOT, check=True)
    return python


def apart(work: Callable[[], Any], limit: float = LIMIT) -> Any:
    """Return what `work` gives in a fork of this process, or why it gave nothing; the frame is shared, not copied."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=lambda: theirs.send(_guarded(work)))
    child.start()
    found = ours.recv() if ours.poll(limit) else f"over {limit:.0f} s"
    child.kill()
    child.join()
    return found


def _guarded(work: Callable[[], object]) -> object:
    try:
        return work()
    except Exception as e:  # noqa: BLE001  # what a peer refuses is a finding
        return f"{type(e).__name__}: {str(e)[:60]}"


def cost(tool: Tool, frame: Frame) -> tuple[float, int]:
    """Return CPU seconds (least of some runs: up to 3, and more where they are short) and MB above what the frame takes."""
    before = _rss()
    taken: list[float] = []
    while sum(taken) < LIMIT / 6 and (len(taken) < 3 or (sum(taken) < SHORT and len(taken) < RUNS)):
        begun = time.process_time()
        tool(frame, len(taken))
        taken.append(time.process_time() - begun)
    return min(taken), max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before)


def _rss() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 2**20


def speed() -> dict[str, dict[int, tuple[float, int] | str]]:
    """Return every tool's cost at every size; a tool that ran out of time is not asked for more."""
    from tests.peers import OURS, PEERS, SHARE, Frame  # noqa: PLC0415  # only there

    found: dict[str, dict[int, tuple[float, int] | str]] = {name: {} for name in (*OURS, *PEERS)}
    for size in SIZES:
        frame = Frame(size, int(size * SHARE))
        for name, tool in (OURS | PEERS).items():
            earlier = list(found[name].values())
            gave_up = bool(earlier) and isinstance(earlier[-1], str)
            found[name][size] = "not tried" if gave_up else apart(lambda tool=tool, frame=frame: cost(tool, frame))  # type: ignore[misc]
            sys.stderr.write(f"  {size} {name}: {found[name][size]}\n")
    return found


def strata() -> str:
    """Return the cost of 10,000,000 units in 50,000 strata, 4 of each and 2 reserves."""
    from tests.peers import Frame  # noqa: PLC0415

    size, many = SIZES[-1], SIZES[-1] // 200
    frame = Frame(size, many * 4)
    number = (np.random.default_rng(2).permutation(size) % many).astype(np.int32)
    of = fast.Units(frame.ids, frame.top, np.full(size, 2**32 // 50, dtype=np.uint32), number)

    def work() -> str:
        begun = time.process_time()
        found = fast.choose_many(of, [4] * many, 2, partial(ticket.ticket, frame.key))
        return f"{size:,} units in {many:,} strata, 4 and 2 reserves of each: {time.process_time() - begun:.2f} s for {len(found):,} choices"

    return str(apart(work))


def worth(limit: float = LIMIT / 2) -> list[tuple[object, ...]]:
    """Return what each tool's realised probabilities are worth on 500 lognormal units, 25 drawn."""
    from tests.peers import PEERS, Frame  # noqa: PLC0415

    frame = Frame(500, 25)
    rows: list[tuple[object, ...]] = [_exact(frame)]
    pareto = _simulated("ours, simulated with hashed tickets", _hashed, frame, frame.pi, limit)
    rows.append(pareto)
    for name, tool in PEERS.items():
        target = np.full(500, 0.05) if "equal" in name else frame.pi
        rows.append(_simulated(name, tool, frame, target, limit))
    return rows


def _exact(frame: Frame) -> tuple[object, ...]:
    target = np.rint(frame.pi * 10**12).astype(np.int64)
    units, inverse, counts = np.unique(target, return_inverse=True, return_counts=True)
    _, pi = probability.solve(units.tolist(), counts.tolist(), 25)
    off = np.array(pi)[inverse] / 10**12 / frame.pi - 1
    largest = int(np.argmax(frame.pi))
    return "ours, exact numerics from the sealed L", "-", f"{off[largest]:+.1e}", f"{np.abs(off).max():.1e}", "-"


def _hashed(frame: Frame, seed: int) -> object:
    if not hasattr(frame, "sealed"):
        target = np.rint(frame.pi * 10**12).astype(np.int64)
        units, inverse, counts = np.unique(target, return_inverse=True, return_counts=True)
        frame.sealed = np.array(probability.solve(units.tolist(), counts.tolist(), 25)[0])[inverse]  # type: ignore[attr-defined]
    key = canon.H("worth", seed)
    of = fast.units(frame.ids, frame.sealed, frame.stratum, fast.heads(key, frame.ids))  # type: ignore[attr-defined]
    return fast.choose_many(of, [25], 0, partial(ticket.ticket, key))[0].drawn


def _simulated(name: str, tool: Tool, frame: Frame, target: Any, limit: float) -> tuple[object, ...]:
    """Return the largest unit's and the worst size group's relative error, each with its standard error."""
    at = {u: i for i, u in enumerate(frame.ids)}
    group = np.argsort(np.argsort(frame.sizes)) * 10 // frame.N
    largest = int(np.argmax(frame.sizes))

    def work() -> tuple[object, ...]:
        hits, squares, top, runs, begun = np.zeros(10), np.zeros(10), 0, 0, time.perf_counter()
        while time.perf_counter() - begun < limit and runs < 20_000:
            drawn = [at[u] if isinstance(u, str) else int(u) for u in tool(frame, runs)]  # type: ignore[attr-defined]
            by_group = np.bincount(group[drawn], minlength=10)
            hits, squares = hits + by_group, squares + by_group**2
            top, runs = top + (largest in drawn), runs + 1
        mean, want = hits / runs, np.bincount(group, weights=target)
        error = np.sqrt(np.maximum(squares / runs - mean**2, 0) / runs)
        off, p = mean / want - 1, float(target[largest])
        worst = int(np.argmax(np.abs(off) - 2 * error / want))
        first = f"{top / runs / p - 1:+.2%} ± {math.sqrt(p * (1 - p) / runs) / p:.2%}"
        chi = float((((mean - want) / np.maximum(error, 1e-12)) ** 2).sum())
        return name, f"{runs:,}", first, f"{off[worst]:+.2%} ± {error[worst] / want[worst]:.2%}", f"{chi:.0f}"

    found = apart(work, limit * 3)
    return (name, "-", found, "-", "-") if isinstance(found, str) else found


def _seconds(cell: tuple[float, int] | str) -> str:
    return cell if isinstance(cell, str) else f"{cell[0]:.2g} s" if cell[0] < 10 else f"{cell[0]:.0f} s"


def write() -> None:
    """Measure and write."""
    report = Report("draw", "Drawing, measured against what else draws", packages=PACKAGES)
    report.text(
        f"Frame: N units with lognormal sizes, probability proportional to size, n = 2 %. One process holds the frame; each cell "
        f"runs in a fork of it, alone on one core, and may take {LIMIT} s. Figures are CPU seconds, least of up to 3 runs, of up to {RUNS} where "
        f"they take less than {SHORT} s together; what a "
        "tool wants prepared (arrays, a table, our L) is prepared before. consistent_sampler knows equal probabilities only."
    )
    found = speed()
    head = ("tool", *(f"N = {n:,}" for n in SIZES))
    report.text("## Time")
    report.table(head, [(name, *(_seconds(c) for c in row.values())) for name, row in found.items()])
    ours, theirs = found["ours: compiled tickets + selection"], found["consistent_sampler (equal probabilities only)"]
    ratios = [
        f"{b[0] / a[0]:.0f} times at N = {n:,}"
        for n in SIZES
        if not isinstance(a := ours[n], str) and not isinstance(b := theirs[n], str)
    ]
    report.text(f"Compiled tickets and selection against consistent_sampler: faster {', '.join(ratios)}.")
    report.text(
        "Where ids are few, hashing is nearly all of it: a ticket is one SHA-256 of a block, which nothing can leave out, and the row "
        "`compiled tickets` is the least that any selection by hashed tickets takes here."
    )
    report.text(f"Many strata at once, hashing aside: {strata()}.")
    report.text("## Memory above the frame")
    cells = [(name, *(c if isinstance(c, str) else f"{c[1]} MB" for c in row.values())) for name, row in found.items()]
    report.table(head, cells)
    report.text(
        "## What the probabilities are worth\n\n500 lognormal units, 25 drawn, none certain. Realised against wanted inclusion "
        "probability: of the largest unit, and of the worst of ten groups of 50 units by size, ± one standard error; chi-square "
        "over the ten groups has about 9 degrees of freedom if the probabilities are right (above 28: p < 0.001)."
    )
    report.table(("tool", "draws", "largest unit", "worst size group", "chi-square"), worth())
    report.write()


if __name__ == "__main__":
    if "--inside" in sys.argv:
        write()
    else:
        python = prepare()
        sys.exit(subprocess.run([str(python), "-m", "tests.bench_draw", "--inside"], cwd=ROOT, check=False).returncode)
