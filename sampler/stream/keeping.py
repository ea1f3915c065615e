"""What parts keep of their units, and how it joins into the choice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sampler import draw, records, ticket
from sampler.select import exact, fast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sampler.stream.census import Integers
    from sampler.stream.designing import Kinds
    from sampler.tables import Table


@dataclass(frozen=True, slots=True)
class Rule:
    """How units are kept: by the sealed tables and the seed.

    Parameters
    ----------
    key
        K of the draw.
    stratum, L
        Stratum and parameter of every kind; 2^32 for a kind that is taken, 0 for one that cools.
    wanted
        m + reserves + 1 of every stratum.
    cut
        A number that the wanted smallest keys of each stratum should not exceed; `choose` finds out.
    """

    key: bytes
    stratum: NDArray[np.int32]
    L: Integers
    wanted: Integers
    cut: NDArray[np.float64]

    def keep(self, ids: Any, kind: NDArray[np.int32], heads: NDArray[np.uint64]) -> tuple[fast.Units, Integers]:
        """Return the units of some rows that may be drawn or named, and the positions of those that are taken."""
        chosen: Any
        parameter = self.L[kind]
        numbered = np.flatnonzero((parameter > 0) & (parameter < exact.L_ONE))
        if len(numbered) == len(kind):
            of = fast.Units(ids, heads, parameter.astype(np.uint32), self.stratum[kind])
        else:
            chosen = Picked(ids, numbered)
            of = fast.Units(
                chosen,
                heads[numbered],
                parameter[numbered].astype(np.uint32),
                self.stratum[kind[numbered]],
            )
        found = fast.smallest(of, self.wanted, partial(ticket.ticket, self.key), within=self.cut)
        return found, np.flatnonzero(parameter == exact.L_ONE)


@dataclass(frozen=True, slots=True)
class Picked:
    """Some of a sequence's items, looked up when asked for."""

    of: Any
    at: Integers

    def __getitem__(self, n: int) -> str:
        """Return the n-th item picked."""
        found: str = self.of[int(self.at[n])]
        return found

    def __len__(self) -> int:
        """Return how many are picked."""
        return len(self.at)


def rule(m: Sequence[int], kinds: Kinds, reserves: int, seed: bytes) -> Rule:
    """Return how to keep units, given each stratum's m."""
    wanted = np.array(m, dtype=np.int64) + reserves + 1
    numbered = np.flatnonzero((kinds.L > 0) & (kinds.L < exact.L_ONE))
    stratum, count = kinds.stratum[numbered], kinds.count[numbered]
    size = np.bincount(stratum, count, len(m)).astype(np.int64)
    total = np.bincount(stratum, count.astype(np.float64) * kinds.L[numbered], len(m))
    return Rule(
        ticket.object_key(seed), kinds.stratum.astype(np.int32), kinds.L, wanted, fast.guess(size, total, wanted)
    )


def short(of: fast.Units, by: Rule) -> NDArray[np.bool_]:
    """Return the strata whose cut was too narrow to be sure of the wanted smallest keys: read them again without."""
    found: NDArray[np.bool_] = ~(fast.edges(of, by.wanted) <= by.cut)
    return found


def choose(of: fast.Units, taken: Sequence[tuple[str, int]], strata: Table, by: Rule, reserves: int) -> draw.Selection:
    """Return what :func:`sampler.draw.select` returns for the whole frame.

    Parameters
    ----------
    of
        What the parts kept, joined, no stratum being `short`.
    taken
        Id and stratum number of the units taken outright.
    """
    ticket_of = partial(ticket.ticket, by.key)
    names = strata["stratum"]
    choices = fast.choices(fast.smallest(of, by.wanted, ticket_of), list(map(int, strata["m"])), reserves, ticket_of)
    outright = [records.Chosen(object_id=oid, stratum=names[s], rank=0) for oid, s in taken]
    return draw.selection(dict(zip(names, choices, strict=True)), outright)
