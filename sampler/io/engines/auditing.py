"""The streamed replay of a committed frame and its draw, for the auditor (docs/guide/scale.md, section 5).

It takes from the folder only what an auditor is given: the rows, the secret, strata.tsv and levels.tsv, and the draw.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.compute as pc

from sampler import merkle, probability, records, tables
from sampler.allocation import TAKEN as TAKEN_NAME
from sampler.errors import SamplerError
from sampler.io.engines import committing, drawing, pool, tiling
from sampler.io.engines.store import Store
from sampler.probability.fixed_point import TOLERANCE
from sampler.stream.designing import TAKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sampler.tables import Table

E12: Final = 10**12
PI_E12: Final = 2
"""How far pi_e12 may lie from the value recomputed, in units of 10^-12 (docs/spec/draw.md, 8)."""
SHARE: Final = 64
Step = tuple[str, str]
"""Name of a step and what is wrong; empty where nothing is."""


def verify(folder: Path, root: str, seed: bytes, processes: int) -> list[Step]:
    """Return every step of the replay with the first thing found wrong.

    Parameters
    ----------
    folder
        Of `committing.commit`, with the draw of `seed` in it.
    root
        The published root of the frame.
    """
    store = Store(folder)
    strata, levels = (
        tables.decode(store.read(f), records.TABLE_COLUMNS[f], file=f) for f in ("strata.tsv", "levels.tsv")
    )
    parts = store.json("parts.json")["parts"]
    with TemporaryDirectory() as scratch, pool.Pool(processes) as shared:
        work = partial(_rows, folder, Path(scratch), store.json("job.json")["draw_id"])
        shared.run("重算", work, list(enumerate(parts)))
        again = Store(Path(scratch))
        return [
            ("order", _order(store, parts)),
            ("root", _root(again, parts, root)),
            ("counts", _counts(store, again, len(parts), strata, levels)),
            ("probabilities", next(_probabilities(strata, levels, shared), "")),
            ("draw", _draw(store, again.folder, seed, processes)),
        ]


def _rows(folder: Path, scratch: Path, draw_id: str, task: tuple[int, dict[str, Any]]) -> int:
    """Write the hashes and the kinds' counts of one part, computed anew."""
    number, part = task
    store, out = Store(folder), Store(scratch)
    frame = store.columns(f"frame-{number:05d}.arrow")
    ids, kind = frame.column("object_id"), frame.column("kind").to_numpy()
    out.put(f"leaves-{number:05d}", b"".join(tiling.hashes(store, draw_id, ids, kind, part["start"])))
    out.put_columns(f"count-{number:05d}.arrow", count=np.bincount(kind, minlength=len(tiling.kinds(store).L)))
    return len(ids)


def _order(store: Store, parts: Sequence[dict[str, Any]]) -> str:
    before, start = "", 0
    for n, part in enumerate(parts):
        ids = store.columns(f"frame-{n:05d}.arrow").column("object_id")
        same = part["start"] == start and part["rows"] == len(ids)
        within = pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py() is not False
        if not same or not within or not ids[0].as_py() > before:
            return f"part {n}: rows are not one after the other by id"
        before, start = ids[-1].as_py(), start + len(ids)
    return ""


def _root(again: Store, parts: Sequence[dict[str, Any]], root: str) -> str:
    found = merkle.root(committing.tiles(again, parts)).hex()
    return "" if found == root else f"the rows give {found}"


def _counts(store: Store, again: Store, parts: int, strata: Table, levels: Table) -> str:
    """Hold rows to both tables: units of every stratum and level, and the L by which they are drawn."""
    kinds = tiling.kinds(store)
    count = sum(
        (again.numbers(f"count-{n:05d}.arrow")["count"] for n in range(parts)), np.zeros(len(kinds.L), np.int64)
    )
    names = strata["stratum"]
    found: dict[str, tuple[int, int]] = {}
    for s, level, parameter, n in zip(
        kinds.stratum.tolist(), kinds.level.tolist(), kinds.L.tolist(), count.tolist(), strict=True
    ):
        key = f"{names[s]}/{TAKEN_NAME if level == TAKEN else level}"
        found[key] = (parameter, found.get(key, (parameter, 0))[1] + n)
    want = {k: (int(p), int(n)) for k, p, n in zip(levels["key"], levels["L"], levels["count"], strict=True)}
    size = np.bincount(kinds.stratum, count, len(names)).astype(np.int64).tolist()
    wrong = [s for s, n, told in zip(names, size, strata["N"], strict=True) if n != int(told)]
    if wrong:
        return f"strata.tsv {wrong[0]}"
    differ = sorted(k for k in found.keys() | want.keys() if found.get(k) != want.get(k))
    return f"levels.tsv {differ[0]}" if differ else ""


def _probabilities(strata: Table, levels: Table, shared: pool.Pool) -> Iterator[str]:
    """Yield the strata whose probabilities do not follow from L, or do not meet their targets."""
    held: dict[str, list[tuple[int, ...]]] = {}
    for key, *numbers in zip(*(levels[c] for c in ("key", "count", "target_e12", "L", "pi_e12")), strict=True):
        stratum, _, level = key.rpartition("/")
        if level not in ("0", TAKEN_NAME):
            held.setdefault(stratum, []).append(tuple(map(int, numbers)))
    work = [(s, int(m), held[s]) for s, m in zip(strata["stratum"], strata["m"], strict=True) if s in held]
    tasks = [work[n : n + SHARE] for n in range(0, len(work), SHARE)]
    for wrong in shared.each(_inclusion, tasks):
        yield from wrong


def _inclusion(task: Sequence[tuple[str, int, list[tuple[int, ...]]]]) -> list[str]:
    out = []
    for stratum, m, rows in task:
        counts, targets, parameters, told = zip(*rows, strict=True)
        try:
            found = probability.pi_e12(probability.inclusion(parameters, counts, m))
        except SamplerError as e:
            out.append(f"{stratum}: {e.code}")
            continue
        if any(
            abs(f - p) > PI_E12 or abs(f - t) > TOLERANCE[0] * E12 + TOLERANCE[1] * t
            for f, p, t in zip(found, told, targets, strict=True)
        ):
            out.append(f"{stratum}: pi")
    return out


def _draw(store: Store, scratch: Path, seed: bytes, processes: int) -> str:
    """Draw anew from the same rows, away from the draw that is judged, and compare the bytes."""
    out = drawing.name(seed)
    names = ("drawn.tsv", "reserves.tsv", "tau.tsv")
    missing = [n for n in names if not store.exists(f"{out}/{n}")]
    if missing:
        return f"{out}/{missing[0]} is missing"
    copy = scratch / "folder"
    copy.mkdir()
    for file in store.folder.iterdir():
        if file.is_file():
            (copy / file.name).symlink_to(file.resolve())
    drawing.run(copy, seed, processes)
    differ = [n for n in names if Store(copy).read(f"{out}/{n}") != store.read(f"{out}/{n}")]
    return f"{out}/{differ[0]} differs" if differ else ""
