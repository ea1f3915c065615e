"""Sizes, strata, weights and targets: the county's figures, tiny frames, and every refusal."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sampler import allocation
from sampler.allocation import Cell, Ratio, clause_total, fill, levels, parse_ratio, strata, weights
from sampler.errors import SamplerError

COUNTY = {"A": (31_107, "1%"), "B": (12_044, "2%"), "C": (3_682, "10%"), "D": (721, "30%")}


def refused(code: str) -> pytest.RaisesExc[SamplerError]:
    return pytest.RaisesExc(SamplerError, check=lambda e: e.code == code)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("10%", Ratio(1, 10, "half-up")),
        (">=3%", Ratio(3, 100, "up")),
        ("<=2.5‰", Ratio(1, 400, "down")),
        ("0%", Ratio(0, 1, "half-up")),
        ("100%", Ratio(1, 1, "half-up")),
        ("1000‰", Ratio(1, 1, "half-up")),
        ("0.0001‰", Ratio(1, 10_000_000, "half-up")),
        ("1.50%", Ratio(3, 200, "half-up")),
    ],
)
def test_ratio_is_read(text: str, want: Ratio) -> None:
    assert parse_ratio(text) == want


NO_RATIOS = "|%|10|10 %| 10%|10%\n|+10%|-10%|>10%|=10%|> =3%|1.%|.5%|1.23456%|01%|1e1%|١%|１０%|10％|1,5%|10%%"
MORE = "10‰%|1_0%|NaN%|百分之十|9999999999999%|>=<=1%"


@pytest.mark.parametrize("text", f"{NO_RATIOS}|{MORE}".split("|"))
def test_ratio_in_another_form_is_refused(text: str) -> None:
    with refused("RATIO_SYNTAX"):
        parse_ratio(text)


@pytest.mark.parametrize("text", ["100.0001%", "101%", ">=1000.0001‰", "<=999999999999%"])
def test_ratio_above_one_is_refused(text: str) -> None:
    with refused("RATIO_ABOVE_ONE"):
        parse_ratio(text)


@pytest.mark.parametrize(
    ("ratio", "n", "want"),
    [
        ("10%", 4, 0),
        ("10%", 5, 1),
        ("10%", 14, 1),
        ("10%", 15, 2),
        (">=10%", 1, 1),
        (">=10%", 10, 1),
        (">=10%", 11, 2),
        ("<=10%", 19, 1),
        ("<=10%", 20, 2),
        ("0%", 1000, 0),
        ("100%", 7, 7),
        (">=0%", 7, 0),
    ],
)
def test_total_of_a_task_is_rounded_once(ratio: str, n: int, want: int) -> None:
    assert clause_total(parse_ratio(ratio), n) == want


@pytest.mark.parametrize(
    ("drawn", "left", "want"),
    [(0, 12, 26), (311, 1, 0), (310, 1, 1), (300, 12, 1), (312, 1, 0), (400, 3, 0), (11, 1, 300), (10, 3, 101)],
)
def test_total_of_a_batch_is_its_share_of_the_yearly_quota(drawn: int, left: int, want: int) -> None:
    assert clause_total(parse_ratio("1%"), 31_107, drawn=drawn, batches_left=left) == want


def test_county_totals() -> None:
    totals = {c: clause_total(parse_ratio(r), n) for c, (n, r) in COUNTY.items()}
    assert totals == {"A": 311, "B": 241, "C": 368, "D": 216}
    cells: dict[str, dict[Cell, int]] = {c: {} for c in COUNTY}
    for c, (n, _) in COUNTY.items():
        for d in range(8):
            cells[c][c, "shop", f"d{d}"] = n // 8 + (d < n % 8)
    found = strata(cells, totals)
    assert len(found) == 32
    assert sum(s.n for s in found) == 1_136
    assert sum(s.n_frame for s in found) == 47_554


def sizes(cells: dict[Cell, int], total: int) -> dict[str, tuple[int, int]]:
    return {s.id: (s.n_frame, s.n) for s in strata({"c": cells}, {"c": total})}


def test_small_cell_joins_the_next_district() -> None:
    cells = {("A", "t", "d1"): 50, ("A", "t", "d2"): 5, ("A", "t", "d3"): 45}
    assert sizes(cells, 10) == {"A.t.d1": (50, 5), "A.t.d2": (50, 5)}
    (_, merged) = strata({"c": cells}, {"c": 10})
    assert merged.cells == (("A", "t", "d2"), ("A", "t", "d3"))


def test_last_small_cell_joins_the_previous_district() -> None:
    assert sizes({("A", "t", "d1"): 50, ("A", "t", "d2"): 45, ("A", "t", "d3"): 5}, 10) == {
        "A.t.d1": (50, 5),
        "A.t.d2": (50, 5),
    }


def test_equal_small_cells_merge_from_the_smallest_district() -> None:
    cells = {("A", "t", f"d{k}"): 5 for k in range(4)}
    assert sizes(cells, 2) == {"A.t.d0": (10, 1), "A.t.d2": (10, 1)}
    # d0 + d1 and d2 + d3, then d4 joins d2, and d0 with its 0.8 joins them all
    assert sizes({("A", "t", f"d{k}"): 5 for k in range(5)}, 2) == {"A.t.d0": (25, 2)}


def test_an_expectation_of_exactly_one_stands_alone() -> None:
    assert sizes({("A", "t", "d1"): 10, ("A", "t", "d2"): 90}, 10) == {"A.t.d1": (10, 1), "A.t.d2": (90, 9)}


def test_groups_never_mix() -> None:
    cells = {("A", "t", "d1"): 96, ("A", "u", "d1"): 4, ("B", "t", "d1"): 100}
    with refused("STRATUM_ZERO"):
        strata({"c": cells}, {"c": 2})
    assert sizes(cells, 100) == {"A.t.d1": (96, 48), "A.u.d1": (4, 2), "B.t.d1": (100, 50)}


def test_remainders_tie_by_id() -> None:
    cells = {("A", "t", "d2"): 5, ("A", "t", "d1"): 5}
    assert sizes(cells, 3) == {"A.t.d1": (5, 2), "A.t.d2": (5, 1)}


def test_ids_compare_by_bytes() -> None:
    found = strata({"c": {("A", "t", "d-1"): 5, ("A", "t", "d"): 5, ("A", "t-1", "d"): 5}}, {"c": 6})
    assert [s.id for s in found] == sorted((s.id for s in found), key=str.encode)
    assert [s.id for s in found] == ["A.t-1.d", "A.t.d", "A.t.d-1"]


def test_empty_cells_are_no_strata() -> None:
    assert sizes({("A", "t", "d1"): 0, ("A", "t", "d2"): 5}, 1) == {"A.t.d2": (5, 1)}


@pytest.mark.parametrize(("total", "code"), [(0, "CLAUSE_ZERO"), (-1, "CLAUSE_ZERO"), (6, "CLAUSE_ABOVE")])
def test_impossible_totals_are_refused(total: int, code: str) -> None:
    with refused(code):
        sizes({("A", "t", "d"): 5}, total)


def test_clause_without_objects_is_refused() -> None:
    with refused("CLAUSE_ZERO"):
        strata({"c": {}}, {"c": 0})
    with refused("CLAUSE_ABOVE"):
        strata({"c": {}}, {"c": 1})


def test_stratum_of_size_zero_is_refused_and_named() -> None:
    with refused("STRATUM_ZERO") as caught:
        sizes({("A", "rare", "d1"): 1, ("A", "t", "d1"): 999}, 10)
    assert caught.value.problem.found == "A.rare.d1"


def test_strata_that_share_an_id_are_refused() -> None:
    with refused("STRATUM_ID"):
        strata({"c": {("A.b", "t", "d"): 5, ("A", "b.t", "d"): 5}}, {"c": 4})


@pytest.mark.parametrize("gamma", [0, 1, 2, 3])
def test_weights_by_hand(gamma: int) -> None:
    risks = [0, 1, 2, 5, 1_000_000]
    powers = [r**gamma for r in risks]
    want = [int(2**32 * (Fraction(1, 5) + Fraction(4, 5) * 5 * p / sum(powers))) for p in powers]
    assert weights(risks, 1, 5, gamma) == want


def test_weight_is_at_least_one() -> None:
    assert weights([0, 1_000_000], 0, 1, 3) == [1, 2**33]


def test_no_risk_at_all_gives_equal_weights() -> None:
    assert weights([0, 0, 0], 1, 5, 2) == [2**32] * 3
    assert weights([], 1, 5, 2) == []
    assert weights([0, 0], 1, 5, 0) == [2**32] * 2


def test_at_most_1024_weights_with_most_leading_bits() -> None:
    risks = list(range(0, 1_000_000, 37))
    found = weights(risks, 1, 5, 1)
    exact = [max(1, 2**32 * (sum(risks) + 4 * len(risks) * r) // (5 * sum(risks))) for r in risks]
    assert len(set(exact)) > 1024

    def cut(k: int) -> list[int]:
        return [int(f"{w:b}"[:k].ljust(w.bit_length(), "0"), 2) for w in exact]

    k = max(k for k in range(1, 40) if len(set(cut(k))) <= 1024)
    assert found == cut(k)
    assert len(set(cut(k + 1))) > 1024


def test_1024_weights_stay_as_they_are() -> None:
    risks = list(range(1024))
    assert len(set(weights(risks, 1, 5, 1))) == 1024
    assert len(set(weights([*risks, 1024], 1, 5, 1))) < 1025


@pytest.mark.parametrize("risk", [-1, 1_000_001, 10**30])
def test_risk_out_of_range_is_refused(risk: int) -> None:
    with refused("RISK_RANGE"):
        weights([5, risk], 1, 5, 2)


def test_every_bad_risk_is_reported() -> None:
    with refused("RISK_RANGE") as caught:
        weights([-5, 0, 2_000_000, -5], 1, 5, 2)
    assert [p.found for p in caught.value.problems] == ["-5", "2000000"]


@pytest.mark.parametrize(("a", "b", "gamma"), [(-1, 5, 2), (6, 5, 2), (0, 0, 2), (1, 5, -1), (1, 5, 4), (1, -5, 1)])
def test_floor_or_gamma_out_of_range_is_refused(a: int, b: int, gamma: int) -> None:
    with refused("FLOOR_RANGE"):
        weights([5], a, b, gamma)


def test_everyone_is_taken_when_n_is_everyone() -> None:
    found = levels([3, 1, 2], 3, cooldown=False)
    assert (found.level_of, found.take_all, found.m) == (["T"] * 3, 3, 0)
    assert found.target_e12 == found.count == {}


def test_certainties_one_after_the_other() -> None:
    found = levels([1000, 100, 1, 1, 1, 1], 3, cooldown=False)
    assert found.level_of == ["T", "T", "1", "1", "1", "1"]
    assert (found.take_all, found.m, found.target_e12, found.count) == (2, 1, {"1": 250_000_000_000}, {"1": 4})


def test_certainty_begins_at_1023_of_1024() -> None:
    # w m / S is 1023/1024 exactly for the first unit, a hair less in the second case
    assert levels([1023, 513, 512], 2, cooldown=False).level_of == ["T", "2", "1"]
    assert levels([1023, 513, 513], 2, cooldown=False).level_of == ["2", "1", "1"]
    assert levels([1023, 1], 1, cooldown=False).take_all == 0  # more than m - 1 = 0 qualify, and none reaches S


def test_too_many_near_certainties_are_left_to_chance() -> None:
    found = levels([10**6, 10**6, 1], 2, cooldown=False)
    assert found.take_all == 0
    assert sum(found.target_e12[k] * c for k, c in found.count.items()) == 2 * 10**12


@pytest.mark.parametrize("size", range(2, 8))
def test_tiny_frames(size: int) -> None:
    for n in range(1, size + 1):
        for w in ([1] * size, list(range(1, size + 1)), [1] * (size - 1) + [10**9]):
            found = levels(w, n, cooldown=False)
            assert found.take_all + found.m == n
            assert found.level_of.count("T") == found.take_all
            assert (found.m == 0) == (n == size)
            total = sum(found.target_e12[k] * c for k, c in found.count.items())
            assert abs(total - found.m * 10**12) * 2 <= size
            assert [int(k) for k in found.count] == list(range(1, len(found.count) + 1))


def test_a_frame_of_one() -> None:
    assert levels([7], 1, cooldown=False).level_of == ["T"]
    with refused("SIZE_COOLDOWN"):
        levels([7], 1, cooldown=True)


def test_cooldown_caps_at_a_quarter() -> None:
    found = levels([10**9, 1, 1, 1, 1, 1, 1, 1], 2, cooldown=True)
    assert found.take_all == 0
    assert set(found.target_e12.values()) == {250_000_000_000}
    assert levels([10**9, 1, 1, 1, 1, 1, 1, 1], 1, cooldown=True).target_e12 == {
        "1": 107_142_857_143,
        "2": 250_000_000_000,
    }


def test_targets_that_round_alike_share_a_level() -> None:
    found = levels([2**50, 2**50 + 1, 2**50, 2**20], 1, cooldown=False)
    assert found.level_of == ["2", "2", "2", "1"]


def test_units_with_the_same_target_share_a_level_in_weight_order() -> None:
    found = levels([5, 3, 5, 1], 1, cooldown=False)
    assert found.level_of == ["3", "2", "3", "1"]
    assert found.count == {"1": 1, "2": 1, "3": 2}
    assert list(found.target_e12.values()) == sorted(found.target_e12.values())


@pytest.mark.parametrize(
    ("size", "n", "cooldown", "code"),
    [
        (3, 4, False, "SIZE_FRAME"),
        (0, 1, False, "SIZE_FRAME"),
        (0, 1, True, "SIZE_COOLDOWN"),
        (7, 2, True, "SIZE_COOLDOWN"),
        (8, 3, True, "SIZE_COOLDOWN"),
        (8, 8, True, "SIZE_COOLDOWN"),
        (3, 0, False, "STRATUM_ZERO"),
        (3, -1, True, "STRATUM_ZERO"),
    ],
)
def test_sizes_the_frame_cannot_give_are_refused(size: int, n: int, code: str, *, cooldown: bool) -> None:
    with refused(code):
        levels([1] * size, n, cooldown=cooldown)


def test_water_filling_caps_again_after_capping() -> None:
    found = fill({100: 1, 10: 1, 1: 10}, 2, Fraction(1, 4))
    assert found[100] == found[10] == Fraction(1, 4)
    assert found[1] == Fraction(3, 20)


def test_a_million_units_take_seconds() -> None:
    w = [(k * 7919) % 1024 + 1 for k in range(1_000_000)]
    found = levels(w, 20_000, cooldown=False)
    assert found.m == 20_000
    assert len(found.count) == 1024
    assert allocation.round_e12(Fraction(1, 2 * 10**12)) == 1
