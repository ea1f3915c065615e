"""make bench PART=pages: the public pages in real Chromium, and publishing a site of many draws."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright import sync_api as playwright

from tests import beacon_office
from tests.bench import Report
from tests.browser.conftest import DONE, FLAGS, serving
from tests.cli.office import DRAW, ok
from tests.pages_world import multiplied, scored
from tests.support import ROOT

TIMES = (1, 11)
"""How many times over the example's 47,554 objects."""
LONG = """
globalThis.longest = 0;
new PerformanceObserver((l) => { for (const e of l.getEntries()) globalThis.longest = Math.max(globalThis.longest, e.duration); })
  .observe({ entryTypes: ["longtask"] });
globalThis.gap = 0;
let last = performance.now();
setInterval(() => { const now = performance.now(); globalThis.gap = Math.max(globalThis.gap, now - last); last = now; }, 10);
"""
STEPS = """
globalThis.at = [];
new MutationObserver((l) => { for (const r of l) for (const n of r.addedNodes) if (n.dataset?.no) at.push(performance.now()); })
  .observe(document, { childList: true, subtree: true });
"""
"""Note when each step's line appears."""
Row = tuple[str, str, str, str, str]


def resident(browser: Any, field: str) -> float:
    """Return the GB of the largest page process: now (`VmRSS`) or at its most (`VmHWM`)."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = []
    for one in found:
        path = Path(f"/proc/{one['id']}/status")
        if one["type"] == "renderer" and path.exists():
            sizes += [int(n) for n in re.findall(rf"{field}:\s+(\d+) kB", path.read_text())]
    return max(sizes, default=0) / 2**20


def replayed(browser: Any, address: str, press: Callable[[Any], None]) -> tuple[float, float, float]:
    """Return seconds, the longest pause of the page in ms, and the peak memory of its process in GB."""
    context = browser.new_context()
    context.add_init_script(LONG)
    page = context.new_page()
    page.set_default_timeout(600_000)
    page.goto(address)
    page.evaluate("globalThis.gap = 0")
    begun = time.perf_counter()
    press(page)
    page.wait_for_selector(DONE)
    seconds = time.perf_counter() - begun
    state, pause = (
        page.get_attribute("#verify", "data-state"),
        page.evaluate("Math.max(globalThis.longest, globalThis.gap)"),
    )
    if state != "passed":
        raise SystemExit(f"{address}: {state} {page.inner_text('[data-out=status]')}")
    peak = resident(browser, "VmHWM")
    context.close()
    return seconds, pause, peak


def large(root: Path) -> list[Row]:
    """Replay one draw the three ways a reader can: from a server, from a stick, and from a dropped folder."""
    site, frame = root / "site", root / "draws" / DRAW / "frame.tsv"
    count = frame.read_bytes().count(b"\n") - 1
    objects = f"{count:,}"
    button = lambda page: page.click("[data-act=verify]")  # noqa: E731  # two ways to press
    folder = lambda page: page.set_input_files("[data-act=folder]", str(root / "bundles" / DRAW))  # noqa: E731
    out = []
    with serving(site) as home:
        ways = (
            ("plain http", f"{home}/draws/{DRAW}.html", button),
            ("file://", f"file://{site}/draws/{DRAW}.html", button),
            ("an auditor's bundle, chosen", f"file://{site}/verify.html", folder),
        )
        for name, address, press in ways:
            with playwright.sync_playwright() as p:
                browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                seconds, pause, peak = replayed(browser, address, press)
                browser.close()
            out.append((objects, name, f"{seconds:.1f} s", f"{pause:.0f} ms", f"{peak:.2f} GB"))
    return out


def beaconed(root: Path) -> tuple[float, float]:
    """Return how long a page takes for the step of a real drand round, and for a whole replay with it."""
    office = beacon_office.drawn(scored(root / "source", ROOT / "data" / "example" / "small"), root / "w")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        page.add_init_script(STEPS)
        page.goto(f"file://{office}/site/draws/{DRAW}.html")
        begun = time.perf_counter()
        page.click("[data-act=verify]")
        page.wait_for_selector(DONE)
        seconds = time.perf_counter() - begun
        if page.get_attribute("#verify", "data-state") != "passed":
            raise SystemExit(page.inner_text("[data-out=status]"))
        step = page.evaluate("at[7] - at[6]") / 1000
        browser.close()
    return step, seconds


def main() -> None:
    """Measure and write the document."""
    report = Report("pages", "Public pages", packages=("playwright",))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        for times in TIMES:
            root = multiplied(Path(scratch) / f"x{times}", times)
            ok(root, "publish", "--site", root / "site")
            rows += large(root)
            shutil.rmtree(root)
        (Path(scratch) / "beacon").mkdir()
        step, whole = beaconed(Path(scratch) / "beacon")
        with playwright.sync_playwright() as p:
            version = p.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS).version
    report.text(
        f"Chromium {version}, one run each; every replay passed. The example's registry once and eleven times over at level `open`, 1,136 objects "
        "drawn. A pause is the longest time in which the page did not answer; memory is the most the page's process "
        f"held, its worker included. The machine's load average was {os.getloadavg()[0]:.1f} at the end: above 1 or so, times tell of the neighbours."
    )
    report.text("## A draw replayed in the reader's browser")
    report.table(("objects in the frame", "files from", "time", "longest pause", "memory"), rows)
    report.text("Wanted: 50,000 objects in 10 s; 500,000 without freezing.")
    report.text("## A public value of drand")
    report.text(
        f"A draw whose public value is a real round of drand quicknet, twenty objects, from file://: step 8, in which the page itself "
        f"checks the BLS12-381 signature, took {step:.2f} s of the {whole:.1f} s from the button to the end."
    )
    report.write()


if __name__ == "__main__":
    main()
