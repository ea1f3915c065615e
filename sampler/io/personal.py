"""Numbers of natural persons: recognised by their form and check digit, so that they are kept out (PROTOCOL 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stdnum.iso7064 import mod_11_2

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESIDENT: Final = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}")
LOOKED_AT: Final = 2_000
"""Cells of a column that decide what it holds."""
_SHARE: Final = 5
"""A column is one of persons' numbers when at least one in so many of its cells is."""


def is_resident_id(text: str) -> bool:
    """Return whether `text` is a resident identity number (公民身份号码, GB 11643: date and check digit).

    >>> is_resident_id("11010519491231002X"), is_resident_id("91370200163562681G")
    (True, False)
    """
    return _RESIDENT.fullmatch(text) is not None and bool(mod_11_2.is_valid(text.upper()))


def is_mobile(text: str) -> bool:
    """Return whether `text` is a mobile telephone number of the mainland."""
    return _MOBILE.fullmatch(text) is not None


def kind_of(column: Sequence[str]) -> str:
    """Return what a column of cells holds: ``身份证号``, ``手机号`` or nothing of the kind."""
    cells = [c for c in (cell.strip() for cell in column[:LOOKED_AT]) if c]
    for what, test in (("身份证号", is_resident_id), ("手机号", is_mobile)):
        hits = sum(map(test, cells))
        if hits and hits * _SHARE >= len(cells):
            return what
    return ""


def masked(text: str) -> str:
    """Return `text` with all but its first three and last two characters hidden.

    >>> masked("11010519491231002X")
    '110*************2X'
    """
    return text[:3] + "*" * max(0, len(text) - 5) + text[-2:]
