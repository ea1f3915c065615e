"""The randomness beacon drand quicknet: which round is when, and whether a signature is the one that round has.

A round's value is SHA-256 of its BLS signature (RFC 9380 suite, signature in G1), which t of n operators in many
countries make together; nobody can choose it or know it before its time. About a quarter of all signatures have a
second encoding (x + p), which a lenient reader takes for another value: one bit of choice for whoever passes it on. So
what is read must encode to the very same bytes again (PROTOCOL 5).

>>> time_of(1000)
'2023-08-23T15:59:24Z'
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import re
from typing import Any, Final, NoReturn

from sampler.canon import encode, sha256
from sampler.errors import CanonError, RecordError

CHAIN: Final = "quicknet"
PUBLIC_KEY: Final = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc2"
    "2b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
"""Of chain 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971; pinned, never read from an answer."""
GENESIS: Final = 1692803367
"""Time of round 1 in seconds since 1970 (UTC)."""
PERIOD: Final = 3
LAST: Final = 253402300799
"""The last second that a record can write: rounds beyond it come later than any deadline."""
SIGNATURE_BYTES: Final = 48
MAX_FILE: Final = 4096
EXTRA: Final = "py_arkworks_bls12381"
_DST: Final = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_HEX: Final = re.compile(r"[0-9a-f]{96}")


def time_of(round_: int) -> str:
    """Return the moment (records.md, 1.2) before which nobody can know a round."""
    moment = dt.datetime.fromtimestamp(min(GENESIS + (round_ - 1) * PERIOD, LAST), dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def evidence_name(round_: int) -> str:
    """Return the name under which a round's answer is kept in the bundle."""
    return f"drand-{CHAIN}-{round_}.json"


def message(round_: int) -> bytes:
    """Return what the operators sign for a round."""
    return sha256(round_.to_bytes(8, "big"))


def parse(data: bytes, round_: int) -> bytes:
    """Return the signature in an answer as a relay gives it: a JSON object with `round` and `signature`.

    What else stands in it, `randomness` above all, is ignored; but it is read as strictly as a record (UTF-8, no name
    twice, no fraction), so that no two programs see different answers in it.

    Raises
    ------
    RecordError
        ``BEACON_FILE`` when it cannot be read, ``BEACON_ROUND`` when it is another round's.
    """
    try:
        text = data[:MAX_FILE].decode()
        found: Any = json.loads(text, object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction)
        encode(found)
        number, signature = found["round"], found["signature"]
    except (ValueError, KeyError, TypeError, RecursionError, CanonError) as e:
        raise _refuse("BEACON_FILE", "信标文件读不出来", "应为含 round 与 signature 的 JSON，原样保存", data) from e
    if type(number) is not int or number != round_:
        raise _refuse("BEACON_ROUND", f"信标文件不是第 {round_} 轮的", "下载封存时指定的那一轮；迟到就等，不换", number)
    if not isinstance(signature, str) or not _HEX.fullmatch(signature):
        raise _refuse("BEACON_FILE", "信标签名不是 96 位小写十六进制", "原样保存中继的答复", signature)
    return bytes.fromhex(signature)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with a name twice: readers disagree about which one counts."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _no_fraction(text: str) -> NoReturn:
    """Refuse a number with a point or an exponent: a reader without whole numbers takes 1000.0 for 1000."""
    raise ValueError(text)


def value(signature: bytes) -> str:
    """Return the public value a signature gives, in hex."""
    return sha256(signature).hex()


def available() -> bool:
    """Return whether the library of the extra `beacon` is installed."""
    return importlib.util.find_spec(EXTRA) is not None


def check(round_: int, signature: bytes) -> None:
    """Refuse a signature that is not the one and only of a round under the pinned key.

    Raises
    ------
    RecordError
        ``BEACON_EXTRA`` when the extra is not installed; ``BEACON_ENCODING`` for bytes that are no point of the
        subgroup, the point at infinity, or not the one encoding; ``BEACON_SIGNATURE`` when the pairing does not hold.
    """
    if not available():
        raise _refuse(
            "BEACON_EXTRA",
            "没有安装 beacon 扩展，不能核对信标签名",
            "安装: pip install double-random-sampler[beacon]",
            "",
        )
    from py_arkworks_bls12381 import GT, G1Point, G2Point  # noqa: PLC0415  # an extra

    try:
        point = G1Point.from_compressed_bytes(signature)
    except ValueError as e:
        raise _refuse("BEACON_ENCODING", "信标签名不是曲线子群上的点", "重新下载；仍不行则作废", signature.hex()) from e
    if point == G1Point.identity() or bytes(point.to_compressed_bytes()) != signature:
        raise _refuse("BEACON_ENCODING", "信标签名不是唯一的规范写法", "换一个中继重新下载", signature.hex())
    hashed = G1Point.hash_to_curve(message(round_), _DST)
    if GT.pairing(hashed, G2Point.from_compressed_bytes(PUBLIC_KEY)) != GT.pairing(point, G2Point()):
        raise _refuse("BEACON_SIGNATURE", f"签名不是 quicknet 第 {round_} 轮的", "换一个中继重新下载", signature.hex())


def _refuse(code: str, message: str, hint: str, found: object) -> RecordError:
    return RecordError(code, message, hint=hint, found=found)
