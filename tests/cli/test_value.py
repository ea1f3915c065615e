"""The public value on the road: a beacon fetched and checked, digits called out in the hall."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from sampler import beacon
from sampler.verify import verify
from tests import beacon_office
from tests.beacon_office import ANSWER, KNOWN_ON, ROUND, SIGNATURE
from tests.cli import office as o
from tests.cli.office import DRAW, bundle, ok, refused, say
from tests.javascript import Javascript, replayed

DIGITS = "3141592653589793238"


@pytest.fixture(scope="session")
def source(demo: Path) -> Path:
    return demo / "input"


@pytest.fixture(scope="session")
def before_the_round(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an office that has sealed a round of the beacon which is still to come."""
    return beacon_office.sealed(source, tmp_path_factory.mktemp("beacon") / "w")


def test_a_beacon_from_the_seal_to_the_replay(before_the_round: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(before_the_round, tmp_path / "w"))
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(ANSWER))
    ok(root, "close", "S")
    refused(root, "BEACON_EARLY", "seed", "S", "--file", answer)
    o.clock(root, KNOWN_ON)
    refused(root, "BEACON_FILE", "seed", "S", "--value", "00" * 32)
    refused(root, "BEACON_FILE", "seed", "S")
    answer.write_text(json.dumps(ANSWER | {"round": ROUND + 1}))
    refused(root, "BEACON_ROUND", "seed", "S", "--file", answer)
    answer.write_text(json.dumps(ANSWER | {"signature": "a" + SIGNATURE[1:]}))
    assert say(root, "seed", "S", "--file", answer).codes[0].startswith("BEACON_")
    answer.write_text(json.dumps(ANSWER))
    found = ok(root, "seed", "S", "--file", answer)
    assert found["value"] == beacon.value(bytes.fromhex(SIGNATURE))
    ok(root, "draw", DRAW)
    files = bundle(root)
    assert files[f"evidence/drand-quicknet-{ROUND}.json"] == answer.read_bytes()
    report = verify(files.__getitem__, sorted(files))
    assert report.first_failed is None
    assert next(s for s in report.steps if s.id == "public-value").status == "ok"
    with Javascript.started() as node:
        found = replayed(node, files)
        assert (found["first_failed"], found["status"][7]) == (0, "ok")
        worse = ANSWER | {"signature": f"{int(SIGNATURE[0], 16) ^ 2:x}{SIGNATURE[1:]}"}
        files[f"evidence/drand-quicknet-{ROUND}.json"] = json.dumps(worse).encode()
        assert replayed(node, files)["first_failed"] == 1


def test_closing_after_the_round_is_too_late(before_the_round: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(before_the_round, tmp_path / "w"))
    o.clock(root, KNOWN_ON)
    refused(root, "CLOSED_LATE", "close", "S")


def test_a_charter_without_the_beacon_seals_none(source: Path, tmp_path: Path) -> None:
    root = o.office(source, tmp_path / "w", drand=("lottery:kl8:2026339", "drand:quicknet:99999999"))
    for p in o.PARTIES:
        ok(root, "reveal", "S", "--party", p, "--commit")
    refused(root, "SOURCE_POLICY", "seal", "input/plan.toml", "--sitting", "S")


def test_digits_called_out_in_the_hall(source: Path, tmp_path: Path) -> None:
    root = o.office(source, tmp_path / "w", ceremony=("lottery:kl8:2026339", "ceremony:hall:d10:19"))
    o.sealed(root)
    for p in ("business", "law"):
        ok(root, "reveal", "S", "--party", p)
    ok(root, "close", "S")
    refused(root, "VALUE_TWICE", "seed", "S", "--guided", "--value", DIGITS)
    typed = ["3", "7", "b", "x", "14", *DIGITS[1:-1], "7", "n", DIGITS[-1], "y"]
    said = CliRunner().invoke(cli.group, ["-C", str(root), "seed", "S", "--guided"], input="\n".join(typed) + "\n")
    assert said.exit_code == 0, said.output
    assert f"通读: {DIGITS[:5]} {DIGITS[5:10]}" in said.output
    assert json.loads((root / "sittings/S/public-value.json").read_bytes())["value"] == DIGITS
    with zipfile.ZipFile(root / "lists/S/现场摇号纪要.docx") as z:
        text = z.read("word/document.xml").decode()
    assert "ceremony:hall:d10:19" in text
    assert "监督人" in text
    assert (root / "lists/S/现场摇号纪要.docx").stat().st_mode & 0o077 == 0
    ok(root, "reveal", "S", "--party", "notary")
    ok(root, "draw", DRAW)


def test_guided_is_for_the_hall(source: Path, tmp_path: Path) -> None:
    root = o.office(source, tmp_path / "w")
    o.sealed(root)
    o.revealed(root)
    ok(root, "close", "S")
    refused(root, "GUIDED_KIND", "seed", "S", "--guided")
