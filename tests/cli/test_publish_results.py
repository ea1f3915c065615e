"""Results on the pages: the eight categories, months, rates where the level allows them, visits shared by several draws."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sampler import canon, records
from sampler.io.session import open_session
from sampler.io.site import office, source
from sampler.publish.outcomes import by_category, months
from sampler.publish.site import front, part
from sampler.publish.views import Deadline, Source
from sampler.wording import RESULTS
from tests.cli import office as o
from tests.cli.office import DRAW, ok, refused
from tests.cli.test_results import fill

OTHER = "XJSC-2026-0007"
PERCENT = re.compile(r"\d+(?:\.\d+)? %")


def text(page: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.decode()))


def section(page: bytes, heading: str) -> str:
    return text(next(s for s in page.split(b"<section>") if f"<h2>{heading}".encode() in s))


@pytest.fixture(scope="module")
def roots(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return an office of each level with the results of all its visits, one of them with a problem, published."""
    out = {}
    for level in ("open", "standard"):
        swap = ('disclosure = "standard"', f'disclosure = "{level}"')
        root = o.office(demo / "input", tmp_path_factory.mktemp(level) / "w", level=swap)
        o.sealed(root)
        o.revealed(root)
        o.valued(root)
        ok(root, "draw", DRAW)
        ok(root, "lists", DRAW)
        ok(root, "results", DRAW, fill(root, 1, 检查结果="5", 严重程度="2").relative_to(root))
        ok(root, "results", DRAW, fill(root).relative_to(root))
        ok(root, "results", DRAW, fill(root, 1, 检查结果="5", 严重程度="2").relative_to(root))
        if level == "standard":
            o.clock(root, o.AFTER_VISITS)
            ok(root, "open", DRAW)
        ok(root, "publish", "--target", "98.5%")
        out[level] = root
    return out


def page(root: Path, path: str) -> bytes:
    return (root / "site" / path).read_bytes()


@pytest.mark.parametrize(
    ("path", "heading", "words"),
    [
        ("results.html", "合格率", ("推断", "有 95 % 的把握", "目标 98.5 %：还说不准")),
        ("en/results.html", "Compliance", ("95 % confidence", "Target 98.5 %: cannot tell yet")),
        (f"draws/{DRAW}.html", "抽查结果", ("推断", "有 95 % 的把握")),
        (f"en/draws/{DRAW}.html", "Results", ("95 % confidence",)),
    ],
)
def test_an_open_office_tells_its_rate(roots: dict[str, Path], path: str, heading: str, words: tuple[str, ...]) -> None:
    said = section(page(roots["open"], path), heading)
    assert all(w in said for w in words), said
    e = ok(roots["open"], "estimate", DRAW)
    assert f"{100 * e['rate']:.1f} %" in said


def test_below_open_a_rate_of_few_is_not_told(roots: dict[str, Path]) -> None:
    root = roots["standard"]
    said = section(page(root, "results.html"), "合格率")
    assert "各满 10 户" in said
    assert not PERCENT.findall(said)
    assert "推断：" not in text(page(root, f"draws/{DRAW}.html"))


