"""Work in parts, by one process or more, with a line that says how fast it goes and how long it will take."""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Shared(Protocol):
    """Who does work in parts: processes of this machine, or a cluster."""

    def run(self, what: str, work: Callable[[Any], int], tasks: Sequence[Any]) -> None:
        """Do all tasks; each returns the rows it has done."""

    def each(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        """Yield what every task gives, in their order."""

    def rest(self) -> None:
        """Give back what workers hold in memory: what follows is done by one."""


class Pool:
    """Processes that share the work of all steps of a job; they start with the first step that needs them."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let what has begun end, and no more begin."""
        self.rest()

    def rest(self) -> None:
        """Let the processes end; others start when there is work again."""
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = None

    def run(self, what: str, work: Callable[[Any], int], tasks: Sequence[Any]) -> None:
        """Do all tasks; each returns the rows it has done. The first failure ends the run; what is written stays."""
        line = Line(what, len(tasks))
        for n in self._done(work, tasks):
            line.step(n)
        line.end()

    def each(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        """Yield what every task gives, in their order."""
        return self._started().map(work, tasks) if self._shared(tasks) else map(work, tasks)

    def _shared(self, tasks: Sequence[Any]) -> bool:
        return self._processes > 1 and len(tasks) > 1

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"))
        return self._executor

    def _done(self, work: Callable[[Any], int], tasks: Sequence[Any]) -> Iterator[int]:
        if not self._shared(tasks):
            yield from map(work, tasks)
            return
        pool = self._started()
        for future in as_completed([pool.submit(work, task) for task in tasks]):
            yield future.result()


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
