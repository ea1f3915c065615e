"""Two whole months of an office, from `init` to published results, with only what a clerk would touch.

December is an ordinary month. January has a cool-down, yearly caps counted from December's own results, a list of
complaints and a list given by the level above as tasks of the same sitting, a firm hit by two tasks and visited once, and
an officer who falls ill. The officers of the complaints also visit for the level above: their loads are shared.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sampler import records
from sampler.commands import demo as example
from sampler.tables import decode
from tests.cli.office import AFTER_VISITS, clock, ok, say

FIRST, SECOND, LISTED, GIVEN = "XJSC-2026-0001", "XJSC-2027-0001", "XJSC-2027-0002", "XJSC-2027-0003"
ALL = (FIRST, SECOND, LISTED, GIVEN)
HEAD = 3
ILL = ("--kind", "illness", "--from", "2027-01-10", "--to", "2027-01-31", "--requester", "本人", "--reason", "住院",
       "--form", "审〔2027〕1号", "--approved", "2027-01-09")  # fmt: skip


def to_excel(path: Path) -> None:
    """Save a CSV as a workbook, as a clerk would: the same cells as text, a banner above."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["云岭县检查对象名录库"])
    for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
        sheet.append(row)
    book.save(path.with_suffix(".xlsx"))
    path.unlink()


def teams(root: Path, draw: str) -> dict[str, list[str]]:
    found = json.loads((root / f"bundles/{draw}/assignment.json").read_bytes())["teams"]
    return {t["object_id"]: [m["inspector_id"] for m in t["members"]] for t in found}


def fill(root: Path, draw: str, date: str, skip: frozenset[str] = frozenset()) -> str:
    """Fill the result form of a draw in Excel."""
    name = f"lists/{draw}/检查结果登记表.xlsx"
    book = openpyxl.load_workbook(root / name)
    sheet = book.worksheets[0]
    at = {c.value: c.column for c in sheet[HEAD]}
    for r in range(HEAD + 1, sheet.max_row + 1):
        oid = sheet.cell(r, at["统一社会信用代码/注册号"]).value
        if oid in skip or oid not in teams(root, draw):
            continue
        cells = {"检查情况": "已检查", "检查日期": date, "检查结果": "1", "严重程度": "0",
                 "到场执法人员": "，".join(teams(root, draw)[oid])}  # fmt: skip
        for heading, value in cells.items():
            sheet.cell(r, at[heading]).value = value
    filled = f"lists/{draw}/填好.xlsx"
    book.save(root / filled)
    return filled


def drawn(root: Path, draw: str) -> set[str]:
    return {c.object_id for c in records.Draw.parse((root / f"bundles/{draw}/draw.json").read_bytes()).drawn}


def table(root: Path, draw: str, name: str) -> Any:
    return decode((root / f"bundles/{draw}/{name}").read_bytes(), records.TABLE_COLUMNS[name], file=name)


