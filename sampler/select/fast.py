"""The rule of selection at speed: floats enclose keys, integers decide what they leave open (docs/spec/draw.md, 9).

The enclosure. Let `a` be the 64 leading bits of a ticket h and b = 2^64 - 1 - a. With U = (2h+1) / 2^193 and
V = 2^64 - U the key is Q = U (2^32-L) / (V L). As 2h+1 is odd and below 2^257, a < U < a+1 and b < V < b+1. So

    a (2^32-L) / ((b+1) L)  <  Q  <  (a+1) (2^32-L) / (b L)        (infinite when b = 0).

In double precision L and 2^32-L are exact; a, b, a+1 and b+1 are off by at most 2 roundings, each product and the
quotient by one more: 7 factors within 1 +- 2^-53, so the computed bounds are off by less than the factor
1 +- 2^-50 they are moved by. Nothing overflows or becomes subnormal: every operand is 0 or within 1..2^97.

The order. Units sorted by their lower bound fall into clusters: a cluster ends where the next lower bound exceeds
every upper bound so far. Clusters cannot overlap, so they stand in the order of the keys; inside a cluster the exact
rule sorts. The clusters that hold the k first units hold the k smallest keys.

The prefilter. Only units whose lower bound is within a cut are sorted. Whoever is left out has Q > cut, so the cut was
wide enough exactly when k units have an upper bound within it. Where it was not (a guess that was too narrow, tickets
at the end of their range), the whole stratum is sorted.

The k smallest of each stratum are a mergeable summary: `smallest` of parts, joined, is `smallest` of the whole,
whatever the parts, their order and their number. Streams and threads build on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sampler import ticket
from sampler.errors import DrawError
from sampler.select import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Halves = NDArray[np.uint32]
    Numbers = NDArray[np.int32]
    Words = NDArray[np.uint64]
    TicketOf = Callable[[str], int]

CHUNK: Final = 2**15
"""Units whose bounds are computed at once: the work stays in the processor's cache."""
SLACK: Final = 2.0**-50
MARGIN: Final = 8.0
"""The cut lies this many standard deviations (of a count) above what is expected to suffice."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units of numbered levels, as columns of one length.

    Parameters
    ----------
    ids
        Their names; each stands once.
    heads
        The 64 leading bits of their tickets.
    L
        Their parameters, 1 <= L <= 2^32-1.
    stratum
        Their strata, numbered from 0.
    """

    ids: Sequence[str]
    heads: Words
    L: Halves
    stratum: Numbers

    def sizes(self, strata: int) -> Integers:
        """Return the number of units of each of `strata` strata."""
        if self.stratum.any():
            return np.bincount(self.stratum, minlength=strata)
        return np.array([len(self.stratum)] + [0] * (strata - 1))

    def take(self, at: Integers) -> Units:
        """Return the units at these positions, in this order."""
        return Units([self.ids[i] for i in at.tolist()], self.heads[at], self.L[at], self.stratum[at])

    def key(self, at: int, ticket_of: TicketOf) -> exact.Key:
        """Return the exact key of one unit."""
        return exact.Key(ticket_of(self.ids[at]), int(self.L[at]), self.ids[at])


def heads(key: bytes, ids: Sequence[str]) -> Words:
    """Return the 64 leading bits of every unit's ticket (`lanes.heads` gives the same, compiled)."""
    return np.frombuffer(ticket.heads(key, ids), dtype=">u8").astype(np.uint64)


def units(ids: Sequence[str], L: Sequence[int] | Integers, stratum: Sequence[int] | Numbers, top: Words) -> Units:  # noqa: N803
    """Return the columns, given the leading bits of the tickets, with every L in its range.

    Raises
    ------
    DrawError
        ``SELECT_SIZE`` when the columns differ in length, ``SELECT_L`` for an L outside 1..2^32-1.
    """
    for column in (L, stratum, top):
        if len(column) != len(ids):
            raise DrawError("SELECT_SIZE", f"{len(ids)} ids, but {len(column)} values", found=len(column))
    try:
        parameters = np.asarray(L, dtype=np.int64)
    except OverflowError:
        parameters = np.zeros(1, dtype=np.int64)  # far outside 1..2^32-1
    exact.check((), int(parameters.min(initial=1)), int(parameters.max(initial=1)))
    return Units(ids, top, parameters.astype(np.uint32), np.asarray(stratum, dtype=np.int32))


