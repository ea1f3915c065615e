"""What can be audited: procedures that are built in, ours among them, and two known from the field to be bad.

The bad ones are written from behaviour described in public sources (docs/spec/audit.md, 4), not from anybody's code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sampler import allocation, probability, ticket
from sampler.allocation import E12, TAKEN
from sampler.assign.blocks import build
from sampler.assign.model import Target, parse_rules
from sampler.assign.solve import solve_block
from sampler.canon import H
from sampler.roster import Officer
from sampler.select import fast

Line = tuple[str, ...]
Run = Callable[[int, Sequence[str]], list[Line]]
"""Seed, and the ids in some order, to what is drawn: a line an object, or a line a team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A procedure with what it draws from and what it claims.

    Parameters
    ----------
    name
        For the report.
    ids
        The frame (or the roster), in its own order.
    lines
        How many lines a run must give.
    claimed
        Chance of each id to be drawn; empty for teams.
    team
        Ids a line; 1: objects are drawn, more: teams.
    run
        The procedure.
    ordered
        Whether the order of the ids can be given to it.
    usual_runs
        How often it is run unless somebody says otherwise; 6,000 show a seed of six digits.
    """

    name: str
    ids: tuple[str, ...]
    lines: int
    claimed: tuple[float, ...]
    team: int
    run: Run
    ordered: bool = True
    usual_runs: int = 6000


PAGE: Final = 5000
"""Rows that the skip draw reads at a time."""
PEERS_FRAME: Final = (53_849, 1_615)
"""The mock-up size of the system described, and 3 % of it."""
OUR_FRAME: Final = (500, 25)
ROSTER: Final = (20, 30)
"""Officers, and teams of two to form."""
PAIRS: Final = {
    "visits": {"from": "2026-12-01", "to": "2026-12-31"},
    "items": [],
    "templates": [{"template": "t", "groups": [{"group": "pair", "count": 2, "needs": []}]}],
    "assignment": {"jurisdiction": "any", "leave_days": 0, "ladder": [{"rung": "even", "below": 0, "above": 0}]},
}
"""The part of a plan that says: two officers each, loads as even as can be."""
SIX_DIGITS: Final = 10**6


def skip_draw(seed: int, ids: Sequence[str], n: int) -> list[Line]:
    """Draw every k-th row from a random start below k = N // n, page by page; above half, choose the rows to drop.

    Each page turn steps back one row, so two starts become one after every page.
    """
    size = len(ids)
    if n == 0:
        return []
    if 2 * n > size:
        dropped = {line[0] for line in skip_draw(seed, ids, size - n)}
        return [(i,) for i in ids if i not in dropped]
    step = size // n
    at = start(seed, step)
    out: list[Line] = []
    for first in range(0, size, PAGE):
        page = min(PAGE, size - first)
        rows = range(at, page, step)[: n - len(out)]
        out += [(ids[first + r],) for r in rows]
        at = max(0, at + step * len(rows) - page - 1)
    return out


def round_robin(seed: int, ids: Sequence[str], teams: int) -> list[Line]:
    """Form pairs down the roster from a random start: roster neighbours are always partners."""
    at = start(seed, len(ids))
    return [(ids[(at + 2 * k) % len(ids)], ids[(at + 2 * k + 1) % len(ids)]) for k in range(teams)]


def start(seed: int, below: int) -> int:
    """Return a number below `below` that the seed decides."""
    return int.from_bytes(H("audit", "start", seed)) % below


@dataclass(frozen=True, slots=True)
class Design:
    """One stratum of ours, solved: L of each id, those taken, and the exact probabilities."""

    parameters: dict[str, int]
    taken: tuple[str, ...]
    m: int
    claimed: tuple[float, ...]

    def run(self, seed: int, ids: Sequence[str]) -> list[Line]:
        """Draw as the specification says, from a seed of 32 bytes made of the number."""
        units = [i for i in ids if i in self.parameters]
        key = ticket.object_key(H("audit", "seed", seed))
        chosen = fast.choose_fast(units, [self.parameters[i] for i in units], key, self.m, 0).drawn
        return [(i,) for i in (*self.taken, *chosen)]


def design(ids: Sequence[str], risks: Sequence[int], n: int) -> Design:
    """Return the design that PROTOCOL's default rule (f = 20 %, gamma = 2) gives these risks."""
    found = allocation.levels(allocation.weights(risks, 1, 5, 2), n, cooldown=False)
    names = [k for k in found.target_e12 if k != TAKEN]
    parameters, pis = probability.solve([found.target_e12[k] for k in names], [found.count[k] for k in names], found.m)
    level, pi = dict(zip(names, parameters, strict=True)), dict(zip(names, pis, strict=True))
    pairs = list(zip(ids, found.level_of, strict=True))
    return Design(
        parameters={i: level[k] for i, k in pairs if k != TAKEN},
        taken=tuple(i for i, k in pairs if k == TAKEN),
        m=found.m,
        claimed=tuple(pi.get(k, E12) / E12 for _, k in pairs),
    )


