"""Compiled leaves, roots and orders are those of the standard library, for every length and batch edge."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from sampler import canon, merkle

sha256 = pytest.importorskip("sampler.kernels.sha256", reason="numba (extra `speed`) is not installed")
from sampler.kernels import blinding, fips180, sorting  # noqa: E402

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY._-az"


def flat(texts: list[str]) -> tuple[Any, Any]:
    ends = np.concatenate([[0], np.cumsum([len(t) for t in texts])]).astype(np.int64)
    return np.frombuffer("".join(texts).encode(), dtype=np.uint8), ends


def ids(lengths: list[int], seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(ALPHABET, k=n)) for n in lengths]


def test_constants_are_those_of_the_standard() -> None:
    assert (fips180.ROUND[0], fips180.ROUND[63]) == (0x428A2F98, 0xC67178F2)
    assert (fips180.START[0], fips180.START[7]) == (0x6A09E667, 0x5BE0CD19)


def bytes_of(words: Any) -> list[bytes]:
    return [w.astype(">u4").tobytes() for w in words]


@pytest.mark.parametrize("draw_id", ["X-2026-0001", "A" * 40 + "-2026-0001"])
@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2050])
def test_leaves_at_batch_edges(size: int, draw_id: str) -> None:
    rng = random.Random(size)
    named = ids([rng.randint(1, 64) for _ in range(size)], seed=size)
    tails = ["", "\t-\tA", "\t-\tB\tenterprise\t330101\t-\t-\tB.firm.330101\t1024", "\tx" * 90]
    kind = np.array([rng.randrange(4) for _ in range(size)], dtype=np.int32)
    of = np.array([[0, 1], [2, 0], [3, 3], [1, 2]], dtype=np.int32)
    made = blinding.Blinder("frame", draw_id, b"s" * 32, *flat(tails), of)
    rows = [i + tails[of[k, 0]] + tails[of[k, 1]] for i, k in zip(named, kind, strict=True)]
    want = merkle.blinded_leaves("frame", draw_id, b"s" * 32, named, rows)
    assert bytes_of(made.leaves(*flat(named), kind)) == want


@pytest.mark.parametrize("length", range(1, 65))
def test_leaves_of_every_length_and_secret(length: int) -> None:
    named, secret = ids([length] * 3, seed=length), random.Random(length).randbytes(length)
    made = blinding.Blinder("roster", "d", secret, *flat(["\t" + "y" * length]), np.zeros((1, 1), np.int32))
    want = merkle.blinded_leaves("roster", "d", secret, named, [i + "\t" + "y" * length for i in named])
    assert bytes_of(made.leaves(*flat(named), np.zeros(3, np.int32))) == want


@pytest.mark.parametrize("power", range(14))
def test_roots_of_full_trees(power: int) -> None:
    leaves = [canon.sha256(bytes([n % 251, n % 13, power])) for n in range(2**power)]
    words = np.frombuffer(b"".join(leaves), dtype=">u4").astype(np.uint32).reshape(-1, 8)
    assert blinding.root(words) == merkle.root(leaves)


@pytest.mark.parametrize("longest", [1, 2, 18, 64])
@pytest.mark.parametrize("size", [0, 1, 2, 3000])
def test_order_is_that_of_the_bytes(size: int, longest: int) -> None:
    rng = random.Random(size + longest)
    named = ids([rng.randint(1, longest) for _ in range(size)], seed=size)
    found = sorting.order(*flat(named))
    assert [named[n] for n in found] == sorted(named, key=str.encode)


def test_order_of_ids_that_differ_late_or_only_in_length() -> None:
    named = ["91" * k + c for k in range(30) for c in ("z", "A", "_", "-")]
    assert [named[n] for n in sorting.order(*flat(named))] == sorted(named)
