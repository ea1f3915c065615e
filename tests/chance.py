"""How statistical tests are written here (DESIGN 7): seeds from the test's name, one error for the whole suite.

A test compares means of independent replicates with claimed values. Its largest |z| is judged against a limit such
that all statistical tests together fail without cause once in a million runs. Counts of one draw depend on each other,
so they are never added up in a chi-square; replicates are independent, and a bound over units holds however these hang
together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

SUITE_ERROR: Final = 1e-6
TESTS: Final = 200
"""More statistical tests than the suite has: each may use this part of the error."""
PLANTED: Final = 0.02
POWER: Final = 0.99


def generator(name: str, *, fresh: int = 0) -> np.random.Generator:
    """Return the generator of the test `name`; `fresh` other than 0 gives another run of it."""
    digest = hashlib.sha256(f"{name}/{fresh}".encode()).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(digest[:16], "big")))


def limit(comparisons: int) -> float:
    """Return the bound of the largest |z| of so many comparisons."""
    return float(-ndtri(SUITE_ERROR / TESTS / comparisons / 2))


@dataclass(frozen=True)
class Means:
    """Means of R independent replicates and their standard errors, one per thing compared."""

    mean: Floats
    error: Floats

    @classmethod
    def of(cls, sums: Floats, squares: Floats, replicates: int) -> Means:
        """From the sums and the sums of squares over the replicates."""
        mean = sums / replicates
        return cls(mean, np.sqrt((squares / replicates - mean**2) / (replicates - 1)))

    def worst(self, claimed: Floats) -> float:
        """Return the largest |z| against `claimed`."""
        return float((np.abs(self.mean - claimed) / self.error).max())

    def fits(self, claimed: Floats) -> bool:
        return self.worst(claimed) <= limit(len(self.mean))

    def power(self, claimed: Floats, share: float = PLANTED) -> float:
        """Return the margin, in standard errors, by which a claim wrong by `share` is told with power 99 %, at worst."""
        shift = share * claimed / self.error
        return float(shift.min() - limit(len(self.mean)) - ndtri(POWER))


def planted(claimed: Floats, counts: Floats, k: int, share: float = PLANTED) -> Floats:
    """Return the claim with entry `k` raised by `share` and the others lowered together, so that the sum still fits."""
    wrong = claimed.copy()
    wrong[k] *= 1 + share
    rest = claimed @ counts - claimed[k] * counts[k]
    others = np.arange(len(claimed)) != k
    wrong[others] *= (rest - share * claimed[k] * counts[k]) / rest
    return wrong
