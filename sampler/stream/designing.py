"""From the census to the sealed tables and the kind of every row: the functions of `sampler.draw` on counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sampler import allocation, draw, probability, records
from sampler.errors import DrawError, PlanError
from sampler.stream.census import RISK_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sampler.plan import Plan
    from sampler.stream.census import Batch, Census, Integers, Place

LEVEL_BITS: Final = 11
TAKEN: Final = 1025
"""Number of level ``T`` in columns; levels are numbered up to 1,024, and 0 is that of units that cool."""
DENSE: Final = 2**25
"""Entries up to which kinds are found in a table instead of by search."""
SHARE: Final = 32
"""Strata designed at once."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """What units can be, as columns: they differ in nothing else but their id.

    Parameters
    ----------
    place, stratum
        Positions among the places and the strata.
    level
        0 for units that cool, `TAKEN` for units taken outright, else the number of the level.
    L
        Parameter of the level; 2^32 for `TAKEN`.
    count
        How many units there are.
    """

    place: Integers
    stratum: Integers
    level: Integers
    L: Integers
    count: Integers

    def columns(self) -> dict[str, Integers]:
        """Return the columns by name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Design:
    """What the census decides.

    Parameters
    ----------
    strata, levels
        The bytes of strata.tsv and levels.tsv.
    places
        In order of their numbers.
    stratum_of
        Stratum id of every place.
    kinds
        What units can be.
    keys, kind
        The numbers of `Batch.keys` in the frame, increasing, and the kind of each.
    """

    strata: bytes
    levels: bytes
    places: list[Place]
    stratum_of: list[str]
    kinds: Kinds
    keys: Integers
    kind: Integers


class Lookup:
    """The kind of every row, by `Design.keys` and `Design.kind`."""

    def __init__(self, places: Sequence[Place], keys: Integers, kind: Integers) -> None:
        self._number = {p: n for n, p in enumerate(places)}
        self._keys, self._kind = keys, kind

    @cached_property
    def _dense(self) -> tuple[Integers, NDArray[np.int32]] | None:
        """Return each risk's rank and a table of kinds by place, rank and state, where that is small enough."""
        risks = np.unique(self._risk(self._keys))
        if len(self._number) * len(risks) * 2 > DENSE:
            return None
        rank = np.full(1 << RISK_BITS, len(risks), dtype=np.int64)
        rank[risks] = np.arange(len(risks))
        table = np.full((len(self._number) + 1, len(risks) + 1, 2), -1, dtype=np.int32)
        table[self._keys >> RISK_BITS + 1, rank[self._risk(self._keys)], self._keys & 1] = self._kind
        return rank, table

    @staticmethod
    def _risk(keys: Integers) -> Integers:
        return keys >> 1 & (1 << RISK_BITS) - 1

    def kind_of(self, batch: Batch) -> NDArray[np.int32]:
        """Return the kind of every row.

        Raises
        ------
        DrawError
            ``STREAM_CHANGED`` for a row that the census has not counted.
        """
        if self._dense is None:
            key = batch.keys(self._number)
            at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            found = np.where(self._keys[at] == key, self._kind[at], -1).astype(np.int32)
        else:
            rank, table = self._dense
            unknown = len(self._number)
            of = np.array([self._number.get(p, unknown) for p in batch.places], dtype=np.int64)
            found = table[of[batch.place], rank[batch.risk], batch.cooling.astype(np.int64)]
        if len(found) and int(found.min()) < 0:
            raise DrawError("STREAM_CHANGED", "名录在清点之后被改动", hint="删除输出目录，重新运行 stream commit")
        return found


