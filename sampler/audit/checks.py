"""What the runs say about a procedure, and what they could have said (docs/spec/audit.md, 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import bdtr, bdtrc, expit, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sampler.audit.subjects import Subject
    from sampler.audit.tally import Tally

    Floats = NDArray[np.float64]

ERROR: Final = 1e-6
"""Chance that an honest procedure is flagged by any of the checks of one audit."""
SURE: Final = 0.9
"""Probability with which the error named in the report would have been seen."""
ENOUGH_BITS: Final = 60
"""Fewer outcomes than 2^60 can be enumerated (PROTOCOL, 3.5)."""
ROUNDING: Final = 1e-6
"""Means closer than this to their expectation agree: claims are rounded."""
OK, FLAGGED, UNCLEAR, NA = "ok", "flagged", "unclear", "na"
CHECKS: Final = ("results", "replay", "order", "reach", "uniform", "parts", "seeds", "pairs")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``ok``, ``flagged``, ``unclear`` (too few runs) or ``na``, with its figures."""

    check: str
    status: str
    facts: dict[str, Any] = field(default_factory=dict)


def examine(subject: Subject, t: Tally, *, seed_space: int | None = None) -> list[Finding]:
    """Return a finding for every check.

    Parameters
    ----------
    subject, t
        The procedure and its runs.
    seed_space
        How many seeds the procedure accepts, where that is known.
    """
    share = ERROR / len(CHECKS)
    objects = subject.team == 1
    return [
        Finding("results", FLAGGED if t.defects else OK, {"defects": [{"seed": s, "what": w} for s, w in t.defects]}),
        Finding("replay", FLAGGED if t.repeats else OK, {"seeds": t.repeats}),
        Finding("order", (FLAGGED if t.shuffles else OK) if subject.ordered else NA, {"seeds": t.shuffles}),
        _reach(subject, t, share) if objects else Finding("reach", NA),
        _uniform(subject, t, share) if objects else Finding("uniform", NA),
        _parts(subject, t, share) if objects else Finding("parts", NA),
        _seeds(subject, t, share, seed_space),
        Finding("pairs", NA) if objects else _pairs(subject, t, share),
    ]


def runs_for_reach(subject: Subject) -> int:
    """Return how many runs show that the rarest id can be drawn at all."""
    least = min((p for p in subject.claimed if p > 0), default=1.0)
    return 1 if least >= 1 else math.ceil(math.log(ERROR / len(CHECKS) / len(subject.ids)) / math.log1p(-least))


def _reach(subject: Subject, t: Tally, error: float) -> Finding:
    """Never drawn, though an honest procedure would have missed this id with probability below error / N."""
    claimed = np.array(subject.claimed)
    missed = np.exp(t.runs * np.log1p(-np.minimum(claimed, 1.0 - 1e-15)))
    certain = (t.counts == 0) & (claimed > 0) & (missed < error / len(claimed))
    waiting = int(((t.counts == 0) & (claimed > 0) & ~certain).sum())
    found = np.flatnonzero(certain)
    facts = {
        "objects": len(claimed), "never": len(found), "examples": [subject.ids[k] for k in found[:5]],
        "not_seen_yet": waiting, "runs_needed": runs_for_reach(subject),
    }  # fmt: skip
    return Finding("reach", FLAGGED if len(found) else UNCLEAR if waiting else OK, facts)


def _uniform(subject: Subject, t: Tally, error: float) -> Finding:
    """Each id's count against its binomial law; the most surprising one judged by Bonferroni."""
    p, x, runs = np.array(subject.claimed), t.counts.astype(np.float64), t.runs
    impossible = ((p <= 0) & (x > 0)) | ((p >= 1) & (x < runs)) | (x > runs)
    inner = np.clip(p, 1e-15, 1 - 1e-15)
    low, high = bdtr(np.minimum(x, runs), runs, inner), np.where(x > 0, bdtrc(np.maximum(x - 1, 0), runs, inner), 1.0)
    chance = np.where(impossible, 0.0, np.where((p > 0) & (p < 1), np.minimum(1.0, 2 * np.minimum(low, high)), 1.0))
    z = (x - runs * p) / np.sqrt(np.maximum(runs * inner * (1 - inner), 1e-12))
    worst = int(np.lexsort((-np.abs(z), chance))[0])
    flagged = chance < error / len(p)
    facts = {
        "max_z": None if impossible[worst] else float(abs(z[worst])), "bound_z": float(-ndtri(error / len(p) / 2)),
        "object": subject.ids[worst], "impossible": int(impossible.sum()),
        "claimed": float(p[worst]), "found": float(x[worst] / runs), "wrong": int(flagged.sum()),
        "highest_over_claimed": float((x / runs / np.maximum(p, 1e-300))[p > 0].max()),
        **_power_one(_typical(p), runs, error / len(p)),
    }  # fmt: skip
    return Finding("uniform", FLAGGED if flagged.any() else OK, facts)


def _typical(p: Floats) -> float:
    """Return the median of the probabilities that leave something to chance, 0 of none."""
    some = p[(p > 0) & (p < 1)]
    return float(np.median(some)) if len(some) else 0.0


