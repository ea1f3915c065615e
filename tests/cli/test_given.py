"""Lists given by the level above (上级下达名单): only the assignment is drawn, and results go back under its headings."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sampler import canon, records
from sampler.errors import InputError, PlanError
from sampler.io import earlier, plans
from sampler.io.checks import check_file
from sampler.io.listed import with_list
from sampler.io.session import open_session
from sampler.office import columns, upward
from sampler.plan import Plan, validate
from sampler.verify import verify
from tests.cli.office import AFTER_VISITS, DRAW, bundle, clock, office, ok, refused, revealed, say, sealed, valued
from tests.cli.test_targeted import FREE, GOLDEN_PLAN, TRIGGER, planned, target
from tests.forge import Forge
from tests.javascript import Javascript, replayed

SOURCE = {"authority": "省市场监督管理局", "document": "鲁市监信〔2026〕12号", "date": "2026-11-20"}
GIVEN = {**SOURCE, "sha256": "0" * 64, "objects": ["91310101MA1FL0006F"]}
MAP = """columns = [
  { heading = "抽查任务编号", text = "370000202611200001" },
  { heading = "市场主体代码", field = "object_id" },
  { heading = "名称", field = "name" },
  { heading = "执法人员", field = "team" },
  { heading = "完成日期", field = "date" },
  { heading = "结果", field = "result_name" },
]
"""


def prepare(root: Path, *, gone: bool = True) -> list[str]:
    """Write the list of the level above, its column map and the plan; return the objects on it."""
    folder = root / "input"
    lines = [r.split(",") for r in (folder / "objects.csv").read_text(encoding="utf-8").splitlines()[1:]]
    ids = [r[0] for r in lines if "存续" in r][:4] + [r[0] for r in lines if "注销" in r][: int(gone)]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2026年第一批联合双随机抽查名单（鲁市监信〔2026〕12号）"])
    sheet.append(["序号", "统一社会信用代码", "市场主体代码"])
    for n, o in enumerate(ids, start=1):
        sheet.append([str(n), "不是本列", o])
    book.save(folder / "上级名单.xlsx")
    (folder / "上级列名.toml").write_text(MAP, encoding="utf-8")
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    plan = re.sub(r"clauses = \[.*?\n\]\n", "", plan, flags=re.DOTALL).replace('"cap"]', '"cap", "off-target"]')
    plan = plan.replace('scores = "scores.csv"', 'scores = "scores.csv"\ngiven = "上级名单.xlsx"')
    facts = "".join(f'{k} = "{v}"\n' for k, v in SOURCE.items())
    (folder / "plan.toml").write_text(f'{plan}\n[given]\n{facts}columns = "上级列名.toml"\n', encoding="utf-8")
    return ids


@pytest.fixture(scope="module")
def given(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five objects, one of them gone, one at its yearly cap."""
    root = office(demo / "input", tmp_path_factory.mktemp("given") / "w")
    ids = prepare(root)
    with (root / "input/history.csv").open("a", encoding="utf-8") as f:
        f.writelines(f"{ids[0]},2026-0{n}-11,1,0,0,GS-01,,,,\n" for n in range(1, 4))
    (root / "ids.json").write_text(json.dumps(ids))
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    return root


def ids_of(root: Path) -> list[str]:
    return list(json.loads((root / "ids.json").read_text()))


def test_every_given_object_is_visited_and_only_the_teams_are_drawn(given: Path, node: Javascript) -> None:
    files = bundle(given)
    *here, gone = ids_of(given)
    drawn = records.Draw.parse(files["draw.json"])
    assert {c.object_id: c.rank for c in drawn.drawn} == dict.fromkeys(here, 0)
    assert not drawn.reserves
    assert files["tau.tsv"].count(b"\n") == 1, "no ticket decided"
    assert f"{gone}\tstatus".encode() in files["excluded.tsv"]
    teams = json.loads(files["assignment.json"])["teams"]
    assert all(len(t["members"]) >= 2 for t in teams)
    assert verify(files.__getitem__, sorted(files)).first_failed is None
    assert replayed(node, files)["first_failed"] == 0


def test_the_seal_names_who_drew_them_and_the_file_as_it_came(given: Path) -> None:
    plan = Plan.parse(bundle(given)["plan.json"])
    assert plan.target is not None
    assert plan.target.given is not None
    assert plan.target.given.to_dict() == {
        **SOURCE,
        "sha256": canon.sha256((given / "input/上级名单.xlsx").read_bytes()).hex(),
        "objects": sorted(ids_of(given)),
    }
    assert [c.ratio for c in plan.clauses] == ["100%"]


