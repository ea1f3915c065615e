"""The history as a tidy table of visits: integers, sorted by object and day, nothing from the as-of date on.

Rows dated at or after the as-of date are counted and dropped before any other cell of them is read, so no
label, weight or attribute from the future can reach a feature, a cut point or a score.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from models import columns
from models.grammar import Target, parse_severity, parse_target
from models.problems import refuse, refuse_rows, warning
from models.reading import as_ids, as_text, read_frame

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from models.options import Options

_Kind = TypeVar("_Kind", bound=np.generic)
FILE: Final = "history"
NONE: Final = "none"
"""Says on purpose: no such column."""
_IDS: Final = ("object_id", "establishment_id")
_INSPECTORS: Final = ("inspector_id", "inspector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column plays which part in one history file.

    Parameters
    ----------
    id_col, date_col, weight_col, inspector_col
        Columns; the last two are empty where the file has none.
    target, severity, lower
        Outcome, columns of the severity with factors (empty: the outcome itself), and whether lower is worse.
    """

    id_col: str
    date_col: str
    target: Target
    severity: tuple[tuple[str, int], ...]
    lower: bool
    weight_col: str
    inspector_col: str

    @property
    def outcome_cols(self) -> frozenset[str]:
        """Columns that describe the outcome."""
        return frozenset({self.target.column, *(name for name, _ in self.severity)})


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Visits before the as-of date, one a day and object, sorted by object and day.

    Parameters
    ----------
    ids, day, failed, severity, weight
        Object, day since 1970-01-01, outcome, severity in thousandths, weight in millionths (0: not drawn).
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
    raw: pd.DataFrame
    roles: Roles
    counts: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of visits."""
        return len(self.day)


def read_history(source: bytes | pd.DataFrame, options: Options, file: str = FILE) -> History:
    """Return the tidy visits of a history file.

    Parameters
    ----------
    source
        CSV or Parquet bytes, or a frame.
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
    roles = find_roles(frame, options, file)
    day = columns.days(columns.need(frame, roles.date_col, "--date-col", file), file)
    known = day < options.asof_day
    past = frame.loc[known]
    failed = columns.outcomes(past, roles.target, file)
    history = History(
        ids=_ids(past[roles.id_col], file),
        day=day[known],
        failed=failed,
        severity=_severity(past, roles, failed, file),
        weight=columns.weights(past[roles.weight_col], file) if roles.weight_col else np.zeros(len(past), "int64"),
        raw=past,
        roles=roles,
        counts={"rows_in": len(frame), "rows_future": int((~known).sum())},
    )
    return _merged(history)


def notes(history: History) -> list[dict[str, object]]:
    """Return a warning for each kind of row that was left out or merged."""
    told = {
        "HISTORY_FUTURE": ("rows_future", "rows at or after the as-of date were not used"),
        "HISTORY_MERGED": ("rows_merged", "rows of the same object and day were merged into the worst"),
    }
    counted = [(code, history.counts[key], text) for code, (key, text) in told.items()]
    return [warning(code, f"{n} {text}") for code, n, text in counted if n]


def find_roles(frame: pd.DataFrame, options: Options, file: str = FILE) -> Roles:
    """Return the columns that play the parts, from options and defaults.

    Raises
    ------
    InputError
        ``HISTORY_COLUMN``, ``TARGET_MISSING``, ``TARGET_SYNTAX``, ``SEVERITY_SYNTAX`` or ``OPTION_DIRECTION``.
    """
    id_col = options.id_col or next((c for c in _IDS if c in frame.columns), _IDS[0])
    columns.need(frame, id_col, "--id-col", file)
    target = parse_target(options.target or _default_target(frame, options, file))
    severity, lower = _severity_role(frame, options, target)
    return Roles(
        id_col=id_col,
        date_col=options.date_col,
        target=target,
        severity=severity,
        lower=lower,
        weight_col=_weight_col(frame, options, file),
        inspector_col=options.inspector_col or next((c for c in _INSPECTORS if c in frame.columns), ""),
    )


