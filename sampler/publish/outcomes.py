"""Results of visits as pages show them: one row an object, counts by the eight national categories and by month."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sampler import records
from sampler.estimate.outcomes import NO_CONTACT
from sampler.publish import words
from sampler.wording import MEASURES, RESULT_STATES, RESULTS, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sampler.publish.views import Card

NAME_LIMIT: Final = 100
BAR: Final = 400
"""Width of the longest bar of a chart."""
MOST_BARS: Final = 40
GOOD: Final = frozenset("17")
"""Categories without a problem (docs/spec/estimate.md, 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart."""

    name: str
    value: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One row of 抽查结果公告.

    Parameters
    ----------
    codes
        National categories, as digits; empty where nobody was visited.
    merged
        The draw of the same sitting whose visit this was; empty for a visit of its own.
    """

    object_id: str
    name: str
    date: str
    codes: str
    state: str
    remark: str
    merged: str

    @property
    def results(self) -> tuple[str, ...]:
        """Categories in Chinese, or why there is none."""
        return tuple(RESULTS[c] for c in self.codes) or (RESULT_STATES.get(self.state, self.state),)

    @property
    def kind(self) -> str:
        """What it counts as: fine, problem, unreachable or unvisited; the worst of several."""
        if any(c not in GOOD and c != NO_CONTACT for c in self.codes):
            return "problem"
        if any(c in GOOD for c in self.codes):
            return "fine"
        return "unreachable" if self.codes else "unvisited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What became of the draws of a month; visits shared by several draws of a sitting are counted once."""

    period: str
    draws: int
    drawn: int
    merged: int
    fine: int
    problem: int
    unreachable: int
    unvisited: int

    @property
    def waiting(self) -> int:
        """Drawn objects without a public result."""
        known = self.merged + self.fine + self.problem + self.unreachable + self.unvisited
        return max(0, self.drawn - known)


class Named(Protocol):
    """Where names come from; sole traders' are masked."""

    @property
    def names(self) -> Mapping[str, str]:
        """Object id to name."""

    @property
    def natural(self) -> frozenset[str]:
        """Ids of natural persons in trade."""


def held(files: Mapping[str, bytes]) -> dict[str, records.Result]:
    """Return the row that holds for every object: a later batch takes the place of an earlier one."""
    out: dict[str, records.Result] = {}
    for path in sorted(p for p in files if p.startswith("results/")):
        out |= {r.object_id: r for r in records.Results.parse(files[path], path).rows}
    return out


def outcomes(files: Mapping[str, bytes], source: Named) -> tuple[Outcome, ...]:
    """Return the rows of the results in `files`, by object."""
    rows = held(files)
    return tuple(_outcome(rows[oid], source) for oid in sorted(rows, key=str.encode))


def _outcome(row: records.Result, source: Named) -> Outcome:
    name = plain(source.names.get(row.object_id, ""))
    if row.object_id in source.natural:
        name = masked(name)
    return Outcome(
        object_id=row.object_id,
        name=name if len(name) <= NAME_LIMIT else f"{name[:NAME_LIMIT]}…",
        date=row.date or "",
        codes="".join(codes(row)),
        state=row.state,
        remark=MEASURES.get(row.measure or "", ""),
        merged=row.merged_into or "",
    )


def codes(row: records.Result) -> tuple[str, ...]:
    """Return every national category of a row; none where there was no result."""
    return () if row.result is None else (str(row.result), *(row.also or ()))


def masked(name: str) -> str:
    """Return a sole trader's name with only its first character, since it is mostly the owner's.

    >>> masked("王小明餐饮店")
    '王＊＊'
    """
    return f"{name[:1]}＊＊" if name else ""


def bars(count: Mapping[str, int]) -> tuple[Bar, ...]:
    """Return the largest counts as bars."""
    return _bars(sorted(count.items(), key=lambda r: (-r[1], r[0]))[:MOST_BARS])


def _bars(rows: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    top = max((v for _, v in rows), default=0) or 1
    return tuple(Bar(name=name, value=v, width=max(2, v * BAR // top) if v else 0) for name, v in rows)


def by_category(cards: Iterable[Card]) -> tuple[Bar, ...]:
    """Return the objects of each national category, all eight, then those without a result.

    Objects of a list were not drawn here and do not count; a visit shared by several draws counts once.
    """
    rows = [r for c in cards if not c.listed for r in c.results if not r.merged]
    count = Counter(code for r in rows for code in r.codes)
    states = Counter(r.state for r in rows if not r.codes)
    named = [(RESULTS[code], count[code]) for code in RESULTS]
    return _bars([*named, *((RESULT_STATES.get(s, s), n) for s, n in sorted(states.items()))])


def months(cards: Iterable[Card]) -> tuple[Month, ...]:
    """Return the months, newest first; voided draws and lists do not count."""
    of: dict[str, list[Card]] = {}
    for c in cards:
        if c.is_drawn and not c.listed and c.state != words.VOID:
            of.setdefault(c.period, []).append(c)
    return tuple(_month(period, of[period]) for period in sorted(of, reverse=True))


def _month(period: str, cards: Sequence[Card]) -> Month:
    rows = [r for c in cards for r in c.results]
    kinds = Counter(r.kind for r in rows if not r.merged)
    return Month(
        period=period, draws=len(cards), drawn=sum(c.n for c in cards), merged=sum(bool(r.merged) for r in rows),
        fine=kinds["fine"], problem=kinds["problem"], unreachable=kinds["unreachable"], unvisited=kinds["unvisited"],
    )  # fmt: skip
