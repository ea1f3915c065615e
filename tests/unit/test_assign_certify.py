"""Every way to forge an assignment has a name (docs/spec/assignment.md, section 10)."""

from __future__ import annotations

import copy
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sampler.assign import arrays
from sampler.assign.blocks import build
from sampler.assign.certify import check
from sampler.assign.flow import cheapest, feasible
from sampler.assign.model import VACANCY, parse_rules
from sampler.assign.residual import both, canonical, is_anchored, is_unique, tickets, tight
from sampler.assign.solve import cheapest as cheapest_at_scale
from sampler.assign.solve import solve, solve_block
from sampler.errors import DrawError
from sampler.ticket import assign_key, assign_ticket
from tests.property.test_assign_twin import SEED, Case, batch, coarse, officer, plan, target

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]

CREW = [officer(f"i{n}", *(["lead"] if n < 3 else []), district="A", load=4) for n in range(6)]
CASE = Case(
    plan([("a", 1, ["lead"]), ("b", 1, [])], [(0, 0), (1, 1)]),
    [target(f"E{n}") for n in range(7)] + [target("Z9", district="B")],
    [*CREW, officer("i8", district="B"), officer("i9", "lead", district="C")],
    frozenset({("i0", "object", "E0"), ("i3", "owner", "E1")}),
)
GOOD = CASE.solve()
FREE = replace(CASE, plan=plan([("a", 1, ["lead"]), ("b", 1, [])], []))


def refused(record: Record, case: Case = CASE) -> str:
    with pytest.raises(DrawError) as e:
        case.check(record)
    assert e.value.problem.place.file == "assignment.json"
    assert e.value.problem.place.column
    assert e.value.exit_code == 1
    return e.value.code


def forged(edit: Callable[[Record], object]) -> Record:
    record = copy.deepcopy(GOOD)
    edit(record)
    assert record != GOOD
    return record


def team(record: Record, object_id: str) -> Record:
    return next(t for t in record["teams"] if t["object_id"] == object_id)


def test_the_true_record_is_accepted() -> None:
    CASE.check(GOOD)
    main, alone = GOOD["blocks"]
    assert (main["block"], main["rung"], main["vacancies"]) == ("E0", "r0", 0)
    assert (alone["block"], alone["rung"], alone["vacancies"]) == ("Z9", "vacancy", 1)
    assert team(GOOD, "Z9")["vacant"] == [{"group": "a", "count": 1}]
    assert "i:i9" not in main["potentials"]


# ---------------------------------------------------------------- teams


@pytest.mark.parametrize(
    ("code", "edit"),
    [
        ("ASSIGN_TEAM", lambda r: r["teams"].pop()),
        ("ASSIGN_TEAM", lambda r: r["teams"].pop(0)),
        ("ASSIGN_TEAM", lambda r: r["teams"].append({**r["teams"][0], "object_id": "E7"})),
        ("ASSIGN_TEAM", lambda r: r["teams"].insert(0, r["teams"][0])),
        ("ASSIGN_TEAM", lambda r: r["teams"].clear()),
        ("ASSIGN_ORDER", lambda r: r["teams"].reverse()),
        ("ASSIGN_ORDER", lambda r: r["teams"][0]["members"].reverse()),
        ("ASSIGN_TEMPLATE", lambda r: r["teams"][0].update(template="other")),
        ("ASSIGN_BANS", lambda r: r["bans"].append({"object_id": "E0", "inspector_id": "i1"})),
        ("ASSIGN_COUNT", lambda r: r["teams"][0]["members"].pop()),
        ("ASSIGN_COUNT", lambda r: r["teams"][0]["members"][1].update(group="z")),
        ("ASSIGN_COUNT", lambda r: team(r, "Z9")["vacant"].clear()),
        ("ASSIGN_COUNT", lambda r: team(r, "Z9")["vacant"][0].update(count=2)),
        ("ASSIGN_VACANCY", lambda r: r["teams"][0]["vacant"].append({"group": "a", "count": 0})),
        ("ASSIGN_VACANCY", lambda r: r["teams"][0]["vacant"].append({"group": "z", "count": 1})),
        ("ASSIGN_ORDER", lambda r: team(r, "Z9")["vacant"].append({"group": "a", "count": 1})),
        ("ASSIGN_TWICE", lambda r: twice(r["teams"][0])),
    ],
)
def test_teams_must_be_those_of_the_draw(code: str, edit: Callable[[Record], object]) -> None:
    assert refused(forged(edit)) == code


def twice(entry: Record) -> None:
    entry["members"][1]["inspector_id"] = entry["members"][0]["inspector_id"]


