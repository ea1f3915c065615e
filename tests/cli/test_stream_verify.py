"""stream verify: an honest folder passes; whatever is changed in it is found at its step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sampler.io.engines import auditing, committing, drawing, tiling
from sampler.io.engines.store import Store
from tests import large
from tests.support import called


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("honest")
    path = large.write(folder / "f.parquet", large.rows(6000, 3), group=900)
    job = committing.Job(
        folder=folder / "out", sources=[path], plan=large.plan(), draw_id=large.DRAW, rows=900, processes=1
    )
    root = committing.commit(job, large.SECRET)["root"]
    drawing.run(folder / "out", large.SEED, 1)
    return folder / "out", root


def failed(folder: Path, root: str, processes: int = 1) -> list[str]:
    return [n for n, wrong in auditing.verify(folder, root, large.SEED, processes) if wrong]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_honest_folder(honest: tuple[Path, str], processes: int) -> None:
    before = {p: p.read_bytes() for p in honest[0].rglob("*") if p.is_file()}
    assert failed(*honest, processes) == []
    assert {p: p.read_bytes() for p in honest[0].rglob("*") if p.is_file()} == before


def columns(store: Store, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    held = store.columns(name)
    found = {n: held.column(n).to_pylist() for n in held.schema.names}
    kinds = {n: held.column(n).type for n in held.schema.names}
    change(found)
    store.put_columns(name, **{n: pa.array(v, kinds[n]) for n, v in found.items()})


def another_kind(found: dict[str, Any]) -> None:
    k = found["kind"]
    k[5] = next(v for v in k if v != k[5])


def another_id(found: dict[str, Any]) -> None:
    found["object_id"][5] += "0"


def two_turned(found: dict[str, Any]) -> None:
    ids = found["object_id"]
    ids[5], ids[6] = ids[6], ids[5]


def larger_parameter(found: dict[str, Any]) -> None:
    n = next(n for n, v in enumerate(found["L"]) if 0 < v < 2**31)
    found["L"][n] += 1


def text(name: str, old: Callable[[str], str]) -> Callable[[Store], None]:
    return lambda store: store.put(name, old(store.read(name).decode()).encode())


def last_line_gone(held: str) -> str:
    return held[: held.rindex("\n", 0, -1) + 1]


def pi_moved(held: str) -> str:
    lines = held.splitlines()
    n = next(n for n, line in enumerate(lines) if n and line.split("\t")[0][-1] not in "0T")
    first, pi = lines[n].rsplit("\t", 1)
    lines[n] = f"{first}\t{int(pi) + 5}"
    return "\n".join(lines) + "\n"


OUT = drawing.name(large.SEED)
CHANGES: dict[str, tuple[Callable[[Store], None], set[str]]] = {
    "kind of a row": (lambda s: columns(s, "frame-00001.arrow", another_kind), {"root"}),
    "id of a row": (lambda s: columns(s, "frame-00001.arrow", another_id), {"root"}),
    "order of rows": (lambda s: columns(s, "frame-00001.arrow", two_turned), {"order", "root"}),
    "L of a kind": (lambda s: columns(s, "kinds.arrow", larger_parameter), {"counts"}),
    "pi": (text("levels.tsv", pi_moved), {"probabilities"}),
    "secret": (lambda s: s.put("secret", bytes(32)), {"root"}),
    "a drawn object left out": (text(f"{OUT}/drawn.tsv", last_line_gone), {"draw"}),
    "a reserve left out": (text(f"{OUT}/reserves.tsv", last_line_gone), {"draw"}),
    "tau left out": (text(f"{OUT}/tau.tsv", last_line_gone), {"draw"}),
    "no draw": (lambda s: s.remove([f"{OUT}/drawn.tsv"]), {"draw"}),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_change_is_found(name: str, honest: tuple[Path, str], tmp_path: Path) -> None:
    folder, root = honest
    shutil.copytree(folder, tmp_path / "out")
    change, steps = CHANGES[name]
    change(Store(tmp_path / "out"))
    tiling.tails.cache_clear()
    assert steps <= set(failed(tmp_path / "out", root))


def test_another_root_and_the_command(honest: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, root = honest
    words = ("stream", "verify", folder, "--seed", large.SEED.hex(), "--processes", "1", "--json")
    assert called(capsys, *words, "--root", root).json["ok"]
    assert called(capsys, *words, "--root", "00" * 32).codes == ["STREAM_VERIFY"]
    assert failed(folder, "00" * 32) == ["root"]
