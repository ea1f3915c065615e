"""make bench: every part measures one area and writes docs/benchmarks/<area>.md by itself.

A part is a module tests/bench_<area>.py that writes its document through `Report` when it is run. Each runs in a
process of its own, so that its peak memory is its own. Parts in `APART` take long or have a make target of their
own; they run only when named.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APART = {"kills", "loop", "model", "scale", "scoring"}
"""Parts that `make bench` leaves to their own targets (`make bench-model`, `make bench-scale`)."""


class Report:
    """One document: a title, how to repeat it, the machine, then text and tables in the order they are added."""

    def __init__(self, area: str, title: str, *, packages: Sequence[str] = (), command: str = "") -> None:
        self.path = ROOT / "docs" / "benchmarks" / f"{area}.md"
        made = f"Written by `{command or f'make bench PART={area}'}`. {machine(packages)}."
        self.parts = [f"# {title}", made]

    def text(self, words: str) -> None:
        """Add a paragraph or a heading."""
        self.parts.append(words)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table."""
        lines = [head, ["---"] * len(head), *rows]
        self.parts.append("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))

    def write(self) -> None:
        """Write the document and show it."""
        text = "\n\n".join(self.parts) + "\n"
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text, encoding="utf-8")
        sys.stdout.write(text)


def machine(packages: Sequence[str] = ()) -> str:
    """Return the machine and the versions a figure depends on, for the head of a document."""
    versions = "".join(f", {p} {metadata.version(p)}" for p in packages)
    return f"Python {platform.python_version()}{versions}; {processor()}, {os.cpu_count()} cores"


def processor() -> str:
    """Return the processor's kind, without a serial number or a host name."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{platform.machine()} {named[0]}" if named else platform.machine()


def best(action: Callable[[], object], repeats: int = 3) -> float:
    """Return the least wall seconds of `repeats` runs."""
    return min(_seconds(action) for _ in range(repeats))


def _seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def peak_mb(who: int = resource.RUSAGE_SELF) -> int:
    """Return the most memory this process (or its children, `resource.RUSAGE_CHILDREN`) ever held, in MB."""
    return resource.getrusage(who).ru_maxrss // 1024


def main(wanted: Sequence[str]) -> int:
    """Run the named parts, or all but those apart; the first that fails ends the run."""
    known = sorted(p.stem.removeprefix("bench_") for p in Path(__file__).parent.glob("bench_*.py"))
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.stderr.write(f"bench: no part {unknown}; there are {known}\n")
        return 2
    for part in wanted or [p for p in known if p not in APART]:
        sys.stderr.write(f"bench: {part}\n")
        done = subprocess.run([sys.executable, "-m", f"tests.bench_{part}"], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
