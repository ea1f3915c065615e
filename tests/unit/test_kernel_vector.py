"""The vector kernel's states are those of hashlib, in every lane and at every edge of a block."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest

vector = pytest.importorskip("sampler.kernels.vector", reason="llvmlite (extra `speed`) is not installed")
STATE, BLOCK, LANES = 8, vector.BLOCK, vector.LANES


def padded(message: bytes) -> bytes:
    """The message and its end, FIPS 180-4, 5.1.1."""
    zeros = bytes(-(len(message) + 9) % 64)
    return message + b"\x80" + zeros + (8 * len(message)).to_bytes(8, "big")


def hashed(messages: list[bytes]) -> list[bytes]:
    """Hash messages of equal numbers of blocks side by side."""
    x, o = vector.columns()
    rows = np.frombuffer(b"".join(map(padded, messages)), ">u4").reshape(len(messages), -1)
    for at in range(0, rows.shape[1], 16):
        x[STATE:, : len(messages)] = rows[:, at : at + 16].T
        vector.compress(x, o, len(messages))
        x[:STATE] = o
    return [w.astype(">u4").tobytes() for w in o[:, : len(messages)].T]


def messages(number: int, length: int) -> list[bytes]:
    r = random.Random(f"{number} {length}")
    return [r.randbytes(length) for _ in range(number)]


@pytest.mark.parametrize("length", [0, 1, 3, 4, 55, 56, 63, 64, 65, 119, 120, 200])
def test_messages_of_every_kind_of_length(length: int) -> None:
    those = messages(20, length)
    assert hashed(those) == [hashlib.sha256(m).digest() for m in those]


@pytest.mark.parametrize("number", [1, LANES - 1, LANES, LANES + 1, BLOCK - 1, BLOCK])
def test_every_number_of_messages(number: int) -> None:
    those = messages(number, 40)
    assert hashed(those) == [hashlib.sha256(m).digest() for m in those]


def test_words_of_zeros_and_of_ones() -> None:
    those = [bytes([b]) * 55 for b in (0x00, 0xFF, 0x7F, 0x80)]
    assert hashed(those) == [hashlib.sha256(m).digest() for m in those]


def test_columns_behind_the_last_vector_and_the_input_stay() -> None:
    x, o = vector.columns()
    x[STATE:], o[:] = 7, 9
    before = x.copy()
    vector.compress(x, o, 0)
    assert (o == 9).all()
    vector.compress(x, o, LANES + 1)
    assert (o[:, 2 * LANES :] == 9).all()
    assert len({tuple(c) for c in o[:, : LANES + 1].T}) == 1
    assert (x == before).all()


@pytest.mark.parametrize("number", [-1, BLOCK + 1])
def test_more_than_the_columns_is_refused(number: int) -> None:
    x, o = vector.columns()
    with pytest.raises(ValueError, match="columns"):
        vector.compress(x, o, number)


def test_columns_of_another_shape_are_refused() -> None:
    x, o = vector.columns()
    for wrong in ((x[:, :-1], o), (x, o[:-1]), (x[:-1], o), (x.astype(np.int64), o), (x, o.T.copy().T)):
        with pytest.raises(ValueError, match="columns"):
            vector.compress(*wrong, 1)
