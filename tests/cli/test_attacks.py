"""A dishonest office with the tool in its hands: each step refuses what replay would refuse later, and says why."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sampler import canon
from tests.cli.twenty import make
from tests.support import Answer, sampler

DRAW = "XJSC-2026-0001"
BASE = f"draws/{DRAW}"
SITTING = "sittings/S"
AFTER_THE_SEAL = ("assignment.json", "draw.json", "seed.json", "tau.tsv")
VALUE = "0205091113182022263135394148525761667180"
OTHER = "0105091113182022263135394148525761667180"


@pytest.fixture(scope="session")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of 20 objects whose draw is done."""
    root = tmp_path_factory.mktemp("attacks") / "w"
    make(demo / "input", root)
    return root


@pytest.fixture
def work(office: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(office, tmp_path / "w"))


def call(root: Path, *words: str | Path) -> Answer:
    return sampler("-C", root, *words, "--json", cwd=root.parent)


def rewind(root: Path, until: str) -> None:
    """Put the log back to where it was before the first entry of a type, with the files of later steps gone."""
    lines = (root / "private/log-journal").read_bytes().splitlines(keepends=True)
    index = [json.loads(line[65:]) for line in lines]
    size = next(n for n, e in enumerate(index) if e["type"] == until)
    (root / "private/log-journal").write_bytes(b"".join(lines[:size]))
    entries = (root / "log/entries").read_bytes().splitlines(keepends=True)
    (root / "log/entries").write_bytes(b"".join(entries[:size]))
    for old in (root / "log/checkpoints").iterdir():
        if int(old.name) > size:
            old.unlink()
    shutil.copy(root / f"log/checkpoints/{size:08d}", root / "log/checkpoint")
    types = [e["type"] for e in index[size:]]
    gone = {"closing": "closing.json", "public-value": "public-value.json", "reveal": "reveal-*.json"}
    for type_ in set(types) & gone.keys():
        for path in (root / SITTING).glob(gone[type_]):
            path.unlink()
    for name in AFTER_THE_SEAL:
        (root / BASE / name).unlink()
    shutil.rmtree(root / "bundles")


def change(path: Path, **fields: Any) -> None:
    path.write_bytes(canon.encode(json.loads(path.read_bytes()) | fields))


def swap(path: Path) -> None:
    """Change the last digit of the last line to another."""
    data = path.read_bytes()
    at = max(n for n, c in enumerate(data) if chr(c).isdigit())
    path.write_bytes(data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :])


@pytest.mark.parametrize(
    ("file", "drawn"),
    [
        *((f, False) for f in ("frame.tsv", "roster.tsv", "strata.tsv", "levels.tsv", "items.tsv", "scores.csv")),
        ("frame.tsv", True),
    ],
)
def test_draw_refuses_a_table_that_is_not_the_sealed_one(work: Path, file: str, *, drawn: bool) -> None:
    if not drawn:
        rewind(work, "draw")
    path = work / BASE / file
    swap(path)
    before = (work / "log/entries").read_bytes()
    answer = call(work, "draw", DRAW)
    assert (answer.code, answer.codes) == (1, ["SEAL_BROKEN"])
    assert (work / "log/entries").read_bytes() == before


@pytest.mark.parametrize(
    ("file", "fields", "code"),
    [
        (f"{BASE}/plan.json", {"reserves": 9}, "SEAL_BROKEN"),
        (f"{BASE}/registration.json", {"deadline": "2027-12-01T10:00:00Z"}, "SEAL_BROKEN"),
        (f"{BASE}/commitment.json", {"registry": 21}, "RECORD_CHANGED"),
        (f"{SITTING}/public-value.json", {"value": OTHER}, "RECORD_CHANGED"),
        (f"{SITTING}/closing.json", {"revealed": {}}, "RECORD_CHANGED"),
    ],
)
def test_draw_refuses_a_record_that_is_not_the_logged_one(
    work: Path, file: str, fields: dict[str, Any], code: str
) -> None:
    rewind(work, "draw")
    change(work / file, **fields)
    answer = call(work, "draw", DRAW)
    assert (answer.code, answer.codes) == (1, [code])


def test_the_draw_goes_on_after_the_rewind(work: Path) -> None:
    """The attacks above are refused for what they change, not for how they were set up."""
    rewind(work, "draw")
    assert call(work, "draw", DRAW).code == 0


def test_explain_takes_the_round_of_the_objects_own_block(work: Path) -> None:
    """Told apart by a round no other block has."""
    path = work / f"bundles/{DRAW}/assignment.json"
    record = json.loads(path.read_bytes())
    drawn = next(t["object_id"] for t in record["teams"] if t["members"])
    before = call(work, "explain", DRAW, drawn).json["data"]["team"]
    for block in record["blocks"]:
        if any(p.startswith(f"g:{drawn}:") for p in block["potentials"]):
            block["round"] = 1
    record["blocks"].append({**record["blocks"][-1], "block": "zzz", "round": 0, "potentials": {"hub": "0"}})
    path.write_bytes(canon.encode(record))
    after = call(work, "explain", DRAW, drawn).json["data"]["team"]
    assert [m["ticket"] for m in after] != [m["ticket"] for m in before]


