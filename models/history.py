"""The history as a tidy table of visits: integers, sorted by object and day, nothing from the as-of date on.

Rows dated at or after the as-of date are counted and dropped before any other cell of them is read, so no
label, weight or attribute from the future can reach a feature, a cut point or a score.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from models import columns
from models.problems import refuse_rows, warning
from models.reading import as_ids, as_text, read_frame
from models.roles import HEADINGS, NONE, Roles, find_roles
from models.tidy import merged, without_repeats

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.options import Options

__all__ = ["NONE", "History", "Roles", "find_roles", "notes", "read_history"]
FILE: Final = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Visits before the as-of date, one a day and object, sorted by object and day.

    Parameters
    ----------
    ids, day, failed, severity, weight
        Object, day since 1970-01-01, outcome, severity in thousandths, weight in millionths (0: not drawn).
    measures
        Column name to what the visit counted, in thousandths (`columns.MISSING`: not counted).
    raw
        The surviving rows of the file, aligned, for attributes.
    roles, counts
        Columns used, and what was read, dropped and merged.
    """

    ids: NDArray[np.object_]
    day: NDArray[np.int64]
    failed: NDArray[np.bool_]
    severity: NDArray[np.int64]
    weight: NDArray[np.int64]
    measures: dict[str, NDArray[np.int64]]
    raw: pd.DataFrame
    roles: Roles
    counts: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of visits."""
        return len(self.day)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> History:
        """Return some of the visits, in the same order."""
        return replace(
            self,
            ids=self.ids[rows],
            day=self.day[rows],
            failed=self.failed[rows],
            severity=self.severity[rows],
            weight=self.weight[rows],
            measures={name: values[rows] for name, values in self.measures.items()},
            raw=self.raw.iloc[np.arange(len(self))[rows]].reset_index(drop=True),
        )

    def before(self, day: int) -> History:
        """Return the visits strictly before a day: all that was known that morning."""
        return self.take(self.day < day)


def read_history(source: bytes | pd.DataFrame, options: Options, file: str = FILE) -> History:
    """Return the tidy visits of a history file.

    Parameters
    ----------
    source
        CSV, Parquet or workbook bytes, or a frame.
    options
        The analyst's choices.
    file
        Name for messages.

    Raises
    ------
    InputError
        ``FILE_*``, ``HISTORY_*``, ``TARGET_*``, ``SEVERITY_*`` with rows and columns.
    """
    frame = read_frame(source, file) if isinstance(source, bytes) else source.reset_index(drop=True)
    frame = frame.rename(columns={c: HEADINGS[str(c)] for c in frame.columns if HEADINGS.get(str(c), c) not in frame})
    roles = find_roles(frame, options, file)
    day = columns.days(columns.need(frame, roles.date_col, "--date-col", file), file)
    known = day < options.asof_day
    told = known & _told(frame, roles, options)
    past = frame.loc[told]
    failed = columns.outcomes(past, roles.target, file)
    history = History(
        ids=_ids(past[roles.id_col], file),
        day=day[told],
        failed=failed,
        severity=_severity(past, roles, failed, file),
        weight=_weight(past, roles, file),
        measures={name: columns.measures(past[name]) for name in roles.measures},
        raw=past,
        roles=roles,
        counts={
            "rows_in": len(frame),
            "rows_future": int((~known).sum()),
            "rows_unknown": int((known & ~told).sum()),
        },
    )
    return without_repeats(merged(history), options.near_days)


def notes(history: History) -> list[dict[str, object]]:
    """Return a warning for each kind of row that was left out or merged."""
    told = {
        "HISTORY_FUTURE": ("rows_future", "rows at or after the as-of date were not used"),
        "HISTORY_UNKNOWN": ("rows_unknown", "rows without an outcome were dropped"),
        "HISTORY_MERGED": ("rows_merged", "rows of the same object and day were merged into the worst"),
        "HISTORY_REPEATED": ("rows_repeated", "rows that repeat the visit before within a few days were dropped"),
    }
    counted = [(code, history.counts.get(key, 0), text) for code, (key, text) in told.items()]
    return [warning(code, f"{n} {text}") for code, n, text in counted if n]


def _told(frame: pd.DataFrame, roles: Roles, options: Options) -> NDArray[np.bool_]:
    """Return the rows whose outcome and severity are filled in; all of them where an empty one is refused."""
    told = np.ones(len(frame), dtype="bool")
    wanted = {roles.target.column, *(name for name, _ in roles.severity)} & set(frame.columns)
    for name in wanted if options.missing == "drop" else ():
        told &= (as_text(frame[name]) != "").to_numpy(dtype="bool")
    return told


def _ids(column: pd.Series, file: str) -> NDArray[np.object_]:
    ids = as_ids(column)
    rows = columns.bad_rows(column, (ids == "").to_numpy(dtype="bool"))
    hint = "every visit needs the identifier of its object"
    refuse_rows("HISTORY_ID", "no identifier", rows, hint=hint, column=str(column.name), file=file)
    return ids.to_numpy(dtype="object")


def _weight(frame: pd.DataFrame, roles: Roles, file: str) -> NDArray[np.int64]:
    if roles.weight_col:
        return columns.weights(frame[roles.weight_col], file)
    return columns.chances(frame[roles.pi_col], file) if roles.pi_col else np.zeros(len(frame), dtype="int64")


def _severity(frame: pd.DataFrame, roles: Roles, failed: NDArray[np.bool_], file: str) -> NDArray[np.int64]:
    if not roles.severity:
        return failed.astype("int64") * columns.MILLI
    return columns.severities(frame, roles.severity, file, lower=roles.lower)
