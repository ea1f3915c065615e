"""One firm's opening judged by the JavaScript: each case of ours is refused at our step, whatever bit is flipped."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sampler import canon
from sampler.verify import Report, verify_opening
from tests.javascript import Javascript
from tests.unit import test_opening

FLIPS = 97
"""Every so many bits one is flipped."""


def theirs(node: Javascript, data: bytes) -> str:
    return str(node.ask("opening", file=base64.b64encode(data).decode())["ok"])


def ours(report: Report) -> str:
    return next((s.id for s in report.steps if s.status == "fail"), "")


@pytest.fixture(autouse=True)
def beside(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = test_opening.judge

    def both(file: dict[str, Any], **options: str) -> Report:
        report = judged(file, **options)
        if not options:
            assert theirs(node, canon.encode(file)) == ours(report)
        return report

    monkeypatch.setattr(test_opening, "judge", both)


_LONG = {"test_every_bit_of_an_opening", "test_junk_is_an_answer", "test_a_false_probability_is_found_by_the_auditor"}
globals().update({n: v for n, v in vars(test_opening).items() if n.startswith("test_") and n not in _LONG})
forge = test_opening.forge


def test_flipped_bits(node: Javascript, forge: Any) -> None:
    data = canon.encode(test_opening.opening(forge))
    for bit in range(0, 8 * len(data), FLIPS):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        found = theirs(node, bytes(changed))
        assert found
        assert found == ours(verify_opening(bytes(changed))), bit