def test_documents_and_pages_say_given(given: Path) -> None:
    ok(given, "lists", DRAW)
    folder = given / "lists" / DRAW
    rows = list(csv.DictReader((folder / "检查名单.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {r["抽取方式"] for r in rows} == {"上级下达名单"}
    cover = "\n".join(str(c.value) for row in openpyxl.load_workbook(folder / "检查名单.xlsx")["封面"] for c in row)
    assert f"上级下达名单：{SOURCE['authority']}" in cover
    ok(given, "publish")
    page = next(p for p in (given / "site").rglob("*.html") if DRAW in p.name and "en" not in p.parts)
    assert f"上级下达名单：{SOURCE['authority']}" in re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8"))


def test_no_rate_is_estimated_from_it(given: Path) -> None:
    refused(given, "ESTIMATE_GIVEN", "estimate", DRAW)


def test_results_go_back_under_the_headings_of_the_level_above(given: Path) -> None:
    teams = {t["object_id"]: t["members"] for t in json.loads(bundle(given)["assignment.json"])["teams"]}
    rows = ["object_id,state,date,result,severity,officers"]
    rows += [f'{o},已检查,2026-12-10,5,2,"{m[0]["inspector_id"]},{m[1]["inspector_id"]}"' for o, m in teams.items()]
    (given / "results.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    clock(given, AFTER_VISITS)
    ok(given, "results", DRAW, "results.csv")
    ok(given, "lists", DRAW, "--columns", "input/上级列名.toml")
    head, *body = openpyxl.load_workbook(given / "lists" / DRAW / "上报表.xlsx").active.iter_rows(values_only=True)
    assert head == ("抽查任务编号", "市场主体代码", "名称", "执法人员", "完成日期", "结果")
    assert [row[1] for row in body] == sorted(teams)
    assert {(row[0], row[4], row[5]) for row in body} == {("370000202611200001", "2026-12-10", "发现问题已责令改正")}
    assert all(row[2] and len(row[3].split("；")) >= 2 for row in body)
    history = list(csv.DictReader((given / f"lists/{DRAW}/检查历史.csv").read_text(encoding="utf-8").splitlines()))
    assert {(r["pi"], r["W"]) for r in history} == {("", "")}


def test_its_visits_count_for_the_yearly_caps_and_start_no_cooldown(given: Path) -> None:
    folder = given / "input"
    capped = ids_of(given)[1]
    plan = (folder / "plan.toml").read_text(encoding="utf-8").split("\n[given]")[0]
    plan = (
        plan.replace('\ngiven = "上级名单.xlsx"', "").replace(', "off-target"]', "]").replace("P-2026-12", "P-2026-12b")
    )
    everybody = '{ clause = "all", classes = ["A", "B", "C", "D"], types = ["entity"], ratio = "50%", period = "task" }'
    kinds = set(re.findall(r'stratum = "(\w+)"', plan))
    everybody = everybody.replace('["entity"]', json.dumps(sorted(kinds)))
    text = plan.replace("[source]", f"clauses = [{everybody}]\n[source]", 1) if "clauses" not in plan else plan
    history = (folder / "history.csv").read_text(encoding="utf-8")
    try:
        with (folder / "history.csv").open("a", encoding="utf-8") as f:
            f.writelines(f"{capped},2026-12-{n},1,0,0,GS-01,,{DRAW},,\n" for n in (10, 11, 12))
        (folder / "later.toml").write_text(text, encoding="utf-8")
        answer = say(given, "plan", "input/later.toml", "--dry-runs", "0")
        assert answer.data["frame"]["excluded"]["cap"] == 2, answer.out  # the first had its visits before
        cool = text.replace("cooldown = []", 'cooldown = [{ class = "A", months = 1 }]')
        (folder / "january.toml").write_text(cool.replace('period = "2026-12"', 'period = "2027-01"'), encoding="utf-8")
        january = plans.load(folder / "january.toml", partial(earlier.draws, open_session(given)))
        assert not [k for k in january.sources.history.key if k.endswith("/2026-12")]
    finally:
        (folder / "history.csv").write_text(history, encoding="utf-8")


# what is refused before the seal


def unknown(root: Path) -> None:
    (root / "input/上级列名.toml").unlink()
    text = (root / "input/plan.toml").read_text(encoding="utf-8").replace('columns = "上级列名.toml"\n', "")
    (root / "input/plan.toml").write_text(text, encoding="utf-8")
    (root / "input/上级名单.xlsx").write_text("统一社会信用代码\nNOBODY-1\n", encoding="utf-8")


def classless(root: Path) -> None:
    """One object of the list has no class."""
    first = (root / "input/上级名单.xlsx", root / "input/classes.csv")
    mine = prepared(root)[0]
    lines = first[1].read_text(encoding="utf-8").splitlines(keepends=True)
    first[1].write_text("".join(x for x in lines if not x.startswith(mine)), encoding="utf-8")


def prepared(root: Path) -> list[str]:
    book = openpyxl.load_workbook(root / "input/上级名单.xlsx").worksheets[0]
    return [str(r[2]) for r in list(book.iter_rows(values_only=True))[2:]]


def replaced(old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / "input/plan.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (unknown, "GIVEN_UNKNOWN"),
        (classless, "GIVEN_EXCLUDED"),
        (replaced('date = "2026-11-20"\n', ""), "RECORD_MISSING"),
        (replaced('authority = "省', 'place = "省'), "RECORD_UNKNOWN"),
        (replaced('date = "2026-11-20"\n', 'date = "2027-11-20"\n'), "PLAN_GIVEN"),
        (replaced("[given]", "[giver]"), "PLAN_SECTION"),
        (replaced('"上级列名.toml"', '"没有.toml"'), "PLAN_MISSING"),
        (replaced('"上级名单.xlsx"', '"没有.xlsx"'), "PLAN_FILE"),
        (replaced(', "off-target"]', "]"), "PLAN_EXCLUSIONS"),
        (replaced('given = "上级', 'triggers = "t.csv"\ngiven = "上级'), "PLAN_TARGET"),
    ],
)
def test_a_list_that_cannot_be_kept_is_refused_before_the_seal(
    demo: Path, tmp_path: Path, change: Callable[[Path], None], code: str
) -> None:
    root = office(demo / "input", tmp_path / "w")
    prepare(root)
    change(root)
    answer = say(root, "plan", "input/plan.toml", "--dry-runs", "0")
    assert answer.codes == [code], answer.out
    assert answer.code != 0


def test_an_object_the_registry_does_not_hold_is_shown_at_its_row_with_what_to_do(demo: Path, tmp_path: Path) -> None:
    root = office(demo / "input", tmp_path / "w")
    prepare(root)
    gone = prepared(root)[1]
    objects = root / "input/objects.csv"
    kept = [x for x in objects.read_text(encoding="utf-8").splitlines(keepends=True) if not x.startswith(gone)]
    objects.write_text("".join(kept), encoding="utf-8")
    [told] = say(root, "plan", "input/plan.toml", "--dry-runs", "0").json["errors"]
    assert (told["code"], told["found"]) == ("GIVEN_UNKNOWN", gone)
    assert (told["file"], told["row"], told["column"]) == ("上级名单.xlsx", 4, "市场主体代码")
    assert "在 objects.csv 补一行" in told["hint"]
    objects.write_text("".join([*kept, f"{gone},企业,,补登的一户,990101,F5229,存续,2013-11-01\n"]), encoding="utf-8")
    ok(root, "plan", "input/plan.toml", "--dry-runs", "0")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (target(given=GIVEN, triggers=[TRIGGER]) | FREE, "PLAN_TARGET"),
        (target(given=GIVEN, when={"tags": ["food"]}) | FREE, "PLAN_TARGET"),
        (target(given=GIVEN | {"objects": []}) | FREE, "PLAN_TARGET"),
        (target(given=GIVEN), "PLAN_TARGET"),
        (target(given=GIVEN) | FREE | {"units": "owner"}, "PLAN_TARGET"),
        (target(given=GIVEN) | FREE | {"clauses": [FREE["clauses"][0] | {"ratio": "99%"}]}, "PLAN_GIVEN"),
        (target(given=GIVEN) | FREE | {"clauses": [FREE["clauses"][0] | {"ratio": ">=100%"}]}, "PLAN_GIVEN"),
        (target(given=GIVEN | {"date": "2027-11-20"}) | FREE, "PLAN_GIVEN"),
    ],
)
def test_a_plan_that_would_thin_out_the_list_is_refused(fields: dict[str, Any], code: str, node: Javascript) -> None:
    """A verifier MUST refuse a plan with `given` unless `objects` is not empty, `date` is not after the visits, and every ratio is `100%`."""
    with pytest.raises(PlanError) as caught:
        validate(planned(**fields))
    assert caught.value.code == code
    forge = Forge()
    forge.put("plan.json", GOLDEN_PLAN | fields)
    files = forge.relink().done().files
    assert replayed(node, files)["first_failed"] == verify(files.__getitem__, sorted(files)).first_failed == 2


# what a verifier refuses


@pytest.mark.parametrize("reason", ["cap", "no-class", "no-clause", "ratio-zero", "off-target", "nowhere", "frame"])
def test_verify_refuses_an_office_that_drops_a_given_object(reason: str, node: Javascript) -> None:
    """A verifier MUST refuse an object of `given` that is neither in the frame nor excluded as `status`."""
    forge = Forge()
    ids = [r.split("\t")[0] for r in forge.files["frame.tsv"].decode().splitlines()[1:]]
    out = forge.files["excluded.tsv"].decode().splitlines()[1].split("\t")[0]
    objects = {"nowhere": [*ids, "zz"], "frame": ids[1:]}.get(reason, [*ids, out])
    named = GIVEN | {"objects": sorted(objects, key=str.encode)}
    free = {"clauses": [c | {"ratio": "100%", "period": "task"} for c in GOLDEN_PLAN["clauses"]], "cooldown": []}
    for c in free["clauses"]:
        c.pop("drawn", None), c.pop("batches_left", None)
    forge.put("plan.json", GOLDEN_PLAN | target(given=named) | free)
    if reason not in ("nowhere", "frame"):
        forge.files["excluded.tsv"] = forge.files["excluded.tsv"].replace(b"\tstatus\t", f"\t{reason}\t".encode())
        forge.reroot("excluded")
        seal = forge.get("commitment.json")
        counted = dict.fromkeys(("ratio-zero", reason), 1) if reason != "ratio-zero" else {reason: 2}
        seal["excluded"]["counts"] = dict(sorted(counted.items()))
        forge.put("commitment.json", seal)
    files = forge.relink().done().files
    judged = verify(files.__getitem__, sorted(files))
    assert judged.first_failed == replayed(node, files)["first_failed"] == 10
    step = judged.steps[9]
    assert "名单" in step.meaning, step


# the column map


@pytest.mark.parametrize(
    "text",
    [
        "", "columns = 1", "columns = []", 'columns = ["object_id"]', 'columns = [{ heading = "a" }]', 'columns = [{ field = "name" }]',
        'columns = [{ heading = "a", field = "phone" }]', 'columns = [{ heading = "a", field = "name", text = "b" }]',
        'columns = [{ heading = "a", text = 1 }]', 'columns = [{ heading = " ", text = "b" }]',
        'columns = [{ heading = "a", field = "name" }, { heading = "a", field = "date" }]',
    ],
)  # fmt: skip
def test_a_column_map_that_does_not_hold_is_refused(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        columns.columns(tomllib.loads(text), "列名.toml")
    assert caught.value.code == "COLUMNS_FORM"


def test_every_field_of_the_map_has_its_cell() -> None:
    assert tuple(upward.CELLS) == columns.FIELDS


def test_a_formula_in_a_heading_or_text_stays_text(given: Path) -> None:
    (given / "input/bad.toml").write_text(
        "columns = [{ heading = '=1+1', text = '=HYPERLINK(\"x\")' }]", encoding="utf-8"
    )
    ok(given, "lists", DRAW, "--columns", "input/bad.toml")
    sheet = openpyxl.load_workbook(given / "lists" / DRAW / "上报表.xlsx").active
    assert {c.data_type for row in sheet for c in row} == {"s"}


def test_a_list_without_the_mapped_column_is_refused() -> None:
    read = check_file("a.csv", "代码\n1\n".encode(), "given", headings={"市场主体代码": "object_id"})
    assert [p.code for p in read.problems] == ["COLUMN_MISSING"]


def test_a_list_is_only_read_when_the_plan_names_it(tmp_path: Path) -> None:
    toml: dict[str, Any] = {"files": {}}
    assert with_list(tmp_path / "plan.toml", toml) is toml
    (tmp_path / "l.csv").write_text("统一社会信用代码\n91310000MA1FL9999X\n", encoding="utf-8")
    with pytest.raises(InputError):
        with_list(tmp_path / "plan.toml", {"files": {"given": "l.csv"}, "given": dict(SOURCE)})
