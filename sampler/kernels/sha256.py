"""The compression function of SHA-256 for many messages at once, compiled (FIPS 180-4, 6.2.2).

The 64 rounds are written out once per import as straight-line code over 32-bit words, so that the compiler puts one
message into each lane of a vector register; a loop over rounds keeps it from doing so and is 6 times slower.

Two things keep the lanes apart: every intermediate is cast back to 32 bits (numba widens sums of them to 64, which
would be wrong, not slow), and the arrays have a constant shape, so that the compiler sees that none overlaps another.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import carray, njit, types

from sampler.kernels.fips180 import ROUND, ROUNDS, START, STATE, WORDS

BLOCK: Final = 1024
"""Messages worked on at once: their words stay in the processor's cache."""
LETTERS: Final = "abcdefgh"


def _rounds() -> tuple[list[str], str]:
    """Return the lines of all rounds, and the names that hold a..h after them."""

    def turn(x: str, *by: int) -> str:
        return "^".join(f"(({x}>>n{n})|({x}<<n{32 - n}))" for n in by)

    lines: list[str] = []
    a, b, c, d, e, f, g, h = LETTERS
    for t in range(ROUNDS):
        w, x, y, z = (f"w{(t + k) % WORDS}" for k in (0, 1, 9, 14))
        if t >= WORDS:
            lines.append(f"{w}=u({w}+u({turn(x, 7, 18)}^({x}>>n3))+{y}+u({turn(z, 17, 19)}^({z}>>n10)))")
        lines += [
            f"v=u({h}+u({turn(e, 6, 11, 25)})+u(({e}&{f})^(~{e}&{g}))+k{t}+{w})",
            f"{d}=u({d}+v)",
            f"{h}=u(v+u({turn(a, 2, 13, 22)})+u(({a}&{b})^({a}&{c})^({b}&{c})))",
        ]
        a, b, c, d, e, f, g, h = h, a, b, c, d, e, f, g
    return lines, a + b + c + d + e + f + g + h


def _text() -> str:
    lines, end = _rounds()
    body = [f"w{i}=x[{STATE + i},j]" for i in range(WORDS)] + [f"s{i}=x[{i},j]" for i in range(STATE)]
    body += [f"{name}=s{i}" for i, name in enumerate(LETTERS)]
    body += [*lines, *(f"o[{i},j]=u({name}+s{i})" for i, name in enumerate(end))]
    text = "\n  ".join(body)
    return (
        f"def compress(px, po, n):\n x=carray(px,({STATE + WORDS},{BLOCK}),u)\n o=carray(po,({STATE},{BLOCK}),u)\n"
        f" for j in range(n):\n  {text}\n"
    )


def _compiled() -> Any:
    names: dict[str, Any] = {"__name__": __name__, "u": np.uint32, "carray": carray}
    names |= {f"n{i}": np.uint32(i) for i in range(33)} | {f"k{t}": np.uint32(x) for t, x in enumerate(ROUND)}
    exec(compile(_text(), __file__, "exec"), names)  # noqa: S102  # our own text; this file's name lets numba cache it
    taken = types.void(types.voidptr, types.voidptr, types.int64)
    return njit(taken, nogil=True, cache=True)(names["compress"])


_compress: Final = _compiled()


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def compress(x: Any, o: Any, n: int) -> None:
    """Take n states one block further: ``o[8, BLOCK]`` from ``x[24, BLOCK]``, columns of 32-bit words, n <= BLOCK."""
    _compress(x.ctypes, o.ctypes, n)


def columns() -> tuple[Any, Any]:
    """Return an input whose states are the start of a message, and an output."""
    x = np.zeros((STATE + WORDS, BLOCK), dtype=np.uint32)
    x[:STATE] = np.array(START, dtype=np.uint32)[:, None]
    return x, np.empty((STATE, BLOCK), dtype=np.uint32)
