"""A draw, then fifty random amendments: team rules, loads, chain and replay hold after each (assignment.md, 14)."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sampler import records
from sampler.assign import amend, arrays
from sampler.assign.model import parse_rules, reason
from sampler.assign.residual import EXACT
from sampler.assign.solve import amend as solve_amendment
from sampler.assign.solve import solve
from sampler.canon import rhash
from sampler.errors import DrawError
from sampler.ticket import chain_value
from tests.property.test_assign_twin import SEED, officer, plan, target

CHAIN = bytes(range(32, 64))
DRAW_ID = "ZJ-2026-0001"
MOST = 50
Record = dict[str, Any]


def chosen(name: str, rank: int) -> records.Chosen:
    return records.Chosen(object_id=name, stratum=f"s{int(name[1:]) % 2}", rank=rank)


class World:
    """A sealed draw with its reserves, and what has become of it."""

    def __init__(self, number: int) -> None:
        r = random.Random(number)
        crew = [
            officer(f"i{n:02}", *(["lead"] if n % 3 == 0 else []), district="AB*"[n % 3], load=r.randint(1, 5))
            for n in range(12)
        ]
        names = [f"o{n:02}" for n in range(16)]
        everyone = [target(n, district=r.choice("AB")) for n in names]
        barred = frozenset((o.inspector_id, "object", t.object_id) for o in crew for t in everyone if r.random() < 0.08)
        self.plan = plan([("a", 1, ["lead"]), ("b", r.choice((1, 2)), [])], [(0, 0), (2, 2)])
        if number % 2 == 0:
            self.plan["assignment"]["limits"] = [
                {"limit": "A", "districts": ["A"], "most": 2}, {"limit": "W", "districts": ["A", "B"], "most": 3},
            ]  # fmt: skip
        if number % 3 == 1:
            self.plan["assignment"]["together"] = 1 + number % 2
        self.record = solve(DRAW_ID, self.plan, everyone[:10], crew, barred, SEED)
        self.sealed = amend.Sealed(parse_rules(self.plan), {t.object_id: t for t in everyone}, tuple(crew), barred)
        self.drawn = [chosen(n, k) for k, n in enumerate(names[:10], start=1)]
        self.reserves = [chosen(n, k) for k, n in enumerate(names[10:], start=11)]
        self.teams = amend.begin(self.record, self.drawn, self.reserves)
        self.history: list[tuple[Record, frozenset[str]]] = []
        self.done: frozenset[str] = frozenset()

    def cause(self, kind: str, **fields: Any) -> Record:
        asked = {"requester": "张三", "reason": "病假条", "approval": {"form": "审〔2026〕9号", "date": "2026-12-05"}}
        number = len(self.history) + 1
        return {"type": "amendment-cause", "draw_id": DRAW_ID, "number": number, "kind": kind, **asked, **fields}

    def change(self, cause: Record, *, withheld: bool = False) -> Record:
        chain = None if withheld else chain_value(CHAIN, "S1", 0, cause["number"])
        made = solve_amendment(self.sealed, self.teams, cause, self.done, SEED, chain)
        again = records.Amendment.from_dict(made).to_dict()
        assert again == made
        return made

    def replay(self, made: Record, teams: amend.Teams, done: frozenset[str]) -> amend.Teams:
        key = amend.key(SEED, rhash(made["cause"]), made["number"], bytes.fromhex(made.get("chain", "")))
        fast = amend.check(self.sealed, teams, made, done, key, arrays.FAST)
        assert fast == amend.check(self.sealed, teams, made, done, key, EXACT)
        return fast

    def accept(self, made: Record) -> None:
        self.teams = self.replay(made, self.teams, self.done)
        self.history.append((made, self.done))

    def refused(self, made: Record) -> str:
        with pytest.raises(DrawError) as e:
            self.replay(made, self.teams, self.done)
        return e.value.code


class Amendments(RuleBasedStateMachine):
    """Causes come in any order; whatever they are, the rules hold and the whole chain replays."""

    @initialize(number=st.integers(0, 40))
    def draw(self, number: int) -> None:
        self.world = World(number)

    def attempt(self, kind: str, *, withheld: bool = False, **fields: Any) -> None:
        if len(self.world.history) >= MOST:
            return
        try:
            made = self.world.change(self.world.cause(kind, **fields), withheld=withheld)
        except DrawError as e:
            assert e.code == "AMEND_NOTHING"  # noqa: PT017  # what else may be refused is tested below
            return
        self.world.accept(made)

    @rule(kind=st.sampled_from(("illness", "leave", "left", "certificate")), who=st.integers(0, 11))
    def somebody_is_away(self, kind: str, who: int) -> None:
        dates: Record = {"interval": {"from": "2026-12-10", "to": "2027-01-10"}} if kind in ("illness", "leave") else {}
        self.attempt(kind, inspector_id=f"i{who:02}", **dates)

    @rule(data=st.data(), withheld=st.booleans())
    def somebody_is_recused(self, data: st.DataObject, withheld: bool) -> None:  # noqa: FBT001  # drawn by hypothesis
        what = data.draw(st.sampled_from(sorted(self.world.teams.members)))
        team = sorted(self.world.teams.members[what]) or [("a", "i00")]
        who = data.draw(st.sampled_from(team))[1]
        self.attempt("recusal", inspector_id=who, object_id=what, withheld=withheld)

    @rule(data=st.data())
    def an_object_is_gone(self, data: st.DataObject) -> None:
        self.attempt("out-of-scope", object_id=data.draw(st.sampled_from(sorted(self.world.teams.members))))

    @rule()
    def vacancies_are_tried_again(self) -> None:
        self.attempt("vacancy")

    @rule(data=st.data())
    def a_visit_is_over(self, data: st.DataObject) -> None:
        open_ = sorted(self.world.teams.members.keys() - self.world.done)
        self.world.done |= {data.draw(st.sampled_from(open_))} if len(open_) > 6 else set()

    @invariant()
    def rules_hold(self) -> None:
        world = getattr(self, "world", None)
        if world is None:
            return
        sealed, teams = world.sealed, world.teams
        officers = {o.inspector_id: o for o in sealed.officers}
        for e, team in teams.members.items():
            groups = {g.group: g for t in sealed.rules.templates for g in t.groups}
            assert len({i for _, i in team}) == len(team)
            assert all(n <= groups[g].count for g, n in Counter(g for g, _ in team).items())
            for g, i in team:
                barred = sealed.recusals | (teams.barred if e not in world.done else frozenset())
                assert reason(officers[i], sealed.targets[e], groups[g], sealed.rules, barred) is None
                assert i not in teams.away or e in world.done
        assert all(n <= officers[i].max_load for i, n in teams.loads().items())
        assert not any(teams.members[e] for e in teams.gone)

    @invariant()
    def the_chain_replays(self) -> None:
        world = getattr(self, "world", None)
        if world is None or len(world.history) % 5:
            return
        teams = amend.begin(world.record, world.drawn, world.reserves)
        for made, done in world.history:
            teams = world.replay(made, teams, done)
        assert teams == world.teams


TestAmendments = Amendments.TestCase
TestAmendments.settings = settings(max_examples=12, stateful_step_count=60, deadline=None)


# ---------------------------------------------------------------- what is refused

ILL = {"interval": {"from": "2026-12-10", "to": "2026-12-20"}}


@pytest.fixture
def world() -> World:
    return World(3)


def busy(world: World) -> str:
    return world.teams.loads().most_common(1)[0][0]


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("other", {}, "AMEND_KIND"),
        ("illness", {}, "AMEND_FIELDS"),
        ("illness", {"inspector_id": "i00"}, "AMEND_FIELDS"),
        ("illness", {"inspector_id": "nobody", **ILL}, "AMEND_FIELDS"),
        ("illness", {"inspector_id": "i00", "object_id": "o00", **ILL}, "AMEND_FIELDS"),
        ("illness", {"inspector_id": "i00", "interval": {"from": "2027-01-01", "to": "2027-01-02"}}, "AMEND_FIELDS"),
        ("illness", {"inspector_id": "i00", "interval": {"from": "2026-12-09", "to": "2026-12-08"}}, "AMEND_FIELDS"),
        ("left", {"inspector_id": "i00", **ILL}, "AMEND_FIELDS"),
        ("recusal", {"inspector_id": "i00"}, "AMEND_FIELDS"),
        ("recusal", {"object_id": "o00"}, "AMEND_FIELDS"),
        ("recusal", {"inspector_id": "i00", "object_id": "o15"}, "AMEND_FIELDS"),
        ("out-of-scope", {}, "AMEND_FIELDS"),
        ("out-of-scope", {"object_id": "o15"}, "AMEND_FIELDS"),
        ("out-of-scope", {"object_id": "o00", "inspector_id": "i00"}, "AMEND_FIELDS"),
        ("vacancy", {"inspector_id": "i00"}, "AMEND_FIELDS"),
    ],
)
def test_a_cause_that_says_too_little_or_too_much(world: World, kind: str, fields: Record, code: str) -> None:
    with pytest.raises(DrawError) as e:
        world.change(world.cause(kind, **fields))
    assert e.value.code == code


def test_a_cause_that_touches_nothing_changes_nothing(world: World) -> None:
    idle = next(o.inspector_id for o in world.sealed.officers if not world.teams.loads()[o.inspector_id])
    world.done = frozenset({"o01"})
    for kind, fields in (
        ("left", {"inspector_id": idle}),
        ("recusal", {"inspector_id": busy(world), "object_id": "o01"}),
        ("out-of-scope", {"object_id": "o01"}),
    ):
        with pytest.raises(DrawError) as e:
            world.change(world.cause(kind, **fields))
        assert e.value.code == "AMEND_NOTHING"


def test_only_what_the_cause_frees_is_changed(world: World) -> None:
    who = busy(world)
    before = world.teams
    made = world.change(world.cause("illness", inspector_id=who, **ILL))
    world.accept(made)
    assert {m["inspector_id"] for c in made["changes"] for m in c["leaving"]} == {who}
    for e, team in before.members.items():
        assert {m for m in team if m[1] != who} <= world.teams.members[e]
    assert world.teams.loads()[who] == 0


def test_visits_already_paid_stay(world: World) -> None:
    who = busy(world)
    paid = next(e for e, team in world.teams.members.items() if who in {i for _, i in team})
    world.done = frozenset({paid})
    made = world.change(world.cause("left", inspector_id=who))
    assert paid not in {c["object_id"] for c in made["changes"]}


def test_a_reserve_is_the_next_of_the_stratum(world: World) -> None:
    made = world.change(world.cause("out-of-scope", object_id="o03"))
    assert made["reserve"] == {"object_id": "o11", "stratum": "s1", "rank": 12}
    world.accept(made)
    made = world.change(world.cause("out-of-scope", object_id="o11"))
    assert made["reserve"]["object_id"] == "o13"


def test_a_withheld_chain_leaves_vacancies_that_a_later_amendment_fills(world: World) -> None:
    made = world.change(world.cause("left", inspector_id=busy(world)), withheld=True)
    assert "chain" not in made
    assert made["blocks"] == []
    assert all(c["entering"] == [] and c["vacant"] for c in made["changes"])
    world.accept(made)
    filled = world.change(world.cause("vacancy"))
    world.accept(filled)
    assert any(c["entering"] for c in filled["changes"])


def test_who_enters_meets_nobody_too_often() -> None:
    """What stands counts: among those who could enter, a pair at its limit is passed over; without the limit it is not."""
    kept, met, lifted = 0, 0, 0
    for number, n in itertools.product(range(1, 61, 3), range(12)):
        world = World(number)
        most = world.plan["assignment"]["together"]
        try:
            made = world.change(world.cause("left", inspector_id=f"i{n:02}"))
        except DrawError:
            continue
        stages = [s for b in made["blocks"] for s in b["stages"]]
        before, after = world.teams.past().met, world.replay(made, world.teams, world.done).past().met
        worse = [p for p, times in after.items() if times > most and times > before.get(p, 0)]
        assert not worse or any("lifted" in s for s in stages)
        lifted += bool(worse)
        kept += bool(stages) and not worse
        met += not stages
    assert min(kept, met, lifted) > 3, (kept, met, lifted)


def forge(made: Record, what: str) -> Record:
    record = deepcopy(made)
    change = next(c for c in record["changes"] if c["entering"])
    entry = record["blocks"][0]
    edits: dict[str, Callable[[], Any]] = {
        "swap": lambda: change["entering"][0].update(inspector_id="i11"),
        "recused": lambda: change["entering"][0].update(inspector_id=change["leaving"][0]["inspector_id"]),
        "stranger": lambda: change["entering"][0].update(inspector_id="zz"),
        "drop": change["entering"].pop,
        "keep": change["leaving"].pop,
        "more": lambda: change["leaving"].append({"group": "b", "inspector_id": "i11"}),
        "object": record["changes"].pop,
        "cost": lambda: entry.update(cost=str(int(entry["cost"]) + 1)),
        "price": lambda: entry["potentials"].update(hub=str(int(entry["potentials"]["hub"]) - 1)),
        "block": record["blocks"].pop,
        "rung": lambda: entry.update(rung="r0"),
        "reserve": lambda: record.update(reserve={"object_id": "o11", "stratum": "s1", "rank": 12}),
        "person": lambda: record["cause"].update(inspector_id="i11"),
        "kind": lambda: record["cause"].update(kind="vacancy"),
    }
    edits[what]()
    return record


@pytest.mark.parametrize(
    "what",
    [
        "swap", "recused", "stranger", "drop", "keep", "more", "object", "cost", "price", "block", "rung", "reserve",
        "person", "kind",
    ],
)  # fmt: skip
def test_a_forged_amendment_is_refused(world: World, what: str) -> None:
    who = busy(world)
    made = world.change(world.cause("left", inspector_id=who))
    world.replay(made, world.teams, world.done)
    assert world.refused(forge(made, what))[:6] in ("AMEND_", "ASSIGN")


def test_another_chain_value_is_another_draw(world: World) -> None:
    made = world.change(world.cause("left", inspector_id=busy(world)))
    made["chain"] = bytes(32).hex()
    assert world.refused(made) == "ASSIGN_COST"


def test_a_series_is_flagged(world: World) -> None:
    for _ in range(3):
        world.accept(
            world.change(world.cause("recusal", object_id="o02", inspector_id=min(world.teams.members["o02"])[1]))
        )
    found = amend.flags([m for m, _ in world.history], 10)
    assert found == ["对象 o02 变更 3 次", "10 户中 1 户有变更, 超过二十分之一"]
