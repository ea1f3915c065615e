"""Every node of every record and every cell of every table, and what may be wrong with it (records.md 1.2, 2, 3).

Material to hold two readers to one code: nothing here says what is right.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sampler import records, schema
from sampler.errors import SamplerError
from sampler.plan import Plan, Window, validate
from sampler.verify.fields import parse_scores, parse_table
from tests.support import ROOT
from tests.vectorgen.records import H1, H2

GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"
ID = "DEMO-2026-0001"
VALUES: tuple[Any, ...] = (
    -1, 0, 1, 2, 3, 4, 25, 37, 10001, 2**53 - 1, 2**53, 10**30, 1.5, True, False, None, [], {}, [1], {"a": 1}, "", "0", "-0", "01", "-7", "9" * 101,
    "x", "a b", "a.b", "a" * 31, "a" * 65, "县", "a\tb", "a\nb", "a\x7fb", "a\u0085b", "e\u0301", "\ud800", "字" * 342, "字" * 2731, "2026-02-30", "0000-01-01", "2026-13",
    "0000-12", "2026-12", "2026-12-01", "2026-12-01T10:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T10:00:60Z", "２０２６-12-01", "owner", "task", "year",
    "standard", "complaint", "cluster", "any", "vacancy", "expert", "100%", ID, "demo-2026-0001", "DEMO-2026-1", H1, H1.upper(), H1[:-1], H1 * 2, "ab" * 16,
)  # fmt: skip
TEXTS = (
    *(v for v in VALUES if isinstance(v, str)), "-", "-a", " ", "*", "T", "A", "E", "1000", "9999", "10000", "00", "999999", "1000000", "1000001", "+1", "1.5",
    "9" * 15, "9" * 16, "９", "a,b", "b,a", "a,a", "a,", "officer", "expert", "general", "object", "s/1", "s/T", "s/0", "s/01", "s/9999", "s/10000", "/1", "-/1",
    "a/2026-12", "-/2026-12", "a/0000-01", "a/2026-13", "a/b/2026-12", "2026-11-01..2026-12-07", "2026-12-07..2026-11-01", "a\x9fb",
    "2026-11-01..2026-12-07,2027-01-01..2027-01-31",
)  # fmt: skip
SAMPLES: dict[str, tuple[Any, Any]] = {
    "id": (ID, "DEMO-2026-0002"), "hash": (H1, H2), "sig": (H1 * 2, H2 * 2), "int": (1, 2), "big": ("-7", "7"), "text": ("县局", "县局二"),
    "draw_id": (ID, "DEMO-2026-0002"), "int from 1": (1, 2), "agency code": ("DEMO", "XJSC"), "note": ("一行\n又一行", "另一行"), "row": ("e\t-\tA", "f\t-\tA"), "nonce": ("ab" * 16, "cd" * 16), "time": ("2026-12-01T10:00:00Z",) * 2,
    "date": ("2026-12-01", "2026-12-02"), "month": ("2026-12", "2027-01"), "flag": (True, True), "node": ("hub", "i:7"),
}  # fmt: skip


def present(hint: Any) -> Any:
    """Return the annotation of an optional field as if it were required."""
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return hint
    return next(a for a in typing.get_args(hint) if a is not type(None))


def sample(hint: Any, n: int = 0) -> Any:
    """Return a value of an annotation of `sampler.schema`, with every optional field; two entries where a list has an order."""
    marks: tuple[Any, ...] = ()
    if typing.get_origin(hint) is typing.Annotated:
        hint, *rest = typing.get_args(hint)
        marks = tuple(rest)
    if marks and isinstance(marks[0], schema.Kind):
        words = marks[0].name.split(" | ")
        return words[n] if words[1:] else SAMPLES[words[0]][n]
    if typing.get_origin(hint) is tuple:
        return [sample(typing.get_args(hint)[0], k) for k in range(2 if marks else 1)]
    if typing.get_origin(hint) is dict:
        return {"a": sample(typing.get_args(hint)[1]), "b": sample(typing.get_args(hint)[1])}
    hints = typing.get_type_hints(hint, include_extras=True)
    found = {f.name: sample(present(hints[f.name]), n) for f in dataclasses.fields(hint)}
    if issubclass(hint, Window):
        return {"from": found["first"], "to": found["last"]}
    return {"type": hint.TYPE, **found} if issubclass(hint, schema.Record) else found


def plan(**changed: Any) -> dict[str, Any]:
    """Return the golden plan with every optional field that it bears."""
    found: dict[str, Any] = json.loads((GOLDEN / "plan.json").read_text(encoding="utf-8"))
    areas = [{"cluster": "k", "districts": ["310101"]}, {"cluster": "l", "districts": ["310104"]}]
    found["assignment"] |= {
        "jurisdiction": "cluster", "clusters": areas, "initiator": "market", "rotate": True, "together": 2,
        "cross": [{"inspector_id": i, "district": "310104", "document": "授权书"} for i in ("i1", "i2")],
        "fixed": [{"object_id": "o1", "group": g, "inspector_id": "i1", "document": "纪要"} for g in ("lead", "member")],
        "limits": [{"limit": "all", "districts": ["310101", "310104"], "most": 9}, {"limit": "one", "districts": ["310101"], "most": 3}],
    }  # fmt: skip
    for group in found["templates"][1]["groups"]:
        group["department"] = "market"
    found["templates"][0]["when"] |= {"types": ["enterprise"], "industries": ["F51", "F52"]}
    found["clauses"][2]["sample"] = 3
    found |= {
        "note": "说明", "batches": [{"batch": "east", "districts": ["310101"]}, {"batch": "west", "districts": ["310104"]}],
        "lots": [{"object_id": "o1", "size": 9}, {"object_id": "o2", "size": 10000}], **changed,
    }  # fmt: skip
    extra = ["off-target"] * ("target" in found) + ["grace"] * ("grace" in found)
    return found | {"exclusions": [*found["exclusions"], *extra]}


LISTED: dict[str, Any] = {
    "cooldown": [], "clauses": [{"clause": "all", "classes": ["A", "B"], "types": ["firm"], "ratio": "100%", "period": "task", "sample": 1}],
}  # fmt: skip
LEADS = [{"object_id": o, "date": "2026-12-01", "reason": "complaint", "source": "12315-7"} for o in ("o1", "o2")]
GIVEN = {"authority": "省局", "document": "〔2026〕1号", "date": "2026-12-01", "sha256": H1, "objects": ["o1", "o2"]}
PLANS = {
    "plan": plan(units="owner", grace=36, target={"filter": "餐饮", "when": {"types": ["enterprise"], "industries": ["F"], "tags": ["food"]}}),
    "plan of triggers": plan(**LISTED, target={"filter": "投诉", "triggers": LEADS}),
    "plan of a given list": plan(**LISTED, target={"filter": "下达", "given": GIVEN}),
}  # fmt: skip
CLASSES = {
    c.TYPE: c for c in vars(records).values() if isinstance(c, type) and issubclass(c, schema.Record) and c is not schema.Record
} | {c.TYPE: c for c in records.RECORD_FILES.values() if c is not Plan}  # fmt: skip
BASES: dict[str, Any] = {
    **PLANS, **{type_: sample(c) for type_, c in sorted(CLASSES.items())},
    "manifest": sample(records.Manifest), "signatures": [sample(records.Signature, n) for n in (0, 1)],
}  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every node."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(base: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    """Return a copy in which `change` has done something to the parent of a node and the key it has there."""
    root = [copy.deepcopy(base)]
    at: Any = root
    for key in (0, *path[:-1]) if path else ():
        at = at[key]
    change(at, path[-1] if path else 0)
    return root[0]


def put(value: Any) -> Callable[[Any, Any], None]:
    def change(parent: Any, key: Any) -> None:
        parent[key] = copy.deepcopy(value)

    return change


def remove(parent: Any, key: Any) -> None:
    del parent[key]


def twice(parent: Any, key: Any) -> None:
    if isinstance(parent, list):
        parent.insert(key, copy.deepcopy(parent[key]))
    else:
        parent[f"{key}2"] = parent[key]


def turned(parent: Any, key: Any) -> None:
    if isinstance(parent[key], list):
        parent[key].reverse()


def more(parent: Any, key: Any) -> None:
    if isinstance(parent[key], dict):
        parent[key]["zeal"] = 1
    elif isinstance(parent[key], list):
        parent[key].append("zeal")


CHANGES: tuple[tuple[str, Callable[[Any, Any], None]], ...] = (
    *((f"= {v!r:.40}", put(v)) for v in VALUES), ("twice", twice), ("turned", turned), ("more", more), ("missing", remove),
)  # fmt: skip


def faults(base: Any) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield what is done to one node, and how to make the bytes; some changes change nothing."""
    for path in places(base):
        where = ".".join(map(str, path)) or "$"
        for name, change in CHANGES if path else CHANGES[:-1]:
            yield f"{where} {name}", partial(lambda p, c: written(changed(base, p, c)), path, change)
        yield f"{where} key twice", partial(lambda p: written(base).replace(*doubled(base, p), 1), path)


