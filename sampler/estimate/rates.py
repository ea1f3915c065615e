"""Rates, intervals and verdicts of a survey and its groups (docs/spec/estimate.md, 5 to 7)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sampler.estimate.interval import LEVEL, Interval, effective_size, interval, p_values, varies, visits_needed
from sampler.estimate.outcomes import Answer
from sampler.estimate.ratio import Ratio, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sampler.estimate.survey import Survey

FEW: Final = 10
"""Fewer answers than this tell nothing."""
ERROR: Final = 1.0 - LEVEL
MET, NOT_MET, CANNOT_TELL = "met", "not_met", "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """What the rate could be if every object without an answer were as bad, or as good, as can be."""

    rate_lo: float | None
    rate_hi: float | None
    lo: float | None
    hi: float | None
    verdict: str = CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One line of the answer; `by` and `group` are empty for the whole.

    Parameters
    ----------
    rate, lo, hi
        Rate among the reachable and its 95 % interval; None where fewer than `FEW` answered.
    N, n, taken
        Frame objects, drawn objects, and those of them taken with certainty.
    responded, unreachable, no_result
        How the drawn ones fell out.
    n_eff, deff, max_weight, effective_n
        Effective number of answers left to chance, design effect, largest weight, Kish's number.
    method
        ``hajek/deville/korn-graubard``, ``hajek/kish/korn-graubard`` (no variance seen), ``census`` or ``too-few``.
    target, verdict, p_value, visits_needed
        Target, what can be said of it, two-sided p before Holm, visits in all that would tell with probability 80 %.
    worst
        Bounds that assume nothing about the objects without an answer.
    """

    by: str
    group: str
    rate: float | None
    lo: float | None
    hi: float | None
    N: int
    n: int
    taken: int
    responded: int
    unreachable: int
    no_result: int
    n_eff: float | None
    deff: float | None
    max_weight: float | None
    effective_n: float | None
    method: str
    worst: Worst
    target: float | None = None
    verdict: str | None = None
    p_value: float | None = None
    visits_needed: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return every field."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An estimate with what its verdict needs."""

    shown: Estimate
    r: Ratio
    size: int


def estimate(
    s: Survey, by: Sequence[str] = (), targets: Mapping[tuple[str, str], float] | None = None
) -> list[Estimate]:
    """Return the estimate of the whole, then of every group of every grouping.

    Parameters
    ----------
    s
        The survey.
    by
        Groupings (`drawn.GROUPINGS`).
    targets
        (grouping, group) to the rate asked for; ``("", "")`` is the whole. The family of Holm's correction is all of
        these, a census aside, whether or not they can be judged.
    """
    wanted = targets or {}
    keys = [("", ""), *((b, g) for b in by for g in sorted({g for g, _ in s.frame[b]}))]
    seen = {key: _one(s, *key) for key in keys}
    tested = {k: t for k, t in wanted.items() if k in seen}
    family = {k: t for k, t in tested.items() if seen[k].shown.method != "census"}
    judged = {k: _p_value(seen[k], t) for k, t in family.items()}
    rejected = holm({k: p for k, (p, _) in judged.items()})
    out = []
    for key, found in seen.items():
        shown = found.shown
        if key in family:
            p, side = judged[key]
            verdict = (MET if side > 0 else NOT_MET) if key in rejected else CANNOT_TELL
            shown = replace(
                shown, p_value=p, verdict=verdict, visits_needed=_outlook(found, family[key], ERROR / len(family))
            )
        elif key in tested:
            verdict = CANNOT_TELL if shown.rate is None else MET if shown.rate >= tested[key] else NOT_MET
            shown = replace(shown, verdict=verdict)
        if key in tested:
            worst = replace(shown.worst, verdict=_worst_verdict(shown.worst, tested[key], key in family))
            shown = replace(shown, target=tested[key], worst=worst)
        out.append(shown)
    return out


def holm(p: Mapping[Any, float], error: float = ERROR) -> set[Any]:
    """Return the hypotheses that Holm's step-down procedure rejects at family-wise error `error`."""
    out: set[Any] = set()
    for rank, key in enumerate(sorted(p, key=lambda k: (p[k], k))):
        if p[key] > error / (len(p) - rank):
            break
        out.add(key)
    return out


