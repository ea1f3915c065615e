"""Which items of a lot are taken: an equal draw of k from N, from the draw's own seed (docs/spec/draw.md, 9.7).

>>> items(bytes(32), "lot-1", 5, 3)
(5, 4, 3)
>>> items(bytes(32), "lot-1", 4, 3)
(4, 3, 1)
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sampler.canon import H
from sampler.errors import DrawError, Place
from sampler.schema import Id, Int, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_ITEMS: Final = 10_000
"""Largest lot; of a larger one boxes are numbered, not items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(Part):
    """An object that consists of `size` items (抽样基数), numbered from 1."""

    object_id: Id
    size: Int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Part):
    """The items taken of one lot, in the order of their tickets."""

    object_id: Id
    size: Int
    items: tuple[Int, ...]


def items(seed: bytes, object_id: str, size: int, sample: int) -> tuple[int, ...]:
    """Return the `sample` numbers of 1 .. `size` with the smallest H("item", seed, object, number), smallest first.

    Raises
    ------
    DrawError
        ``LOT_RANGE`` when the size is outside 1 .. `MOST_ITEMS` or the sample below 1.
    """
    if not (1 <= size <= MOST_ITEMS and sample >= 1):
        hint = f"抽样基数写 1 到 {MOST_ITEMS}，抽样数至少 1"
        raise DrawError("LOT_RANGE", f"{object_id} 的抽样基数或抽样数不对", hint=hint, found=f"{size} {sample}")
    numbers = ((H("item", seed, object_id, i), i) for i in range(1, size + 1))
    return tuple(i for _, i in heapq.nsmallest(sample, numbers))


def need_sizes(lots: Iterable[Lot], objects: Iterable[str]) -> dict[str, int]:
    """Return object to size, refusing (``LOT_SIZE``) one of `objects` that has none."""
    size = {lot.object_id: lot.size for lot in lots}
    missing = next((o for o in objects if o not in size), None)
    if missing is not None:
        hint = "在 [files] lots 的批次表里写上它的抽样基数"
        place = Place(file="lots", column="size")
        raise DrawError("LOT_SIZE", "按件抽样的对象没有抽样基数", hint=hint, place=place, found=missing)
    return size


def taken(
    seed: bytes, lots: Iterable[Lot], chosen: Iterable[tuple[str, str]], sample_of: Mapping[str, int]
) -> tuple[Taken, ...]:
    """Return the items of every chosen object of a stratum that has a sample, by object.

    Parameters
    ----------
    seed
        The draw's.
    lots
        The plan's.
    chosen
        Object and stratum of the drawn and of the reserves.
    sample_of
        Stratum to the number of items its clause takes of a lot.
    """
    mine = sorted((o, s) for o, s in chosen if s in sample_of)
    size = need_sizes(lots, (o for o, _ in mine))
    return tuple(Taken(object_id=o, size=size[o], items=items(seed, o, size[o], sample_of[s])) for o, s in mine)
