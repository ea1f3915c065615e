"""Weighted rates for the public: what the estimate says, and how much of it a level of disclosure lets be told.

A rate is a sum of weights over a sum of weights. Below ``open`` weights are secret, since they tell classes, and a rate of a
few visits with one failure is that object's weight. There only the rate of all draws of twelve months together is
told, when on either side nobody or at least `CROWD` objects answered, in whole percents that hold the exact interval
(ADR 0022).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Final

from sampler import canon, estimate
from sampler.disclosure import OPEN
from sampler.estimate.joined import Place
from sampler.estimate.match import Result, match
from sampler.publish.outcomes import codes, held
from sampler.tables import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CROWD: Final = 10
"""Answers on either side below which a rate of secret weights would tell a weight."""
MONTHS: Final = 12
OUTCOME: Final = estimate.NAMED["compliant"]
GOOD, BAD = frozenset({estimate.Answer.COMPLIANT}), frozenset({estimate.Answer.NOT_COMPLIANT})
MUTE: Final = frozenset({estimate.Answer.UNREACHABLE, estimate.Answer.NO_RESULT})
FINE: Final = 10
"""Parts of a percent that an open rate shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a rate needs of one draw. Holds weights: never for a page, kept in private/ between two publishings."""

    period: str
    is_open: bool
    drawn: estimate.Drawn
    said: Mapping[str, estimate.Answer]

    def to_dict(self) -> dict[str, Any]:
        """Return it as canonical JSON takes it; groups are left out."""
        d = self.drawn
        sizes = [[p.clause, p.class_, p.id, m] for p, m in d.sizes]
        places = [[p.clause, p.class_, p.id] for p in d.stratum]
        count = [[taken, n] for (_, taken), n in sorted(d.frame["draw"].items())]
        return {
            "period": self.period, "open": self.is_open, "draw_id": d.draw_id, "window": [d.first, d.last], "ids": list(d.ids),
            "taken": list(d.taken), "stratum": places, "weight": [float(w).hex() for w in d.weight], "frame": count, "sizes": sizes,
            "cooling": d.cooling, "said": {o: a.value for o, a in self.said.items()},
        }  # fmt: skip

    @classmethod
    def from_dict(cls, v: Mapping[str, Any]) -> Answers:
        """Return what :meth:`to_dict` wrote; every grouping is by draw."""
        draw_id = v["draw_id"]
        frame = Counter({(draw_id, bool(taken)): n for taken, n in v["frame"]})
        drawn = estimate.Drawn(
            draw_id=draw_id, first=v["window"][0], last=v["window"][1], ids=tuple(v["ids"]), taken=tuple(v["taken"]),
            stratum=tuple(Place(draw_id, *p) for p in v["stratum"]), weight=tuple(Fraction(float.fromhex(w)) for w in v["weight"]),
            groups=dict.fromkeys(estimate.GROUPINGS, (draw_id,) * len(v["ids"])), frame=dict.fromkeys(estimate.GROUPINGS, frame),
            sizes=tuple((Place(draw_id, *p), m) for *p, m in v["sizes"]), cooling=v["cooling"],
        )  # fmt: skip
        said = {o: estimate.Answer(a) for o, a in v["said"].items()}
        return cls(period=v["period"], is_open=v["open"], drawn=drawn, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate as it may be told.

    Parameters
    ----------
    rate, lo, hi
        In percent; None where nothing is told.
    worst_lo, worst_hi
        Bounds over whatever the objects without an answer may be like.
    n, answered, unreachable, silent
        Objects drawn, those with an answer, those that could not be found, those without a result.
    why
        ``few`` (too few answers) or ``secret`` (some, but fewer than `CROWD` on a side) where nothing is told.
    target, verdict, visits
        The rate asked for in percent, ``met``, ``not_met`` or ``cannot_tell``, and how many visits would tell.
    """

    rate: str | None = None
    lo: str | None = None
    hi: str | None = None
    worst_lo: str | None = None
    worst_hi: str | None = None
    n: int
    answered: int
    unreachable: int
    silent: int
    why: str = ""
    target: str | None = None
    verdict: str | None = None
    visits: int | None = None


def answers(files: Mapping[str, bytes], public: Mapping[str, bytes]) -> Answers | None:
    """Return what a rate needs of a drawn bundle and its public results; None for a list, which is no random draw."""
    plan = canon.decode(files["plan.json"])
    if not {"triggers", "given"}.isdisjoint(plan.get("target", {})):
        return None
    drawn = estimate.read(files)
    rows = [
        Result(
            object_id=r.object_id, date=str(r.date), result=code, draw_id=drawn.draw_id,
            severity=NONE if r.severity is None else str(r.severity),
        )
        for r in held(public).values()
        for code in codes(r)
    ]  # fmt: skip
    said = match([drawn], rows, OUTCOME).answers[drawn.draw_id]
    return Answers(period=plan["period"], is_open=plan["disclosure"] == OPEN, drawn=drawn, said=said) if said else None


def recent(every: Sequence[Answers]) -> list[Answers]:
    """Return the draws of the last twelve months that have answers."""
    last = max((a.period for a in every), default="0000-01")
    year, month = map(int, last.split("-"))
    start = year * MONTHS + month - MONTHS
    return [a for a in every if int(a.period[:4]) * MONTHS + int(a.period[5:]) > start]


def rate(some: Sequence[Answers], target: float | None = None) -> Rate | None:
    """Return what may be told of these draws together; None of none."""
    if not some:
        return None
    s = estimate.survey([a.drawn for a in some], {a.drawn.draw_id: a.said for a in some})
    e = estimate.estimate(s, (), {("", ""): target} if target is not None else {})[0]
    bare = Rate(n=e.n, answered=e.responded, unreachable=e.unreachable, silent=e.no_result)
    secret = [a for a in some if not a.is_open]
    why = "few" if e.rate is None else "secret" if _tells(secret, GOOD) or _tells(secret, BAD) else ""
    if why:
        return replace(bare, why=why)
    parts = FINE if not secret else 1
    worst = estimate.Worst(rate_lo=None, rate_hi=None, lo=None, hi=None) if _tells(secret, MUTE) else e.worst
    return replace(
        bare, rate=_percent(e.rate, parts, round), lo=_percent(e.lo, parts, floor), hi=_percent(e.hi, parts, ceil),
        worst_lo=_percent(worst.lo, parts, floor), worst_hi=_percent(worst.hi, parts, ceil),
        target=f"{100 * target:.6g}" if target is not None else None, verdict=e.verdict, visits=_about(e.visits_needed),
    )  # fmt: skip


def _tells(secret: Sequence[Answers], side: frozenset[estimate.Answer]) -> bool:
    """Return whether a sum over the objects of an answer would tell the weight of one: they are some, but no crowd."""
    answered = (
        a.said.get(oid, estimate.Answer.NO_RESULT)
        for a in secret
        for oid, taken in zip(a.drawn.ids, a.drawn.taken, strict=True)
        if not taken
    )
    return 0 < sum(one in side for one in answered) < CROWD


def _percent(x: float | None, parts: int, whole: Any) -> str | None:
    """Return a share in percent, rounded to 1 / `parts` of one, a little generously against errors of the last bit."""
    if x is None:
        return None
    scaled = whole(round(100 * parts * x, 9))
    return f"{scaled / parts:.{parts > 1:d}f}"


def _about(visits: int | None) -> int | None:
    """Return a number of visits with two digits, rounded up: it is a forecast."""
    if not visits:
        return visits
    unit = int(10 ** max(0, floor(log10(visits)) - 1))
    return -(-visits // unit) * unit