def _one(s: Survey, by: str, group: str) -> _Seen:
    inside = s.inside(by, group)
    size, sure = s.size(by, group, taken=False), s.size(by, group, taken=True)
    r = ratio(s.sample, inside, size)
    answers = [a for a, i in zip(s.answers, inside, strict=True) if i]
    responded = sum(a in (Answer.COMPLIANT, Answer.NOT_COMPLIANT) for a in answers)
    chance = bool((inside * s.sample.sampled).any())
    method = _method(r, size, responded)
    known = method != "too-few"
    limits = interval(r)
    drawn_weights = s.sample.weight[(inside > 0) & s.sample.sampled]
    deff = float(r.units) / float(limits.effective) if known and limits.effective > 0 else None
    shown = Estimate(
        by=by, group=group,
        rate=float(r.rate) if known else None,
        lo=float(limits.lo) if known else None, hi=float(limits.hi) if known else None,
        N=size + sure, n=len(answers), taken=int(((inside > 0) & ~s.sample.sampled).sum()),
        responded=responded, unreachable=answers.count(Answer.UNREACHABLE), no_result=answers.count(Answer.NO_RESULT),
        n_eff=float(limits.effective) if known else None, deff=deff,
        max_weight=float(drawn_weights.max()) if chance else None, effective_n=float(r.kish) if chance else None,
        method=method, worst=_worst(s, inside, size, limits if known else None),
    )  # fmt: skip
    return _Seen(shown, r, size)


def _method(r: Ratio, size: int, responded: int) -> str:
    if size == 0 and responded:
        return "census"
    if responded < FEW or not r.units:
        return "too-few"
    return "hajek/deville/korn-graubard" if varies(r) else "hajek/kish/korn-graubard"


def _worst(s: Survey, inside: NDArray[Any], size: int, shown: Interval | None) -> Worst:
    """Return the bounds; their limits are never inside those of the headline, which may have fewer answers."""
    drawn, chance = inside.sum(), (inside * s.sample.sampled).any()
    if (size and not chance) or (size and drawn < FEW) or not drawn:
        return Worst(rate_lo=None, rate_hi=None, lo=None, hi=None)
    bad, good = (ratio(s.sample.supposing(v), inside, size) for v in (0.0, 1.0))
    lo, hi = float(interval(bad).lo), float(interval(good).hi)
    if shown is not None:
        lo, hi = min(lo, float(shown.lo)), max(hi, float(shown.hi))
    return Worst(rate_lo=float(bad.rate), rate_hi=float(good.rate), lo=lo, hi=hi)


def _worst_verdict(w: Worst, target: float, tested: bool) -> str:  # noqa: FBT001  # both are facts of one row
    lo, hi = (w.lo, w.hi) if tested else (w.rate_lo, w.rate_hi)
    if lo is not None and lo >= target:
        return MET
    return NOT_MET if hi is not None and hi < target else CANNOT_TELL


def _own_target(r: Ratio, target: float) -> float:
    """Return what the part left to chance must reach for the whole to reach `target`."""
    chance = float(r.chance)
    return (target - (1.0 - chance) * float(r.taken_rate)) / chance


def _p_value(seen: _Seen, target: float) -> tuple[float, int]:
    """Return the two-sided p, 1 where nothing can be said, and the side: 1 above the target, -1 below."""
    if seen.shown.rate is None:
        return 1.0, 1
    above, below = p_values(float(seen.r.chance_rate), float(effective_size(seen.r)), _own_target(seen.r, target))
    return min(1.0, 2 * min(above, below)), 1 if above <= below else -1


def _outlook(seen: _Seen, target: float, error: float) -> int | None:
    """Return how many visits would tell; all of the frame always would."""
    shown, r = seen.shown, seen.r
    if shown.rate is None or not shown.n_eff:
        return None
    drawn = shown.n - shown.taken
    found = visits_needed(float(r.chance_rate), _own_target(r, target), shown.n_eff / drawn, error)
    return None if found is None else min(found, seen.size) + shown.taken