def refused(root: Path, code: str, *words: str | Path) -> None:
    answer = call(root, *words)
    assert (answer.code, answer.codes) == (1, [code])


def test_a_second_public_value_is_refused_even_when_the_first_ones_file_is_gone(work: Path) -> None:
    rewind(work, "draw")
    (work / SITTING / "public-value.json").unlink()
    refused(work, "LOGGED_ONCE", "seed", "S", "--value", OTHER)
    refused(work, "RECORD_CHANGED", "draw", DRAW)


def test_evidence_of_a_refused_value_does_not_reach_the_bundle(work: Path, tmp_path: Path) -> None:
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(b"x")
    refused(work, "ALREADY_DONE", "seed", "S", "--value", OTHER, "--evidence", scan)
    assert call(work, "draw", DRAW).code == 0
    assert call(work, "verify", f"bundles/{DRAW}").json["data"]["first_failed"] is None


def test_evidence_stands_in_the_bundle_and_a_hidden_or_double_name_is_refused(work: Path, tmp_path: Path) -> None:
    rewind(work, "public-value")
    paths = [tmp_path / "a" / "scan.jpg", tmp_path / "b" / "scan.jpg", tmp_path / ".scan"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    refused(work, "EVIDENCE_NAME", "seed", "S", "--value", VALUE, "--evidence", paths[2])
    refused(work, "EVIDENCE_NAME", "seed", "S", "--value", VALUE, "--evidence", paths[0], "--evidence", paths[1])
    assert call(work, "seed", "S", "--value", VALUE, "--evidence", paths[0]).code == 0
    assert call(work, "draw", DRAW).code == 0
    assert (work / f"bundles/{DRAW}/evidence/scan.jpg").read_bytes() == b"x"
    assert call(work, "verify", f"bundles/{DRAW}").code == 0


def test_a_deleted_reveal_is_no_absence(work: Path) -> None:
    rewind(work, "closing")
    (work / SITTING / "reveal-notary.json").unlink()
    refused(work, "REVEALS_CHANGED", "close", "S")
    assert call(work, "reveal", "S", "--party", "notary").code == 0
    assert call(work, "close", "S").code == 0


@pytest.fixture
def waiting(work: Path) -> Path:
    """Return a sitting in which two of three parties revealed."""
    rewind(work, "reveal")
    for party in ("business", "law"):
        assert call(work, "reveal", "S", "--party", party).code == 0
    return work


def test_nobody_is_absent_before_the_deadline(waiting: Path) -> None:
    refused(waiting, "CLOSED_EARLY", "close", "S")
    change(waiting / "workspace.json", demo_day="2026-11-30T10:00:01Z")
    assert call(waiting, "close", "S").code == 0


def test_nobody_is_absent_without_a_public_source(demo: Path, tmp_path: Path) -> None:
    root = promised(demo, tmp_path, source="parties")
    assert call(root, "seal", "input/plan.toml", "--sitting", "P").code == 0
    for party in ("business", "law"):
        assert call(root, "reveal", "P", "--party", party).code == 0
    change(root / "workspace.json", demo_day="2026-11-30T10:00:01Z")
    refused(root, "PARTY_ABSENT", "close", "P")


def promised(demo: Path, tmp_path: Path, *, source: str = "lottery:kl8:2026339", sitting: str = "P") -> Path:
    """Return a fresh workspace in which all parties have promised."""
    root = tmp_path / "p"
    assert sampler("init", root, "--demo", "promised", cwd=tmp_path).code == 0
    shutil.copytree(demo / "input", root / "input")
    swap_text(root / "input/plan.toml", "lottery:kl8:2026339", source)
    for party in ("business", "law", "notary"):
        assert call(root, "reveal", sitting, "--party", party, "--commit").code == 0
    return root


def swap_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def variant(root: Path, name: str, **swaps: tuple[str, str]) -> None:
    """Write another plan beside the first, with officers of its own unless told otherwise."""
    text = (root / "input/plan.toml").read_text(encoding="utf-8")
    roster = (root / "input/roster.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (root / "input" / f"{name}-roster.csv").write_text(
        roster[0] + "".join("Z" + row for row in roster[1:]), encoding="utf-8"
    )
    text = text.replace("roster.csv", f"{name}-roster.csv")
    for old, new in swaps.values():
        assert old in text
        text = text.replace(old, new)
    (root / "input" / f"{name}.toml").write_text(text, encoding="utf-8")


def plan_id(root: Path) -> str:
    lines = (root / "input/plan.toml").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("plan_id"))


