"""The documents of a draw (docs/spec/records.md, 3): one frozen class a field table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from sampler.lots import Taken
from sampler.plan import LEVELS
from sampler.schema import (
    NODE_KIND,
    AsciiMap,
    Big,
    By,
    Date,
    DrawId,
    Flag,
    Hash,
    Id,
    Int,
    Kind,
    Month,
    Part,
    Record,
    Text,
    Time,
    one_of,
)

AgencyCode = Annotated[str, Kind("agency code", str, lambda v: re.fullmatch("[0-9A-Z]{2,16}", v) is not None)]
Level = Annotated[str, one_of(*LEVELS)]
Differing = Annotated[
    str, one_of("excluded", "frame", "history", "items", "levels", "plan", "recusals", "roster", "scores", "strata")
]
"""What a redraw may do differently (3.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Part):
    """A public key and who holds it."""

    key_id: Id
    owner: Id
    public: Hash
    role: Id
    outside: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Part):
    """Somebody who holds a secret of the seed."""

    party: Id
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter(Record):
    """Who draws, under which keys (3.1)."""

    TYPE: ClassVar[str] = "charter"
    agency: AgencyCode
    name: Text
    spec: Text
    keys: Annotated[tuple[Key, ...], By(("key_id",))]
    parties: Annotated[tuple[Party, ...], By(("party",))]
    sources: Annotated[tuple[Id, ...], By()]
    min_reveals: Int
    approvals: Int
    disclosure: Level
    calendar: Text
    witness_k: Int | None = None
    demo: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redraw(Part):
    """The voided draw that this one replaces, and every table that differs."""

    draw_id: DrawId
    void: Hash
    differs: Annotated[tuple[Differing, ...], By()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Record):
    """A draw is opened (3.3)."""

    TYPE: ClassVar[str] = "registration"
    draw_id: DrawId
    plan: Hash
    plan_id: Id
    scope: Id
    period: Month
    deadline: Time
    redraw: Redraw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyCommitment(Record):
    """A party's promise, and the ends of the amendment chains it offers (3.4)."""

    TYPE: ClassVar[str] = "party-commitment"
    sitting_id: Id
    party: Id
    c: Hash
    anchors: tuple[Hash, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal(Record):
    """A party's secret (3.4)."""

    TYPE: ClassVar[str] = "reveal"
    sitting_id: Id
    party: Id
    sitting: Hash
    r: Hash


_BLANK: Final = re.compile(
    r"[ \u00a0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff]"
)
"""Signs that nobody sees on paper (3.5); a list, since the categories of Unicode grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Part):
    """The approval form, 审批表, and who approved, by post (it is public); without them it counts for one."""

    form: Text
    date: Date
    by: Annotated[tuple[Text, ...], By()] | None = None

    @property
    def count(self) -> int:
        """How many approved (3.5): blanks and invisible signs make no second post."""
        return 1 if self.by is None else len({_BLANK.sub("", post) for post in self.by} - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Part):
    """A blinded tree."""

    root: Hash
    count: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded(Part):
    """The objects left out, by reason."""

    root: Hash
    counts: dict[str, Int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables(Part):
    """Hashes of the sealed files."""

    history: Hash
    items: Hash
    levels: Hash
    scores: Hash
    strata: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Part):
    """A party and its C_j."""

    party: Id
    c: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor(Part):
    """The end of the amendment chain."""

    party: Id
    end: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment(Record):
    """The seal, 封存 (3.5)."""

    TYPE: ClassVar[str] = "commitment"
    draw_id: DrawId
    sitting_id: Id
    registration: Hash
    plan: Hash
    approval: Approval
    frame: Tree
    excluded: Excluded
    registry: Int
    tables: Tables
    roster: Tree
    recusals: Tree
    spec: Hash
    parties: Annotated[tuple[Promise, ...], By(("party",))]
    source: Text
    reveal_deadline: Time
    previous: Hash
    model: Hash | None = None
    training: Hash | None = None
    anchor: Anchor | None = None
    last: Id | None = None
    software: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Part):
    """A secret handed to another party before the public value; `rhash` is that of the holder's Custody (3.11)."""

    party: Id
    holder: Id
    rhash: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(Record):
    """No reveal is taken after this (3.6)."""

    TYPE: ClassVar[str] = "closing"
    sitting_id: Id
    sitting: Hash
    revealed: dict[str, Hash]
    absent: Annotated[tuple[Id, ...], By()]
    custody: Annotated[tuple[Kept, ...], By(("party",))]
    form_scan: Hash | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Part):
    """A file that shows where the value came from; `file` is its path in the bundle."""

    file: Text
    sha256: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicValue(Record):
    """What the sealed source gave (3.6)."""

    TYPE: ClassVar[str] = "public-value"
    sitting_id: Id
    sitting: Hash
    source: Text
    value: Text
    evidence: Annotated[tuple[Evidence, ...], By(("file",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedPart(Part):
    """A party and what it gave; without `r` it stayed absent."""

    party: Id
    r: Hash | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed(Record):
    """The seed and all its ingredients (3.6)."""

    TYPE: ClassVar[str] = "seed"
    draw_id: DrawId
    source: Text
    value: Text
    parties: Annotated[tuple[SeedPart, ...], By(("party",))]
    seed: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed(Part):
    """A draw of the sitting."""

    draw_id: DrawId
    commitment: Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting(Record):
    """Container of a ceremony's parts (3.7)."""

    TYPE: ClassVar[str] = "sitting"
    sitting_id: Id
    sitting: Hash
    commitments: Annotated[tuple[Sealed, ...], By(("draw_id",))]
    party_commitments: Annotated[tuple[PartyCommitment, ...], By(("party",))]
    reveals: Annotated[tuple[Reveal, ...], By(("party",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen(Part):
    """A drawn or reserve object."""

    object_id: Id
    stratum: Id
    rank: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw(Record):
    """The result (3.8)."""

    TYPE: ClassVar[str] = "draw"
    draw_id: DrawId
    commitment: Hash
    seed: Hash
    tau: Hash
    assignment: Hash
    n: Int
    drawn: Annotated[tuple[Chosen, ...], By(("object_id",))]
    reserves: Annotated[tuple[Chosen, ...], By(("object_id",))]
    order: tuple[Id, ...] | None = None
    lots: Annotated[tuple[Taken, ...], By(("object_id",))] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Part):
    """An officer in a slot group."""

    group: Id
    inspector_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap(Part):
    """Who leaves one object, and who enters, when a visit is banned."""

    object_id: Id
    leaving: Annotated[tuple[Member, ...], By(("group", "inspector_id"))]
    entering: Annotated[tuple[Member, ...], By(("group", "inspector_id"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Part):
    """A visit banned because two officers meet too often, and what follows.

    `lifted`: nobody else could pay it; `undone`: neither this ban nor a later one left fewer meetings too many.
    """

    object_id: Id
    inspector_id: Id
    changes: Annotated[tuple[Swap, ...], By(("object_id",))]
    lifted: Flag | None = None
    undone: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Part):
    """One independent part of the assignment."""

    block: Id
    rung: Id
    round: Int
    cost: Big
    vacancies: Int
    potentials: Annotated[dict[str, Big], AsciiMap(NODE_KIND)]
    stages: tuple[Stage, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacant(Part):
    """Slots nobody fills."""

    group: Id
    count: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Part):
    """Who visits one object."""

    object_id: Id
    template: Id
    members: Annotated[tuple[Member, ...], By(("group", "inspector_id"))]
    vacant: Annotated[tuple[Vacant, ...], By(("group",))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban(Part):
    """A visit that nobody pays, lest two officers meet too often."""

    object_id: Id
    inspector_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Record):
    """Teams and their certificate (3.9)."""

    TYPE: ClassVar[str] = "assignment"
    draw_id: DrawId
    blocks: Annotated[tuple[Block, ...], By(("block",))]
    teams: Annotated[tuple[Team, ...], By(("object_id",))]
    bans: Annotated[tuple[Ban, ...], By(("object_id", "inspector_id"))]
