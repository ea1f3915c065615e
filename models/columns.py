"""Columns of a history file to integers: days, outcomes, severities in thousandths, weights in millionths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.problems import refuse, refuse_rows
from models.reading import as_number, as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.grammar import Target

MISSING: Final = -(10**9)
"""The integer of a value that is not there; below every real one."""
MILLI: Final = 1_000
MICRO: Final = 1_000_000
FULL_SCORE: Final = 100
"""A score of which less is worse becomes the severity 100 - score."""
MAX_VALUE: Final = 1_000_000
_ISO: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?Z?)?")


def need(frame: pd.DataFrame, name: str, option: str, file: str) -> pd.Series:
    """Return the column `name`.

    Raises
    ------
    InputError
        ``HISTORY_COLUMN`` if it is not there.
    """
    if name not in frame.columns:
        shown = ", ".join(str(c) for c in frame.columns)
        hint = f"name an existing column with {option}"
        refuse("HISTORY_COLUMN", f"the column {name} is missing", hint=hint, found=shown, column=name, file=file)
    return frame[name]


def bad_rows(column: pd.Series, bad: NDArray[np.bool_]) -> list[tuple[int, object]]:
    """Return row (the heading is row 1) and text of the bad cells."""
    where = np.flatnonzero(bad)
    shown = as_text(column.iloc[where])
    return [(int(row) + 2, text or "(empty)") for row, text in zip(shown.index.tolist(), shown, strict=True)]


def days(column: pd.Series, file: str, *, optional: bool = False) -> NDArray[np.int64]:
    """Return dates as days since 1970-01-01; missing ones as `MISSING` where they are optional.

    An ISO date may be followed by a time of day, which is not used.

    Raises
    ------
    InputError
        ``HISTORY_DATE`` naming each row that holds no ISO date.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        stamps = pd.Series(column)
        good = column.notna()
    else:
        text = as_text(column)
        dates = {t: _ISO.sub(r"\1", t) if _ISO.fullmatch(t) else None for t in text.unique()}
        shown = text.map(dates)
        good = shown.notna()
        stamps = pd.to_datetime(shown, format="%Y-%m-%d", errors="coerce")
    bad = stamps.isna() & (good | (column.notna() if optional else True))
    hint = "write dates as 2026-12-01"
    rows = bad_rows(column, bad.to_numpy(dtype="bool"))
    refuse_rows("HISTORY_DATE", "not an ISO date", rows, hint=hint, column=str(column.name), file=file)
    whole = stamps.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(whole), MISSING, whole.astype("int64"))


def outcomes(frame: pd.DataFrame, target: Target, file: str) -> NDArray[np.bool_]:
    """Return which rows fail the target.

    Raises
    ------
    InputError
        ``HISTORY_COLUMN`` or ``HISTORY_TARGET`` naming each row without a usable value.
    """
    column = need(frame, target.column, "--target", file)
    if target.numeric:
        numbers = as_number(column).to_numpy()
        bad, failed = ~np.isfinite(numbers), _compare(numbers, target.operator, float(target.value))
    else:
        text = as_text(column).to_numpy()
        bad, failed = text == "", (text == target.value) == (target.operator == "==")
    hint = "fill the cell in, or choose another --target"
    rows = bad_rows(column, bad)
    refuse_rows("HISTORY_TARGET", f"no value for {target.text}", rows, hint=hint, column=target.column, file=file)
    return np.asarray(failed, dtype="bool")


def _compare(a: NDArray[np.float64], operator: str, b: float) -> NDArray[np.bool_]:
    table = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}
    return np.asarray(table[operator], dtype="bool")


def severities(frame: pd.DataFrame, terms: tuple[tuple[str, int], ...], file: str, *, lower: bool) -> NDArray[np.int64]:
    """Return severities in thousandths: the sum of `terms`, or 100 less that where lower is worse.

    Raises
    ------
    InputError
        ``HISTORY_COLUMN``, or ``HISTORY_SEVERITY`` naming each row whose value is no number, negative or huge.
    """
    total = np.zeros(len(frame), dtype="int64")
    for name, factor in terms:
        total += factor * _measure(need(frame, name, "--severity-col", file), file)
    total = FULL_SCORE * MILLI - total if lower else total
    column = frame[terms[0][0]]
    hint = "a score above 100 needs --severity-col with an expression that grows with the severity"
    rows = bad_rows(column, (total < 0) | (total > MAX_VALUE * MILLI))
    refuse_rows("HISTORY_SEVERITY", "out of range", rows, hint=hint, column=str(column.name), file=file)
    return total


def _measure(column: pd.Series, file: str) -> NDArray[np.int64]:
    numbers = as_number(column).to_numpy()
    with np.errstate(invalid="ignore"):
        bad = ~((numbers >= 0) & (numbers <= MAX_VALUE))
    hint = "a severity is a number from 0 to 1,000,000; correct the row or choose another --severity-col"
    rows = bad_rows(column, bad)
    refuse_rows("HISTORY_SEVERITY", "not a severity", rows, hint=hint, column=str(column.name), file=file)
    return np.asarray(np.rint(numbers * MILLI), dtype="int64")


def measures(column: pd.Series) -> NDArray[np.int64]:
    """Return what a visit counted, in thousandths; `MISSING` where it is no number from 0 to 1,000,000."""
    numbers = as_number(column).to_numpy()
    with np.errstate(invalid="ignore"):
        good = (numbers >= 0) & (numbers <= MAX_VALUE)
    return np.where(good, np.rint(np.where(good, numbers, 0) * MILLI), MISSING).astype("int64")


def chances(column: pd.Series, file: str) -> NDArray[np.int64]:
    """Return the weights 1/pi in millionths of drawn rows; rows without a probability get 0.

    Raises
    ------
    InputError
        ``HISTORY_PI`` naming each row whose value is no probability.
    """
    numbers = as_number(column).to_numpy()
    with np.errstate(invalid="ignore"):
        good = (numbers >= 1 / MAX_VALUE) & (numbers <= 1)
    bad = column.notna().to_numpy() & ~good
    hint = "a probability lies above 0 and is at most 1; leave it empty for visits that were not drawn"
    rows = bad_rows(column, bad)
    refuse_rows("HISTORY_PI", "not a probability", rows, hint=hint, column=str(column.name), file=file)
    return np.where(good, np.rint(MICRO / np.where(good, numbers, 1)), 0).astype("int64")


def weights(column: pd.Series, file: str) -> NDArray[np.int64]:
    """Return weights in millionths; rows without a weight get 0.

    Raises
    ------
    InputError
        ``HISTORY_WEIGHT`` naming each row whose weight is no positive number.
    """
    numbers = as_number(column).to_numpy()
    with np.errstate(invalid="ignore"):
        bad = column.notna().to_numpy() & ~((numbers > 1 / MICRO) & (numbers <= MAX_VALUE))
    hint = "a weight W is a positive number; leave it empty for visits that were not drawn"
    rows = bad_rows(column, bad)
    refuse_rows("HISTORY_WEIGHT", "not a weight", rows, hint=hint, column=str(column.name), file=file)
    return np.asarray(np.rint(np.nan_to_num(numbers) * MICRO), dtype="int64")
