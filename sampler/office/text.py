"""Words of the office's documents, and text made safe to show (glossary: the terms of the national rules)."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from sampler.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

RESULTS: Final = (
    "未发现问题",
    "未按规定公示应当公示的信息",
    "公示信息隐瞒真实情况、弄虚作假",
    "通过登记的住所（经营场所）无法联系",
    "发现问题已责令改正",
    "不配合检查情节严重",
    "未发现开展本次抽查涉及的经营活动",
    "发现问题待后续处理",
)
"""The eight national result categories, in their order (1 to 8)."""

VISITS: Final = ("已检查", "无法联系", "已停业", "已注销或吊销", "已迁出", "未检查", "封存前已不在登记库")
"""What may become of a visit (检查情况); the import knows these words."""
MEASURES: Final = (
    "未发现问题或已规范/已改正，无需后续处置",
    "停止检查反馈日常监管",
    "责令改正",
    "移送办案机构",
    "抄告相关部门",
)
"""Follow-up measures (后续处置)."""

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
