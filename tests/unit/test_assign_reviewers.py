"""Published reviewer instances: reviewers as officers, two per paper, bounded loads; they solve, certify, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sampler.assign import arrays
from sampler.assign.certify import check
from sampler.assign.solve import solve
from sampler.errors import DrawError
from sampler.roster import Recusals
from tests.property.test_assign_twin import SEED, officer, plan, target

SIZES = {"preflib1": (54, 31), "preflib2": (52, 24), "preflib3": (176, 146), "aamas2016": (442, 161)}


def instance(path: Path, least: float) -> tuple[dict[str, Any], list[Any], list[Any], Recusals]:
    """Return papers as objects, reviewers as officers; similarity below `least` bars (0 is a conflict)."""
    numbers = path.read_text(encoding="ascii").split()
    papers, reviewers = int(numbers[0]), int(numbers[1])
    assert (papers, reviewers) == SIZES[path.stem]
    rows = [list(map(float, numbers[2 + p * reviewers : 2 + (p + 1) * reviewers])) for p in range(papers)]
    barred = frozenset(
        (f"r{r:03}", "object", f"p{p:03}") for p, row in enumerate(rows) for r, s in enumerate(row) if s < least
    )
    crew = [officer(f"r{r:03}", load=papers) for r in range(reviewers)]
    ladder = [(0, 0), (1, 1), (3, 3)]
    return plan([("review", 2, [])], ladder), [target(f"p{p:03}") for p in range(papers)], crew, barred


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("least", [0.2, 0.5])
def test_it_solves_certifies_and_verifies(name: str, least: float, test_data: Path) -> None:
    plan_, papers, crew, barred = instance(test_data / "assignment" / f"{name}.in", least)
    record = solve("ZJ-2026-0001", plan_, papers, crew, barred, SEED)
    check(record, plan_, papers, crew, barred, SEED, judge=arrays.FAST)
    if len(crew) < 100:
        check(record, plan_, papers, crew, barred, SEED)
    main = max(record["blocks"], key=lambda b: len(b["potentials"]))
    if least < 0.5:
        assert (main["rung"], main["vacancies"]) == ("r0", 0)
    one, two = [t for t in record["teams"] if len(t["members"]) == 2][:2]
    a, b = one["members"][0], two["members"][0]
    a["inspector_id"], b["inspector_id"] = b["inspector_id"], a["inspector_id"]
    for t in (one, two):
        t["members"].sort(key=lambda m: m["inspector_id"])
    with pytest.raises(DrawError):
        check(record, plan_, papers, crew, barred, SEED, judge=arrays.FAST)
