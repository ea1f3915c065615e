"""Whatever is wrong with a record, a plan or a table, Python and JavaScript refuse it by the same code (conformance.md 4)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from sampler.records import TABLE_COLUMNS
from tests import faults
from tests.javascript import Javascript

Made = tuple[str, str, Callable[[], bytes]]
SPARSE, BATCH = 23, 2_000
"""CI takes every 23rd fault, a prime, so that every change comes up in turn."""
OWN = {"roster.tsv", "recusals.tsv"}
"""Tables that the office reads too, with codes of their own in Python: here both only have to refuse them."""


def every() -> Iterator[Made]:
    for name, base in faults.BASES.items():
        yield from ((name, what, make) for what, make in faults.faults(base))
    for file in (*TABLE_COLUMNS, "scores.csv"):
        yield from ((file, what, make) for what, make in faults.cells(file))


def compared(node: Javascript, made: Iterator[Made]) -> Counter[str]:
    """Return how often each code was given by both."""
    seen: Counter[str] = Counter()
    while batch := [(name, what, make()) for name, what, make in islice(made, BATCH)]:
        asked = [(name.partition(" ")[0], base64.b64encode(data).decode()) for name, _, data in batch]
        theirs = node.ask("read", files=asked)["ok"]
        ours = [faults.verdict(name, data) for name, _, data in batch]
        wrong = [
            (name, what, a, b)
            for (name, what, _), a, b in zip(batch, ours, theirs, strict=True)
            if a != b and not (name in OWN and "ok" not in (a, b))
        ]
        assert wrong == []
        seen.update(ours)
    return seen


def test_every_base_is_right() -> None:
    assert {name: faults.verdict(name, faults.written(base)) for name, base in faults.BASES.items()} == dict.fromkeys(
        faults.BASES, "ok"
    )


def test_both_refuse_by_the_same_code(node: Javascript) -> None:
    seen = compared(node, islice(every(), 0, None, SPARSE))
    assert seen.total() > 4_500
    families = Counter(code.partition("_")[0] for code in seen.elements())
    assert all(families[family] > 10 for family in ("ok", "CANON", "RECORD", "PLAN", "TABLE", "SCORES"))
    assert len(seen) > 30


@pytest.mark.torture
def test_both_refuse_every_fault_by_the_same_code(node: Javascript) -> None:
    """Every change at every node of every record and plan, and at every cell of every table."""
    assert compared(node, every()).total() > 110_000
