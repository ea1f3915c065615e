"""The log's bytes: one form for every entry and checkpoint, proofs that hold for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import log, merkle
from sampler.canon import sha256
from sampler.errors import CanonError, RecordError

LEAF = sha256(b"leaf").hex()
ENTRIES = tuple(log.entry("void", sha256(bytes([n])).hex(), draw_id=f"GZS-2026-{n:04d}") for n in range(11))
ORIGIN = log.origin("GZS")


def test_entry_bytes() -> None:
    assert log.entry("charter", LEAF) == f'{{"leaf":"{LEAF}","type":"charter"}}'.encode()
    found = log.parse_entry(log.entry("commitment", LEAF, sitting_id="S1", draw_id="GZS-2026-0001"))
    assert (found.type, found.sitting_id, found.draw_id) == ("commitment", "S1", "GZS-2026-0001")


@pytest.mark.parametrize(
    ("type_", "sitting", "draw"),
    [
        ("charter", "S1", None),
        ("charter", None, "D1"),
        ("registration", None, None),
        ("registration", "S1", "D1"),
        ("commitment", "S1", None),
        ("commitment", None, "D1"),
        ("reveal", None, "D1"),
        ("closing", "S1", "D1"),
        ("public-value", None, None),
        ("draw", "S1", "D1"),
    ],
)
def test_entry_with_the_wrong_ids(type_: str, sitting: str | None, draw: str | None) -> None:
    with pytest.raises(RecordError) as e:
        log.entry(type_, LEAF, sitting_id=sitting, draw_id=draw)
    assert e.value.code == "LOG_IDS"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        f'{{"type":"charter","leaf":"{LEAF}"}}'.encode(),
        f'{{"leaf":"{LEAF}","type":"charter"}} '.encode(),
        f'{{"leaf":"{LEAF.upper()}","type":"charter"}}'.encode(),
        f'{{"leaf":"{LEAF}","note":"x","type":"charter"}}'.encode(),
        f'{{"draw_id":null,"leaf":"{LEAF}","type":"charter"}}'.encode(),
        f'{{"leaf":"{LEAF}","type":"draw"}}'.encode(),
    ],
)
def test_entry_in_another_form(data: bytes) -> None:
    with pytest.raises((CanonError, RecordError)):
        log.parse_entry(data)
    with pytest.raises((CanonError, RecordError)):
        log.parse_entries(ENTRIES[0] + b"\n" + data + b"\n")


def test_entries_file() -> None:
    assert log.parse_entries(log.encode_entries(ENTRIES)) == ENTRIES
    assert log.parse_entries(b"") == ()


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"\n", lambda d: d.replace(b"\n", b"\r\n")])
def test_entries_file_in_another_form(change: object) -> None:
    with pytest.raises((CanonError, RecordError)):
        log.parse_entries(change(log.encode_entries(ENTRIES)))  # type: ignore[operator]


def test_checkpoint_round_trip() -> None:
    found = log.checkpoint(ORIGIN, ENTRIES)
    assert log.parse_checkpoint(found.text()) == found
    assert (found.size, found.root) == log.head(ENTRIES)


GOOD = log.checkpoint(ORIGIN, ENTRIES).text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n" * 3,
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "more\n",
        GOOD.replace("\n11\n", "\n011\n"),
        GOOD.replace("\n11\n", "\n-11\n"),
        GOOD.replace("\n11\n", "\n11 \n"),
        GOOD.replace("\n11\n", "\n9999999999999999\n"),
        GOOD.replace("\n11\n", "\n１１\n"),
        GOOD.replace(ORIGIN, ""),
        GOOD.replace("=", ""),
        GOOD.replace("=", "=="),
        f"{ORIGIN}\n11\nAAAA\n",
        f"{ORIGIN}\n11\n钥\n",
    ],
)
def test_checkpoint_in_another_form(text: str) -> None:
    with pytest.raises(RecordError) as e:
        log.parse_checkpoint(text)
    assert e.value.code == "CHECKPOINT_FORM"


@given(st.integers(1, 11), st.data())
def test_proofs_hold_for_their_entry_alone(size: int, data: st.DataObject) -> None:
    part = ENTRIES[:size]
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index) if size > 1 else st.just(-1))
    _, root = log.head(part)
    proof = [bytes.fromhex(h) for h in log.proofs(part, [index])[index]]
    leaf = merkle.entry_leaf(part[index])
    assert merkle.included(leaf, index, size, proof, root)
    assert not merkle.included(leaf, other, size, proof, root)
    assert not merkle.included(merkle.entry_leaf(b"x"), index, size, proof, root)


@given(st.integers(1, 11), st.integers(1, 11))
def test_log_grows(old: int, new: int) -> None:
    a, b = log.checkpoint(ORIGIN, ENTRIES[: min(old, new)]), log.checkpoint(ORIGIN, ENTRIES[: max(old, new)])
    proof = log.consistency(ENTRIES[: b.size], a.size)
    assert log.grows(a, b, proof)
    assert not log.grows(a, log.Checkpoint("sampler/OTHER", b.size, b.root), proof)
    assert not log.grows(log.Checkpoint(ORIGIN, a.size, sha256(b"")), b, proof)
    assert not log.grows(a, b, (*proof, LEAF))


def test_forked_log_does_not_grow() -> None:
    old = log.checkpoint(ORIGIN, ENTRIES[:5])
    forked = (*ENTRIES[:4], ENTRIES[9], *ENTRIES[5:])
    assert not log.grows(old, log.checkpoint(ORIGIN, forked), log.consistency(forked, 5))


def test_log_that_shrank_does_not_grow() -> None:
    assert not log.grows(log.checkpoint(ORIGIN, ENTRIES), log.checkpoint(ORIGIN, ENTRIES[:5]), ())
