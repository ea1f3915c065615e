"""Canonical bytes, trees, tables, records: what is refused, and how."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import canon, merkle, records, tables
from sampler.errors import CanonError, RecordError, SamplerError, TableError

JSON = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.text() | st.floats() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_shell_line_of_the_specification() -> None:
    assert canon.H("ticket", "seed").hex().startswith("6497923a77539a71")


@given(JSON)
def test_only_canon_errors_and_round_trip(value: object) -> None:
    try:
        data = canon.encode(value)
    except CanonError:
        return
    assert canon.encode(canon.decode(data)) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "CANON_DUPLICATE"),
        (b'{"a":1.0}', "CANON_FLOAT"),
        (b'{"a":NaN}', "CANON_FLOAT"),
        (b'{"a":9007199254740992}', "CANON_INT"),
        (b'{"b":1,"a":1}', "CANON_BYTES"),
        (b'{"a":1} ', "CANON_BYTES"),
        (b'{"a":null}', "CANON_TYPE"),
        ('{"a":"e\u0301"}'.encode(), "CANON_NFC"),
        (b'{"a":"\\ud800"}', "CANON_SURROGATE"),
        ('{"\u00e4":1}'.encode(), "CANON_KEY"),
        (b"\xff", "CANON_UTF8"),
        (b"{", "CANON_JSON"),
        (b"[" * 40 + b"]" * 40, "CANON_DEPTH"),
        (b"[" * 100000, "CANON_DEPTH"),
        (b"[" * 257 + b"]", "CANON_DEPTH"),  # deeper than the parser is asked to bear
        (b"[" * 256 + b"][", "CANON_JSON"),  # as deep, and broken: the parser says so
        (b'["' + b"[" * 100000 + b'"', "CANON_JSON"),
        (b"[" * 100000 + b"\xff", "CANON_UTF8"),
        (b'{"a":' + b"9" * 5000 + b"}", "CANON_INT"),
    ],
)
def test_lenient_json_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(CanonError) as e:
        canon.decode(data)
    assert e.value.code == code


def test_depth_is_refused_whatever_the_recursion_limit() -> None:
    """A library may raise the limit of the whole process; the parser would then run off the C stack."""
    program = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from sampler import canon, errors\n"
        "try: canon.decode(b'[' * 10**6)\n"
        "except errors.CanonError as e: print(e.code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "CANON_DEPTH"), done.stderr


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_ours(data: bytes) -> None:
    for read in (canon.decode, records.Draw.parse, records.parse_signatures, lambda d: tables.decode(d, ("a", "b"))):
        try:
            read(data)
        except SamplerError:
            continue


@given(st.integers(0, 40), st.data())
def test_inclusion_proofs_hold_and_only_for_their_leaf(size: int, data: st.DataObject) -> None:
    leaves = [canon.sha256(bytes([n])) for n in range(size + 1)]
    index = data.draw(st.integers(0, size))
    proof = merkle.inclusion_proof(leaves, index)
    head = merkle.root(leaves)
    assert merkle.included(leaves[index], index, size + 1, proof, head)
    assert not merkle.included(canon.sha256(b"other"), index, size + 1, proof, head)
    assert not merkle.included(leaves[index], index, size + 1, [*proof, head], head)


@given(st.integers(1, 70), st.data())
def test_a_tree_that_keeps_its_subtrees_gives_the_same_roots_and_proofs(most: int, data: st.DataObject) -> None:
    leaves = [canon.sha256(bytes([n])) for n in range(most)]
    tree = merkle.Tree()
    for leaf in leaves:
        tree.add(leaf)
    size = data.draw(st.integers(1, most))
    at = data.draw(st.integers(0, size - 1))
    assert len(tree) == most
    assert tree.root(size) == merkle.root(leaves[:size])
    assert tree.root(0) == merkle.EMPTY_ROOT
    assert tree.inclusion_proof(size, at) == merkle.inclusion_proof(leaves[:size], at)
    assert tree.consistency_proof(size, at + 1) == merkle.consistency_proof(leaves[:size], at + 1)
    for size_, index in ((size, size), (most + 1, 0), (size, -1)):
        with pytest.raises(CanonError):
            tree.inclusion_proof(size_, index)
    for size_, old in ((size, 0), (size, size + 1), (most + 1, 1)):
        with pytest.raises(CanonError):
            tree.consistency_proof(size_, old)


@given(st.integers(1, 40), st.integers(1, 40))
def test_consistency_proofs_hold_and_bind_both_heads(a: int, b: int) -> None:
    old, new = sorted((a, b))
    leaves = [canon.sha256(bytes([n])) for n in range(new)]
    proof = merkle.consistency_proof(leaves, old)
    heads = merkle.root(leaves[:old]), merkle.root(leaves)
    assert merkle.consistent(old, new, *heads, proof)
    assert not merkle.consistent(old, new, canon.sha256(b"x"), heads[1], proof)
    assert not merkle.consistent(0, new, heads[0], heads[1], proof)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a\tb\n2\tx\n1\ty\n", "TABLE_ORDER"),
        (b"a\tb\n1\tx\n1\ty\n", "TABLE_DUPLICATE"),
        (b"a\tb\n1\n", "TABLE_WIDTH"),
        (b"a\tc\n", "TABLE_HEADER"),
        (b"a\tb\n1\tx", "TABLE_END"),
        (b"a\tb\r\n", "TABLE_FIELD"),
        (b"a\tb\n1\t\xff\n", "TABLE_UTF8"),
        ("a\tb\n1\te\u0301\n".encode(), "TABLE_NFC"),
        (b"", "TABLE_END"),
    ],
)
def test_lenient_tables_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(TableError) as e:
        tables.decode(data, ("a", "b"))
    assert e.value.code == code


REGISTRATION = {
    "type": "registration",
    "draw_id": "XJ-2026-0001",
    "plan": "0" * 64,
    "plan_id": "p",
    "scope": "county",
    "period": "2026-12",
    "deadline": "2026-12-31T00:00:00Z",
}


def test_a_record_round_trips() -> None:
    data = canon.encode(REGISTRATION)
    assert records.Registration.parse(data).encode() == data


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("extra", "x", "RECORD_UNKNOWN"),
        ("plan", "A" * 64, "RECORD_VALUE"),
        ("period", "2026-13", "RECORD_VALUE"),
        ("deadline", "2026-02-30T00:00:00Z", "RECORD_VALUE"),
        ("draw_id", "a b", "RECORD_VALUE"),
        ("draw_id", 1, "RECORD_VALUE"),
        ("scope", True, "RECORD_VALUE"),
        ("type", "draw", "RECORD_TYPE"),
    ],
)
def test_a_record_refuses(field: str, value: object, code: str) -> None:
    with pytest.raises(RecordError) as e:
        records.Registration.parse(canon.encode({**REGISTRATION, field: value}), "registration.json")
    assert e.value.code == code
    assert e.value.problem.place.file == "registration.json"


def test_a_missing_field_is_named() -> None:
    with pytest.raises(RecordError) as e:
        records.Registration.from_dict({k: v for k, v in REGISTRATION.items() if k != "scope"})
    assert (e.value.code, e.value.problem.place.column) == ("RECORD_MISSING", "$.scope")
