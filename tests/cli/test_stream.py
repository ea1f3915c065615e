"""stream: refusals, a full disk, and a run that is killed and goes on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampler import canon
from sampler.errors import InputError, SamplerError
from sampler.io import disk
from sampler.io.engines import committing, drawing, pool
from sampler.plan import REASONS
from tests import large
from tests.support import ROOT, called

ROOT_WRONG = "00" * 32
BATCHES = (("east", large.DISTRICTS[:2]), ("west", large.DISTRICTS[2:]))
KILLER = """
import os, signal, sys
from pathlib import Path
from sampler.io import disk
from sampler.io.engines import store

left, real = int(sys.argv.pop(1)), disk.replace
moment = sys.argv.pop(1)

def replace(*arguments):
    global left
    left -= 1
    if left == 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    if left == 0 and moment == "within":
        held = disk.RealDisk.rename
        disk.RealDisk.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

store.replace = replace
import cli
cli.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frame")
    large.write(folder / "f.parquet", large.rows(1200, 1), group=150)
    (folder / "plan.json").write_bytes(canon.encode(large.plan().to_dict()))
    return folder


def words(frame: Path, out: Path, *more: str) -> list[str]:
    return [
        "stream", "commit", str(frame / "f.parquet"), "--plan", str(frame / "plan.json"), "--draw-id", large.DRAW,
        "--out", str(out), "--processes", "1", *more,
    ]  # fmt: skip


def drawing_words(out: Path) -> list[str]:
    return ["stream", "draw", str(out), "--seed", large.SEED.hex(), "--processes", "1"]


