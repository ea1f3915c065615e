"""What holds the documents together (docs/spec/records.md, 3.10, 4 and 6): log files, manifest, signatures, files."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from sampler import canon
from sampler.errors import Place, RecordError
from sampler.frame import FRAME_COLUMNS
from sampler.plan import Plan
from sampler.records.documents import (
    Assignment,
    Charter,
    Closing,
    Commitment,
    Draw,
    PublicValue,
    Registration,
    Seed,
    Sitting,
)
from sampler.records.later import (
    Amendment,
    Attestation,
    Custody,
    KeyChange,
    Opening,
    OpeningFile,
    Results,
    Signature,
    Void,
)
from sampler.roster import RECUSAL_COLUMNS, ROSTER_COLUMNS
from sampler.schema import (
    By,
    DrawId,
    Hash,
    Id,
    Int,
    Nonce,
    Note,
    Part,
    Record,
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Part):
    """Inclusion of one record in the head."""

    index: Int
    type: Id
    rhash: Hash
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier(Part):
    """An earlier checkpoint and its consistency with the head."""

    checkpoint: Note
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs(Record):
    """log/proofs.json (4)."""

    TYPE: ClassVar[str] = "proofs"
    size: Int
    records: Annotated[tuple[Proof, ...], By(("index",))]
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafNonce(Part):
    """The nonce of one log entry."""

    index: Int
    nonce: Nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonces(Record):
    """log/nonces.json (4)."""

    TYPE: ClassVar[str] = "nonces"
    nonces: Annotated[tuple[LeafNonce, ...], By(("index",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Part):
    """One entry of the log (4)."""

    type: Id
    leaf: Hash
    sitting_id: Id | None = None
    draw_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Part):
    """One file of a bundle."""

    path: Text
    sha256: Hash
    size: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Part):
    """manifest.json (3.10)."""

    schema: Text
    draw_id: DrawId
    level: Id
    stage: Id | None = None
    files: Annotated[tuple[File, ...], By(("path",))]


P = TypeVar("P", bound=Part)

BUNDLE_SCHEMA = "sampler/bundle/v1"
RECORD_FILES: dict[str, type[Record]] = {
    "charter.json": Charter,
    "registration.json": Registration,
    "plan.json": Plan,
    "sitting.json": Sitting,
    "commitment.json": Commitment,
    "closing.json": Closing,
    "public-value.json": PublicValue,
    "seed.json": Seed,
    "draw.json": Draw,
    "assignment.json": Assignment,
    "log/proofs.json": Proofs,
    "log/nonces.json": Nonces,
}
"""The records of a bundle and the file of each."""

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "frame.tsv": (*FRAME_COLUMNS, "nonce"),
    "excluded.tsv": ("object_id", "reason", "nonce"),
    "strata.tsv": ("stratum", "clause", "N", "eligible", "n", "m", "take_all"),
    "levels.tsv": ("key", "count", "target_e12", "L", "pi_e12"),
    "tau.tsv": ("stratum", "h", "L"),
    "history.tsv": ("key", "draw_id", "pi_e12", "drawn"),
    "items.tsv": ("item_id", "kind", "qualification", "object_types", "name", "legal_basis"),
    "roster.tsv": (*ROSTER_COLUMNS, "nonce"),
    "recusals.tsv": (*RECUSAL_COLUMNS, "nonce"),
}
"""The tables of a bundle and their columns, key first (section 2)."""

NAME = r"(?!\.{1,2}(?:$|/|\.json$))[0-9A-Za-z._-]{1,64}"
"""NAME in a path: an id, but not `.` or `..` (section 6)."""
DOCUMENT_FILES: dict[str, type[Record]] = {
    rf"custody-{NAME}\.json": Custody,
    rf"attestation-{NAME}\.json": Attestation,
    r"void\.json": Void,
    r"opening\.json": Opening,
    r"keys/[0-9]{4}\.json": KeyChange,
    r"amendments/[0-9]{4}\.json": Amendment,
    r"results/[0-9]{4}\.json": Results,
    r"openings/[0-9a-f]{32}\.json": OpeningFile,
}
"""The documents a bundle may hold beside its fixed files: form of the path, and what stands there."""

SITTING_FILES: dict[str, type[Record]] = {
    r"draw\.json": Draw,
    r"void\.json": Void,
    r"assignment\.json": Assignment,
    r"amendments/[0-9]{4}\.json": Amendment,
}
"""What ``sitting/DRAW/`` may hold of the other draws of the sitting: it shows what they took of the officers' loads."""
_OF_SITTING = re.compile(r"sitting/([0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4})/(.+)")

BUNDLE_FILES = (*RECORD_FILES, *TABLE_COLUMNS, "scores.csv", "signatures.json", "log/checkpoint", "log/entries")
"""Every file an auditor's bundle must have beside its manifest (section 6)."""

SIGNED_BY_AGENCY = (
    "charter", "registration", "commitment", "closing", "public-value", "draw", "void", "opening", "object-opening",
    "amendment-cause", "amendment", "results",
)  # fmt: skip
ORDER = (
    "charter", "registration", "party-commitment", "commitment", "reveal", "closing", "public-value", "draw",
)  # fmt: skip
"""Order of a draw's records in the log (section 5)."""
AFTER_DRAW = ("amendment-cause", "amendment", "results", "opening")
"""What may stand in the log only behind the draw."""


def document_class(path: str) -> type[Record] | None:
    """Return the record that stands in an optional file, None for a path that is none."""
    return next((cls for form, cls in DOCUMENT_FILES.items() if re.fullmatch(form, path)), None)


def sitting_file(path: str) -> tuple[str, type[Record]] | None:
    """Return the other draw a file of ``sitting/`` belongs to and what stands in it, None for any other path."""
    found = _OF_SITTING.fullmatch(path)
    if found is None:
        return None
    return next(((found[1], cls) for form, cls in SITTING_FILES.items() if re.fullmatch(form, found[2])), None)


def parse_part(cls: type[P], data: bytes, file: str) -> P:
    """Return the untyped JSON object in canonical `data`."""
    try:
        return cls.from_dict(canon.decode(data))
    except RecordError as e:
        p = e.problem
        raise RecordError(
            e.code, f"{file}: {p.message}", place=Place(file=file, column=p.place.column), found=p.found
        ) from e


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """Return the entries of signatures.json, refused unless strictly increasing."""
    value: Any = canon.decode(data)
    if not isinstance(value, list):
        raise RecordError("RECORD_VALUE", "signatures.json: expected a list", place=Place(file="signatures.json"))
    entries = tuple(Signature.from_dict(v, f"$[{n}]") for n, v in enumerate(value))
    keys = [(s.type.encode(), s.rhash, s.key_id) for s in entries]
    if any(a >= b for a, b in itertools.pairwise(keys)):
        raise RecordError(
            "RECORD_ORDER", "signatures.json: not in increasing order", place=Place(file="signatures.json")
        )
    return entries


def signing_bytes(type_: str, rhash: str) -> bytes:
    """Return what a signature covers (1.3)."""
    return canon.lp(b"sampler/v1/sign") + canon.lp(type_.encode()) + bytes.fromhex(rhash)


def key_id(public: bytes) -> str:
    """Return the id of a public key."""
    return canon.H("key", public).hex()[:16]