@pytest.mark.parametrize(
    ("object_id", "place", "who", "why"),
    [
        ("E0", 0, "i0", "recusal"),
        ("E1", 1, "i3", "recusal"),
        ("E2", 0, "i4", "needs"),
        ("E2", 1, "i9", "jurisdiction"),
        ("E2", 1, "nobody", "unknown"),
    ],
)
def test_an_ineligible_officer_is_refused_with_the_reason(object_id: str, place: int, who: str, why: str) -> None:
    record = forged(lambda r: team(r, object_id)["members"][place].update(inspector_id=who))
    with pytest.raises(DrawError, match=why) as e:
        CASE.check(record)
    assert (e.value.code, e.value.problem.found) == ("ASSIGN_INELIGIBLE", who)


# ---------------------------------------------------------------- blocks


@pytest.mark.parametrize(
    ("code", "edit"),
    [
        ("ASSIGN_BLOCKS", lambda r: r["blocks"].pop()),
        ("ASSIGN_BLOCKS", lambda r: r["blocks"].reverse()),
        ("ASSIGN_BLOCKS", lambda r: r["blocks"][0].update(block="E1")),
        ("ASSIGN_BLOCKS", lambda r: r["blocks"].append(r["blocks"][1])),
        ("ASSIGN_RUNG", lambda r: r["blocks"][0].update(rung="r7")),
        ("ASSIGN_RUNG", lambda r: r["blocks"][0].update(rung="")),
        ("ASSIGN_ROUND", lambda r: r["blocks"][0].update(round=8)),
        ("ASSIGN_VACANCY", lambda r: r["blocks"][0].update(vacancies=1)),
        ("ASSIGN_VACANCY", lambda r: r["blocks"][1].update(vacancies=0)),
        ("ASSIGN_VACANCY", lambda r: r["blocks"][1].update(rung="r1")),
        ("ASSIGN_COST", lambda r: r["blocks"][0].update(cost=str(int(r["blocks"][0]["cost"]) + 1))),
        ("ASSIGN_COST", lambda r: r["blocks"][0].update(cost="0" + r["blocks"][0]["cost"])),
        ("ASSIGN_COST", lambda r: r["blocks"][0].update(cost="-" + r["blocks"][0]["cost"])),
        ("ASSIGN_COST", lambda r: r["blocks"][0].update(round=1)),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].pop("hub")),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].pop("g:E6:b")),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update({"p:i0:E1": "0"})),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update({"i:i9": "0"})),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update(hub="-0")),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update(hub="+1")),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update(hub="９")),
        ("ASSIGN_POTENTIALS", lambda r: r["blocks"][0]["potentials"].update(hub="-" + "9" * 5000)),
        ("ASSIGN_POTENTIALS", lambda r: shift(r["blocks"][0], -1)),
        ("ASSIGN_POTENTIALS", lambda r: shift(r["blocks"][0], 1)),
        (
            "ASSIGN_POTENTIALS",
            lambda r: r["blocks"][0].update(potentials=dict.fromkeys(r["blocks"][0]["potentials"], "0")),
        ),
    ],
)
def test_blocks_must_be_those_of_the_seal_and_the_seed(code: str, edit: Callable[[Record], object]) -> None:
    assert refused(forged(edit)) == code


def shift(block: Record, by: int) -> None:
    block["potentials"] = {n: str(int(p) + by) for n, p in block["potentials"].items()}


@pytest.mark.parametrize("node", list(GOOD["blocks"][0]["potentials"]))
@pytest.mark.parametrize("by", [-(2**50), -1, 1, 2**50])
def test_no_single_potential_can_be_moved(node: str, by: int) -> None:
    potentials = GOOD["blocks"][0]["potentials"]
    record = forged(lambda r: r["blocks"][0]["potentials"].update({node: str(int(potentials[node]) + by)}))
    assert refused(record) == "ASSIGN_POTENTIALS"


def test_a_lawful_but_dearer_assignment_is_refused() -> None:
    """Exchange the seconds of two teams and mend cost and potentials as far as that goes."""
    record = copy.deepcopy(GOOD)
    one, two = (team(record, e)["members"][1] for e in ("E4", "E5"))
    if one == two:
        one, two = (team(record, e)["members"][1] for e in ("E3", "E5"))
    one["inspector_id"], two["inspector_id"] = two["inspector_id"], one["inspector_id"]
    assert refused(record) == "ASSIGN_COST"
    (block, _) = build(parse_rules(CASE.plan), CASE.targets, CASE.officers, CASE.recusals)
    costs = dict(zip(block.arcs, tickets(block, SEED, 0), strict=True))
    total = sum(
        costs[block.officers.index(m["inspector_id"]), block.groups.index((t["object_id"], m["group"]))]
        for t in record["teams"][:-1]
        for m in t["members"]
    )
    record["blocks"][0]["cost"] = str(total)
    assert total > int(GOOD["blocks"][0]["cost"])
    assert refused(record) == "ASSIGN_POTENTIALS"


