"""Verify what comes beside and after a draw: custody, chains, amendments, results, voids, keys, attestations."""

from __future__ import annotations

from typing import Any

import pytest

from sampler import canon, draw, log, tables
from sampler.assign.amend import Teams, enter, free
from sampler.assign.solve import amend as solve_amendment
from sampler.commands.draw import assign
from sampler.plan import Plan
from sampler.records import TABLE_COLUMNS
from sampler.verify.bundle import Bundle
from sampler.verify.steps_later import before
from tests.forge import GOLDEN, Forge, first_failed, rewrite, signature_of

SITTING = "DEMO-S-2026-12"


@pytest.fixture
def forge() -> Forge:
    return Forge()


def kept(f: Forge, **fields: Any) -> None:
    """Let business keep the notary's secret; `fields` are those of the receipt that are otherwise."""
    s, closing = f.get("sitting.json"), f.get("closing.json")
    c = next(p["c"] for p in s["party_commitments"] if p["party"] == "notary")
    receipt = {"sitting_id": SITTING, "sitting": s["sitting"], "party": "notary", "holder": "business", "c": c}
    receipt |= {"type": "custody", **fields}
    s["reveals"] = s["reveals"][:1]
    f.put("sitting.json", s)
    f.put("custody-notary.json", receipt)
    del closing["revealed"]["notary"]
    listed = {"party": "notary", "holder": receipt["holder"], "rhash": canon.rhash(receipt).hex()}
    f.change("closing.json", revealed=closing["revealed"], custody=[listed])


def test_custody_secret(forge: Forge) -> None:
    kept(forge)
    assert first_failed(forge.done()) == ""
    rewrite(forge, "seed.json", lambda s: s["parties"][1].update(r="77" * 32))
    forge.reseed(canon.rhash(forge.get("commitment.json")))
    assert first_failed(forge.done()) == "seed"


@pytest.mark.parametrize("holder", ["notary", "nobody"])
def test_custody_by_nobody_else(forge: Forge, holder: str) -> None:
    kept(forge, holder=holder)
    assert first_failed(forge.done()) == ("charter" if holder == "nobody" else "parties")


@pytest.mark.parametrize("fields", [{"c": "11" * 32}, {"sitting": "11" * 32}])
def test_custody_of_something_else(forge: Forge, fields: dict[str, str]) -> None:
    kept(forge, **fields)
    assert first_failed(forge.done()) == "parties"


def test_custody_after_the_closing(forge: Forge) -> None:
    kept(forge)
    forge.order.remove("custody")
    forge.order.insert(forge.order.index("closing") + 1, "custody")
    assert first_failed(forge.done()) == "order"


def test_custody_that_its_owner_signed(forge: Forge) -> None:
    kept(forge)
    forge.done()
    signature_of("notary", "custody")(forge)
    assert first_failed(forge.manifest()) == "charter"


def test_the_list_may_not_be_computable_before_the_visits(forge: Forge) -> None:
    """At after-inspection one secret at least stays with a holder; else anybody has the seed from the records."""
    forge.change("plan.json", disclosure="after-inspection")
    assert first_failed(forge.relink().done()) == "parties"
    kept(forge)
    assert first_failed(forge.relink_kept().done()) == "selection", "another plan is another seal: the old list stands"


def test_chain_that_its_party_never_promised(forge: Forge) -> None:
    rewrite(forge, "commitment.json", lambda c: c["anchor"].update(end="11" * 32))
    assert first_failed(forge.relink().done()) == "parties"


def test_chain_of_a_stranger(forge: Forge) -> None:
    rewrite(forge, "commitment.json", lambda c: c["anchor"].update(party="nobody"))
    assert first_failed(forge.relink().done()) == "parties"


def results(draw: str = "DEMO-2026-0001", batch: int = 1, **row: Any) -> dict[str, Any]:
    visited = {"state": "visited", "date": "2026-12-10", "result": 1, "officers": ["P01", "P02"]}
    rows = [{k: v for k, v in {"object_id": "91310101MA1FL0007G", **visited, **row}.items() if v is not None}]
    return {"type": "results", "draw_id": draw, "batch": batch, "previous": "00" * 32, "rows": rows}


