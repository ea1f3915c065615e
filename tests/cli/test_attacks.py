"""A dishonest office with the tool in its hands: each step refuses what replay would refuse later, and says why."""

from __future__ import annotations

import json
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
    index = canon.decode((root / "private/log-index.json").read_bytes())
    size = next(n for n, e in enumerate(index) if e["type"] == until)
    (root / "private/log-index.json").write_bytes(canon.encode(index[:size]))
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
