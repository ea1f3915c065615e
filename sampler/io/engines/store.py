"""The working folder of a large draw: every file appears whole or not at all, so whoever comes back goes on."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sampler import canon, tables
from sampler.errors import Place, StepError, StoreError
from sampler.io.disk import RealDisk, replace
from sampler.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK: Final = 2**22
"""Bytes of a table read at once."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder for its owner alone; workers open their own."""

    folder: Path

    def exists(self, name: str) -> bool:
        """Return whether a file is there, and therefore whole."""
        return (self.folder / name).is_file()

    def put(self, name: str, data: bytes) -> None:
        """Write a file whole.

        Raises
        ------
        StoreError
            ``DISK_FULL`` when it does not fit; what was there stays.
        """
        try:
            replace(RealDisk(self.folder, secret=True), name, data)
        except OSError as e:
            if e.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            hint = "腾出空间后运行同一命令，从中断处继续"
            raise StoreError("DISK_FULL", "磁盘已满；已写入的内容完好", hint=hint, place=Place(file=name)) from e

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return (self.folder / name).read_bytes()

    def put_json(self, name: str, value: dict[str, Any]) -> None:
        """Write a canonical value."""
        self.put(name, canon.encode(value))

    def json(self, name: str) -> dict[str, Any]:
        """Return a canonical value."""
        found: dict[str, Any] = canon.decode(self.read(name))
        return found

    def put_columns(self, name: str, **columns: Any) -> None:
        """Write columns as one Arrow batch."""
        batch = pa.record_batch({n: c if isinstance(c, pa.Array) else pa.array(c) for n, c in columns.items()})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self.put(name, sink.getvalue().to_pybytes())

    def columns(self, name: str) -> pa.RecordBatch:
        """Return columns, mapped into memory, not read."""
        return pa.ipc.open_file(pa.memory_map(str(self.folder / name))).get_batch(0)

    def loaded(self, name: str) -> pa.RecordBatch:
        """Return columns, read: the file is closed."""
        return pa.ipc.open_file(pa.py_buffer(self.read(name))).get_batch(0)

    def numbers(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """Return columns of numbers."""
        batch = self.columns(name)
        return {n: batch.column(n).to_numpy() for n in batch.schema.names}

    def remove(self, patterns: Sequence[str]) -> None:
        """Remove files that are needed no more, by the patterns of their names."""
        for pattern in patterns:
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)

    def blocks(self, name: str, columns: Sequence[str]) -> Iterator[Table]:
        """Yield a TSV table piece by piece, in memory that does not grow with it, as strict as `tables.decode`."""
        done, last = 0, b""
        with (self.folder / name).open("rb") as file:
            head = file.readline()
            while (lines := file.readlines(BLOCK)) or not done:
                found = tables.decode(head + last + b"".join(lines), columns, file=name, before=max(done - 1, 0))
                yield Table({n: v[1:] for n, v in found.columns.items()}) if last else found
                if not lines:
                    return
                done, last = done + len(lines), lines[-1]

    def job(self, name: str, wanted: dict[str, Any]) -> None:
        """Begin a job, or go on with the same; what a killed run left half-written goes.

        Raises
        ------
        StepError
            ``STREAM_OTHER`` when the folder holds another: nothing is overwritten.
        """
        if not self.exists(name):
            self.put_json(name, wanted)
        held = self.json(name)
        differ = sorted(k for k in wanted.keys() | held.keys() if wanted.get(k) != held.get(k))
        if differ:
            hint = "换一个输出目录，或用同样的参数和文件继续"
            raise StepError(
                "STREAM_OTHER", "输出目录里是另一项工作", hint=hint, place=Place(file=name), found=" ".join(differ)
            )
        for left in (self.folder / name).parent.rglob(".*.tmp"):
            left.unlink(missing_ok=True)


class Ids:
    """Ids of a column, looked up one by one, so that a million of them need not become text."""

    def __init__(self, column: pa.Array) -> None:
        self._ends = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
        self._data = memoryview(column.buffers()[2] or b"")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ends) - 1

    def __getitem__(self, n: int) -> str:
        """Return the n-th."""
        return str(self._data[self._ends[n] : self._ends[n + 1]], "ascii")

    def flat(self) -> tuple[Any, Any]:
        """Return the bytes of all, end to end, and where each begins."""
        data = np.frombuffer(self._data, dtype=np.uint8)[self._ends[0] : self._ends[-1]]
        return data, (self._ends - self._ends[0]).astype(np.int64)
