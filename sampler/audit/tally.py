"""Many runs of one procedure, counted (docs/spec/audit.md, 2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from sampler.canon import H, sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sampler.audit.subjects import Line, Subject

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SPLITS: Final = (2, 20)
"""Into how many parts the frame is split, by its order and by its claimed probabilities: a tilt shows in the halves."""
REPEATED: Final = 3
"""Seeds that are run twice."""
SHUFFLED: Final = 5
"""Seeds that are run on the frame in another order."""
KEPT: Final = 20
"""Defects of single runs that are kept for the report."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the runs gave.

    Parameters
    ----------
    runs
        How many.
    counts
        How often each id was drawn.
    parts, per_run
        Names of the parts, for each its members, and how many of each part every run drew; shape (runs, parts).
    outcomes
        Hash of a run's result to how many seeds gave it.
    pairs
        For teams: pair of positions to how often it was formed.
    defects
        Runs with a wrong number of lines, an unknown id or an id twice: seed and what.
    repeats, shuffles
        Seeds that gave something else when run again, and when the frame stood in another order.
    """

    runs: int
    counts: Integers
    parts: dict[str, Integers]
    per_run: Floats
    outcomes: Counter[bytes] = field(default_factory=Counter)
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    defects: list[tuple[int, str]] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    shuffles: list[int] = field(default_factory=list)


def seeds(label: str, runs: int, below: int) -> list[int]:
    """Return the seeds of an audit: anybody with the label gets the same."""
    return [int.from_bytes(H("audit", label, k)[:16]) % below for k in range(runs)]


def tally(subject: Subject, numbers: Sequence[int]) -> Tally:
    """Run the procedure once a seed, and again where determinism and order are asked."""
    at = {name: k for k, name in enumerate(subject.ids)}
    parts = _parts(subject)
    member = list(parts.values())
    t = Tally(
        runs=len(numbers), counts=np.zeros(len(at), dtype=np.int64), parts=parts,
        per_run=np.zeros((len(numbers), len(parts))),
    )  # fmt: skip
    for run, seed in enumerate(numbers):
        lines = subject.run(seed, subject.ids)
        drawn = _positions(t, subject, at, seed, lines)
        np.add.at(t.counts, drawn, 1)
        if member:
            marked = np.bincount(drawn, minlength=len(at))
            t.per_run[run] = [marked[m].sum() for m in member]
        t.outcomes[_mark(subject, lines)] += 1
    _again(t, subject, numbers)
    return t


def _positions(t: Tally, subject: Subject, at: dict[str, int], seed: int, lines: Sequence[Line]) -> Integers:
    """Return the positions drawn; note what no draw may give."""
    said = [_defect(subject, at, lines)] if len(t.defects) < KEPT else []
    t.defects += [(seed, d) for d in said if d]
    rows = [[at[i] for i in line if i in at] for line in lines]
    if subject.team > 1:
        t.pairs.update(pair for row in rows for pair in combinations(sorted(set(row)), 2))
    return np.array([k for row in rows for k in row], dtype=np.int64)


def _defect(subject: Subject, at: dict[str, int], lines: Sequence[Line]) -> str:
    if len(lines) != subject.lines:
        return f"lines {len(lines)}"
    strange = next((i for line in lines for i in line if i not in at), None)
    if strange is not None:
        return f"unknown {strange}"
    if subject.team > 1:
        return next((f"team {','.join(line)}" for line in lines if len(set(line)) != subject.team), "")
    twice = next((i for (i, *_), n in Counter(lines).items() if n > 1), None)
    return f"twice {twice}" if twice is not None else ""


def _mark(subject: Subject, lines: Sequence[Line]) -> bytes:
    """Return a hash of a result: of the set for objects, of the list for teams."""
    text = ["\t".join(line) for line in lines]
    return sha256("\n".join(text if subject.team > 1 else sorted(text)).encode())


def _again(t: Tally, subject: Subject, numbers: Sequence[int]) -> None:
    for seed in numbers[:REPEATED]:
        first, second = (_mark(subject, subject.run(seed, subject.ids)) for _ in range(2))
        if first != second:
            t.repeats.append(seed)
    for k, seed in enumerate(numbers[:SHUFFLED] if subject.ordered else []):
        other = sorted(subject.ids, key=lambda i, k=k: H("audit", "shuffle", k, i))  # type: ignore[misc]  # k is bound
        if _mark(subject, subject.run(seed, subject.ids)) != _mark(subject, subject.run(seed, other)):
            t.shuffles.append(seed)


def _parts(subject: Subject) -> dict[str, Integers]:
    """Return the parts of the frame that are counted run by run: by place in its order, and by claimed probability."""
    if subject.team > 1:
        return {}
    claimed = np.array(subject.claimed)
    orders = {"order": np.arange(len(claimed))}
    if claimed.min() < claimed.max():
        orders["claimed"] = np.argsort(claimed, kind="stable")
    many = sorted({min(k, len(claimed)) for k in SPLITS})
    splits = [(name, k, np.array_split(order, k)) for k in many for name, order in orders.items()]
    return {f"{name} {k + 1}/{size}": part for name, size, parts in splits for k, part in enumerate(parts)}
