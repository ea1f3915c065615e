"""The draw of a frame that is read in parts: counts first, then the few units that can be drawn (docs/guide/scale.md).

Everything is columns and sums, so that parts may be cut, ordered and shared among processes in any way: a census of
parts adds up, the design is made of the census alone (the same functions as in `sampler.draw`), and what parts keep
of their units joins into the choice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sampler import allocation, draw, records, ticket
from sampler.errors import DrawError, PlanError
from sampler.select import exact, fast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sampler.plan import Plan
    from sampler.tables import Table

    Integers = NDArray[np.int64]

Place = tuple[str, str, str]
"""Class, object type, district."""
RISK_BITS: Final = 20
COMPACT: Final = 2**22
"""Distinct pairs of place and risk held uncounted before they are added up."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of the frame, ids aside.

    Parameters
    ----------
    places, place
        Distinct places, and each row's place as a position among them.
    risk
        Parts per million.
    cooling
        Whether the unit is in its cool-down.
    """

    places: Sequence[Place]
    place: Integers
    risk: Integers
    cooling: NDArray[np.bool_]

    def keys(self, number: dict[Place, int]) -> Integers:
        """Return place, risk and cooling as one number, with places numbered by `number` (-1: unknown)."""
        of = np.array([number.get(p, -1) for p in self.places], dtype=np.int64)
        return (of[self.place] << RISK_BITS | self.risk) << 1 | self.cooling


class Census:
    """How many units there are of each place, risk and state of cool-down."""

    def __init__(self) -> None:
        self.places: dict[Place, int] = {}
        self._key: list[Integers] = []
        self._count: list[Integers] = []

    def add(self, batch: Batch) -> None:
        """Count some rows."""
        self._number(batch.places)
        key, count = np.unique(batch.keys(self.places), return_counts=True)
        self._append(key, count)

    def merge(self, places: Sequence[Place], key: Integers, count: Integers) -> None:
        """Add another census, given as `places` in their order and its `counted`."""
        self._number(places)
        new = np.array([self.places[p] for p in places], dtype=np.int64)
        shift = RISK_BITS + 1
        self._append(new[key >> shift] << shift | key & ((1 << shift) - 1), count)

    def counted(self) -> tuple[Integers, Integers]:
        """Return the distinct numbers of `Batch.keys`, increasing, and how many units have each."""
        key = np.concatenate([np.empty(0, np.int64), *self._key])
        count = np.concatenate([np.empty(0, np.int64), *self._count])
        found, at = np.unique(key, return_inverse=True)
        total = np.zeros(len(found), dtype=np.int64)
        np.add.at(total, at, count)
        self._key, self._count = [found], [total]
        return found, total

    def _number(self, places: Sequence[Place]) -> None:
        for p in places:
            self.places.setdefault(p, len(self.places))

    def _append(self, key: Integers, count: Integers) -> None:
        self._key.append(key)
        self._count.append(count)
        if len(self._key) > 1 and sum(map(len, self._key[1:])) > COMPACT:
            self.counted()


@dataclass(frozen=True, slots=True)
class Design:
    """What the census decides: both tables, and for every combination the kind of unit it is.

    Parameters
    ----------
    strata, levels
        strata.tsv and levels.tsv.
    kinds
        Class, object type, district, stratum, level; units differ in nothing else but their id.
    number
        Position of a place.
    keys, kind
        The numbers of `Batch.keys` in the frame, increasing, and the kind of each.
    """

    strata: Table
    levels: Table
    kinds: list[tuple[str, ...]]
    number: dict[Place, int]
    keys: Integers
    kind: NDArray[np.int32]

    def kind_of(self, batch: Batch) -> NDArray[np.int32]:
        """Return the kind of every row.

        Raises
        ------
        DrawError
            ``STREAM_CHANGED`` for a row that the census has not counted.
        """
        key = batch.keys(self.number)
        at = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        if not (self.keys[at] == key).all():
            raise DrawError("STREAM_CHANGED", "名录在清点之后被改动", hint="删除输出目录，重新运行 stream commit")
        found: NDArray[np.int32] = self.kind[at]
        return found


def design(plan: Plan, census: Census, each: Callable[..., Any] = map) -> Design:
    """Return the design of the frame that was counted.

    Parameters
    ----------
    plan
        The validated rule.
    census
        Of the whole frame.
    each
        `map`, or one that shares the strata among processes.

    Raises
    ------
    PlanError, DrawError
        As :func:`sampler.draw.commit`; ``STREAM_UNITS`` for a plan that draws owners,
        ``STREAM_CLAUSE`` for units of no clause, ``FRAME_EMPTY``.
    """
    if plan.target or plan.grace is not None:
        hint = "流式抽取收下的是已经筛好的可抽名录；把 target 和 grace 从计划中去掉，或用 sampler seal"
        raise PlanError("STREAM_TARGET", "流式抽取不做定向筛选和包容期剔除", hint=hint)
    if plan.owners:
        hint = "名录文件没有所有者；用 sampler seal，或去掉计划的 units"
        raise PlanError("STREAM_UNITS", "大名录只能逐个对象抽取", hint=hint, found=plan.units)
    keys, count = census.counted()
    if not len(keys):
        raise DrawError("FRAME_EMPTY", "没有可抽的对象", hint="名录文件中没有行")
    places = list(census.places)
    shift = RISK_BITS + 1
    place, risk, cooling = keys >> shift, keys >> 1 & (1 << RISK_BITS) - 1, keys & 1
    cells = [_cell(plan, p) for p in places]
    totals: Counter[tuple[str, str, str]] = Counter()
    for c, n in zip(cells, np.bincount(place, count, len(places)).tolist(), strict=True):
        totals[c] += int(n)
    strata = draw.strata(plan, totals)
    at = {cell: n for n, s in enumerate(strata) for cell in s.cells}
    stratum = np.array([at[c] for c in cells], dtype=np.int64)[place]
    members = _groups(stratum, len(strata))
    work = [_risks(rows[cooling[rows] == 0], risk, count) for rows in members]
    made = list(each(partial(_design, plan), strata, work))
    level = np.full(len(keys), "0", dtype="<U4")
    for (rows_of, _), (_, names) in zip(work, made, strict=True):
        level[rows_of] = names
    named = [
        (*places[p], strata[s].id, v) for p, s, v in zip(place.tolist(), stratum.tolist(), level.tolist(), strict=True)
    ]
    kinds = sorted(set(named))
    kind_at = {k: n for n, k in enumerate(kinds)}
    kind = np.array([kind_at[k] for k in named], dtype=np.int32)
    tables = draw.design_tables([d for d, _ in made])
    return Design(*tables, kinds, census.places, keys, kind)


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


def _groups(stratum: Integers, strata: int) -> list[Integers]:
    order = np.argsort(stratum, kind="stable")
    ends = np.searchsorted(stratum[order], np.arange(1, strata))
    return np.split(order, ends)


def _risks(rows: Integers, risk: Integers, count: Integers) -> tuple[Integers, list[tuple[int, int]]]:
    return rows, list(zip(risk[rows].tolist(), count[rows].tolist(), strict=True))


def _design(
    plan: Plan, s: allocation.Stratum, work: tuple[Integers, list[tuple[int, int]]]
) -> tuple[draw.Designed, list[str]]:
    """Return a stratum's design, and the level of each of its rows of the census."""
    _, counted = work
    made = draw.design(plan, s, [r for r, n in counted for _ in range(n)])
    names, start = [], 0
    for _, n in counted:
        names.append(made.level_of[start])
        start += n
    return draw.Designed([], made.row, made.levels), names


