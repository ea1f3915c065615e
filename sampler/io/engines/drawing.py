"""The draw from a committed frame (docs/guide/scale.md, section 3)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sampler import canon, draw, records, tables, ticket
from sampler.errors import StepError
from sampler.io.engines import pool, tiling
from sampler.io.engines.store import Ids, Store
from sampler.select import fast
from sampler.stream import Rule, choose, rule, short

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sampler.tables import Table

BATCH: Final = 2**19
CHOSEN: Final = ("object_id", "stratum", "rank")
COMPILED: Final = tiling.COMPILED


def run(folder: Path, seed: bytes, processes: int) -> draw.Selection:
    """Return the choice, after writing it as drawn.tsv, reserves.tsv and tau.tsv below ``draw-<hash of the seed>``.

    Raises
    ------
    StepError, StoreError
        ``STREAM_NOT_COMMITTED`` before `committing.commit` has ended, ``DISK_FULL``.
    """
    with pool.Pool(processes) as shared:
        return drawn(folder, seed, shared)


def drawn(folder: Path, seed: bytes, shared: pool.Shared) -> draw.Selection:
    """Do what `run` does, by whoever shares the work."""
    store = Store(folder)
    held = committed(store)
    reserves: int = store.json("job.json")["reserves"]
    out = name(seed)
    store.job(f"{out}/job.json", {"root": held["root"], "reserves": reserves})
    strata, by = _rule(folder, seed, reserves)
    kept, taken = _kept(store, partial(_part, folder, out, seed, reserves), by, held["parts"], shared)
    shared.rest()
    found = choose(kept, taken, strata, by, reserves)
    del kept, taken
    for kind, rows in (("drawn", found.drawn), ("reserves", found.reserves)):
        table = tables.from_rows(CHOSEN, ((c.object_id, c.stratum, str(c.rank)) for c in rows))
        store.put(f"{out}/{kind}.tsv", tables.encode(table))
    store.put(f"{out}/tau.tsv", found.tau)
    return found


def _kept(
    store: Store, work: Any, by: Rule, parts: int, shared: pool.Shared
) -> tuple[fast.Units, list[tuple[str, int]]]:
    """Return what all parts keep; strata whose cut was too narrow are read again without."""
    every, out = list(range(parts)), work.args[1]
    shared.run("抽取", work, every)
    kept, taken = _joined(store, out, every)
    again = np.flatnonzero(short(kept, by))
    if len(again):
        shared.run("补查", partial(work, again=tuple(again.tolist())), every)
        more, _ = _joined(store, f"{out}/again", every)
        kept = fast.join([kept.take(np.flatnonzero(~np.isin(kept.stratum, again))), more])
    return kept, taken


def name(seed: bytes) -> str:
    """Return the folder of one draw: none is written over another."""
    return f"draw-{canon.sha256(seed).hex()[:16]}"


def committed(store: Store) -> dict[str, Any]:
    """Return what `committing.commit` returned; refuse a folder in which it has not ended."""
    if not store.exists("commit.json"):
        raise StepError("STREAM_NOT_COMMITTED", "名录还没有承诺", hint="先运行 sampler stream commit 直到结束")
    return store.json("commit.json")


@lru_cache(maxsize=1)
def _rule(folder: Path, seed: bytes, reserves: int) -> tuple[Table, Rule]:
    store = Store(folder)
    strata = tables.decode(store.read("strata.tsv"), records.TABLE_COLUMNS["strata.tsv"], file="strata.tsv")
    return strata, rule(list(map(int, strata["m"])), tiling.kinds(store), reserves, seed)


def _part(folder: Path, out: str, seed: bytes, reserves: int, number: int, again: tuple[int, ...] = ()) -> int:
    """Write what one part of the frame keeps: the candidates, and with L = 0 the units taken outright."""
    store = Store(folder)
    frame = store.columns(f"frame-{number:05d}.arrow")
    file = f"{out}/{'again/' if again else ''}kept-{number:05d}.arrow"
    if store.exists(file):
        return len(frame)
    _, by = _rule(folder, seed, reserves)
    if again:
        wide = np.zeros(len(by.cut), dtype=bool)
        wide[list(again)] = True
        by = replace(by, cut=np.where(wide, np.inf, by.cut), L=np.where(wide[by.stratum], by.L, 0))
    units: list[fast.Units] = []
    taken: list[tuple[str, int]] = []
    for start in range(0, len(frame), BATCH):
        part = frame.slice(start, BATCH)
        kind, ids = part.column("kind").to_numpy(), Ids(part.column("object_id"))
        found, at = by.keep(ids, kind, _heads(by.key, ids))
        units.append(found)
        taken += [(ids[n], int(by.stratum[kind[n]])) for n in at.tolist()]
    kept = fast.smallest(fast.join(units), by.wanted, partial(ticket.ticket, by.key), within=by.cut)
    store.put_columns(
        file,
        object_id=pa.array([*kept.ids, *(i for i, _ in taken)], pa.string()),
        head=np.concatenate([kept.heads, np.zeros(len(taken), np.uint64)]),
        L=np.concatenate([kept.L, np.zeros(len(taken), np.uint32)]),
        stratum=np.concatenate([kept.stratum, np.array([s for _, s in taken], np.int32)]),
    )
    return len(frame)


def _heads(key: bytes, ids: Ids) -> NDArray[np.uint64]:
    if COMPILED:
        from sampler.select import lanes  # noqa: PLC0415  # numba is an extra

        data, ends = ids.flat()
        if np.diff(ends).max(initial=0) <= lanes.ID_BYTES:
            return lanes.of_bytes(key, data, ends)
    return fast.heads(key, [ids[n] for n in range(len(ids))])


def _joined(store: Store, out: str, parts: list[int]) -> tuple[fast.Units, list[tuple[str, int]]]:
    """Return what all parts keep; ids stay one column, as millions of texts would be most of the memory."""
    found = [store.loaded(f"{out}/kept-{n:05d}.arrow") for n in parts]
    named = pa.concat_arrays([f.column("object_id") for f in found])
    top, parameter, stratum = (
        np.concatenate([f.column(c).to_numpy() for f in found]) for c in ("head", "L", "stratum")
    )
    at = np.flatnonzero(parameter)
    ids: Any = Ids(named.take(pa.array(at)))
    outright = Ids(named)
    taken = [(outright[i], int(stratum[i])) for i in np.flatnonzero(parameter == 0).tolist()]
    return fast.Units(ids, top[at], parameter[at], stratum[at]), taken
