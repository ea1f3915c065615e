"""Vectors of area `levels`: cooling, weights, certainties, targets."""

from typing import Any

from tests.vectorgen.case import Case, Maker

FIFTH = {"den": "5", "num": "1"}


def cooling() -> list[Case]:
    made = Maker("levels", "cooling")
    cases_: list[tuple[str, str, str, int, list[str]]] = [
        ("last-month", "drawn a month ago", "2026-12", 1, ["2026-11"]),
        ("edge", "drawn exactly g months ago", "2026-12", 6, ["2026-06"]),
        ("edge-passed", "drawn g + 1 months ago", "2026-12", 6, ["2026-05"]),
        ("year-wrap", "January looks back into last year", "2026-01", 2, ["2025-11"]),
        ("year-wrap-passed", "three months for two", "2026-01", 2, ["2025-10"]),
        ("this-month", "a draw of the same month does not count", "2026-12", 12, ["2026-12"]),
        ("later", "a later month does not count", "2026-06", 12, ["2026-12"]),
        ("no-cool-down", "g = 0 cools nobody", "2026-12", 0, ["2026-11"]),
        ("never-drawn", "no history", "2026-12", 24, []),
        ("later-does-not-hide", "the latest draw is not the one that counts", "2026-06", 3, ["2026-09", "2026-04"]),
        ("two-years", "24 months", "2026-12", 24, ["2024-12"]),
    ]
    for name, desc, period, months, drawn in cases_:
        made.good(name, desc, period=period, months=months, drawn=drawn)
    return made.cases


def weights() -> list[Case]:
    made = Maker("levels", "weights")

    def good(name: str, desc: str, risks: list[int], gamma: int, a: int = 1, b: int = 5) -> None:
        made.good(name, desc, risks=risks, floor={"den": str(b), "num": str(a)}, gamma=gamma)

    good("example", "the example of draw.md 12", [100000, 200000, 200000, 300000, 1000000], 2)
    good("all-zero", "S = 0: all equal", [0, 0, 0], 2)
    good("gamma-zero", "0^0 = 1: all equal", [0, 5], 0)
    good("floor-zero", "w is at least 1", [0, 1], 1, 0, 1)
    good("floor-one", "risk steers nothing", [0, 7, 1000000], 3, 1, 1)
    good("gamma-three", "third powers", [1, 10, 100, 999999], 3)
    good("rounds-down", "a third is cut, not rounded", [1, 1, 2], 1, 1, 3)
    good("one-unit", "N = 1", [77], 2)
    good("nobody", "no eligible unit", [], 2)
    good("1024-distinct", "1,024 weights stay as they are", list(range(1, 1025)), 1)
    good("1100-distinct", "more than 1,024: the 10 leading bits stay", list(range(1, 1101)), 1)
    good("1030-distinct-close", "close weights fall together at once", list(range(500_000, 501_030)), 1)
    bad: list[tuple[str, str, str, list[int], str, str, int]] = [
        ("FLOOR_RANGE", "floor-above-one", "f = 6/5", [1, 2], "6", "5", 2),
        ("FLOOR_RANGE", "floor-negative", "f = -1/5", [1, 2], "-1", "5", 2),
        ("FLOOR_RANGE", "floor-without-denominator", "f = 0/0", [1, 2], "0", "0", 2),
        ("FLOOR_RANGE", "gamma-four", "gamma = 4", [1, 2], "1", "5", 4),
        ("FLOOR_RANGE", "gamma-negative", "gamma = -1", [1, 2], "1", "5", -1),
        (
            "FLOOR_RANGE",
            "floor-before-risk",
            "the floor and a risk are wrong: the floor comes first",
            [-1],
            "2",
            "1",
            2,
        ),
        ("RISK_RANGE", "risk-negative", "a risk of -1", [5, -1], "1", "5", 2),
        ("RISK_RANGE", "risk-above-a-million", "a risk of 1,000,001", [1000001], "1", "5", 2),
        (
            "RISK_RANGE",
            "risk-with-gamma-zero",
            "a risk out of range is refused even where gamma = 0 ignores it",
            [2000000, 1],
            "1",
            "5",
            0,
        ),
        (
            "RISK_RANGE",
            "risk-with-floor-one",
            "a risk out of range is refused even where f = 1 ignores it",
            [-5, 1],
            "1",
            "1",
            2,
        ),
    ]
    for code, name, mutation, risks, a, b, gamma in bad:
        made.bad(code, name, mutation, risks=risks, floor={"den": b, "num": a}, gamma=gamma)
    return made.cases


