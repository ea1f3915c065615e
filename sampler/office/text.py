"""Words of the office's documents, and text made safe to show (glossary: the terms of the national rules)."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from sampler.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLES: Final = {"officer": "执法检查人员", "expert": "专家"}

_SHEET: Final = re.compile(r"[\[\]:*?/\\]")
_SHEET_LIMIT: Final = 31
_FORMULA: Final = tuple("=+-@\t\r＝＋－＠")  # 全角 starts a formula in East Asian Excel


def csv_cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula: a dangerous first character gets ' before it.

    >>> csv_cell("=1+1")
    "'=1+1"
    """
    return "'" + text if text.startswith(_FORMULA) else text


def units(text: str) -> int:
    """Return the length of `text` as Excel counts it: UTF-16 units, so 𠮷 counts two."""
    return len(text.encode("utf-16-le")) // 2


def columns_of(text: str) -> int:
    """Return the width of `text` in half-width columns: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """Return a name Excel accepts and nobody has yet.

    Parameters
    ----------
    wanted
        What the sheet should be called; forbidden characters fall away, a long name is cut.
    taken
        Names in use; Excel compares them without regard to case.
    """
    base = _SHEET.sub("", plain(wanted)).strip("' ") or "区划"
    used = {name.casefold() for name in taken} | {"history"}
    name, n = _cut(base, _SHEET_LIMIT), 1
    while name.casefold() in used:
        n += 1
        tail = f"（{n}）"
        name = _cut(base, _SHEET_LIMIT - len(tail)) + tail
    return name


def _cut(text: str, limit: int) -> str:
    while units(text) > limit:
        text = text[:-1]
    return text.rstrip("' ")
