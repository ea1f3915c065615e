"""One cell of the plan's form: read to the value of the plan, and written from it. A reader never guesses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sampler.allocation import parse_ratio
from sampler.errors import SamplerError
from sampler.io.values import RUINED, Bad, dates, months
from sampler.sources import parse_source
from sampler.tables import is_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sampler.io.planform import Field

CODE: Final = "PLAN_FORM_VALUE"
BLANKS: Final = " \t\r\n\u3000\xa0\ufeff"
YES: Final = "是"
_INT: Final = re.compile(r"[0-9]{1,15}")
_FRACTION: Final = re.compile(r"[0-9]{1,15}(?:/[0-9]{1,15}|\.[0-9]{1,15})?")
_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?")
_IDS: Final = re.compile(r"[;；,，、\s]+")
_TEXTS: Final = re.compile(r"[;；\n]")
_BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
_AS_TEXT: Final = "把单元格格式设为“文本”再写；或在前面加一个半角单引号"


class Codec(NamedTuple):
    """How a kind of cell is read and written."""

    read: Callable[[str, Mapping[str, str]], Any]
    write: Callable[[Any, Mapping[str, str]], str]


def read(text: str, field: Field) -> Any:
    """Return the value of a cell that is not blank.

    Raises
    ------
    Bad
        With the code, what is wrong and what to write.
    """
    return CODECS[field.kind].read(text, field.words)


def write(value: Any, field: Field) -> str:
    """Return the cell of a value; what cannot be written comes out as something else, which the writer notices."""
    return "" if value is None else CODECS[field.kind].write(value, field.words)


def _id(text: str, words: Mapping[str, str]) -> str:
    meaning = next((code for code, word in words.items() if text == word), text)
    if RUINED.fullmatch(text):
        raise Bad(CODE, "代码被 Excel 变成了科学计数，后几位已经丢失", f"从源头重新抄写；{_AS_TEXT}")
    if not is_id(meaning):
        ways = "、".join(words.values())
        raise Bad(CODE, "这里应是代码", f"可填: {ways}" if ways else "只用字母、数字、点、横线，不超过 64 个")
    return meaning


def _ids(text: str, words: Mapping[str, str]) -> list[str]:
    parts = [_id(part, words) for part in _IDS.split(text) if part]
    twice = next((p for p in parts if parts.count(p) > 1), None)
    if twice is not None:
        raise Bad(CODE, f"{twice} 写了两次", "每个只写一次")
    return sorted(parts, key=str.encode)


def _int(text: str, _: Mapping[str, str]) -> int:
    if not _INT.fullmatch(text):
        raise Bad(CODE, "这里应是整数", "只写数字，如 2")
    return int(text)


def _fraction(text: str, _: Mapping[str, str]) -> str:
    if not _FRACTION.fullmatch(text):
        day = "被 Excel 变成了日期；" if re.match(r"\d{4}-\d{2}", text) else ""
        raise Bad(CODE, f"{day}这里应是分数", f"写 1/5 的样子；{_AS_TEXT}" if day else "写 1/5 的样子")
    return text


def _ratio(text: str, _: Mapping[str, str]) -> str:
    try:
        parse_ratio(text)
    except SamplerError as e:
        number = re.fullmatch(r"[0-9.]+", text)
        message = "比例少了 % 或 ‰，也可能被 Excel 变成了数" if number else "抽查比例看不懂或超过 100%"
        hint = "写 10%、>=3% 或 <=2.5‰ 的样子"
        raise Bad(e.code, message, f"{hint}；{_AS_TEXT}" if number else hint) from e
    return text


def _source(text: str, _: Mapping[str, str]) -> str:
    try:
        parse_source(text)
    except SamplerError as e:
        raise Bad(e.code, e.problem.message, e.problem.hint) from e
    return text


def _time(text: str, _: Mapping[str, str]) -> str:
    match = _TIME.fullmatch(text)
    try:
        there = dt.datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ':00'}") if match else None
        here = there and there.replace(tzinfo=_BEIJING).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        here = None
    if here is None:
        raise Bad(CODE, "时间看不懂", "写北京时间，如 2026-11-30 18:00")
    return here.strftime("%Y-%m-%dT%H:%M:%SZ")


def _clock(value: Any, _: Mapping[str, str]) -> str:
    try:
        there = dt.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC).astimezone(_BEIJING)
    except (TypeError, ValueError, OverflowError):
        return str(value)
    return f"{there:%Y-%m-%d %H:%M:%S}" if there.second else f"{there:%Y-%m-%d %H:%M}"


def _flag(text: str, _: Mapping[str, str]) -> bool:
    if text != YES:
        raise Bad(CODE, "这里只写 是，或留空", "写 是，或留空")
    return True


def _words(value: Any, words: Mapping[str, str]) -> str:
    return words.get(value, str(value))


CODECS: Final[dict[str, Codec]] = {
    "text": Codec(lambda text, _: text, lambda value, _: str(value)),
    "texts": Codec(
        lambda text, _: [part.strip(BLANKS) for part in _TEXTS.split(text) if part.strip(BLANKS)],
        lambda value, _: "；".join(map(str, value)),
    ),
    "id": Codec(_id, _words),
    "ids": Codec(_ids, lambda value, words: "；".join(_words(v, words) for v in value)),
    "int": Codec(_int, lambda value, _: str(value)),
    "fraction": Codec(_fraction, lambda value, _: str(value)),
    "ratio": Codec(_ratio, lambda value, _: str(value)),
    "source": Codec(_source, lambda value, _: str(value)),
    "date": Codec(lambda text, _: dates()(text), lambda value, _: str(value)),
    "month": Codec(lambda text, _: months()(text), lambda value, _: str(value)),
    "time": Codec(_time, _clock),
    "flag": Codec(_flag, lambda value, _: YES if value is True else str(value)),
}