@dataclass(frozen=True, slots=True)
class Rule:
    """How units are kept: by the sealed tables and the seed.

    Parameters
    ----------
    key
        K of the draw.
    stratum, L
        Stratum and parameter of every kind; 2^32 for a kind that is taken, 0 for one that cools.
    wanted
        m + reserves + 1 of every stratum.
    cut
        A number that the wanted smallest keys of each stratum should not exceed; `choose` finds out.
    """

    key: bytes
    stratum: NDArray[np.int32]
    L: Integers
    wanted: Integers
    cut: NDArray[np.float64]

    def keep(self, ids: Any, kind: NDArray[np.int32], heads: NDArray[np.uint64]) -> tuple[fast.Units, Integers]:
        """Return the units of some rows that may be drawn or named, and the positions of those that are taken."""
        chosen: Any
        parameter = self.L[kind]
        numbered = np.flatnonzero((parameter > 0) & (parameter < exact.L_ONE))
        if len(numbered) == len(kind):
            of = fast.Units(ids, heads, parameter.astype(np.uint32), self.stratum[kind])
        else:
            chosen = Picked(ids, numbered)
            of = fast.Units(
                chosen,
                heads[numbered],
                parameter[numbered].astype(np.uint32),
                self.stratum[kind[numbered]],
            )
        found = fast.smallest(of, self.wanted, partial(ticket.ticket, self.key), within=self.cut)
        return found, np.flatnonzero(parameter == exact.L_ONE)


