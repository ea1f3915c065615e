"""Strict TSV: one set of bytes for one table (docs/spec/records.md, section 2).

A table is columns of text. UTF-8, LF, one header line, no quoting; the first column is the key; rows stand in
strictly increasing order of key bytes. Committed rows are ASCII; their nonce is a last column of its own.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.errors import Place, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ID: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")
_FORBIDDEN: Final = re.compile(r"[\t\r\n]")
NONE: Final = "-"
"""What an empty optional field is written as."""


def is_id(text: str) -> bool:
    """Return whether `text` is a well-formed identifier (records.md, 1.2)."""
    return ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text of equal length, in row order.

    Parameters
    ----------
    columns
        Column name to its values; the first column is the key.
    """

    columns: dict[str, list[str]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> list[str]:
        """Return one column."""
        return self.columns[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(self.columns)

    @property
    def key(self) -> list[str]:
        """The key column."""
        return next(iter(self.columns.values()))

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield rows as tuples of fields."""
        return zip(*self.columns.values(), strict=True)

    def lines(self, *, without: str = "") -> list[str]:
        """Return rows as TSV lines without line end, leaving out column `without`."""
        kept = [values for name, values in self.columns.items() if name != without]
        return ["\t".join(row) for row in zip(*kept, strict=True)]

    def with_column(self, name: str, values: list[str]) -> Table:
        """Return this table with one more column at the end."""
        return Table({**self.columns, name: values})

    def without(self, name: str) -> Table:
        """Return this table without one column."""
        return Table({n: v for n, v in self.columns.items() if n != name})


def from_rows(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of `rows`, sorted by key bytes; `encode` refuses duplicate keys."""
    ordered = sorted(rows, key=lambda r: r[0].encode())
    columns = [list(c) for c in zip(*ordered, strict=True)] or [[] for _ in names]
    return Table(dict(zip(names, columns, strict=True)))


def encode(table: Table) -> bytes:
    """Return the bytes of `table`.

    Raises
    ------
    TableError
        ``TABLE_ORDER`` when keys do not increase strictly, ``TABLE_FIELD`` when a field holds tab, CR or LF,
        ``TABLE_NFC`` when text is not in normal form.
    """
    for name, values in table.columns.items():
        for n, value in enumerate(values):
            _check_field(value, name, n)
    _check_order(table.key)
    return ("\n".join(["\t".join(table.names), *table.lines()]) + "\n").encode()


def decode(data: bytes, names: Sequence[str], *, file: str = "", before: int = 0) -> Table:
    """Return the table in `data`, whose header must be exactly `names`.

    Parameters
    ----------
    before
        Rows that stand before these in a file that is read in pieces; errors count them.

    Raises
    ------
    TableError
        ``TABLE_*`` with file, row and column of the first offence.
    """
    text = _text(data, file)
    header, *body = text[:-1].split("\n")
    if tuple(header.split("\t")) != tuple(names):
        raise TableError(
            "TABLE_HEADER", f"{file}: header is not {' '.join(names)}", place=Place(file=file, row=1), found=header
        )
    rows = [line.split("\t") for line in body]
    width = len(names)
    for n, row in enumerate(rows):
        if len(row) != width:
            raise TableError(
                "TABLE_WIDTH",
                f"{file}: row {before + n + 2} has {len(row)} fields, not {width}",
                place=Place(file=file, row=before + n + 2),
            )
    columns = [list(c) for c in zip(*rows, strict=True)] or [[] for _ in names]
    table = Table(dict(zip(names, columns, strict=True)))
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise TableError("TABLE_NFC", f"{file}: text is not in normal form NFC", place=Place(file=file))
    _check_order(table.key, file, before)
    return table


def _text(data: bytes, file: str) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        raise TableError("TABLE_UTF8", f"{file}: not UTF-8 at byte {e.start}", place=Place(file=file)) from e
    if not text.endswith("\n"):
        raise TableError("TABLE_END", f"{file}: last line has no line end", place=Place(file=file))
    if "\r" in text:
        raise TableError("TABLE_FIELD", f"{file}: carriage return found", place=Place(file=file))
    return text


def _check_field(value: str, name: str, n: int) -> None:
    if _FORBIDDEN.search(value):
        raise TableError("TABLE_FIELD", "field holds tab, CR or LF", place=Place(row=n + 2, column=name), found=value)
    if not value.isascii() and not unicodedata.is_normalized("NFC", value):
        raise TableError(
            "TABLE_NFC", "field is not in normal form NFC", place=Place(row=n + 2, column=name), found=value
        )


def _check_order(keys: list[str], file: str = "", before: int = 0) -> None:
    ascii_only = all(k.isascii() for k in keys)
    coded: Sequence[object] = keys if ascii_only else [k.encode() for k in keys]
    for n, (a, b) in enumerate(itertools.pairwise(coded)):
        if not a < b:  # type: ignore[operator]  # both text or both bytes
            what = "stands twice" if a == b else "is out of order"
            raise TableError(
                "TABLE_DUPLICATE" if a == b else "TABLE_ORDER",
                f"{file}: key {what}",
                place=Place(file=file, row=before + n + 3),
                found=keys[n + 1],
            )
