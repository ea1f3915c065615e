"""Bundles forged with the keys of their makers, signed, logged and listed anew: the JavaScript judges each as our verify does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tests.forge
from sampler.verify.report import Report
from tests.cli.test_javascript import replayed
from tests.javascript import Javascript
from tests.unit import test_opening, test_verify, test_verify_attacks, test_verify_later


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    with Javascript.started() as found:
        yield found


@pytest.fixture(autouse=True)
def beside(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every judgement of a forged bundle be made twice."""
    ours = tests.forge.Forge.judge

    def both(self: tests.forge.Forge, **options: Any) -> Report:
        report = ours(self, **options)
        if not options:
            theirs = replayed(node, self.files)
            assert theirs["first_failed"] == (report.first_failed or 0), theirs["found"]
            assert theirs["status"][13] == report.steps[13].status
        return report

    monkeypatch.setattr(tests.forge.Forge, "judge", both)


def _tests(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


globals().update(_tests(test_verify) | _tests(test_verify_attacks) | _tests(test_verify_later))
test_a_false_probability_is_found_by_the_auditor = test_opening.test_a_false_probability_is_found_by_the_auditor
forge = test_verify_later.forge
