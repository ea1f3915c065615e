"""A frame in Parquet in, the same frame with its risks out: read and written in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models import knownscores
from models.columns import MICRO
from models.history import notes, read_history
from models.objects import HEADINGS, ID, indexed
from models.problems import refuse
from models.score import missing_attributes, options_of
from models.streaming import Scorer, visited
from models.treefile import read_model
from sampler import canon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    Data = dict[str, Any]
    Warnings = list[dict[str, object]]

BATCH: Final = 2**18
RISK: Final = "risk_ppm"
CHALLENGER: Final = "challenger_ppm"
FILE: Final = "objects"


def score_file(
    models: tuple[bytes, ...], history: bytes, source: Path, out: Path, *, asof: str, known: Path | None = None
) -> tuple[Data, Warnings]:
    """Write the frame with a column ``risk_ppm``, and ``challenger_ppm`` for a second model; it appears whole or not.

    Parameters
    ----------
    models
        Bytes of the model, and of a challenger if there is one.
    history
        Bytes of the history.
    source, out
        Parquet files. Every column of the source is kept; risks of an earlier scoring are replaced.
    asof
        First day that must not be known, ISO.
    known
        File of scores of an earlier run, which are used where nothing has changed, and of this run afterwards.

    Raises
    ------
    SamplerError
        What reading the models, the history and the objects refuses, ``SCORE_KNOWN``, ``FILE_WRITE``.
    """
    tables = [read_model(m) for m in models]
    visits = [read_history(history, options_of(t, asof)) for t in tables]
    keep = tuple(dict.fromkeys(a.name for t in tables for a in t.attributes))
    earlier = knownscores.load(known) if known else {}
    seen = visited(visits, (properties for _, properties in _batches(source, keep)))
    if seen.index.has_duplicates:
        twice = str(seen.index[seen.index.duplicated()][0])
        refuse("OBJECTS_DUPLICATE", "the object stands twice", hint="keep one row", found=twice, column=ID, file=FILE)
    keys = [knownscores.key(m, history, seen, asof) if known else "" for m in models]
    scorers = [Scorer(t, v, seen, asof, earlier.get(k)) for t, v, k in zip(tables, visits, keys, strict=True)]
    part = out.with_name(out.name + ".part")
    tally = Tally(len(tables))
    try:
        _write(part, source, keep, scorers, tally)
        part.replace(out)
        if known:
            knownscores.save(known, {k: s.known for k, s in zip(keys, scorers, strict=True)})
    except OSError as e:
        message = f"the file cannot be written: {e.strerror or e}"
        refuse("FILE_WRITE", message, hint="choose another --out", file=out.name, column="--out")
    finally:
        part.unlink(missing_ok=True)
    data: Data = {
        "asof": asof,
        "objects": tally.rows,
        "never_visited": tally.rows - scorers[0].own,
        "combinations": scorers[0].combinations,
        "scored_anew": scorers[0].anew,
        "risk_ppm": tally.spread(),
        "counts": visits[0].counts,
        "model_sha256": canon.sha256(models[0]).hex(),
        "history_sha256": canon.sha256(history).hex(),
    }
    if len(models) > 1:
        data["challenger"] = {"model_sha256": canon.sha256(models[1]).hex(), "differ": tally.differ}
    return data, notes(visits[0]) + missing_attributes(tables[0], seen, visits[0])


class Tally:
    """Counts of risks, so that their middle is exact without holding them."""

    def __init__(self, models: int) -> None:
        self.rows = self.differ = 0
        self._count = np.zeros(MICRO + 1, dtype="int64")
        self._models = models

    def add(self, risks: list[NDArray[np.int64]]) -> None:
        """Count a batch."""
        self.rows += len(risks[0])
        self._count += np.bincount(risks[0], minlength=MICRO + 1)
        if self._models > 1:
            self.differ += int((risks[0] != risks[1]).sum())

    def spread(self) -> dict[str, int]:
        """Return what `models.run` says of the risks."""
        if not self.rows:
            return {}
        there = np.flatnonzero(self._count)
        middle = int(np.searchsorted(np.cumsum(self._count), self.rows // 2, side="right"))
        return {"min": int(there[0]), "median": middle, "max": int(there[-1])}


def _write(part: Path, source: Path, keep: tuple[str, ...], scorers: list[Scorer], tally: Tally) -> None:
    file, names = _opened(source), (RISK, CHALLENGER)[: len(scorers)]
    kept = [f for f in file.schema_arrow if f.name not in {RISK, CHALLENGER}]
    schema = pa.schema([*kept, *(pa.field(n, pa.int32()) for n in names)])
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for batch, properties in _batches(source, keep):
            risks = [s.risks(properties) for s in scorers]
            tally.add(risks)
            columns = [batch.column(f.name) for f in kept] + [pa.array(r, pa.int32()) for r in risks]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _opened(source: Path) -> Any:
    try:
        return pq.ParquetFile(source)
    except (pa.ArrowException, OSError) as e:
        hint = "--out *.parquet needs --objects in Parquet"
        refuse("FILE_PARQUET", f"the Parquet file cannot be read: {e}", hint=hint, file=source.name)


def _batches(source: Path, keep: tuple[str, ...]) -> Iterator[tuple[pa.RecordBatch, pd.DataFrame]]:
    """Yield rows as they are, and their properties by object."""
    file = _opened(source)
    wanted = {ID, "establishment_id", *keep}
    for batch in file.iter_batches(BATCH, use_threads=False):
        asked = [n for n in batch.schema.names if HEADINGS.get(n.strip(), n) in wanted]
        yield batch, indexed(batch.select(asked).to_pandas(), FILE, keep)
