"""From a workspace to the auditor's bundle: the files of records.md section 6, and their manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sampler import canon, log, records
from sampler.io.session import plain_hash

if TYPE_CHECKING:
    from sampler.io.session import Session

DRAW_FILES = (
    "registration.json", "plan.json", "commitment.json", "draw.json", "assignment.json", "seed.json", "scores.csv",
    *records.TABLE_COLUMNS,
)  # fmt: skip
SITTING_FILES = ("closing.json", "public-value.json")


def assemble(session: Session, draw_id: str) -> dict[str, bytes]:
    """Return every file of a draw's auditor bundle by path."""
    w = session.workspace
    sitting_id = session.sitting_of(draw_id)
    files = {"charter.json": w.read("charter.json"), "sitting.json": sitting_record(session, sitting_id).encode()}
    files |= {f: w.read(f"draws/{draw_id}/{f}") for f in DRAW_FILES}
    files |= {f: w.read(f"sittings/{sitting_id}/{f}") for f in SITTING_FILES}
    public = records.PublicValue.parse(files["public-value.json"], "public-value.json")
    files |= {e.file: w.read(f"sittings/{sitting_id}/{e.file}") for e in public.evidence}
    mine = _mine(session, draw_id, sitting_id)
    files |= _log_files(session, mine)
    files["signatures.json"] = canon.encode(_signatures(session, mine))
    files["manifest.json"] = manifest(files, draw_id, "auditor")
    return files


def manifest(files: dict[str, bytes], draw_id: str, level: str) -> bytes:
    """Return manifest.json over `files`."""
    listed = tuple(
        records.File(path=p, sha256=plain_hash(files[p]), size=len(files[p]))
        for p in sorted(files, key=str.encode)
        if p != "manifest.json"
    )
    return canon.encode(
        records.Manifest(schema=records.BUNDLE_SCHEMA, draw_id=draw_id, level=level, files=listed).to_dict()
    )


def sitting_record(session: Session, sitting_id: str) -> records.Sitting:
    """Return the container of a sitting's parts."""
    w, folder = session.workspace, f"sittings/{sitting_id}"
    names = w.names(folder)
    promises = [w.record(records.PartyCommitment, n) for n in names if n.startswith(f"{folder}/party-commitment-")]
    reveals = [w.record(records.Reveal, n) for n in names if n.startswith(f"{folder}/reveal-")]
    sealed = [
        records.Sealed(draw_id=e["draw_id"], commitment=e["rhash"])
        for e in session.logged("commitment", sitting_id=sitting_id)
    ]
    sealed.sort(key=lambda s: s.draw_id.encode())
    return records.Sitting(
        sitting_id=sitting_id,
        sitting=canon.H("sitting", sitting_id, *(bytes.fromhex(s.commitment) for s in sealed)).hex(),
        commitments=tuple(sealed),
        party_commitments=tuple(sorted(promises, key=lambda r: r.party.encode())),
        reveals=tuple(sorted(reveals, key=lambda r: r.party.encode())),
    )


def _mine(session: Session, draw_id: str, sitting_id: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the index rows of the charter, this sitting and this draw."""

    def belongs(e: dict[str, Any]) -> bool:
        if e["type"] == "charter":
            return True
        return e["draw_id"] == draw_id if "draw_id" in e else e.get("sitting_id") == sitting_id

    return [(n, e) for n, e in enumerate(session.index()) if belongs(e)]


def _signatures(session: Session, mine: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    found = [s for _, e in mine for s in session.workspace.read_json(f"signatures/{e['rhash']}.json")]
    return sorted(found, key=lambda s: (s["type"].encode(), s["rhash"], s["key_id"]))


def _log_files(session: Session, mine: list[tuple[int, dict[str, Any]]]) -> dict[str, bytes]:
    w = session.workspace
    entries = session.entries()
    inclusion = log.proofs(entries, [n for n, _ in mine])
    listed = tuple(records.Proof(index=n, type=e["type"], rhash=e["rhash"], proof=inclusion[n]) for n, e in mine)
    sizes = [n + 1 for n, _ in mine if n + 1 < len(entries)]
    earlier = tuple(
        records.Earlier(checkpoint=w.read(f"log/checkpoints/{size:08d}").decode(), proof=log.consistency(entries, size))
        for size in sizes
    )
    nonces = tuple(records.LeafNonce(index=n, nonce=e["nonce"]) for n, e in mine)
    return {
        "log/checkpoint": w.read("log/checkpoint"),
        "log/entries": log.encode_entries(entries),
        "log/proofs.json": records.Proofs(size=len(entries), records=listed, earlier=earlier).encode(),
        "log/nonces.json": records.Nonces(nonces=nonces).encode(),
    }
