"""Whatever of a draw's published files was changed, the page says so: the page itself, the scripts for a stick, the log, the manifest."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sampler.auditor import read_folder
from sampler.errors import SamplerError
from sampler.publish import copies
from sampler.publish.english import ENGLISH
from sampler.verify import verify
from sampler.wording import RESULT_STATES, RESULTS
from tests.browser.conftest import DONE
from tests.cli.office import DRAW
from tests.support import ROOT

PAGE = f"draws/{DRAW}.html"


@pytest.fixture
def site(offices: dict[str, Path], tmp_path: Path) -> Path:
    """Return a copy of the open office's site: it has results."""
    return Path(shutil.copytree(offices["open"] / "site", tmp_path / "site"))


def replayed(page: Any, address: str) -> str:
    page.goto(address)
    page.click("[data-act=verify]")
    page.wait_for_selector(DONE)
    return str(page.get_attribute("#verify", "data-state"))


def once(old: str, new: str) -> Callable[[str], str]:
    return lambda text: re.sub(old, new, text, count=1, flags=re.DOTALL)


CHANGES: list[tuple[str, Callable[[str], str]]] = [
    ("drawn", once(r'(id="drawn".*?<code class="id">)\w', r"\g<1>Z")),
    ("drawn", once(r'(id="drawn".*?<tbody>\s*)<tr>.*?</tr>', r"\g<1>")),
    ("drawn", once(r'(id="drawn".*?<tbody>\s*)(<tr>.*?</tr>)', r"\g<1>\g<2>\g<2>")),
    ("results", once(r'(class="result"[^>]*>)[^<]+', r"\g<1>不配合检查情节严重")),
    ("results", once(r'(id="results".*?<time>)2026-12-01', r"\g<1>2026-12-02")),
    ("results", once(r'(id="results".*?<tbody>\s*)<tr>.*?</tr>', r"\g<1>")),
    ("seed", once(r'(data-shown="seed">)\w', r"\g<1>x")),
    ("code", once(r'(data-shown="code">)\w', r"\g<1>x")),
    ("source", once(r'(data-shown="source">)\w', r"\g<1>x")),
    ("value", once(r'(data-shown="value">)\w', r"\g<1>x")),
    ("charter", once(r'(data-shown="charter">)\w', r"\g<1>x")),
    ("frame", once(r'(data-shown="frame">)\w', r"\g<1>x")),
    ("plan", once(r' data-shown="plan"', "")),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[f"{n} {c}" for n, (c, _) in enumerate(CHANGES)])
def test_a_page_that_shows_something_else_than_its_files_says_so(
    site: Path, page: Any, name: str, change: Callable[[str], str]
) -> None:
    path = site / PAGE
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")
    assert replayed(page, f"file://{path}") == f"other {name}"
    assert page.locator(".checks li.fail").count() == 0
    assert "不符" in page.inner_text("[data-out=status].wrong")


@pytest.mark.parametrize("level", ["open", "standard", "after-inspection"])
@pytest.mark.parametrize("prefix", ["", "en/"])
def test_an_untouched_page_shows_what_its_files_say(
    offices: dict[str, Path], page: Any, level: str, prefix: str
) -> None:
    assert replayed(page, f"file://{offices[level]}/site/{prefix}{PAGE}") == "passed"
    assert page.locator("[data-out=closing] p.good").count() == 1


def test_a_page_sorted_and_filtered_by_its_reader_is_still_the_same(site: Path, page: Any) -> None:
    page.goto(f"file://{site}/{PAGE}")
    page.click("#drawn thead th:nth-child(5)")
    page.click("#results thead th:first-child")
    page.click("#results thead th:first-child")
    page.fill("[data-filter=drawn]", "xyz")
    page.click("[data-act=verify]")
    page.wait_for_selector(DONE)
    assert page.get_attribute("#verify", "data-state") == "passed"


def test_the_scripts_of_a_page_write_results_as_its_tables_do() -> None:
    text = (ROOT / "sampler/publish/web/outcome.mjs").read_text(encoding="utf-8")
    for said in (*RESULTS.values(), *RESULT_STATES.values()):
        assert f'["{said}", "{ENGLISH[said]}"]' in text


def wanted(folder: Path) -> str:
    """Return how a page must end that replays what lies in a folder; a copy older than its log is not replayed at all."""
    try:
        files = read_folder(folder)
    except SamplerError as e:
        return {"COPY_OLD": "broken"}[e.code]
    return f"failed {verify(files.__getitem__, sorted(files)).first_failed}"


@pytest.mark.parametrize("level", ["open", "standard", "after-inspection"])
@pytest.mark.parametrize("manifest", [b"[", b"{}", b"", b"\xff", b"[" * 100_000])
def test_a_copy_whose_manifest_cannot_be_read_is_an_answer(
    offices: dict[str, Path], level: str, manifest: bytes
) -> None:
    files = read_folder(next((offices[level] / "site/data" / DRAW).iterdir())) | {"manifest.json": manifest}
    assert verify(files.__getitem__, sorted(files)).first_failed == 1


@pytest.mark.parametrize("name", ["manifest.json", "log/entries"])
def test_a_changed_manifest_or_log_is_caught_at_its_step(
    site: Path, page: Any, serve: Callable[[Path], str], name: str
) -> None:
    rng, home = random.Random(name), serve(site)
    folder = next((site / "data" / DRAW).iterdir())
    path = site / name if name == "log/entries" else folder / name
    before = path.read_bytes()
    for _ in range(5):
        data = bytearray(before)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(7)
        path.write_bytes(data)
        assert replayed(page, f"{home}/{PAGE}") == wanted(folder)
    path.write_bytes(before)
    assert replayed(page, f"{home}/{PAGE}") == "passed"


def test_a_file_that_is_gone_is_caught(site: Path, page: Any, serve: Callable[[Path], str]) -> None:
    home, folder = serve(site), next((site / "data" / DRAW).iterdir())
    (site / "log/entries").rename(site / "log/gone")
    assert replayed(page, f"{home}/{PAGE}") == "failed 1"
    (folder / "manifest.json").unlink()
    assert replayed(page, f"{home}/{PAGE}") == "broken"
    assert "缺失" in page.inner_text("[data-out=status]")


def test_a_file_changed_inside_a_script_is_caught_at_its_step(site: Path, page: Any) -> None:
    rng = random.Random("scripts")
    folder = next((site / "data" / DRAW).iterdir())
    scripts = site / "offline" / DRAW / folder.name
    for _ in range(5):
        files = read_folder(folder)
        files.pop("log/entries")
        name = rng.choice(sorted(files))
        data = bytearray(files[name])
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(7)
        (folder / name).write_bytes(data)
        for path, script in copies.wrapped({**files, name: bytes(data)}).items():
            (scripts / path).write_bytes(script)
        assert replayed(page, f"file://{site}/{PAGE}") == wanted(folder)
        (folder / name).write_bytes(files[name])


def test_a_script_changed_anywhere_never_passes(site: Path, page: Any) -> None:
    rng = random.Random("raw scripts")
    script = site / "offline" / DRAW / next((site / "data" / DRAW).iterdir()).name / copies.FIRST
    before = script.read_bytes()
    files = copies.unwrapped({copies.FIRST: before})
    for _ in range(8):
        data = bytearray(before)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(7)
        script.write_bytes(data)
        try:
            same = copies.unwrapped({copies.FIRST: bytes(data)}) == files
        except (ValueError, KeyError, TypeError):
            same = False
        ended = replayed(page, f"file://{site}/{PAGE}")
        assert ended == "passed" if same else ended in ("broken", *(f"failed {n}" for n in range(1, 17)))
