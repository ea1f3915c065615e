"""draw.md as a reader meets it: its shell lines run, its tables are right, its formulas suffice, its vectors exist."""

from __future__ import annotations

import json
import math
import re
import subprocess
from fractions import Fraction
from typing import Any

import pytest

from tests.reference import pareto, strata
from tests.spec.musts import rows
from tests.support import ROOT

PAGE = (ROOT / "docs/spec/draw.md").read_text(encoding="utf-8")
SEED = b"0123456789abcdef0123456789abcdef"
EXAMPLE = [100000, 200000, 200000, 300000, 1000000]
LS = {"e1": 1464649380, "e2": 2047899618, "e3": 2047899618, "e4": 3029485976}


def shell() -> list[tuple[str, str]]:
    """Return each line with sha256sum, the definitions before it in front, and the digits printed below it."""
    lines = [line.strip() for line in PAGE.split("\n") if line.startswith("    ")]
    defined: list[str] = []
    found: list[tuple[str, str]] = []
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.match(r"raw\(\)|K=", line):
            defined.append(line)
        if line.endswith("| sha256sum"):
            found.append(("\n".join([*defined, line]), below))
    return found


def test_shell_lines_give_what_is_printed() -> None:
    assert len(shell()) >= 6
    for script, printed in shell():
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        assert re.fullmatch("[0-9a-f]{64}", printed), script
        assert done.stdout.split()[0] == printed, script


def cells(section: str) -> list[list[str]]:
    part = PAGE.split(f"## {section}")[1].split("\n## ")[0]
    lines = [line.strip().strip("|").split("|") for line in part.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in lines if not set("".join(row)) <= set("-")]


def test_the_example_is_what_the_reference_computes() -> None:
    table = {row[0]: row[1:] for row in cells("12.") if re.fullmatch("e[1-5]", row[0]) and len(row) == 6}
    weights = strata.weights(EXAMPLE, 1, 5, 2)
    level_of, targets = strata.levels(weights, 3, cooldown=False)
    for n, name in enumerate(table):
        risk, w, level, target, big_l = table[name]
        assert (int(risk), int(w), level) == (EXAMPLE[n], weights[n], level_of[n])
        assert target == ("10^12" if level == "T" else str(targets[level]))
        assert big_l == ("2^32" if level == "T" else str(LS[name]))
    assert pareto.parameters([Fraction(targets[k], 10**12) for k in "123"], [1, 2, 1], 2) == [
        LS[k] for k in ("e1", "e2", "e4")
    ]
    order = pareto.order(list(LS.items()), pareto.object_stream(SEED))
    shown = [row for row in cells("12.") if len(row) == 4 and row[0] != "unit"]
    assert [row[0] for row in shown] == [name for name, *_ in order]
    for (_, _, h, q), row in zip(order, shown, strict=True):
        assert f"{float(Fraction(2 * h + 1, 2**257)):.6f}" == row[1]
        assert f"{float(q):.6f}" == row[2]
    tau = order[2][3]
    for name in ("e4", "e3"):
        weight = 1 + Fraction(2**32 - LS[name], LS[name]) / tau
        assert f"{float(weight):.6f}" in PAGE


def integral(thetas: list[float], counts: list[int], m: int) -> list[float]:
    """Section 8.2, word for word, in plain floats."""
    if 2 * m > sum(counts):
        return [1 - p for p in integral([1 / t for t in thetas], counts, sum(counts) - m)]

    def term(z: float, j: int) -> float:
        state = [1.0] + [0.0] * (m - 1)
        for k, theta in enumerate(thetas):
            p = 1 / (1 + math.exp(-(z + math.log(theta))))
            for _ in range(counts[k] - (k == j)):
                state = [state[i] * (1 - p) + (state[i - 1] * p if i else 0.0) for i in range(m)]
        p = 1 / (1 + math.exp(-(z + math.log(thetas[j]))))
        return p * (1 - p) * sum(state)

    old, h = [0.0] * len(thetas), 0.25
    while True:
        edge = math.ceil(60 / h)
        new = [h * math.fsum(term(i * h, j) for i in range(-edge, edge + 1)) for j in range(len(thetas))]
        if max(abs(a - b) for a, b in zip(old, new, strict=True)) < 1e-13:
            return new
        old, h = new, h / 2


