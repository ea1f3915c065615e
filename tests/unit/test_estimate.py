"""docs/spec/estimate.md, sections 2 to 6: examples by hand, and what must hold whatever the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.errors import StepError
from sampler.estimate import Answer, Survey, estimate, holm, parse_outcome
from sampler.estimate.interval import effective_size, interval, limits, p_values, visits_needed
from sampler.estimate.joined import Place, variance_strata
from sampler.estimate.ratio import CERTAIN, Ratio, Sample, deville, ratio


def sample(
    stratum: Sequence[int], weight: Sequence[float], value: Sequence[float], answered: Sequence[float] | None = None
) -> Sample:
    r = answered or [1.0] * len(value)
    return Sample(
        stratum=np.array(stratum), weight=np.array(weight), answered=np.array(r), value=np.array(value, dtype=float)
    )


def everything(s: Sample, size: float) -> Ratio:
    return ratio(s, np.ones(len(s.stratum)), size)


def survey(
    s: Sample, groups: list[str], frame: dict[tuple[str, bool], int], seen: list[Answer] | None = None
) -> Survey:
    said = seen or [Answer.COMPLIANT if v else Answer.NOT_COMPLIANT for v in s.value]
    counts = {by: Counter(frame) for by in ("class", "draw")}
    return Survey(sample=s, answers=tuple(said), groups={"class": tuple(groups), "draw": tuple(groups)}, frame=counts)


# --- section 3 and 4: the rate and its variance


def test_two_units_by_hand() -> None:
    s = sample([0, 0], [2, 4], [1, 0])
    r = everything(s, 6)
    assert r.rate == pytest.approx(1 / 3)
    # z = 1/9, -1/18; w z = 2/9, -2/9; c = 1, 1.5; a = -2/45; V = (12/45)^2 + 1.5 (8/45)^2
    assert r.variance == pytest.approx(240 / 2025)
    assert r.kish == pytest.approx(36 / 20)
    assert r.freedom == 1
    assert r.chance == 1


def test_a_known_size_scales_the_weights_and_not_the_rate() -> None:
    s = sample([0, 0], [2, 4], [1, 0])
    assert everything(s, 60).rate == everything(s, 6).rate
    assert everything(s, 60).variance == pytest.approx(everything(s, 6).variance)


def test_taken_units_are_known_and_the_rest_is_counted_not_estimated() -> None:
    s = sample([CERTAIN, CERTAIN, 0, 0], [1, 1, 2, 4], [0, 1, 1, 0])
    r = everything(s, 8)
    # two taken with one good; eight others of whom a third is good
    assert r.rate == pytest.approx((1 + 8 / 3) / 10)
    assert r.taken_rate == pytest.approx(0.5)
    assert r.chance == pytest.approx(0.8)
    alone = everything(sample([0, 0], [2, 4], [1, 0]), 8)
    assert interval(r).effective <= 2
    assert r.units == alone.units


def test_an_unanswered_unit_leaves_the_rate_among_the_reachable() -> None:
    s = sample([0, 0, 0], [2, 4, 2], [1, 0, 0], [1, 1, 0])
    r = everything(s, 8)
    assert r.rate == pytest.approx(1 / 3)
    assert r.units == 2
    assert everything(s.supposing(1.0), 8).rate == pytest.approx(4 / 8)
    assert everything(s.supposing(0.0), 8).rate == pytest.approx(2 / 8)


def test_a_domain_takes_its_units_only_but_the_variance_sees_the_stratum() -> None:
    s = sample([0] * 4, [2, 2, 3, 3], [1, 0, 1, 1])
    inside = np.array([1.0, 1.0, 0.0, 0.0])
    r = ratio(s, inside, 4)
    assert r.rate == pytest.approx(0.5)
    assert r.units == 2
    assert r.freedom == 3
    assert r.variance > 0


def test_nothing_answered_is_no_rate() -> None:
    assert np.isnan(everything(sample([0, 0], [2, 4], [0, 0], [0, 0]), 6).rate)


def test_replicates_are_taken_together_as_one_by_one() -> None:
    rng = np.random.default_rng(5)
    w, y = 1 + 9 * rng.random((6, 9)), rng.integers(0, 2, (6, 9)).astype(np.float64)
    r = (rng.random((6, 9)) < 0.8).astype(np.float64)
    stratum = np.array([CERTAIN, CERTAIN, 0, 0, 0, 1, 1, 1, 1])
    w[:, :2] = 1
    many = ratio(Sample(stratum=stratum, weight=w, answered=r, value=y), np.ones(9), 40.0)
    for k in range(6):
        one = everything(sample(list(stratum), list(w[k]), list(y[k]), list(r[k])), 40.0)
        for name in ("rate", "variance", "kish", "freedom", "steady", "chance"):
            assert getattr(many, name)[k] == pytest.approx(getattr(one, name), nan_ok=True)


def test_the_variance_is_that_of_the_text_written_unit_by_unit() -> None:
    rng = np.random.default_rng(11)
    stratum, w, z = np.array([CERTAIN, 0, 0, 0, 1, 1]), np.array([1, 2.0, 3, 5, 4, 8]), rng.random(6)
    found = deville(Sample(stratum=stratum, weight=w, answered=np.ones(6), value=np.ones(6)), z)
    want = []
    for h in (0, 1):
        units = [k for k in range(6) if stratum[k] == h]
        c = {k: (1 - 1 / w[k]) * len(units) / (len(units) - 1) for k in units}
        a = sum(c[k] * w[k] * z[k] for k in units) / sum(c.values())
        want += [c[k] * (w[k] * z[k] - a) ** 2 for k in units]
    assert found == pytest.approx(want)


def test_equal_weights_give_the_textbook_variance() -> None:
    y = np.array([1.0] * 7 + [0.0] * 3)
    r = everything(sample([0] * 10, [50.0] * 10, list(y)), 500)
    assert r.variance == pytest.approx((1 - 10 / 500) * 0.21 / 9)


# --- section 4: variance strata


def places(*sizes: tuple[str, str, str, int]) -> list[tuple[Place, int]]:
    return [(Place("D1", clause, class_, f"{class_}.{name}"), m) for clause, class_, name, m in sizes]


def numbered(*sizes: tuple[str, str, str, int]) -> list[list[str]]:
    found = variance_strata(places(*sizes))
    groups: dict[int, list[str]] = {}
    for place, n in found.items():
        groups.setdefault(n, []).append(place.id)
    return [groups[n] for n in sorted(groups)]


@pytest.mark.parametrize(
    ("sizes", "want"),
    [
        ([("a", "A", "1", 2), ("a", "A", "2", 3)], [["A.1"], ["A.2"]]),
        ([("a", "A", "1", 1), ("a", "A", "2", 3), ("a", "A", "3", 2)], [["A.1", "A.2"], ["A.3"]]),
        ([("a", "A", "1", 2), ("a", "A", "2", 1)], [["A.1", "A.2"]]),
        ([("a", "A", "1", 1), ("a", "A", "2", 1), ("a", "A", "3", 1)], [["A.1", "A.2", "A.3"]]),
        ([("a", "A", "1", 1), ("a", "A", "2", 1), ("a", "A", "3", 1), ("a", "A", "4", 1)], [["A.1", "A.2"], ["A.3", "A.4"]]),
        ([("a", "A", "1", 1), ("a", "B", "1", 2), ("b", "C", "1", 4)], [["A.1", "B.1"], ["C.1"]]),
        ([("a", "A", "1", 1), ("b", "B", "1", 3)], [["A.1", "B.1"]]),
        ([("a", "A", "1", 0), ("a", "A", "2", 2)], [["A.2"]]),
        ([("a", "A", "1", 1)], [["A.1"]]),
        ([], []),
    ],
)  # fmt: skip
def test_a_stratum_of_one_joins_its_neighbour(sizes: list[tuple[str, str, str, int]], want: list[list[str]]) -> None:
    assert numbered(*sizes) == want


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("AB"), st.integers(0, 99), st.integers(0, 3)), max_size=12
    )
)
def test_no_group_of_one_is_left_and_order_does_not_matter(rows: list[tuple[str, str, int, int]]) -> None:
    sizes = list({Place("D", c, k, f"{k}.{c}.{n}"): m for c, k, n, m in rows}.items())
    found = variance_strata(sizes)
    assert found == variance_strata(reversed(sizes))
    total: Counter[int] = Counter()
    for place, m in sizes:
        total[found.get(place, -1)] += m
    total.pop(-1, None)
    assert min(total.values(), default=2) > 1 or sum(total.values()) == 1


# --- section 5: intervals


def test_limits_are_those_of_clopper_and_pearson() -> None:
    lo, hi = limits(np.array([0.8, 0.0, 1.0]), np.array([10.0, 10, 10]), 0.025)
    assert lo == pytest.approx([0.4439, 0.0, 0.025**0.1], abs=5e-5)
    assert hi == pytest.approx([0.9748, 1 - 0.025**0.1, 1.0], abs=5e-5)


@given(
    st.lists(st.tuples(st.floats(1.01, 50), st.booleans(), st.booleans()), min_size=4, max_size=25),
    st.integers(0, 3),
)
def test_whatever_the_sample_the_interval_holds_its_rate_and_counts_no_more_than_answers(
    units: list[tuple[float, bool, bool]], taken: int
) -> None:
    stratum = [CERTAIN] * taken + [k % 2 for k in range(len(units))]
    order = np.argsort(np.array(stratum), kind="stable")
    w = np.array([1.0] * taken + [u[0] for u in units])[order]
    y = np.array([1.0] * taken + [float(u[1]) for u in units])[order]
    r = np.array([1.0] * taken + [float(u[2]) for u in units])[order]
    found = everything(sample(sorted(stratum), list(w), list(y), list(r)), 500)
    if np.isnan(found.rate):
        return
    got = interval(found)
    assert -1e-9 <= got.lo <= found.rate + 1e-9
    assert found.rate - 1e-9 <= got.hi <= 1 + 1e-9
    assert got.effective <= found.units


def test_equal_weights_count_no_more_than_their_answers() -> None:
    """Kish's number of three weights of 1.01 is 3.0000000000000004 in floats."""
    r = everything(sample([0, 0, 1, 1], [2.0, 1.01, 1.01, 1.01], [0] * 4, [0, 1, 1, 1]), 500)
    assert r.kish > r.units
    assert effective_size(r) == r.units


