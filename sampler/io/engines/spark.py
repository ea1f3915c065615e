"""The same commitment and draw on a Spark cluster (docs/guide/scale.md, section 6).

Executors get the frame as Arrow batches and do what the processes of one machine do, with the same functions; they write
into one folder that all of them and the driver see. The driver joins the parts. Afterwards nothing in the folder tells
who made it: `stream draw`, `verify`, `prove` go on with it on any machine.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from sampler import errors
from sampler.io.engines import committing, drawing, parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from sampler import draw

SCHEMA: Final = "rows long, error string"
NAME: Final = "spark"


class Cluster:
    """Tasks on the executors of a session; each is one Spark task."""

    def __init__(self, session: SparkSession) -> None:
        self._context = session.sparkContext

    def run(self, what: str, work: Callable[[Any], int], tasks: Sequence[Any]) -> None:
        """Do all tasks; each returns the rows it has done."""
        self._context.setJobDescription(what)
        for _ in self.each(work, tasks):
            pass

    def each(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
        """Yield what every task gives, in their order; the first error of one is raised as it was."""
        held = list(tasks)
        told = self._context.parallelize(held, len(held)).map(partial(_told, work)).collect() if held else []
        for found, error in told:
            if error:
                raise _error(error)
            yield found

    def rest(self) -> None:
        """Leave the executors to the session."""


def commit(frame: DataFrame, job: committing.Job, secret: bytes) -> dict[str, Any]:
    """Return what `committing.commit` returns, for a frame that Spark holds.

    Parameters
    ----------
    frame
        The columns of docs/guide/scale.md, section 1. Read twice: it has to give the same rows again (a table or files,
        not a random sample); rows that differ are refused by ``STREAM_CHANGED``.
    job
        Without sources; its folder is seen by all executors and the driver.
    secret
        32 fresh bytes.

    Raises
    ------
    SamplerError
        As `committing.commit`.
    """
    asked = frame.select(*parquet.columns(_schema(frame), NAME))
    pieces = asked.rdd.getNumPartitions()

    def scan(what: str, work: committing.Work, *, ids: bool) -> None:
        frame.sparkSession.sparkContext.setJobDescription(what)
        for row in asked.mapInArrow(partial(_piece, work, ids), SCHEMA).collect():
            if row["error"]:
                raise _error(row["error"])

    return committing.run(replace(job, sources=()), secret, pieces, scan, Cluster(frame.sparkSession))


def run(session: SparkSession, folder: Path, seed: bytes) -> draw.Selection:
    """Return what `drawing.run` returns."""
    return drawing.drawn(folder, seed, Cluster(session))


def _schema(frame: DataFrame) -> pa.Schema:
    """Return the columns' types as Arrow has them."""
    kinds = {
        "string": pa.string(),
        "boolean": pa.bool_(),
        **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), pa.int64()),
    }
    return pa.schema([(name, kinds.get(kind, pa.null())) for name, kind in frame.dtypes])


def _piece(work: committing.Work, ids: bool, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:  # noqa: FBT001
    """Do the work on one partition, and say what came of it in one row."""
    from pyspark import TaskContext  # noqa: PLC0415  # an extra; only executors ask

    context: Any = TaskContext.get()
    found, error = _told(partial(_counted, work, ids, batches), context.partitionId())
    yield pa.record_batch({"rows": pa.array([found or 0], pa.int64()), "error": pa.array([error], pa.string())})


def _counted(work: committing.Work, ids: bool, batches: Iterator[pa.RecordBatch], number: int) -> int:  # noqa: FBT001
    return work(number, (parquet.checked(b, NAME, ids=ids) for b in batches if len(b)))


def _told(work: Callable[[Any], Any], task: Any) -> tuple[Any, str]:
    """Return a task's result or its refusal as text: an error that Spark wraps would lose its code."""
    try:
        return work(task), ""
    except errors.SamplerError as e:
        return None, json.dumps([type(e).__name__, [asdict(p) for p in e.problems]])


def _error(text: str) -> errors.SamplerError:
    kind, held = json.loads(text)
    problems = tuple(errors.Problem(**{**p, "place": errors.Place(**p["place"])}) for p in held)
    found: errors.SamplerError = errors.again(getattr(errors, kind), problems)
    return found
