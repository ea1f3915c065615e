"""Vectors of area `audit`: seeds, the two procedures known to be faulty, and what runs say (audit.md)."""

from itertools import combinations
from typing import Any

from tests.reference import audits as twin
from tests.reference.bytes_ import h
from tests.vectorgen.case import Case, Maker
from tests.vectorgen.estimates import share
from tests.vectorgen.near import near

Given = dict[str, Any]
Runs = list[list[str]]


def numbers() -> list[Case]:
    made, wrong = Maker("audit", "seeds"), Maker("audit", "seeds-follows")
    for name, label, runs, below in [
        ("six-digits", "2026", 5, 10**6),
        ("large", "审计", 3, 2**63),
        ("one", "x", 4, 1),
        ("none", "x", 0, 10),
    ]:
        made.good(name, f"{runs} seeds below {below}", label=label, runs=runs, below=str(below))
    given: Given = {"label": "2026", "runs": 3, "below": str(10**6)}
    right = twin.seeds(given)
    for name, mutation, claim in [
        ("from-one", "counted from 1", twin.seeds({**given, "runs": 4})[1:]), ("last-bytes", "the last 16 bytes", [str(int.from_bytes(h("audit", "2026", k)[16:]) % 10**6) for k in range(3)]),
        ("little", "little-endian", [str(int.from_bytes(h("audit", "2026", k)[:16], "little") % 10**6) for k in range(3)]), ("order", "in another order", right[::-1]),
        ("whole", "all 32 bytes", [str(int.from_bytes(h("audit", "2026", k)) % 10**6) for k in range(3)]),
    ]:  # fmt: skip
        wrong.bad("VERIFY_FAILED", name, mutation, **given, claim=claim)
    return made.cases + wrong.cases


