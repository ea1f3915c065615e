"""What the public sees of a draw, when: the published copy of a bundle (docs/spec/records.md, 7; PROTOCOL 6).

Each file stands in exactly one row of `FILES`; a row names the levels and stages at which it is public. What is in
no row is never public: the roster, the recusals, scores and levels below ``open``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sampler import canon, records, tables, ticket, units
from sampler.merkle import blinded_leaf
from sampler.plan import LEVELS, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN, STANDARD, AFTER = "open", "standard", "after-inspection"
SEALED, DRAWN, OPENED = "sealed", "drawn", "opened"
STAGES: Final = (SEALED, DRAWN, OPENED)
END: Final = {SEALED: "commitment", DRAWN: "draw", OPENED: "draw", "": "draw"}
"""The record that the log must have reached for a copy of a stage, or for an auditor's bundle."""
Copy = tuple[str, str]
"""Level and stage."""

EVERYWHERE: Final = frozenset((level, stage) for level in LEVELS for stage in STAGES)
DONE: Final = frozenset((level, stage) for level, stage in EVERYWHERE if stage != SEALED)
TOLD: Final = frozenset({(OPEN, DRAWN), (OPEN, OPENED), (STANDARD, DRAWN), (STANDARD, OPENED), (AFTER, OPENED)})
"""Where the drawn list is public."""
LAST: Final = frozenset({(OPEN, DRAWN), *((level, OPENED) for level in LEVELS)})
IN_OPEN: Final = frozenset((OPEN, stage) for stage in STAGES)
OPEN_DONE: Final = IN_OPEN & DONE
BELOW: Final = EVERYWHERE - IN_OPEN

FILES: Final[dict[str, frozenset[Copy]]] = {
    r"charter\.json|registration\.json|commitment\.json|sitting\.json|signatures\.json|items\.tsv": EVERYWHERE,
    r"log/(?:checkpoint|entries|proofs\.json|nonces\.json)|keys/[0-9]{4}\.json": EVERYWHERE,
    rf"closing\.json|public-value\.json|custody-.*\.json|evidence/{records.NAME}": EVERYWHERE,
    r"void\.json": EVERYWHERE,
    rf"attestation-{records.NAME}\.json": DONE,
    r"clauses\.tsv": BELOW,
    r"seed\.json": TOLD,
    r"drawn\.tsv": TOLD - IN_OPEN,
    r"exclusions\.tsv": frozenset({(AFTER, OPENED)}),
    r"opening\.json": frozenset((level, OPENED) for level in LEVELS),
    r"results/[0-9]{4}\.json": LAST,
    r"plan\.json|frame\.tsv|excluded\.tsv|strata\.tsv|levels\.tsv|history\.tsv|scores\.csv": IN_OPEN,
    r"draw\.json|tau\.tsv|assignment\.json|amendments/[0-9]{4}\.json": OPEN_DONE,
}
"""Form of a path to the copies that hold it."""
COPY_COLUMNS: Final = {
    "clauses.tsv": ("clause", "N", "n"),
    "drawn.tsv": ("object_id", "owner", "ticket"),
    "exclusions.tsv": ("object_id", "reason", "nonce", "leaf"),
}
"""Tables that only copies hold: made from the bundle, without what the level withholds."""
CLASS_REASONS: Final = ("no-class", "no-clause", "ratio-zero")
"""Reasons that tell something of an object's class; a copy shows the object, not the reason."""
LOGGED_FILES: Final = {
    "draw": r"draw\.json", "amendment": r"amendments/0001\.json", "amendment-cause": r"amendments/0001\.json",
    "results": r"results/0001\.json", "opening": r"opening\.json",
}  # fmt: skip


def public(path: str, level: str, stage: str) -> bool:
    """Return whether a copy of a level and stage may hold a file."""
    return any(re.fullmatch(form, path) and (level, stage) in where for form, where in FILES.items())


WITHHELD_RECORDS: Final[dict[Copy | None, frozenset[str]]] = {
    copy: frozenset(t for t in LOGGED_FILES if not public(LOGGED_FILES[t].replace("\\", ""), *copy))
    for copy in EVERYWHERE
}
"""Types whose records a copy does not hold although the log names them."""


def stage_of(paths: Mapping[str, bytes]) -> str:
    """Return how far a bundle has come."""
    if "opening.json" in paths:
        return OPENED
    return DRAWN if "draw.json" in paths else SEALED


