"""Vectors of others, against the program: RFC 6962 trees and proofs, signed notes, the hash of a NIST pulse."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sampler import merkle, signing


def b64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_rfc6962_roots(test_data: Path) -> None:
    known = json.loads((test_data / "vectors/rfc6962/roots.json").read_bytes())
    leaves = [merkle.entry_leaf(bytes.fromhex(x)) for x in known["leaves_hex"]]
    frontier = merkle.Frontier()
    for size, want in enumerate(known["roots_by_size"]):
        assert merkle.root(leaves[:size]).hex() == frontier.root().hex() == want
        if size < len(leaves):
            frontier.add(leaves[size])


def holds(v: dict[str, Any]) -> bool:
    proof = [b64(h) for h in v["proof"] or ()]
    if "leafIdx" in v:
        return merkle.included(b64(v["leafHash"]), v["leafIdx"], v["treeSize"], proof, b64(v["root"]))
    return merkle.consistent(v["size1"], v["size2"], b64(v["root1"]), b64(v["root2"]), proof)


STRICTER = ["sizes-are-equal-one-and-proof-is-empty.json"]
"""Holds where published, is refused here: its roots are 12 bytes, and a hash of a wrong length proves nothing (conformance.md 4.3)."""


def test_rfc6962_proofs_196_of_196(test_data: Path) -> None:
    """All are judged as published, but one that we refuse on purpose; none is let through."""
    files = sorted((test_data / "vectors/rfc6962/testdata").rglob("*.json"))
    assert len(files) == 196
    wrong = [f.name for f in files if holds(v := json.loads(f.read_bytes())) == bool(v.get("wantErr"))]
    assert wrong == STRICTER


@pytest.fixture(scope="module")
def note(test_data: Path) -> Any:
    return json.loads((test_data / "vectors/signed-note/vectors.json").read_bytes())


def key_of(vkey: str) -> tuple[str, bytes, bytes]:
    name, hash_, key = vkey.split("+", 2)
    return name, bytes.fromhex(hash_), base64.b64decode(key)[1:]


def test_signed_note_of_the_go_implementation(note: Any) -> None:
    name, hash_, public = key_of(note["vkey"])
    assert signing.note_key_hash(name, public) == hash_
    whole = f"{note['text']}\n{note['signature_line']}" + ("" if note["signature_line"].endswith("\n") else "\n")
    assert signing.note_verify(whole, name, public) == note["text"]
    private = base64.b64decode(note["skey"].split("+", 4)[4])[1:]
    assert signing.note_sign(name, private, note["text"]).rstrip("\n") == note["signature_line"].rstrip("\n")


def test_keys_of_other_notes_have_the_hash_they_say(note: Any) -> None:
    assert len(note["other_vkeys"]) == 3
    for vkey in note["other_vkeys"]:
        name, hash_, public = key_of(vkey)
        assert signing.note_key_hash(name, public) == hash_


def test_bad_keys_do_not_have_the_hash_they_say(note: Any) -> None:
    assert len(note["bad_vkeys"]) == 7
    for vkey in note["bad_vkeys"]:
        try:
            name, hash_, public = key_of(vkey)
        except ValueError:
            continue
        good = len(public) == signing.KEY_BYTES and hash_.hex() == vkey.split("+")[1] and " " not in name
        assert not good or signing.note_key_hash(name, public) != hash_


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def test_nist_pulse_hash(test_data: Path) -> None:
    """Not a source yet: this holds the serialisation for the day it becomes one. The RSA signature is not checked."""
    (p,) = json.loads((test_data / "vectors/nist-beacon/pulses.json").read_bytes())
    x, ext = bytes.fromhex, p["external"]
    fields = [
        lp(p["uri"].encode()), lp(p["version"].encode()), p["cipherSuite"].to_bytes(4, "big"), p["period"].to_bytes(4, "big"),
        lp(x(p["certificateId"])), p["chainIndex"].to_bytes(8, "big"), p["pulseIndex"].to_bytes(8, "big"),
        lp(p["timeStamp"].encode()), lp(x(p["localRandomValue"])), lp(x(ext["sourceId"])), ext["statusCode"].to_bytes(4, "big"),
        lp(x(ext["value"])), *(lp(x(v["value"])) for v in p["listValues"]), lp(x(p["precommitmentValue"])),
        p["statusCode"].to_bytes(4, "big"),
    ]  # fmt: skip
    found = hashlib.sha512(b"".join(fields) + x(p["signatureValue"])).hexdigest()
    assert found.upper() == p["outputValue"]
