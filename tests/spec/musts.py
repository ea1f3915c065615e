"""The MUST sentences of a page, the docstrings of the tests, and a replay of the golden bundle with files changed."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from sampler.verify import verify
from tests.forgeries import Files, read_bundle
from tests.support import ROOT

GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"
CONVENTION = "are those of BCP 14"


def blocks(text: str) -> list[str]:
    """Return paragraphs and list items, each on one line; tables, headings and code are none."""
    found: list[str] = []
    open_ = False
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped[0] in "#|" or (line.startswith("    ") and not open_):
            open_ = False
            continue
        item = re.match(r"(\d+\.|-)\s+", stripped)
        if item or not open_:
            found.append(stripped[item.end() :] if item else stripped)
            open_ = True
        else:
            found[-1] += " " + stripped
    return found


def sentences(text: str) -> list[str]:
    """Return the sentences with a MUST or MUST NOT."""
    parts = [s for block in blocks(text) for s in re.split(r"(?<=[.:)])\s+(?=[A-Z`(*])", block)]
    return [plain(s) for s in parts if re.search(r"\bMUST\b", s) and CONVENTION not in s]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@cache
def quoted() -> frozenset[str]:
    """Return the docstrings of all test functions and classes."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith("test"):
                found.add(plain(ast.get_docstring(node) or ""))
    return frozenset(found)


@cache
def golden() -> Files:
    return read_bundle(GOLDEN)


def statuses(**changes: bytes) -> dict[str, str]:
    """Return the status of every step on the golden bundle with some files replaced; `frame_tsv` is frame.tsv."""
    named = {
        name.replace("_tsv", ".tsv").replace("_json", ".json").replace("_csv", ".csv"): data
        for name, data in changes.items()
    }
    files = golden() | {name.replace("_", "-"): data for name, data in named.items()}
    report = verify(files.__getitem__, tuple(files))
    return {step.id: step.status for step in report.steps}


def rows(path: str) -> list[list[str]]:
    """Return header and rows of a golden table."""
    return [line.split("\t") for line in golden()[path].decode().split("\n")[:-1]]


def table(of: list[list[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in of).encode()


def source(path: str) -> Path:
    return ROOT / path
