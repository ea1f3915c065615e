"""Vectors of area `records`: every field table with one fault at a time, signatures, key changes, chains."""

import copy
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.reference import bytes_, documents
from tests.vectorgen.case import Case, Maker, digest, flip

Value = dict[str, Any]
H1, H2 = digest("one").hex(), digest("two").hex()
SAMPLES = {
    "id": "XJSC-2026-0001", "hash": H1, "int": 1, "text": "县局", "note": "一行\n又一行", "time": "2026-12-01T10:00:00Z",
    "date": "2026-12-01", "month": "2026-12", "flag": True, "draw-id": "XJSC-2026-0001", "agency": "XJSC", "number": 1, "row": "e\t-\tA", "nonce": "ab" * 16,
}  # fmt: skip
WRONG = {
    "id": "a b", "hash": H1[:-1], "int": -1, "text": "a\tb", "note": 7, "time": "2026-12-01T24:00:00Z", "date": "2026-02-30",
    "month": "2026-13", "flag": False, "draw-id": "XJSC-2026-1", "agency": "xjsc", "number": 0, "row": "a\nb", "nonce": "AB" * 16,
}  # fmt: skip


def sample(rule: Any, *, full: bool, n: int = 0) -> Any:
    """A value that fits a rule; the n-th of a list sorts behind the one before."""
    if isinstance(rule, dict):
        out: Value = {}
        for name, inner in rule.items():
            if name == "type":
                out["type"] = inner[1:]
            elif full or not name.endswith("?"):
                out[name.rstrip("?")] = sample(inner, full=full, n=n)
        return out
    if isinstance(rule, list):
        if rule[0] == "map":
            return {"a": sample(rule[1], full=full), "b": sample(rule[1], full=full)}
        if rule[1] == {}:
            return []
        return [sample(rule[1], full=full, n=k) for k in range(2 if rule[2:] else 1)]
    words = str(rule).split("|")
    value: Any = words[n] if words[1:] else SAMPLES[rule]
    if rule == "draw-id":
        return f"{value[:-1]}{n + 1}"
    return f"{value}{n}" if rule in ("id", "text") and n else value


def record(type_: str, *, full: bool) -> Value:
    return {"type": type_, **sample(documents.TABLES[type_], full=full)}


def faults(type_: str) -> Iterator[tuple[str, str, str, Value]]:
    """Code, name, mutation and record: one fault each."""
    table, good = documents.TABLES[type_], record(type_, full=True)
    yield "RECORD_UNKNOWN", "unknown", "a field more", good | {"zeal": 1}
    yield "RECORD_TYPE", "type", "another type", good | {"type": "charter" if type_ != "charter" else "draw"}
    fields = [(name.rstrip("?"), rule, name.endswith("?")) for name, rule in table.items() if name != "type"]
    required = [name for name, _, optional in fields if not optional]
    for name in (required[0], required[-1]):
        yield "RECORD_MISSING", f"no-{name}", f"{name} left out", {k: v for k, v in good.items() if k != name}
    scalars = [(name, rule) for name, rule, _ in fields if isinstance(rule, str)]
    for name, rule in {rule: (name, rule) for name, rule in scalars}.values():
        wrong = WRONG.get(rule, "other")
        yield (
            "RECORD_VALUE",
            f"bad-{name}",
            f"{name} is {'none of its words' if '|' in rule else f'no {rule}'}",
            good | {name: wrong},
        )
    for name, rule, _ in fields:
        if isinstance(rule, list) and rule[0] == "list" and rule[2:]:
            yield "RECORD_ORDER", f"order-{name}", f"{name} in falling order", good | {name: good[name][::-1]}
            twice = [good[name][0], copy.deepcopy(good[name][0])]
            yield "RECORD_ORDER", f"twice-{name}", f"an entry of {name} twice", good | {name: twice}
        if isinstance(rule, list):
            yield "RECORD_VALUE", f"flat-{name}", f"{name} is no {rule[0]}", good | {name: 1}
        if isinstance(rule, list) and rule[0] == "map":
            yield (
                "RECORD_VALUE",
                f"key-{name}",
                f"a key of {name} that is no id",
                good | {name: {"a b": good[name]["a"]}},
            )
        if isinstance(rule, dict):
            yield "RECORD_TYPE", f"flat-{name}", f"{name} is no object", good | {name: 1}
            yield (
                "RECORD_UNKNOWN",
                f"inside-{name}",
                f"a field more inside {name}",
                good | {name: good[name] | {"zeal": 1}},
            )


def tables() -> list[Case]:
    ask = Maker("records", "record")
    for type_ in documents.TABLES:
        ask.good(f"{type_}-full", f"{type_} with every field", type=type_, record=record(type_, full=True))
        least = record(type_, full=False)
        if least != record(type_, full=True):
            ask.good(f"{type_}-least", f"{type_} without the optional fields", type=type_, record=least)
        for code, name, mutation, value in faults(type_):
            ask.bad(code, f"{type_}-{name}", mutation, type=type_, record=value)
    return ask.cases


