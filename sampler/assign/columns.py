"""Tickets of a whole block in columns, compiled: `residual.tickets` ten times faster, with the same bytes.

Needs llvmlite (the extra `speed`); whoever does not ask for this module never loads it. The messages
K || LP(e) || LP(g) || LP(i) of one length are hashed together: words of the group and words of the officer lie in two
tables and are put together as they are hashed, and the first blocks, as far as they are the same for all officers of a
group, are hashed once per group.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

import numpy as np

from sampler.assign.arrays import group_column
from sampler.canon import lp
from sampler.kernels.fips180 import BLOCK_BYTES, START, STATE, WORDS
from sampler.kernels.vector import BLOCK, columns, compress
from sampler.ticket import ASSIGN_BYTES, assign_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from sampler.assign.arrays import Ints
    from sampler.assign.blocks import Block
    from sampler.kernels.vector import Words

LP: Final = 4
"""Bytes of the length in front of a part."""
LENGTH: Final = 8
"""Bytes of the length behind a message; between the two stands a bit."""
WORD_BITS: Final = 32


def tickets(block: Block, seed: bytes, round_: int) -> array[int]:
    """Do as :func:`sampler.assign.residual.tickets` by the rule of assignment.md, 6."""
    key = assign_key(seed, round_)
    objects = {e: key + lp(e.encode()) for e in block.templates}
    names = {g: lp(g.encode()) for g in {g for _, g in block.groups}}
    heads = [objects[e] + names[g] for e, g in block.groups]
    tails = [lp(i.encode()) for i in block.officers]
    group, who = group_column(block), np.frombuffer(block.who, np.int32).astype(np.int64)
    long, short = np.array([*map(len, heads)], np.int64), np.array([*map(len, tails)], np.int64)
    out = np.empty(len(who), np.int64)
    for at in _alike(long, short, group, who):
        some, few = _numbered(group[at]), _numbered(who[at])
        out[at] = _hashed([heads[n] for n in some.listed], [tails[n] for n in few.listed], some.number, few.number)
    return array("q", out.tobytes())


def _alike(long: Ints, short: Ints, group: Ints, who: Ints) -> Sequence[Ints | slice]:
    """Return the positions of the messages of each length of head and tail."""
    if len({*long.tolist()}) <= 1 and len({*short.tolist()}) <= 1:
        return [slice(None)] if len(who) else []
    kinds = long[group] << WORD_BITS | short[who]
    order = np.argsort(kinds, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(kinds[order])) + 1) if len(who) else []


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Values that occur, in order, and the number of each value in a column."""

    listed: list[int]
    number: Ints


def _numbered(column: Ints) -> _Numbered:
    seen = np.zeros(int(column.max(initial=-1)) + 1, np.bool_)
    seen[column] = True
    return _Numbered(np.flatnonzero(seen).tolist(), (np.cumsum(seen) - 1)[column])


def _hashed(heads: list[bytes], tails: list[bytes], group: Ints, who: Ints) -> Ints:
    """Return the tickets of messages of one length."""
    name, size = len(tails[0]) - LP, len(heads[0]) + len(tails[0])
    front = np.empty((len(heads), len(heads[0]) + LP), np.uint8)
    front[:, :-LP], front[:, -LP:] = _rows(heads), _rows([tails[0][:LP]])
    shared = front.shape[1] // BLOCK_BYTES * BLOCK_BYTES
    every, start = np.arange(len(heads)), np.array([START], np.uint32).T
    states = _run(start, np.zeros_like(every), [(np.ascontiguousarray(front[:, :shared]), every)])
    rest, end = front.shape[1] - shared, size - shared
    width = -(-(end + 1 + LENGTH) // BLOCK_BYTES) * BLOCK_BYTES
    left, right = np.zeros((len(heads), width), np.uint8), np.zeros((len(tails), width), np.uint8)
    left[:, :rest], left[:, end] = front[:, shared:], 0x80
    left[:, -LENGTH:] = np.frombuffer((8 * size).to_bytes(LENGTH, "big"), np.uint8)
    right[:, rest:end] = _rows([tail[LP:] for tail in tails]) if name else 0
    out = _run(states, group, [(left, group), (right, who)]).astype(np.int64)
    found: Ints = out[0] << (8 * ASSIGN_BYTES - WORD_BITS) | out[1] >> (2 * WORD_BITS - 8 * ASSIGN_BYTES)
    return found


def _rows(parts: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(parts), np.uint8).reshape(len(parts), -1)


def _run(states: Words, of: Ints, parts: Sequence[tuple[npt.NDArray[np.uint8], Ints]]) -> Words:
    """Return the states that the columns `of` of `states` come to.

    Message n is row ``number[n]`` of every table in `parts` (rows, number), one laid over the other.
    """
    tables = [(np.ascontiguousarray(rows.view(">u4").T.astype(np.uint32)), number) for rows, number in parts]
    lines = [_line([(table[w], number) for table, number in tables]) for w in range(len(tables[0][0]))]
    x, o = columns()
    out = np.empty((STATE, len(of)), np.uint32)
    for low in range(0, len(of), BLOCK):
        n = min(BLOCK, len(of) - low)
        here = slice(low, low + n)
        o[:, :n] = states.take(of[here], axis=1)
        for first in range(0, len(lines), WORDS):
            x[:STATE] = o
            for to, (word, varying) in zip(x[STATE:, :n], lines[first : first + WORDS], strict=True):
                to[:] = word
                for words, number in varying:
                    np.bitwise_or(to, words.take(number[here]), out=to)
            compress(x, o, n)
        out[:, here] = o[:, :n]
    return out


def _line(parts: Sequence[tuple[Words, Ints]]) -> tuple[int, list[tuple[Words, Ints]]]:
    """Return what all messages have in one word, and the tables in which it varies."""
    varying = [(words, number) for words, number in parts if (words != words[0]).any()]
    same = [int(words[0]) for words, _ in parts if not (words != words[0]).any()]
    return reduce(or_, same, 0), varying