def procedures() -> list[Case]:
    known, reach = Maker("audit", "known"), Maker("audit", "reachable")
    lies = [Maker("audit", "known-follows"), Maker("audit", "reachable-follows")]
    for name, procedure, size, lines, seed in [
        ("skip", "skip-draw", 20, 3, 7), ("skip-other", "skip-draw", 20, 3, 8), ("skip-pages", "skip-draw", 12001, 13, 1), ("skip-most", "skip-draw", 9, 7, 3),
        ("skip-half", "skip-draw", 10, 5, 3), ("skip-all", "skip-draw", 4, 4, 3), ("skip-page-edge", "skip-draw", 5001, 2, 5), ("skip-large-seed", "skip-draw", 100, 7, 2**53 - 1),
        ("pairs", "round-robin", 6, 4, 1), ("pairs-odd", "round-robin", 7, 3, 2), ("pairs-twice", "round-robin", 4, 5, 9),
    ]:  # fmt: skip
        known.good(name, f"{procedure}: {lines} of {size}", procedure=procedure, size=size, lines=lines, seed=seed)
    for name, procedure, size, lines, desc in [
        ("province", "skip-draw", 53849, 1615, "3 % of 53,849: 33 results, 8,374 objects can never be drawn"), ("province-pairs", "round-robin", 20, 30, "20 results, 20 of 190 pairs"),
        ("small", "skip-draw", 20, 3, "one page: the tail is out of reach"), ("most", "skip-draw", 9, 7, "more than half"), ("half", "skip-draw", 10, 5, "half"), ("all", "skip-draw", 5, 5, "all"),
        ("two-pages", "skip-draw", 9999, 4, "two pages"), ("odd-roster", "round-robin", 7, 3, "an odd roster"), ("two", "round-robin", 2, 1, "a roster of two"),
    ]:  # fmt: skip
        reach.good(name, desc, procedure=procedure, size=size, lines=lines)
    base: Given = {"procedure": "skip-draw", "size": 12001, "lines": 13, "seed": 1}
    right = twin.one_draw(base)
    at = int(right[0])
    plain = [str(at + k * (12001 // 13)) for k in range(13)]
    for name, mutation, claim in [
        ("no-pages", "the pages forgotten", [x for x in plain if int(x) < 12001]), ("next", "begun one row later", [str(int(x) + 1) for x in right]),
        ("unsorted", "backwards", right[::-1]), ("short", "one line fewer", right[:-1]), ("from-one", "rows counted from 1", [str(int(x) + 1) for x in plain]),
    ]:  # fmt: skip
        lies[0].bad("VERIFY_FAILED", name, mutation, **base, claim=claim)
    lies[0].bad(
        "VERIFY_FAILED",
        "wrap",
        "the roster does not wrap around",
        procedure="round-robin",
        size=6,
        lines=4,
        seed=1,
        claim=["1 2", "3 4", "5 6", "7 8"],
    )
    for name, mutation, reached in [
        ("all", "everybody can be drawn", {"results": 33, "reached": 53849, "never": 0}), ("starts", "one result a row of the frame", {"results": 53849, "reached": 45475, "never": 8374}),
        ("one-page", "as if there were one page", {"results": 33, "reached": 53295, "never": 554}), ("swapped", "reached and never swapped", {"results": 33, "reached": 8374, "never": 45475}),
    ]:  # fmt: skip
        lies[1].bad("VERIFY_FAILED", name, mutation, procedure="skip-draw", size=53849, lines=1615, claim=reached)
    lies[1].bad(
        "VERIFY_FAILED",
        "pairs",
        "all pairs possible",
        procedure="round-robin",
        size=20,
        lines=30,
        claim={"results": 20, "reached": 20, "never": 0, "pairs": 190, "possible": 190},
    )
    return [c for m in (known, reach, *lies) for c in m.cases]


IDS = [f"e{n}" for n in range(6)]
EVEN = [list(pair) for pair in combinations(IDS, 2)]
"""All fifteen draws of two of six, each once: every id five times."""


def mixed(runs: Runs) -> Runs:
    """The same runs in another order, that everybody can make again."""
    return [r for _, r in sorted((h("audit", "mixed", k), r) for k, r in enumerate(runs))]


FAIR = mixed(EVEN * 4)
FIXED = mixed([["e0", "e1"], ["e2", "e3"], ["e0", "e3"]] * 20)
WIDE = [["e0", "e9", "e20"], ["e3", "e4", "e5"], ["e2", "e28", "e29"]] * 20
WEIGHED = [share(x) for x in ("2/3", "1/2", "1/3", "1/4", "1/5", "1/20")]
TEAM = [f"o{n}" for n in range(5)]
PAIRS = [f"{a} {b}" for a, b in combinations(TEAM, 2)]
TEAMS = [[PAIRS[k % 10], PAIRS[(3 * k + 1) % 10]] for k in range(90)]
ROBIN = [[f"{TEAM[k % 5]} {TEAM[(k + 1) % 5]}", f"{TEAM[(k + 2) % 5]} {TEAM[(k + 3) % 5]}"] for k in range(90)]


def given(runs: Runs, **change: Any) -> Given:
    base: Given = {
        "ids": IDS,
        "lines": 2,
        "team": 1,
        "claimed": [share("1/3")] * 6,
        "runs": runs,
        "repeated": runs[:3],
        "reordered": runs[:5],
    }
    made = {**base, **change}
    return {k: v for k, v in made.items() if v is not None}


def teams(runs: Runs, **change: Any) -> Given:
    return given(runs, ids=TEAM, team=2, claimed=[], **change)


def examined() -> list[Case]:
    made, wrong = Maker("audit", "examine"), Maker("audit", "examine-follows")
    every: dict[str, tuple[str, Given]] = {
        "fair": ("two of six, as claimed", given(FAIR)),
        "unreachable": ("two objects that are never drawn", given(FIXED)),
        "unclear": ("too few runs to say that an object is out of reach", given(FIXED[:12])),
        "weighed": ("claims that differ, and draws that do not", given(FAIR, claimed=WEIGHED)),
        "impossible": ("an object drawn that claims probability 0", given(FAIR, claimed=[share(x) for x in ("1/2", "1/2", "1/2", "1/2", "0", "0")])),
        "certain": ("an object that claims to be certain is missed", given(FAIR, claimed=[share(x) for x in ("1", "1/5", "1/5", "1/5", "1/5", "1/5")])),
        "all-certain": ("everybody is taken", given([["e0", "e1"]] * 30, ids=["e0", "e1"], claimed=[share("1")] * 2)),
        "replay": ("the second seed gives something else when run again", given(FAIR, repeated=[FAIR[0], FAIR[5], FAIR[2]])),
        "same-set": ("the same objects in another order are the same draw", given(FAIR, repeated=[FAIR[0][::-1], *FAIR[1:3]])),
        "order": ("the order of the frame matters", given(FAIR, reordered=[FAIR[9], *FAIR[1:4], FAIR[11]])),
        "no-order": ("a program that takes no frame", given(FAIR, reordered=None)),
        "lines": ("a run with one line only", given([FAIR[0], FAIR[1][:1], *FAIR[2:]])),
        "strange": ("a run that draws an id that is not there", given([*FAIR[:4], ["e1", "zz"], *FAIR[5:]])),
        "twice": ("a run that draws an object twice", given([*FAIR[:4], ["e1", "e1"], *FAIR[5:]])),
        "three-results": ("sixty seeds, three results", given(mixed(FIXED))),
        "few-results": ("three results of thousands that there should be", given(mixed(WIDE), ids=[f"e{n}" for n in range(30)], lines=3, claimed=[share("1/10")] * 30)),
        "few-seeds": ("a seed of six digits, declared", given(FAIR, seed_space=str(10**6))),
        "many-seeds": ("2^60 seeds are enough", given(FAIR, seed_space=str(2**60))),
        "alike-often": ("one result again and again among many", given([*FAIR, *[["e4", "e5"]] * 40])),
        "teams": ("pairs of five officers, all of them formed", teams(TEAMS)),
        "robin": ("neighbours only: half the pairs never meet", teams(ROBIN)),
        "robin-short": ("too few runs to say so", teams(ROBIN[:8])),
        "team-doubled": ("a team of one officer twice", teams([*TEAMS[:2], ["o1 o1", "o2 o3"], *TEAMS[3:]])),
        "team-order": ("teams in another order are another result", teams(TEAMS, repeated=[TEAMS[0][::-1], *TEAMS[1:3]])),
        "unused": ("an officer who is never sent", teams([["o0 o1", "o2 o3"], ["o0 o2", "o1 o3"], ["o0 o3", "o1 o2"]] * 30)),
    }  # fmt: skip
    for name, (desc, asked) in every.items():
        made.good(name, desc, **asked)
    lies: list[tuple[str, str, str, Given]] = [
        ("unreachable", "reach", "what was never drawn is called rare", {"status": "unclear", "never": 0, "examples": [], "not_seen_yet": 2}),
        ("unclear", "reach", "what twelve runs missed is called unreachable", {"status": "flagged"}), ("fair", "reach", "runs for the rarest without Bonferroni", {"runs_needed": 40}),
        ("weighed", "uniform", "deviations taken as chance", {"status": "ok", "wrong": 0}), ("fair", "uniform", "a normal bound at 5 %", {"bound_z": "1.959964e0"}),
        ("impossible", "uniform", "probability 0 left out", {"impossible": 0, "wrong": 0, "status": "ok"}), ("replay", "replay", "a run that does not repeat let through", {"status": "ok", "runs": []}),
        ("order", "order", "one of two named", {"runs": [0]}), ("same-set", "replay", "the order of lines compared", {"status": "flagged", "runs": [0]}),
        ("lines", "results", "a short run let through", {"status": "ok", "defects": []}), ("twice", "results", "named as a short run", {"defects": [{"run": 4, "what": "lines 1"}]}),
        ("few-results", "seeds", "three results let through", {"status": "ok"}), ("three-results", "seeds", "flagged, though six objects have few results", {"status": "flagged"}), ("three-results", "seeds", "results counted from coincidences", {"outcomes": 4}),
        ("few-seeds", "seeds", "a million seeds let through", {"status": "ok"}), ("many-seeds", "seeds", "2^60 flagged", {"status": "flagged"}), ("no-order", "order", "what was not asked is called well", {"status": "ok", "runs": []}),
        ("robin", "pairs", "half the pairs let through", {"status": "ok"}), ("robin-short", "pairs", "eight runs enough to flag", {"status": "flagged"}),
        ("teams", "pairs", "ordered pairs", {"possible": 20, "never": 10}), ("team-order", "replay", "teams compared as a set", {"status": "ok", "runs": []}), ("weighed", "parts", "the parts let through", {"status": "ok"}),
    ]  # fmt: skip
    for which, check, mutation, change in lies:
        truth = twin.examine(every[which][1])
        claim = [{**row, **change} if row["check"] == check else row for row in truth]
        wrong.bad("VERIFY_FAILED", f"{which}-{check}-{len(wrong.cases)}", mutation, **every[which][1], claim=claim)
    return made.cases + wrong.cases


def cases() -> list[Case]:
    small, large = numbers() + procedures(), examined()
    return small + near(small, 2) + large + near(large, 1)