def test_no_failure_seen_is_judged_by_the_weights() -> None:
    r = everything(sample([0] * 12, [1.5] * 6 + [30.0] * 6, [1] * 12), 200)
    assert effective_size(r) == pytest.approx(189**2 / (6 * 2.25 + 6 * 900))
    assert interval(r).hi == 1


def test_strata_of_one_kind_each_show_no_variance_and_are_judged_by_the_weights() -> None:
    r = everything(sample([0] * 6 + [1] * 6, [3.0] * 12, [1] * 6 + [0] * 6), 36)
    assert r.variance == pytest.approx(0, abs=1e-20)
    assert effective_size(r) == pytest.approx(12)


def test_a_variance_that_rests_on_few_units_is_not_believed_beyond_the_weights() -> None:
    w, y = [2.0] * 20 + [60.0, 60.0], [0] + [1] * 21
    r = everything(sample([0] * 22, w, y), sum(w))
    naive = r.chance_rate * (1 - r.chance_rate) / r.variance
    assert float(r.kish) < float(effective_size(r)) < min(float(naive), 22.0)


def test_taken_units_stay_outside_the_effective_number() -> None:
    chance = [0, 0, 0, 0, 0, 0], [2.0] * 6, [1, 1, 1, 1, 0, 0]
    alone = everything(sample(*chance), 12)
    joined = everything(sample([CERTAIN] * 30 + chance[0], [1.0] * 30 + chance[1], [1] * 30 + chance[2]), 12)
    assert effective_size(joined) <= 6
    lo, hi = float(interval(joined).lo), float(interval(joined).hi)
    assert lo == pytest.approx((30 + 12 * float(interval(alone).lo)) / 42)
    assert hi == pytest.approx((30 + 12 * float(interval(alone).hi)) / 42)


