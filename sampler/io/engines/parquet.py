"""A frame as Parquet files, read in bounded memory (docs/guide/scale.md, section 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampler.allocation import RISK_MAX
from sampler.errors import InputError, Place, Problem, SamplerError
from sampler.io.engines.store import Ids
from sampler.stream import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BATCH: Final = 2**19
DENSE: Final = 2**22
PLACE: Final = ("class", "type", "district")
NEEDED: Final = ("object_id", *PLACE, "risk_ppm")
COOLING: Final = "cooling"
ID_BYTES: Final = 64
_ID: Final = np.zeros(256, dtype=bool)
_ID[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-")] = True


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work: some row groups of one file."""

    path: str
    groups: tuple[int, ...]
    rows: int


def units(paths: Sequence[Path], rows: int) -> list[Unit]:
    """Return the pieces, each of about so many rows.

    Raises
    ------
    InputError
        ``FRAME_PARQUET`` for what is not Parquet, ``FRAME_COLUMNS`` for a missing or mistyped column.
    """
    found: list[Unit] = []
    for path in paths:
        meta = _opened(path).metadata
        held: list[int] = []
        size = 0
        for g in range(meta.num_row_groups):
            held.append(g)
            size += meta.row_group(g).num_rows
            if size >= rows or g == meta.num_row_groups - 1:
                found.append(Unit(str(path), tuple(held), size))
                held, size = [], 0
    return found


def _opened(path: Path) -> Any:
    try:
        try:
            file = pq.ParquetFile(path, read_dictionary=list(PLACE))
        except KeyError:  # a column is missing: said below
            file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as e:
        raise _bad("FRAME_PARQUET", path, "不是可读的 Parquet 文件", hint="核对文件名；重新导出", found=str(e)) from e
    columns(file.schema_arrow, path)
    return file


def columns(schema: pa.Schema, path: str | Path) -> list[str]:
    """Return the frame's columns; refuse missing and mistyped ones: ``FRAME_COLUMNS``."""
    kinds = {f.name: f.type for f in schema}
    for name in NEEDED:
        if name not in kinds:
            raise _bad("FRAME_COLUMNS", path, "缺少列", hint="需要 " + " ".join(NEEDED), column=name)
        kind = kinds[name].value_type if pa.types.is_dictionary(kinds[name]) else kinds[name]
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (pa.types.is_integer(kind) if name == "risk_ppm" else text):
            hint = "risk_ppm 为整数，其余为文字"
            raise _bad("FRAME_COLUMNS", path, "列的类型不对", hint=hint, column=name, found=str(kind))
    if COOLING in kinds and not pa.types.is_boolean(kinds[COOLING]):
        raise _bad("FRAME_COLUMNS", path, "列的类型不对", hint="cooling 为布尔值", column=COOLING)
    return [*NEEDED, *([COOLING] if COOLING in kinds else [])]


def _bad(code: str, path: str | Path, message: str, *, hint: str, column: str = "", found: object = "") -> SamplerError:
    place = Place(file=Path(path).name, column=column)
    return InputError([Problem(code=code, message=message, hint=hint, place=place, found=str(found)[:200])])


def batches(unit: Unit, *, ids: bool = True) -> Iterator[tuple[pa.Array, Batch]]:
    """Yield ids and the rest of some rows after the other; refuse what cannot be drawn from.

    Parameters
    ----------
    ids
        Whether ids are checked: once is enough.

    Raises
    ------
    InputError
        ``FRAME_NULL`` for an empty field, ``FRAME_ID`` for an id outside ``[0-9A-Za-z._-]{1,64}``, ``FRAME_CODE`` for
        a class, type or district that is none, ``RISK_RANGE`` for a risk outside 0..1,000,000.
    """
    file = _opened(Path(unit.path))
    wanted = columns(file.schema_arrow, unit.path)
    for part in file.iter_batches(BATCH, list(unit.groups), wanted, use_threads=False):
        yield checked(part, unit.path, ids=ids)


def checked(part: pa.RecordBatch, name: str, *, ids: bool) -> tuple[pa.Array, Batch]:
    """Return ids and the rest of some rows, whatever brought them; raise what `batches` raises, about file `name`."""
    bad = partial(_bad, path=name)
    for column in part.schema.names:
        if part.column(column).null_count:
            raise bad("FRAME_NULL", message="有空值", hint="补全或删除这些行", column=column)
    named = pc.cast(part.column("object_id"), pa.string())
    if ids:
        wrong = _wrong(Ids(named))
        if wrong is not None:
            hint = "编号由字母、数字、点、下划线、连字符组成，至多 64 个"
            found = named[wrong].as_py()
            raise bad("FRAME_ID", message="编号不合规", hint=hint, column="object_id", found=found)
    return named, _rest(part, bad)


def _wrong(ids: Ids) -> int | None:
    """Return the position of the first malformed id."""
    data, ends = ids.flat()
    size = np.diff(ends)
    bad = np.flatnonzero((size < 1) | (size > ID_BYTES))
    odd = np.flatnonzero(~_ID[data])
    found = [*bad[:1].tolist(), *(np.searchsorted(ends, odd[:1], side="right") - 1).tolist()]
    return min(found, default=None)


def _rest(part: pa.RecordBatch, bad: Any) -> Batch:
    risk = pc.cast(part.column("risk_ppm"), pa.int64()).to_numpy()
    if len(risk) and (risk.min() < 0 or risk.max() > RISK_MAX):
        found = int(risk.min() if risk.min() < 0 else risk.max())
        raise bad("RISK_RANGE", message="风险分不在 0 到 1000000 之间", hint="重新打分", column="risk_ppm", found=found)
    coded = [_coded(part.column(name), name, bad) for name in PLACE]
    code = np.zeros(len(risk), dtype=np.int64)
    for values, at in coded:
        code *= len(values)
        code += at
    used, place = _distinct(code, math.prod(len(values) for values, _ in coded))
    columns, left = [], used
    for values, _ in reversed(coded):
        left, at = np.divmod(left, max(len(values), 1))
        columns.append([values[n] for n in at.tolist()])
    cooling = (
        part.column(COOLING).to_numpy(zero_copy_only=False)
        if COOLING in part.schema.names
        else np.zeros(len(risk), dtype=bool)
    )
    return Batch(list(zip(*reversed(columns), strict=True)), place, risk, cooling)


def _distinct(code: NDArray[np.int64], codes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct codes, increasing, and the position of each among them."""
    if codes > DENSE:
        return np.unique(code, return_inverse=True)
    seen = np.zeros(codes, dtype=bool)
    seen[code] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[code]


def _coded(column: pa.Array, name: str, bad: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Return distinct values and each row's position among them; a value that occurs must be a code."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    values, at = coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)
    for n in _distinct(at, len(values))[0].tolist():
        value = values[n]
        if not value or not value.isascii() or any(c in value for c in "\t\r\n."):
            raise bad("FRAME_CODE", message="不是代码", hint="写不含点的代码", column=name, found=value)
    return values, at
