"""A frame out of a database into one Parquet file: read in batches, nothing written there (docs/guide/scale.md, 1)."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sampler.errors import InputError, Place, Problem, StepError, StoreError
from sampler.io.engines import parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 2**17
GROUP: Final = 2**19
MEMORY: Final = ":memory:"
SERVER: Final = ("postgresql://", "postgres://")
TYPES: Final = {
    **dict.fromkeys(("object_id", *parquet.PLACE), pa.string()),
    "risk_ppm": pa.int64(),
    parquet.COOLING: pa.bool_(),
}


def fetch(source: str, query: str, out: Path) -> int:
    """Write what a query gives as a frame and return the number of rows; the file appears whole or not at all.

    Parameters
    ----------
    source
        ``postgresql://...`` (libpq's own settings, such as PGPASSWORD, count), a DuckDB file, or ``:memory:`` for a
        DuckDB query over other files.
    query
        Gives the columns of docs/guide/scale.md, section 1, in any order; other columns are left out.

    Raises
    ------
    StepError, InputError, StoreError
        ``FETCH_EXISTS`` when `out` is there, ``FETCH_EXTRA`` when the driver is not installed, ``FETCH_SOURCE`` with
        the database's own words, ``FRAME_COLUMNS`` for a missing or mistyped column, ``DISK_FULL``.
    """
    if out.exists():
        raise StepError("FETCH_EXISTS", "文件已存在，不覆盖", hint="换一个文件名", place=Place(file=out.name))
    held = out.with_name(out.name + ".tmp")
    try:
        rows = _write(held, _batches(source, query))
        parquet.units([held], GROUP)
        held.replace(out)
    except OSError as e:
        if e.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise StoreError(
            "DISK_FULL", "磁盘已满；没有写出文件", hint="腾出空间后再取", place=Place(file=out.name)
        ) from e
    finally:
        held.unlink(missing_ok=True)
    return rows


def _write(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    rows, writer = 0, None
    with path.open("xb") as file:
        path.chmod(0o600)
        for batch in batches:
            writer = writer or pq.ParquetWriter(file, batch.schema, compression="zstd")
            writer.write_batch(batch, row_group_size=GROUP)
            rows += len(batch)
        if writer is None:
            raise _refused("FETCH_SOURCE", "查询没有给出任何行", "核对查询", "")
        writer.close()
        file.flush()
        os.fsync(file.fileno())
    return rows


def _refused(code: str, message: str, hint: str, found: object) -> InputError:
    return InputError([Problem(code=code, message=message, hint=hint, found=str(found)[:200])])


def _batches(source: str, query: str) -> Iterator[pa.RecordBatch]:
    return _from_server(source, query) if source.startswith(SERVER) else _from_file(source, query)


def _driver(name: str, extra: str) -> Any:
    try:
        return __import__(name)
    except ImportError as e:
        raise StepError("FETCH_EXTRA", f"没有安装 {name}", hint=f"pip install 'double-random-sampler[{extra}]'") from e


def _from_file(source: str, query: str) -> Iterator[pa.RecordBatch]:
    duckdb = _driver("duckdb", "duckdb")
    if source != MEMORY and not Path(source).is_file():
        raise _refused("FETCH_SOURCE", "没有这个数据库文件", "核对文件名", source)
    try:
        with closing(duckdb.connect(source, read_only=source != MEMORY)) as connection:
            found = connection.sql(query)
            for batch in found.to_arrow_reader(BATCH) if found else ():
                yield _typed({n: batch.column(n) for n in batch.schema.names})
    except duckdb.Error as e:
        raise _refused("FETCH_SOURCE", "数据库不接受", "核对查询", e) from e


def _from_server(source: str, query: str) -> Iterator[pa.RecordBatch]:
    """Read by a cursor that the server keeps, in one read-only transaction: one state of the registry."""
    psycopg = _driver("psycopg", "postgres")
    try:
        with closing(psycopg.connect(source)) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.cursor(name="sampler") as cursor:
                cursor.execute(query)
                while rows := cursor.fetchmany(BATCH):
                    names = [c.name for c in cursor.description]
                    yield _typed(dict(zip(names, zip(*rows, strict=True), strict=True)))
    except psycopg.Error as e:
        raise _refused("FETCH_SOURCE", "数据库不接受", "核对连接和查询", e) from e


def _typed(columns: dict[str, Any]) -> pa.RecordBatch:
    """Return the frame's columns with their types; text stays text and numbers numbers, or they are refused."""
    for name in parquet.NEEDED:
        if name not in columns:
            raise _refused("FRAME_COLUMNS", f"缺少列 {name}", "需要 " + " ".join(parquet.NEEDED), " ".join(columns))
    held = {n: columns[n] for n in TYPES if n in columns}
    for name, values in held.items():
        wrong = _misfit(values, TYPES[name])
        if wrong:
            hint = "risk_ppm 为整数，cooling 为布尔值，其余为文字"
            raise _refused("FRAME_COLUMNS", f"列 {name} 的类型不对", hint, wrong)
    return pa.record_batch(
        {n: pa.array(v, TYPES[n]) if isinstance(v, tuple) else v.cast(TYPES[n]) for n, v in held.items()}
    )


def _misfit(values: Any, kind: pa.DataType) -> str:
    """Return the type that values have instead of `kind`: an integer of any width fits, nothing else is converted."""
    if isinstance(values, tuple):
        wanted = {pa.string(): str, pa.int64(): int, pa.bool_(): bool}[kind]
        return next((type(v).__name__ for v in values if v is not None and type(v) is not wanted), "")
    fits = pa.types.is_integer(values.type) if kind == pa.int64() else values.type == kind
    return "" if fits else str(values.type)
