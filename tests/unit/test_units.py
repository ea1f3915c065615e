"""Owners as units where the bundle does not reach: history across both designs, caps, large frames, self-audit."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sampler import allocation, frame, stream, units, weights
from sampler.audit.sealed import sealed
from sampler.errors import DrawError, PlanError
from sampler.io import plans
from sampler.io.earlier import Earlier, _owners, by_month
from sampler.plan import Plan
from sampler.tables import from_rows
from tests import owned

E12 = 10**12
HISTORY = ("object_id", "date", "draw_id", "pi")
OWNER = {"a1": "a", "a2": "a", "b1": "b", "c": "c"}


def history(by: Plan, *visits: tuple[str, ...], earlier: list[Earlier], owner: dict[str, str]) -> dict[str, list[str]]:
    ids = frozenset(e.draw_id for e in earlier)
    classes = {"a1": "C", "a2": "B", "b1": "B", "c": "C"}
    table = from_rows(HISTORY, [*visits])
    return {r[0]: list(r[1:]) for r in plans.history_table(table, by, classes, ids, earlier, owner).rows()}


def of(by: Plan, drawn: str) -> Earlier:
    """November's draw of four objects of three owners, by owners or by objects."""
    rows = [("a1", "a", "s", "1"), ("a2", "a", "s", "1"), ("b1", "b", "s", "1"), ("c", "-", "s", "1")]
    held = from_rows(("object_id", "owner_id", "stratum", "level"), rows)
    pi = {"s/1": E12 // 4 + 1}
    return Earlier(
        draw_id="X-1", period="2026-11", pi_e12=units.frame_pi(held, pi, owners=by.owners), drawn=frozenset([drawn]),
        owners=_owners(by, held, pi), owner_of={"a1": "a", "a2": "a", "b1": "b"},
    )  # fmt: skip


def test_owners_look_back_on_owners() -> None:
    by = owned.easy(cooldown=3)
    assert history(by, earlier=[of(by, "a2")], owner=OWNER) == {
        "a/2026-11": ["X-1", str(E12 // 4 + 1), "1"], "b/2026-11": ["X-1", str(E12 // 4 + 1), "0"],
    }  # fmt: skip


def test_owners_look_back_on_objects_and_do_not_guess() -> None:
    by = owned.easy(cooldown=3)
    found = history(by, earlier=[of(owned.without_units(by), "c")], owner=OWNER)
    assert found == {"a/2026-11": ["X-1", "-", "0"], "b/2026-11": ["X-1", str(E12 // 4 + 1), "0"]}
    table = from_rows(("key", "draw_id", "pi_e12", "drawn"), [(k, *v) for k, v in found.items()])
    with pytest.raises(DrawError) as refused:
        weights.past(table, "2026-12", {"a": 3})
    assert refused.value.code == "WEIGHT_UNKNOWN"


def test_objects_look_back_on_owners() -> None:
    by = owned.easy(cooldown=3)
    found = history(owned.without_units(by), earlier=[of(by, "a2")], owner={})
    assert found == {
        "a2/2026-11": ["X-1", str((E12 // 4 + 2) // 2), "1"],
        "b1/2026-11": ["X-1", str(E12 // 4 + 1), "0"],
    }


def test_a_draw_elsewhere_tells_only_that_the_owner_was_drawn() -> None:
    by = owned.easy(cooldown=3)
    found = history(by, ("a1", "2026-11-03", "Y-1", "0.5"), ("b1", "2026-10-03", "Y-2", "0.5"), earlier=[], owner=OWNER)
    assert found == {"a/2026-11": ["Y-1", "-", "1"], "b/2026-10": ["Y-2", str(E12 // 2), "1"]}


def test_an_unknown_probability_stays_unknown_beside_another_draw() -> None:
    both = [replace(of(owned.easy(), "c"), draw_id="X-2"), of(owned.without_units(owned.easy()), "c")]
    found = dict(by_month(both, owners=True))
    assert found["a/2026-11"] == ("X-1", None, False)
    assert found["b/2026-11"][1] is not None


def test_the_cap_of_an_owner_adds_up_its_objects() -> None:
    by = owned.easy()
    given: list[Any] = [(o, OWNER[o], "B", "enterprise", "310101", 5) for o in ("a1", "a2", "b1")]
    source = owned.sources(given)
    visits = {("a", by.caps[0].item): by.caps[0].cap, ("a1", "other"): 9}
    registry = replace(source.registry, visits=visits)
    kept, out = frame.split(registry, by)
    assert (kept, out["object_id"], set(out["reason"])) == ([2], ["a1", "a2"], {"cap"})
    assert len(frame.split(registry, owned.without_units(by))[0]) == 3


def test_a_plan_names_owners_or_nothing() -> None:
    with pytest.raises(PlanError) as refused:
        plans.plan_record({k: v for k, v in owned.plan().to_dict().items() if k != "type"} | {"units": "object", "q_max": "1", "risk": {"floor": "1/5", "gamma": 2}}, [], "plan.toml")  # fmt: skip
    assert refused.value.code == "PLAN_UNITS"


def test_a_large_frame_has_no_owners() -> None:
    with pytest.raises(PlanError) as refused:
        stream.design(owned.easy(), stream.Census())
    assert refused.value.code == "STREAM_UNITS"


def test_self_audit_claims_each_objects_share() -> None:
    by = owned.easy()
    held = owned.sealed(by, owned.rows(random.Random(3), 30, 5))
    subject = sealed("X", by, held["frame.tsv"], held["strata.tsv"], held["levels.tsv"])
    assert abs(sum(subject.claimed) - subject.lines) < 1e-9
    lines = subject.run(7, list(subject.ids))
    assert sorted(lines) == sorted(subject.run(7, list(subject.ids)[::-1]))


def test_total_of_any_value_is_unbiased_over_both_stages() -> None:
    """Every object in every draw it can be in: sum over units of pi/M x M/pi is the number of objects, exactly."""
    by = owned.easy()
    held = owned.sealed(by, owned.rows(random.Random(4), 40, 6))
    levels, framed = held["levels.tsv"], held["frame.tsv"]
    pi = dict(zip(levels["key"], map(int, levels["pi_e12"]), strict=True))
    found = units.of_frame(framed, owners=True)
    total = Fraction(0)
    for k, stratum, level in zip(found.of, framed["stratum"], framed["level"], strict=True):
        share = Fraction(pi[f"{stratum}/{level}"], allocation.E12 * found.sizes()[k])
        total += share * weights.design_weight(pi[f"{stratum}/{level}"]) * found.sizes()[k]
    assert total == len(framed)