def test_commit_draw_prove_check(frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    sealed = called(capsys, *words(frame, out, "--json")).json["data"]
    assert sealed["count"] == 1200
    assert all(p.stat().st_mode & 0o077 == 0 for p in out.rglob("*") if p.is_file())
    drawn = called(capsys, *drawing_words(out), "--json").json["data"]
    assert len((out / drawn["folder"] / "drawn.tsv").read_text().splitlines()) == drawn["drawn"] + 1
    oid = (out / drawn["folder"] / "drawn.tsv").read_text().splitlines()[1].split("\t")[0]
    opening = tmp_path / "o.json"
    assert called(capsys, "stream", "prove", out, "--out", opening, "--", oid).code == 0
    assert called(capsys, "stream", "check", opening, "--root", sealed["root"]).code == 0
    assert called(capsys, "stream", "check", opening, "--root", ROOT_WRONG, "--json").codes == ["STREAM_PROOF"]
    assert called(capsys, "stream", "prove", out, "nobody", "--json").codes == ["STREAM_UNKNOWN"]
    assert called(capsys, "stream", "prove", out, "-", "--json").codes == ["STREAM_UNKNOWN"]
    assert called(capsys, *words(frame, out, "--rows", "77", "--json")).codes == ["STREAM_OTHER"]
    again = called(capsys, *words(frame, out, "--json")).json["data"]
    assert again == sealed


@pytest.mark.parametrize(
    "change",
    [
        {"index": True}, {"proof": "x"}, {"nonce": "zz"}, {"proof": [1]}, {"size": "5"}, {"root": 7}, {"more": 1}, {"row": None},
        {"row": "\ud800"}, {"draw_id": "\udfff"},
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_is_no_opening(change: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = {"draw_id": "d", "index": 0, "size": 1, "root": ROOT_WRONG, "row": "r", "nonce": "00" * 16, "proof": []}
    (tmp_path / "o.json").write_text(json.dumps(held | change), encoding="utf-8")
    assert called(capsys, "stream", "check", tmp_path / "o.json", "--root", ROOT_WRONG, "--json").codes == [
        "STREAM_OPENING"
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"[" * 10**5])
def test_bytes_that_are_no_opening(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "o.json").write_bytes(data)
    assert called(capsys, "stream", "check", tmp_path / "o.json", "--root", ROOT_WRONG, "--json").codes == [
        "STREAM_OPENING"
    ]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no id": ({"object_id": None}, "FRAME_NULL"),
    "id with a blank": ({"object_id": "a b"}, "FRAME_ID"),
    "id with a line end": ({"object_id": "a\n"}, "FRAME_ID"),
    "id too long": ({"object_id": "a" * 65}, "FRAME_ID"),
    "id in Chinese": ({"object_id": "甲"}, "FRAME_ID"),
    "id twice": ({"object_id": "TWICE"}, "STREAM_TWICE"),
    "risk below": ({"risk_ppm": -1}, "RISK_RANGE"),
    "risk above": ({"risk_ppm": 1_000_001}, "RISK_RANGE"),
    "no risk": ({"risk_ppm": None}, "FRAME_NULL"),
    "class unknown": ({"class": "E"}, "STREAM_CLAUSE"),
    "class with a tab": ({"class": "A\t"}, "FRAME_CODE"),
    "type with a point": ({"type": "a.b"}, "FRAME_CODE"),
    "district empty": ({"district": ""}, "FRAME_CODE"),
    "district unknown": ({"district": "999999"}, "DISTRICT_UNKNOWN"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_row_that_cannot_be_drawn_from(name: str, frame: Path, tmp_path: Path) -> None:
    change, code = BAD[name]
    columns = pq.read_table(frame / "f.parquet").to_pydict()
    for column, value in change.items():
        columns[column][700] = value
        if name == "id twice":
            columns[column][3] = value
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet", row_group_size=100)
    with pytest.raises(SamplerError) as caught:
        committing.commit(job(tmp_path / "out", tmp_path / "bad.parquet"), large.SECRET)
    assert caught.value.code == code
    assert not (tmp_path / "out" / "commit.json").exists()


def test_an_error_in_a_worker_process_arrives_whole(frame: Path, tmp_path: Path) -> None:
    columns = pq.read_table(frame / "f.parquet").to_pydict()
    columns["object_id"][700] = "a b"
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet", row_group_size=100)
    two = replace(job(tmp_path / "out", tmp_path / "bad.parquet"), processes=2)
    with pytest.raises(InputError) as caught:
        committing.commit(two, large.SECRET)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found, problem.place.file, problem.place.column) == (
        "FRAME_ID", "a b", "bad.parquet", "object_id",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: p.write_bytes(b"PK"), "FRAME_PARQUET"),
        (lambda p: p.mkdir(), "FRAME_PARQUET"),
        (lambda p: pq.write_table(pa.table({"object_id": ["a"]}), p), "FRAME_COLUMNS"),
        (lambda p: pq.write_table(pa.table({"object_id": [1], "class": ["A"]}), p), "FRAME_COLUMNS"),
    ],
)
def test_a_file_that_is_no_frame(make: Callable[[Path], Any], code: str, tmp_path: Path) -> None:
    make(tmp_path / "bad")
    with pytest.raises(SamplerError) as caught:
        committing.commit(job(tmp_path / "out", tmp_path / "bad"), large.SECRET)
    assert caught.value.code == code


def job(out: Path, *sources: Path, rows: int = 200) -> committing.Job:
    return committing.Job(folder=out, sources=sources, plan=large.plan(), draw_id=large.DRAW, rows=rows, processes=1)


def test_a_frame_without_rows(tmp_path: Path, frame: Path) -> None:
    empty = pq.read_table(frame / "f.parquet").slice(0, 0)
    pq.write_table(empty, tmp_path / "f.parquet")
    with pytest.raises(SamplerError) as caught:
        committing.commit(job(tmp_path / "out", tmp_path / "f.parquet"), large.SECRET)
    assert caught.value.code == "FRAME_EMPTY"


LOTS = [{"object_id": "a", "size": 5}]
WHOLE: dict[str, Any] = {
    "clause": "all", "classes": ["A", "B", "C", "D"], "types": ["coop", "firm"], "ratio": "2%", "period": "task", "sample": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"units": "owner"}, "STREAM_UNITS"),
        ({"grace": 12, "exclusions": [*REASONS, "grace"]}, "STREAM_TARGET"),
        ({"target": {"filter": "f", "when": {"tags": ["t"]}}, "exclusions": [*REASONS, "off-target"]}, "STREAM_TARGET"),
        ({"lots": LOTS, "clauses": [WHOLE]}, "STREAM_LOTS"),
        ({"batches": [{"batch": b, "districts": [*d]} for b, d in BATCHES]}, "STREAM_BATCHES"),
    ],
)
def test_a_plan_that_asks_for_more_than_a_stream_gives(
    changes: dict[str, Any], code: str, frame: Path, tmp_path: Path
) -> None:
    with pytest.raises(SamplerError) as caught:
        committing.commit(replace(job(tmp_path / "out", frame / "f.parquet"), plan=large.plan(**changes)), large.SECRET)
    assert caught.value.code == code


