"""Claims that a plausible mistake would make: sizes, weights, targets, keys, weights for inference."""

from copy import deepcopy
from fractions import Fraction
from math import ceil, floor, log2
from typing import Any

from tests.reference.ops import answer, rational
from tests.reference.pareto import key
from tests.vectorgen.allocation import SMALL, clause
from tests.vectorgen.case import Case, Maker
from tests.vectorgen.inference import HISTORY
from tests.vectorgen.sources import KL8

E12 = 10**12
ONE = 2**32


def miss(area: str, op: str, name: str, mutation: str, claim: Any, **given: Any) -> Case:
    made = Maker(area, f"{op}-follows")
    made.bad("VERIFY_FAILED", name, mutation, **given, claim=claim)
    return made.cases[0]


def totals() -> list[Case]:
    out = []
    for name, mutation, text, units, claim in [
        ("half-to-even", "2.5 rounded to the even 2", "10%", 25, 2), ("half-down", "a half cut off", "50%", 1, 0),
        ("always-up", "2.4 rounded up", "10%", 24, 3), ("at-least-half-up", "3.03 rounded half up", ">=3%", 101, 3),
        ("at-least-adds-one", "an exact 3 raised to 4", ">=3%", 100, 4), ("at-most-half-up", "1.998 rounded half up", "<=2‰", 999, 2),
        ("per-mille-as-percent", "‰ read as %", "2‰", 1000, 20), ("double-ceiling", "0.07 x 100 = 7.000000000000001 in doubles", ">=7%", 100, 8),
        ("double-half", "the half of 1.15 x 10 lost in doubles", "115‰", 100, 11), ("strata-rounded-up", "40 strata rounded up", "10%", 11365, 1158),
    ]:  # fmt: skip
        out.append(miss("allocation", "total", name, mutation, claim, ratio=text, units=units))
    for name, mutation, drawn, batches, claim in [
        ("batch-rounded-down", "6 / 4 rounded down", 4, 4, 1), ("batch-ignores-drawn", "what is drawn already forgotten", 4, 4, 3),
        ("batch-whole-quota", "the whole quota at once", 0, 4, 10), ("batch-one-more", "a batch too many counted", 4, 1, 3),
    ]:  # fmt: skip
        out.append(
            miss(
                "allocation", "total", name, mutation, claim, ratio="10%", units=101, drawn=drawn, batches_left=batches
            )
        )
    for name, mutation, text, share in [
        ("hundredths", "not in lowest terms", "10%", {"num": "10", "den": "100", "rounding": "half-up"}),
        ("at-least-down", ">= rounds down", ">=3%", {"num": "3", "den": "100", "rounding": "down"}),
        ("per-mille", "‰ read as %", "5‰", {"num": "1", "den": "20", "rounding": "half-up"}),
    ]:
        out.append(miss("allocation", "ratio", name, mutation, share, text=text))
    return out


def strata() -> list[Case]:
    rows: list[tuple[str, str, list[dict[str, Any]], Any]] = []
    clauses = [clause("c", 7, SMALL)]
    truth = answer("allocation", "strata", {"clauses": clauses})
    for name, mutation, n in [("moved-one", "one object moved to the other stratum", (1, 6)), ("one-more", "one object too many", (3, 5)), ("one-fewer", "one too few", (2, 4))]:  # fmt: skip
        claim = [row | {"n": value} for row, value in zip(deepcopy(truth), n, strict=True)]
        rows.append((name, mutation, clauses, claim))
    rows.append(("stratum-order", "strata in another order", clauses, truth[::-1]))
    rows.append(
        (
            "last-id",
            "the joined stratum named by its last district",
            clauses,
            [truth[0], truth[1] | {"stratum": "A.firm.04"}],
        )
    )
    one = {"clause": "c"}
    previous = [
        {"stratum": "A.firm.01", **one, "N": 35, "n": 2, "districts": ["01", "02"]},
        {"stratum": "A.firm.03", **one, "N": 65, "n": 5, "districts": ["03", "04"]},
    ]
    rows.append(("joins-previous", "small districts joined to the previous one", clauses, previous))
    smallest = [clause("c", 3, {"A/firm/01": 8, "A/firm/02": 3, "A/firm/03": 9, "A/firm/04": 10})]
    first = [
        {"stratum": "A.firm.01", **one, "N": 11, "n": 1, "districts": ["01", "02"]},
        {"stratum": "A.firm.03", **one, "N": 19, "n": 2, "districts": ["03", "04"]},
    ]
    rows.append(("first-small-first", "the first below 1 joined instead of the smallest", smallest, first))
    equal = [clause("c", 6, {f"A/firm/{i:02d}": 10 for i in range(4)})]
    truth = answer("allocation", "strata", {"clauses": equal})
    rows.append(
        (
            "ties-to-larger-id",
            "equal remainders to the larger id",
            equal,
            [r | {"n": n} for r, n in zip(truth, (1, 1, 2, 2), strict=True)],
        )
    )
    rows.append(("half-up-by-stratum", "1.5 rounded in each stratum", equal, [r | {"n": 2} for r in truth]))
    return [miss("allocation", "strata", name, mutation, claim, clauses=given) for name, mutation, given, claim in rows]


