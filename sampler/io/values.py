"""One cell to one value. A parser returns the canonical text or raises `Bad`; it never guesses."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sampler.canon import H
from sampler.tables import NONE, is_id

if TYPE_CHECKING:
    from collections.abc import Callable

FOREVER: Final = "9999-12-31"
"""How a certificate without end is written."""
MAX_TEXT: Final = 1024
"""Longest name or legal basis, in bytes of UTF-8 (records.md 1.2)."""
_FOREVER_WORDS: Final = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限"})
_BLANKS: Final = " \t\r\n\u3000\xa0\ufeff"
_WRAPPED: Final = re.compile(r'="([^"]*)"')
_EXCEL_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"})
_LINES: Final = re.compile(r"[\t\r\n]")
RUINED: Final = re.compile(r"\d+\.\d+[Ee]\+?\d{1,3}|\d+[Ee]\+\d{1,3}")
"""A code that Excel has turned into a number: digits are lost for good."""
_DATE: Final = re.compile(
    r"(\d{4})([-/.年])(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_HAN_DATE: Final = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)
_HAN: Final = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_LOOSE: Final = re.compile(r"(?<=\d)\s+(?=[-/.–—年月日])|(?<=[-/.–—年月])\s+(?=\d)")
_DASHES: Final = str.maketrans("–—", "--")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})(?:[-/.]|年)?(\d{1,2})月?")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_DAY_ZERO: Final = date(1899, 12, 30)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_SPLIT: Final = re.compile(r"[,、;|]")
_UNTIL: Final = re.compile(r"\s*(?:\.\.|至|到|~|—+|–)\s*")
_INT: Final = re.compile(r"[0-9]{1,15}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,40})?(?:[eE]-[0-9]{1,2})?")
_NAN: Final = frozenset({"nan", "null", "none", "na", "<na>", "-nan"})


class Bad(Exception):  # noqa: N818  # control flow inside this package, never seen outside
    """A cell that cannot be accepted.

    Parameters
    ----------
    code, message, hint
        As in `sampler.errors.Problem`.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def clean_code(text: str) -> str:
    """Return a code without what typing and exporting add: full width, blanks, ="…" and a leading apostrophe.

    >>> clean_code(" ２１０６０３ "), clean_code('="0012"')
    ('210603', '0012')
    """
    if text.isascii() and text.isalnum():
        return text
    text = unicodedata.normalize("NFKC", text).strip(_BLANKS)
    wrapped = _WRAPPED.fullmatch(text)
    text = wrapped[1].strip(_BLANKS) if wrapped else text.removeprefix("'")
    if _LINES.search(text):
        raise Bad("CELL_CONTROL", "单元格内有换行或制表符", "删除单元格内的换行; 检查引号是否成对")
    return _no_error(text)


def clean_name(text: str) -> str:
    """Return a name in form NFC without blanks around it; line breaks are refused."""
    text = unicodedata.normalize("NFC", text).strip(_BLANKS)
    if _LINES.search(text):
        raise Bad("CELL_CONTROL", "单元格内有换行或制表符", "删除单元格内的换行; 检查引号是否成对")
    return _fits(_no_error(text))


def clean_cell_name(text: str) -> str:
    """Return a name as `clean_name` does, with line breaks inside a workbook's cell written as one blank."""
    return clean_name(" ".join(part.strip() for part in text.splitlines() if part.strip()) if "\n" in text else text)


def _no_error(text: str) -> str:
    if text.startswith("#") and text.upper() in _EXCEL_ERRORS:
        raise Bad("CELL_ERROR", "单元格是 Excel 公式错误", "更正公式后粘贴为数值")
    return text


def _fits(text: str) -> str:
    if len(text.encode()) > MAX_TEXT:
        raise Bad("CELL_TOO_LONG", f"文字超过 {MAX_TEXT} 字节", "缩短后重新导入")
    return text


def keep(text: str) -> str:
    """Return the text as it is."""
    return text


def code_of(text: str) -> str:
    """Return the code a committed row carries for `text` (records.md 2, "Decided: codes").

    >>> code_of("A01"), code_of("食品科")
    ('A01', 'xd71789e9878215f3')
    """
    return text if is_code(text) else "x" + H("code", text).hex()[:16]


def is_code(text: str) -> bool:
    """Return whether a text is its own code: an id that no spreadsheet takes for a formula."""
    return is_id(text) and (text[0] != "-" or text == NONE)


def _members(text: str) -> list[str]:
    return [part for part in (p.strip() for p in _SPLIT.split(text)) if part]


def members(cell: str) -> list[str]:
    """Return the members of a cell's list before they become codes.

    >>> members("食品，计量")
    ['食品', '计量']
    """
    return _members(clean_code(cell))


def listing(parse: Callable[[str], str]) -> Callable[[str], str]:
    """Return a parser for lists whose members `parse` reads: sorted, unique, joined by commas."""

    def parse_list(text: str) -> str:
        parts = {parse(part) for part in _members(text)}
        return ",".join(sorted(parts, key=str.encode)) or NONE

    return parse_list


