"""Vectors of area `merkle`: roots, blinded leaves, proofs that hold and proofs that do not."""

from typing import Any

from tests.reference import bytes_, tree
from tests.vectorgen.case import Case, Maker, digest, flip

SECRET = digest("blinding secret")
DRAW = "DEMO-2026-0001"
NODE = tree.node(digest("left"), digest("right")).hex()


def leaves(size: int) -> list[bytes]:
    return [tree.leaf_hash(bytes([i])) for i in range(size)]


def hexed(parts: list[bytes]) -> list[str]:
    return [part.hex() for part in parts]


def roots() -> list[Case]:
    made = Maker("merkle", "root")
    made.good("0-leaves", "printf '' | sha256sum", leaves=[])
    for size in (1, 2, 3, 5, 7, 8, 13):
        made.good(f"{size}-leaves", f"RFC 6962 above {size} leaves", leaves=hexed(leaves(size)))
    made.good("order", "the order of leaves counts", leaves=hexed(leaves(3)[::-1]))
    return made.cases


def blinded() -> list[Case]:
    nonce, leaf, token = Maker("merkle", "nonce"), Maker("merkle", "leaf"), Maker("merkle", "token")
    log, entry = Maker("merkle", "log-leaf"), Maker("merkle", "entry-leaf")
    base = {"secret": SECRET.hex(), "draw_id": DRAW, "tree": "frame", "key": "91310101MA1FL0001A"}
    nonce.good("frame", "16 bytes of HMAC-SHA-256", **base)
    nonce.good("roster", "another tree, another nonce", **{**base, "tree": "roster"})
    nonce.good("other-draw", "another draw, another nonce", **{**base, "draw_id": "DEMO-2026-0002"})
    row = {"tree": "frame", "draw_id": DRAW, "row": "a\t-\tB", "nonce": "0f" * 16}
    leaf.good("row", "the row without nonce and line end", **row)
    leaf.good("excluded", "the tree's name is in the leaf", **{**row, "tree": "excluded"})
    leaf.good("empty-row", "an empty row", **{**row, "row": ""})
    token.good(
        "object", "the path of a page nobody can guess", secret=SECRET.hex(), draw_id=DRAW, id="91310101MA1FL0001A"
    )
    token.good("recusal", "of an inspector", secret=SECRET.hex(), draw_id=DRAW, id="P01")
    log.good("record", "a blinded record hash", nonce="0f" * 16, rhash=digest("record").hex())
    entry.good("entry", r"printf '\0{}' | sha256sum", entry=b"{}".hex())
    entry.good("empty", r"printf '\0' | sha256sum", entry="")
    return nonce.cases + leaf.cases + token.cases + log.cases + entry.cases


def inclusion_claim(size: int, index: int) -> dict[str, Any]:
    all_ = leaves(size)
    proof = hexed(tree.inclusion(index, all_))
    return {"leaf": all_[index].hex(), "index": index, "size": size, "proof": proof, "root": tree.root(all_).hex()}


