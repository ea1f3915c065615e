"""Tampering without a key: any byte of any file, with and without a manifest rewritten to match."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler import canon
from sampler.disclosure import public_copy
from sampler.records import BUNDLE_FILES
from sampler.verify import Report, verify

GOLDEN = Path(__file__).resolve().parents[1] / "vectors" / "golden" / "bundle-12"
FILES = {p.relative_to(GOLDEN).as_posix(): p.read_bytes() for p in GOLDEN.rglob("*") if p.is_file()}
PATHS = sorted(FILES)
EACH = settings(max_examples=max(10, settings().max_examples // 4))
LISTED = [p for p in PATHS if p != "manifest.json"]


def judge(files: dict[str, bytes]) -> Report:
    return verify(files.__getitem__, sorted(files))


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    m = json.loads(FILES["manifest.json"])
    m["files"] = [
        {"path": p, "sha256": canon.sha256(d).hex(), "size": len(d)}
        for p, d in sorted(files.items())
        if p != "manifest.json"
    ]
    return files | {"manifest.json": canon.encode(m)}


def tampered(data: st.DataObject, path: str) -> bytes:
    raw = bytearray(FILES[path])
    at = data.draw(st.integers(0, len(raw) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "insert", "double", "truncate", "append"])):
        case "flip":
            raw[at] ^= data.draw(st.integers(1, 255))
        case "cut":
            del raw[at]
        case "insert":
            raw[at:at] = bytes([data.draw(st.integers(0, 255))])
        case "double":
            raw += raw[at:]
        case "truncate":
            raw = raw[:at]
        case _:
            raw += b"\n"
    return bytes(raw)


@given(st.sampled_from(PATHS), st.data())
def test_any_changed_byte_fails_at_the_manifest(path: str, data: st.DataObject) -> None:
    changed = FILES | {path: tampered(data, path)}
    report = judge(changed)
    assert report.first_failed is not None
    assert report.first_failed <= 2
    if path != "manifest.json":
        assert report.first_failed == 1
        assert report.steps[0].file == path


@pytest.mark.parametrize("path", LISTED)
def test_any_changed_byte_fails_with_the_manifest_rewritten(path: str) -> None:
    @EACH
    @given(st.data())
    def check(data: st.DataObject) -> None:
        report = judge(listed(FILES | {path: tampered(data, path)}))
        assert report.first_failed is not None
        assert report.first_failed > 1
        failed = next(s for s in report.steps if s.no == report.first_failed)
        assert failed.want
        assert failed.meaning

    check()


@pytest.mark.parametrize("path", LISTED)
def test_missing_file(path: str) -> None:
    without = {p: d for p, d in FILES.items() if p != path}
    report = judge(without)
    assert report.first_failed == 1
    assert report.steps[0].file == path
    if path in BUNDLE_FILES:
        assert judge(listed(without)).first_failed == 1


@pytest.mark.parametrize("path", LISTED)
def test_file_that_is_listed_but_cannot_be_read(path: str) -> None:
    without = {p: d for p, d in FILES.items() if p != path}
    report = verify(without.__getitem__, PATHS)
    assert report.first_failed == 1
    assert report.steps[0].file == path


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "frame.tsv.bak",
        "private/names.tsv",
        "../charter.json",
        "/etc/passwd",
        "evidence/..",
        "evidence/.",
        "evidence/a/b",
        "evidence/",
        "amendments/1.json",
        "amendments/00001.json",
        "amendments/../charter.json",
        "openings/token.json",
        "log/entries2",
        "MANIFEST.json",
        "evidence/" + "a" * 65,
        "evidence/号码.txt",
    ],
)
def test_path_outside_the_specification(path: str) -> None:
    report = judge(listed(FILES | {path: b"{}"}))
    assert report.first_failed == 1
    assert report.steps[0].file == path


def test_nothing_outside_the_listing_is_read() -> None:
    read: list[str] = []

    def reader(path: str) -> bytes:
        read.append(path)
        return FILES[path]

    verify(reader, PATHS)
    assert sorted(read) == PATHS


def test_extra_file_that_the_manifest_does_not_list() -> None:
    assert judge(FILES | {"evidence/more.txt": b"?"}).first_failed == 1


def test_path_listed_twice() -> None:
    assert verify(FILES.__getitem__, [*PATHS, "charter.json"]).first_failed == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"level":"auditor"', b'"level":"private"'),
        (b"sampler/bundle/v1", b"sampler/bundle/v2"),
        (b'"schema":', b'"scheme":'),
        (b'{"draw_id"', b'{ "draw_id"'),
        (b'"size":', b'"size":0'),
    ],
)
def test_manifest_in_another_form(old: bytes, new: bytes) -> None:
    changed = FILES["manifest.json"].replace(old, new, 1)
    assert changed != FILES["manifest.json"]
    assert judge(FILES | {"manifest.json": changed}).first_failed == 1


def test_manifest_of_another_draw() -> None:
    changed = FILES["manifest.json"].replace(b"DEMO-2026-0001", b"DEMO-2026-0002")
    assert judge(FILES | {"manifest.json": changed}).first_failed == 2


def test_a_published_copy_says_what_it_cannot_show() -> None:
    report = judge(public_copy(FILES))
    assert report.level == "standard"
    assert report.first_failed is None
    assert [s.no for s in report.steps[:13] if s.status == "na"] == [10, 11, 12, 13]
    assert any("standard" in n for n in report.not_proved)


@pytest.mark.parametrize("level", ["open", "standard", "after-inspection"])
def test_a_bundle_that_calls_itself_a_copy_is_refused_for_what_it_shows(level: str) -> None:
    m = json.loads(listed(FILES)["manifest.json"]) | {"level": level, "stage": "drawn"}
    report = judge(FILES | {"manifest.json": canon.encode(m)})
    assert report.first_failed == 1


@pytest.mark.parametrize("level", ["open", "standard", "after-inspection"])
def test_an_empty_copy_is_refused_at_every_level(level: str) -> None:
    m = json.loads(listed({"manifest.json": FILES["manifest.json"]})["manifest.json"]) | {"level": level}
    assert judge({"manifest.json": canon.encode(m)}).first_failed == 1


HOSTILE = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "deep": b"[" * 100_000,
    "nan": b'{"type":NaN}',
    "huge number": b'{"n":' + b"9" * 10_000 + b"}",
    "not utf-8": b"\xff\xfe",
    "nul": b"\x00" * 64,
    "surrogate": b'{"type":"\\ud800"}',
    "bom": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_content_is_an_answer(path: str, content: bytes) -> None:
    files = FILES | {path: content}
    report = judge(files if path == "manifest.json" else listed(files))
    assert report.first_failed is not None
    json.dumps(report.to_dict())


def test_empty_directory_is_an_answer() -> None:
    report = judge({})
    assert report.first_failed == 1
    assert {s.status for s in report.steps[1:13]} == {"na"}


def test_big_numbers_in_the_plan_are_an_answer() -> None:
    plan = json.loads(FILES["plan.json"])
    plan["q_max"] = {"num": "1", "den": "1" * 900}
    report = judge(listed(FILES | {"plan.json": canon.encode(plan)}))
    assert report.first_failed is not None
