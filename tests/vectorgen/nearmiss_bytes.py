"""Claims that a plausible mistake would make: hashing, tickets, trees."""

import hashlib
import hmac
from typing import Any

from tests.reference import bytes_, pareto, tree
from tests.vectorgen.case import Case, Maker, digest, flip
from tests.vectorgen.merkle import DRAW, SECRET, hexed, leaves
from tests.vectorgen.ticket import ASCII_SEED, R1, SITTING

TAG = b"sampler/v1/"
Miss = tuple[str, str, bytes | str | int | list[str]]


def sha(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def little(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def long(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def misses(area: str, op: str, given: dict[str, Any], found: list[Miss]) -> list[Case]:
    made = Maker(area, f"{op}-follows")
    for name, mutation, claim in found:
        made.bad("VERIFY_FAILED", name, mutation, **given, claim=claim.hex() if isinstance(claim, bytes) else claim)
    return made.cases


def hashing() -> list[Case]:
    lp = bytes_.lp
    given = {"tag": "x", "parts": [b"1".hex(), b"2".hex()]}
    out = misses("bytes", "hash", given, [
        ("no-lengths", "parts run together", sha(TAG + b"x", b"12")),
        ("parts-joined", "two parts as one", bytes_.h("x", b"12")),
        ("tag-without-prefix", "the tag without sampler/v1/", sha(lp("x"), lp("1"), lp("2"))),
        ("tag-without-length", "the tag without its length", sha(TAG + b"x", lp("1"), lp("2"))),
        ("little-endian", "lengths little-endian", sha(little(TAG + b"x"), little(b"1"), little(b"2"))),
        ("eight-byte-lengths", "lengths of 8 bytes", sha(long(TAG + b"x"), long(b"1"), long(b"2"))),
        ("parts-swapped", "the parts in the other order", bytes_.h("x", "2", "1")),
        ("number-of-parts", "the number of parts hashed too", bytes_.h("x", "2", "1", "2")),
        ("twice", "the hash hashed again", bytes_.sha256(bytes_.h("x", "1", "2"))),
        ("other-version", "sampler/v2/", sha(lp("sampler/v2/x"), lp("1"), lp("2"))),
    ])  # fmt: skip
    record = {"type": "reveal", "party": "notary"}
    data = bytes_.jcs(record)
    out += misses("bytes", "rhash", {"data": data.hex()}, [
        ("plain-sha", "SHA-256 of the bytes", sha(data)),
        ("no-type", "the type left out", bytes_.h("record", data)),
        ("type-removed", "the record without its type field", bytes_.h("record", "reveal", bytes_.jcs({"party": "notary"}))),
        ("line-end", "a line feed after the record", bytes_.h("record", "reveal", data + b"\n")),
        ("insertion-order", "keys in the order written", bytes_.h("record", "reveal", b'{"type":"reveal","party":"notary"}')),
        ("blanks", "blanks after colons", bytes_.h("record", "reveal", data.replace(b":", b": "))),
    ])  # fmt: skip
    out += misses("bytes", "code", {"text": "餐饮"}, [
        ("itself", "the text itself", "餐饮"),
        ("no-x", "without the x", bytes_.h("code", "餐饮").hex()[:16]),
        ("gb18030", "hashed as GB18030", "x" + bytes_.h("code", "餐饮".encode("gb18030")).hex()[:16]),
        ("long", "32 digits", "x" + bytes_.h("code", "餐饮").hex()[:32]),
    ])  # fmt: skip
    out += misses("bytes", "code", {"text": "-A1"}, [("itself-formula", "an id that begins as a formula", "-A1")])
    recusal = {"inspector": "P01", "kind": "object", "target": "E1"}
    return out + misses("bytes", "recusal-id", recusal, [
        ("whole-hash", "64 digits", bytes_.h("recid", "P01", "object", "E1")),
        ("last-half", "the last 32 digits", bytes_.h("recid", "P01", "object", "E1").hex()[32:]),
        ("target-first", "the target first", bytes_.h("recid", "E1", "object", "P01").hex()[:32]),
    ])  # fmt: skip


def tickets() -> list[Case]:
    seed, lp = bytes.fromhex(ASCII_SEED), bytes_.lp
    key = pareto.object_stream(seed)
    right = pareto.ticket(key, "E1")
    out = misses("ticket", "ticket", {"seed": ASCII_SEED, "id": "E1"}, [
        ("seed-for-key", "the seed for K", sha(seed, b"E1")),
        ("with-length", "the id behind its length", sha(key, lp("E1"))),
        ("lower-case", "the id in small letters", sha(key, b"e1")),
        ("id-first", "the id before K", sha(b"E1", key)),
        ("key-as-text", "K as hex digits", sha(key.hex().encode(), b"E1")),
        ("tagged", "H instead of SHA-256", bytes_.h("ticket", key, "E1")),
        ("hmac", "HMAC instead of SHA-256", hmac.digest(key, b"E1", "sha256")),
        ("little-endian", "the bytes backwards", right.to_bytes(32, "little")),
        ("line-end", "a line feed after the id", sha(key, b"E1\n")),
    ])  # fmt: skip
    out += misses("ticket", "object-key", {"seed": ASCII_SEED}, [
        ("seed-as-text", "the seed as hex digits", bytes_.h("stream", ASCII_SEED, "object")),
        ("objects", "the word objects", bytes_.h("stream", seed, "objects")),
        ("no-use", "without the word object", bytes_.h("stream", seed)),
        ("seed-itself", "the seed itself", ASCII_SEED),
    ])  # fmt: skip
    akey = bytes_.h("stream", seed, "assign", 1)
    out += misses("ticket", "assign-key", {"seed": ASCII_SEED, "round": 1}, [
        ("round-zero", "the round before", bytes_.h("stream", seed, "assign", 0)),
        ("round-as-byte", "the round as a byte", bytes_.h("stream", seed, "assign", b"\1")),
        ("no-round", "without the round", bytes_.h("stream", seed, "assign")),
        ("glued", "the round glued to the word", bytes_.h("stream", seed, "assign1")),
    ])  # fmt: skip
    slot = {"seed": ASCII_SEED, "round": 1, "object": "91", "group": "b", "officer": "2"}
    whole = hashlib.sha256(akey + lp("91") + lp("b") + lp("2")).digest()
    out += misses("ticket", "assign-ticket", slot, [
        ("first-four-bytes", "4 bytes", int.from_bytes(whole[:4], "big")),
        ("last-five-bytes", "the last 5 bytes", int.from_bytes(whole[-5:], "big")),
        ("little-endian", "5 bytes little-endian", int.from_bytes(whole[:5], "little")),
        ("no-lengths", "parts run together", int(sha(akey, b"91b2")[:10], 16)),
        ("group-first", "the group first", int(sha(akey, lp("b"), lp("91"), lp("2"))[:10], 16)),
    ])  # fmt: skip
    seals = [digest("seal"), digest("other seal")]
    given = {"sitting_id": SITTING, "commitments": hexed(seals)}
    out += misses("ticket", "sitting", given, [
        ("sorted-by-hash", "seals sorted by their hashes, not by draw_id", bytes_.h("sitting", SITTING, *seals[::-1])),
        ("joined", "seals in one part", bytes_.h("sitting", SITTING, b"".join(seals))),
        ("first-only", "the second seal left out", bytes_.h("sitting", SITTING, seals[0])),
    ])  # fmt: skip
    promise = {"sitting_id": SITTING, "party": "notary", "r": R1}
    return out + misses("ticket", "party", promise, [
        ("no-sitting", "without the sitting", bytes_.h("party", "notary", bytes.fromhex(R1))),
        ("r-as-text", "the secret as hex digits", bytes_.h("party", SITTING, "notary", R1)),
    ])  # fmt: skip


def duplicated(parts: list[bytes]) -> bytes:
    """The tree that pairs a lone node with itself."""
    while len(parts) > 1:
        parts = parts + parts[-1:] * (len(parts) % 2)
        parts = [tree.node(*parts[i : i + 2]) for i in range(0, len(parts), 2)]
    return parts[0]


def trees() -> list[Case]:
    five = leaves(5)
    out = misses("merkle", "root", {"leaves": hexed(five)}, [
        ("lone-node-doubled", "a lone node paired with itself", duplicated(five)),
        ("leaves-hashed-again", "leaf hashes hashed as leaves", tree.root([tree.leaf_hash(x) for x in five])),
        ("reversed", "the leaves backwards", tree.root(five[::-1])),
        ("sorted", "the leaves sorted", tree.root(sorted(five))),
        ("flat", "all leaves in one hash", sha(b"\1", *five)),
        ("no-prefix", "nodes without 0x01", sha(bytes.fromhex(sha(bytes.fromhex(sha(*five[:2])), bytes.fromhex(sha(*five[2:4])))), five[4])),
        ("padded", "zero leaves up to 8", tree.root([*five, *[bytes(32)] * 3])),
    ])  # fmt: skip
    out += misses("merkle", "root", {"leaves": []}, [
        ("empty-zero", "zeros for an empty tree", "00" * 32),
        ("empty-leaf", "the hash of an empty leaf", sha(b"\0")),
    ])  # fmt: skip
    lp, key = bytes_.lp, "91310101MA1FL0001A"
    given = {"secret": SECRET.hex(), "draw_id": DRAW, "tree": "frame", "key": key}
    good = bytes_.nonce(SECRET, DRAW, "frame", key)
    out += misses("merkle", "nonce", given, [
        ("bit", "one bit", flip(good.hex(), 127)),
        ("last-half", "the last 16 bytes", hmac.digest(SECRET, lp(DRAW) + lp("frame") + lp(key), "sha256")[16:]),
        ("plain-hash", "SHA-256 for HMAC", sha(SECRET, lp(DRAW), lp("frame"), lp(key))[:32]),
        ("no-lengths", "parts run together", hmac.digest(SECRET, f"{DRAW}frame{key}".encode(), "sha256")[:16]),
        ("tree-first", "the tree before the draw", hmac.digest(SECRET, lp("frame") + lp(DRAW) + lp(key), "sha256")[:16]),
        ("prefixed-tree", "sampler/v1/frame", bytes_.nonce(SECRET, DRAW, "sampler/v1/frame", key)),
    ])  # fmt: skip
    row, nonce = "a\t-\tB", b"\x0f" * 16
    named = lp("sampler/v1/frame") + lp(DRAW)
    out += misses("merkle", "leaf", {"tree": "frame", "draw_id": DRAW, "row": row, "nonce": nonce.hex()}, [
        ("no-zero-byte", "without 0x00", sha(nonce, named, row.encode())),
        ("no-nonce", "without the nonce", sha(b"\0", named, row.encode())),
        ("row-with-length", "the row behind its length", sha(b"\0", nonce, named, lp(row))),
        ("no-prefix", "frame without sampler/v1/", sha(b"\0", nonce, lp("frame"), lp(DRAW), row.encode())),
        ("line-end", "the line feed hashed too", sha(b"\0", nonce, named, row.encode(), b"\n")),
        ("nonce-as-text", "the nonce as hex digits", sha(b"\0", nonce.hex().encode(), named, row.encode())),
        ("commas", "commas for tabs", sha(b"\0", nonce, named, b"a,-,B")),
    ])  # fmt: skip
    out += misses("merkle", "token", {"secret": SECRET.hex(), "draw_id": DRAW, "id": "P01"}, [
        ("nonce-of-frame", "the nonce of the frame", bytes_.nonce(SECRET, DRAW, "frame", "P01")),
        ("long", "32 bytes", hmac.digest(SECRET, lp(DRAW) + lp("token") + lp("P01"), "sha256")),
    ])  # fmt: skip
    return out + misses("merkle", "inclusion-path", {"leaves": hexed(five), "index": 2}, [
        ("from-the-root", "from the root down", hexed(tree.inclusion(2, five)[::-1])),
        ("own-leaf-first", "the leaf itself in front", hexed([five[2], *tree.inclusion(2, five)])),
        ("neighbour", "the path of the next leaf", hexed(tree.inclusion(3, five))),
    ])  # fmt: skip


def cases() -> list[Case]:
    return hashing() + tickets() + trees()
