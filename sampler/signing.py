r"""Ed25519 signatures on records and on checkpoints (docs/spec/records.md, 1.3 and 4).

A record is signed by its hash, detached; a checkpoint is a C2SP signed note. Both are pure functions of the key:
where keys lie and who may use them is not decided here.

>>> key = bytes(range(32))
>>> valid(public_of(key).hex(), "draw", "00" * 32, sign(key, "draw", "00" * 32))
True
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sampler.canon import sha256
from sampler.errors import RecordError
from sampler.records import signing_bytes

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_HASH_BYTES: Final = 4
_ED25519: Final = b"\x01"
"""Signature type of plain Ed25519 notes (C2SP signed-note)."""
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_P: Final = 2**255 - 19
_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL: Final = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})
"""y of the points whose order divides 8: under such a key anybody can sign (RFC 8032, 5.1)."""
_LINE: Final = re.compile(r"— ([^\s+]+) ([0-9A-Za-z+/]+={0,2})")
_BODY: Final = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note."""

    name: str
    key_hash: bytes
    sig: bytes


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note taken apart: its text with the last line end, and its signature lines in order."""

    text: str
    signatures: tuple[NoteSignature, ...]


def public_of(private: bytes) -> bytes:
    """Return the public key (32 bytes) of a private one.

    Raises
    ------
    RecordError
        ``KEY_LENGTH`` when `private` is not 32 bytes.
    """
    return _private(private).public_key().public_bytes_raw()


def sign(private: bytes, type_: str, rhash: str) -> str:
    """Return the signature on a record in hex (records.md, 1.3).

    Parameters
    ----------
    private
        32 bytes.
    type_, rhash
        The record's type and its hash in hex.
    """
    return _private(private).sign(signing_bytes(type_, rhash)).hex()


def sound(public: bytes) -> bool:
    """Return whether 32 bytes can be a key: y below p, and no point of small order (records.md, 1.3).

    Libraries differ in both, so a signature under such a key would hold for one reader and not for another.
    """
    y = int.from_bytes(public, "little") & ~(1 << 255)
    return len(public) == KEY_BYTES and y < _P and y not in _SMALL


def valid(public: str, type_: str, rhash: str, sig: str) -> bool:
    """Return whether `sig` (hex) is the signature of `public` (hex) on a record; malformed input is not."""
    if any(_HEX.fullmatch(text) is None for text in (public, rhash, sig)):
        return False
    return _verifies(bytes.fromhex(public), bytes.fromhex(sig), signing_bytes(type_, rhash))


def note_key_hash(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a note's signature line names its key (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + _ED25519 + public)[:_HASH_BYTES]


def note_sign(name: str, private: bytes, text: str) -> str:
    r"""Return the signature line, with its line end, of `name` on the note `text`.

    The note is ``text + "\n" + line``; further signers append their lines.

    Raises
    ------
    RecordError
        ``NOTE_TEXT`` when `text` or `name` cannot stand in a note.
    """
    if not text.endswith("\n") or _BODY.fullmatch(text) is None or re.search(r"[\s+]", name) or not name:
        raise RecordError("NOTE_TEXT", "text or name cannot stand in a signed note", found=text)
    blob = note_key_hash(name, public_of(private)) + _private(private).sign(text.encode())
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def note_parse(note: str | bytes) -> SignedNote:
    """Return the parts of a signed note; only the one right form is read.

    Raises
    ------
    RecordError
        ``NOTE_FORM`` for anything but text, an empty line and signature lines in canonical base64 that each end
        in a line end; ``NOTE_TWICE`` when a key signs twice.
    """
    text, blank, tail = _decoded(note).rpartition("\n\n")
    if not blank or not text or not tail.endswith("\n") or _BODY.fullmatch(text) is None:
        raise RecordError("NOTE_FORM", "not a signed note: text, empty line, signature lines", found=note)
    signatures = tuple(_signature(line) for line in tail[:-1].split("\n"))
    if len({(s.name, s.key_hash) for s in signatures}) != len(signatures):
        raise RecordError("NOTE_TWICE", "a key signs the note twice", found=tail)
    return SignedNote(text + "\n", signatures)


def note_signed(note: SignedNote, name: str, public: bytes) -> bool:
    """Return whether the key of `name` signed the note and the signature is valid."""
    wanted = note_key_hash(name, public)
    found = [s for s in note.signatures if (s.name, s.key_hash) == (name, wanted)]
    return len(found) == 1 and _verifies(public, found[0].sig, note.text.encode())


def note_verify(note: str | bytes, name: str, public: bytes) -> str:
    """Return the text of a note that `name` signed.

    Raises
    ------
    RecordError
        ``NOTE_*`` as :func:`note_parse`; ``NOTE_SIGNATURE`` when the key has no valid signature on it.
    """
    parsed = note_parse(note)
    if not note_signed(parsed, name, public):
        raise RecordError("NOTE_SIGNATURE", f"no valid signature of {name} on the note", found=note)
    return parsed.text


def _signature(line: str) -> NoteSignature:
    match = _LINE.fullmatch(line)
    blob = _unbase64(match[2]) if match else b""
    if match is None or len(blob) != _HASH_BYTES + SIGNATURE_BYTES:
        raise RecordError("NOTE_FORM", "signature line is not `— name base64`", found=line)
    return NoteSignature(match[1], blob[:_HASH_BYTES], blob[_HASH_BYTES:])


def _decoded(note: str | bytes) -> str:
    try:
        return note if isinstance(note, str) else note.decode()
    except UnicodeDecodeError as e:
        raise RecordError("NOTE_FORM", f"note is not UTF-8 at byte {e.start}", found=note) from e


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def _private(private: bytes) -> Ed25519PrivateKey:
    if len(private) != KEY_BYTES:
        raise RecordError("KEY_LENGTH", f"a private key has {KEY_BYTES} bytes, not {len(private)}")
    return Ed25519PrivateKey.from_private_bytes(private)


def _verifies(public: bytes, sig: bytes, covered: bytes) -> bool:
    if not sound(public) or len(sig) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(sig, covered)
    except (InvalidSignature, ValueError):
        return False
    return True
