"""The accepted rows of an import: held tightly, duplicates merged or refused, in order."""

from __future__ import annotations

from array import array
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sampler.io.findings import first_rows
from sampler.io.packed import Packed
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sampler.io.part import Part
    from sampler.io.sheet import Sheet


_MERGED: Final = {
    "MERGED": "行与前面的行完全相同, 已合并",
    "TAGS_MERGED": "行只有标签不同, 标签已合并",
    "LICENCES_MERGED": "行是同一对象的其他许可证, 已合并到一行",
}
"""What became of rows of one object: code of the warning, and its words."""


class Held:
    """Columns of the rows accepted so far.

    Parameters
    ----------
    names
        The columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.columns = {name: Packed() for name in names}
        self.numbers = array("I")
        self.order: Sequence[int] = ()
        self.tags: dict[int, str] = {}
        self.licences = array("I")

    def add(self, part: Part, columns: dict[str, list[str]]) -> None:
        """Keep the rows of a part that nothing speaks against."""
        good = [n for n in range(len(part)) if n not in part.bad]
        self.numbers.extend(map(part.numbers.__getitem__, good))
        for name, held in self.columns.items():
            held.extend(list(map(columns[name].__getitem__, good)))

    def column(self, name: str, some: slice = slice(None)) -> list[str]:
        """Return one column of the kept rows, or of some of them, in order."""
        if name == "licences" and self.licences:
            return [str(count) if count else NONE for count in self.licences[some]]
        order = self.order[some]
        values = self.columns[name].take(order)
        if name == "tags" and self.tags:
            return [self.tags.get(n, value) for n, value in zip(order, values, strict=True)]
        return values

    def row(self, n: int) -> tuple[str, ...]:
        """Return all fields of a row."""
        return tuple(column[n] for column in self.columns.values())


def one_row_each(sheet: Sheet, held: Held, names: Sequence[str], width: int) -> None:
    """Keep one row for each key, in order of key; equal rows are merged, contradicting ones refused.

    Parameters
    ----------
    sheet
        Gets the findings.
    held
        The rows; their `order` is set.
    names
        The canonical columns.
    width
        How many of them, from the first, name a row.
    """
    kept = array("I")
    merged: dict[str, list[int]] = {code: [] for code in _MERGED}
    for rows in _same_key(held, names[:width]):
        if len(rows) == 1 or _judge(sheet, held, rows, (names, width), merged):
            kept.append(rows[0])
            if sheet.has("licence"):
                held.licences.append(len({held.columns["licence"][n] for n in rows} - {""}))
    held.order = kept
    for code, found in merged.items():
        if found:
            numbers = sorted(map(held.numbers.__getitem__, found))
            sheet.warn(code, f"{len(found)} {_MERGED[code]}", row=numbers[0], found=first_rows(numbers))


def _same_key(held: Held, names: Sequence[str]) -> Iterator[list[int]]:
    """Yield the rows of each key, in order of key and of the file."""
    every = range(len(held.numbers))
    keys: Sequence[object]
    if len(names) == 1:
        keys = held.columns[names[0]].take(every)
    else:
        keys = list(zip(*(held.columns[name].take(every) for name in names), strict=True))
    order = sorted(every, key=keys.__getitem__)  # type: ignore[arg-type]  # texts, or tuples of texts
    for _, rows in groupby(order, key=keys.__getitem__):
        yield list(rows)


def _judge(
    sheet: Sheet, held: Held, rows: list[int], shape: tuple[Sequence[str], int], merged: dict[str, list[int]]
) -> bool:
    """Hold the later rows of one key against the first; return whether it stands."""
    first = rows[0]
    want = held.row(first)
    good, joined = True, False
    for n in rows[1:]:
        row = held.row(n)
        differ = {name for name, a, b in zip(held.columns, row, want, strict=True) if a != b}
        if differ <= {"tags", "licence"}:
            code = "LICENCES_MERGED" if "licence" in differ else "TAGS_MERGED" if differ else "MERGED"
            merged[code].append(n)
            joined = joined or "tags" in differ
        else:
            _refuse(sheet, held, (first, n), shape)
            good = False
    if good and joined:
        held.tags[first] = _united(held.columns["tags"], rows)
    return good


def _united(tags: Packed, rows: list[int]) -> str:
    every = {tag for n in rows for tag in tags[n].split(",")} - {NONE}
    return ",".join(sorted(every)) or NONE


def _refuse(sheet: Sheet, held: Held, pair: tuple[int, int], shape: tuple[Sequence[str], int]) -> None:
    names, width = shape
    key = " ".join(held.columns[name][pair[1]] for name in names[:width])
    first, second = (held.numbers[n] for n in pair)
    differ = [sheet.header.found.get(k, k) for k in names if held.columns[k][pair[0]] != held.columns[k][pair[1]]]
    what = f", 不同的列: {'、'.join(differ)}" if differ else ""
    message = f"第 {first} 行和第 {second} 行编号相同而内容不同{what}"
    sheet.findings.problem("ID_DUPLICATE", message, "核实后只留一行", sheet.place(second, names[0]), key)
