"""The JavaScript implementation as a long-lived process that answers questions, one JSON line each."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Self

import pytest

import tests.forge
from sampler.verify.report import Report
from tests.support import ROOT

NODE = shutil.which("node")
WORKER = ROOT / "tests" / "js" / "worker.mjs"
OLDEST = 20


def node_or_skip() -> str:
    """Return Node's path, or skip saying why."""
    if NODE is None:
        pytest.skip(reason="node is not installed: the JavaScript implementation is not run")
    found = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    if int(found.strip().lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(reason=f"node {found.strip()} is older than {OLDEST}")
    return NODE


class Javascript:
    """A worker: `ask` sends one line and reads one."""

    def __init__(self, pipe_in: IO[bytes], pipe_out: IO[bytes]) -> None:
        self._in, self._out = pipe_in, pipe_out

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Start Node, and end it afterwards."""
        environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
        with subprocess.Popen(
            [node_or_skip(), str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("no pipes")
            yield cls(process.stdin, process.stdout)
            process.stdin.close()

    def text(self, op: str, **given: Any) -> str:
        """Return the answer's bytes as text."""
        self._in.write(json.dumps({"op": op, **given}, ensure_ascii=False).encode() + b"\n")
        self._in.flush()
        line = self._out.readline()
        if not line:
            raise RuntimeError(f"the worker ended on {op}")
        return line.decode().removesuffix("\n")

    def ask(self, op: str, **given: Any) -> Any:
        """Return `{"ok": ...}` or `{"error": code, "message": ...}`."""
        return json.loads(self.text(op, **given))


def replayed(node: Javascript, files: Mapping[str, bytes]) -> Any:
    """Return what the JavaScript finds in a bundle: each step's status, the first failed, what is wrong."""
    return node.ask("bundle", files={p: base64.b64encode(d).decode() for p, d in files.items()})["ok"]


def judge_twice(node: Javascript, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every judgement of a forged bundle be made by the JavaScript too, which must fail at the same step.

    Judgements with options (an outside head, witnesses, the seal code) are our verify's alone.
    """
    ours = tests.forge.Forge.judge

    def both(self: tests.forge.Forge, **options: Any) -> Report:
        report = ours(self, **options)
        if not options:
            theirs = replayed(node, self.files)
            assert theirs["first_failed"] == (report.first_failed or 0), theirs["found"]
            assert theirs["status"][13] == report.steps[13].status
        return report

    monkeypatch.setattr(tests.forge.Forge, "judge", both)
