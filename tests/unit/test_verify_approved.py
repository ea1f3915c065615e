"""As many people approved as the charter asks for: steps 4 and 14 (records.md, 3.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.forge import Forge, first_failed
from tests.unit.test_verify_later import amendment, forge

__all__ = ["forge"]
FORM = {"form": "审〔2026〕12号", "date": "2026-12-01"}


def sealed_anew(forge: Forge, approvals: int, approval: dict[str, Any]) -> str:
    """Return the first step that fails when an office signs and logs this charter and this approval."""
    forge.change("charter.json", approvals=approvals)
    forge.change("commitment.json", approval=approval)
    return first_failed(forge.relink().done())


@pytest.mark.parametrize(
    ("approvals", "by"),
    [(0, None), (1, None), (0, []), (1, ["局长"]), (2, ["分管副局长", "局长"]), (2, ["a", "b", "c"])],
)
def test_enough_approved(forge: Forge, approvals: int, by: list[str] | None) -> None:
    approval = FORM if by is None else FORM | {"by": by}
    assert sealed_anew(forge, approvals, approval) == "selection"  # another seal, another seed


@pytest.mark.parametrize(
    ("approvals", "by"), [(1, []), (2, None), (2, ["局长"]), (3, ["分管副局长", "局长"]), (2**53 - 1, ["a", "b"])]
)
def test_fewer_approved_than_the_charter_asks_for(forge: Forge, approvals: int, by: list[str] | None) -> None:
    approval = FORM if by is None else FORM | {"by": by}
    assert sealed_anew(forge, approvals, approval) == "registration"


@pytest.mark.parametrize("by", [["局长", "局长"], ["局长", "分管副局长"], "局长", [1], ["a\n"], ["e\u0301"], None])
def test_one_name_does_not_count_twice(forge: Forge, by: object) -> None:
    """The list has one form: increasing, each name once, clean text."""
    forge.change("charter.json", approvals=1)
    forge.files["commitment.json"] = forge.files["commitment.json"].replace(
        b'"approval":{', b'"approval":{"by":' + encoded(by) + b",", 1
    )
    assert first_failed(forge.manifest()) == "records"


def encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(("by", "want"), [([], "amendments"), (None, ""), (["局长"], "")])
def test_an_amendment_is_approved_like_the_seal(forge: Forge, by: list[str] | None, want: str) -> None:
    forge.put("amendments/0001.json", amendment(approval=FORM if by is None else FORM | {"by": by}))
    assert first_failed(forge.done()) == want
