"""Whatever is changed in an assignment record, the checker refuses it (docs/spec/assignment.md, section 10)."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.errors import DrawError
from tests.property.test_assign_twin import Case, limited, officer, plan, random_case, target

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
CODES = {
    "ASSIGN_TEAM",
    "ASSIGN_TEMPLATE",
    "ASSIGN_COUNT",
    "ASSIGN_INELIGIBLE",
    "ASSIGN_TWICE",
    "ASSIGN_ORDER",
    "ASSIGN_BANS",
    "ASSIGN_BLOCKS",
    "ASSIGN_RUNG",
    "ASSIGN_ROUND",
    "ASSIGN_VACANCY",
    "ASSIGN_LOAD",
    "ASSIGN_COST",
    "ASSIGN_POTENTIALS",
    "ASSIGN_TIE",
}


@cache
def bases() -> list[tuple[Case, Record]]:
    """Return true records: blocks by district, one block through a `*` officer, vacancies, nobody at all; the same with limits."""
    cases = [random_case(random.Random(n), 8, 7) for n in range(6)]  # fixed cases, not secrets
    crew = [officer(f"i{n}", *(["lead"] if n % 2 else []), district="AB"[n // 4]) for n in range(8)]
    what = [target(f"E{n}", district="AB"[n % 2]) for n in range(6)]
    groups = [("a", 1, ["lead"]), ("b", 2, [])]
    districts = Case(plan(groups, [(0, 0), (1, 1), (2, 2)]), what, crew, frozenset())
    cases += [
        districts,
        replace(districts, officers=[*crew, officer("i9", "lead")]),
        replace(districts, officers=[o for o in crew if "lead" not in o.qualifications]),
        replace(districts, officers=[]),
    ]
    cases += [limited(case, random.Random(n)) for n, case in enumerate(cases)]
    return [(case, case.solve()) for case in cases]


def moved(number: str, by: int) -> str:
    """Return `number` plus `by`; an earlier edit may have left something else, which stays."""
    return str(int(number) + by) if number.lstrip("-").isdigit() else number


def drop_team(r: Record, d: Any) -> None:
    r["teams"].pop(d(range(len(r["teams"]))))


def double_team(r: Record, d: Any) -> None:
    r["teams"].insert(d(range(len(r["teams"]))), d(r["teams"]))


def swap_teams(r: Record, d: Any) -> None:
    one, two = d(r["teams"]), d(r["teams"])
    one["members"], two["members"] = two["members"], one["members"]
    one["vacant"], two["vacant"] = two["vacant"], one["vacant"]


def swap_officers(r: Record, d: Any) -> None:
    members = [m for t in r["teams"] for m in t["members"]]
    if members:
        one, two = d(members), d(members)
        one["inspector_id"], two["inspector_id"] = two["inspector_id"], one["inspector_id"]


def replace_officer(r: Record, d: Any) -> None:
    members = [m for t in r["teams"] for m in t["members"]]
    if members:
        d(members)["inspector_id"] = f"i{d(range(10))}"


def change_group(r: Record, d: Any) -> None:
    members = [m for t in r["teams"] for m in t["members"]]
    if members:
        d(members)["group"] = d("abz")


def drop_member(r: Record, d: Any) -> None:
    """Let an officer off, openly, as a vacancy with the figures mended."""
    team = d(r["teams"])
    if team["members"]:
        gone = team["members"].pop(d(range(len(team["members"]))))
        gaps = {v["group"]: v["count"] for v in team["vacant"]}
        gaps[gone["group"]] = gaps.get(gone["group"], 0) + 1
        team["vacant"] = [{"group": g, "count": k} for g, k in sorted(gaps.items())]
        for block in r["blocks"]:
            if f"g:{team['object_id']}:a" in block["potentials"]:
                block.update(vacancies=block["vacancies"] + 1, rung="vacancy")


def add_vacancy(r: Record, d: Any) -> None:
    d(r["teams"])["vacant"].append({"group": d("abz"), "count": d(range(3))})


def drop_vacancy(r: Record, d: Any) -> None:
    d(r["teams"])["vacant"].clear()


def change_template(r: Record, d: Any) -> None:
    d(r["teams"])["template"] = d(["", "Team", "team2"])


def change_number(r: Record, d: Any) -> None:
    d(r["blocks"])[d(["round", "vacancies"])] = d(range(9))


def change_cost(r: Record, d: Any) -> None:
    block = d(r["blocks"])
    block["cost"] = str(int(block["cost"]) + d([-(2**40), -1, 1, 2**40]))


def change_rung(r: Record, d: Any) -> None:
    d(r["blocks"])["rung"] = d(["r0", "r1", "r2", "vacancy", "none"])


def change_potential(r: Record, d: Any) -> None:
    p = d(r["blocks"])["potentials"]
    node = d(sorted(p))
    p[node] = d([moved(p[node], d([-(2**53), -1, 1, 2**53])), "0", "", "-0", "1e3", d(sorted(p.values()))])


def rename_potential(r: Record, d: Any) -> None:
    p = d(r["blocks"])["potentials"]
    p[d(["i:i0", "i:none", "g:E0:z", "p:i0:E0", "HUB"])] = p.pop(d(sorted(p)))


def shift_potentials(r: Record, d: Any) -> None:
    block, by = d(r["blocks"]), d([-(2**60), -1, 1])
    block["potentials"] = {n: moved(p, by) for n, p in block["potentials"].items()}


def drop_block(r: Record, d: Any) -> None:
    r["blocks"].pop(d(range(len(r["blocks"]))))


def rename_block(r: Record, d: Any) -> None:
    d(r["blocks"])["block"] = d(r["teams"])["object_id"]


def add_ban(r: Record, d: Any) -> None:
    r["bans"].append({"object_id": d(r["teams"])["object_id"], "inspector_id": "i0"})


EDITS = [
    drop_team,
    double_team,
    swap_teams,
    swap_officers,
    replace_officer,
    change_group,
    drop_member,
    add_vacancy,
    drop_vacancy,
    change_template,
    change_number,
    change_cost,
    change_rung,
    change_potential,
    rename_potential,
    shift_potentials,
    drop_block,
    rename_block,
    add_ban,
]


@given(st.data(), st.lists(st.sampled_from(EDITS), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_every_change_is_refused(data: st.DataObject, edits: list[Callable[[Record, Any], None]]) -> None:
    case, good = data.draw(st.sampled_from(bases()))
    record = copy.deepcopy(good)
    for edit in edits:
        if record["teams"] and record["blocks"]:
            edit(record, lambda options: data.draw(st.sampled_from(options)))
    if record == good:
        case.check(record)
        return
    with pytest.raises(DrawError) as e:
        case.check(record)
    assert e.value.code in CODES


@given(st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_a_record_fits_its_own_case_only(one: int, two: int) -> None:
    case, _ = bases()[one]
    _, record = bases()[two]
    if record == bases()[one][1]:
        case.check(record)
        return
    with pytest.raises(DrawError) as e:
        case.check(record)
    assert e.value.code in CODES


@given(st.integers(0, 9), st.binary(min_size=32, max_size=32))
@settings(max_examples=20, deadline=None)
def test_optimality_leaves_no_choice(number: int, noise: bytes) -> None:
    """A record made with other tickets is lawful in all but the price, and refused."""
    case, good = bases()[number]
    other = replace(case, rule=lambda key, e, g, i: case.rule(noise + key, e, g, i)).solve()
    if not any(t["members"] for t in good["teams"]):
        assert other["blocks"] == good["blocks"]
        return
    with pytest.raises(DrawError) as e:
        case.check(other)
    assert e.value.code in ("ASSIGN_COST", "ASSIGN_POTENTIALS")
