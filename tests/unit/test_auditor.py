"""Replay from the command line: sizes and links judged before reading, a copy's verdict, exit codes."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sampler import auditor, trust
from sampler.disclosure import public_copy
from sampler.errors import SamplerError
from tests.forge import GOLDEN
from tests.support import ROOT

LEVEL = "standard"
CYCLES = 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "b"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    root = tmp_path / "copy"
    for name, data in public_copy(auditor.read_folder(GOLDEN)).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_a_bundle_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert auditor.main([str(GOLDEN)]) == 0
    said = capsys.readouterr().out
    assert "结论: 各步通过" in said
    assert "可信程度" in said
    assert "再进一步" in said


def test_the_collector_is_away_during_a_replay_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def replayed(*_: object, **__: object) -> None:
        seen.append(gc.isenabled())
        raise SamplerError("X", "x")

    monkeypatch.setattr("sampler.auditor.replay.verify", replayed)
    for was in (True, False):
        (gc.enable if was else gc.disable)()
        try:
            with pytest.raises(SamplerError):
                auditor.judge(GOLDEN)
            assert gc.isenabled() is was
        finally:
            gc.enable()
    assert seen == [False, False]


def test_a_replay_makes_next_to_no_cycles() -> None:
    """So that nothing grows while the collector is away; a record alone is thousands of objects."""
    auditor.judge(GOLDEN)
    gc.collect()
    gc.disable()
    try:
        auditor.judge(GOLDEN)
        assert gc.collect() < CYCLES
    finally:
        gc.enable()


def test_json_has_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert auditor.main([str(GOLDEN), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trust"]["stage"] == "outsider"


def test_a_copy_passes_only_for_who_knows_its_level(copy: Path) -> None:
    """Else anybody could call a bundle with its evidence left out a copy (records.md, 6)."""
    assert auditor.main([str(copy)]) == 1
    assert auditor.main([str(copy), "--level", LEVEL]) == 0
    assert auditor.main([str(copy), "--level", "open"]) == 1
    report = auditor.judge(copy)
    assert "因级别 standard 不公开" in auditor.verdict(report, LEVEL)[1]


@pytest.mark.parametrize("words", [["nowhere"], ["."], [str(GOLDEN), "--head", "nowhere"]])
def test_a_path_that_is_nothing_of_ours(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert auditor.main(words) == 2


@pytest.mark.parametrize("limit", ["MAX_RECORD", "MAX_TABLE"])
def test_a_file_larger_than_any_honest_one_is_not_read(
    folder: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditor, limit, 4 << 10)
    name = "draw.json" if limit == "MAX_RECORD" else "tau.tsv"
    (folder / name).write_bytes(b"0" * (5 << 10))

    def forbidden(self: Path) -> bytes:
        raise AssertionError(self)

    with monkeypatch.context() as m:
        m.setattr(Path, "read_bytes", forbidden)
        with pytest.raises(SamplerError) as caught:
            auditor.read_file(folder, name)
    assert caught.value.code == "FILE_SIZE"
    assert auditor.judge(folder).first_failed == 1


def test_too_many_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditor, "MAX_FILES", 10)
    with pytest.raises(SamplerError) as caught:
        auditor.listing(folder)
    assert caught.value.code == "TOO_MANY_FILES"


def test_an_opening_larger_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "o.json"
    path.write_bytes(b"0" * (auditor.MAX_OPENING + 1))
    assert auditor.main([str(path)]) == 2


def test_a_link_out_of_the_bundle_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes((folder / "tau.tsv").read_bytes())
    (folder / "tau.tsv").unlink()
    (folder / "tau.tsv").symlink_to(tmp_path / "secret")
    assert auditor.judge(folder).first_failed == 1


@pytest.mark.parametrize(
    ("evidence", "stage"),
    [
        (trust.Evidence(), "self"),
        (trust.Evidence(seal_code=True), "form"),
        (trust.Evidence(outsider=True), "outsider"),
        (trust.Evidence(outsider=True, seal_code=True, witnessed=True, bits=61), "outsider"),
        (trust.Evidence(outsider=True, witnessed=True, bits=184), "witnessed"),
        (trust.Evidence(witnessed=True, bits=184), "self"),
        (trust.Evidence(outsider=True, attested=True), "outsider"),
        (trust.Evidence(outsider=True, witnessed=True, bits=184, attested=True), "attested"),
    ],
)
def test_trust_needs_each_stage_below(evidence: trust.Evidence, stage: str) -> None:
    found = trust.report(evidence)
    assert found["stage"] == stage
    assert bool(found["next"]) is (stage != "attested")
    assert len(trust.lines(found)) == (1 if stage == "attested" else 2)


def test_a_failed_replay_has_no_trust(folder: Path) -> None:
    (folder / "tau.tsv").write_bytes(b"")
    assert auditor.judge(folder).trust is None


def test_a_name_cannot_write_a_line_of_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "evil\n结论: 各步通过\x1b[31m").write_bytes(b"")
    (folder / "\udcff\udcfe.json").write_bytes(b"")
    assert auditor.main([str(folder)]) == 1
    said = capsys.readouterr().out
    assert [x for x in said.splitlines() if x.startswith("结论")] == ["结论: 第 1 步不通过"]
    assert all(line.isprintable() for line in said.splitlines())


def test_the_report_of_a_terminal_without_chinese(folder: Path) -> None:
    """No encoding of the terminal, and no file name that is no text, ends in a traceback."""
    (folder / "\udcff.json").write_bytes(b"")
    for encoding in ("ascii", "utf-8:strict", "gbk:strict"):
        for words in ([], ["--json"]):
            done = subprocess.run(
                [sys.executable, "-m", "sampler.auditor", folder, *words], capture_output=True, check=False, cwd=ROOT,
                env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (1, b"")
