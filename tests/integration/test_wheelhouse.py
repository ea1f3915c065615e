"""The folder for machines without network: it installs from itself alone and what it installs works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import wheelhouse
from tests.support import ROOT

pytestmark = pytest.mark.integration


def test_it_installs_without_an_index_and_verifies(tmp_path: Path) -> None:
    house = tmp_path / "wheelhouse"
    wheelhouse.build(house)
    assert {"install.bat", "start.bat", "install.sh", "说明.txt"} <= {p.name for p in house.iterdir()}
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-index",
        "--find-links",
        str(house),
    ]
    subprocess.run([*install, "double-random-sampler"], check=True, env={"PATH": "/usr/bin:/bin"})
    program = tmp_path / "env" / "bin" / "sampler"
    bundle = ROOT / "tests" / "vectors" / "golden" / "bundle-12"
    done = subprocess.run(
        [str(program), "verify", str(bundle)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, "各步通过" in done.stdout) == (0, True), done.stderr


def test_development_tools_are_left_out() -> None:
    names = wheelhouse.runtime_names()
    assert {"numpy", "click", "cryptography", "ortools"} <= names
    assert not names & {"pytest", "mypy", "ruff", "hypothesis", "openpyxl"}
    assert wheelhouse.entries({"click"}).count("==") == 1
    assert "--hash=sha256:" in wheelhouse.entries({"click"})
