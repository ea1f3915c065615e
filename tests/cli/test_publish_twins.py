"""Files for programs: one a month for results, an index that names them, and a check that holds JSON and CSV together."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sampler import canon
from sampler.io.session import open_session
from sampler.io.site import office as office_side
from sampler.io.site import source as source_of
from sampler.publish import sitecheck, twins
from sampler.publish.site import MOST_ROWS, draw_pages, front, part
from sampler.publish.views import Card
from tests.cli import office as o
from tests.cli.office import DRAW, ok
from tests.cli.test_results import fill

Site = dict[str, bytes]
JSON, CSV, INDEX = "api/results/2026-12.json", "api/results/2026-12.csv", "api/index.json"


@pytest.fixture(scope="module")
def root(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    level = ('disclosure = "standard"', 'disclosure = "open"')
    root = o.office(demo / "input", tmp_path_factory.mktemp("twins") / "w", level=level)
    o.sealed(root)
    o.revealed(root)
    o.valued(root)
    ok(root, "draw", DRAW)
    ok(root, "lists", DRAW)
    ok(root, "results", DRAW, fill(root).relative_to(root))
    return root


@pytest.fixture(scope="module")
def card(root: Path) -> Card:
    session = open_session(root)
    return part(office_side(session), source_of(session, DRAW)).card


def later(card: Card, number: int, period: str) -> Card:
    draw_id = f"XJSC-2026-{number:04d}"
    return replace(card, draw_id=draw_id, period=period, folder=card.folder.replace(DRAW, draw_id))


def made(root: Path, cards: list[Card]) -> tuple[Site, set[str]]:
    """Return the front of a site of these draws, and the paths that stand beside it."""
    beside = {p for c in cards for p in (*draw_pages(c.draw_id), f"data/{c.folder}/manifest.json")}
    return front(office_side(open_session(root)), cards), beside


def faults(root: Path, cards: list[Card], spoil: Callable[[Site], Any]) -> list[tuple[str, str]]:
    site, beside = made(root, cards)
    assert not sitecheck.check(site, {}, site["log/entries"], beside)
    spoil(site)
    found = sitecheck.check(site, {}, site["log/entries"], beside)
    return [(p.code, p.place.file) for p in found if p.code == "SITE_TWIN"]


def test_results_lie_by_month_and_a_month_that_is_over_never_changes(root: Path, card: Card) -> None:
    first, _ = made(root, [card])
    both, _ = made(root, [card, later(card, 2, "2027-01")])
    assert [m["period"] for m in json.loads(both[INDEX])["results"]] == ["2026-12", "2027-01"]
    assert (both[JSON], both[CSV]) == (first[JSON], first[CSV])
    assert len(json.loads(both["api/results/2027-01.json"])) == len(card.results) == len(json.loads(both[JSON]))
    page = both["results.html"].decode()
    assert all(f'href="{path}"' in page for path in (JSON, CSV, "api/results/2027-01.csv"))
    rows = list(csv.reader(io.StringIO(both[CSV].decode("utf-8-sig"))))
    assert tuple(rows[0]) == twins.RESULT
    assert len(rows) == 1 + len(card.results)


def test_a_month_without_results_has_no_file(root: Path, card: Card) -> None:
    site, _ = made(root, [replace(card, results=())])
    assert json.loads(site[INDEX])["results"] == []
    assert not [p for p in site if p.startswith("api/results/")]


def changed(path: str, old: str, new: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        assert old.encode() in site[path]
        site[path] = site[path].replace(old.encode(), new.encode(), 1)

    return spoil


def reindexed(change: Callable[[Any], Any]) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        index = json.loads(site[INDEX])
        change(index)
        site[INDEX] = canon.encode(index)

    return spoil


SPOILT: list[tuple[str, Callable[[Site], Any]]] = [
    (CSV, changed(CSV, "未发现问题", "不配合检查情节严重")),
    (CSV, changed(JSON, "未发现问题", "不配合检查情节严重")),
    (CSV, changed(CSV, '2026-12-01","未', '2026-12-02","未')),
    (CSV, changed(CSV, "抽查任务编号", "编号")),
    (CSV, reindexed(lambda i: i["results"][0].update(rows=3))),
    (INDEX, lambda s: s.pop(CSV)),
    (INDEX, lambda s: s.pop(JSON)),
    ("api/results/2020-01.csv", lambda s: s.update({"api/results/2020-01.csv": s[CSV]})),
    (JSON, reindexed(lambda i: i["draws"][0].update(period="2020-01"))),
    (INDEX, reindexed(lambda i: i["draws"][0].update(page="draws/gone.html"))),
    (INDEX, reindexed(lambda i: i["draws"][0].update(manifest="data/gone/manifest.json"))),
    (INDEX, reindexed(lambda i: i.pop("results"))),
    (INDEX, lambda s: s.update({JSON: b"["})),
    (INDEX, lambda s: s.update({CSV: b"\xff"})),
    (INDEX, lambda s: s.update({INDEX: b"{}"})),
]


@pytest.mark.parametrize(("path", "spoil"), SPOILT, ids=[f"{n} {p}" for n, (p, _) in enumerate(SPOILT)])
def test_check_finds_twins_that_do_not_agree(root: Path, card: Card, path: str, spoil: Callable[[Site], Any]) -> None:
    assert ("SITE_TWIN", path) in faults(root, [card], spoil)


def test_hostile_text_is_no_disagreement(root: Path, card: Card) -> None:
    title = '=cmd|calc!A0",\u2028\r\n"<script>'
    hostile = replace(
        card, title=title, results=tuple(replace(r, name=title, object_id="-1") for r in card.results[:1])
    )
    assert faults(root, [hostile], lambda _: None) == []


def test_long_lists_show_the_newest_and_name_the_file_with_all(root: Path, card: Card) -> None:
    bare = replace(card, results=())
    site, _ = made(root, [later(bare, n, "2026-12") for n in range(1, MOST_ROWS + 4)])
    for path in ("plans.html", "tasks.html", "en/plans.html"):
        page = site[path].decode()
        assert page.count("<tr>") == MOST_ROWS + 1
        assert re_more(path) in page
    assert site["api/tasks.csv"].count(b"\r\n") == MOST_ROWS + 4


def re_more(path: str) -> str:
    return "Earlier ones: 3" if path.startswith("en/") else "另有较早的 3"


def test_items_are_there_for_programs_too_in_the_clerks_words(root: Path, card: Card) -> None:
    site, _ = made(root, [card])
    rows = list(csv.DictReader(io.StringIO(site["api/items.csv"].decode("utf-8-sig"))))
    assert tuple(rows[0]) == twins.ITEM
    assert {r["检查人员要求"] for r in rows} == {"无需专业岗位资格", "食品", "计量", "特种设备"}
    assert "<bdi>special equipment</bdi>" in site["en/items.html"].decode()
    assert "云岭县" in site["api/plans.csv"].decode("utf-8-sig").splitlines()[1].split(",")[4]
