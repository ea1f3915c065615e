"""From checked columns to one table: duplicates merged or refused, rows in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.io.values import Bad
from sampler.tables import NONE, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.errors import Problem
    from sampler.io.raw import RawTable
    from sampler.io.sheet import Sheet

COLUMNS: Final = {
    "objects": ("object_id", "owner_id", "object_type", "district", "industry", "tags", "status", "established"),
    "classes": ("object_id", "class", "source", "month"),
    "roster": (
        *("inspector_id", "unit", "department", "district", "role"),
        *("expiry", "items", "qualifications", "max_load", "leave"),
    ),
    "recusals": ("inspector", "kind", "target", "reason", "asked_by"),
    "items": ("item_id", "kind", "qualification", "object_types", "name", "legal_basis"),
    "caps": ("item", "department", "year", "cap"),
    "history": (
        *("object_id", "date", "result", "severity", "defects"),
        *("item", "inspector_id", "draw_id", "pi", "W"),
    ),
    "results": (
        *("object_id", "state", "date", "result", "severity", "defects", "measure"),
        *("officers", "visit_code", "entered_at", "left_at"),
    ),
    "scores": ("object_id", "risk_ppm"),
    "triggers": ("object_id", "date", "reason", "source"),
    "given": ("object_id",),
}
"""Canonical columns of each kind of file."""
PRIVATE: Final = {
    "objects": ("object_id", "name", "address"),
    "roster": ("inspector_id", "name", "phone", "id_number"),
}
"""What stays in the workspace's private folder."""
KEYS: Final = {"recusals": 3, "caps": 3, "history": 10, "triggers": 4}
"""How many leading columns name a row; one unless said here."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of the office as clean columns, with everything found wrong on the way.

    Parameters
    ----------
    kind
        What the file was read as.
    table
        The canonical columns (`COLUMNS`), accepted rows only, in increasing order.
    private
        Names and numbers of people and firms, keyed by id; None where the kind has none.
    problems
        What must be corrected before the file can be used; at most 1,000 are kept.
    warnings
        What was normalised, merged or left out, counted.
    rows, accepted
        Data rows in the file, and rows of `table`.
    columns
        Canonical column to the heading found.
    sheet
        The sheet the rows came from.
    problem_count
        Number of problems, also of those not kept.
    encoding
        Of a text file.
    raw, header_row
        The cells as they came, and the index of the heading row in them.
    corrections
        For each column (from 0): cell as typed to its unified writing.
    """

    kind: str
    table: Table
    private: Table | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    rows: int
    accepted: int
    columns: dict[str, str]
    sheet: str
    problem_count: int
    encoding: str
    raw: RawTable
    header_row: int
    corrections: dict[int, dict[str, str]]


def finish(sheet: Sheet, columns: dict[str, list[str]], private: dict[str, list[str]] | None = None) -> Imported:
    """Return the outcome of one import.

    Parameters
    ----------
    sheet
        The sheet with all problems recorded so far.
    columns
        Canonical columns, one value a data row.
    private
        Columns that are not committed, without the key.
    """
    names = COLUMNS[sheet.kind]
    data = {name: columns.get(name) or [] for name in names}
    apart = {name: (private or {}).get(name) or [] for name in PRIVATE.get(sheet.kind, ())[1:]}
    kept = _unique(sheet, data, apart) if sheet.rows and columns else []
    table = Table({name: [values[n] for n in kept] for name, values in data.items()})
    if sheet.problem_count > len(sheet.problems):
        message = f"共 {sheet.problem_count} 处问题, 只列出 {len(sheet.problems)} 处"
        sheet.warn("PROBLEMS_MORE", message, "先更正列出的")
    hidden = None
    if sheet.kind in PRIVATE:
        rest = {name: [values[n] for n in kept] for name, values in apart.items()}
        hidden = Table({names[0]: table.key, **rest})
    return Imported(
        kind=sheet.kind,
        table=table,
        private=hidden,
        problems=tuple(sorted(sheet.problems, key=lambda p: p.place.row)),
        warnings=tuple(sheet.warnings),
        rows=len(sheet),
        accepted=len(kept),
        columns=dict(sheet.header.found),
        sheet=sheet.raw.sheet,
        problem_count=sheet.problem_count,
        encoding=sheet.raw.encoding,
        raw=sheet.raw,
        header_row=sheet.header.row,
        corrections=sheet.corrections,
    )


def _unique(sheet: Sheet, data: dict[str, list[str]], apart: dict[str, list[str]]) -> list[int]:
    """Return the rows to keep, in order of key; equal rows are merged, contradicting ones refused."""
    width = KEYS.get(sheet.kind, 1)
    rows = list(zip(*data.values(), *apart.values(), strict=True))
    first: dict[tuple[str, ...], int] = {}
    merged: list[int] = []
    joined: list[int] = []
    for n, row in enumerate(rows):
        if n in sheet.bad:
            continue
        at = first.setdefault(row[:width], n)
        if at == n:
            continue
        if row == rows[at]:
            merged.append(n)
        elif _join_tags(data, apart, at, n):
            joined.append(n)
        else:
            _refuse_duplicate(sheet, data, (at, n), width)
    _report(sheet, merged, joined)
    return sorted((n for n in first.values() if n not in sheet.bad), key=rows.__getitem__)


def _join_tags(data: dict[str, list[str]], apart: dict[str, list[str]], at: int, n: int) -> bool:
    """Unite the tags of two rows that differ in nothing else (one firm, a row for each licence)."""
    if "tags" not in data or any(v[at] != v[n] for k, v in {**data, **apart}.items() if k != "tags"):
        return False
    both = {*data["tags"][at].split(","), *data["tags"][n].split(",")} - {NONE}
    data["tags"][at] = ",".join(sorted(both)) or NONE
    return True


def _refuse_duplicate(sheet: Sheet, data: dict[str, list[str]], pair: tuple[int, int], width: int) -> None:
    names = list(data)
    key = " ".join(data[name][pair[1]] for name in names[:width])
    first, second = (sheet.numbers[n] for n in pair)
    differ = [sheet.header.found.get(k, k) for k, v in data.items() if v[pair[0]] != v[pair[1]]]
    what = f", 不同的列: {'、'.join(differ)}" if differ else ""
    bad = Bad("ID_DUPLICATE", f"第 {first} 行和第 {second} 行编号相同而内容不同{what}", "核实后只留一行")
    sheet.problem(pair[1], names[0], bad, key)
    sheet.bad.add(pair[0])


def _report(sheet: Sheet, merged: Sequence[int], joined: Sequence[int]) -> None:
    for code, rows, what in (
        ("MERGED", merged, "行与前面的行完全相同, 已合并"),
        ("TAGS_MERGED", joined, "行只有标签不同, 标签已合并"),
    ):
        if rows:
            sheet.warn(code, f"{len(rows)} {what}", row=sheet.numbers[rows[0]], found=_numbers(sheet, rows))


def _numbers(sheet: Sheet, rows: Iterable[int]) -> str:
    return ", ".join(str(sheet.numbers[n]) for n in list(rows)[:10])
