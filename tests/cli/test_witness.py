"""Witnesses: what they sign counts k of n, and a log that shrank, forked or was edited gets no signature."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sampler import signing
from sampler.canon import sha256
from sampler.records import Charter
from sampler.verify import verify
from tests.cli import office as o
from tests.cli.office import DRAW, bundle, ok, refused, say

NAMES = ("court", "press", "union")


@pytest.fixture(scope="session")
def watched(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sealed office `w` and its three witnesses, who have signed the log once."""
    base = tmp_path_factory.mktemp("watched")
    for name in NAMES:
        ok(base, "keys", "new", name, "--party", name, "--witness", "--outside")
    keys = [x for n in NAMES for x in ("--witness-key", base / n / f"{n}.public.json")]
    assert say(base, "init", "w", "--demo", "watched", *keys).code == 0
    o.inputs(demo / "input", base / "w/input")
    o.sealed(base / "w")
    witness(base, NAMES, first=True)
    return base


@pytest.fixture
def place(watched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(watched, tmp_path / "p"))


def charter(base: Path) -> Charter:
    return Charter.parse((base / "w/charter.json").read_bytes(), "charter.json")


def witness(base: Path, names: tuple[str, ...], *, first: bool = False) -> list[Path]:
    """Carry the log to witnesses and their signatures back."""
    ok(base / "w", "log", "tiles", "--out", "../stick")
    pin = ("--charter", charter(base).rhash()) if first else ()
    notes = [base / n / ok(base / n, "log", "witness", base / "stick", *pin)["file"] for n in names]
    ok(base / "w", "log", "cosign", *notes)
    return notes


def log_step(base: Path) -> tuple[str, str]:
    files = bundle(base / "w")
    report = verify(files.__getitem__, sorted(files))
    found = next(s for s in report.steps if s.id == "log")
    return found.status, found.meaning


def test_k_of_n_witnesses_from_the_seal_to_the_replay(place: Path) -> None:
    w = place / "w"
    assert charter(place).witness_k == 2
    o.revealed(w)
    o.valued(w)
    ok(w, "draw", DRAW)
    assert log_step(place)[0] == "fail"
    witness(place, NAMES[:1])
    assert log_step(place) == ("fail", "见证签名不足, 日志可能对不同的人有不同的样子")
    again = witness(place, NAMES[1:2])
    assert log_step(place)[0] == "ok"
    before = (w / "log/checkpoint").read_bytes()
    ok(w, "log", "cosign", *again)
    assert (w / "log/checkpoint").read_bytes() == before
    assert ok(w, "log", "check")["size"] > 9
    files = bundle(w)
    report = verify(files.__getitem__, sorted(files))
    assert report.first_failed is None
    assert not any("没有机关以外的人作证" in x for x in report.not_proved), (
        "a witness outside signed between seal and reveals"
    )


def test_a_log_is_pinned_before_it_is_signed(place: Path) -> None:
    ok(place, "keys", "new", "new", "--party", "court", "--witness")
    refused(place / "new", "WITNESS_PIN", "log", "witness", place / "stick")
    refused(place / "new", "WITNESS_PIN", "log", "witness", place / "stick", "--charter", "00" * 32)
    refused(place / "new", "WITNESS_UNKNOWN", "log", "witness", place / "stick", "--charter", charter(place).rhash())


def test_a_log_that_shrank_is_not_signed(place: Path) -> None:
    shutil.copytree(place / "stick", place / "old")
    ok(place / "w", "reveal", "S", "--party", "law")
    witness(place, NAMES[:1])
    refused(place / "court", "WITNESS_ROLLBACK", "log", "witness", place / "old")
    assert len(list((place / "court/forks").iterdir())) == 2


def test_two_logs_of_one_office_are_not_both_signed(place: Path) -> None:
    shutil.copytree(place / "w", place / "fork")
    ok(place / "w", "reveal", "S", "--party", "law")
    for p in ("business", "notary"):
        ok(place / "fork", "reveal", "S", "--party", p)
    witness(place, NAMES[:1])
    ok(place / "fork", "log", "tiles", "--out", "../other")
    refused(place / "court", "WITNESS_FORK", "log", "witness", place / "other")
    agency = charter(place)
    key = bytes.fromhex(next(k.public for k in agency.keys if k.role == "log"))
    notes = [p.read_bytes() for p in sorted((place / "court/forks").iterdir())]
    assert len({signing.note_verify(n, "sampler/XJSC", key) for n in notes}) == 2, "evidence that anybody can check"
    refused(place / "fork", "TILES_OTHER", "log", "tiles", "--out", "../stick")
    note = place / "press" / ok(place / "press", "log", "witness", place / "other")["file"]
    refused(place / "w", "COSIGN_OTHER", "log", "cosign", note)


@pytest.mark.parametrize(
    ("file", "change", "code"),
    [
        ("tile/0/000.p/*", lambda d: bytes([d[0] ^ 1]) + d[1:], "TILE_CHANGED"),
        ("tile/0/000.p/*", lambda d: d[:-1], "TILE_CHANGED"),
        ("tile/entries/000.p/*", lambda d: d[:-1], "TILE_FORM"),
        ("tile/entries/000.p/*", lambda d: d + d[:2], "TILE_FORM"),
        ("tile/entries/000.p/*", lambda d: d[:40] + bytes([d[40] ^ 1]) + d[41:], "TILE_CHANGED"),
        ("checkpoint", lambda d: d[:-9] + b"AAAAAAA=\n", "NOTE_SIGNATURE"),
        ("checkpoint", lambda d: d[:-1], "NOTE_FORM"),
        ("checkpoint", lambda d: d.replace("— sampler/XJSC ".encode(), "— sampler/XJSX ".encode()), "NOTE_SIGNATURE"),
    ],
)
def test_files_that_were_edited_are_not_signed(place: Path, file: str, change: object, code: str) -> None:
    path = max((place / "stick").glob(file))
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    answer = say(place / "court", "log", "witness", place / "stick")
    assert answer.codes == [code], answer.out


def test_a_missing_tile_is_said(place: Path) -> None:
    max((place / "stick").glob("tile/entries/000.p/*")).unlink()
    refused(place / "court", "FILE_MISSING", "log", "witness", place / "stick")


def test_who_is_no_witness_of_the_charter_does_not_count(place: Path) -> None:
    head = (place / "w/log/checkpoint").read_bytes()
    text = signing.note_parse(head).text
    note = place / "stranger.note"
    for name in ("stranger", "court"):
        note.write_text(f"{text}\n{signing.note_sign(name, sha256(b'stranger'), text)}")
        refused(place / "w", "COSIGN_NOBODY", "log", "cosign", note)
    assert (place / "w/log/checkpoint").read_bytes() == head


def test_a_new_key_of_the_log_is_taken_only_by_hand(place: Path) -> None:
    key = signing.public_of(sha256(b"another")).hex()
    refused(place / "court", "NOTE_SIGNATURE", "log", "witness", place / "stick", "--log-key", key)


def test_only_a_witness_witnesses(place: Path) -> None:
    refused(place / "w", "NO_WITNESS", "log", "witness", place / "stick")
