"""Real Chromium, a site of each level, and a web server that is no secure context."""

from __future__ import annotations

import contextlib
import http.server
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli import office as o
from tests.cli.office import DRAW, ok
from tests.cli.test_results import fill
from tests.pages_world import scored
from tests.support import ROOT

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP site.test 127.0.0.1",
]  # fmt: skip
DONE = "#verify[data-state]:not([data-state=running])"
"""The box of a replay that has ended."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a running Chromium with a fresh profile, or skip saying why."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip(reason="chromium is not installed: the pages are not opened in a real browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser is driven")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """Return a page in a context of its own; `errors` collects what the page complained of."""
    context = chromium.new_context()
    tab = context.new_page()
    tab.set_default_timeout(60_000)
    errors: list[str] = []

    def refuse(dialog: Any) -> None:
        errors.append("dialog")
        dialog.dismiss()

    tab.on("pageerror", lambda e: errors.append(str(e)))
    tab.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    tab.on("dialog", refuse)
    tab.errors = errors
    yield tab
    context.close()


GUIDE = (ROOT / "docs" / "guide" / "public.md").read_text(encoding="utf-8")
HEADERS = re.findall(r'^  add_header ([\w-]+) "?([^;"]*(?:;[^;"]*)*)"?;$', GUIDE, re.MULTILINE)
"""What the guide tells nginx to send with every page: its strict policy first of all."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Send what the guide's server sends."""
        for name, value in HEADERS:
            self.send_header(name, value)
        super().end_headers()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder over plain http under a name that is not local."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://site.test:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a folder for the length of a test."""
    with contextlib.ExitStack() as stack:
        yield lambda folder: stack.enter_context(serving(folder))


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the input of the small example, its scores made."""
    return scored(tmp_path_factory.mktemp("source") / "w", ROOT / "data" / "example" / "small")


@pytest.fixture(scope="session")
def offices(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a drawn office of twenty objects for each level, its site in `site`; the open one has results."""
    base = tmp_path_factory.mktemp("offices")
    out = {}
    for level in ("open", "standard", "after-inspection"):
        swap = ('disclosure = "standard"', f'disclosure = "{level}"')
        (base / level).mkdir()
        root = o.office(source, base / level / "w", level=swap)
        o.sealed(root)
        o.revealed(root, kept=level == "after-inspection")
        o.valued(root)
        ok(root, "draw", DRAW)
        if level == "open":
            ok(root, "lists", DRAW)
            ok(root, "results", DRAW, fill(root).relative_to(root))
        ok(root, "publish", "--target", "98.5%")
        out[level] = root
    return out