def cells(file: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the same for the first two rows of a table of the golden bundle, and for its lines."""
    text, tab = (GOLDEN / file).read_text(encoding="utf-8"), "," if file == "scores.csv" else "\t"
    lines = [line.split(tab) for line in text.split("\n")]
    for r in range(1, min(3, len(lines) - 1)):
        for c in range(len(lines[r])):
            for value in TEXTS:
                row = [*lines[r][:c], value, *lines[r][c + 1 :]]
                new = [*lines[:r], row, *lines[r + 1 :]]
                yield f"{r}.{c} = {value!r:.40}", partial(lambda n: as_bytes("\n".join(tab.join(x) for x in n)), new)
    for name, other in {
        "CR": text.replace("\n", "\r\n", 1), "no last line end": text[:-1], "nothing": "", "a blank line": text + "\n", "another header": text.replace(tab, " ", 1),
        "a byte order mark": "\ufeff" + text, "the header alone": tab.join(lines[0]) + "\n", "wider": text.replace("\n", f"{tab}\n", 2), "NUL": text.replace("\n", "\0\n", 2),
        "a row twice": text + tab.join(lines[-2]) + "\n",
    }.items():  # fmt: skip
        yield name, partial(as_bytes, other)


def doubled(base: Any, path: tuple[Any, ...]) -> tuple[bytes, bytes]:
    """Return a key and its value as they are written, and both twice."""
    at = base
    for key in path:
        at = at[key]
    if not path or not isinstance(path[-1], str):
        return b"{", b"{ "
    pair = json.dumps(path[-1]).encode() + b":" + written(at)
    return pair, pair + b"," + pair


def written(value: Any) -> bytes:
    """Return JSON as RFC 8785 would write it, of values it would not write too."""
    return as_bytes(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def verdict(type_: str, data: bytes) -> str:
    """Return the code by which the program refuses the bytes of a record or table, or `ok`."""
    try:
        if type_ in records.TABLE_COLUMNS:
            parse_table(type_, data)
        elif type_ == "scores.csv":
            parse_scores(data)
        elif type_.startswith("plan"):
            validate(Plan.parse(data, "plan.json"))
        elif type_ == "manifest":
            records.parse_part(records.Manifest, data, "manifest.json")
        elif type_ == "signatures":
            records.parse_signatures(data)
        else:
            CLASSES[type_].parse(data, type_)
    except SamplerError as e:
        return e.code
    return "ok"
