"""The road end to end: the same bytes whatever the order, the interpreter's flags or the hash seed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.support import BUNDLE, Run, sampler

DEMO = ("demo", "--size", "small", "--stops", "2")


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def shuffled(source: Path, target: Path) -> Path:
    """Copy the example with every table's rows in another order."""
    shutil.copytree(source, target)
    rng = random.Random(7)
    for name in ("objects", "classes", "roster", "recusals", "items", "history"):
        head, *rows = (target / f"{name}.csv").read_text().splitlines(keepends=True)
        rng.shuffle(rows)
        (target / f"{name}.csv").write_text(head + "".join(rows))
    return target


def test_the_demo_verifies_with_sixteen_steps(demo: Path, run: Run) -> None:
    answer = run("verify", demo / BUNDLE, "--json")
    assert answer.code == 0
    data = answer.json["data"]
    assert [s["no"] for s in data["steps"]] == list(range(1, 17))
    assert {s["status"] for s in data["steps"][:13]} == {"ok"}
    assert data["first_failed"] is None
    assert data["not_proved"]


@pytest.mark.parametrize(
    ("python", "env"),
    [((), {"PYTHONHASHSEED": "1"}), (("-O",), {"PYTHONHASHSEED": "2"})],
    ids=["hash seed", "python -O"],
)
def test_the_same_bytes_again(demo: Path, tmp_path: Path, python: tuple[str, ...], env: dict[str, str]) -> None:
    answer = sampler(*DEMO, "--out", tmp_path / "w", cwd=tmp_path, python=python, **env)
    assert answer.code == 0, answer.err
    for part in ("bundles", "lists"):
        assert tree(tmp_path / "w" / part) == tree(demo / part)


def test_the_same_bytes_for_a_shuffled_registry(demo: Path, tmp_path: Path) -> None:
    data = shuffled(demo / "input", tmp_path / "data" / "small").parent
    answer = sampler(*DEMO, "--data", data, "--out", tmp_path / "w", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert tree(tmp_path / "w" / "bundles") == tree(demo / "bundles")


def test_explain_agrees_with_the_list(demo: Path, run: Run) -> None:
    drawn = run("-C", demo, "draw", "XJSC-2026-0001", "--json").json["data"]["drawn"]
    first = drawn[0]
    told = run("-C", demo, "explain", "XJSC-2026-0001", first["object_id"], "--json").json["data"]
    assert (told["outcome"], told["pi_e12"], told["rank"]) == ("drawn", first["pi_e12"], first["rank"])
    assert told["rank"] == 0 or told["below_tau"]
    assert [m["inspector_id"] for m in told["team"]] == [m["inspector_id"] for m in first["team"]]


def test_teams_have_two_different_officers(demo: Path, run: Run) -> None:
    data = run("-C", demo, "draw", "XJSC-2026-0001", "--json").json["data"]
    assert data["n"] == len(data["drawn"]) > 0
    vacant = {v["object_id"] for v in data["vacancies"]}
    for d in data["drawn"]:
        members = [m["inspector_id"] for m in d["team"]]
        assert len(set(members)) == len(members)
        assert len(members) == 2 or d["object_id"] in vacant


def test_the_log_is_whole_and_a_changed_entry_shows(demo: Path, tmp_path: Path, run: Run) -> None:
    assert run("-C", demo, "log", "check").code == 0
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    entries = copy / "log" / "entries"
    entries.write_bytes(entries.read_bytes().replace(b"commitment", b"commitmint", 1))
    answer = run("-C", copy, "log", "check", "--json")
    assert (answer.code, answer.json["ok"]) == (1, False) or answer.code == 2


def test_secrets_are_for_the_owner_alone(demo: Path) -> None:
    for p in (demo / "private").rglob("*"):
        if p.is_file():
            assert p.stat().st_mode & 0o077 == 0, p


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("seal", "input/plan.toml", "--sitting", "XJSC-2026-12-S1"), "SITTING_CLOSED"),
        (("reveal", "XJSC-2026-12-S1", "--party", "business"), "SITTING_CLOSED"),
        (("reveal", "XJSC-2026-12-S1", "--party", "business", "--commit"), "SITTING_SEALED"),
        (("reveal", "XJSC-2026-12-S1", "--party", "nobody"), "PARTY_UNKNOWN"),
        (("reveal", "other", "--party", "law"), "NOT_SEALED"),
        (("close", "other"), "NOT_SEALED"),
        (("seed", "other", "--value", "1"), "NOT_CLOSED"),
        (("seed", "XJSC-2026-12-S1", "--value", "0102"), "VALUE_LENGTH"),
        (("draw", "XJSC-2026-0002"), "NOT_SEALED"),
        (("explain", "XJSC-2026-0001", "nobody"), "OBJECT_UNKNOWN"),
        (("init", "."), "WORKSPACE_EXISTS"),
        (("verify", "input"), "NOT_A_BUNDLE"),
    ],
)
def test_a_step_out_of_turn_is_refused_and_nothing_is_lost(
    demo: Path, tmp_path: Path, run: Run, words: tuple[str, ...], code: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    before = tree(copy)
    answer = run("-C", copy, *words, "--json")
    assert answer.code in (1, 2)
    if code != "VALUE_LENGTH":
        assert answer.codes == [code]
    assert tree(copy) == before


def test_a_second_seal_of_the_same_plan_is_refused(demo: Path, tmp_path: Path, run: Run) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo, copy)
    for p in ("business", "law", "notary"):
        assert run("-C", copy, "reveal", "S2", "--party", p, "--commit").code == 0
    answer = run("-C", copy, "seal", "input/plan.toml", "--sitting", "S2", "--json")
    assert (answer.code, answer.codes) == (1, ["DRAW_EXISTS"])


def test_who_will_be_visited_is_for_the_owner_alone(demo: Path) -> None:
    for part in ("draws", "bundles", "lists"):
        for p in (demo / part).rglob("*"):
            assert not p.is_file() or p.stat().st_mode & 0o077 == 0, p
