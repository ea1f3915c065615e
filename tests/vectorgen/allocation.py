"""Vectors of area `allocation`: ratios, totals, strata and their sizes."""

from typing import Any

from tests.vectorgen.case import Case, Maker

BAD_RATIOS = [
    ("empty", ""), ("no-unit", "10"), ("unit-alone", "%"), ("two-units", "10%%"), ("percent-in-front", "%10"),
    ("negative", "-1%"), ("plus", "+1%"), ("leading-zero", "01%"), ("double-zero", "00%"), ("leading-point", ".5%"),
    ("trailing-point", "5.%"), ("five-decimals", "0.00001%"), ("comma", "2,5%"), ("thirteen-digits", "1000000000000%"),
    ("blank-before-unit", "10 %"), ("blank-in-front", " 10%"), ("line-end", "10%\n"), ("equal-sign", "=10%"),
    ("strict-bound", ">10%"), ("reversed-bound", "=>3%"), ("chinese-bound", "≥3%"), ("bound-behind", "3%>="),
    ("two-bounds", ">=<=3%"), ("fullwidth-digits", "１０%"), ("fullwidth-percent", "10％"), ("arabic-digits", "١٠%"),
    ("exponent", "1e1%"), ("fraction", "1/10"), ("two-points", "1.2.3%"), ("range", "1%-3%"), ("per-ten-thousand", "5‱"),
    ("text", "all"), ("hex", "0xA%"), ("nan", "NaN%"), ("infinity", "inf%"),
]  # fmt: skip


def ratio() -> list[Case]:
    made = Maker("allocation", "ratio")
    for name, text, desc in [
        ("percent", "10%", "lowest terms"), ("per-mille", "<=2.5‰", "a bound from above rounds down"),
        ("at-least", ">=3%", "a bound from below rounds up"), ("four-decimals", "0.0001%", "the smallest"),
        ("hundred", "100%", "everybody"), ("thousand-per-mille", "1000‰", "everybody, per mille"), ("zero", "0%", "nobody"),
        ("trailing-zeros", "1.5000%", "zeros after the point change nothing"),
    ]:  # fmt: skip
        made.good(name, desc, text=text)
    for name, text in BAD_RATIOS:
        made.bad("RATIO_SYNTAX", name, f"the ratio is written {text!r}", text=text)
    for name, text in [
        ("101", "101%"), ("hundred-and-a-bit", "100.0001%"), ("1001-per-mille", ">=1001‰"), ("twelve-digits", "999999999999%"),
    ]:  # fmt: skip
        made.bad("RATIO_ABOVE_ONE", name, f"the ratio {text} draws more than everybody", text=text)
    return made.cases


def total() -> list[Case]:
    made = Maker("allocation", "total")
    for name, text, units, desc in [
        ("half-rounds-up", "10%", 25, "2.5 becomes 3"), ("below-half-rounds-down", "10%", 24, "2.4 becomes 2"),
        ("at-least-rounds-up", ">=3%", 101, "3.03 becomes 4"), ("at-least-exact", ">=3%", 100, "3 stays 3"),
        ("at-most-rounds-down", "<=2‰", 999, "1.998 becomes 1"), ("everybody", "100%", 7, "7 of 7"),
        ("single-unit", "50%", 1, "one half becomes 1"), ("class-a-of-the-example", "1%", 31107, "311.07 becomes 311"),
        ("large", "0.1‰", 190_000_000, "of 190 million"),
        ("above-half-in-thirds", "33.3333%", 5, "1.666665 becomes 2"),
    ]:  # fmt: skip
        made.good(name, desc, ratio=text, units=units)
    for name, drawn, batches, desc in [
        ("year-batch", 4, 4, "quota 10, ceil(6 / 4) = 2"), ("year-first", 0, 4, "ceil(10 / 4) = 3"), ("year-last", 8, 1, "what is left: 2"),
        ("year-one-each", 7, 12, "ceil(3 / 12) = 1"),
    ]:  # fmt: skip
        made.good(name, desc, ratio="10%", units=101, drawn=drawn, batches_left=batches)
    made.good(
        "year-at-least", "the quota is rounded before it is divided", ratio=">=3%", units=101, drawn=1, batches_left=2
    )
    zero: list[tuple[str, str, dict[str, Any]]] = [
        ("zero-ratio", "a ratio of 0", {"ratio": "0%", "units": 9}),
        ("below-half", "0.49 rounds to 0", {"ratio": "1%", "units": 49}),
        ("at-most-below-one", "0.998 rounds down to 0", {"ratio": "<=2‰", "units": 499}),
        ("year-done", "the quota is drawn", {"ratio": "10%", "units": 101, "drawn": 10, "batches_left": 3}),
        (
            "year-overdrawn",
            "more than the quota is drawn",
            {"ratio": "10%", "units": 101, "drawn": 12, "batches_left": 3},
        ),
        (
            "year-overdrawn-by-little",
            "(10 - 11) / 4 rounds up to 0",
            {"ratio": "10%", "units": 101, "drawn": 11, "batches_left": 4},
        ),
        ("year-zero-quota", "a quota of 0", {"ratio": "1%", "units": 20, "drawn": 0, "batches_left": 1}),
    ]
    for name, mutation, given in zero:
        made.bad("CLAUSE_ZERO", name, mutation, **given)
    made.bad("RATIO_SYNTAX", "bad-ratio", "a ratio without unit", ratio="10", units=100)
    made.bad("RATIO_ABOVE_ONE", "above-one", "101 %", ratio="101%", units=100)
    return made.cases