@dataclass(frozen=True, slots=True)
class Picked:
    """Some of a sequence's items, looked up when asked for."""

    of: Any
    at: Integers

    def __getitem__(self, n: int) -> str:
        """Return the n-th item picked."""
        found: str = self.of[int(self.at[n])]
        return found

    def __len__(self) -> int:
        """Return how many are picked."""
        return len(self.at)


def rule(strata: Table, levels: Table, kinds: Sequence[tuple[str, ...]], reserves: int, seed: bytes) -> Rule:
    """Return how to keep units, from the sealed tables alone."""
    number = {s: n for n, s in enumerate(strata["stratum"])}
    parameter = {k: int(v) for k, v in zip(levels["key"], levels["L"], strict=True)}
    wanted = np.array([int(m) + reserves + 1 for m in strata["m"]], dtype=np.int64)
    size, total = np.zeros(len(number), dtype=np.int64), np.zeros(len(number), dtype=np.int64)
    for key, count in zip(levels["key"], levels["count"], strict=True):
        stratum, _, level = key.rpartition("/")
        if level not in ("0", "T"):
            size[number[stratum]] += int(count)
            total[number[stratum]] += int(count) * parameter[key]
    return Rule(
        ticket.object_key(seed),
        np.array([number[k[3]] for k in kinds], dtype=np.int32),
        np.array([parameter[f"{k[3]}/{k[4]}"] for k in kinds], dtype=np.int64),
        wanted,
        fast.guess(size, total, wanted),
    )


def short(of: fast.Units, by: Rule) -> NDArray[np.bool_]:
    """Return the strata whose cut was too narrow to be sure of the wanted smallest keys: read them again without."""
    found: NDArray[np.bool_] = ~(fast.edges(of, by.wanted) <= by.cut)
    return found


def choose(of: fast.Units, taken: Sequence[tuple[str, int]], strata: Table, by: Rule, reserves: int) -> draw.Selection:
    """Return what :func:`sampler.draw.select` returns for the whole frame.

    Parameters
    ----------
    of
        What the parts kept, joined, no stratum being `short`.
    taken
        Id and stratum number of the units taken outright.
    """
    ticket_of = partial(ticket.ticket, by.key)
    names = strata["stratum"]
    choices = fast.choices(fast.smallest(of, by.wanted, ticket_of), list(map(int, strata["m"])), reserves, ticket_of)
    outright = [records.Chosen(object_id=oid, stratum=names[s], rank=0) for oid, s in taken]
    return draw.selection(dict(zip(names, choices, strict=True)), outright)
