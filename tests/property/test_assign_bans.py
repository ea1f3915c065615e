"""The limit on how often two officers meet, against the twin that tries everything (docs/spec/assignment.md, 18)."""

from __future__ import annotations

import copy
import random
from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.assign.bans import standing_bans
from sampler.errors import PlanError
from sampler.ticket import assign_ticket
from tests.javascript import Javascript
from tests.property.test_assign_javascript import solved, verdicts
from tests.property.test_assign_twin import Case, coarse, limited, random_case, same_or_tied, together, twin


def pairs(record: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter(p for t in record["teams"] for p in combinations(sorted(m["inspector_id"] for m in t["members"]), 2))


@given(st.randoms(use_true_random=False), st.sampled_from([(2, 3), (3, 3), (2, 4), (3, 4)]), st.sampled_from([1, 1, 2]))
@settings(max_examples=150, deadline=None)
def test_the_bans_are_those_that_trying_everything_finds(r: random.Random, size: tuple[int, int], most: int) -> None:
    case = random_case(r, *size)
    case = together(limited(case, r) if r.random() < 0.3 else case, most)
    record = case.solve()
    assert record == twin(case)
    case.check(record)


@given(st.randoms(use_true_random=False), st.sampled_from([(2, 3), (3, 3)]), st.sampled_from([2, 3, 4, 6]))
@settings(max_examples=80, deadline=None)
def test_ties_of_stages_and_of_the_dearest_visit_lead_to_the_next_round(
    r: random.Random, size: tuple[int, int], bits: int
) -> None:
    case = together(replace(random_case(r, *size), rule=coarse(bits)), 1)
    same_or_tied(case)


def crowd(n: int) -> Case:
    """Return a case in which few officers fill many places, so that bans and lifted bans occur."""
    r = random.Random(n)
    case = random_case(r, r.randrange(3, 9), r.randrange(3, 8))
    case = replace(case, officers=[replace(o, district="*", max_load=9) for o in case.officers])
    return together(limited(case, r) if n % 3 == 0 else case, r.choice((1, 2)))


def test_both_programs_accept_every_way_the_bans_go(node: Javascript) -> None:
    """Bans that hold, lifted ones, the end of the stages, vacancies, limits: all occur, and both checkers agree."""
    seen: Counter[str] = Counter()
    for n in range(120):
        case = crowd(n)
        record = case.solve()
        assert verdicts(node, case, record) == ("", ""), n
        stages = [s for b in record["blocks"] for s in b["stages"]]
        most = case.plan["assignment"]["together"]
        seen["bans"] += len(record["bans"])
        seen["lifted"] += sum("lifted" in s for s in stages)
        seen["undone"] += any("undone" in s for s in stages)
        seen["met"] += bool(stages) and max(pairs(record).values(), default=0) <= most
        seen["left"] += max(pairs(record).values(), default=0) > most
        seen["vacant"] += any(b["vacancies"] for b in record["blocks"] if b["stages"])
    assert min(seen[k] for k in ("bans", "lifted", "undone", "met", "left", "vacant")) >= 10, seen


def test_tied_rounds_are_judged_alike(node: Javascript) -> None:
    later = 0
    for n in range(60):
        case = replace(crowd(n), rule=coarse(7))
        record = solved(case)
        if record is None:
            continue
        assert verdicts(node, case, record, 7) == ("", ""), n
        for b in record["blocks"]:
            if b["round"]:
                later += 1
                forged = copy.deepcopy(record)
                next(x for x in forged["blocks"] if x["block"] == b["block"])["round"] += 1
                ours, theirs = verdicts(node, case, forged, 7)
                assert ours == theirs != "", n
    assert later >= 5


def edits(r: random.Random, record: dict[str, Any]) -> None:
    """Change one thing about the stages; kinds and fields stay right."""
    blocks = [b for b in record["blocks"] if b["stages"]]
    block = r.choice(blocks)
    stages = block["stages"]
    one = r.choice(stages)
    changed = [s for s in stages if s["changes"]]
    what = r.randrange(11)
    if what == 0:
        stages.remove(one)
    elif what == 1:
        stages.insert(r.randrange(len(stages) + 1), copy.deepcopy(one))
    elif what == 2:
        stages.reverse()
    elif what == 3:
        one["inspector_id"] = r.choice([*sorted({s["inspector_id"] for s in stages}), "i0", "zz"])
    elif what == 4:
        one["object_id"] = r.choice(record["teams"])["object_id"]
    elif what == 5:
        one.pop("lifted") if "lifted" in one else one.update(lifted=True)
    elif what == 6 and changed:
        r.choice(changed)["changes"].pop()
    elif what == 7 and changed:
        c = r.choice(r.choice(changed)["changes"])
        c["leaving"], c["entering"] = c["entering"], c["leaving"]
    elif what == 8:
        one.pop("undone") if "undone" in one else one.update(undone=True)
    elif what == 9:
        for s in stages[r.randrange(len(stages)) :]:
            s.pop("undone", None) if r.random() < 0.5 or "lifted" in s else s.update(undone=True)
    else:
        block.pop("stages")
    if r.random() < 0.8:
        record["bans"] = standing_bans(record["blocks"])


def test_whatever_is_changed_about_the_stages_is_refused_alike(node: Javascript) -> None:
    codes: Counter[str] = Counter()
    cases = [(c, c.solve()) for c in map(crowd, range(40))]
    cases = [(c, record) for c, record in cases if any(b["stages"] for b in record["blocks"])]
    for n in range(300):
        r = random.Random(n)
        case, record = r.choice(cases)
        forged = copy.deepcopy(record)
        edits(r, forged)
        if forged == record:
            continue
        ours, theirs = verdicts(node, case, forged)
        assert ours == theirs != "", (n, ours, theirs)
        codes[ours] += 1
    assert codes["ASSIGN_BANS"] > 200, codes


def test_a_team_changed_by_hand_is_refused_alike(node: Javascript) -> None:
    """Swapped members, with the stages left as they are."""
    for n in range(60):
        r, case = random.Random(n), crowd(n)
        record = case.solve()
        teams = [t for t in record["teams"] if t["members"]]
        one, two = r.choice(teams), r.choice(teams)
        a, b = r.choice(one["members"]), r.choice(two["members"])
        a["inspector_id"], b["inspector_id"] = b["inspector_id"], a["inspector_id"]
        for t in (one, two):
            t["members"].sort(key=lambda m: (m["group"], m["inspector_id"]))
        if record != case.solve():
            ours, theirs = verdicts(node, case, record)
            assert ours == theirs != "", n


def test_without_the_limit_there_are_no_stages_and_no_bans(node: Javascript) -> None:
    case = crowd(5)
    bare = replace(
        case, plan=case.plan | {"assignment": {k: v for k, v in case.plan["assignment"].items() if k != "together"}}
    )
    record = bare.solve()
    assert all("stages" not in b for b in record["blocks"])
    assert verdicts(node, bare, record) == ("", "")
    for forged in (
        {"bans": [{"object_id": "o0", "inspector_id": "i0"}]},
        {"blocks": [b | {"stages": []} for b in record["blocks"]]},
    ):
        assert verdicts(node, bare, record | forged) == ("ASSIGN_BANS", "ASSIGN_BANS")
    assert verdicts(node, case, record) == ("ASSIGN_BANS", "ASSIGN_BANS")


def too_often(case: Case, record: dict[str, Any]) -> int:
    most = case.plan["assignment"]["together"]
    return sum(n for n in pairs(record).values() if n > most)


def test_meetings_too_many_are_never_more_than_without_bans() -> None:
    fewer = 0
    for n in range(120):
        case = crowd(n)
        free = {k: v for k, v in case.plan["assignment"].items() if k != "together"}
        begin, end = (too_often(case, c.solve()) for c in (replace(case, plan=case.plan | {"assignment": free}), case))
        assert end <= begin, n
        fewer += end < begin
    assert fewer > 10


@pytest.mark.parametrize("most", [0, -1])
def test_a_limit_of_nothing_is_no_plan(most: int) -> None:
    with pytest.raises(PlanError, match="at least once"):
        together(crowd(1), most).solve()


def test_two_officers_alike_change_places_when_their_tickets_do() -> None:
    """Exchangeable, bans included: names decide nothing, not even which visit is banned first."""
    banned = 0
    for n in range(120):
        case = crowd(n)
        twins_ = case.officers[:2]
        alike = replace(twins_[1], inspector_id=twins_[1].inspector_id, qualifications=twins_[0].qualifications)
        case = replace(
            case, officers=[twins_[0], alike, *case.officers[2:]],
            recusals=frozenset(x for x in case.recusals if x[0] not in (twins_[0].inspector_id, alike.inspector_id)),
        )  # fmt: skip
        i, j = (o.inspector_id for o in case.officers[:2])
        other = {i: j, j: i}

        def swapped(key: bytes, e: str, g: str, who: str, other: dict[str, str] = other) -> int:
            return assign_ticket(key, e, g, other.get(who, who))

        one, two = case.solve(), replace(case, rule=swapped).solve()
        banned += len(one["bans"]) > 0
        assert renamed(one, other) == renamed(two, {}), n
    assert banned > 20


def renamed(record: dict[str, Any], other: dict[str, str]) -> Any:
    """Return who serves where, who is banned, what was lifted and what undone, with two officers' names exchanged."""

    def name(i: str) -> str:
        return other.get(i, i)

    seats = sorted((t["object_id"], m["group"], name(m["inspector_id"])) for t in record["teams"] for m in t["members"])
    stages = [
        (s["object_id"], name(s["inspector_id"]), "lifted" in s, "undone" in s)
        for b in record["blocks"]
        for s in b["stages"]
    ]
    return seats, stages, [b["rung"] for b in record["blocks"]]
