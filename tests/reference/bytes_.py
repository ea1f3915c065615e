"""records.md 1, word for word: lengths, tags, canonical JSON, record hashes, signatures, blinded leaves."""

import hashlib
import hmac
import math
import re
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Part = bytes | str | int
CODE = re.compile(r"[0-9A-Za-z._-]{1,64}")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def raw(part: Part) -> bytes:
    """Text in UTF-8, integers in ASCII decimal, anything else as it is."""
    return part if isinstance(part, bytes) else str(part).encode("utf-8")


def lp(part: Part) -> bytes:
    data = raw(part)
    return len(data).to_bytes(4, "big") + data


def h(tag: str, *parts: Part) -> bytes:
    return sha256(lp("sampler/v1/" + tag) + b"".join(lp(part) for part in parts))


def number(value: float) -> str:
    """RFC 8785 3.2.2.3: ECMAScript's Number::toString. Records hold integers only; the vectors hold more."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ValueError("not a JSON number")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, length = "".join(map(str, digits)), len(digits)
    point = length + int(exponent)
    if length <= point <= 21:
        body = text + "0" * (point - length)
    elif 0 < point <= 21:
        body = text[:point] + "." + text[point:]
    elif -6 < point <= 0:
        body = "0." + "0" * -point + text
    else:
        mantissa = text if length == 1 else text[0] + "." + text[1:]
        body = f"{mantissa}e{point - 1:+d}"
    return ("-" if sign else "") + body


SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def string(value: str) -> str:
    out = ""
    for char in value:
        code = ord(char)
        out += SHORT.get(code) or (f"\\u{code:04x}" if code < 32 else char)
    return '"' + out + '"'


def json_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(json_text(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(string(name) + ":" + json_text(value[name]) for name in names) + "}"


def jcs(value: Any) -> bytes:
    return json_text(value).encode("utf-8")


def rhash(record: dict[str, Any]) -> bytes:
    return h("record", record["type"], jcs(record))


def public_bytes(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public: bytes) -> str:
    return h("key", public).hex()[:16]


def sign(private: Ed25519PrivateKey, record: dict[str, Any]) -> bytes:
    return private.sign(lp("sampler/v1/sign") + lp(record["type"]) + rhash(record))


def nonce(secret: bytes, draw_id: str, tree: str, key: str) -> bytes:
    return hmac.new(secret, lp(draw_id) + lp(tree) + lp(key), hashlib.sha256).digest()[:16]


def blinded_leaf(blind: bytes, tree: str, draw_id: str, row: str) -> bytes:
    return sha256(b"\x00" + blind + lp("sampler/v1/" + tree) + lp(draw_id) + row.encode("ascii"))


def code(text: str) -> str:
    """A text that is an id is its own code, unless a spreadsheet would compute it."""
    own = CODE.fullmatch(text) and (text == "-" or not text.startswith("-"))
    return text if own else "x" + h("code", text).hex()[:16]


def recusal_id(inspector: str, kind: str, target: str) -> str:
    return h("recid", inspector, kind, target).hex()[:32]


def seed(commitment: bytes, source: str, value: bytes, parties: dict[str, bytes | None]) -> bytes:
    parts: list[Part] = [commitment, source, value]
    for party in sorted(parties, key=raw):
        secret = parties[party]
        parts += [party, b"ABSENT" if secret is None else secret]
    return h("seed", *parts)


def amendment_anchor(last: bytes) -> bytes:
    """a_0 = SHA-256 applied 256 times to a_256."""
    for _ in range(256):
        last = sha256(last)
    return last
