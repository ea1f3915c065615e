"""The public site as files: complete, consistent, no more told than the level allows, the same again for the same input."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from sampler import canon, disclosure, trust
from sampler.io import agenda, bundle
from sampler.io.session import open_session
from sampler.io.site import source
from sampler.plan import LEVELS
from sampler.publish import copies, scripts, sitecheck, twins, words
from sampler.publish.english import ENGLISH, ONE
from sampler.publish.site import assets
from sampler.wording import CLASSES, MEASURES, QUALIFICATIONS, REASONS, RESULT_STATES, RESULTS, TYPES
from tests.cli import office as o
from tests.cli.office import DRAW, ok, refused, say
from tests.cli.test_results import fill
from tests.javascript import node_or_skip
from tests.support import ROOT


class Stage(NamedTuple):
    """An office and its site at one moment."""

    root: Path
    site: dict[str, bytes]


def published(root: Path) -> dict[str, bytes]:
    ok(root, "publish")
    assert ok(root, "publish", "--check")["problems"] == 0
    site = root / "site"
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def stages(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """Return the site of every level at every stage."""
    out: dict[str, Stage] = {}
    for level in LEVELS:
        swap = ('disclosure = "standard"', f'disclosure = "{level}"')
        root = o.office(demo / "input", tmp_path_factory.mktemp(level) / "w", level=swap)
        o.sealed(root)
        out[f"{level} sealed"] = Stage(root, published(root))
        o.revealed(root, kept=level == "after-inspection")
        o.valued(root)
        ok(root, "draw", DRAW)
        out[f"{level} drawn"] = Stage(root, published(root))
        if level != "open":
            o.clock(root, o.AFTER_VISITS)
            ok(root, "open", DRAW)
            out[f"{level} opened"] = Stage(root, published(root))
    return out


MOMENTS = [
    f"{level} {stage}" for level in LEVELS for stage in disclosure.STAGES if (level, stage) != ("open", "opened")
]


def drawn_ids(root: Path) -> list[str]:
    full = bundle.assemble(open_session(root), DRAW)
    return [c["object_id"] for c in canon.decode(full["draw.json"])["drawn"]]


def folder(site: dict[str, bytes]) -> str:
    """Return the folder of the newest copy: a site keeps what it published at an earlier stage."""
    copies = [p for p in site if p.startswith("data/") and p.endswith("/manifest.json")]
    newest = max(copies, key=lambda p: disclosure.STAGES.index(json.loads(site[p])["stage"]))
    return newest.removesuffix("/manifest.json")


@pytest.mark.parametrize("moment", MOMENTS)
def test_node_replays_what_the_site_publishes(stages: dict[str, Stage], tmp_path: Path, moment: str) -> None:
    site = stages[moment].site
    base = folder(site)
    for path, data in site.items():
        if path.startswith((f"{base}/", "log/")):
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    program = ROOT / "sampler" / "publish" / "js" / "cli.mjs"
    said = subprocess.run(
        [node_or_skip(), str(program), "verify", str(tmp_path / base), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    data = json.loads(said.stdout)["data"]
    assert data["first_failed"] is None, data
    passed = [s["no"] for s in data["steps"] if s["status"] == "ok"]
    assert passed[:6] == [1, 2, 3, 4, 5, 6]
    if moment == "open drawn":
        assert passed == list(range(1, 13))


def test_after_inspection_tells_nobody_who_will_be_visited(stages: dict[str, Stage]) -> None:
    root, site = stages["after-inspection drawn"]
    full = bundle.assemble(open_session(root), DRAW)
    frame = [line.split("\t")[0] for line in full["frame.tsv"].decode().splitlines()[1:]]
    everything = b"\n".join(site.values())
    for object_id in {*frame, *drawn_ids(root)}:
        assert object_id.encode() not in everything
    assert canon.decode(full["seed.json"])["seed"].encode() not in everything
    pages = [p for p in site if p.startswith("t/")]
    assert len(pages) == len(drawn_ids(root))
    others = b"\n".join(d for p, d in site.items() if not p.startswith("t/"))
    assert not [p for p in pages if p[2:-5].encode() in others]


def test_once_opened_the_list_is_there(stages: dict[str, Stage]) -> None:
    root, site = stages["after-inspection opened"]
    page = site[f"draws/{DRAW}.html"].decode()
    assert all(i in page for i in drawn_ids(root))


@pytest.mark.parametrize("moment", [m for m in MOMENTS if "drawn" in m])
def test_a_task_page_names_certificates_and_no_person(stages: dict[str, Stage], moment: str) -> None:
    root, site = stages[moment]
    full = bundle.assemble(open_session(root), DRAW)
    teams = canon.decode(full["assignment.json"])["teams"]
    shown = sorted(
        ",".join(re.findall(r'class="number">([^<]+)<', d.decode())) for p, d in site.items() if p.startswith("t/")
    )
    assert shown == sorted(",".join(m["inspector_id"] for m in t["members"]) for t in teams)
    names = (root / "private/names" / f"{DRAW}-roster.tsv").read_text().splitlines()[1:]
    page = b"\n".join(d for p, d in site.items() if p.startswith("t/")).decode()
    assert not [n for n in names if n.split("\t")[1] in page]


def test_the_code_on_the_task_sheet_leads_to_its_page(stages: dict[str, Stage], tmp_path: Path) -> None:
    root, site = stages["standard drawn"]
    ok(root, "lists", DRAW, "--site", "https://example.org/inspect", "--out", tmp_path)
    assert (tmp_path / "任务单.docx").is_file()
    tokens = set(source(open_session(root), DRAW).tokens.values())
    assert {p[2:-5] for p in site if p.startswith("t/")} <= tokens


def test_publishing_twice_writes_nothing(stages: dict[str, Stage]) -> None:
    assert ok(stages["open drawn"].root, "publish")["written"] == 0


def test_old_data_stays_for_readers_whose_page_is_open_and_old_pages_go(demo: Path, tmp_path: Path) -> None:
    root = o.office(demo / "input", tmp_path / "w")
    o.sealed(root)
    first = folder(published(root))
    o.revealed(root)
    second = {p.rsplit("/", 1)[0] for p in published(root) if p.endswith("/manifest.json")}
    assert first in second
    ok(root, "publish")
    assert first not in {p.rsplit("/", 1)[0] for p in published(root) if p.endswith("/manifest.json")}


def test_results_are_published_with_the_exact_headings_and_noted_for_the_deadlines(demo: Path, tmp_path: Path) -> None:
    swap = ('disclosure = "standard"', 'disclosure = "open"')
    root = o.office(demo / "input", tmp_path / "w", level=swap)
    o.sealed(root)
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    ok(root, "lists", DRAW)
    waiting = len(drawn_ids(root))
    ok(root, "results", DRAW, fill(root).relative_to(root))
    assert {d["what"] for d in say(root, "due").data["due"]} == {"publish"}
    site = published(root)
    assert say(root, "due").data["due"] == []
    page = site["results.html"].decode()
    table = page[page.index('id="results"') :]
    assert tuple(re.findall(r"<th scope=\"col\"[^>]*>([^<]+)</th>", table)) == twins.RESULT
    assert page.count('<td class="result" data-label="结果">未发现问题</td>') == waiting
    rows = json.loads(site["api/results/2026-12.json"])
    assert len(rows) == waiting
    assert {
        "raninsPlanId",
        "raninsPlaneName",
        "raninsTaskId",
        "raninsTaskName",
        "raninsTypeName",
        "insAuth",
        "insDate",
    } <= rows[0].keys()
    names = dict(
        line.split("\t")[:2] for line in (root / f"private/names/{DRAW}-objects.tsv").read_text().splitlines()[1:]
    )
    natural = [i for i in drawn_ids(root) if i.startswith("92")]
    assert not [i for i in natural if names[i] in page]


@pytest.mark.parametrize("reached", ["sealed", "valued", "drawn"])
def test_a_voided_draw_says_so_and_why(demo: Path, tmp_path: Path, reached: str) -> None:
    root = o.office(demo / "input", tmp_path / "w")
    o.sealed(root)
    if reached != "sealed":
        o.revealed(root)
        o.valued(root)
    if reached == "drawn":
        ok(root, "draw", DRAW)
    ok(root, "void", DRAW, "--cause", "名录<有误>")
    site = published(root)
    page = site[f"draws/{DRAW}.html"].decode()
    assert "名录&lt;有误&gt;" in page
    assert 'data-act="verify"' in page
    assert not [p for p in site if p.startswith("t/")]
    assert json.loads(site["api/index.json"])["draws"][0]["state"] == "void"


BREAKS: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    ("SITE_LINK", "index.html", lambda d: d.replace(b'href="items.html"', b'href="gone.html"')),
    ("SITE_OUTSIDE", "index.html", lambda d: d.replace(b'href="items.html"', b'href="https://example.org/"')),
    (
        "SITE_POLICY",
        "plans.html",
        lambda d: d.replace(b"script-src &#39;self&#39;", b"script-src &#39;unsafe-inline&#39;"),
    ),
    ("SITE_INLINE", "plans.html", lambda d: d.replace(b"<main", b"<script>1</script><main")),
    ("SITE_INLINE", "plans.html", lambda d: d.replace(b"<main", b'<p onclick="x()"></p><main')),
    ("SITE_SIZE", "index.html", lambda d: d.replace(b"<main", b"<!--" + b" " * 100_000 + b"--><main")),
]


@pytest.mark.parametrize(("code", "path", "spoil"), BREAKS, ids=[f"{c} {n}" for n, (c, _, _) in enumerate(BREAKS)])
def test_check_finds_what_is_spoilt(
    stages: dict[str, Stage], code: str, path: str, spoil: Callable[[bytes], bytes]
) -> None:
    site = stages["standard drawn"].site
    assert spoil(site[path]) != site[path]
    found = sitecheck.check({**site, path: spoil(site[path])}, {}, site["log/entries"])
    assert code in {p.code for p in found}


def test_check_finds_a_leak_in_a_page_and_in_a_copy(stages: dict[str, Stage]) -> None:
    root, site = stages["after-inspection drawn"]
    victim = drawn_ids(root)[0]
    page = {**site, "index.html": site["index.html"].replace(b"<h1>", f"<h1>{victim}".encode())}
    assert {p.code for p in sitecheck.check(page, {victim: "抽中的对象"}, site["log/entries"])} == {"SITE_LEAK"}
    copy = {**site, f"{folder(site)}/seed.json": b"{}"}
    assert "SITE_LEAK" in {p.code for p in sitecheck.check(copy, {}, site["log/entries"])}


def test_an_officers_name_is_a_leak_and_a_firm_of_that_name_is_none(stages: dict[str, Stage]) -> None:
    site = stages["standard drawn"].site
    for text, codes in (("王某", {"SITE_LEAK"}), ("王某餐饮有限公司", set())):
        page = {**site, "log.html": site["log.html"].replace(b"<h1>", f"<h1>{text}</h1><h1>".encode())}
        assert {p.code for p in sitecheck.check(page, {"王某": "姓名"}, site["log/entries"])} == codes


@pytest.mark.parametrize("path", ["commitment.json", "log/checkpoint", "offline"])
def test_check_finds_a_changed_copy(stages: dict[str, Stage], path: str) -> None:
    site = stages["standard drawn"].site
    name = f"{folder(site)}/{path}" if path != "offline" else f"{folder(site)}/data.js".replace("data/", "offline/", 1)
    changed = {**site, name: site[name].replace(b"1", b"2", 1)}
    assert "SITE_COPY" in {p.code for p in sitecheck.check(changed, {}, site["log/entries"])}


def test_check_finds_a_log_that_is_not_the_one_of_the_copies(stages: dict[str, Stage]) -> None:
    site = stages["standard drawn"].site
    assert not sitecheck.check(site, {}, site["log/entries"])
    for log in (site["log/entries"][:-1], site["log/entries"].replace(b"1", b"2", 1), b""):
        assert {p.code for p in sitecheck.check(site, {}, log)} == {"SITE_COPY"}


@pytest.mark.parametrize("most", [1, 3, 7, 100, 10_000])
def test_a_copy_in_pieces_is_the_copy(most: int) -> None:
    files = {"a": bytes(range(200)), "empty": b"", "log/b": b"x" * 50, "__proto__": b"1"}
    scripts = copies.wrapped(files, most)
    assert copies.unwrapped(scripts) == files
    assert all(copies.NAME.fullmatch(name) for name in scripts)
    assert all(
        sum(len(p) * 3 // 4 for _, p in json.loads(s[len(copies.HEAD) : -2])["parts"]) <= most + 2 * len(files)
        for s in scripts.values()
    )


def test_a_chain_of_pieces_that_leaves_one_out_is_refused() -> None:
    scripts = copies.wrapped({"a": b"12345678"}, 3)
    with pytest.raises(ValueError, match=r"data-9\.js"):
        copies.unwrapped({**scripts, "data-9.js": scripts["data.js"]})
    with pytest.raises(KeyError):
        copies.unwrapped({k: v for k, v in scripts.items() if k != "data-2.js"})


def test_no_site_to_check_is_said(stages: dict[str, Stage], tmp_path: Path) -> None:
    refused(stages["open drawn"].root, "NO_SITE", "publish", "--check", "--site", tmp_path)


@pytest.mark.parametrize("moment", MOMENTS)
def test_pages_have_their_english_twins(stages: dict[str, Stage], moment: str) -> None:
    site = stages[moment].site
    chinese = {p for p in site if p.endswith(".html") and not p.startswith(("en/", "t/"))}
    assert {f"en/{p}" for p in chinese} == {p for p in site if p.startswith("en/")}
    for path in chinese:
        tags = [re.findall(r"<(\w+)", site[p].decode()) for p in (path, f"en/{path}")]
        assert tags[0] == tags[1], path


def test_every_word_of_a_table_has_its_english() -> None:
    said = {
        *words.STATES.values(), *words.LEVELS.values(), *words.ENTRIES.values(), *RESULTS.values(), *MEASURES.values(),
        *RESULT_STATES.values(), *words.ITEM_KINDS.values(), *words.NEVER, words.WITHHELD, *QUALIFICATIONS.values(), words.DIRECTED, words.UNDIRECTED,
        *TYPES.values(), *CLASSES.values(), *REASONS.values(), *agenda.WORDS.values(), *(w for level in LEVELS for w in words.proved(level)),
        *(w for _, name, meaning in trust.STAGES for w in (name, meaning)), *filter(None, trust.NEXT.values()),
        *(w for name, _, meaning in words.STEPS for w in (name, meaning)),
        *(w for w in words.not_proved(outsider=False, source="parties", unattested=True) if not words.is_trust(w)),
    }  # fmt: skip
    assert not said - ENGLISH.keys()
    assert ONE.keys() == set(TYPES.values())


def test_headings_are_those_of_the_provincial_publicity_sites(stages: dict[str, Stage]) -> None:
    site = stages["open drawn"].site
    for path, headings in (("plans.html", twins.PLAN), ("tasks.html", twins.TASK)):
        assert tuple(re.findall(r"<th scope=\"col\"[^>]*>([^<]+)</th>", site[path].decode())) == headings
    assert site["api/tasks.csv"].decode("utf-8-sig").splitlines()[0] == ",".join(f'"{h}"' for h in twins.TASK)


def test_the_scripts_are_the_modules_word_for_word() -> None:
    kernel = scripts.kernel().decode()
    for name in ("verify", "select", "sha256", "steps-draw"):
        text = (ROOT / "sampler/publish/js" / f"{name}.mjs").read_text(encoding="utf-8")
        body = scripts.EXPORT.sub(r"\1 \2", scripts.COMMENT.sub("", text))
        code = [line for line in body.splitlines() if line and not line.startswith("import")]
        assert all(line in kernel for line in code)
    assert not re.search(r"^\s*(import|export)\b", kernel, re.MULTILINE)
    assert assets()["kernel"][0] in {name for name, _ in assets().values()}


def test_a_formula_is_no_formula_in_the_csv() -> None:
    assert b'"\'=1+1"' in twins._csv(("h",), [["=1+1"]])


def test_say_is_used(stages: dict[str, Stage]) -> None:
    said = say(stages["open drawn"].root, "publish", "--check")
    assert said.code == 0
