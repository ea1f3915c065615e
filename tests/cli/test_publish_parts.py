"""A site is a part for each draw and a front: what nothing happened to is neither made nor written again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sampler import auditor, canon
from sampler.errors import SamplerError
from sampler.io import beside, pages
from sampler.io.session import open_session
from sampler.io.site import Secrets
from sampler.publish.site import part as part_of
from sampler.publish.views import Card
from tests.cli import office as o
from tests.cli.office import DRAW, ok, say

SECOND = "XJSC-2026-0002"


class Grown(NamedTuple):
    """An office with one draw published, then with two."""

    root: Path
    one: dict[str, bytes]
    two: dict[str, bytes]
    made: list[str]


def held(place: Path) -> dict[str, bytes]:
    return {p: (place / p).read_bytes() for p in beside.inside(place)}


def next_plan(root: Path) -> None:
    plan = root / "input" / "plan.toml"
    plan.write_text(plan.read_text().replace("P-2026-12", "P-2026-12-B"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Return the draws whose parts are made from now on."""
    yield from recorded(monkeypatch)


def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    found: list[str] = []

    def part(office: Any, source: Any) -> Any:
        found.append(source.draw_id)
        return part_of(office, source)

    monkeypatch.setattr("sampler.io.pages.part", part)
    yield found