def levels() -> list[Case]:
    made = Maker("levels", "levels")

    def given(weights_: list[int], n: int, *, cooldown: bool) -> dict[str, Any]:
        return {"weights": [str(w) for w in weights_], "n": n, "cooldown": cooldown}

    example = [1004585570, 1441361906, 1441361906, 2169322464, 15418204632]
    good: list[tuple[str, str, list[int], int, bool]] = [
        ("example", "the example of draw.md 12", example, 3, False),
        ("all-taken", "n = eligible", [5, 7], 2, False),
        ("one-of-one", "N = 1", [9], 1, False),
        ("one-of-two", "N = 2, n = 1", [1, 3], 1, False),
        ("equal", "one level", [4] * 10, 3, False),
        ("n-minus-one", "all but one of equals", [4] * 5, 4, False),
        ("near-certain-pair", "two qualify, but only one may: nobody is taken", [1000, 1000, 1], 2, False),
        ("certain-pair-by-s", "more than m - 1 qualify; w m >= S holds for one of them", [5001, 4998, 1], 2, False),
        ("threshold-met", "1024 w m = 1023 S exactly: taken", [1023, 513, 512], 2, False),
        ("threshold-missed", "1024 w m just below 1023 S: not taken", [1023, 513, 513], 2, False),
        ("two-rounds", "taken one after the other", [100000, 1000, 1, 1], 3, False),
        ("three-rounds", "three rounds", [10**9, 10**6, 10**3, 1, 1], 4, False),
        ("one-ppm-apart", "targets that round alike share a level", [10**15, 10**15 + 1, 10**15 + 2], 1, False),
        ("tiny-weight", "a target below half a unit of 10^-12 rounds to 0", [1, 10**14, 10**14], 1, False),
        ("cap-everyone", "cool-down: all at a quarter", [100, *[1] * 7], 2, True),
        ("cap-one", "cool-down: one is capped", [100, *[1] * 7], 1, True),
        ("cap-cascade", "cool-down: capping one caps the next", [1000, 100, 50, *[20] * 9], 2, True),
        ("cooldown-no-cap", "cool-down: nobody is near a quarter", list(range(10, 50)), 2, True),
        ("cooldown-nobody-taken", "cool-down: even an overwhelming weight is not taken", [10**12, *[1] * 9], 1, True),
    ]
    for name, desc, weights_, n, cool in good:
        made.good(name, desc, **given(weights_, n, cooldown=cool))
    bad: list[tuple[str, str, str, list[int], int, bool]] = [
        ("STRATUM_ZERO", "n-zero", "n = 0", [1, 2], 0, False),
        ("STRATUM_ZERO", "n-negative", "n = -1", [1, 2], -1, False),
        ("STRATUM_ZERO", "n-zero-cooldown", "n = 0 in a cool-down stratum", [1] * 8, 0, True),
        ("STRATUM_ZERO", "n-zero-nobody", "n = 0 and nobody eligible", [], 0, True),
        ("SIZE_FRAME", "one-too-many", "n = eligible + 1", [1, 2], 3, False),
        ("SIZE_FRAME", "nobody-eligible", "nobody eligible", [], 1, False),
        ("SIZE_COOLDOWN", "above-a-quarter", "n = 3 of 11", [1] * 11, 3, True),
        ("SIZE_COOLDOWN", "three-units", "n = 1 of 3", [1, 2, 3], 1, True),
        ("SIZE_COOLDOWN", "everybody-cools", "nobody eligible in a cool-down stratum", [], 1, True),
        ("SIZE_COOLDOWN", "cooldown-before-frame", "more than all: the cool-down is named", [1] * 4, 5, True),
        ("SIZE_COOLDOWN", "all-of-one", "n = 1 of 1: not taken in a cool-down stratum", [7], 1, True),
    ]
    for code, name, mutation, weights_, n, cool in bad:
        made.bad(code, name, mutation, **given(weights_, n, cooldown=cool))
    return made.cases


def cases() -> list[Case]:
    return cooling() + weights() + levels()
