"""records.md 4: entries, checkpoints (C2SP signed notes), proofs and nonces."""

import re
from base64 import b64decode, b64encode
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.reference import tree, values
from tests.reference.bytes_ import jcs, public_bytes, rhash, sha256
from tests.reference.strata import RefusedError

ED25519 = b"\x01"
BY_SITTING = {"party-commitment", "commitment", "reveal", "closing", "public-value"}
BY_DRAW = {"registration", "commitment", "draw"}


def entry(record: dict[str, Any], nonce: bytes) -> bytes:
    leaf = {"type": record["type"], "leaf": sha256(b"\x00" + nonce + rhash(record)).hex()}
    if record["type"] in BY_SITTING:
        leaf["sitting_id"] = record["sitting_id"]
    if record["type"] in BY_DRAW:
        leaf["draw_id"] = record["draw_id"]
    return jcs(leaf)


def key_hash(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public)[:4]


def signature_line(name: str, public: bytes, signature: bytes) -> str:
    return f"— {name} {b64encode(key_hash(name, public) + signature).decode()}\n"


def checkpoint(origin: str, leaves: list[bytes], private: Ed25519PrivateKey) -> str:
    text = f"{origin}\n{len(leaves)}\n{b64encode(tree.root(leaves)).decode()}\n"
    return text + "\n" + signature_line(origin, public_bytes(private), private.sign(text.encode()))


def log_files(
    records: list[dict[str, Any]], nonces: list[bytes], steps: list[int], origin: str, private: Ed25519PrivateKey
) -> dict[str, bytes]:
    """The four files; `steps` are the sizes at which a checkpoint was signed, the last being the head."""
    entries = [entry(record, nonce) for record, nonce in zip(records, nonces, strict=True)]
    leaves = [tree.leaf_hash(line) for line in entries]
    proofs = {
        "type": "proofs",
        "size": len(leaves),
        "records": [
            {
                "index": i,
                "type": r["type"],
                "rhash": rhash(r).hex(),
                "proof": [x.hex() for x in tree.inclusion(i, leaves)],
            }
            for i, r in enumerate(records)
        ],
        "earlier": [
            {
                "checkpoint": checkpoint(origin, leaves[:size], private),
                "proof": [x.hex() for x in tree.consistency(size, leaves)],
            }
            for size in steps[:-1]
        ],
    }
    opened = {"type": "nonces", "nonces": [{"index": i, "nonce": n.hex()} for i, n in enumerate(nonces)]}
    return {
        "log/entries": b"".join(line + b"\n" for line in entries),
        "log/checkpoint": checkpoint(origin, leaves, private).encode(),
        "log/proofs.json": jcs(proofs),
        "log/nonces.json": jcs(opened),
    }


CARRIES = {
    "charter": "", "key-change": "", "party-commitment": "s", "reveal": "s", "custody": "s", "closing": "s", "public-value": "s",
    "commitment": "sd", "registration": "d", "draw": "d", "void": "d", "opening": "d", "amendment-cause": "d",
    "amendment": "d", "results": "d",
}  # fmt: skip


def entry_bytes(type_: str, leaf: str, sitting_id: str | None, draw_id: str | None) -> bytes:
    """An entry of section 4, refused when a field is malformed or the type carries other ids."""
    ids = {"sitting_id": sitting_id, "draw_id": draw_id}
    fields: dict[str, str] = {"type": type_, "leaf": leaf} | {k: v for k, v in ids.items() if v is not None}
    for name, value in fields.items():
        if not values.is_kind("hash" if name == "leaf" else "id", value):
            raise RefusedError("RECORD_VALUE", "")
    carried = ("s" if sitting_id is not None else "") + ("d" if draw_id is not None else "")
    if type_ in CARRIES and CARRIES[type_] != carried:
        raise RefusedError("LOG_IDS", "")
    return jcs(fields)


def read_checkpoint(text: str) -> dict[str, Any]:
    """Origin, size, root: exactly three lines, each with its end."""
    parts = text.split("\n")
    number = re.fullmatch("0|[1-9][0-9]{0,15}", parts[1]) if len(parts) == 4 else None
    good = number is not None and parts[0] != "" and parts[3] == "" and int(parts[1]) < 2**53
    root = unbase(parts[2]) if good else None
    if root is None or len(root) != 32:
        raise RefusedError("CHECKPOINT_FORM", "")
    return {"origin": parts[0], "size": int(parts[1]), "root": root.hex()}


def unbase(text: str) -> bytes | None:
    """Bytes of canonical base64 only."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data).decode() == text else None


def read_note(note: bytes, name: str, public: bytes) -> str:
    """The text of a note that this key signed; every line in its one form."""
    try:
        text, gap, tail = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise RefusedError("NOTE_FORM", "") from None
    if not gap or not text or not tail.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f\x7f]", text):
        raise RefusedError("NOTE_FORM", "")
    seen: list[tuple[str, bytes, bytes]] = []
    for line in tail[:-1].split("\n"):
        parts = re.fullmatch(r"— ([^\s+]+) ([0-9A-Za-z+/]+={0,2})", line)
        blob = unbase(parts[2]) if parts else None
        if parts is None or blob is None or len(blob) != 68:
            raise RefusedError("NOTE_FORM", "")
        seen.append((parts[1], blob[:4], blob[4:]))
    if len({s[:2] for s in seen}) != len(seen):
        raise RefusedError("NOTE_TWICE", "")
    mine = [s[2] for s in seen if s[:2] == (name, key_hash(name, public))]
    if len(mine) != 1 or not signed_by(public, mine[0], (text + "\n").encode()):
        raise RefusedError("NOTE_SIGNATURE", "")
    return text + "\n"


def signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 (RFC 8032); anything of a wrong length is no signature."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def tile(level: int | str, number: int, width: int) -> str:
    """Where a tile lies (log.md 1): three digits a group, all but the last behind x."""
    digits = str(number)
    digits = "0" * (-len(digits) % 3) + digits
    groups = re.findall("...", digits)
    place = "/".join(["x" + g for g in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{place}" + (f".p/{width}" if width < 256 else "")


def read_tiles(size: int, files: dict[str, bytes]) -> str:
    """Root of the log in its files: entries taken apart byte by byte, each hash tile looked up by its place."""
    entries: list[bytes] = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        data = list(files[tile("entries", first // 256, width)])
        for _ in range(width):
            if len(data) < 2:
                raise RefusedError("TILE_FORM", "")
            length = data.pop(0) * 256 + data.pop(0)
            if len(data) < length:
                raise RefusedError("TILE_FORM", "")
            entries.append(bytes(data[:length]))
            data = data[length:]
        if data:
            raise RefusedError("TILE_FORM", "")
    hashes, level = [tree.leaf_hash(e) for e in entries], 0
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first : first + 256]
            if files[tile(level, first // 256, len(part))] != b"".join(part):
                raise RefusedError("TILE_CHANGED", "")
        hashes = [tree.root(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    return tree.root([tree.leaf_hash(e) for e in entries]).hex()
