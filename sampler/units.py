"""What is drawn: objects, or owners of whom one object is then taken (docs/spec/draw.md, 1.1 and 9.6).

>>> held = of(["p1", "p2", "q"], ["q", "q", "-"], owners=True)
>>> held.ids, list(held.of), held.sizes()
(['q'], [0, 0, 0], [3])
>>> object_pi(10**12, 3)
333333333333
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.canon import H
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sampler.tables import Table

Cell = tuple[str, str, str]
"""Class, stratum type, district."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units of some rows of the frame.

    Parameters
    ----------
    ids
        Id of each unit, in the order of its first row: the owner, or the object where objects are drawn.
    of
        The unit of each row, as a position in `ids`.
    first
        First row of each unit.
    """

    ids: list[str]
    of: Sequence[int]
    first: Sequence[int]

    def sizes(self) -> list[int]:
        """Return how many objects each unit has."""
        out = [0] * len(self.ids)
        for k in self.of:
            out[k] += 1
        return out

    def objects(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return the objects of each unit, `names` being those of the rows."""
        out: dict[str, list[str]] = {i: [] for i in self.ids}
        for k, name in zip(self.of, names, strict=True):
            out[self.ids[k]].append(name)
        return out

    def cells(self, rows: Sequence[Cell]) -> list[Cell]:
        """Return the cell of each unit: of its rows' cells the one of the highest class, then the smallest by id."""
        out = [rows[i] for i in self.first]
        for k, cell in zip(self.of, rows, strict=True):
            if cell != out[k]:
                out[k] = _counted(out[k], cell)
        return out

    def risks(self, rows: Sequence[int]) -> list[int]:
        """Return the risk of each unit: the largest of its rows' risks."""
        out = [rows[i] for i in self.first]
        for k, risk in zip(self.of, rows, strict=True):
            out[k] = max(out[k], risk)
        return out


def _counted(a: Cell, b: Cell) -> Cell:
    if a[0] != b[0]:
        return max(a, b, key=lambda c: c[0])
    return min(a, b, key=".".join)


def of(object_ids: Sequence[str], owner_ids: Sequence[str], *, owners: bool) -> Units:
    """Return the units of rows with these objects and owners."""
    if not owners:
        every = range(len(object_ids))
        return Units(list(object_ids), every, every)
    at: dict[str, int] = {}
    first: list[int] = []
    unit: list[int] = []
    for i, (oid, owner) in enumerate(zip(object_ids, owner_ids, strict=True)):
        name = owner_of(oid, owner)
        if name not in at:
            at[name] = len(at)
            first.append(i)
        unit.append(at[name])
    return Units(list(at), unit, first)


def of_frame(frame: Table, *, owners: bool) -> Units:
    """Return the units of frame.tsv."""
    if not owners:
        return of(frame["object_id"], (), owners=False)
    return of(frame["object_id"], frame["owner_id"], owners=True)


def owner_of(object_id: str, owner_id: str) -> str:
    """Return the owner of an object: the object itself where none is named."""
    return object_id if owner_id in ("", NONE) else owner_id


def second(seed: bytes, owner: str, objects: Sequence[str]) -> str:
    """Return the object of a drawn owner: that of the smallest H("second", seed, owner, object)."""
    if len(objects) == 1:
        return objects[0]
    return min(objects, key=lambda o: (H("second", seed, owner, o), o.encode()))


def object_pi(pi_e12: int, size: int) -> int:
    """Return the probability of one object of a unit that has `size`, in 10^-12, rounded half up."""
    return (2 * pi_e12 + size) // (2 * size)


def frame_pi(frame: Table, pi_e12: Mapping[str, int], *, owners: bool) -> dict[str, int]:
    """Return the probability of every object of the frame, `pi_e12` being that of each stratum/level."""
    held = of_frame(frame, owners=owners)
    sizes = held.sizes()
    rows = zip(frame["object_id"], frame["stratum"], frame["level"], held.of, strict=True)
    return {oid: object_pi(pi_e12[f"{stratum}/{level}"], sizes[k]) for oid, stratum, level, k in rows}
