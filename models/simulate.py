"""The loop: what is drawn trains the next model, which decides what is drawn next.

A firm's outcome in a month is its recorded visit nearest to that month; the model is refitted from drawn outcomes
only. All policies of a replicate share their random numbers, so that differences are paired. The draw is a Pareto
draw with lambda = target (`models.pareto`): its probabilities are right to about 0.002, not sealed.

Limits: no firm mends its ways because it was visited, outcomes exist only where the office once went, and a firm
is known by three numbers (visits, smoothed rate, months since a failure), not by the whole points table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from models.bootstrap import interval
from models.pareto import draw, targets
from models.problems import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.history import History

    Floats = NDArray[np.float64]

POLICIES: Final = ("random", "greedy", "epsilon", "ours", "ours_weighted")
WARM_UP: Final = 3
LEAST_VISITS: Final = 3
LEAST_OBJECTS: Final = 100
CAP: Final = 0.25
EPSILON: Final = 0.2
_MONTH: Final = 30.4375
_RIDGE: Final = 1.0
_CLIP: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is simulated.

    Parameters
    ----------
    months, replicates, share, cool_down, floor, gamma, seed
        Counted months after a warm-up of three, repetitions, monthly share, months of rest, f, gamma, seed.
    """

    months: int = 24
    replicates: int = 100
    share: float = 0.04
    cool_down: int = 3
    floor: float = 0.2
    gamma: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Outcome of each object in each month, and which record it is.

    Parameters
    ----------
    failed, record
        Objects x months.
    """

    failed: NDArray[np.bool_]
    record: NDArray[np.intp]


def world(history: History, months: int) -> World:
    """Return the outcomes of objects with at least three visits over the last `months` months of the history.

    Raises
    ------
    InputError
        ``SIMULATE_SMALL`` if too few objects have three visits or the history is shorter.
    """
    codes, names = pd.factorize(history.ids)
    kept = np.flatnonzero(np.bincount(codes, minlength=len(names)) >= LEAST_VISITS)
    last, first = int(history.day.max()), int(history.day.min())
    if len(kept) < LEAST_OBJECTS or (last - first) / _MONTH < 2:  # noqa: PLR2004  # two months at least
        hint = f"a history with {LEAST_OBJECTS} objects of three visits or more is needed"
        refuse("SIMULATE_SMALL", "too little history to simulate", hint=hint, found=str(len(kept)))
    middles = last - _MONTH * (np.arange(months, 0, -1) - 0.5)
    starts = np.searchsorted(codes, kept)
    ends = np.searchsorted(codes, kept, side="right")
    record = np.empty((len(kept), months), dtype="intp")
    for n, (a, b) in enumerate(zip(starts, ends, strict=True)):
        record[n] = a + np.abs(history.day[a:b][:, None] - middles).argmin(axis=0)
    return World(history.failed[record], record)


@dataclass(slots=True)
class State:
    """What the policies know: one row per replicate.

    Parameters
    ----------
    visits, failures, since, rest
        Times drawn, failed, months since a failure (99: never), months of rest left; by replicate and object.
    rows
        (features, outcome, weight) of each month's drawn objects.
    """

    visits: Floats
    failures: Floats
    since: Floats
    rest: NDArray[np.int64]
    rows: list[tuple[Floats, Floats, Floats]]

    @classmethod
    def new(cls, replicates: int, objects: int) -> State:
        """Return a state in which nothing is known."""
        zero = np.zeros((replicates, objects))
        return cls(zero.copy(), zero.copy(), zero + 99, zero.astype("int64"), [])

    def features(self) -> Floats:
        """Return replicate x object x 5 features."""
        base = (self.failures.sum(axis=1) + 1) / (self.visits.sum(axis=1) + 7)
        rate = (self.failures + 2 * base[:, None]) / (self.visits + 2)
        recent = np.exp(-self.since / 12)
        ones = np.ones_like(rate)
        return np.stack([ones, np.log(rate / (1 - rate)), np.log1p(self.visits), recent, self.visits > 0], axis=-1)

    def learn(self, drawn: NDArray[np.intp], failed: Floats, weight: Floats, months: int) -> None:
        """Take in the outcomes of a month."""
        at = np.arange(len(drawn))[:, None], drawn
        self.rows.append((self.features()[at], failed, weight))
        self.since += 1
        self.rest = np.maximum(self.rest - 1, 0)
        self.visits[at] += 1
        self.failures[at] += failed
        self.since[at] = np.where(failed > 0, 0, self.since[at])
        self.rest[at] = months

    def risk(self) -> Floats:
        """Return the risk of every object by a ridge logistic regression on all drawn outcomes so far."""
        x = np.concatenate([r[0] for r in self.rows], axis=1)
        y, w = (np.concatenate([r[k] for r in self.rows], axis=1) for k in (1, 2))
        b = np.zeros((len(x), x.shape[-1]))
        ridge = np.diag([1e-6, *[_RIDGE] * (x.shape[-1] - 1)])
        for _ in range(8):
            p = 1 / (1 + np.exp(-np.einsum("rnk,rk->rn", x, b)))
            slope = np.einsum("rn,rnk->rk", w * (y - p), x) - b @ ridge
            curve = np.einsum("rn,rnk,rnl->rkl", w * p * (1 - p), x, x) + ridge
            b = b + np.linalg.solve(curve, slope[..., None])[..., 0]
        return np.asarray(1 / (1 + np.exp(-np.einsum("rnk,rk->rn", self.features(), b))))


def simulate(history: History, design: Design) -> dict[str, Any]:
    """Return for each policy its means with 95 % intervals over replicates, and paired ratios.

    Parameters
    ----------
    history
        Real visits.
    design
        What to simulate.

    Raises
    ------
    InputError
        ``SIMULATE_SMALL``.

    Notes
    -----
    ``ece`` is the mean over all counted months of the model that made the month's draw against that month's
    outcomes; ``ece_end`` that of the last month alone. The outcomes of a month are the same in every replicate, so
    the interval of one month holds the chance of the draw only, not that the true rate moved.
    """
    here = world(history, design.months + WARM_UP)
    found = {name: _policy(here, design, name) for name in POLICIES}
    truth = float(here.failed[:, WARM_UP:].mean())
    shown: dict[str, Any] = {
        name: {key: interval(float(v.mean()), _means(v, design.seed)).shown() for key, v in values.items()}
        for name, values in found.items()
    }
    return {
        "objects": len(here.failed),
        "months": design.months,
        "replicates": design.replicates,
        "drawn_a_month": _size(here, design),
        "floor": design.floor,
        "gamma": design.gamma,
        "cool_down": design.cool_down,
        "true_rate": round(truth, 6),
        "policies": shown,
        "paired": _paired(found, design.seed),
    }


def _paired(found: dict[str, dict[str, Floats]], seed: int) -> dict[str, Any]:
    ours, heavy = found["ours"], found["ours_weighted"]
    ratio = {
        "distinct_to_greedy": (ours["distinct"], found["greedy"]["distinct"]),
        "rmse_to_random": (ours["rmse"], found["random"]["rmse"]),
    }
    out = {
        name: interval(float(a.mean() / b.mean()), _means(a, seed) / _means(b, seed)).shown()
        for name, (a, b) in ratio.items()
    }
    for key in ("ece", "ece_end"):
        less = heavy[key] - ours[key]
        out[f"{key}_weighted_less_unweighted"] = interval(float(less.mean()), _means(less, seed)).shown()
    return out


def _means(values: Floats, seed: int) -> Floats:
    """Return means of resampled replicates; the same seed resamples the same ones, so ratios are paired."""
    rows = np.random.default_rng(seed).integers(0, len(values), (1_000, len(values)))
    return np.asarray(values[rows].mean(axis=1))


def _size(here: World, design: Design) -> int:
    return max(2, round(design.share * len(here.failed)))


def _chances(state: State, known: Floats | None, design: Design, name: str, size: int) -> Floats:
    """Return inclusion probabilities; `known` is the model's risk, none while it warms up."""
    open_ = state.rest == 0
    if known is None or name == "random":
        return targets(np.where(open_, 0.5, np.nan), size, 1.0, 1.0, 1.0)
    risk = np.where(open_, known, np.nan)
    if name.startswith("ours"):
        return targets(risk, size, design.floor, float(design.gamma), CAP)
    top = size if name == "greedy" else round((1 - EPSILON) * size)
    order = np.argsort(-np.where(open_, np.nan_to_num(risk), -1), axis=1, kind="stable")
    pi = np.zeros_like(risk)
    np.put_along_axis(pi, order[:, :top], 1.0, axis=1)
    rest = open_ & (pi == 0)
    return np.where(rest, (size - top) / np.maximum(rest.sum(axis=1, keepdims=True), 1), pi)


