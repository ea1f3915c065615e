"""What the documents tell a reader to type can be typed, and what the program writes into them is current."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import cli
from tests import guide_pictures, make_docs, make_frame, real_data
from tests.support import ROOT, sampler

README = ROOT / "README.md"
PAGES = sorted([README, *(ROOT / "docs" / "guide").glob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = {real_data.GUIDE: real_data.typed}
"""Pages whose commands another test runs, and how it lists them (tests/cli/test_real_data.py)."""


def steps(page: Path) -> list[tuple[list[str], int]]:
    """Return every command of a page's shell blocks, split into words, with the exit code its comment announces."""
    text = "\n".join(BLOCK.findall(page.read_text(encoding="utf-8"))).replace("\\\n", " ")
    split = (
        (shlex.split(line, comments=True), int(line.rstrip().endswith("# 退出码 1"))) for line in text.splitlines()
    )
    return [(words, code) for words, code in split if words]


def commands(page: Path) -> list[list[str]]:
    return [words for words, _ in steps(page)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def ids(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_a_page_shows_only_programs_a_reader_has(page: Path) -> None:
    for words in commands(page):
        assert words[0] in ("make", "sampler", "python"), words
        if words[0] == "make":
            assert {w for w in words[1:] if "=" not in w} <= targets(), words
        if words[0] == "python":
            assert (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), words


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_make_target_named_in_the_text_exists(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
    assert named <= targets()


@pytest.mark.parametrize("page", [p for p in PAGES if p not in ELSEWHERE], ids=ids)
def test_the_commands_of_a_page_run_in_their_order(page: Path, tmp_path: Path) -> None:
    for words, code in steps(page):
        if words[0] == "sampler":
            answer = sampler(*words[1:], cwd=tmp_path)
            assert answer.code == code, (words, answer.err)
        elif words[2:3] == ["tests.make_frame"]:  # the frame of the guide to large draws
            make_frame.main(
                ["--out", str(tmp_path / words[words.index("--out") + 1]), "--rows", words[words.index("--rows") + 1]]
            )


@pytest.mark.parametrize("page", list(ELSEWHERE), ids=ids)
def test_the_commands_of_a_page_with_data_of_its_own_are_those_another_test_runs(page: Path) -> None:
    run = [shlex.split(line) for line in ELSEWHERE[page]()]
    assert [w for w in commands(page) if w[0] == "sampler"] == run


def test_every_command_stands_in_the_reference_and_it_is_current() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert text == make_docs.cli_page(), "run: python -m tests.make_docs"
    assert re.findall(r"^## (\S+)$", text, re.MULTILINE) == list(cli.COMMANDS)


def test_the_list_of_error_codes_is_current() -> None:
    text = (ROOT / "docs" / "spec" / "errors.md").read_text(encoding="utf-8")
    assert text == make_docs.errors_page(), "run: python -m tests.make_docs"


def test_the_readme_holds_its_transcript() -> None:
    found = make_docs.TRANSCRIPT.findall(README.read_text(encoding="utf-8"))
    assert len(found) == 1
    shown = make_docs.TRANSCRIPT.search(README.read_text(encoding="utf-8"))
    assert shown is not None
    assert len(shown[0].splitlines()) > 10, "run: python -m tests.make_docs"


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").rglob("*.md")), README], ids=ids)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_pictures_are_small_and_shown() -> None:
    """The guide's pictures come from tests/guide_pictures.py; each is shown, none weighs the repository down."""
    found = {p.name: p.stat().st_size for p in guide_pictures.PICTURES.glob("*")}
    shown = re.findall(
        r"!\[[^]]+\]\(pictures/([^)]+)\)", (ROOT / "docs/guide/regulator.md").read_text(encoding="utf-8")
    )
    assert sorted(shown) == sorted(found)
    assert all(0 < size <= guide_pictures.MOST for size in found.values())
