"""The draw from a committed frame, and proofs of single rows (docs/guide/scale.md, sections 3 and 4)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sampler import canon, draw, merkle, records, tables, ticket
from sampler.errors import DrawError, Place, StepError
from sampler.io.engines import committing, pool, tiling
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
    store = Store(folder)
    committed = _committed(store)
    reserves: int = store.json("job.json")["reserves"]
    out = name(seed)
    store.job(f"{out}/job.json", {"root": committed["root"], "reserves": reserves})
    strata, by = _rule(folder, seed, reserves)
    with pool.Pool(processes) as shared:
        kept, taken = _kept(store, partial(_part, folder, out, seed, reserves), by, committed["parts"], shared)
    found = choose(kept, taken, strata, by, reserves)
    for kind, rows in (("drawn", found.drawn), ("reserves", found.reserves)):
        table = tables.from_rows(CHOSEN, [(c.object_id, c.stratum, str(c.rank)) for c in rows])
        store.put(f"{out}/{kind}.tsv", tables.encode(table))
    store.put(f"{out}/tau.tsv", found.tau)
    return found


def _kept(store: Store, work: Any, by: Rule, parts: int, shared: pool.Pool) -> tuple[fast.Units, list[tuple[str, int]]]:
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


def _committed(store: Store) -> dict[str, Any]:
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
    units: list[fast.Units] = []
    taken: list[tuple[str, int]] = []
    for n in parts:
        batch = store.columns(f"{out}/kept-{n:05d}.arrow")
        ids = batch.column("object_id").to_pylist()
        top, parameter, stratum = (batch.column(c).to_numpy() for c in ("head", "L", "stratum"))
        units.append(fast.Units(ids, top, parameter, stratum).take(np.flatnonzero(parameter)))
        taken += [(ids[i], int(stratum[i])) for i in np.flatnonzero(parameter == 0).tolist()]
    return fast.join(units), taken


def prove(folder: Path, object_id: str) -> dict[str, Any]:
    """Return one object's opening: row, nonce, place and proof; one tile of rows is hashed anew.

    Raises
    ------
    DrawError
        ``STREAM_UNKNOWN`` for an object that the frame does not hold.
    """
    store = Store(folder)
    committed = _committed(store)
    parts = store.json("parts.json")["parts"]
    number = bisect_right([p["first"] for p in parts], object_id) - 1
    ids = Ids(store.columns(f"frame-{max(number, 0):05d}.arrow").column("object_id"))
    at = bisect_right(ids, object_id) - 1
    if number < 0 or at < 0 or ids[at] != object_id:
        raise DrawError(
            "STREAM_UNKNOWN", "名录里没有这个编号", hint="核对编号", place=Place(column="object_id"), found=object_id
        )
    index, draw_id = parts[number]["start"] + at, store.json("job.json")["draw_id"]
    tile, within = divmod(index, tiling.TILE)
    found_ids, found_kinds = _rows(store, parts, tile * tiling.TILE)
    leaves = tiling.leaves(store, draw_id, found_ids, found_kinds)
    data = store.read("tiles")
    roots = [data[i : i + committing.HASH] for i in range(0, len(data), committing.HASH)]
    proof = [*merkle.inclusion_proof(leaves, within), *merkle.inclusion_proof(roots, tile)]
    return {
        "draw_id": draw_id, "index": index, "size": committed["count"], "root": committed["root"],
        "row": object_id + tiling.tails(folder)[int(found_kinds[within])].as_py(),
        "nonce": merkle.leaf_nonce(store.read(tiling.BLINDING), draw_id, "frame", object_id).hex(),
        "proof": [p.hex() for p in proof],
    }  # fmt: skip


def _rows(store: Store, parts: list[dict[str, Any]], start: int) -> tuple[pa.Array, Any]:
    """Return ids and kinds of the tile that begins at row `start`; it may lie across parts."""
    found: list[pa.RecordBatch] = []
    for n, part in enumerate(parts):
        low, high = max(start, part["start"]), min(start + tiling.TILE, part["start"] + part["rows"])
        if low < high:
            found.append(store.columns(f"frame-{n:05d}.arrow").slice(low - part["start"], high - low))
    ids = pa.concat_arrays([f.column("object_id") for f in found])
    return ids, np.concatenate([f.column("kind").to_numpy() for f in found])


def check(opening: dict[str, Any]) -> bool:
    """Return whether an opening's row and nonce lie under its root."""
    leaf = merkle.blinded_leaf("frame", opening["draw_id"], opening["row"], bytes.fromhex(opening["nonce"]))
    proof = [bytes.fromhex(p) for p in opening["proof"]]
    return merkle.included(leaf, opening["index"], opening["size"], proof, bytes.fromhex(opening["root"]))
