"""Texts that the import makes codes of keep their words: an office may write its qualifications in Chinese."""

from __future__ import annotations

from pathlib import Path

from sampler.io.labels import labels
from sampler.io.values import code_of

ROSTER = "检查人员名录\n执法证号,姓名,单位,部门,证件有效期,岗位资质\nLE1,某,东所,食品科,2030-01-01,食品；lead\nLE2,某,东所,食品科,2030-01-01,\n"
ITEMS = "事项编号,事项名称,法律依据,事项类别,对象类型,资质\nA-1,甲,《法》,一般,企业,食品、特种设备\n"
FILES = {"roster": ("roster.csv", ROSTER.encode()), "items": ("items.csv", ITEMS.encode())}


def found(folder: Path, own: str = "") -> dict[str, str]:
    (folder / "labels.csv").write_text(own, encoding="utf-8")
    toml = {"files": {"labels": "labels.csv"} if own else {"objects": "objects.csv"}}
    return {row[0]: row[1] for row in labels(folder / "plan.toml", toml, FILES).rows()}


def test_every_text_that_became_a_code_has_its_words(tmp_path: Path) -> None:
    assert found(tmp_path) == {code_of(t): t for t in ("东所", "食品科", "食品", "特种设备")}


def test_the_offices_own_file_names_its_codes(tmp_path: Path) -> None:
    said = found(tmp_path, "code,name\n990100,云岭县\nlead,组长\n不是代码,无\n")
    assert (said["990100"], said["lead"]) == ("云岭县", "组长")
    assert "不是代码" not in said


def test_a_file_without_these_columns_has_none(tmp_path: Path) -> None:
    bare = {"roster": ("r.csv", "执法证号,姓名\nLE1,某\n".encode()), "items": ("i.csv", b"?\n")}
    assert not list(labels(tmp_path / "plan.toml", {"files": {"objects": "objects.csv"}}, bare).rows())
