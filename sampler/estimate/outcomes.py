"""From the results of visits to an answer: compliant, not compliant, or none (docs/spec/estimate.md, 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sampler.errors import SamplerError, StepError
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_CONTACT: Final = "4"
"""The national category 通过登记的住所（经营场所）无法联系: the visit took place, the object was not found."""
CODES: Final = frozenset("12345678")
_RESULT: Final = re.compile(r"result=([1-8](?:,[1-8])*)")
_SEVERITY: Final = re.compile(r"severity<([1-3])")


class Answer(Enum):
    """What a drawn object's visits say about it."""

    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not-compliant"
    UNREACHABLE = "unreachable"
    NO_RESULT = "no-result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What counts as compliant.

    Parameters
    ----------
    name
        As written by whoever asks.
    good
        Result codes that count as compliant; None: the severity decides.
    severity_below
        With `good` None: compliant is a severity below this.
    no_contact
        What category 4 counts as.
    """

    name: str
    good: frozenset[str] | None
    severity_below: int = 0
    no_contact: Answer = Answer.UNREACHABLE

    def of_visit(self, result: str, severity: str) -> Answer:
        """Return the answer of one result row; an unknown severity is no answer."""
        if result == NO_CONTACT:
            return self.no_contact
        if self.good is not None:
            good = result in self.good
        elif severity == NONE:
            return Answer.NO_RESULT
        else:
            good = int(severity) < self.severity_below
        return Answer.COMPLIANT if good else Answer.NOT_COMPLIANT

    def of_object(self, visits: Iterable[tuple[str, str]]) -> Answer:
        """Return the answer of all result rows of one object: the worst, and any answer before none."""
        found = {self.of_visit(result, severity) for result, severity in visits}
        order = (Answer.NOT_COMPLIANT, Answer.COMPLIANT, Answer.UNREACHABLE)
        return next((a for a in order if a in found), Answer.NO_RESULT)


NAMED: Final = {
    "compliant": Outcome(name="compliant", good=frozenset("17")),
    "strict": Outcome(name="strict", good=frozenset("17"), no_contact=Answer.NOT_COMPLIANT),
    "disclosure": Outcome(name="disclosure", good=CODES - set("23")),
    "contact": Outcome(name="contact", good=CODES, no_contact=Answer.NOT_COMPLIANT),
}
"""Outcomes by name: the default, the same with 无法联系 as a failure, public information only, and reachability."""


def parse_outcome(text: str) -> Outcome:
    """Return the outcome meant by a name, ``result=1,7`` or ``severity<2``.

    Raises
    ------
    StepError
        ``OUTCOME_UNKNOWN``.
    """
    if text in NAMED:
        return NAMED[text]
    if found := _RESULT.fullmatch(text):
        good = frozenset(found[1].split(","))
        contact = Answer.COMPLIANT if NO_CONTACT in good else Answer.UNREACHABLE
        return Outcome(name=text, good=good, no_contact=contact)
    if found := _SEVERITY.fullmatch(text):
        return Outcome(name=text, good=None, severity_below=int(found[1]))
    hint = f"可用: {'、'.join(NAMED)}、result=1,7（列出算合格的结果代码）、severity<2"
    raise StepError("OUTCOME_UNKNOWN", "看不懂怎样算合格", hint=hint, found=text)


def parse_target(text: str) -> float:
    """Return the rate meant by ``98.5%``, ``985‰`` or ``0.985``.

    Raises
    ------
    SamplerError
        ``TARGET_FORM`` for anything that is not between 0 and 1.
    """
    number, unit = (text[:-1], {"%": 100, "‰": 1000}[text[-1]]) if text[-1:] in ("%", "‰") else (text, 1)
    try:
        found = float(Fraction(number.strip()) / unit)
    except (ValueError, ZeroDivisionError, OverflowError):
        found = -1.0
    if not 0 < found < 1:
        raise SamplerError("TARGET_FORM", "目标应在 0 与 100% 之间", hint="写成 98.5% 或 0.985", found=text)
    return found
