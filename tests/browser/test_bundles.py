"""An auditor's bundle in a page, chosen or dropped, from a stick and over plain http; a folder that is none is refused in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import DONE
from tests.cli.office import DRAW

Serve = Callable[[Path], str]
WAYS = ("stick", "plain http")
HIDDEN = set("<\u202e")
"""What makes a browser leave a file out of a dropped folder, but not out of a chosen one."""


def opened(page: Any, serve: Serve, site: Path, way: str, prefix: str = "") -> None:
    """Open the page for auditors; only a stick is what browsers call secure."""
    page.goto(f"{serve(site) if way == 'plain http' else f'file://{site}'}/{prefix}verify.html")
    assert page.evaluate("window.isSecureContext") is (way == "stick")


def ended(page: Any) -> str:
    """Wait for the replay's end and return how it ended."""
    page.wait_for_selector(DONE)
    return str(page.get_attribute("#verify", "data-state"))


def all_steps_ran(page: Any) -> None:
    assert ended(page) == "passed"
    statuses = [li.get_attribute("data-status") for li in page.locator(".checks li").all()]
    assert len(statuses) == 16
    assert statuses[:13] == ["ok"] * 13
    assert not [e for e in page.errors if "404" not in e]  # a browser asks servers for an icon


def drop(page: Any, *paths: Path) -> None:
    """Drop from outside, as the desktop does."""
    box = page.locator("[data-act=drop]").bounding_box()
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(p) for p in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"x": box["x"] + 20, "y": box["y"] + 20}
        devtools.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})


@pytest.mark.parametrize("prefix", ["", "en/"])
@pytest.mark.parametrize("way", WAYS)
def test_an_auditor_drops_a_whole_bundle(
    offices: dict[str, Path], page: Any, serve: Serve, way: str, prefix: str
) -> None:
    opened(page, serve, offices["standard"] / "site", way, prefix)
    drop(page, offices["standard"] / "bundles" / DRAW)
    all_steps_ran(page)


@pytest.mark.parametrize("way", WAYS)
def test_an_auditor_chooses_a_whole_bundle_with_the_keyboard_alone(
    offices: dict[str, Path], page: Any, serve: Serve, way: str
) -> None:
    opened(page, serve, offices["standard"] / "site", way)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "folder":
            break
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Enter")
    asked.value.set_files(str(offices["standard"] / "bundles" / DRAW))
    all_steps_ran(page)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_dropped_beside_a_running_replay_waits_for_nobody(
    offices: dict[str, Path], page: Any, serve: Serve, way: str
) -> None:
    opened(page, serve, offices["standard"] / "site", way)
    for _ in range(2):
        drop(page, offices["standard"] / "bundles" / DRAW)
    all_steps_ran(page)


@pytest.mark.parametrize("way", WAYS)
def test_a_tampered_bundle_fails_where_it_is_dropped(
    offices: dict[str, Path], page: Any, serve: Serve, tmp_path: Path, way: str
) -> None:
    folder = Path(shutil.copytree(offices["standard"] / "bundles" / DRAW, tmp_path / "b"))
    with (folder / "frame.tsv").open("ab") as f:
        f.write(b"x")
    opened(page, serve, offices["standard"] / "site", way)
    drop(page, folder)
    assert ended(page) == "failed 1"
    assert "frame.tsv" in page.inner_text(".checks li.fail")


def strange(bundle: Path, folder: Path, kind: str) -> None:
    """Make a folder that is no bundle, or more than one."""
    if kind == "empty":
        (folder / "nothing").mkdir(parents=True)
        return
    shutil.copytree(bundle, folder)
    if kind == "nested":
        (folder / "/".join("abcdefghij")).mkdir(parents=True)
        (folder / "/".join("abcdefghij") / "x").write_bytes(b"x")
    elif kind == "many":
        for n in range(5001):
            (folder / f"{n}.txt").write_bytes(b"")
    elif kind == "manifest":
        (folder / "manifest.json").write_bytes(b"[" * 100_000)
    else:
        (folder / kind).write_bytes(b"window.ran=1")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kind", "ends"),
    [("empty", "broken"), ("nested", "broken"), ("many", "broken"), ("manifest", "failed 1"), ("__proto__", "failed 1"),
     ("constructor", "failed 1"), ("<img src=x onerror=window.ran=1>", "failed 1"), ("\u202egnp.exe", "failed 1")],
)  # fmt: skip
def test_a_hostile_folder_is_refused_in_words(
    offices: dict[str, Path], page: Any, serve: Serve, tmp_path: Path, kind: str, ends: str, way: str
) -> None:
    folder = tmp_path / "b"
    strange(offices["standard"] / "bundles" / DRAW, folder, kind)
    opened(page, serve, offices["standard"] / "site", way)
    if HIDDEN & set(kind):
        page.set_input_files("[data-act=folder]", str(folder))
    else:
        drop(page, folder)
    assert ended(page) == ends
    assert page.evaluate("window.ran") is None
    assert "undefined" not in page.inner_text("#verify")
    assert not [e for e in page.errors if "404" not in e]


@pytest.mark.parametrize("way", WAYS)
def test_a_single_file_is_no_bundle(offices: dict[str, Path], page: Any, serve: Serve, way: str) -> None:
    opened(page, serve, offices["standard"] / "site", way)
    drop(page, offices["standard"] / "bundles" / DRAW / "manifest.json")
    assert ended(page) == "broken"
    assert "文件夹" in page.inner_text("[data-out=status]")
