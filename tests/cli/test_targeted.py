"""Targeted draws (定向) and the grace period: from the office's files to a verified bundle, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sampler import records
from sampler.errors import PlanError
from sampler.frame import Registry, in_grace, split
from sampler.io import earlier, plans
from sampler.io.checks import check_file
from sampler.io.session import open_session
from sampler.plan import Plan, validate
from sampler.tables import decode, from_rows
from sampler.verify import verify
from tests.cli.office import DRAW, bundle, office, ok, refused, revealed, say, sealed, valued
from tests.forge import Forge
from tests.javascript import Javascript, replayed
from tests.support import BUNDLE

GOLDEN_PLAN: dict[str, Any] = Forge().get("plan.json")
EXCLUSIONS = ("status", "no-class", "no-clause", "ratio-zero", "cap")


def planned(**fields: Any) -> Plan:
    return Plan.from_dict(GOLDEN_PLAN | fields)


def target(**fields: Any) -> dict[str, Any]:
    return {"target": {"filter": "餐饮", **fields}, "exclusions": [*EXCLUSIONS, "off-target"]}


TRIGGER = {"object_id": "91310101MA1FL0006F", "date": "2026-11-20", "reason": "complaint", "source": "12315-26-77"}
FREE = {
    "cooldown": [],
    "clauses": [
        {"clause": "all", "classes": ["A", "B", "C", "D"], "types": ["firm"], "ratio": "100%", "period": "task"}
    ],
}


@pytest.fixture(scope="module")
def listed(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three complaints, one of them about a firm that is at its yearly cap, as an Excel-made CSV with Chinese headings."""
    root = office(demo / "input", tmp_path_factory.mktemp("targeted") / "w")
    folder = root / "input"
    lines = (folder / "objects.csv").read_text(encoding="utf-8").splitlines()
    ids = [r.split(",")[0] for r in lines if ",存续," in r]
    rows = [(ids[0], "2026/11/3", "投诉", "12315-2026-0001"), (ids[1], "2026-11-05", "事故报告", "SG-7"),
            (ids[0], "2026-11-06", "举报", "JB-9"), (ids[2], "2026年11月7日", "产品召回", "ZH-1")]  # fmt: skip
    text = "统一社会信用代码,线索日期,线索类型,工单编号\n" + "".join(",".join(r) + "\n" for r in rows)
    (folder / "triggers.csv").write_bytes(text.encode("gb18030"))
    with (folder / "history.csv").open("a", encoding="utf-8") as f:
        f.writelines(f"{ids[0]},2026-0{n}-11,1,0,0,GS-01,,,,\n" for n in range(1, 4))
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    plan = re.sub(r'ratio = "[^"]*"', 'ratio = "100%"', plan).replace('"cap"]', '"cap", "off-target"]')
    plan = plan.replace('scores = "scores.csv"', 'scores = "scores.csv"\ntriggers = "triggers.csv"')
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    (root / "ids.json").write_text(json.dumps(ids[:3]))
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    return root


def test_exactly_the_listed_are_drawn_and_the_rest_is_reconciled(listed: Path, node: Javascript) -> None:
    files = bundle(listed)
    ids = sorted(json.loads((listed / "ids.json").read_text()))
    drawn = records.Draw.parse(files["draw.json"])
    assert [c.object_id for c in drawn.drawn] == ids
    out = decode(files["excluded.tsv"], records.TABLE_COLUMNS["excluded.tsv"], file="excluded.tsv")
    assert set(out["reason"]) == {"off-target", "status"}
    assert verify(files.__getitem__, sorted(files)).first_failed is None
    assert replayed(node, files)["first_failed"] == 0


def test_the_sealed_plan_names_source_reason_and_date_of_every_trigger(listed: Path) -> None:
    plan = Plan.parse(bundle(listed)["plan.json"])
    assert plan.target is not None
    assert Counter(t.reason for t in plan.target.triggers or ()) == {
        "complaint": 1,
        "report": 1,
        "accident": 1,
        "recall": 1,
    }
    assert {t.source for t in plan.target.triggers or ()} == {"12315-2026-0001", "SG-7", "JB-9", "ZH-1"}