def example(size: int, n: int) -> tuple[tuple[str, ...], Design]:
    """Return a made-up frame with skewed risks, and its design."""
    ids = tuple(f"X{k:05d}" for k in range(size))
    risks = [10**6 // (1 + int.from_bytes(H("audit", "risk", k)) % 200) for k in range(size)]
    return ids, design(ids, risks, n)


def ours() -> Subject:
    """Return our own draw of a small made-up frame with unequal probabilities."""
    ids, d = example(*OUR_FRAME)
    return Subject(name="ours", ids=ids, lines=OUR_FRAME[1], claimed=d.claimed, team=1, run=d.run)


def six_digits() -> Subject:
    """Return our own draw behind a seed of six digits, as public lotteries have had."""
    ids, d = example(*OUR_FRAME)

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        return d.run(seed % SIX_DIGITS, order)

    return Subject(name="six-digits", ids=ids, lines=OUR_FRAME[1], claimed=d.claimed, team=1, run=run)


def successive() -> Subject:
    """Return numpy's weighted choice without replacement, claiming the targets it is given as probabilities."""
    ids, d = example(*OUR_FRAME)
    claimed = dict(zip(ids, d.claimed, strict=True))

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        p = np.array([claimed[i] for i in order])
        picked = np.random.default_rng(seed).choice(len(order), OUR_FRAME[1], replace=False, p=p / p.sum())
        return [(order[k],) for k in picked]

    return Subject(name="weighted-choice", ids=ids, lines=OUR_FRAME[1], claimed=d.claimed, team=1, run=run)


def skipping() -> Subject:
    """Return the skip draw at the size of the system it was seen in."""
    size, n = PEERS_FRAME
    ids = tuple(f"E{k:05d}" for k in range(size))

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        return skip_draw(seed, order, n)

    return Subject(name="skip-draw", ids=ids, lines=n, claimed=(n / size,) * size, team=1, run=run)


def robin() -> Subject:
    """Return the round-robin pairing of a roster of twenty."""
    officers, teams = ROSTER
    ids = tuple(f"R{k:02d}" for k in range(officers))

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        return round_robin(seed, order, teams)

    return Subject(name="round-robin", ids=ids, lines=teams, claimed=(), team=2, run=run)


def our_teams() -> Subject:
    """Return our own assignment of the same roster: two officers each for as many objects, loads as even as can be."""
    officers, teams = ROSTER
    ids = tuple(f"R{k:02d}" for k in range(officers))
    rules = parse_rules(PAIRS)
    targets = [Target(f"T{k:02d}", f"T{k:02d}", "A", "enterprise", "000000", "", frozenset()) for k in range(teams)]

    def run(seed: int, order: Sequence[str]) -> list[Line]:
        roster = [
            Officer(i, "u", "d", "*", "officer", "9999-12-31", frozenset(), frozenset(), teams, ()) for i in order
        ]
        (block,) = build(rules, targets, roster, frozenset())
        found = solve_block(block, rules, H("audit", "seed", seed))
        seats: dict[str, list[str]] = {}
        for a in sorted(found.used):
            officer, place = block.arcs[a]
            seats.setdefault(block.groups[place][0], []).append(block.officers[officer])
        return [tuple(sorted(seats[t])) for t in sorted(seats)]

    return Subject(name="ours-teams", ids=ids, lines=teams, claimed=(), team=2, run=run, usual_runs=300)


BUILT_IN: Final[dict[str, Callable[[], Subject]]] = {
    "ours": ours,
    "ours-teams": our_teams,
    "skip-draw": skipping,
    "round-robin": robin,
    "six-digits": six_digits,
    "weighted-choice": successive,
}
"""Procedures by name."""