def test_one_seal_refuses_a_task_twice_mixed_sources_and_a_past_deadline(demo: Path, tmp_path: Path) -> None:
    root = promised(demo, tmp_path)
    own = (f'plan_id = "{plan_id(root)}"', 'plan_id = "other"')
    variant(root, "twice")
    variant(root, "mixed", own=own, source=("kl8:2026339", "kl8:2026340"))
    size = (root / "log/entries").read_bytes()
    seal = ("seal", "input/plan.toml")
    refused(root, "DRAW_TWICE", *seal, "input/twice.toml", "--sitting", "P")
    refused(root, "SOURCE_MIXED", *seal, "input/mixed.toml", "--sitting", "P")
    change(root / "workspace.json", demo_day="2026-11-30T10:00:00Z")
    refused(root, "DEADLINE_PAST", *seal, "--sitting", "P")
    assert (root / "log/entries").read_bytes() == size


def test_a_sealed_sitting_takes_no_further_draw(demo: Path, tmp_path: Path) -> None:
    """Its registration would stand behind the promises: no replay could accept it, and the seal code would change."""
    root = promised(demo, tmp_path)
    variant(root, "later", own=(f'plan_id = "{plan_id(root)}"', 'plan_id = "other"'))
    assert call(root, "seal", "input/plan.toml", "--sitting", "P").code == 0
    refused(root, "SITTING_SEALED", "seal", "input/later.toml", "--sitting", "P")


def test_a_seal_cut_off_between_index_and_checkpoint_goes_on(demo: Path, tmp_path: Path) -> None:
    root = promised(demo, tmp_path)
    assert call(root, "seal", "input/plan.toml", "--sitting", "P").code == 0
    last = max((root / "log/checkpoints").iterdir())
    last.unlink()
    entries = (root / "log/entries").read_bytes().splitlines(keepends=True)
    (root / "log/entries").write_bytes(b"".join(entries[:-1]))
    for party in ("business", "law", "notary"):
        assert call(root, "reveal", "P", "--party", party).code == 0
    assert last.exists()
    assert call(root, "log", "check").code == 0


@pytest.mark.parametrize("sitting", [".", "..", "../x", "a/b", ""])
def test_a_sitting_is_a_name_and_no_path(work: Path, sitting: str) -> None:
    refused(work, "SITTING_ID", "reveal", sitting, "--party", "law", "--commit")


def test_no_two_parties_share_a_secret_by_their_names(tmp_path: Path) -> None:
    root = tmp_path / "w"
    assert sampler("init", root, "--party", "b", "--party", "a-b", cwd=tmp_path).code == 0
    assert call(root, "reveal", "S", "--party", "a-b", "--commit").code == 0
    assert call(root, "reveal", "S-a", "--party", "b", "--commit").code == 0
    secrets = {p.read_bytes() for p in (root / "private/parties").rglob("*") if p.is_file()}
    assert len(secrets) == 4, "two secrets and two chains"


@pytest.mark.parametrize("demo_charter", [True, False])
def test_a_demo_is_not_passed_off_as_real(tmp_path: Path, *, demo_charter: bool) -> None:
    root = tmp_path / "w"
    assert sampler("init", root, *(("--demo", "x") if demo_charter else ()), cwd=tmp_path).code == 0
    settings = {"schema": "sampler/workspace/v2"}
    label = {} if demo_charter else {"demo_label": "y", "demo_day": "2026-11-25T09:00:00Z"}
    (root / "workspace.json").write_bytes(canon.encode(settings | label))
    refused(root, "DEMO_MISMATCH", "reveal", "S", "--party", "law", "--commit")


def test_private_directories_are_for_the_owner_alone(office: Path) -> None:
    folders = [office / "private", *(p for p in (office / "private").rglob("*") if p.is_dir())]
    assert {p.stat().st_mode & 0o077 for p in folders} == {0}


def test_log_check_finds_a_head_put_back(work: Path) -> None:
    shutil.copy(work / "log/checkpoints/00000003", work / "log/checkpoint")
    refused(work, "LOG_DAMAGED", "log", "check")


def test_verify_does_not_call_a_copy_without_its_evidence_passed(work: Path) -> None:
    """The manifest is unsigned: a level below the auditor's must not be a way to leave out what fails."""
    folder = work / f"bundles/{DRAW}"
    m = json.loads((folder / "manifest.json").read_bytes())
    (folder / "frame.tsv").unlink()
    files = [f for f in m["files"] if f["path"] != "frame.tsv"]
    (folder / "manifest.json").write_bytes(canon.encode(m | {"level": "standard", "files": files}))
    answer = call(work, "verify", folder)
    assert (answer.code, answer.json["data"]["first_failed"]) == (1, 1)


def test_verify_does_not_wait_for_a_pipe(work: Path) -> None:
    path = work / f"bundles/{DRAW}/tau.tsv"
    path.unlink()
    os.mkfifo(path)
    answer = call(work, "verify", f"bundles/{DRAW}")
    assert (answer.code, answer.json["data"]["first_failed"]) == (1, 1)
