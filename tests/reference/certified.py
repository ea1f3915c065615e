"""Inclusion probabilities by ball arithmetic, fast enough for strata of ten thousand units (draw.md, 6).

With theta = L / (2^32 - L), keys on the scale t = e^z and e_k the elementary symmetric polynomials of the other units'
theta (which do not depend on t), fewer than m of the others have a key below t with probability

    P(t) = sum over k < m of e_k t^k / product over j != i of (1 + theta_j t),

and pi_i is the integral over z of theta_i t / (1 + theta_i t)^2 x P(t). Flint encloses the integral between two ends,
panel by panel; P falls, so what lies below the lower end is F(t) x [P(t), 1] there, above the upper end [0, P(t)].
A ball that is too wide is an error, never an answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

from flint import acb, arb, arb_series, ctx

Q32 = 2**32
EXTRA = 64
"""Bits that the sums of positive terms and the panels may lose."""
TAIL = 1e-34
RADIUS = 1e-30


@contextmanager
def settings(bits: int, cap: int) -> Iterator[None]:
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, cap
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def symmetric(thetas: Sequence[arb], counts: Sequence[int], m: int) -> list[arb]:
    """e_0 .. e_{m-1} of units with these odds, by products only: every term is positive, so nothing cancels."""
    layer = [arb_series([1, t], prec=m) ** n for t, n in zip(thetas, counts, strict=True)]
    while len(layer) > 1:
        layer = [layer[k] * layer[k + 1] if k + 1 < len(layer) else layer[k] for k in range(0, len(layer), 2)]
    return [layer[0][k] for k in range(m)]


def inclusion(
    parameters: Sequence[int], counts: Sequence[int], m: int, *, levels: Sequence[int] | None = None, bits: int = 128
) -> list[arb]:
    """A ball around pi of each of the named levels (all of them by default).

    The smaller side is counted: for m above N / 2 the others are drawn, which gives 1 - pi.
    """
    size = sum(counts)
    wanted = range(len(parameters)) if levels is None else levels
    if 2 * m > size:
        rest = inclusion([Q32 - v for v in parameters], counts, size - m, levels=levels, bits=bits)
        with settings(bits + EXTRA, m):
            return [1 - b for b in rest]
    with settings(bits + EXTRA, m):
        thetas = [arb(v) / arb(Q32 - v) for v in parameters]
        return [_Level(thetas, counts, m, g).integral(parameters) for g in wanted]


class _Level:
    """One unit of level g among all the others."""

    def __init__(self, thetas: Sequence[arb], counts: Sequence[int], m: int, g: int) -> None:
        left = [n - (j == g) for j, n in enumerate(counts)]
        self.own = acb(thetas[g])
        self.held = [(acb(t), n) for t, n in zip(thetas, left, strict=True) if n]
        self.e = [acb(v) for v in symmetric(thetas, left, m)]
        self.counts = left
        self.m = m

    def fewer(self, t: acb) -> acb:
        """P(t)."""
        total, below = acb(0), acb(1)
        for v in reversed(self.e):
            total = total * t + v
        for theta, n in self.held:
            below = below * (1 + theta * t) ** n
        return total / below

    def integrand(self, z: acb, _: bool) -> acb:  # noqa: FBT001  # flint's signature
        t = z.exp()
        return self.own * t / (1 + self.own * t) ** 2 * self.fewer(t)

    def integral(self, parameters: Sequence[int]) -> arb:
        middle, width = _middle(parameters, self.counts, self.m)
        low, high, step = middle, middle, min(1.0, 2 * width)
        while not float((1 - self.fewer(acb(low).exp()).real).upper()) < TAIL:
            low -= step
        while not float(self.fewer(acb(high).exp()).real.upper()) < TAIL:
            high += step
        panels = math.ceil((high - low) / min(0.5, width))
        ends = [acb(arb(low) + (arb(high) - arb(low)) * k / panels) for k in range(panels + 1)]
        goal = arb(2) ** -120
        inside = [acb.integral(self.integrand, a, b, rel_tol=goal, abs_tol=goal) for a, b in pairwise(ends)]
        first, last = acb(low).exp(), acb(high).exp()
        share = (self.own * first / (1 + self.own * first)).real
        found = (
            sum((v.real for v in inside), arb(0))
            + share * self.fewer(first).real.union(arb(1))
            + self.fewer(last).real.union(arb(0))
        )
        if not float(found.rad()) < RADIUS:
            raise ArithmeticError(f"radius {found.rad()}")
        return found


def _middle(parameters: Sequence[int], counts: Sequence[int], m: int) -> tuple[float, float]:
    """Where m keys are expected and how far they scatter, in floats: only a good place to look from."""
    x = [math.log(v) - math.log(Q32 - v) for v in parameters]

    def chances(z: float) -> list[float]:
        return [1 / (1 + math.exp(min(max(-v - z, -700), 700))) for v in x]

    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = sum(n * p for p, n in zip(chances(middle), counts, strict=True))
        low, high = (middle, high) if mean < m else (low, middle)
    spread = sum(n * p * (1 - p) for p, n in zip(chances(low), counts, strict=True))
    return low, 1 / math.sqrt(max(spread, 1.0))


class Frame(NamedTuple):
    """L and number of units of each level, how many are drawn, and which levels are worth certifying (all)."""

    big_l: list[int]
    counts: list[int]
    m: int
    certify: list[int] | None = None


def of(*lambdas: float) -> list[int]:
    return [min(max(round(v * Q32), 1), Q32 - 1) for v in lambdas]


FRAMES = {
    "one unit of two": Frame(of(0.3, 0.7), [1, 1], 1),
    "two units at the ends of the scale": Frame([1, Q32 - 1], [1, 1], 1),
    "pi = .9999 among few": Frame(of(0.9999, 0.3, 0.2, 0.25), [1, 1, 1, 1], 2),
    "pi = .9999 among thousands": Frame(of(0.9999, 0.001, 0.002), [3, 4000, 2000], 20),
    "all equal but one": Frame(of(0.2, 0.2001), [9999, 1], 100),
    "all but one drawn": Frame(of(0.9, 0.99, 0.5), [3333, 3333, 3334], 9_999),
    "huge skew": Frame([1, 5, Q32 - 1 - 4, Q32 - 1, 2**31, 7, 2**20], [1] * 7, 3),
    "thousands of L = 1": Frame([1, 2**31], [9000, 1000], 100),
    "five of L = 1 among thousands": Frame([1, 2**28], [5, 9995], 250, [0]),
    "cool-down, a quarter for the most": Frame(of(0.26, 0.2, 0.1, 0.05), [20, 40, 60, 80], 23),
    "ten thousand, risk over two decades": Frame(of(0.001, 0.005, 0.02, 0.05, 0.1), [2000] * 5, 200, [0, 4]),
    "four": Frame(of(0.1, 0.3, 0.4, 0.7), [1, 1, 1, 1], 1),
}
