"""How likely an officer is to meet an object that is drawn: dry runs, with bounds that hold for all at once.

Objects alike in template and in everybody's eligibility have the same chance, because their tickets are alike; so
they are counted together (assignment.md, 15). Integers decide nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any, Final

from sampler.assign.limits import chain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sampler.assign.model import Eligibility, Target

ERROR: Final = 1e-3
"""Chance that any of all bounds together is wrong."""
STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Chance:
    """An officer and a group of objects alike: share over the runs, and simultaneous bounds."""

    inspector_id: str
    example: str
    objects: int
    runs: int
    share: float
    low: float
    high: float


def alike(open_to: Eligibility, targets: Iterable[Target]) -> tuple[dict[str, int], int]:
    """Return the number of the group of every object, and how many pairs of officer and group there are.

    Alike are objects of the same template and limits, with the same officers for its groups.
    """
    numbers: dict[tuple[str, tuple[int, ...], tuple[tuple[int, ...], ...]], int] = {}
    known: dict[int, tuple[int, ...]] = {}
    kept = []
    pairs = 0
    out = {}
    for target in targets:
        template = open_to.template(target)
        lists = [open_to.of(target, g) for g in template.groups]
        kept.append(lists)  # so that no other list takes the identity of one of these
        limits = tuple(chain(open_to.rules.limits, target.district))
        key = (template.template, limits, tuple(known.setdefault(id(x), tuple(x)) for x in lists))
        pairs += 0 if key in numbers else len({i for x in lists for i in x})
        out[target.object_id] = numbers.setdefault(key, len(numbers))
    return out, pairs


class Meetings:
    """Counts of dry runs: for each group of objects, the share of its drawn objects that each officer visits."""

    def __init__(self, group: dict[str, int], pairs: int) -> None:
        self.group = group
        self.pairs = pairs
        """Pairs that could meet, known beforehand: as many bounds hold at once as there are of these."""
        self.size = Counter(group.values())
        self.example: dict[int, str] = {}
        for e, g in group.items():
            self.example.setdefault(g, e)
        self.runs: Counter[int] = Counter()
        self.shares: defaultdict[tuple[int, str], float] = defaultdict(float)

    def add(self, record: dict[str, Any]) -> None:
        """Add one dry run's assignment record."""
        drawn = Counter(self.group[t["object_id"]] for t in record["teams"])
        self.runs.update(drawn.keys())
        for t in record["teams"]:
            g = self.group[t["object_id"]]
            for m in t["members"]:
                self.shares[g, m["inspector_id"]] += 1 / drawn[g]

    def chances(self) -> list[Chance]:
        """Return every officer x group that met, the largest share first."""
        rows = []
        for (g, i), total in self.shares.items():
            runs, share = self.runs[g], min(1.0, total / self.runs[g])
            low, high = bounds(share, runs, ERROR / max(1, self.pairs))
            rows.append(Chance(i, self.example[g], self.size[g], runs, share, low, high))
        return sorted(rows, key=lambda c: (-c.share, c.inspector_id, c.example))


def bounds(share: float, runs: int, error: float) -> tuple[float, float]:
    """Return bounds of a mean of `runs` independent values in [0, 1], each side wrong with chance error / 2 at most.

    Chernoff: P(mean >= x) <= exp(-runs KL(x || p)) for p <= x, and the same below (Hoeffding 1963, theorem 1).
    """
    room = log(2 / error) / max(1, runs)
    return _edge(share, 0.0, room), _edge(share, 1.0, room)


def _edge(share: float, far: float, room: float) -> float:
    near = share
    for _ in range(STEPS):
        middle = (near + far) / 2
        if _divergence(share, middle) <= room:
            near = middle
        else:
            far = middle
    return near


def _divergence(x: float, p: float) -> float:
    if p in (0.0, 1.0):
        return 0.0 if x == p else float("inf")
    left = x * log(x / p) if x else 0.0
    return left + ((1 - x) * log((1 - x) / (1 - p)) if x < 1 else 0.0)
