"""The kernel against the second author's naive reference, written from the text alone (tests/reference)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampler import allocation, canon, merkle, probability, ticket
from sampler.errors import SamplerError
from sampler.select import exact, fast
from tests.reference import api
from tests.reference.strata import RefusedError

IDS = st.text("0123456789ABCXYZ", min_size=1, max_size=30)
RATIO = st.sampled_from(["1%", "2%", "10%", "30%", ">=3%", "<=2‰", "100%", "12.5%", ">=0.01%", "<=50%"])
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["e", "i"]), st.sampled_from(["1", "2", "3", "4", "5"])),
    st.integers(1, 60),
    min_size=1,
    max_size=12,
)


def outcome(f: Any, *args: Any, **kw: Any) -> Any:
    try:
        return f(*args, **kw)
    except (SamplerError, RefusedError):
        return "refused"


@given(RATIO, st.integers(1, 500))
def test_clause_totals(ratio: str, units: int) -> None:
    ours = outcome(lambda: allocation.clause_total(allocation.parse_ratio(ratio), units))
    theirs = outcome(api.ref_clause_total, ratio, units)
    if isinstance(theirs, str):
        assume(not isinstance(ours, int) or ours)
        return
    assert ours == theirs


@given(CELLS, st.integers(1, 40))
def test_strata(cells: dict[tuple[str, str, str], int], total: int) -> None:
    """The smallest below 1 merges into the next district by id, never across class or type."""
    assume(total <= sum(cells.values()))
    ours = outcome(allocation.strata, {"c": cells}, {"c": total})
    theirs = outcome(api.ref_strata, {"c": cells}, {"c": total})
    if isinstance(theirs, str) or isinstance(ours, str):
        assert ours == theirs
        return
    assert {s.id: (s.n_frame, s.n) for s in ours} == {i: (s.units, s.n) for i, s in theirs.items()}


@given(
    st.lists(st.integers(0, 1_000_000), min_size=1, max_size=40),
    st.sampled_from([(0, 1), (1, 5), (1, 1), (3, 7)]),
    st.integers(0, 3),
    st.data(),
)
def test_weights_and_levels(risks: list[int], floor: tuple[int, int], gamma: int, data: st.DataObject) -> None:
    ours = allocation.weights(risks, *floor, gamma)
    assert ours == api.ref_weights(risks, *floor, gamma)
    n = data.draw(st.integers(1, len(risks)))
    cool = data.draw(st.booleans())
    found = outcome(allocation.levels, ours, n, cooldown=cool)
    theirs = outcome(api.ref_levels, ours, n, cooldown=cool)
    if isinstance(found, str) or isinstance(theirs, str):
        assert found == theirs
        return
    level_of, targets = theirs
    assert found.level_of == level_of
    assert found.target_e12 == {k: v for k, v in targets.items() if k not in "T0"}


@given(
    st.dictionaries(IDS, st.integers(1, 2**32 - 1) | st.sampled_from([1, 2**32 - 1]), min_size=1, max_size=40),
    st.binary(min_size=32, max_size=32),
    st.integers(1, 12),
    st.integers(0, 5),
)
def test_selection(units: dict[str, int], seed: bytes, m: int, reserves: int) -> None:
    assume(m <= len(units))
    key = ticket.object_key(seed)
    drawn, rest, tau = api.ref_choose(list(units.items()), key, m, reserves)
    for choose in (exact.choose(list(units.items()), key, m, reserves), _fast(units, key, m, reserves)):
        assert (list(choose.drawn), list(choose.reserves), choose.tau) == (drawn, rest, tau)


def _fast(units: dict[str, int], key: bytes, m: int, reserves: int) -> exact.Choice:
    found: exact.Choice = fast.choose_fast(list(units), list(units.values()), key, m, reserves)
    return found


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(2**20, 2**32 - 2), st.integers(1, 4)), min_size=2, max_size=5), st.data())
def test_inclusion_probabilities(levels: list[tuple[int, int]], data: st.DataObject) -> None:
    params, counts = [p for p, _ in levels], [c for _, c in levels]
    m = data.draw(st.integers(1, sum(counts) - 1))
    theirs = api.ref_inclusion(params, counts, m)
    for a, b in zip(probability.inclusion(params, counts, m), theirs, strict=True):
        assert abs(Fraction(a) - b) <= Fraction(1, 10**12)


@given(st.binary(max_size=40), st.binary(max_size=40), st.none() | st.binary(min_size=32, max_size=32))
def test_seed(commitment: bytes, value: bytes, r: bytes | None) -> None:
    parts: dict[str, bytes | None] = {"b": r, "a": b"1" * 32}
    assert ticket.seed(commitment, "parties", value, parts) == api.ref_seed(commitment, "parties", value, parts)


@given(st.lists(st.text("abc\t", max_size=5), max_size=20), st.binary(min_size=32, max_size=32))
def test_trees(rows: list[str], secret: bytes) -> None:
    nonces = [merkle.leaf_nonce(secret, "X-2026-0001", "frame", r) for r in rows]
    assert nonces == [api.ref_nonce(secret, "X-2026-0001", "frame", r) for r in rows]
    ours = [merkle.blinded_leaf("frame", "X-2026-0001", r, n) for r, n in zip(rows, nonces, strict=True)]
    assert ours == [api.ref_leaf(n, "frame", "X-2026-0001", r) for r, n in zip(rows, nonces, strict=True)]
    assert merkle.root(ours) == api.ref_root(ours)


@given(
    st.dictionaries(
        st.text("abcXYZ_", min_size=1), st.integers(0, 2**53 - 1) | st.text('ab\u00e9\u4e91\n"\\'), max_size=6
    )
)
def test_canonical_json(value: dict[str, object]) -> None:
    assert canon.encode(value) == api.ref_jcs(value)


@pytest.mark.parametrize("bad", [["1%%"], ["101%"], ["-1%"], ["1"], [""], ["0.00001%"]])
def test_ratios_refused_by_both(bad: list[str]) -> None:
    assert isinstance(outcome(allocation.parse_ratio, bad[0]), str)
    assert isinstance(outcome(api.ref_clause_total, bad[0], 100), str)
