"""The pages in real Chromium: they prove themselves, catch every tampering, run no foreign script, and can be used by all."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sampler import canon, records
from sampler.auditor import read_folder
from sampler.disclosure import manifest
from sampler.io.session import open_session
from sampler.io.site import office as office_side
from sampler.io.site import source as source_of
from sampler.plan import LEVELS
from sampler.publish.site import POLICY, front, part
from sampler.verify import verify
from tests.browser.conftest import DONE, HEADERS
from tests.cli.office import DRAW, ok
from tests.support import ROOT

KINDS = (
    "index.html", "items.html", "plans.html", "tasks.html", "results.html", "log.html", "proved.html", "verify.html",
    f"draws/{DRAW}.html",
)  # fmt: skip
"""Every page that has an English twin."""
CHINESE = r"""[...document.querySelectorAll("h1, h2, h3, th, dt, figcaption, button, label, p, .bars .name, [data-label]")]
  .filter((one) => !one.closest("bdi, .agency, .lang, .filter") && !one.querySelector("bdi"))
  .map((one) => (one.dataset.label ?? "") + [...one.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(""))
  .find((text) => /[\u4e00-\u9fff]/.test(text)) ?? "" """
"""A Chinese word of our own on an English page; names and codes of the office are data."""
SEVERAL = re.compile(r"\b1 (?:objects|draws|batches|files|entries|rows|officers|visits|amendments|reserves|results)\b")
"""One of a thing that the page names as several."""
PAGE = f"draws/{DRAW}.html"
AXE = Path(os.environ.get("SAMPLER_AXE", str(ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js")))
HOSTILE = (
    "<script>window.ran=1</script>",
    '"><img src=x onerror="window.ran=1">',
    "<svg/onload=window.ran=1>",
    "</title><script>window.ran=1</script>",
    "javascript:window.ran=1",
    "{{ 7*7 }}{% raw %}${7*7}",
    "=cmd|' /C calc'!A0",
    "海洋\u202e司公限有\u202c食品",
    "一\u2028二\u2029三",
    "长" * 10_000,
    "' onmouseover='window.ran=1",
)


def state(page: Any) -> str:
    """Press the button and return how the replay ended."""
    page.click("[data-act=verify]")
    page.wait_for_selector(DONE)
    return str(page.get_attribute("#verify", "data-state"))


@pytest.mark.parametrize("level", LEVELS)
def test_an_untouched_site_verifies_from_a_stick(offices: dict[str, Path], page: Any, level: str) -> None:
    page.goto(f"file://{offices[level]}/site/{PAGE}")
    assert state(page) == "passed"
    assert page.locator(".checks li").count() == 16
    assert not page.errors


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_an_untouched_site_verifies_over_plain_http_without_asking_anybody_else(
    offices: dict[str, Path], page: Any, serve: Callable[[Path], str], prefix: str
) -> None:
    home = serve(offices["open"] / "site")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"{home}/{prefix}{PAGE}")
    assert page.evaluate("window.isSecureContext") is False
    assert state(page) == "passed"
    statuses = [li.get_attribute("data-status") for li in page.locator(".checks li").all()]
    assert statuses[:12] == ["ok"] * 12
    assert all(url.startswith((home, "blob:")) for url in asked)
    assert not [e for e in page.errors if "favicon" not in e and "404" not in e]


def copies(site: Path) -> Path:
    return next((site / "data" / DRAW).iterdir())


def tampered(folder: Path, rng: random.Random, *, covered: bool) -> str:
    """Change one byte of one file; a careful forger writes the manifest anew."""
    files = read_folder(folder)
    path = rng.choice(sorted(files.keys() - {"manifest.json", "log/entries"}))
    data = bytearray(files[path])
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(7)
    files[path] = bytes(data)
    if covered:
        old = canon.decode(files["manifest.json"])
        files["manifest.json"] = manifest(files, DRAW, old["level"], old["stage"])
    for name in (path, "manifest.json"):
        (folder / name).write_bytes(files[name])
    return path


def caught(site: Path, page: Any, home: str, rng: random.Random, *, covered: bool) -> None:
    """Tamper, and hold what the page shows to what `sampler verify` says."""
    folder = copies(site)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    path = tampered(folder, rng, covered=covered)
    files = read_folder(folder)
    want = verify(files.__getitem__, sorted(files)).first_failed
    assert want is not None, path
    page.goto(f"{home}/{PAGE}")
    assert state(page) == f"failed {want}", path
    shown = page.locator(".checks li.fail").first
    assert shown.get_attribute("data-no") == str(want)
    for old, data in before.items():
        old.write_bytes(data)


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.torture)])
@pytest.mark.parametrize("level", ["open", "standard"])
def test_random_tamperings_are_caught_at_their_step(
    offices: dict[str, Path], page: Any, serve: Callable[[Path], str], tmp_path: Path, level: str, count: int
) -> None:
    site = tmp_path / "site"
    shutil.copytree(offices[level] / "site", site)
    home = serve(site)
    rng = random.Random(f"tamperings {level} {count}")
    for n in range(count // 2):
        caught(site, page, home, rng, covered=level == "open" and n % 2 == 0)


def test_hostile_names_run_nothing_and_stay_readable(offices: dict[str, Path], page: Any, tmp_path: Path) -> None:
    session = open_session(offices["open"])
    source = source_of(session, DRAW)
    drawn = [c["object_id"] for c in canon.decode(source.files["draw.json"])["drawn"]]
    officers = tuple(
        sorted(m["inspector_id"] for m in canon.decode(source.files["assignment.json"])["teams"][0]["members"])
    )
    rows = tuple(
        records.Result(object_id=i, state="visited", date="2026-12-08", result=1, officers=officers)
        for i in sorted(drawn)
    )
    batch = records.Results(draw_id=DRAW, batch=1, previous="0" * 64, rows=rows)
    plan = canon.decode(source.files["plan.json"])
    plan["title"] = "".join(HOSTILE[:4])
    files = {**source.files, "results/0001.json": batch.encode(), "plan.json": canon.encode(plan)}
    names = {i: HOSTILE[n % len(HOSTILE)] for n, i in enumerate(drawn)}
    labels = {k: HOSTILE[n % len(HOSTILE)] for n, k in enumerate(source.labels)}
    hostile = replace(source, files=files, names=names, labels=labels, natural=frozenset())
    made = part(office_side(session), hostile)
    site = {**made.files, **front(office_side(session), [made.card])}
    for path, data in site.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    for path in sorted(p for p in site if p.endswith(".html")):
        page.goto(f"file://{tmp_path}/{path}")
        assert page.evaluate("window.ran") is None, path
        assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
    assert not page.errors
    page.goto(f"file://{tmp_path}/results.html")
    assert "<script>window.ran=1</script>" in page.inner_text("#results")
    assert "⟨U+202E⟩" in page.inner_text("#results")


def test_a_drawn_firm_finds_itself(offices: dict[str, Path], page: Any) -> None:
    draw = canon.decode((offices["open"] / "bundles" / DRAW / "draw.json").read_bytes())
    page.goto(f"file://{offices['open']}/site/{PAGE}")
    page.fill("[name=code]", draw["drawn"][0]["object_id"].lower())
    page.click("form button")
    page.wait_for_selector("[data-out=firm] p")
    said = page.inner_text("[data-out=firm]")
    assert "被抽中" in said
    assert "概率" in said
    page.fill("[name=code]", "91370200163562681G")
    page.click("form button")
    page.wait_for_selector("[data-out=firm] p:has-text('没有被抽中')")


def test_a_firm_checks_its_own_file(offices: dict[str, Path], page: Any, tmp_path: Path) -> None:
    root = offices["standard"]
    rows = (root / "draws" / DRAW / "frame.tsv").read_text().splitlines()[1:]
    who = rows[0].split("\t")[0]
    path = Path(ok(root, "open", DRAW, "--object", who, "--out", tmp_path)["file"])
    path = path if path.is_absolute() else root / path
    page.goto(f"file://{root}/site/verify.html")
    page.set_input_files("[data-act=opening]", str(path))
    page.wait_for_selector("[data-out=firm] p:has-text('核验通过')")
    assert "概率" in page.inner_text("[data-out=firm]")
    forged = tmp_path / "forged.json"
    other = rows[1].split("\t")[0]
    forged.write_bytes(path.read_bytes().replace(who.encode(), other.encode()))
    page.set_input_files("[data-act=opening]", str(forged))
    page.wait_for_selector("[data-out=firm].wrong")


def test_before_the_opening_there_is_nothing_to_look_up(offices: dict[str, Path], page: Any) -> None:
    page.goto(f"file://{offices['after-inspection']}/site/{PAGE}")
    assert page.locator("[name=code]").count() == 0


def test_the_guides_server_sends_the_strict_policy() -> None:
    sent = dict(HEADERS)
    assert sent["Content-Security-Policy"].startswith(POLICY)
    assert "X-Content-Type-Options" in sent


@pytest.mark.parametrize("language", ["", "en/"])
def test_a_voided_draw_verifies_too(offices: dict[str, Path], page: Any, tmp_path: Path, language: str) -> None:
    root = tmp_path / "w"
    shutil.copytree(offices["standard"], root)
    ok(root, "void", DRAW, "--cause", "名录有误")
    ok(root, "publish", "--site", root / "site")
    page.goto(f"file://{root}/site/{language}{PAGE}")
    assert state(page) == "passed"
    assert page.locator(".alarm", has_text="名录有误").count() == 1


def test_tables_sort_and_filter_by_keyboard(offices: dict[str, Path], page: Any) -> None:
    page.goto(f"file://{offices['open']}/site/items.html")
    first = page.locator("#items tbody tr").first.inner_text()
    page.focus("#items thead th:first-child button")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("#items tbody tr").first.inner_text() != first
    assert page.get_attribute("#items thead th:first-child", "aria-sort") == "descending"
    page.fill("[data-filter=items]", "广告")
    assert page.locator("#items tbody tr:visible").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(offices: dict[str, Path], chromium: Any, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip(reason="axe-core is not installed (npm install axe-core in build/axe): accessibility is not judged")
    site = offices["open"] / "site"
    task = next((site / "t").iterdir()).name
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    for path in (*KINDS, *(f"en/{k}" for k in KINDS), f"t/{task}"):
        page.goto(f"file://{site}/{path}")
        if path.endswith(PAGE):
            assert state(page) == "passed"
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => `${v.impact} ${v.id} ${v.nodes[0].html}`))")
        assert not [f for f in found if f.startswith(("serious", "critical"))], path
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_leave_a_picture(offices: dict[str, Path], chromium: Any, width: int, scheme: str) -> None:
    site, shots = offices["open"] / "site", ROOT / "build" / "shots"
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in (*KINDS, *(f"en/{k}" for k in KINDS), f"t/{next((site / 't').iterdir()).name}"):
        page.goto(f"file://{site}/{path}")
        if path.endswith(PAGE):
            assert state(page) == "passed"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if path.startswith("en/"):
            assert not page.evaluate(CHINESE), path
            assert not SEVERAL.search(page.inner_text("body")), path
        name = "task" if path.startswith("t/") else path.removesuffix(".html").replace("/", "-")
        page.screenshot(path=str(shots / f"{name}-{width}-{scheme}.png"), full_page=True)
    context.close()


def test_a_long_table_has_its_headings_on_every_printed_page(
    offices: dict[str, Path], page: Any, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip(reason="pdftotext is not installed: printed pages are not read")
    page.goto(f"file://{offices['open']}/site/results.html")
    page.evaluate("(t => { for (let n = 0; n < 5; n += 1) t.append(...[...t.rows].map((r) => r.cloneNode(true))) })"
                  "(document.querySelector('#results tbody'))")  # fmt: skip
    (tmp_path / "p.pdf").write_bytes(page.pdf(prefer_css_page_size=True))
    told = subprocess.run(["pdftotext", "-layout", tmp_path / "p.pdf", "-"], capture_output=True, check=True, text=True)
    pages = [p for p in told.stdout.split("\f") if DRAW in p]
    assert len(pages) > 5
    assert not [p[:200] for p in pages if "抽查任务编号" not in p]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_print_on_a4_in_ink_on_white(offices: dict[str, Path], chromium: Any, scheme: str) -> None:
    site = offices["open"] / "site"
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    for path in (*KINDS, f"t/{next((site / 't').iterdir()).name}"):
        page.goto(f"file://{site}/{path}")
        if path == PAGE:
            assert state(page) == "passed"
        printed = page.pdf(prefer_css_page_size=True)
        assert set(re.findall(rb"/MediaBox \[0 0 ([\d.]+ [\d.]+)\]", printed)) <= {
            b"594.95996 841.91998",
            b"595 842",
        }, path
        page.emulate_media(media="print", color_scheme=scheme)
        ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
        assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)"), path
        shown = page.evaluate(
            "[...document.querySelectorAll('nav, form, .lang, .go')].some((e) => e.checkVisibility())"
        )
        assert not shown, path
        if path == PAGE:
            assert page.locator("#verify h3", has_text="没有证明的").is_visible()
            assert page.locator(".checks li").first.is_visible()
        page.emulate_media(media="screen", color_scheme=scheme)
    context.close()
