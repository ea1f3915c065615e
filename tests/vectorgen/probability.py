"""Vectors of area `probability`: sealed L, and the pi that it gives or does not give."""

from fractions import Fraction
from typing import Any

from tests.reference import pareto
from tests.reference.ops import inclusion
from tests.reference.strata import half_up
from tests.vectorgen.case import Case, Maker

E12 = 10**12
ONE = 2**32
Rows = list[dict[str, int]]


def rows_of(big_l: list[int], counts: list[int], m: int) -> Rows:
    """Levels whose target is what L gives."""
    found = [half_up(E12 * pi) for pi in inclusion(tuple(big_l), tuple(counts), m)]
    return [
        {"count": n, "L": value, "target_e12": pi, "pi_e12": pi}
        for n, value, pi in zip(counts, big_l, found, strict=True)
    ]


def single() -> list[Case]:
    made = Maker("probability", "single")
    for count, m in [(10, 3), (3, 1), (2, 1), (7, 6), (190_000_000, 1), (2**33, 1), (2**34, 2**34 - 1)]:
        made.good(f"{m}-of-{count}", "L of a stratum of one level", count=count, m=m)
    return made.cases


def good_frames() -> list[tuple[str, str, list[int], list[int], int]]:
    return [
        ("example", "the example of draw.md 12", [1464649380, 2047899618, 3029485976], [1, 2, 1], 2),
        ("closed-form", "theta ratio 3: (6 - 3 ln 3) / 4", [2**31, 2**30], [1, 1], 1),
        ("skewed", "odds a million apart", [4295, 2**31, ONE - 4295], [5, 4, 2], 4),
        ("near-certain", "pi close to 1 and close to 0", [1000, ONE - 1000], [6, 3], 3),
        ("extreme-l", "the smallest and the largest L", [1, ONE - 1], [3, 2], 2),
        ("common-factor", "odds times a common factor give the same pi", [5, 10, 15], [4, 4, 4], 3),
        ("n-minus-one", "all but one", [2**30, 2**31, 3 * 2**30], [2, 2, 2], 5),
        ("twenty-units", "20 units, 6 drawn", [10**9, 13 * 10**8, 16 * 10**8], [10, 5, 5], 6),
        ("same-l-in-two-levels", "levels of equal L have equal pi", [2**31, 2**31], [3, 5], 3),
    ]


def faults(rows: Rows, m: int) -> list[tuple[str, str, str, dict[str, Any]]]:
    def change(at: int, **fields: int) -> dict[str, Any]:
        return {"m": m, "levels": [row | fields if i == at else row for i, row in enumerate(rows)]}

    first, last = rows[0], rows[-1]
    away = 1000 + first["target_e12"] // 10**6 + 3
    swapped = [{**row, "L": other["L"]} for row, other in zip(rows, rows[::-1], strict=True)]
    return [
        ("VERIFY_FAILED", "pi-up", "pi_e12 three units too large", change(0, pi_e12=first["pi_e12"] + 3)),
        ("VERIFY_FAILED", "pi-down", "pi_e12 three units too small", change(len(rows) - 1, pi_e12=last["pi_e12"] - 3)),
        ("VERIFY_FAILED", "pi-is-lambda", "lambda given out as pi", change(0, pi_e12=first["L"] * E12 // ONE)),
        (
            "VERIFY_FAILED",
            "target-above",
            "a target beyond the tolerance above",
            change(0, target_e12=first["target_e12"] + away),
        ),
        (
            "VERIFY_FAILED",
            "target-below",
            "a target beyond the tolerance below",
            change(0, target_e12=first["target_e12"] - away),
        ),
        (
            "VERIFY_FAILED",
            "l-up",
            "L of one level larger by one part in 10,000",
            change(0, L=first["L"] + first["L"] // 10**4),
        ),
        ("VERIFY_FAILED", "l-swapped", "L in the other order", {"m": m, "levels": swapped}),
        ("VERIFY_FAILED", "m-up", "one more is drawn", {"m": m + 1, "levels": rows}),
        ("VERIFY_FAILED", "m-down", "one fewer is drawn", {"m": m - 1, "levels": rows}),
        ("VERIFY_FAILED", "count-up", "a unit more in one level", change(0, count=first["count"] + 1)),
        ("VERIFY_FAILED", "level-left-out", "a level left out", {"m": m, "levels": rows[1:]}),
        ("PI_INPUT", "l-zero", "L = 0", change(0, L=0)),
        ("PI_INPUT", "l-one", "L = 2^32", change(0, L=ONE)),
        ("PI_INPUT", "l-negative", "L = -1", change(0, L=-1)),
        ("PI_INPUT", "count-zero", "a level without units", change(0, count=0)),
        ("PI_INPUT", "m-zero", "m = 0", {"m": 0, "levels": rows}),
        ("PI_INPUT", "m-everybody", "m = N", {"m": sum(row["count"] for row in rows), "levels": rows}),
        ("PI_INPUT", "m-above", "m = N + 1", {"m": sum(row["count"] for row in rows) + 1, "levels": rows}),
    ]


def check() -> list[Case]:
    made = Maker("probability", "check")
    for name, desc, big_l, counts, m in good_frames():
        made.good(name, desc, m=m, levels=rows_of(big_l, counts, m))
    rows = rows_of([1464649380, 2047899618, 3029485976], [1, 2, 1], 2)
    near = [row | {"pi_e12": row["pi_e12"] + step} for row, step in zip(rows, (1, -1, 1), strict=True)]
    made.good("pi-within-one", "pi_e12 off by one unit is within the tolerance", m=2, levels=near)
    near = [row | {"target_e12": row["target_e12"] + 900} for row in rows]
    made.good("target-within", "targets 900 units away are within the tolerance", m=2, levels=near)
    for code, name, mutation, given in faults(rows, 2):
        made.bad(code, f"example-{name}", mutation, **given)
    for frame, big_l, counts, m in [
        ("twenty-units", [10**9, 13 * 10**8, 16 * 10**8], [10, 5, 5], 6),
        ("nine-units", [2**29, 2**30, 3 * 2**30], [4, 3, 2], 3),
        ("two-levels", [2**28, 2**31], [9, 4], 5),
    ]:
        for code, name, mutation, given in faults(rows_of(big_l, counts, m), m):
            if code == "VERIFY_FAILED" and (frame, name) != ("two-levels", "level-left-out"):
                made.bad(code, f"{frame}-{name}", mutation, **given)
    one = {"count": 10, "L": pareto.clamp(Fraction(3, 10)), "target_e12": 3 * 10**11, "pi_e12": 3 * 10**11}
    made.good("one-level", "every L gives m / N", m=3, levels=[one])
    made.bad(
        "VERIFY_FAILED", "one-level-other-l", "another L of a single level", m=3, levels=[one | {"L": one["L"] + 1}]
    )
    made.bad(
        "VERIFY_FAILED",
        "one-level-pi",
        "pi of a single level off by 3",
        m=3,
        levels=[one | {"pi_e12": one["pi_e12"] + 3}],
    )
    small = rows_of([1000, ONE - 1000], [6, 3], 3)
    shifted = [small[0] | {"target_e12": small[0]["target_e12"] + 1100}, small[1]]
    made.bad("VERIFY_FAILED", "small-target", "a tiny target has the absolute tolerance alone", m=3, levels=shifted)
    return made.cases


def cases() -> list[Case]:
    return single() + check()
