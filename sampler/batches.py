"""The order in which batches of a key item are visited, drawn by lot (国市监信〔2019〕38号; records.md, 3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from sampler.canon import H
from sampler.errors import Place, PlanError
from sampler.schema import By, Id, Part

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Part):
    """Districts that are visited together."""

    batch: Id
    districts: Annotated[tuple[Id, ...], By()]


def order(seed: bytes, batches: Sequence[Batch]) -> tuple[str, ...]:
    """Return the batches by increasing H("batch", seed, batch), ties by id."""
    return tuple(sorted((b.batch for b in batches), key=lambda name: (H("batch", seed, name), name.encode())))


def check(batches: Sequence[Batch] | None, districts: Sequence[str]) -> None:
    """Refuse batches that are fewer than two or do not hold every district exactly once (``PLAN_BATCHES``)."""
    held = [d for b in batches or () for d in b.districts]
    if batches is not None and (len(batches) < 2 or sorted(held) != sorted(districts)):  # noqa: PLR2004  # one has no order
        hint = "至少两批，每个区划恰好属于一批"
        place = Place(file="plan.json", column="batches")
        raise PlanError("PLAN_BATCHES", "计划的 batches 不成立", hint=hint, place=place, found=" ".join(held))
