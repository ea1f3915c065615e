"""An ordinary month by its front door: three stops, safe to stop and reopen, a page at each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sampler.commands import demo as example
from tests.cli.office import AFTER_VISITS, clock, ok, revealed, sealed, valued
from tests.cli.test_results import fill
from tests.support import ROOT, Called, Run, called, sampler

MONTH = "2026-12"
DRAW = example.DRAW
Month = Callable[..., Called]


@pytest.fixture(scope="session")
def prepared(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the example before anything was promised: the input of the demo, scored."""
    root = tmp_path_factory.mktemp("month") / "w"
    assert sampler("init", root, "--demo", example.LABEL, cwd=root.parent).code == 0
    shutil.copytree(demo / "input", root / "input")
    return root


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "w"))


@pytest.fixture
def month(office: Path, capsys: pytest.CaptureFixture[str]) -> Month:
    return lambda *words: called(capsys, "-C", office, "month", MONTH, *words, "--json")


def page(office: Path, answer: Any) -> str:
    path: str = answer["data"]["page"]
    return (office / path).read_text(encoding="utf-8")


def test_a_month_from_seal_to_file(office: Path, month: Month, capsys: pytest.CaptureFixture[str]) -> None:
    look = month().json
    assert (look["data"]["stop"], look["data"]["draws"]) == ("核对封存", []), "nothing is sealed before somebody agrees"
    assert "--yes" in look["data"]["next"][0]

    sealed = month("--yes").json
    assert (sealed["data"]["stop"], sealed["data"]["draws"]) == ("摇号派人", [DRAW])
    assert (office / f"lists/{DRAW}/行政检查审批表.docx").exists()
    assert "部门负责人（签字）" in page(office, sealed)

    sign = month().json
    assert "封存码" in sign["data"]["next"][0]
    closed = month("--yes").json
    assert "等公开数 lottery:kl8:2026339" in closed["data"]["next"][0]
    drawn = month("--value", example.VALUE).json
    assert drawn["data"]["stop"] == "公示归档"
    assert (office / f"lists/{DRAW}/任务单.docx").exists()
    assert "见证人（签字）" in page(office, drawn)

    waiting = month().json
    assert (waiting["data"]["done"], f"{DRAW}: 还有 14 户" in waiting["data"]["next"][0]) == (False, True)
    fill(office)
    (office / "filled.xlsx").rename(office / f"lists/{DRAW}/filled.xlsx")
    early = month("--results", f"lists/{DRAW}/filled.xlsx").json
    assert (early["data"]["done"], "检查期到 2026-12-31 为止" in early["data"]["next"][0]) == (False, True)
    clock(office, AFTER_VISITS)
    done = month().json
    assert (done["data"]["done"], done["data"]["next"]) == (True, ["公示网站在 site/；本月完成，备份整个工作区"])
    assert called(capsys, "-C", office, "verify", f"bundles/{DRAW}", "--json").code == 0
    assert called(capsys, "-C", office, "publish", "--check", "--json").code == 0
    due = called(capsys, "-C", office, "due", "--today", "2026-12-20", "--json").json["data"]
    assert "publish" not in {d["what"] for d in due["due"]}, "the month publishes its results"


def test_a_month_whose_list_stays_closed_until_the_visits_are_over(office: Path, month: Month) -> None:
    plan = office / "input/plan.toml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace('disclosure = "standard"', 'disclosure = "after-inspection"'), encoding="utf-8")
    for words in (("--yes",), ("--yes",), ("--value", example.VALUE)):
        assert month(*words).json["ok"]
    assert list((office / "sittings").rglob("custody-*.json")), "one secret was handed over, not revealed"
    fill(office)
    assert not month("--results", "filled.xlsx").json["data"]["done"]
    assert not (office / f"draws/{DRAW}/opening.json").exists()
    clock(office, AFTER_VISITS)
    assert month().json["data"]["done"]
    assert (office / f"draws/{DRAW}/opening.json").exists()


def test_the_demo_is_the_month_with_its_answers(demo: Path) -> None:
    assert [w[0] for w in example.script(3)] == ["check", "train", "score", "month", "month", "month"]
    assert sorted(p.name for p in (demo / "months" / MONTH).iterdir()) == ["1-核对封存.html", "2-摇号派人.html"]
    sealed_page, drawn_page = (
        (demo / f"months/{MONTH}/{n}").read_text("utf-8") for n in ("1-核对封存.html", "2-摇号派人.html")
    )
    assert "可抽名录 500 户；抽中 14 户；派出 17 人；空缺 0 处" in drawn_page
    assert "可抽名录 500 户" in sealed_page
    assert "抽中" not in sealed_page