def test_loads_outside_the_rung_are_refused() -> None:
    """14 places and 6 officers: 2 or 3 visits each; the free rung lets one stay at home."""
    record = FREE.solve()
    record["blocks"][0]["rung"] = "r0"
    served = [m["inspector_id"] for t in record["teams"] for m in t["members"]]
    assert min(served.count(o.inspector_id) for o in CREW) < 2
    assert refused(record) == "ASSIGN_LOAD"


def test_a_later_rung_than_needed_is_refused() -> None:
    record = FREE.solve()
    assert refused(record) == "ASSIGN_RUNG"
    FREE.check(record)


def test_vacancies_that_could_be_filled_are_refused() -> None:
    """The empty assignment is lawful on the last rung, but not the cheapest."""

    def empty(record: Record) -> None:
        for entry in record["teams"]:
            entry["members"] = []
            entry["vacant"] = [{"group": "a", "count": 1}, {"group": "b", "count": 1}]
        for block in record["blocks"]:
            block.update(rung="vacancy", cost="0")
        record["blocks"][0]["vacancies"] = 14
        record["blocks"][1]["vacancies"] = 2

    assert refused(forged(empty)) == "ASSIGN_POTENTIALS"


# ---------------------------------------------------------------- other seals and seeds


@pytest.mark.parametrize(
    ("code", "case"),
    [
        ("ASSIGN_TEAM", replace(CASE, targets=CASE.targets[1:])),
        ("ASSIGN_TEAM", replace(CASE, targets=[*CASE.targets, target("E8")])),
        ("ASSIGN_BLOCKS", replace(CASE, officers=[*CASE.officers, officer("i10")])),
        ("ASSIGN_INELIGIBLE", replace(CASE, officers=CASE.officers[1:])),
        ("ASSIGN_POTENTIALS", replace(CASE, officers=[*CASE.officers, officer("i10", district="B")])),
        ("ASSIGN_COST", replace(CASE, rule=lambda *_: 1)),
    ],
)
def test_a_record_of_another_seal_or_seed_is_refused(code: str, case: Case) -> None:
    assert refused(GOOD, case) == code


def test_a_record_of_another_seed_is_refused() -> None:
    args = (CASE.plan, CASE.targets, CASE.officers, CASE.recusals)
    with pytest.raises(DrawError) as e:
        check(GOOD, *args, bytes(32))
    assert e.value.code == "ASSIGN_COST"
    check(solve("ZJ-2026-0001", *args, bytes(32)), *args, bytes(32))


# ---------------------------------------------------------------- ties


def tied(rounds: int) -> Case:
    """Return the case with constant tickets in the first `rounds` rounds."""
    flat = {assign_key(SEED, n) for n in range(rounds)}
    return replace(CASE, rule=lambda key, e, g, i: 5 if key in flat else assign_ticket(key, e, g, i))


@pytest.mark.parametrize("rounds", [1, 3, 7])
def test_a_tie_moves_to_the_next_round(rounds: int) -> None:
    case = tied(rounds)
    record = case.solve()
    assert [b["round"] for b in record["blocks"]] == [rounds, 0]
    case.check(record)
    assert refused(record) in ("ASSIGN_COST", "ASSIGN_ROUND")


def test_eight_ties_are_an_error() -> None:
    with pytest.raises(DrawError) as e:
        tied(8).solve()
    assert e.value.code == "ASSIGN_TIE"


def test_a_tied_round_is_refused_even_with_its_own_certificate() -> None:
    case = tied(1)
    record = case.solve()
    rules = parse_rules(case.plan)
    (block, _) = build(rules, case.targets, case.officers, case.recusals)
    costs = tickets(block, SEED, 0, batch(case.rule))
    used = [
        a
        for a, (i, g) in enumerate(block.arcs)
        if {"group": block.groups[g][1], "inspector_id": block.officers[i]}
        in team(record, block.groups[g][0])["members"]
    ]
    potentials = canonical(block, rules.ladder[0], used, costs)
    names = list(record["blocks"][0]["potentials"])
    record["blocks"][0].update(
        round=0, cost=str(5 * block.demand), potentials={n: str(p) for n, p in zip(names, potentials, strict=True)}
    )
    assert refused(record, case) == "ASSIGN_TIE"


def test_a_later_round_without_a_tie_is_refused() -> None:
    """Whoever dislikes the result cannot call it tied: round 0 is solved again."""
    record = tied(1).solve()
    assert record["blocks"][0]["round"] == 1
    record["blocks"][1] = GOOD["blocks"][1]
    assert refused(record, CASE) == "ASSIGN_ROUND"