@pytest.mark.parametrize(
    ("big_l", "counts", "m"),
    [([2**31, 2**30], [1, 1], 1), (list(LS.values())[1:], [1, 1, 1], 2), ([10**9, 3 * 10**9], [6, 3], 4)],
)
def test_the_way_of_section_8_2_is_exact_enough(big_l: list[int], counts: list[int], m: int) -> None:
    found = integral([x / (2**32 - x) for x in big_l], counts, m)
    assert abs(math.fsum(n * p for n, p in zip(counts, found, strict=True)) - m) <= sum(counts) * 1e-12
    for ours, exact in zip(found, pareto.inclusion(big_l, counts, m), strict=True):
        assert abs(Fraction(ours) - exact) < Fraction(1, 10**13)


def test_the_closed_form_of_two_units() -> None:
    shown = re.search(r"\(6 - 3 ln 3\) / 4 = (0\.\d+)\.\.", PAGE)
    assert shown is not None
    exact = pareto.inclusion([2**31, 2**30], [1, 1], 1)[0]
    assert pareto.digits(exact, 20).startswith(shown[1])


def test_section_8_2_proves_the_golden_bundle() -> None:
    numbered = [row for row in rows("levels.tsv")[1:] if row[0].startswith("C.") and row[0][-1] not in "0T"]
    counts, big_l = [int(row[1]) for row in numbered], [int(row[3]) for row in numbered]
    sizes = {row[0]: int(row[5]) for row in rows("strata.tsv")[1:]}
    m = sizes[numbered[0][0].split("/")[0]]
    for row, pi in zip(numbered, integral([x / (2**32 - x) for x in big_l], counts, m), strict=True):
        assert abs(10**12 * pi - int(row[4])) < 2


def test_every_rare_branch_has_its_vector() -> None:
    branches = [row for row in cells("13.") if row[0] != "branch"]
    assert len(branches) >= 15
    for row in branches:
        vector = json.loads((ROOT / "tests" / "vectors" / f"{row[3].strip('`')}.json").read_text(encoding="utf-8"))
        assert_reaches(row, vector)


def assert_reaches(row: list[str], vector: dict[str, Any]) -> None:
    """A code in the outcome column is the vector's; numbers named in the input column stand in its input."""
    code = re.fullmatch(r"`([A-Z]+_[A-Z_]+)`", row[2])
    assert (vector["want"].get("error") == code[1]) if code else "ok" in vector["want"] or "size 0" in row[2], row
    asked = json.dumps(vector["input"])
    for number in re.findall(r"(?:w =|risks|N =) ([0-9, ]+)", row[1]):
        for part in re.findall(r"[0-9]+", number):
            assert part in asked, (row, part)


def test_sections_are_numbered_and_links_lead_somewhere() -> None:
    numbers = [int(n) for n in re.findall(r"^## (\d+)\.", PAGE, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    for target in re.findall(r"\]\(([a-z.]+\.md)\)", PAGE):
        assert (ROOT / "docs/spec" / target).is_file()


def places() -> set[str]:
    """Return the numbers a reader can find: sections, subsections, and numbered items before the first subsection."""
    found = set(re.findall(r"^##+ (\d+(?:\.\d+)?)", PAGE, re.MULTILINE))
    for section in re.split(r"\n## ", PAGE)[1:]:
        number, head = section.split(".")[0], section.split("\n### ")[0]
        found |= {f"{number}.{item}" for item in re.findall(r"^(\d+)\. ", head, re.MULTILINE)}
    return found


def test_the_program_points_at_sections_that_exist() -> None:
    known, wrong = places(), []
    for path in sorted((ROOT / "sampler").rglob("*.py")):
        for match in re.finditer(r"draw\.md, ([0-9., toand]+)", path.read_text(encoding="utf-8")):
            wrong += [(path.name, n) for n in re.findall(r"\d+(?:\.\d+)?", match[1]) if n not in known]
    assert wrong == []
    assert {"3.2", "4.2", "7.3", "8.2", "9.4"} <= known
