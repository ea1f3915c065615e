"""Word and Excel documents as PDF, by the LibreOffice of the machine: an extra, nothing is installed or fetched for it.

It is started without a shell, in a directory of its own that goes away with it, and sees only documents this program made.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sampler.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMS: Final = ("soffice", "libreoffice")
USUAL: Final = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
"""Where an installer puts it without telling the search path."""
SECONDS: Final = 120
"""Time for starting and for small documents."""
SECONDS_A_MEGABYTE: Final = 300


def program() -> str:
    """Return the program that makes PDF.

    Raises
    ------
    StepError
        ``PDF_PROGRAM`` when the machine has none.
    """
    found = next((p for p in map(shutil.which, PROGRAMS) if p), None) or next(
        (p for p in USUAL if Path(p).exists()), ""
    )
    if not found:
        hint = "安装 LibreOffice 后再运行；或不加 --pdf，用 Word、WPS 打开文书另存为 PDF"
        raise StepError("PDF_PROGRAM", "这台机器上没有 LibreOffice，不能生成 PDF", hint=hint, found="soffice")
    return found


def convert(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the PDF of each document, under its name with another ending.

    Parameters
    ----------
    documents
        File name to bytes of docx and xlsx files.

    Raises
    ------
    StepError
        ``PDF_PROGRAM``, or ``PDF_FAILED`` when the program does not give a PDF for every document.
    """
    command, size = program(), sum(map(len, documents.values()))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        names = {f"{n:04d}{Path(name).suffix}": name for n, name in enumerate(documents)}
        for file, name in names.items():
            (folder / file).write_bytes(documents[name])
        words = [command, "--headless", "--norestore", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        words += ["--convert-to", "pdf", "--outdir", str(folder / "out"), *(str(folder / file) for file in names)]
        _run(words, SECONDS + SECONDS_A_MEGABYTE * size / 1e6)
        return {Path(name).stem + ".pdf": _result(folder / "out", file, name) for file, name in names.items()}


def _run(words: list[str], seconds: float) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # no shell; the words are ours
            words, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as e:
        raise _failed(f"{seconds:.0f} 秒内没有完成", "") from e
    except OSError as e:
        raise _failed("LibreOffice 启动不了", str(e)) from e
    if done.returncode:
        raise _failed(f"LibreOffice 以退出码 {done.returncode} 结束", done.stderr.decode("utf-8", "replace"))


def _result(folder: Path, file: str, name: str) -> bytes:
    path = folder / f"{Path(file).stem}.pdf"
    data = path.read_bytes() if path.is_file() else b""
    if not data.startswith(b"%PDF-"):
        raise _failed("LibreOffice 没有给出这一份的 PDF", name)
    return data


def _failed(message: str, found: str) -> StepError:
    hint = "关闭正在运行的 LibreOffice 再试；或用 Word、WPS 打开文书另存为 PDF。Word 文书已经生成"
    return StepError("PDF_FAILED", message, hint=hint, found=found)
