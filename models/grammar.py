"""Two small languages of the command line: the target (``severity>=2``) and the severity (``4*a+2*b+c``).

Both are parsed by regular expressions, never evaluated as code.

>>> parse_target("critical_n>0")
Target(column='critical_n', operator='>', value='0')
>>> parse_severity("4*critical_n+minor_n")
(('critical_n', 4), ('minor_n', 1))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from models.problems import refuse

_TARGET: Final = re.compile(r"\s*([^\s<>=!*+]+)\s*(<=|>=|==|!=|<|>)\s*([^<>=!]*?)\s*")
_TERM: Final = re.compile(r"\s*(?:([0-9]{1,6})\s*\*\s*)?([^\s<>=!*/()+0-9-][^\s<>=!*/()+-]*)\s*")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_HINT_TARGET: Final = 'write --target "severity>=2": a column, one of <= >= < > == !=, then a number or a text'
_HINT_SEVERITY: Final = 'name a column, or write a sum such as "4*critical_n+2*serious_n+minor_n" (integers only)'


@dataclass(frozen=True, slots=True)
class Target:
    """What counts as a failed visit.

    Parameters
    ----------
    column, operator, value
        The three parts of the expression; `value` as text.
    """

    column: str
    operator: str
    value: str

    @property
    def numeric(self) -> bool:
        """Whether the value is a number."""
        return _NUMBER.fullmatch(self.value) is not None

    @property
    def lower_is_worse(self) -> bool:
        """Whether small values of the column are the failed ones."""
        return self.operator in {"<", "<="}

    @property
    def text(self) -> str:
        """The expression without blanks."""
        return f"{self.column}{self.operator}{self.value}"


def parse_target(text: str) -> Target:
    """Return the target that `text` describes.

    Raises
    ------
    InputError
        ``TARGET_SYNTAX`` if it is not column, operator, value; ``TARGET_ORDER`` for an order of texts.
    """
    match = _TARGET.fullmatch(text)
    if match is None or not match[3]:
        refuse("TARGET_SYNTAX", "the target is not column, operator, value", hint=_HINT_TARGET, found=text)
    target = Target(match[1], match[2], match[3].strip("'\""))
    if not target.numeric and target.operator not in {"==", "!="}:
        refuse("TARGET_ORDER", "texts have no order: use == or !=", hint=_HINT_TARGET, found=text)
    return target


def parse_severity(text: str) -> tuple[tuple[str, int], ...]:
    """Return the columns of a severity expression with their integer factors.

    Raises
    ------
    InputError
        ``SEVERITY_SYNTAX`` for anything but a column or a sum of integer multiples of columns.
    """
    matches = [_TERM.fullmatch(term) for term in text.split("+")]
    terms = tuple((m[2], int(m[1] or 1)) for m in matches if m is not None)
    if len(terms) != len(matches) or len({name for name, _ in terms}) != len(terms):
        refuse("SEVERITY_SYNTAX", "the severity is not a sum of columns", hint=_HINT_SEVERITY, found=text)
    return terms
