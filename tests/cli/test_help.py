"""--help is quick because it loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cli
from tests.support import ROOT

HEAVY = ("numpy", "pandas", "scipy", "sklearn", "pyarrow", "ortools", "pydantic", "duckdb")


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {m.strip("[]' ").split(".")[0] for m in done.stderr.split(",")}
    assert not loaded & set(HEAVY)
    assert "Usage" in done.stdout


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_exists_and_has_help(name: str) -> None:
    command = cli.group.get_command(None, name)  # type: ignore[arg-type]  # the context is not used
    assert command is not None
    assert command.help


def test_an_unknown_command_is_usage() -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "nope", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert '"USAGE"' in done.stdout
