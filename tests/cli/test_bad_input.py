"""Bad input: the place, what was found, what to do, a stable code; exit 1 or 2; nothing written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli
from sampler.commands import shell

Edit = Callable[[Path], None]


def replace(file: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))

    return edit


def line(file: str, number: int, change: Callable[[str], str]) -> Edit:
    def edit(folder: Path) -> None:
        lines = (folder / file).read_text().splitlines(keepends=True)
        lines[number] = change(lines[number].rstrip("\n")) + "\n"
        (folder / file).write_text("".join(lines))

    return edit


def write(file: str, data: bytes) -> Edit:
    def edit(folder: Path) -> None:
        (folder / file).write_bytes(data)

    return edit


def no_leads(folder: Path) -> None:
    text = (folder / "roster.csv").read_text()
    (folder / "roster.csv").write_text(text.replace("lead", "led"))


def gb18030(folder: Path) -> None:
    text = (folder / "objects.csv").read_text()
    (folder / "objects.csv").write_bytes(text.encode("gb18030")[:-3] + b"\x81")


def repeated(folder: Path) -> None:
    text = (folder / "objects.csv").read_text()
    second = (
        text.splitlines()[1].replace("存续", "注销") if "存续" in text.splitlines()[1] else text.splitlines()[1] + "9"
    )
    (folder / "objects.csv").write_text(text + second + "\n")


def off_by_one(row: str) -> str:
    """Change a credit code's check character."""
    return row[:17] + ("1" if row[17] != "1" else "2") + row[18:]


CASES: dict[str, tuple[Edit, str, str]] = {
    "missing column": (replace("objects.csv", "区划", "别的"), "COLUMN_MISSING", "objects.csv"),
    "duplicate id": (repeated, "ID_DUPLICATE", "objects.csv"),
    "wrong check digit": (line("objects.csv", 1, off_by_one), "USCC_CHECK", "objects.csv"),
    "code ruined by Excel": (line("objects.csv", 1, lambda r: "9.1E+17" + r[18:]), "CODE_RUINED", "objects.csv"),
    "broken GB18030": (gb18030, "ENCODING", "objects.csv"),
    "empty file": (write("roster.csv", b""), "FILE_EMPTY", "roster.csv"),
    "unknown district": (line("objects.csv", 1, lambda r: r.replace(",9901", ",8801")), "DISTRICT_UNKNOWN", "objects.csv"),
    "ratio above 100 %": (replace("plan.toml", '"1%"', '"101%"'), "RATIO_ABOVE_ONE", ""),
    "no eligible lead": (no_leads, "NO_TEAM", ""),
    "negative risk": (line("scores.csv", 1, lambda r: r.split(",")[0] + ",-5"), "SCORES_ROW", ""),
    "risk is NaN": (line("scores.csv", 1, lambda r: r.split(",")[0] + ",NaN"), "SCORES_ROW", ""),
    "risk above one": (line("scores.csv", 1, lambda r: r.split(",")[0] + ",1000001"), "RISK_RANGE", ""),
    "severity is NaN": (line("history.csv", 1, lambda r: r.replace(",1,0,0,", ",1,NaN,0,")), "NUMBER_NAN", "history.csv"),
    "10 MB cell": (line("objects.csv", 1, lambda r: r + "," + "x" * 10_000_000), "CELL_TOO_LONG", "objects.csv"),
    "unknown field in the plan": (replace("plan.toml", "dry_runs", "colour = 1\ndry_runs"), "RECORD_UNKNOWN", "plan.toml"),
    "unlisted item": (replace("plan.toml", '"GS-01"', '"A99"'), "ITEM_UNLISTED", "plan"),
    "team of one": (replace("plan.toml", 'group = "member", count = 1', 'group = "member", count = 0'), "PLAN_TEAM", "plan.json"),
    "not TOML": (write("plan.toml", b"a = = 1"), "PLAN_TOML", "plan.toml"),
    "no such file": (replace("plan.toml", '"caps.csv"', '"nope.csv"'), "PLAN_FILE", "nope.csv"),
    "short source": (replace("plan.toml", "kl8", "fc3d"), "SOURCE_ENTROPY", ""),
    "score missing": (write("scores.csv", b"object_id,risk_ppm\n"), "SCORE_MISSING", ""),
}  # fmt: skip


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo / "input", tmp_path / "input"))


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = shell.run(cli.group, [*words, "--json"])
    out = capsys.readouterr()
    assert "Traceback" not in out.out + out.err
    return code, json.loads(out.out)


@pytest.mark.parametrize("name", list(CASES))
def test_bad_input_is_refused(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit, want, file = CASES[name]
    edit(folder)
    before = {p: p.read_bytes() for p in folder.rglob("*")}
    code, found = answer(capsys, "plan", str(folder / "plan.toml"), "--dry-runs", "0")
    assert code in (1, 2)
    first = found["errors"][0]
    assert want in {e["code"] for e in found["errors"]} or first["code"].startswith(want), found["errors"]
    assert first["message"]
    assert first["hint"]
    if file:
        assert first["file"] == file
    assert {p: p.read_bytes() for p in folder.rglob("*")} == before


def test_the_untouched_example_is_accepted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = answer(capsys, "plan", str(folder / "plan.toml"), "--dry-runs", "1")
    assert code == 0, found["errors"]
    assert found["data"]["frame"]["registry"] == found["data"]["frame"]["eligible"] + sum(
        found["data"]["frame"]["excluded"].values()
    )


def test_check_names_row_and_column(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line("objects.csv", 5, off_by_one)(folder)
    code, found = answer(capsys, "check", str(folder / "objects.csv"))
    assert code == 1
    assert (found["errors"][0]["code"], found["errors"][0]["row"]) == ("USCC_CHECK", 6)


def test_seal_refuses_bad_input_before_it_writes(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(demo, tmp_path / "w"))
    for p in ("business", "law", "notary"):
        answer(capsys, "-C", str(copy), "reveal", "S9", "--party", p, "--commit")
    replace("input/plan.toml", '"P-2026-12"', '"other"')(copy)
    write("input/roster.csv", b"")(copy)
    log = (copy / "log" / "entries").read_bytes()
    code, found = answer(capsys, "-C", str(copy), "seal", "input/plan.toml", "--sitting", "S9")
    assert (code, found["errors"][0]["code"]) == (2, "FILE_EMPTY")
    assert sorted(p.name for p in (copy / "draws").iterdir()) == ["XJSC-2026-0001"]
    assert (copy / "log" / "entries").read_bytes().startswith(log)


def test_a_shortage_of_leads_is_told_in_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = folder / "roster.csv"
    roster.write_text(re.sub(r",执法人员,\d+,", ",执法人员,0,", roster.read_text()))
    code, found = answer(capsys, "plan", str(folder / "plan.toml"), "--dry-runs", "1")
    assert code == 1
    hall = found["data"]["feasibility"]["hall"]
    assert all(h["slots"] > h["capacity"] for h in hall)
    assert "HALL" in {e["code"] for e in found["errors"]}