def january(root: Path) -> None:
    """Write what the clerk prepares for January: December's history joined, two plans, a list of complaints."""
    folder = root / "input"
    rows = (root / f"lists/{FIRST}/检查历史.csv").read_text(encoding="utf-8").splitlines()[1:]
    with (folder / "history.csv").open("a", encoding="utf-8") as f:
        f.writelines(r + "\n" for r in rows)
    head, *people = (folder / "roster.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for n, name in enumerate(("daily", "leads")):
        (folder / f"roster-{name}.csv").write_text(head + "".join(people[n::2]), encoding="utf-8")
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    for old, new in (
        ('period = "2026-12"', 'period = "2027-01"'), ('from = "2026-12-01", to = "2026-12-31"', 'from = "2027-01-10", to = "2027-01-31"'),
        ("2026339", "2027010"), ("2026-11-30T", "2027-01-08T"), ("2026-12-01T", "2027-01-09T"), ("2026-11-25", "2027-01-05"),
        ("2026年12月", "2027年1月"), ('jurisdiction = "district"', 'jurisdiction = "any"'),
    ):  # fmt: skip
        assert old in plan, old
        plan = plan.replace(old, new)
    daily = plan.replace("P-2026-12", "P-2027-01").replace('"roster.csv"', '"roster-daily.csv"')
    (folder / "a-daily.toml").write_text(daily.replace('ratio = "30%"', 'ratio = "100%"'), encoding="utf-8")
    ok(root, "plan", "input/a-daily.toml", "--form", "input/a-daily.xlsx")  # this month the clerk writes the form
    (folder / "a-daily.toml").unlink()
    leads = plan.replace("P-2026-12", "L-2027-01").replace('"roster.csv"', '"roster-leads.csv"')
    leads = re.sub(r'ratio = "[^"]*"', 'ratio = "100%"', leads).replace('"cap"]', '"cap", "off-target"]')
    leads = re.sub(r"cooldown = \[.*?\n\]", "cooldown = []", leads, flags=re.DOTALL)
    leads = leads.replace('scores = "scores.csv"', 'scores = "scores.csv"\ntriggers = "投诉.csv"')
    (folder / "b-leads.toml").write_text(leads, encoding="utf-8")
    classes = [r.split(",") for r in (folder / "classes.csv").read_text(encoding="utf-8").splitlines()]
    book = openpyxl.load_workbook(folder / "objects.xlsx").worksheets[0]
    alive = {r[0] for r in book.iter_rows(values_only=True) if "存续" in r}
    risky = next(r[0] for r in classes if r[1] == "D" and r[0] in alive)
    rested = min(drawn(root, FIRST) & {r[0] for r in classes if r[1] == "A"})
    lines = [
        "统一社会信用代码,线索日期,线索类型,工单编号",
        f"{risky},2027年1月3日,投诉,12315-1",
        f"{rested},2027/1/4,举报,12315-2",
    ]
    (folder / "投诉.csv").write_bytes("\n".join(lines).encode("gb18030"))
    (root / "named.json").write_text(json.dumps([risky, rested]))
    level_above(root, leads, sorted(alive - {risky, rested, "统一社会信用代码"})[:3])


def level_above(root: Path, leads: str, ids: list[str]) -> None:
    """Write the list the province sent, its headings, and the plan that visits it."""
    folder = root / "input"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["联合双随机抽查名单"], ["序号", "被检查主体"], *([n, o] for n, o in enumerate(ids, 1))):
        sheet.append(row)
    book.save(folder / "省局名单.xlsx")
    columns = '{ heading = "被检查主体", field = "object_id" }, { heading = "检查结果", field = "result_name" }'
    (folder / "省局列名.toml").write_text(f"columns = [{columns}]\n", encoding="utf-8")
    plan = re.sub(r"clauses = \[.*?\n\]\n", "", leads, flags=re.DOTALL).replace("L-2027-01", "G-2027-01")
    plan = plan.replace('triggers = "投诉.csv"', 'given = "省局名单.xlsx"')
    source = 'authority = "省局"\ndocument = "省市监〔2027〕1号"\ndate = "2027-01-04"\ncolumns = "省局列名.toml"\n'
    (folder / "c-given.toml").write_text(f"{plan}\n[given]\n{source}", encoding="utf-8")
    (root / "given.json").write_text(json.dumps(ids))


def walk(root: Path, month: str, value: str) -> None:
    for words in (("--yes",), ("--yes",), ("--value", value)):
        ok(root, "month", month, *words)


@pytest.fixture(scope="module")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("months") / "w"
    assert say(root.parent, "init", root.name, "--demo", root.name).code == 0
    shutil.copytree(demo / "input", root / "input")
    to_excel(root / "input/objects.csv")
    (root / "calendar.csv").write_text("日期,性质\n2027-01-01,休息\n", encoding="utf-8")
    plan = root / "input/plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"objects.csv"', '"objects.xlsx"'), encoding="utf-8")
    walk(root, "2026-12", example.VALUE)
    ok(root, "month", "2026-12", "--results", fill(root, FIRST, "2026-12-09"))
    clock(root, AFTER_VISITS)
    assert ok(root, "month", "2026-12")["done"]
    january(root)
    plan.rename(root / "input/plan-2026-12.toml")
    walk(root, "2027-01", "0305091113182022263135394148525761667180")
    return root


