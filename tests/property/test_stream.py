"""A frame in parts gives what the frame in memory gives, byte for byte, however it is cut."""

from __future__ import annotations

import random
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.io.engines import committing, drawing, parquet, proving, tiling
from sampler.plan import Plan
from sampler.select import fast
from sampler.stream import Batch, Census
from tests import large


def streamed(folder: Path, rule: Plan, files: list[Path], *, rows: int, processes: int = 1) -> dict[str, Any]:
    job = committing.Job(folder=folder, sources=files, plan=rule, draw_id=large.DRAW, rows=rows, processes=processes)
    sealed = committing.commit(job, large.SECRET)
    found = drawing.run(folder, large.SEED, processes)
    return {
        "root": sealed["root"], "count": sealed["count"], "tau.tsv": found.tau, "drawn": found.drawn, "reserves": found.reserves,
        **{n: (folder / n).read_bytes() for n in ("strata.tsv", "levels.tsv")},
    }  # fmt: skip


def same(found: dict[str, Any], want: dict[str, Any]) -> None:
    for name, value in found.items():
        assert value == want[name], name


@settings(max_examples=12)
@given(
    count=st.integers(600, 1500),
    seed=st.integers(0, 10**6),
    risks=st.sampled_from([(0,), (5, 1_000_000), tuple(range(0, 1_000_001, 9973))]),
    group=st.integers(40, 900),
    per=st.integers(1, 2000),
    batch=st.integers(1, 500),
    files=st.integers(1, 3),
)
def test_any_cut_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    seed: int,
    risks: tuple[int, ...],
    group: int,
    per: int,
    batch: int,
    files: int,
) -> None:
    folder = tmp_path_factory.mktemp("stream")
    held = large.rows(count, seed, risks=risks, odd=seed % 2 == 1)
    rule = large.plan()
    parts = [held[n::files] for n in range(files)]
    paths = [large.write(folder / f"{n}.parquet", p, group=group) for n, p in enumerate(parts)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parquet, "BATCH", batch)
        patched.setattr(drawing, "BATCH", batch)
        found = streamed(folder / "out", rule, paths, rows=per)
    same(found, large.in_memory(rule, held))


def test_many_runs_need_few_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, rule = large.rows(3000, 8), large.plan()
    path = large.write(tmp_path / "f.parquet", held, group=500)
    monkeypatch.setattr(parquet, "BATCH", 10)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with (tmp_path / "f.parquet").open("rb") as opened:
        used = opened.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))  # 300 runs and 300 parts
    try:
        found = streamed(tmp_path / "out", rule, [path], rows=10)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    same(found, large.in_memory(rule, held))
    left = {p.name.partition("-")[0] for p in (tmp_path / "out").iterdir()}
    assert left.isdisjoint({"census", "run", "runs", "cuts.arrow"})


@pytest.mark.parametrize("margin", [-4.0, -100.0])
def test_a_cut_that_was_too_narrow_is_noticed_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, margin: float
) -> None:
    held, rule = large.rows(3000, 7), large.plan()
    path = large.write(tmp_path / "f.parquet", held, group=500)
    monkeypatch.setattr(fast, "MARGIN", margin)
    found = streamed(tmp_path / "out", rule, [path], rows=700)
    assert (next((tmp_path / "out").glob("draw-*")) / "again").is_dir()
    monkeypatch.undo()
    same(found, large.in_memory(rule, held))


def test_everybody_taken_and_nobody_cooling(tmp_path: Path) -> None:
    held = [(*row[:5], False) for row in large.rows(400, 3)]
    all_of = [
        {"clause": "all", "classes": ["A", "B", "C", "D"], "types": ["coop", "firm"], "ratio": "100%", "period": "task"}
    ]
    rule = large.plan(clauses=all_of, cooldown=[])
    path = large.write(tmp_path / "f.parquet", held, group=90, cooling=False)
    found = streamed(tmp_path / "out", rule, [path], rows=50)
    assert len(found["drawn"]) == 400
    same(found, large.in_memory(rule, held))


def test_a_hundred_thousand_in_one_process_and_in_two(tmp_path: Path) -> None:
    held, rule = large.rows(100_000, 11, risks=range(0, 1_000_000, 50_003)), large.plan()
    path = large.write(tmp_path / "f.parquet", held, group=9_000)
    want = large.in_memory(rule, held)
    same(streamed(tmp_path / "one", rule, [path], rows=100_000), want)
    same(streamed(tmp_path / "two", rule, [path], rows=13_000, processes=2), want)
    rng = random.Random(1)
    for oid in [min(h[0] for h in held), max(h[0] for h in held), *(rng.choice(held)[0] for _ in range(8))]:
        opening = proving.prove(tmp_path / "two", oid)
        assert proving.check(opening)
        assert opening["nonce"] == want["nonces"][oid]
        assert opening["root"] == want["root"]
        assert not proving.check(opening | {"row": opening["row"].replace("\tA", "\tB") + "0"})


def test_compiled_hashes_are_no_more_than_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held, rule = large.rows(2000, 5), large.plan()
    path = large.write(tmp_path / "f.parquet", held, group=2000)
    want = large.in_memory(rule, held)
    for module in (committing, drawing, tiling):
        monkeypatch.setattr(module, "COMPILED", False)
    same(streamed(tmp_path / "out", rule, [path], rows=333), want)


@pytest.mark.parametrize("size", [48, 49, 255, 256, 257, 1025])
def test_tiles_make_the_tree_of_single_leaves(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "TILE", 16)
    held = large.rows(size, 2, risks=(1,))
    all_of = [
        {"clause": "all", "classes": ["A", "B", "C", "D"], "types": ["coop", "firm"], "ratio": "100%", "period": "task"}
    ]
    rule = large.plan(clauses=all_of, cooldown=[])
    held = [(*row[:5], False) for row in held]
    path = large.write(tmp_path / "f.parquet", held, group=7000)
    found = streamed(tmp_path / "out", rule, [path], rows=100)
    assert found["root"] == large.in_memory(rule, held)["root"]
    for oid in (held[0][0], min(h[0] for h in held), max(h[0] for h in held)):
        assert proving.check(proving.prove(tmp_path / "out", oid))


def test_a_census_of_parts_in_any_order_is_the_census_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    places = [("A", "t", f"{n}") for n in range(5)]
    batches = [
        Batch(places[k : k + 2], rng.integers(0, 2, 50), rng.integers(0, 4, 50), rng.integers(0, 2, 50) == 1)
        for k in range(4)
    ]
    whole, joined = Census(), Census()
    for b in batches:
        whole.add(b)
    for b in reversed(batches):
        part = Census()
        part.add(b)
        joined.merge(list(part.places), *part.counted())

    def told(c: Census) -> dict[tuple[Any, int], int]:
        names = list(c.places)
        return {(names[k >> 21], k & (2**21 - 1)): n for k, n in zip(*(x.tolist() for x in c.counted()), strict=True)}

    assert told(whole) == told(joined)
    assert sum(told(whole).values()) == 200
