"""PDF of the office's documents, by the LibreOffice of the machine; without one a clear refusal, and nothing half made."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from sampler.io import pdf
from tests.cli.office import DRAW, office, ok, refused, revealed, sealed, valued

EMPTY = "#!/bin/sh\nexit 0\n"
FAILS = "#!/bin/sh\necho broken >&2\nexit 77\n"
NO_PDF = '#!/bin/sh\nmkdir -p "$7"\nfor f in "$7"/../*.docx; do echo x > "$7/$(basename "$f" .docx).pdf"; done\n'


@pytest.fixture(scope="module")
def drawn(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = office(demo / "input", tmp_path_factory.mktemp("pdf") / "w")
    sealed(root)
    revealed(root)
    valued(root)
    ok(root, "draw", DRAW)
    return root


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Let the machine's only LibreOffice be `script`; an empty one is none."""
    if script:
        program = folder / "soffice"
        program.write_text(script)
        program.chmod(0o700)
    monkeypatch.setattr(pdf, "USUAL", ())
    monkeypatch.setattr(
        "sampler.io.pdf.shutil.which", lambda name: str(folder / name) if (folder / name).exists() else None
    )


@pytest.mark.skipif(not any(map(shutil.which, pdf.PROGRAMS)), reason="no LibreOffice on this machine")
def test_every_paper_has_its_pdf(drawn: Path, tmp_path: Path) -> None:
    told = ok(drawn, "lists", DRAW, "--out", tmp_path, "--pdf")
    papers = {Path(f).stem for f in told["files"] if f.endswith(".docx")} | {"检查名单"}
    assert {Path(f).stem for f in told["files"] if f.endswith(".pdf")} == papers
    for name in papers:
        path = tmp_path / f"{name}.pdf"
        assert path.read_bytes().startswith(b"%PDF-")
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, "papers with names are for the owner alone"
    visits = len(ok(drawn, "draw", DRAW)["drawn"])
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "任务单.pdf").read_bytes()))
    assert pages == visits, "a visit a page"
    record = len(re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "现场检查笔录.pdf").read_bytes()))
    assert record == visits, "a record of a visit has its signatures on its page"


@pytest.mark.skipif(not any(map(shutil.which, pdf.PROGRAMS)), reason="no LibreOffice on this machine")
def test_the_papers_at_the_seal_too(demo: Path, tmp_path: Path) -> None:
    root = office(demo / "input", tmp_path / "w")
    sealed(root)
    assert {"行政检查审批表.pdf", "抽查计划公示.pdf"} <= set(ok(root, "lists", DRAW, "--pdf")["files"])


def test_without_the_program_nothing_is_made(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, tmp_path, "")
    refused(drawn, "PDF_PROGRAM", "lists", DRAW, "--out", tmp_path / "out", "--pdf")
    assert not (tmp_path / "out").exists()
    ok(drawn, "lists", DRAW, "--out", tmp_path / "out")


@pytest.mark.parametrize("script", [EMPTY, FAILS, NO_PDF], ids=["nothing", "exit 77", "no PDF"])
def test_a_program_that_fails_leaves_the_word_papers(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    pretend(monkeypatch, tmp_path, script)
    refused(drawn, "PDF_FAILED", "lists", DRAW, "--out", tmp_path / "out", "--pdf")
    assert (tmp_path / "out/任务单.docx").exists()
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_a_program_that_never_ends_or_cannot_start(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, EMPTY)
    for error in (subprocess.TimeoutExpired("soffice", 1), PermissionError("not ours")):
        monkeypatch.setattr("sampler.io.pdf.subprocess.run", lambda *_, error=error, **__: (_ for _ in ()).throw(error))
        refused(drawn, "PDF_FAILED", "lists", DRAW, "--out", tmp_path / "out", "--pdf")
