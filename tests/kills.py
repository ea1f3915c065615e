"""A large run killed at many moments, or out of disk, and taken up again: the bytes of a run nobody disturbed.

Used by `make torture` (tests/cli/test_stream_kills.py) and `make bench PART=kills`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sampler.io.engines import drawing
from tests import large
from tests.bench_scale import generate
from tests.support import ROOT

LOOK = 0.02
STEPS = ("census", "design", "runs", "frame", "draw")


@dataclass
class Kills:
    """What happened: wall seconds undisturbed and disturbed, kills by what was being written."""

    rows: int
    calm: float = 0.0
    disturbed: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)


def words(frame: list[str], out: Path, processes: int) -> tuple[list[str], list[str]]:
    """Return the two commands."""
    program, shared = [sys.executable, "cli.py", "stream"], ["--processes", str(processes), "--json"]
    plan = str(Path(frame[0]).parent / "plan.json")
    commit = [
        *program,
        "commit",
        *frame,
        "--plan",
        plan,
        "--draw-id",
        large.DRAW,
        "--out",
        str(out),
        "--rows",
        "200000",
    ]
    return [*commit, *shared], [*program, "draw", str(out), "--seed", large.SEED.hex(), *shared]


def begun(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command as the head of its own group, so that its workers can be killed with it."""
    return subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def written(out: Path, *, draw: bool) -> int:
    """Return how many files are whole."""
    folder = out / drawing.name(large.SEED) if draw else out
    return sum(not p.name.endswith(".tmp") for p in folder.iterdir()) if folder.is_dir() else 0


def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait a little and return whether the process has ended."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def most(command: list[str], out: Path, *, draw: bool) -> int:
    """Let a command end and return the most files it had at once."""
    process, seen = begun(command), 0
    while not ended(process, LOOK):
        seen = max(seen, written(out, draw=draw))
    process.communicate()
    assert process.returncode == 0
    return max(seen, written(out, draw=draw))


def killed(command: list[str], out: Path, *, draw: bool, after: int, later: float) -> bool:
    """Kill a command and its workers some seconds after so many files; return whether it was still at work."""
    process = begun(command)
    while not ended(process, LOOK) and written(out, draw=draw) < after:
        pass
    if process.returncode is None and not ended(process, later):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def step(out: Path) -> str:
    """Return what a killed run was at."""
    names = [p.name for p in out.iterdir()]
    if "commit.json" in names:
        return "draw"
    if "parts.json" in names:
        return "leaves"
    if "design.arrow" in names:
        return "sort"
    return "census and design"


def run(folder: Path, rows: int, kills: int, processes: int = 2, seed: int = 1) -> Kills:
    """Kill one run so many times, let it end, and hold it to an undisturbed one."""
    frame, rng, found = generate(folder, rows), random.Random(seed), Kills(rows)
    whole, out = folder / "whole", folder / "out"
    for place in (whole, out):
        place.mkdir()
        (place / "secret").write_bytes(large.SECRET)
    begin = time.perf_counter()
    commit, draw = words(frame, whole, processes)
    files = (most(commit, whole, draw=False), most(draw, whole, draw=True))
    found.calm = time.perf_counter() - begin
    begin = time.perf_counter()
    share = (kills - kills // 5, kills // 5)
    for command, total, times, drawn in zip(words(frame, out, processes), files, share, (False, True), strict=True):
        for n in range(times):
            after = 2 + (total - 3) * n // times
            while not killed(command, out, draw=drawn, after=after, later=rng.random()):
                after -= 1  # it was too quick: earlier
            found.kills[step(out)] += 1
        done = begun(command)
        done.communicate()
        assert done.returncode == 0
    found.disturbed = time.perf_counter() - begin
    same(out, whole)
    return found


def same(out: Path, whole: Path) -> None:
    """Hold every file of the one to the other, and let nothing half-written lie about."""
    names = [{str(p.relative_to(f)) for p in f.rglob("*") if p.is_file()} for f in (out, whole)]
    assert names[0] == names[1]
    for name in sorted(names[0] - {"job.json"}):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


@contextmanager
def disk(place: Path, megabytes: int) -> Iterator[bool]:
    """Give a folder a disk of its own, as far as one may."""
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=False, capture_output=True
    )
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", str(place)], check=True)


def filled(frame: list[str], whole: Path, place: Path, first: int, more: int) -> list[str]:
    """Run on a disk that is too small, give it room by steps until it ends; return the codes it ended with."""
    (place / "out").mkdir()
    (place / "out" / "secret").write_bytes(large.SECRET)
    codes: list[str] = []
    for command in words(frame, place / "out", 1):
        while (done := subprocess.run(command, cwd=ROOT, capture_output=True, check=False)).returncode:
            codes.append(json.loads(done.stdout)["errors"][0]["code"])
            assert not list(place.rglob("*.tmp"))
            first += more
            subprocess.run(["mount", "-o", f"remount,size={first}m", str(place)], check=True)
    same(place / "out", whole)
    return codes
