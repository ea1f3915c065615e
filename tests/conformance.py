"""Judge a program by docs/spec/conformance.md: all vectors, the golden bundle, and copies of it that must be refused.

python -m tests.conformance [--verifier "node verify.mjs"] [--only vectors|bundles]
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.forgeries import FORGERIES, Files, read_bundle, write_bundle
from tests.support import ROOT

VECTORS = ROOT / "tests" / "vectors"
GOLDEN = VECTORS / "golden" / "bundle-12"
BATCH = 200
"""Files a run: command lines have an end."""


@dataclass
class Score:
    """What has been judged so far."""

    passed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    without: frozenset[str] = frozenset()
    """What the program says that it does not do: AREA or AREA/OP."""

    def add(self, name: str, fault: str) -> None:
        """Count one case; an empty fault is a pass."""
        if fault:
            self.failures.append(f"{name}: {fault}")
        else:
            self.passed += 1

    def closing(self) -> str:
        """Return the closing line."""
        return f"{self.passed} passed, {len(self.failures)} failed, {self.skipped} skipped"


def vector_files() -> list[Path]:
    """Return all vectors, relative to the project."""
    return sorted(p.relative_to(ROOT) for p in VECTORS.glob("*/*.json") if p.parent.name != "golden")


def canonical(value: object) -> str:
    """Return RFC 8785 text of an outcome."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def judge_vectors(words: list[str], score: Score) -> None:
    """Let the program answer all vector files and compare bytes."""
    files = vector_files()
    ask_without(words, score)
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        done = subprocess.run(
            [*words, "vectors", *map(str, batch)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode:
            score.failures.append(f"vectors: exit {done.returncode}: {done.stderr.strip()[-300:]}")
        lines = dict(line.split("\t", 1) for line in done.stdout.split("\n") if "\t" in line)
        for path in batch:
            judge_answer(path, lines.get(str(path)), score)


def declared(path: Path, without: frozenset[str]) -> bool:
    """Return whether a program said beforehand that it does not answer this vector."""
    area, op = path.parts[-2], str(json.loads((ROOT / path).read_text(encoding="utf-8"))["op"])
    return not without.isdisjoint({area, f"{area}/{op}", f"{area}/{op.removesuffix('-follows')}"})


def ask_without(words: list[str], score: Score) -> None:
    """Ask what the program does not do; one that does not know the question does everything."""
    done = subprocess.run([*words, "without"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode == 0:
        score.without = frozenset(done.stdout.split())


def judge_answer(path: Path, answer: str | None, score: Score) -> None:
    """Compare one answer with what its vector wants."""
    want = canonical(json.loads((ROOT / path).read_text(encoding="utf-8"))["want"])
    if answer is None:
        score.failures.append(f"{path}: no answer")
    elif answer.startswith('{"skip":"'):
        if declared(path, score.without):
            score.skipped += 1
        else:
            score.failures.append(f"{path}: skipped, though `without` does not name it")
    else:
        score.add(str(path), "" if answer == want else f"want {want[:200]}, got {answer[:200]}")


def spoiled(files: Files) -> Iterator[tuple[str, Files]]:
    """Yield copies of a bundle with one file changed, one removed, or one added."""
    for path, data in files.items():
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        yield f"a bit of {path}", files | {path: bytes(changed)}
        if path != "manifest.json":
            yield f"{path} removed", {p: d for p, d in files.items() if p != path}
    yield "a file added", files | {"notes.txt": b"x"}


def judge_bundles(words: list[str], score: Score) -> None:
    """Let the program replay the golden bundle and everything that must be refused."""
    good = read_bundle(GOLDEN)
    score.add("bundle-12", verdict(words, good, 0))
    score.add("manifest.json removed", verdict(words, {p: d for p, d in good.items() if p != "manifest.json"}, 2))
    for name, files in spoiled(good):
        score.add(name, verdict(words, files, 1))
    for name, forge in FORGERIES.items():
        score.add(f"forgery {name}", verdict(words, forge(good), 1))


def verdict(words: list[str], files: Files, want: int) -> str:
    """Return what is wrong with the program's exit code on a bundle."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        write_bundle(folder, files)
        code = subprocess.run([*words, "verify", str(folder)], cwd=ROOT, capture_output=True, check=False).returncode
    return "" if code == want else f"exit {code}, not {want}"


def main() -> int:
    """Run every case and end with a plain closing line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--verifier", default=f"{sys.executable} -m tests.vectors_program")
    parser.add_argument("--only", choices=["vectors", "bundles"])
    options = parser.parse_args()
    words, score = shlex.split(options.verifier), Score()
    if options.only != "bundles":
        judge_vectors(words, score)
    if options.only != "vectors":
        judge_bundles(words, score)
    for failure in score.failures:
        sys.stdout.write(f"FAILED: {failure}\n")
    if score.without:
        sys.stdout.write(f"declared as not done: {' '.join(sorted(score.without))}\n")
    sys.stdout.write(score.closing() + "\n")
    return 1 if score.failures else 0


if __name__ == "__main__":
    sys.exit(main())
