"""Laws of the features and of the points: a slow, literal twin; addition; languages that never run code."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models import features, points
from models.columns import MISSING
from models.grammar import parse_severity, parse_target
from models.history import History, read_history
from models.options import EPOCH, Options
from models.past import Past
from models.points import Feature, PointsTable, reach, risk_map
from models.prior import Prior
from models.train import BINS, cut_points, printable
from sampler.errors import InputError

VISITS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 40), st.integers(0, 3), st.sampled_from(["x", "y", ""])),
    min_size=1, max_size=25,
)  # fmt: skip
if TYPE_CHECKING:
    from collections.abc import Callable

START = date(2026, 1, 1)
PRIOR = Prior(severity=3, rate=4)


def history_of(visits: list[tuple[str, int, int, str]]) -> History:
    rows = [(i, (START + timedelta(days=d)).isoformat(), str(s), g) for i, d, s, g in visits]
    return read_history(
        pd.DataFrame(rows, columns=["object_id", "date", "severity", "zip"]), Options(asof="2026-12-01")
    )


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def twin(history: History, object_id: str, day: int) -> dict[str, int]:
    """Return the object's own features from their definitions, one visit at a time, in fractions."""
    rows = list(zip(history.ids, history.day.tolist(), history.failed.tolist(), history.severity.tolist(), strict=True))
    everyone = [(y, s) for _, d, y, s in rows if d < day]
    mine = sorted((d, y, s) for i, d, y, s in rows if i == object_id and d < day)
    n = len(mine)
    rate = half_up(Fraction((sum(y for y, _ in everyone) + 1) * 10**6, len(everyone) + 7))
    usual = half_up(Fraction(sum(s for _, s in everyone), max(1, len(everyone))))
    fade = [int((2**20 * Decimal(2) ** (Decimal(d - day) / 365)).to_integral_value(ROUND_HALF_UP)) for d, _, _ in mine]
    extra = 3 * 2**19
    hits = sum(w for w, (_, y, _) in zip(fade, mine, strict=True) if y)
    grave = sum(w * s for w, (*_, s) in zip(fade, mine, strict=True))
    failures = [d for d, y, _ in mine if y]
    out = {
        "visits": n,
        "severity_mean": half_up(Fraction(sum(s for *_, s in mine) + 3 * usual, n + 3)),
        "severity_recent": half_up(Fraction(grave + extra * usual, sum(fade) + extra)),
        "fail_rate": half_up(Fraction(len(failures) * 10**6 + 4 * rate, n + 4)),
        "recent_rate": half_up(Fraction(hits * 10**6 + extra * rate, sum(fade) + extra)),
        "last_severity": mine[-1][2] if n else MISSING,
        "max_severity": max((s for *_, s in mine), default=MISSING),
        "days_since_visit": day - mine[-1][0] if n else MISSING,
        "days_since_failure": day - failures[-1] if failures else MISSING,
        "trend": mine[-1][2] - mine[-2][2] if n > 1 else MISSING,
    }
    return out if n else {name: MISSING if name != "visits" else 0 for name in out}


def own(history: History, queries: features.Queries) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    index = Past.of(history.ids, history.day)
    base = features.Base.of(history, queries.day)
    return features.own(history, index.codes(queries.ids), queries.day, base, PRIOR, index)


@given(VISITS, st.integers(0, 45))
def test_features_equal_their_slow_twin(visits: list[tuple[str, int, int, str]], later: int) -> None:
    history = history_of(visits)
    now = (START - EPOCH).days + later
    ids = np.array([*history.ids, "A", "Z"], dtype="object")
    day = np.array([*history.day, now, now], dtype="int64")
    queries = features.Queries(ids, day, {})
    got = own(history, queries)
    for n, (i, d) in enumerate(zip(ids, day.tolist(), strict=True)):
        assert {name: int(values[n]) for name, values in got.items()} == twin(history, i, d)


