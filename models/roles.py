"""Which column of a history plays which part: named by the analyst, or found by its usual name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models import columns
from models.grammar import Target, parse_severity, parse_target
from models.problems import refuse
from models.reading import as_number

if TYPE_CHECKING:
    import pandas as pd

    from models.options import Options

NONE: Final = "none"
"""Says on purpose: no such column."""
_IDS: Final = ("object_id", "establishment_id")
_INSPECTORS: Final = ("inspector_id", "inspector")
_MEASURE: Final = re.compile(
    r"(^|_)(n|num|points|scores?|severity|defects?|issues?|fines?|penalt(y|ies)|critical|serious|minor|failed)(_|$)|viol",
    re.IGNORECASE,
)
_FILLED: Final = 0.5
"""A measure is a number in at least this share of the rows."""
HEADINGS: Final = {
    "统一社会信用代码": "object_id",
    "注册号": "object_id",
    "对象代码": "object_id",
    "检查日期": "date",
    "日期": "date",
    "检查结果": "result",
    "结果": "result",
    "严重程度": "severity",
    "得分": "score",
    "问题数": "defects",
    "检查事项": "item",
    "执法证号": "inspector_id",
    "检查人员": "inspector_id",
    "抽查编号": "draw_id",
    "入样概率": "pi",
    "权重": "W",
}
"""Chinese headings of a history and what they mean; the import doctor knows many more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column plays which part in one history file.

    Parameters
    ----------
    id_col, date_col, weight_col, pi_col, inspector_col
        Columns; the last three are empty where the file has none.
    target, severity, lower
        Outcome, columns of the severity with factors (empty: the outcome itself), and whether lower is worse.
    measures
        Other columns that describe the outcome in numbers: their past values are features.
    """

    id_col: str
    date_col: str
    target: Target
    severity: tuple[tuple[str, int], ...]
    lower: bool
    weight_col: str
    pi_col: str
    inspector_col: str
    measures: tuple[str, ...]

    @property
    def outcome_cols(self) -> frozenset[str]:
        """Columns that describe the outcome."""
        return frozenset({self.target.column, *self.measures, *(name for name, _ in self.severity)})

    @property
    def severity_text(self) -> str:
        """The severity as the analyst would write it."""
        return "+".join(f"{k}*{name}" if k != 1 else name for name, k in self.severity) or NONE

    def shown(self) -> dict[str, object]:
        """Return the parts by name, as ``evaluate --json`` prints them."""
        return {
            "id": self.id_col,
            "date": self.date_col,
            "target": self.target.column,
            "severity": self.severity_text,
            "score_direction": "lower" if self.lower else "higher",
            "weight": self.weight_col or (f"1/{self.pi_col}" if self.pi_col else NONE),
            "inspector": self.inspector_col or NONE,
            "measures": list(self.measures),
        }


def find_roles(frame: pd.DataFrame, options: Options, file: str) -> Roles:
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
    weight_col = _named(frame, options.weight_col, "--weight-col", file) or ("W" if "W" in frame.columns else "")
    return Roles(
        id_col=id_col,
        date_col=options.date_col,
        target=target,
        severity=severity,
        lower=lower,
        weight_col="" if options.weight_col == NONE else weight_col,
        pi_col="" if weight_col else _named(frame, options.pi_col, "--pi-col", file),
        inspector_col=options.inspector_col or next((c for c in _INSPECTORS if c in frame.columns), ""),
        measures=_measures(frame, options, {id_col, target.column, *(n for n, _ in severity)}, file),
    )


def _named(frame: pd.DataFrame, name: str, option: str, file: str) -> str:
    if name and name != NONE:
        columns.need(frame, name, option, file)
    return "" if name == NONE else name


def _measures(frame: pd.DataFrame, options: Options, taken: set[str], file: str) -> tuple[str, ...]:
    if options.measures:
        named = [_named(frame, name, "--measures", file) for name in options.measures]
        return tuple(sorted({n for n in named if n}))
    found = [c for c in map(str, frame.columns) if c not in taken and _MEASURE.search(c)]
    return tuple(sorted(c for c in found if as_number(frame[c]).notna().mean() >= _FILLED))


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
