"""A column of text held tightly: a registry of millions of rows fits beside the program that reads it."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FEW: Final = 1 << 16
"""Up to so many different texts a column is two bytes a row; with more it is one run of bytes."""


class Packed:
    """Texts in the order they were added.

    >>> column = Packed()
    >>> column.extend(["食品", "-", "食品"])
    >>> column[2], list(column), column.take([1, 0])
    ('食品', ['食品', '-', '食品'], ['-', '食品'])
    """

    __slots__ = ("_bytes", "_codes", "_ends", "_known", "_texts")

    def __init__(self) -> None:
        self._known: dict[str, int] | None = {}
        self._texts: list[str] = []
        self._codes = array("H")
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._ends) - 1 if self._known is None else len(self._codes)

    def __getitem__(self, n: int) -> str:
        """Return one text."""
        if self._known is None:
            return self._bytes[self._ends[n] : self._ends[n + 1]].decode()
        return self._texts[self._codes[n]]

    def __iter__(self) -> Iterator[str]:
        """Yield all texts in order."""
        return map(self.__getitem__, range(len(self)))

    def extend(self, values: Sequence[str]) -> None:
        """Add texts."""
        if self._known is not None:
            self._learn(self._known, values)
        if self._known is not None:
            self._codes.extend(map(self._known.__getitem__, values))
        else:
            self._append(values)

    def take(self, rows: Iterable[int]) -> list[str]:
        """Return the texts of some rows; equal texts of a column with few are one object."""
        if self._known is None:
            return list(map(self.__getitem__, rows))
        return list(map(self._texts.__getitem__, map(self._codes.__getitem__, rows)))

    def _learn(self, known: dict[str, int], values: Sequence[str]) -> None:
        for text in dict.fromkeys(values):
            if text not in known:
                if len(known) == FEW:
                    before = list(self)
                    self._known, self._texts, self._codes = None, [], array("H")
                    self._append(before)
                    return
                known[text] = len(self._texts)
                self._texts.append(text)

    def _append(self, values: Sequence[str]) -> None:
        coded = [text.encode() for text in values]
        self._bytes += b"".join(coded)
        ends = accumulate(map(len, coded), initial=self._ends[-1])
        next(ends)
        self._ends.extend(ends)
