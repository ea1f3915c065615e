"""Scores of an earlier run: the same bytes with and without; used for exactly what they were made for, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models import knownscores, scorefile
from sampler.errors import InputError
from tests.unit.test_models_example import ASOF
from tests.unit.test_models_streaming import HISTORY, frame, model

LATER = "2030-01-01"


@pytest.fixture(scope="module")
def raw() -> bytes:
    return model()


def put(held: pd.DataFrame, path: Path) -> Path:
    pq.write_table(pa.table({c: held[c] for c in held}), path, row_group_size=70)
    return path


def run(
    models: tuple[bytes, ...], source: Path, known: Path | None, *, history: bytes = HISTORY, asof: str = ASOF
) -> tuple[int, bytes]:
    """Return how many scores were made, and the file."""
    out = source.with_suffix(".out.parquet")
    data, _ = scorefile.score_file(models, history, source, out, asof=asof, known=known)
    return data["scored_anew"], out.read_bytes()


@pytest.fixture
def scored(raw: bytes, tmp_path: Path) -> tuple[Path, Path, int, bytes]:
    source, known = put(frame(), tmp_path / "f.parquet"), tmp_path / "known"
    anew, found = run((raw,), source, known)
    assert anew > 0
    assert (anew, found) == run((raw,), source, None)
    return source, known, anew, found


def test_nothing_has_changed(raw: bytes, scored: tuple[Path, Path, int, bytes]) -> None:
    source, known, _, found = scored
    before = known.read_bytes()
    assert run((raw,), source, known) == (0, found)
    assert known.read_bytes() == before
    assert known.stat().st_mode & 0o077 == 0


def test_only_what_has_changed_is_scored(raw: bytes, scored: tuple[Path, Path, int, bytes], tmp_path: Path) -> None:
    _, known, _, _ = scored
    held = frame()
    at = held.index[held["object_id"].str.startswith("N")][:3]
    held.loc[at[0], "district"] = held.loc[at[1], "district"] = "somewhere new"
    other = put(held.drop(at[2]), tmp_path / "g.parquet")
    anew, found = run((raw,), other, known)
    assert 1 <= anew <= 2
    assert found == run((raw,), other, None)[1]
    assert run((raw,), other, known)[0] == 0


def visited_elsewhere(held: pd.DataFrame) -> None:
    at = held.index[~held["object_id"].str.startswith("N")][0]
    held.loc[at, "district"] = "elsewhere"


OTHERS: dict[str, dict[str, Any]] = {
    "model": {"models": lambda: (model(exclude=("district",)),)},
    "history": {"history": HISTORY.rstrip(b"\n").rpartition(b"\n")[0] + b"\n"},
    "day": {"asof": LATER},
}


@pytest.mark.parametrize("name", list(OTHERS))
def test_of_anything_else_nothing_is_used(name: str, raw: bytes, scored: tuple[Path, Path, int, bytes]) -> None:
    source, known, _, _ = scored
    change = dict(OTHERS[name])
    models = change.pop("models", lambda: (raw,))()
    assert run(models, source, known, **change) == run(models, source, None, **change)


def test_a_visited_object_is_another(raw: bytes, scored: tuple[Path, Path, int, bytes], tmp_path: Path) -> None:
    held = frame()
    visited_elsewhere(held)
    other = put(held, tmp_path / "g.parquet")
    assert run((raw,), other, scored[1]) == run((raw,), other, None)


def test_the_program_is_another(
    raw: bytes, scored: tuple[Path, Path, int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knownscores, "program", lambda: "another")
    assert run((raw,), scored[0], scored[1]) == (scored[2], scored[3])


def test_a_challenger_has_scores_of_its_own(raw: bytes, scored: tuple[Path, Path, int, bytes]) -> None:
    two = (raw, model(exclude=("district",)))
    first = run(two, scored[0], scored[1])
    assert first[0] == 0
    assert first[1] == run(two, scored[0], None)[1]
    assert len(knownscores.load(scored[1])) == 2
    assert run(two[::-1], scored[0], scored[1])[0] == 0


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit": lambda b: b[:-9] + bytes([b[-9] ^ 1]) + b[-8:],
    "cut": lambda b: b[:-1],
    "head only": lambda _: knownscores.HEAD,
    "hash": lambda b: b.replace(b"v1 ", b"v1 0", 1),
}


@pytest.mark.parametrize("name", list(DAMAGE))
def test_a_damaged_file_is_not_used(name: str, raw: bytes, scored: tuple[Path, Path, int, bytes]) -> None:
    source, known, anew, found = scored
    whole = known.read_bytes()
    known.write_bytes(DAMAGE[name](whole))
    assert run((raw,), source, known) == (anew, found)
    assert known.read_bytes() == whole


def test_a_file_of_another_kind_is_not_written_over(raw: bytes, scored: tuple[Path, Path, int, bytes]) -> None:
    source, known, _, _ = scored
    known.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        run((raw,), source, known)
    assert caught.value.code == "SCORE_KNOWN"
    assert known.read_bytes() == raw
