"""Rules of the house that no tool checks."""

from __future__ import annotations

import ast
import re
import statistics
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(chain((ROOT / "sampler").rglob("*.py"), (ROOT / "models").rglob("*.py"), [ROOT / "cli.py"]))
SCRIPTS = sorted((ROOT / "sampler" / "publish" / "js").glob("*.mjs"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
STARTS_PROGRAMS = {"sampler/io/outside.py", "sampler/io/pdf.py"}
"""`sampler audit --command` runs somebody else's draw, `sampler lists --pdf` LibreOffice; no shell, and nothing else starts a program."""
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def lengths(path: Path) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(n.end_lineno or n.lineno) - n.lineno + 1 for n in ast.walk(tree) if isinstance(n, FUNCTION)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_source_file_is_small_and_honest(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert lines(path) <= 400
    assert max(lengths(path), default=0) <= 60
    tree = ast.parse(text)
    assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Assert)]
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)
    imported = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    allowed = {"subprocess"} if path.relative_to(ROOT).as_posix() in STARTS_PROGRAMS else set()
    assert not imported & {"pickle", "joblib", "random", "subprocess"} - allowed


def test_medians() -> None:
    assert statistics.median(lines(p) for p in SOURCES) <= 150
    assert statistics.median(chain.from_iterable(lengths(p) for p in SOURCES)) <= 12


def script_lengths(path: Path) -> list[int]:
    """Lines of each function of a module laid out as usual: its last line is a brace at the indentation of its first."""
    text = path.read_text(encoding="utf-8").split("\n")
    starts = re.compile(r"(\s*)(?:.*\bfunction\b.*|(?!if|for|while|switch|catch|else)[#\w]+\(.*\)|.*=>) \{$")
    found = []
    for at, line in enumerate(text):
        if start := starts.fullmatch(line):
            end = next(n for n in range(at + 1, len(text)) if re.match(start[1] + r"\}", text[n]))
            found.append(end - at + 1)
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_a_script_is_small_and_stays_under_a_strict_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert lines(path) <= 400
    assert max(script_lengths(path), default=0) <= 60
    assert not re.search(r"\b(TODO|FIXME|XXX|eval|innerHTML|outerHTML|insertAdjacentHTML|document\.|Function\()", text)
    imported = re.findall(r"^(?:import|export)\b.*? from \"([^\"]+)\";$", text, re.MULTILINE)
    node = {"node:fs", "node:path"} if path.name == "cli.mjs" else set()
    assert all((path.parent / name).is_file() for name in set(imported) - node)
    assert text.startswith(("/**", "#!/usr/bin/env node\n/**"))


def test_medians_of_scripts() -> None:
    assert statistics.median(lines(p) for p in SCRIPTS) <= 150
    assert statistics.median(chain.from_iterable(script_lengths(p) for p in SCRIPTS)) <= 12


def test_the_command_line_imports_nothing_but_click_and_the_standard_library() -> None:
    tree = ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))
    top = {a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names}
    assert top <= {"click", "importlib", "os", "sys"}
    assert max(lengths(ROOT / "cli.py")) <= 25


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_test_file_skips_only_with_a_reason(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.skip", "pytest.mark.skip", "pytest.xfail"):
            assert node.args or any(k.arg == "reason" for k in node.keywords)


def test_lock_file_names_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_each_ignored_rule_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("[tool.ruff.lint]")[1].split("]\n\n")[0].split("ignore = [")[1]
    for line in block.strip().splitlines():
        assert "#" in line, line
