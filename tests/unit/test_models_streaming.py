"""A frame scored in batches has the risks of the frame scored in memory, however it is cut."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from models import scorefile, streaming
from models.commands import score
from models.objects import read_objects
from models.options import Options
from models.run import run_score, run_train
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF, make_classes, make_objects, make_rows, to_csv

HISTORY = to_csv(make_rows())


def frame(more: int = 400) -> pd.DataFrame:
    """The objects of the example with their classes, and many that nobody has visited, some of them strange."""
    held = read_objects(make_objects(), make_classes()).rename_axis("object_id").reset_index()
    rng = random.Random(3)
    new = held.sample(more, replace=True, random_state=1).assign(object_id=[f"N{n:05d}" for n in range(more)])
    for column in held.columns[1:]:
        new[column] = [rng.choice([*held[column].dropna().unique().tolist(), None]) for _ in range(more)]
    return pd.concat([held, new]).sample(frac=1, random_state=2).reset_index(drop=True)


def model(**choices: Any) -> bytes:
    raw, _, _ = run_train(HISTORY, Options(asof=ASOF, **choices), objects=make_objects(), classes=make_classes())
    return raw


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frame") / "frame.parquet"
    held = frame()
    pq.write_table(
        pa.table({**{c: held[c] for c in held}, "risk_ppm": [5] * len(held), "note": ["x"] * len(held)}),
        path,
        row_group_size=70,
    )
    return path


def in_memory(raw: bytes, source: Path) -> dict[str, int]:
    held = pq.read_table(source).drop_columns(["risk_ppm", "note"])
    sink = io.BytesIO()
    pq.write_table(held, sink)
    scores, _, _ = run_score(raw, HISTORY, sink.getvalue(), asof=ASOF)
    return {i: int(p) for i, p in (line.split(",") for line in scores.decode().splitlines()[1:])}


def streamed(models: tuple[bytes, ...], source: Path, out: Path) -> tuple[dict[str, Any], pa.Table]:
    data, _ = scorefile.score_file(models, HISTORY, source, out, asof=ASOF)
    return data, pq.read_table(out)


@pytest.mark.parametrize(("batch", "known"), [(7, 2**20), (90, 2**20), (90, 0), (10_000, 2**20)])
def test_any_batches_give_the_risks_of_memory(
    batch: int, known: int, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorefile, "BATCH", batch)
    monkeypatch.setattr(streaming, "KNOWN_MAX", known)
    raw = model()
    data, found = streamed((raw,), source, tmp_path / "out.parquet")
    want = in_memory(raw, source)
    assert len(want) == data["objects"] == found.num_rows
    assert dict(zip(found["object_id"].to_pylist(), found["risk_ppm"].to_pylist(), strict=True)) == want
    ordered = sorted(want.values())
    assert data["risk_ppm"] == {"min": ordered[0], "median": ordered[len(ordered) // 2], "max": ordered[-1]}
    before = pq.read_table(source)
    assert found.column_names == [*(n for n in before.column_names if n != "risk_ppm"), "risk_ppm"]
    for name in found.column_names[:-1]:
        assert found[name].equals(before[name])


def test_an_object_nobody_visited_is_scored_once_for_all_who_are_like_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = pq.read_table(source)
    many = pa.concat_tables(
        [held.set_column(0, "object_id", pa.array([f"{k}-{i}" for i in range(held.num_rows)])) for k in range(5)]
    )
    pq.write_table(many, tmp_path / "many.parquet")
    monkeypatch.setattr(scorefile, "BATCH", 100)
    raw = model()
    data, _ = streamed((raw,), tmp_path / "many.parquet", tmp_path / "out.parquet")
    one, _ = streamed((raw,), source, tmp_path / "one.parquet")
    assert data["never_visited"] == data["objects"] == many.num_rows
    assert one["combinations"] <= data["combinations"] <= held.num_rows < many.num_rows


def test_a_challenger_stands_beside(source: Path, tmp_path: Path) -> None:
    one, two = model(), model(exclude=("district",))
    data, found = streamed((one, two), source, tmp_path / "out.parquet")
    ids = found["object_id"].to_pylist()
    for raw, name in ((one, "risk_ppm"), (two, "challenger_ppm")):
        assert dict(zip(ids, found[name].to_pylist(), strict=True)) == in_memory(raw, source)
    differ = sum(
        a != b for a, b in zip(found["risk_ppm"].to_pylist(), found["challenger_ppm"].to_pylist(), strict=True)
    )
    assert data["challenger"]["differ"] == differ > 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.set_column(0, "object_id", pa.array(["a b"] * t.num_rows)), "OBJECTS_ID"),
        (lambda t: pa.concat_tables([t, t]), "OBJECTS_DUPLICATE"),
        (lambda t: t.drop_columns(["object_id"]), "OBJECTS_COLUMN"),
        (lambda t: t.append_column("统一社会信用代码", t["object_id"]), "OBJECTS_COLUMN"),
    ],
)
def test_frames_that_are_refused_leave_no_file(change: Any, code: str, source: Path, tmp_path: Path) -> None:
    pq.write_table(change(pq.read_table(source)), tmp_path / "bad.parquet")
    with pytest.raises(InputError) as caught:
        streamed((model(),), tmp_path / "bad.parquet", tmp_path / "out.parquet")
    assert caught.value.code == code
    assert [p.name for p in tmp_path.iterdir()] == ["bad.parquet"]


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"object_id\nx\n")
    with pytest.raises(InputError) as caught:
        streamed((model(),), tmp_path / "bad.parquet", tmp_path / "out.parquet")
    assert caught.value.code == "FILE_PARQUET"


def test_a_frame_without_rows(source: Path, tmp_path: Path) -> None:
    pq.write_table(pq.read_table(source).slice(0, 0), tmp_path / "empty.parquet")
    data, found = streamed((model(),), tmp_path / "empty.parquet", tmp_path / "out.parquet")
    assert (data["objects"], found.num_rows, data["risk_ppm"]) == (0, 0, {})


def test_the_command(source: Path, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(model())
    (tmp_path / "h.csv").write_bytes(HISTORY)
    given = ["--model", tmp_path / "m.json", "--history", tmp_path / "h.csv", "--objects", source, "--asof", ASOF]

    def called(*more: object) -> Any:
        return CliRunner().invoke(score, [str(w) for w in (*given, *more)])

    done = called("--out", tmp_path / "out.parquet", "--challenger", tmp_path / "m.json", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["data"]["challenger"]["differ"] == 0
    assert called("--out", tmp_path / "s.csv", "--challenger", tmp_path / "m.json").exit_code == 2
    assert called("--out", tmp_path / "out.parquet", "--classes", tmp_path / "h.csv").exit_code == 2
    assert called("--out", tmp_path / "none" / "out.parquet").exit_code != 0
