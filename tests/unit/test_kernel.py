"""The kernel's bytes by hand: tickets, canonical JSON, trees. Every expectation is built from hashlib and the text."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable

import pytest

from sampler import canon, merkle, ticket
from sampler.errors import CanonError

Build = Callable[[], object]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def h(tag: str, *parts: bytes) -> bytes:
    """H of records.md, 1.1."""
    every = [b"sampler/v1/" + tag.encode(), *parts]
    return sha(b"".join(len(p).to_bytes(4, "big") + p for p in every))


K = sha(b"key")
R = bytes(range(32))


@pytest.mark.parametrize(
    ("act", "want"),
    [
        (lambda: ticket.sitting_hash("S1", [K, R]), h("sitting", b"S1", K, R)),
        (lambda: ticket.party_commitment("S1", "law", R), h("party", b"S1", b"law", R)),
        (
            lambda: ticket.seed(K, "lottery:kl8:1", b"0102", {"law": None, "b": R, "business": K}),
            h("seed", K, b"lottery:kl8:1", b"0102", b"b", R, b"business", K, b"law", b"ABSENT"),
        ),
        (lambda: ticket.chain_value(K, "S1", 2, 256), h("chain", K, b"S1", b"2")),
        (lambda: ticket.chain_value(K, "S1", 2, 254), sha(sha(h("chain", K, b"S1", b"2")))),
        (lambda: ticket.object_key(R), h("stream", R, b"object")),
        (lambda: ticket.assign_key(R, 10), h("stream", R, b"assign", b"10")),
        (lambda: ticket.ticket(K, "甲").to_bytes(32, "big"), sha(K + "甲".encode())),
        (lambda: ticket.heads(K, ["a", "甲", ""]), sha(K + b"a")[:8] + sha(K + "甲".encode())[:8] + sha(K)[:8]),
        (lambda: ticket.heads(K, []), b""),
        (
            lambda: ticket.assign_ticket(K, "e", "g", "i").to_bytes(5, "big"),
            sha(K + b"\0\0\0\1e" + b"\0\0\0\1g" + b"\0\0\0\1i")[:5],
        ),
        (lambda: canon.hmac_sha256(K, b"x"), hmac.new(K, b"x", "sha256").digest()),
        (lambda: canon.rhash({"type": "t", "a": 1}), h("record", b"t", b'{"a":1,"type":"t"}')),
        (lambda: canon.lp(b""), b"\0\0\0\0"),
        (lambda: canon.H("t", "é", 12, b"\xff"), h("t", "é".encode(), b"12", b"\xff")),
        (lambda: merkle.node(K, R), sha(b"\x01" + K + R)),
        (
            lambda: merkle.blinded_leaf("frame", "D", "row\t1", R[:16]),
            sha(b"\0" + R[:16] + b"\0\0\0\x10sampler/v1/frame" + b"\0\0\0\1D" + b"row\t1"),
        ),
        (
            lambda: merkle.leaf_nonce(K, "D", "frame", "id"),
            hmac.new(K, b"\0\0\0\1D\0\0\0\5frame\0\0\0\2id", "sha256").digest()[:16],
        ),
        (
            lambda: merkle.token(K, "D", "id"),
            hmac.new(K, b"\0\0\0\1D\0\0\0\5token\0\0\0\2id", "sha256").digest()[:16].hex(),
        ),
        (lambda: merkle.log_leaf(R[:16], K), sha(b"\0" + R[:16] + K)),
        (lambda: merkle.entry_leaf(b"e"), sha(b"\0e")),
        (lambda: merkle.root([]), sha(b"")),
        (lambda: canon.ZERO_HASH, b"\0" * 32),
    ],
)
def test_bytes_are_those_of_the_specification(act: Build, want: bytes) -> None:
    assert act() == want  # called here: what runs at collection is never seen by a mutant


def test_tickets_of_many_officers_are_those_of_each() -> None:
    officers = ("i", "officer-2", "甲")
    found = ticket.assign_tickets(K, "e", "g", officers)
    for officer, t in zip(officers, found, strict=True):
        name = officer.encode()
        message = K + b"\0\0\0\1e" + b"\0\0\0\1g" + len(name).to_bytes(4, "big") + name
        assert t == int.from_bytes(sha(message)[:5], "big") == ticket.assign_ticket(K, "e", "g", officer)
    assert ticket.assign_tickets(K, "e", "g", ()) == []


def test_heads_are_those_of_the_tickets_over_more_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket, "HEADS_AT_ONCE", 4)
    ids = [f"u{n}" for n in range(11)]
    assert ticket.heads(K, ids) == b"".join(sha(K + u.encode())[:8] for u in ids)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ({"b": [1, True, False, "é"], "a": {}}, '{"a":{},"b":[1,true,false,"é"]}'.encode()),
        (2**53 - 1, b"9007199254740991"),
        (-(2**53) + 1, b"-9007199254740991"),
        ('\u2028\x7f\\"\n', '"\u2028\x7f\\\\\\"\\n"'.encode()),
        ([], b"[]"),
    ],
)  # fmt: skip
def test_canonical_json_both_ways(value: object, data: bytes) -> None:
    assert canon.encode(value) == data
    assert canon.decode(data) == value


def nested(depth: int, *innermost: object) -> list[object]:
    out: list[object] = [*innermost]
    for _ in range(depth):
        out = [out]
    return out


HINT = "use the bytes exactly as published; do not reformat the file"


@pytest.mark.parametrize(
    ("act", "code", "message", "found"),
    [
        (lambda: canon.encode(nested(32, "x")), "CANON_DEPTH", "nested deeper than 32 at $" + "[0]" * 33, ""),
        (lambda: canon.encode(nested(31, {"k": "x"})), "CANON_DEPTH", "nested deeper than 32 at $" + "[0]" * 32 + ".k", ""),
        (lambda: canon.encode(nested(33)), "CANON_DEPTH", "nested deeper than 32 at $" + "[0]" * 33, ""),
        (lambda: canon.encode([{"k": 2**53}]), "CANON_INT", "integer beyond 2^53-1 at $[0].k", "9007199254740992"),
        (lambda: canon.encode(-(2**53)), "CANON_INT", "integer beyond 2^53-1 at $", "-9007199254740992"),
        (lambda: canon.encode(2**127), "CANON_INT", "integer beyond 2^53-1 at $", str(2**127)),
        (lambda: canon.encode(10**38), "CANON_INT", "integer beyond 2^53-1 at $", str(10**38)),
        (lambda: canon.encode(2**128), "CANON_INT", "integer beyond 2^53-1 at $", "big"),
        (lambda: canon.encode({"é": 1}), "CANON_KEY", "key is not ASCII text at $", "é"),
        (lambda: canon.encode({1: 1}), "CANON_KEY", "key is not ASCII text at $", "1"),
        (lambda: canon.encode([None]), "CANON_TYPE", "NoneType has no canonical form at $[0]", "None"),
        (lambda: canon.encode(1.5), "CANON_TYPE", "float has no canonical form at $", "1.5"),
        (lambda: canon.encode(["a", "\ud800"]), "CANON_SURROGATE", "text holds a lone surrogate at $[1]", "'\\ud800'"),
        (lambda: canon.encode("e\u0301"), "CANON_NFC", "text is not in normal form NFC at $", "e\u0301"),
        (lambda: canon.decode(b'{"b":1,"a":1,"a":1}'), "CANON_DUPLICATE", "key stands twice at $..a", "a"),
        (lambda: canon.decode(b"[1.50]"), "CANON_FLOAT", "number is not an integer at $", "1.50"),
        (lambda: canon.decode(b"[NaN]"), "CANON_FLOAT", "number is not an integer at $", "NaN"),
        (lambda: canon.decode(b"[12345678901234567]"), "CANON_INT", "integer beyond 2^53-1 at $[0]", "12345678901234567"),
        (lambda: canon.decode(b"[123456789012345678]"), "CANON_INT", "integer beyond 2^53-1 at $", "123456789012345678"),
        (lambda: canon.decode(b"ab\xff"), "CANON_UTF8", "not UTF-8 at byte 2", ""),
        (lambda: canon.decode(b"{" * 90), "CANON_JSON", "not JSON: ", "{" * 80),
        (lambda: canon.decode(b"[ " + b"1," * 60 + b"1]"), "CANON_BYTES", "JSON is not in canonical form", "[ " + "1," * 39),
    ],
)  # fmt: skip
def test_a_refusal_says_what_where_and_what_to_do(act: Build, code: str, message: str, found: str) -> None:
    with pytest.raises(CanonError) as caught:
        act()
    p = caught.value.problem
    assert (p.code, p.hint) == (code, HINT)
    assert p.message.startswith(message)
    assert len(p.message) == len(message) or code == "CANON_JSON"
    assert p.found in (found, f"b'{found}'")


def test_the_deepest_nesting_allowed() -> None:
    inner: dict[str, object] = {}
    for _ in range(32):
        inner = {"a": inner}
    assert canon.decode(canon.encode(inner)) == inner
    assert canon.decode(canon.encode(nested(32))) == nested(32)
    with pytest.raises(CanonError):
        canon.encode({"a": nested(32)})


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, over leaves already hashed."""
    if not d:
        return sha(b"")
    if len(d) == 1:
        return d[0]
    k = split(len(d))
    return sha(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(d) == 1:
        return []
    k = split(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:  # noqa: FBT001  # the text's argument
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    return [*subproof(m, d[:k], b), mth(d[k:])] if m <= k else [*subproof(m - k, d[k:], False), mth(d[:k])]  # noqa: FBT003


LEAVES = [sha(bytes([n])) for n in range(18)]


def spoiled(proof: list[bytes]) -> list[list[bytes]]:
    """Every proof with one hash changed, missing, doubled, added or cut short by a byte, and the empty one."""
    out = [[*proof, K], [K, *proof], [*proof, b""]] + ([[]] if proof else [])
    for n, x in enumerate(proof):
        out += [
            [*proof[:n], K, *proof[n + 1 :]], [*proof[:n], *proof[n + 1 :]], [*proof[:n], x, x, *proof[n + 1 :]],
            [*proof[:n], x[:-1], *proof[n + 1 :]],
        ]  # fmt: skip
    return out


@pytest.mark.parametrize("size", range(1, 18))
def test_inclusion_is_that_of_the_rfc_and_nothing_else_passes(size: int) -> None:
    d = LEAVES[:size]
    head = merkle.root(d)
    assert head == mth(d)
    for m in range(size):
        proof = merkle.inclusion_proof(d, m)
        assert proof == path(m, d)
        assert merkle.included(d[m], m, size, proof, head)
        wrong = [(x, m, size, proof, head) for x in (K, d[m][:-1])]
        wrong += [(d[m], m, size, proof, x) for x in (K, head[:-1], head + b"\0")]
        wrong += [(d[m], x, size, proof, head) for x in range(-2, size + 2) if x != m]
        wrong += [(d[m], m, size, p, head) for p in spoiled(proof)]
        assert not any(merkle.included(*w) for w in wrong)


@pytest.mark.parametrize("new", range(1, 18))
def test_consistency_is_that_of_the_rfc_and_nothing_else_passes(new: int) -> None:
    head = mth(LEAVES[:new])
    for old in range(1, new + 1):
        first = mth(LEAVES[:old])
        proof = merkle.consistency_proof(LEAVES[:new], old)
        assert proof == subproof(old, LEAVES[:new], True)  # noqa: FBT003
        assert merkle.consistent(old, new, first, head, proof)
        wrong = [(old, new, x, head, proof) for x in (K, first[:-1])]
        wrong += [(old, new, first, x, proof) for x in (K, head[:-1])]
        wrong += [(old, new, first, head, p) for p in spoiled(proof)]
        wrong += [(x, new, first, head, proof) for x in (-1, 0, new + 1)]
        assert not any(merkle.consistent(*w) for w in wrong)
    assert not merkle.consistent(0, 0, sha(b""), sha(b""), [])


def grown(size: int) -> merkle.Tree:
    """Return a tree to which so many leaves were added."""
    tree = merkle.Tree()
    for leaf in LEAVES[:size]:
        tree.add(leaf)
    return tree


@pytest.mark.parametrize(
    ("act", "code", "message"),
    [
        (lambda: merkle.inclusion_proof(LEAVES[:3], 3), "MERKLE_INDEX", "no leaf 3 in a tree of 3"),
        (lambda: merkle.inclusion_proof(LEAVES[:3], -1), "MERKLE_INDEX", "no leaf -1 in a tree of 3"),
        (lambda: merkle.consistency_proof(LEAVES[:3], 0), "MERKLE_SIZE", "no consistency from 0 to 3 leaves"),
        (lambda: merkle.consistency_proof(LEAVES[:3], 4), "MERKLE_SIZE", "no consistency from 4 to 3 leaves"),
        (lambda: grown(3).inclusion_proof(3, 3), "MERKLE_INDEX", "no leaf 3 in a tree of 3"),
        (lambda: grown(3).inclusion_proof(4, 0), "MERKLE_INDEX", "no leaf 0 in a tree of 4"),
        (lambda: grown(3).consistency_proof(3, 0), "MERKLE_SIZE", "no consistency from 0 to 3 leaves"),
        (lambda: grown(3).consistency_proof(4, 1), "MERKLE_SIZE", "no consistency from 1 to 4 leaves"),
    ],
)
def test_a_leaf_or_size_that_is_not_there_is_refused(act: Build, code: str, message: str) -> None:
    with pytest.raises(CanonError) as caught:
        act()
    assert (caught.value.code, caught.value.problem.message) == (code, message)


@pytest.mark.parametrize("size", [0, 1, 16, 63, 64])
def test_codes_of_many_are_those_of_each(size: int) -> None:
    key, tails = bytes(range(100, 100 + size)), [b"", b"a", b"b" * 200]
    want = [hmac.new(key, b"head" + t, hashlib.sha256).digest() for t in tails]
    assert canon.hmac_each(key, b"head", tails) == want


def test_blinded_leaves_of_many_are_those_of_each() -> None:
    secret, keys, rows = bytes(range(32)), ["企业甲", "b"], ['{"id":"企业甲"}', "{}"]
    want = [
        merkle.blinded_leaf("frame", "draw", r, merkle.leaf_nonce(secret, "draw", "frame", k))
        for k, r in zip(keys, rows, strict=True)
    ]
    assert merkle.blinded_leaves("frame", "draw", secret, keys, rows) == want
    with pytest.raises(ValueError, match="zip"):
        merkle.blinded_leaves("frame", "draw", secret, keys, rows[:1])


def test_a_growing_tree_has_the_root_of_its_leaves() -> None:
    tree, leaves = merkle.Frontier(), list[bytes]()
    for n in range(70):
        assert tree.root() == merkle.root(leaves)
        leaves.append(hashlib.sha256(bytes([n])).digest())
        tree.add(leaves[-1])


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_absurd_nesting_is_refused_before_it_is_parsed(opening: bytes) -> None:
    with pytest.raises(CanonError) as caught:
        canon.decode(opening * 300)
    problem = caught.value.problem
    assert (caught.value.code, problem.message) == ("CANON_DEPTH", "nested deeper than 32 at $")
    assert problem.found == str((opening * 300)[:80])


def test_many_brackets_side_by_side_are_not_deep() -> None:
    wide = b"[" + b",".join([b"[]", b"{}"] * 200) + b"]"
    assert len(canon.decode(wide)) == 400


def deepest(data: bytes) -> int:
    """The most brackets open at once outside strings, byte by byte."""
    depth, most, at = 0, 0, 0
    while at < len(data):
        if data[at] == ord('"'):
            at += 1
            while at < len(data) and data[at] != ord('"'):
                at += 2 if data[at] == ord("\\") else 1
        depth += (data[at : at + 1] in (b"[", b"{")) - (data[at : at + 1] in (b"]", b"}"))
        most, at = max(most, depth), at + 1
    return most


@pytest.mark.parametrize("number", range(200))
def test_depth_is_judged_outside_strings(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canon, "_PARSER_BEARS", 3)
    data = bytes(random.Random(number).choices(b'[{]}"\\a\n', [4, 4, 2, 2, 2, 1, 1, 1], k=25))
    if deepest(data) > 3:
        with pytest.RaisesExc(CanonError, check=lambda e: e.code == "CANON_DEPTH"):
            canon._check_nesting(data)
    else:
        canon._check_nesting(data)
