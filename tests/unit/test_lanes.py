"""Compiled tickets are those of hashlib: every length, both block edges, and what is handed back to hashlib."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest

from sampler import canon
from sampler.select import exact, fast
from sampler.ticket import ticket

lanes = pytest.importorskip("sampler.select.lanes", reason="numba (extra `speed`) is not installed")
K = canon.sha256(b"lanes")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY._-az"


def ids(lengths: list[int], seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(ALPHABET, k=n)) for n in lengths]


def same(units: list[str], key: bytes = K) -> bool:
    found = lanes.heads(key, units)
    return bool(found.dtype == np.uint64 and found.tolist() == fast.heads(key, units).tolist())


@pytest.mark.parametrize(
    "units", [[], [""], ["", ""], ["a\nb"], ["a\nb", "c"], ["a\n", "b"], ["\n"], ["a", "", "b"], ["a" * 23, "b" * 24]]
)
def test_ids_that_look_like_several(units: list[str]) -> None:
    """Ids never hold a line feed; the tickets of texts that do are right all the same."""
    assert lanes.heads(K, units).tolist() == [int.from_bytes(canon.sha256(K + u.encode())[:8], "big") for u in units]


@pytest.mark.parametrize("size", [0, 1, 2, 1023, 1024, 1025, 2049])
def test_batch_edges(size: int) -> None:
    assert same(ids([18] * size))


@pytest.mark.parametrize("length", range(121))
def test_every_length(length: int) -> None:
    assert same(ids([length] * 3, seed=length))


def test_lengths_mixed_within_a_batch_leave_nothing_behind() -> None:
    lengths = [23, 0, 22, 1, 4, 3, 7, 8, 20, 19, 16, 15] * 200
    random.Random(2).shuffle(lengths)
    assert same(ids(lengths))
    assert same(ids([*lengths, 24]))


@pytest.mark.parametrize("units", [["甲"], ["a", "é", "b"], ["\U00020000" * 5]])
def test_ids_outside_ascii(units: list[str]) -> None:
    assert same(units)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_of_another_length(size: int) -> None:
    assert same(ids([18, 3]), bytes(size))


@pytest.mark.parametrize("byte", [0x00, 0x80, 0xFF])
def test_keys_with_the_highest_bits(byte: int) -> None:
    assert same(ids(list(range(24))), bytes([byte]) * 32)


def test_a_draw_with_them_is_the_draw() -> None:
    units = ids([18] * 3_000)
    parameters = [2**26 + i for i in range(3_000)]
    of = fast.units(units, parameters, [0] * 3_000, lanes.heads(K, units))
    want = exact.choose(list(zip(units, parameters, strict=True)), K, 50, 5)
    assert fast.choose_many(of, [50], 5, partial(ticket, K)) == [want]


@pytest.mark.torture
def test_a_million_ids_of_every_kind() -> None:
    rng = random.Random(3)
    for seed in range(20):
        assert same(ids([rng.randint(0, 23) for _ in range(50_000)], seed=seed), rng.randbytes(32))
