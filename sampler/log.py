r"""The transparency log's bytes: entries, heads, checkpoints and proofs (docs/spec/records.md, 4).

An entry shows that a record of some type exists, not what it says: its leaf is blinded. Everything here is a pure
function of the entries; the store that appends them lives in `sampler.io`.

>>> Checkpoint("sampler/GZS", 0, merkle.EMPTY_ROOT).text()
'sampler/GZS\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler import canon, merkle
from sampler.errors import CanonError, RecordError
from sampler.records import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES: Final = 32
_ORIGIN: Final = "sampler/"
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")

NEITHER: Final = (False, False)
SITTING: Final = (True, False)
DRAW: Final = (False, True)
CARRIES: Final[dict[str, tuple[bool, bool]]] = {
    "charter": NEITHER,
    "registration": DRAW,
    "party-commitment": SITTING,
    "commitment": (True, True),
    "reveal": SITTING,
    "closing": SITTING,
    "public-value": SITTING,
    "custody": SITTING,
    "draw": DRAW,
    "void": DRAW,
    "opening": DRAW,
    "amendment-cause": DRAW,
    "amendment": DRAW,
    "results": DRAW,
    "key-change": NEITHER,
}
"""Whether an entry of a type carries a sitting_id and a draw_id; other types are free to carry either."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of the log: what the log's key signs (C2SP tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text of the note: origin, size and root, one a line."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin(agency: str) -> str:
    """Return the origin line of an agency's log."""
    return _ORIGIN + agency


def entry(type_: str, leaf: str, *, sitting_id: str | None = None, draw_id: str | None = None) -> bytes:
    """Return the bytes of one entry, without line end.

    Parameters
    ----------
    type_
        The record's type.
    leaf
        Blinded hash of the record in hex (:func:`sampler.merkle.log_leaf`).
    sitting_id, draw_id
        Sitting records carry the one, draw records the other, a commitment both, a charter none.

    Raises
    ------
    RecordError
        ``LOG_IDS`` when the ids are not those of the type, ``RECORD_*`` when a field is malformed.
    """
    fields = {"type": type_, "leaf": leaf, "sitting_id": sitting_id, "draw_id": draw_id}
    parsed = Entry.from_dict({k: v for k, v in fields.items() if v is not None})
    _check_ids(parsed)
    return canon.encode(parsed.to_dict())


def parse_entry(data: bytes) -> Entry:
    """Return the entry in canonical `data`; refused as :func:`entry` would refuse to write it."""
    parsed = Entry.from_dict(canon.decode(data))
    _check_ids(parsed)
    return parsed


def _check_ids(e: Entry) -> None:
    found = (e.sitting_id is not None, e.draw_id is not None)
    if CARRIES.get(e.type, found) != found:
        raise RecordError("LOG_IDS", f"entry of type {e.type} carries the wrong ids", found=e.type)


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """Return the file ``log/entries``: one entry a line, LF after each."""
    return b"".join(e + b"\n" for e in entries)


def parse_entries(data: bytes) -> tuple[bytes, ...]:
    """Return the entries of the file ``log/entries``, each checked.

    Raises
    ------
    RecordError, CanonError
        ``LOG_END`` when the last line has no line end, else the code of the first bad entry with its index.
    """
    if data and not data.endswith(b"\n"):
        raise RecordError("LOG_END", "last entry has no line end", found=data[-80:])
    entries = tuple(data[:-1].split(b"\n")) if data else ()
    for n, e in enumerate(entries):
        try:
            parse_entry(e)
        except (CanonError, RecordError) as error:
            p = error.problem
            raise type(error)(p.code, f"entry {n}: {p.message}", hint=p.hint, found=p.found) from error
    return entries


def leaves(entries: Iterable[bytes]) -> list[bytes]:
    """Return the leaf hashes of the tree over `entries`."""
    return [merkle.entry_leaf(e) for e in entries]


def head(entries: Sequence[bytes]) -> tuple[int, bytes]:
    """Return size and root of the log."""
    return len(entries), merkle.root(leaves(entries))


def checkpoint(origin_: str, entries: Sequence[bytes]) -> Checkpoint:
    """Return the head of the log as a checkpoint, not yet signed."""
    return Checkpoint(origin_, *head(entries))


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint in a note's text; only the one right form is read.

    Raises
    ------
    RecordError
        ``CHECKPOINT_FORM`` for anything but origin, size without leading zeros and canonical base64 of 32 bytes.
    """
    lines = text.split("\n")
    if len(lines) == len(("origin", "size", "root", "")) and lines[0] and not lines[3] and _SIZE.fullmatch(lines[1]):
        found = Checkpoint(lines[0], int(lines[1]), _unbase64(lines[2]))
        if len(found.root) == HASH_BYTES and found.text() == text and found.size <= canon.MAX_INT:
            return found
    raise RecordError("CHECKPOINT_FORM", "not a checkpoint: origin, size, base64 root", found=text)


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def proofs(entries: Sequence[bytes], indices: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the inclusion proof (hex) of each of `indices` in the head of `entries`."""
    hashed = leaves(entries)
    return {i: tuple(h.hex() for h in merkle.inclusion_proof(hashed, i)) for i in indices}


def consistency(entries: Sequence[bytes], old: int) -> tuple[str, ...]:
    """Return the proof (hex) that the first `old` entries are a prefix of all `entries`."""
    return tuple(h.hex() for h in merkle.consistency_proof(leaves(entries), old))


def grows(old: Checkpoint, new: Checkpoint, proof: Iterable[str]) -> bool:
    """Return whether `proof` (hex) shows that the log of `new` begins with that of `old`."""
    path = [bytes.fromhex(h) for h in proof]
    return old.origin == new.origin and merkle.consistent(old.size, new.size, old.root, new.root, path)