def test_lists_and_pages_say_targeted(listed: Path) -> None:
    ok(listed, "lists", DRAW)
    rows = list(csv.DictReader((listed / "lists" / DRAW / "检查名单.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {r["抽取方式"] for r in rows} == {"定向"}
    ok(listed, "publish")
    page = next(p for p in (listed / "site").rglob("*.html") if DRAW in p.name and "en" not in p.parts)
    assert "定向：线索名单" in re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8"))


def test_no_rate_is_estimated_from_complaints(listed: Path) -> None:
    refused(listed, "ESTIMATE_TRIGGERED", "estimate", DRAW)


def test_a_later_draw_does_not_see_the_targeted_one(listed: Path) -> None:
    """No cool-down, no cap: the listed objects stay in the frame with the chances they would have had."""
    folder = listed / "input"
    ids = json.loads((listed / "ids.json").read_text())
    with (folder / "history.csv").open("a", encoding="utf-8") as f:
        f.writelines(f"{ids[1]},2026-12-{n},1,0,0,GS-01,,{DRAW},,\n" for n in (10, 11, 12))
    text = (folder / "plan.toml").read_text(encoding="utf-8").replace('\ntriggers = "triggers.csv"', "")
    text = text.replace(', "off-target"]', "]").replace("P-2026-12", "P-2026-12b").replace('"100%"', '"50%"')
    (folder / "later.toml").write_text(text, encoding="utf-8")
    answer = say(listed, "plan", "input/later.toml", "--dry-runs", "0")
    assert answer.data["frame"]["excluded"] == {"status": 1, "cap": 1}, answer.out  # ids[0]; ids[1] is in
    cool = text.replace("cooldown = []", 'cooldown = [{ class = "A", months = 1 }, { class = "B", months = 1 }]')
    (folder / "january.toml").write_text(cool.replace('period = "2026-12"', 'period = "2027-01"'), encoding="utf-8")
    january = plans.load(folder / "january.toml", partial(earlier.draws, open_session(listed)))
    assert not [k for k in january.sources.history.key if k.endswith("/2026-12")]


def test_a_trigger_outside_the_registry_is_refused(demo: Path, tmp_path: Path) -> None:
    root = office(demo / "input", tmp_path / "w")
    folder = root / "input"
    (folder / "t.csv").write_text("object_id,date,reason,source\n91310000MA1FL9999X,2026-11-03,complaint,1\n")
    plan = (folder / "plan.toml").read_text(encoding="utf-8").replace('"cap"]', '"cap", "off-target"]')
    (folder / "plan.toml").write_text(
        plan.replace('scores = "scores.csv"', 'scores = "scores.csv"\ntriggers = "t.csv"')
    )
    answer = say(root, "plan", "input/plan.toml")
    assert answer.code != 0
    assert set(answer.codes) & {"TRIGGER_UNKNOWN", "USCC_CHECK", "CODE_CHECK", "ID_CHECK"}


def test_a_reason_nobody_knows_is_refused_at_its_cell() -> None:
    data = "object_id,date,reason,source\n91110000600037341L,2026-11-03,抱怨,1\n".encode()
    (problem,) = check_file("t.csv", data, "triggers", objects={"91110000600037341L"}).problems
    assert (problem.code, problem.place.row, problem.place.column) == ("TRIGGER_REASON", 2, "reason")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (target(), "PLAN_TARGET"),
        (target(when={}), "PLAN_TARGET"),
        (target(when={"tags": ["food"]}, triggers=[TRIGGER]), "PLAN_TARGET"),
        (target(triggers=[]) | FREE, "PLAN_TARGET"),
        (target(triggers=[TRIGGER]), "PLAN_TARGET"),
        (target(triggers=[TRIGGER | {"reason": "grudge"}]) | FREE, "PLAN_TRIGGER"),
        (target(triggers=[TRIGGER | {"date": "2027-11-20"}]) | FREE, "PLAN_TRIGGER"),
        (target(triggers=[TRIGGER]) | FREE | {"exclusions": list(EXCLUSIONS)}, "PLAN_EXCLUSIONS"),
        ({"exclusions": [*EXCLUSIONS, "off-target"]}, "PLAN_EXCLUSIONS"),
        ({"exclusions": [*EXCLUSIONS, "grace"]}, "PLAN_EXCLUSIONS"),
        ({"grace": 12}, "PLAN_EXCLUSIONS"),
        ({"grace": 0, "exclusions": [*EXCLUSIONS, "grace"]}, "PLAN_GRACE"),
        ({"grace": 37, "exclusions": [*EXCLUSIONS, "grace"]}, "PLAN_GRACE"),
    ],
)
def test_a_target_or_grace_that_does_not_fit_is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(PlanError) as caught:
        validate(planned(**fields))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("when", "row", "held"),
    [
        ({"industries": ["H62"]}, ("enterprise", "H6210", "-"), True),
        ({"industries": ["H62"]}, ("enterprise", "H61", "-"), False),
        ({"tags": ["food", "night"]}, ("enterprise", "-", "night,old"), True),
        ({"tags": ["food"]}, ("enterprise", "-", "foods"), False),
        ({"types": ["seller"], "tags": ["food"]}, ("seller", "-", "-"), False),
        ({"types": ["seller"]}, ("seller", "-", "-"), True),
    ],
)
def test_the_filter(when: dict[str, Any], row: tuple[str, str, str], held: object) -> None:
    plan = validate(planned(**target(when=when)))
    assert plan.target is not None
    assert plan.target.holds("x", *row) is held


