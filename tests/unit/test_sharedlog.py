"""A copy's log is the beginning of its site's: the same part, and the same refusal, in Python and JavaScript."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from sampler import canon, sharedlog
from sampler.errors import SamplerError
from tests.javascript import Javascript

DRAW, SITTING = "GZS-2026-0002", "S2"
FIRST = [
    {"type": "charter"},
    {"type": "registration", "draw_id": DRAW},
    {"type": "commitment", "draw_id": DRAW, "sitting_id": SITTING},
]
OTHERS = [
    {"type": "registration", "draw_id": "GZS-2026-0003"},
    {"type": "commitment", "draw_id": "GZS-2026-0003", "sitting_id": SITTING},
    {"type": "reveal", "sitting_id": "S3"},
    {"type": "note", "draw_id": "GZS-2026-0003", "text": DRAW},
]
OURS = [
    {"type": "void", "draw_id": DRAW},
    {"type": "reveal", "sitting_id": SITTING},
    {"type": "key-change"},
    {"type": "results", "draw_id": DRAW, "sitting_id": "S9"},
]


def lines(*entries: dict[str, Any]) -> bytes:
    return b"".join(canon.encode(e) + b"\n" for e in entries)


HEAD = lines(*FIRST)
MANIFEST = {"draw_id": DRAW, "files": [{"path": "log/entries", "size": len(HEAD)}, {"path": "x", "size": 1}]}
COPY = {"manifest.json": canon.encode(MANIFEST), "sitting.json": canon.encode({"sitting_id": SITTING})}
BROKEN: list[dict[str, bytes]] = [
    {**COPY, "manifest.json": b"{"},
    {**COPY, "manifest.json": b"[1]"},
    {**COPY, "manifest.json": b'{"draw_id":"x","files":3}'},
    {**COPY, "manifest.json": b'{"draw_id":"x","files":[1,{"path":"log/entries","size":"3"}]}'},
    {"sitting.json": COPY["sitting.json"]},
]


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    with Javascript.started() as worker:
        yield worker


def both(node: Javascript, files: dict[str, bytes], whole: bytes) -> bytes | str:
    """Return the part, or the code of the refusal, after both implementations said the same."""
    try:
        ours: bytes | str = sharedlog.own(files, whole)
    except SamplerError as e:
        ours = e.problem.code
    given = {p: base64.b64encode(d).decode() for p, d in files.items()}
    answer = node.ask("own-log", files=given, whole=base64.b64encode(whole).decode())
    theirs = base64.b64decode(answer["ok"]) if "ok" in answer else answer["error"]
    assert theirs == ours
    return ours


@pytest.mark.parametrize("later", [[], OTHERS, *([o] for o in OTHERS)])
def test_what_concerns_others_may_follow(node: Javascript, later: list[dict[str, Any]]) -> None:
    assert both(node, COPY, HEAD + lines(*later)) == HEAD


@pytest.mark.parametrize("entry", OURS, ids=lambda e: e["type"])
def test_what_concerns_the_draw_or_its_sitting_makes_the_copy_old(node: Javascript, entry: dict[str, Any]) -> None:
    assert both(node, COPY, HEAD + lines(*OTHERS, entry)) == "COPY_OLD"


def test_before_the_seal_there_is_no_sitting_to_speak_of(node: Javascript) -> None:
    alone = {"manifest.json": COPY["manifest.json"]}
    assert both(node, alone, HEAD + lines(OTHERS[0])) == HEAD
    assert both(node, alone, HEAD + lines(OURS[0])) == "COPY_OLD"


def test_a_log_that_is_too_short_is_left_to_the_replay(node: Javascript) -> None:
    assert both(node, COPY, HEAD[:-5]) == HEAD[:-5]


@pytest.mark.parametrize("files", BROKEN)
def test_a_copy_that_cannot_be_read_is_left_to_the_replay(node: Javascript, files: dict[str, bytes]) -> None:
    assert both(node, files, HEAD) == HEAD


@pytest.mark.parametrize("tail", [b"\xff\n", b"{\n", b"\n", b"[]\n"])
def test_what_is_no_entry_makes_the_copy_old(node: Javascript, tail: bytes) -> None:
    assert both(node, COPY, HEAD + tail) == "COPY_OLD"
