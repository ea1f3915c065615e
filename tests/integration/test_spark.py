"""A frame in Spark: the same root, tables and draw as in memory, checked by the ordinary verify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampler.errors import SamplerError
from sampler.io.engines import auditing, committing, drawing, proving
from sampler.io.engines.store import Store
from tests import large, spark_local

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if reason := spark_local.missing():
        pytest.skip(reason=reason)
    with spark_local.session(tmp_path_factory.mktemp("spark")) as found:
        yield found


def job(out: Path, rows: int = 900) -> committing.Job:
    return committing.Job(folder=out, sources=(), plan=large.plan(), draw_id=large.DRAW, rows=rows, processes=1)


@pytest.mark.parametrize("count", [3000, 100_000])
def test_the_same_draw_from_a_cluster(session: Any, count: int, tmp_path: Path) -> None:
    from sampler.io.engines import spark  # noqa: PLC0415

    held = large.rows(count, 6)
    path = large.write(tmp_path / "f.parquet", held, group=count // 5)
    frame = session.read.parquet(str(path)).repartition(5)
    want = large.in_memory(large.plan(), held)
    made = job(tmp_path / "out", rows=count // 7)
    sealed = spark.commit(frame, made, large.SECRET)
    assert (sealed["root"], sealed["count"]) == (want["root"], count)
    for name in ("strata.tsv", "levels.tsv"):
        assert (made.folder / name).read_bytes() == want[name]
    found = spark.run(session, made.folder, large.SEED)
    assert (found.drawn, found.reserves, found.tau) == (want["drawn"], want["reserves"], want["tau.tsv"])
    assert [wrong for _, wrong in auditing.verify(made.folder, sealed["root"], large.SEED, 1)] == [""] * 5
    assert proving.check(proving.prove(made.folder, held[17][0]))
    assert spark.commit(frame, made, bytes(32)) == sealed  # done is done
    local = replace(made, folder=tmp_path / "local", sources=[path])
    assert committing.commit(local, large.SECRET)["root"] == sealed["root"]
    drawing.run(local.folder, large.SEED, 1)
    assert large.digest(local.folder) == large.digest(made.folder)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "id with a blank": ({"object_id": "a b"}, "FRAME_ID"),
    "no id": ({"object_id": None}, "FRAME_NULL"),
    "id twice": ({"object_id": "TWICE"}, "STREAM_TWICE"),
    "risk above": ({"risk_ppm": 1_000_001}, "RISK_RANGE"),
    "class unknown": ({"class": "E"}, "STREAM_CLAUSE"),
    "type with a point": ({"type": "a.b"}, "FRAME_CODE"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_refusals_keep_their_codes(name: str, session: Any, tmp_path: Path) -> None:
    from sampler.io.engines import spark  # noqa: PLC0415

    change, code = BAD[name]
    columns = pq.read_table(large.write(tmp_path / "f.parquet", large.rows(1200, 1), group=150)).to_pydict()
    for column, value in change.items():
        columns[column][700] = value
        columns[column][3] = value if name == "id twice" else columns[column][3]
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet", row_group_size=100)
    with pytest.raises(SamplerError) as caught:
        spark.commit(session.read.parquet(str(tmp_path / "bad.parquet")), job(tmp_path / "out"), large.SECRET)
    assert caught.value.code == code
    assert not (tmp_path / "out" / "commit.json").exists()


def test_columns_that_are_missing_or_mistyped(session: Any, tmp_path: Path) -> None:
    from sampler.io.engines import spark  # noqa: PLC0415

    frame = session.read.parquet(str(large.write(tmp_path / "f.parquet", large.rows(50, 1), group=50)))
    for bad in (
        frame.drop("class"),
        frame.selectExpr("*", "1 as x").withColumn("risk_ppm", frame.risk_ppm.cast("double")),
    ):
        with pytest.raises(SamplerError) as caught:
            spark.commit(bad, job(tmp_path / "out"), large.SECRET)
        assert caught.value.code == "FRAME_COLUMNS"


def test_rows_that_are_others_at_the_second_reading(session: Any, tmp_path: Path) -> None:
    from sampler.io.engines import spark  # noqa: PLC0415

    path = large.write(tmp_path / "f.parquet", large.rows(3000, 6), group=500)
    frame = session.read.parquet(str(path))
    made = job(tmp_path / "out")
    spark.commit(frame, made, large.SECRET)
    store = Store(made.folder)
    parts = store.json("parts.json")["parts"]
    assert parts
    store.remove(["commit.json", "parts.json", *(f"frame-{n:05d}.arrow" for n in range(len(parts)))])
    with pytest.raises(SamplerError) as caught:
        spark.commit(frame.limit(2000), made, large.SECRET)
    assert caught.value.code == "STREAM_CHANGED"
