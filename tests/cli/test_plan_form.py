"""The plan as a workbook on the road: made, tried, sealed and drawn as its TOML is, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

from sampler.io.monthly import EXAMPLE, FORM
from tests.cli.office import DRAW, VALUE, bundle, office, ok, refused, revealed, say, sealed, valued

XLSX = "input/抽查计划.xlsx"


@pytest.fixture(scope="module")
def desk(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of twenty objects with its plan as TOML and as a form."""
    root = office(demo / "input", tmp_path_factory.mktemp("form") / "w")
    ok(root, "plan", "input/plan.toml", "--form", XLSX)
    return root


@pytest.fixture
def root(desk: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(desk, tmp_path / "w"))


def write(path: Path, sheet: str, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet][cell].value = value
    book.save(path)


def test_the_form_seals_and_draws_the_same_bytes(root: Path, tmp_path: Path) -> None:
    twin = Path(shutil.copytree(root, tmp_path / "twin"))
    (twin / "input/plan.toml").unlink()
    assert ok(root, "plan", "input/plan.toml") == ok(twin, "plan", XLSX)
    want = sealed(root)
    for p in ("business", "law", "notary"):
        ok(twin, "reveal", "S", "--party", p, "--commit")
    assert ok(twin, "seal", XLSX, "--sitting", "S") == want
    for desk in (root, twin):
        revealed(desk)
        valued(desk)
        ok(desk, "draw", DRAW)
    assert bundle(root) == bundle(twin)


def test_month_finds_the_form_by_what_it_says(root: Path) -> None:
    (root / "input/plan.toml").unlink()
    (root / XLSX).rename(root / "input/十二月.xlsx")
    shutil.copy(root / "templates/检查对象.xlsx", root / "input/其他.xlsx")
    (root / "input/~$抽查计划.xlsx").write_bytes(b"in use")
    (root / "input/broken.xlsx").write_bytes(b"PK no workbook")
    assert ok(root, "month", "2026-12", "--yes")["draws"] == [DRAW]
    assert ok(root, "month", "2026-12", "--yes", "--value", VALUE)["stop"] == "公示归档"


def test_one_plan_in_both_forms_is_not_sealed_twice(root: Path) -> None:
    said = say(root, "month", "2026-12", "--yes")
    assert said.codes == ["MONTH_STOPPED"]
    assert "DRAW_TWICE" in said.err
    assert not (root / "draws").exists()


def test_the_examples_of_init_are_for_copying(root: Path) -> None:
    for name in ("input/plan.toml", XLSX):
        (root / name).unlink()
    answer = ok(root, "month", "2026-12", "--yes")
    assert FORM in answer["next"][0]
    assert EXAMPLE in answer["next"][0]


@pytest.mark.parametrize("command", [("plan", XLSX), ("seal", XLSX, "--sitting", "S"), ("month", "2026-12")])
@pytest.mark.parametrize(
    ("sheet", "cell", "value", "code"),
    [("抽查比例", "D3", 0.1, "RATIO_SYNTAX"), ("计划", "B4", "=1+1", "PLAN_FORM_FORMULA"), ("轮休", "C3", "x", "PLAN_FORM_STRAY")],
)  # fmt: skip
def test_a_wrong_cell_stops_every_command_with_its_place(
    root: Path, command: tuple[str, ...], sheet: str, cell: str, value: object, code: str
) -> None:
    for p in ("business", "law", "notary") if command[0] == "seal" else ():
        ok(root, "reveal", "S", "--party", p, "--commit")
    write(root / XLSX, sheet, cell, value)
    (error,) = (e for e in say(root, *command).json["errors"] if e["code"] == code)
    assert (error["file"], error["sheet"], error["row"]) == ("抽查计划.xlsx", sheet, int(cell[1:]))
    assert all(error[k] for k in ("message", "hint", "column"))
    assert not (root / "draws").exists()


def test_what_does_not_fit_together_is_shown_by_its_cell(root: Path) -> None:
    write(root / XLSX, "数据文件", "B3", "没有.csv")
    (error,) = say(root, "plan", XLSX).json["errors"]
    assert (error["code"], error["sheet"], error["row"], error["column"]) == ("PLAN_FILE", "数据文件", 3, "信用分类")
    write(root / XLSX, "数据文件", "B3", "classes.csv")
    write(root / XLSX, "计划", "B10", "A99")
    (error,) = say(root, "plan", XLSX).json["errors"]
    assert (error["code"], error["sheet"], error["row"]) == ("ITEM_UNLISTED", "计划", 10)


def test_writing_the_form(root: Path) -> None:
    refused(root, "PLAN_FORM_EXISTS", "plan", "input/plan.toml", "--form", XLSX)
    plan = root / "input/plan.toml"
    plan.write_text(plan.read_text().replace("[files]", '[files]\nmore = "x.csv"'))
    refused(root, "PLAN_FORM_CANNOT", "plan", "input/plan.toml", "--form", "other.xlsx")
    assert not (root / "other.xlsx").exists()
    plan.write_text(plan.read_text().replace("reserves = 2", "reserves = -2"))
    refused(root, "RECORD_VALUE", "plan", "input/plan.toml", "--form", "other.xlsx")
    refused(root, "PLAN_MISSING", "plan", "input/no.toml", "--form", "other.xlsx")


def test_triggers_in_two_places_are_refused(root: Path) -> None:
    (root / "input/leads.csv").write_text("统一社会信用代码,线索日期,线索类型,工单编号\n")
    write(root / XLSX, "数据文件", "B10", "leads.csv")
    book = openpyxl.load_workbook(root / XLSX)
    book["线索名单"].append([])
    for c, value in enumerate(("91990102MAK7PM2A0H", "2026-11-20", "投诉", "1"), 1):
        book["线索名单"].cell(3, c).value = value
    book.save(root / XLSX)
    (error,) = say(root, "plan", XLSX).json["errors"]
    assert (error["code"], error["sheet"]) == ("PLAN_LIST_TWICE", "线索名单")