@pytest.mark.parametrize(
    ("named", "step"),
    [
        ("DEMO-2026-0000", ""), ("DEMO-2026-0001", "results"), ("DEMO-2026-0002", "results"), ("DEMO-2025-0009", "results"),
        ("-", "results"),
    ],
)  # fmt: skip
def test_a_visit_shared_with_an_earlier_draw_of_the_sitting(forge: Forge, named: str, step: str) -> None:
    """A verifier MUST refuse a `merged_into` that is not a draw of the same sitting with a smaller draw_id."""
    other = "DEMO-2026-0002" if named == "DEMO-2026-0002" else "DEMO-2026-0000"
    forge.early = [log.entry("commitment", "33" * 32, sitting_id=SITTING, draw_id=other)]
    forge.sizes = [2, 4, 6, 8]
    one = {"draw_id": other, "commitment": "44" * 32}
    s = forge.get("sitting.json")
    for promise in s["party_commitments"]:
        promise["anchors"] = [*promise.get("anchors", []), *promise.get("anchors", [])]  # one for each of two draws
    both = sorted([*s["commitments"], one], key=lambda c: str(c["draw_id"]))
    promises = [{k: v for k, v in p.items() if v} for p in s["party_commitments"]]
    forge.change("sitting.json", commitments=both, party_commitments=promises)
    forge.change("commitment.json", previous="44" * 32)
    forge.relink()
    if other < "DEMO-2026-0001":
        gone = {
            "type": "void",
            "draw_id": other,
            "registration": "55" * 32,
            "cause": "来源没有开出",
            "missing": ["source"],
        }
        forge.put(f"sitting/{other}/void.json", gone)
    forge.put("results/0001.json", results(merged_into=named, object_id=drawn_again(forge)))
    found = forge.done().judge()
    assert first_failed(forge) == step
    assert step or any("DEMO-2026-0000" in line for line in found.not_proved)


def drawn_again(forge: Forge) -> str:
    """Draw and send teams anew under the seal as it now stands; returns a drawn object."""
    plan: Plan = Plan.parse(forge.files["plan.json"])
    held = {n: tables.decode(forge.files[n], TABLE_COLUMNS[n], file=n) for n in TABLE_COLUMNS if n in forge.files}
    seed = forge.get("seed.json")["seed"]
    frame, strata, levels = (held[n] for n in ("frame.tsv", "strata.tsv", "levels.tsv"))
    chosen = draw.select(plan, frame, strata, levels, bytes.fromhex(seed))
    teams = assign(plan, held, chosen, "DEMO-2026-0001", bytes.fromhex(seed))
    forge.files["tau.tsv"] = chosen.tau
    forge.put("assignment.json", teams)
    seal = forge.get("draw.json")["commitment"]
    made = draw.result("DEMO-2026-0001", seal, bytes.fromhex(seed), chosen, teams)
    forge.files["draw.json"] = made.encode()
    return chosen.drawn[0].object_id


def test_results(forge: Forge) -> None:
    forge.put("results/0001.json", results())
    report = forge.done().judge()
    assert (report.first_failed, report.steps[14].status) == (None, "ok")


UNLAWFUL: dict[str, dict[str, Any]] = {
    "one officer": {"officers": ["P01"]},
    "no officers": {"officers": None},
    "no date": {"date": None},
    "no result": {"result": None},
    "result nine": {"result": 9},
    "result zero": {"result": 0},
    "nothing found and something": {"also": ["5"]},
    "the same twice": {"result": 5, "also": ["5"]},
    "a further result that is none": {"result": 5, "also": ["x"]},
    "unknown state": {"state": "done"},
    "not visited with a result": {"state": "not-visited"},
    "visited with a reason against": {"reason": "moved"},
    "unknown reason": {"state": "not-visited", "result": None, "reason": "holiday"},
    "severity four": {"result": 5, "severity": 4},
    "unknown measure": {"measure": "tea"},
    "a time in words": {"entered_at": "早上"},
    "a time of twenty-four hours": {"left_at": "24:00"},
}


@pytest.mark.parametrize("name", UNLAWFUL)
def test_a_result_against_the_rules_of_a_visit(forge: Forge, name: str) -> None:
    forge.put("results/0001.json", results(**UNLAWFUL[name]))
    assert first_failed(forge.done()) == "results"


@pytest.mark.parametrize("more", [{"date": None, "officers": None}, {}, {"entered_at": "09:30", "left_at": "10:00"}])
def test_a_visit_that_could_not_take_place_is_a_result(forge: Forge, more: dict[str, Any]) -> None:
    """Two officers came and found the place closed: their day and their names may stand."""
    forge.put("results/0001.json", results(state="not-visited", result=None, reason="moved", **more))
    assert forge.done().judge().first_failed is None


@pytest.mark.parametrize("change", ["unlogged", "stranger", "gap", "hidden", "chain"])
def test_results_that_cannot_be(forge: Forge, change: str) -> None:
    forge.put("results/0001.json", results())
    if change == "unlogged":
        assert first_failed(forge.sign().manifest()) == "log"
        return
    if change == "stranger":
        forge.put("results/0001.json", results(object_id="91310101MA1FL0001A"))
    if change == "gap":
        forge.files["results/0002.json"] = forge.files.pop("results/0001.json")
        forge.change("results/0002.json", batch=2)
    if change == "hidden":
        forge.extra.append({"type_": "results", "draw_id": "DEMO-2026-0001"})
    if change == "chain":
        forge.change("results/0001.json", previous="11" * 32)
    assert first_failed(forge.done()) == "results"


