"""Verify against a forger who holds every key: the golden bundle, changed and sealed, signed, logged anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sampler import canon, log, signing
from sampler.records import key_id
from tests.forge import IDS, Edit, Forge, first_failed, private, rewrite, signature_of


@pytest.fixture
def forge() -> Forge:
    return Forge()


def test_golden_bundle(forge: Forge) -> None:
    report = forge.judge()
    assert [s.status for s in report.steps] == ["ok"] * 13 + ["na"] * 3
    assert [s.id for s in report.steps] == IDS
    assert (report.draw_id, report.level, report.first_failed) == ("DEMO-2026-0001", "auditor", None)


def test_report_has_the_contract_s_shape(forge: Forge) -> None:
    found = forge.judge().to_dict()
    assert set(found) == {"draw_id", "level", "first_failed", "steps", "not_proved", "trust"}
    steps: Any = found["steps"]
    assert set(steps[0]) == {"no", "id", "status", "want", "found", "meaning", "file"}
    assert [s["no"] for s in steps] == list(range(1, 17))
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found


def test_not_proved_ends_with_what_is_never_proved(forge: Forge) -> None:
    ends = forge.judge().not_proved[-3:]
    assert [any(w in e for w in words) for e, words in zip(ends, (["名录"], ["秘密"], ["检查"]), strict=True)] == [
        True
    ] * 3


def test_forge_without_a_change_is_accepted(forge: Forge) -> None:
    assert first_failed(forge.relink().done()) == ""


def test_charter_pin(forge: Forge) -> None:
    pin = canon.rhash(forge.get("charter.json")).hex()
    report = forge.judge(charter=pin)
    assert report.first_failed is None
    assert not any("--charter" in n for n in report.not_proved)
    assert any("--charter" in n for n in forge.judge().not_proved)
    assert first_failed(forge, charter="00" * 32) == "charter"
    assert first_failed(forge, charter=pin[:40]) == "charter"


def test_seal_code(forge: Forge) -> None:
    code = forge.get("sitting.json")["sitting"][:40]
    assert first_failed(forge, seal_code=code) == ""
    assert first_failed(forge, seal_code=" ".join(code[i : i + 4] for i in range(0, 40, 4)).upper()) == ""
    assert first_failed(forge, seal_code=code[:39] + ("0" if code[39] != "0" else "1")) == "parties"
    assert first_failed(forge, seal_code=code[:36]) == "parties"
    assert any("--seal-code" in n for n in forge.judge().not_proved)


def test_head_from_outside(forge: Forge) -> None:
    entries = forge.files["log/entries"].splitlines()
    assert first_failed(forge, head=forge.files["log/checkpoint"]) == ""
    assert first_failed(forge, head=forge.note(entries[:7]).encode()) == ""
    assert any("--head" in n for n in forge.judge().not_proved)
    newer = forge.judge(head=forge.note([*entries, entries[0]]).encode())
    assert newer.first_failed is None
    assert any("新" in n for n in newer.not_proved)


@pytest.mark.parametrize("change", ["fork", "key", "junk", "empty"])
def test_head_from_outside_that_is_another_log(forge: Forge, change: str) -> None:
    entries = forge.files["log/entries"].splitlines()
    head = {
        "fork": forge.note([*entries[:5], entries[0], *entries[6:]]),
        "key": forge.note(entries, key="agency"),
        "junk": "head",
        "empty": "",
    }[change]
    assert first_failed(forge, head=head.encode()) == "log"


def edit_frame(f: Forge) -> None:
    f.swap("frame.tsv", "92310101MA1FL0009J\t-\tC", "92310101MA1FL0009K\t-\tC")


def drop_row(f: Forge) -> None:
    f.files["excluded.tsv"] = f.files["excluded.tsv"].rsplit(b"\n", 2)[0] + b"\n"


def swap_team(f: Forge) -> None:
    a = f.get("assignment.json")
    a["teams"][0]["members"], a["teams"][1]["members"] = a["teams"][1]["members"], a["teams"][0]["members"]
    f.put("assignment.json", a)


UNSIGNED: dict[str, tuple[Edit, str]] = {
    "frame": (edit_frame, "trees"),
    "excluded": (drop_row, "trees"),
    "roster": (lambda f: f.swap("roster.tsv", "P02\tU1", "P02\tU2"), "trees"),
    "recusal": (lambda f: f.swap("recusals.tsv", "former-employer", "former-employee"), "trees"),
    "strata": (
        lambda f: f.swap("strata.tsv", "C.firm.310101\tc-task\t7\t7\t3", "C.firm.310101\tc-task\t7\t7\t4"),
        "trees",
    ),
    "levels": (lambda f: f.swap("levels.tsv", "581714134", "581714135"), "trees"),
    "scores": (lambda f: f.swap("scores.csv", ",420000", ",420001"), "trees"),
    "history": (lambda f: f.swap("history.tsv", "250000000000\t1", "250000000000\t0"), "trees"),
    "items": (lambda f: f.swap("items.tsv", "登记事项检查", "登记事项抽查"), "trees"),
    "tau": (lambda f: f.swap("tau.tsv", "c87a", "c87b"), "selection"),
    "team": (swap_team, "assignment"),
    "seed": (lambda f: f.swap("seed.json", '"seed":"40', '"seed":"41'), "seed"),
    "secret in the seed": (lambda f: f.swap("seed.json", '"r":"20', '"r":"21'), "seed"),
    "plan": (lambda f: f.swap("plan.json", '"reserves":2', '"reserves":3'), "registration"),
    "evidence": (lambda f: f.files.update({"evidence/kl8-2026339.txt": b"?"}), "public-value"),
    "another evidence": (lambda f: f.files.update({"evidence/more.txt": b"?"}), "public-value"),
    "sitting": (lambda f: f.swap("sitting.json", '"sitting":"62', '"sitting":"63'), "charter"),
    "charter": (lambda f: f.swap("charter.json", '"min_reveals":1', '"min_reveals":2'), "charter"),
    "registration": (lambda f: f.swap("registration.json", "2026-12-07T", "2026-12-08T"), "charter"),
    "commitment": (lambda f: f.swap("commitment.json", '"registry":14', '"registry":15'), "charter"),
    "closing": (lambda f: f.change("closing.json", absent=["notary"]), "charter"),
    "value": (lambda f: f.swap("public-value.json", "0307", "0306"), "charter"),
    "draw": (lambda f: f.swap("draw.json", "91310101MA1FL0007G", "91310101MA1FL0007H"), "charter"),
    "nonces": (lambda f: f.swap("log/nonces.json", '"nonce":"', '"nonce":"0'), "records"),
    "draw_id": (lambda f: f.swap("seed.json", "DEMO-2026-0001", "DEMO-2026-0002"), "records"),
    "sitting_id": (lambda f: f.swap("closing.json", "DEMO-S-2026-12", "DEMO-S-2026-11"), "records"),
}


@pytest.mark.parametrize(("edit", "step"), UNSIGNED.values(), ids=UNSIGNED.keys())
def test_edit_with_the_manifest_rewritten(forge: Forge, edit: Edit, step: str) -> None:
    edit(forge)
    assert first_failed(forge) == "files"
    assert first_failed(forge.manifest()) == step


def sealed(edit: Edit, *, tree: str = "", file: str = "") -> Edit:
    """Make the edit before the seal, so that the seal commits to it."""

    def apply(f: Forge) -> None:
        edit(f)
        if tree:
            f.reroot(tree)
        if file:
            f.rehash(file)
        f.relink()

    return apply


def other_value(f: Forge) -> None:
    value = "0307081419222528313440414652556061697379"
    f.change("public-value.json", value=value)
    f.change("seed.json", value=value)
    f.relink()


def other_source(f: Forge) -> None:
    f.change("public-value.json", source="lottery:kl8:2026340")


def enumerable(f: Forge) -> None:
    for path in ("commitment.json", "public-value.json", "seed.json"):
        f.change(path, source="ceremony:hall:d10:18")
    f.relink()


def practice_rolls(f: Forge) -> None:
    f.change("public-value.json", value="练习 0307081419222528313440414652556061697378")


def weak_source(f: Forge) -> None:
    for path in ("commitment.json", "public-value.json", "seed.json"):
        f.change(path, source="parties")
    for path in ("public-value.json", "seed.json"):
        f.change(path, value="")
    f.relink()


def false_secret(f: Forge) -> None:
    s, r = f.get("sitting.json"), "11" * 32
    s["reveals"][0]["r"] = r
    f.put("sitting.json", s)
    f.change("closing.json", revealed=f.get("closing.json")["revealed"] | {"business": r})


def false_absence(f: Forge) -> None:
    closing = f.get("closing.json")
    closing["revealed"].pop("notary")
    f.change("closing.json", revealed=closing["revealed"], absent=["notary"])


def hidden_party(f: Forge) -> None:
    f.change("commitment.json", parties=f.get("commitment.json")["parties"][:1])
    f.relink()


def other_sitting_hash(f: Forge) -> None:
    s = f.get("sitting.json")
    s["commitments"][0]["commitment"] = "00" * 32
    f.put("sitting.json", s)


def seed_of_other_secret(f: Forge) -> None:
    s = f.get("seed.json")
    s["parties"][0]["r"] = "22" * 32
    f.put("seed.json", s)
    f.relink()


def seed_without_a_secret(f: Forge) -> None:
    s = f.get("seed.json")
    del s["parties"][1]["r"]
    f.put("seed.json", s)
    f.relink()


def drawn_by_hand(f: Forge) -> None:
    f.swap("draw.json", "91310101MA1FL0007G", "92310101MA1FL0011L")
    d = f.get("draw.json")
    f.change("draw.json", drawn=sorted(d["drawn"], key=lambda c: c["object_id"]))


def friend_left_out(f: Forge) -> None:
    d = f.get("draw.json")
    f.change("draw.json", drawn=d["drawn"][1:], n=d["n"] - 1)


def skipped_reserve(f: Forge) -> None:
    f.change("draw.json", reserves=f.get("draw.json")["reserves"][1:])


def other_rank(f: Forge) -> None:
    f.swap("draw.json", '"rank":2', '"rank":1')


def wrong_n(f: Forge) -> None:
    f.change("draw.json", n=5)


def tau_signed(f: Forge) -> None:
    f.swap("tau.tsv", "c87a", "c87b")
    f.change("draw.json", tau=canon.sha256(f.files["tau.tsv"]).hex())


def teams_signed(f: Forge) -> None:
    swap_team(f)
    f.change("draw.json", assignment=canon.sha256(f.files["assignment.json"]).hex())


def officer_dropped(f: Forge) -> None:
    a = f.get("assignment.json")
    a["teams"][0]["members"].pop()
    f.put("assignment.json", a)
    f.change("draw.json", assignment=canon.sha256(f.files["assignment.json"]).hex())


def cost_lowered(f: Forge) -> None:
    a = f.get("assignment.json")
    a["blocks"][0]["cost"] = "1"
    f.put("assignment.json", a)
    f.change("draw.json", assignment=canon.sha256(f.files["assignment.json"]).hex())


def friend_excluded(f: Forge) -> None:
    lines = f.files["frame.tsv"].decode().splitlines()
    row = next(line for line in lines if line.startswith("91310101MA1FL0007G"))
    f.files["frame.tsv"] = ("\n".join(line for line in lines if line != row) + "\n").encode()
    kept = f.files["excluded.tsv"].decode().splitlines()
    rows = sorted([*kept[1:], f"91310101MA1FL0007G\tno-class\t{row[-32:]}"])
    f.files["excluded.tsv"] = ("\n".join([kept[0], *rows]) + "\n").encode()
    f.reroot("frame")
    seal = f.get("commitment.json")
    seal["excluded"]["counts"]["no-class"] = 1
    f.put("commitment.json", seal)
    f.reroot("excluded")


def friend_gone(f: Forge) -> None:
    lines = f.files["frame.tsv"].decode().splitlines()
    f.files["frame.tsv"] = ("\n".join(x for x in lines if not x.startswith("91310101MA1FL0007G")) + "\n").encode()
    f.reroot("frame")


def excluded_twice(f: Forge) -> None:
    f.swap("excluded.tsv", "91310101MA1FL0013N", "91310101MA1FL0001A")
    f.reroot("excluded")


def two_pi(f: Forge) -> None:
    f.swap("levels.tsv", "131174211948", "131174211951")


def l_off_target(f: Forge) -> None:
    f.swap("levels.tsv", "581714134\t131174211948", "581814134\t131174211948")


def single_level(f: Forge) -> None:
    f.swap("levels.tsv", "\t1073741824\t", "\t1073741825\t")


SIGNED: dict[str, tuple[Edit, str]] = {
    "plan not the registered one": (lambda f: f.swap("plan.json", '"reserves":2', '"reserves":3'), "registration"),
    "deadline before the reveals": ( sealed(lambda f: f.change("registration.json", deadline="2026-12-01T00:00:00Z")), "registration"
    ),
    "other scope": ( sealed(lambda f: f.change("registration.json", scope="310104")), "registration"),
    "spec": ( sealed(lambda f: f.change("commitment.json", spec="00" * 32)), "charter"),
    "previous": ( sealed(lambda f: f.change("commitment.json", previous="11" * 32)), "order"),
    "false secret": (false_secret, "parties"),
    "false absence": (false_absence, "parties"),
    "hidden party": (hidden_party, "parties"),
    "closing of another sitting": (lambda f: f.change("closing.json", sitting="00" * 32), "parties"),
    "other source": (other_source, "public-value"),
    "enumerable source": (enumerable, "public-value"),
    "practice rolls": (practice_rolls, "public-value"),
    "source the charter forbids": (weak_source, "public-value"),
    "other value": (other_value, "selection"),
    "other sitting hash": (other_sitting_hash, "seed"),
    "seed of another secret": (seed_of_other_secret, "seed"),
    "seed without a secret": (seed_without_a_secret, "seed"),
    "draw of another seed": (lambda f: f.change("draw.json", seed="00" * 32), "seed"),
    "draw of another seal": (lambda f: f.change("draw.json", commitment="00" * 32), "seed"),
    "drawn by hand": (drawn_by_hand, "selection"),
    "friend left out of the draw": (friend_left_out, "selection"),
    "skipped reserve": (skipped_reserve, "selection"),
    "other rank": (other_rank, "selection"),
    "wrong n": (wrong_n, "selection"),
    "tau": (tau_signed, "selection"),
    "swapped teams": (teams_signed, "assignment"),
    "dropped officer": (officer_dropped, "assignment"),
    "lower cost": (cost_lowered, "assignment"),
    "friend excluded before the seal": (sealed(friend_excluded), "probabilities"),
    "friend out of the registry": (sealed(friend_gone), "trees"),
    "excluded and drawable": (sealed(excluded_twice), "trees"),
    "unknown reason": (
        sealed(lambda f: f.swap("excluded.tsv", "\tstatus\t", "\tfriend\t"), tree="excluded"), "trees"
    ),
    "registry larger": (sealed(lambda f: f.change("commitment.json", registry=15)), "trees"),
    "item not published": (
        sealed(lambda f: f.swap("items.tsv", "M-001\t", "M-000\t"), file="items.tsv"), "trees"
    ),
    "level raised": (sealed(lambda f: f.swap("frame.tsv", "C.firm.310101\t5", "C.firm.310101\t1"), tree="frame"), "probabilities"),
    "cooling ended": (
        sealed(lambda f: f.swap("frame.tsv", "B.firm.310101\t0", "B.firm.310101\t1"), tree="frame"), "probabilities"
    ),
    "history rewritten": (
        sealed(lambda f: f.swap("history.tsv", "000\t1\n", "000\t0\n"), file="history.tsv"), "probabilities"
    ),
    "score raised": (sealed(lambda f: f.swap("scores.csv", ",450000", ",950000"), file="scores.csv"), "probabilities"),
    "score missing": (
        sealed(lambda f: f.swap("scores.csv", "92310101MA1FL0003C,90000\n", ""), file="scores.csv"), "probabilities"
    ),
    "other stratum": (
        sealed(lambda f: f.swap("frame.tsv", "C.firm.310101\t5", "B.firm.310101\t5"), tree="frame"), "probabilities"
    ),
    "unknown district": (
        sealed(lambda f: f.swap("frame.tsv", "enterprise\t310104", "enterprise\t310105"), tree="frame"), "probabilities"
    ),
    "size": (
        sealed(lambda f: f.swap("strata.tsv", "7\t7\t3\t2\t1", "7\t7\t4\t3\t1"), file="strata.tsv"), "probabilities"
    ),
    "pi off by 3e-12": (sealed(two_pi, file="levels.tsv"), "probabilities"),
    "L off its target": (sealed(l_off_target, file="levels.tsv"), "probabilities"),
    "L of a single level": (sealed(single_level, file="levels.tsv"), "probabilities"),
    "target": (
        sealed(lambda f: f.swap("levels.tsv", "131174212014", "131174212015"), file="levels.tsv"), "probabilities"
    ),
    "L beyond 2^32": (
        sealed(lambda f: f.swap("levels.tsv", "581714134", "4294967296"), file="levels.tsv"), "probabilities"
    ),
    "ratio lowered for a friend's class": ( sealed(lambda f: f.swap("plan.json", '"ratio":"40%"', '"ratio":"30%"')), "probabilities"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "step"), SIGNED.values(), ids=SIGNED.keys())
def test_edit_signed_and_logged_anew(forge: Forge, edit: Edit, step: str) -> None:
    edit(forge)
    assert first_failed(forge.done()) == step


def entry(type_: str, **ids: str) -> Edit:
    def apply(f: Forge) -> None:
        f.extra.append({"type_": type_, **ids})

    return apply


def swapped(first: str, second: str) -> Edit:
    def apply(f: Forge) -> None:
        a, b = f.order.index(first), f.order.index(second)
        f.order[a], f.order[b] = second, first

    return apply


OTHER = "DEMO-2026-0002"
SITTING = "DEMO-S-2026-12"
LOGS: dict[str, tuple[Edit, str]] = {
    "second seal": (entry("commitment", sitting_id="S2", draw_id="DEMO-2026-0001"), "order"),
    "second seal in the sitting": (entry("commitment", sitting_id=SITTING, draw_id=OTHER), "order"),
    "second draw": (entry("draw", draw_id="DEMO-2026-0001"), "order"),
    "void": (entry("void", draw_id="DEMO-2026-0001"), "order"),
    "second value": (entry("public-value", sitting_id=SITTING), "order"),
    "second closing": (entry("closing", sitting_id=SITTING), "order"),
    "hidden reveal": (entry("reveal", sitting_id=SITTING), "order"),
    "second promise": (entry("party-commitment", sitting_id=SITTING), "order"),
    "registered twice": (entry("registration", draw_id="DEMO-2026-0001"), "registration"),
    "gap in the ids": (entry("registration", draw_id="DEMO-2026-0003"), "registration"),
    "id of another form": (entry("registration", draw_id="OTHER-2026-0002"), "registration"),
    "hidden amendment": (entry("amendment", draw_id="DEMO-2026-0001"), "amendments"),
    "seal after the reveals": (swapped("commitment", "reveal"), "order"),
    "closing after the value": (swapped("closing", "public-value"), "order"),
    "draw before the value": (swapped("public-value", "draw"), "order"),
    "promise before the registration": (swapped("registration", "party-commitment"), "order"),
    "no checkpoint after the seal": (lambda f: f.sizes.remove(5), "order"),
    "no checkpoint at all": (lambda f: f.sizes.clear(), "order"),
}


@pytest.mark.parametrize(("edit", "step"), LOGS.values(), ids=LOGS.keys())
def test_another_log(forge: Forge, edit: Edit, step: str) -> None:
    edit(forge)
    assert first_failed(forge.done()) == step


def test_other_draws_in_the_log_are_no_fault(forge: Forge) -> None:
    entry("registration", draw_id=OTHER)(forge)
    report = forge.done().judge()
    assert report.first_failed is None
    assert any(OTHER in n for n in report.not_proved)


def two_draws(f: Forge, previous: str) -> None:
    """Another draw of the sitting is sealed just before this one."""
    f.early = [log.entry("commitment", "33" * 32, sitting_id=SITTING, draw_id=OTHER)]
    f.sizes = [2, 4, 6, 8]
    s = f.get("sitting.json")
    f.change("sitting.json", commitments=[*s["commitments"], {"draw_id": OTHER, "commitment": "44" * 32}])
    f.change("commitment.json", previous=previous)
    f.relink().done()


@pytest.mark.parametrize(("previous", "status"), [("44" * 32, "ok"), ("55" * 32, "fail"), ("00" * 32, "fail")])
def test_seal_links_to_the_one_before(forge: Forge, previous: str, status: str) -> None:
    two_draws(forge, previous)
    steps = forge.judge().steps
    assert [s.status for s in steps[:5]] == ["ok"] * 5
    assert (steps[5].id, steps[5].status) == ("order", status)
    assert steps[8].status == "ok"


@pytest.mark.parametrize("absent", [False, True])
def test_parties_alone_are_weak_and_none_may_be_absent(forge: Forge, *, absent: bool) -> None:
    weak_source(forge)
    forge.change("charter.json", sources=["lottery", "parties"])
    if absent:
        s = forge.get("sitting.json")
        forge.change("sitting.json", reveals=s["reveals"][:1])
        false_absence(forge)
        forge.sizes = [2, 4, 5]
    report = forge.done().judge()
    assert (report.steps[7].id, report.steps[7].status) == ("public-value", "fail" if absent else "ok")
    assert any("弱" in n or "中止" in n for n in report.not_proved) is not absent


PROOFS = "log/proofs.json"
LOG_FILES: dict[str, Edit] = {
    "truncated": lambda f: f.files.update({"log/entries": f.files["log/entries"].rsplit(b"\n", 2)[0] + b"\n"}),
    "reordered": lambda f: f.files.update(
        {"log/entries": log.encode_entries(f.files["log/entries"].splitlines()[::-1])}
    ),
    "checkpoint of another key": lambda f: f.files.update(
        {"log/checkpoint": f.note(f.files["log/entries"].splitlines(), key="agency").encode()}
    ),
    "forked earlier": lambda f: rewrite(
        f, PROOFS, lambda p: p["earlier"][0].update(checkpoint=f.note(f.files["log/entries"].splitlines()[1:3]))
    ),
    "earlier out of order": lambda f: rewrite(f, PROOFS, lambda p: p["earlier"].reverse()),
    "earlier without proof": lambda f: rewrite(f, PROOFS, lambda p: p["earlier"][0].update(proof=[])),
    "proof missing": lambda f: rewrite(f, PROOFS, lambda p: p["records"].pop()),
    "proof of another": lambda f: rewrite(f, PROOFS, lambda p: p["records"][0].update(proof=p["records"][1]["proof"])),
    "record of another": lambda f: rewrite(f, PROOFS, lambda p: p["records"][0].update(rhash="00" * 32)),
    "index beyond": lambda f: rewrite(f, PROOFS, lambda p: p["records"][-1].update(index=99)),
    "size": lambda f: rewrite(f, PROOFS, lambda p: p.update(size=11)),
    "nonce": lambda f: rewrite(f, "log/nonces.json", lambda n: n["nonces"][0].update(nonce="00" * 16)),
    "nonce missing": lambda f: rewrite(f, "log/nonces.json", lambda n: n["nonces"].pop()),
}


@pytest.mark.parametrize("edit", LOG_FILES.values(), ids=LOG_FILES.keys())
def test_log_files_that_do_not_fit(forge: Forge, edit: Edit) -> None:
    edit(forge)
    assert first_failed(forge.manifest()) == "log"


def drop_signature(f: Forge) -> None:
    f.put("signatures.json", f.get("signatures.json")[1:])


def extra_signature(f: Forge) -> None:
    out, key = f.get("signatures.json"), private("agency")
    sig = signing.sign(key, "void", "00" * 32)
    out.append({"type": "void", "rhash": "00" * 32, "key_id": key_id(signing.public_of(key)), "sig": sig})
    f.put("signatures.json", out)


SIGNATURES: dict[str, Edit] = {
    "missing": drop_signature,
    "draw signed by a party": signature_of("notary", "draw"),
    "draw signed by the log": signature_of("log", "draw"),
    "draw signed by a stranger": signature_of("stranger", "draw"),
    "record that is not there": extra_signature,
    "none": lambda f: f.put("signatures.json", []),
}


@pytest.mark.parametrize("edit", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_signatures_that_do_not_fit(forge: Forge, edit: Edit) -> None:
    edit(forge)
    assert first_failed(forge.manifest()) == "charter"


def charter_key(**fields: Any) -> Edit:
    return lambda f: rewrite(f, "charter.json", lambda c: c["keys"][0].update(fields))


CHARTERS: dict[str, Edit] = {
    "key id": charter_key(key_id="0000000000000000"),
    "role": charter_key(role="king"),
    "no log key": lambda f: rewrite(
        f, "charter.json", lambda c: c.update(keys=[k for k in c["keys"] if k["role"] != "log"])
    ),
    "one party": lambda f: rewrite(f, "charter.json", lambda c: c.update(parties=c["parties"][:1])),
    "no reveals needed": lambda f: f.change("charter.json", min_reveals=0),
    "more reveals than parties": lambda f: f.change("charter.json", min_reveals=3),
    "witnesses without keys": lambda f: f.change("charter.json", witness_k=1),
    "other specification": lambda f: f.change("charter.json", spec="draw/v2"),
}


@pytest.mark.parametrize("edit", CHARTERS.values(), ids=CHARTERS.keys())
def test_charters_that_cannot_be(forge: Forge, edit: Edit) -> None:
    edit(forge)
    assert first_failed(forge.done()) == "charter"


def witness(f: Forge, *, sign: bool, key: str = "witness") -> None:
    public = signing.public_of(private("witness"))
    c = f.get("charter.json")
    new = {"key_id": key_id(public), "owner": "society", "public": public.hex(), "role": "witness", "outside": True}
    f.change("charter.json", keys=sorted([*c["keys"], new], key=lambda k: k["key_id"]), witness_k=1)
    f.sign().log()
    if sign:
        note = f.files["log/checkpoint"].decode()
        f.files["log/checkpoint"] += signing.note_sign(
            "society", private(key), note.partition("\n\n")[0] + "\n"
        ).encode()
    f.manifest()


def test_witnesses(forge: Forge) -> None:
    witness(forge, sign=True)
    assert first_failed(forge) == ""


def test_too_few_witnesses(forge: Forge) -> None:
    witness(forge, sign=False)
    assert first_failed(forge) == "log"


def test_witness_with_a_key_nobody_knows(forge: Forge) -> None:
    witness(forge, sign=True, key="stranger")
    assert first_failed(forge) == "log"


def test_no_outsider_is_said(forge: Forge) -> None:
    rewrite(forge, "charter.json", lambda c: [k.pop("outside", None) for k in c["keys"]])
    report = forge.done().judge()
    assert report.first_failed is None
    assert any("机关以外" in n for n in report.not_proved)


def test_an_outside_key_that_signs_nothing_is_no_witness(forge: Forge) -> None:
    """The agency can write any key into its charter and call the holder an outsider."""

    def disguise(c: Any) -> None:
        for k in c["keys"]:
            k.pop("outside", None)
        public = signing.public_of(private("nobody"))
        c["keys"].append(
            {"key_id": key_id(public), "owner": "nobody", "public": public.hex(), "role": "witness", "outside": True}
        )
        c["keys"].sort(key=lambda k: k["key_id"])

    rewrite(forge, "charter.json", disguise)
    report = forge.done().judge()
    assert report.first_failed is None
    assert any("机关以外" in n for n in report.not_proved)


@pytest.mark.parametrize("word", ["公告", "风险分", "剔除的理由"])
def test_what_the_office_merely_says_is_not_proved(forge: Forge, word: str) -> None:
    assert any(word in n for n in forge.judge().not_proved)


def test_without_numpy_step_11_says_so(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.verify.steps_frame._probability", lambda: None)
    report = forge.judge()
    assert report.steps[10].status == "na"
    assert "未重算" in report.steps[10].meaning
    assert any("numpy" in n for n in report.not_proved)
