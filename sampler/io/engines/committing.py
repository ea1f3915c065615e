"""The commitment of a large frame: census, design, external sort, blinded tree (docs/guide/scale.md, section 2).

Every step is a set of files written whole; a step whose file is there is not done again. The order of rows in the
source, its files and row groups leave no trace: rows are sorted by id before they become leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sampler import draw, merkle, probability
from sampler.errors import DrawError
from sampler.io.engines import merging, parquet, pool, tiling
from sampler.io.engines.store import Store
from sampler.stream import Batch, Census, Lookup, design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.plan import Plan

HASH: Final = 32
PASSING: Final = ("census-*", "run-*", "runs-*", merging.CUTS)
"""Files that are needed until the commitment stands."""
COMPILED: Final = tiling.COMPILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one commitment is made of.

    Parameters
    ----------
    sources
        Parquet files.
    plan
        The validated rule.
    draw_id
        Enters every leaf.
    rows
        Rows worked on at once; memory, not the result, depends on it.
    processes
        How many share the work.
    """

    folder: Path
    sources: Sequence[Path]
    plan: Plan
    draw_id: str
    rows: int
    processes: int


def commit(job: Job, secret: bytes) -> dict[str, Any]:
    """Return the frame's root and the sizes, with the sealed tables in the folder.

    Parameters
    ----------
    secret
        32 fresh bytes; those of an interrupted run are kept.

    Raises
    ------
    InputError, PlanError, DrawError, StepError, StoreError
        ``FRAME_*``, what the plan cannot meet, ``STREAM_TWICE`` for an id that stands twice, ``STREAM_OTHER``,
        ``DISK_FULL``.
    """
    units = parquet.units(job.sources, job.rows)
    with pool.Pool(job.processes) as shared:

        def scan(what: str, work: Work, *, ids: bool) -> None:
            shared.run(what, partial(_scan, work, ids), list(enumerate(units)))

        return run(job, secret, len(units), scan, shared)


Batches = Iterable[tuple[pa.Array, Batch]]
Work = Callable[[int, Batches], int]
"""What is done with one piece of the frame, given its number; returns its rows."""


def run(job: Job, secret: bytes, pieces: int, scan: Callable[..., None], shared: pool.Shared) -> dict[str, Any]:
    """Do what `commit` does with a frame that comes in so many pieces.

    Parameters
    ----------
    scan
        Called with a name, a `Work` and ``ids=`` (whether ids are checked): does the work on every piece.
    shared
        Who does the rest.
    """
    store = Store(job.folder)
    store.job("job.json", _described(job))
    if not store.exists(tiling.BLINDING):
        store.put(tiling.BLINDING, secret)
    if store.exists("commit.json"):
        store.remove(PASSING)
        return store.json("commit.json")
    if not store.exists("design.arrow"):
        scan("清点", partial(_count, job.folder), ids=True)
        _write_design(store, job, pieces, shared)
    scan("排序", partial(_sort, job.folder, job.rows), ids=False)
    names = [n for piece in range(pieces) for n in merging.runs(store, piece)]
    if not (store.exists("parts.json") and store.exists(merging.CUTS)):
        store.put_json("parts.json", {"parts": merging.cut(store, names, job.rows)})
    parts = store.json("parts.json")["parts"]
    if sum(p["rows"] for p in parts) != int(tiling.kinds(store).count.sum()):
        raise DrawError("STREAM_CHANGED", "名录在清点之后被改动", hint="删除输出目录，重新运行 stream commit")
    shared.run("承诺", partial(_part, job.folder, job.draw_id, names), list(enumerate(parts)))
    found = _root(store, parts)
    store.put_json("commit.json", found)
    store.remove(PASSING)
    return found


def _scan(work: Work, ids: bool, task: tuple[int, parquet.Unit]) -> int:  # noqa: FBT001  # partial of a task
    number, unit = task
    work(number, parquet.batches(unit, ids=ids))
    return unit.rows


