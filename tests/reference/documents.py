"""records.md 3, the field tables as data, and their naive reader: the record's hash, or why it is refused."""

from itertools import pairwise
from typing import Any

from tests.reference import bytes_, values
from tests.reference.strata import RefusedError

Table = dict[str, Any]
# A field's rule is a kind, words of which it is one, ["list", item, order...], ["map", kind of values] or a table of its own; `?` marks an optional field.
# The order of a list: field names, or "" for the items themselves, or nothing when it is free.
KEY: Table = {"key_id": "id", "owner": "id", "public": "hash", "role": "id", "outside?": "flag"}
TREE: Table = {"root": "hash", "count": "int"}
APPROVAL: Table = {"form": "text", "date": "date", "by?": ["list", "text", ""]}
CHOSEN: Table = {"object_id": "id", "stratum": "id", "rank": "int"}
MEMBER: Table = {"group": "id", "inspector_id": "id"}
MEMBERS = ["list", MEMBER, "group", "inspector_id"]
VACANT = ["list", {"group": "id", "count": "int"}, "group"]
PROMISE: Table = {
    "type": "=party-commitment", "sitting_id": "id", "party": "id", "c": "hash", "anchors?": ["list", "hash"],
}  # fmt: skip
REVEAL: Table = {"type": "=reveal", "sitting_id": "id", "party": "id", "sitting": "hash", "r": "hash"}
CAUSE: Table = {
    "type": "=amendment-cause", "draw_id": "draw-id", "number": "number", "kind": "illness|leave|left|certificate|recusal|vacancy|out-of-scope", "requester": "text", "reason": "note",
    "approval": APPROVAL, "inspector_id?": "id", "object_id?": "id", "interval?": {"from": "date", "to": "date"},
}  # fmt: skip
TABLES: dict[str, Table] = {
    "charter": {
        "agency": "agency", "name": "text", "spec": "text", "keys": ["list", KEY, "key_id"],
        "parties": ["list", {"party": "id", "name": "text"}, "party"], "witness_k?": "int", "sources": ["list", "id", ""],
        "min_reveals": "int", "approvals": "int", "disclosure": "open|standard|after-inspection", "calendar": "text", "demo?": "flag",
    },
    "registration": {
        "draw_id": "draw-id", "plan": "hash", "plan_id": "id", "scope": "id", "period": "month", "deadline": "time",
        "redraw?": {"draw_id": "draw-id", "void": "hash", "differs": ["list", "excluded|frame|history|items|levels|plan|recusals|roster|scores|strata", ""]},
    },
    "party-commitment": PROMISE,
    "reveal": REVEAL,
    "commitment": {
        "draw_id": "draw-id", "sitting_id": "id", "registration": "hash", "plan": "hash", "approval": APPROVAL, "frame": TREE,
        "excluded": {"root": "hash", "counts": ["map", "int"]}, "registry": "int",
        "tables": dict.fromkeys(["history", "items", "levels", "scores", "strata"], "hash"), "roster": TREE,
        "recusals": TREE, "model?": "hash", "training?": "hash", "spec": "hash",
        "parties": ["list", {"party": "id", "c": "hash"}, "party"], "anchor?": {"party": "id", "end": "hash"},
        "last?": "id", "source": "text", "reveal_deadline": "time", "previous": "hash", "software?": "text",
    },
    "closing": {
        "sitting_id": "id", "sitting": "hash", "revealed": ["map", "hash"], "absent": ["list", "id", ""],
        "custody": ["list", {"party": "id", "holder": "id", "rhash": "hash"}, "party"], "form_scan?": "hash",
    },
    "public-value": {
        "sitting_id": "id", "sitting": "hash", "source": "text", "value": "text",
        "evidence": ["list", {"file": "text", "sha256": "hash"}, "file"],
    },
    "seed": {
        "draw_id": "draw-id", "source": "text", "value": "text", "parties": ["list", {"party": "id", "r?": "hash"}, "party"],
        "seed": "hash",
    },
    "sitting": {
        "sitting_id": "id", "sitting": "hash",
        "commitments": ["list", {"draw_id": "draw-id", "commitment": "hash"}, "draw_id"],
        "party_commitments": ["list", PROMISE, "party"], "reveals": ["list", REVEAL, "party"],
    },
    "draw": {
        "draw_id": "draw-id", "commitment": "hash", "seed": "hash", "tau": "hash", "assignment": "hash", "n": "int",
        "drawn": ["list", CHOSEN, "object_id"], "reserves": ["list", CHOSEN, "object_id"], "order?": ["list", "id"],
        "lots?": ["list", {"object_id": "id", "size": "int", "items": ["list", "int"]}, "object_id"],
    },
    "custody": {"sitting_id": "id", "sitting": "hash", "party": "id", "holder": "id", "c": "hash"},
    "void": {
        "draw_id": "draw-id", "registration": "hash", "cause": "note", "sitting_id?": "id", "commitment?": "hash",
        "draw?": "hash", "missing?": ["list", "id", ""],
    },
    "attestation": {
        "draw_id": "draw-id", "draw": "hash", "checkpoint": "note", "report": "hash", "auditor": "text", "public": "hash",
    },
    "key-change": {"number": "number", "old": "id", "cause": "text", "new?": KEY},
    "opening": {"draw_id": "draw-id", "draw": "hash", "secrets": ["map", "hash"]},
    "object-opening": {
        "draw_id": "draw-id", "commitment": "hash", "tree": "id", "row": "row", "nonce": "nonce", "index": "int",
        "proof": ["list", "hash"], "pi_e12?": "int",
    },
    "results": {
        "draw_id": "draw-id", "batch": "number", "previous": "hash",
        "rows": ["list", {
            "object_id": "id", "state": "id", "reason?": "id", "date?": "date", "result?": "int", "also?": ["list", "id", ""], "severity?": "int",
            "defects?": "int", "measure?": "id", "officers?": ["list", "id", ""], "visit_code?": "id", "entered_at?": "text", "left_at?": "text",
            "attachments?": ["list", {"name": "text", "sha256": "hash"}, "name"], "merged_into?": "id",
        }, "object_id"],
    },
    "amendment-cause": CAUSE,
    "amendment": {
        "draw_id": "draw-id", "number": "number", "cause": CAUSE,
        "changes": ["list", {"object_id": "id", "leaving": MEMBERS, "entering": MEMBERS, "vacant": VACANT}, "object_id"],
        "blocks": ["list", {}], "chain?": "hash", "reserve?": CHOSEN,
    },
}  # fmt: skip


