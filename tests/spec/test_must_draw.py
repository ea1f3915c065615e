"""draw.md 8 to 10, sentence by sentence: L and pi, selection, weights for inference."""

from __future__ import annotations

import json
from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler import draw, probability, tables, ticket, weights
from sampler.errors import DrawError, SamplerError
from sampler.estimate import drawn as estimating
from sampler.plan import Plan
from sampler.probability import fixed_point, pareto
from sampler.records import TABLE_COLUMNS
from sampler.select import exact, fast
from sampler.verify import verify
from tests.spec.musts import golden, rows, statuses, table
from tests.vectors_program import check, order

K = ticket.object_key(bytes(32))
TOP = 2**32
E12 = 10**12
GOOD = {
    "m": 2,
    "levels": [
        {"count": 1, "L": 1464649380, "target_e12": 331730769029, "pi_e12": 331730769121},
        {"count": 2, "L": 2047899618, "target_e12": 475961538574, "pi_e12": 475961538585},
        {"count": 1, "L": 3029485976, "target_e12": 716346153822, "pi_e12": 716346153708},
    ],
}


def code(call: Any, *args: Any) -> str:
    with pytest.raises(SamplerError) as caught:
        call(*args)
    return caught.value.code


def with_level(at: int, **fields: int) -> dict[str, Any]:
    given_ = deepcopy(GOOD)
    given_["levels"][at].update(fields)  # type: ignore[index]  # a list of levels
    return given_


def test_l_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program MUST NOT compute L anew when it replays a draw."""

    def never(*_: Any) -> None:
        raise AssertionError("L was computed")

    monkeypatch.setattr(probability, "solve", never)
    monkeypatch.setattr(fixed_point, "solve", never)
    assert "fail" not in statuses().values()
    plan: Plan = Plan.parse(golden()["plan.json"])
    frame, strata, levels = (
        tables.decode(golden()[n], TABLE_COLUMNS[n]) for n in ("frame.tsv", "strata.tsv", "levels.tsv")
    )
    other = [str(int(x) - 1) if x not in ("0", str(TOP)) else x for x in levels["L"]]
    seed = bytes(32)
    sealed = draw.select(plan, frame, strata, levels, seed).tau
    moved = draw.select(plan, frame, strata, tables.Table({**levels.columns, "L": other}), seed).tau
    assert sealed != moved  # what is sealed is what is drawn with


def test_l_in_range() -> None:
    """A verifier MUST refuse an L outside 1 .. 2^32 - 1, and other numbers in the levels `0` and `T` than those of the
    table."""
    head, *body = rows("levels.tsv")
    kinds = set()
    for at, row in enumerate(body):
        level = row[0].rsplit("/")[1]
        kinds.add(level if level in "0T" else "numbered")
        columns = (2, 3, 4) if level in "0T" else (3,)
        for column in columns:
            for text in ("0", str(TOP), str(TOP + 1), "1"):
                if text != row[column] and (level in "0T" or text != "1"):
                    changed = [*body[:at], [*row[:column], text, *row[column + 1 :]], *body[at + 1 :]]
                    assert statuses(levels_tsv=table([head, *changed]))["probabilities"] == "fail", (row, column, text)
    assert kinds == {"0", "T", "numbered"}


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("step", [-1000, -3, 3, 10])
def test_pi_is_that_of_l(at: int, step: int) -> None:
    """A verifier MUST refuse a level with `|10^12 pi - pi_e12| > 2`."""
    pi = GOOD["levels"][at]["pi_e12"]  # type: ignore[index]  # a list of levels
    assert code(check, with_level(at, pi_e12=pi + step)) == "VERIFY_FAILED"
    assert check(with_level(at, pi_e12=pi + (1 if step > 0 else -1)))


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("sign", [-1, 1])
def test_pi_meets_the_target(at: int, sign: int) -> None:
    """A verifier MUST refuse a level with `|10^12 pi - target_e12| > 1000 + target_e12 / 10^6`, or the same with pi_e12
    in place of 10^12 pi."""
    pi = GOOD["levels"][at]["pi_e12"]  # type: ignore[index]  # a list of levels
    room = 1000 + pi // 10**6
    assert check(with_level(at, target_e12=pi + sign * (room - 5)))
    assert code(check, with_level(at, target_e12=pi + sign * (room + 5))) == "VERIFY_FAILED"


@pytest.mark.parametrize(("count", "m"), [(10, 3), (3, 1), (2, 1), (9, 8)])
def test_single_level(count: int, m: int) -> None:
    """The L of a stratum with one numbered level MUST be `(2^33 m + N) // (2 N)`, brought into 1 .. 2^32 - 1."""
    pi = (2 * E12 * m + count) // (2 * count)
    right = (2**33 * m + count) // (2 * count)
    level = {"count": count, "L": right, "target_e12": pi, "pi_e12": pi}
    assert check({"m": m, "levels": [level]})
    for wrong in (right - 1, right + 1, 1, TOP - 1):
        assert code(check, {"m": m, "levels": [level | {"L": wrong}]}) == "VERIFY_FAILED"
    assert fixed_point._single(2**34, 1) == 1
    assert fixed_point._single(2**34, 2**34 - 1) == TOP - 1


def test_without_numbers_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that cannot compute pi MUST say so, and MUST NOT call the draw proved."""
    monkeypatch.setattr("sampler.verify.steps_frame._probability", lambda: None)
    report = verify(golden().__getitem__, tuple(golden()))
    step = next(s for s in report.steps if s.id == "probabilities")
    assert step.status == "na"
    assert "未重算" in step.meaning
    assert any("没有重算" in line for line in report.not_proved)