@given(VISITS)
def test_group_rates_see_strictly_earlier_days_of_others_only(visits: list[tuple[str, int, int, str]]) -> None:
    history = history_of(visits)
    seen = np.array(["" if pd.isna(z) else z for z in history.raw["zip"]], dtype="object")
    base = features.Base.of(history, history.day)
    index = Past.of(history.ids, history.day)
    got = features.others_rate(history, index, seen, (index.visits, seen, history.day), base, 7)
    for n, (object_id, group, day) in enumerate(zip(history.ids, seen, history.day, strict=True)):
        hits = history.failed[(seen == group) & (history.ids != object_id) & (history.day < day)]
        want = half_up(Fraction(int(hits.sum()) * 10**6 + 7 * int(base.rate[n]), len(hits) + 7))
        assert int(got[n]) == (want if group else MISSING)


@given(VISITS, st.integers(1, 40))
def test_what_happens_from_a_day_on_never_reaches_its_features(
    visits: list[tuple[str, int, int, str]], cut: int
) -> None:
    changed = [(i, d, 3 - s if d >= cut else s, g) for i, d, s, g in visits]
    now = np.full(3, (START - EPOCH).days + cut, dtype="int64")
    queries = features.Queries(np.array(list("ABC"), dtype="object"), now, {})
    a, b = (own(h, queries) for h in map(history_of, (visits, changed)))
    assert all(a[name].tolist() == b[name].tolist() for name in a)


@given(VISITS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_input(visits: list[tuple[str, int, int, str]], chance: object) -> None:
    shuffled = visits[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's Random
    a, b = history_of(visits), history_of(shuffled)
    for name in ("ids", "day", "failed", "severity"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist()
    assert a.raw["zip"].fillna("").tolist() == b.raw["zip"].fillna("").tolist()


@given(st.lists(st.integers(-2_000, 10**6), max_size=60))
def test_cut_points_rise_and_every_value_has_a_bin(values: list[int]) -> None:
    cuts = cut_points(np.array([*values, MISSING], dtype="int64"))
    assert list(cuts) == sorted(set(cuts))
    assert len(cuts) <= BINS
    assert np.searchsorted(np.array(cuts), MISSING, side="right") == 0


@given(st.integers(-(10**9), 10**9))
def test_printable_numbers_have_two_digits_and_are_near(value: int) -> None:
    shown = printable(value)
    assert len(str(abs(shown)).rstrip("0")) <= 2
    assert abs(shown - value) * 20 <= max(abs(value), 20)


@given(st.lists(st.integers(-60, 60), min_size=3, max_size=3), st.integers(-80, 80), st.integers(-(10**9), 10**9))
def test_a_score_is_replayed_by_addition(line: list[int], intercept: int, value: int) -> None:
    lines = (Feature("visits", (-999_999_999, 7), tuple(line)),)
    table = PointsTable(
        target="a>1", severity="a", score_direction="higher", asof="2026-12-01", id_col="id", date_col="date",
        prior=PRIOR, features=lines, intercept=intercept, map=risk_map(*reach(lines, intercept)),
        trained_on="0" * 64, rows=1, positives=1, weights="none",
    )  # fmt: skip
    want = points.score(table, {"visits": value})
    assert points.risks(table, {"visits": np.array([value])}).tolist() == [want]
    total = sum(step["points"] for step in points.explain(table, {"visits": value}))
    assert dict(table.map)[total] == want


def refusal(work: Callable[[], object]) -> str:
    try:
        work()
    except InputError as e:
        return e.code
    return ""


@given(st.text(max_size=40))
def test_the_small_languages_parse_or_refuse(text: str) -> None:
    for parse in (parse_target, parse_severity):
        assert refusal(partial(parse, text)).partition("_")[0] in {"", "TARGET", "SEVERITY"}


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(data: bytes) -> None:
    assert refusal(lambda: read_history(data, Options(asof="2026-12-01"))).startswith(("FILE_", "HISTORY_", "TARGET_"))
