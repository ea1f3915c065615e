"""What a plan may ask of teams: joint visits, experts, areas (docs/spec/assignment.md, section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from sampler.errors import PlanError
from sampler.io.plans import _recusals, rotation
from sampler.plan import Plan, validate
from sampler.roster import parse_recusals
from sampler.tables import Table, from_rows
from tests.reference import world


def a_plan(groups: list[dict[str, Any]], districts: list[str] | None = None, **assignment: Any) -> Plan:
    record = world.plan()
    record["districts"] = districts or record["districts"]
    record["templates"] = [{"template": "team", "groups": groups}]
    record["assignment"] = {**record["assignment"], **assignment}
    return validate(Plan.from_dict(record))


def place(group: str, *needs: str, count: int = 1, **extra: str) -> dict[str, Any]:
    return {"group": group, "count": count, "needs": sorted(needs), **extra}


LEAD = place("a", "lead", department="market")
FIRE = place("b", department="fire")


def refused(groups: list[dict[str, Any]], **assignment: Any) -> str:
    with pytest.raises(PlanError) as e:
        a_plan(groups, **assignment)
    return e.value.code


def test_a_joint_team_is_led_by_the_initiating_department() -> None:
    a_plan([LEAD, FIRE], initiator="market")
    a_plan([LEAD, FIRE, place("c", "expert")], initiator="market")
    assert refused([LEAD, FIRE]) == "PLAN_JOINT"
    assert refused([LEAD, FIRE], initiator="fire") == "PLAN_JOINT"
    assert refused([LEAD, FIRE], initiator="tax") == "PLAN_JOINT"
    assert refused([LEAD, place("b")], initiator="market") == "PLAN_JOINT"
    assert refused([LEAD, place("b", "lead", department="fire")], initiator="market") == "PLAN_JOINT"


@pytest.mark.parametrize(
    "limits",
    [
        [("W1", ["990101", "990102"], 3), ("W2", ["990102", "990103"], 3)],
        [("a", ["990101"], 1), ("b", ["990101"], 2)],
        [("a", [], 1)],
        [("a", ["990199"], 1)],
        [("a", ["990101"], 0)],
    ],
)
def test_limits_are_nested_or_apart(limits: list[tuple[str, list[str], int]]) -> None:
    """The sets of two limits MUST be nested without being the same, or have no district in common; a limit has a name of
    its own, a district of the plan and `most` of at least 1 (`PLAN_LIMITS`).
    """
    rows = [{"limit": n, "districts": d, "most": m} for n, d, m in limits]
    three = ["990101", "990102", "990103"]
    team = [place("a", "lead"), place("b")]
    with pytest.raises(PlanError) as e:
        a_plan(team, districts=three, limits=rows)
    assert e.value.code == "PLAN_LIMITS"
    good = [("W1", three[:2], 3), ("W2", three[2:], 3), ("one", three[:1], 1)]
    a_plan(team, districts=three, limits=[{"limit": n, "districts": d, "most": m} for n, d, m in good])


def test_experts_do_not_make_a_team() -> None:
    a_plan([place("a", "lead"), place("b"), place("c", "expert", count=3)])
    assert refused([place("a", "lead"), place("c", "expert", count=3)]) == "PLAN_TEAM"


def test_one_person_for_two_needs_is_one_place() -> None:
    plan = a_plan([place("a", "food", "lead"), place("b")])
    assert plan.templates[0].groups[0].needs == ("food", "lead")


@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        ({"jurisdiction": "cluster"}, "PLAN_JURISDICTION"),
        ({"jurisdiction": "any", "clusters": [{"cluster": "e", "districts": ["1"]}]}, "PLAN_JURISDICTION"),
        (
            {
                "jurisdiction": "cluster",
                "clusters": [{"cluster": "e", "districts": ["1", "2"]}, {"cluster": "w", "districts": ["2"]}],
            },
            "PLAN_CLUSTERS",
        ),
    ],
)
def test_areas_fit_together(assignment: dict[str, Any], code: str) -> None:
    """A district MUST NOT stand in two clusters (`PLAN_CLUSTERS`); `cluster` needs `clusters` (`PLAN_JURISDICTION`)."""
    assert refused([place("a", "lead"), place("b")], **assignment) == code


def table(names: str, *rows: str) -> Table:
    return from_rows(tuple(names.split()), [tuple(row.split()) for row in rows])


def test_who_was_there_last_time_is_listed_like_a_recusal() -> None:
    history = table(
        "key object_id date inspector_id",
        "1 E1 2026-01-05 i1,i2", "2 E1 2026-03-05 i2,i3", "3 E1 2026-03-05 i4", "4 E2 2026-02-01 i9", "5 E3 2026-02-01 i1",
    )  # fmt: skip
    people = table("inspector_id unit", "i1 u", "i2 u", "i3 u", "i4 u")
    found = rotation(history, people)
    assert found == [("i1", "E3"), ("i2", "E1"), ("i3", "E1"), ("i4", "E1")]
    own = table("key inspector kind target reason asked_by", "1 i2 object E1 kin officer", "2 i2 owner P1 kin firm")
    rows = _recusals(own, found)
    assert parse_recusals(rows) == {("i2", "owner", "P1"), *((i, "object", e) for i, e in found)}
    reasons = dict(zip(zip(rows["inspector"], rows["target"], strict=True), rows["reason"], strict=True))
    assert reasons["i2", "E1"] == "kin"
    assert reasons["i3", "E1"] == "last-visit"


def test_a_plan_rotates_or_says_nothing() -> None:
    assert a_plan([place("a", "lead"), place("b")], rotate=True).assignment.rotate is True
    assert a_plan([place("a", "lead"), place("b")]).assignment.rotate is None
