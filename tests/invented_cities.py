"""Cities that never were: histories of different structure, to see whether a pipeline holds where nobody looked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

YEAR: Final = 365
TYPES, ZIPS, OFFICERS = 12, 25, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """How firms differ and change, and how the office looks at them.

    Parameters
    ----------
    firms, years, per_year
        Size, span, and usual visits a year.
    firm, kind, place, officer
        Standard deviation of log severity between firms, kinds, places and officers (who move on every year).
    drift
        Of a firm's log severity in a year, as a standard deviation.
    mend
        Log severity lost after a grave visit.
    heavy
        Shape of the gamma that spreads a visit's severity: small is heavy-tailed.
    fresh
        Share of firms that open later.
    """

    firms: int = 2_500
    years: int = 4
    per_year: float = 2.0
    firm: float = 0.8
    kind: float = 0.4
    place: float = 0.3
    officer: float = 0.0
    drift: float = 0.2
    mend: float = 0.0
    heavy: float = 1.0
    fresh: float = 0.3


GRAVE: Final = 8
"""Severity above which a visit is grave."""
CITIES: Final = {
    "long records": (City(firms=2_300, years=5, per_year=1.8, firm=0.55, drift=0.25, heavy=1.5), "score<=90"),
    "firms that change": (City(firms=2_000, years=5, per_year=2.5, firm=0.4, drift=0.5, heavy=1.5), "score<=88"),
    "few visits": (City(firms=6_000, years=3, per_year=0.6, firm=0.7), "score<=90"),
    "pass or fail only": (City(firms=3_000, per_year=1.5, drift=0.3), "result==fail"),
    "no attributes": (City(firm=0.7, kind=0.3), "score<=90"),
    "severity says it all": (City(years=5, firm=0.7, kind=0, place=0, drift=0, heavy=50, fresh=0), "score<=92"),
    "nothing to learn": (City(firm=0, kind=0, place=0, drift=0), "score<=90"),
    "strict officers": (City(firms=3_000, per_year=1.5, firm=0.5, officer=0.6, place=0), "score<=90"),
    "firms that mend": (City(years=5, firm=0.6, mend=0.5), "score<=90"),
    "grades 0 to 3": (City(per_year=1.5, drift=0.3), "severity>=2"),
    "a small town": (City(firms=350, per_year=1.5, drift=0.3), "score<=90"),
}
"""City and target by name."""


def visits(city: City, seed: int) -> pd.DataFrame:
    """Return object_id, day, severity, kind and zip of every visit."""
    chance = np.random.default_rng(seed)
    kind, zips = chance.integers(0, TYPES, city.firms), chance.integers(0, ZIPS, city.firms)
    level = chance.normal(0, city.firm, city.firms)
    level += chance.normal(0, city.kind, TYPES)[kind] + chance.normal(0, city.place, ZIPS)[zips]
    strict = chance.normal(0, city.officer, OFFICERS)
    opened = np.where(chance.random(city.firms) < city.fresh, chance.uniform(0, 0.9, city.firms), 0)
    rows = []
    for firm in range(city.firms):
        now, grave = float(opened[firm] * city.years * YEAR + chance.exponential(YEAR / city.per_year / 2)), False
        while now < city.years * YEAR:
            officer = strict[(zips[firm] + 7 * int(now // YEAR)) % OFFICERS]
            usual = np.exp(1.2 + level[firm] + officer - city.mend * grave)
            severity = int(chance.poisson(chance.gamma(city.heavy, usual / city.heavy)))
            rows.append((f"E{firm:05d}", int(now), severity, f"kind {kind[firm]}", str(10_000 + zips[firm])))
            gap, grave = max(5.0, float(chance.gamma(3, YEAR / city.per_year / 3))), severity > GRAVE
            now, level[firm] = now + gap, level[firm] + chance.normal(0, city.drift * np.sqrt(gap / YEAR))
    return pd.DataFrame(rows, columns=["object_id", "day", "severity", "category", "zip"])


def history(name: str) -> tuple[pd.DataFrame, str]:
    """Return the history file of a city, as an office would hand it over, and its target."""
    city, target = CITIES[name]
    found = told(visits(city, 1 + list(CITIES).index(name)), target)
    bare = name == "no attributes"
    return found.drop(columns=["category", "zip"]) if bare else found, target


def told(found: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return visits with their date and what the office notes of their severity, for a target."""
    found["date"] = (np.datetime64("2010-01-01") + found.pop("day").to_numpy()).astype(str)
    severity = found.pop("severity")
    column = re.split("[=<>]", target)[0]
    notes = {
        "score": np.maximum(0, 100 - severity),
        "result": np.where(severity > GRAVE, "fail", "pass"),
        "severity": np.digitize(severity, [3, GRAVE, 2 * GRAVE]),
    }
    found[column] = notes[column]
    return found
