r"""Canonical bytes: the one door to hashing (docs/spec/records.md, section 1).

Everything that is hashed or signed passes through here. Parts are length-prefixed and tagged, so no two
different inputs share bytes; records are RFC 8785 JSON without floats, so any language writes the same bytes.

>>> H("ticket", b"seed").hex()[:16]
'6497923a77539a71'
"""

from __future__ import annotations

import hashlib
import hmac as _hmac
import json
import re
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sampler.errors import CanonError

if TYPE_CHECKING:
    from collections.abc import Iterable

DOMAIN: Final = "sampler/v1/"
MAX_INT: Final = 2**53 - 1
MAX_DEPTH: Final = 32
_HMAC_BLOCK: Final = 64
ZERO_HASH: Final = bytes(32)
"""What the first record points back to (records.md, 3.5)."""

Json = Any
"""A canonical value: dict with ASCII keys, list, text, int or True/False. No float, no null."""


def lp(part: bytes) -> bytes:
    """Return `part` behind its 4-byte big-endian length."""
    return len(part).to_bytes(4, "big") + part


def sha256(data: bytes) -> bytes:
    """Return the plain SHA-256 of `data` (32 bytes)."""
    return hashlib.sha256(data).digest()


def sha256_each(head: bytes, tails: Iterable[bytes]) -> list[bytes]:
    """Return SHA-256(head || tail) for every tail: one call where millions are needed."""
    hashed = hashlib.sha256
    return [hashed(head + tail).digest() for tail in tails]


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return HMAC-SHA-256 (32 bytes)."""
    return _hmac.digest(key, data, "sha256")


def hmac_each(key: bytes, head: bytes, tails: Iterable[bytes]) -> list[bytes]:
    """Return HMAC-SHA-256(key, head || tail) for every tail: `key` of at most 64 bytes is hashed once (RFC 2104)."""
    block = key.ljust(_HMAC_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + head).copy
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block)).copy
    out = []
    for tail in tails:
        (i, o) = (inner(), outer())
        i.update(tail)
        o.update(i.digest())
        out.append(o.digest())
    return out


def H(tag: str, *parts: bytes | str | int) -> bytes:  # noqa: N802  # the specification's name
    """Return the tagged hash of `parts` (records.md, 1.1).

    Parameters
    ----------
    tag
        Purpose of the hash; keeps two uses apart.
    parts
        Raw bytes as they are, text as UTF-8, integers as ASCII decimal.
    """
    data = [lp((DOMAIN + tag).encode())]
    data.extend(lp(as_bytes(p)) for p in parts)
    return hashlib.sha256(b"".join(data)).digest()


def as_bytes(part: bytes | str | int) -> bytes:
    """Return the bytes of one part of a hash."""
    if isinstance(part, bytes):
        return part
    return str(part).encode()


def rhash(record: dict[str, Json]) -> bytes:
    """Return the hash of a record: H("record", type, JCS(record))."""
    return H("record", str(record["type"]), encode(record))


def encode(value: Json) -> bytes:
    """Return the RFC 8785 form of `value`.

    Raises
    ------
    CanonError
        ``CANON_*`` for a float, null, a key outside ASCII, an integer beyond 2^53-1, a lone surrogate,
        text that is not NFC, or nesting deeper than 32.
    """
    _check(value, "$", 0)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(data: bytes) -> Json:
    """Return the value of canonical `data`; anything that would re-encode differently is refused.

    Raises
    ------
    CanonError
        ``CANON_*`` with the path of the offence.
    """
    try:
        text = data.decode()
        _check_nesting(data)
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float, parse_int=_int
        )
    except CanonError:
        raise
    except UnicodeDecodeError as e:
        raise CanonError("CANON_UTF8", f"not UTF-8 at byte {e.start}", hint=_HINT) from e
    except (ValueError, RecursionError) as e:
        raise CanonError("CANON_JSON", f"not JSON: {e}", hint=_HINT, found=data[:80]) from e
    if encode(value) != data:
        raise CanonError("CANON_BYTES", "JSON is not in canonical form", hint=_HINT, found=data[:80])
    return value


_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string, whole or cut off; possessive, so that no input makes it look back."""
_STEPS: Final = bytes.maketrans(b"[{]}", b"\2\2\0\0")
"""A bracket to the change of depth, plus one."""
_NO_BRACKET: Final = bytes(c for c in range(256) if c not in b"[{]}")
_PARSER_BEARS: Final = 8 * MAX_DEPTH


def _check_nesting(data: bytes) -> None:
    """Keep absurd depth from the parser: what it survives depends on a limit that any library may raise."""
    if data.count(b"[") + data.count(b"{") <= _PARSER_BEARS:
        return
    steps = _STRING.sub(b"", data).translate(_STEPS, _NO_BRACKET)
    if max(accumulate(step - 1 for step in steps), default=0) > _PARSER_BEARS:
        _refuse("CANON_DEPTH", "nested deeper than 32", "$", data[:80])


_HINT: Final = "use the bytes exactly as published; do not reformat the file"


def _check(value: Json, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        _refuse("CANON_DEPTH", "nested deeper than 32", path, "")
    match value:
        case bool():
            return
        case int():
            if abs(value) > MAX_INT:
                _refuse("CANON_INT", "integer beyond 2^53-1", path, str(value)[:40] if abs(value) < 2**128 else "big")
        case str():
            check_text(value, path)
        case list():
            for n, item in enumerate(value):
                if depth == MAX_DEPTH or not _plain(item):
                    _check(item, f"{path}[{n}]", depth + 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    _refuse("CANON_KEY", "key is not ASCII text", path, key)
                if depth == MAX_DEPTH or not _plain(item):
                    _check(item, f"{path}.{key}", depth + 1)
        case _:
            _refuse("CANON_TYPE", f"{type(value).__name__} has no canonical form", path, value)


def _plain(value: Json) -> bool:
    """Return whether `value` is text in order wherever it stands: most of a long record, spared the path."""
    return type(value) is str and value.isascii()


def check_text(value: str, path: str) -> None:
    """Refuse text that is not well-formed NFC."""
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse("CANON_SURROGATE", "text holds a lone surrogate", path, ascii(value))
    if not unicodedata.is_normalized("NFC", value):
        _refuse("CANON_NFC", "text is not in normal form NFC", path, value)


def _refuse(code: str, message: str, path: str, found: object) -> NoReturn:
    raise CanonError(code, f"{message} at {path}", hint=_HINT, found=found)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                _refuse("CANON_DUPLICATE", "key stands twice", f"$..{key}", key)
            seen.add(key)
    return out


def _no_float(text: str) -> NoReturn:
    _refuse("CANON_FLOAT", "number is not an integer", "$", text)


def _int(text: str) -> int:
    if len(text) > len(str(MAX_INT)) + 1:
        _refuse("CANON_INT", "integer beyond 2^53-1", "$", text)
    return int(text)
