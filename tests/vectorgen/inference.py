"""Vectors of area `inference`: rank-conditioned weights, 1/pi, W and the history it needs."""

from typing import Any

from tests.vectorgen.case import Case, Maker

E12 = 10**12
ONE = 2**32


def weights() -> list[Case]:
    rank, design, w = Maker("inference", "rank-weight"), Maker("inference", "design-weight"), Maker("inference", "W")
    half = {"h": f"{2**255:064x}", "L": 2**31}
    rank.good("half", "lambda 1/2, tau near 1", L=2**31, tau=half)
    rank.good(
        "example-e4",
        "e4 of the example in draw.md 12",
        L=3029485976,
        tau={"h": "35e4eef026222b92c95074e7269620eeea340164f6dd34858824b8c92efa32fc", "L": 2047899618},
    )
    rank.good("taken", "a taken unit weighs 1", L=ONE, tau=half)
    rank.good("no-tau", "everybody was drawn", L=5)
    rank.good("taken-no-tau", "taken where there is no tau", L=ONE)
    rank.good("extremes", "the smallest L, the smallest tau", L=1, tau={"h": "00" * 32, "L": ONE - 1})
    tau: list[tuple[str, str, dict[str, Any]]] = [
        ("l-zero", "L = 0, which is never drawn", {"L": 0, "tau": half}),
        ("l-negative", "L = -1", {"L": -1}),
        ("l-above", "L = 2^32 + 1", {"L": ONE + 1, "tau": half}),
        ("tau-l-zero", "tau with L = 0", {"L": 5, "tau": {**half, "L": 0}}),
        ("tau-l-one", "tau of a taken unit", {"L": 5, "tau": {**half, "L": ONE}}),
    ]
    for name, mutation, given in tau:
        rank.bad("WEIGHT_INPUT", name, mutation, **given)
    design.good("quarter", "4", pi_e12=E12 // 4)
    design.good("one", "certain", pi_e12=E12)
    design.good("smallest", "10^12", pi_e12=1)
    for name, pi in [("zero", 0), ("negative", -1), ("above-one", E12 + 1)]:
        design.bad("WEIGHT_INPUT", name, f"pi_e12 = {pi}", pi_e12=pi)
    w.good("no-past", "a new unit: 1 / pi", pi_e12=E12 // 4, past_e12=[])
    w.good("two-months", "4 x 5/4 x 2", pi_e12=E12 // 4, past_e12=[E12 // 5, E12 // 2])
    w.good("cooling-months", "zeros change nothing", pi_e12=E12 // 4, past_e12=[0, 0, 0])
    w.good("eleven-months", "the product of eleven", pi_e12=123456789012, past_e12=[10**10 * k + 7 for k in range(11)])
    w.good("certain-now", "certain this month", pi_e12=E12, past_e12=[E12 // 3])
    for name, mutation, pi, past, code in [
        ("pi-zero", "pi = 0", 0, [1], "WEIGHT_INPUT"),
        ("pi-above", "pi above 1", E12 + 1, [1], "WEIGHT_INPUT"),
        ("pi-before-past", "pi = 0 and a certain past: pi comes first", 0, [E12], "WEIGHT_INPUT"),
        ("past-certain", "certain within the cool-down, and drawn again", 5, [7, E12], "WEIGHT_CERTAIN"),
        ("past-above", "a past probability above 1", 5, [E12 + 1], "WEIGHT_CERTAIN"),
        ("past-negative", "a negative past probability", 5, [-1], "WEIGHT_CERTAIN"),
    ]:  # fmt: skip
        w.bad(code, name, mutation, pi_e12=pi, past_e12=past)
    return rank.cases + design.cases + w.cases


HISTORY = [
    ("a/2025-12", "5", "0"), ("a/2026-01", "7", "0"), ("a/2026-02", "11", "0"), ("a/2026-03", "13", "0"),
    ("b/2025-11", "-", "1"), ("b/2025-12", "-", "1"), ("b/2026-02", "17", "0"), ("c/2026-02", "-", "0"), ("d/2026-01", "19", "1"),
]  # fmt: skip


def past() -> list[Case]:
    made = Maker("inference", "past")
    rows = [{"key": key, "pi_e12": pi, "drawn": drawn} for key, pi, drawn in HISTORY]

    def given(unit: str, months: int, period: str = "2026-03") -> dict[str, Any]:
        return {"unit": unit, "period": period, "months": months, "history": rows}

    made.good("window", "two months back, this month not included", **given("a", 2))
    made.good("year-wrap", "three months back", **given("a", 3))
    made.good("new-unit", "no row: the product begins with the unit's entry", **given("z", 3))
    made.good("before-the-window", "a draw and an unknown pi before the window do not matter", **given("b", 2))
    made.good("no-cool-down", "g = 0 looks nowhere", **given("d", 0))
    made.good("drawn-before", "drawn g + 1 months ago", **given("d", 1))
    made.bad("WEIGHT_COOLING", "drawn-in-the-window", "drawn two months ago with g = 2", **given("d", 2))
    made.bad("WEIGHT_COOLING", "drawn-pi-unknown", "drawn, with unknown pi: the draw is named", **given("b", 3))
    made.bad(
        "WEIGHT_UNKNOWN", "month-incomplete", "of a month in the window only drawn units are known", **given("a", 4)
    )
    made.bad(
        "WEIGHT_UNKNOWN",
        "month-incomplete-first",
        "an incomplete month comes before a unit drawn in the window",
        **given("b", 4),
    )
    made.bad(
        "WEIGHT_UNKNOWN",
        "month-incomplete-new-unit",
        "an incomplete month even for a unit without rows",
        **given("z", 4),
    )
    made.bad("WEIGHT_UNKNOWN", "pi-unknown", "the probability was never recorded", **given("c", 1))
    made.bad("WEIGHT_UNKNOWN", "pi-unknown-three", "unknown within three months", **given("c", 3))
    return made.cases


def cases() -> list[Case]:
    return weights() + past()
