"""Strict records: a field table written as a frozen dataclass (docs/spec/records.md, 1.2).

Annotations are the schema. What is read must be exactly what would be written: no unknown field, no second form
of one fact, no coercion. Every refusal names the path.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, ClassVar, NoReturn, Self, TypeVar

from sampler import canon
from sampler.errors import CanonError, Place, RecordError, clip
from sampler.tables import ID

TEXT_BYTES = 1024
NOTE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of scalar: its name in the specification and the test a value must pass."""

    name: str
    python: type
    valid: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class By:
    """A list stands in strictly increasing order of these fields (none: of the items themselves)."""

    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AsciiMap:
    """Marks a JSON object with keys of one kind."""

    key: Kind


def _matches(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda v: compiled.fullmatch(v) is not None


def _is_text(limit: int, allowed: str) -> Callable[[Any], bool]:
    """Return the test of text without control characters (category Cc), those of `allowed` aside."""
    form = re.compile(rf"(?:[^\x00-\x1f\x7f-\x9f]|[{allowed}])*" if allowed else r"[^\x00-\x1f\x7f-\x9f]*")
    return lambda v: len(v.encode()) <= limit and form.fullmatch(v) is not None


def _is_day(v: str) -> bool:
    return _parses(v, "%Y-%m-%d", 10)


def _parses(v: str, form: str, length: int) -> bool:
    if len(v) != length or not v.isascii():
        return False
    try:
        found = dt.datetime.strptime(v, form)  # noqa: DTZ007  # text is checked, no clock is read
    except ValueError:
        return False
    return f"{found.isoformat()}Z".startswith(v)  # strftime writes years below 1000 without their zeros


def one_of(*words: str) -> Kind:
    """Return the kind of an id that is one of these words."""
    return Kind(" | ".join(words), str, frozenset(words).__contains__)


ID_KIND = Kind("id", str, lambda v: ID.fullmatch(v) is not None)
Int = Annotated[int, Kind("int", int, lambda v: 0 <= v <= canon.MAX_INT)]
From1 = Annotated[int, Kind("int from 1", int, lambda v: 1 <= v <= canon.MAX_INT)]
Big = Annotated[str, Kind("big", str, _matches(r"0|-?[1-9][0-9]{0,99}"))]
Hash = Annotated[str, Kind("hash", str, _matches(r"[0-9a-f]{64}"))]
Sig = Annotated[str, Kind("sig", str, _matches(r"[0-9a-f]{128}"))]
Nonce = Annotated[str, Kind("nonce", str, _matches(r"[0-9a-f]{32}"))]
Id = Annotated[str, ID_KIND]
DrawId = Annotated[str, Kind("draw_id", str, _matches(r"[0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4}"))]
Text = Annotated[str, Kind("text", str, _is_text(TEXT_BYTES, ""))]
Note = Annotated[str, Kind("note", str, _is_text(NOTE_BYTES, "\n"))]
Row = Annotated[str, Kind("row", str, _is_text(TEXT_BYTES, "\t"))]
Time = Annotated[str, Kind("time", str, lambda v: _parses(v, "%Y-%m-%dT%H:%M:%SZ", 20))]
Date = Annotated[str, Kind("date", str, _is_day)]
Month = Annotated[str, Kind("month", str, lambda v: _parses(v, "%Y-%m", 7))]
Flag = Annotated[bool, Kind("flag", bool, lambda v: v is True)]
NODE_KIND = Kind("node", str, _is_text(TEXT_BYTES, ""))

R = TypeVar("R", bound="Part")


class Part:
    """A JSON object with a field table; subclasses are frozen keyword-only dataclasses."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, value: Any, path: str = "$") -> Self:
        """Return the parsed object; refuse with ``RECORD_*`` and the path of the offence."""
        if not isinstance(value, dict):
            _refuse("RECORD_TYPE", path, "object", value)
        table = _fields(cls)  # type: ignore[arg-type]  # a class is hashable
        for name in value:
            if name not in table:
                _refuse("RECORD_UNKNOWN", f"{path}.{name}", "no such field", name)
        out: dict[str, Any] = {}
        for name, (read, optional) in table.items():
            if name in value:
                out[name] = read(value[name], f"{path}.{name}")
            elif not optional:
                _refuse("RECORD_MISSING", f"{path}.{name}", "required field", "")
        return cls(**out)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; absent optional fields stay absent."""
        found = ((name, getattr(self, name)) for name in _fields(type(self)))  # type: ignore[arg-type]  # a class is hashable
        return {name: _write(value) for name, value in found if value is not None}


class Record(Part):
    """A document with a type; the type stands in bytes and hash, so that no record passes for one of another kind."""

    __slots__ = ()
    TYPE: ClassVar[str]

    @classmethod
    def from_dict(cls, value: Any, path: str = "$") -> Self:
        """Return the parsed record; its ``type`` must be this class's."""
        if not isinstance(value, dict) or value.get("type") != cls.TYPE:
            _refuse(
                "RECORD_TYPE", f"{path}.type", cls.TYPE, value.get("type", "") if isinstance(value, dict) else value
            )
        return super().from_dict({k: v for k, v in value.items() if k != "type"}, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form with its type."""
        return {"type": self.TYPE, **super().to_dict()}

    @classmethod
    def parse(cls, data: bytes, file: str = "") -> Self:
        """Return the record in canonical `data`.

        Raises
        ------
        RecordError, CanonError
            With file, path and what was found.
        """
        try:
            return cls.from_dict(canon.decode(data))
        except (CanonError, RecordError) as e:
            p = e.problem
            place = Place(file=file, column=p.place.column)
            raise type(e)(e.code, f"{file}: {p.message}", hint=p.hint, place=place, found=p.found) from e

    def encode(self) -> bytes:
        """Return the canonical bytes."""
        return canon.encode(self.to_dict())

    def rhash(self) -> str:
        """Return the record hash in hex."""
        return canon.rhash(self.to_dict()).hex()


Read = Callable[[Any, str], Any]
"""Makes the parsed value of a JSON value that stands at a path."""


@cache
def _fields(cls: type[Part]) -> dict[str, tuple[Read, bool]]:
    """Return how each field is read, and whether it may be absent."""
    hints = typing.get_type_hints(cls, include_extras=True)
    out: dict[str, tuple[Read, bool]] = {}
    for f in dataclasses.fields(cls):  # type: ignore[arg-type]  # subclasses are dataclasses
        hint = hints[f.name]
        optional = typing.get_origin(hint) in (types.UnionType, typing.Union)
        inner = next(a for a in typing.get_args(hint) if a is not type(None)) if optional else hint
        out[f.name] = (_reader(inner), optional)
    return out


def _reader(hint: Any) -> Read:
    marks: tuple[Any, ...] = ()
    if typing.get_origin(hint) is Annotated:
        hint, *rest = typing.get_args(hint)
        marks = tuple(rest)
    if marks and isinstance(marks[0], Kind):
        return partial(_scalar, marks[0])
    origin = typing.get_origin(hint)
    if origin is tuple:
        return partial(_list, _reader(typing.get_args(hint)[0]), marks)
    if origin is dict:
        return partial(_map, _reader(typing.get_args(hint)[1]), marks)
    if isinstance(hint, type) and issubclass(hint, Part):
        return hint.from_dict
    raise RecordError("RECORD_SCHEMA", f"no rule for {hint!r}")


def _scalar(kind: Kind, value: Any, path: str) -> Any:
    if type(value) is not kind.python or not kind.valid(value):
        _refuse("RECORD_VALUE", path, kind.name, value)
    return value


def _list(read: Read, marks: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        _refuse("RECORD_VALUE", path, "list", value)
    parsed = tuple([read(v, f"{path}[{n}]") for n, v in enumerate(value)])
    for mark in marks:
        if isinstance(mark, By):
            keys = [tuple(_rank(getattr(p, f)) for f in mark.fields) if mark.fields else p.encode() for p in parsed]
            for n, (a, b) in enumerate(itertools.pairwise(keys)):
                if a >= b:
                    _refuse("RECORD_ORDER", f"{path}[{n + 1}]", "strictly increasing order", value[n + 1])
    return parsed


def _rank(value: str | int) -> bytes | int:
    return value.encode() if isinstance(value, str) else value


def _map(read: Read, marks: tuple[Any, ...], value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse("RECORD_VALUE", path, "object", value)
    kind = next((m.key for m in marks if isinstance(m, AsciiMap)), ID_KIND)
    return {_scalar(kind, k, f"{path}.{k}"): read(v, f"{path}.{k}") for k, v in value.items()}


def _write(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_write(v) for v in value]
    if isinstance(value, dict):
        return {k: _write(v) for k, v in value.items()}
    return value


def _refuse(code: str, path: str, want: str, found: object) -> NoReturn:
    raise RecordError(
        code,
        f"{clip(path)}: expected {want}",
        hint="see docs/spec/records.md for the field table",
        place=Place(column=clip(path)),
        found=found,
    )
