"""What the analyst may choose, in one frozen bag; the choices end up in the points table."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from models.problems import refuse

EPOCH: Final = dt.date(1970, 1, 1)
MOST_NEAR: Final = 60
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: str, *, option: str = "--asof") -> int:
    """Return an ISO date as days since 1970-01-01.

    Raises
    ------
    InputError
        ``DATE_SYNTAX`` for anything but an existing YYYY-MM-DD.
    """
    try:
        day = dt.date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        refuse("DATE_SYNTAX", "not a date", hint=f"write {option} as 2026-12-01", found=text, column=option)
    return (day - EPOCH).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a history is to be read.

    Parameters
    ----------
    asof
        First day that must not be known, ISO.
    target
        What counts as a failed visit; empty: ``severity>=2``.
    id_col, date_col, severity_col, weight_col, inspector_col
        Columns; empty: the default names. ``none`` as the weight or
        severity column: there is none.
    score_direction
        ``lower`` or ``higher`` is worse, for a severity that is a score; empty: as the target says.
    attributes, exclude
        Names to use, each optionally with ``:number`` or ``:text``, and names not to use.
    pi_col
        Column of inclusion probabilities, where there is no weight column.
    measures
        Columns counted at a visit whose past values are features; none given: found by name; ``none``: no column.
    near_days
        A visit without a weight that repeats the outcome and severity of the one before within so many days is
        a duplicate record and dropped.
    missing
        ``refuse`` or ``drop`` visits whose outcome is empty.
    """

    asof: str
    target: str = ""
    id_col: str = ""
    date_col: str = "date"
    severity_col: str = ""
    score_direction: str = ""
    weight_col: str = ""
    inspector_col: str = ""
    attributes: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pi_col: str = ""
    measures: tuple[str, ...] = ()
    near_days: int = 0
    missing: str = "refuse"

    def __post_init__(self) -> None:
        """Check what can be checked without a file."""
        parse_day(self.asof)
        if self.score_direction not in {"", "lower", "higher"}:
            hint = "write --score-direction lower or --score-direction higher"
            refuse("OPTION_DIRECTION", "unknown direction of the score", hint=hint, found=self.score_direction)
        if self.missing not in {"refuse", "drop"}:
            hint = "write --missing refuse or --missing drop"
            refuse("OPTION_MISSING", "unknown choice", hint=hint, found=self.missing, column="--missing")
        if not 0 <= self.near_days <= MOST_NEAR:
            hint = f"write --near-days from 0 to {MOST_NEAR}"
            refuse("OPTION_NEAR", "not a number of days", hint=hint, found=str(self.near_days), column="--near-days")

    @property
    def asof_day(self) -> int:
        """The as-of date as days since 1970-01-01."""
        return parse_day(self.asof)
