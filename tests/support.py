"""A way to run the program as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli
from sampler.commands import shell

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = "bundles/XJSC-2026-0001"
Run = Callable[..., "Answer"]


class Answer:
    """What a command gave."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        assert "Traceback" not in self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        return [e["code"] for e in self.json["errors"]]


def sampler(*words: str | Path, cwd: Path, python: tuple[str, ...] = (), **env: str) -> Answer:
    done = subprocess.run(
        [sys.executable, *python, str(ROOT / "cli.py"), *map(str, words)],
        cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Answer(done)


class Called:
    """What a command gave when called within this process: a tenth of the time of a new one."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        return [e["code"] for e in self.json["errors"]]


def called(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Called:
    """Run a command in this process; give it absolute paths or -C."""
    capsys.readouterr()
    code = shell.run(cli.group, [str(w) for w in words])
    return Called(code, *capsys.readouterr())