def refuse(code: str) -> None:
    raise RefusedError(code, "")


def record_hash(type_: str, record: Any) -> str:
    """H("record", type, JCS(record)) of a record that fits its table."""
    read({"type": "=" + type_, **TABLES[type_]}, record)
    return bytes_.rhash(record).hex()


def read(rule: Any, value: Any) -> None:
    if isinstance(rule, dict):
        read_table(rule, value)
    elif isinstance(rule, list) and rule[0] == "map":
        if not isinstance(value, dict) or not all(values.is_kind("id", key) for key in value):
            refuse("RECORD_VALUE")
        for item in value.values():
            read(rule[1], item)
    elif isinstance(rule, list):
        read_list(rule, value)
    elif not kind(rule, value):
        refuse("RECORD_VALUE")


def kind(rule: str, value: Any) -> bool:
    if "|" in rule:
        return value in rule.split("|")
    if rule == "row":
        return values.is_kind("text", value.replace("\t", " ")) if isinstance(value, str) else False
    if rule == "nonce":
        return isinstance(value, str) and values.is_kind("hash", value + value)
    return bool(values.is_kind(rule, value))


def read_table(table: Table, value: Any) -> None:
    wanted = table.get("type", "=")[1:]
    if not isinstance(value, dict) or (wanted and value.get("type") != wanted):
        refuse("RECORD_TYPE")
    names = {name.rstrip("?") for name in table}
    if set(value) - names:
        refuse("RECORD_UNKNOWN")
    for name, rule in table.items():
        if name == "type":
            continue
        if name.rstrip("?") in value:
            read(rule, value[name.rstrip("?")])
        elif not name.endswith("?"):
            refuse("RECORD_MISSING")


def read_list(rule: list[Any], value: Any) -> None:
    if not isinstance(value, list):
        refuse("RECORD_VALUE")
    for item in value:
        read(rule[1], item)
    order = rule[2:]
    if not order:
        return
    keys = [tuple(raw(item, name) for name in order) for item in value]
    if any(a >= b for a, b in pairwise(keys)):
        refuse("RECORD_ORDER")


def raw(item: Any, name: str) -> bytes:
    return str(item[name] if name else item).encode()


def lawful(now: list[dict[str, str]], old: str, new: str | None, by: list[str]) -> bool:
    """3.14: the new key, and the old one or everybody else."""
    others = {k["key_id"] for k in now if k["role"] in ("agency", "party") and k["key_id"] != old}
    by_old = old in by and any(k["key_id"] == old for k in now)
    by_others = len(others) > 0 and others <= set(by)
    return (by_old or by_others) and (new is None or new in by)


def on_chain(value: bytes, number: int, end: bytes) -> bool:
    """3.18: SHA-256 applied `number` times leads to the sealed end."""
    for _ in range(number):
        value = bytes_.sha256(value)
    return value == end