# --- section 6: targets


@given(st.floats(0, 1), st.floats(1, 400), st.floats(0.001, 0.999))
def test_verdict_and_interval_never_disagree(p: float, n: float, target: float) -> None:
    lo, hi = limits(np.array(p), np.array(n), 0.025)
    above, below = p_values(p, n, target)
    if abs(lo - target) > 1e-6:
        assert (above <= 0.025) == (lo > target)
    if abs(hi - target) > 1e-6:
        assert (below <= 0.025) == (hi < target)


def test_holm_by_hand() -> None:
    p = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    assert holm(p) == {"a", "d"}  # 0.005 <= .05/4, 0.01 <= .05/3, 0.03 > .05/2
    assert holm({"a": 0.04}) == {"a"}
    assert holm({}) == set()


def test_visits_that_would_tell() -> None:
    # no failure at all: 0.985^n <= 0.025
    assert visits_needed(1.0, 0.985, 1.0, 0.05) == 245
    assert visits_needed(1.0, 0.985, 0.5, 0.05) == 489
    assert visits_needed(0.5, 0.5, 1.0, 0.05) is None
    few, many = visits_needed(0.5, 0.985, 1.0, 0.05), visits_needed(0.98, 0.985, 1.0, 0.05)
    assert few is not None
    assert many is not None
    assert few < 20
    assert many > 1000


