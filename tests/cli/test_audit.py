"""audit, as somebody runs it on ours and on another office's program (docs/spec/audit.md, 5 and 6)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import called

HONEST = """
import hashlib, sys
seed, frame, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
ids = [line.split(",")[0] for line in open(frame, encoding="utf-8").read().splitlines()[1:]]
print("\\n".join(sorted(ids, key=lambda i: hashlib.sha256((seed + i).encode()).digest())[:n]))
"""
CAPTURE = pytest.CaptureFixture[str]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "draw.py").write_text(HONEST, encoding="utf-8")
    rows = ["代码,名称", *(f"U{k:02d},名称 $(touch x); {k}" for k in range(12))]
    (tmp_path / "frame.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def words(office: Path, program: str = "draw.py {seed} {frame} {n}", n: int = 3) -> list[str]:
    command = f"{sys.executable} {office}/{program}"
    return ["-C", str(office), "audit", "--command", command, "--frame", "frame.csv", "--n", str(n), "--runs", "30"]


def test_another_offices_program_is_run_once_a_seed_without_a_shell(office: Path, capsys: CAPTURE) -> None:
    answer = called(capsys, *words(office), "--json")
    assert answer.code == 0, answer.err
    data = answer.json["data"]
    assert (data["ids"], data["n"], data["runs"], data["flagged"]) == (12, 3, 30, [])
    assert {c["check"]: c["status"] for c in data["checks"]}["order"] == "ok"
    assert not (office / "x").exists()


def test_a_program_that_ignores_the_seed_is_flagged_and_exits_1(office: Path, capsys: CAPTURE) -> None:
    (office / "draw.py").write_text("import sys\nsys.argv[1] = '5'\n" + HONEST, encoding="utf-8")
    answer = called(capsys, *words(office), "--json")
    assert answer.code == 1
    assert "seeds" in answer.json["data"]["flagged"]
    text = called(capsys, *words(office))
    assert "结论: 有问题" in text.out


def test_a_program_that_reads_no_frame_is_not_asked_about_its_order(office: Path, capsys: CAPTURE) -> None:
    (office / "draw.py").write_text("import sys\nprint(f'U{int(sys.argv[1]) % 12:02d}')\n", encoding="utf-8")
    data = called(capsys, *words(office, "draw.py {seed}", 1), "--json").json["data"]
    assert {c["check"]: c["status"] for c in data["checks"]}["order"] == "na"


def test_teams_are_lines_of_several_ids(office: Path, capsys: CAPTURE) -> None:
    (office / "draw.py").write_text(HONEST.replace('"\\n".join', '",".join'), encoding="utf-8")
    words_ = [*words(office, n=1), "--teams", "3"]
    words_[words_.index("--command") + 1] = words_[words_.index("--command") + 1].replace("{n}", "3")
    data = called(capsys, *words_, "--json").json["data"]
    checks = {c["check"]: c for c in data["checks"]}
    assert checks["results"]["status"] == "ok"
    assert checks["pairs"]["possible"] == 66


def test_claimed_probabilities_are_read(office: Path, capsys: CAPTURE) -> None:
    rows = ["代码,概率", *(f"U{k:02d},{0.9 if k < 2 else 0.12}" for k in range(12))]
    (office / "claims.csv").write_text("\n".join(rows), encoding="utf-8")
    answer = called(capsys, *words(office), "--claimed", "claims.csv", "--json")
    assert "uniform" in answer.json["data"]["flagged"]


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import sys; sys.exit('坏了')", "AUDIT_COMMAND"),
        ("import time; time.sleep(20)", "AUDIT_COMMAND"),
        ("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", "AUDIT_COMMAND"),
    ],
)
def test_a_program_that_fails_is_told_with_its_seed(office: Path, capsys: CAPTURE, program: str, code: str) -> None:
    (office / "draw.py").write_text(program, encoding="utf-8")
    answer = called(capsys, *words(office), "--timeout", "0.5", "--json")
    assert (answer.code, answer.codes) == (1, [code])
    assert "种子" in answer.json["errors"][0]["hint"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"--command": "prog"}, "AUDIT_COMMAND"),
        ({"--command": "prog '{seed}"}, "AUDIT_COMMAND"),
        ({"--command": "/no/such/program {seed}"}, "AUDIT_COMMAND"),
        ({"--frame": "nowhere.csv"}, "FILE_ACCESS"),
        ({"--frame": "twice.csv"}, "AUDIT_FRAME"),
        ({"--frame": "empty.csv"}, "AUDIT_FRAME"),
        ({"--frame": "gbk.csv"}, "AUDIT_FRAME"),
        ({"--n": "13"}, "AUDIT_CLAIMED"),
        ({"--n": "0"}, "USAGE"),
        ({"--claimed": "twice.csv"}, "AUDIT_CLAIMED"),
        ({"--claimed": "high.csv"}, "AUDIT_CLAIMED"),
        ({"--claimed": "sum.csv"}, "AUDIT_CLAIMED"),
        ({"--draw": "XJSC-2026-0001"}, "USAGE"),
        ({"--runs": "1"}, "USAGE"),
    ],
)
def test_what_cannot_be_audited_is_refused(office: Path, capsys: CAPTURE, changes: dict[str, str], code: str) -> None:
    (office / "twice.csv").write_text("代码\nU01\nU01\n", encoding="utf-8")
    (office / "empty.csv").write_text("代码\n", encoding="utf-8")
    (office / "gbk.csv").write_bytes("代码\n企业\n".encode("gb18030"))
    (office / "high.csv").write_text("\n".join(["x", *(f"U{k:02d},2" for k in range(12))]), encoding="utf-8")
    (office / "sum.csv").write_text("\n".join(["x", *(f"U{k:02d},0.5" for k in range(12))]), encoding="utf-8")
    given = words(office)
    for option, value in changes.items():
        if option in given:
            given[given.index(option) + 1] = value
        else:
            given += [option, value]
    answer = called(capsys, *given, "--json")
    assert answer.code in (1, 2)
    assert answer.codes == [code]


def test_a_sealed_task_is_audited_with_its_own_probabilities(demo: Path, capsys: CAPTURE) -> None:
    answer = called(capsys, "-C", demo, "audit", "--draw", "XJSC-2026-0001", "--runs", "100", "--json")
    assert answer.code == 0, answer.err
    data = answer.json["data"]
    assert (data["ids"], data["n"], data["flagged"]) == (500, 14, [])
    assert {c["check"]: c["status"] for c in data["checks"]}["reach"] == "unclear"


@pytest.mark.parametrize("name", ["XJSC-2026-0009", "../..", "."])
def test_a_task_that_is_not_sealed_is_refused(demo: Path, capsys: CAPTURE, name: str) -> None:
    assert called(capsys, "-C", demo, "audit", "--draw", name, "--json").codes == ["NOT_SEALED"]


def test_one_procedure_at_a_time(capsys: CAPTURE) -> None:
    assert called(capsys, "audit", "--json").codes == ["USAGE"]
    assert called(capsys, "audit", "no-such-draw", "--json").codes == ["USAGE"]
