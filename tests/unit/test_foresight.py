"""plan's warning about owners of several objects: only where a cap makes them units, and they are not drawn as such."""

from __future__ import annotations

import pytest

from sampler.commands.foresight import several
from sampler.plan import Plan
from sampler.records import TABLE_COLUMNS
from sampler.tables import Table, from_rows
from tests import owned

CAPS = [{"item": "JC01", "department": "z", "cap": 2}]
TARGET = {"filter": "f", "triggers": [{"object_id": "a1", "date": "2026-11-01", "reason": "recall", "source": "1"}]}


def framed(*owners: str) -> Table:
    columns = TABLE_COLUMNS["frame.tsv"]
    rows = [(f"a{n}", owner, *["-"] * (len(columns) - 3)) for n, owner in enumerate(owners, start=1)]
    return from_rows(columns[:-1], rows)


def test_owners_with_several_objects_are_counted() -> None:
    (found,) = several(owned.plan(owners=False, caps=CAPS), framed("w", "w", "w", "v", "v", "-", "a6"))
    assert (found.code, found.found) == ("UNITS_SEVERAL", "3")
    assert "最多 3 个" in found.message


@pytest.mark.parametrize(
    ("by", "owners"),
    [
        (owned.plan(owners=False, caps=CAPS), ("w", "v", "-")),
        (owned.plan(owners=False, caps=CAPS), ("-", "a2")),
        (owned.plan(owners=False, caps=[]), ("w", "w")),
        (owned.plan(owners=True, caps=CAPS), ("w", "w")),
        (owned.plan(owners=False, caps=CAPS, target=TARGET), ("w", "w")),
    ],
    ids=["one each", "oneself", "no cap", "drawn as owners", "triggers"],
)
def test_nothing_to_warn_of(by: Plan, owners: tuple[str, ...]) -> None:
    assert several(by, framed(*owners)) == []
