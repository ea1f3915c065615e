"""For every good vector, claims that miss its value by little: a digit, a count, a place in a list, another word."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.reference.ops import outcome
from tests.vectorgen.case import Case

WORDS = ("compliant", "not-compliant", "unreachable", "no-result")


def turned(value: Any, where: str = "the value") -> Iterator[tuple[str, Any]]:
    """Claims near a value, and what is wrong with each."""
    if isinstance(value, bool):
        yield f"{where} turned", not value
    elif isinstance(value, int):
        yield f"{where}: one more", value + 1
    elif isinstance(value, str):
        yield from turned_text(value, where)
    elif isinstance(value, list):
        if value != value[::-1]:
            yield f"{where} backwards", value[::-1]
        if value:
            yield f"{where} without its last entry", value[:-1]
        for k, entry in enumerate(value):
            yield from ((wrong, [*value[:k], other, *value[k + 1 :]]) for wrong, other in turned(entry, f"entry {k}"))
    else:
        for name, entry in value.items():
            yield from ((wrong, {**value, name: other}) for wrong, other in turned(entry, name))


def turned_text(value: str, where: str) -> Iterator[tuple[str, str]]:
    if re.fullmatch(r"-?[0-9]\.[0-9]{6}e-?[0-9]+", value):
        digits, power = value.split("e")
        yield f"the last digit of {where}", f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}e{power}"
    elif value in WORDS:
        yield from ((f"{where}: {word}", word) for word in WORDS if word != value)
    elif value.isdigit():
        yield f"{where}: one more", str(int(value) + 1)


def near(cases: list[Case], claims: int) -> list[Case]:
    """So many claims for every good one of these."""
    out = []
    asked = {key(case.op, case.given) for case in cases}
    for case in cases:
        truth = outcome(case.area, case.op, case.given).get("ok")
        if case.mutation or truth is None:
            continue
        op = f"{case.op}-follows"
        fresh = (c for c in turned(truth) if key(op, {**case.given, "claim": c[1]}) not in asked)
        for k, (wrong, claim) in enumerate(islice(fresh, claims)):
            name = f"near-{case.name}" + (f"-{k}" if k else "")
            given = {**case.given, "claim": claim}
            out.append(Case(case.area, op, name, f"refused: {wrong}", given, wrong, "VERIFY_FAILED"))
    return out


def key(op: str, given: dict[str, Any]) -> str:
    """What a vector asks."""
    return json.dumps([op, given], sort_keys=True)
