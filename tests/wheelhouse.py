"""A folder that installs the program on a machine without network: every wheel it needs, and scripts to start with.

    python -m tests.wheelhouse [--out build/wheelhouse] [--platform win_amd64]

The versions are those of requirements.lock, their hashes checked; development tools are left out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import ROOT

LOCK = ROOT / "requirements.lock"
WINDOWS_INSTALL = """@echo off\r
chcp 65001 >nul\r
cd /d %~dp0\r
py -3.11 -m venv ..\\sampler-env || (echo 请先安装 Python 3.11 & pause & exit /b 1)\r
..\\sampler-env\\Scripts\\python -m pip install --no-index --find-links . double-random-sampler || (pause & exit /b 1)\r
echo 安装完成。以后双击 start.bat\r
pause\r
"""
WINDOWS_START = """@echo off\r
chcp 65001 >nul\r
set PATH=%~dp0..\\sampler-env\\Scripts;%PATH%\r
echo 输入 sampler --help 查看命令；sampler month 2026-12 走一个月\r
cmd /k cd /d %~dp0..\r
"""
POSIX_INSTALL = """#!/bin/sh
set -e
cd "$(dirname "$0")"
python3 -m venv ../sampler-env
../sampler-env/bin/python -m pip install --no-index --find-links . double-random-sampler
echo '安装完成: ../sampler-env/bin/sampler --help'
"""
README = """离线安装

1. 机器上要有 Python 3.11（64 位）。
2. Windows: 双击 install.bat，再双击 start.bat。其他系统: sh install.sh。
3. 安装只用本文件夹里的文件，不连网。程序装在上一级的 sampler-env 里，删掉它就是卸载。
"""
SCRIPTS = {
    "install.bat": WINDOWS_INSTALL, "start.bat": WINDOWS_START, "install.sh": POSIX_INSTALL, "说明.txt": README,
}  # fmt: skip


def runtime_names() -> set[str]:
    """Return what the program needs at run time: its dependencies without extras and development tools."""
    words = [sys.executable, "-m", "uv", "pip", "compile", "-q", "pyproject.toml", "--no-header", "--no-annotate"]
    done = subprocess.run([*words, "-c", str(LOCK)], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split("==")[0].strip() for line in done.stdout.splitlines() if "==" in line}


def entries(names: set[str]) -> str:
    """Return the lock's entries of some packages, hashes included."""
    blocks = re.findall(r"^[A-Za-z0-9_.-]+==(?:.*\\\n)*.*\n", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return "".join(b for b in blocks if b.split("==")[0] in names)


def build(out: Path, platform: str = "") -> None:
    """Fill `out`: the project's wheel, the wheels of the lock, the scripts."""
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "requirements.txt"
        wanted.write_text(entries(runtime_names()), encoding="utf-8")
        words = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ]
        words += ["--only-binary", ":all:", "-r", str(wanted), "-d", str(out)]
        if platform:
            words += ["--platform", platform, "--python-version", "3.11"]
        subprocess.run(words, check=True)
    for name, text in SCRIPTS.items():
        (out / name).write_bytes(text.encode())


def main() -> int:
    """Build the folder and say what it holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.wheelhouse", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "wheelhouse")
    parser.add_argument("--platform", default="", help="for example win_amd64; default: this machine")
    given = parser.parse_args()
    build(given.out, given.platform)
    size = sum(p.stat().st_size for p in given.out.iterdir()) / 1e6
    sys.stdout.write(f"{given.out}: {len(list(given.out.glob('*.whl')))} wheels, {size:.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
