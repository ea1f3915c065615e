"""Custody, and the documents that follow a draw (docs/spec/records.md, 3.11 to 3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sampler.plan import Window
from sampler.records.documents import Approval, Block, Charter, Chosen, Commitment, Key, Member, Vacant
from sampler.schema import By, Date, DrawId, From1, Hash, Id, Int, Nonce, Note, Part, Record, Row, Sig, Text, one_of

CauseKind = Annotated[
    str, one_of("illness", "leave", "left", "certificate", "recusal", "vacancy", "out-of-scope")
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(Part):
    """One detached signature (3.10)."""

    type: Id
    rhash: Hash
    key_id: Id
    sig: Sig


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody(Record):
    """A holder's receipt for another party's secret, checked against its promise (3.11)."""

    TYPE: ClassVar[str] = "custody"
    sitting_id: Id
    sitting: Hash
    party: Id
    holder: Id
    c: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Record):
    """A draw that is given up, with everything that would have come of it (3.12)."""

    TYPE: ClassVar[str] = "void"
    draw_id: DrawId
    registration: Hash
    cause: Note
    sitting_id: Id | None = None
    commitment: Hash | None = None
    draw: Hash | None = None
    missing: Annotated[tuple[Id, ...], By()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation(Record):
    """An auditor ran the full replay and answers for its result (3.13)."""

    TYPE: ClassVar[str] = "attestation"
    draw_id: DrawId
    draw: Hash
    checkpoint: Note
    report: Hash
    auditor: Text
    public: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange(Record):
    """A key is replaced, or withdrawn when there is no `new` one (3.14)."""

    TYPE: ClassVar[str] = "key-change"
    number: From1
    old: Id
    cause: Text
    new: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Record):
    """The visits are over: the secrets in custody become public (3.15)."""

    TYPE: ClassVar[str] = "opening"
    draw_id: DrawId
    draw: Hash
    secrets: dict[str, Hash]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectOpening(Record):
    """What the seal says of one object, opened for its owner (3.16)."""

    TYPE: ClassVar[str] = "object-opening"
    draw_id: DrawId
    commitment: Hash
    tree: Id
    row: Row
    nonce: Nonce
    index: Int
    proof: tuple[Hash, ...]
    pi_e12: Int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof(Part):
    """The log entry of a record, and its inclusion in a head of `size` entries."""

    index: Int
    nonce: Nonce
    size: Int
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFile(Record):
    """openings/TOKEN.json: an opening with all that is needed to check it alone (3.16)."""

    TYPE: ClassVar[str] = "opening-file"
    opening: ObjectOpening
    charter: Charter
    commitment: Commitment
    signatures: Annotated[tuple[Signature, ...], By(("type", "rhash", "key_id"))]
    keys: tuple[KeyChange, ...]
    logged: LogProof
    checkpoint: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment(Part):
    """A file that belongs to a visit; the file itself stays with the office."""

    name: Text
    sha256: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Part):
    """What became of one drawn object."""

    object_id: Id
    state: Id
    reason: Id | None = None
    date: Date | None = None
    result: Int | None = None
    also: Annotated[tuple[Id, ...], By()] | None = None
    severity: Int | None = None
    defects: Int | None = None
    measure: Id | None = None
    officers: Annotated[tuple[Id, ...], By()] | None = None
    visit_code: Id | None = None
    entered_at: Text | None = None
    left_at: Text | None = None
    attachments: Annotated[tuple[Attachment, ...], By(("name",))] | None = None
    merged_into: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results(Record):
    """A batch of results (3.17)."""

    TYPE: ClassVar[str] = "results"
    draw_id: DrawId
    batch: From1
    previous: Hash
    rows: Annotated[tuple[Result, ...], By(("object_id",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentCause(Record):
    """Why a team must change; logged before the chance that changes it (3.18)."""

    TYPE: ClassVar[str] = "amendment-cause"
    draw_id: DrawId
    number: From1
    kind: CauseKind
    requester: Text
    reason: Note
    approval: Approval
    inspector_id: Id | None = None
    object_id: Id | None = None
    interval: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Part):
    """What an amendment does to one object's team."""

    object_id: Id
    leaving: Annotated[tuple[Member, ...], By(("group", "inspector_id"))]
    entering: Annotated[tuple[Member, ...], By(("group", "inspector_id"))]
    vacant: Annotated[tuple[Vacant, ...], By(("group",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Record):
    """The freed slots solved anew, with the chance that its cause could not know (3.18)."""

    TYPE: ClassVar[str] = "amendment"
    draw_id: DrawId
    number: From1
    cause: AmendmentCause
    changes: Annotated[tuple[Change, ...], By(("object_id",))]
    blocks: Annotated[tuple[Block, ...], By(("block",))]
    chain: Hash | None = None
    reserve: Chosen | None = None