def inclusion_faults(good: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    proof, index, size = good["proof"], good["index"], good["size"]
    return [
        ("leaf-bit", "one bit of the leaf", {"leaf": flip(good["leaf"])}),
        ("root-bit", "one bit of the root", {"root": flip(good["root"], 255)}),
        ("index-up", "the next index", {"index": index + 1}),
        ("index-minus-one", "index -1", {"index": -1}),
        ("index-size", "an index beyond the tree", {"index": size}),
        ("index-far", "an index that agrees in the low bits", {"index": index + 2**40}),
        ("size-zero", "an empty tree", {"size": 0}),
        ("proof-cut", "the proof lacks its last hash", {"proof": proof[:-1]}),
        ("proof-headless", "the proof lacks its first hash", {"proof": proof[1:]}),
        ("proof-long", "a hash more at the end", {"proof": [*proof, NODE]}),
        ("proof-root-added", "the root at the end", {"proof": [*proof, good["root"]]}),
        ("proof-reversed", "the proof in the other order", {"proof": proof[::-1]}),
        ("proof-bit", "one bit of the proof", {"proof": [flip(proof[0], 9), *proof[1:]]}),
        ("proof-31-bytes", "a hash of 31 bytes", {"proof": [proof[0][:62], *proof[1:]]}),
        ("proof-33-bytes", "a hash of 33 bytes", {"proof": [proof[0] + "00", *proof[1:]]}),
        ("leaf-empty", "no leaf", {"leaf": ""}),
        ("proof-empty", "no proof", {"proof": []}),
        ("leaf-is-root", "the root as leaf, without proof", {"leaf": good["root"], "proof": []}),
    ]


def inclusion() -> list[Case]:
    path, made = Maker("merkle", "inclusion-path"), Maker("merkle", "inclusion")
    for size, index in [(1, 0), (7, 3), (8, 0), (13, 12)]:
        path.good(f"{size}-{index}", f"leaf {index} of {size}", leaves=hexed(leaves(size)), index=index)
        made.good(f"{size}-{index}", f"leaf {index} of {size}", **inclusion_claim(size, index))
    for size, index in [(0, 0), (1, 1), (7, 7), (7, -1), (3, 2**40)]:
        path.bad("MERKLE_INDEX", f"{size}-{index}", f"leaf {index} of {size}", leaves=hexed(leaves(size)), index=index)
    good = inclusion_claim(7, 3)
    for name, mutation, change in inclusion_faults(good):
        made.bad("VERIFY_FAILED", f"7-3-{name}", mutation, **{**good, **change})
    first = inclusion_claim(8, 0)
    for name, mutation, change in inclusion_faults(first):
        made.bad("VERIFY_FAILED", f"8-0-{name}", mutation, **{**first, **change})
    last = inclusion_claim(13, 12)
    for name, mutation, change in inclusion_faults(last):
        if name in ("index-up", "proof-cut", "proof-long", "proof-reversed", "proof-bit", "proof-empty"):
            made.bad("VERIFY_FAILED", f"13-12-{name}", mutation, **{**last, **change})
    made.bad("VERIFY_FAILED", "13-12-size-16", "a larger tree of the same height", **{**last, "size": 16})
    single = inclusion_claim(1, 0)
    made.bad("VERIFY_FAILED", "1-0-proof-long", "a proof in a tree of one leaf", **{**single, "proof": [NODE]})
    made.bad("VERIFY_FAILED", "7-3-other-leaf", "the neighbour's leaf", **{**good, "leaf": leaves(7)[2].hex()})
    return path.cases + made.cases


def consistency_claim(old: int, new: int) -> dict[str, Any]:
    all_ = leaves(new)
    proof = hexed(tree.consistency(old, all_))
    return {
        "old": old, "new": new, "old_root": tree.root(all_[:old]).hex(), "new_root": tree.root(all_).hex(), "proof": proof,
    }  # fmt: skip


def consistency_faults(good: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    proof, old, new = good["proof"], good["old"], good["new"]
    return [
        ("old-root-bit", "one bit of the old root", {"old_root": flip(good["old_root"])}),
        ("new-root-bit", "one bit of the new root", {"new_root": flip(good["new_root"], 100)}),
        ("roots-swapped", "the roots swapped", {"old_root": good["new_root"], "new_root": good["old_root"]}),
        ("sizes-swapped", "the sizes swapped", {"old": new, "new": old}),
        ("old-zero", "an empty old tree proves nothing", {"old": 0}),
        ("old-negative", "a negative size", {"old": -old}),
        ("old-up", "the old tree one leaf larger", {"old": old + 1}),
        ("old-down", "the old tree one leaf smaller", {"old": old - 1}),
        ("new-double", "the new tree twice as large", {"new": 2 * new}),
        ("proof-cut", "the proof lacks its last hash", {"proof": proof[:-1]}),
        ("proof-headless", "the proof lacks its first hash", {"proof": proof[1:]}),
        ("proof-long", "a hash more", {"proof": [*proof, NODE]}),
        ("proof-old-root-first", "the old root in front", {"proof": [good["old_root"], *proof]}),
        ("proof-reversed", "the other order", {"proof": proof[::-1]}),
        ("proof-bit", "one bit of the proof", {"proof": [*proof[:-1], flip(proof[-1])]}),
        ("proof-empty", "no proof", {"proof": []}),
        ("proof-31-bytes", "a hash of 31 bytes", {"proof": [*proof[:-1], proof[-1][:62]]}),
    ]


def consistency() -> list[Case]:
    path, made = Maker("merkle", "consistency-path"), Maker("merkle", "consistency")
    for old, new in [(1, 1), (1, 8), (3, 7), (4, 7), (6, 8), (7, 13)]:
        path.good(f"{old}-{new}", f"from {old} to {new}", leaves=hexed(leaves(new)), old=old)
        made.good(f"{old}-{new}", f"from {old} to {new}", **consistency_claim(old, new))
    for old, new in [(0, 3), (4, 3), (-1, 3), (1, 0)]:
        path.bad("MERKLE_SIZE", f"{old}-{new}", f"from {old} to {new}", leaves=hexed(leaves(new)), old=old)
    good = consistency_claim(3, 7)
    for name, mutation, change in consistency_faults(good):
        made.bad("VERIFY_FAILED", f"3-7-{name}", mutation, **{**good, **change})
    other = consistency_claim(6, 8)
    for name, mutation, change in consistency_faults(other):
        made.bad("VERIFY_FAILED", f"6-8-{name}", mutation, **{**other, **change})
    power = consistency_claim(4, 7)
    for name, mutation, change in consistency_faults(power):
        if name in ("old-root-bit", "old-up", "proof-old-root-first", "proof-empty", "proof-long", "old-down"):
            made.bad("VERIFY_FAILED", f"4-7-{name}", mutation, **{**power, **change})
    same = consistency_claim(5, 5)
    made.bad("VERIFY_FAILED", "5-5-proof-long", "a proof where none is needed", **{**same, "proof": [NODE]})
    made.bad("VERIFY_FAILED", "5-5-roots-differ", "two roots of one size", **{**same, "old_root": NODE})
    return path.cases + made.cases


def opening() -> list[Case]:
    made = Maker("merkle", "opening")
    rows = [f"e{i}\t-\tB\tenterprise\t310101\tF51\t-\tB.firm.310101\t1" for i in range(5)]
    nonces = [bytes_.nonce(SECRET, DRAW, "frame", f"e{i}") for i in range(5)]
    all_ = [bytes_.blinded_leaf(n, "frame", DRAW, row) for n, row in zip(nonces, rows, strict=True)]
    good: dict[str, Any] = {
        "tree": "frame", "draw_id": DRAW, "row": rows[2], "nonce": nonces[2].hex(), "index": 2, "size": 5,
        "proof": hexed(tree.inclusion(2, all_)), "root": tree.root(all_).hex(),
    }  # fmt: skip
    made.good("true", "a firm's row, opened", **good)
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("level-changed", "another level in the row", {"row": rows[2][:-1] + "2"}),
        ("class-changed", "another class in the row", {"row": rows[2].replace("B\t", "A\t", 1)}),
        ("row-with-line-end", "the line feed hashed too", {"row": rows[2] + "\n"}),
        ("row-with-nonce", "the nonce column hashed too", {"row": rows[2] + "\t" + nonces[2].hex()}),
        ("nonce-of-neighbour", "the neighbour's nonce", {"nonce": nonces[1].hex()}),
        ("nonce-short", "15 bytes of nonce", {"nonce": nonces[2].hex()[:30]}),
        ("other-draw", "an opening replayed in another month's draw", {"draw_id": "DEMO-2026-0002"}),
        ("other-tree", "an opening replayed in another tree", {"tree": "excluded"}),
        ("other-index", "another place", {"index": 3}),
        ("row-of-neighbour", "the neighbour's row", {"row": rows[3]}),
        ("boundary-shifted", "a digit moved from the draw to the row", {"draw_id": DRAW[:-1], "row": "1" + rows[2]}),
        ("proof-empty", "no proof", {"proof": []}),
    ]
    for name, mutation, change in changes:
        made.bad("VERIFY_FAILED", name, mutation, **{**good, **change})
    return made.cases


def cases() -> list[Case]:
    return roots() + blinded() + inclusion() + consistency() + opening()
