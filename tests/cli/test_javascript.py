"""The second implementation, in JavaScript, judged from here: its own tests, and step by step beside ours."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sampler import canon
from sampler.verify import verify
from tests.forgeries import FORGERIES, Files, read_bundle, relisted
from tests.javascript import Javascript, node_or_skip, replayed
from tests.support import BUNDLE, ROOT

GOLDEN = read_bundle(ROOT / "tests" / "vectors" / "golden" / "bundle-12")
FLIPS = 6


def first_failed(files: Files) -> int:
    return verify(files.__getitem__, sorted(files)).first_failed or 0


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def test_its_own_tests_pass() -> None:
    """Hashes, signatures, canonical JSON, proofs, all vectors, the golden bundle: tests/js."""
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    files = sorted(str(p) for p in (ROOT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [node_or_skip(), "--test", *files], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "# fail 0" in done.stdout


def test_it_proves_the_small_demo(node: Javascript, demo: Path) -> None:
    answer = replayed(node, read_bundle(demo / BUNDLE))
    assert answer["status"] == ["ok"] * 13 + ["na"] * 3, answer["found"]


@pytest.mark.parametrize("name", sorted(GOLDEN.keys() - {"manifest.json"}))
def test_a_changed_bit_under_a_fitting_manifest_is_found_at_the_same_step(node: Javascript, name: str) -> None:
    rng = random.Random(name)
    for _ in range(FLIPS):
        files = relisted(GOLDEN | {name: flipped(GOLDEN[name], rng)})
        assert replayed(node, files)["first_failed"] == first_failed(files)


@pytest.mark.parametrize("name", sorted(p for p, d in GOLDEN.items() if p.endswith(".tsv") and d.count(b"\n") > 1))
def test_an_empty_field_is_found_at_the_same_step(node: Javascript, name: str) -> None:
    """`-` in each column of the first row: an id by its form, yet never a key (records.md, 2)."""
    head, first, *rest = GOLDEN[name].split(b"\n")
    for at in range(head.count(b"\t") + 1):
        row = first.split(b"\t")
        row[at] = b"-"
        files = relisted(GOLDEN | {name: b"\n".join([head, b"\t".join(row), *rest])})
        assert replayed(node, files)["first_failed"] == first_failed(files), at


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forgery_is_found_at_the_same_step(node: Javascript, name: str) -> None:
    files = FORGERIES[name](GOLDEN)
    answer = replayed(node, files)
    assert answer["first_failed"] == first_failed(files), answer["found"]
    assert not answer["ok"]


def turned(value: Any, where: str = "$") -> Iterator[tuple[str, Any]]:
    """Yield the value once for each of its lists of two or more, with that list turned round."""
    if isinstance(value, list) and len(value) > 1 and value != value[::-1]:
        yield where, value[::-1]
    for key, inner in enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ():
        for path, changed in turned(inner, f"{where}.{key}"):
            copy = value.copy()
            copy[key] = changed
            yield path, copy


@pytest.mark.parametrize("name", sorted(p for p in GOLDEN if p.endswith(".json") and p != "manifest.json"))
def test_a_list_in_another_order_is_found_at_the_same_step(node: Javascript, name: str) -> None:
    for path, value in turned(canon.decode(GOLDEN[name])):
        files = relisted(GOLDEN | {name: canon.encode(value)})
        assert replayed(node, files)["first_failed"] == first_failed(files) != 0, path


@pytest.mark.parametrize(
    ("name", "old", "new", "step"),
    [("charter.json", b"standard", b"standird", 2), ("sitting.json", b"DEMO-2026-0001", b"DEMO-3026-0001", 2)],
)
def test_a_word_or_draw_that_may_not_stand_there(
    node: Javascript, name: str, old: bytes, new: bytes, step: int
) -> None:
    assert old in GOLDEN[name]
    files = relisted(GOLDEN | {name: GOLDEN[name].replace(old, new, 1)})
    assert replayed(node, files)["first_failed"] == first_failed(files) == step


PLAN_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "team of one": lambda p: p["templates"][-1].update(groups=[{"count": 1, "group": "lead", "needs": ["lead"]}]),
    "empty group": lambda p: p["templates"][-1]["groups"][0].update(count=0),
    "no template": lambda p: p.update(templates=[]),
    "last has when": lambda p: p["templates"][-1].update(when={"types": ["food"]}),
    "joint by halves": lambda p: p["templates"][-1]["groups"][0].update(department="a"),
    "no rung": lambda p: p["assignment"].update(ladder=[]),
    "rung twice": lambda p: p["assignment"].update(ladder=p["assignment"]["ladder"][:1] * 2),
    "vacancy as rung": lambda p: p["assignment"]["ladder"][0].update(rung="vacancy"),
    "cluster without clusters": lambda p: p["assignment"].update(jurisdiction="cluster"),
    "clusters without cluster": lambda p: p["assignment"].update(clusters=[{"cluster": "x", "districts": ["310101"]}]),
    "visits end first": lambda p: p["visits"].update({"from": "2027-12-31"}),
    "reason missing": lambda p: p.update(exclusions=p["exclusions"][1:]),
    "reason twice": lambda p: p.update(exclusions=[*p["exclusions"], "status"]),
    "reason too many": lambda p: p.update(exclusions=[*p["exclusions"], "grace"]),
    "no item": lambda p: p.update(items=[]),
    "floor above one": lambda p: p["risk"].update(floor={"den": "1", "num": "2"}),
    "q_max below zero": lambda p: p.update(q_max={"den": "2", "num": "-1"}),
    "no clause": lambda p: p.update(clauses=[]),
    "clause twice": lambda p: p.update(clauses=[p["clauses"][0], *p["clauses"]]),
    "task with quota": lambda p: p["clauses"][0].update(period="task", drawn=1, batches_left=1),
    "year without quota": lambda p: (
        [p["clauses"][0].pop(k, 0) for k in ("drawn", "batches_left")] and p["clauses"][0].update(period="year")
    ),
    "empty target": lambda p: p.update(target={"filter": "x"}, exclusions=[*p["exclusions"], "off-target"]),
    "target of nothing": lambda p: p.update(
        target={"filter": "x", "when": {}}, exclusions=[*p["exclusions"], "off-target"]
    ),
    "one batch": lambda p: p.update(batches=[{"batch": "a", "districts": p["districts"]}]),
    "batches leave one out": lambda p: p.update(
        batches=[{"batch": "a", "districts": p["districts"][:1]}, {"batch": "b", "districts": []}]
    ),
}


@pytest.mark.parametrize("fault", PLAN_FAULTS)
def test_a_plan_that_does_not_fit_together_is_refused_at_the_same_step(node: Javascript, fault: str) -> None:
    plan = canon.decode(GOLDEN["plan.json"])
    PLAN_FAULTS[fault](plan)
    files = relisted(GOLDEN | {"plan.json": canon.encode(plan)})
    assert replayed(node, files)["first_failed"] == first_failed(files) == 2


@pytest.mark.torture
@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_byte_of_the_golden_bundle(
    name: str, node: Javascript, record_property: Callable[[str, object], None]
) -> None:
    """A bit of every byte under the old manifest, and 200 bits a file under one that fits: both refuse at one step."""
    data, rng = GOLDEN[name], random.Random(name)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << rng.randrange(8)
        files = GOLDEN | {name: bytes(changed)}
        assert replayed(node, files)["first_failed"] == (first_failed(files) if name == "manifest.json" else 1)
    for _ in range(200 if name != "manifest.json" else 0):
        files = relisted(GOLDEN | {name: flipped(data, rng)})
        assert replayed(node, files)["first_failed"] == first_failed(files)
    record_property("bytes", len(data))
