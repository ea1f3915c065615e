"""The second implementation, in JavaScript, judged from here: its own tests, and step by step beside ours."""

from __future__ import annotations

import base64
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sampler.verify import verify
from tests.forgeries import FORGERIES, Files, read_bundle, relisted
from tests.javascript import Javascript, node_or_skip
from tests.support import BUNDLE, ROOT

GOLDEN = read_bundle(ROOT / "tests" / "vectors" / "golden" / "bundle-12")
FLIPS = 6


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    with Javascript.started() as found:
        yield found


def replayed(node: Javascript, files: Files) -> Any:
    return node.ask("bundle", files={p: base64.b64encode(d).decode() for p, d in files.items()})["ok"]


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


@pytest.mark.torture
def test_every_bit_of_the_golden_bundle(node: Javascript) -> None:
    """Every bit under the manifest as it was, and 200 bits of each file under one that fits."""
    for name, data in GOLDEN.items():
        for bit in range(8 * len(data)):
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            assert replayed(node, GOLDEN | {name: bytes(changed)})["first_failed"] == 1
        rng = random.Random(name)
        for _ in range(200 if name != "manifest.json" else 0):
            files = relisted(GOLDEN | {name: flipped(data, rng)})
            assert replayed(node, files)["first_failed"] == first_failed(files), name
