"""Draws of one sitting that share their officers: a load is spent once (assignment.md, 5.2 and 14.8).

The cheats are an agency's that holds every key: its own program is made to leave out the rule, everything is signed and
logged as ever, and both programs that verify must still refuse.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sampler import records
from sampler.assign.amend import Elsewhere
from sampler.disclosure import manifest
from sampler.errors import SamplerError
from sampler.io import others
from sampler.verify import verify
from sampler.verify.report import VerifyError
from tests.cli.office import PARTIES, bundle, office, ok, refused, revealed, valued
from tests.javascript import Javascript, replayed

ONE, TWO, THREE = (f"XJSC-2026-{n:04d}" for n in (1, 2, 3))
MOST = 4
ASKED = ("--requester", "本人", "--reason", "住院", "--form", "审〔2026〕12号", "--approved", "2026-12-05")
ILL = ("--from", "2026-12-01", "--to", "2026-12-31")


@pytest.fixture(scope="module")
def waiting(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return three tasks on twenty objects, of one sitting and with one list of officers, up to the public value."""
    root = tmp_path_factory.mktemp("shared") / "w"
    root.parent.mkdir(exist_ok=True)
    anywhere = ('jurisdiction = "district"', 'jurisdiction = "any"')
    office(demo / "input", root, anywhere=anywhere)
    text = (root / "input/roster.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    column = rows[0].index("工作量上限")
    with (root / "input/roster.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([rows[0], *([*r[:column], str(MOST), *r[column + 1 :]] for r in rows[1:])])
    plan = (root / "input/plan.toml").read_text(encoding="utf-8")
    for name in ("one", "two", "three"):
        own = re.sub(r'plan_id = "', f'plan_id = "{name}-', plan)
        (root / f"input/{name}.toml").write_text(own, encoding="utf-8")
    for p in PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    ok(root, "seal", "input/one.toml", "input/two.toml", "input/three.toml", "--sitting", "S")
    revealed(root)
    return root


@pytest.fixture(scope="module")
def seeded(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the three tasks up to the seed."""
    root = Path(shutil.copytree(waiting, tmp_path_factory.mktemp("seeded") / "w"))
    valued(root)
    return root


@pytest.fixture
def three(seeded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seeded, tmp_path / "w"))


@pytest.fixture(scope="module")
def done(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the three tasks drawn."""
    root = Path(shutil.copytree(seeded, tmp_path_factory.mktemp("drawn") / "w"))
    for draw in (ONE, TWO, THREE):
        ok(root, "draw", draw)
    return root


def teams(root: Path, draw: str) -> list[Any]:
    return list(json.loads((root / f"draws/{draw}/assignment.json").read_bytes())["teams"])


def visits(root: Path, *draws: str) -> Counter[str]:
    return Counter(m["inspector_id"] for d in draws for t in teams(root, d) for m in t["members"])


def judged(node: Javascript, files: dict[str, bytes]) -> int | None:
    """Return the first failed step, the same in both programs."""
    ours = verify(files.__getitem__, sorted(files)).first_failed
    answer = replayed(node, files)
    assert answer["first_failed"] == (ours or 0), answer["found"]
    return ours


def test_nobody_is_sent_more_often_than_his_load(done: Path, node: Javascript) -> None:
    total = visits(done, ONE, TWO, THREE)
    assert max(total.values()) == MOST
    assert max((visits(done, ONE) + visits(done, TWO)).values()) > max(visits(done, ONE).values())
    for draw in (ONE, TWO, THREE):
        assert judged(node, bundle(done, draw)) is None
    shown = {p.split("/")[1] for p in bundle(done, THREE) if p.startswith("sitting/")}
    assert shown == {ONE, TWO}
    assert not any(p.startswith("sitting/") for p in bundle(done, ONE))


def test_explain_tells_the_rest_of_a_load(done: Path) -> None:
    who = max(visits(done, ONE, TWO), key=lambda i: visits(done, ONE, TWO)[i])
    spent = visits(done, ONE, TWO)[who]
    assert ok(done, "explain", THREE, who)["ceil"] <= MOST - spent
    assert ok(done, "fairness", ONE, TWO, THREE)["loads"]["max"] == MOST


def test_a_later_draw_waits_for_the_earlier(three: Path) -> None:
    refused(three, "DRAW_ORDER", "draw", TWO)
    ok(three, "draw", ONE)
    ok(three, "draw", TWO)
    refused(three, "DRAW_ORDER", "amend", TWO, "--kind", "left", "--officer", next(iter(visits(three, TWO))), *ASKED)


def test_a_public_copy_shows_nothing_of_the_other_draws(done: Path) -> None:
    ok(done, "publish")
    assert not [p for p in (done / "site").rglob("*") if "sitting" in p.parts[len(done.parts) :]]


def test_loads_spent_before_are_not_forgotten(three: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    ok(three, "draw", ONE)
    ok(three, "draw", TWO)
    monkeypatch.setattr(others, "used_before", lambda *_: Counter())
    ok(three, "draw", THREE)
    assert judged(node, bundle(three, THREE)) == 13


def test_an_earlier_draw_is_not_hidden(three: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor's bundle MUST hold and prove every `draw`, `void` and `amendment` that the log has of a draw of smaller
    draw_id before this draw's own (of any draw of the sitting: before the last cause of this one), with the assignment of
    each Draw, or of the Draw that a Void carries."""
    ok(three, "draw", ONE)
    monkeypatch.setattr(others, "used_before", lambda *_: Counter())
    monkeypatch.setattr(others, "shown", lambda *_: ({}, set()))
    ok(three, "draw", TWO)
    assert judged(node, bundle(three, TWO)) == 13


def test_no_draw_before_its_turn(three: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these draws MUST stand in the log as drawn or void before this one."""
    monkeypatch.setattr(others, "used_before", lambda *_: Counter())
    ok(three, "draw", TWO)
    assert judged(node, bundle(three, TWO)) == 13


@pytest.mark.parametrize("change", ["other teams", "other draw", "of no sitting", "left out", "number"])
def test_what_is_shown_of_another_draw_is_the_logged(done: Path, node: Javascript, change: str) -> None:
    files = dict(bundle(done, TWO))
    path = f"sitting/{ONE}/assignment.json"
    if change == "other teams":
        spare = json.loads(files[path])
        spare["teams"][0]["members"] = spare["teams"][0]["members"][:1]
        files[path], want = json.dumps(spare, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode(), 13
    elif change == "other draw":
        files[f"sitting/{ONE}/draw.json"], want = files["draw.json"], 2
    elif change == "of no sitting":
        files["sitting/XJSC-2026-0009/draw.json"], want = files[f"sitting/{ONE}/draw.json"], 2
    elif change == "left out":
        del files[path]
        want = 13
    else:
        files[f"sitting/{ONE}/amendments/0001.txt"], want = b"", 1
    files["manifest.json"] = manifest(files, TWO, "auditor")
    assert judged(node, files) == want


def test_a_void_known_in_advance_takes_no_load(seeded: Path, tmp_path: Path, node: Javascript) -> None:
    """A draw given up after the value still counts: otherwise its end would choose the officers of the next."""
    root = Path(shutil.copytree(seeded, tmp_path / "w"))
    ok(root, "void", ONE, "--cause", "计划有误")
    ok(root, "draw", TWO)
    files = bundle(root, TWO)
    assert {f"sitting/{ONE}/{n}.json" for n in ("void", "draw", "assignment")} <= set(files)
    assert judged(node, files) is None
    ok(root, "draw", THREE)
    assert max(visits(root, ONE, TWO, THREE).values()) <= MOST


def test_a_void_without_a_result_takes_no_load(waiting: Path, tmp_path: Path, node: Javascript) -> None:
    root = Path(shutil.copytree(waiting, tmp_path / "w"))
    ok(root, "void", ONE, "--cause", "来源没有开出", "--missing", "source")
    valued(root)
    ok(root, "draw", TWO)
    assert set(bundle(root, TWO)) >= {f"sitting/{ONE}/void.json"}
    assert judged(node, bundle(root, TWO)) is None


def test_the_office_cannot_forget_a_void_that_took_load(
    three: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok(three, "void", ONE, "--cause", "计划有误")
    ok(three, "draw", TWO)
    monkeypatch.setattr(others, "used_before", lambda *_: Counter(visits(three, TWO)))
    ok(three, "draw", THREE)
    assert judged(node, bundle(three, THREE)) == 13


def test_an_amendment_keeps_the_loads_of_the_whole_sitting(done: Path, tmp_path: Path, node: Javascript) -> None:
    root = Path(shutil.copytree(done, tmp_path / "w"))
    for draw in (ONE, THREE, ONE):
        who = max(visits(root, draw), key=lambda i: visits(root, draw)[i]) if draw == THREE else busiest(root, draw)
        ok(root, "amend", draw, "--kind", "illness", "--officer", who, *ILL, *ASKED)
        assert max(now(root).values()) <= MOST
    for draw in (ONE, THREE):
        assert judged(node, bundle(root, draw)) is None
    assert f"sitting/{THREE}/amendments/0001.json" in bundle(root, ONE)


def busiest(root: Path, draw: str) -> str:
    """Return who serves most and is not away yet."""
    away = {json.loads(p.read_bytes())["cause"].get("inspector_id") for p in amendments(root, draw)}
    return max(visits(root, draw), key=lambda i: (i not in away, visits(root, draw)[i]))


def amendments(root: Path, draw: str) -> list[Path]:
    return sorted(root.glob(f"draws/{draw}/amendments/[0-9][0-9][0-9][0-9].json"))


def now(root: Path) -> Counter[str]:
    """Return the visits of everybody in the sitting as it stands."""
    found = visits(root, ONE, TWO, THREE)
    for draw in (ONE, TWO, THREE):
        for path in amendments(root, draw):
            for change in json.loads(path.read_bytes())["changes"]:
                found.update(m["inspector_id"] for m in change["entering"])
                found.subtract(m["inspector_id"] for m in change["leaving"])
    return found


def test_an_amendment_that_forgets_the_other_draws(
    done: Path, tmp_path: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(done, tmp_path / "w"))
    monkeypatch.setattr(others, "taken_elsewhere", lambda *_: Elsewhere())
    ok(root, "amend", ONE, "--kind", "illness", "--officer", busiest(root, ONE), *ILL, *ASKED)
    assert judged(node, bundle(root, ONE)) == 14


def test_a_cause_waits_for_the_one_before_it(done: Path, tmp_path: Path) -> None:
    """A cause MUST NOT be logged before every draw of its sitting is drawn or void and every cause logged there has its
    amendment."""
    root = Path(shutil.copytree(done, tmp_path / "w"))
    for path in root.rglob("*chain*"):
        path.unlink()
    left = ("--kind", "left", "--officer")
    refused(root, "AMEND_WAITING", "amend", ONE, *left, busiest(root, ONE), *ASKED)
    refused(root, "AMEND_OTHER", "amend", TWO, *left, busiest(root, TWO), *ASKED)


@pytest.mark.parametrize("undrawn", [True, False])
def test_a_cause_out_of_turn_is_refused(
    seeded: Path, done: Path, tmp_path: Path, node: Javascript, monkeypatch: pytest.MonkeyPatch, *, undrawn: bool
) -> None:
    root = Path(shutil.copytree(seeded if undrawn else done, tmp_path / "w"))
    if undrawn:
        ok(root, "draw", ONE)
    else:
        hidden = [(p, p.read_bytes()) for p in root.rglob("*.chain")]
        for path, _ in hidden:
            path.unlink()
        refused(root, "AMEND_WAITING", "amend", TWO, "--kind", "left", "--officer", busiest(root, TWO), *ASKED)
        for path, data in hidden:
            path.write_bytes(data)
    monkeypatch.setattr(others, "taken_elsewhere", lambda *_: Elsewhere())
    ok(root, "amend", ONE, "--kind", "left", "--officer", busiest(root, ONE), *ASKED)
    assert judged(node, bundle(root, ONE)) == 14


def test_who_is_away_in_one_draw_enters_none(done: Path, tmp_path: Path, node: Javascript) -> None:
    root = Path(shutil.copytree(done, tmp_path / "w"))
    ill = busiest(root, ONE)
    ok(root, "amend", ONE, "--kind", "illness", "--officer", ill, *ILL, *ASKED)
    other = max((i for i in visits(root, TWO) if i != ill), key=lambda i: visits(root, TWO)[i])
    made = ok(root, "amend", TWO, "--kind", "illness", "--officer", other, *ILL, *ASKED)
    assert ill not in {m["inspector_id"] for c in made["changes"] for m in c["entering"]}
    assert judged(node, bundle(root, TWO)) is None


def test_paths_of_another_draw() -> None:
    assert records.sitting_file(f"sitting/{ONE}/amendments/0001.json") == (ONE, records.Amendment)
    for bad in (
        f"sitting/{ONE}/plan.json",
        "sitting/x/draw.json",
        f"sitting/{ONE}/draw.json/",
        f"sitting/{ONE}/amendments/1.json",
    ):
        assert records.sitting_file(bad) is None
    assert issubclass(VerifyError, SamplerError)
