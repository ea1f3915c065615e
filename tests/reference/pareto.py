"""draw.md 8 and 9: keys, the choice, exact inclusion probabilities and the parameters L.

With theta = L / (2^32 - L) the key is U / (1 - U) / theta, so P(key < x) = theta x / (1 + theta x).
Put x = s / (1 - s): pi_i is the integral over s from 0 to 1 of theta_i / (1 - s + theta_i s)^2 times the chance that
at most m - 1 of the other keys lie below. The integrand is rational in s; ball arithmetic (flint) encloses the
integral with its error.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import floor
from typing import Any

from flint import acb, arb, ctx

from tests.reference.bytes_ import h
from tests.reference.strata import RefusedError

Q32 = 2**32
STEPS = 500


def object_stream(seed: bytes) -> bytes:
    return h("stream", seed, "object")


def ticket(stream: bytes, object_id: str) -> int:
    return int.from_bytes(hashlib.sha256(stream + object_id.encode("ascii")).digest(), "big")


def key(h_value: int, big_l: int) -> Fraction:
    return Fraction((2 * h_value + 1) * (Q32 - big_l), big_l * (2**257 - 2 * h_value - 1))


def order(units: list[tuple[str, int]], stream: bytes) -> list[tuple[str, int, int, Fraction]]:
    """(id, L, h, key) of every unit, smallest key first, ties by id."""
    rows = [(name, big_l, ticket(stream, name)) for name, big_l in units]
    full = [(name, big_l, t, key(t, big_l)) for name, big_l, t in rows]
    return sorted(full, key=lambda row: (row[3], row[0].encode()))


def choose(
    units: list[tuple[str, int]], stream: bytes, m: int, reserves: int
) -> tuple[list[str], list[str], tuple[int, int] | None]:
    if any(not 0 < big_l < Q32 for _, big_l in units):
        raise RefusedError("SELECT_L", "")
    if len({name for name, _ in units}) != len(units):
        raise RefusedError("SELECT_DUPLICATE", "")
    if not 0 <= m <= len(units) or reserves < 0:
        raise RefusedError("SELECT_SIZE", str(m))
    rows = order(units, stream)
    names = [row[0] for row in rows]
    tau = (rows[m][2], rows[m][1]) if len(rows) > m else None
    return names[:m], names[m : m + reserves], tau


@contextmanager
def precision(bits: int) -> Iterator[None]:
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Fraction) -> Any:
    return arb(value.numerator) / arb(value.denominator)


def fraction(value: Any) -> Fraction:
    man, exp = value.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def at_most(chances: list[Any], limit: int) -> Any:
    """The chance that at most `limit` of independent events with these chances happen, one event after the other."""
    state = [acb(1)] + [acb(0)] * limit
    for p in chances:
        state = [state[count] * (1 - p) + (state[count - 1] * p if count else acb(0)) for count in range(len(state))]
    total = acb(0)
    for chance in state:
        total += chance
    return total


def integrate(thetas: list[Any], counts: list[int], m: int, level: int) -> Any:
    others = [theta for j, theta in enumerate(thetas) for _ in range(counts[j] - (j == level))]

    def integrand(s: Any, _: bool) -> Any:  # noqa: FBT001 - flint's own calling convention
        below = [theta * s / (1 - s + theta * s) for theta in others]
        return thetas[level] / (1 - s + thetas[level] * s) ** 2 * at_most(below, m - 1)

    return acb.integral(integrand, 0, 1).real


def inclusion_balls(thetas: list[Any], counts: list[int], m: int) -> list[Any]:
    """One ball per level; thetas are the odds lambda / (1 - lambda)."""
    units = sum(counts)
    if not 0 < m <= units:
        raise ValueError(f"m = {m} of {units}")
    if m == units or len(counts) == 1:
        return [ball(Fraction(m, units)) for _ in counts]
    return [integrate(thetas, counts, m, level) for level in range(len(counts))]


def inclusion(big_l: list[int], counts: list[int], m: int, bits: int = 192) -> list[Fraction]:
    """pi of each level, wrong by less than 10^-35."""
    with precision(bits):
        balls = inclusion_balls([ball(Fraction(value, Q32 - value)) for value in big_l], counts, m)
        for found in balls:
            if not found.rad() < arb(10) ** -35:
                raise ArithmeticError(f"radius {found.rad()}")
        if len(counts) == 1:
            return [Fraction(m, counts[0])]
        return [fraction(found) for found in balls]


def normalise(thetas: list[Any], counts: list[int], m: int) -> list[Any]:
    """The common factor of the odds that makes the sum of lambda m, by bisection of its logarithm."""
    low, high = arb(-200), arb(200)
    while high - low > arb(2) ** -130:
        middle = ((low + high) / 2).mid()
        factor = middle.exp()
        total = sum((n * (factor * t / (1 + factor * t)) for n, t in zip(counts, thetas, strict=True)), arb(0))
        low, high = (middle, high) if total < m else (low, middle)
    factor = ((low + high) / 2).exp()
    return [(factor * theta).mid() for theta in thetas]


def parameters(target: list[Fraction], counts: list[int], m: int, bits: int = 160) -> list[int]:
    """L of each level: the fixed point of 'multiply the odds by odds(target) / odds(pi)', normalised to sum m.

    Rounded targets miss the sum m by some 10^-12, which no lambda can reach, so they are scaled to it first.
    """
    if len(counts) == 1:
        return [clamp(Fraction(m, counts[0]))]
    whole = sum(n * t for n, t in zip(counts, target, strict=True))
    target = [t * m / whole for t in target]
    with precision(bits):
        goal = [ball(t / (1 - t)) for t in target]
        thetas = normalise(goal, counts, m)
        for _ in range(STEPS):
            found = [value.mid() for value in inclusion_balls(thetas, counts, m)]
            if all(abs(p - ball(t)) < arb(10) ** -22 for p, t in zip(found, target, strict=True)):
                return [clamp(fraction(theta / (1 + theta))) for theta in thetas]
            moved = [theta * g * (1 - p) / p for theta, g, p in zip(thetas, goal, found, strict=True)]
            thetas = normalise(moved, counts, m)
    raise ArithmeticError("the fixed point was not reached")


def clamp(value: Fraction) -> int:
    return min(max(floor(Q32 * value + Fraction(1, 2)), 1), Q32 - 1)


def digits(value: Fraction, places: int = 30) -> str:
    """Decimal text with this many places, rounded half up."""
    scaled = floor(value * 10**places + Fraction(1, 2))
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"