def test_december_and_january_verify(office: Path) -> None:
    for draw in ALL:
        assert say(office, "verify", f"bundles/{draw}").code == 0


def test_the_province_drew_the_firms_and_the_office_only_the_teams(office: Path) -> None:
    ids = json.loads((office / "given.json").read_text())
    assert drawn(office, GIVEN) == set(ids)
    assert {len(team) for team in teams(office, GIVEN).values()} == {2}
    assert (office / f"bundles/{GIVEN}/sitting/{LISTED}/assignment.json").exists(), "loads are shared"


def test_who_was_drawn_in_december_rests_unless_somebody_complains(office: Path) -> None:
    _, rested = json.loads((office / "named.json").read_text())
    frame = table(office, SECOND, "frame.tsv")
    level = dict(zip(frame["object_id"], frame["level"], strict=True))
    assert level[rested] == "0"
    assert rested in drawn(office, LISTED)


def test_decembers_own_results_fill_the_yearly_caps(office: Path) -> None:
    """December's visits are last year's: none is capped in January; a plan of December counts them."""
    assert "cap" not in table(office, SECOND, "excluded.tsv")["reason"]
    text = (office / "input/plan-2026-12.toml").read_text(encoding="utf-8").replace("P-2026-12", "P-2026-12b")
    caps = (office / "input/caps.csv").read_text(encoding="utf-8")
    (office / "input/caps-1.csv").write_text(caps.replace(",2026,2", ",2026,1"), encoding="utf-8")
    (office / "input/again.toml").write_text(text.replace('"caps.csv"', '"caps-1.csv"'), encoding="utf-8")
    found = say(office, "plan", "input/again.toml", "--dry-runs", "0").data["frame"]["excluded"]
    assert found["cap"] >= len(drawn(office, FIRST))


def test_an_officer_falls_ill_and_the_month_ends_with_published_results(office: Path) -> None:
    risky, _ = json.loads((office / "named.json").read_text())
    assert risky in drawn(office, SECOND) & drawn(office, LISTED)
    who = min(i for team in teams(office, SECOND).values() for i in team)
    changed = ok(office, "amend", SECOND, *ILL, "--officer", who)
    assert changed["changes"]
    ok(office, "month", "2027-01", "--results", fill(office, SECOND, "2027-01-15"))
    ok(office, "month", "2027-01", "--results", fill(office, LISTED, "2027-01-15", frozenset({risky})))
    both = frozenset(drawn(office, GIVEN) & drawn(office, SECOND))
    ok(office, "month", "2027-01", "--results", fill(office, GIVEN, "2027-01-16", both))
    batches = sorted((office / f"bundles/{LISTED}/results").iterdir())
    rows = {r["object_id"]: r for b in batches for r in json.loads(b.read_bytes())["rows"]}
    assert rows[risky]["merged_into"] == SECOND, "two tasks, one visit"
    clock(office, "2027-02-01T09:00:00Z")
    assert ok(office, "month", "2027-01")["done"]
    pages = "".join(p.read_text(encoding="utf-8") for p in (office / "site").rglob("*.html"))
    assert all(d in pages for d in ALL)
    ok(office, "lists", GIVEN, "--columns", "input/省局列名.toml")
    back = openpyxl.load_workbook(office / f"lists/{GIVEN}/上报表.xlsx").worksheets[0]
    head, *rows = back.iter_rows(values_only=True)
    assert head == ("被检查主体", "检查结果")
    assert dict(rows) == dict.fromkeys(drawn(office, GIVEN), "未发现问题")
    history = list(csv.DictReader((office / f"lists/{LISTED}/检查历史.csv").read_text(encoding="utf-8").splitlines()))
    assert {r["pi"] for r in history} <= {""}
    for draw in ALL:
        assert say(office, "verify", f"bundles/{draw}").code == 0
