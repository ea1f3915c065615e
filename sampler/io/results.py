"""Results of visits, from the office's files and from a bundle's results/ (docs/spec/estimate.md, 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler import records
from sampler.errors import InputError, Place, StoreError
from sampler.estimate.match import Result
from sampler.io.checks import check_file
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

RESULTS = "results/"


def from_file(name: str, data: bytes) -> list[Result]:
    """Return the rows of a history or results file (xlsx, xls, csv, parquet; Chinese or English headings).

    Raises
    ------
    InputError
        Everything the import doctor finds wrong.
    """
    found = check_file(name, data, "history")
    if found.problems:
        raise InputError(found.problems)
    columns = (found.table[c] for c in ("object_id", "date", "result", "severity", "draw_id"))
    return [
        Result(object_id=o, date=d, result=r, severity=s or NONE, draw_id=t or NONE)
        for o, d, r, s, t in zip(*columns, strict=True)
    ]


def from_bundle(files: Mapping[str, bytes], draw_id: str) -> list[Result]:
    """Return a bundle's results, the last row of every object, one row a category (records.md, 3.17).

    Raises
    ------
    RecordError
        A batch that is not one.
    """
    held: dict[str, records.Result] = {}
    for name in sorted(n for n in files if n.startswith(RESULTS)):
        batch: records.Results = records.Results.parse(files[name], name)
        held |= {row.object_id: row for row in batch.rows}
    return [
        Result(
            object_id=r.object_id, date=str(r.date), result=code, draw_id=draw_id,
            severity=NONE if r.severity is None else str(r.severity),
        )
        for r in held.values()
        if r.result is not None
        for code in (str(r.result), *(r.also or ()))
    ]  # fmt: skip


def open_bundle(root: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the wanted files and all result batches of a bundle; a file that is not there is left out.

    Raises
    ------
    StoreError
        ``PATH_OUTSIDE`` for a link that leads out of the bundle.
    """
    batches = (p.relative_to(root).as_posix() for p in root.glob(f"{RESULTS}*.json"))
    found = {}
    for name in [*wanted, *sorted(batches)]:
        path = root / name
        if not path.is_file():
            continue
        if not path.resolve().is_relative_to(root.resolve()):
            raise StoreError("PATH_OUTSIDE", "证据包里的链接指向包外", place=Place(file=name))
        found[name] = path.read_bytes()
    return found