def signatures() -> list[Case]:
    ask, ids = Maker("records", "signed"), Maker("records", "key-id")
    private = Ed25519PrivateKey.from_private_bytes(digest("key"))
    public = bytes_.public_bytes(private)
    ids.good("key", 'H("key", public), 16 digits', public=public.hex())
    covered = bytes_.lp("sampler/v1/sign") + bytes_.lp("draw") + bytes.fromhex(H1)
    good = {"public": public.hex(), "type": "draw", "rhash": H1, "sig": private.sign(covered).hex()}
    other = bytes_.public_bytes(Ed25519PrivateKey.from_private_bytes(digest("other key"))).hex()
    ask.good("true", "a signature over LP(sampler/v1/sign) || LP(type) || rhash", **good)
    for name, mutation, change in [
        ("bit-of-sig", "one bit of the signature", {"sig": flip(good["sig"], 3)}),
        ("bit-of-s", "one bit of its second half", {"sig": flip(good["sig"], 300)}),
        ("bit-of-rhash", "one bit of the hash", {"rhash": flip(H1)}),
        ("other-type", "another type", {"type": "void"}),
        ("other-key", "another key", {"public": other}),
        ("zero-key", "the key of zeros", {"public": "00" * 32}),
        ("zero-sig", "64 zero bytes", {"sig": "00" * 64}),
        ("short-sig", "a byte less", {"sig": good["sig"][:-2]}),
        ("long-sig", "a byte more", {"sig": good["sig"] + "00"}),
        ("short-key", "a key of 31 bytes", {"public": good["public"][:-2]}),
        ("untagged", "a signature over the hash alone", {"sig": private.sign(bytes.fromhex(H1)).hex()}),
        ("no-lengths", "a signature without the lengths", {"sig": private.sign(b"sampler/v1/signdraw" + bytes.fromhex(H1)).hex()}),
    ]:  # fmt: skip
        ask.bad("VERIFY_FAILED", name, mutation, **{**good, **change})
    return ids.cases + ask.cases


NOW = [
    {"key_id": "a1", "role": "agency", "owner": "XJSC"},
    {"key_id": "b1", "role": "party", "owner": "law"},
    {"key_id": "c1", "role": "party", "owner": "notary"},
    {"key_id": "l1", "role": "log", "owner": "XJSC"},
    {"key_id": "w1", "role": "witness", "owner": "society"},
]


def key_changes() -> list[Case]:
    ask = Maker("records", "key-change")
    for name, desc, given in [
        ("old-and-new", "the old key and the new one", {"old": "b1", "new": "b2", "by": ["b1", "b2"]}),
        ("all-others", "the old key is lost: everybody else and the new one", {"old": "b1", "new": "b2", "by": ["a1", "b2", "c1"]}),
        ("agency-lost", "the agency's key is lost: all parties and the new one", {"old": "a1", "new": "a2", "by": ["a2", "b1", "c1"]}),
        ("log-lost", "the log's key is lost: agency and parties", {"old": "l1", "new": "l2", "by": ["a1", "b1", "c1", "l2"]}),
        ("withdrawn", "withdrawn by its holder", {"old": "b1", "by": ["b1"]}),
        ("withdrawn-by-others", "withdrawn by everybody else", {"old": "b1", "by": ["a1", "c1"]}),
    ]:  # fmt: skip
        ask.good(name, desc, now=NOW, **given)
    refused: list[tuple[str, str, Value]] = [
        ("no-new", "the new key did not sign", {"old": "b1", "new": "b2", "by": ["b1"]}),
        ("only-new", "the new key alone", {"old": "b1", "new": "b2", "by": ["b2"]}),
        ("one-other-short", "one of the others is missing", {"old": "b1", "new": "b2", "by": ["a1", "b2"]}),
        ("agency-alone", "the agency replaces a party's key by itself", {"old": "c1", "new": "c2", "by": ["a1", "c2"]}),
        ("witness", "a witness signs instead", {"old": "b1", "new": "b2", "by": ["b2", "w1"]}),
        ("log-by-log", "the log's key for the agency's", {"old": "a1", "new": "a2", "by": ["a2", "l1"]}),
        ("nobody", "nobody signs", {"old": "b1", "by": []}),
        ("gone", "an old key that counts no more, alone", {"old": "b0", "new": "b2", "by": ["b0", "b2"]}),
    ]  # fmt: skip
    for name, mutation, claim in refused:
        ask.bad("VERIFY_FAILED", name, mutation, now=NOW, **claim)
    return ask.cases


def chains() -> list[Case]:
    ask = Maker("records", "chain")
    values = [digest("a256")]
    for _ in range(256):
        values.append(bytes_.sha256(values[-1]))
    a = values[::-1]  # a[0] is the end
    end = a[0].hex()
    for number in (1, 2, 256):
        ask.good(f"a{number}", f"a_{number} of the chain", value=a[number].hex(), number=number, end=end)
    refused: list[tuple[str, str, Value]] = [
        ("next", "a value too deep", {"value": a[2].hex(), "number": 1}),
        ("before", "a value already shown", {"value": a[1].hex(), "number": 2}),
        ("end-itself", "the end shown as its own first value", {"value": end, "number": 1}),
        ("bit", "one bit", {"value": flip(a[1].hex(), 9), "number": 1}),
        ("other-end", "the chain of another draw", {"value": a[1].hex(), "number": 1, "end": H2}),
    ]
    for name, mutation, given in refused:
        ask.bad("VERIFY_FAILED", name, mutation, **{"end": end, **given})
    return ask.cases


def cases() -> list[Case]:
    return tables() + signatures() + key_changes() + chains()