@pytest.fixture(scope="module")
def grown(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    root = o.office(demo / "input", tmp_path_factory.mktemp("grown") / "w")
    o.sealed(root, "S1")
    o.revealed(root, "S1")
    o.valued(root, "S1")
    ok(root, "draw", DRAW)
    ok(root, "publish")
    one = held(root / "site")
    next_plan(root)
    o.sealed(root, "S2")
    with pytest.MonkeyPatch.context() as inner:
        found = next(recorded(inner))
        ok(root, "publish")
    return Grown(root, one, held(root / "site"), found)


@pytest.fixture
def root(grown: Grown, tmp_path: Path) -> Path:
    shutil.copytree(grown.root, tmp_path / "w")
    ok(tmp_path / "w", "publish", "--site", tmp_path / "w/site")
    return tmp_path / "w"


def of(site: dict[str, bytes], draw_id: str) -> dict[str, bytes]:
    return {
        p: d
        for p, d in site.items()
        if p.startswith((f"data/{draw_id}/", f"offline/{draw_id}/", f"draws/{draw_id}", f"en/draws/{draw_id}"))
    }


def test_another_draw_changes_nothing_of_a_finished_one(grown: Grown) -> None:
    assert grown.made == [SECOND]
    assert of(grown.one, DRAW) == of(grown.two, DRAW)
    assert len(of(grown.one, DRAW)) > 15
    assert grown.one["index.html"] != grown.two["index.html"]
    assert grown.two["log/entries"].startswith(grown.one["log/entries"])


def test_the_log_is_on_the_site_once(grown: Grown) -> None:
    assert [p for p in grown.two if p.endswith("entries")] == ["log/entries"]
    for path in (p for p in grown.two if p.endswith("manifest.json")):
        listed = {f["path"]: f for f in json.loads(grown.two[path])["files"]}["log/entries"]
        assert canon.sha256(grown.two["log/entries"][: listed["size"]]).hex() == listed["sha256"]


def test_a_finished_draw_verifies_beside_later_ones(grown: Grown) -> None:
    for draw_id in (DRAW, SECOND):
        (folder,) = (grown.root / "site/data" / draw_id).iterdir()
        assert auditor.judge(folder).first_failed is None
        assert say(grown.root, "verify", folder, "--level", "standard").code == 0


def test_publishing_again_makes_nothing(root: Path, made: list[str]) -> None:
    assert ok(root, "publish", "--site", root / "site")["written"] == 0
    assert made == []


@pytest.mark.parametrize("gone", [f"draws/{DRAW}.html", "t"])
def test_what_is_missing_from_the_site_is_made_again(root: Path, made: list[str], gone: str) -> None:
    before = held(root / "site")
    path = root / "site" / gone
    (next(path.iterdir()) if path.is_dir() else path).unlink()
    ok(root, "publish", "--site", root / "site")
    assert made == [DRAW]
    assert held(root / "site") == before


def test_another_edition_of_the_program_makes_everything(
    root: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_edition", lambda: b"another")
    ok(root, "publish", "--site", root / "site")
    assert made == [DRAW, SECOND]


def test_two_sites_are_two_sites(root: Path, made: list[str]) -> None:
    ok(root, "publish", "--site", root / "other")
    assert made == [DRAW, SECOND]
    ok(root, "publish", "--site", root / "site")
    assert made == [DRAW, SECOND]


def test_a_voided_draw_is_made_anew_and_its_old_copy_is_refused(root: Path, made: list[str]) -> None:
    old = next((root / "site/data" / DRAW).iterdir())
    tasks = len(list((root / "site/t").iterdir()))
    assert tasks > 0
    ok(root, "void", DRAW, "--cause", "名录有误")
    ok(root, "publish", "--site", root / "site")
    assert made == [DRAW]
    assert not (root / "site/t").exists()
    assert old.is_dir(), "a reader with the old page open still finds its data"
    with pytest.raises(SamplerError) as refused:
        auditor.judge(old)
    assert refused.value.problem.code == "COPY_OLD"
    assert say(root, "verify", old, "--level", "standard").codes == ["COPY_OLD"]


def test_a_workspace_that_moved_leaves_no_page_behind(root: Path) -> None:
    moved = root.with_name("moved")
    root.rename(moved)
    ok(moved, "void", DRAW, "--cause", "名录有误")
    ok(moved, "publish", "--site", moved / "site")
    assert not (moved / "site/t").exists()


def test_the_home_page_counts_voids_and_redraws_as_registered(root: Path) -> None:
    ok(root, "void", SECOND, "--cause", "名录有误")
    o.sealed(root, "S3")
    ok(root, "publish", "--site", root / "site")
    found = (root / "site/index.html").read_text()
    assert "<dt>作废</dt><dd>1</dd>" in found
    assert "<dt>重抽</dt><dd>1</dd>" in found
    assert "<dt>抽查</dt><dd>3</dd>" in found


def test_nothing_is_switched_when_something_is_wrong(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held(root / "site")
    monkeypatch.setattr(pages, "_edition", lambda: b"another")
    monkeypatch.setattr(Secrets, "of_draw", lambda *_: {DRAW: "任何东西"})
    answer = say(root, "publish", "--site", root / "site")
    assert (answer.code, set(answer.codes)) == (1, {"SITE_LEAK"})
    assert held(root / "site") == before
    assert not (root / ".site.next").exists()


def test_a_card_comes_back_as_it_was_noted(root: Path) -> None:
    notes = list((root / "private/pages").rglob("XJSC-*.json"))
    assert len(notes) >= 2
    for path in notes:
        noted = canon.decode(path.read_bytes())["card"]
        assert Card.from_dict(noted).to_dict() == noted


def test_a_copy_reaches_to_the_last_entry_of_its_draw(root: Path) -> None:
    session = open_session(root)
    rows = session.index()
    for draw_id, size in pages.heads(session).items():
        assert rows[size - 1].get("draw_id") == draw_id
        assert not [e for e in rows[size:] if e.get("draw_id") == draw_id]


def test_with_witnesses_a_copy_waits_for_their_signatures(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(root)
    own, end = pages.heads(session)[DRAW], len(session.index())
    monkeypatch.setattr(pages, "_cosigned", lambda _: [own - 1, own + 2, end])
    assert pages.heads(session) == {DRAW: own + 2, SECOND: end}
    monkeypatch.setattr(pages, "_cosigned", lambda _: [own - 1])
    assert pages.heads(session) == {DRAW: own, SECOND: end}


def test_checkpoints_with_enough_signatures_count(root: Path) -> None:
    session = open_session(root)
    assert pages._cosigned(session) == []
    path = root / "log/checkpoints/00000003"
    path.write_bytes(path.read_bytes() + "— w1 AAAA\n— w2 AAAA\n".encode())

    class Watched:
        witness_k = 2

    class Seen:
        charter, workspace = Watched, session.workspace

    assert pages._cosigned(Seen) == [3]  # type: ignore[arg-type]  # only what it reads
