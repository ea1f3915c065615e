"""Write the vectors of area `assignment`: python -m tests.assign_vectors [--check] (docs/spec/conformance.md, 4.11).

Records come from the solver and are judged by the twin of tests/property and by two checkers; a vector's answer is the
specification's, written here by hand.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sampler.assign.bans import standing_bans
from sampler.roster import Officer, rec_id
from sampler.ticket import assign_key, assign_ticket
from tests.property.test_assign_twin import SEED, Case, officer, plan, target, together
from tests.property.test_assign_uniform import uneven

FOLDER = Path(__file__).resolve().parent / "vectors" / "assignment"
Record = dict[str, Any]
Edit = Callable[[Record], object]


def listed(values: frozenset[str]) -> str:
    return ",".join(sorted(values)) or "-"


def officer_row(o: Officer) -> dict[str, str]:
    return {
        "inspector_id": o.inspector_id, "unit": o.unit, "department": o.department, "district": o.district, "role": o.role,
        "expiry": o.expiry, "items": listed(o.items), "qualifications": listed(o.qualifications),
        "max_load": str(o.max_load), "leave": ",".join(f"{a}..{b}" for a, b in o.leave) or "-",
    }  # fmt: skip


def given(case: Case, record: Record) -> Record:
    """Return the input of a vector."""
    objects = [
        {
            "object_id": t.object_id, "owner_id": t.owner_id, "class": t.class_, "type": t.type, "district": t.district,
            "industry": t.industry, "tags": listed(t.tags),
        }
        for t in sorted(case.targets, key=lambda t: t.object_id)
    ]  # fmt: skip
    recusals = [
        {"rec_id": rec_id(i, k, t), "inspector": i, "kind": k, "target": t, "reason": "kin", "asked_by": "officer"}
        for i, k, t in case.recusals
    ]
    return {
        "plan": case.plan, "objects": objects, "roster": [officer_row(o) for o in sorted(case.officers, key=lambda o: o.inspector_id)],
        "recusals": sorted(recusals, key=lambda r: r["rec_id"]), "seed": SEED.hex(), "record": record,
    }  # fmt: skip


def chain(m: int) -> Case:
    """Return m objects in a row, the j-th open to officers j and j + 1 only, one visit each."""
    crew = [officer(f"i{n:03}", *(f"q{j:03}" for j in (n - 1, n) if 0 <= j < m), load=1) for n in range(m + 1)]
    what = [replace(target(f"e{j:03}"), type=f"t{j:03}") for j in range(m)]
    rule = plan([], [])
    rule["templates"] = [
        {
            "template": f"t{j:03}",
            "groups": [{"group": "a", "count": 1, "needs": [f"q{j:03}"]}],
            **({"when": {"types": [f"t{j:03}"]}} if j < m - 1 else {}),
        }
        for j in range(m)
    ]
    return Case(rule, what, crew, frozenset())


def cases() -> dict[str, tuple[str, Case]]:
    """Return every base by name, with what it shows."""
    crew = [officer(f"i{n}", *(["lead"] if n < 3 else []), district="A", load=4) for n in range(6)]
    team = [("a", 1, ["lead"]), ("b", 1, [])]
    seven = [target(f"E{n}") for n in range(7)]
    usual = Case(
        plan(team, [(0, 0), (1, 1)]), [*seven, target("Z9", district="B")],
        [*crew, officer("i8", district="B"), officer("i9", "lead", district="C")],
        frozenset({("i0", "object", "E0"), ("i3", "owner", "E1")}),
    )  # fmt: skip
    joint = plan([], [(0, 0), (9, 9)])
    joint["assignment"] |= {"initiator": "market"}
    joint["templates"][0]["groups"] = [
        {"group": "a", "count": 1, "needs": ["lead"], "department": "market"},
        {"group": "b", "count": 1, "needs": [], "department": "fire"},
        {"group": "c", "count": 1, "needs": ["expert", "gas"]},
    ]
    mixed = [
        *(replace(officer(f"m{n}", "lead"), department="market") for n in range(2)),
        *(replace(officer(f"f{n}"), department="fire") for n in range(3)),
        *(officer(f"x{n}", "gas", role="expert") for n in range(2)),
    ]
    area = plan(team, [(0, 1), (9, 9)])
    area["assignment"] |= {
        "jurisdiction": "cluster",
        "clusters": [{"cluster": "east", "districts": ["A", "B"]}, {"cluster": "west", "districts": ["C"]}],
        "cross": [{"inspector_id": "i1", "district": "C", "document": "函7"}],
        "fixed": [{"object_id": "E1", "group": "b", "inspector_id": "i4", "document": "复查"}],
    }
    away = [officer(f"i{n}", *(["lead"] if n < 4 else []), district="ABCC"[n % 4], load=6) for n in range(8)]
    where = [target(f"E{n}", district="ABC"[n % 3]) for n in range(6)]
    first = Case(
        plan([("b", 2, [])], [(0, 0)]), [target("E1"), target("E2")], [officer("i1"), officer("i2"), officer("i3")],
        frozenset({("i3", "object", "E1")}),
    )  # fmt: skip
    held = plan(team, [(0, 0), (1, 1)])
    held["assignment"] |= {
        "jurisdiction": "any",
        "limits": [
            {"limit": "A", "districts": ["A"], "most": 2}, {"limit": "C", "districts": ["C"], "most": 1},
            {"limit": "week", "districts": ["A", "B"], "most": 3},
        ],
    }  # fmt: skip
    apart = [target(f"E{n}", district="ABAC"[n % 4]) for n in range(8)]
    short = plan([("b", 2, [])], [(0, 0)])
    short["assignment"] |= {"jurisdiction": "any", "limits": [{"limit": "A", "districts": ["A"], "most": 1}]}
    three = [officer(f"i{n}", district="A", load=9) for n in range(3)]
    five = [officer(f"i{n}", *(["lead"] if n < 3 else []), district="A", load=4) for n in range(5)]
    met = Case(plan(team, [(0, 0), (1, 1)]), seven[:6], five, frozenset({("i0", "object", "E0")}))
    alone = [officer("i0", "lead", district="A", load=9), *(officer(f"i{n}", district="A", load=9) for n in (1, 2))]
    stuck = Case(plan(team, [(0, 0), (9, 9)]), seven[:4], alone, frozenset({("i2", "object", "E1")}))
    return {
        "example": ("the example of assignment.md 11", first),
        "usual": ("floors, two blocks, one of them with a vacancy on the last rung", usual),
        "joint": ("two departments and an expert: the initiating one leads", Case(joint, seven[:4], mixed, frozenset())),
        "areas": ("clusters, an authorisation and a fixed place", Case(area, where, away, frozenset())),
        "limits": ("limits for a week and for districts, nested", Case(held, apart, [replace(o, district="*") for o in away], frozenset())),
        "limits-short": ("a limit leaves places empty", Case(short, [target("E1"), target("E2"), target("E3", district="B")], three, frozenset())),
        "together": ("two officers meet once: one visit is banned, and another changes with it", together(met, 1)),
        "together-lifted": ("one lead for all: bans are lifted, others change who meets, and after D stages it ends", together(stuck, 1)),
        "together-undone": ("the last ban leaves more meetings too many than before: it is undone", together(Case(plan(team, [(0, 0), (9, 9)]), seven[:3], alone, frozenset()), 1)),
        "together-idle": ("a limit that nobody reaches: no stages", together(met, 9)),
        "uneven": ("loads differ by a visit and leads are scarce: of its 201 assignments the least likely is drawn 0.18 times as often as uniform", uneven(179).case),
        "chain-20": ("a chain of 20: its end assignment is 2.63 times as likely as uniform, C(40,20) 4^-20 21", chain(20)),
        "chain-100": ("a chain of 100: its end assignment is 5.7 times as likely as uniform", chain(100)),
    }  # fmt: skip


def team(record: Record, object_id: str) -> Record:
    return next(t for t in record["teams"] if t["object_id"] == object_id)


def forged() -> list[tuple[str, str, str, Edit]]:
    """Return base, code, what was changed, and the change."""
    return [
        ("usual", "ASSIGN_BANS", "a ban", lambda r: r["bans"].append({"object_id": "E0", "inspector_id": "i1"})),
        ("usual", "ASSIGN_TEAM", "a team is missing", lambda r: r["teams"].pop(0)),
        ("usual", "ASSIGN_TEAM", "a team twice", lambda r: r["teams"].insert(0, r["teams"][0])),
        ("usual", "ASSIGN_ORDER", "teams in reverse", lambda r: r["teams"].reverse()),
        ("usual", "ASSIGN_ORDER", "members in reverse", lambda r: r["teams"][0]["members"].reverse()),
        ("usual", "ASSIGN_TEMPLATE", "another template", lambda r: r["teams"][0].update(template="other")),
        ("usual", "ASSIGN_COUNT", "a member is missing", lambda r: r["teams"][0]["members"].pop()),
        ("usual", "ASSIGN_COUNT", "a vacancy is hidden", lambda r: team(r, "Z9")["vacant"].clear()),
        ("usual", "ASSIGN_COUNT", "a group that is none", lambda r: r["teams"][0]["members"][1].update(group="z")),
        ("usual", "ASSIGN_INELIGIBLE", "a recused officer", lambda r: team(r, "E0")["members"][0].update(inspector_id="i0")),
        ("usual", "ASSIGN_INELIGIBLE", "a stranger", lambda r: team(r, "E0")["members"][1].update(inspector_id="zz")),
        ("joint", "ASSIGN_INELIGIBLE", "an officer of the other department", lambda r: r["teams"][0]["members"][1].update(inspector_id="m1")),
        ("joint", "ASSIGN_INELIGIBLE", "an expert as an officer", lambda r: r["teams"][0]["members"][1].update(inspector_id="x0")),
        ("areas", "ASSIGN_INELIGIBLE", "another than the fixed officer", lambda r: team(r, "E1")["members"][1].update(inspector_id="i5")),
        ("usual", "ASSIGN_TWICE", "an officer twice in a team", lambda r: r["teams"][0]["members"][1].update(inspector_id=r["teams"][0]["members"][0]["inspector_id"])),
        ("usual", "ASSIGN_VACANCY", "a vacancy of no place", lambda r: r["teams"][0]["vacant"].append({"group": "a", "count": 0})),
        ("usual", "ASSIGN_BLOCKS", "a block is missing", lambda r: r["blocks"].pop()),
        ("usual", "ASSIGN_RUNG", "an unknown rung", lambda r: r["blocks"][0].update(rung="r7")),
        ("usual", "ASSIGN_ROUND", "round 8", lambda r: r["blocks"][0].update(round=8)),
        ("usual", "ASSIGN_VACANCY", "vacancies miscounted", lambda r: r["blocks"][1].update(vacancies=0)),
        ("usual", "ASSIGN_COST", "a lower cost", lambda r: r["blocks"][0].update(cost=str(int(r["blocks"][0]["cost"]) - 1))),
        ("usual", "ASSIGN_POTENTIALS", "a potential one too low", lambda r: r["blocks"][0]["potentials"].update(hub=str(int(r["blocks"][0]["potentials"]["hub"]) - 1))),
        ("usual", "ASSIGN_POTENTIALS", "all potentials one lower: not anchored", shift),
        ("limits", "ASSIGN_POTENTIALS", "the potential of a limit one too low", lambda r: lower(r, "l:A:i0")),
        ("limits", "ASSIGN_POTENTIALS", "the node of a limit is missing", lambda r: r["blocks"][0]["potentials"].pop("l:week:i0")),
        ("limits-short", "ASSIGN_LOAD", "a limit exceeded", crowd),
        ("usual", "ASSIGN_BANS", "stages without a limit on meetings", lambda r: r["blocks"][0].update(stages=[])),
        ("together", "ASSIGN_BANS", "the stages are left out", lambda r: r["blocks"][0].pop("stages")),
        ("together", "ASSIGN_BANS", "the ban is left out of the list", lambda r: r["bans"].clear()),
        ("together", "ASSIGN_BANS", "a ban that no stage made", lambda r: r["bans"].append({"object_id": "E5", "inspector_id": "i3"})),
        ("together", "ASSIGN_BANS", "the other of the two is banned", lambda r: banned(r, "i4")),
        ("together", "ASSIGN_BANS", "a ban that could hold is lifted", lift),
        ("together", "ASSIGN_BANS", "a change is not told", lambda r: r["blocks"][0]["stages"][0]["changes"].pop()),
        ("together", "ASSIGN_BANS", "leaving and entering exchanged", turn),
        ("together", "ASSIGN_POTENTIALS", "no stage, and the teams of the end", lambda r: (r["blocks"][0]["stages"].clear(), r["bans"].clear())),
        ("together", "ASSIGN_POTENTIALS", "a potential of the end one too low", lambda r: lower(r, "g:E3:a")),
        ("together-lifted", "ASSIGN_BANS", "a lifted ban holds", hold),
        ("together-lifted", "ASSIGN_BANS", "a stage is left out", lambda r: r["blocks"][0]["stages"].pop(0)),
        ("together-lifted", "ASSIGN_BANS", "the last stage is left out", lambda r: r["blocks"][0]["stages"].pop()),
        ("together-lifted", "ASSIGN_BANS", "one stage more than places", lambda r: r["blocks"][0]["stages"].append(r["blocks"][0]["stages"][-1])),
        ("together-lifted", "ASSIGN_BANS", "two stages exchanged", lambda r: r["blocks"][0]["stages"].insert(0, r["blocks"][0]["stages"].pop(1))),
        ("together-idle", "ASSIGN_BANS", "a ban without need", lambda r: banned(r, "i0")),
        ("chain-20", "ASSIGN_POTENTIALS", "a node is missing", lambda r: r["blocks"][0]["potentials"].pop("hub")),
        ("example", "ASSIGN_COST", "the certificate of round 1", lambda r: r["blocks"][0].update(round=1)),
        ("together-undone", "ASSIGN_BANS", "a ban that is undone holds", keep),
        ("together-undone", "ASSIGN_BANS", "a ban that holds is undone", undo),
        ("together-undone", "ASSIGN_BANS", "the ban that is undone is left out", lambda r: drop(r, "undone")),
        ("together-undone", "ASSIGN_BANS", "a lifted ban is undone", lambda r: next(s for s in r["blocks"][0]["stages"] if "lifted" in s).update(undone=True)),
    ]  # fmt: skip


def banned(record: Record, who: str) -> None:
    """Let the first stage ban another officer at the same object, or be made up."""
    block = record["blocks"][0]
    block["stages"] = block["stages"] or [{"object_id": "E3", "inspector_id": who, "changes": []}]
    block["stages"][0]["inspector_id"] = who
    record["bans"] = standing_bans(record["blocks"])


def lift(record: Record) -> None:
    """Say that the first ban was lifted, with the teams before it."""
    stage = record["blocks"][0]["stages"][0]
    for c in stage["changes"]:
        seats = team(record, c["object_id"])
        kept = [m for m in seats["members"] if m not in c["entering"]]
        seats["members"] = sorted([*kept, *c["leaving"]], key=lambda m: (m["group"], m["inspector_id"]))
    stage |= {"changes": [], "lifted": True}
    record["bans"] = []
    cost = sum(
        assign_ticket(assign_key(SEED, 0), t["object_id"], m["group"], m["inspector_id"])
        for t in record["teams"]
        for m in t["members"]
    )
    record["blocks"][0]["cost"] = str(cost)


def hold(record: Record) -> None:
    stage = next(s for s in record["blocks"][0]["stages"] if "lifted" in s)
    del stage["lifted"]
    record["bans"] = standing_bans(record["blocks"])


def keep(record: Record) -> None:
    """Say that the ban that is undone holds."""
    del next(s for s in record["blocks"][0]["stages"] if "undone" in s)["undone"]
    record["bans"] = standing_bans(record["blocks"])


def undo(record: Record) -> None:
    """Say that the ban that holds is undone."""
    next(s for s in record["blocks"][0]["stages"] if not {"lifted", "undone"} & set(s))["undone"] = True
    record["bans"] = standing_bans(record["blocks"])


def drop(record: Record, mark: str) -> None:
    stages = record["blocks"][0]["stages"]
    stages.remove(next(s for s in stages if mark in s))
    record["bans"] = standing_bans(record["blocks"])


def turn(record: Record) -> None:
    change = record["blocks"][0]["stages"][0]["changes"][0]
    change["leaving"], change["entering"] = change["entering"], change["leaving"]


def lower(record: Record, node: str) -> None:
    prices = record["blocks"][0]["potentials"]
    prices[node] = str(int(prices[node]) - 1)


def crowd(record: Record) -> None:
    """Send an officer to a vacant place of a district in which he has had his one visit."""
    one = next(t for t in record["teams"] if t["object_id"] in ("E1", "E2") and t["vacant"])
    other = next(t for t in record["teams"] if t["object_id"] in ("E1", "E2") and t is not one)
    here = {m["inspector_id"] for m in one["members"]}
    who = next(m["inspector_id"] for m in other["members"] if m["inspector_id"] not in here)
    one["members"] = sorted(
        [*one["members"], {"group": "b", "inspector_id": who}], key=lambda m: str(m["inspector_id"])
    )
    empty = 2 - len(one["members"])
    one["vacant"] = [{"group": "b", "count": empty}] if empty else []
    block = next(b for b in record["blocks"] if b["vacancies"])
    block["vacancies"] -= 1


def shift(record: Record) -> None:
    entry = record["blocks"][0]
    entry["potentials"] = {n: str(int(p) - 1) for n, p in entry["potentials"].items()}


def vectors() -> Iterator[tuple[str, Record]]:
    """Yield the name and the content of every vector."""
    bases = {name: (desc, case, case.solve()) for name, (desc, case) in cases().items()}
    for name, (desc, case, record) in bases.items():
        yield f"check-{name}", vector(desc, given(case, record), {"ok": True})
    count: dict[str, int] = {}
    for base, code, what, edit in forged():
        _, case, record = bases[base]
        changed = copy.deepcopy(record)
        edit(changed)
        word = code.removeprefix("ASSIGN_").lower()
        count[word] = count.get(word, 0) + 1
        yield f"refused-{word}-{count[word]}", vector(f"refused: {what}", given(case, changed), {"error": code}, what)
    flat = next(c for n, (_, c) in cases().items() if n == "usual")
    late = replace(flat, plan=plan([("a", 1, ["lead"]), ("b", 1, [])], []))
    record = late.solve()
    yield "refused-rung-2", vector(
        "refused: the last rung although the first can be met", given(flat, record), {"error": "ASSIGN_RUNG"}, "a later rung"
    )  # fmt: skip


def vector(desc: str, asked: Record, want: Record, mutation: str = "") -> Record:
    changed = {"mutation": mutation} if mutation else {}
    head = {"spec": "draw/v1-draft", "area": "assignment", "op": "check", "desc": desc}
    return head | changed | {"input": asked, "want": want}


def laid_out(value: Any, depth: int = 0) -> str:
    """Return JSON for people: containers of containers on lines of their own, everything else on one."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(x, dict | list) and x for x in parts):
        return json.dumps(value, ensure_ascii=False)
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(k)}: {laid_out(x, depth + 1)}" for k, x in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + pad[1:] + "}"
    return "[\n" + ",\n".join(pad + laid_out(x, depth + 1) for x in value) + "\n" + pad[1:] + "]"


def files() -> dict[str, bytes]:
    """Return path to bytes."""
    return {f"{name}.json": (json.dumps(v, ensure_ascii=False, indent=1) + "\n").encode() for name, v in vectors()}


def main(words: list[str]) -> int:
    """Write the vectors, or with --check compare them."""
    made = files()
    if "--check" in words:
        found = {p.name: p.read_bytes() for p in FOLDER.glob("*.json")}
        return int(found != made)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for p in FOLDER.glob("*.json"):
        p.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
