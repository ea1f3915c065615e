"""Which result belongs to which draw (docs/spec/estimate.md, 2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sampler.estimate.drawn import Drawn
    from sampler.estimate.outcomes import Answer, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of results: object, day, national category 1-8, severity 0-3 or ``-``, draw or ``-``."""

    object_id: str
    date: str
    result: str
    severity: str
    draw_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Answers by draw and object, and the rows that went nowhere.

    Parameters
    ----------
    answers
        Draw id to object id to answer.
    used
        Rows that were used.
    not_drawn, early, unplaced
        Rows of these draws for objects that were not drawn (reserves, visits on other grounds), rows dated before the
        visits of their draw began, and rows without a draw that fit no draw, or more than one.
    elsewhere
        Rows of other draws.
    """

    answers: dict[str, dict[str, Answer]]
    used: int
    not_drawn: int
    early: int
    unplaced: int
    elsewhere: int


def match(draws: Sequence[Drawn], rows: Iterable[Result], outcome: Outcome) -> Matched:
    """Return the answer of every object that has a result.

    A row that names its draw belongs to it; a row that names none belongs to the one draw that drew the object and in
    whose window of visits it is dated.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    fate: Counter[str] = Counter()
    drew = {d.draw_id: frozenset(d.ids) for d in draws}
    by_id = {d.draw_id: d for d in draws}
    for r in rows:
        where = _home(r, by_id, drew)
        fate[where if where not in by_id else "used"] += 1
        if where in by_id:
            found[where, r.object_id].append((r.result, r.severity))
    answers: dict[str, dict[str, Answer]] = {d: {} for d in by_id}
    for (draw, oid), visits in found.items():
        answers[draw][oid] = outcome.of_object(visits)
    return Matched(
        answers=answers, used=fate["used"], not_drawn=fate["!not-drawn"], early=fate["!early"],
        unplaced=fate["!unplaced"], elsewhere=fate["!elsewhere"],
    )  # fmt: skip


def _home(r: Result, draws: dict[str, Drawn], drew: dict[str, frozenset[str]]) -> str:
    """Return the draw a row belongs to, or why it belongs to none (``!`` begins no draw id)."""
    if r.draw_id != NONE:
        if r.draw_id not in draws:
            return "!elsewhere"
        if r.object_id not in drew[r.draw_id]:
            return "!not-drawn"
        return "!early" if r.date < draws[r.draw_id].first else r.draw_id
    fits = [i for i, d in draws.items() if r.object_id in drew[i] and d.first <= r.date <= d.last]
    return fits[0] if len(fits) == 1 else "!unplaced"