Cells = dict[str, int]


def clause(name: str, total_: int, cells: Cells) -> dict[str, Any]:
    rows = [
        dict(zip(("class", "type", "district"), key.split("/"), strict=True)) | {"units": n} for key, n in cells.items()
    ]
    return {"clause": name, "total": total_, "cells": rows}


SMALL: Cells = {"A/firm/01": 30, "A/firm/02": 5, "A/firm/03": 55, "A/firm/04": 10}


def strata() -> list[Case]:
    made = Maker("allocation", "strata")
    equal = {f"A/firm/{i:02d}": 10 for i in range(4)}
    for name, desc, clauses in [
        ("proportional", "10 of 100", [clause("c", 10, {"A/firm/01": 60, "A/firm/02": 40})]),
        ("largest-remainder", "what is left goes to the largest remainder", [clause("c", 7, {"A/firm/01": 33, "A/firm/02": 34, "A/firm/03": 33})]),
        ("equal-remainders", "of equals the smaller id", [clause("c", 6, equal)]),
        ("middle-joins-next", "02 joins 03, and later 04 joins that", [clause("c", 7, SMALL)]),
        ("last-joins-previous", "the last district joins the one before", [clause("c", 10, {"A/firm/01": 60, "A/firm/02": 40, "A/firm/03": 1})]),
        ("chain", "joined members join again", [clause("c", 2, {f"A/firm/{i}": 1 for i in range(8)})]),
        ("everything-joins", "a total of 1 leaves one stratum", [clause("c", 1, {"A/firm/01": 9, "A/firm/02": 9, "A/firm/03": 9})]),
        ("smallest-first", "the smallest joins first, not the first below 1", [clause("c", 3, {"A/firm/01": 8, "A/firm/02": 3, "A/firm/03": 9, "A/firm/04": 10})]),
        ("expectation-one-stays", "an expectation of exactly 1 is not small", [clause("c", 10, {"A/firm/01": 10, "A/firm/02": 90})]),
        ("types-apart", "small cells of two types do not join", [clause("c", 4, {"A/firm/01": 30, "A/firm/02": 4, "A/shop/01": 40, "A/shop/02": 6})]),
        ("two-clauses", "each clause by itself", [clause("a", 2, {"A/firm/01": 9, "A/firm/02": 9}), clause("d", 5, {"D/firm/01": 5, "D/firm/02": 4})]),
        ("everybody", "all of a clause", [clause("c", 12, {"A/firm/01": 5, "A/firm/02": 7})]),
        ("district-order-is-text", "10 stands before 9", [clause("c", 2, {"A/firm/9": 1, "A/firm/10": 30, "A/firm/8": 30})]),
        ("one-unit", "N = 1", [clause("c", 1, {"A/firm/01": 1})]),
    ]:  # fmt: skip
        made.good(name, desc, clauses=clauses)
    bad: list[tuple[str, str, str, list[dict[str, Any]]]] = [
        ("CLAUSE_ZERO", "total-zero", "a total of 0", [clause("c", 0, SMALL)]),
        ("CLAUSE_ZERO", "total-negative", "a total of -1", [clause("c", -1, SMALL)]),
        ("CLAUSE_ABOVE", "total-above", "one more than there are", [clause("c", 101, SMALL)]),
        ("CLAUSE_ABOVE", "second-clause-above", "the second clause asks for too many", [clause("a", 1, {"A/firm/01": 9}), clause("d", 10, {"D/firm/01": 9})]),
        ("CLAUSE_ZERO", "first-clause-first", "two clauses are wrong: the first counts", [clause("a", 0, {"A/firm/01": 9}), clause("d", 10, {"D/firm/01": 9})]),
        ("STRATUM_ZERO", "lone-cell-zero", "a type with one unit, whose expectation is 10/101", [clause("c", 10, {"A/firm/01": 100, "A/rare/01": 1})]),
        ("STRATUM_ZERO", "two-lone-cells", "two rare types share one place", [clause("c", 5, {"A/firm/01": 90, "A/rare/01": 8, "A/rarer/01": 2})]),
        ("STRATUM_ZERO", "three-groups-of-two", "a total smaller than the number of groups", [clause("c", 2, {"A/a/01": 5, "A/b/01": 5, "A/c/01": 5})]),
        ("STRATUM_ZERO", "zero-before-id", "a stratum of size 0 comes before two of one id", [clause("c", 10, {"A/firm/01": 100, "A/rare/01": 1}), clause("d", 1, {"A/firm/01": 5})]),
        ("STRATUM_ID", "point-in-district", "a point in a district makes two strata of one id", [clause("c", 20, {"A/x/y.1": 50, "A/x.y/1": 50})]),
        ("STRATUM_ID", "same-cell-in-two-clauses", "two clauses hold one cell", [clause("c", 5, {"A/x/1": 50}), clause("d", 5, {"A/x/1": 50})]),
    ]  # fmt: skip
    for code, name, mutation, clauses in bad:
        made.bad(code, name, mutation, clauses=clauses)
    return made.cases


def cases() -> list[Case]:
    return ratio() + total() + strata()
