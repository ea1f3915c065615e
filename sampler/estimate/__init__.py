"""Rates and intervals from published draws (docs/spec/estimate.md)."""

from __future__ import annotations

from sampler.estimate.drawn import GROUPINGS, NEEDED, Drawn, read
from sampler.estimate.outcomes import NAMED, Answer, Outcome, parse_outcome, parse_target
from sampler.estimate.rates import CANNOT_TELL, FEW, MET, NOT_MET, Estimate, Worst, estimate, holm
from sampler.estimate.survey import Survey, survey

__all__ = [
    "CANNOT_TELL",
    "FEW",
    "GROUPINGS",
    "MET",
    "NAMED",
    "NEEDED",
    "NOT_MET",
    "Answer",
    "Drawn",
    "Estimate",
    "Outcome",
    "Survey",
    "Worst",
    "estimate",
    "holm",
    "parse_outcome",
    "parse_target",
    "read",
    "survey",
]