def weights() -> list[Case]:
    risks = [100000, 200000, 200000, 300000, 1000000]
    given = {"risks": risks, "floor": {"den": "5", "num": "1"}, "gamma": 2}
    total = sum(r * r for r in risks)

    def text(values: list[Any]) -> list[str]:
        return [str(v) for v in values]

    exact = [Fraction(ONE, 5) * (1 + Fraction(4 * 5 * r * r, total)) for r in risks]
    plain = [Fraction(ONE, 5) + Fraction(4 * ONE * r, 5 * 10**6) for r in risks]
    out = [
        miss(
            "levels",
            "weights",
            "rounded",
            "rounded to the nearest",
            text([floor(v + Fraction(1, 2)) for v in exact]),
            **given,
        ),
        miss("levels", "weights", "rounded-up", "rounded up", text([ceil(v) for v in exact]), **given),
        miss(
            "levels",
            "weights",
            "floor-plus-risk",
            "f + (1 - f) risk, not normalised",
            text([floor(v) for v in plain]),
            **given,
        ),
        miss(
            "levels",
            "weights",
            "gamma-one",
            "gamma 1 for 2",
            answer("levels", "weights", given | {"gamma": 1}),
            **given,
        ),
        miss(
            "levels",
            "weights",
            "floor-swapped",
            "f for 1 - f",
            answer("levels", "weights", given | {"floor": {"den": "5", "num": "4"}}),
            **given,
        ),
        miss(
            "levels",
            "weights",
            "parts-rounded",
            "the two parts rounded apart",
            text([ONE // 5 + 4 * ONE * 5 * r * r // (5 * total) for r in risks]),
            **given,
        ),
    ]
    fifth = {"den": "5", "num": "1"}
    out.append(
        miss(
            "levels",
            "weights",
            "zero-sum-ones",
            "1 for 2^32 where S = 0",
            ["1", "1"],
            risks=[0, 0],
            floor=fifth,
            gamma=2,
        )
    )
    out.append(
        miss(
            "levels",
            "weights",
            "zero-sum-floor",
            "the floor's share where S = 0",
            [str(ONE // 5)] * 2,
            risks=[0, 0],
            floor=fifth,
            gamma=2,
        )
    )
    out.append(
        miss(
            "levels",
            "weights",
            "zero-to-zero",
            "0^0 = 0",
            [str(ONE // 5), str(ONE // 5 * 9)],
            risks=[0, 5],
            floor=fifth,
            gamma=0,
        )
    )
    out.append(
        miss(
            "levels",
            "weights",
            "weight-zero",
            "w = 0",
            ["0", str(2 * ONE)],
            risks=[0, 1],
            floor={"den": "1", "num": "0"},
            gamma=1,
        )
    )
    many = {"risks": list(range(1, 1101)), "floor": fifth, "gamma": 1}
    whole = [str(ONE * (sum(range(1101)) + 4 * 1100 * r) // (5 * sum(range(1101)))) for r in range(1, 1101)]
    out.append(miss("levels", "weights", "1100-kept", "1,100 distinct weights kept", whole, **many))
    low = [str(int(w) >> 23 << 23) for w in whole]
    out.append(miss("levels", "weights", "1100-low-bits", "the same low bits cleared in all", low, **many))
    return out


def levels() -> list[Case]:
    out: list[Case] = []

    def add(name: str, mutation: str, weights_: list[int], n: int, claim: Any, *, cooldown: bool = False) -> None:
        given = {"weights": [str(w) for w in weights_], "n": n, "cooldown": cooldown}
        out.append(miss("levels", "levels", name, mutation, claim, **given))

    def form(level_of: list[str], rows: list[tuple[int, int]], taken: int, m: int) -> dict[str, Any]:
        numbered = [{"level": str(k), "count": c, "target_e12": t} for k, (c, t) in enumerate(rows, 1)]
        return {"level_of": level_of, "levels": numbered, "take_all": taken, "m": m}

    example = [1004585570, 1441361906, 1441361906, 2169322464, 15418204632]
    truth = answer("levels", "levels", {"weights": [str(w) for w in example], "n": 3, "cooldown": False})
    for at in range(3):
        for step in (1, -1):
            claim = deepcopy(truth)
            claim["levels"][at]["target_e12"] += step
            add(f"target-{at + 1}-{'up' if step > 0 else 'down'}", "a target one unit off", example, 3, claim)
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("levels-descending", "levels numbered from the largest target", {"level_of": ["3", "2", "2", "1", "T"]}),
        ("friend-lowered", "one unit in a lower level", {"level_of": ["1", "1", "2", "3", "T"]}),
        ("friend-cooling", "one unit cooling that is not", {"level_of": ["0", "2", "2", "3", "T"]}),
        ("taken-two", "two taken", {"level_of": ["1", "2", "2", "T", "T"], "take_all": 2, "m": 1}),
        ("m-is-n", "m not reduced by the taken", {"m": 3}),
    ]
    for name, mutation, change in changes:
        add(name, mutation, example, 3, {**truth, **change})
    add(
        "targets-cut",
        "targets cut, not rounded",
        [2, 1],
        1,
        form(["2", "1"], [(1, 333333333333), (1, 666666666666)], 0, 1),
    )
    add(
        "nobody-taken",
        "no certainties: the excess spread",
        [100, 1, 1, 2],
        2,
        form(["3", "1", "1", "2"], [(2, 250_000_000_000), (1, 500_000_000_000), (1, E12)], 0, 2),
    )
    add(
        "pair-taken",
        "both of a pair taken where only one may",
        [1000, 1000, 1],
        2,
        form(["T", "T", "1"], [(1, 0)], 2, 0),
    )
    add(
        "threshold-missed",
        "1024 w m = 1023 S not taken",
        [1023, 513, 512],
        2,
        form(["3", "2", "1"], [(1, E12 // 2), (1, 500976562500), (1, 999023437500)], 0, 2),
    )
    add("all-not-taken", "n = eligible without T", [5, 7], 2, form(["1", "1"], [(2, E12)], 0, 2))
    add(
        "cap-ignored",
        "no cap in a cool-down stratum",
        [100, *[1] * 7],
        1,
        form(["2"] + ["1"] * 7, [(7, 9345794393), (1, 934579439252)], 0, 1),
        cooldown=True,
    )
    add(
        "cap-not-redistributed",
        "what the cap cuts is lost",
        [100, *[1] * 7],
        1,
        form(["2"] + ["1"] * 7, [(7, 9345794393), (1, 250_000_000_000)], 0, 1),
        cooldown=True,
    )
    add(
        "cooldown-taken",
        "a unit taken in a cool-down stratum",
        [100, *[1] * 7],
        1,
        form(["T"] + ["0"] * 7, [], 1, 0),
        cooldown=True,
    )
    add(
        "one-round-only",
        "the second round forgotten",
        [100000, 1000, 1, 1],
        3,
        form(["T", "2", "1", "1"], [(2, 1996007984), (1, E12)], 1, 2),
    )
    add(
        "levels-split",
        "units of one target in two levels",
        [4, 4],
        1,
        form(["1", "2"], [(1, E12 // 2), (1, E12 // 2)], 0, 1),
    )
    for name, period, months, drawn, truth_ in [
        ("edge", "2026-12", 6, ["2026-06"], True), ("edge-passed", "2026-12", 6, ["2026-05"], False), ("this-month", "2026-12", 12, ["2026-12"], False),
        ("year-wrap", "2026-01", 2, ["2025-11"], True), ("later", "2026-06", 12, ["2026-12"], False), ("later-hides", "2026-06", 3, ["2026-04", "2026-09"], True),
    ]:  # fmt: skip
        out.append(
            miss(
                "levels",
                "cooling",
                name,
                f"said to be {'eligible' if truth_ else 'cooling'}",
                not truth_,
                period=period,
                months=months,
                drawn=drawn,
            )
        )
    return out


def rest() -> list[Case]:
    out = [
        miss("probability", "single", name, mutation, claim, count=count, m=m)
        for name, mutation, count, m, claim in [
            ("cut", "cut, not rounded", 3, 2, ONE * 2 // 3), ("up", "rounded up", 3, 1, ONE // 3 + 1), ("zero", "0 for the smallest L", 2**34, 1, 0),
            ("one", "2^32 for the largest L", 2**34, 2**34 - 1, ONE), ("count", "m forgotten", 10, 3, floor(ONE / 10 + 0.5)),
        ]
    ]  # fmt: skip

    def ordered(name: str, mutation: str, claim: list[str], *units: tuple[str, int, int]) -> None:
        rows = [{"id": i, "h": f"{h:064x}", "L": big_l} for i, h, big_l in units]
        out.append(miss("select", "order", name, mutation, claim, units=rows))

    ordered("largest-first", "the largest key first", ["b", "a"], ("a", 3, 5), ("b", 9, 5))
    ordered("ticket-alone", "L forgotten", ["a", "b"], ("a", 2**255, 5), ("b", 2**255 + 1, ONE - 1))
    ordered("small-l-first", "the smaller L first", ["a", "b"], ("a", 2**255, 5), ("b", 2**255, ONE - 1))
    ordered("doubles", "keys as doubles, ties by id", ["a", "b"], ("a", 2**255 + 1, 2**31), ("b", 2**255, 2**31))
    ordered("tie-by-place", "equal keys in the order read", ["b", "a"], ("b", 7, 7), ("a", 7, 7))
    ordered("tie-as-numbers", "ids of equal keys as numbers", ["9", "10"], ("9", 7, 7), ("10", 7, 7))
    ordered("tie-ignoring-case", "ids of equal keys without case", ["a", "B"], ("a", 7, 7), ("B", 7, 7))
    ordered(
        "exponential",
        "keys u / lambda instead of Pareto's",
        ["b", "a"],
        ("a", 2**255, 2**30),
        ("b", 2**256 // 10 * 9, 2**31),
    )
    tau = {"h": f"{2**254:064x}", "L": 2**30}
    q = key(2**254, 2**30)
    for name, mutation, value in [
        ("one-over-lambda", "1 / lambda", Fraction(4)), ("no-one", "without the 1", Fraction(3) / q), ("tau-times", "times tau", 1 + 3 * q),
        ("lambda-for-odds", "lambda for (1 - lambda) / lambda", 1 + Fraction(1, 4) / q), ("h-for-key", "u of tau for its key", 1 + Fraction(3 * 2**257, 2**255 + 1)),
    ]:  # fmt: skip
        out.append(miss("inference", "rank-weight", name, mutation, rational(value), L=2**30, tau=tau))
    exact = rational(1 + 3 / q)
    out.append(
        miss(
            "inference",
            "rank-weight",
            "not-lowest",
            "not in lowest terms",
            {"num": str(int(exact["num"]) * 2), "den": str(int(exact["den"]) * 2)},
            L=2**30,
            tau=tau,
        )
    )
    out.append(
        miss(
            "inference",
            "design-weight",
            "target-scale",
            "a probability in ppm",
            rational(Fraction(10**6, E12 // 4)),
            pi_e12=E12 // 4,
        )
    )
    w = {"pi_e12": E12 // 4, "past_e12": [E12 // 5, E12 // 2]}
    for name, mutation, value in [
        ("one-over-pi", "1 / pi: the biased -0.0185", Fraction(4)), ("one-over-mean", "1 over the probability before cooling", Fraction(5)),
        ("past-forgotten", "the last month only", Fraction(8)), ("product-of-pi", "the product of pi", Fraction(40)), ("sum", "1 minus the sum of pi", 4 / Fraction(3, 10)),
    ]:  # fmt: skip
        out.append(miss("inference", "W", name, mutation, rational(value), **w))
    rows = [{"key": k, "pi_e12": pi, "drawn": drawn} for k, pi, drawn in HISTORY]
    for name, mutation, claim in [
        ("this-month-too", "the month itself included", [7, 11, 13]),
        ("one-month-less", "one month too few", [11]),
        ("one-month-more", "one too many", [5, 7, 11]),
    ]:
        out.append(miss("inference", "past", name, mutation, claim, unit="a", period="2026-03", months=2, history=rows))
    out.append(
        miss("sources", "source", "bits-rounded-up", "61.6 bits rounded up", {"kind": "lottery", "bits": 62}, text=KL8)
    )
    out.append(
        miss(
            "sources",
            "source",
            "balls-with-return",
            "80^20 values",
            {"kind": "lottery", "bits": floor(20 * log2(80))},
            text=KL8,
        )
    )
    return out


def cases() -> list[Case]:
    return totals() + strata() + weights() + levels() + rest()
