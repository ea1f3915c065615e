"""A frame fetched from a database is the frame: the same commitment and the same draw, and refusals that name the cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.errors import SamplerError
from sampler.io.engines import committing, drawing, fetching
from tests import large
from tests.support import called

duckdb = pytest.importorskip("duckdb", reason="duckdb (extra `duckdb`) is not installed")


def database(path: Path, parquet: Path) -> Path:
    with duckdb.connect(str(path)) as c:
        c.execute("create table objects as select * from read_parquet(?)", [str(parquet)])
    return path


def drawn(folder: Path, source: Path, rows: int) -> tuple[Any, Any]:
    job = committing.Job(folder=folder, sources=[source], plan=large.plan(), draw_id=large.DRAW, rows=rows, processes=1)
    sealed = committing.commit(job, large.SECRET)
    return sealed["root"], drawing.run(folder, large.SEED, 1)


@settings(max_examples=4)
@given(count=st.integers(600, 1200), seed=st.integers(0, 10**6), group=st.integers(40, 900))
def test_a_database_file_gives_the_bytes_of_memory(
    tmp_path_factory: pytest.TempPathFactory, count: int, seed: int, group: int
) -> None:
    folder = tmp_path_factory.mktemp("fetch")
    held = large.rows(count, seed)
    source = database(folder / "f.duckdb", large.write(folder / "f.parquet", held, group=group))
    query = "select risk_ppm::integer as risk_ppm, * exclude (risk_ppm), 1 as other from objects order by risk_ppm"
    assert fetching.fetch(str(source), query, folder / "g.parquet") == count
    root, found = drawn(folder / "out", folder / "g.parquet", 300)
    want = large.in_memory(large.plan(), held)
    assert (root, found.drawn, found.reserves, found.tau) == (
        want["root"],
        want["drawn"],
        want["reserves"],
        want["tau.tsv"],
    )


def test_a_hundred_thousand_rows_queried_from_a_file(tmp_path: Path) -> None:
    path = large.write(tmp_path / "f.parquet", large.rows(100_000, 4), group=20_000)
    query = f"select * from read_parquet('{path}') order by hash(object_id)"  # noqa: S608  # our own path
    assert fetching.fetch(fetching.MEMORY, query, tmp_path / "g.parquet") == 100_000
    assert drawn(tmp_path / "a", path, 30_000) == drawn(tmp_path / "b", tmp_path / "g.parquet", 70_000)


GOOD = "select 'a' as object_id, 'A' as class, 'coop' as type, '330101' as district, 5 as risk_ppm"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select 1 as object_id, 'A' as class, 't' as type, 'd' as district, 5 as risk_ppm", "FRAME_COLUMNS"),
        ("select 'a' as object_id", "FRAME_COLUMNS"),
        (GOOD.replace("5 as", "'x' as"), "FRAME_COLUMNS"),
        (GOOD.replace("5 as", "0.5 as"), "FRAME_COLUMNS"),
        (GOOD + " where false", "FETCH_SOURCE"),
        ("selec", "FETCH_SOURCE"),
        ("select * from nowhere", "FETCH_SOURCE"),
        ("create table t (a int)", "FETCH_SOURCE"),
    ],
)
def test_what_is_no_frame(query: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "g.parquet"
    assert called(capsys, "stream", "fetch", ":memory:", "--query", query, "--out", out, "--json").codes == [code]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_nothing_written_to_the_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = database(tmp_path / "f.duckdb", large.write(tmp_path / "f.parquet", large.rows(50, 4), group=20))
    words = ("stream", "fetch", source, "--query", "select * from objects", "--out", tmp_path / "g.parquet", "--json")
    assert called(capsys, *words).json["data"]["rows"] == 50
    assert called(capsys, *words).codes == ["FETCH_EXISTS"]
    (tmp_path / "g.parquet").unlink()
    assert called(capsys, *words[:4], "drop table objects", *words[5:]).codes == ["FETCH_SOURCE"]
    assert called(capsys, "stream", "fetch", "nothing.duckdb", *words[3:]).codes == ["FETCH_SOURCE"]
    assert not (tmp_path / "g.parquet").exists()
    assert called(capsys, *words).json["data"]["rows"] == 50
    assert pq.read_table(tmp_path / "g.parquet").num_rows == 50


def test_a_driver_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(SamplerError) as caught:
        fetching.fetch(fetching.MEMORY, GOOD, tmp_path / "g.parquet")
    assert caught.value.code == "FETCH_EXTRA"
