"""Amendments replayed by the JavaScript: it accepts what ours writes, and refuses a forged one as ours does."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from sampler.errors import DrawError
from tests.javascript import Javascript
from tests.property.test_amend import ILL, Record, World, busy, forge
from tests.property.test_assign_javascript import rows
from tests.property.test_assign_twin import SEED

FORGED = (
    "swap", "recused", "stranger", "drop", "keep", "more", "object", "cost", "price", "block", "rung", "reserve",
    "person", "kind",
)  # fmt: skip


def theirs(node: Javascript, world: World, *more: tuple[Record, frozenset[str]]) -> Any:
    sealed = world.sealed
    case: Any = SimpleNamespace(
        plan=world.plan, targets=sealed.targets.values(), officers=sealed.officers, recusals=sealed.recusals
    )
    history = [{"record": made, "done": sorted(done)} for made, done in (*world.history, *more)]
    draw = {"drawn": [c.to_dict() for c in world.drawn], "reserves": [c.to_dict() for c in world.reserves]}
    return node.ask(
        "amendments", input=rows(case), draw=draw, assignment=world.record, seed=SEED.hex(), history=history
    )


def random_cause(r: random.Random, world: World) -> tuple[str, dict[str, Any]]:
    who, what = f"i{r.randrange(12):02}", r.choice(sorted(world.teams.members))
    team = sorted(world.teams.members[what])
    kind = r.choice(("illness", "left", "recusal", "recusal", "out-of-scope", "vacancy"))
    fields: dict[str, dict[str, Any]] = {
        "illness": {"inspector_id": who, **ILL},
        "left": {"inspector_id": who},
        "recusal": {"inspector_id": r.choice(team)[1] if team else who, "object_id": what},
        "out-of-scope": {"object_id": what},
        "vacancy": {},
    }
    return kind, fields[kind]


def lived(number: int, steps: int) -> World:
    """Return a world after some random amendments and visits."""
    r, world = random.Random(number), World(number)
    for _ in range(steps):
        kind, fields = random_cause(r, world)
        try:
            world.accept(world.change(world.cause(kind, **fields), withheld=r.random() < 0.2))
        except DrawError:
            continue
        if r.random() < 0.3:
            world.done |= {r.choice(sorted(world.teams.members))}
    return world


def judge(node: Javascript, numbers: range, steps: int) -> int:
    done = 0
    for number in numbers:
        world = lived(number, steps)
        assert theirs(node, world) == {"ok": len(world.history)}, number
        done += len(world.history)
    return done


def test_random_histories_replay(node: Javascript) -> None:
    assert judge(node, range(12), 8) > 50


@pytest.mark.torture
def test_many_long_histories_replay(node: Javascript) -> None:
    assert judge(node, range(100, 300), 30) > 2000


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_amendment_is_refused_alike(node: Javascript, what: str) -> None:
    world = World(3)
    made = world.change(world.cause("left", inspector_id=busy(world)))
    assert theirs(node, world, (made, world.done)) == {"ok": 1}
    forged = forge(made, what)
    ours = world.refused(forged)
    assert theirs(node, world, (forged, world.done))["error"] == ours


def test_one_that_touches_nothing_is_refused(node: Javascript) -> None:
    """A true record whose objects have been visited before its cause."""
    world = World(3)
    made = world.change(world.cause("left", inspector_id=busy(world)))
    world.done = frozenset(c["object_id"] for c in made["changes"])
    assert theirs(node, world, (made, world.done))["error"] == world.refused(made) == "AMEND_NOTHING"
