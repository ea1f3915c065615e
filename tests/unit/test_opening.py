"""One firm's opening: it holds alone, and nothing of it can be changed, borrowed or replayed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sampler import canon, log, merkle, signing
from sampler.records import OpeningFile, key_id
from sampler.verify import Report, verify, verify_opening
from tests.forge import Forge, private, rewrite

FIRM = "91310101MA1FL0007G"
DRAW = "DEMO-2026-0001"


def leaves(f: Forge, tree: str, draw: str = DRAW) -> list[bytes]:
    rows = [line.rsplit("\t", 1) for line in f.files[f"{tree}.tsv"].decode().splitlines()[1:]]
    return [merkle.blinded_leaf(tree, draw, row, bytes.fromhex(nonce)) for row, nonce in rows]


def opening(f: Forge, tree: str = "frame", at: int = 6, **fields: Any) -> dict[str, Any]:
    """Return the opening file of one row, signed with the golden keys; `fields` are those of the opening."""
    row, nonce = f.files[f"{tree}.tsv"].decode().splitlines()[1 + at].rsplit("\t", 1)
    pi = {line.split("\t")[0]: int(line.split("\t")[4]) for line in f.files["levels.tsv"].decode().splitlines()[1:]}
    seal = f.get("commitment.json")
    one = {
        "type": "object-opening", "draw_id": DRAW, "commitment": canon.rhash(seal).hex(), "tree": tree, "row": row,
        "nonce": nonce, "index": at, "proof": [h.hex() for h in merkle.inclusion_proof(leaves(f, tree), at)],
    }  # fmt: skip
    if tree == "frame":
        one["pi_e12"] = pi["/".join(row.split("\t")[-2:])]
    one |= fields
    return signed(f, one, seal)


def signed(f: Forge, one: dict[str, Any], seal: dict[str, Any], key: str = "agency") -> dict[str, Any]:
    entries = f.files["log/entries"].splitlines()
    place = next(p for p in f.get("log/proofs.json")["records"] if p["type"] == "commitment")
    nonce = next(n["nonce"] for n in f.get("log/nonces.json")["nonces"] if n["index"] == place["index"])
    signatures = [s for s in f.get("signatures.json") if s["type"] in ("charter", "commitment")]
    h, k = canon.rhash(one).hex(), private(key)
    signatures.append(
        {
            "type": one["type"], "rhash": h, "key_id": key_id(signing.public_of(k)),
            "sig": signing.sign(k, one["type"], h),
        }
    )  # fmt: skip
    return {
        "type": "opening-file", "opening": one, "charter": f.get("charter.json"), "commitment": seal, "keys": [],
        "signatures": sorted(signatures, key=lambda s: (s["type"], s["rhash"], s["key_id"])),
        "logged": {"index": place["index"], "nonce": nonce, "size": len(entries), "proof": place["proof"]},
        "checkpoint": f.files["log/checkpoint"].decode(),
    }  # fmt: skip


def judge(file: dict[str, Any], **options: str) -> Report:
    return verify_opening(canon.encode(file), **options)


def failed(file: dict[str, Any], **options: str) -> str:
    report = judge(file, **options)
    return next((s.id for s in report.steps if s.status == "fail"), "")


@pytest.fixture
def forge() -> Forge:
    return Forge()


@pytest.mark.parametrize(("tree", "at"), [("frame", 0), ("frame", 6), ("frame", 11), ("excluded", 0), ("excluded", 1)])
def test_an_opening_holds_alone(forge: Forge, tree: str, at: int) -> None:
    report = judge(opening(forge, tree, at))
    assert (report.level, report.draw_id, report.first_failed) == ("opening", DRAW, None)
    assert [s.no for s in report.steps] == [2, 3, 5, 10]
    assert any("--charter" in n for n in report.not_proved)
    pin = canon.rhash(forge.get("charter.json")).hex()
    assert not any("--charter" in n for n in judge(opening(forge, tree, at), charter=pin).not_proved)
    assert failed(opening(forge, tree, at), charter="11" * 32) == "charter"


def other_row(f: Forge) -> dict[str, Any]:
    return opening(f, row=opening(f, at=7)["opening"]["row"])


def other_tree(f: Forge) -> dict[str, Any]:
    """The excluded row of one tree shown as a row of the other."""
    one = opening(f, "excluded", 0)["opening"]
    return opening(f, row=one["row"], nonce=one["nonce"], index=0, proof=one["proof"])


def other_month(f: Forge) -> dict[str, Any]:
    """A good opening of another draw: the row, its nonce and its proof, under this month's seal."""
    rows = leaves(f, "frame", "DEMO-2026-0002")
    return opening(f, proof=[h.hex() for h in merkle.inclusion_proof(rows, 6)])


def other_seal(f: Forge) -> dict[str, Any]:
    """Last month's seal, properly signed, in place of this one: it is not in the log under this entry."""
    seal = f.get("commitment.json") | {"draw_id": "DEMO-2026-0002"}
    one = opening(f)["opening"] | {"draw_id": "DEMO-2026-0002", "commitment": canon.rhash(seal).hex()}
    file = signed(f, one, seal)
    k, h = private("agency"), canon.rhash(seal).hex()
    file["signatures"] = [s for s in file["signatures"] if s["type"] != "commitment"]
    file["signatures"].append(
        {
            "type": "commitment", "rhash": h, "key_id": key_id(signing.public_of(k)),
            "sig": signing.sign(k, "commitment", h),
        }
    )  # fmt: skip
    file["signatures"].sort(key=lambda s: (s["type"], s["rhash"], s["key_id"]))
    return file


