"""The commands: files in, files out, one envelope, and never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from cli import group
from tests.unit.test_models_example import ASOF, make_classes, make_objects, make_rows, to_csv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "history.csv").write_bytes(to_csv(make_rows()))
    (tmp_path / "objects.csv").write_bytes(make_objects())
    (tmp_path / "classes.csv").write_bytes(make_classes())
    return tmp_path


def call_train(desk: Path, *more: str) -> Result:
    files = ["--history", f"{desk}/history.csv", "--objects", f"{desk}/objects.csv", "--classes", f"{desk}/classes.csv"]
    return CliRunner().invoke(group, ["train", *files, "--asof", ASOF, "--out", f"{desk}/points.json", *more])


def call_score(desk: Path, *more: str) -> Result:
    files = ["--model", f"{desk}/points.json", "--history", f"{desk}/history.csv", "--objects", f"{desk}/objects.csv"]
    files += ["--classes", f"{desk}/classes.csv"]
    return CliRunner().invoke(group, ["score", *files, "--asof", ASOF, "--out", f"{desk}/scores.csv", *more])


def envelope(result: Result) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(result.stdout)
    assert list(body) == ["schema", "ok", "exit", "data", "warnings", "errors"]
    assert body["exit"] == result.exit_code
    return body


def test_train_then_score_leaves_two_files(desk: Path) -> None:
    first, second = envelope(call_train(desk, "--json")), envelope(call_score(desk, "--json"))
    assert (first["schema"], second["schema"]) == ("sampler/train/v1", "sampler/score/v1")
    assert first["data"]["model_sha256"] == second["data"]["model_sha256"]
    assert (desk / "scores.csv").read_bytes().startswith(b"object_id,risk_ppm\nE000,")
    assert sorted(p.name for p in desk.iterdir()) == [
        "classes.csv", "history.csv", "objects.csv", "points.json", "scores.csv",
    ]  # fmt: skip


def test_without_json_a_chinese_summary_is_printed(desk: Path) -> None:
    assert call_train(desk, "--target", "severity>=2").stdout.startswith("模型已训练")
    assert call_score(desk).stdout.startswith("评分已完成")


def test_names_are_split_at_commas(desk: Path) -> None:
    body = envelope(call_train(desk, "--attributes", "district, industry,item", "--exclude", "item", "--json"))
    assert body["data"]["attributes"] == ["district", "industry"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (["--target", "severity"], "TARGET_SYNTAX"),
        (["--attributes", "inspector_id"], "ATTRIBUTE_INSPECTOR"),
        (["--attributes", "result"], "ATTRIBUTE_OUTCOME"),
        (["--asof", "soon"], "DATE_SYNTAX"),
        (["--history", "nowhere.csv"], "FILE_MISSING"),
        (["--out", "nowhere/points.json"], "FILE_WRITE"),
    ],
)
def test_a_refusal_is_an_envelope_with_exit_2(desk: Path, more: list[str], code: str) -> None:
    body = envelope(call_train(desk, "--json", *more))
    assert (body["ok"], body["exit"], body["errors"][0]["code"]) == (False, 2, code)
    assert set(body["errors"][0]) == {"code", "message", "hint", "file", "sheet", "row", "column", "found"}


def test_a_refusal_without_json_goes_to_stderr(desk: Path) -> None:
    result = call_train(desk, "--target", "severity")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "TARGET_SYNTAX" in result.stderr


def test_a_refusal_leaves_what_was_there(desk: Path) -> None:
    call_train(desk)
    before = (desk / "points.json").read_bytes()
    assert call_train(desk, "--target", "nowhere>1").exit_code == 2
    assert (desk / "points.json").read_bytes() == before


def test_a_model_that_is_none_is_refused(desk: Path) -> None:
    (desk / "points.json").write_bytes(b"{}")
    assert envelope(call_score(desk, "--json"))["errors"][0]["code"] == "POINTS_FIELD"


def test_a_missing_model_is_refused(desk: Path) -> None:
    assert envelope(call_score(desk, "--json"))["errors"][0]["code"] == "FILE_MISSING"
