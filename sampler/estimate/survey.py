"""Several draws and their answers as one sample with domains (docs/spec/estimate.md, 1 and 2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sampler.errors import StepError
from sampler.estimate.drawn import GROUPINGS
from sampler.estimate.joined import variance_strata
from sampler.estimate.outcomes import Answer
from sampler.estimate.ratio import CERTAIN, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sampler.estimate.drawn import Drawn

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """All drawn objects of the draws, in the order of `sample`.

    Parameters
    ----------
    sample
        Weights, answers, variance strata.
    answers
        What each object's visits say.
    groups
        Grouping to the group of each object.
    frame
        Grouping to (group, taken or not) to the number of frame objects.
    """

    sample: Sample
    answers: tuple[Answer, ...]
    groups: dict[str, tuple[str, ...]]
    frame: dict[str, Counter[tuple[str, bool]]]

    def inside(self, by: str, group: str) -> Floats:
        """Return 1 for the objects of a group; all of them where `by` is empty."""
        if not by:
            return np.ones(len(self.answers))
        return np.array([g == group for g in self.groups[by]], dtype=np.float64)

    def size(self, by: str, group: str, *, taken: bool) -> int:
        """Return how many frame objects of a group were taken, or left to chance."""
        counts = self.frame[by or "draw"]
        return sum(n for (g, t), n in counts.items() if t == taken and (not by or g == group))


def survey(draws: Sequence[Drawn], answers: Mapping[str, Mapping[str, Answer]]) -> Survey:
    """Return the draws as one sample.

    Parameters
    ----------
    draws
        At least one, all different. Draws of different months speak for the frames of all these months together:
        an object counts once for each month it could be visited in.
    answers
        Draw id to object id to answer; an object that is absent has none.

    Raises
    ------
    StepError
        ``ESTIMATE_TWICE`` for a draw named twice.
    """
    distinct([d.draw_id for d in draws])
    number = variance_strata(s for d in draws for s in d.sizes)
    where = [CERTAIN if sure else number[p] for d in draws for sure, p in zip(d.taken, d.stratum, strict=True)]
    order = sorted(range(len(where)), key=where.__getitem__)
    weight = [w for d in draws for w in d.weight]
    said = [answers.get(d.draw_id, {}).get(oid, Answer.NO_RESULT) for d in draws for oid in d.ids]
    found = tuple(said[k] for k in order)
    sample = Sample(
        stratum=np.array([where[k] for k in order], dtype=np.int64),
        weight=np.array([weight[k] for k in order], dtype=np.float64),
        answered=np.array([a in (Answer.COMPLIANT, Answer.NOT_COMPLIANT) for a in found], dtype=np.float64),
        value=np.array([a is Answer.COMPLIANT for a in found], dtype=np.float64),
    )
    frame = {by: Counter[tuple[str, bool]]() for by in GROUPINGS}
    for d in draws:
        for by, count in frame.items():
            count.update(d.frame[by])
    columns = {by: [g for d in draws for g in d.groups[by]] for by in GROUPINGS}
    groups = {by: tuple(column[k] for k in order) for by, column in columns.items()}
    return Survey(sample=sample, answers=found, groups=groups, frame=frame)


def distinct(names: Sequence[str]) -> None:
    """Refuse a draw named twice (``ESTIMATE_TWICE``)."""
    twice = next((name for name, n in Counter(names).items() if n > 1), None)
    if twice is not None:
        raise StepError("ESTIMATE_TWICE", "同一个任务写了两次", hint="每个任务只写一次", found=twice)