def unsigned(type_: str) -> Callable[[Forge], dict[str, Any]]:
    def make(f: Forge) -> dict[str, Any]:
        file = opening(f)
        return file | {"signatures": [s for s in file["signatures"] if s["type"] != type_]}

    return make


REPLAYS = {
    "another row": (other_row, "trees"),
    "another tree": (other_tree, "trees"),
    "another month": (other_month, "trees"),
    "another seal": (other_seal, "log"),
    "an index of another row": (lambda f: opening(f, index=5), "trees"),
    "a proof of another row": (lambda f: opening(f, proof=opening(f, at=5)["opening"]["proof"]), "trees"),
    "a row that is not there": (lambda f: opening(f, row="91310101MA1FL9999X" + opening(f)["opening"]["row"][18:]), "trees"),
    "an unknown tree": (lambda f: signed(f, opening(f)["opening"] | {"tree": "roster"}, f.get("commitment.json")), "trees"),
    "no probability": (lambda f: {**(x := opening(f)), **signed(f, {k: v for k, v in x["opening"].items() if k != "pi_e12"}, x["commitment"])}, "trees"),
    "a probability above one": (lambda f: opening(f, pi_e12=10**12 + 1), "trees"),
    "unsigned": (unsigned("object-opening"), "charter"),
    "an unsigned seal": (unsigned("commitment"), "charter"),
    "an unsigned charter": (unsigned("charter"), "charter"),
    "signed by a party": (lambda f: signed(f, opening(f)["opening"], f.get("commitment.json"), "notary"), "charter"),
    "signed by a stranger": (lambda f: signed(f, opening(f)["opening"], f.get("commitment.json"), "stranger"), "charter"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "step"), REPLAYS.values(), ids=REPLAYS.keys())
def test_an_opening_that_is_borrowed_or_altered(forge: Forge, make: Any, step: str) -> None:
    assert failed(make(forge)) == step


def forked(file: dict[str, Any], f: Forge) -> None:
    entries = f.files["log/entries"].splitlines()
    file["checkpoint"] = f.note([*entries[:3], entries[0], *entries[4:]])


LOGS = {
    "forked": forked,
    "signed by another key": lambda x, f: x.update(checkpoint=f.note(f.files["log/entries"].splitlines(), key="agency")),
    "size": lambda x, _: x["logged"].update(size=9),
    "nonce": lambda x, _: x["logged"].update(nonce="00" * 16),
    "index": lambda x, _: x["logged"].update(index=3),
    "proof": lambda x, _: x["logged"].update(proof=[]),
}  # fmt: skip


@pytest.mark.parametrize("change", LOGS.values(), ids=LOGS.keys())
def test_a_seal_that_is_not_in_the_log(forge: Forge, change: Any) -> None:
    file = opening(forge)
    change(file, forge)
    assert failed(file) == "log"


def test_every_bit_of_an_opening(forge: Forge) -> None:
    """Whatever bit is flipped, the file is refused, or parses to what is not signed."""
    data = canon.encode(opening(forge))
    missed = []
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << at % 8
        if verify_opening(bytes(changed)).first_failed is None:
            missed.append(at)
    assert not missed


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[" * 10_000, b"\xff", b'{"type":"opening-file"}'])
def test_junk_is_an_answer(data: bytes) -> None:
    report = verify_opening(data)
    assert report.first_failed == 2
    json.dumps(report.to_dict())


def test_a_key_change_in_an_opening(forge: Forge) -> None:
    """The agency's key was replaced: the old key and the new one signed the change; without the old one it is refused."""
    new = private("agency-2")
    public = signing.public_of(new)
    old = next(k for k in forge.get("charter.json")["keys"] if k["role"] == "agency")
    change = {
        "type": "key-change", "number": 1, "old": old["key_id"], "cause": "x",
        "new": old | {"key_id": key_id(public), "public": public.hex()},
    }  # fmt: skip
    h = canon.rhash(change).hex()
    by = [
        {
            "type": "key-change", "rhash": h, "key_id": key_id(signing.public_of(k)),
            "sig": signing.sign(k, "key-change", h),
        }
        for k in (new, private("agency"))
    ]  # fmt: skip
    file = signed(forge, opening(forge)["opening"], forge.get("commitment.json"), "agency-2")
    file["keys"] = [change]

    def with_signatures(*more: dict[str, str]) -> dict[str, Any]:
        found = [*file["signatures"], *more]
        return file | {"signatures": sorted(found, key=lambda s: (s["type"], s["rhash"], s["key_id"]))}

    assert failed(with_signatures(*by)) == ""
    assert failed(with_signatures(by[0])) == "charter"
    assert failed(with_signatures(by[1])) == "charter"


def test_a_false_probability_is_found_by_the_auditor(forge: Forge) -> None:
    """The agency may sign a lie to one firm; who holds the whole bundle sees it at step 15."""
    path = "openings/" + "ab" * 16 + ".json"
    forge.put(path, opening(forge))
    assert forge.manifest().judge().first_failed is None
    forge.put(path, opening(forge, pi_e12=1))
    assert judge(forge.get(path)).first_failed is None
    assert forge.manifest().judge().first_failed == 15
    rewrite(forge, path, lambda x: x["opening"].update(pi_e12=2))
    assert verify(forge.manifest().files.__getitem__, sorted(forge.files)).first_failed == 15


def test_round_trip(forge: Forge) -> None:
    data = canon.encode(opening(forge))
    assert OpeningFile.parse(data).encode() == data
    assert log.parse_checkpoint(signing.note_parse(opening(forge)["checkpoint"]).text).size == 10
