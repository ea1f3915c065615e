"""Bundles forged with the keys of their makers, signed, logged and listed anew: the JavaScript judges each as our verify does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.javascript import Javascript, judge_twice
from tests.unit import (
    test_opening,
    test_verify,
    test_verify_approved,
    test_verify_attacks,
    test_verify_insider,
    test_verify_later,
)


@pytest.fixture(autouse=True)
def beside(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every judgement of a forged bundle be made twice."""
    judge_twice(node, monkeypatch)


def _tests(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


globals().update(_tests(test_verify) | _tests(test_verify_attacks) | _tests(test_verify_later))
globals().update(_tests(test_verify_approved) | _tests(test_verify_insider))
test_a_false_probability_is_found_by_the_auditor = test_opening.test_a_false_probability_is_found_by_the_auditor
forge = test_verify_later.forge
