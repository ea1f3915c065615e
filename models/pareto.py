"""The design of the draw in floats, for simulations only: weights, targets and Pareto draws of many replicates at once.

Approximate on purpose: lambda is set to the target, so the true inclusion probability differs from it by O(1/m)
(Rosén 1997; below 0.002 at m = 80). The sealed draw solves for L exactly (`sampler.probability`); the model never
imports it (ADR 0002 and the layers of pyproject).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ROUNDS = 60


def targets(risk: Floats, size: int, floor: float, gamma: float, cap: float) -> Floats:
    """Return inclusion probabilities: floor share f and tilt gamma as in PROTOCOL 4, capped, summing to `size`.

    Parameters
    ----------
    risk
        Risk per eligible object, 0 where it may not be drawn (then NaN).
    size, floor, gamma, cap
        Sample size, f, gamma and the largest probability.
    """
    open_ = ~np.isnan(risk)
    tilt = np.where(open_, np.nan_to_num(risk) ** gamma, 0)
    n = open_.sum(axis=-1, keepdims=True)
    total = np.maximum(tilt.sum(axis=-1, keepdims=True), 1e-300)
    weight = np.where(open_, floor + (1 - floor) * n * tilt / total, 0)
    out = np.zeros_like(weight)
    for _ in range(_ROUNDS):
        full = out >= cap
        rest = size - cap * full.sum(axis=-1, keepdims=True)
        free = np.where(full, 0, weight)
        out = np.where(full, cap, free * rest / np.maximum(free.sum(axis=-1, keepdims=True), 1e-300))
        if (out <= cap + 1e-12).all():
            break
        out = np.minimum(out, cap)
    return out


def draw(pi: Floats, size: int, chance: np.random.Generator) -> NDArray[np.intp]:
    """Return the positions of `size` objects per row of `pi`, drawn by Pareto order sampling."""
    u = chance.random(pi.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        key = np.where(pi > 0, (u / (1 - u)) * (1 - pi) / pi, np.inf)
    return np.argpartition(key, size - 1, axis=-1)[..., :size]
