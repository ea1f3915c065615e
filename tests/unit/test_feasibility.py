"""Cool-downs that can be kept, the largest named where they cannot, and histories across the turn of the year."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import draw, frame
from sampler.allocation import Cell, clause_total, levels, parse_ratio, strata, weights
from sampler.errors import PlanError
from sampler.feasibility import falling, longest_at_pace, longest_now
from sampler.io import plans
from sampler.io.earlier import Earlier, by_month
from sampler.io.plandoc import read_document
from sampler.plan import Clause, Cooldown, Plan
from sampler.probability import solve
from sampler.tables import Table, from_rows

ROOT = Path(__file__).resolve().parents[2]
E12 = 10**12
NEVER = frame.NEVER


@pytest.fixture(scope="module")
def example() -> Plan:
    return plans.plan_record(read_document(ROOT / "data/example/full/plan.toml").fields, [], "plan.toml")


def with_cooldown(plan: Plan, **months: int) -> Plan:
    return replace(plan, cooldown=tuple(Cooldown(class_=c, months=g) for c, g in sorted(months.items())))


def test_the_longest_cooldown_of_this_month() -> None:
    ago = [1, 1, 2, 3, 5, *[NEVER] * 3]
    assert [longest_now(g, [(1, ago)]) for g in (5, 4, 3, 2, 1)] == [4, 4, 3, 2, 1]
    assert longest_now(6, [(1, ago), (2, [NEVER] * 8)]) == 4
    assert longest_now(6, [(1, ago), (2, [1, *[NEVER] * 7])]) == 0
    assert longest_now(3, []) == 3


@given(
    g=st.integers(1, 12),
    held=st.lists(
        st.tuples(st.integers(1, 3), st.lists(st.one_of(st.integers(1, 14), st.just(NEVER)), max_size=20)), max_size=3
    ),
)
def test_the_named_cooldown_is_feasible_and_no_longer_one_is(g: int, held: list[tuple[int, list[int]]]) -> None:
    def feasible(months: int) -> bool:
        try:
            for n, ago in held:
                levels([1] * sum(a > months for a in ago), n, cooldown=months > 0)
        except PlanError as error:
            assert error.code == "SIZE_COOLDOWN"  # noqa: PT017
            return False
        return True

    longest = longest_now(g, held)
    assert not any(feasible(k) for k in range(longest + 1, g + 1))
    assert longest == 0 or feasible(longest)


@given(size=st.integers(1, 60), total=st.integers(1, 6), g=st.integers(1, 14))
def test_a_pace_is_kept_for_ever_exactly_up_to_the_longest_named(size: int, total: int, g: int) -> None:
    ago = [NEVER] * size
    kept = True
    for _ in range(4 * g):
        ago = [a + 1 for a in ago]
        eligible = [i for i, a in enumerate(ago) if a > g]
        kept = kept and 4 * total <= len(eligible)
        for i in eligible[:total]:
            ago[i] = 0
    assert kept == (g <= longest_at_pace(size, total, 12 * total))


def test_the_pace_of_the_findings() -> None:
    assert longest_at_pace(1000, 100, 1200) == 6  # 12 months at 10 % a month cannot be
    assert longest_at_pace(1000, 300, 3600) == 0
    assert longest_at_pace(1000, 10, 100) == 115  # 10 % a year in ten draws


def test_the_county_draws_1136_not_1139_or_what_ceilings_give(example: Plan) -> None:
    folder = ROOT / "data/example/full"
    with (folder / "classes.csv").open(encoding="utf-8") as f:
        class_of = {r["object_id"]: r["class"] for r in csv.DictReader(f)}
    with (folder / "objects.csv").open(encoding="utf-8") as f:
        active = [r for r in csv.DictReader(f) if r["登记状态"] == "存续"]
    ratios = {k: parse_ratio(c.ratio) for c in example.clauses for k in c.classes}

    def exact(counts: Counter[str] | Counter[tuple[str, str]]) -> list[Fraction]:
        return [Fraction(ratios[k[0]].num, ratios[k[0]].den) * n for k, n in counts.items()]

    classes = Counter(class_of[o["统一社会信用代码"]] for o in active)
    cells = Counter((class_of[o["统一社会信用代码"]], o["区划"]) for o in active)
    assert sum(exact(classes)) == Fraction("1136.45")
    assert sum(clause_total(ratios[k], n) for k, n in classes.items()) == 1_136
    assert sum(map(ceil, exact(classes))) == 1_139
    assert len(cells) == 40
    assert sum(map(ceil, exact(cells))) == 1_156  # 1,158 with other district sizes; either way not the lawful number
    by_clause: dict[str, dict[Cell, int]] = {k: {} for k in classes}
    for (k, district), n in cells.items():
        by_clause[k][k, "all", district] = n
    sizes = strata(by_clause, {k: clause_total(ratios[k], n) for k, n in classes.items()})
    assert sum(s.n for s in sizes) == 1_136


@pytest.mark.parametrize("size", range(1, 8))
def test_tiny_frames_are_drawn_with_their_exact_chances(size: int) -> None:
    for n in range(1, size + 1):
        held = strata({"c": {("A", "t", "d"): size}}, {"c": n})
        assert [(s.n_frame, s.n) for s in held] == [(size, n)]
        found = levels(weights([10**5 * (k + 1) for k in range(size)], 1, 5, 2), n, cooldown=False)
        if found.m == 0:
            assert found.level_of == ["T"] * size
            continue
        counts = [*found.count.values()]
        _, pi = solve([*found.target_e12.values()], counts, found.m)
        assert abs(sum(p * c for p, c in zip(pi, counts, strict=True)) - found.m * E12) <= 2 * size
        assert all(a < b for a, b in pairwise(pi))


def test_ratios_that_fall_are_found(example: Plan) -> None:
    assert falling(example) == []
    assert len(example.clauses) == 4
    for at, ratio, pairs in [
        (0, "5%", [("A", "B")]),
        (3, "9%", [("C", "D")]),
        (1, "11%", [("B", "C")]),
        (2, "<=10%", []),
    ]:
        changed = list(example.clauses)
        changed[at] = replace(changed[at], ratio=ratio)
        found = falling(replace(example, clauses=tuple(changed)))
        assert {(a.clause, b.clause) for _, a, b in found} == set(pairs)
        assert len(found) == len(pairs) * len({t.stratum for t in example.types})


def test_periods_are_not_compared(example: Plan) -> None:
    clause = Clause(
        clause="A", classes=("A",), types=example.clauses[0].types, ratio="90%", period="year", drawn=0, batches_left=9
    )
    assert falling(replace(example, clauses=(clause, *example.clauses[1:]))) == []


def visits(*rows: tuple[str, str, str, str]) -> Table:
    """object, date, draw, pi."""
    columns = ("object_id", "date", "draw_id", "pi")
    return Table({c: [r[i] for r in rows] for i, c in enumerate(columns)})


def made(plan: Plan, table: Table, *earlier: Earlier, known: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    classes = {"a": "A", "b": "B", "d": "D"}
    found = plans.history_table(table, plan, classes, known | {e.draw_id for e in earlier}, [*earlier])
    return {row[0]: list(row[1:]) for row in found.rows()}


def test_the_window_crosses_the_year(example: Plan) -> None:
    plan = replace(with_cooldown(example, A=3, B=1), period="2027-01")
    rows = [("a", f"{m}-15", "X-1", "0.5") for m in ("2026-09", "2026-10", "2026-12", "2027-01", "2027-02")]
    rows += [("b", "2026-11-30", "X-1", "0.5"), ("b", "2026-12-01", "X-1", "0.5"), ("d", "2026-12-01", "X-1", "0.5")]
    assert set(made(plan, visits(*rows))) == {"a/2026-10", "a/2026-12", "b/2026-12"}
    assert frame.month_number("2027-01") - frame.month_number("2026-12") == 1
    assert frame.cooling({frame.month_number("2026-10")}, "A", plan)
    assert not frame.cooling({frame.month_number("2026-09")}, "A", plan)
    assert not frame.cooling({frame.month_number("2027-01"), frame.month_number("2027-02")}, "A", plan)
    assert frame.cooling({frame.month_number("2026-12"), frame.month_number("2027-02")}, "B", plan)


def test_a_visit_outside_any_draw_starts_no_cooldown(example: Plan) -> None:
    rows = visits(("a", "2026-11-02", "", ""), ("a", "2026-10-02", "-", ""), ("b", "2026-11-02", "X-1", ""))
    assert made(example, rows) == {"b/2026-11": ["X-1", "-", "1"]}


def test_a_draw_of_this_workspace_stands_for_its_visits(example: Plan) -> None:
    november = Earlier(draw_id="X-1", period="2026-11", pi_e12={"a": 5, "b": 7, "d": 9}, drawn=frozenset("b"))
    rows = visits(("b", "2026-12-03", "X-1", "0.5"), ("b", "2026-10-03", "Y-7", "0.25"))
    assert made(example, rows, november) == {
        "a/2026-11": ["X-1", "5", "0"],
        "b/2026-11": ["X-1", "7", "1"],
        "b/2026-10": ["Y-7", str(E12 // 4), "1"],
    }


def test_a_draw_made_elsewhere_in_the_same_month_is_not_forgotten(example: Plan) -> None:
    november = Earlier(draw_id="X-1", period="2026-11", pi_e12={"b": 7}, drawn=frozenset())
    assert made(example, visits(("b", "2026-11-03", "Y-7", "0.25")), november) == {
        "b/2026-11": ["Y-7", str(E12 // 4), "1"]
    }


def test_two_draws_of_a_month_count_together() -> None:
    def of(draw_id: str, **pi: int) -> Earlier:
        return Earlier(draw_id=draw_id, period="2026-11", pi_e12=pi, drawn=frozenset(k for k in pi if k in "bc"))

    found = dict(by_month([of("X-2", a=E12 // 2, c=E12), of("X-1", a=E12 // 4, b=3, cold=0)]))
    assert found == {
        "a/2026-11": ("X-1", E12 * 5 // 8, False),
        "b/2026-11": ("X-1", 3, True),
        "c/2026-11": ("X-2", E12, True),
    }


def test_a_visit_for_several_items_counts_for_each() -> None:
    table = Table(
        {
            "object_id": ["a", "a", "a"],
            "date": ["2026-03-01", "2026-05-01", "2025-12-31"],
            "item": ["G,W", "G", "G"],
            "draw_id": ["-", "X-1", "-"],
        }
    )
    assert plans._visits(table, "2026", {}, frozenset({"X-1"})) == {("a", "G"): 1, ("a", "W"): 1}
    assert plans._visits(table, "2026", {"a": "o", "b": "o"})["o", "G"] == 2
    assert plans._visits(table, "2026", {}) == {("a", "G"): 2, ("a", "W"): 1}
    assert plans._visits(table, "2025", {}) == {("a", "G"): 1}


def sources(units: int, drawn: dict[int, str]) -> draw.Sources:
    ids = [f"u{k:03d}" for k in range(units)]
    columns = ("object_id", "owner_id", "object_type", "district", "industry", "tags", "status")
    objects = from_rows(columns, [(i, "", "enterprise", "990101", "", "", "存续") for i in ids])
    history = from_rows(
        ("key", "draw_id", "pi_e12", "drawn"), [(f"u{k:03d}/{m}", "X-1", str(E12 // 10), "1") for k, m in drawn.items()]
    )
    empty = from_rows(("x",), [])
    scores = "object_id,risk_ppm\n" + "".join(f"{i},500000\n" for i in ids)
    return draw.Sources(
        registry=frame.Registry(objects=objects, classes=dict.fromkeys(ids, "C"), visits={}),
        history=history, items=empty, roster=empty, recusals=empty, scores=scores.encode(),
    )  # fmt: skip


def test_the_refusal_names_the_longest_cooldown(example: Plan) -> None:
    plan = with_cooldown(example, C=6)
    months = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]
    drawn = {k: months[k // 2] for k in range(12)}  # two a month of twenty: ten per cent
    with pytest.raises(PlanError) as caught:
        draw.commit(plan, sources(19, drawn), bytes(32), "X-2026-0001")
    error = caught.value.problem
    assert error.code == "SIZE_COOLDOWN"
    assert error.found == "g=6 longest=5"
    assert "C.enterprise.990101" in error.message
    assert re.search("本月最长可定 5 个月", error.hint)
    sealed = draw.commit(with_cooldown(example, C=5), sources(19, drawn), bytes(32), "X-2026-0001")
    assert b"C.enterprise.990101/0\t10\t0\t0\t0\n" in sealed.files["levels.tsv"]


def test_no_cooldown_at_all_is_said_so(example: Plan) -> None:
    with pytest.raises(PlanError) as caught:
        draw.commit(
            with_cooldown(example, C=2), sources(15, dict.fromkeys(range(12), "2026-11")), bytes(32), "X-2026-0001"
        )
    assert caught.value.problem.found == "g=2 longest=0"
    assert "不能定轮休期" in caught.value.problem.hint
