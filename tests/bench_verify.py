"""make bench PART=verify: replay of the demo's bundle, of its published copy, and of one firm's opening."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from sampler import auditor
from sampler.commands.ending import opening_file
from sampler.disclosure import public_copy
from sampler.io.session import open_session
from sampler.verify import verify, verify_opening
from tests.bench import ROOT, Report, best

DRAW = "XJSC-2026-0001"


def sampler(*words: str, cwd: Path) -> None:
    """Run the program."""
    subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, check=True, capture_output=True)


def start(code: str) -> float:
    """Return the least seconds of a fresh interpreter that runs `code`."""
    return best(lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True), 5)


def main() -> None:
    """Measure and write."""
    report = Report("verify", "Replay, measured", packages=("cryptography", "numpy", "scipy"))
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        sampler("demo", "--out", "d", cwd=here)
        files = auditor.read_folder(here / "d" / "bundles" / DRAW)
        whole = best(lambda: verify(files.__getitem__, sorted(files)), 3)
        copy = public_copy(files)
        public = best(lambda: verify(copy.__getitem__, sorted(copy)), 3)
        firm = files["frame.tsv"].split(b"\n")[1].split(b"\t")[0].decode()
        one = opening_file(open_session(here / "d"), DRAW, firm).encode()
        opening = best(lambda: verify_opening(one), 20)
    objects = files["frame.tsv"].count(b"\n") - 1
    size = sum(map(len, files.values()))
    rows = [
        (f"bundle of {objects:,} objects ({size / 1e6:.1f} MB), sixteen steps", f"{whole:.1f} s", "10 s"),
        ("its published copy at `standard`", f"{public * 1000:.0f} ms", "-"),
        (f"one firm's opening ({len(one) / 1000:.1f} kB), after start-up", f"{opening * 1000:.1f} ms", "50 ms"),
        ("start: Python alone", f"{start('pass') * 1000:.0f} ms", "-"),
        ("start: Python and `sampler.auditor`", f"{start('import sampler.auditor') * 1000:.0f} ms", "-"),
    ]
    report.text(
        "Minimum of three runs for bundle and copy, of twenty for the opening, of five for the starts; bytes in memory."
    )
    report.table(("what", "measured", "wanted"), rows)
    report.write()


if __name__ == "__main__":
    main()
