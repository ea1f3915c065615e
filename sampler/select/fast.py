"""The rule of selection at speed: floats decide who may matter, integers decide (docs/spec/draw.md, 5).

The 53 leading bits t of a ticket h give t <= 2^53 u < t + 1 for the exact u = (2h+1) / 2^257, and Q grows with u, so
t / (2^53 - t) and (t + 1) / (2^53 - t - 1), times (2^32 - L) / L, enclose Q. All operands are exact in double
precision; two divisions and a product, each off by at most 2^-53 of itself, are covered by the factor 1 -+ 2^-50.
Every unit whose lower bound does not exceed the k-th smallest upper bound goes to the exact rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sampler.canon import sha256
from sampler.errors import DrawError
from sampler.select import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ONE: Final = 2.0**53
SLACK: Final = 2.0**-50
HASH_BYTES: Final = 32


def choose_fast(
    ids: Sequence[str],
    L: Sequence[int] | Integers,  # noqa: N803  # the specification's name
    key: bytes,
    m: int,
    reserves: int,
) -> exact.Choice:
    """Return what `exact.choose` returns, for many units.

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
    if len(L) != len(ids):
        raise DrawError("SELECT_SIZE", f"{len(ids)} ids, but {len(L)} parameters", found=len(L))
    exact.check(ids, int(min(L, default=1)), int(max(L, default=1)))
    exact.check_size(len(ids), m, reserves)
    parameters = np.asarray(L, dtype=np.int64)
    digests = b"".join([sha256(key + unit.encode()) for unit in ids])
    near = candidates(*bounds(leading(digests), parameters), m + reserves + 1)
    keys = [exact.Key(_ticket(digests, i), int(parameters[i]), ids[i]) for i in near]
    return exact.settle(keys, m, reserves)


def leading(digests: bytes) -> Floats:
    """Return the 53 leading bits of every 32-byte digest."""
    words = np.frombuffer(digests, dtype=">u8").reshape(-1, HASH_BYTES // 8)[:, 0]
    return (words >> np.uint64(11)).astype(np.float64)


def bounds(top: Floats, parameters: Integers) -> tuple[Floats, Floats]:
    """Return numbers that enclose every unit's exact Q; the upper one may be infinite."""
    odds = (exact.L_ONE - parameters) / parameters
    with np.errstate(divide="ignore"):
        lower = top / (ONE - top) * odds * (1 - SLACK)
        upper = (top + 1) / (ONE - top - 1) * odds * (1 + SLACK)
    return lower, upper


def candidates(lower: Floats, upper: Floats, wanted: int) -> list[int]:
    """Return the positions that can be among the `wanted` smallest; all of them when the bounds do not settle it."""
    if wanted >= len(lower):
        return list(range(len(lower)))
    edge = np.partition(upper, wanted - 1)[wanted - 1]
    near = np.flatnonzero(lower <= edge)
    if len(near) < wanted:  # bounds that are not numbers: the whole stratum goes to the exact rule
        return list(range(len(lower)))
    return [int(i) for i in near]


def _ticket(digests: bytes, at: int) -> int:
    return int.from_bytes(digests[HASH_BYTES * at : HASH_BYTES * (at + 1)], "big")
