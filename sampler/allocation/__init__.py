"""Sizes, strata, weights, certainties and targets of a draw, in integers only (docs/spec/draw.md, 4 to 7).

Everything here is exact: a verifier in any language gets the same numbers from the sealed tables.

>>> clause_total(parse_ratio("1%"), 31107)
311
"""

from sampler.allocation.levels import (
    COOLDOWN_CAP,
    E12,
    RISK_MAX,
    TAKEN,
    Levels,
    counted_levels,
    fill,
    levels,
    round_e12,
    take_certain,
    weight_of,
    weights,
)
from sampler.allocation.sizes import Cell, Ratio, Stratum, clause_total, parse_ratio, strata

__all__ = [
    "COOLDOWN_CAP",
    "E12",
    "RISK_MAX",
    "TAKEN",
    "Cell",
    "Levels",
    "Ratio",
    "Stratum",
    "clause_total",
    "counted_levels",
    "fill",
    "levels",
    "parse_ratio",
    "round_e12",
    "strata",
    "take_certain",
    "weight_of",
    "weights",
]
