"""Attributes that may never be features: what describes the same visit, and who did the visit.

The result of a visit is known only after it, the inspector is drawn after the firm: a model that uses either is
measured high and worth nothing (docs: the inspector alone explains most of a well-known published gain).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from models.problems import refuse
from models.reading import as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INSPECTOR: Final = re.compile(r"inspectors?|officers?|sanitarian|检查人|执法人|检查员", re.IGNORECASE)
_OUTCOME: Final = re.compile(
    r"(^|_)(results?|outcome|score|scores|severity|severities|grade|pass|fail|failed|failure|n|num|fine|"
    r"penalty|penalties|defects?|issues?|comments?|remarks?|notes?|text|left|entered)(_|$)|viol|defect|visit_code"
    r"|结果|得分|评分|问题|违法|违规|处罚|严重|备注|描述",
    re.IGNORECASE,
)
_DESIGN: Final = frozenset({"w", "pi", "pi_e12", "draw_id", "weight"})
_ENOUGH: Final = 5
"""An attribute with fewer rows than this a value is no evidence of a leak."""


def check_name(name: str, *, inspector_col: str, outcome_cols: frozenset[str]) -> None:
    """Refuse an attribute that by its name cannot be known before the visit.

    Raises
    ------
    InputError
        ``ATTRIBUTE_INSPECTOR``, ``ATTRIBUTE_OUTCOME`` or ``ATTRIBUTE_DESIGN``.
    """
    hint = f"leave {name} out of --attributes"
    if name == inspector_col or _INSPECTOR.search(name):
        message = "the inspector is drawn after the firm and is never a feature of its risk"
        refuse("ATTRIBUTE_INSPECTOR", message, hint=hint, found=name, column=name)
    if name in outcome_cols or _OUTCOME.search(name):
        message = "this describes the outcome of the same visit; earlier visits are used already"
        refuse("ATTRIBUTE_OUTCOME", message, hint=hint, found=name, column=name)
    if name.lower() in _DESIGN:
        message = "probabilities and weights of the draw are not properties of the firm"
        refuse("ATTRIBUTE_DESIGN", message, hint=hint, found=name, column=name)


def check_values(name: str, values: pd.Series, failed: NDArray[np.bool_]) -> None:
    """Refuse an attribute whose every value has one outcome only: a copy of the outcome under another name.

    Raises
    ------
    InputError
        ``ATTRIBUTE_LEAK``.
    """
    groups = pd.factorize(as_text(values))[0]
    size = np.bincount(groups)
    hits = np.bincount(groups, weights=failed)
    pure = bool(((hits == 0) | (hits == size)).all())
    if pure and 0 < hits.sum() < len(groups) and len(size) * _ENOUGH <= len(groups):
        hint = f"leave {name} out of --attributes, or supply what was known before the visit"
        refuse("ATTRIBUTE_LEAK", "this attribute separates the outcomes perfectly", hint=hint, found=name, column=name)
