"""stream verify: an honest folder passes; whatever is changed in it is found at its step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sampler.errors import SamplerError
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


def no_rows(found: dict[str, Any]) -> None:
    for values in found.values():
        values.clear()


def parameter_of_one_place(found: dict[str, Any]) -> None:
    """The first of two places that share a stratum and a level."""
    rows = list(zip(found["stratum"], found["level"], found["L"], strict=True))
    n = next(n for n, row in enumerate(rows) if 0 < row[2] < 2**32 and row in rows[n + 1 :])
    found["L"][n] -= 1


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
    "L of one place": (lambda s: columns(s, "kinds.arrow", parameter_of_one_place), {"counts"}),
    "a level that is none": (text("levels.tsv", lambda t: t.replace("/T\t", "/X\t")), {"counts"}),
    "a number that is none": (text("levels.tsv", lambda t: t[:-2] + "x\n"), {"tables"}),
    "a number too large": (text("strata.tsv", lambda t: t.replace("\t1", "\t" + "1" * 30, 1)), {"tables"}),
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


KINDS: dict[str, Callable[[Store], None]] = {
    "a stratum that is none": lambda s: columns(s, "kinds.arrow", lambda f: f["stratum"].__setitem__(0, 99)),
    "a place that is none": lambda s: columns(s, "kinds.arrow", lambda f: f["place"].__setitem__(0, -1)),
    "a level that is none": lambda s: columns(s, "kinds.arrow", lambda f: f["level"].__setitem__(0, 1026)),
    "an L that is none": lambda s: columns(s, "kinds.arrow", lambda f: f["L"].__setitem__(0, 2**32 + 1)),
    "no place": lambda s: columns(s, "kinds.arrow", lambda f: f["place"].__setitem__(0, None)),
    "no rows": lambda s: columns(s, "kinds.arrow", no_rows),
    "a column less": lambda s: s.put_columns("kinds.arrow", place=[0]),
    "no Arrow": lambda s: s.put("kinds.arrow", b""),
}
PARTS: dict[str, Callable[[Store], None]] = {
    "a kind that is none": lambda s: columns(s, "frame-00001.arrow", lambda f: f["kind"].__setitem__(5, 10**6)),
    "a kind below": lambda s: columns(s, "frame-00001.arrow", lambda f: f["kind"].__setitem__(5, -1)),
    "no kind": lambda s: columns(s, "frame-00001.arrow", lambda f: f["kind"].__setitem__(5, None)),
    "no id": lambda s: columns(s, "frame-00001.arrow", lambda f: f["object_id"].__setitem__(5, None)),
    "no rows": lambda s: columns(s, "frame-00001.arrow", no_rows),
    "other columns": lambda s: s.put_columns("frame-00001.arrow", id=pa.array(["a"]), kind=pa.array([0], pa.int32())),
    "other types": lambda s: s.put_columns("frame-00001.arrow", object_id=pa.array(["a"]), kind=pa.array([0])),
    "ids out of the file": lambda s: s.put_columns(
        "frame-00001.arrow", object_id=outside(), kind=pa.array([0, 0], pa.int32())
    ),
    "no Arrow": lambda s: s.put("frame-00001.arrow", b"ARROW1"),
    "nothing": lambda s: s.remove(["frame-00001.arrow"]),
}


def outside() -> pa.Array:
    """Ids whose bytes would lie far behind the end of their buffer."""
    ends = pa.py_buffer(np.array([0, 10**9, 2], dtype=np.int32))
    return pa.Array.from_buffers(pa.string(), 2, [None, ends, pa.py_buffer(b"ab")])


@pytest.mark.parametrize("name", sorted({*PARTS, *KINDS}))
def test_a_file_that_is_none_is_not_computed_with(name: str, honest: tuple[Path, str], tmp_path: Path) -> None:
    folder, root = honest
    shutil.copytree(folder, tmp_path / "out")
    for file, changes in (("frame-00001.arrow", PARTS), ("kinds.arrow", KINDS)):
        if name in changes:
            changes[name](Store(tmp_path / "out"))
            with pytest.raises(SamplerError) as caught:
                failed(tmp_path / "out", root)
            assert (caught.value.code, caught.value.problems[0].place.file) == ("STREAM_PART", file)
            shutil.copy(folder / file, tmp_path / "out" / file)


def test_another_root_and_the_command(honest: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, root = honest
    words = ("stream", "verify", folder, "--seed", large.SEED.hex(), "--processes", "1", "--json")
    assert called(capsys, *words, "--root", root).json["ok"]
    assert called(capsys, *words, "--root", "00" * 32).codes == ["STREAM_VERIFY"]
    assert failed(folder, "00" * 32) == ["root"]
