"""README.en.md says what README.md says: the same sections, commands, pictures, links and rows, in the same order."""

from __future__ import annotations

import re

import pytest

from tests.support import ROOT

CHINESE = (ROOT / "README.md").read_text(encoding="utf-8")
ENGLISH = (ROOT / "README.en.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "site.png"
FORMS = {
    "commands": re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE),
    "sections": re.compile(r"^(#+) ", re.MULTILINE),
    "pictures": re.compile(r"!\[[^\]]+\]\(([^)]+)\)"),
    "steps": re.compile(r"^(\d+)\. ", re.MULTILINE),
    "rows": re.compile(r"^(\|)", re.MULTILINE),
    "targets": re.compile(r"`(make [a-z]+)"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_english_front_page_follows_the_chinese_one(form: re.Pattern[str]) -> None:
    want = form.findall(CHINESE)
    assert want
    assert form.findall(ENGLISH) == want


def test_both_lead_to_the_same_pages() -> None:
    links = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
    twins = {"README.md", "README.en.md"}
    assert set(links.findall(ENGLISH)) - twins == set(links.findall(CHINESE)) - twins
    assert all((ROOT / p).exists() for p in links.findall(ENGLISH))


def test_the_picture_is_small() -> None:
    assert PICTURE.stat().st_size < 150_000
