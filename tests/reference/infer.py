"""draw.md 5 and 10: cooling months, and the three weights for inference."""

from fractions import Fraction

from tests.reference.pareto import key
from tests.reference.strata import E12, RefusedError

Row = dict[str, str]


def months_apart(late: str, early: str) -> int:
    return 12 * (int(late[:4]) - int(early[:4])) + int(late[5:]) - int(early[5:])


def cooling(period: str, months: int, drawn: list[str]) -> bool:
    return any(1 <= months_apart(period, month) <= months for month in drawn)


def rank_weight(big_l: int, tau: tuple[int, int] | None) -> Fraction:
    if not 0 < big_l <= 2**32 or (tau is not None and not 0 < tau[1] < 2**32):
        raise RefusedError("WEIGHT_INPUT", str(big_l))
    chance = Fraction(big_l, 2**32)
    return Fraction(1) if tau is None else 1 + (1 - chance) / (chance * key(*tau))


def design_weight(pi_e12: int) -> Fraction:
    if not 0 < pi_e12 <= E12:
        raise RefusedError("WEIGHT_INPUT", str(pi_e12))
    return 1 / Fraction(pi_e12, E12)


def big_w(pi_e12: int, past_e12: list[int]) -> Fraction:
    product = 1 / design_weight(pi_e12)
    for pi in past_e12:
        if not 0 <= pi < E12:
            raise RefusedError("WEIGHT_CERTAIN", str(pi))
        product *= 1 - Fraction(pi, E12)
    return 1 / product


def past(unit: str, period: str, months: int, history: list[Row]) -> list[int]:
    window = {row["key"].rsplit("/", 1)[1] for row in history}
    window = {month for month in window if 1 <= months_apart(period, month) <= months}
    if any(all(row["drawn"] == "1" for row in history if row["key"].endswith("/" + month)) for month in window):
        raise RefusedError("WEIGHT_UNKNOWN", "an incomplete month")
    found = []
    for row in history:
        name, month = row["key"].rsplit("/", 1)
        if name != unit or not 1 <= months_apart(period, month) <= months:
            continue
        if row["drawn"] == "1":
            raise RefusedError("WEIGHT_COOLING", row["key"])
        if row["pi_e12"] == "-":
            raise RefusedError("WEIGHT_UNKNOWN", row["key"])
        found.append(int(row["pi_e12"]))
    return found
