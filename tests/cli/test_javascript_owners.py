"""Bundles of owners, whole and forged: the JavaScript judges each as our verify does, at the same step."""

from __future__ import annotations

import pytest

from tests import owned
from tests.javascript import Javascript, judge_twice
from tests.spec import test_must_owners


@pytest.fixture(autouse=True)
def beside(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every judgement be made twice."""
    judge_twice(node, monkeypatch)


globals().update({n: v for n, v in vars(test_must_owners).items() if n.startswith("test_")})


def test_a_changed_owner_under_every_object() -> None:
    """Each row in turn is given to the owner of two: both refuse it where the seal is kept, and where it is made anew."""
    for object_id in owned.table("frame.tsv")["object_id"]:
        for again in (False, True):
            f = owned.Owned()
            f.row(object_id, "owner_id", test_must_owners.OWNER)
            if again:
                f.reroot("frame")
                f.relink()
            f.done().judge()
