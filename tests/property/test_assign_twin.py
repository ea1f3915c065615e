"""The solver and the checker against a twin that tries everything (docs/spec/assignment.md).

The twin knows no residual graph and no contraction: it lists all circulations of the network as the
specification draws it, pair nodes included, and takes the cheapest.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from sampler.assign import arrays
from sampler.assign.certify import check
from sampler.assign.limits import reach
from sampler.assign.model import Target, parse_rules, reason
from sampler.assign.residual import EXACT
from sampler.assign.solve import solve
from sampler.errors import DrawError
from sampler.roster import Officer, Recusals
from sampler.ticket import assign_key, assign_ticket, assign_tickets
from tests.property.ban_twin import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sampler.assign.model import Rules
    from sampler.assign.residual import Arithmetic, TicketRule

    OneRule = Callable[[bytes, str, str, str], int]

SEED = bytes(range(32))
MARK = 40


@dataclass(frozen=True)
class Case:
    """Inputs of one assignment."""

    plan: dict[str, Any]
    targets: list[Target]
    officers: list[Officer]
    recusals: Recusals
    rule: OneRule = assign_ticket

    def solve(self) -> dict[str, Any]:
        return solve("ZJ-2026-0001", self.plan, self.targets, self.officers, self.recusals, SEED, rule=batch(self.rule))

    def check(self, record: dict[str, Any]) -> None:
        """Let all checkers judge: they must agree word for word, and the standard library speaks."""
        args = (record, self.plan, self.targets, self.officers, self.recusals, SEED)
        slow, *fast = (outcome(args, self.rule, judge) for judge in JUDGES)
        assert all((f and f.problem) == (slow and slow.problem) for f in fast)
        if slow:
            raise slow


def outcome(args: tuple[Any, ...], rule: OneRule, judge: Arithmetic) -> DrawError | None:
    if judge is COMPILED and rule is not assign_ticket:
        judge = arrays.FAST  # it knows one rule
    try:
        check(*args, rule=batch(rule), judge=judge)
    except DrawError as e:
        return e
    return None


COMPILED = replace(arrays.FAST, priced=arrays.compiled)
"""Compiled tickets, however few; a draw takes them from `arrays.MANY` on."""
JUDGES = [EXACT, arrays.FAST, *([COMPILED] if arrays.COMPILED else [])]


def batch(rule: OneRule) -> TicketRule:
    """Return the rule for many officers at once."""
    if rule is assign_ticket:
        return assign_tickets

    def many(key: bytes, e: str, g: str, who: tuple[str, ...]) -> list[int]:
        return [rule(key, e, g, i) for i in who]

    return many


def coarse(bits: int) -> OneRule:
    """Return a ticket rule with so few bits that ties happen."""
    return lambda key, e, g, i: assign_ticket(key, e, g, i) >> (MARK - bits)


def plan(groups: list[tuple[str, int, list[str]]], ladder: list[tuple[int, int]], **extra: Any) -> dict[str, Any]:
    """Return a plan record with one template."""
    team = [{"group": g, "count": k, "needs": needs} for g, k, needs in groups]
    rungs = [{"rung": f"r{n}", "below": b, "above": a} for n, (b, a) in enumerate(ladder)]
    return {
        "visits": {"from": "2026-12-01", "to": "2026-12-31"},
        "items": ["fire"],
        "templates": [{"template": "team", "groups": team}],
        "assignment": {"jurisdiction": "district", "leave_days": 2, "ladder": rungs},
        **extra,
    }


def officer(name: str, *quals: str, district: str = "*", load: int = 3, role: str = "officer") -> Officer:
    return Officer(name, "u", "d", district, role, "2027-01-01", frozenset(), frozenset(quals), load, ())


def target(name: str, *, district: str = "A", owner: str = "-") -> Target:
    return Target(name, owner, "B", "enterprise", district, "F52", frozenset())


def random_case(r: random.Random, objects: int, officers: int) -> Case:
    """Return a case in which floors, caps, vacancies, recusals and several groups a pair all occur."""
    lead = ["lead"] if r.random() < 0.7 else []
    groups = [("a", r.choice((1, 1, 2)), lead), ("b", 1, [])][: r.choice((1, 2, 2))]
    who = [
        officer(
            f"i{n}", *(["lead"] if r.random() < 0.8 else []), district=r.choice("A***"), load=r.choice((0, 2, 3, 9))
        )
        for n in range(officers)
    ]
    what = [target(f"o{n}", district=r.choice("AAB")) for n in range(objects)]
    barred = [(w.inspector_id, "object", t.object_id) for w in who for t in what if r.random() < 0.1]
    return Case(plan(groups, r.choice(([(0, 0), (1, 1)], [(0, 0), (0, 1), (2, 3)], []))), what, who, frozenset(barred))


def limited(case: Case, r: random.Random) -> Case:
    """Return the case with a random laminar family of limits; districts A and B, and sometimes both together."""
    rows = [{"limit": d, "districts": [d], "most": r.randrange(1, 3)} for d in "AB" if r.random() < 0.7]
    rows += [{"limit": "W", "districts": ["A", "B"], "most": r.randrange(1, 4)}] * (r.random() < 0.6)
    return replace(case, plan=case.plan | {"assignment": case.plan["assignment"] | {"limits": rows}})


def together(case: Case, most: int) -> Case:
    """Return the case with a limit on how often two officers meet."""
    return replace(case, plan=case.plan | {"assignment": case.plan["assignment"] | {"together": most}})


# ---------------------------------------------------------------- the twin


def twin(case: Case) -> dict[str, Any]:
    """Return the assignment record by trying everything."""
    rules = parse_rules(case.plan)
    (template,) = rules.templates
    arcs = {
        (o.inspector_id, t.object_id, g.group)
        for o in case.officers
        for t in case.targets
        for g in template.groups
        if reason(o, t, g, rules, case.recusals) is None
    }
    count = {g.group: g.count for g in template.groups}
    blocks: list[dict[str, Any]] = []
    teams: list[dict[str, Any]] = []
    for part in _parts(arcs, sorted(t.object_id for t in case.targets)):
        mine = sorted(a for a in arcs if a[1] in part)
        entry, flow = _optimum(mine, part, count, case)
        blocks.append(entry)
        for e in part:
            members = sorted((g, i) for i, x, g in flow if x == e)
            gaps = {g: k - sum(h == g for h, _ in members) for g, k in sorted(count.items())}
            teams.append(
                {
                    "object_id": e,
                    "template": template.template,
                    "members": [{"group": g, "inspector_id": i} for g, i in members],
                    "vacant": [{"group": g, "count": k} for g, k in gaps.items() if k],
                }
            )
    teams.sort(key=lambda t: str(t["object_id"]))
    bans = [s for b in blocks for s in b.get("stages", ()) if not {"lifted", "undone"} & set(s)]
    bans = sorted(
        ({k: s[k] for k in ("object_id", "inspector_id")} for s in bans), key=lambda s: sorted(s.items())[::-1]
    )
    return {"type": "assignment", "draw_id": "ZJ-2026-0001", "blocks": blocks, "teams": teams, "bans": bans}


def _parts(arcs: set[tuple[str, str, str]], objects: list[str]) -> list[list[str]]:
    parts = [{e} for e in objects]
    for who in {i for i, _, _ in arcs}:
        met = {e for i, e, _ in arcs if i == who}
        joined = set().union(*(p for p in parts if p & met))
        parts = [p for p in parts if not p & met] + [joined]
    return sorted(sorted(p) for p in parts)


Arc = tuple[str, str, str]


def _optimum(arcs: list[Arc], part: list[str], count: dict[str, int], case: Case) -> tuple[dict[str, Any], set[Arc]]:
    demand, who = len(part) * sum(count.values()), sorted({i for i, _, _ in arcs})
    cap = {o.inspector_id: o.max_load for o in case.officers}
    limits = [(x["limit"], set(x["districts"]), x["most"]) for x in case.plan["assignment"].get("limits", ())]
    district = {t.object_id: t.district for t in case.targets}
    flows = [f for f in _flows(arcs, part, count) if _within(limits, district, f)]
    for rung in [*case.plan["assignment"]["ladder"], None]:
        low, high = dict.fromkeys(who, 0), {i: cap[i] for i in who}
        if rung and who:
            high = {i: min(cap[i], -(-demand // len(who)) + rung["above"]) for i in who}
            met = {i: _most(limits, district, {a for a in arcs if a[0] == i}) for i in who}
            low = {i: min(high[i], met[i], max(0, demand // len(who) - rung["below"])) for i in who}
        lawful = [f for f in flows if all(low[i] <= sum(a[0] == i for a in f) <= high[i] for i in who)]
        if rung:
            lawful = [f for f in lawful if len(f) == demand]
        if not lawful:
            continue
        for round_ in range(8):
            key = assign_key(SEED, round_)
            t = {(i, e, g): case.rule(key, e, g, i) for i, e, g in arcs}
            ranked = sorted((demand - len(f), sum(t[a] for a in f), sorted(f)) for f in lawful)
            if len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]:
                continue
            vacant, _, flow = ranked[0]
            banned, more = set[tuple[str, str]](), {}
            if most := case.plan["assignment"].get("together"):
                end = settle(lawful, t, frozenset(flow), demand, most)
                if end is None:
                    continue
                flow, banned, more = sorted(end[0]), end[1], {"stages": end[2]}
            entry = {
                "block": part[0],
                "rung": rung["rung"] if rung else "vacancy",
                "round": round_,
                "cost": str(sum(t[a] for a in flow)),
                "vacancies": vacant,
                "potentials": _potentials(arcs, part, count, set(flow), t, low, high, (limits, district, banned)),
                **more,
            }
            return entry, set(flow)
        raise DrawError("ASSIGN_TIE", "twin")
    raise AssertionError


Limits = list[tuple[str, set[str], int]]


def _within(limits: Limits, district: dict[str, str], flow: Collection[Arc]) -> bool:
    """Return whether no officer visits more than a limit lets him."""
    return all(
        sum(a[0] == i and district[a[1]] in where for a in flow) <= most
        for i in {a[0] for a in flow}
        for _, where, most in limits
    )


def _most(limits: Limits, district: dict[str, str], own: set[Arc]) -> int:
    """Return the most objects one officer may visit, by trying every set of them."""
    objects = sorted({e for _, e, _ in own})
    chosen = (c for n in range(len(objects), -1, -1) for c in itertools.combinations(objects, n))
    return next(len(c) for c in chosen if _within(limits, district, [("i", e, "g") for e in c]))


def _flows(arcs: list[Arc], part: list[str], count: dict[str, int]) -> list[frozenset[Arc]]:
    """Return every circulation of the last rung, loads aside."""
    per_object = []
    for e in part:
        pairs = sorted({i for i, x, _ in arcs if x == e})
        options = [[None, *((i, e, g) for j, x, g in arcs if (j, x) == (i, e))] for i in pairs]
        teams = [frozenset(a for a in team if a) for team in itertools.product(*options)]
        per_object.append([t for t in teams if all(sum(a[2] == g for a in t) <= k for g, k in count.items())])
    return [frozenset().union(*choice) for choice in itertools.product(*per_object)]


def _potentials(
    arcs: list[Arc],
    part: list[str],
    count: dict[str, int],
    flow: set[Arc],
    t: dict[Arc, int],
    low: dict[str, int],
    high: dict[str, int],
    held: tuple[Limits, dict[str, str], set[tuple[str, str]]],
) -> dict[str, str]:
    """Return canonical potentials by the definition: the whole network, pair nodes included, Bellman-Ford from 0."""
    demand = len(part) * sum(count.values())
    net: list[tuple[str, str, int, int, int, int]] = []  # tail, head, lower, flow, upper, cost
    net += [("hub", f"i:{i}", lo, sum(a[0] == i for a in flow), high[i], 0) for i, lo in low.items()]
    limits, district, banned = held
    for i, e in sorted({(i, e) for i, e, _ in arcs}):
        path = [f"i:{i}"]
        for name, where, most in sorted(limits, key=lambda x: -len(x[1])):
            if district[e] in where:
                path.append(f"l:{name}:{i}")
                inside = sum(a[0] == i and district[a[1]] in where for a in flow)
                if not any(arc[:2] == (path[-2], path[-1]) for arc in net):
                    net.append((path[-2], path[-1], 0, inside, most, 0))
        net.append((path[-1], f"p:{i}:{e}", 0, sum(a[:2] == (i, e) for a in flow), int((e, i) not in banned), 0))
    net += [(f"p:{i}:{e}", f"g:{e}:{g}", 0, int((i, e, g) in flow), 1, t[i, e, g]) for i, e, g in arcs]
    for e, (g, k) in itertools.product(part, count.items()):
        filled = sum(a[1:] == (e, g) for a in flow)
        net += [("hub", f"g:{e}:{g}", 0, k - filled, k, demand << 40), (f"g:{e}:{g}", "hub", k, k, k, 0)]
    left = [(u, v, c) for u, v, _, f, hi, c in net if f < hi] + [(v, u, -c) for u, v, lo, f, _, c in net if f > lo]
    p = {node: 0 for arc in net for node in arc[:2]}
    for _ in range(len(p) + 1):
        for u, v, c in left:
            p[v] = min(p[v], p[u] + c)
    return {node: str(x) for node, x in p.items() if node[0] != "p"}


# ---------------------------------------------------------------- the tests


@given(st.randoms(use_true_random=False), st.sampled_from([(1, 3), (2, 3), (3, 3), (2, 4)]))
@settings(max_examples=120, deadline=None)
def test_the_solver_finds_what_trying_everything_finds(r: random.Random, size: tuple[int, int]) -> None:
    case = random_case(r, *size)
    record = case.solve()
    assert record == twin(case)
    case.check(record)


@given(st.randoms(use_true_random=False), st.sampled_from([(2, 3), (3, 3), (2, 4), (4, 2)]))
@settings(max_examples=100, deadline=None)
def test_with_limits_too(r: random.Random, size: tuple[int, int]) -> None:
    case = limited(random_case(r, *size), r)
    record = case.solve()
    assert record == twin(case)
    case.check(record)


def same_or_tied(case: Case) -> None:
    """Hold the solver to the naive one: the same record, which checks, or a tie where that finds two optima."""
    try:
        expected = twin(case)
    except DrawError:
        with pytest.raises(DrawError, match="tied"):
            case.solve()
        return
    record = case.solve()
    assert record == expected
    case.check(record)


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([(1, 3), (2, 3)]),
    st.sampled_from([2, 3, 4]),
    st.sampled_from(["loads", "limits"]),
)
@settings(max_examples=80, deadline=None)
def test_ties_are_seen_exactly_when_two_optima_exist(
    r: random.Random, size: tuple[int, int], bits: int, kind: str
) -> None:
    case = replace(random_case(r, *size), rule=coarse(bits))
    case = limited(case, r) if kind == "limits" else case
    same_or_tied(case)


@pytest.mark.parametrize("start", range(0, 100, 20))
def test_highs_agrees(start: int) -> None:
    for number in range(start, start + 20):
        agrees_with_highs(number)


@pytest.mark.torture
@pytest.mark.parametrize("start", range(100, 1100, 100))
def test_highs_agrees_a_thousand_times(start: int) -> None:
    for number in range(start, start + 100):
        agrees_with_highs(number)


def agrees_with_highs(number: int) -> None:
    case = random_case(random.Random(number), 12, 9)  # a fixed case, not a secret
    case = limited(case, random.Random(number)) if number % 2 else case
    record = case.solve()
    case.check(record)
    rules = parse_rules(case.plan)
    for block in record["blocks"]:
        assert _highs(case, rules, block) == pytest.approx(0)


def _highs(case: Case, rules: Rules, block: dict[str, Any]) -> float:
    """Return how far the record's (vacancies, cost) lies above the optimum that HiGHS finds on the block's rung."""
    mine = {key.split(":")[1] for key in block["potentials"] if key.startswith("g:")}
    groups = rules.templates[0].groups
    arcs = [
        (o, t, g)
        for t in case.targets
        if t.object_id in mine
        for o in case.officers
        for g in groups
        if reason(o, t, g, rules, case.recusals) is None
    ]
    slots = [(e, g) for e in sorted(mine) for g in groups]
    demand = sum(g.count for _, g in slots)
    who = sorted({o.inspector_id for o, _, _ in arcs})
    if not arcs:
        return float(block["vacancies"] - demand)
    key = assign_key(SEED, block["round"])
    tickets = [assign_ticket(key, t.object_id, g.group, o.inspector_id) / 2**40 for o, t, g in arcs]
    cost = np.array([*tickets, *[float(demand)] * len(slots)])
    rows, low, high = [], [], []

    def row(chosen: list[bool], lo: float, hi: float, slot: int = -1) -> None:
        rows.append([*map(float, chosen), *(float(s == slot) for s in range(len(slots)))])
        low.append(lo)
        high.append(hi)

    for s, (e, g) in enumerate(slots):
        row([t.object_id == e and h == g for _, t, h in arcs], g.count, g.count, s)
    for i, e in {(o.inspector_id, t.object_id) for o, t, _ in arcs}:
        row([(o.inspector_id, t.object_id) == (i, e) for o, t, _ in arcs], 0, 1)
    rung = next((x for x in rules.ladder if x.rung == block["rung"]), None)
    for i in who:
        cap = next(o.max_load for o in case.officers if o.inspector_id == i)
        mine_ = {t.object_id: t.district for o, t, _ in arcs if o.inspector_id == i}
        met = reach(rules.limits, Counter(mine_.values()))[0]
        for x in rules.limits:
            row([o.inspector_id == i and t.district in x.districts for o, t, _ in arcs], 0, x.most)
        hi = min(cap, -(-demand // len(who)) + rung.above) if rung else cap
        lo = min(hi, met, max(0, demand // len(who) - rung.below)) if rung else 0
        row([o.inspector_id == i for o, _, _ in arcs], lo, hi)
    found = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(0, np.array([1.0] * len(arcs) + [float(g.count) for _, g in slots])),
        integrality=np.ones(len(cost)),
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0
    return float(int(block["cost"]) / 2**40 + block["vacancies"] * demand - found.fun)


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_two_officers_alike_in_all_have_equal_chances(r: random.Random) -> None:
    """Exchanging the tickets of two like officers exchanges the officers, and nothing else."""
    case = random_case(r, 3, 3)
    alike = [officer("twin1", "lead"), officer("twin2", "lead")]
    case = replace(case, officers=[*case.officers, *alike])
    swap = {"twin1": "twin2", "twin2": "twin1"}
    other = replace(case, rule=lambda key, e, g, i: assign_ticket(key, e, g, swap.get(i, i)))
    served = {(t["object_id"], m["group"], m["inspector_id"]) for t in case.solve()["teams"] for m in t["members"]}
    again = {(t["object_id"], m["group"], m["inspector_id"]) for t in other.solve()["teams"] for m in t["members"]}
    assert again == {(e, g, swap.get(i, i)) for e, g, i in served}


def test_the_order_of_the_inputs_does_not_matter() -> None:
    case = random_case(random.Random(7), 8, 6)  # a fixed case, not a secret
    turned = replace(case, targets=case.targets[::-1], officers=case.officers[::-1])
    assert turned.solve() == case.solve()


def test_the_example_of_the_specification() -> None:
    """The numbers are those of assignment.md 11; the twin agrees with them too."""
    crew = [officer("i1"), officer("i2"), officer("i3")]
    barred = frozenset({("i3", "object", "E1")})
    case = Case(plan([("b", 2, [])], [(0, 0)]), [target("E1"), target("E2")], crew, barred)
    record = case.solve()
    assert record == twin(case)
    assert [[m["inspector_id"] for m in t["members"]] for t in record["teams"]] == [["i1", "i2"], ["i2", "i3"]]
    assert record["blocks"] == [
        {
            "block": "E1",
            "rung": "r0",
            "round": 0,
            "cost": "2593374592419",
            "vacancies": 0,
            "potentials": {
                "hub": "-554384785588",
                "i:i1": "-1019251988508",
                "i:i2": "-554384785588",
                "i:i3": "-647084670555",
                "g:E1:b": "0",
                "g:E2:b": "-23749314813",
            },
        }
    ]
