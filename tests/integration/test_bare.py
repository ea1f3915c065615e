"""Replay with nothing but Python and `cryptography`: the auditor needs no other library, and none is imported."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.integration
GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"
NEEDS = ("cryptography", "cffi", "pycparser")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the python of a fresh environment that holds cryptography, what it needs, and this package."""
    root = tmp_path_factory.mktemp("bare")
    venv.create(root / "env", with_pip=False, symlinks=True)
    site = next((root / "env").glob("lib/python*/site-packages"))
    for name in NEEDS:
        for file in importlib.metadata.files(name) or []:
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (site / top).exists():
                (site / top).symlink_to(Path(str(file.locate())).parents[len(file.parts) - 1] / top)
    (site / "sampler").symlink_to(ROOT / "sampler")
    return root / "env" / "bin" / "python"


def run(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-I", *map(str, words)], cwd="/", capture_output=True, text=True, check=False)


def replayed(python: Path, path: Path) -> tuple[int, Any]:
    done = run(python, "-m", "sampler.auditor", path, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_environment_is_bare(bare: Path) -> None:
    for name in ("numpy", "scipy", "click", "jinja2", "pandas"):
        assert run(bare, "-c", f"import {name}").returncode != 0


def test_a_bundle_replays(bare: Path) -> None:
    """Every step that needs no numpy passes; the one that does stays open, is named, and the whole is not called passed."""
    code, found = replayed(bare, GOLDEN)
    assert (code, found["first_failed"]) == (1, None)
    assert [s["id"] for s in found["steps"][:13] if s["status"] != "ok"] == ["probabilities"]
    assert any("numpy" in n for n in found["not_proved"]), "what was not computed is said"


def test_an_altered_bundle_does_not(bare: Path, tmp_path: Path) -> None:
    import shutil  # noqa: PLC0415

    copy = Path(shutil.copytree(GOLDEN, tmp_path / "b"))
    (copy / "tau.tsv").write_bytes((copy / "tau.tsv").read_bytes().replace(b"c87a", b"c87b"))
    assert replayed(bare, copy)[0] == 1


def test_the_office_s_code_is_never_loaded() -> None:
    code = "import sampler.auditor, sys; print([m for m in sys.modules if m.startswith(('sampler.io', 'sampler.commands', 'sampler.publish', 'sampler.office', 'numpy', 'click'))])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