def _policy(here: World, design: Design, name: str) -> dict[str, Floats]:
    reps, objects, size = design.replicates, len(here.failed), _size(here, design)
    state, chance = State.new(reps, objects), np.random.default_rng(design.seed)
    seen = np.zeros((reps, int(here.record.max()) + 1), dtype="bool")
    ever = np.zeros((reps, objects), dtype="bool")
    waits: list[Floats] = []
    rates: list[Floats] = []
    gaps: list[Floats] = []
    for month in range(design.months + WARM_UP):
        risk = None if month < WARM_UP else state.risk()
        pi = _chances(state, risk, design, name, size)
        drawn = draw(np.minimum(pi, 1 - 1e-9), size, chance)
        at = np.arange(reps)[:, None], drawn
        failed = here.failed[drawn, month].astype("float64")
        waits.append(1 - pi)
        weight = 1 / (pi[at] * np.prod([w[at] for w in waits[-1 - design.cool_down : -1]], axis=0))
        relative = np.minimum(weight / weight.mean(axis=1, keepdims=True), _CLIP)
        state.learn(drawn, failed, relative if name == "ours_weighted" else np.ones_like(relative), design.cool_down)
        if risk is None:
            continue
        gaps.append(_calibration(risk, here.failed[:, month]))
        ever[at] = True
        rates.append((weight * failed).sum(axis=1) / weight.sum(axis=1) - here.failed[:, month].mean())
        for r in range(reps):
            seen[r, here.record[drawn[r], month][failed[r] > 0]] = True
    error = np.array(rates)
    return {
        "distinct": seen.sum(axis=1).astype("float64"),
        "bias": error.mean(axis=0),
        "rmse": np.sqrt((error**2).mean(axis=0)),
        "ece": np.mean(gaps, axis=0),
        "ece_end": gaps[-1],
        "never": 1 - ever.mean(axis=1),
    }


def _calibration(risk: Floats, failed: NDArray[np.bool_]) -> Floats:
    """Return the mean absolute gap over ten bins of equal count in the whole population, per replicate."""
    order = np.argsort(risk, axis=1, kind="stable")
    parts = np.array_split(order, 10, axis=1)
    gaps = [np.abs(np.take_along_axis(risk, p, axis=1).mean(axis=1) - failed[p].mean(axis=1)) for p in parts]
    return np.asarray(np.mean(gaps, axis=0))
