"""Work in parts, by one process or more, with a line that says how fast it goes and how long it will take."""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def run(what: str, work: Callable[[Any], int], tasks: Sequence[Any], processes: int) -> None:
    """Do all tasks; each returns the rows it has done. The first failure ends the run; what is written stays."""
    line = Line(what, len(tasks))
    for n in _done(work, tasks, processes):
        line.step(n)
    line.end()


def _done(work: Callable[[Any], int], tasks: Sequence[Any], processes: int) -> Iterator[int]:
    if processes == 1 or len(tasks) < 2:  # noqa: PLR2004  # one task needs no pool
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(min(processes, len(tasks)), multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(work, task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class Line:
    """Progress on stderr, for a terminal only."""

    def __init__(self, what: str, parts: int) -> None:
        self._what, self._parts = what, parts
        self._done = self._rows = 0
        self._begun = time.monotonic()
        self._shown = sys.stderr.isatty()

    def step(self, rows: int) -> None:
        """Say that one more part is done."""
        self._done += 1
        self._rows += rows
        if self._shown:
            sys.stderr.write(f"\r{self.text(time.monotonic() - self._begun)}\x1b[K")
            sys.stderr.flush()

    def text(self, seconds: float) -> str:
        """Return the line after so many seconds."""
        rate = self._rows / max(seconds, 1e-9)
        left = seconds / self._done * (self._parts - self._done)
        return f"{self._what} {self._done}/{self._parts} 段，每秒 {rate:,.0f} 户，还需 {int(left // 60)}:{int(left % 60):02d}"

    def end(self) -> None:
        """Leave the line."""
        if self._shown and self._parts:
            sys.stderr.write("\n")
