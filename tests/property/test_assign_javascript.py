"""The JavaScript checker of assignments against ours: it accepts what our solver writes and refuses with the same code."""

from __future__ import annotations

import copy
import random
from collections import Counter
from dataclasses import replace
from typing import Any

from sampler.errors import DrawError
from tests.javascript import Javascript
from tests.property.test_assign_tamper import EDITS, bases
from tests.property.test_assign_twin import MARK, SEED, Case, coarse, limited, random_case

Record = dict[str, Any]
CASES = 150
EDITED = 500


def rows(case: Case) -> dict[str, Any]:
    """Return the case as the rows of a bundle's tables."""

    def joined(values: Any) -> str:
        return ",".join(sorted(values)) or "-"

    return {
        "plan": case.plan,
        "objects": [
            {"object_id": t.object_id, "owner_id": t.owner_id, "class": t.class_, "type": t.type, "district": t.district,
             "industry": t.industry, "tags": joined(t.tags)}
            for t in case.targets
        ],
        "roster": [
            {"inspector_id": o.inspector_id, "unit": o.unit, "department": o.department, "district": o.district,
             "role": o.role, "expiry": o.expiry, "items": joined(o.items), "qualifications": joined(o.qualifications),
             "max_load": str(o.max_load), "leave": "-"}
            for o in case.officers
        ],
        "recusals": [{"inspector": i, "kind": kind, "target": target} for i, kind, target in sorted(case.recusals)],
    }  # fmt: skip


def verdicts(node: Javascript, case: Case, record: Record, bits: int = MARK) -> tuple[str, str]:
    """Return our code and theirs, empty for accepted."""
    answer = node.ask("assignment", record=record, input=rows(case), seed=SEED.hex(), bits=bits)
    try:
        case.check(record)
    except DrawError as refusal:
        return refusal.code, answer.get("error", "")
    return "", answer.get("error", "")


def test_it_accepts_every_rung_vacancies_and_nobody_at_all(node: Javascript) -> None:
    seen: Counter[str] = Counter()
    for n in range(CASES):
        rng = random.Random(n)
        case = random_case(rng, rng.randrange(1, 9), rng.randrange(9))
        case = limited(case, rng) if n % 2 else case
        record = case.solve()
        assert verdicts(node, case, record) == ("", ""), n
        seen.update(block["rung"] for block in record["blocks"])
    assert {"r0", "r1", "vacancy"} <= seen.keys()


def solved(case: Case) -> Record | None:
    """Return the record, or None where all eight rounds tie."""
    try:
        return case.solve()
    except DrawError:
        return None


def test_it_judges_tie_rounds_alike(node: Javascript) -> None:
    """Tickets of six bits: rounds tie. The right round is accepted, any other record refused with our code."""
    later = 0
    for n in range(60):
        case = replace(random_case(random.Random(n), 4, 4), rule=coarse(6))
        case = limited(case, random.Random(n)) if n % 3 == 0 else case
        record = solved(case)
        if record is None:
            continue
        assert verdicts(node, case, record, 6) == ("", ""), n
        for block in record["blocks"]:
            later += block["round"] > 0
            wrong = copy.deepcopy(record)
            wrong["blocks"][record["blocks"].index(block)]["round"] = (block["round"] + 1) % 8
            ours, theirs = verdicts(node, case, wrong, 6)
            assert ours == theirs, n
    assert later >= 2


def edited(rng: random.Random, good: Record) -> Record:
    record = copy.deepcopy(good)
    for edit in rng.choices(EDITS, k=rng.randrange(1, 3)):
        if record["teams"] and record["blocks"]:
            edit(record, lambda options: rng.choice(list(options)))
    return record


def test_it_refuses_what_we_refuse(node: Javascript) -> None:
    """With the same code, whatever was edited: the text gives the order of the checks."""
    codes: Counter[str] = Counter()
    for n in range(EDITED):
        rng = random.Random(n)
        case, good = rng.choice(bases())
        ours, theirs = verdicts(node, case, edited(rng, good))
        assert ours == theirs, f"case {n}: {ours}, {theirs}"
        codes[ours] += 1
    assert len(codes) >= 12, codes
