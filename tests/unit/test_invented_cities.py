"""The invented cities are what they say, and the same for everybody; the blend is no worse there than mean severity."""

from __future__ import annotations

import pytest

from models.evaluate import evaluate
from models.folds import Split
from models.history import read_history
from models.learners import LEARNERS
from models.measure import FAR
from models.options import Options
from tests.invented_cities import CITIES, City, history, visits


def test_a_city_is_the_same_whenever_it_is_invented() -> None:
    small = City(firms=40)
    assert visits(small, 3).equals(visits(small, 3))
    assert not visits(small, 3).equals(visits(small, 4))


def test_firms_that_differ_more_have_severities_that_differ_more() -> None:
    def spread(firm: float) -> float:
        found = visits(City(firms=300, firm=firm, kind=0, place=0, drift=0, heavy=50), 1)
        return float(found.groupby("object_id")["severity"].mean().var())

    assert spread(1.0) > 4 * spread(0.1)


def test_where_firms_differ_the_blend_surely_ranks_better_than_chance_and_not_surely_worse_than_mean_severity() -> None:
    frame, target = history("a small town")
    options = Options(asof=FAR, target=target, near_days=14, missing="drop")
    found = evaluate(read_history(frame, options), options, Split(folds=2), LEARNERS["blend"])
    assert found.paired["random"].lo > 0
    assert found.paired["mean_severity"].hi > 0


@pytest.mark.parametrize("name", ["pass or fail only", "grades 0 to 3", "no attributes"])
def test_a_file_shows_only_what_its_city_tells(name: str) -> None:
    frame, target = history(name)
    wanted = {"pass or fail only": {"result", "category", "zip"}, "grades 0 to 3": {"severity", "category", "zip"}}
    assert set(frame.columns) == {"object_id", "date"} | wanted.get(name, {"score"})
    assert target == CITIES[name][1]
