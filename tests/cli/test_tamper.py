"""A changed byte in any file of a bundle is found, at the right step, whether or not the manifest is made to match."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sampler import records
from sampler.disclosure import manifest
from sampler.errors import SamplerError
from sampler.verify import verify
from sampler.verify.bundle import Bundle
from sampler.verify.report import VerifyError
from sampler.verify.steps_files import files as step_one
from tests.cli.twenty import make
from tests.support import BUNDLE

DRAW = "XJSC-2026-0001"
RNG = random.Random(20261201)
STEPS = {
    "charter.json": {2, 3}, "registration.json": {2, 3, 4}, "plan.json": {2, 4}, "sitting.json": {2, 3, 7},
    "commitment.json": {2, 3}, "closing.json": {2, 3}, "public-value.json": {2, 3}, "seed.json": {2, 9},
    "draw.json": {2, 3}, "assignment.json": {2, 13}, "signatures.json": {2, 3}, "frame.tsv": {2, 10},
    "excluded.tsv": {2, 10}, "roster.tsv": {2, 10}, "recusals.tsv": {2, 10}, "strata.tsv": {2, 10}, "levels.tsv": {2, 10},
    "history.tsv": {2, 10}, "items.tsv": {2, 10}, "scores.csv": {2, 10}, "tau.tsv": {2, 12}, "log/checkpoint": {2, 5},
    "log/entries": {2, 5}, "log/proofs.json": {2, 5}, "log/nonces.json": {2, 5},
}  # fmt: skip
"""Where an edit may be found once the manifest has been made to match it: 2 where the bytes no longer parse."""


def read(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def flipped(data: bytes, bit: int) -> bytes:
    out = bytearray(data)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


@pytest.fixture(scope="session")
def bundle(demo: Path) -> dict[str, bytes]:
    return read(demo / BUNDLE)


@pytest.fixture(scope="session")
def twenty(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return read(make(demo / "input", tmp_path_factory.mktemp("twenty") / "w"))


def judged(files: dict[str, bytes]) -> int | None:
    return verify(files.__getitem__, sorted(files)).first_failed


NAMES = sorted([*records.BUNDLE_FILES, "manifest.json"])


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_byte_is_found_at_step_one(bundle: dict[str, bytes], name: str) -> None:
    data = bundle[name]
    if not data:
        pytest.skip(reason="the file is empty")
    changed = flipped(data, RNG.randrange(8 * len(data)))
    assert judged({**bundle, name: changed}) == 1


@pytest.mark.parametrize("name", sorted(records.BUNDLE_FILES))
def test_with_a_matching_manifest_the_right_step_finds_it(bundle: dict[str, bytes], name: str) -> None:
    rng = random.Random(name)
    for _ in range(3):
        changed = flipped(bundle[name], rng.randrange(8 * len(bundle[name])))
        files = {**bundle, name: changed}
        files["manifest.json"] = manifest(files, DRAW, "auditor")
        assert judged(files) in STEPS[name]


@pytest.mark.parametrize("change", ["missing", "extra", "renamed", "extra listed"])
def test_a_file_too_few_or_too_many(bundle: dict[str, bytes], change: str) -> None:
    files = dict(bundle)
    if not change.startswith("extra"):
        moved = files.pop("tau.tsv")
        if change == "renamed":
            files["tau2.tsv"] = moved
    else:
        files["notes.txt"] = b"x"
        if change == "extra listed":
            files["manifest.json"] = manifest(files, DRAW, "auditor")
    assert judged(files) == 1


def test_twenty_objects_verify(twenty: dict[str, bytes]) -> None:
    assert judged(twenty) is None
    assert twenty["frame.tsv"].count(b"\n") == 21


def found(files: dict[str, bytes]) -> bool:
    try:
        step_one(Bundle(files.__getitem__, tuple(sorted(files))))
    except (VerifyError, SamplerError):
        return True
    return judged(files) is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_bit_of_twenty_objects(twenty: dict[str, bytes], name: str) -> None:
    """Step 1 judges each bit first, since it takes 0.1 ms; what it lets pass is replayed whole."""
    data = twenty[name]
    missed = [bit for bit in range(8 * len(data)) if not found({**twenty, name: flipped(data, bit)})]
    assert not missed


def test_two_thousand_random_positions_of_the_demo_bundle(bundle: dict[str, bytes]) -> None:
    """Wherever a bit of the whole bundle is changed, the hash of its file no longer is the listed one."""
    rng = random.Random("two thousand positions")
    names, sizes = list(bundle), [len(d) for d in bundle.values()]
    hit = set()
    for _ in range(2_000):
        (name,) = rng.choices(names, sizes)
        changed = flipped(bundle[name], rng.randrange(8 * len(bundle[name])))
        hit.add(name)
        with pytest.raises((VerifyError, SamplerError)) as caught:
            step_one(Bundle({**bundle, name: changed}.__getitem__, tuple(sorted(bundle))))
        assert name in ("manifest.json", caught.value.problem.place.file)
    assert len(hit) > 10
