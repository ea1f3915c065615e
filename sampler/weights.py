"""Weights for inference, as exact rationals (docs/spec/draw.md, 10).

Three weights answer three questions. The rank-conditioned weight needs nothing but integers and judges a draw; the
design weight speaks for the units eligible this month; W speaks for the whole frame, cooling units included.

>>> float(rc_weight(2**31, (2**255, 2**31)))
2.0
>>> W(10**11, [10**11, 0, 2 * 10**11])
Fraction(125, 9)
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from sampler.allocation import E12
from sampler.errors import DrawError
from sampler.frame import month_number
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sampler.tables import Table

L_ONE: Final = 2**32
"""L is lambda in these units; a unit that is taken has this L."""
H_ONE: Final = 2**256


def rc_weight(parameter: int, tau: tuple[int, int] | None) -> Fraction:
    """Return the rank-conditioned weight 1 + (1 - lambda) / (lambda tau) of a drawn unit.

    The sum of weight x value over the drawn units is unbiased for the frame's total of any value, whatever the L
    (Cohen and Kaplan 2007, rank conditioning). It uses integers only, and is noisier than 1 / pi where m is small.

    Parameters
    ----------
    parameter
        L of the unit, 1..2^32; 2^32 for a unit that is taken.
    tau
        h and L of the stratum's (m+1)-th key as in tau.tsv, or None when every unit was drawn.

    Raises
    ------
    DrawError
        ``WEIGHT_INPUT`` for an L of 0, which is never drawn, and for numbers outside their range.
    """
    if not 1 <= parameter <= L_ONE:
        raise DrawError("WEIGHT_INPUT", "a drawn unit has an L in 1..2^32", found=parameter)
    if tau is None:
        return Fraction(1)
    h, edge = tau
    if not (0 <= h < H_ONE and 1 <= edge < L_ONE):
        raise DrawError("WEIGHT_INPUT", "tau is a ticket of 256 bits and an L in 1..2^32-1", found=tau)
    key = Fraction((2 * h + 1) * (L_ONE - edge), edge * (2 * H_ONE - 2 * h - 1))
    return 1 + Fraction(L_ONE - parameter, parameter) / key


def design_weight(pi_e12: int) -> Fraction:
    """Return 1 / pi of a drawn unit: unbiased for the units eligible this month, cooling ones left out.

    Raises
    ------
    DrawError
        ``WEIGHT_INPUT`` unless 0 < pi <= 1.
    """
    if not 0 < pi_e12 <= E12:
        raise DrawError("WEIGHT_INPUT", "a drawn unit has a probability in 1..10^12", found=pi_e12)
    return Fraction(E12, pi_e12)


def W(pi_e12: int, past_e12: Iterable[int] = ()) -> Fraction:  # noqa: N802  # the specification's name
    """Return W = 1 / (pi_t x product of (1 - pi_{t-k})) of a drawn unit: unbiased for all of month t's frame.

    A unit is eligible in month t exactly when it was drawn in none of the g months before, so the product of
    (1 - drawn_{t-k}) / (1 - pi_{t-k}) is a martingale of mean 1, however risk learned from earlier visits.

    Parameters
    ----------
    pi_e12
        Probability in month t given the history, in units of 10^-12.
    past_e12
        Probabilities in the g months before, in any order; a month in which the unit was cooling, was not in the frame
        yet, or in which nothing was drawn, counts 0 or is left out.

    Raises
    ------
    DrawError
        ``WEIGHT_INPUT`` unless 0 < pi_t <= 1, ``WEIGHT_CERTAIN`` when some earlier probability is 1: such a unit
        was drawn then, and is cooling now.
    """
    weight = design_weight(pi_e12)
    for pi in past_e12:
        if not 0 <= pi < E12:
            raise DrawError(
                "WEIGHT_CERTAIN",
                "a unit that was certain to be drawn within its cool-down cannot have been drawn again",
                hint="check history.tsv against the records of the earlier draws",
                found=pi,
            )
        weight *= Fraction(E12, E12 - pi)
    return weight


def past(history: Table, period: str, months: Mapping[str, int]) -> dict[str, list[int]]:
    """Return the earlier probabilities that W needs, for each of the given units.

    Parameters
    ----------
    history
        history.tsv.
    period
        Month of the draw, ``YYYY-MM``.
    months
        Drawn unit to the months g of its class's cool-down; g = 0 gives an empty list, whose W is 1 / pi.

    Raises
    ------
    DrawError
        ``WEIGHT_COOLING`` for a unit drawn within its cool-down, ``WEIGHT_UNKNOWN`` when a probability in it was never
        recorded: W must not be used then, since a probability left out counts as 0.
    """
    now = month_number(period)
    _check_complete(history, now, max(months.values(), default=0))
    found: dict[str, list[int]] = {unit: [] for unit in months}
    for key, pi, drawn in zip(history["key"], history["pi_e12"], history["drawn"], strict=True):
        unit, _, month = key.rpartition("/")
        if not 0 < now - month_number(month) <= months.get(unit, 0):
            continue
        if drawn != "0":
            raise DrawError("WEIGHT_COOLING", f"{unit} was drawn in {month}, within its cool-down", found=key)
        if pi == NONE:
            raise DrawError("WEIGHT_UNKNOWN", f"the probability of {unit} in {month} is not recorded", found=key)
        found[unit].append(int(pi))
    return found


def _check_complete(history: Table, now: int, longest: int) -> None:
    """Refuse months of which only the drawn units are known: where units are drawn, others were not."""
    months = [key.rpartition("/")[2] for key in history["key"]]
    full = {m for m, drawn in zip(months, history["drawn"], strict=True) if drawn == "0"}
    gap = min((m for m in set(months) - full if 0 < now - month_number(m) <= longest), default=None)
    if gap is not None:
        raise DrawError(
            "WEIGHT_UNKNOWN",
            f"of the draws in {gap} only the drawn units are known, not the probabilities of the others",
            hint="W needs the sealed probabilities of every month of the cool-down",
            found=gap,
        )


def effective_size(weights: Sequence[Fraction]) -> Fraction:
    """Return Kish's effective number of units, (sum w)^2 / sum w^2; 0 of none."""
    squares = sum((w * w for w in weights), start=Fraction(0))
    return sum(weights, start=Fraction(0)) ** 2 / squares if squares else Fraction(0)