def join(parts: Iterable[Units]) -> Units:
    """Return the units of all parts, one after the other."""
    found = list(parts)
    columns: list[NDArray[Any]] = [
        np.concatenate([getattr(p, name) for p in found]) if found else np.empty(0, dtype=kind)
        for name, kind in (("heads", np.uint64), ("L", np.uint32), ("stratum", np.int32))
    ]
    return Units(list(chain.from_iterable(p.ids for p in found)), *columns)


def smallest(
    of: Units, wanted: Sequence[int] | Integers, ticket_of: TicketOf, *, within: Floats | None = None
) -> Units:
    """Return the units with the smallest keys of every stratum, by stratum, then key.

    Parameters
    ----------
    of
        Units in any order.
    wanted
        How many of each stratum (all when it has fewer): m + reserves + 1 settles a choice.
    ticket_of
        The full ticket of a unit; asked only where the leading bits leave an order open.
    within
        Per stratum a number known to be no less than the wanted-th smallest key, e.g. `edges` of what earlier parts
        of a stream left. Units beyond it are dropped at once; fewer than wanted may then be returned.

    Notes
    -----
    Mergeable: ``smallest(join(smallest(p, w, t) for p in parts), w, t)`` is the `smallest` of all parts together.
    """
    k = np.asarray(wanted, dtype=np.int64)
    if within is not None:
        return _ordered(of, _within(of, within), k, ticket_of)
    cut = _guess(of, k)
    near = _within(of, cut)
    short = ~(_edges(*_sorted(of, near)[1:], k) <= cut)
    if short.any() and np.isfinite(cut[short]).any():
        near = np.union1d(near, np.flatnonzero(short[of.stratum]))
    return _ordered(of, near, k, ticket_of)


def edges(of: Units, wanted: Sequence[int] | Integers) -> Floats:
    """Return per stratum a number no less than its wanted-th smallest key; infinite when it has fewer units."""
    return _edges(*_sorted(of, np.arange(len(of.heads)))[1:], np.asarray(wanted, dtype=np.int64))


def bounds(top: Words, L: Halves) -> tuple[Floats, Floats]:  # noqa: N803  # the specification's name
    """Return numbers that enclose every unit's exact key; the upper one may be infinite."""
    a, b = top.astype(np.float64), (~top).astype(np.float64)
    parameter = L.astype(np.float64)
    rest = exact.L_ONE - parameter
    with np.errstate(divide="ignore"):
        return a * rest / ((b + 1) * parameter) * (1 - SLACK), (a + 1) * rest / (b * parameter) * (1 + SLACK)


def _guess(of: Units, k: Integers) -> Floats:
    """Return a cut per stratum that wanted units should meet."""
    total = np.bincount(of.stratum, of.L, len(k)) if len(k) > 1 else of.L.sum(dtype=np.int64)
    return guess(of.sizes(len(k)), total, k)


def guess(size: Integers, total: Floats | Integers, wanted: Integers) -> Floats:
    """Return a cut per stratum that its wanted smallest keys should meet: a guess, to be checked with `edges`.

    Parameters
    ----------
    size, total
        Number of units, and the sum of their L. About cut x total / 2^32 keys lie below a cut.
    wanted
        How many keys.
    """
    k = wanted
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size > k, (k + MARGIN * np.sqrt(k)) / total * exact.L_ONE, np.inf)


def _within(of: Units, cut: Floats) -> Integers:
    """Return the positions of the units that may have Q <= cut.

    For c >= max(1, cut), Q <= c means U (2^32 + (c-1) L) <= 2^64 c L. With a for U that holds all the more: a < U.
    Every term is positive and a constant or one rounding away from it; 8 roundings are covered by 1 + 2^-49.
    """
    c = np.maximum(cut, 1.0)
    slope, scale = c - 1, c * (2.0**64 * (1 + 2 * SLACK))
    found = [np.empty(0, dtype=np.int64)]
    left, right = np.empty(CHUNK), np.empty(CHUNK)
    for start in range(0, len(of.heads), CHUNK):
        part = slice(start, min(start + CHUNK, len(of.heads)))
        at = of.stratum[part] if len(c) > 1 else slice(None)
        x, y = left[: part.stop - start], right[: part.stop - start]
        with np.errstate(invalid="ignore"):  # an infinite cut keeps all: neither inf nor nan is greater
            np.multiply(of.L[part], slope[at], out=x)
            np.add(x, float(exact.L_ONE), out=x)
            np.copyto(y, of.heads[part])
            np.multiply(x, y, out=x)
            np.multiply(of.L[part], scale[at], out=y)
            found.append(np.flatnonzero(~(x > y)) + start)
    return np.concatenate(found)


