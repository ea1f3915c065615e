"""Columns of a kind of file, declared: how each is read, and what an empty cell means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.io.values import keep
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sampler.io.imported import Columns, Rules
    from sampler.io.part import Part
    from sampler.io.sheet import Sheet

    Field = Callable[[Part, str], list[str]]


def code(parse: Callable[[str], str] = keep, empty: str = NONE) -> Field:
    """Return a column of codes that may be empty."""
    return lambda part, name: part.codes(name, parse, empty=empty)


def must(parse: Callable[[str], str] = keep) -> Field:
    """Return a column of codes without empty cells."""
    return lambda part, name: part.codes(name, parse, empty=None)


def text(empty: str | None = "") -> Field:
    """Return a column of free text; None: it may not be empty."""
    return lambda part, name: part.names(name, empty=empty)


def filled(parse: Callable[[str], str] = keep, empty: str = NONE) -> Field:
    """Return a column of codes, read only in rows nothing speaks against so far."""
    return lambda part, name: part.codes(name, parse, empty=empty, skip=part.bad)


def reading(
    fields: Mapping[str, Field],
    *,
    before: Callable[[Part], None] | None = None,
    after: Callable[[Part, Columns], None] | None = None,
    private: tuple[str, ...] = (),
) -> Rules:
    """Return the rules of a kind of file.

    Parameters
    ----------
    fields
        Canonical column to how it is read, in the order in which findings are made.
    before, after
        Rules about several columns of a row.
    private
        Columns of free text that are not committed.
    """

    def rules(part: Part) -> tuple[Columns, Columns]:
        if before:
            before(part)
        columns = {name: field(part, name) for name, field in fields.items()}
        if after:
            after(part, columns)
        return columns, {name: part.names(name) for name in private}

    return rules


def warn_numbers(sheet: Sheet, name: str) -> None:
    """Say how many codes of a workbook's column are stored as numbers."""
    count = sheet.raw.numeric.get(sheet.header.columns.get(name, -1), 0)
    if count:
        sheet.warn("CODE_NUMBER", f"{count} 个代码以数字存储, 可能丢了开头的 0", "把该列设为文本后核对", column=name)
