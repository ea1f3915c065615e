"""Vectors of `inference/bundle`: which weight a bundle gives to each drawn object, and of whom it speaks (estimate.md 1)."""

from typing import Any

from tests.vectorgen.case import Case, Maker
from tests.vectorgen.near import near

Given = dict[str, Any]
E12 = 10**12
QUARTER, FIFTH = E12 // 4, E12 // 5
SEALED = [
    ("A.x.1/0", 0),
    ("A.x.1/1", QUARTER),
    ("A.x.1/2", FIFTH),
    ("A.x.1/T", E12),
    ("D.x.1/1", E12 // 2),
    ("D.x.1/T", E12),
]


def frame(*rows: str) -> list[Given]:
    """Rows given as `object stratum/level` or `object:owner stratum/level`."""
    out = []
    for name, place in (row.split() for row in rows):
        object_id, _, owner = name.partition(":")
        stratum, level = place.split("/")
        out.append({"object_id": object_id, "owner_id": owner or "-", "stratum": stratum, "level": level})
    return out


def history(*rows: str) -> list[Given]:
    """Rows given as `unit/month pi drawn`, in order of key."""
    return [dict(zip(("key", "pi_e12", "drawn"), row.split(), strict=True)) for row in sorted(rows)]


ROWS = frame("a A.x.1/1", "b A.x.1/1", "c A.x.1/2", "d A.x.1/0", "e A.x.1/T", "f D.x.1/1", "g D.x.1/1")
CALM = [row for row in ROWS if row["object_id"] != "d"]
PAST = history(f"a/2026-01 {FIFTH} 0", f"b/2026-01 {FIFTH} 0", f"c/2026-01 {QUARTER} 0", f"d/2026-02 {QUARTER} 1",
               f"a/2026-02 {QUARTER} 0", f"b/2026-02 {QUARTER} 0", f"e/2026-02 {FIFTH} 0", f"f/2026-02 {E12 // 2} 1")  # fmt: skip
BASE: Given = {
    "period": "2026-03", "cooldown": [{"class": "A", "months": 2}], "frame": ROWS,
    "strata": [{"stratum": "A.x.1", "m": 2}, {"stratum": "D.x.1", "m": 1}],
    "levels": [{"key": key, "pi_e12": pi} for key, pi in SEALED], "history": PAST, "drawn": ["a", "c", "e", "f"],
}  # fmt: skip
OWNED = {
    **BASE, "units": "owner", "history": history(f"o/2026-02 {QUARTER} 0"),
    "frame": frame("a:o A.x.1/1", "b:o A.x.1/1", "c A.x.1/1", "e:p A.x.1/T", "f:p A.x.1/T", "g:p A.x.1/T", "h A.x.1/T"),
    "drawn": ["b", "f", "h"],
}  # fmt: skip


def without(rows: list[Given], *keys: str) -> list[Given]:
    return [row for row in rows if row["key"] not in keys]


def good() -> dict[str, tuple[str, Given]]:
    gap = history("a/2026-01 - 1", f"a/2026-02 {QUARTER} 0")
    return {
        "two-months": ("W over two months, cooling objects included; class D looks nowhere; e is taken", {}),
        "no-cool-down": ("no cool-down: W is 1 / pi, and speaks for all", {"cooldown": [], "frame": CALM}),
        "new": ("no row for a drawn object: the product is empty", {"history": history(f"z/2026-02 {QUARTER} 0")}),
        "before": ("rows before the window, and of this month", {"history": history(f"a/2025-12 {QUARTER} 1", f"a/2026-03 {FIFTH} 1", f"z/2026-02 {FIFTH} 0")}),
        "year-wrap": ("a window over the turn of the year", {"period": "2026-01", "history": history(f"a/2025-11 {FIFTH} 0", f"a/2025-12 {QUARTER} 0")}),
        "drawn-only": ("some cool and no row has drawn 0: 1 / pi for those that could be drawn", {"history": history(f"d/2026-02 {QUARTER} 1")}),
        "drawn-only-calm": ("the same without cooling objects: 1 / pi, and nobody is left out", {"frame": CALM, "history": history(f"z/2026-02 {QUARTER} 1")}),
        "no-history": ("no history and nobody cools: a first draw", {"frame": CALM, "history": []}),
        "unknown": ("a probability that was not written down: 1 / pi, cooling ones left out", {"history": [*without(PAST, "a/2026-02"), *history("a/2026-02 - 0")]}),
        "unknown-elsewhere": ("unknown of an object that is not drawn: W", {"history": without(PAST, "b/2026-02") + history("b/2026-02 - 0")}),
        "gap": ("a month of which only the drawn are known: 1 / pi", {"history": gap}),
        "gap-beyond": ("the same month beyond the window: W", {"history": gap, "cooldown": [{"class": "A", "months": 1}]}),
        "taken-past": ("what was drawn certain weighs 1, whatever its past", {"drawn": ["e"]}),
        "owners": ("an object of two weighs twice its owner's W; of three taken ones 3, and it counts as left to chance", OWNED),
        "owners-unknown": ("owners with 1 / pi", {**OWNED, "history": history("o/2026-02 - 0")}),
        "owners-as-objects": ("the same frame where objects are drawn", {k: v for k, v in OWNED.items() if k != "units"}),
        "nobody": ("nothing was drawn", {"drawn": []}),
    }  # fmt: skip


def refused() -> list[tuple[str, str, str, Given]]:
    return [
        ("ESTIMATE_FRAME", "stranger", "a drawn object outside the frame", {"drawn": ["a", "z"]}),
        ("ESTIMATE_FRAME", "owner-drawn", "an owner drawn instead of its object", {**OWNED, "drawn": ["o"]}),
        ("ESTIMATE_FRAME", "no-stratum", "a stratum that strata.tsv does not have", {"strata": BASE["strata"][:1]}),
        ("ESTIMATE_FRAME", "no-level", "a level that levels.tsv does not have", {"levels": BASE["levels"][:1] + BASE["levels"][2:]}),
        ("WEIGHT_COOLING", "drawn-again", "drawn last month, within the cool-down", {"history": without(PAST, "a/2026-02") + history(f"a/2026-02 {QUARTER} 1")}),
        ("WEIGHT_COOLING", "drawn-two-ago", "drawn two months ago, the last month that counts", {"history": without(PAST, "a/2026-01") + history(f"a/2026-01 {FIFTH} 1")}),
        ("WEIGHT_COOLING", "owner-again", "another object of the owner was drawn: history is by owner", {**OWNED, "history": history(f"o/2026-01 {QUARTER} 1", f"c/2026-01 {FIFTH} 0")}),
        ("WEIGHT_INPUT", "cooling-drawn", "a cooling object stands in the draw", {"drawn": ["d"], "history": history(f"a/2026-02 {QUARTER} 0")}),
        ("WEIGHT_INPUT", "pi-zero", "a sealed probability of 0", {"levels": [{**row, "pi_e12": 0} for row in BASE["levels"]]}),
        ("WEIGHT_CERTAIN", "certain-before", "certain last month and not drawn: that cannot be", {"history": without(PAST, "a/2026-02") + history(f"a/2026-02 {E12} 0")}),
    ]  # fmt: skip


def ordered(given: Given) -> Given:
    return {**given, "history": sorted(given["history"], key=lambda row: row["key"])}


def weighed(value: Given, **weight: tuple[int, int]) -> Given:
    """The answer with other weights."""
    told = {o: {"den": str(d), "num": str(n)} for o, (n, d) in weight.items()}
    return {**value, "drawn": [{**row, "weight": told.get(row["object_id"], row["weight"])} for row in value["drawn"]]}


def claims() -> list[tuple[str, str, str, Any]]:
    """Name, mutation, which good vector, and the plausible wrong answer."""
    return [
        ("pi-alone", "1 / pi where W is known", "two-months", lambda v: weighed(v, a=(4, 1), c=(5, 1))),
        ("one-month", "only the last month in the product", "two-months", lambda v: weighed(v, a=(16, 3))),
        ("this-month", "this month in the product", "before", lambda v: weighed(v, a=(5, 1))),
        ("divided-by-pi", "divided by earlier pi, not by 1 - pi", "two-months", lambda v: weighed(v, a=(80, 1))),
        ("class-d", "the cool-down of A applied to D", "two-months", lambda v: weighed(v, f=(4, 1))),
        ("left-out", "W, but only for those that could be drawn", "two-months", lambda v: {**v, "chance": v["chance"] - 1, "left_out": 1}),
        ("speaks-for-all", "1 / pi for cooling objects too", "drawn-only", lambda v: {**v, "chance": v["chance"] + 1, "left_out": 0}),
        ("unknown-as-zero", "an unknown probability counted as 0", "unknown", lambda v: {**weighed(v, a=(5, 1)), "chance": v["chance"] + 1, "left_out": 0}),
        ("gap-as-zero", "an incomplete month counted as factor 1", "gap", lambda v: {**weighed(v, a=(16, 3)), "chance": v["chance"] + 1, "left_out": 0}),
        ("own-weight", "an object weighs as much as its owner", "owners", lambda v: weighed(v, b=(16, 3), f=(1, 1))),
        ("owner-certain", "an object of a certain owner taken for certain", "owners", lambda v: {**v, "drawn": [{**row, "taken": row["object_id"] in "fh"} for row in v["drawn"]]}),
        ("owner-m", "certain owners of several left out of m", "owners", lambda v: {**v, "m": BASE["strata"]}),
        ("owner-rows", "m counted by objects instead of owners", "owners", lambda v: {**v, "m": [{"stratum": "A.x.1", "m": 5}, BASE["strata"][1]]}),
    ]  # fmt: skip


def cases() -> list[Case]:
    made, wrong = Maker("inference", "bundle"), Maker("inference", "bundle-follows")
    every = good()
    for name, (desc, change) in every.items():
        made.good(name, desc, **ordered({**BASE, **change}) if change is not OWNED else OWNED)
    for code, name, mutation, change in refused():
        made.bad(code, name, mutation, **ordered({**BASE, **change}))
    answer = {case.name: case.truth() for case in made.cases if not case.mutation}
    for name, mutation, which, change in claims():
        given = ordered({**BASE, **every[which][1]})
        wrong.bad("VERIFY_FAILED", name, mutation, **given, claim=change(answer[which]))
    found = made.cases + wrong.cases
    return found + near(found, 1)
