"""Numbers that are no fractions: quantiles by ball arithmetic, and how a number is written (conformance.md 3)."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from flint import arb, ctx

BITS = 160
DIGITS = 7
NOTHING = Fraction(1, 10**15)
AWAY = Fraction(1, 1000)
"""No number of a vector lies nearer to a rounding boundary, in units of its last digit."""
Number: TypeAlias = Fraction | int | arb


def ball(x: Number) -> arb:
    ctx.prec = BITS
    return x if isinstance(x, arb) else arb(Fraction(x).numerator) / Fraction(x).denominator


def exact(x: Number) -> Fraction:
    """The middle of a ball that is narrow enough to stand for its number."""
    if not isinstance(x, arb):
        return Fraction(x)
    if not float(x.rad()) <= 1e-25 * max(1.0, abs(float(x.mid()))):
        raise ArithmeticError(f"radius {x.rad()}")
    man, exp = x.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def real(x: Number) -> str:
    """Kind `real`: seven significant digits."""
    value = exact(x)
    size = abs(value)
    if size < NOTHING:
        return "0"
    power = 0
    while size >= 10:
        size, power = size / 10, power + 1
    while size < 1:
        size, power = size * 10, power - 1
    scaled = size * 10 ** (DIGITS - 1)
    whole = scaled.numerator // scaled.denominator
    if abs(scaled - whole - Fraction(1, 2)) < AWAY:
        raise ArithmeticError(f"{float(value)!r} lies at a rounding boundary")
    digits = str(whole + (scaled - whole > Fraction(1, 2)))
    if len(digits) > DIGITS:
        digits, power = digits[:-1], power + 1
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:]}e{power}"


def less(a: Number, b: Number) -> bool:
    """Whether a < b; a comparison that the balls leave open is no vector."""
    if not isinstance(a, arb) and not isinstance(b, arb):
        return a < b
    one, two = ball(a), ball(b)
    if one < two:
        return True
    if one >= two:
        return False
    raise ArithmeticError(f"{a} and {b} are too close")


def solve(rises: Callable[[arb], arb], target: Number, low: Number = 0, high: Number = 1) -> arb:
    """Where an increasing function takes a value, between two ends."""
    a, b, goal = exact(low), exact(high), ball(target)
    while b - a > Fraction(1, 2**100):
        middle = (a + b) / 2
        found = rises(ball(middle))
        if found < goal:
            a = middle
        elif found > goal:
            b = middle
        else:  # as near as the balls can tell
            return ball(middle)
    return ball(a).union(ball(b))


def beta(x: Number, a: Number, b: Number) -> arb:
    """I_x(a, b), the incomplete beta function; its ends are known."""
    return ball(x).beta_lower(ball(a), ball(b), regularized=True)


def beta_quantile(q: Number, a: Number, b: Number) -> arb:
    return solve(lambda x: beta(x, a, b), q)


@cache
def t_quantile(freedom: int) -> arb:
    """The 97.5 % quantile of Student's t: two tails of 5 % are I_x(f / 2, 1 / 2) with x = f / (f + t^2)."""
    x = beta_quantile(Fraction(1, 20), Fraction(freedom, 2), Fraction(1, 2))
    return (freedom * (1 - x) / x).sqrt()


@cache
def normal_quantile(tail: Fraction) -> arb:
    """The point that a standard normal exceeds with probability `tail` below one half."""
    return solve(lambda z: -((z / ball(2).sqrt()).erfc()) / 2, -tail, 0, 20)


def at_least(x: int, runs: int, p: Number) -> Number:
    """The chance of x or more successes in `runs` tosses."""
    if x <= 0:
        return Fraction(1)
    return Fraction(0) if x > runs else beta(p, x, runs - x + 1)
