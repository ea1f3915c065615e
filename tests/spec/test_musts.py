"""Every MUST sentence of the specification is the docstring of a test."""

from __future__ import annotations

import pytest

from tests.spec.musts import blocks, quoted, sentences
from tests.support import ROOT

OPEN = {"draw.md": 0, "records.md": 4, "conformance.md": 0, "assignment.md": 12}
"""At most so many sentences without a test; none where the number is 0."""


def page(name: str) -> str:
    return (ROOT / "docs" / "spec" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OPEN)
def test_every_must_is_quoted_by_a_test(name: str) -> None:
    missing = [s for s in sentences(page(name)) if s not in quoted()]
    assert len(missing) <= OPEN[name], "\n".join(missing)


def test_the_page_has_as_many_as_a_reader_counts() -> None:
    text = page("draw.md")
    words = text.count("MUST") - text.split("## 2.")[0].count("MUST, MUST NOT") * 2
    found = sentences(text)
    assert sum(s.count("MUST") for s in found) == words
    assert len(found) >= 40


def test_sentences_are_found_over_lines_items_and_inline_code() -> None:
    text = "# MUST be no heading\n\nA. A program MUST do\nthis (`X`).\nB MUST NOT.\n\n1. An item MUST\n   go on.\n\n    code MUST not\n| MUST | cell |\n"
    assert sentences(text) == ["A program MUST do this (`X`).", "B MUST NOT.", "An item MUST go on."]
    assert len(blocks(text)) == 2
