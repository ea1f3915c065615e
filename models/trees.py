"""The challenger: trees as integer tables, so that it is replayed by comparing and adding like the points.

A tree has at most eight leaves. Each feature's values are numbered by the table's cuts; per tree and feature a
byte per number says which leaves remain, the bytes of a tree's features are joined by AND, the lowest leaf left
gives millionths of log-odds (QuickScorer, Lucchese et al. 2015). Nothing in the file is code: no pickle, no
library object, only integers that are checked when read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from models.columns import MICRO
from models.points import Described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

LEAVES: Final = 8
MOST_CUTS: Final = 250
MILLI: Final = 1_000
EDGE: Final = 12_000
"""Log-odds in thousandths beyond which the risk is 0 or 1 in a million."""
_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree.

    Parameters
    ----------
    masks
        (feature number, one byte of remaining leaves per bin) for each feature it asks.
    leaves
        Millionths of log-odds per leaf.
    """

    masks: tuple[tuple[int, bytes], ...]
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreesTable(Described):
    """A trained challenger: integers and texts only.

    Parameters
    ----------
    names, cuts
        Features, and their strictly rising cuts: a value's bin is the number of cuts not above it.
    baseline
        Millionths of log-odds before any tree.
    trees
        The trees, in the order of boosting.
    """

    names: tuple[str, ...]
    cuts: tuple[tuple[int, ...], ...]
    baseline: int
    trees: tuple[Tree, ...]


@lru_cache(maxsize=1)
def risk_of_log_odds() -> Ints:
    """Return the risk in ppm by thousandths of log-odds from -EDGE to EDGE, rounded half up."""
    odds = np.exp(np.arange(-EDGE, EDGE + 1) / MILLI)
    return np.asarray(np.floor(MICRO * odds / (1 + odds) + 0.5), dtype="int64")


def log_odds(table: TreesTable, features: Mapping[str, Ints]) -> Ints:
    """Return the sum of the trees per row in millionths of log-odds, exactly."""
    rows = len(next(iter(features.values())))
    out = np.empty(rows, dtype="int64")
    leaf = _lowest()
    values = [np.array([*t.leaves, *[0] * (LEAVES - len(t.leaves))], dtype="int32")[leaf] for t in table.trees]
    for start in range(0, rows, _CHUNK):
        part = slice(start, min(start + _CHUNK, rows))
        bins = [
            np.searchsorted(np.array(cuts, dtype="int64"), features[name][part], side="right").astype("uint8").tobytes()
            for name, cuts in zip(table.names, table.cuts, strict=True)
        ]
        out[part] = _sum(table, bins, values, part.stop - start)
    return out


def _sum(table: TreesTable, bins: list[bytes], values: list[NDArray[np.int32]], rows: int) -> Ints:
    total = np.full(rows, table.baseline, dtype="int64")
    for tree, value in zip(table.trees, values, strict=True):
        left = np.full(rows, 2**LEAVES - 1, dtype="uint8")
        for feature, mask in tree.masks:
            left &= np.frombuffer(bins[feature].translate(mask), dtype="uint8")
        total += value[left]
    return total


@lru_cache(maxsize=1)
def _lowest() -> NDArray[np.intp]:
    """Return the number of the lowest set bit of each byte (0 for none, which no row reaches)."""
    return np.array([(b & -b).bit_length() - 1 if b else 0 for b in range(256)], dtype="intp")


def risk_at(milli: Ints) -> Ints:
    """Return the risk in ppm at thousandths of log-odds."""
    return risk_of_log_odds()[np.clip(milli, -EDGE, EDGE) + EDGE]


def risks(table: TreesTable, features: Mapping[str, Ints]) -> Ints:
    """Return the risk in ppm per row."""
    return risk_at((2 * log_odds(table, features) + MILLI) // (2 * MILLI))


def total(table: TreesTable, features: Mapping[str, int]) -> int:
    """Return the sum of the trees of one object in millionths of log-odds, by comparing and adding in plain Python."""
    out = table.baseline
    for tree in table.trees:
        left = 2**LEAVES - 1
        for feature, mask in tree.masks:
            left &= mask[sum(features[table.names[feature]] >= cut for cut in table.cuts[feature])]
        out += tree.leaves[(left & -left).bit_length() - 1]
    return out


def risk_of(milli: int) -> int:
    """Return the risk in ppm at thousandths of log-odds of one object."""
    return int(risk_of_log_odds()[min(EDGE, max(-EDGE, milli)) + EDGE])


def score(table: TreesTable, features: Mapping[str, int]) -> int:
    """Return the risk in ppm of one object."""
    return risk_of((2 * total(table, features) + MILLI) // (2 * MILLI))