def _power_one(p: float, runs: int, error: float) -> dict[str, float | None]:
    """Return the smallest excess in one probability that would have been seen with probability `SURE`."""
    if not 0 < p < 1:
        return {"error_seen": None, "with_probability": SURE}
    counts = np.arange(runs + 1)
    critical = int(np.argmax(bdtrc(counts, runs, p) <= error / 2)) + 1
    low, high = p, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if bdtrc(critical - 1, runs, middle) >= SURE else (middle, high)
    seen = high < 1 - 1e-9
    return {"error_seen": high / p - 1 if seen else None, "with_probability": SURE}


def _parts(subject: Subject, t: Tally, error: float) -> Finding:
    """Parts of the frame: the mean number drawn of each against its expectation, by the spread between runs."""
    p = np.array(subject.claimed)
    want = np.array([p[m].sum() for m in t.parts.values()])
    off = t.per_run.mean(axis=0) - want
    spread = t.per_run.std(axis=0, ddof=1) if t.runs > 1 else np.zeros(len(want))
    scale = np.maximum(spread, 1e-9 * np.maximum(want, 1e-9)) / math.sqrt(t.runs)
    z = np.where(np.abs(off) < ROUNDING, 0.0, off / scale)
    worst = int(np.argmax(np.abs(z)))
    bound = float(-ndtri(error / len(z) / 2))
    seen = (bound + ndtri(SURE)) * np.where(want > 0, scale / np.where(want > 0, want, 1.0), 0.0)
    facts = {
        "parts": len(z), "max_z": float(abs(z[worst])), "bound_z": bound, "part": list(t.parts)[worst],
        "expected": float(want[worst]), "found": float(t.per_run.mean(axis=0)[worst]),
        "error_seen": float(np.median(seen)), "with_probability": SURE,
    }  # fmt: skip
    return Finding("parts", FLAGGED if abs(z[worst]) > bound else OK, facts)


def _seeds(subject: Subject, t: Tally, error: float, seed_space: int | None) -> Finding:
    """Different seeds that gave the same result show how few results there are (a birthday count)."""
    pairs = t.runs * (t.runs - 1) / 2
    same = sum(n * (n - 1) // 2 for n in t.outcomes.values())
    expected = pairs * _same(subject)
    often = t.runs >= 10 * len(t.outcomes)
    facts = {
        "runs": t.runs, "distinct": len(t.outcomes), "same_pairs": same, "exhausted": often,
        "outcomes": len(t.outcomes) if often else round(pairs / same) if same else None,
        "would_notice_below": round(pairs / math.log(1 / (1 - 0.99))), "seed_space": seed_space,
    }  # fmt: skip
    few = same > 0 and _poisson_tail(same, expected) < error
    small = seed_space is not None and seed_space < 2**ENOUGH_BITS
    return Finding("seeds", FLAGGED if few or small else OK, facts)


def _same(subject: Subject) -> float:
    """Return a bound of the probability that two honest runs agree: independent tosses given their number n.

    With odds o it is e_n(o^2) / e_n(o)^2 of the elementary symmetric sums; above, Chernoff's bound, below, the normal.
    """
    if subject.team > 1:
        every = math.comb(len(subject.ids), subject.team)
        return math.exp(-min(subject.lines, len(subject.ids) // subject.team) * math.log(every) / 2)
    p = np.array([x for x in subject.claimed if 0 < x < 1])
    if not len(p):
        return 1.0
    odds, n = p / (1 - p), float(p.sum())
    low, high = -60.0, 60.0
    while high - low > ROUNDING:
        middle = (low + high) / 2
        low, high = (middle, high) if expit(middle + 2 * np.log(odds)).sum() < n else (low, middle)
    squares = float(np.logaddexp(0.0, low + 2 * np.log(odds)).sum()) - n * low
    size = math.log(2 * math.pi * (float((p * (1 - p)).sum()) + 1))
    return math.exp(min(0.0, squares - 2 * float(np.log1p(odds).sum()) + size))


def _poisson_tail(x: int, mean: float) -> float:
    """Return a bound of the probability of x or more where `mean` are expected (Chernoff)."""
    return 1.0 if x <= mean else math.exp(x - mean + x * math.log(mean / x)) if mean > 0 else 0.0


def _pairs(subject: Subject, t: Tally, error: float) -> Finding:
    """Pairs that never met, though with all pairs equally likely they would have."""
    possible = math.comb(len(subject.ids), 2)
    formed = t.runs * subject.lines * math.comb(subject.team, 2)
    log_other = math.log1p(-1 / possible) if possible > 1 else -math.inf
    missed = math.exp(formed * log_other) if formed else 1.0
    needed = math.log(error / possible) / log_other * t.runs / max(formed, 1)
    never = possible - len(t.pairs)
    unused = [i for i, n in zip(subject.ids, t.counts, strict=True) if n == 0]
    facts = {
        "possible": possible, "formed": len(t.pairs), "never": never, "unused": unused[:5],
        "most_over_mean": max(t.pairs.values(), default=0) * possible / max(formed, 1),
        "runs_needed": math.ceil(needed),
    }  # fmt: skip
    clear = missed < error / possible
    return Finding("pairs", OK if not never else FLAGGED if clear else UNCLEAR, facts)