def test_no_draw_before_the_commitment(tmp_path: Path) -> None:
    with pytest.raises(SamplerError) as caught:
        drawing.run(tmp_path, large.SEED, 1)
    assert caught.value.code == "STREAM_NOT_COMMITTED"


def test_a_full_disk_at_any_file_leaves_a_run_that_goes_on(
    frame: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = disk.RealDisk.create
    left = 0

    def create(self: disk.RealDisk, name: str, data: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            real(self, name, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, name, data)

    monkeypatch.setattr(disk.RealDisk, "create", create)
    refused: list[str] = []
    sealed: dict[str, Any] = {}
    while True:
        left = 6  # so many more files fit each time; the design is made in one go of five
        try:
            sealed = committing.commit(job(tmp_path / "out", frame / "f.parquet"), large.SECRET)
            drawing.run(tmp_path / "out", large.SEED, 1)
            break
        except SamplerError as e:
            refused.append(e.code)
        assert not list((tmp_path / "out").rglob("*.tmp"))
    assert len(refused) > 5
    assert set(refused) == {"DISK_FULL"}
    monkeypatch.undo()
    whole = committing.commit(job(tmp_path / "whole", frame / "f.parquet"), large.SECRET)
    drawing.run(tmp_path / "whole", large.SEED, 1)
    assert whole["root"] == sealed["root"]
    assert large.digest(tmp_path / "out") == large.digest(tmp_path / "whole")


def killed(at: int, moment: str, arguments: list[str]) -> int:
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(at), moment, *arguments], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode


def resumed(tmp_path: Path, frame: Path, moments: list[tuple[str, int, str]], rows: str) -> None:
    """Kill commit and draw at each moment, then let them end; compare with a run nobody disturbed."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    for folder in (out, whole):
        folder.mkdir()
        (folder / "secret").write_bytes(large.SECRET)
    steps = {"commit": words(frame, out, "--rows", rows), "draw": drawing_words(out)}
    for step, typed in steps.items():
        for what, at, moment in moments:
            if what == step:
                assert killed(at, moment, typed) == -signal.SIGKILL
        assert killed(10**6, "never", typed) == 0
    assert killed(10**6, "never", words(frame, whole, "--rows", rows)) == 0
    assert killed(10**6, "never", drawing_words(whole)) == 0
    assert not list(out.rglob("*.tmp"))
    assert (out / "commit.json").read_bytes() == (whole / "commit.json").read_bytes()
    assert large.digest(out) == large.digest(whole)


def test_killed_at_five_moments_it_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "frame"
    folder.mkdir()
    large.write(folder / "f.parquet", large.rows(100_000, 4), group=20_000)
    (folder / "plan.json").write_bytes(canon.encode(large.plan().to_dict()))
    moments = [
        ("commit", 4, "after"),
        ("commit", 12, "within"),
        ("commit", 11, "before"),
        ("draw", 3, "within"),
        ("draw", 2, "after"),
    ]
    resumed(tmp_path, folder, moments, "20000")


def test_progress_tells_rate_and_time_left_to_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.Pool(1).run("x", lambda n: n, [10, 20])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    pool.Pool(1).run("抽取", lambda n: n, [10, 20])
    shown = capsys.readouterr().err
    assert "抽取 2/2 段" in shown
    line = pool.Line("抽取", 4)
    line.step(1000)
    assert line.text(10.0) == "抽取 1/4 段，每秒 100 户，还需 0:30"
    assert os.linesep in shown
