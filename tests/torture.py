"""make torture: the long tests, and docs/benchmarks/torture.md written by the run: what ran, how long, what failed.

Named paths (`make torture PART=tests/unit/test_journal.py`) run alone: their rows replace the page's, the others stay
as they ran, each with the version it ran on.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.bench import ROOT, Report

PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "torture", "--hypothesis-profile=torture")
TITLE = "Torture: the long tests"
HEAD = ("file", "what", "cases", "s", "outcome", "figures", "version")
PAGE = ROOT / "docs" / "benchmarks" / "torture.md"


@dataclass
class Found:
    """What became of one test function: how many cases, how many of each outcome, seconds of all."""

    cases: int = 0
    seconds: float = 0.0
    bad: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    figures: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def words(self) -> str:
        """Return the outcome in words."""
        return ", ".join(f"{n} {what}" for what, n in sorted(self.bad.items())) or "passed"

    def said(self) -> str:
        """Return the recorded figures: counts are summed over cases, measures given from least to largest."""
        return "; ".join(f"{name}: {_together(values)}" for name, values in sorted(self.figures.items()))


def _together(values: Sequence[str]) -> str:
    if all(v.isdigit() for v in values):
        return f"{sum(map(int, values)):,}"
    numbers = sorted(map(float, values))
    return f"{numbers[0]:.3g}" if len(numbers) == 1 else f"{numbers[0]:.3g} to {numbers[-1]:.3g}"


def outcomes(xml: str) -> dict[tuple[str, str], Found]:
    """Return outcomes by (module, test function) from pytest's own junit report, in its order."""
    found: dict[tuple[str, str], Found] = defaultdict(Found)
    for case in ET.fromstring(xml).iter("testcase"):  # noqa: S314 -- written by our own run
        if not case.get("classname"):
            continue  # a module that was left out whole, its reason in pytest's own words
        one = found[case.get("classname", ""), case.get("name", "").partition("[")[0]]
        one.cases += 1
        one.seconds += float(case.get("time", "0"))
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                one.bad[{"failure": "failed", "error": "failed"}.get(child.tag, child.tag)] += 1
        for p in case.iter("property"):
            one.figures[p.get("name", "")].append(p.get("value", ""))
    return dict(found)


def purpose(module: str, test: str) -> str:
    """Return the first line of a test's docstring, or its name in words."""
    tree = ast.parse((ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8"))
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == test)
    said = next((ast.get_docstring(f) for f in functions), None)
    return " ".join((said or test.removeprefix("test_").replace("_", " ")).partition("\n\n")[0].split())


def rows(found: dict[tuple[str, str], Found], version: str) -> Iterator[tuple[str, ...]]:
    """Return the table's rows, by module."""
    for (module, test), one in sorted(found.items()):
        what, file = purpose(module, test).replace("|", "/"), f"{module.replace('.', '/')}.py"
        yield file, what, str(one.cases), f"{one.seconds:.0f}", one.words(), one.said(), version


def kept(page: str, made: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the rows of a page with those made anew in their places, by file and purpose."""
    lines = (tuple(c.strip() for c in line.strip("|").split("|")) for line in page.splitlines())
    old = (r for r in lines if len(r) == len(HEAD) and r[0].endswith(".py"))
    return sorted(({r[:2]: r for r in old} | {r[:2]: r for r in made}).values())


def main(paths: Sequence[str]) -> int:
    """Run the long tests, all or the named; write what became of them."""
    report = ROOT / "build" / "torture.xml"  # hours of work: kept, whatever becomes of the page
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    done = subprocess.run([*PYTEST, f"--junitxml={report}", *paths], cwd=ROOT, check=False)
    if not report.exists():
        return done.returncode
    made = list(rows(outcomes(report.read_text(encoding="utf-8")), version()))
    write(kept(PAGE.read_text(encoding="utf-8"), made) if paths and PAGE.exists() else made)
    return done.returncode


def version() -> str:
    """Return the version that ran, as the repository names it."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def write(made: Sequence[tuple[str, ...]]) -> None:
    """Write the page."""
    page = Report("torture", TITLE, command="make torture", packages=("pytest", "hypothesis", "numpy"))
    bad = [r[1] for r in made if "failed" in r[4]]
    page.text(
        f"{sum(int(r[2]) for r in made)} cases of {len(made)} tests; {len(bad)} tests with failures. Seconds are summed "
        "over cases. A test run again alone (`make torture PART=FILE`) replaces its row; the version is that of the run."
    )
    page.table(HEAD, made)
    page.write()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
