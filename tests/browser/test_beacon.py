"""A draw whose public value is a real drand round: the page checks the signature itself, without help and without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sampler import canon
from sampler.auditor import read_folder
from sampler.disclosure import manifest
from sampler.verify import verify
from tests import beacon_office
from tests.beacon_office import ANSWER, ROUND, SIGNATURE
from tests.browser.conftest import DONE
from tests.cli.office import DRAW

STEP = 8
FILE = f"evidence/drand-quicknet-{ROUND}.json"
WATCH = """() => {
  globalThis.shown = [];
  const bar = document.querySelector("progress");
  new MutationObserver(() => bar.hidden || shown.push(bar.value)).observe(bar, { attributes: true });
}"""
"""Note every value the progress bar shows."""


@pytest.fixture(scope="session")
def beaconed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beacon_office.drawn(source, tmp_path_factory.mktemp("beaconed") / "w")


def replayed(page: Any, address: str) -> dict[str, str]:
    """Press the button and return every step's status."""
    page.goto(address)
    page.evaluate(WATCH)
    page.click("[data-act=verify]")
    page.wait_for_selector(DONE)
    found = page.locator(".checks li").all()
    return {str(li.get_attribute("data-no")): str(li.get_attribute("data-status")) for li in found}


@pytest.mark.parametrize("way", ["stick", "plain http"])
def test_a_real_round_is_checked_in_the_page_step_by_step(
    beaconed: Path, page: Any, serve: Callable[[Path], str], way: str
) -> None:
    site = beaconed / "site"
    home = serve(site) if way == "plain http" else f"file://{site}"
    status = replayed(page, f"{home}/draws/{DRAW}.html")
    assert page.get_attribute("#verify", "data-state") == "passed"
    assert status[str(STEP)] == "ok"
    shown = page.evaluate("[...new Set(shown)]")
    assert [n for n in shown if n] == list(range(1, 17))
    assert not [e for e in page.errors if "404" not in e]


def neighbour() -> str:
    """Return the signature with its point's other root: on the curve, in the subgroup, and no signature."""
    return f"{int(SIGNATURE[0], 16) ^ 2:x}{SIGNATURE[1:]}"


@pytest.mark.parametrize(
    "answer",
    [ANSWER | {"signature": neighbour()}, ANSWER | {"signature": "c0" + "00" * 47}, ANSWER | {"round": ROUND + 1}],
)
def test_a_forged_round_is_caught_at_the_step_of_the_public_value(
    beaconed: Path, page: Any, tmp_path: Path, serve: Callable[[Path], str], answer: dict[str, Any]
) -> None:
    site = Path(shutil.copytree(beaconed / "site", tmp_path / "site"))
    folder = next((site / "data" / DRAW).iterdir())
    (folder / FILE).write_text(json.dumps(answer))
    files = read_folder(folder)
    old = canon.decode(files["manifest.json"])
    (folder / "manifest.json").write_bytes(manifest(files, DRAW, old["level"], old["stage"]))
    files = read_folder(folder)
    assert verify(files.__getitem__, sorted(files)).first_failed == STEP
    assert replayed(page, f"{serve(site)}/draws/{DRAW}.html")[str(STEP)] == "fail"
    assert page.get_attribute("#verify", "data-state") == f"failed {STEP}"
