"""records.md and conformance.md, sentence by sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sampler import canon, sources
from sampler.errors import SamplerError
from sampler.records import Commitment
from tests.forge import Forge, first_failed
from tests.forgeries import Files, canonical, relisted, write_bundle
from tests.spec.musts import golden
from tests.support import ROOT


def commitment(**changes: Any) -> bytes:
    value = json.loads(golden()["commitment.json"])
    value["frame"] |= changes.pop("frame", {})
    return canonical(value | changes)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (commitment(more=1), "$.more"), (commitment(frame={"more": 1}), "$.frame.more"),
        (canonical({k: v for k, v in json.loads(golden()["commitment.json"]).items() if k != "plan"}), "$.plan"),
        (commitment().replace(b'"count":12', b'"count":12,"count":12'), "$..count"), (commitment().replace(b'"count":12', b'"count":12.0'), "$"),
        (commitment(registry=None), "$.registry"), (commitment(frame={"größe": 1}), "$.frame"), (commitment(registry=2**53), "$.registry"),
        (commitment(approval={"form": "e\u0301", "date": "2026-12-01"}), "$.approval.form"), (commitment() + b" ", ""), (commitment(frame={"count": "12"}), "$.frame.count"),
        (commitment(more=json.loads("[" * 33 + "1" + "]" * 33)), "$.more" + "[0]" * 32),
    ],
)  # fmt: skip
def test_strict_records(data: bytes, path: str) -> None:
    """A reader MUST refuse an unknown field, a missing required field, a duplicate key, a number that is not an integer,
    `null`, a key outside ASCII, nesting deeper than 32, text that is not NFC, and any bytes that would re-encode
    differently; it names the path."""
    assert Commitment.parse(commitment()).encode() == commitment()
    with pytest.raises(SamplerError) as caught:
        Commitment.parse(data, "commitment.json")
    assert path in f"{caught.value.problem.message} {caught.value.problem.place.column}"
    assert "commitment.json" in caught.value.problem.message


def test_entropy() -> None:
    """The number of equally likely values MUST be at least 2^60, except for `parties`, which pages call weak."""
    for length in range(1, 40):
        text = f"ceremony:hall:d6:{length}"
        if 6**length < 2**60:
            with pytest.raises(SamplerError, match="2\\^60"):
                sources.parse_source(text)
        else:
            assert sources.outcomes(text) == 6**length
    assert sources.outcomes("parties") == 1


HIDDEN: dict[str, tuple[str, dict[str, str]]] = {
    "commitment": ("order", {"draw_id": "DEMO-2026-0001", "sitting_id": "DEMO-S-2026-12"}),
    "public-value": ("order", {"sitting_id": "DEMO-S-2026-12"}),
    "draw": ("order", {"draw_id": "DEMO-2026-0001"}),
    "void": ("order", {"draw_id": "DEMO-2026-0001"}),
    "amendment": ("amendments", {"draw_id": "DEMO-2026-0001"}),
    "results": ("results", {"draw_id": "DEMO-2026-0001"}),
    "opening": ("order", {"draw_id": "DEMO-2026-0001"}),
}


@pytest.mark.parametrize("type_", HIDDEN)
def test_what_the_log_hides(type_: str) -> None:
    """A verifier MUST refuse a bundle whose log holds an entry of this draw or of its sitting that no proof covers: a
    second seal, value or draw that nobody is shown (step 6, whatever its type; step 14 for amendments, 15 for results; the
    seals of the sitting's other draws are theirs)."""
    step, ids = HIDDEN[type_]
    forge = Forge()
    forge.extra.append({"type_": type_, **ids})
    assert first_failed(forge.done()) == step


def verified(tmp_path: Path, files: Files) -> subprocess.CompletedProcess[str]:
    write_bundle(tmp_path / "b", files)
    words = [sys.executable, "-m", "tests.vectors_program", "verify", str(tmp_path / "b")]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def partly(level: str, *gone: str) -> Files:
    files = {p: d for p, d in golden().items() if p not in gone}
    manifest = json.loads(files["manifest.json"]) | {"level": level}
    return relisted(files | {"manifest.json": canon.encode(manifest)})


@pytest.mark.parametrize("gone", ["recusals.tsv", "levels.tsv", "assignment.json"])
def test_partly_checked_is_not_passed(tmp_path: Path, gone: str) -> None:
    """Only an auditor's bundle must hold all fixed ones (a Void before the draw: those it reached); charter, registration,
    signatures, checkpoint and entries are needed at every level, and a verifier MUST NOT call a copy passed when it could
    not check one of steps 1 to 13."""
    done = verified(tmp_path, partly("standard", gone))
    assert done.returncode == 1
    assert "不能算通过" in done.stdout or "不通过" in done.stdout


@pytest.mark.parametrize("gone", ["levels.tsv", "seed.json", "log/nonces.json"])
def test_auditors_copy_lacks_a_file(tmp_path: Path, gone: str) -> None:
    """A verifier MUST NOT exit 0 when it could not check one of the steps 1 to 13 of an auditor's bundle."""
    assert verified(tmp_path, partly("auditor", gone)).returncode == 1
