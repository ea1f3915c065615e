"""A logistic regression on steps between neighbouring bins, without ever writing the 0 and 1 of its design down.

A feature's line is looked up by bin and the gradient is summed by bin, so a million visits need a few numbers each
instead of a column per bin, and every sum has one order whatever the machine's linear algebra is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from models.columns import MILLI

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bound = tuple[float | None, float | None]

STRENGTH: Final = 0.005
"""Inverse strength of the L2 penalty on the steps between neighbouring bins.

Chosen on folds before any test period (docs/benchmarks/model.md).
"""


@dataclass(frozen=True, slots=True)
class Binned:
    """A feature of the training visits.

    Parameters
    ----------
    bins
        Number of the bin per visit: 0 missing, then 1 to `size`.
    size
        Bins of known values.
    direction
        1 where the line may only rise, -1 where it may only fall, else 0.
    ramp
        A rising number per bin of which any positive multiple is added without a penalty (`ramp`); empty: none.
    """

    bins: NDArray[np.intp]
    size: int
    direction: int
    ramp: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def parameters(self) -> int:
        """How many numbers make the line: the missing bin, the steps, the multiple of the ramp."""
        return self.size + (len(self.ramp) > 0)

    def line(self, steps: Floats) -> Floats:
        """Return the log-odds by bin: the missing one, the lowest one (0), then the steps added up; plus the ramp."""
        line = np.concatenate([steps[:1], [0.0], np.cumsum(steps[1 : self.size])])
        return line + steps[self.size] * self.ramp if len(self.ramp) else line

    def slopes(self, pull: Floats) -> Floats:
        """Return the derivative of each parameter from that of each visit."""
        by_bin = np.bincount(self.bins, weights=pull, minlength=self.size + 1)
        own = [by_bin[:1], np.cumsum(by_bin[::-1])[::-1][2:]]
        return np.concatenate([*own, [by_bin @ self.ramp]] if len(self.ramp) else own)

    def bounds(self) -> list[Bound]:
        """Return what each parameter may be."""
        step: tuple[Bound, ...] = ((None, None), (0.0, None), (None, 0.0))
        return [(None, None), *[step[self.direction]] * (self.size - 1), *[step[1]] * (len(self.ramp) > 0)]

    def held(self) -> Floats:
        """Return 1 for each parameter under the penalty, 0 for the multiple of the ramp."""
        return np.append(np.ones(self.size), np.zeros(self.parameters - self.size))


def ramp(values: NDArray[np.int64], bins: NDArray[np.intp], size: int) -> Floats:
    """Return by bin the logarithm of one more than the mean value (thousandths), less the mean over the known visits.

    The missing ones have 0: without evidence a firm never visited stands where the usual one does.
    """
    known = bins > 0
    many = np.bincount(bins[known], minlength=size + 1)
    mean = np.bincount(bins[known], weights=values[known], minlength=size + 1) / np.maximum(many, 1)
    level = np.maximum.accumulate(np.log1p(np.maximum(mean, 0) / MILLI))
    level -= float(many @ level) / max(1, int(many.sum()))
    level[0] = 0.0
    return level if known.any() else np.zeros(size + 1)


def logistic(features: list[Binned], failed: NDArray[np.bool_], weight: Floats) -> tuple[float, list[Floats]]:
    """Return the intercept and the line of each feature; a known lowest bin has 0, plus its ramp.

    The penalty falls on the step between neighbouring bins, so that they stay close unless the data insist: finer
    bins cost nothing, unlike one column per bin (Tutz & Gertheiss 2016, ordinal smoothing). scikit-learn's regression
    has no bounds; the loss is convex, so scipy's bounded minimiser finds the one answer.
    """
    sign = 2.0 * failed - 1
    rate = float(weight @ failed) / float(weight.sum())
    edges = np.cumsum([1, *(f.parameters for f in features)])
    held = np.concatenate([[0.0], *(f.held() for f in features)])

    def split(b: Floats) -> list[Floats]:
        return [b[start:end] for start, end in pairwise(edges)]

    def loss(b: Floats) -> tuple[float, Floats]:
        total = np.full(len(failed), b[0])
        for f, steps in zip(features, split(b), strict=True):
            total += f.line(steps)[f.bins]
        margin = sign * total
        pull = -(weight * sign) * expit(-margin)
        gradient = STRENGTH * np.concatenate([[pull.sum()], *(f.slopes(pull) for f in features)])
        gradient += held * b
        return STRENGTH * float(weight @ np.logaddexp(0, -margin)) + 0.5 * float(held @ b**2), gradient

    start = np.zeros(int(edges[-1]))
    start[0] = np.log(rate / (1 - rate))
    bounds: list[Bound] = [(None, None), *(bound for f in features for bound in f.bounds())]
    settings = {"maxiter": 5_000, "ftol": 1e-13, "gtol": 1e-7}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=settings)
    return float(found.x[0]), [f.line(s) for f, s in zip(features, split(found.x), strict=True)]
