"""From a workspace to the auditor's bundle: the files of records.md section 6, and their manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sampler import canon, log, records
from sampler.disclosure import manifest
from sampler.io import others

if TYPE_CHECKING:
    from sampler.io.session import Session

DRAW_FILES = (
    "registration.json", "plan.json", "commitment.json", "draw.json", "assignment.json", "seed.json", "scores.csv",
    *records.TABLE_COLUMNS,
)  # fmt: skip
SITTING_FILES = ("closing.json", "public-value.json")


def assemble(session: Session, draw_id: str, size: int | None = None) -> dict[str, bytes]:
    """Return every file of a draw's auditor bundle by path, as far as the draw has come.

    Parameters
    ----------
    size
        Entries of the log that it shows, the draw's last among them; without it all there are.
    """
    w = session.workspace
    files = {"charter.json": w.read("charter.json")}
    sealed = session.logged("commitment", draw_id=draw_id)
    sitting_id = str(sealed[-1]["sitting_id"]) if sealed else ""
    base = f"draws/{draw_id}"
    wanted = DRAW_FILES if sealed else ("registration.json", "plan.json")
    files |= {f: w.read(f"{base}/{f}") for f in wanted if w.exists(f"{base}/{f}")}
    files |= {n.removeprefix(f"{base}/"): w.read(n) for n in w.names(base) if _document(n.removeprefix(f"{base}/"))}
    files |= {n: w.read(n) for n in w.names("keys")}
    if sitting_id:
        files |= _sitting_files(session, sitting_id)
    others_files, others_places = others.shown(session, draw_id) if sitting_id else ({}, set())
    files |= others_files
    mine = _mine(session, draw_id, sitting_id, others_places)
    files |= _log_files(session, mine, size)
    files["signatures.json"] = canon.encode(_signatures(session, mine, draw_id))
    files["manifest.json"] = manifest(files, draw_id, "auditor")
    return files


def write(session: Session, draw_id: str) -> dict[str, bytes]:
    """Assemble and write a draw's bundle, and return its files; what an older state held and this does not, goes."""
    files, w = assemble(session, draw_id), session.workspace
    folder = f"bundles/{draw_id}"
    for name, data in files.items():
        w.write(f"{folder}/{name}", data)
    for path in w.path(folder).rglob("*"):
        if not path.is_dir() and path.relative_to(w.path(folder)).as_posix() not in files:
            path.unlink()
    return files


def _document(path: str) -> bool:
    """Return whether a file of a draw is an optional document of its bundle; openings go to their owners instead."""
    return records.document_class(path) not in (None, records.OpeningFile)


def _sitting_files(session: Session, sitting_id: str) -> dict[str, bytes]:
    w, folder = session.workspace, f"sittings/{sitting_id}"
    files = {"sitting.json": sitting_record(session, sitting_id).encode()}
    for name in (f"{folder}/{f}" for f in SITTING_FILES):
        if w.exists(name):
            files[name.removeprefix(f"{folder}/")] = w.read(name)
    files |= {n.removeprefix(f"{folder}/"): w.read(n) for n in w.names(folder) if "/custody-" in n}
    if "public-value.json" in files:
        public = records.PublicValue.parse(files["public-value.json"], "public-value.json")
        files |= {e.file: w.read(f"{folder}/{e.file}") for e in public.evidence}
    return files


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


def _mine(session: Session, draw_id: str, sitting_id: str, others_places: set[int]) -> list[tuple[int, dict[str, Any]]]:
    """Return the index rows of the charter, the key changes, this sitting, this draw, and what is shown of others."""

    def belongs(e: dict[str, Any]) -> bool:
        if "draw_id" in e:
            return bool(e["draw_id"] == draw_id)
        return bool(e["sitting_id"] == sitting_id) if "sitting_id" in e else True

    rows = session.journal.rows()
    own = {n for n in session.journal.places("", draw_id, sitting_id) if belongs(rows[n])}
    return [(n, rows[n]) for n in sorted(own | others_places)]


def _signatures(session: Session, mine: list[tuple[int, dict[str, Any]]], draw_id: str) -> list[dict[str, Any]]:
    w = session.workspace
    hashes = [e["rhash"] for _, e in mine]
    hashes += [w.record(records.Attestation, n).rhash() for n in w.names(f"draws/{draw_id}") if "/attestation-" in n]
    found = [s for h in hashes for s in w.read_json(f"signatures/{h}.json")]
    return sorted(found, key=lambda s: (s["type"].encode(), s["rhash"], s["key_id"]))


def _log_files(session: Session, mine: list[tuple[int, dict[str, Any]]], size: int | None) -> dict[str, bytes]:
    w = session.workspace
    entries = session.entries()[:size]
    tree, end = session.journal.tree(), len(entries)
    head = "log/checkpoint" if size is None else f"log/checkpoints/{size:08d}"
    listed = tuple(
        records.Proof(index=n, type=e["type"], rhash=e["rhash"], proof=_hex(tree.inclusion_proof(end, n)))
        for n, e in mine
    )
    earlier = tuple(
        records.Earlier(
            checkpoint=w.read(f"log/checkpoints/{old:08d}").decode(), proof=_hex(tree.consistency_proof(end, old))
        )
        for old in (n + 1 for n, _ in mine)
        if old < end
    )
    nonces = tuple(records.LeafNonce(index=n, nonce=e["nonce"]) for n, e in mine)
    return {
        "log/checkpoint": w.read(head),
        "log/entries": log.encode_entries(entries),
        "log/proofs.json": records.Proofs(size=end, records=listed, earlier=earlier).encode(),
        "log/nonces.json": records.Nonces(nonces=nonces).encode(),
    }


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(h.hex() for h in path)