def test_more_hypotheses_need_more_visits() -> None:
    one, ten = visits_needed(1.0, 0.985, 1.0, 0.05), visits_needed(1.0, 0.985, 1.0, 0.005)
    assert one is not None
    assert ten is not None
    assert one < ten


def flat(good: int, n: int, weight: float = 20.0) -> Sample:
    return sample([0] * n, [weight] * n, [1.0] * good + [0.0] * (n - good))


@pytest.mark.parametrize(
    ("good", "n", "target", "want"),
    [(300, 300, 0.985, "met"), (250, 300, 0.985, "not_met"), (293, 300, 0.985, "cannot_tell"), (9, 9, 0.5, "cannot_tell")],
)  # fmt: skip
def test_verdicts(good: int, n: int, target: float, want: str) -> None:
    s = survey(flat(good, n), ["A"] * n, {("A", False): 20 * n})
    (whole,) = estimate(s, (), {("", ""): target})
    assert whole.verdict == want
    assert (whole.visits_needed is None) == (n < 10)


def test_fewer_than_ten_answers_give_no_rate() -> None:
    s = survey(flat(9, 9), ["A"] * 9, {("A", False): 180})
    (whole,) = estimate(s)
    assert (whole.rate, whole.lo, whole.hi, whole.method) == (None, None, None, "too-few")


def test_a_group_that_was_taken_whole_is_known_however_small() -> None:
    s = survey(sample([CERTAIN] * 3, [1.0] * 3, [1, 1, 0]), ["A"] * 3, {("A", True): 3})
    _, group = estimate(s, ["class"], {("class", "A"): 0.9})
    assert (group.method, group.verdict, group.p_value) == ("census", "not_met", None)
    assert group.rate == group.lo == group.hi == pytest.approx(2 / 3)


