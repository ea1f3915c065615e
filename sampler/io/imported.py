"""One import: the rules of a kind applied to a sheet part by part, and what comes of it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sampler.io.doubts import report_near_duplicates
from sampler.io.held import Held, one_row_each
from sampler.tables import Table, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from sampler.errors import Problem
    from sampler.io.part import Part
    from sampler.io.raw import RawTable
    from sampler.io.sheet import Sheet

    Columns = dict[str, list[str]]
    Rules = Callable[[Part], tuple[Columns, Columns]]
    """From some rows to their canonical columns, and to those that stay private."""

COLUMNS: Final = {
    "objects": (
        *("object_id", "owner_id", "object_type", "district", "industry"),
        *("tags", "status", "established", "licences"),
    ),
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
    "codes": ("code", "since", "until", "successor", "name"),
    "lots": ("object_id", "size"),
}
"""Canonical columns of each kind of file."""
PRIVATE: Final = {
    "objects": ("object_id", "name", "address"),
    "roster": ("inspector_id", "name", "phone", "id_number"),
}
"""What stays in the workspace's private folder."""
APART: Final = {"objects": ("licence",)}
"""What only serves to bring several rows of one object together; it is kept nowhere."""
KEYS: Final = {"recusals": 3, "caps": 3, "history": 10, "triggers": 4, "codes": 2}
"""How many leading columns name a row; one unless said here."""
PIECE: Final = 50_000
"""Rows of a private table encoded at once."""
MAX_COPY: Final = 200_000
"""Rows of the longest file of which a corrected copy is made (`sampler.io.corrected`)."""


@dataclass(frozen=True)
class Imported:
    """A file of the office as clean columns, with everything found wrong on the way.

    Parameters
    ----------
    kind
        What the file was read as.
    problems
        What must be corrected before the file can be used; the first 1,000.
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
        For each column (from 0): cell as typed to its unified writing, of the first `MAX_COPY` rows.
    held
        The accepted rows, tightly.
    """

    kind: str
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
    held: Held

    @cached_property
    def table(self) -> Table:
        """The canonical columns (`COLUMNS`), accepted rows only, in increasing order."""
        return Table({name: self.held.column(name) for name in COLUMNS[self.kind]})

    def private(self) -> bytes:
        """Return names and numbers of people and firms, keyed by id, as a table's bytes; none where the kind has none.

        Made some rows at a time: two million names as texts of their own would take more memory than all else.
        """
        names = PRIVATE.get(self.kind, ())
        out = io.BytesIO()  # gives its bytes away without a copy
        out.write("\t".join(names).encode() + b"\n" if names else b"")
        for at in range(0, len(self.held.order) if names else 0, PIECE):
            piece = Table({name: self.held.column(name, slice(at, at + PIECE)) for name in names})
            data = encode(piece)
            out.write(memoryview(data)[data.index(b"\n") + 1 :])
        return out.getvalue()


def run(sheet: Sheet, rules: Rules) -> Imported:
    """Return the outcome of one import.

    Parameters
    ----------
    sheet
        What is imported.
    rules
        Those of its kind, applied to some rows at a time.
    """
    names = COLUMNS[sheet.kind]
    held = Held((*names, *PRIVATE.get(sheet.kind, ())[1:], *APART.get(sheet.kind, ())))
    corrections: dict[int, dict[str, str]] = {}
    for part in sheet.parts():
        columns, private = rules(part)
        held.add(part, {**columns, **private})
        for c, changed in part.corrections.items() if part.numbers[0] <= MAX_COPY else ():
            corrections.setdefault(c, {}).update(changed)
    one_row_each(sheet, held, names, KEYS.get(sheet.kind, 1))
    if sheet.kind == "objects":
        report_near_duplicates(sheet, held)
    found = sheet.findings
    problems = found.problems()
    if found.problem_count > len(problems):
        message = f"共 {found.problem_count} 处问题, 只列出 {len(problems)} 处"
        sheet.warn("PROBLEMS_MORE", message, "先更正列出的")
    return Imported(
        kind=sheet.kind,
        problems=problems,
        warnings=found.warnings(),
        rows=sheet.rows,
        accepted=len(held.order),
        columns=_columns(sheet),
        sheet=sheet.raw.sheet,
        problem_count=found.problem_count,
        encoding=sheet.raw.encoding,
        raw=sheet.raw,
        header_row=sheet.header.row,
        corrections=corrections,
        held=held,
    )


def _columns(sheet: Sheet) -> dict[str, str]:
    """Return canonical column to heading; a number of licences counted here stands under the heading of the licence."""
    found = dict(sheet.header.found)
    return found | ({"licences": found["licence"]} if "licence" in found else {})