@pytest.mark.parametrize(
    ("targets", "counts", "m"),
    [
        ([10**10, 99 * 10**10], [1, 1], 1),
        ([10**9, 999 * 10**9], [1, 1], 1),
        ([10**6, E12 - 10**6], [1, 1], 1),
        ([10**9, 5 * 10**11], [500, 3], 2),
    ],
)
def test_the_search_ends(targets: list[int], counts: list[int], m: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program MUST end after at most 200 steps, with L that pass 8.3 or with an error (`PI_NO_FIXED_POINT`,
    `PI_TARGET`)."""
    steps: list[int] = []

    def counted(*args: Any) -> Any:
        steps.append(1)
        return pareto.evaluate(*args)

    monkeypatch.setattr(fixed_point, "evaluate", counted)
    try:
        found, pi = fixed_point.solve(targets, counts, m)
    except DrawError as e:
        assert e.code in {"PI_NO_FIXED_POINT", "PI_TARGET"}  # noqa: PT017 - the sentence names both ends
    else:
        levels = [
            dict(zip(("count", "L", "target_e12", "pi_e12"), row, strict=True))
            for row in zip(counts, found, targets, pi, strict=True)
        ]
        assert check({"m": m, "levels": levels})
    assert len(steps) <= 200
    monkeypatch.setattr(fixed_point, "STEPS", 0)
    assert code(fixed_point.solve, targets, counts, m) == "PI_NO_FIXED_POINT"


def unit(name: str, h: int, parameter: int) -> dict[str, Any]:
    return {"id": name, "h": f"{h:064x}", "L": parameter}


@given(st.integers(0, 2**256 - 2), st.integers(1, TOP - 1), st.sampled_from([1, 2, 2**64, 2**150]))
def test_keys_are_exact(h: int, parameter: int, step: int) -> None:
    """Keys MUST be compared exactly, by cross multiplication or what cannot differ from it."""
    h = min(h, 2**256 - 1 - step)
    near = [unit("b", h, parameter), unit("a", h + step, parameter)]
    assert order({"units": near}) == ["b", "a"]
    if parameter < TOP - 1:
        assert order({"units": [unit("a", h, parameter), unit("b", h, parameter + 1)]}) == ["b", "a"]
    one, two = exact.Key(h, parameter, "b"), exact.Key(h + step, parameter, "a")
    assert Fraction(one.num, one.den) < Fraction(two.num, two.den)


@given(
    st.permutations(["10", "9", "Z", "a", "_", "a-", "a.", "A", "z" * 64]),
    st.integers(0, 2**256 - 1),
    st.integers(1, TOP - 1),
)
def test_ties_by_id(names: list[str], h: int, parameter: int) -> None:
    """Units with equal keys MUST be ordered by the bytes of their ids."""
    assert order({"units": [unit(name, h, parameter) for name in names]}) == sorted(names, key=str.encode)


@pytest.mark.parametrize(
    ("units", "m", "want"),
    [
        ([("a", 0), ("b", 5)], 1, "SELECT_L"), ([("a", TOP), ("b", 5)], 1, "SELECT_L"), ([("a", -1)], 1, "SELECT_L"), ([("a", 2**70)], 1, "SELECT_L"),
        ([("a", 5), ("a", 5)], 1, "SELECT_DUPLICATE"), ([("a", 5), ("b", 5), ("a", 6)], 1, "SELECT_DUPLICATE"),
        ([("a", 5)], 2, "SELECT_SIZE"), ([("a", 5)], -1, "SELECT_SIZE"), ([], 1, "SELECT_SIZE"),
    ],
)  # fmt: skip
def test_selection_input(units: list[tuple[str, int]], m: int, want: str) -> None:
    """A program MUST refuse units with an L outside 1 .. 2^32 - 1 (`SELECT_L`), an id that stands twice
    (`SELECT_DUPLICATE`), and an m outside 0 .. number of units (`SELECT_SIZE`)."""
    assert code(exact.choose, units, K, m, 0) == want
    assert code(fast.choose_fast, [u for u, _ in units], [x for _, x in units], K, m, 0) == want


def test_lists_follow() -> None:
    """A verifier MUST refuse a draw whose drawn objects, reserves, strata, ranks or tau differ in anything from this
    section."""
    right = json.loads(golden()["draw.json"])
    forged: list[dict[str, Any]] = []
    for name in ("drawn", "reserves"):
        for at in range(len(right[name])):
            for change in ({"rank": right[name][at]["rank"] + 1}, {"stratum": "A.x.1"}, {"object_id": "stranger"}):
                forged.append(deepcopy(right))
                forged[-1][name][at].update(change)
            forged.append(deepcopy(right))
            del forged[-1][name][at]
    swapped = deepcopy(right)
    swapped["drawn"], swapped["reserves"] = right["reserves"], right["drawn"]
    for value in (*forged, swapped):
        data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
        assert statuses(draw_json=data)["selection"] in {"fail", "na"}
    head, *body = rows("tau.tsv")
    for at, row in enumerate(body):
        less = [*body[:at], *body[at + 1 :]]
        other = [*body[:at], [row[0], row[1], str(int(row[2]) + 1)], *body[at + 1 :]]
        for changed in (less, other):
            assert statuses(tau_tsv=table([head, *changed]))["selection"] == "fail"


def history(*found: tuple[str, str, str]) -> tables.Table:
    rows_ = [(key, "X-2026-0001", pi, drawn) for key, pi, drawn in found]
    return tables.from_rows(TABLE_COLUMNS["history.tsv"], rows_)


@pytest.mark.parametrize("ago", range(1, 13))
def test_nobody_twice(ago: int) -> None:
    """A drawn unit that history has drawn within its g months MUST be refused (`WEIGHT_COOLING`)."""
    month = f"2025-{13 - ago:02d}"
    known = history((f"e/{month}", "5", "1"), (f"f/{month}", "5", "0"))
    assert code(weights.past, known, "2026-01", {"e": ago}) == "WEIGHT_COOLING"
    assert weights.past(known, "2026-01", {"e": ago - 1}) == {"e": []}


def test_w_needs_its_history() -> None:
    """A program MUST refuse W when a month of its window is incomplete or a probability it needs is unknown
    (`WEIGHT_UNKNOWN`), and when one is 1 (`WEIGHT_CERTAIN`)."""
    assert code(weights.past, history(("f/2025-12", "5", "1")), "2026-01", {"e": 1}) == "WEIGHT_UNKNOWN"
    assert weights.past(history(("f/2025-12", "5", "1")), "2026-01", {"e": 0}) == {"e": []}
    assert code(weights.past, history(("e/2025-12", "-", "0")), "2026-01", {"e": 1}) == "WEIGHT_UNKNOWN"
    for at in range(3):
        assert code(weights.W, 5, [7] * at + [E12] + [7] * (2 - at)) == "WEIGHT_CERTAIN"


def test_nothing_for_what_is_never_drawn() -> None:
    """A program MUST NOT weigh a unit with L = 0 or pi = 0 (`WEIGHT_INPUT`)."""
    assert code(weights.rc_weight, 0, None) == code(weights.rc_weight, 0, (5, 5)) == "WEIGHT_INPUT"
    assert code(weights.design_weight, 0) == code(weights.W, 0, []) == "WEIGHT_INPUT"


def test_rates_use_w() -> None:
    """Rates that claim to speak for the whole frame of a month or year MUST use W."""
    files = dict(golden())
    plan = json.loads(files["plan.json"])
    g = {c["class"]: c["months"] for c in plan["cooldown"]}
    chosen = {c["object_id"] for c in json.loads(files["draw.json"])["drawn"]}
    cools = [row for row in rows("frame.tsv")[1:] if row[0] in chosen and g.get(row[2]) and row[8] != "T"]
    assert cools
    head, *body = rows("history.tsv")
    whole = estimating.read(files)
    levels = {key: int(pi) for key, _, _, _, pi in rows("levels.tsv")[1:]}
    for row in cools:
        past = [int(pi) for key, _, pi, _ in body if key.split("/")[0] == row[0]][-g[row[2]] :]
        assert past
        assert whole.weight[whole.ids.index(row[0])] == weights.W(levels[f"{row[7]}/{row[8]}"], past)
    assert whole.cooling == 0
    unknown = [[key, d, "-" if x == "0" else pi, x] for key, d, pi, x in body]
    files["history.tsv"] = table([head, *unknown])
    assert estimating.read(files).cooling > 0  # without W the rate says that it leaves cooling objects out
