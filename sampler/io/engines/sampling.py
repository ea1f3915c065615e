"""Verification of a sample of rows, from what is published and the openings of these rows (docs/adr/0023)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sampler import records, tables, ticket
from sampler.frame import FRAME_COLUMNS
from sampler.io.engines import drawing, proving
from sampler.io.engines.store import Store
from sampler.select.exact import Key
from sampler.stream import sampling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sampler.io.engines.auditing import Step
    from sampler.io.engines.proving import Opening
    from sampler.tables import Table


def openings(folder: Path, challenge: bytes, count: int) -> list[Opening]:
    """Return the openings that a challenge asks for; the agency's part."""
    prover = proving.Prover(folder)
    root = bytes.fromhex(prover.committed["root"])
    return [prover.opening(n) for n in sampling.picked(challenge, root, prover.committed["count"], count)]


def verify(
    folder: Path, root: str, seed: bytes, challenge: bytes, count: int, given: Sequence[Opening]
) -> tuple[list[Step], int, int]:
    """Return every step with the first thing found wrong, the number of rows opened, and of the frame.

    Parameters
    ----------
    folder
        With strata.tsv and levels.tsv, and drawn.tsv and tau.tsv below the seed's name: what is published.
    root
        The published root of the frame.
    challenge, count
        What was asked for.
    given
        The openings, in the order of the challenge.
    """
    store, out = Store(folder), drawing.name(seed)
    names = ("strata.tsv", "levels.tsv", f"{out}/drawn.tsv", f"{out}/tau.tsv")
    missing = [n for n in names if not store.exists(n)]
    if missing:
        return [("tables", f"{missing[0]} is missing")], 0, 0
    strata, tau = _table(store, "strata.tsv"), _table(store, names[3])
    try:
        size = sum(map(int, strata["N"]))
        asked = _Asked(given)
        odd = next(_tables(strata, asked.levels(_blocks(store, names[1])), asked.chosen(_blocks(store, names[2]))), "")
        rows = _Rows(asked, tau, ticket.object_key(seed))
    except ValueError:
        return [("tables", "a number is none")], 0, 0
    wanted = sampling.picked(challenge, bytes.fromhex(root), size, count)
    steps = [
        ("tables", odd),
        ("opened", next(_opened(given, wanted, root, size), "")),
        ("order", _order(given)),
        ("levels", next(filter(None, map(rows.level, given)), "")),
        ("drawn", next(filter(None, map(rows.drawn, given)), "")),
    ]
    return steps, len(wanted), size


def _table(store: Store, name: str) -> Table:
    kind = name.rpartition("/")[2]
    return tables.decode(store.read(name), records.TABLE_COLUMNS[kind], file=kind)


def _blocks(store: Store, name: str) -> Iterator[Table]:
    columns = drawing.CHOSEN if name.endswith("drawn.tsv") else records.TABLE_COLUMNS[name]
    return store.blocks(name, columns)


class _Asked:
    """What the two long tables say about the rows that were opened: of the rest only sums are kept."""

    def __init__(self, given: Sequence[Opening]) -> None:
        held = [_fields(o) for o in given]
        self._keys = {f"{stratum}/{level}" for _, stratum, level in held}
        self._ids = {oid for oid, _, _ in held}
        self.parameter: dict[str, int] = {}
        self.stratum: dict[str, str] = {}

    def levels(self, blocks: Iterable[Table]) -> Iterator[tuple[str, int]]:
        """Yield key and count of every row of levels.tsv."""
        for block in blocks:
            told = zip(block["key"], block["L"], strict=True)
            self.parameter.update({k: int(v) for k, v in told if k in self._keys})
            yield from zip(block["key"], map(int, block["count"]), strict=True)

    def chosen(self, blocks: Iterable[Table]) -> Iterator[str]:
        """Yield the stratum of every row of drawn.tsv."""
        for block in blocks:
            rows = zip(block["object_id"], block["stratum"], strict=True)
            self.stratum.update({oid: s for oid, s in rows if oid in self._ids})
            yield from block["stratum"]


def _tables(strata: Table, levels: Iterable[tuple[str, int]], chosen: Iterable[str]) -> Iterator[str]:
    """Hold the published tables to each other: units per stratum, drawn per stratum."""
    units = dict.fromkeys(strata["stratum"], 0)
    held = dict.fromkeys(units, 0)
    odd = ""
    for key, n in levels:
        name = key.rpartition("/")[0]
        odd = odd or (f"levels.tsv {key}" if name not in units else "")
        units[name] = units.get(name, 0) + n
    for stratum in chosen:
        odd = odd or (f"drawn.tsv {stratum}" if stratum not in held else "")
        held[stratum] = held.get(stratum, 0) + 1
    if odd:
        yield odd
    for name, size, drawn in zip(strata["stratum"], strata["N"], strata["n"], strict=True):
        if units[name] != int(size) or held[name] != int(drawn):
            yield f"strata.tsv {name}"


def _opened(given: Sequence[Opening], wanted: Sequence[int], root: str, size: int) -> Iterator[str]:
    """Hold each opening to its place: what was asked for, under the root."""
    if len(given) != len(wanted):
        yield f"{len(given)} rows opened, {len(wanted)} asked for"
    if len({o["draw_id"] for o in given}) > 1:
        yield "openings of several draws"
    for opening, place in zip(given, wanted, strict=False):
        held = (opening["index"], opening["size"], opening["root"])
        if held != (place, size, root) or not proving.check(opening):
            yield f"row {place}"


def _order(given: Sequence[Opening]) -> str:
    """Ids increase with their places: no object stands twice."""
    held = sorted((o["index"], _fields(o)[0]) for o in given)
    return next((f"row {b[0]}" for a, b in pairwise(held) if a[1] >= b[1]), "")


def _fields(opening: Opening) -> tuple[str, str, str]:
    """Return id, stratum and level of a row; empty texts for what is no row."""
    held = opening["row"].split("\t")
    return (held[0], held[-2], held[-1]) if len(held) == len(FRAME_COLUMNS) else ("", "", "")


class _Rows:
    """What the published tables say about one row."""

    def __init__(self, asked: _Asked, tau: Table, key: bytes) -> None:
        self._parameter, self._chosen, self._key = asked.parameter, asked.stratum, key
        self._tau = {s: (int(h, 16), int(v)) for s, h, v in zip(*(tau[c] for c in ("stratum", "h", "L")), strict=True)}

    def level(self, opening: Opening) -> str:
        """Return a row whose stratum and level are not in levels.tsv, or that is none."""
        oid, stratum, level = _fields(opening)
        return "" if tables.is_id(oid) and f"{stratum}/{level}" in self._parameter else f"row {opening['index']}"

    def drawn(self, opening: Opening) -> str:
        """Return a row that is drawn and should not be, or is not and should."""
        oid, stratum, level = _fields(opening)
        parameter = self._parameter.get(f"{stratum}/{level}", 0)
        numbered = re.fullmatch("[1-9][0-9]*", level) is not None and parameter > 0
        key = Key(ticket.ticket(self._key, oid), parameter, oid) if numbered else None
        should = stratum if sampling.drawn(key, level, self._tau, stratum) else None
        return "" if self._chosen.get(oid) == should else f"row {opening['index']}: {oid}"
