"""Bundles of owners, whole and forged: the JavaScript judges each as our verify does, at the same step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tests.forge
from sampler.verify.report import Report
from tests import owned
from tests.cli.test_javascript import replayed
from tests.javascript import Javascript
from tests.spec import test_must_owners


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    with Javascript.started() as found:
        yield found


@pytest.fixture(autouse=True)
def beside(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every judgement be made twice."""
    ours = tests.forge.Forge.judge

    def both(self: tests.forge.Forge, **options: Any) -> Report:
        report = ours(self, **options)
        theirs = replayed(node, self.files)
        assert theirs["first_failed"] == (report.first_failed or 0), theirs["found"]
        return report

    monkeypatch.setattr(tests.forge.Forge, "judge", both)


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