def _sorted(of: Units, at: Integers) -> tuple[Integers, Numbers, Floats, Floats]:
    """Return `at` by stratum and lower bound, with strata, lower bounds and the largest upper bound so far."""
    lower, upper = bounds(of.heads[at], of.L[at])
    stratum = of.stratum[at]
    order = np.lexsort((lower, stratum)) if stratum.any() else np.argsort(lower)
    reach = np.empty(len(at), dtype=np.complex128)  # compared by real part, then imaginary: restarts at each stratum
    reach.real, reach.imag = stratum[order], upper[order]
    return at[order], stratum[order], lower[order], np.maximum.accumulate(reach).imag


def _edges(stratum: Numbers, _lower: Floats, reach: Floats, k: Integers) -> Floats:
    count = np.bincount(stratum, minlength=len(k))
    last = np.cumsum(count) - count + k - 1
    out = np.full(len(k), np.inf)
    enough = (count >= k) & (k > 0)
    out[enough] = reach[last[enough]]
    out[k == 0] = -1.0
    return out


def _ordered(of: Units, near: Integers, k: Integers, ticket_of: TicketOf) -> Units:
    """Return the first k of every stratum among `near`, in exact order."""
    at, stratum, lower, reach = _sorted(of, near)
    new = np.ones(len(at) + 1, dtype=bool)  # where a stratum or a cluster begins
    new[1:-1] = (np.diff(stratum) > 0) | (lower[1:] > reach[:-1])
    begin = np.flatnonzero(new)
    open_ = np.flatnonzero(np.diff(begin) > 1)
    for start, stop in zip(begin[open_].tolist(), begin[open_ + 1].tolist(), strict=True):
        keys = sorted((of.key(i, ticket_of), i) for i in at[start:stop].tolist())
        at[start:stop] = [i for _, i in keys]
    count = np.bincount(stratum, minlength=len(k))
    rank = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    return of.take(at[rank < k[stratum]])


def choices(of: Units, m: Sequence[int], reserves: int, ticket_of: TicketOf) -> list[exact.Choice]:
    """Return each stratum's choice, given its m + reserves + 1 smallest keys in order (`smallest`)."""
    ends = np.searchsorted(of.stratum, np.arange(len(m) + 1)).tolist()
    out: list[exact.Choice] = []
    for (start, stop), drawn in zip(pairwise(ends), m, strict=True):
        edge = start + drawn
        tau = (ticket_of(of.ids[edge]), int(of.L[edge])) if edge < stop else None
        named = tuple(of.ids[start : min(stop, edge + reserves)])
        out.append(exact.Choice(named[:drawn], named[drawn:], tau))
    return out


def choose_many(of: Units, m: Sequence[int], reserves: int, ticket_of: TicketOf) -> list[exact.Choice]:
    """Return what `exact.choose` returns for each stratum 0..len(m)-1.

    Ids must be distinct: a frame's are (tables are sorted, strictly increasing).

    Raises
    ------
    DrawError
        ``SELECT_SIZE`` when a stratum is numbered outside 0..len(m)-1 or cannot give its m.
    """
    sizes = of.sizes(len(m)).tolist()
    if len(sizes) > len(m):
        raise DrawError("SELECT_SIZE", f"sizes of {len(m)} strata, but {len(sizes)} strata", found=len(m))
    for size, drawn in zip(sizes, m, strict=True):
        exact.check_size(size, drawn, reserves)
    return choices(smallest(of, [drawn + reserves + 1 for drawn in m], ticket_of), m, reserves, ticket_of)


def choose_fast(
    ids: Sequence[str],
    L: Sequence[int] | Integers,  # noqa: N803  # the specification's name
    key: bytes,
    m: int,
    reserves: int,
) -> exact.Choice:
    """Return what `exact.choose` returns, for one large stratum.

    Parameters
    ----------
    ids, L
        Units of the numbered levels and their parameters.
    key
        K of the draw (`ticket.object_key`).
    m, reserves
        How many to draw, and how many to name after them.

    Raises
    ------
    DrawError
        As `exact.choose`; ``SELECT_SIZE`` also when ids and L differ in number.
    """
    of = units(ids, L, np.zeros(len(ids), dtype=np.int32), heads(key, ids))
    exact.check(ids, 1, 1)
    return choose_many(of, [m], reserves, partial(ticket.ticket, key))[0]
