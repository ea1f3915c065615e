"""Judge a verifier: VERIFIER verify FOLDER must exit 0 on good bundles and 1 on each altered one.

python -m tests.conformance [--verifier "node verify.mjs"]
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import ROOT

GOLDEN = ROOT / "tests" / "vectors" / "golden" / "bundle-12"


def judge(words: list[str], folder: Path) -> int:
    """Return the verifier's exit code on a folder."""
    return subprocess.run([*words, "verify", str(folder)], capture_output=True, check=False).returncode


def main() -> int:
    """Run every case and end with a plain closing line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--verifier", default=f"{sys.executable} {ROOT / 'cli.py'}")
    words = shlex.split(parser.parse_args().verifier)
    wrong = [] if judge(words, GOLDEN) == 0 else ["the golden bundle is refused"]
    files = sorted(p.relative_to(GOLDEN).as_posix() for p in GOLDEN.rglob("*") if p.is_file())
    for name in files:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(shutil.copytree(GOLDEN, Path(scratch) / "b"))
            data = bytearray((copy / name).read_bytes())
            data[len(data) // 2] ^= 1
            (copy / name).write_bytes(data)
            if judge(words, copy) != 1:
                wrong.append(f"a changed byte in {name} is not refused with exit 1")
    for w in wrong:
        sys.stdout.write(f"FAILED: {w}\n")
    sys.stdout.write(f"{len(files) + 1 - len(wrong)} passed, {len(wrong)} failed\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
