"""An office of two without internet: from `init` to a verified bundle, with nothing but the template workbooks.

The real commands, the real clock, real entropy. Between the steps everything out of turn is tried, and refused.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from stdnum.cn import uscc

import cli
from models.words import WORDS
from sampler.commands import shell
from sampler.commands.templates import SHEETS, example_plan
from tests.support import ROOT, sampler

CHINESE = re.compile("[\u4e00-\u9fff]")
DRAW, SITTING, PLAN = "SLSC-{year}-0001", "S1", "plan-example.toml"
TWENTY = "0205091113182022263135394148525761667180"
OFFICERS = 12
Row = list[object]


class Line(NamedTuple):
    """A command, the exit code and the error code it should give."""

    name: str
    words: tuple[str, ...]
    exit: int = 0
    code: str = ""


class Done(NamedTuple):
    """What it gave, and whether a file changed."""

    line: Line
    exit: int
    answer: dict[str, Any]
    wrote: bool


def code(n: int) -> str:
    base = f"{'91' if n % 3 else '92'}990101MA{n:07d}"
    return base + str(uscc.calc_check_digit(base))


def fill(path: Path, rows: Iterable[Row]) -> None:
    """Type rows below the headings, as a clerk does."""
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.active.append(row)
    book.save(path)


def type_everything(root: Path, year: int) -> None:
    ids = [code(n) for n in range(60)]
    area = ["990101", "990102"]
    t = root / "templates"
    fill(t / "检查对象.xlsx", ([
        c, "企业" if n % 3 else "个体工商户", None, f"青石{n}店", area[n % 2], "F5211" if n % 5 == 0 else "H6110",
        "注销" if n == 59 else "存续", dt.date(2020, 1, 31) if n % 2 else "2020-01-31",
    ] for n, c in enumerate(ids)))  # fmt: skip
    fill(t / "信用分类.xlsx", ([c, "ABCD"[n % 4], "省平台", None] for n, c in enumerate(ids)))
    fill(t / "执法检查人员.xlsx", ([
        f"E99{n:03d}", f"甲{n}", f"0009990{n:04d}", "石林县局", "市场监管", area[n % 2], "长期", "A01",
        "lead；food" if n < 6 else "food" if n < 10 else None, "执法人员", 6, None,
    ] for n in range(OFFICERS)))  # fmt: skip
    fill(t / "回避.xlsx", [["E99000", "对象", ids[3], "kin", "officer"]])
    fill(
        t / "抽查事项清单.xlsx",
        [["A01", "登记事项检查", "《企业信息公示暂行条例》", "一般", "企业；个体工商户", None, "3%", None]],
    )
    fill(t / "频次上限.xlsx", [["A01", "市场监管", year, 2]])
    fill(t / "检查历史.xlsx", ([
        ids[n], dt.date(year - 1, 1 + n % 12, 15), "未发现问题" if n % 3 else 5, 0 if n % 3 else 2, None, "A01",
        "E99001",
    ] for n in range(24)))  # fmt: skip
    fill(t / "风险评分.xlsx", ([c, 1000 * (n + 1)] for n, c in enumerate(ids)))


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def do(root: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Run a command in this process and return its exit code and its one JSON object."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = shell.run(cli.group, ["-C", str(root), *words, "--json"])
    answer: dict[str, Any] = json.loads(out.getvalue())
    return status, answer


def test_every_code_of_the_models_has_its_chinese() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "models").glob("*.py") if p.name != "words.py")
    raised = set(re.findall(r"(?:refuse|refuse_rows|warning)\(\s*\"([A-Z_]+)\"", text)) | {
        "HISTORY_FUTURE",
        "HISTORY_MERGED",
        "HISTORY_REPEATED",
        "HISTORY_UNKNOWN",
    }
    assert raised == set(WORDS)


def books() -> tuple[str, ...]:
    return tuple(f"templates/{name}" for name in SHEETS)


def lines(draw: str) -> dict[str, list[Line]]:
    """Return the road in four stretches."""
    last = "seal", PLAN, "--sitting", SITTING
    train = ("--asof", "2100-01-01", "--out", "points.json")
    return {
        "fill": [
            Line("check", ("check", *books())),
            Line("check-csv", ("check", *books(), "--csv", "input")),
            Line("check-csv-again", ("check", *books(), "--csv", "input")),
            Line("train-workbook", ("train", "--history", "templates/检查历史.xlsx", *train), 2, "TRAIN_ROWS"),
            Line("train-few", ("train", "--history", "input/history.csv", *train), 2, "TRAIN_ROWS"),
            Line("plan-without-scores", ("plan", PLAN), 1, "PLAN_FILE"),
            Line("scores", ("check", "templates/风险评分.xlsx", "--csv", ".")),
            Line("plan", ("plan", PLAN, "--dry-runs", "3")),
        ],
        "promise": [
            Line("seal-unpromised", last, 1, "PARTY_MISSING"),
            Line("promise-business", ("reveal", SITTING, "--party", "business", "--commit")),
            Line("seal-one-party", last, 1, "PARTY_MISSING"),
            Line("promise-law", ("reveal", SITTING, "--party", "law", "--commit")),
        ],
        "early": [
            Line("reveal-unsealed", ("reveal", SITTING, "--party", "law"), 1, "NOT_SEALED"),
            Line("close-unsealed", ("close", SITTING), 1, "NOT_SEALED"),
            Line("seed-unsealed", ("seed", SITTING, "--value", TWENTY), 1, "NOT_CLOSED"),
            Line("draw-unsealed", ("draw", draw), 1, "NOT_SEALED"),
            Line("lists-unsealed", ("lists", draw), 1, "NOT_SEALED"),
            Line("verify-unsealed", ("verify", f"bundles/{draw}"), 2, "NOT_A_BUNDLE"),
        ],
        "draw": [
            Line("seal", last),
            Line("promise-late", ("reveal", SITTING, "--party", "law", "--commit"), 1, "SITTING_SEALED"),
            Line("close-unrevealed", ("close", SITTING), 1, "REVEALS_FEW"),
            Line("reveal-business", ("reveal", SITTING, "--party", "business")),
            Line("close-one-party", ("close", SITTING), 1, "REVEALS_FEW"),
            Line("reveal-all", ("reveal", SITTING, "--party", "law"), 1, "CUSTODY_NEEDED"),
            Line("keep-own", ("reveal", SITTING, "--party", "law", "--to", "law"), 1, "CUSTODY_SELF"),
            Line("keep-stranger", ("reveal", SITTING, "--party", "law", "--to", "x"), 1, "PARTY_UNKNOWN"),
            Line("keep-twice", ("reveal", SITTING, "--party", "business", "--to", "law"), 1, "REVEALED_TWICE"),
            Line("keep-law", ("reveal", SITTING, "--party", "law", "--to", "business")),
            Line("reveal-kept", ("reveal", SITTING, "--party", "law"), 1, "REVEALED_TWICE"),
            Line("seed-open", ("seed", SITTING, "--value", TWENTY), 1, "NOT_CLOSED"),
            Line("close", ("close", SITTING)),
            Line("reveal-closed", ("reveal", SITTING, "--party", "law"), 1, "SITTING_CLOSED"),
            Line("draw-unseeded", ("draw", draw), 1, "NO_VALUE"),
            Line("seed-19-balls", ("seed", SITTING, "--value", TWENTY[2:]), 2, "VALUE_FORM"),
            Line("seed-spaces", ("seed", SITTING, "--value", " ".join(re.findall("..", TWENTY))), 2, "VALUE_FORM"),
            Line("seed-no-file", ("seed", SITTING, "--file", "nowhere.txt"), 2, "FILE_ACCESS"),
            Line("seed", ("seed", SITTING, "--file", "balls.txt")),
            Line("lists-sealed", ("lists", draw)),
            Line("draw", ("draw", draw)),
            Line("lists", ("lists", draw)),
            Line("verify", ("verify", f"bundles/{draw}")),
            Line("explain", ("explain", draw, code(0))),
            Line("explain-excluded", ("explain", draw, code(59))),
            Line("explain-nobody", ("explain", draw, "nobody"), 1, "OBJECT_UNKNOWN"),
            Line("log-show", ("log", "show")),
            Line("log-check", ("log", "check")),
            Line("seal-again", last, 1, "SITTING_CLOSED"),
        ],
    }  # fmt: skip


NAMES = [line.name for stretch in lines(DRAW).values() for line in stretch]


class Road(NamedTuple):
    root: Path
    filled: Path
    draw: str
    done: dict[str, Done]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """Walk the road once; a copy is kept of the office that has promised and not sealed."""
    base = tmp_path_factory.mktemp("office")
    root, filled = base / "w", base / "filled"
    status, first = do(base, "init", "w", "--agency", "SLSC", "--name", "石林县市场监督管理局")
    assert status == 0, first
    year = int(re.findall(r'period = "(\d{4})', (root / PLAN).read_text())[0])
    type_everything(root, year)
    (root / "balls.txt").write_text(f"{TWENTY}\n")
    draw = DRAW.format(year=year)
    done: dict[str, Done] = {}
    for stretch, steps in lines(draw).items():
        for line in steps:
            before = tree(root)
            status, answer = do(root, *line.words)
            done[line.name] = Done(line, status, answer, tree(root) != before)
        if stretch == "promise":
            shutil.copytree(root, filled)
    return Road(root, filled, draw, done)


def usable(error: dict[str, Any]) -> None:
    """Hold a refusal to what a clerk needs: in Chinese, what was found, and what to do."""
    assert CHINESE.search(error["message"]), error
    assert CHINESE.search(error["hint"]), error


@pytest.mark.parametrize("name", NAMES)
def test_each_step_in_turn_is_done_and_out_of_turn_is_refused(road: Road, name: str) -> None:
    line, status, answer, wrote = road.done[name]
    assert status == line.exit, answer["errors"]
    assert (answer["exit"], answer["ok"]) == (status, status == 0)
    assert [e["code"] for e in answer["errors"]] == ([line.code] if line.code else [])
    assert set(answer) == {"schema", "ok", "exit", "data", "warnings", "errors"}
    assert re.fullmatch(r"sampler/[a-z]+/v1", answer["schema"])
    for e in answer["errors"]:
        usable(e)
    assert not (line.code and wrote), "a refused step wrote something"


def test_the_templates_as_filled_leave_nothing_to_warn_about(road: Road) -> None:
    assert {w["code"] for w in road.done["check"].answer["warnings"]} <= {"NORMALISED"}  # full width marks
    few = "Q_UNCLEAR"  # three dry runs cannot bound a chance
    assert {w["code"] for w in road.done["plan"].answer["warnings"]} <= {"NORMALISED", few}
    kinds = {f["as"] for f in road.done["check"].answer["data"]["files"]}
    assert (len(SHEETS), len(kinds)) == (10, 9), "districts and industries are tables of one kind"


KEYS = {
    "check": {"files"},
    "plan": {"frame", "strata", "levels", "feasibility"},
    "draw": {"draw_id", "seed", "n", "drawn", "reserves", "vacancies", "bundle"},
    "verify": {"draw_id", "level", "steps", "first_failed", "not_proved"},
}
INNER = {
    ("check", "files"): {"file", "as", "sheet", "rows", "accepted", "columns"},
    ("plan", "frame"): {"registry", "eligible", "excluded"},
    ("plan", "strata"): {"stratum", "N", "n", "m", "take_all"},
    ("plan", "feasibility"): {"no_team", "hall", "infeasible_share", "pairs"},
    ("draw", "drawn"): {"object_id", "stratum", "rank", "pi_e12", "team"},
    ("verify", "steps"): {"no", "id", "status", "want", "found", "meaning"},
}


@pytest.mark.parametrize("name", list(KEYS))
def test_outside_scripts_find_the_keys_of_the_contract(road: Road, name: str) -> None:
    data = road.done[name].answer["data"]
    assert set(data) >= KEYS[name]
    for (command, key), want in INNER.items():
        if command == name:
            inner = data[key][0] if isinstance(data[key], list) else data[key]
            assert set(inner) >= want


def test_the_numbers_of_the_plan_the_seal_and_the_draw_agree(road: Road) -> None:
    plan, seal, draw = (road.done[n].answer["data"] for n in ("plan", "seal", "draw"))
    assert plan["frame"] == {"registry": 60, "eligible": 59, "excluded": {"status": 1}}
    sealed = seal["draws"][0]
    assert (sealed["draw_id"], sealed["registry"], sealed["frame"]) == (road.draw, 60, 59)
    assert sum(s["n"] for s in plan["strata"]) == sealed["n"] == draw["n"] == len(draw["drawn"])
    for d in draw["drawn"]:
        assert len({m["inspector_id"] for m in d["team"]}) == 2
        assert (d["object_id"], "E99000") not in {(code(3), m["inspector_id"]) for m in d["team"]}


def test_the_bundle_verifies_with_what_the_office_kept_outside_it(road: Road) -> None:
    charter = re.findall(r"^ +0 charter +([0-9a-f]{16})", sampler("-C", road.root, "log", "show", cwd=road.root).out)[0]
    full = next(e["rhash"] for e in road.done["log-show"].answer["data"]["entries"] if e["type"] == "charter")
    assert full.startswith(charter)
    words = (
        "--charter",
        full,
        "--head",
        "log/checkpoint",
        "--seal-code",
        road.done["seal"].answer["data"]["seal_code"],
    )
    answer = sampler("-C", road.root, "verify", f"bundles/{road.draw}", *words, "--json", cwd=road.root)
    assert (answer.code, answer.json["data"]["first_failed"]) == (0, None)
    wrong = sampler(
        "-C", road.root, "verify", f"bundles/{road.draw}", "--seal-code", "0000 " * 10, "--json", cwd=road.root
    )
    assert wrong.code == 1


def test_the_lists_carry_names_and_the_bundle_does_not(road: Road) -> None:
    made = (road.root / "lists" / road.draw / "检查名单.csv").read_bytes().decode("utf-8-sig")
    assert re.search("青石[0-9]+店", made)
    for name, data in tree(road.root / "bundles").items():
        assert "甲1".encode() not in data, name
        assert b"0009990" not in data, name
    for name in ("objects", "history", "classes", "scores"):
        assert "青石".encode() not in (road.root / "input" / f"{name}.csv").read_bytes()
    assert not (road.root / "input" / "roster.csv").exists()


@pytest.fixture
def office(road: Road, tmp_path: Path) -> Path:
    """Return an office that has filled its templates and promised."""
    return Path(shutil.copytree(road.filled, tmp_path / "w"))


def refused(root: Path, *words: str) -> dict[str, Any]:
    """Run a command that must be refused and change nothing."""
    before = tree(root)
    status, answer = do(root, *words)
    assert status in (1, 2)
    assert answer["exit"] == status
    for e in answer["errors"]:
        usable(e)
    assert tree(root) == before
    error: dict[str, Any] = answer["errors"][0]
    return error


def change(root: Path, old: str, new: str) -> None:
    text = (root / PLAN).read_text()
    assert old in text
    (root / PLAN).write_text(text.replace(old, new, 1))


def test_the_plan_of_another_agency_is_refused(office: Path) -> None:
    change(office, '"SLSC"', '"OTHER"')
    assert refused(office, "seal", PLAN, "--sitting", SITTING)["code"] == "PLAN_AGENCY"


@pytest.mark.parametrize("kind", ["objects", "classes", "roster", "recusals", "items", "caps", "history", "scores"])
def test_a_file_named_in_the_plan_that_is_not_there(office: Path, kind: str) -> None:
    text = (office / PLAN).read_text()
    name = re.findall(rf'^{kind} = "(.*?)"', text, re.MULTILINE)[0]
    (office / name).unlink()
    error = refused(office, "plan", PLAN)
    assert (error["code"], error["file"], error["column"]) == ("PLAN_FILE", name, f"files.{kind}")


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (("--party", "business=业务股"), "PARTIES_FEW"),
        (("--party", "a=甲", "--party", "a=乙"), "PARTY_TWICE"),
        (("--party", "业务=甲", "--party", "b=乙"), "PARTY_FORM"),
        (("--agency", "xjsc"), "AGENCY_FORM"),
    ],
)
def test_an_unfit_charter_is_refused_before_anything_is_written(
    tmp_path: Path, words: tuple[str, ...], want: str
) -> None:
    assert refused(tmp_path, "init", "w", *words)["code"] == want
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("edit", "want"),
    [
        (('ratio = ">=1%"', 'ratio = "0.1%"'), "CLAUSE_ZERO"),
        (('"990101", "990102"', '"990101"'), "DISTRICT_UNKNOWN"),
        (('items = ["A01"]', 'items = ["B02"]'), "ITEM_UNLISTED"),
        (("lottery:kl8:", "lottery:kl9:"), "SOURCE_GAME"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_plan_that_cannot_be_carried_out(office: Path, edit: tuple[str, str], want: str) -> None:
    change(office, *edit)
    assert refused(office, "plan", PLAN)["code"] == want


def test_a_clean_csv_never_replaces_a_file_that_says_something_else(office: Path) -> None:
    (office / "input" / "history.csv").write_text("object_id\n")
    assert refused(office, "check", "templates/检查历史.xlsx", "--csv", "input")["code"] == "CSV_EXISTS"


def test_a_file_that_is_not_there_is_told_in_chinese(office: Path) -> None:
    error = refused(office, "check", "nowhere.xlsx")
    assert (error["code"], error["file"]) == ("FILE_ACCESS", "nowhere.xlsx")
    assert "No such file" not in error["message"]


@pytest.mark.parametrize(
    "words",
    [("seal", PLAN), ("nope",), ("plan", "--colour", "red", PLAN), ("check", "--as", "what", "x"), ("reveal", "S"), ("plan",)],
    ids=" ".join,
)  # fmt: skip
def test_usage_is_told_in_chinese(office: Path, words: tuple[str, ...]) -> None:
    assert refused(office, *words)["code"] == "USAGE"


def test_the_envelope_names_the_command_not_the_directory(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    _, answer = do(tmp_path / "log", "plan", PLAN)
    assert answer["schema"] == "sampler/plan/v1"
    out = io.StringIO()
    with contextlib.chdir(tmp_path), contextlib.redirect_stdout(out):
        shell.run(cli.group, ["-C", "log", "plan", PLAN, "--json"])
    assert json.loads(out.getvalue())["schema"] == "sampler/plan/v1"


def test_one_error_names_each_bad_cell_with_its_row_and_column(office: Path) -> None:
    book = openpyxl.load_workbook(office / "templates" / "检查对象.xlsx")
    sheet = book.active
    sheet["A3"], sheet["B4"], sheet["E5"] = 9.1990101e17, "星球", None
    book.save(office / "templates" / "检查对象.xlsx")
    status, answer = do(office, "check", "templates/检查对象.xlsx")
    assert status == 1
    places = {(e["sheet"], e["row"], e["column"]) for e in answer["errors"]}
    assert places == {("填报", 3, "统一社会信用代码"), ("填报", 4, "主体类型"), ("填报", 5, "区划")}


def test_each_template_is_understood_and_its_choices_are_accepted(road: Road) -> None:
    columns = {f["file"]: f["columns"] for f in road.done["check"].answer["data"]["files"]}
    for name, wanted in SHEETS.items():
        used = set(columns[name].values())
        unused = {c.heading for c in wanted} - used
        assert not unused, name
        assert all(len(",".join(c.choices)) <= 255 for c in wanted), "a list Excel refuses"


@pytest.mark.parametrize("day", ["2026-01-31", "2026-11-25", "2027-12-31", "2028-01-30"])
def test_the_example_plan_is_for_next_month(day: str) -> None:
    today = dt.date.fromisoformat(day)
    text = example_plan("SLSC", today)
    assert "{" not in re.sub(
        r"[{] (?:from|type|clause|class|floor|template|group|rung|limit)|groups = .*|= [{]", "", text
    )
    first = dt.date.fromisoformat(re.findall(r'from = "(.*?)"', text)[0])
    assert first.day == 1
    assert today < first <= today + dt.timedelta(days=31)
    assert f'reveal = "{first - dt.timedelta(days=1)}T' in text
