"""draw.md 1 to 3, sentence by sentence: exactness, order, bytes, tables, seed, tickets, sources."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import allocation, canon, draw, merkle, sources, tables, ticket, weights
from sampler.errors import SamplerError
from sampler.records import TABLE_COLUMNS
from sampler.select import exact, fast
from sampler.verify import fields
from tests.spec.musts import golden, rows, statuses, table

SEED = bytes(range(32))
K = ticket.object_key(SEED)
TABLES = sorted(name for name in TABLE_COLUMNS if name in golden())


def code(call: Any, *args: Any) -> str:
    with pytest.raises(SamplerError) as caught:
        call(*args)
    return caught.value.code


@pytest.mark.parametrize("module", [canon, ticket, merkle, tables, allocation, weights, exact])
def test_exact(module: ModuleType) -> None:
    """A program MUST compute sections 2 to 7, 9 and 10 in exact integers or fractions."""
    tree = ast.parse(inspect.getsource(module))
    floats = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {
        alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
    }
    assert floats == []
    assert names & {"float", "numpy", "np", "math", "sqrt", "log"} == set()


def test_exact_beyond_doubles() -> None:
    big = 10**40
    found = allocation.fill({big: 1, big + 1: 1, 3: 5}, 2, cap=allocation.COOLDOWN_CAP * 4)
    assert found[big] + found[big + 1] + 5 * found[3] == 2
    assert found[big] < found[big + 1]


@given(st.permutations(range(60)), st.integers(1, 59))
def test_order_and_split(order: list[int], cut: int) -> None:
    """The result of a draw MUST NOT depend on the order in which units are read, nor on any split of the work."""
    ids, parameters = [f"e{i}" for i in order], [(i * 71_000_001) % (2**32 - 1) + 1 for i in order]
    plain = exact.choose([(f"e{i}", (i * 71_000_001) % (2**32 - 1) + 1) for i in range(60)], K, 7, 4)
    assert exact.choose(zip(ids, parameters, strict=True), K, 7, 4) == plain
    assert fast.choose_fast(ids, parameters, K, 7, 4) == plain
    parts = [
        fast.units(ids[part], parameters[part], np.zeros(len(ids[part]), dtype=np.int32), fast.heads(K, ids[part]))
        for part in (slice(cut), slice(cut, None))
    ]
    joined = fast.join(fast.smallest(part, [12], lambda unit: ticket.ticket(K, unit)) for part in parts)
    assert fast.choose_many(joined, [7], 4, lambda unit: ticket.ticket(K, unit)) == [plain]


@pytest.mark.parametrize("path", [p for p in golden() if p.endswith(".json")])
def test_canonical_bytes(path: str) -> None:
    """A reader MUST refuse bytes that differ from the canonical form of the value they hold."""
    data = golden()[path]
    assert canon.encode(canon.decode(data)) == data
    places = [i for i, byte in enumerate(data) if byte in b"{[,:"]
    for at in places[:: max(1, len(places) // 40)]:
        if data[:at].count(b'"') % 2 == 0:
            assert code(canon.decode, data[: at + 1] + b" " + data[at + 1 :]) == "CANON_BYTES"
    assert code(canon.decode, data + b"\n") == "CANON_BYTES"
    assert code(canon.decode, json.dumps(json.loads(data), indent=1).encode()) == "CANON_BYTES"


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (b'{"a":1,"a":1}', "CANON_DUPLICATE"), (b"[1.0]", "CANON_FLOAT"), (b"[1e2]", "CANON_FLOAT"), (b"[9007199254740992]", "CANON_INT"),
        (b"[null]", "CANON_TYPE"), ('{"é":1}'.encode(), "CANON_KEY"), (b'["\\ud800"]', "CANON_SURROGATE"), ('["e\u0301"]'.encode(), "CANON_NFC"),
        (b"[" * 34 + b"]" * 34, "CANON_DEPTH"),
    ],
)  # fmt: skip
def test_json_faults(data: bytes, want: str) -> None:
    """A reader MUST refuse a duplicate key, a number with a point or an exponent, an integer beyond 2^53-1, `null`, a
    key outside ASCII, a lone surrogate, text that is not NFC, and nesting deeper than 32."""
    assert code(canon.decode, data) == want
    assert statuses(draw_json=data)["records"] == "fail"


@pytest.mark.parametrize("path", TABLES)
def test_tables_increase(path: str) -> None:
    """A reader MUST refuse a table whose keys do not increase strictly by bytes."""
    head, *body = rows(path)
    for at in range(len(body) - 1):
        swapped = [*body[:at], body[at + 1], body[at], *body[at + 2 :]]
        assert code(fields.parse_table, path, table([head, *swapped])) == "TABLE_ORDER"
    for at in range(len(body)):
        assert code(fields.parse_table, path, table([head, *body[: at + 1], *body[at:]])) == "TABLE_DUPLICATE"


@pytest.mark.parametrize("path", TABLES)
def test_tables_have_one_form(path: str) -> None:
    """A reader MUST refuse a table with a carriage return, a missing last line end, another header or a line of another
    width."""
    data = golden()[path]
    head, *body = rows(path)
    assert code(fields.parse_table, path, data.replace(b"\n", b"\r\n")) == "TABLE_FIELD"
    assert code(fields.parse_table, path, data[:-1]) == "TABLE_END"
    for wrong in (head[:-1], [*head, "more"], head[::-1], [name.upper() for name in head]):
        assert code(fields.parse_table, path, table([wrong, *body])) == "TABLE_HEADER"
    if body:
        assert code(fields.parse_table, path, table([head, *body, body[-1][:-1]])) == "TABLE_WIDTH"
        assert code(fields.parse_table, path, data + b"\n") == "TABLE_WIDTH"


@pytest.mark.parametrize("text", ["+1", "-1", "01", "1" * 16, "1.0", "1e3", "", " 1", "１"])
def test_numbers_in_tables(text: str) -> None:
    """A reader MUST refuse a number in a table that has a sign, a leading zero or more than 15 digits."""
    for path, columns in [("strata.tsv", range(2, 7)), ("levels.tsv", range(1, 5)), ("tau.tsv", range(2, 3))]:
        head, first, *rest = rows(path)
        for column in columns:
            changed = [*first[:column], text, *first[column + 1 :]]
            assert code(fields.parse_table, path, table([head, changed, *rest])) == "TABLE_VALUE"


def test_scores_cover_the_frame() -> None:
    """A program MUST refuse a frame in which an object has no score."""
    head, *lines = golden()["scores.csv"].splitlines(keepends=True)
    framed = {row[0].encode() for row in rows("frame.tsv")[1:] if row[8] != "0"}
    for at, line in enumerate(lines):
        if line.split(b",")[0] in framed:
            assert statuses(scores_csv=b"".join([head, *lines[:at], *lines[at + 1 :]]))["probabilities"] == "fail"
    assert draw.parse_scores(b"object_id,risk_ppm\n") == {}


def test_promises() -> None:
    """A verifier MUST refuse a secret r that does not give the party's sealed C."""
    sitting = json.loads(golden()["sitting.json"])
    for reveal in sitting["reveals"]:
        right = reveal["r"]
        for place in (0, 31, 63):
            reveal["r"] = right[:place] + ("1" if right[place] == "0" else "0") + right[place + 1 :]
            assert statuses(sitting_json=canon.encode(sitting))["parties"] == "fail"
        reveal["r"] = right
    assert statuses(sitting_json=canon.encode(sitting))["parties"] == "ok"