def design(plan: Plan, census: Census, each: Callable[..., Any] = map, solve: draw.Solve = probability.solve) -> Design:
    """Return the design of the frame that was counted.

    Parameters
    ----------
    plan
        The validated rule.
    census
        Of the whole frame.
    each
        `map`, or one that shares the strata among processes.
    solve
        `probability.solve`, or what gives the same sooner.

    Raises
    ------
    PlanError, DrawError
        As :func:`sampler.draw.commit`; ``STREAM_TARGET`` and ``STREAM_UNITS`` for a plan that needs more than the frame
        holds, ``STREAM_CLAUSE`` for units of no clause, ``FRAME_EMPTY``.
    """
    _check(plan)
    keys, count = census.counted()
    if not len(keys):
        raise DrawError("FRAME_EMPTY", "没有可抽的对象", hint="名录文件中没有行")
    places = list(census.places)
    place, risk, cooling = keys >> RISK_BITS + 1, keys >> 1 & (1 << RISK_BITS) - 1, keys & 1
    cells = [_cell(plan, p) for p in places]
    totals: Counter[tuple[str, str, str]] = Counter()
    for c, n in zip(cells, np.bincount(place, count, len(places)).tolist(), strict=True):
        totals[c] += int(n)
    strata = draw.strata(plan, totals)
    at = {cell: n for n, s in enumerate(strata) for cell in s.cells}
    stratum_at = np.array([at[c] for c in cells], dtype=np.int64)
    stratum = stratum_at[place]
    order = np.flatnonzero(cooling == 0)
    order = order[np.argsort(stratum[order], kind="stable")]
    ends = np.searchsorted(stratum[order], np.arange(len(strata) + 1))
    tasks = []
    for n in range(0, len(strata), SHARE):
        bounds = ends[n : n + SHARE + 1]
        some = order[bounds[0] : bounds[-1]]
        tasks.append((strata[n : n + SHARE], bounds - bounds[0], risk[some], count[some]))
    made = list(each(partial(_designs, plan, solve), tasks))
    level, parameter = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
    level[order] = np.concatenate([m.level for m in made])
    parameter[order] = np.concatenate([m.L for m in made])
    code, first, kind = np.unique(place << LEVEL_BITS | level, return_index=True, return_inverse=True)
    held = np.bincount(kind, count, len(code)).astype(np.int64)
    rows = sorted(row for m in made for row in m.rows)
    blocks = dict(block for m in made for block in m.blocks)
    return Design(
        _table("strata.tsv", ["\t".join(row) + "\n" for row in rows]),
        _table("levels.tsv", [blocks[name] for name in sorted(blocks)]),
        places,
        [strata[n].id for n in stratum_at.tolist()],
        Kinds(place[first], stratum[first], level[first], parameter[first], held),
        keys,
        kind,
    )


def _check(plan: Plan) -> None:
    if plan.target or plan.grace is not None:
        hint = "流式抽取收下的是已经筛好的可抽名录；把 target 和 grace 从计划中去掉，或用 sampler seal"
        raise PlanError("STREAM_TARGET", "流式抽取不做定向筛选和包容期剔除", hint=hint)
    if plan.batches:
        hint = "批次次序由 sampler draw 写入摇号记录；去掉计划的 batches，或用 sampler seal"
        raise PlanError("STREAM_BATCHES", "流式抽取不定批次次序", hint=hint)
    if plan.lots is not None:
        hint = "大名录逐户抽取；按件抽样的另立计划，用 sampler seal"
        raise PlanError("STREAM_LOTS", "流式抽取不抽件号", hint=hint)
    if plan.owners:
        hint = "名录文件没有所有者；用 sampler seal，或去掉计划的 units"
        raise PlanError("STREAM_UNITS", "大名录只能逐个对象抽取", hint=hint, found=plan.units)


def _table(name: str, body: Sequence[str]) -> bytes:
    return ("\t".join(records.TABLE_COLUMNS[name]) + "\n" + "".join(body)).encode()


def _cell(plan: Plan, place: Place) -> tuple[str, str, str]:
    class_, object_type, district = place
    cell = (class_, plan.stratum_type(object_type), district)
    if plan.clause_of(*cell[:2]) is None:
        hint = "名录只放可抽的对象；或在计划的 clauses、types 中加上"
        raise PlanError("STREAM_CLAUSE", "有对象不属于任何抽查条款", hint=hint, found=f"{class_} {object_type}")
    if district not in plan.districts:
        hint = "更正区划，或把它加入计划的 districts"
        raise PlanError("DISTRICT_UNKNOWN", "有对象的区划不在计划之内", hint=hint, found=district)
    return cell


@dataclass(frozen=True, slots=True)
class _Made:
    """Designs of some strata: their rows, their blocks of levels.tsv by first bytes, level and L of every row given."""

    rows: list[tuple[str, ...]]
    blocks: list[tuple[str, str]]
    level: Integers
    L: Integers


def _designs(
    plan: Plan, solve: draw.Solve, task: tuple[Sequence[allocation.Stratum], Integers, Integers, Integers]
) -> _Made:
    """Return the designs of some strata, whose eligible rows of the census stand one stratum after the other."""
    strata, ends, risk, count = task
    made = _Made([], [], np.zeros(len(risk), dtype=np.int64), np.zeros(len(risk), dtype=np.int64))
    for s, start, stop in zip(strata, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        counts: Counter[int] = Counter()
        part = risk[start:stop].tolist()
        for r, n in zip(part, count[start:stop].tolist(), strict=True):
            counts[r] += n
        found = draw.design_counted(plan, s, counts, solve)
        name = dict(zip(counts, found.level_of, strict=True))
        parameter = {row[0].rpartition("/")[2]: int(row[3]) for row in found.levels}
        made.rows.append(found.row)
        made.blocks.append((f"{s.id}/", "".join("\t".join(row) + "\n" for row in sorted(found.levels))))
        made.level[start:stop] = [TAKEN if name[r] == allocation.TAKEN else int(name[r]) for r in part]
        made.L[start:stop] = [parameter[name[r]] for r in part]
    return made