def test_amendment_nobody_logged(forge: Forge) -> None:
    forge.put("amendments/0001.json", amendment())
    assert first_failed(forge.sign().manifest()) == "log"


def golden() -> Bundle:
    paths = [p.relative_to(GOLDEN).as_posix() for p in GOLDEN.rglob("*") if p.is_file()]
    return Bundle(read=lambda path: (GOLDEN / path).read_bytes(), paths=paths)


def amendment(number: int = 1, teams: Teams | None = None, **fields: Any) -> dict[str, Any]:
    """Return a true amendment, an illness unless told otherwise; a_256 is the golden world's secret."""
    chain = canon.sha256(b"sampler/golden/bundle-12/amend")
    for _ in range(256 - number):
        chain = canon.sha256(chain)
    bundle = golden()
    sealed, drawn = before(bundle)
    teams = teams or drawn
    cause = {
        "type": "amendment-cause", "draw_id": "DEMO-2026-0001", "number": number, "kind": "illness", "requester": "P01",
        "reason": "病假", "approval": {"form": "x", "date": "2026-12-08"}, "inspector_id": teams.loads().most_common(1)[0][0],
        "interval": {"from": bundle.plan.visits.first, "to": bundle.plan.visits.last}, **fields,
    }  # fmt: skip
    cause = {k: v for k, v in cause.items() if v is not None}
    return solve_amendment(sealed, teams, cause, (), bytes.fromhex(bundle.seed.seed), chain)


def test_amendment_on_the_sealed_chain(forge: Forge) -> None:
    forge.put("amendments/0001.json", amendment())
    report = forge.done().judge()
    assert (report.first_failed, report.steps[13].status) == (None, "ok")


@pytest.mark.parametrize("change", ["more", "else", "person", "vacant"])
def test_amendments_by_hand(forge: Forge, change: str) -> None:
    """Signed and logged like a true one, with the right chain value: replay still finds it."""
    made = amendment()
    if change == "more":
        touched = {c["object_id"] for c in made["changes"]}
        other = next(t for t in forge.get("assignment.json")["teams"] if t["object_id"] not in touched)
        extra = {"object_id": other["object_id"], "leaving": other["members"][:1], "entering": [], "vacant": []}
        made["changes"] = sorted([*made["changes"], extra], key=lambda c: c["object_id"])
    if change == "else":
        made["changes"][0]["leaving"] = []
    if change == "person":
        made["cause"]["inspector_id"] = "P99"
    if change == "vacant":
        made["blocks"] = []
        for c in made["changes"]:
            c["entering"] = []
    forge.put("amendments/0001.json", made)
    assert first_failed(forge.done()) == "amendments"


@pytest.mark.parametrize("change", ["chain", "number", "before", "hidden cause"])
def test_amendments_that_cannot_be(forge: Forge, change: str) -> None:
    forge.put("amendments/0001.json", amendment())
    if change == "chain":
        forge.change("amendments/0001.json", chain="11" * 32)
    if change == "number":
        forge.put("amendments/0001.json", amendment() | {"cause": amendment(number=2)["cause"]})
    if change == "before":
        a, b = forge.order.index("amendment-cause"), forge.order.index("amendment")
        forge.order[a], forge.order[b] = forge.order[b], forge.order[a]
    if change == "hidden cause":
        forge.extra.append({"type_": "amendment", "draw_id": "DEMO-2026-0001"})
    assert first_failed(forge.done()) == "amendments"


def test_a_series_is_flagged(forge: Forge) -> None:
    """Each amendment alone is in order; that they pile up on one object is said."""
    sealed, teams = before(golden())
    what = next(e for e, team in sorted(teams.members.items()) if len(team) > 1)
    for number in range(1, 4):
        who = min(teams.members[what])[1]
        made = amendment(number, teams, kind="recusal", inspector_id=who, object_id=what, interval=None)
        teams = enter(free(sealed, teams, made["cause"], ()), {c["object_id"]: members(c) for c in made["changes"]})
        forge.put(f"amendments/{number:04d}.json", made)
    forge.interleave()
    report = forge.done().judge()
    assert report.first_failed is None
    said = next(n for n in report.not_proved if "异常频繁" in n)
    assert f"{what} 变更 3 次" in said
    assert "二十分之一" in said
    assert not any("异常频繁" in n for n in Forge().judge().not_proved)


def members(change: dict[str, Any]) -> list[tuple[str, str]]:
    return [(m["group"], m["inspector_id"]) for m in change["entering"]]
