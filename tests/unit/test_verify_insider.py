"""An insider with every key and the program's sources: small ways around the rules, each refused at its step."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from sampler import canon, signing
from sampler import verify as package
from sampler.records import Approval, Attestation, key_id
from sampler.verify.report import NotApplicable, Step
from sampler.verify.steps_later import report_hash
from tests.forge import IDS, Edit, Forge, first_failed, private, rewrite
from tests.unit.test_verify_attacks import void

DRAW, SITTING = "DEMO-2026-0001", "DEMO-S-2026-12"
STRANGER = f"— court {base64.b64encode(bytes(68)).decode()}\n"


@pytest.fixture
def forge() -> Forge:
    return Forge()


def shown(f: Forge) -> str:
    return canon.rhash(f.get("draw.json")).hex()


def step(f: Forge, name: str) -> Step:
    return f.judge().steps[IDS.index(name)]


@pytest.mark.parametrize("missing", ["source", "business"])
def test_a_void_that_calls_missing_what_the_log_shows(forge: Forge, missing: str) -> None:
    """A verifier MUST refuse a Void that calls missing a party whose reveal is logged or whom the closing calls absent,
    or the source when its value is logged.
    """
    void(forge, missing=[missing])
    assert first_failed(forge.done()) == "results"


def test_an_absent_party_is_not_missing(forge: Forge) -> None:
    """The seed takes ABSENT in its place, so the result could be computed."""
    rewrite(forge, "sitting.json", lambda v: v["reveals"].pop(0))
    kept = {r["party"]: r["r"] for r in forge.get("sitting.json")["reveals"]}
    gone = sorted({p["party"] for p in forge.get("commitment.json")["parties"]} - kept.keys())
    forge.change("charter.json", min_reveals=1)
    forge.change("closing.json", revealed=kept, absent=gone)
    void(forge, missing=gone)
    assert "日志里就有" in step(forge.done(), "results").meaning


@pytest.mark.parametrize("logged", ["drawn", "only shown"])
def test_a_void_before_the_value_whose_result_it_shows(forge: Forge, logged: str) -> None:
    """**Decided: the moment of knowledge.** As soon as min_reveals secrets of the sitting are revealed or in custody, whoever
    waits for the public value can know the result; from then on a Void MUST come after Closing and PublicValue and carry `draw`, the rhash of the
    Draw, which stands with all its files in the bundle: as logged, or, when none was logged, computed in full, neither signed nor logged.
    """
    void(forge, draw=shown(forge))
    forge.order.remove("void")
    if logged == "only shown":
        forge.order.remove("draw")
    forge.order.insert(forge.order.index("public-value"), "void")
    assert first_failed(forge.done()) == "order"


@pytest.mark.parametrize(
    "by", [["", "局长"], ["局长", "局长 "], ["局长", "局长\u200b"], ["\u2060", "局长"], ["\u3000"]]
)
def test_a_post_that_nobody_sees_approves_nothing(forge: Forge, by: list[str]) -> None:
    forge.change("charter.json", approvals=2)
    approval = forge.get("commitment.json")["approval"]
    forge.change("commitment.json", approval=approval | {"by": by})
    assert first_failed(forge.relink().done()) == "registration"
    assert Approval(form="1", date="2026-12-01", by=("分管副局长", "局长")).count == 2


def owner(role: str, name: str) -> Edit:
    def apply(f: Forge) -> None:
        public = signing.public_of(private("another"))
        new = {"key_id": key_id(public), "owner": name, "public": public.hex(), "role": role}
        f.change("charter.json", keys=sorted([*f.get("charter.json")["keys"], new], key=lambda k: k["key_id"]))

    return apply


@pytest.mark.parametrize(("role", "name"), [("log", "stranger"), ("agency", "stranger"), ("party", "stranger")])
def test_a_key_of_somebody_the_charter_does_not_know(forge: Forge, role: str, name: str) -> None:
    owner(role, name)(forge)
    assert first_failed(forge.done()) == "charter"


def test_a_witness_may_be_anybody(forge: Forge) -> None:
    owner("witness", "stranger")(forge)
    assert first_failed(forge.done()) == ""


WEAK = {
    "neutral": 1,
    "order 2": signing._P - 1,
    "order 4": 0,
    "order 8": signing._ORDER_8,
    "second form": signing._P + 1,
}


@pytest.mark.parametrize("y", WEAK.values(), ids=WEAK.keys())
def test_a_key_under_which_anybody_signs(forge: Forge, y: int) -> None:
    """A verifier MUST take no signature of a key whose y is not below p, or whose point has an order that divides 8."""
    public, h = y.to_bytes(32, "little"), canon.rhash(forge.get("draw.json")).hex()
    for sig in (b"\1" + bytes(63), public + bytes(32)):
        assert not any(
            signing.valid(public.hex(), "draw", canon.sha256(bytes([n])).hex(), sig.hex()) for n in range(16)
        )
    assert not signing.sound(public)
    new = {"key_id": key_id(public), "owner": "DEMO", "public": public.hex(), "role": "agency"}
    forge.change("charter.json", keys=sorted([*forge.get("charter.json")["keys"], new], key=lambda k: k["key_id"]))
    forge.done()
    mine = {"type": "draw", "rhash": h, "key_id": new["key_id"], "sig": (b"\1" + bytes(63)).hex()}
    listed = [*(s for s in forge.get("signatures.json") if s["type"] != "draw"), mine]
    forge.put("signatures.json", sorted(listed, key=lambda s: (s["type"], s["rhash"], s["key_id"])))
    assert first_failed(forge.manifest()) == "charter"


def test_the_weak_keys_are_all_of_them() -> None:
    """The points whose order divides 8 have five y: by the addition law, from the definition of the curve (RFC 8032, 5.1)."""
    p, d = signing._P, -121665 * pow(121666, -1, signing._P)

    def double(y: int) -> int:
        xx = (y * y - 1) * pow(d * y * y + 1, -1, p)
        return (y * y + xx) * pow(1 - d * xx * y * y, -1, p) % p

    orders = {1: {1}, 2: {p - 1}, 4: {0}, 8: signing._SMALL - {0, 1, p - 1}}
    assert {double(y) for y in orders[8]} == orders[4]
    assert (double(0), double(p - 1)) == (p - 1, 1)
    assert len(orders[8]) == 2, "y and -y, each with two x: four points of order 8"


def extra(**entry: str) -> Edit:
    return lambda f: f.extra.append(entry)


@pytest.mark.parametrize(
    ("edit", "at"),
    [
        (extra(type_="note", draw_id=DRAW), "order"), (extra(type_="note", sitting_id=SITTING), "order"),
        (extra(type_="amendment-x", draw_id=DRAW), "order"), (extra(type_="charter"), "order"),
        (extra(type_="registration", draw_id="OTHER-2026-0001"), "registration"), (extra(type_="note"), ""),
        (extra(type_="note", draw_id="DEMO-2026-0002"), ""),
    ],
    ids=["another kind", "of the sitting", "like an amendment", "second charter", "another agency", "nobody's", "another draw's"],
)  # fmt: skip
def test_an_entry_that_nobody_is_shown(forge: Forge, edit: Edit, at: str) -> None:
    edit(forge)
    assert first_failed(forge.done()) == at


@pytest.mark.parametrize("place", ["head", "earlier"])
def test_a_line_of_a_stranger_on_a_checkpoint(forge: Forge, place: str) -> None:
    forge.done()
    if place == "head":
        forge.files["log/checkpoint"] += STRANGER.encode()
    else:
        rewrite(
            forge,
            "log/proofs.json",
            lambda v: v["earlier"][0].update(checkpoint=v["earlier"][0]["checkpoint"] + STRANGER),
        )
    assert first_failed(forge.manifest()) == "log"


def test_a_draw_logged_as_a_sittings_record(forge: Forge) -> None:
    forge.done()
    forge.files["log/entries"] += canon.encode({"type": "draw", "sitting_id": "S9", "leaf": "11" * 32}) + b"\n"
    assert first_failed(forge.manifest()) == "records"


@pytest.mark.parametrize("text", ["a\u0085b", "a\u009fb", "a\u007fb", "\u0000"])
def test_no_control_character_in_a_text(forge: Forge, text: str) -> None:
    forge.change("charter.json", name=text)
    assert first_failed(forge.done()) == "records"


def test_the_years_of_the_specification(forge: Forge) -> None:
    for date, good in (
        ("0001-01-01", True),
        ("0999-12-31", True),
        ("9999-12-31", True),
        ("0000-01-01", False),
        ("999-01-01", False),
    ):
        approval = forge.get("commitment.json")["approval"] | {"date": date}
        forge.change("commitment.json", approval=approval)
        assert (step(forge.done(), "records").status == "ok") is good


def test_control_characters_in_a_name_of_the_items(forge: Forge) -> None:
    head, row, *rest = forge.files["items.tsv"].split(b"\n")
    fields = row.split(b"\t")
    fields[4] += b"\x01"
    forge.files["items.tsv"] = b"\n".join([head, b"\t".join(fields), *rest])
    assert first_failed(forge.manifest()) == "records"


def test_the_scan_of_the_form_may_be_evidence(forge: Forge) -> None:
    forge.files["evidence/form.pdf"] = b"scan"
    assert first_failed(forge.manifest()) == "public-value"
    forge.change("closing.json", form_scan=canon.sha256(b"scan").hex())
    assert first_failed(forge.done()) == ""


def test_an_agency_that_is_no_code(forge: Forge) -> None:
    forge.change("charter.json", agency="demo")
    assert first_failed(forge.done()) == "records"


def attested(f: Forge, report: str) -> Forge:
    public = signing.public_of(private("auditor"))
    record = Attestation(
        draw_id=DRAW, draw=shown(f), checkpoint=f.done().files["log/checkpoint"].decode(), report=report, auditor="x", public=public.hex()
    )  # fmt: skip
    f.files[f"attestation-{key_id(public)}.json"] = record.encode()
    sig = signing.sign(private("auditor"), record.TYPE, record.rhash())
    mine = {"type": record.TYPE, "rhash": record.rhash(), "key_id": key_id(public), "sig": sig}
    f.put(
        "signatures.json", sorted([*f.get("signatures.json"), mine], key=lambda s: (s["type"], s["rhash"], s["key_id"]))
    )
    return f.manifest()


def test_an_auditor_who_could_check_more_is_not_contradicted(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks the extra that checks beacons must not call an honest attestation false."""
    done = forge.done().judge().steps
    report = report_hash(DRAW, done)
    unseen = replace(done[7], status="na")
    assert report != report_hash(DRAW, (*done[:7], unseen, *done[8:]))
    assert first_failed(attested(forge, report)) == ""
    lame = tuple(replace(r, judge=_cannot) if r.id == "public-value" else r for r in package.RULES)
    monkeypatch.setattr(package, "RULES", lame)
    assert step(forge, "attestation").status == "ok"
    assert step(attested(forge, "11" * 32), "attestation").status == "fail"


def _cannot(_: object) -> str:
    raise NotApplicable("no extra")
