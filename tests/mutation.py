"""make mutation: small errors planted one by one in the kernel, and whether a test notices.

Each area is mutated by mutmut in a copy of the project of its own under build/mutation, with only the tests that
matter to it. A run that is cut short goes on where it stopped; a later run tries survivors anew, because tests may
have been added. `make mutation MODULE=ticket` runs one area, `MODULE=report` only writes what has been found so far.
docs/benchmarks/mutation.md is written from whatever areas have been run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import ROOT, Report
from tests.mutation_reasons import REASONS

HOME = ROOT / "build" / "mutation"
TOOLS = HOME / "tools"
KERNEL = ("tests/unit/test_base.py", "tests/unit/test_kernel.py")
SELECT = ("tests/unit/test_select.py", "tests/unit/test_select_fast.py")
PI = tuple(f"tests/unit/test_probability{part}.py" for part in ("", "_parts", "_search", "_quick"))
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "ticket": (("sampler/ticket.py",), (*KERNEL, *SELECT), ()),
    "canon": (("sampler/canon.py",), KERNEL, ()),
    "select": (("sampler/select/exact.py", "sampler/select/fast.py"), SELECT, ("tests/property/test_select_properties.py",)),
    "merkle": (("sampler/merkle.py",), KERNEL, ()),
    "probability": (("sampler/probability/*.py",), PI, ("tests/property/test_probability_properties.py",)),
}  # fmt: skip
"""Area to the modules that are mutated, the sharp tests that judge all mutants, and slower ones for the survivors."""
LARGE = "not population and not thousand and not 400-1-50 and not needs_only and not default_way"
"""pytest -k: whole populations cost seconds each and small frames reach the same lines; imports are not mutated."""
STATES = {0: "survived", 1: "killed", 3: "killed", 5: "untested", 33: "untested", 34: "skipped", -24: "timeout", 24: "timeout", 36: "timeout", 152: "timeout", 255: "timeout"}  # fmt: skip
CAUGHT = ("killed", "timeout", "crashed")


@dataclass(frozen=True)
class Mutant:
    """One planted error and what became of it."""

    name: str
    state: str


def prepare(area: str, tests: Sequence[str]) -> Path:
    """Return a copy of the project where the area can be mutated; earlier results stay, survivors are tried anew."""
    here = HOME / area
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, here / name)
    config = {
        "source_paths": ["sampler/"],
        "only_mutate": list(AREAS[area][0]),
        "also_copy": ["cli.py", "models", "tests", "docs", "data", "pyproject.toml", "README.md"],
        "pytest_add_cli_args_test_selection": [t for t in tests if (ROOT / t).exists()],
        "pytest_add_cli_args": ["-x", "-p", "no:xdist", "-k", LARGE],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in config.items()]
    with (here / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")
    (here / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)  # which test reaches what: tests may have changed
    for meta, content in metas(area):
        content["exit_code_by_key"] = {
            name: code if code is not None and STATES.get(code) not in ("survived", "untested") else None
            for name, code in content["exit_code_by_key"].items()
        }  # fmt: skip
        meta.write_text(json.dumps(content), encoding="utf-8")
    return here


def metas(area: str) -> Iterator[tuple[Path, dict[str, dict[str, int | None]]]]:
    """Yield mutmut's result files of an area."""
    for path in sorted(m for module in AREAS[area][0] for m in (HOME / area / "mutants").glob(f"{module}.meta")):
        yield path, json.loads(path.read_text(encoding="utf-8"))


def mutants(area: str) -> list[Mutant]:
    """Return every mutant of an area that has a result."""
    return [
        Mutant(name, STATES.get(code, "crashed"))
        for _, content in metas(area)
        for name, code in content["exit_code_by_key"].items()
        if code is not None
    ]


def waiting(area: str) -> int:
    """Return how many mutants of an area have no result yet."""
    return sum(code is None for _, content in metas(area) for code in content["exit_code_by_key"].values())


