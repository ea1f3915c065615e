"""From targets to parameters (docs/spec/draw.md, 8).

Search for x = logit lambda with pi(x) = target. The plain step x + logit target - logit pi(x) converges in two to
four steps in large strata, but its factor nears -1 in tiny ones: there Newton's steps take over, halved while the
residual grows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit

from sampler.errors import DrawError
from sampler.probability.frame import L_ONE, Frame, centre, grid, rough
from sampler.probability.large import coupling
from sampler.probability.pareto import E12, check_levels, evaluate, inclusion, pi_e12

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sampler.probability.frame import Floats, Pair

STEPS: Final = 200
STEP_MAX: Final = 8.0
"""Longest move of a logit in one step."""
FASTER: Final = 3.0
"""Plain steps go on while each divides the residual by this."""
TINY: Final = 1e-300
GOAL: Final = (1e-11, 1e-9)
"""Absolute and relative error at which the search ends, far inside the tolerance."""
TOLERANCE: Final = (1e-9, 1e-6)


def solve(target_e12: Sequence[int], counts: Sequence[int], m: int) -> tuple[list[int], list[int]]:
    """Return L and pi_e12 of each level.

    Parameters
    ----------
    target_e12
        Target of each numbered level, in units of 10^-12.
    counts
        Units of each level.
    m
        How many are drawn; the targets sum to it.

    Raises
    ------
    DrawError
        ``PI_INPUT`` when the targets cannot be met by any design, ``PI_NO_FIXED_POINT`` after 200 steps,
        ``PI_TARGET`` when the rounded L miss a target, and those of `inclusion`.
    """
    check(target_e12, counts, m)
    found = [_single(counts[0], m)] if len(counts) == 1 else _rounded(_search(target_e12, counts, m))
    achieved = pi_e12(inclusion(found, counts, m))
    for want, got in zip(target_e12, achieved, strict=True):
        if not met(want, got):
            raise DrawError(
                "PI_TARGET",
                f"no L gives the target {want}e-12 closely enough, the nearest gives {got}e-12",
                hint="targets so small need a larger floor or a smaller gamma",
                found=want,
            )
    return found, achieved


def met(want: int, got: int) -> bool:
    """Return whether a probability is near enough to its target (draw.md, 8.3)."""
    return abs(got - want) <= TOLERANCE[0] * E12 + TOLERANCE[1] * want


def check(target_e12: Sequence[int], counts: Sequence[int], m: int) -> None:
    """Refuse targets that no design can meet: ``PI_INPUT``."""
    check_levels(counts, m)
    if m in {0, sum(counts)}:
        raise DrawError("PI_INPUT", "nothing to decide: m must lie strictly between 0 and N", found=m)
    if len(target_e12) != len(counts) or any(not 0 <= t <= E12 for t in target_e12):
        raise DrawError("PI_INPUT", "every level needs a target in 0..10^12", found=len(target_e12))
    off = sum(t * n for t, n in zip(target_e12, counts, strict=True)) - m * E12
    if 2 * abs(off) > sum(counts):  # each target is rounded by at most half a unit
        raise DrawError("PI_INPUT", "the targets do not sum to m", found=off)


def _single(n: int, m: int) -> int:
    """Return L of a stratum of equal units, where every L gives m / N."""
    return min(max((2 * L_ONE * m + n) // (2 * n), 1), L_ONE - 1)


def _rounded(frame: Frame) -> list[int]:
    scaled = expit(_normalised(frame).x) * L_ONE
    return [min(max(math.floor(v + 0.5), 1), L_ONE - 1) for v in scaled.tolist()]


def _search(target_e12: Sequence[int], counts: Sequence[int], m: int) -> Frame:
    frame = base = _start(target_e12, counts, m)
    goal, want = base.x, expit(base.x)
    least, share, move, plain = math.inf, 1.0, goal, True
    for _ in range(STEPS):
        pair = evaluate(frame, rough)
        if bool((np.abs(pair.pi - want) <= GOAL[0] + GOAL[1] * want).all()):
            return frame
        residual = goal - np.log(np.maximum(pair.pi, TINY)) + np.log(np.maximum(pair.rest, TINY))
        worst = float(np.abs(residual).max())
        if worst < least:
            plain = plain and worst * FASTER <= least
            base, least, share = frame, worst, 1.0
            move = residual if plain else _newton(base, pair, residual)
        else:
            share /= 2
        frame = Frame(base.x + np.clip(share * move, -STEP_MAX, STEP_MAX), base.counts, m)
    raise DrawError("PI_NO_FIXED_POINT", f"no parameters found in {STEPS} steps", hint="report this stratum", found=m)


def _start(target_e12: Sequence[int], counts: Sequence[int], m: int) -> Frame:
    """Return logits of the targets, shifted together so that the rounded targets sum to m exactly."""
    want = np.clip(np.array(target_e12, dtype=np.float64), 0.5, E12 - 0.5)
    frame = Frame(np.log(want) - np.log(E12 - want), np.array(counts, dtype=np.float64), m)
    return _normalised(frame)


def _normalised(frame: Frame) -> Frame:
    """Return the same design with the sum of lambda equal to m."""
    return Frame(frame.x + centre(frame), frame.counts, frame.m)


def _newton(frame: Frame, pair: Pair, residual: Floats) -> Floats:
    """Return the move of x that would remove `residual` if logit pi were linear.

    Raising x of one unit takes from every other unit what it gives to itself: the derivative of pi is the Laplacian
    of a graph with positive weights, so the solution is unique up to a common shift of all x.
    """
    nodes, step = grid(frame, centre(frame))
    total = sum((coupling(frame, float(z)) for z in nodes), start=np.zeros((len(residual), len(residual))))
    taken = step * total * frame.counts
    np.fill_diagonal(taken, 0.0)
    slope = (np.diag(taken.sum(axis=1)) - taken) / np.maximum(pair.pi * pair.rest, TINY)[:, None]
    return np.asarray(np.linalg.lstsq(slope, residual, rcond=None)[0])
