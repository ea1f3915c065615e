"""Limits on an officer's visits: the most he can reach, beside trying every choice (docs/spec/assignment.md, 5.5)."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from sampler.assign.limits import above, chain, parse_limits, reach
from sampler.errors import PlanError

Row = dict[str, object]


def family(*rows: tuple[str, str, int]) -> list[Row]:
    return [{"limit": name, "districts": list(where), "most": most} for name, where, most in rows]


NESTED = parse_limits(family(("w", "ABC", 4), ("a", "A", 1), ("bc", "BC", 3), ("d", "D", 2)))


def test_smaller_sets_come_first_and_lie_in_the_next_larger() -> None:
    assert [x.limit for x in NESTED] == ["a", "d", "bc", "w"]
    assert [[NESTED[n].limit for n in chain(NESTED, d)] for d in "ABDE"] == [["a", "w"], ["bc", "w"], ["d"], []]
    assert [above(NESTED, n) for n in range(4)] == [3, -1, 3, -1]


def tried(rows: list[Row], objects: list[str], load: int) -> int:
    for n in range(len(objects), -1, -1):
        for chosen in itertools.combinations(objects, n):
            if n <= load and all(sum(d in x["districts"] for d in chosen) <= x["most"] for x in rows):  # type: ignore[operator]  # lists and numbers
                return n
    return 0


@pytest.mark.parametrize("number", range(60))
def test_the_reach_is_what_trying_finds(number: int) -> None:
    r = random.Random(number)
    rows = [
        x
        for x in family(("w", "ABC", r.randrange(1, 5)), ("a", "A", r.randrange(1, 3)), ("bc", "BC", r.randrange(1, 4)))
        if r.random() < 0.7
    ]
    objects, load = [r.choice("ABCD") for _ in range(r.randrange(8))], r.randrange(7)
    most, held = reach(parse_limits(rows), Counter(objects), load)
    assert most == tried(rows, objects, load)
    if held:  # without what holds him back he could visit more
        free = [x for x in rows if x["limit"] not in held]
        assert tried(free, objects, load) > most
    elif most < load:
        assert most == len(objects)


def test_what_is_left_of_a_limit() -> None:
    assert reach(NESTED, {"A": 2, "B": 2}) == (3, frozenset({"a"}))
    assert reach(NESTED, {"A": 2, "B": 2}, left=(0, 2, 3, 4)) == (2, frozenset({"a"}))
    assert reach(NESTED, {"A": 2, "B": 2}, left=(1, 2, 3, 2)) == (2, frozenset({"w"}))


@pytest.mark.parametrize(
    "rows",
    [
        family(("x", "AB", 1), ("y", "BC", 1)),
        family(("x", "AB", 1), ("y", "AB", 2)),
        family(("x", "", 1)),
        family(("x", "A", 0)),
        family(("x", "A", 1), ("x", "B", 1)),
    ],
)
def test_a_family_that_is_none(rows: list[Row]) -> None:
    with pytest.raises(PlanError) as e:
        parse_limits(rows)
    assert e.value.code == "PLAN_LIMITS"