def _default_target(frame: pd.DataFrame, options: Options, file: str) -> str:
    if "severity" in frame.columns:
        return "severity>=2"
    named = options.severity_col or "score"
    what = "a bare score does not say what a failure is" if named in frame.columns else "no column named severity"
    hint = f'add --target, for example --target "{named}<=85"'
    return refuse("TARGET_MISSING", what, hint=hint, found=named, column=named, file=file)


def _severity_role(frame: pd.DataFrame, options: Options, target: Target) -> tuple[tuple[tuple[str, int], ...], bool]:
    if options.severity_col == NONE:
        return (), False
    given = options.severity_col or ("severity" if "severity" in frame.columns else "")
    name = given or (target.column if target.numeric and target.operator not in {"==", "!="} else "")
    if not name:
        return (), False
    terms = parse_severity(name)
    same = terms == ((target.column, 1),) and target.numeric
    lower = options.score_direction == "lower" or (not options.score_direction and same and target.lower_is_worse)
    if same and target.operator[0] in "<>" and lower != target.lower_is_worse:
        hint = "turn the operator of --target or --score-direction around"
        refuse("OPTION_DIRECTION", f"{target.text} contradicts the direction", hint=hint, found=options.score_direction)
    return terms, lower


def _weight_col(frame: pd.DataFrame, options: Options, file: str) -> str:
    if options.weight_col == NONE:
        return ""
    if options.weight_col:
        columns.need(frame, options.weight_col, "--weight-col", file)
        return options.weight_col
    return "W" if "W" in frame.columns else ""


def _ids(column: pd.Series, file: str) -> NDArray[np.object_]:
    ids = as_ids(column)
    rows = columns.bad_rows(column, (ids == "").to_numpy(dtype="bool"))
    hint = "every visit needs the identifier of its object"
    refuse_rows("HISTORY_ID", "no identifier", rows, hint=hint, column=str(column.name), file=file)
    return ids.to_numpy(dtype="object")


def _severity(frame: pd.DataFrame, roles: Roles, failed: NDArray[np.bool_], file: str) -> NDArray[np.int64]:
    if not roles.severity:
        return failed.astype("int64") * columns.MILLI
    return columns.severities(frame, roles.severity, file, lower=roles.lower)


def _merged(history: History) -> History:
    order = _worst_first(history)
    ids, day = history.ids[order], history.day[order]
    first = np.ones(len(order), dtype="bool")
    first[1:] = (ids[1:] != ids[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(first)
    kept = order[starts]
    merged = len(order) - len(kept)
    return replace(
        history,
        ids=history.ids[kept],
        day=history.day[kept],
        failed=_largest(history.failed[order], starts),
        severity=_largest(history.severity[order], starts),
        weight=_largest(history.weight[order], starts),
        raw=history.raw.iloc[kept].reset_index(drop=True),
        counts={**history.counts, "rows_merged": merged, "rows_used": len(kept)},
    )


def _largest(values: NDArray[_Kind], starts: NDArray[np.intp]) -> NDArray[_Kind]:
    return np.maximum.reduceat(values, starts) if len(starts) else values


def _worst_first(history: History) -> NDArray[np.intp]:
    """Order by object, day and worst first; ties by the whole row as text, so that the file's order is no input."""
    _, codes = np.unique(history.ids.astype("str"), return_inverse=True)
    keys = (~history.failed, -history.severity, history.day, codes)
    order = np.lexsort(keys)
    twin = (codes[order][1:] == codes[order][:-1]) & (history.day[order][1:] == history.day[order][:-1])
    rows = np.unique(np.concatenate([np.flatnonzero(twin), np.flatnonzero(twin) + 1]))
    tie = np.zeros(len(order), dtype="int64")
    if len(rows):
        where = order[rows]
        twins = history.raw.iloc[where]
        cells = [as_text(twins[c]).tolist() for c in sorted(twins.columns, key=str)]
        text = np.array(["\x1f".join(row) for row in zip(*cells, strict=True)])
        tie[where] = np.unique(text, return_inverse=True)[1]
    return np.lexsort((tie, *keys))
