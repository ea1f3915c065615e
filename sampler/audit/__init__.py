"""Audit of any draw procedure by running it many times (docs/spec/audit.md)."""

from __future__ import annotations

from sampler.audit.checks import CHECKS, FLAGGED, NA, OK, UNCLEAR, Finding, examine, runs_for_reach
from sampler.audit.sealed import sealed
from sampler.audit.subjects import BUILT_IN, Line, Subject
from sampler.audit.tally import Tally, seeds, tally

__all__ = [
    "BUILT_IN",
    "CHECKS",
    "FLAGGED",
    "NA",
    "OK",
    "UNCLEAR",
    "Finding",
    "Line",
    "Subject",
    "Tally",
    "examine",
    "runs_for_reach",
    "sealed",
    "seeds",
    "tally",
]
