"""What was found in a file, kept in the file's order however the file was cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.errors import Place, Problem, clip

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PROBLEMS: Final = 1_000
"""Problems kept: the first of the file; the rest are only counted."""


@dataclass(slots=True)
class _Tally:
    """One warning about many rows: how many, and where first."""

    count: int
    hint: str
    place: Place
    found: str


class Findings:
    """Problems and warnings of one file."""

    def __init__(self) -> None:
        self.problem_count = 0
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []
        self._tallies: dict[tuple[str, str, str], _Tally] = {}

    def problem(self, code: str, message: str, hint: str, place: Place, found: str = "") -> None:
        """Record what must be corrected."""
        self.problem_count += 1
        self._problems.append(Problem(code=code, message=message, hint=hint, place=place, found=clip(found)))
        if len(self._problems) >= 4 * MAX_PROBLEMS:
            self._cut()

    def warn(self, code: str, message: str, hint: str, place: Place, found: str = "") -> None:
        """Record something the office should know; nothing is refused."""
        self._warnings.append(Problem(code=code, message=message, hint=hint, place=place, found=clip(found)))

    def tally(self, code: str, count: int, message: str, hint: str, place: Place, found: str = "") -> None:
        """Count rows of which one warning speaks.

        Parameters
        ----------
        code, hint
            As of a problem.
        count
            Rows to add.
        message
            The sentence, with ``{n}`` for the number of rows in the end.
        place, found
            Of the first of these rows; shown when no earlier call had one.
        """
        known = self._tallies.setdefault((code, place.column, message), _Tally(0, hint, place, found))
        known.count += count

    def _cut(self) -> None:
        self._problems.sort(key=lambda p: p.place.row)
        del self._problems[MAX_PROBLEMS:]

    def problems(self) -> tuple[Problem, ...]:
        """Return the first problems in the order of the file."""
        self._cut()
        return tuple(self._problems)

    def warnings(self) -> tuple[Problem, ...]:
        """Return all warnings: those about the whole file, then in the order of the file."""
        made = list(self._warnings)
        for (code, _, message), t in self._tallies.items():
            said = message.replace("{n}", str(t.count))
            made.append(Problem(code=code, message=said, hint=t.hint, place=t.place, found=clip(t.found)))
        return tuple(sorted(made, key=_in_file))


def _in_file(p: Problem) -> tuple[int, str, str, str]:
    return p.place.row, p.code, p.place.column, p.message


def first_rows(numbers: Sequence[int], most: int = 10) -> str:
    """Return row numbers for a finding."""
    return ", ".join(map(str, numbers[:most]))
