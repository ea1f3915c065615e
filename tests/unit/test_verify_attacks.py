"""Attacks of PROTOCOL 8 that have no home elsewhere; docs/spec/attacks.md maps each attack to its test."""

from __future__ import annotations

import itertools

import pytest

from sampler import canon, ticket
from tests.forge import Forge, first_failed


@pytest.fixture
def forge() -> Forge:
    return Forge()


def test_withholding_gains_nothing(forge: Forge) -> None:
    """Who holds k secrets can choose among 2^k seeds only until the closing; afterwards every other choice is refused."""
    seal = canon.rhash(forge.get("commitment.json"))
    given = {p["party"]: bytes.fromhex(p["r"]) for p in forge.get("seed.json")["parties"]}
    value, source = forge.get("seed.json")["value"].encode(), forge.get("seed.json")["source"]
    seeds = set()
    for chosen in itertools.product([True, False], repeat=len(given)):
        parts = {p: r if keep else None for (p, r), keep in zip(given.items(), chosen, strict=True)}
        seed = ticket.seed(seal, source, value, parts).hex()
        seeds.add(seed)
        f = Forge()
        listed = [{"party": p, **({"r": r.hex()} if r else {})} for p, r in parts.items()]
        f.change("seed.json", parties=listed, seed=seed)
        f.change("draw.json", seed=seed)
        assert first_failed(f.done()) == ("" if all(chosen) else "seed")
        absent = sorted(p for p, r in parts.items() if r is None)
        if absent:  # and with the closing made to match: the reveals are in the log
            kept = {p: r.hex() for p, r in parts.items() if r}
            f.change("closing.json", revealed=kept, absent=absent)
            assert first_failed(f.done()) == "parties"
    assert len(seeds) == 2 ** len(given)


def test_a_closing_after_the_value_is_no_closing(forge: Forge) -> None:
    a, b = forge.order.index("closing"), forge.order.index("public-value")
    forge.order[a], forge.order[b] = forge.order[b], forge.order[a]
    assert first_failed(forge.done()) == "order"


@pytest.mark.parametrize("behind", ["reveal", "closing", "public-value", "draw"])
def test_a_seal_after_what_it_must_precede(forge: Forge, behind: str) -> None:
    forge.order.remove("commitment")
    forge.order.insert(forge.order.index(behind) + 1, "commitment")
    assert first_failed(forge.done()) == "order"


LENIENT = {
    "duplicate key": (b'"agency":"DEMO"', b'"agency":"DEMO","agency":"DEMO"'),
    "2^53 + 1": (b'"dry_runs":100', b'"dry_runs":9007199254740993'),
    "a float": (b'"dry_runs":100', b'"dry_runs":100.0'),
    "an exponent": (b'"dry_runs":100', b'"dry_runs":1e2'),
    "a blank": (b'{"active"', b'{ "active"'),
    "keys out of order": (b'"dry_runs":100,', b""),
    "trailing bytes": (b"}", b"}"),
    "NFD": ("存续".encode(), "e\u0301".encode()),
    "an escape": (b'"agency":"DEMO"', b'"agency":"\\u0044EMO"'),
    "null": (b'"dry_runs":100', b'"dry_runs":null'),
    "true for one": (b'"dry_runs":100', b'"dry_runs":true'),
    "an unknown field": (b'"dry_runs":100', b'"dry_runs":100,"dry_runz":1'),
}


@pytest.mark.parametrize("name", LENIENT)
def test_lenient_json_is_refused(forge: Forge, name: str) -> None:
    """Two readings of one file are two files: only the one canonical form is read."""
    old, new = LENIENT[name]
    data = forge.files["plan.json"]
    if name == "trailing bytes":
        forge.files["plan.json"] = data + b"\n"
    elif name == "keys out of order":
        forge.files["plan.json"] = data.replace(old, new)[:-1] + b"," + old[:-1] + b"}"
    else:
        assert old in data
        forge.files["plan.json"] = data.replace(old, new, 1)
    assert first_failed(forge.manifest()) == "records"


@pytest.mark.parametrize("source", ["drand:52db9ba7:1000", "nist:2:1:54610", "dice", "lottery:kl8"])
def test_a_source_that_no_rule_covers_cannot_be_sealed(forge: Forge, source: str) -> None:
    """A wrong chain, round or encoding needs a kind of source; a kind without rules is refused outright."""
    for path in ("commitment.json", "public-value.json", "seed.json"):
        forge.change(path, source=source)
    forge.change("charter.json", sources=["drand", "lottery", "nist"])
    assert first_failed(forge.relink().done()) == "public-value"


def test_a_deleted_registration_leaves_a_gap(forge: Forge) -> None:
    forge.extra.append({"type_": "registration", "draw_id": "DEMO-2026-0003"})
    assert first_failed(forge.done()) == "registration"


def test_a_redraw_before_its_void(forge: Forge) -> None:
    forge.change("registration.json", redraw={"draw_id": "DEMO-2026-0009", "void": "11" * 32, "differs": []})
    assert first_failed(forge.relink().done()) == "registration"


def void(f: Forge, **fields: object) -> None:
    seal, registered = f.get("commitment.json"), f.get("registration.json")
    record = {
        "type": "void", "draw_id": "DEMO-2026-0001", "registration": canon.rhash(registered).hex(), "cause": "x",
        "sitting_id": "DEMO-S-2026-12", "commitment": canon.rhash(seal).hex(), **fields,
    }  # fmt: skip
    f.put("void.json", {k: v for k, v in record.items() if v is not None})


def test_a_void_that_hides_the_result_it_rejects(forge: Forge) -> None:
    """All secrets are out: the office could know the result, so its Void must show it."""
    void(forge)
    assert first_failed(forge.done()) == "results"
    void(forge, draw=canon.rhash(forge.get("draw.json")).hex())
    assert first_failed(forge.done()) == ""
    void(forge, draw="11" * 32)
    assert first_failed(forge.done()) in ("charter", "results")


@pytest.mark.parametrize("fields", [{"registration": "11" * 32}, {"commitment": "11" * 32}, {"missing": ["nobody"]}])
def test_a_void_of_something_else(forge: Forge, fields: dict[str, object]) -> None:
    void(forge, draw=canon.rhash(forge.get("draw.json")).hex() if "missing" not in fields else None, **fields)
    assert first_failed(forge.done()) == "results"


def test_a_void_that_only_the_log_knows(forge: Forge) -> None:
    forge.extra.append({"type_": "void", "draw_id": "DEMO-2026-0001"})
    assert first_failed(forge.done()) == "order"
