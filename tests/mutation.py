"""make mutation: small errors planted one by one in the kernel, and whether a test notices.

Each area is mutated by mutmut in a copy of the project of its own under build/mutation, with only the tests that
matter to it. A run that is cut short goes on where it stopped; a later run tries survivors anew, because tests may
have been added. `make mutation MODULE=ticket` runs one area, `MODULE=report` only writes what has been found so far.
docs/benchmarks/mutation.md is written from whatever has been run, here or, where the area's text is the one that the
document was written of, earlier: then only its survivors are tried anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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


DOCUMENT = ROOT / "docs" / "benchmarks" / "mutation.md"
HEAD = ("area", "text", "mutants", "killed", "out of time", "survived", "not reached", "still to run", "score")


@dataclass(frozen=True)
class Mutant:
    """One planted error and what became of it; of a survivor also the line that was and the line planted."""

    name: str
    state: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Before:
    """What the document says of an area whose text has not changed since."""

    total: int
    timeouts: int
    survivors: dict[str, Mutant]


def modules(area: str) -> list[Path]:
    """Return the files of an area."""
    return sorted(p for module in AREAS[area][0] for p in ROOT.glob(module))


def text_of(area: str) -> str:
    """Return a name for the text of an area's modules as it stands: its hash, cut short."""
    return hashlib.sha256(b"".join(p.read_bytes() for p in modules(area))).hexdigest()[:12]


def before(area: str) -> Before | None:
    """Return what an earlier run found, if it was of the same text."""
    lines = [x[2:-2].split(" | ") for x in DOCUMENT.read_text(encoding="utf-8").splitlines() if x.startswith("| ")]
    row = next((dict(zip(HEAD, x, strict=True)) for x in lines if x[0] == area and len(x) == len(HEAD)), None)
    if row is None or row["text"] != text_of(area) or row["still to run"] != "0":
        return None
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in modules(area)]
    plain = [[cell.strip("`").replace("\\|", "|") for cell in x] for x in lines if x[0].startswith("`")]
    of = {x[0]: Mutant(x[0], "survived", x[1], x[2]) for x in plain if x[0].rpartition(".x_")[0] in names}
    return Before(int(row["mutants"]), int(row["out of time"]), of)


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


def shown(area: str, found: list[Mutant], known: Mapping[str, Mutant]) -> list[Mutant]:
    """Return those that live, with their lines; a line that the document has need not be looked for."""
    alive = [m for m in found if m.state not in (*CAUGHT, "skipped")]
    lines = {m.name: (m.old, m.new) for m in known.values()}
    return [Mutant(m.name, m.state, *(lines.get(m.name) or difference(area, m.name))) for m in alive]


def summary(area: str) -> tuple[list[object], list[Mutant]]:
    """Return an area's row of figures and its survivors: of this run, and of an earlier one what was not run anew."""
    found, earlier, left = mutants(area), before(area), waiting(area)
    count = Counter(m.state for m in found)
    alive = shown(area, found, earlier.survivors if earlier else {})
    total, timeouts = len(found) - count["skipped"], count["timeout"]
    if earlier and (left or not found):
        again = {m.name for m in found}
        alive += [m for name, m in earlier.survivors.items() if name not in again]
        total, timeouts, left = earlier.total, earlier.timeouts + timeouts, 0
    caught, untested = total - len(alive), sum(m.state == "untested" for m in alive)
    score = f"{100 * caught / total:.1f} %" if total else "not run"
    row = [area, text_of(area), total, caught - timeouts, timeouts, len(alive) - untested, untested, left, score]
    return row, alive


def report() -> None:
    """Write docs/benchmarks/mutation.md from the areas that have been run."""
    made = Report(
        "mutation", "Mutation scores of the kernel", packages=["pytest", "hypothesis"], command="make mutation"
    )
    made.text(
        "mutmut plants one small error at a time; a mutant counts as caught when a test of the area fails, crashes or "
        "runs out of time. mutmut leaves decorated functions (the two properties of a key) and constants alone. "
        "`select/lanes.py` is not mutated: its text is compiled once at import, where mutmut's switch is not yet set; its tests compare it "
        "with hashlib at every length and batch edge. `text` names the text of the area's modules: while it stays, a later run tries the "
        "survivors anew, because tests may have come since, and leaves the others caught."
    )
    found = [summary(area) for area in AREAS]
    made.table(HEAD, [row for row, _ in found])
    made.text("## Survivors and why they may live")
    cell = "`{}`".format
    rows = [
        (cell(m.name), *(cell(x).replace("|", "\\|") for x in (m.old, m.new)), reason(m.name, m.old, m.new))
        for _, alive in found
        for m in alive
    ]
    made.table(("mutant", "was", "planted", "reason"), rows)
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
        earlier = None if mutants(area) else before(area)
        again = sorted(earlier.survivors) if earlier else []
        for tests in [sharp, [*sharp, *slower]] if slower else [sharp]:
            here = prepare(area, tests)
            with (HOME / f"{area}.log").open("w", encoding="utf-8") as log:
                subprocess.run([str(TOOLS / "bin" / "mutmut"), "run", "--max-children", "1", *again], cwd=here, check=False, stdout=log, stderr=log)  # fmt: skip
        sys.stderr.write(f"mutation: {area}: {dict(Counter(m.state for m in mutants(area)))}\n")
    report()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
