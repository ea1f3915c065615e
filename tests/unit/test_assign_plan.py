"""What a plan may ask of teams: joint visits, experts, areas (docs/spec/assignment.md, section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from sampler.errors import PlanError
from sampler.plan import Plan, validate
from tests.reference import world


def a_plan(groups: list[dict[str, Any]], **assignment: Any) -> Plan:
    record = world.plan()
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
    assert refused([place("a", "lead"), place("b")], **assignment) == code
