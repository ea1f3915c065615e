"""One visit for what several draws of a sitting hit: which, in which draw, and nothing dropped."""

from __future__ import annotations

import random

from sampler.io.mergers import find


def test_the_first_draw_that_hit_it_makes_the_visit() -> None:
    before = [("D-1", {"a": "a", "b": "b"}), ("D-2", {"a": "a", "c": "c"})]
    assert find({"a": "a", "c": "c", "z": "z"}, before) == {"a": ("D-1", "a"), "c": ("D-2", "c")}


def test_an_owner_is_visited_once_through_whichever_object() -> None:
    before = [("D-1", {"shop-1": "firm", "firm-2": "firm-2"})]
    assert find({"shop-2": "firm"}, before) == {"shop-2": ("D-1", "shop-1")}
    assert find({"firm": "firm"}, before) == {"firm": ("D-1", "shop-1")}
    assert find({"lot": "firm-2"}, before) == {"lot": ("D-1", "firm-2")}


def test_two_objects_drawn_each_for_itself_are_two_visits() -> None:
    assert find({"shop-2": "shop-2"}, [("D-1", {"shop-1": "firm"})]) == {}
    assert find({"shop-2": "shop-2"}, [("D-1", {"shop-1": "shop-1"})]) == {}


def test_nothing_before_or_nothing_in_common() -> None:
    assert find({"a": "a"}, []) == {}
    assert find({}, [("D-1", {"a": "a"})]) == {}
    assert find({"a": "a"}, [("D-1", {"b": "b"}), ("D-2", {})]) == {}


def test_every_object_has_one_visit() -> None:
    """Random sittings of objects: of all draws that hit an object exactly the first makes the visit."""
    rng = random.Random("one visit")
    for _ in range(200):
        draws = [(f"D-{n}", {o: o for o in rng.sample("abcdefgh", rng.randrange(6))}) for n in range(4)]
        visits = [(d, o) for n, (d, drawn) in enumerate(draws) for o in drawn if o not in find(drawn, draws[:n])]
        hit = {o for _, drawn in draws for o in drawn}
        assert sorted(o for _, o in visits) == sorted(hit)
        assert all(d == next(x for x, drawn in draws if o in drawn) for d, o in visits)
