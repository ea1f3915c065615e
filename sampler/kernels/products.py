"""Products of many polynomials, compiled: the loop of `probability.small.times` with its sums in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Lengths = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _add(a: Any, b: Any, lengths: Any, out: Any) -> None:
    for i in range(len(a)):
        for k in range(min(b.shape[1], lengths[i])):
            for j in range(min(a.shape[1], out.shape[1] - k)):
                out[i, k + j] += a[i, j] * b[i, k]


def times(a: Floats, b: Floats, lengths: Lengths, m: int) -> Floats:
    """Return what `probability.small.times` returns, to the last bit."""
    out = np.zeros((len(a), min(m, a.shape[1] + b.shape[1] - 1)))
    _add(np.ascontiguousarray(a), np.ascontiguousarray(b), lengths, out)
    return out
