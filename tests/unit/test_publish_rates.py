"""Rates for the public: what the estimate says where everything is open, and never a single weight where it is not."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from sampler import canon, estimate
from sampler.estimate import Answer
from sampler.estimate.joined import Place
from sampler.publish.rates import CROWD, Answers, Rate, rate, recent

OK, BAD, GONE = Answer.COMPLIANT, Answer.NOT_COMPLIANT, Answer.UNREACHABLE


def draw(
    fine: int, bad: int, mute: int = 0, *, is_open: bool, period: str = "2026-12", heavy: dict[int, float] | None = None
) -> Answers:
    """Return a draw of one stratum; `heavy` gives the weight of single objects, 20 without."""
    n = fine + bad + mute
    name = f"XJSC-{period}-{n}"
    place = Place(name, "A", "A", "A.e.1")
    frame = Counter({(name, False): 20 * n})
    drawn = estimate.Drawn(
        draw_id=name, first=f"{period}-01", last=f"{period}-31", ids=tuple(f"o{i}" for i in range(n)), taken=(False,) * n,
        stratum=(place,) * n, weight=tuple(Fraction((heavy or {}).get(i, 20.0)) for i in range(n)),
        groups=dict.fromkeys(estimate.GROUPINGS, (name,) * n), frame=dict.fromkeys(estimate.GROUPINGS, frame),
        sizes=((place, n),), cooling=0,
    )  # fmt: skip
    said = [OK] * fine + [BAD] * bad + [GONE] * mute
    return Answers(period=period, is_open=is_open, drawn=drawn, said={f"o{i}": a for i, a in enumerate(said)})


def exact(a: Answers, **given: Any) -> estimate.Estimate:
    s = estimate.survey([a.drawn], {a.drawn.draw_id: a.said})
    return estimate.estimate(s, (), **given)[0]


def shown(r: Rate | None) -> Rate:
    assert r is not None
    return r


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(("fine", "bad"), [(40, 0), (37, 12), (11, 30)])
def test_the_interval_told_holds_the_exact_one(fine: int, bad: int, *, is_open: bool) -> None:
    a = draw(fine, bad, 12, is_open=is_open)
    e, r = exact(a), shown(rate([a]))
    assert r.why == ""
    for told, true, far in ((r.lo, e.lo, 1), (r.hi, e.hi, 1), (r.worst_lo, e.worst.lo, 1), (r.worst_hi, e.worst.hi, 1)):
        assert told is not None
        assert true is not None
        assert abs(float(told) - 100 * true) < (0.11 if is_open else 1.01) * far
        assert ("." in told) is is_open
    assert float(str(r.lo)) <= 100 * float(str(e.lo)) + 1e-6
    assert float(str(r.hi)) >= 100 * float(str(e.hi)) - 1e-6
    assert (r.n, r.answered, r.unreachable, r.silent) == (fine + bad + 12, fine + bad, 12, 0)


def test_too_few_answers_tell_nothing() -> None:
    for is_open in (True, False):
        assert shown(rate([draw(9, 0, is_open=is_open)])).why == "few"
        assert shown(rate([draw(0, 0, 30, is_open=is_open)])).rate is None
    assert rate([]) is None


@pytest.mark.parametrize("bad", range(1, CROWD))
def test_below_open_a_few_failures_are_not_told_whatever_their_weights(bad: int) -> None:
    light, heavy = (draw(40, bad, is_open=False, heavy={40: w}) for w in (1.0, 900.0))
    assert shown(rate([light])) == shown(rate([heavy]))
    assert shown(rate([light])).why == "secret"
    few_fine = draw(bad, 40, is_open=False, heavy={0: 900.0})
    assert shown(rate([few_fine])).why == "secret"
    assert shown(rate([draw(40, bad, is_open=True)])).rate is not None


def test_a_crowd_is_counted_over_the_secret_draws_alone() -> None:
    opened = draw(40, 40, is_open=True, period="2026-11")
    assert shown(rate([opened, draw(40, 3, is_open=False)])).why == "secret"
    assert shown(rate([opened, draw(40, 10, is_open=False)])).rate is not None
    assert shown(rate([opened, draw(40, 0, is_open=False)])).rate is not None


@pytest.mark.parametrize("mute", [1, CROWD - 1, CROWD])
def test_a_few_silent_ones_do_not_show_their_weight_in_the_bounds(mute: int) -> None:
    heavy = {30 + 12: 900.0}
    told = [shown(rate([draw(30, 12, mute, is_open=False, heavy=h)])) for h in ({}, heavy)]
    assert all((r.worst_lo is None) is (mute < CROWD) for r in told)
    if mute < CROWD:
        assert told[0].worst_hi is told[1].worst_hi is None


def test_without_any_failure_the_rate_says_nothing_of_weights() -> None:
    rng = random.Random("weights")
    for _ in range(20):
        r = shown(rate([draw(30, 0, is_open=False, heavy={i: rng.uniform(1, 300) for i in range(30)})]))
        assert (r.rate, r.hi) == ("100", "100")
        assert "." not in str(r.lo)


@pytest.mark.parametrize(
    ("fine", "bad", "target", "verdict"), [(400, 0, 0.9, "met"), (20, 40, 0.9, "not_met"), (40, 2, 0.95, "cannot_tell")]
)
def test_a_target_has_three_answers(fine: int, bad: int, target: float, verdict: str) -> None:
    a = draw(fine, bad, is_open=True)
    r, e = shown(rate([a], target)), exact(a, targets={("", ""): target})
    assert (r.verdict, e.verdict) == (verdict, verdict)
    assert r.target == f"{100 * target:g}"
    if e.visits_needed:
        assert r.visits is not None
        assert e.visits_needed <= r.visits < e.visits_needed * 1.1 + 1
        assert len(str(r.visits).rstrip("0")) <= 2


def test_answers_come_back_as_they_were_noted() -> None:
    a = draw(12, 3, 2, is_open=False, heavy={3: 1 / 3})
    noted = canon.decode(canon.encode(a.to_dict()))
    back = Answers.from_dict(noted)
    assert back.to_dict() == a.to_dict()
    assert exact(back) == exact(a)


def test_recent_is_the_last_twelve_months() -> None:
    every = [draw(12, 0, is_open=True, period=p) for p in ("2025-11", "2025-12", "2026-01", "2026-12", "2025-01")]
    assert [a.period for a in recent(every)] == ["2026-01", "2026-12"]
    assert recent([]) == []