def _described(job: Job) -> dict[str, Any]:
    stats = [(p.name, p.stat()) for p in job.sources]
    return {
        "draw_id": job.draw_id, "plan": job.plan.rhash(), "reserves": job.plan.reserves, "rows": job.rows,
        "sources": [{"name": n, "size": s.st_size, "changed": str(s.st_mtime_ns)} for n, s in stats],
    }  # fmt: skip


def _count(folder: Path, number: int, batches: Batches) -> int:
    store, name = Store(folder), f"census-{number:05d}.arrow"
    if store.exists(name):
        return 0
    census, rows = Census(), 0
    for ids, batch in batches:
        census.add(batch)
        rows += len(ids)
    key, count = census.counted()
    store.put_json(f"census-{number:05d}.json", {"places": [list(p) for p in census.places]})
    store.put_columns(name, key=key, count=count)
    return rows


def _write_design(store: Store, job: Job, units: int, shared: pool.Shared) -> None:
    census = Census()
    for n in range(units):
        places = [tuple(p) for p in store.json(f"census-{n:05d}.json")["places"]]
        census.merge(places, **store.numbers(f"census-{n:05d}.arrow"))
    made = design(job.plan, census, shared.each, _solve())
    store.put("strata.tsv", made.strata)
    store.put("levels.tsv", made.levels)
    store.put_json("places.json", {"places": [[*p, s] for p, s in zip(made.places, made.stratum_of, strict=True)]})
    store.put_columns("kinds.arrow", **made.kinds.columns())
    store.put_columns("design.arrow", key=made.keys, kind=made.kind.astype(np.int32))


def _solve() -> draw.Solve:
    if COMPILED:
        from sampler.probability import quick  # noqa: PLC0415  # numba is an extra

        return quick.solve
    return probability.solve


@lru_cache(maxsize=1)
def _lookup(folder: Path) -> Lookup:
    store = Store(folder)
    held = store.numbers("design.arrow")
    return Lookup([(p[0], p[1], p[2]) for p in store.json("places.json")["places"]], held["key"], held["kind"])


def _sort(folder: Path, rows: int, number: int, batches: Batches) -> int:
    """Write the rows of one piece as sorted runs."""
    return merging.write_runs(Store(folder), number, rows, batches, _lookup(folder).kind_of)


def _part(folder: Path, draw_id: str, names: Sequence[str], task: tuple[int, dict[str, Any]]) -> int:
    """Write one part of the sorted frame, and the hashes that the tree needs of it."""
    number, part = task
    store, name = Store(folder), f"frame-{number:05d}.arrow"
    rows: int = part["rows"]
    if store.exists(name):
        return rows
    ids, kind = merging.part(store, names, number)
    store.put(f"leaves-{number:05d}", b"".join(tiling.hashes(store, draw_id, ids, kind, part["start"])))
    store.put_columns(name, object_id=ids, kind=kind)
    return rows


def _root(store: Store, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found = tiles(store, parts)
    store.put("tiles", b"".join(found))
    count = sum(p["rows"] for p in parts)
    strata = len(store.read("strata.tsv").splitlines()) - 1
    return {"root": merkle.root(found).hex(), "count": count, "strata": strata, "parts": len(parts)}


def tiles(store: Store, parts: Sequence[dict[str, Any]]) -> list[bytes]:
    """Return the roots of the tiles, joined from the parts' hashes: a few kB of memory, whatever the size."""
    found: list[bytes] = []
    open_: list[bytes] = []
    for n, part in enumerate(parts):
        data = store.read(f"leaves-{n:05d}")
        hashes = [data[i : i + HASH] for i in range(0, len(data), HASH)]
        at, end = part["start"], part["start"] + part["rows"]
        for h in hashes:
            if at % tiling.TILE == 0 and end - at >= tiling.TILE:
                found.append(h)
                at += tiling.TILE
                continue
            open_.append(h)
            at += 1
            if at % tiling.TILE == 0:
                found.append(merkle.root(open_))
                open_ = []
    if open_:
        found.append(merkle.root(open_))
    return found
