"""records.md 3.2 and 3.8: what a targeted draw is aimed at, the grace of young firms, the order of batches."""

from typing import Any

from tests.reference.bytes_ import h, rhash
from tests.reference.infer import months_apart
from tests.reference.planforms import held_once, refusal
from tests.reference.strata import RefusedError

Input = dict[str, Any]


def grace(i: Input) -> bool:
    return bool(i["established"] != "-") and months_apart(i["period"], i["established"][:7]) < i["months"]


def batches(i: Input) -> list[str]:
    held_twice(i["batches"], i["districts"])
    seed = bytes.fromhex(i["seed"])
    return sorted((b["batch"] for b in i["batches"]), key=lambda name: (h("batch", seed, name), name.encode()))


def held_twice(found: list[Input], districts: list[str]) -> None:
    if not held_once(found, districts):
        raise RefusedError("PLAN_BATCHES", "")


def plan(i: Input) -> str:
    code = refusal(i["record"])
    if code:
        raise RefusedError(code, "")
    return rhash(i["record"]).hex()