def test_seed() -> None:
    """A verifier MUST compute the seed itself and refuse another."""
    seed, drawn = json.loads(golden()["seed.json"]), json.loads(golden()["draw.json"])
    other = canon.sha256(b"a better seed").hex()
    changed = {"seed_json": canon.encode(seed | {"seed": other}), "draw_json": canon.encode(drawn | {"seed": other})}
    assert statuses(**changed)["seed"] == "fail"
    assert statuses(draw_json=changed["draw_json"])["seed"] == "fail"


@given(
    st.binary(min_size=32, max_size=32), st.text("0123456789ABCxyz._-", min_size=1, max_size=64), st.integers(0, 255)
)
def test_ticket(key: bytes, unit: str, bit: int) -> None:
    """A ticket MUST depend on nothing but K and the id of the unit."""
    own = ticket.ticket(key, unit)
    assert own == int.from_bytes(hashlib.sha256(key + unit.encode()).digest(), "big")
    others = ["z" * 64, unit, "0"]
    assert fast.heads(key, others)[1] == own >> 192
    changed = bytearray(key)
    changed[bit // 8] ^= 1 << bit % 8
    assert ticket.ticket(bytes(changed), unit) != own


@pytest.mark.parametrize("length", [*range(20, 34), 55, 56, 63, 64])
def test_long_ids(length: int) -> None:
    """Ids of 24 to 64 bytes take two blocks and MUST work like all others."""
    unit = ("91310101MA1FL0001A" * 4)[:length]
    want = int.from_bytes(hashlib.sha256(K + unit.encode()).digest(), "big")
    assert ticket.ticket(K, unit) == want
    units = [(unit, 2**31), ("a", 2**31), (unit[:-1] + "_", 2**31)]
    assert exact.choose(units, K, 1, 1) == fast.choose_fast([u for u, _ in units], [x for _, x in units], K, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "ceremony:hall:d6:23",
        "ceremony:hall:d10:18",
        "lottery:ssq:2026101:2026102",
        "lottery:fc3d:2026101",
        "lottery:pl5:26101:26102:26103",
    ],
)
def test_entropy(text: str) -> None:
    """A program MUST refuse a source other than `parties` with fewer than 2^60 equally likely values
    (`SOURCE_ENTROPY`)."""
    assert code(sources.parse_source, text) == "SOURCE_ENTROPY"
    assert code(sources.check_value, text, "") == "SOURCE_ENTROPY"
    assert sources.parse_source("parties").outcomes == 1


def test_values() -> None:
    """A program MUST refuse a value with a ball out of range, repeated or out of order, or with a character more or
    less."""
    source, value = "lottery:kl8:2026339", "0307081419222528313440414652556061697378"
    balls = [value[i : i + 2] for i in range(0, 40, 2)]
    for at in range(20):
        for wrong, want in [("00", "VALUE_RANGE"), ("81", "VALUE_RANGE"), ("99", "VALUE_RANGE")]:
            assert code(sources.check_value, source, "".join([*balls[:at], wrong, *balls[at + 1 :]])) == want
        shorter = [*balls[:at], *balls[at + 1 :]]
        assert code(sources.check_value, source, "".join(shorter)) == "VALUE_FORM"
        doubled = "".join([*balls[:at], balls[at - 1], *balls[at + 1 :]])
        assert code(sources.check_value, source, doubled) == "VALUE_ORDER"
    for at in range(41):
        for char in "0 ,\n":
            assert code(sources.check_value, source, value[:at] + char + value[at:]) == "VALUE_FORM"
    assert (
        statuses(public_value_json=golden()["public-value.json"].replace(balls[-1].encode(), b"80"))["seed"] == "fail"
    )
