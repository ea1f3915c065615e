"""The order of ids by their bytes, compiled: a counting sort per byte, last to first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _order(data: Any, ends: Any, longest: int) -> Any:
    n = len(ends) - 1
    at, new = np.arange(n).astype(np.int32), np.empty(n, dtype=np.int32)
    byte = np.empty(n, dtype=np.uint8)
    for p in range(longest - 1, -1, -1):
        count = np.zeros(257, dtype=np.int64)
        for j in range(n):
            start = ends[j] + p
            byte[j] = data[start] if start < ends[j + 1] else 0  # a shorter id comes before its continuations
            count[byte[j] + 1] += 1
        if count.max() == n:
            continue
        for b in range(256):
            count[b + 1] += count[b]
        for j in range(n):
            b = byte[at[j]]
            new[count[b]] = at[j]
            count[b] += 1
        at, new = new, at
    return at


def order(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the positions of ids (laid end to end, without zero bytes) in increasing order of their bytes."""
    found: NDArray[np.int32] = _order(data, ends, int(np.diff(ends).max(initial=0)))
    return found
