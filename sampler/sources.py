"""Public sources of chance and the values they give (docs/spec/records.md, 3.6).

A source is sealed before its value exists: `kind:id[:id...]`, exact. A value is exactly the digits that were drawn,
so that nobody can choose among several ways of writing it down.

>>> outcomes("ceremony:hall:d10:19") == 10**19
True
>>> check_value("lottery:fc3d:2026333:2026334:2026335:2026336:2026337:2026338:2026339", "012,345,678,901,234,567,890")
b'012,345,678,901,234,567,890'
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import Final

from sampler.errors import RecordError
from sampler.tables import is_id

MIN_BITS: Final = 60
STRONG_BITS: Final = 128
"""From here on the report calls a source strong."""
MAX_LENGTH: Final = 1024
_ISSUE: Final = re.compile(r"[0-9]{5,10}")
_LENGTH: Final = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Zone:
    """Balls drawn without return from 1..size, written ascending with two digits."""

    size: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits drawn with return, written as drawn."""

    length: int
    alphabet: str = "0123456789"


GAMES: Final[dict[str, tuple[Zone, ...] | Digits]] = {
    "kl8": (Zone(80, 20),),
    "ssq": (Zone(33, 6), Zone(16, 1)),
    "dlt": (Zone(35, 5), Zone(12, 2)),
    "fc3d": Digits(3),
    "pl5": Digits(5),
}
ALPHABETS: Final = {"d6": "123456", "d10": "0123456789"}
KINDS: Final = ("ceremony", "drand", "lottery", "parties")
BEACON: Final = "quicknet"
_BEACON_BITS: Final = 128
"""What forging a signature costs; the value has 256."""
_ROUND: Final = re.compile(r"[1-9][0-9]{0,11}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Source:
    """A public source, taken apart.

    Parameters
    ----------
    kind
        ``lottery``, ``ceremony``, ``drand`` or ``parties``.
    ids
        What follows the kind: game and issues, name, alphabet and length, chain and round, or nothing.
    """

    kind: str
    ids: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sealed form."""
        return ":".join((self.kind, *self.ids))

    @property
    def parts(self) -> tuple[tuple[Zone, ...] | Digits, ...]:
        """What is drawn, in sealed order: one rule an issue, one for a ceremony, none for parties."""
        if self.kind == "lottery":
            return (GAMES[self.ids[0]],) * (len(self.ids) - 1)
        if self.kind == "ceremony":
            return (Digits(int(self.ids[2]), ALPHABETS[self.ids[1]]),)
        return ()

    @property
    def outcomes(self) -> int:
        """Number of equally likely values (1 for parties)."""
        if self.kind == "drand":
            return 1 << _BEACON_BITS
        return math.prod(_outcomes(p) for p in self.parts)


def parse_source(text: str) -> Source:
    """Return the source in `text`, refused unless it can be sealed.

    Raises
    ------
    RecordError
        ``SOURCE_FORM`` for a part that is no id or a wrong number of parts, ``SOURCE_KIND``, ``SOURCE_GAME``,
        ``SOURCE_ISSUE`` for an issue that is no number or stands twice, ``SOURCE_ALPHABET``, ``SOURCE_LENGTH``,
        ``SOURCE_CHAIN``, ``SOURCE_ROUND``, ``SOURCE_ENTROPY`` for fewer than 2^60 equally likely values.
    """
    kind, *ids = text.split(":")
    if kind not in KINDS:
        raise _source("SOURCE_KIND", text, "公开随机源的种类不认识", f"写 {'、'.join(KINDS)} 之一")
    if not all(is_id(i) for i in ids):
        raise _source("SOURCE_FORM", text, "公开随机源的写法不对", "各段只用字母、数字、点、横线, 以冒号分隔")
    {"lottery": _lottery, "ceremony": _ceremony, "drand": _drand, "parties": _parties}[kind](text, ids)
    source = Source(kind, tuple(ids))
    if kind != "parties" and source.outcomes < 1 << MIN_BITS:
        raise _source("SOURCE_ENTROPY", text, f"可能结果少于 2^{MIN_BITS} 种, 可以被穷举", "增加期数或位数")
    return source


def outcomes(source_text: str) -> int:
    """Return the number of equally likely values of a source (1 for parties)."""
    return parse_source(source_text).outcomes


def check_value(source_text: str, value_text: str) -> bytes:
    """Return the bytes of a value, as they enter the seed.

    Raises
    ------
    RecordError
        ``SOURCE_*`` as :func:`parse_source`; ``VALUE_FORM`` for a wrong length, number of issues or character,
        ``VALUE_RANGE`` for a ball outside its zone, ``VALUE_ORDER`` for balls repeated or not ascending.
    """
    source = parse_source(source_text)
    if source.kind == "drand":
        if not _HASH.fullmatch(value_text):
            raise _value("VALUE_FORM", value_text, "应为 64 位小写十六进制", "由 --file 给出信标的答复，程序自己计算")
        return bytes.fromhex(value_text)
    parts = source.parts
    pieces = value_text.split(",") if parts else []
    if len(pieces) != len(parts) or (not parts and value_text):
        raise _value("VALUE_FORM", value_text, f"应有 {len(parts)} 段号码", "每期一段, 以英文逗号相连, 次序同封存时")
    for part, piece in zip(parts, pieces, strict=True):
        if isinstance(part, Digits):
            _check_digits(part, piece)
        else:
            _check_balls(part, piece)
    return value_text.encode()


def _outcomes(part: tuple[Zone, ...] | Digits) -> int:
    if isinstance(part, Digits):
        return math.prod([len(part.alphabet)] * part.length)
    return math.prod(math.comb(z.size, z.drawn) for z in part)


def _lottery(text: str, ids: list[str]) -> None:
    game, *issues = ids or [""]
    if game not in GAMES:
        raise _source("SOURCE_GAME", text, "彩票玩法不认识", f"写 {'、'.join(GAMES)} 之一")
    if not issues:
        raise _source("SOURCE_FORM", text, "没有写期号", "写 lottery:玩法:期号")
    known = {int(i) for i in issues if _ISSUE.fullmatch(i)}
    if len(known) != len(issues):
        raise _source("SOURCE_ISSUE", text, "期号不是 5 至 10 位数字, 或有重复", "每期只写一次, 照彩票上的期号写")


def _ceremony(text: str, ids: list[str]) -> None:
    if len(ids) != len(("name", "alphabet", "length")):
        raise _source("SOURCE_FORM", text, "现场摇号应写三段", "写 ceremony:名称:d6 或 d10:次数")
    if ids[1] not in ALPHABETS:
        raise _source("SOURCE_ALPHABET", text, "现场摇号的字母表不认识", "六面骰写 d6, 数字球写 d10")
    if not _LENGTH.fullmatch(ids[2]) or int(ids[2]) > MAX_LENGTH:
        raise _source("SOURCE_LENGTH", text, "摇号次数不对", f"写 1 至 {MAX_LENGTH} 的整数, 不带前导零")


def _drand(text: str, ids: list[str]) -> None:
    if len(ids) != len(("chain", "round")):
        raise _source("SOURCE_FORM", text, "信标应写两段", f"写 drand:{BEACON}:轮次")
    if ids[0] != BEACON:
        raise _source("SOURCE_CHAIN", text, "信标的链不认识", f"只有公钥固定在程序里的 {BEACON}")
    if not _ROUND.fullmatch(ids[1]):
        raise _source("SOURCE_ROUND", text, "信标轮次不对", "写不带前导零的整数")


def _parties(text: str, ids: list[str]) -> None:
    if ids:
        raise _source("SOURCE_FORM", text, "parties 之后不写任何内容", "只写 parties")


def _check_digits(part: Digits, piece: str) -> None:
    if len(piece) != part.length or not set(piece) <= set(part.alphabet):
        raise _value(
            "VALUE_FORM", piece, f"应为 {part.length} 位、只含 {part.alphabet}", "照开出的次序逐位写, 不加空格"
        )


def _check_balls(zones: tuple[Zone, ...], piece: str) -> None:
    count = sum(z.drawn for z in zones)
    if len(piece) != 2 * count or not (piece.isascii() and piece.isdigit()):
        raise _value("VALUE_FORM", piece, f"应为 {count} 个两位号码相连", "每个号码写两位, 不加空格与分隔")
    balls = [int(piece[i : i + 2]) for i in range(0, len(piece), 2)]
    for zone in zones:
        mine, balls = balls[: zone.drawn], balls[zone.drawn :]
        if not all(1 <= b <= zone.size for b in mine):
            raise _value("VALUE_RANGE", piece, f"号码应在 1 至 {zone.size} 之间", "对照开奖公告")
        if any(a >= b for a, b in itertools.pairwise(mine)):
            raise _value("VALUE_ORDER", piece, "号码应由小到大且不重复", "每一区由小到大写")


def _source(code: str, found: str, message: str, hint: str) -> RecordError:
    return RecordError(code, message, hint=hint, found=found)


def _value(code: str, found: str, message: str, hint: str) -> RecordError:
    return RecordError(code, message, hint=hint, found=found)