def test_a_group_that_nobody_was_drawn_of_is_listed_and_cannot_be_told() -> None:
    s = survey(flat(30, 30), ["A"] * 30, {("A", False): 600, ("B", False): 5})
    _, a, b = estimate(s, ["class"], {("class", "A"): 0.5, ("class", "B"): 0.5})
    assert (a.group, a.verdict) == ("A", "met")
    assert (b.group, b.n, b.verdict, b.rate) == ("B", 0, "cannot_tell", None)


def test_hypotheses_that_cannot_be_judged_still_count_in_the_family() -> None:
    n = 250  # alone: 0.985^250 = .0229 <= .025
    s = survey(flat(n, n, 4.0), ["A"] * n, {("A", False): 1000, ("B", False): 5})
    alone = estimate(s, ["class"], {("class", "A"): 0.985})[1]
    both = estimate(s, ["class"], {("class", "A"): 0.985, ("class", "B"): 0.985})[1]
    assert (alone.verdict, both.verdict) == ("met", "cannot_tell")


def test_worst_case_surrounds_the_headline_and_has_its_own_verdict() -> None:
    n = 400
    s = flat(n, n)
    seen = [Answer.COMPLIANT] * 380 + [Answer.UNREACHABLE] * 15 + [Answer.NO_RESULT] * 5
    answered = np.array([1.0] * 380 + [0.0] * 20)
    s = Sample(stratum=s.stratum, weight=s.weight, answered=answered, value=answered)
    (whole,) = estimate(survey(s, ["A"] * n, {("A", False): 8000}, seen), (), {("", ""): 0.985})
    assert (whole.verdict, whole.worst.verdict) == ("met", "cannot_tell")
    assert (whole.responded, whole.unreachable, whole.no_result) == (380, 15, 5)
    assert whole.worst.rate_lo == pytest.approx(0.95)
    assert whole.worst.rate_hi == 1
    assert whole.lo is not None
    assert whole.worst.lo is not None
    assert whole.worst.lo < whole.lo


# --- section 2: outcomes


@pytest.mark.parametrize(
    ("outcome", "visits", "want"),
    [
        ("compliant", [("1", "0")], Answer.COMPLIANT),
        ("compliant", [("7", "-")], Answer.COMPLIANT),
        ("compliant", [("1", "0"), ("5", "2")], Answer.NOT_COMPLIANT),
        ("compliant", [("4", "2")], Answer.UNREACHABLE),
        ("compliant", [("4", "2"), ("1", "0")], Answer.COMPLIANT),
        ("compliant", [], Answer.NO_RESULT),
        ("strict", [("4", "2")], Answer.NOT_COMPLIANT),
        ("disclosure", [("5", "2")], Answer.COMPLIANT),
        ("disclosure", [("3", "2")], Answer.NOT_COMPLIANT),
        ("contact", [("6", "3")], Answer.COMPLIANT),
        ("contact", [("4", "2")], Answer.NOT_COMPLIANT),
        ("result=1,4", [("4", "-")], Answer.COMPLIANT),
        ("result=1", [("7", "-")], Answer.NOT_COMPLIANT),
        ("severity<2", [("5", "1")], Answer.COMPLIANT),
        ("severity<2", [("5", "2")], Answer.NOT_COMPLIANT),
        ("severity<2", [("5", "-")], Answer.NO_RESULT),
        ("severity<2", [("4", "2")], Answer.UNREACHABLE),
    ],
)
def test_outcomes(outcome: str, visits: list[tuple[str, str]], want: Answer) -> None:
    assert parse_outcome(outcome).of_object(visits) is want


@pytest.mark.parametrize(
    "text", ["", "good", "result=", "result=9", "result=1;7", "severity<0", "severity<4", "severity>1"]
)
def test_an_outcome_nobody_defined_is_refused(text: str) -> None:
    with pytest.raises(StepError) as e:
        parse_outcome(text)
    assert e.value.code == "OUTCOME_UNKNOWN"
