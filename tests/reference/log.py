"""records.md 4: entries, checkpoints (C2SP signed notes), proofs and nonces."""

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference import tree
from tests.reference.bytes_ import jcs, public_bytes, rhash, sha256

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
