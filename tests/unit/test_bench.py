"""make bench: parts are found by name and write what they measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import bench

PARTS = sorted(p.stem.removeprefix("bench_") for p in Path(bench.__file__).parent.glob("bench_*.py"))


def test_an_unknown_part_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nosuch"]) == 2
    assert "nosuch" in (said := capsys.readouterr().err)
    assert "road" in said


def test_a_report_is_a_document_with_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = bench.Report("x", "Title", packages=["numpy"])
    report.path = tmp_path / "x.md"
    report.table(("a", "b"), [(1, 2)])
    report.write()
    text = report.path.read_text(encoding="utf-8")
    assert text == capsys.readouterr().out
    assert re.match(r"# Title\n\nWritten by `make bench PART=x`\. Python 3\.\d+\.\d+, numpy \d", text)
    assert text.endswith("| a | b |\n| --- | --- |\n| 1 | 2 |\n")


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_its_document(part: str) -> None:
    assert (bench.ROOT / "docs" / "benchmarks" / f"{part}.md").exists()


def test_the_best_of_several_runs_counts() -> None:
    ran: list[int] = []
    assert bench.best(lambda: ran.append(1), 4) >= 0
    assert len(ran) == 4
