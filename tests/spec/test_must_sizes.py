"""draw.md 4 to 7, sentence by sentence: ratios, totals, strata, cooling, weights, targets, levels."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import allocation, draw, tables
from sampler.errors import SamplerError
from sampler.plan import Plan
from sampler.records import TABLE_COLUMNS
from tests.spec.musts import golden, rows, statuses, table
from tests.vectorgen.allocation import BAD_RATIOS

CELLS = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["e", "i"]), st.sampled_from(["01", "02", "03", "04"])),
    st.integers(1, 80),
    min_size=1,
)


def code(call: Any, *args: Any, **kw: Any) -> str:
    with pytest.raises(SamplerError) as caught:
        call(*args, **kw)
    return caught.value.code


def strata_or_none(cells: Any, total: int) -> list[allocation.Stratum] | None:
    try:
        return allocation.strata({"c": cells}, {"c": total})
    except SamplerError as e:
        assert e.code == "STRATUM_ZERO"  # noqa: PT017 - the only refusal these inputs allow
        return None


@pytest.mark.parametrize("text", [text for _, text in BAD_RATIOS])
def test_ratios(text: str) -> None:
    """A program MUST refuse any other text (`RATIO_SYNTAX`) and a ratio above 100 % (`RATIO_ABOVE_ONE`)."""
    assert code(allocation.parse_ratio, text) == "RATIO_SYNTAX"
    for above in ("100.0001%", ">=101%", "<=1000.1‰"):
        assert code(allocation.parse_ratio, above) == "RATIO_ABOVE_ONE"


@given(CELLS, st.sampled_from(["10%", "12.5%", "33.3333%", ">=3%", "<=70%", "250‰"]))
def test_one_rounding(cells: Any, text: str) -> None:
    """A total MUST be rounded once for the whole clause, never by class, type or district."""
    whole = sum(cells.values())
    ratio = allocation.parse_ratio(text)
    share = Fraction(ratio.num, ratio.den) * whole
    total = allocation.clause_total(ratio, whole)
    assert (
        total == {"up": -floor(-share), "down": floor(share), "half-up": floor(share + Fraction(1, 2))}[ratio.rounding]
    )
    found = strata_or_none(cells, total) if total else None
    if found is not None:
        assert sum(s.n for s in found) == total
        assert all(abs(s.n - Fraction(total * s.n_frame, whole)) < 1 for s in found)


def test_one_rounding_of_forty_strata() -> None:
    cells = {("A", "e", f"{k:02d}"): 284 for k in range(40)}
    total = allocation.clause_total(allocation.parse_ratio("10%"), 40 * 284)
    assert total == 1136  # 28.4 rounded up forty times would be 1,160
    assert Counter(s.n for s in allocation.strata({"c": cells}, {"c": total})) == {28: 24, 29: 16}


@pytest.mark.parametrize(
    ("text", "units", "drawn", "batches"),
    [
        ("0%", 9, 0, 0),
        ("1%", 49, 0, 0),
        ("<=2‰", 499, 0, 0),
        ("10%", 101, 10, 3),
        ("10%", 101, 99, 1),
        ("10%", 101, 11, 4),
    ],
)
def test_totals(text: str, units: int, drawn: int, batches: int) -> None:
    """A program MUST refuse a total below 1 (`CLAUSE_ZERO`) or above N_c (`CLAUSE_ABOVE`)."""
    total = allocation.clause_total(allocation.parse_ratio(text), units, drawn=drawn, batches_left=batches)
    cells = {("A", "e", "1"): units}
    assert code(allocation.strata, {"c": cells}, {"c": total}) == "CLAUSE_ZERO"
    assert code(allocation.strata, {"c": cells}, {"c": units + 1}) == "CLAUSE_ABOVE"
    assert allocation.strata({"c": cells}, {"c": units})[0].n == units


@given(st.dictionaries(st.sampled_from("cd"), CELLS, min_size=1), st.integers(1, 30))
def test_merges_stay_inside(clauses: Any, total: int) -> None:
    """Members MUST NOT be joined across clauses, classes or types."""
    own = {name: {(name, *cell[1:]): n for cell, n in cells.items()} for name, cells in clauses.items()}
    totals = {name: min(total, sum(cells.values())) for name, cells in own.items()}
    try:
        found = allocation.strata(own, totals)
    except SamplerError as e:
        assert e.code == "STRATUM_ZERO"  # noqa: PT017 - the only refusal these inputs allow
        return
    for stratum in found:
        assert {cell[:2] for cell in stratum.cells} == {stratum.cells[0][:2]}
        assert set(stratum.cells) <= set(own[stratum.clause])
        districts = sorted(cell[2] for name in own for cell in own[name] if cell[:2] == stratum.cells[0][:2])
        mine = [cell[2] for cell in stratum.cells]
        at = districts.index(mine[0])
        assert districts[at : at + len(mine)] == mine  # neighbours only
        assert stratum.id == ".".join((*stratum.cells[0][:2], mine[0]))


@pytest.mark.parametrize("lone", [1, 4, 5])
def test_strata_of_nobody(lone: int) -> None:
    """A program MUST refuse a stratum of size 0 (`STRATUM_ZERO`) and two strata of one id (`STRATUM_ID`)."""
    cells = {("A", "e", "1"): 95, ("A", "rare", "1"): lone}
    assert code(allocation.strata, {"c": cells}, {"c": 5}) == "STRATUM_ZERO"
    twins = {("A", "x", "y.1"): 50, ("A", "x.y", "1"): 50}
    assert code(allocation.strata, {"c": twins}, {"c": 20}) == "STRATUM_ID"
    assert (
        code(allocation.strata, {"c": {("A", "e", "1"): 9}, "d": {("A", "e", "1"): 9}}, {"c": 1, "d": 1})
        == "STRATUM_ID"
    )


def test_cooling_units() -> None:
    """A cooling unit MUST NOT be drawn and MUST stay in the frame, with level `0`."""
    head, *body = rows("frame.tsv")
    cooling = [row for row in body if row[8] == "0"]
    assert cooling
    for at, row in enumerate(body):
        if row in cooling:
            assert statuses(frame_tsv=table([head, *body[:at], *body[at + 1 :]]))["probabilities"] == "fail"
            for level in ("1", "T"):
                changed = [*body[:at], [*row[:8], level, row[9]], *body[at + 1 :]]
                assert statuses(frame_tsv=table([head, *changed]))["probabilities"] == "fail"
    plan: Plan = Plan.parse(golden()["plan.json"])
    frame, strata, levels = (
        tables.decode(golden()[n], TABLE_COLUMNS[n]) for n in ("frame.tsv", "strata.tsv", "levels.tsv")
    )
    names = {row[0] for row in cooling}
    for n in range(60):
        chosen = draw.select(plan, frame, strata, levels, n.to_bytes(32, "big"))
        assert names.isdisjoint(c.object_id for c in (*chosen.drawn, *chosen.reserves))


@pytest.mark.parametrize("eligible", range(1, 14))
def test_sizes_fit(eligible: int) -> None:
    """A program MUST refuse a size n above eligible // 4 in a cool-down stratum (`SIZE_COOLDOWN`), and above eligible
    elsewhere (`SIZE_FRAME`)."""
    weights = list(range(1, eligible + 1))
    for n in range(1, 16):
        for cooldown, most, want in [(True, eligible // 4, "SIZE_COOLDOWN"), (False, eligible, "SIZE_FRAME")]:
            if n > most:
                assert code(allocation.levels, weights, n, cooldown=cooldown) == want
            else:
                found = allocation.levels(weights, n, cooldown=cooldown)
                assert found.m + found.take_all == n
                assert not cooldown or max(found.target_e12.values()) <= 250_000_000_000


@pytest.mark.parametrize("gamma", [1, 2, 3])
@pytest.mark.parametrize("risks", [range(1, 1101), range(0, 10**6, 333), [*range(3000), 10**6]])
def test_at_most_1024_weights(risks: Any, gamma: int) -> None:
    """There MUST NOT be more than 1,024 distinct weights in a stratum."""
    total = sum(r**gamma for r in risks)
    full = [max(1, 2**32 * (total + 4 * len(risks) * r**gamma) // (5 * total)) for r in risks]
    found = allocation.weights(list(risks), 1, 5, gamma)
    assert len(set(found)) <= 1024 or len(set(full)) <= 1024
    assert all(short <= w < 2 * short for short, w in zip(found, full, strict=True))
    assert found == sorted(found)  # the order of the risks, which increase, is kept


@pytest.mark.parametrize(
    ("risks", "a", "b", "gamma", "want"),
    [
        ([1], 6, 5, 2, "FLOOR_RANGE"), ([1], -1, 5, 2, "FLOOR_RANGE"), ([1], 0, 0, 2, "FLOOR_RANGE"), ([1], 1, 5, 4, "FLOOR_RANGE"),
        ([1], 1, 5, -1, "FLOOR_RANGE"), ([-1], 1, 5, 2, "RISK_RANGE"), ([10**6 + 1], 1, 5, 2, "RISK_RANGE"), ([2**60], 1, 1, 0, "RISK_RANGE"),
    ],
)  # fmt: skip
def test_weights_input(risks: list[int], a: int, b: int, gamma: int, want: str) -> None:
    """A program MUST refuse a floor outside 0..1 or another gamma (`FLOOR_RANGE`), and a risk outside 0 .. 10^6
    (`RISK_RANGE`)."""
    assert code(allocation.weights, risks, a, b, gamma) == want


@given(st.lists(st.integers(1, 50) | st.integers(10**14, 10**14 + 9), min_size=2, max_size=30), st.integers(1, 29))
def test_levels_are_targets(weights: list[int], n: int) -> None:
    """Units of one stratum MUST share a level exactly when their target_e12 is equal."""
    found = allocation.levels(weights, min(n, len(weights)), cooldown=False)
    assert len(set(found.target_e12.values())) == len(found.target_e12)
    assert list(found.target_e12) == [str(k) for k in range(1, len(found.target_e12) + 1)]
    assert sorted(found.target_e12.values()) == list(found.target_e12.values())
    assert Counter(x for x in found.level_of if x != "T") == found.count
    total = sum(w for w, level in zip(weights, found.level_of, strict=True) if level != "T")
    for w, level in zip(weights, found.level_of, strict=True):
        if level != "T":
            assert found.target_e12[level] == allocation.round_e12(Fraction(found.m * w, total))


@pytest.mark.parametrize(
    ("path", "columns"), [("strata.tsv", range(1, 7)), ("levels.tsv", range(1, 3)), ("frame.tsv", (2, 3, 4, 7, 8))]
)
def test_tables_are_derived(path: str, columns: Any) -> None:
    """A verifier MUST derive strata, sizes, levels, counts and targets from plan, frame, scores and history, and refuse
    tables that say otherwise."""
    head, *body = rows(path)
    for at in range(0, len(body), 3):
        for column in columns:
            value = body[at][column]
            other = (
                str(int(value) + 1)
                if value.isdigit() and path != "frame.tsv"
                else {"B": "C", "C": "B"}.get(value, "other")
            )
            changed = [*body[:at], [*body[at][:column], other, *body[at][column + 1 :]], *body[at + 1 :]]
            kept = (
                {"frame_tsv": table([head, *changed])}
                if path == "frame.tsv"
                else {path.replace(".tsv", "_tsv"): table([head, *changed])}
            )
            assert statuses(**kept)["probabilities"] in {"fail", "na"}, (at, column)


def test_inputs_of_the_derivation_count() -> None:
    plan = json.loads(golden()["plan.json"])
    plan["risk"]["gamma"] = 1
    history = rows("history.tsv")
    assert (
        statuses(plan_json=json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())[
            "probabilities"
        ]
        == "fail"
    )
    assert statuses(history_tsv=table(history[:1]))["probabilities"] == "fail"
    assert statuses(scores_csv=golden()["scores.csv"].replace(b",450000\n", b",460000\n"))["probabilities"] == "fail"
