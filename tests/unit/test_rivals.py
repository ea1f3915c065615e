"""The draw in SQL that the benchmark compares with: the same objects; and how memory of processes is watched."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sampler import canon
from sampler.io.engines import committing, drawing
from tests import large, rivals, spark_local, watched


def test_sql_draws_the_same_objects_from_the_sealed_tables(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb (extra `duckdb`) is not installed")
    files = [str(large.write(tmp_path / f"{n}.parquet", large.rows(2000, n), group=700)) for n in (1, 2)]
    rule = large.plan(clauses=[
        {"clause": "low", "classes": ["A", "B"], "types": ["coop", "firm"], "ratio": "2%", "period": "task"},
        {"clause": "all", "classes": ["C", "D"], "types": ["coop", "firm"], "ratio": "100%", "period": "task"},
    ])  # fmt: skip
    sources = [Path(f) for f in files]
    job = committing.Job(folder=tmp_path / "out", sources=sources, plan=rule, draw_id=large.DRAW, rows=900, processes=1)
    committing.commit(job, large.SECRET)
    drawing.run(job.folder, rivals.SEED, 1)
    found = rivals.by_duckdb(tmp_path, files)
    assert found == rivals.wanted(tmp_path)["duckdb"]
    other = replace(job, folder=tmp_path / "other", plan=large.plan())
    committing.commit(other, large.SECRET)
    assert len(rivals.sealed(other.folder)) == len(rivals.sealed(job.folder))
    drawing.run(other.folder, rivals.SEED, 1)
    drawn = (other.folder / drawing.name(rivals.SEED) / "drawn.tsv").read_text().splitlines()[1:]
    assert rivals.hashed(row.partition("\t")[0] for row in drawn) != found["drawn"]


def test_ids_are_hashed_in_no_order() -> None:
    assert rivals.hashed(["b", "a"]) == rivals.hashed(["a", "b"]) == canon.sha256(b"a\nb").hex()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [('openjdk version "17.0.15" 2025', ""), ('java version "1.8.0_402"', "1.8.0"), ('openjdk version "11.0.2"', "11.0.2"), ("", "Java 17")],
)  # fmt: skip
def test_why_there_is_no_spark(said: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_local, "find_spec", lambda _: True)
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    reason = spark_local.missing()
    assert (reason == "") == (wanted == "")
    assert wanted in reason


def test_without_java_or_pyspark_the_reason_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(spark_local, "find_spec", lambda _: True)
    assert "none found" in spark_local.missing()
    monkeypatch.setattr(spark_local, "find_spec", lambda _: None)
    assert "pyspark" in spark_local.missing()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell shares of memory")
def test_memory_of_children_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, real = tmp_path / "seen", watched.memory

    def memory(pid: int) -> tuple[float, float]:
        found = real(pid)
        if found[0] > 60:
            seen.touch()
        return found

    monkeypatch.setattr(watched, "memory", memory)
    child = f"import os; held = bytearray(b'1') * 64_000_000; print(len(held))\nwhile not os.path.exists({str(seen)!r}): pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = watched.watched([sys.executable, "-c", parent])
    assert found["out"] == "64000000\n"
    assert isinstance(found["own"], float)
    assert found["own"] > 60


def test_a_command_that_fails_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        watched.watched([sys.executable, "-c", "import sys; sys.exit('no')"])
    assert "no" in capfd.readouterr().err