def test_the_weights_that_rates_are_made_of_stay_private(roots: dict[str, Path]) -> None:
    root = roots["standard"]
    notes = list((root / "private/pages").rglob(f"{DRAW}.json"))
    weights = {w for p in notes for w in canon.decode(p.read_bytes())["answers"]["weight"]}
    assert weights
    assert all(p.stat().st_mode & 0o077 == 0 for p in notes)
    shown = {f"{float.fromhex(w):.{digits}f}".encode() for w in weights for digits in (3, 6)}
    for path in (p for p in (root / "site").rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert not [w for w in (*shown, *(w.encode() for w in weights)) if w in data], path


def test_a_target_is_kept_until_it_is_taken_back(roots: dict[str, Path], tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(roots["open"], root)
    site = root / "site"
    ok(root, "publish", "--site", site, "--target", "90%")
    assert "目标 90 %" in section((site / "results.html").read_bytes(), "合格率")
    ok(root, "publish", "--site", site)
    assert "目标 90 %" in section((site / "results.html").read_bytes(), "合格率")
    ok(root, "publish", "--site", site, "--target", "")
    assert "目标" not in section((site / "results.html").read_bytes(), "合格率")
    refused(root, "TARGET_FORM", "publish", "--site", site, "--target", "985")


def test_all_eight_categories_are_shown(roots: dict[str, Path]) -> None:
    said = section(page(roots["open"], "results.html"), "八类检查结果")
    assert all(name in said for name in RESULTS.values())
    english = section(page(roots["open"], "en/results.html"), "The eight categories")
    assert "Problem found, correction ordered" in english
    assert not re.search(r"[\u4e00-\u9fff]", english)


def with_results(root: Path, **changes: Any) -> Source:
    """Return the draw with the first two rows of its results changed."""
    found = source(open_session(root), DRAW)
    paths = sorted(p for p in found.files if p.startswith("results/"))
    rows = {r.object_id: r for p in paths for r in records.Results.parse(found.files[p]).rows}
    first, second, *others = (rows[o] for o in sorted(rows))
    changed = (replace(first, **changes), replace(second, result=2, also=("4", "5")), *others)
    kept = {p: d for p, d in found.files.items() if p not in paths}
    batch = records.Results(draw_id=DRAW, batch=1, previous="0" * 64, rows=changed)
    return replace(found, files={**kept, "results/0001.json": batch.encode()})


def test_a_visit_made_by_another_draw_says_so_wherever_it_is_shown(roots: dict[str, Path]) -> None:
    side = office(open_session(roots["open"]))
    made = part(side, with_results(roots["open"], merged_into=OTHER))
    files = {**made.files, **front(side, [made.card])}
    for path, said in (
        (f"draws/{DRAW}.html", "并入"),
        (f"en/draws/{DRAW}.html", "part of the visit of"),
        ("results.html", "并入"),
        ("en/results.html", "part of the visit of"),
    ):
        found = files[path].decode()
        assert found.count(f'draws/{OTHER}.html"><code>{OTHER}</code></a>') == 1, path
        assert said in found
    assert f"并入 {OTHER} 的检查" in files["api/results/2026-12.csv"].decode("utf-8-sig")


def test_counts_take_every_category_and_a_shared_visit_once(roots: dict[str, Path]) -> None:
    side = office(open_session(roots["open"]))
    plain = part(side, with_results(roots["open"], result=1)).card
    merged = part(side, with_results(roots["open"], result=1, merged_into=OTHER)).card
    count = {b.name: b.value for b in by_category([plain])}
    assert [count[RESULTS[c]] for c in "23456781"] == [1, 0, 1, 1, 0, 0, 0, len(plain.results) - 1]
    assert {b.name: b.value for b in by_category([merged])}[RESULTS["1"]] == count[RESULTS["1"]] - 1
    (month,), (less,) = months([plain]), months([merged])
    assert (month.fine, month.problem, month.merged, month.waiting) == (plain.n - 1, 1, 0, 0)
    assert (less.fine, less.problem, less.merged, less.waiting) == (plain.n - 2, 1, 1, 0)


def test_lists_and_voided_draws_count_in_no_month(roots: dict[str, Path]) -> None:
    card = part(office(open_session(roots["open"])), with_results(roots["open"])).card
    assert len(months([card])) == 1
    assert not months([replace(card, state="void")])
    assert not months([replace(card, listed=True)])
    assert not sum(b.value for b in by_category([replace(card, listed=True)]))


def test_what_is_overdue_stands_on_the_results_page_too(roots: dict[str, Path]) -> None:
    late, later = (
        Deadline(draw_id=d, what="完成检查", day="2026-12-31", count=7, overdue=n == 0)
        for n, d in enumerate((DRAW, OTHER))
    )
    side = replace(office(open_session(roots["open"])), due=(late, later))
    said = section(front(side, ())["results.html"], "逾期")
    assert f"{DRAW}：完成检查，7 户，应于 2026-12-31 前完成" in said
    assert OTHER not in said


def test_a_deadline_that_this_publishing_meets_is_not_shown_as_due(roots: dict[str, Path]) -> None:
    assert "公示结果" not in page(roots["open"], "index.html").decode()
    assert ok(roots["open"], "publish")["written"] == 0