def tools() -> None:
    """Install mutmut beside, not into, the project's environment."""
    uv = str(Path(sys.executable).parent / "uv")
    python = str(TOOLS / "bin" / "python")
    if not Path(python).exists():
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(TOOLS)], check=True)
    subprocess.run([uv, "pip", "sync", "-q", "--python", python, "requirements.lock"], cwd=ROOT, check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", python, "--group", "mutation"], cwd=ROOT, check=True)


def difference(area: str, name: str) -> tuple[str, str]:
    """Return the line that was and the line that was planted."""
    shown = subprocess.run([str(TOOLS / "bin" / "mutmut"), "show", name], cwd=HOME / area, check=True, capture_output=True, text=True)  # fmt: skip
    lines = [x for x in shown.stdout.splitlines() if re.match(r"[-+](?![-+])", x)]
    old = " ".join(x[1:].strip() for x in lines if x[0] == "-")
    return old, " ".join(x[1:].strip() for x in lines if x[0] == "+")


def reason(name: str, old: str, new: str) -> str:
    """Return why a survivor is allowed to live."""
    function = re.sub(r"__mutmut_\d+$", "", name).replace(".x_", ".")
    for pattern, why in REASONS:
        if re.search(pattern, f"{function}: {old} -> {new}"):
            return why
    return "**none: a test is missing**"


def report() -> None:
    """Write docs/benchmarks/mutation.md from the areas that have been run."""
    made = Report(
        "mutation", "Mutation scores of the kernel", packages=["pytest", "hypothesis"], command="make mutation"
    )
    made.text(
        "mutmut plants one small error at a time; a mutant counts as caught when a test of the area fails, crashes or "
        "runs out of time. mutmut leaves decorated functions (the two properties of a key) and constants alone. "
        "`select/lanes.py` is not mutated: its text is compiled once at import, where mutmut's switch is not yet set; its tests compare it "
        "with hashlib at every length and batch edge. A survivor is tried anew by the next run, because tests may have come since."
    )
    rows, survivors = [], []
    for area in AREAS:
        found = mutants(area)
        count = Counter(m.state for m in found)
        caught, total = sum(count[s] for s in CAUGHT), len(found) - count["skipped"]
        score = f"{100 * caught / total:.1f} %" if total else "not run"
        rows.append(
            (
                area,
                total,
                caught - count["timeout"],
                count["timeout"],
                count["survived"],
                count["untested"],
                waiting(area),
                score,
            )
        )
        for m in found:
            if m.state not in (*CAUGHT, "skipped"):
                old, new = difference(area, m.name)
                survivors.append((f"`{m.name}`", f"`{old}`".replace("|", "\\|"), f"`{new}`".replace("|", "\\|"), reason(m.name, old, new)))  # fmt: skip
    made.table(("area", "mutants", "killed", "out of time", "survived", "not reached", "still to run", "score"), rows)
    made.text("## Survivors and why they may live")
    made.table(("mutant", "was", "planted", "reason"), survivors)
    made.write()


def main(wanted: Sequence[str]) -> int:
    """Run the areas named, or all, and write the document."""
    if list(wanted) == ["report"]:
        report()
        return 0
    if set(wanted) - set(AREAS):
        sys.stderr.write(f"mutation: no area {wanted}; there are {sorted(AREAS)}\n")
        return 2
    HOME.mkdir(parents=True, exist_ok=True)
    tools()
    for area in wanted or AREAS:
        _, sharp, slower = AREAS[area]
        for tests in [sharp, [*sharp, *slower]] if slower else [sharp]:
            here = prepare(area, tests)
            with (HOME / f"{area}.log").open("w", encoding="utf-8") as log:
                subprocess.run([str(TOOLS / "bin" / "mutmut"), "run", "--max-children", "1"], cwd=here, check=False, stdout=log, stderr=log)  # fmt: skip
        sys.stderr.write(f"mutation: {area}: {dict(Counter(m.state for m in mutants(area)))}\n")
    report()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
