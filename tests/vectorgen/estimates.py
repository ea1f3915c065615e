"""Vectors of area `estimate`: answers, variance strata, the ratio, intervals, verdicts (estimate.md)."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.reference import estimates as twin
from tests.reference import ops
from tests.reference.numbers import beta, beta_quantile, real
from tests.vectorgen.case import Case, Maker
from tests.vectorgen.near import near

Given = dict[str, Any]


def share(text: str) -> dict[str, str]:
    value = Fraction(text)
    return {"den": str(value.denominator), "num": str(value.numerator)}


def visit(result: str, severity: str = "-") -> Given:
    return {"result": result, "severity": severity}


def outcomes() -> list[Case]:
    made, wrong = Maker("estimate", "outcome"), Maker("estimate", "outcome-follows")
    for name, outcome, visits in [
        ("fine", "compliant", [visit("1")]), ("mended", "compliant", [visit("7")]), ("found", "compliant", [visit("5")]),
        ("no-contact", "compliant", [visit("4")]), ("none", "compliant", []), ("worst", "compliant", [visit("1"), visit("6"), visit("4")]),
        ("reached-later", "compliant", [visit("4"), visit("1")]), ("strict-no-contact", "strict", [visit("4")]),
        ("disclosure", "disclosure", [visit("5")]), ("disclosure-hidden", "disclosure", [visit("2")]), ("disclosure-no-contact", "disclosure", [visit("4")]),
        ("contact", "contact", [visit("5")]), ("contact-lost", "contact", [visit("1"), visit("4")]),
        ("listed", "result=1,2,7", [visit("2")]), ("listed-not", "result=1,7", [visit("2")]), ("listed-contact", "result=1,4", [visit("4")]),
        ("listed-lost", "result=1", [visit("4")]), ("severity-below", "severity<2", [visit("5", "1")]), ("severity-at", "severity<2", [visit("5", "2")]),
        ("severity-unknown", "severity<2", [visit("5")]), ("severity-some", "severity<2", [visit("5"), visit("5", "0")]),
        ("severity-no-contact", "severity<3", [visit("4", "0")]),
    ]:  # fmt: skip
        made.good(
            name, f"{outcome}: {' '.join(v['result'] for v in visits) or 'no visit'}", outcome=outcome, visits=visits
        )
    for name, text in [
        ("word", "fine"), ("empty", ""), ("result-none", "result="), ("result-nine", "result=1,9"), ("result-blank", "result=1, 7"),
        ("severity-four", "severity<4"), ("severity-zero", "severity<0"), ("severity-at-most", "severity<=2"), ("upper-case", "Compliant"),
    ]:  # fmt: skip
        made.bad("OUTCOME_UNKNOWN", name, f"outcome {text or 'empty'}", outcome=text, visits=[visit("1")])
    for name, outcome, visits, claim in [
        ("last", "compliant", [visit("5"), visit("1")], "compliant"), ("majority", "compliant", [visit("1"), visit("1"), visit("5")], "compliant"),
        ("unreachable-first", "compliant", [visit("4"), visit("1")], "unreachable"), ("no-contact-fails", "compliant", [visit("4")], "not-compliant"),
        ("strict-lost", "strict", [visit("4")], "unreachable"), ("no-visit-fails", "compliant", [], "not-compliant"),
        ("unknown-severity", "severity<2", [visit("5")], "compliant"), ("severity-of-no-contact", "severity<3", [visit("4", "0")], "compliant"),
    ]:  # fmt: skip
        wrong.bad("VERIFY_FAILED", name, f"{claim} claimed", outcome=outcome, visits=visits, claim=claim)
    return made.cases + wrong.cases


DRAWS: list[Given] = [
    {"draw_id": "X-2026-0001", "first": "2026-12-01", "last": "2026-12-20", "objects": ["a", "b", "c"]},
    {"draw_id": "X-2026-0002", "first": "2026-12-15", "last": "2026-12-31", "objects": ["b", "d"]},
]


def result(object_id: str, date: str, code: str = "1", draw_id: str = "-") -> Given:
    return {"object_id": object_id, "date": date, "result": code, "severity": "-", "draw_id": draw_id}


def matched() -> list[Case]:
    made, wrong = Maker("estimate", "match"), Maker("estimate", "match-follows")
    one, two = (d["draw_id"] for d in DRAWS)
    rows: dict[str, tuple[str, list[Given]]] = {
        "window": ("by the window", [result("a", "2026-12-01"), result("d", "2026-12-31", "5")]),
        "unclear": ("in the windows of two draws that drew it", [result("b", "2026-12-16")]),
        "one-window": ("drawn twice, in one window", [result("b", "2026-12-14"), result("b", "2026-12-21", "5")]),
        "named": ("a row that names its draw", [result("b", "2026-12-16", "5", two), result("b", "2026-12-16", "1", one)]),
        "named-late": ("named, after the window: counts", [result("a", "2027-02-01", "1", one)]),
        "early": ("named, before the window", [result("a", "2026-11-30", "1", one)]),
        "outside": ("no draw named and in no window", [result("a", "2026-12-21"), result("a", "2026-11-30")]),
        "reserve": ("named, but not drawn", [result("x", "2026-12-16", "1", one)]),
        "stranger": ("not drawn and no draw named", [result("x", "2026-12-16")]),
        "elsewhere": ("a draw that is not asked for", [result("a", "2026-12-16", "1", "X-2026-0009")]),
        "worst": ("the worst of several rows", [result("a", "2026-12-02"), result("a", "2026-12-03", "5"), result("a", "2026-12-04", "4")]),
        "nothing": ("no rows", []),
    }  # fmt: skip
    for name, (desc, found) in rows.items():
        made.good(name, desc, outcome="compliant", draws=DRAWS, rows=found)
    made.bad("ESTIMATE_TWICE", "twice", "a draw named twice", outcome="compliant", draws=[*DRAWS, DRAWS[0]], rows=[])
    nobody = {"answers": [], "used": 0, "not_drawn": 0, "early": 0, "unplaced": 0, "elsewhere": 0}
    for name, mutation, which, claim in [
        ("guess", "the first of two draws", "unclear", {**nobody, "answers": [{"draw_id": one, "object_id": "b", "answer": "compliant"}], "used": 1}),
        ("reserve", "a reserve counted", "reserve", {**nobody, "answers": [{"draw_id": one, "object_id": "x", "answer": "compliant"}], "used": 1}),
        ("early", "a visit of before the window counted", "early", {**nobody, "answers": [{"draw_id": one, "object_id": "a", "answer": "compliant"}], "used": 1}),
        ("late", "a named draw held to its window", "named-late", {**nobody, "unplaced": 1}),
        ("last", "the last row counts", "worst", {**nobody, "answers": [{"draw_id": one, "object_id": "a", "answer": "unreachable"}], "used": 3}),
        ("silent", "rows dropped without being counted", "stranger", nobody),
    ]:  # fmt: skip
        wrong.bad("VERIFY_FAILED", name, mutation, outcome="compliant", draws=DRAWS, rows=rows[which][1], claim=claim)
    return made.cases + wrong.cases


def stratum(text: str, m: int, draw: str = "X-2026-0001") -> Given:
    clause, name = text.split(":")
    return {"draw_id": draw, "clause": clause, "class": name.split(".")[0], "stratum": name, "m": m}


def joined() -> list[Case]:
    made, wrong = Maker("estimate", "variance-strata"), Maker("estimate", "variance-strata-follows")
    later = "X-2026-0002"
    every: dict[str, tuple[str, list[Given]]] = {
        "apart": ("strata of two or more stay alone", [stratum("k:A.x.1", 2), stratum("k:A.x.2", 5)]),
        "next": ("a single unit joins the next", [stratum("k:A.x.1", 1), stratum("k:A.x.2", 3)]),
        "last": ("the last joins the one before", [stratum("k:A.x.1", 3), stratum("k:A.x.2", 1)]),
        "pairs": ("four of one unit make two pairs", [stratum(f"k:A.x.{n}", 1) for n in range(4)]),
        "five": ("of five the last joins the second pair", [stratum(f"k:A.x.{n}", 1) for n in range(5)]),
        "empty": ("m = 0 is left out", [stratum("k:A.x.1", 0), stratum("k:A.x.2", 1), stratum("k:A.x.3", 1)]),
        "clause": ("alone in its class it joins within the clause", [stratum("k:A.x.1", 2), stratum("k:B.x.1", 1), stratum("l:B.x.2", 4)]),
        "draw": ("alone in its clause it joins within the draw", [stratum("k:A.x.1", 1), stratum("l:A.x.1", 4)]),
        "draws": ("alone in its draw it joins the next draw", [stratum("k:A.x.1", 1), stratum("k:A.x.1", 2, later)]),
        "draws-last": ("the last draw joins the one before", [stratum("k:A.x.1", 2), stratum("k:A.x.1", 1, later)]),
        "alone": ("a single unit in all", [stratum("k:A.x.1", 1)]),
        "order": ("given in another order", [stratum("k:B.x.1", 1), stratum("k:A.x.2", 1), stratum("k:A.x.1", 1)]),
        "class-first": ("within the class before the clause", [stratum("k:A.x.1", 1), stratum("k:A.x.9", 2), stratum("k:B.x.1", 1), stratum("k:B.x.2", 2)]),
        "nothing": ("nothing left to chance", [stratum("k:A.x.1", 0)]),
    }  # fmt: skip
    for name, (desc, strata) in every.items():
        made.good(name, desc, strata=strata)
    place = {"draw_id": "X-2026-0001"}
    for name, mutation, which, groups in [
        ("alone", "a single unit left alone", "next", [["A.x.1"], ["A.x.2"]]), ("all", "all joined", "pairs", [["A.x.0", "A.x.1", "A.x.2", "A.x.3"]]),
        ("chain", "joined again although there are two", "five", [["A.x.0", "A.x.1", "A.x.2", "A.x.3", "A.x.4"]]),
        ("before", "joined with the one before", "class-first", [["A.x.9", "B.x.1"], ["A.x.1", "B.x.2"]]),
        ("empty", "a stratum of m = 0 shown", "empty", [["A.x.1", "A.x.2", "A.x.3"]]), ("dropped", "a single unit dropped", "last", [["A.x.1"]]),
        ("first-pair", "the fifth joins the first pair", "five", [["A.x.0", "A.x.1", "A.x.4"], ["A.x.2", "A.x.3"]]),
    ]:  # fmt: skip
        claim = [[{**place, "stratum": s} for s in group] for group in groups]
        wrong.bad("VERIFY_FAILED", name, mutation, strata=every[which][1], claim=claim)
    return made.cases + wrong.cases


def unit(weight: str, answer: str, count: int, stratum: int | None = 0, group: str = "x") -> Given:
    where = {} if stratum is None else {"stratum": stratum}
    full = {"y": "compliant", "n": "not-compliant", "u": "unreachable", "-": "no-result"}[answer]
    return {**where, "weight": share(weight), "answer": full, "group": group, "count": count}


def taken(answer: str, count: int, group: str = "x") -> Given:
    return unit("1", answer, count, None, group)


def frame(**counts: tuple[int, int]) -> list[Given]:
    return [{"group": g, "taken": t, "chance": c} for g, (t, c) in counts.items()]


EQUAL = [unit("10", "y", 25), unit("10", "n", 5)]
SKEWED = [unit("3/2", "n", 6), unit("5", "y", 8), unit("40/3", "y", 6), unit("40/3", "n", 1), unit("5", "u", 2)]
CERTAIN = [taken("y", 7), taken("n", 4), taken("u", 1), *SKEWED]
LAYERS = [
    unit("4", "y", 5, 0), unit("4", "n", 2, 0), unit("9", "y", 6, 1, "z"), unit("9", "n", 1, 1), unit("25/2", "y", 4, 2, "z"), unit("3", "-", 2, 2),
    unit("3", "n", 3, 2, "z"), taken("y", 2, "z"), taken("n", 1),
]  # fmt: skip
PERFECT = [unit("8", "y", 20), unit("2", "y", 12)]
HEAVY = [unit("1200", "y", 2), unit("6/5", "y", 20), unit("6/5", "n", 9)]
FEW = [unit("6", "y", 7), unit("6", "n", 2), unit("6", "u", 4)]
SURVEYS: dict[str, tuple[str, list[Given], list[Given]]] = {
    "equal": ("simple random: thirty of 300", EQUAL, frame(x=(0, 300))),
    "skewed": ("unequal weights, two unreachable", SKEWED, frame(x=(0, 170))),
    "certain": ("with taken objects, which have no variance", CERTAIN, frame(x=(12, 171))),
    "layers": ("three variance strata, two groups, taken objects in both", LAYERS, frame(x=(1, 95), z=(2, 110))),
    "perfect": ("all compliant: Kish's number", PERFECT, frame(x=(0, 190))),
    "hopeless": ("none compliant", [unit("8", "n", 20), unit("2", "n", 12)], frame(x=(0, 190))),
    "heavy": ("two heavy units that agree: the variance promises more than the weights", HEAVY, frame(x=(0, 2500))),
    "few": ("nine answers tell nothing; thirteen drawn give bounds", FEW, frame(x=(0, 80))),
    "ten": ("ten answers", [unit("6", "y", 8), unit("6", "n", 2), unit("6", "u", 4)], frame(x=(0, 84))),
    "fewer-drawn": ("nine drawn: no bounds either", [unit("6", "y", 7), unit("6", "n", 2)], frame(x=(0, 54))),
    "census": ("all were taken: a count, not an estimate", [taken("y", 3), taken("n", 1), taken("u", 1)], frame(x=(5, 0))),
    "census-silent": ("all were taken and none answered", [taken("u", 3), taken("-", 9)], frame(x=(12, 0))),
    "only-taken-answered": ("nothing that was left to chance answered", [taken("y", 12), unit("4", "u", 11)], frame(x=(12, 44))),
    "empty-group": ("a group of the frame of which nobody was drawn", SKEWED, frame(x=(0, 170), y=(0, 30))),
    "all-unreachable": ("nobody answered", [unit("4", "u", 11), unit("4", "-", 1)], frame(x=(0, 48))),
    "one-group-flat": ("one group without a failure", [unit("5", "y", 12, 0), unit("7", "y", 9, 1, "z"), unit("7", "n", 3, 1, "z")], frame(x=(0, 60), z=(0, 84))),
    "no-freedom": ("one unit in all its stratum", [unit("5", "y", 11, 0), unit("5", "n", 1, 1)], frame(x=(0, 60))),
    "domain": ("a domain that cuts through the strata", [unit("4", "y", 9, 0), unit("4", "n", 3, 0), unit("6", "y", 8, 0, "z"), unit("6", "n", 4, 1, "z"), unit("3", "y", 6, 1)], frame(x=(0, 66), z=(0, 72))),
}  # fmt: skip


def rates() -> list[Case]:
    made, wrong = Maker("estimate", "rate"), Maker("estimate", "rate-follows")
    for name, (desc, units, counts) in SURVEYS.items():
        made.good(name, desc, units=units, size=sum(c["chance"] for c in counts))
    made.good("group", "one group", units=LAYERS, size=110, group="z")
    made.good("group-other", "the other group", units=LAYERS, size=95, group="x")
    made.good("stranger", "a group nobody is in", units=LAYERS, size=0, group="q")
    lies: list[tuple[str, str, str, Callable[[list[Given]], Given]]] = [
        ("unweighted", "answers counted without weights", "skewed", lambda _: {"rate": real(Fraction(14, 21))}),
        ("unreachable-fails", "unreachable ones counted as failures", "skewed", lambda u: {"rate": real(supposed(u))}),
        ("frame-share", "taken ones by their share of the frame", "certain", lambda _: {"share": real(Fraction(171, 183))}),
        ("taken-weighted", "everything weighted alike", "certain", lambda u: {"rate": real(raw(u))}),
        ("mean-of-strata", "a mean of the strata's ratios", "layers", lambda u: {"rate": real(of_strata(u))}),
        ("with-replacement", "the variance without 1 - q", "skewed", lambda u: {"variance": real(replaced(u, 170))}),
        ("no-correction", "the variance without m / (m - 1)", "equal", lambda u: {"variance": real(variance(u, 300) * Fraction(29, 30))}),
        ("simple", "p (1 - p) / n", "skewed", lambda _: {"variance": real(Fraction(14 * 7, 21**3))}),
        ("one-stratum", "the strata ignored", "layers", lambda u: {"variance": real(variance([{**x, **({"stratum": 0} if "stratum" in x else {})} for x in u], 205))}),
        ("kish-all", "Kish's number of all drawn", "skewed", lambda u: {"kish": real(kish(u))}),
        ("freedom", "units less one", "layers", lambda _: {"freedom": 22}),
        ("units-drawn", "drawn instead of answers", "skewed", lambda _: {"units": 23}),
        ("census-chance", "taken ones as left to chance", "census", lambda _: {"units": 4}),
    ]  # fmt: skip
    for name, mutation, which, change in lies:
        _, units, counts = SURVEYS[which]
        given: Given = {"units": units, "size": sum(c["chance"] for c in counts)}
        truth = twin.rate(given)
        wrong.bad("VERIFY_FAILED", name, mutation, **given, claim={**truth, **change(units)})
    return made.cases + wrong.cases


def variance(units: list[Given], size: int) -> Fraction:
    return twin.ratio(twin.spread(units), size, None).variance


def replaced(units: list[Given], size: int) -> Fraction:
    found = twin.spread(units)
    r = twin.ratio(found, size, None)
    total = sum(u.weight for u in found)
    reach = sum(u.weight * u.r for u in found)
    z = [u.weight * u.r * (u.y - (r.rate or 0)) / reach for u in found]
    mean = sum(z, Fraction(0)) / len(z)
    return sum(((x - mean) ** 2 for x in z), Fraction(0)) * Fraction(len(z), len(z) - 1) * (total > 0)


def supposed(units: list[Given]) -> Fraction:
    return twin.ratio(twin.supposing(twin.spread(units), "not-compliant"), 170, None).rate or Fraction(0)


def raw(units: list[Given]) -> Fraction:
    found = twin.spread(units)
    return sum(u.weight * u.y for u in found) / sum((u.weight * u.r for u in found), Fraction(0))


def of_strata(units: list[Given]) -> Fraction:
    found = [u for u in twin.spread(units) if u.stratum is not None]
    parts = [[u for u in found if u.stratum == s] for s in range(3)]
    means = [sum(u.weight * u.y for u in part) / sum((u.weight * u.r for u in part), Fraction(0)) for part in parts]
    return sum(means, Fraction(0)) / 3


def kish(units: list[Given]) -> Fraction:
    w = [u.weight for u in twin.spread(units)]
    return sum(w) ** 2 / sum((x * x for x in w), Fraction(0))


def tools() -> list[Case]:
    limits, tails, holm, visits = (Maker("estimate", op) for op in ("limits", "tails", "holm", "visits"))
    wrong = [Maker("estimate", f"{op}-follows") for op in ("limits", "tails", "holm", "visits")]
    for name, rate, n in [
        ("simple", "5/6", "30"), ("none", "0", "30"), ("all", "1", "30"), ("not-whole", "3/7", "41/3"), ("small", "1/200", "400"), ("one", "1/2", "1"), ("large", "197/200", "12345"),
    ]:  # fmt: skip
        limits.good(name, f"{rate} of {n}", rate=share(rate), n=share(n))
    for name, mutation, claim in [
        ("wald", "p -+ 1.96 sqrt(p (1 - p) / n)", {"lo": "7.000000e-1", "hi": "9.666666e-1"}),
        ("wilson", "Wilson's", {"lo": "6.644002e-1", "hi": "9.266389e-1"}),
        ("ninety", "90 % instead of 95 %", {"lo": real(beta_quantile(Fraction(1, 20), 25, 6)), "hi": real(beta_quantile(Fraction(19, 20), 26, 5))}),
        ("jeffreys", "Jeffreys'", {"lo": real(beta_quantile(Fraction(1, 40), Fraction(51, 2), Fraction(11, 2))), "hi": real(beta_quantile(Fraction(39, 40), Fraction(51, 2), Fraction(11, 2)))}),
    ]:  # fmt: skip
        wrong[0].bad("VERIFY_FAILED", name, mutation, rate=share("5/6"), n=share("30"), claim=claim)
    for name, rate, n, target in [
        ("above", "99/100", "200", "19/20"), ("below", "9/10", "200", "197/200"), ("equal", "19/20", "100", "19/20"), ("zero", "1/2", "10", "0"), ("one", "1/2", "10", "1"),
        ("one-reached", "1", "10", "1"), ("all", "1", "30", "9/10"), ("none", "0", "30", "1/10"), ("negative", "1/2", "10", "-1/10"), ("beyond", "1", "10", "11/10"), ("not-whole", "3/7", "41/3", "1/2"),
    ]:  # fmt: skip
        tails.good(name, f"{rate} of {n} against {target}", rate=share(rate), n=share(n), target=share(target))
    wrong[1].bad("VERIFY_FAILED", "strict", "more than x instead of x or more", rate=share("9/10"), n=share("20"), target=share("4/5"), claim={"above": real(beta(Fraction(4, 5), 19, 2)), "below": real(1 - beta(Fraction(4, 5), 18, 3))})  # fmt: skip
    wrong[1].bad("VERIFY_FAILED", "doubled", "both doubled", rate=share("9/10"), n=share("20"), target=share("4/5"), claim={name: real(2 * value) for name, value in zip(("above", "below"), twin.tails(Fraction(9, 10), Fraction(20), Fraction(4, 5)), strict=True)})  # fmt: skip
    families = {
        "one": ["1/25"], "one-not": ["3/50"], "steps": ["1/100", "1/50", "9/200"], "steps-stop": ["1/100", "3/100", "1/25"], "none": ["3/100", "1/25"], "ties": ["1/50", "1/50", "1/50"],
        "bonferroni-too-strict": ["1/100", "1/30", "9/200"], "empty": [], "ones": ["1", "0", "1"], "order": ["9/200", "1/100", "1/50"],
    }  # fmt: skip
    for name, p in families.items():
        holm.good(name, f"p = {', '.join(p) or 'nothing'}", p=[share(x) for x in p])
    for name, mutation, which, told in [
        ("no-correction", "each at 5 %", "none", [True, True]), ("bonferroni", "all at 5 % / 3", "steps", [True, False, False]),
        ("hochberg", "from the largest down", "steps-stop", [True, True, True]), ("no-stop", "a later one rejected after a stop", "bonferroni-too-strict", [True, False, True]),
        ("ties", "only the first of equals", "ties", [True, False, False]), ("strict", "the last one at 5 % / 2", "steps", [True, True, False]),
    ]:  # fmt: skip
        wrong[2].bad("VERIFY_FAILED", name, mutation, p=[share(x) for x in families[which]], claim=told)
    for name, rate, target, per, error in [
        ("near", "49/50", "197/200", "1/2", "1/20"), ("far", "1/2", "9/10", "1", "1/20"), ("below", "99/100", "197/200", "3/5", "1/20"), ("same", "9/10", "9/10", "1", "1/20"),
        ("no-visit-counts", "9/10", "4/5", "0", "1/20"), ("all", "1", "9/10", "1/3", "1/20"), ("none", "0", "1/10", "1", "1/60"), ("family", "9/10", "4/5", "1", "1/100"), ("never", "1", "1", "1", "1/20"),
        ("target-one", "1/2", "1", "1", "1/20"), ("target-zero", "1/2", "0", "1", "1/20"),
    ]:  # fmt: skip
        visits.good(
            name,
            f"{rate} against {target}",
            rate=share(rate),
            target=share(target),
            per_visit=share(per),
            error=share(error),
        )
    for name, mutation, more in [("less", "one less", -1), ("more", "one more", 1)]:
        base: Given = {"rate": share("9/10"), "target": share("4/5"), "per_visit": share("1/2"), "error": share("1/20")}
        truth = ops.OPS["estimate"]["visits"](base)
        wrong[3].bad("VERIFY_FAILED", name, mutation, **base, claim={"visits": truth["visits"] + more})
    return [c for m in (limits, tails, holm, visits, *wrong) for c in m.cases]


def asked(**targets: str) -> list[Given]:
    return [{**({} if g == "whole" else {"group": g}), "target": share(t)} for g, t in targets.items()]


def surveys() -> list[Case]:
    made, wrong = Maker("estimate", "survey"), Maker("estimate", "survey-follows")
    targets: dict[str, list[Given]] = {
        "equal": asked(whole="197/200"), "certain": asked(whole="3/10", x="99/100"), "layers": asked(whole="19/20", z="1/5", x="1/2"), "perfect": asked(whole="197/200"),
        "census": asked(whole="3/4"), "few": asked(whole="9/10", x="1/100"), "heavy": asked(whole="1/2"), "census-silent": asked(whole="1/2"), "one-group-flat": asked(x="3/5", z="1/2", whole="99/100"),
        "domain": asked(z="3/10"), "skewed": asked(whole="9/10"),
    }  # fmt: skip
    for name, (desc, units, counts) in SURVEYS.items():
        made.good(name, desc, units=units, frame=counts, targets=targets.get(name, []))
    made.good(
        "met",
        "a large sample tells",
        units=[unit("4", "y", 98), unit("4", "n", 2)],
        frame=frame(x=(0, 400)),
        targets=asked(whole="4/5"),
    )
    made.good(
        "not-met",
        "and the other way",
        units=[unit("4", "y", 80), unit("4", "n", 20)],
        frame=frame(x=(0, 400)),
        targets=asked(whole="197/200"),
    )
    made.good(
        "stranger",
        "a target for a group that is not there",
        units=EQUAL,
        frame=frame(x=(0, 300)),
        targets=asked(q="1/2"),
    )
    for name, mutation, which, change in CLAIMS:
        _, units, counts = SURVEYS[which]
        given: Given = {"units": units, "frame": counts, "targets": targets.get(which, [])}
        truth = twin.survey(given)
        claim = [{**truth[0], **change(truth[0])}, *truth[1:]]
        wrong.bad("VERIFY_FAILED", name, mutation, **given, claim=claim)
    for (_, first), (other, second) in pairwise([(k, SURVEYS[k]) for k in ("equal", "skewed", "perfect", "heavy")]):
        claim = twin.survey({"units": first[1], "frame": second[2], "targets": targets.get(other, [])})
        wrong.bad(
            "VERIFY_FAILED",
            f"of-{other}",
            "the answer of another sample",
            units=second[1],
            frame=second[2],
            targets=targets.get(other, []),
            claim=claim,
        )
    return made.cases + wrong.cases


CLAIMS: list[tuple[str, str, str, Any]] = [
    ("few-rate", "a rate from nine answers", "few", lambda _: {"rate": "7.777777e-1", "method": "hajek/deville/korn-graubard"}),
    ("few-verdict", "a verdict from nine answers", "few", lambda _: {"verdict": "not_met"}),
    ("few-out-of-family", "what cannot be judged left out of the family", "few", lambda _: {"p_value": "0"}),
    ("n-eff-taken", "taken ones counted in n_eff", "certain", lambda _: {"n_eff": "3.200000e1"}),
    ("n-eff-n", "n_eff is the number of answers", "skewed", lambda _: {"n_eff": "2.100000e1", "deff": "1.000000e0"}),
    ("perfect-sure", "an interval of no width where no failure was seen", "perfect", lambda _: {"lo": "1.000000e0"}),
    ("perfect-n", "n instead of Kish's number", "perfect", lambda _: {"n_eff": "3.200000e1"}),
    ("heavy-steady", "the variance believed as it is", "heavy", lambda _: {"n_eff": "3.100000e1", "deff": "1.000000e0"}),
    ("census-interval", "an interval for a census", "census", lambda _: {"lo": "1.941204e-1"}),
    ("verdict-point", "met because the rate lies above", "skewed", lambda _: {"verdict": "not_met"}),
    ("worst-inside", "bounds inside those of the headline", "equal", lambda r: {"worst": {**r["worst"], "lo": r["rate"]}}),
    ("worst-verdict", "the verdict of the worst case from the rate", "layers", lambda r: {"worst": {**r["worst"], "verdict": "met"}}),
    ("unreachable-no-result", "unreachable and no result mixed up", "layers", lambda r: {"unreachable": r["no_result"], "no_result": 0}),
    ("frame-size", "N without the taken ones", "certain", lambda _: {"N": 171}),
    ("visits", "visits without the taken ones", "certain", lambda r: {"visits_needed": r.get("visits_needed", 0) + 12}),
]  # fmt: skip


def cases() -> list[Case]:
    small = outcomes() + matched() + joined() + rates() + tools()
    large = surveys()
    return small + near(small, 2) + large + near(large, 1)
