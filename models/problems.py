"""How this package refuses: one line to raise an error with a code, a place and a way out."""

from __future__ import annotations

from typing import Final, NoReturn

from sampler.errors import InputError, Place, Problem, clip

SHOWN: Final = 20
"""How many bad rows of one kind are listed before the rest is only counted."""


def refuse(code: str, message: str, *, hint: str, found: object = "", column: str = "", file: str = "") -> NoReturn:
    """Raise the error `code` for a whole file or option.

    Raises
    ------
    InputError
        Always.
    """
    place = Place(file=file, column=column)
    raise InputError([Problem(code=code, message=message, hint=hint, place=place, found=_shown(found))])


def refuse_rows(code: str, message: str, rows: list[tuple[int, object]], *, hint: str, column: str, file: str) -> None:
    """Raise the error `code` naming each of `rows` (row as a reader counts it, value found); nothing if empty.

    Raises
    ------
    InputError
        If there is any row.
    """
    if not rows:
        return
    rest = len(rows) - SHOWN
    more = f" (and {rest} more rows)" if rest > 0 else ""
    raise InputError(
        Problem(
            code=code,
            message=message + more,
            hint=hint,
            place=Place(file=file, row=row, column=column),
            found=_shown(found),
        )
        for row, found in rows[:SHOWN]
    )


def warning(code: str, message: str, *, hint: str = "", column: str = "", found: object = "") -> dict[str, object]:
    """Return one entry of the envelope's `warnings`."""
    return Problem(code=code, message=message, hint=hint, place=Place(column=column), found=_shown(found)).to_dict()


def _shown(found: object) -> str:
    return "" if found == "" else clip(found)
