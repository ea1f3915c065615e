"""Run a command and print as JSON what it took: python -m tests.watched COMMAND...

Memory of all its processes together is looked at while they run: what they hold themselves, and apart from it what is mapped
from files, which the system takes back when it needs room. Shared pages count once (proportional set size, Linux only).
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LEAST = 0.1
SHARE = 20
"""A look may take one part in so many of the time."""


def tree(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        for child in (c for t in tasks for c in (t / "children").read_text().split()):
            found += tree(int(child))
    except OSError:
        pass  # it has ended
    return found


def memory(pid: int) -> tuple[float, float]:
    """Return MB that the processes hold themselves, and MB they have mapped."""
    own = mapped = 0
    for one in tree(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended, or another system
        kb = {name: int(n) for name, n in re.findall(r"^(Pss_\w+):\s+(\d+)", text, re.MULTILINE)}
        own += kb.get("Pss_Anon", 0) + kb.get("Pss_Shmem", 0)
        mapped += kb.get("Pss_File", 0)
    return own / 1024, mapped / 1024


def watched(words: list[str]) -> dict[str, object]:
    """Return wall and CPU seconds, MB of the largest process and of all, and what was printed."""
    own = mapped = 0.0
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(words, stdout=out, stderr=err)
        while True:
            look = time.perf_counter()
            held = memory(process.pid)
            own, mapped = max(own, held[0]), max(mapped, held[1])
            try:
                process.wait(max(LEAST, SHARE * (time.perf_counter() - look)))
                break
            except subprocess.TimeoutExpired:
                continue
        wall = time.perf_counter() - begun
        out.seek(0)
        err.seek(0)
        if process.returncode:
            sys.stderr.write(out.read() + err.read())
            sys.exit(process.returncode)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        return {"wall": wall, "cpu": cpu, "peak": peak, "own": own, "mapped": mapped, "out": out.read()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(watched(sys.argv[1:])))
