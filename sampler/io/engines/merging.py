"""The order of a frame outside memory: sorted runs of its pieces, then ranges of ids across all runs.

One run is open at a time, whoever works: what is mapped counts as memory until it is closed, and files that may be open
at once are few. So neither memory nor open files grow with the number of runs.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sampler.errors import DrawError, Place
from sampler.io.engines import tiling
from sampler.io.engines.store import Ids, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from sampler.stream import Batch

    Rows = tuple[pa.Array, NDArray[np.int32]]
    """Ids and kinds."""

SAMPLES: Final = 256
COMPILED: Final = tiling.COMPILED
CUTS: Final = "cuts.arrow"


def write_runs(
    store: Store, number: int, rows: int, batches: Iterable[tuple[pa.Array, Batch]], kind_of: Callable[[Batch], Any]
) -> int:
    """Write the rows of one piece as sorted runs of about `rows`; return how many rows are done by it."""
    name = f"runs-{number:05d}.json"
    if store.exists(name):
        return 0
    held: list[Rows] = []
    runs = size = done = 0
    for ids, batch in batches:
        held.append((ids, kind_of(batch)))
        size += len(ids)
        done += len(ids)
        if size >= rows:
            _write_run(store, _run(number, runs), held)
            held, size, runs = [], 0, runs + 1
    if held:
        _write_run(store, _run(number, runs), held)
        runs += 1
    store.put_json(name, {"runs": runs})
    return done


def _run(piece: int, number: int) -> str:
    return f"run-{piece:05d}-{number:03d}.arrow"


def runs(store: Store, piece: int) -> list[str]:
    """Return the names of the runs of one piece."""
    return [_run(piece, k) for k in range(store.json(f"runs-{piece:05d}.json")["runs"])]


def _write_run(store: Store, name: str, held: Sequence[Rows]) -> None:
    ids, kind = ordered(pa.concat_arrays([i for i, _ in held]), np.concatenate([k for _, k in held]))
    store.put_columns(name, object_id=ids, kind=kind)


def ordered(ids: pa.Array, kind: Any) -> Rows:
    """Return rows by the bytes of their ids.

    Raises
    ------
    DrawError
        ``STREAM_TWICE`` for an id that stands twice.
    """
    if COMPILED:
        from sampler.kernels import sorting  # noqa: PLC0415  # numba is an extra

        order = sorting.order(*Ids(ids).flat())
    else:
        order = pc.sort_indices(ids).to_numpy()
    ids = ids.take(pa.array(order))
    same = pc.equal(ids.slice(1), ids.slice(0, max(len(ids) - 1, 0)))
    if pc.any(same).as_py():
        raise DrawError(
            "STREAM_TWICE",
            "同一编号出现两次",
            hint="去掉重复的行",
            place=Place(column="object_id"),
            found=ids.slice(1).filter(same)[0].as_py(),
        )
    return ids, kind[order]


def cut(store: Store, names: Sequence[str], rows: int) -> list[dict[str, Any]]:
    """Return the parts of the sorted frame, ranges of ids of about so many rows, after writing where runs pass them.

    Row k of the written table, one number per run, says where part k begins in each run; one more row ends the last.
    """
    step = max(1, rows // SAMPLES)
    per = max(1, rows // step)
    sample = sorted(oid for n in names for oid in _sampled(store, n, step))
    edges = sorted(set(sample[per::per]))
    passed = np.zeros((len(edges) + 2, len(names)), dtype=np.int32)
    first: dict[int, str] = {}
    for r, name in enumerate(names):
        ids = Ids(store.columns(name).column("object_id"))
        passed[:, r] = [0, *(bisect_left(ids, e) for e in edges), len(ids)]
        for b in np.flatnonzero(np.diff(passed[:, r])).tolist():
            first[b] = min(ids[passed[b, r]], first.get(b, "~"))  # no id has a tilde: all are below
    size = np.diff(passed, axis=0).sum(axis=1, dtype=np.int64)
    there = np.flatnonzero(size)
    store.put_columns(CUTS, at=np.concatenate([passed[there].ravel(), passed[-1]]))
    start = np.cumsum(size[there]) - size[there]
    return [
        {"start": s, "rows": n, "first": first[b]}
        for s, n, b in zip(start.tolist(), size[there].tolist(), there.tolist(), strict=True)
    ]


def _sampled(store: Store, name: str, step: int) -> list[str]:
    ids = Ids(store.columns(name).column("object_id"))
    return [ids[n] for n in range(0, len(ids), step)]


def part(store: Store, names: Sequence[str], number: int) -> Rows:
    """Return the rows of one part, in order."""
    at = store.numbers(CUTS)["at"].reshape(-1, len(names))[number : number + 2]
    data, size, kinds = [], [], []
    for r in np.flatnonzero(at[0] < at[1]).tolist():
        low, high = at[:, r].tolist()
        held = store.columns(names[r]).slice(low, high - low)
        bytes_, ends = Ids(held.column("object_id")).flat()
        data.append(bytes_.copy())
        size.append(np.diff(ends))
        kinds.append(held.column("kind").to_numpy().copy())
    ends = np.cumsum(np.concatenate([np.zeros(1, np.int64), *size])).astype(np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.concatenate(data))]
    ids = pa.Array.from_buffers(pa.string(), len(ends) - 1, buffers)
    return ordered(ids, np.concatenate(kinds))
