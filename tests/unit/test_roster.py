"""The roster is read strictly: every near miss is refused, with its place (records.md, 2)."""

from __future__ import annotations

import pytest

from sampler.canon import H
from sampler.errors import TableError
from sampler.roster import RECUSAL_COLUMNS, ROSTER_COLUMNS, is_date, parse_recusals, parse_roster, rec_id
from sampler.tables import Table, from_rows

GOOD = {
    "inspector_id": "ZJ0001",
    "unit": "sq01",
    "department": "fire",
    "district": "330102",
    "role": "officer",
    "expiry": "2027-06-30",
    "items": "a1,b2",
    "qualifications": "food,lead",
    "max_load": "12",
    "leave": "2026-12-01..2026-12-05,2026-12-24..2026-12-24",
}


def roster(**changes: str) -> Table:
    return from_rows(ROSTER_COLUMNS, [list({**GOOD, **changes}.values())])


def recusals(*rows: tuple[str, str, str, str]) -> Table:
    return from_rows(RECUSAL_COLUMNS, [[*row, "kin", "self"] for row in rows])


def test_a_row_is_read() -> None:
    (officer,) = parse_roster(roster())
    assert officer.inspector_id == "ZJ0001"
    assert officer.items == {"a1", "b2"}
    assert officer.qualifications == {"food", "lead"}
    assert officer.max_load == 12
    assert officer.leave == (("2026-12-01", "2026-12-05"), ("2026-12-24", "2026-12-24"))


def test_a_dash_is_an_empty_list_and_a_star_is_every_district() -> None:
    (officer,) = parse_roster(roster(items="-", qualifications="-", leave="-", district="*", role="expert"))
    assert (officer.items, officer.qualifications, officer.leave) == (frozenset(), frozenset(), ())
    assert officer.district == "*"


def test_a_nonce_column_is_ignored() -> None:
    assert len(parse_roster(roster().with_column("nonce", ["00"]))) == 1


def test_no_rows_are_no_officers() -> None:
    assert parse_roster(from_rows(ROSTER_COLUMNS, [])) == []


@pytest.mark.parametrize(
    ("code", "column", "value"),
    [
        ("ROSTER_ID", "inspector_id", ""),
        ("ROSTER_ID", "inspector_id", "-"),
        ("ROSTER_ID", "inspector_id", "Z J"),
        ("ROSTER_ID", "inspector_id", "i:1"),
        ("ROSTER_ID", "unit", "所"),
        ("ROSTER_ID", "department", "x" * 65),
        ("ROSTER_ID", "district", "**"),
        ("ROSTER_ID", "district", ""),
        ("ROSTER_ROLE", "role", "Officer"),
        ("ROSTER_ROLE", "role", "-"),
        ("ROSTER_DATE", "expiry", "2027-02-29"),
        ("ROSTER_DATE", "expiry", "2027-6-30"),
        ("ROSTER_DATE", "expiry", "20270630"),
        ("ROSTER_DATE", "expiry", "-"),
        ("ROSTER_DATE", "expiry", "2027-W01-1"),
        ("ROSTER_DATE", "expiry", "٢٠٢٧-٠٦-٣٠"),
        ("ROSTER_LIST", "items", ""),
        ("ROSTER_LIST", "items", "b2,a1"),
        ("ROSTER_LIST", "items", "a1,a1"),
        ("ROSTER_LIST", "items", "a1,"),
        ("ROSTER_LIST", "qualifications", "food, lead"),
        ("ROSTER_LOAD", "max_load", "-"),
        ("ROSTER_LOAD", "max_load", "-1"),
        ("ROSTER_LOAD", "max_load", "012"),
        ("ROSTER_LOAD", "max_load", "12.0"),
        ("ROSTER_LOAD", "max_load", "1000000"),
        ("ROSTER_LOAD", "max_load", "１２"),
        ("ROSTER_LEAVE", "leave", ""),
        ("ROSTER_LEAVE", "leave", "2026-12-01"),
        ("ROSTER_LEAVE", "leave", "2026-12-05..2026-12-01"),
        ("ROSTER_LEAVE", "leave", "2026-12-01..2026-12-32"),
        ("ROSTER_LEAVE", "leave", "2026-12-01...2026-12-02"),
        ("ROSTER_LEAVE", "leave", "2026-12-01..2026-12-05,2026-12-05..2026-12-06"),
        ("ROSTER_LEAVE", "leave", "2026-12-10..2026-12-12,2026-12-01..2026-12-02"),
    ],
)
def test_a_near_miss_is_refused_with_its_place(code: str, column: str, value: str) -> None:
    with pytest.raises(TableError) as e:
        parse_roster(roster(**{column: value}))
    assert e.value.code == code
    assert (e.value.problem.place.row, e.value.problem.place.column) == (2, column)
    assert e.value.problem.place.file == "roster.tsv"


def test_the_place_is_the_row_of_the_offence() -> None:
    rows = [list({**GOOD, "inspector_id": f"Z{n}", "role": "officer" if n < 3 else "boss"}.values()) for n in range(5)]
    with pytest.raises(TableError) as e:
        parse_roster(from_rows(ROSTER_COLUMNS, rows))
    assert e.value.problem.place.row == 5


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(TableError, match="header") as e:
        parse_roster(roster().without("role"))
    assert e.value.code == "TABLE_HEADER"


def test_the_key_of_a_recusal_is_the_specified_hash() -> None:
    assert rec_id("Z1", "object", "E1") == H("recid", "Z1", "object", "E1").hex()[:32]


def test_recusals_become_a_set() -> None:
    keys = [("Z1", "object", "E1"), ("Z1", "owner", "E1")]
    assert parse_recusals(recusals(*((rec_id(*k), *k) for k in keys))) == set(keys)


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("RECUSAL_KIND", (rec_id("Z1", "firm", "E1"), "Z1", "firm", "E1")),
        ("RECUSAL_ID", (rec_id("Z1", "object", "E2"), "Z1", "object", "E1")),
        ("RECUSAL_ID", (rec_id("Z1", "object", "E1").upper(), "Z1", "object", "E1")),
        ("RECUSAL_ID", (rec_id("Z1", "object", ""), "Z1", "object", "")),
        ("RECUSAL_ID", (rec_id("Z 1", "object", "E1"), "Z 1", "object", "E1")),
    ],
)
def test_a_wrong_recusal_is_refused(code: str, row: tuple[str, str, str, str]) -> None:
    with pytest.raises(TableError) as e:
        parse_recusals(recusals(row))
    assert e.value.code == code
    assert e.value.problem.place.file == "recusals.tsv"


def test_a_recusal_table_without_its_columns_is_refused() -> None:
    with pytest.raises(TableError) as e:
        parse_recusals(recusals().without("kind"))
    assert e.value.code == "TABLE_HEADER"


@pytest.mark.parametrize("text", ["2024-02-29", "0001-01-01", "9999-12-31"])
def test_real_days(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize("text", ["2023-02-29", "0000-01-01", "2026-13-01", "2026-12-1", "2026-12-01\n", ""])
def test_unreal_days(text: str) -> None:
    assert not is_date(text)