# ---------------------------------------------------------------- the parts


def test_the_small_solver_agrees_with_the_large_one() -> None:
    for case in (CASE, FREE, replace(CASE, rule=coarse(12))):
        rules = parse_rules(case.plan)
        for block in build(rules, case.targets, case.officers, case.recusals):
            solved = solve_block(block, rules, SEED, rule=batch(case.rule))
            costs = tickets(block, SEED, solved.round, batch(case.rule))
            assert cheapest(block, solved.rung, len(solved.used), costs) == sorted(solved.used)


def test_feasibility_does_not_depend_on_where_it_starts() -> None:
    rules = parse_rules(CASE.plan)
    main, alone = build(rules, CASE.targets, CASE.officers, CASE.recusals)
    used = solve_block(main, rules, SEED).used
    for rung in (*rules.ladder, VACANCY):
        assert feasible(main, rung, used)
        assert feasible(main, rung, [])
        assert not feasible(alone, rung, [])


def test_asking_for_more_than_there_is_ends_quietly_or_loudly() -> None:
    """The small solver fills what can be filled; the large one is never asked for more, and says so."""
    rules = parse_rules(CASE.plan)
    main, alone = build(rules, CASE.targets, CASE.officers, CASE.recusals)
    assert len(cheapest(alone, VACANCY, 2, tickets(alone, SEED, 0))) == 1
    with pytest.raises(DrawError) as e:
        cheapest_at_scale(main, VACANCY, main.demand + 1, tickets(main, SEED, 0))
    assert e.value.code == "ASSIGN_SOLVER"


def test_scarce_floors_move_to_a_later_rung() -> None:
    """Three leads share two places: not each can have one visit, so the rung with floors of 1 is out."""
    crew = [*(officer(f"i{n}", "lead") for n in range(3)), officer("i3", "second")]
    groups = [("a", 1, ["lead"]), ("b", 1, ["second"])]
    case = replace(
        CASE, plan=plan(groups, [(0, 1), (1, 1)]), targets=CASE.targets[:2], officers=crew, recusals=frozenset()
    )
    rules = parse_rules(case.plan)
    (block,) = build(rules, case.targets, case.officers, frozenset())
    assert block.bounds(rules.ladder[0]) == ([1] * 4, [2] * 4)
    assert not feasible(block, rules.ladder[0], [])
    record = case.solve()
    assert record["blocks"][0]["rung"] == "r1"
    case.check(record)
    record["blocks"][0]["rung"] = "r0"
    assert refused(record, case) == "ASSIGN_LOAD"


def test_a_flow_that_is_not_the_cheapest_has_no_potentials() -> None:
    rules = parse_rules(FREE.plan)
    main, _ = build(rules, FREE.targets, FREE.officers, FREE.recusals)
    costs = tickets(main, SEED, 0)
    dearest = cheapest(main, VACANCY, main.demand, array("q", [2**40 - 1 - c for c in costs]))
    for potentials in (
        lambda: canonical(main, VACANCY, dearest, costs),
        lambda: arrays.canonical(arrays.arcs(main, VACANCY, dearest, costs), main.nodes),
    ):
        with pytest.raises(DrawError) as e:
            potentials()
        assert e.value.code == "ASSIGN_SOLVER"
    for judge in (tight, arrays.tight):
        assert judge(main, VACANCY, dearest, costs, [0] * main.nodes) is None


def test_potentials_without_anchor_are_not_canonical() -> None:
    """Reduced costs stay as they are when all potentials fall by one: only the anchor at 0 tells."""
    rules = parse_rules(CASE.plan)
    main, _ = build(rules, CASE.targets, CASE.officers, CASE.recusals)
    costs = tickets(main, SEED, 0)
    solved = solve_block(main, rules, SEED)
    assert solved.potentials == canonical(main, solved.rung, solved.used, costs)
    for judge in (tight, arrays.tight):
        found = judge(main, solved.rung, solved.used, costs, solved.potentials)
        assert found is not None
        assert is_anchored(solved.potentials, found)
        assert is_unique(main.nodes, both(main, solved.rung, solved.used), found)
        shifted = [p - 1 for p in solved.potentials]
        same = judge(main, solved.rung, solved.used, costs, shifted)
        assert same is not None
        assert not is_anchored(shifted, same)
        assert judge(main, solved.rung, solved.used, costs, [p - 2**90 for p in solved.potentials]) in (None, same)


def test_no_drawn_objects_make_an_empty_record() -> None:
    case = replace(CASE, targets=[])
    record = case.solve()
    assert (record["blocks"], record["teams"]) == ([], [])
    case.check(record)
