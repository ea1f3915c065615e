"""records.md 1.2 and conformance.md 4.15: canonical JSON read by hand, character by character, one code a fault."""

import re
import unicodedata
from typing import Any

from tests.reference.bytes_ import jcs
from tests.reference.strata import RefusedError

BLANK = " \t\n\r"
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
LARGEST = 2**53 - 1
DEPTH = 32


class Reader:
    """One text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in BLANK:
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, want: str) -> None:
        if not self.text.startswith(want, self.at):
            raise RefusedError("CANON_JSON", f"{want} at {self.at}")
        self.at += len(want)

    def value(self) -> Any:
        self.blanks()
        found = self.one()
        self.blanks()
        return found

    def one(self) -> Any:
        char = self.peek()
        if char == "{":
            return self.object()
        if char == "[":
            return self.array()
        if char == '"':
            return self.string()
        for word, meaning in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return meaning
        for word in ("NaN", "Infinity", "-Infinity"):
            if self.text.startswith(word, self.at):
                raise RefusedError("CANON_FLOAT", word)
        return self.number()

    def number(self) -> int:
        match = NUMBER.match(self.text, self.at)
        if match is None:
            raise RefusedError("CANON_JSON", f"no value at {self.at}")
        self.at = match.end()
        if match[2] or match[3]:
            raise RefusedError("CANON_FLOAT", match[0])
        if abs(int(match[0])) > LARGEST:
            raise RefusedError("CANON_INT", match[0])
        return int(match[0])

    def string(self) -> str:
        self.take('"')
        out = ""
        while self.peek() != '"':
            char = self.peek()
            if char == "" or ord(char) < 32:
                raise RefusedError("CANON_JSON", f"string ends at {self.at}")
            self.at += 1
            out += self.escape() if char == "\\" else char
        self.take('"')
        # two escapes may be one character beyond the basic plane
        return out.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")

    def escape(self) -> str:
        char = self.peek()
        self.at += 1
        if char in SHORT and char:
            return SHORT[char]
        digits = self.text[self.at : self.at + 4]
        if char != "u" or re.fullmatch("[0-9a-fA-F]{4}", digits) is None:
            raise RefusedError("CANON_JSON", f"escape at {self.at}")
        self.at += 4
        return chr(int(digits, 16))

    def array(self) -> list[Any]:
        self.take("[")
        self.blanks()
        out: list[Any] = []
        while self.peek() != "]":
            if out:
                self.take(",")
            out.append(self.value())
        self.take("]")
        return out

    def object(self) -> dict[str, Any]:
        self.take("{")
        self.blanks()
        out: dict[str, Any] = {}
        while self.peek() != "}":
            if out:
                self.take(",")
            self.blanks()
            key = self.string()
            self.blanks()
            self.take(":")
            found = self.value()
            if key in out:
                raise RefusedError("CANON_DUPLICATE", key)
            out[key] = found
        self.take("}")
        return out


def check(value: Any, depth: int) -> None:
    if depth > DEPTH:
        raise RefusedError("CANON_DEPTH", str(depth))
    if value is None:
        raise RefusedError("CANON_TYPE", "null")
    if isinstance(value, str):
        if any(0xD800 <= ord(char) < 0xE000 for char in value):
            raise RefusedError("CANON_SURROGATE", ascii(value))
        if unicodedata.normalize("NFC", value) != value:
            raise RefusedError("CANON_NFC", value)
    if isinstance(value, list):
        for item in value:
            check(item, depth + 1)
    if isinstance(value, dict):
        for key, item in value.items():
            if not key.isascii():
                raise RefusedError("CANON_KEY", key)
            check(item, depth + 1)


def read(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise RefusedError("CANON_UTF8", str(e.start)) from e
    reader = Reader(text)
    value = reader.value()
    if reader.at != len(text):
        raise RefusedError("CANON_JSON", f"more at {reader.at}")
    check(value, 0)
    if jcs(value) != data:
        raise RefusedError("CANON_BYTES", "")
    return value