@pytest.mark.parametrize(
    ("born", "rests"),
    [
        ("2026-12-01", True),
        ("2025-12-31", False),
        ("2026-01-01", True),
        ("2027-01-09", True),
        ("-", False),
        ("", False),
    ],
)
def test_the_grace_period_is_counted_in_calendar_months(born: str, rests: object) -> None:
    plan = planned(grace=12, exclusions=[*EXCLUSIONS, "grace"])  # of 2026-12
    assert in_grace(born, plan) is rests


def test_young_firms_are_excluded_under_their_own_reason() -> None:
    names = ("object_id", "owner_id", "object_type", "district", "industry", "tags", "status", "established")
    rows = [(o, "-", "enterprise", "310101", "-", "-", s, born) for o, s, born in (
        ("old", "存续", "2019-01-01"), ("young", "存续", "2026-06-01"), ("gone", "注销", "2026-06-01"))]  # fmt: skip
    registry = Registry(objects=from_rows(names, rows), classes=dict.fromkeys(("old", "young", "gone"), "B"), visits={})
    plan = validate(planned(grace=12, exclusions=["status", *EXCLUSIONS[1:], "grace"]))
    kept, out = split(registry, plan)
    assert [registry.objects["object_id"][i] for i in kept] == ["old"]
    assert list(out.rows()) == [("gone", "status"), ("young", "grace")]


@pytest.mark.parametrize("fault", ["off the filter", "nowhere", "dropped as off target"])
def test_verify_refuses_a_frame_that_is_not_the_target(fault: str, node: Javascript) -> None:
    """A verifier MUST refuse a frame object that the target does not hold, and an object of `triggers` that is neither in the frame nor excluded, or is excluded as `off-target`."""
    forge = Forge()
    ids = [r.split("\t")[0] for r in forge.files["frame.tsv"].decode().splitlines()[1:]]
    out = forge.files["excluded.tsv"].decode().splitlines()[1].split("\t")[0]
    named = {"off the filter": ids[1:], "nowhere": [*ids, "zz"], "dropped as off target": sorted([*ids, out])}[fault]
    triggers = [TRIGGER | {"object_id": o} for o in sorted(named, key=str.encode)]
    forge.change("plan.json", **target(triggers=triggers), cooldown=[])
    forge.change("plan.json", clauses=[c | {"period": "task", "ratio": "40%"} for c in GOLDEN_PLAN["clauses"]])
    plan = forge.get("plan.json")
    plan["clauses"] = [{k: v for k, v in c.items() if k not in ("drawn", "batches_left")} for c in plan["clauses"]]
    forge.put("plan.json", plan)
    if fault == "dropped as off target":
        forge.files["excluded.tsv"] = forge.files["excluded.tsv"].replace(b"\tstatus\t", b"\toff-target\t")
        forge.reroot("excluded")
        seal = forge.get("commitment.json")
        seal["excluded"]["counts"] = {"off-target": 1, "ratio-zero": 1}
        forge.put("commitment.json", seal)
    report = forge.relink().sign().log().manifest()
    judged = verify(report.files.__getitem__, sorted(report.files))
    assert judged.first_failed == 10
    assert replayed(node, report.files)["first_failed"] == 10


def test_the_demo_is_untargeted(demo: Path) -> None:
    assert Plan.parse((demo / BUNDLE / "plan.json").read_bytes()).target is None
