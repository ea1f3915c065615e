"""Plans that cannot be staffed: every report is counted again by hand, every repair is tried (assignment.md, 15)."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sampler.assign import chances, hall
from sampler.assign.blocks import build
from sampler.assign.model import Eligibility, parse_rules, reason
from sampler.assign.solve import solve
from sampler.commands import teams
from tests.property.test_assign_twin import SEED, officer, plan, target


def infeasible(number: int) -> tuple[hall.Case, dict[str, Any], dict[str, Any]]:
    """Return the first plan of a seeded series that leaves places empty, with its record."""
    r = random.Random(f"hall {number}")
    while True:
        crew = [
            replace(
                officer(
                    f"i{n}",
                    *(["lead"] if r.random() < 0.4 else []),
                    district=r.choice("AAB*"),
                    load=r.choice((0, 1, 1, 2, 3)),
                ),
                expiry=r.choice(("2027-01-01", "2027-01-01", "2026-12-15")),
                leave=r.choice(((), (), (("2026-12-01", "2026-12-20"),))),
                items=r.choice((frozenset(), frozenset({"gas"}))) if r.random() < 0.2 else frozenset(),
            )
            for n in range(r.randint(2, 9))
        ]
        what = [target(f"o{n}", district=r.choice("AB")) for n in range(r.randint(2, 8))]
        barred = frozenset((o.inspector_id, "object", t.object_id) for o in crew for t in what if r.random() < 0.1)
        rule = plan([("a", 1, ["lead"]), ("b", r.choice((1, 2)), [])], [(0, 0), (2, 2)])
        if number % 3 == 0:
            rule["assignment"]["limits"] = [
                {"limit": "west", "districts": ["A"], "most": 1},
                {"limit": "week", "districts": ["A", "B"], "most": r.randint(1, 3)},
            ]
        record = solve("ZJ-2026-0001", rule, what, crew, barred, SEED)
        if any(b["vacancies"] for b in record["blocks"]):
            case = hall.Case(parse_rules(rule), {t.object_id: t for t in what}, tuple(crew), barred)
            return case, rule, record


def vacancies(case: hall.Case, rule: dict[str, Any]) -> int:
    record = solve("ZJ-2026-0001", rule, case.targets.values(), case.officers, case.recusals, SEED)
    return sum(b["vacancies"] for b in record["blocks"])


def counted(case: hall.Case, rule: dict[str, Any], places: dict[tuple[str, str], int]) -> int:
    """Return the shortage of these places, counted from the reasons alone: no list, no flow, no cache."""
    groups = {g.group: g for t in parse_rules(rule).templates for g in t.groups}
    supply = 0
    for o in case.officers:
        objects = {e for e, g in places if reason(o, case.targets[e], groups[g], case.rules, case.recusals) is None}
        supply += min(o.max_load, most(case, objects))
    return sum(groups[g].count for _, g in places) - supply


def most(case: hall.Case, objects: set[str]) -> int:
    """Return the most of these objects that the limits let one officer visit, by trying every choice."""
    sizes = range(len(objects), -1, -1) if case.rules.limits else [len(objects)]
    for n in sizes:
        for chosen in itertools.combinations(sorted(objects), n):
            where = [case.targets[e].district for e in chosen]
            if all(sum(d in x.districts for d in where) <= x.most for x in case.rules.limits):
                return n
    return 0


def judge(number: int) -> None:
    case, rule, record = infeasible(number)
    reports = teams.shortages(case, SEED, record)
    assert sum(s["short"] for s in reports) == sum(b["vacancies"] for b in record["blocks"])
    for report, block in zip(reports, [b for b in record["blocks"] if b["vacancies"]], strict=True):
        assert report["short"] == block["vacancies"]
        assert report["slots"] - report["supply"] == report["short"]
        assert sum(p["slots"] for p in report["places"]) == report["slots"]
        assert teams.sentence(report)
    for mine, v, report in zip(*violators(case), reports, strict=True):
        assert counted(mine, rule, v.places) == v.short == report["short"] > 0
        tried(mine, rule, v, report["repairs"])


def violators(case: hall.Case) -> tuple[list[hall.Case], list[hall.Violator]]:
    cases, found = [], []
    from sampler.assign.solve import solve_block  # noqa: PLC0415

    for block in build(case.rules, case.targets.values(), case.officers, case.recusals):
        solved = solve_block(block, case.rules, SEED)
        if len(solved.used) < block.demand:
            cases.append(replace(case, targets={e: case.targets[e] for e in block.templates}))
            found.append(hall.violator(cases[-1], block, solved.used))
    return cases, found


def tried(case: hall.Case, rule: dict[str, Any], v: hall.Violator, repairs: list[dict[str, Any]]) -> None:
    by = {r["kind"]: r for r in repairs}
    assert by["recruit"]["left"] == 0
    coming = [hall.Recruit(**{**o, "needs": tuple(o["needs"])}) for o in by["recruit"]["officers"]]
    assert vacancies(hall.joined(case, coming), rule) == 0
    if "load" in by:
        assert vacancies(hall.raised(case, v.capacity, by["load"]["more"]), rule) == 0
        assert vacancies(hall.raised(case, v.capacity, by["load"]["more"] - 1), rule) > 0
    for why in hall.LIFTED:
        if why in by:
            assert vacancies(hall.lifted(case, why), rule) == by[why]["left"] < v.short
    if hall.LIMIT in by:
        assert v.limits
        free = rule | {"assignment": {k: x for k, x in rule["assignment"].items() if k != "limits"}}
        assert vacancies(case, free) == by[hall.LIMIT]["left"] < v.short
    assert by["fewer"]["places"] == v.short
    assert all(teams.mended(r) for r in repairs)


@pytest.mark.parametrize("start", range(0, 100, 25))
def test_reports_are_true_and_repairs_mend(start: int) -> None:
    for number in range(start, start + 25):
        judge(number)


@pytest.mark.torture
@pytest.mark.parametrize("start", range(100, 1100, 100))
def test_a_thousand_reports(start: int) -> None:
    for number in range(start, start + 100):
        judge(number)


def test_a_limit_is_named_as_what_holds_the_officers_back() -> None:
    """Four objects of one district, three officers of load 9: with one visit each in the district nine places cannot be had."""
    crew = [officer(f"i{n}", district="A", load=9) for n in range(3)]
    rule = plan([("a", 2, [])], [(0, 0)])
    rule["assignment"]["limits"] = [
        {"limit": "A", "districts": ["A"], "most": 1}, {"limit": "W49", "districts": ["A", "B"], "most": 5},
    ]  # fmt: skip
    what = [target(f"o{n}") for n in range(4)]
    record = solve("ZJ-2026-0001", rule, what, crew, frozenset(), SEED)
    case = hall.Case(parse_rules(rule), {t.object_id: t for t in what}, tuple(crew), frozenset())
    (report,) = teams.shortages(case, SEED, record)
    assert (report["slots"], report["supply"], report["short"]) == (8, 3, 5)
    assert report["limits"] == {"A": 3}
    assert "受次数限额约束：A（3 人）" in teams.sentence(report)
    assert {"kind": "limit", "left": 0} in report["repairs"]


# ---------------------------------------------------------------- chances


def test_bounds_hold_more_often_than_they_claim() -> None:
    rng = np.random.default_rng(7)
    wrong = 0
    for p in (0.02, 0.1, 0.5, 0.9):
        for hits in rng.binomial(200, p, 2000):
            low, high = chances.bounds(hits / 200, 200, 0.01)
            wrong += not low <= p <= high
    assert wrong <= 8000 * 0.01


@pytest.mark.parametrize(("share", "runs", "inside"), [(0.0, 10, 0.3), (1.0, 10, 0.7), (0.5, 1000, 0.5)])
def test_bounds_contain_the_share_and_narrow(share: float, runs: int, inside: float) -> None:
    low, high = chances.bounds(share, runs, 1e-3)
    assert low <= share <= high
    assert low <= inside <= high
    wide = chances.bounds(share, runs, 1e-9)
    assert wide[0] <= low
    assert high <= wide[1]
    assert chances.bounds(share, 100 * runs, 1e-3)[1] <= high


def test_objects_alike_are_counted_together() -> None:
    crew = [officer(f"i{n}", "lead", district="A") for n in range(4)]
    what = [target(f"o{n}") for n in range(6)] + [target("x", district="A"), target("y", district="B")]
    rules = parse_rules(plan([("a", 2, ["lead"])], []))
    group, pairs = chances.alike(Eligibility(rules, crew, frozenset({("i0", "object", "x")})), what)
    assert len({group[f"o{n}"] for n in range(6)}) == 1
    assert len(set(group.values())) == 3
    assert pairs == 4 + 3  # i0 stays away from x, and nobody may visit y
    met = chances.Meetings(group, pairs)
    for chosen in (["o0", "o1"], ["o2"], ["x"]):
        teams_ = [{"object_id": e, "members": [{"inspector_id": "i0"}] if e != "o1" else []} for e in chosen]
        met.add({"teams": teams_})
    first = met.chances()[0]
    best = {(c.inspector_id, c.objects): (c.share, c.runs) for c in met.chances()}
    assert best[("i0", 6)] == (0.75, 2)
    assert first.high <= 1.0
