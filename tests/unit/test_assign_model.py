"""Eligibility, templates and blocks, one sentence of assignment.md at a time (sections 2 to 5)."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sampler.assign.blocks import Block, build
from sampler.assign.model import (
    REASONS,
    VACANCY,
    Eligibility,
    Group,
    Rules,
    Rung,
    Target,
    days_away,
    fits,
    parse_rules,
    parse_targets,
    reason,
    remaining,
    visits,
)
from sampler.assign.solve import solve
from sampler.errors import DrawError, PlanError
from sampler.tables import from_rows
from tests.property.test_assign_twin import officer, plan, target

if TYPE_CHECKING:
    from sampler.roster import Officer

ANY = Group("b", 1, frozenset())
LEAD = Group("a", 1, frozenset({"lead"}))
EXPERTS = Group("x", 1, frozenset({"expert", "fire"}))
GROUPS_100 = [{"group": f"g{n}", "count": 1, "needs": []} for n in range(100)]
NOBODY: frozenset[tuple[str, str, str]] = frozenset()


def rules(**extra: Any) -> Rules:
    return parse_rules(plan([("a", 1, ["lead"]), ("b", 1, [])], [(0, 0)], **extra))


def why(who: Officer, group: Group = ANY, *, what: Target | None = None, **extra: Any) -> str | None:
    return reason(who, what or target("E1"), group, rules(**extra), NOBODY)


# ---------------------------------------------------------------- section 2


def test_an_officer_without_fault_may_serve() -> None:
    assert why(officer("i1")) is None
    assert why(officer("i1", "lead"), LEAD) is None
    assert why(officer("i1", "fire", role="expert"), EXPERTS) is None


@pytest.mark.parametrize(
    ("who", "group"),
    [
        (officer("i1", role="expert"), ANY),
        (officer("i1", "lead", "expert", role="expert"), LEAD),
        (officer("i1", "fire", "expert"), EXPERTS),
    ],
)
def test_experts_never_count_as_officers_nor_officers_as_experts(who: Officer, group: Group) -> None:
    assert why(who, group) == "expert"


def test_the_certificate_lasts_to_the_last_day() -> None:
    assert why(replace(officer("i1"), expiry="2026-12-31")) is None
    assert why(replace(officer("i1"), expiry="2026-12-30")) == "certificate"


@pytest.mark.parametrize(
    ("leave", "days"),
    [
        ((), 0),
        ((("2026-12-01", "2026-12-02"),), 2),
        ((("2026-11-01", "2026-12-01"), ("2026-12-31", "2027-01-31")), 2),
        ((("2026-10-01", "2026-11-30"), ("2027-01-01", "2027-01-02")), 0),
        ((("2026-01-01", "2027-12-31"),), 31),
        ((("2026-12-01", "2026-12-01"), ("2026-12-03", "2026-12-04")), 3),
    ],
)
def test_leave_counts_days_inside_the_window(leave: tuple[tuple[str, str], ...], days: int) -> None:
    who = replace(officer("i1"), leave=leave)
    assert days_away(who, "2026-12-01", "2026-12-31") == days
    assert why(who) == ("leave" if days > 2 else None)


def test_jurisdiction_is_the_district_a_star_or_any() -> None:
    other = officer("i1", district="B")
    assert why(other) == "jurisdiction"
    assert why(officer("i1", district="A")) is None
    assert why(officer("i1", district="*")) is None
    assignment = {**plan([("b", 1, [])], [])["assignment"], "jurisdiction": "any"}
    assert why(other, assignment=assignment) is None


def area(**extra: Any) -> dict[str, Any]:
    return {**plan([("b", 1, [])], [])["assignment"], **extra}


def test_a_cluster_is_one_area() -> None:
    clusters = [{"cluster": "east", "districts": ["A", "B"]}, {"cluster": "west", "districts": ["C"]}]
    rule = area(jurisdiction="cluster", clusters=clusters)
    assert why(officer("i1", district="A"), assignment=rule) is None
    assert why(officer("i1", district="B"), assignment=rule) is None
    assert why(officer("i1", district="C"), assignment=rule) == "jurisdiction"
    assert why(officer("i1", district="Z"), assignment=rule) == "jurisdiction"


def test_other_areas_need_a_recorded_authorisation_of_this_officer() -> None:
    rule = area(cross=[{"inspector_id": "i1", "district": "A", "document": "跨区域执法函〔2026〕7号"}])
    assert why(officer("i1", district="B"), assignment=rule) is None
    assert why(officer("i2", district="B"), assignment=rule) == "jurisdiction"
    other = area(cross=[{"inspector_id": "i1", "district": "C", "document": "x"}])
    assert why(officer("i1", district="B"), assignment=other) == "jurisdiction"


def test_a_place_of_a_department_is_for_its_officers() -> None:
    place = replace(ANY, department="fire")
    assert why(officer("i1"), place) == "department"
    assert why(replace(officer("i1"), department="fire"), place) is None


def test_a_fixed_place_is_for_the_named_officer_who_must_be_eligible() -> None:
    fixed = [{"object_id": "E1", "group": "b", "inspector_id": "i1", "document": "复查"}]
    parsed = parse_rules(plan([("b", 1, [])], [], assignment=area(fixed=fixed)))
    crew = [officer("i1", district="B"), officer("i2"), officer("i3")]
    lists = Eligibility(parsed, crew, frozenset())
    place = Group("b", 1, frozenset())
    assert lists.of(target("E1"), place) == []
    assert lists.of(target("E2"), place) == [1, 2]
    crew[0] = officer("i1", district="A")
    lists = Eligibility(parsed, crew, frozenset())
    assert lists.of(target("E1"), place) == [0]
    assert [reason(o, target("E1"), place, parsed, frozenset()) for o in crew] == [None, "fixed", "fixed"]
    record = solve(
        "ZJ-2026-0001",
        plan([("b", 1, [])], [], assignment=area(fixed=fixed)),
        [target("E1"), target("E2")],
        crew,
        frozenset(),
        bytes(32),
    )
    assert record["teams"][0]["members"] == [{"group": "b", "inspector_id": "i1"}]


@pytest.mark.parametrize(
    ("recusal", "owner", "barred"),
    [
        (("i1", "object", "E1"), "-", True),
        (("i1", "object", "E1"), "P9", True),
        (("i1", "owner", "E1"), "-", True),
        (("i1", "owner", "P9"), "P9", True),
        (("i1", "owner", "E1"), "P9", False),
        (("i1", "object", "P9"), "P9", False),
        (("i2", "object", "E1"), "-", False),
    ],
)
def test_recusals_name_an_object_or_its_owner(recusal: tuple[str, str, str], owner: str, barred: bool) -> None:  # noqa: FBT001  # a table of cases
    found = reason(officer("i1"), target("E1", owner=owner), ANY, rules(), frozenset({recusal}))
    assert found == ("recusal" if barred else None)


def test_items_are_all_covered_or_unlimited() -> None:
    asked: dict[str, Any] = {"items": ["fire", "food"]}
    assert why(officer("i1"), **asked) is None
    assert why(replace(officer("i1"), items=frozenset({"fire", "food", "gas"})), **asked) is None
    assert why(replace(officer("i1"), items=frozenset({"fire", "gas"})), **asked) == "items"


def test_needs_are_all_met() -> None:
    both = Group("a", 1, frozenset({"lead", "food"}))
    assert why(officer("i1", "lead"), both) == "needs"
    assert why(officer("i1", "lead", "food", "gas"), both) is None
    assert why(officer("i1", role="expert"), EXPERTS) == "needs"


def test_the_first_reason_in_order_is_given() -> None:
    faulty = replace(
        officer("i1", district="B", role="expert"),
        expiry="2020-01-01",
        leave=(("2026-12-01", "2026-12-31"),),
        items=frozenset({"gas"}),
    )
    mended: list[dict[str, Any]] = [
        {"role": "officer"},
        {"department": "X"},
        {"expiry": "2027-01-01"},
        {"leave": ()},
        {"district": "A"},
        {"inspector_id": "i2"},
        {"items": frozenset()},
        {"qualifications": frozenset({"lead"})},
    ]
    rule = replace(rules(), fixed={("E1", "a"): frozenset({"i3"})})
    place = replace(LEAD, department="X")
    found = []
    for change in [{}, *mended]:
        faulty = replace(faulty, **change)
        found.append(reason(faulty, target("E1"), place, rule, frozenset({("i1", "object", "E1")})))
    assert tuple(found) == REASONS


def test_lists_of_the_eligible_follow_the_reasons() -> None:
    crew = [officer(f"i{n}", *(["lead"] if n % 2 else []), district="AB*"[n % 3]) for n in range(9)]
    barred = frozenset({("i3", "object", "E1"), ("i5", "owner", "E1"), ("i7", "owner", "P")})
    who = Eligibility(rules(), crew, barred)
    for what in (target("E1"), target("E2", district="B"), target("E3", owner="P")):
        for group in (ANY, LEAD, EXPERTS):
            expected = [n for n, o in enumerate(crew) if reason(o, what, group, rules(), barred) is None]
            assert who.of(what, group) == expected


# ---------------------------------------------------------------- section 3


def two_templates(**when: list[str]) -> dict[str, Any]:
    special = [{"group": "a", "count": 2, "needs": ["lead"]}, {"group": "b", "count": 1, "needs": []}]
    return {
        "templates": [
            {"template": "special", "when": when, "groups": special},
            {"template": "usual", "groups": [{"group": "b", "count": 2, "needs": []}]},
        ]
    }


@pytest.mark.parametrize(
    ("when", "hit"),
    [
        ({}, True),
        ({"types": ["enterprise"]}, True),
        ({"types": ["coop", "individual"]}, False),
        ({"types": []}, False),
        ({"industries": ["F5"]}, True),
        ({"industries": ["F521", "G"]}, False),
        ({"tags": ["dust", "gas"]}, True),
        ({"tags": ["gas"]}, False),
        ({"types": ["enterprise"], "tags": ["gas"]}, False),
        ({"types": ["enterprise"], "industries": ["F52"], "tags": ["dust"]}, True),
    ],
)
def test_every_list_of_when_names_the_object(when: dict[str, list[str]], hit: bool) -> None:  # noqa: FBT001  # a table of cases
    (special, _) = rules(**two_templates(**when)).templates
    assert fits(special, replace(target("E1"), tags=frozenset({"dust"}))) is hit


def test_an_unknown_industry_has_no_prefix() -> None:
    (special, _) = rules(**two_templates(industries=["-"])).templates
    assert not fits(special, replace(target("E1"), industry="-"))


@pytest.mark.parametrize(
    ("crew", "chosen"),
    [
        ([officer("i1", "lead"), officer("i2", "lead"), officer("i3")], "special"),
        ([officer("i1", "lead"), officer("i2", "lead"), officer("i3", "lead")], "special"),
        ([officer("i1", "lead"), officer("i2", "lead")], "usual"),
        ([officer("i1", "lead"), officer("i2"), officer("i3")], "usual"),
        ([officer("i1", "lead"), officer("i2", "lead"), officer("i3", load=0)], "usual"),
        ([officer("i0", "lead"), officer("i1", "lead"), officer("i2", "lead", district="B"), officer("i3")], "special"),
        ([], "usual"),
    ],
)
def test_a_template_needs_a_full_team_of_distinct_officers(crew: list[Officer], chosen: str) -> None:
    who = Eligibility(rules(**two_templates(types=["enterprise"])), crew, NOBODY)
    assert who.template(target("E1")).template == chosen


def test_seats_are_exchanged_to_make_a_team() -> None:
    """The first group takes whom only the second could use; the officer is moved."""
    groups = [("a", 1, []), ("b", 1, ["lead"])]
    fixed = plan(groups, [])
    fixed["templates"].append({"template": "none", "groups": [{"group": "z", "count": 9, "needs": []}]})
    fixed["templates"][0]["when"] = {}
    who = Eligibility(parse_rules(fixed), [officer("i1", "lead"), officer("i2")], NOBODY)
    assert who.template(target("E1")).template == "team"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("PLAN_TEMPLATES", {"templates": []}),
        ("PLAN_TEMPLATES", {"templates": two_templates(types=["x"])["templates"][:1]}),
        ("PLAN_TEMPLATES", {"templates": two_templates()["templates"][1:] * 2}),
        ("PLAN_GROUPS", {"templates": [{"template": "t", "groups": []}]}),
        ("PLAN_GROUPS", {"templates": [{"template": "t", "groups": [{"group": "a", "count": 0, "needs": []}]}]}),
        ("PLAN_GROUPS", {"templates": [{"template": "t", "groups": [{"group": "a", "count": 100, "needs": []}]}]}),
        ("PLAN_GROUPS", {"templates": [{"template": "t", "groups": [{"group": "a", "count": 1, "needs": []}] * 2}]}),
        ("PLAN_GROUPS", {"templates": [{"template": "t", "groups": GROUPS_100}]}),
    ],
)
def test_templates_that_contradict_themselves_are_refused(code: str, change: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as e:
        rules(**change)
    assert e.value.code == code


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("PLAN_LADDER", {"ladder": [{"rung": "vacancy", "below": 0, "above": 0}]}),
        ("PLAN_LADDER", {"ladder": [{"rung": "r", "below": 0, "above": 0}] * 2}),
        ("PLAN_JURISDICTION", {"jurisdiction": "province"}),
    ],
)
def test_a_ladder_that_contradicts_itself_is_refused(code: str, change: dict[str, Any]) -> None:
    """A plan MUST NOT name a rung `vacancy` or two rungs alike (`PLAN_LADDER`)."""
    fixed = plan([("b", 1, [])], [(0, 0)])
    with pytest.raises(PlanError) as e:
        parse_rules({**fixed, "assignment": {**fixed["assignment"], **change}})
    assert e.value.code == code


# ---------------------------------------------------------------- sections 4 and 5


def blocks(crew: list[Officer], what: list[Target], *barred: tuple[str, str, str]) -> list[Block]:
    return build(rules(), what, crew, frozenset(barred))


def test_districts_are_blocks() -> None:
    crew = [officer("i1", district="A"), officer("i2", district="B"), officer("i3", district="B")]
    found = blocks(crew, [target("E3"), target("E2", district="B"), target("E1")])
    assert [(b.block, b.officers, list(b.templates)) for b in found] == [
        ("E1", ("i1",), ["E1", "E3"]),
        ("E2", ("i2", "i3"), ["E2"]),
    ]


def test_one_officer_for_all_districts_joins_them() -> None:
    crew = [officer("i1", district="A"), officer("i2", district="B"), officer("i3")]
    (block,) = blocks(crew, [target("E1"), target("E2", district="B")])
    assert block.officers == ("i1", "i2", "i3")
    assert block.visits == (1, 1, 2)
    assert block.demand == 4


def test_an_object_nobody_may_visit_stands_alone_and_an_idle_officer_nowhere() -> None:
    crew = [officer("i1", district="A"), officer("i9", district="C")]
    alone, usual = blocks(crew, [target("E1", district="B"), target("E2")])
    assert (alone.officers, alone.arcs, alone.demand) == ((), [], 2)
    assert usual.officers == ("i1",)


def test_arcs_are_ordered_by_object_group_and_officer() -> None:
    crew = [officer("i2", "lead"), officer("i1", "lead"), officer("i3")]
    (block,) = blocks(crew, [target("E2"), target("E1")], ("i1", "object", "E2"))
    assert block.groups == (("E1", "a"), ("E1", "b"), ("E2", "a"), ("E2", "b"))
    assert block.places == (0, 0, 1, 1)
    assert block.arcs == [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize("twice", ["object", "officer"])
def test_what_stands_twice_is_refused(twice: str) -> None:
    crew = [officer("i1")] * (1 + (twice == "officer"))
    with pytest.raises(DrawError) as e:
        blocks(crew, [target("E1")] * (1 + (twice == "object")))
    assert e.value.code == "ASSIGN_FRAME"


@pytest.mark.parametrize(
    ("rung", "floors", "ceils"),
    [
        (Rung("even", 0, 0), [3, 1, 0, 3], [4, 4, 0, 4]),
        (Rung("one", 1, 1), [2, 1, 0, 2], [5, 5, 0, 5]),
        (Rung("wide", 9, 9), [0, 0, 0, 0], [9, 13, 0, 13]),
        (VACANCY, [0, 0, 0, 0], [9, 20, 0, 99]),
    ],
)
def test_bounds_of_loads(rung: Rung, floors: list[int], ceils: list[int]) -> None:
    """Demand 14 over four officers: even shares are 3 and 4."""
    block = Block(
        "E1",
        {},
        ("i1", "i2", "i3", "i4"),
        (9, 20, 0, 99),
        (9, 1, 9, 7),
        (("E1", "a"),),
        (14,),
        (0,),
        array("i"),
        array("q", [0, 0]),
    )
    assert block.bounds(rung) == (floors, ceils)


def test_earlier_draws_of_the_sitting_are_taken_off() -> None:
    record = {
        "teams": [{"members": [{"inspector_id": "i1"}, {"inspector_id": "i2"}]}, {"members": [{"inspector_id": "i1"}]}]
    }
    crew = [officer("i1", load=3), officer("i2", load=1), officer("i3", load=2)]
    assert [o.max_load for o in remaining(crew, visits(record))] == [1, 0, 2]
    assert [o.max_load for o in remaining(crew, visits(record) + visits(record))] == [0, 0, 2]


# ---------------------------------------------------------------- the frame's rows

FRAME = ("object_id", "owner_id", "class", "type", "district", "industry", "tags", "stratum", "level")


def test_targets_are_the_drawn_rows_by_id() -> None:
    rows = [
        [f"E{n}", "P" if n else "-", "B", "enterprise", "A", "F52", "x,y" if n else "-", "s", "1"] for n in range(3)
    ]
    found = parse_targets(from_rows(FRAME, rows), ["E2", "E0"])
    assert [(t.object_id, t.owner, t.class_, t.tags) for t in found] == [
        ("E0", "E0", "B", frozenset()),
        ("E2", "P", "B", frozenset({"x", "y"})),
    ]


def test_a_drawn_object_outside_the_frame_is_refused() -> None:
    with pytest.raises(DrawError) as e:
        parse_targets(from_rows(FRAME, []), ["E1"])
    assert e.value.code == "ASSIGN_FRAME"
