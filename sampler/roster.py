"""Who can inspect, and who may not meet whom: roster and recusals (docs/spec/records.md, section 2).

Rows are parsed once and strictly; a field that is nearly right is refused with its place, never repaired.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NoReturn

from sampler.canon import H
from sampler.errors import Place, TableError
from sampler.tables import NONE, is_id

if TYPE_CHECKING:
    from sampler.tables import Table

ROSTER_COLUMNS: Final = (
    "inspector_id",
    "unit",
    "department",
    "district",
    "role",
    "expiry",
    "items",
    "qualifications",
    "max_load",
    "leave",
)
RECUSAL_COLUMNS: Final = ("rec_id", "inspector", "kind", "target", "reason", "asked_by")
OFFICER: Final = "officer"
EXPERT: Final = "expert"
KINDS: Final = ("object", "owner")
EVERYWHERE: Final = "*"
"""District of an officer who may visit all districts."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DISTRICT: Final = re.compile(r"[0-9A-Za-z_-]{1,30}")
_LOAD: Final = re.compile(r"0|[1-9][0-9]{0,5}")
_ROSTER_FILE: Final = "roster.tsv"
_RECUSALS_FILE: Final = "recusals.tsv"

Recusals = frozenset[tuple[str, str, str]]
"""(inspector, kind, target) of every recusal."""


@dataclass(frozen=True, slots=True)
class Officer:
    """One parsed row of the roster.

    Parameters
    ----------
    inspector_id, unit, department
        Codes; the first is the key.
    district
        District code, or ``*`` for all.
    role
        ``officer`` or ``expert``.
    expiry
        Last day on which the certificate is valid.
    items
        Items the officer may inspect; empty: every item.
    qualifications
        What a slot group may need.
    max_load
        Most visits in one sitting.
    leave
        Days away as (from, to), both included, increasing and apart.
    """

    inspector_id: str
    unit: str
    department: str
    district: str
    role: str
    expiry: str
    items: frozenset[str]
    qualifications: frozenset[str]
    max_load: int
    leave: tuple[tuple[str, str], ...]


def rec_id(inspector: str, kind: str, target: str) -> str:
    """Return the key of a recusal: 32 hex digits of H("recid", ...) (records.md, 2)."""
    return H("recid", inspector, kind, target).hex()[:32]


def is_date(text: str) -> bool:
    """Return whether `text` is a real day as ``YYYY-MM-DD`` (records.md, 1.2)."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_roster(table: Table) -> list[Officer]:
    """Return the officers of `table` in row order (records.md, 2).

    Raises
    ------
    TableError
        ``ROSTER_ID``, ``ROSTER_ROLE``, ``ROSTER_DATE``, ``ROSTER_LIST``, ``ROSTER_LOAD`` or ``ROSTER_LEAVE``
        with row and column of the first offence; ``TABLE_HEADER`` when a column is missing.
    """
    rows = _columns(table, ROSTER_COLUMNS, _ROSTER_FILE)
    return [_officer(n, *row) for n, row in enumerate(rows, start=2)]


def parse_recusals(table: Table) -> Recusals:
    """Return who may not meet whom (records.md, 2).

    Raises
    ------
    TableError
        ``RECUSAL_KIND`` for a kind that is neither ``object`` nor ``owner``, ``RECUSAL_ID`` when the key is not
        that of the row or a field is no id; ``TABLE_HEADER`` when a column is missing.
    """
    rows = _columns(table, RECUSAL_COLUMNS, _RECUSALS_FILE)
    return frozenset(_recusal(n, *row[:4]) for n, row in enumerate(rows, start=2))


def _columns(table: Table, names: tuple[str, ...], file: str) -> list[tuple[str, ...]]:
    if table.names[: len(names)] != names:
        raise TableError("TABLE_HEADER", f"{file}: header is not {' '.join(names)}", place=Place(file=file, row=1))
    return list(zip(*(table[name] for name in names), strict=True))


def _officer(
    row: int,
    inspector_id: str,
    unit: str,
    department: str,
    district: str,
    role: str,
    expiry: str,
    *rest: str,
) -> Officer:
    ids = {"inspector_id": inspector_id, "unit": unit, "department": department}
    for column, value in ids.items():
        if not is_id(value) or value == NONE:
            _refuse("ROSTER_ID", "is no id", row, column, value)
    if district != EVERYWHERE and _DISTRICT.fullmatch(district) is None:
        _refuse("ROSTER_ID", "is neither a district code of at most 30 characters nor *", row, "district", district)
    if role not in (OFFICER, EXPERT):
        _refuse("ROSTER_ROLE", "is neither officer nor expert", row, "role", role)
    if not is_date(expiry):
        _refuse("ROSTER_DATE", "is no real day as YYYY-MM-DD", row, "expiry", expiry)
    items, qualifications, max_load, leave = rest
    if _LOAD.fullmatch(max_load) is None:
        _refuse("ROSTER_LOAD", "is no whole number from 0 to 999999", row, "max_load", max_load)
    return Officer(
        **ids,
        district=district,
        role=role,
        expiry=expiry,
        items=_ids(items, row, "items"),
        qualifications=_ids(qualifications, row, "qualifications"),
        max_load=int(max_load),
        leave=_leave(leave, row),
    )


def _ids(field: str, row: int, column: str) -> frozenset[str]:
    if field == NONE:
        return frozenset()
    parts = field.split(",")
    if not all(is_id(p) for p in parts) or any(a >= b for a, b in pairwise(parts)):
        _refuse("ROSTER_LIST", "is no increasing list of ids joined by ,", row, column, field)
    return frozenset(parts)


def _leave(field: str, row: int) -> tuple[tuple[str, str], ...]:
    if field == NONE:
        return ()
    spans = []
    last = ""
    for part in field.split(","):
        start, dots, end = part.partition("..")
        if not dots or not is_date(start) or not is_date(end) or not last < start <= end:
            _refuse("ROSTER_LEAVE", "is no increasing list of from..to, apart from each other", row, "leave", field)
        spans.append((start, end))
        last = end
    return tuple(spans)


def _recusal(row: int, key: str, inspector: str, kind: str, target: str) -> tuple[str, str, str]:
    if kind not in KINDS:
        _refuse("RECUSAL_KIND", "is neither object nor owner", row, "kind", kind, file=_RECUSALS_FILE)
    for column, value in (("inspector", inspector), ("target", target)):
        if not is_id(value):
            _refuse("RECUSAL_ID", "is no id", row, column, value, file=_RECUSALS_FILE)
    if key != rec_id(inspector, kind, target):
        _refuse("RECUSAL_ID", "is not the key of this row", row, "rec_id", key, file=_RECUSALS_FILE)
    return inspector, kind, target


def _refuse(code: str, what: str, row: int, column: str, found: str, *, file: str = _ROSTER_FILE) -> NoReturn:
    place = Place(file=file, row=row, column=column)
    raise TableError(code, f"{file}: row {row}, {column} {what}", place=place, found=found or "(empty)")