def dates(*, old_epoch: bool = False, endless: bool = False) -> Callable[[str], str]:
    """Return a parser of days in every usual form.

    Parameters
    ----------
    old_epoch
        The workbook counts days from 1904, so that bare day numbers are refused.
    endless
        长期 and the year 9999 mean `FOREVER`; otherwise they are no day.
    """

    def parse(text: str) -> str:
        if endless and text in _FOREVER_WORDS:
            return FOREVER
        text = _plain_date(text)
        match = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
        if match:
            year, *_, month, day = match.groups()
            if endless and year == "9999":
                return FOREVER
            return _real_day(int(year), int(month), int(day))
        if _SERIAL.fullmatch(text) and not old_epoch:
            return (_DAY_ZERO + timedelta(days=int(text[:5]))).isoformat()
        raise Bad("DATE_FORM", "日期看不懂", "写成 2026-12-31 的形式")

    return parse


def _plain_date(text: str) -> str:
    """Return a date without blanks beside its marks, with one kind of dash, and with digits for 二〇二六年一月二日."""
    text = _LOOSE.sub("", text).translate(_DASHES)
    han = _HAN_DATE.fullmatch(text)
    if han is None:
        return text
    year = "".join(str(_HAN[c]) for c in han[1])
    return f"{year}-{_han_number(han[2])}-{_han_number(han[3])}"


def _han_number(text: str) -> int:
    """Return a number below a hundred; what is none, such as 一一, becomes 0, which no month or day is."""
    tens, ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return 0
    return (10 * _HAN.get(tens, 1) + _HAN.get(ones, 0)) if ten else _HAN[tens]


def _real_day(year: int, month: int, day: int) -> str:
    try:
        real = date(year, month, day)
    except ValueError:
        real = date.min
    if not _FIRST_YEAR <= real.year <= _LAST_YEAR:
        raise Bad("DATE_IMPOSSIBLE", "没有这一天", "核对年月日")
    return real.isoformat()


def months(*, old_epoch: bool = False) -> Callable[[str], str]:
    """Return a parser of months; a full date stands for its month."""
    day = dates(old_epoch=old_epoch)

    def parse(text: str) -> str:
        match = _MONTH.fullmatch(text)
        if match and len(text) != len("46387"):
            return _real_day(int(match[1]), int(match[2]), 1)[:7]
        return day(text)[:7]

    return parse


def intervals(*, old_epoch: bool = False) -> Callable[[str], str]:
    """Return a parser of leave: days or spans of days, written `from..to`."""
    day = dates(old_epoch=old_epoch, endless=True)

    def parse_one(text: str) -> str:
        ends = _UNTIL.split(text)
        if len(ends) > 2:  # noqa: PLR2004  # from and to
            raise Bad("LEAVE_FORM", "请假时间看不懂", "写成 2026-12-01..2026-12-05, 多段用逗号隔开")
        first, last = day(ends[0]), day(ends[-1])
        if first > last:
            raise Bad("LEAVE_FORM", "请假的开始晚于结束", "对调开始和结束日期")
        return f"{first}..{last}"

    return listing(parse_one)


def integers(code: str, low: int, high: int, what: str) -> Callable[[str], str]:
    """Return a parser of whole numbers from `low` to `high`; others get `code`, NaN gets NUMBER_NAN."""
    hint = f"填 {low} 到 {high} 的整数"

    def parse(text: str) -> str:
        _refuse_nan(text)
        digits = re.sub(r"\.0+\Z", "", text)
        if not _INT.fullmatch(digits) or not low <= int(digits) <= high:
            raise Bad(code, f"{what}不在范围内", hint)
        return str(int(digits))

    return parse


def decimals(code: str, low: float, high: float, what: str) -> Callable[[str], str]:
    """Return a parser of decimal numbers from `low` to `high`, kept as typed."""

    def parse(text: str) -> str:
        _refuse_nan(text)
        if not _DECIMAL.fullmatch(text) or not low <= float(text) <= high:
            raise Bad(code, f"{what}不在范围内", f"填 {low:g} 到 {high:g} 的数")
        return text

    return parse


def _refuse_nan(text: str) -> None:
    if text.casefold() in _NAN:
        raise Bad("NUMBER_NAN", "不是数字 (NaN)", "填数字, 没有就留空")


def risk(text: str) -> str:
    """Return a risk score: a whole number of millionths from 0 to 1,000,000."""
    if text.startswith("-") and _DECIMAL.fullmatch(text):
        raise Bad("RISK_NEGATIVE", "风险分为负", "风险分是 0 到 1000000 的整数")
    if not _INT.fullmatch(text):
        raise Bad("RISK_NOT_INTEGER", "风险分不是整数", "风险分是 0 到 1000000 的整数; 概率先乘以一百万再取整")
    if int(text) > 1_000_000:  # noqa: PLR2004  # ppm
        raise Bad("RISK_ABOVE", "风险分超过 1000000", "风险分是 0 到 1000000 的整数")
    return str(int(text))


def past(day: Callable[[str], str], today: str) -> Callable[[str], str]:
    """Return a parser of days that refuses those after `today`; an empty `today` refuses none."""

    def parse(text: str) -> str:
        when = day(text)
        if today and when > today:
            raise Bad("DATE_FUTURE", "检查日期在今天之后", "核对日期")
        return when

    return parse