def test_the_demo_goes_on_to_the_published_results(run: Run, tmp_path: Path) -> None:
    answer = run("demo", "--size", "small", "--out", "w", "--json")
    assert answer.json["data"]["draw_id"] == DRAW, "one object, whatever the steps say"
    assert "可信程度" in answer.err, "the reports of the steps are not lost"
    assert "COLUMN_UNKNOWN" not in answer.err, "our own form has no column that we do not know"
    root = tmp_path / "w"
    assert "结果 14/14 户" in (root / f"months/{MONTH}/3-公示归档.html").read_text("utf-8")
    month = run("-C", root, "month", MONTH, "--json").json["data"]
    assert (month["done"], month["next"]) == (True, ["公示网站在 site/；本月完成，备份整个工作区"])
    steps = run("-C", root, "verify", f"bundles/{DRAW}", "--json").json["data"]["steps"]
    assert steps[14]["status"] == "ok"
    assert run("-C", root, "publish", "--check").code == 0
    assert run("-C", root, "due", "--today", "2027-01-04", "--json").json["data"]["due"] == [], "published in time"
    batches = sorted((root / f"draws/{DRAW}/results").glob("*.json"))
    said = [row for path in batches for row in json.loads(path.read_bytes())["rows"]]
    visited = sum(r["state"] == "visited" for r in said)
    assert len(said) == 14
    assert run("-C", root, "estimate", DRAW, "--json").json["data"]["responded"] == visited
    assert not list(root.rglob("truth.csv")), "what a visit would find is not in the workspace"


def test_the_demo_may_stop_earlier(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--size", "small", "--out", "w", "--stops", "1", "--json").code == 0
    assert [p.name for p in (tmp_path / f"w/months/{MONTH}").iterdir()] == ["1-核对封存.html"]
    assert run("demo", "--out", "v", "--stops", "4").code == 2


def test_the_month_and_the_demo_give_the_bytes_of_the_single_commands(
    demo: Path, office: Path, month: Month, tmp_path: Path
) -> None:
    single = Path(shutil.copytree(office, tmp_path / "single"))
    sealed(single, "XJSC-2026-12-S1")
    revealed(single, "XJSC-2026-12-S1")
    valued(single, "XJSC-2026-12-S1", example.VALUE)
    ok(single, "draw", DRAW)
    for words in (("--yes",), ("--yes",), ("--value", example.VALUE)):
        assert month(*words).code == 0
    for name in ("draw.json", "seed.json", "assignment.json", "manifest.json"):
        typed = (single / f"bundles/{DRAW}/{name}").read_bytes()
        assert (office / f"bundles/{DRAW}/{name}").read_bytes() == typed
        assert (demo / f"bundles/{DRAW}/{name}").read_bytes() == typed


def test_running_a_stop_twice_does_it_once(office: Path, month: Month) -> None:
    month("--yes")
    log = (office / "log/entries").read_bytes()
    assert month().json["data"]["stop"] == "摇号派人"
    assert (office / "log/entries").read_bytes() == log


def test_a_wrong_value_stops_with_the_reason_and_goes_on_when_right(month: Month) -> None:
    month("--yes")
    month("--yes")
    wrong = month("--value", "123")
    assert (wrong.code, wrong.codes) == (1, ["MONTH_STOPPED"])
    assert month("--value", example.VALUE).json["data"]["stop"] == "公示归档"


def test_a_bad_file_stops_before_anything_is_promised(office: Path, month: Month) -> None:
    (office / "input/objects.csv").write_text("object_id\nx\n")
    assert month("--yes").codes == ["MONTH_STOPPED"]
    assert not (office / "sittings").exists()


@pytest.mark.parametrize(("word", "code"), [("2026-13", "MONTH_FORM"), ("12月", "MONTH_FORM")])
def test_a_month_that_is_none(office: Path, capsys: pytest.CaptureFixture[str], word: str, code: str) -> None:
    assert called(capsys, "-C", office, "month", word, "--json").codes == [code]


def test_a_month_without_a_plan_says_what_to_write(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = called(capsys, "-C", office, "month", "2027-03", "--json").json
    assert answer["ok"]
    assert 'period = "2027-03"' in answer["data"]["next"][0]


def test_the_pages_hold_under_hostile_names_and_run_nothing(office: Path, month: Month) -> None:
    plan = office / "input/plan.toml"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("双随机抽查（示例）", "<script>alert(1)</script>\u202e"),
        encoding="utf-8",
    )
    shown = page(office, month("--yes").json)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "\u202e" not in shown
    assert "default-src 'none'" in shown
    assert ROOT.as_posix() not in shown
