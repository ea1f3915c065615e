"""Signatures on records and notes: what is signed verifies, whatever differs by one byte does not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import signing
from sampler.canon import sha256
from sampler.errors import RecordError

KEY = sha256(b"agency")
OTHER = sha256(b"other")
PUBLIC = signing.public_of(KEY)
RHASH = sha256(b"record").hex()
TEXT = "sampler/GZS\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
NAME = "sampler/GZS"
LINE = signing.note_sign(NAME, KEY, TEXT)
NOTE = f"{TEXT}\n{LINE}"

# RFC 8032, 7.1, test 1
RFC_PRIVATE = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
RFC_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

# C2SP signed-note, the example of golang.org/x/mod/sumdb/note
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO_KEY = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]


def test_public_key_of_rfc8032() -> None:
    assert signing.public_of(bytes.fromhex(RFC_PRIVATE)).hex() == RFC_PUBLIC


def test_signature_verifies() -> None:
    assert signing.valid(PUBLIC.hex(), "draw", RHASH, signing.sign(KEY, "draw", RHASH))


@pytest.mark.parametrize("position", [0, 1, 31, 32, 63])
def test_signature_changed_by_a_bit(position: int) -> None:
    sig = bytearray.fromhex(signing.sign(KEY, "draw", RHASH))
    sig[position] ^= 1
    assert not signing.valid(PUBLIC.hex(), "draw", RHASH, sig.hex())


def test_signature_is_bound_to_type_hash_and_key() -> None:
    sig = signing.sign(KEY, "draw", RHASH)
    assert not signing.valid(PUBLIC.hex(), "reveal", RHASH, sig)
    assert not signing.valid(PUBLIC.hex(), "draw", sha256(b"").hex(), sig)
    assert not signing.valid(signing.public_of(OTHER).hex(), "draw", RHASH, sig)


@pytest.mark.parametrize("sig", ["", "00", "zz" * 64, "00" * 63, "00" * 65, "AA" * 64, " " + "00" * 64])
def test_malformed_signature(sig: str) -> None:
    assert not signing.valid(PUBLIC.hex(), "draw", RHASH, sig)


@pytest.mark.parametrize("public", ["", "00" * 31, "ff" * 32, "xy" * 32, PUBLIC.hex().upper(), PUBLIC.hex() + " "])
def test_malformed_public_key(public: str) -> None:
    assert not signing.valid(public, "draw", RHASH, signing.sign(KEY, "draw", RHASH))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_private_key_of_the_wrong_length(length: int) -> None:
    with pytest.raises(RecordError) as e:
        signing.public_of(bytes(length))
    assert e.value.code == "KEY_LENGTH"


def test_note_verifies() -> None:
    assert signing.note_verify(NOTE, NAME, PUBLIC) == TEXT
    assert signing.note_verify(NOTE.encode(), NAME, PUBLIC) == TEXT


def test_note_of_the_go_implementation() -> None:
    assert signing.note_verify(GO_NOTE, "PeterNeumann", GO_KEY).startswith("If you think")


def test_note_with_a_cosignature() -> None:
    note = NOTE + signing.note_sign("witness", OTHER, TEXT)
    parsed = signing.note_parse(note)
    assert [s.name for s in parsed.signatures] == [NAME, "witness"]
    assert signing.note_signed(parsed, "witness", signing.public_of(OTHER))
    assert not signing.note_signed(parsed, "witness", PUBLIC)


@pytest.mark.parametrize(
    ("name", "key"), [(NAME, OTHER), ("sampler/OTHER", KEY), (NAME + "x", KEY)], ids=["key", "name", "longer"]
)
def test_note_of_another_signer(name: str, key: bytes) -> None:
    with pytest.raises(RecordError) as e:
        signing.note_verify(NOTE, name, signing.public_of(key))
    assert e.value.code == "NOTE_SIGNATURE"


def test_note_with_another_text() -> None:
    with pytest.raises(RecordError) as e:
        signing.note_verify(NOTE.replace("7", "8", 1), NAME, PUBLIC)
    assert e.value.code == "NOTE_SIGNATURE"


BAD_NOTES = {
    "empty": "",
    "no signature": TEXT,
    "no blank line": TEXT + LINE,
    "no text": "\n\n" + LINE,
    "no end": NOTE[:-1],
    "more at the end": NOTE + "\n",
    "carriage return": NOTE.replace("\n", "\r\n"),
    "tab": "a\tb\n\n" + LINE,
    "hyphen": NOTE.replace("—", "-"),
    "two spaces": NOTE.replace("— ", "—  "),
    "plus in the name": NOTE.replace("— sampler", "— s+mpler"),
    "base64 padding": NOTE.replace("=\n", "\n"),
    "short blob": f"{TEXT}\n— {NAME} AAAA\n",
    "words for a line": f"{TEXT}\nsigned by me\n",
}


@pytest.mark.parametrize("note", BAD_NOTES.values(), ids=BAD_NOTES.keys())
def test_note_in_another_form(note: str) -> None:
    with pytest.raises(RecordError) as e:
        signing.note_verify(note, NAME, PUBLIC)
    assert e.value.code == "NOTE_FORM"


def test_note_that_is_not_utf8() -> None:
    with pytest.raises(RecordError) as e:
        signing.note_parse(NOTE.encode().replace("—".encode(), b"\xe2\x80"))
    assert e.value.code == "NOTE_FORM"


def test_base64_has_one_form() -> None:
    blob = LINE.split(" ")[2].strip()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = blob[:-2] + alphabet[alphabet.index(blob[-2]) + 1] + "="
    assert base64.b64decode(loose) == base64.b64decode(blob)
    with pytest.raises(RecordError) as e:
        signing.note_verify(NOTE.replace(blob, loose), NAME, PUBLIC)
    assert e.value.code == "NOTE_FORM"


def test_key_signs_once() -> None:
    with pytest.raises(RecordError) as e:
        signing.note_parse(NOTE + LINE)
    assert e.value.code == "NOTE_TWICE"


@pytest.mark.parametrize(("name", "text"), [("a b", TEXT), ("a+b", TEXT), ("", TEXT), (NAME, "x"), (NAME, "\x00\n")])
def test_what_cannot_be_signed(name: str, text: str) -> None:
    with pytest.raises(RecordError) as e:
        signing.note_sign(name, KEY, text)
    assert e.value.code == "NOTE_TEXT"


@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    raw = bytearray(NOTE.encode())
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RecordError):
        signing.note_verify(bytes(raw), NAME, PUBLIC)
