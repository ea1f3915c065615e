"""The streamed replay of a committed frame and its draw, for the auditor (docs/guide/scale.md, section 5).

It takes from the folder only what an auditor is given: the rows, the secret, strata.tsv and levels.tsv, and the draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sampler import merkle, probability, records, tables
from sampler.allocation import TAKEN as TAKEN_NAME
from sampler.errors import SamplerError
from sampler.io.engines import committing, drawing, pool, tiling
from sampler.io.engines.store import Store
from sampler.probability.fixed_point import TOLERANCE
from sampler.select import exact
from sampler.stream.designing import LEVEL_BITS, TAKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sampler.stream.census import Integers
    from sampler.stream.designing import Kinds

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
    strata = tables.decode(store.read("strata.tsv"), records.TABLE_COLUMNS["strata.tsv"], file="strata.tsv")
    try:
        sizes, m = (_integers(strata[c]) for c in ("N", "m"))
        levels = _levels(store, strata["stratum"])
    except (ValueError, OverflowError):
        return [("tables", "a number is none")]
    _check(store, len(sizes))
    parts = store.json("parts.json")["parts"]
    with TemporaryDirectory() as scratch, pool.Pool(processes) as shared:
        work = partial(_rows, folder, Path(scratch), store.json("job.json")["draw_id"])
        shared.run("重算", work, list(enumerate(parts)))
        again = Store(Path(scratch))
        return [
            ("order", _order(store, parts)),
            ("root", _root(again, parts, root)),
            ("counts", _counts(store, again, len(parts), strata["stratum"], sizes, levels)),
            ("probabilities", next(_probabilities(strata["stratum"], m, levels, shared), "")),
            ("draw", _draw(store, again.folder, seed, shared)),
        ]


def _check(store: Store, strata: int) -> None:
    """Refuse kinds that cannot be: everything else computes with them (``STREAM_PART``)."""
    try:
        kinds = tiling.kinds(store)
        limits = (len(store.json("places.json")["places"]), strata, TAKEN + 1, exact.L_ONE + 1)
        columns = (kinds.place, kinds.stratum, kinds.level, kinds.L)
        ok = all(c.dtype == np.int64 and 0 <= c.min() <= c.max() < n for c, n in zip(columns, limits, strict=True))
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        ok = False
    if not ok:
        tiling.refuse("kinds.arrow")


@dataclass(frozen=True, slots=True)
class Levels:
    """levels.tsv as numbers, in its order; -1 for a stratum or a level that is none."""

    stratum: Integers
    level: Integers
    count: Integers
    target: Integers
    L: Integers
    pi: Integers

    @property
    def code(self) -> Integers:
        """Return stratum and level as one number."""
        return self.stratum << LEVEL_BITS | self.level


def _integers(values: Sequence[str]) -> Integers:
    return np.array(list(map(int, values)), dtype=np.int64)


def _levels(store: Store, strata: Sequence[str]) -> Levels:
    """Read levels.tsv piece by piece: as text it would be ten times as large."""
    at = {name: n for n, name in enumerate(strata)}
    numbers = {**{str(n): n for n in range(TAKEN)}, TAKEN_NAME: TAKEN}
    columns: list[list[Integers]] = [[] for _ in Levels.__slots__]
    for block in store.blocks("levels.tsv", records.TABLE_COLUMNS["levels.tsv"]):
        keys = [k.rpartition("/") for k in block["key"]]
        named = ([at.get(s, -1) for s, _, _ in keys], [numbers.get(level, -1) for *_, level in keys])
        told = (_integers(block[c]) for c in ("count", "target_e12", "L", "pi_e12"))
        for held, values in zip(columns, (*(np.array(n, dtype=np.int64) for n in named), *told), strict=True):
            held.append(values)
    return Levels(*map(np.concatenate, columns))


def _rows(folder: Path, scratch: Path, draw_id: str, task: tuple[int, dict[str, Any]]) -> int:
    """Write the hashes and the kinds' counts of one part, computed anew."""
    number, part = task
    store, out = Store(folder), Store(scratch)
    frame = tiling.rows(store, number)
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


def _counts(store: Store, again: Store, parts: int, names: Sequence[str], sizes: Integers, levels: Levels) -> str:
    """Hold rows to both tables: units of every stratum and level, and the L by which they are drawn."""
    kinds = tiling.kinds(store)
    count = sum(
        (again.numbers(f"count-{n:05d}.arrow")["count"] for n in range(parts)), np.zeros(len(kinds.L), np.int64)
    )
    wrong = np.flatnonzero(np.bincount(kinds.stratum, count, len(names)).astype(np.int64) != sizes)
    if len(wrong):
        return f"strata.tsv {names[wrong[0]]}"
    unknown = np.flatnonzero((levels.stratum < 0) | (levels.level < 0))
    if len(unknown):
        return f"levels.tsv row {unknown[0] + 2}: a stratum or a level that is none"
    return _differ(levels, kinds, count, names)


def _differ(levels: Levels, kinds: Kinds, count: Integers, names: Sequence[str]) -> str:
    """Return the first level that rows have otherwise than levels.tsv: its L in any kind, or its number of units."""
    order = np.argsort(levels.code)
    told, code = levels.code[order], kinds.stratum << LEVEL_BITS | kinds.level
    at = np.minimum(np.searchsorted(told, code), len(told) - 1)
    odd = code[(told[at] != code) | (levels.L[order][at] != kinds.L)]
    units = np.bincount(at, count, len(told)).astype(np.int64)
    wrong = [*odd[:1].tolist(), *told[units != levels.count[order]][:1].tolist()]
    if not wrong:
        return ""
    stratum, level = divmod(wrong[0], 1 << LEVEL_BITS)
    return f"levels.tsv {names[stratum]}/{TAKEN_NAME if level == TAKEN else level}"


def _probabilities(names: Sequence[str], m: Integers, levels: Levels, shared: pool.Pool) -> Iterator[str]:
    """Yield the strata whose probabilities do not follow from L, or do not meet their targets."""
    plain = np.flatnonzero((levels.level > 0) & (levels.level < TAKEN) & (levels.stratum >= 0))
    plain = plain[np.argsort(levels.stratum[plain], kind="stable")]
    there, begin = np.unique(levels.stratum[plain], return_index=True)
    ends = [*begin.tolist(), len(plain)]
    columns = [c[plain] for c in (levels.count, levels.target, levels.L, levels.pi)]
    tasks = []
    for n in range(0, len(there), SHARE):
        some, bounds = there[n : n + SHARE], ends[n : n + SHARE + 1]
        held = [c[bounds[0] : bounds[-1]] for c in columns]
        tasks.append(([names[s] for s in some], m[some].tolist(), [b - bounds[0] for b in bounds], held))
    for wrong in shared.each(_inclusion, tasks):
        yield from wrong


def _inclusion(task: tuple[list[str], list[int], list[int], list[Integers]]) -> list[str]:
    """Return what is wrong with some strata, whose levels stand one stratum after the other."""
    names, sizes, ends, columns = task
    out = []
    for stratum, m, start, stop in zip(names, sizes, ends[:-1], ends[1:], strict=True):
        counts, targets, parameters, told = (c[start:stop].tolist() for c in columns)
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


def _draw(store: Store, scratch: Path, seed: bytes, shared: pool.Pool) -> str:
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
    drawing.drawn(copy, seed, shared)
    differ = [n for n in names if Store(copy).read(f"{out}/{n}") != store.read(f"{out}/{n}")]
    return f"{out}/{differ[0]} differs" if differ else ""
