"""Compiled tickets are those of the standard library, whatever ids are long or short, and whoever is eligible."""

from __future__ import annotations

import random
from array import array
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.assign import arrays, residual
from sampler.assign.blocks import Block
from sampler.assign.residual import TicketRule, tickets
from sampler.ticket import assign_key, assign_ticket, assign_tickets

columns = pytest.importorskip("sampler.assign.columns", reason="llvmlite (extra `speed`) is not installed")
SEED = bytes(range(32))
ID = st.text("0129AZ_-甲乙é", min_size=1, max_size=6) | st.integers(1, 140).map("x".__mul__)
IDS = st.lists(ID, unique=True, max_size=9).map(sorted)


def block(objects: list[str], groups: list[str], officers: list[str], open_to: list[list[int]]) -> Block:
    """A block of which only what tickets depend on is filled in."""
    who = array("i", [i for row in open_to for i in row])
    start = array("q", accumulate(map(len, open_to), initial=0))
    named = [(e, g) for e in objects for g in groups]
    none = (0,) * len(officers)
    return Block(
        block="",
        templates=dict.fromkeys(objects, "t"),
        officers=tuple(officers),
        max_load=none,
        visits=none,
        groups=tuple(named),
        counts=(1,) * len(named),
        places=tuple(n // len(groups) for n in range(len(named))),
        who=who,
        start=start,
    )


@given(IDS, st.lists(ID, unique=True, min_size=1, max_size=3).map(sorted), IDS, st.integers(0, 7), st.randoms())
@settings(max_examples=150, deadline=None)
def test_tickets_in_columns_are_those_one_by_one(
    objects: list[str], groups: list[str], officers: list[str], round_: int, r: random.Random
) -> None:
    rows = [[i for i in range(len(officers)) if r.random() < 0.7] for _ in objects for _ in groups]
    b = block(objects, groups, officers, rows)
    found = columns.tickets(b, SEED, round_)
    assert found == tickets(b, SEED, round_)
    assert found.typecode == "q"
    key = assign_key(SEED, round_)
    assert list(found) == [assign_ticket(key, *b.groups[g], officers[i]) for g, row in enumerate(rows) for i in row]


@pytest.mark.parametrize("head", range(1, 66))
def test_every_place_where_the_id_of_the_officer_may_begin(head: int) -> None:
    officers = [f"{n:0{size}}" for size in (1, 5, 14, 46, 47, 48, 63) for n in range(2)]
    b = block(["e" * head], ["g"], sorted(officers), [list(range(len(officers)))])
    assert columns.tickets(b, SEED, 0) == tickets(b, SEED, 0)


def test_more_officers_and_groups_than_the_columns_hold() -> None:
    officers = [f"{n:05}" for n in range(90)]
    b = block([f"{n:018}" for n in range(100)], ["a"], officers, [list(range(n % 91)) for n in range(100)])
    assert len(b.who) > columns.BLOCK
    assert columns.tickets(b, SEED, 3) == tickets(b, SEED, 3)


def another(key: bytes, e: str, g: str, who: tuple[str, ...]) -> list[int]:
    """A rule of the tests."""
    return assign_tickets(key, e, g, who)


@pytest.mark.parametrize(
    ("many", "at_hand", "rule", "who"),
    [
        (6, True, assign_tickets, "compiled"),
        (7, True, assign_tickets, "standard library"),
        (6, False, assign_tickets, "standard library"),
        (6, True, another, "standard library"),
    ],
)
def test_many_tickets_of_the_rule_are_compiled_where_that_can_be(
    monkeypatch: pytest.MonkeyPatch, many: int, at_hand: Any, rule: TicketRule, who: str
) -> None:
    monkeypatch.setattr(arrays, "MANY", many)
    monkeypatch.setattr(arrays, "COMPILED", at_hand)
    monkeypatch.setattr(arrays, "compiled", lambda *_: iter(["compiled"]))
    monkeypatch.setattr(residual, "priced", lambda *_: iter(["standard library"]))
    blocks = [block(["e"], ["g"], ["i", "j", "k"], [[0, 1, 2]])] * 2
    assert list(arrays.priced(blocks, [0, 0], SEED, rule)) == [who]