def public_copy(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the copy of an auditor's bundle that its sealed level lets the public see at the stage it has reached."""
    plan = Plan.parse(files["plan.json"], "plan.json")
    level, stage = plan.disclosure, stage_of(files)
    out = {p: d for p, d in {**files, **_made(files, plan)}.items() if public(p, level, stage)}
    kept = record_hashes(out)
    out["signatures.json"] = _signatures(out["signatures.json"], kept)
    out |= _log(out, kept)
    out["manifest.json"] = manifest(out, commitment(files).draw_id, level, stage)
    return out


def manifest(files: Mapping[str, bytes], draw_id: str, level: str, stage: str = "") -> bytes:
    """Return manifest.json over `files` (3.10)."""
    listed = tuple(
        records.File(path=p, sha256=canon.sha256(files[p]).hex(), size=len(files[p]))
        for p in sorted(files, key=str.encode)
        if p != "manifest.json"
    )
    found = records.Manifest(
        schema=records.BUNDLE_SCHEMA, draw_id=draw_id, level=level, stage=stage or None, files=listed
    )
    return canon.encode(found.to_dict())


def commitment(files: Mapping[str, bytes]) -> records.Commitment:
    """Return the seal of a bundle."""
    return records.Commitment.parse(files["commitment.json"], "commitment.json")


def record_hashes(files: Mapping[str, bytes]) -> set[str]:
    """Return the hash of every record in these files, the parts of the sitting and of amendments included."""
    out: set[str] = set()
    for path, data in files.items():
        cls = records.RECORD_FILES.get(path) or records.document_class(path)
        if cls is not None:
            found = cls.parse(data, path)
            parts = [found]
            if isinstance(found, records.Sitting):
                parts += [*found.party_commitments, *found.reveals]
            if isinstance(found, records.Amendment):
                parts.append(found.cause)
            out |= {p.rhash() for p in parts}
    return out


def _signatures(data: bytes, kept: set[str]) -> bytes:
    return canon.encode([s.to_dict() for s in records.parse_signatures(data) if s.rhash in kept])


def _log(files: Mapping[str, bytes], kept: set[str]) -> dict[str, bytes]:
    proofs = records.Proofs.parse(files["log/proofs.json"], "log/proofs.json")
    nonces = records.Nonces.parse(files["log/nonces.json"], "log/nonces.json")
    mine = tuple(p for p in proofs.records if p.rhash in kept)
    places = {p.index for p in mine}
    return {
        "log/proofs.json": records.Proofs(size=proofs.size, records=mine, earlier=proofs.earlier).encode(),
        "log/nonces.json": records.Nonces(nonces=tuple(n for n in nonces.nonces if n.index in places)).encode(),
    }


def _made(files: Mapping[str, bytes], plan: Plan) -> dict[str, bytes]:
    out = {"clauses.tsv": _clauses(files, plan), "exclusions.tsv": _exclusions(files)}
    return out | ({"drawn.tsv": _drawn(files, plan)} if "draw.json" in files else {})


def _read(files: Mapping[str, bytes], name: str) -> tables.Table:
    return tables.decode(files[name], records.TABLE_COLUMNS[name], file=name)


def _clauses(files: Mapping[str, bytes], plan: Plan) -> bytes:
    """Return the counts by clause; clauses are numbers in plan order, since their names may be classes."""
    strata = _read(files, "strata.tsv")
    count = {c.clause: [0, 0] for c in plan.clauses}
    for clause, size, n in zip(strata["clause"], strata["N"], strata["n"], strict=True):
        count[clause][0] += int(size)
        count[clause][1] += int(n)
    rows = [(f"{no:03d}", str(size), str(n)) for no, (size, n) in enumerate(count.values(), start=1)]
    return tables.encode(tables.from_rows(COPY_COLUMNS["clauses.tsv"], rows))


def _drawn(files: Mapping[str, bytes], plan: Plan) -> bytes:
    """Return the drawn with their tickets; an owner who was drawn is named, since the ticket is the owner's."""
    frame = _read(files, "frame.tsv")
    owner = dict(zip(frame["object_id"], frame["owner_id"], strict=True)) if plan.owners else {}
    draw = records.Draw.parse(files["draw.json"], "draw.json")
    key = ticket.object_key(bytes.fromhex(draw.seed))
    named = [(c.object_id, owner.get(c.object_id, tables.NONE)) for c in draw.drawn]
    rows = [(o, w, f"{ticket.ticket(key, units.owner_of(o, w)):064x}") for o, w in named]
    return tables.encode(tables.from_rows(COPY_COLUMNS["drawn.tsv"], rows))


def _exclusions(files: Mapping[str, bytes]) -> bytes:
    """Return every excluded object with its leaf; a reason that tells a class stays closed with its nonce."""
    table, draw_id = _read(files, "excluded.tsv"), commitment(files).draw_id
    rows = []
    for row, (object_id, reason, nonce) in zip(table.lines(without="nonce"), table.rows(), strict=True):
        leaf = blinded_leaf("excluded", draw_id, row, bytes.fromhex(nonce)).hex()
        shown = (tables.NONE, tables.NONE) if reason in CLASS_REASONS else (reason, nonce)
        rows.append((object_id, *shown, leaf))
    return tables.encode(tables.from_rows(COPY_COLUMNS["exclusions.tsv"], rows))
