"""One tree of errors, each with a stable code, a place and a way out.

Library code raises; the command line prints. A message says what was found and where; the hint says
what to do. Codes are part of the contract (docs/spec/errors.md): tests and outside scripts compare codes, never words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FOUND_LIMIT = 120
"""Longest piece of hostile input an error ever carries, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was found. Rows and columns are as a reader of the file counts them (from 1)."""

    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding, in the shape that ``--json`` prints."""

    code: str
    message: str
    hint: str = ""
    place: Place = Place()
    found: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return every key, the empty ones too: a script need not ask which are there."""
        p = self.place
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "file": p.file,
            "sheet": p.sheet,
            "row": p.row,
            "column": p.column,
            "found": self.found,
        }


def printable(text: str) -> str:
    """Return `text` as one line that cannot move the cursor or pass for another line."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def clip(found: object) -> str:
    """Return a printable, bounded form of something found in hostile input."""
    text = found if isinstance(found, str) else repr(found)
    shown = printable(text[: FOUND_LIMIT + 1])
    return shown if len(shown) <= FOUND_LIMIT else shown[: FOUND_LIMIT - 1] + "…"


class SamplerError(Exception):
    """Root of every error this program raises on purpose.

    Parameters
    ----------
    code
        Stable upper-case code, for example ``TABLE_ORDER``.
    message
        What is wrong, in one sentence.
    hint
        What to do about it.
    place, found
        Where it was seen, and what was seen there.
    exit_code
        1 when the answer is "no", 2 when the input or the usage is unreadable.
    """

    exit_code = 2

    def __init__(
        self, code: str, message: str, *, hint: str = "", place: Place | None = None, found: object = ""
    ) -> None:
        super().__init__(message)
        self.problem = Problem(
            code=code, message=message, hint=hint, place=place or Place(), found=clip(found) if found != "" else ""
        )

    @property
    def code(self) -> str:
        """The stable code."""
        return self.problem.code

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every finding this error carries (one, unless it gathers)."""
        return (self.problem,)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error of a worker process reach the one that started it, whole."""
        return again, (type(self), self.problems)


def again(kind: type[SamplerError], problems: tuple[Problem, ...]) -> SamplerError:
    """Return an error of this kind with these findings."""
    if issubclass(kind, InputError):
        return kind(problems)
    first = problems[0]
    return kind(first.code, first.message, hint=first.hint, place=first.place, found=first.found)


class CanonError(SamplerError):
    """A value has no canonical form, or bytes are not in it (records.md, 1)."""


class RecordError(SamplerError):
    """A record breaks its field table (records.md, 3)."""


class TableError(SamplerError):
    """A TSV table breaks its rules (records.md, 2)."""


class InputError(SamplerError):
    """A file the office supplied cannot be used; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        first = found[0]
        super().__init__(first.code, first.message, hint=first.hint, place=first.place, found=first.found)
        self._all = found

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every finding, in file order."""
        return self._all


class PlanError(SamplerError):
    """The plan asks for something unlawful or impossible."""

    exit_code = 1


class DrawError(SamplerError):
    """A step of the draw cannot be computed."""

    exit_code = 1


class StepError(SamplerError):
    """A step is not allowed now: too early, too late, done already."""

    exit_code = 1


class StoreError(SamplerError):
    """The disk refused, or what lies on it is damaged."""

    exit_code = 1
