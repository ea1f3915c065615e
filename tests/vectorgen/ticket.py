"""Vectors of area `ticket`: promises, seeds, tickets."""

from typing import Any

from tests.reference import bytes_
from tests.vectorgen.case import Case, Maker, digest, flip

SITTING = "DEMO-S-2026-12"
R1, R2 = digest("secret of business").hex(), digest("secret of notary").hex()
C1 = bytes_.h("party", SITTING, "business", bytes.fromhex(R1)).hex()
VALUE = "0307081419222528313440414652556061697378"
SEED: dict[str, Any] = {
    "commitment": digest("seal").hex(),
    "source": "lottery:kl8:2026339",
    "value": VALUE.encode().hex(),
    "parties": [{"party": "business", "r": R1}, {"party": "notary", "r": R2}],
}
ASCII_SEED = b"0123456789abcdef0123456789abcdef".hex()


def seed_of(given: dict[str, Any]) -> str:
    secrets = {p["party"]: bytes.fromhex(p["r"]) if "r" in p else None for p in given["parties"]}
    raw = bytes.fromhex
    return bytes_.seed(raw(given["commitment"]), given["source"], raw(given["value"]), secrets).hex()


def promises() -> list[Case]:
    sitting, party, opens = Maker("ticket", "sitting"), Maker("ticket", "party"), Maker("ticket", "party-opens")
    one, two = digest("seal").hex(), digest("other seal").hex()
    sitting.good("one-draw", "a sitting with one draw", sitting_id=SITTING, commitments=[one])
    sitting.good("two-draws", "seals in order of draw_id", sitting_id=SITTING, commitments=[one, two])
    sitting.good("two-draws-swapped", "the other order is another sitting", sitting_id=SITTING, commitments=[two, one])
    party.good("business", "C of a secret", sitting_id=SITTING, party="business", r=R1)
    party.good(
        "zero-secret", "32 zero bytes are a secret like any other", sitting_id=SITTING, party="business", r="00" * 32
    )
    good = {"sitting_id": SITTING, "party": "business", "r": R1, "c": C1}
    opens.good("true", "the secret that was promised", **good)
    for name, mutation, change in [
        ("bit-of-r", "one bit of the secret", {"r": flip(R1, 200)}),
        ("bit-of-c", "one bit of the promise", {"c": flip(C1)}),
        ("other-sitting", "the secret of another sitting", {"sitting_id": "DEMO-S-2026-11"}),
        ("other-party", "another party's name", {"party": "notary"}),
        ("name-with-blank", "a blank after the name", {"party": "business "}),
        (
            "boundary-shifted",
            "a letter moved from the sitting to the party",
            {"sitting_id": SITTING[:-1], "party": "2business"},
        ),
        ("r-31-bytes", "a byte less", {"r": R1[:62]}),
        ("r-33-bytes", "a byte more", {"r": R1 + "00"}),
        ("r-empty", "no secret", {"r": ""}),
        ("r-as-hex-text", "the hex digits hashed instead of the bytes", {"r": R1.encode().hex()}),
        ("plain-hash", "SHA-256 of the secret instead of C", {"c": bytes_.sha256(bytes.fromhex(R1)).hex()}),
        ("absent", "ABSENT for a secret", {"r": b"ABSENT".hex()}),
    ]:
        opens.bad("VERIFY_FAILED", name, mutation, **{**good, **change})
    return sitting.cases + party.cases + opens.cases


def seeds() -> list[Case]:
    seed, follows = Maker("ticket", "seed"), Maker("ticket", "seed-follows")
    absent = [{"party": "business", "r": R1}, {"party": "notary"}]
    seed.good("two-parties", "both revealed", **SEED)
    seed.good(
        "any-order",
        "the order in which parties are listed does not matter",
        **{**SEED, "parties": SEED["parties"][::-1]},
    )
    seed.good("absent-party", "ABSENT in place of a secret", **{**SEED, "parties": absent})
    seed.good(
        "party-order-by-bytes",
        "Z stands before a",
        **{**SEED, "parties": [{"party": "a", "r": R1}, {"party": "Z", "r": R2}]},
    )
    seed.good("parties-only", "no public value", **{**SEED, "source": "parties", "value": ""})
    seed.good(
        "raw-value",
        "32 raw bytes of a beacon",
        **{**SEED, "source": "drand:quicknet:4242", "value": digest("beacon").hex()},
    )
    truth = {**SEED, "seed": seed_of(SEED)}
    follows.good("true", "the seed that follows", **truth)
    swapped = [{"party": "business", "r": R2}, {"party": "notary", "r": R1}]
    named = [{"party": "business", "r": R1}, {"party": "notary", "r": b"ABSENT".hex()}]
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("bit-of-seed", "one bit of the seed", {"seed": flip(truth["seed"], 255)}),
        ("bit-of-seal", "one bit of the seal", {"commitment": flip(SEED["commitment"])}),
        (
            "bit-of-secret",
            "one bit of a secret",
            {"parties": [{"party": "business", "r": flip(R1)}, SEED["parties"][1]]},
        ),
        ("secrets-swapped", "the secrets swapped", {"parties": swapped}),
        ("party-left-out", "a party left out", {"parties": SEED["parties"][:1]}),
        ("party-absent", "a party that revealed called absent", {"parties": absent}),
        ("party-added", "a third party", {"parties": [*SEED["parties"], {"party": "x", "r": R1}]}),
        ("absent-as-secret", "the six letters as a secret", {"parties": named}),
        ("other-issue", "the next issue of the lottery", {"source": "lottery:kl8:2026340"}),
        ("value-reordered", "the balls in the order drawn", {"value": (VALUE[2:] + VALUE[:2]).encode().hex()}),
        ("value-line-end", "a line feed after the value", {"value": SEED["value"] + "0a"}),
        ("value-decoded", "the digits read as hex", {"value": VALUE}),
        ("value-empty", "no value", {"value": ""}),
    ]
    for name, mutation, change in changes:
        follows.bad("VERIFY_FAILED", name, mutation, **{**truth, **change})
    return seed.cases + follows.cases


def tickets() -> list[Case]:
    key, ticket = Maker("ticket", "object-key"), Maker("ticket", "ticket")
    akey, aticket = Maker("ticket", "assign-key"), Maker("ticket", "assign-ticket")
    key.good(
        "ascii-seed",
        r"printf '\0\0\0\021sampler/v1/stream\0\0\0\0400123456789abcdef0123456789abcdef\0\0\0\006object' | sha256sum",
        seed=ASCII_SEED,
    )
    key.good("zero-seed", "32 zero bytes", seed="00" * 32)
    for length in (1, 22, 23, 24, 55, 56, 64):
        desc = f"K || id has {32 + length} bytes: {1 + (32 + length + 8) // 64} blocks"
        ticket.good(
            f"id-{length}-byte{'s' * (length > 1)}", desc, seed=ASCII_SEED, id=("91310101MA1FL0001A" * 4)[:length]
        )
    ticket.good("id-e1", "e1 of the example in draw.md 12", seed=ASCII_SEED, id="e1")
    ticket.good("id-capital", "E1 is not e1", seed=ASCII_SEED, id="E1")
    for round_ in (0, 1, 7, 10):
        akey.good(f"round-{round_}", "the round in ASCII decimal", seed=ASCII_SEED, round=round_)
    slot = {"seed": ASCII_SEED, "round": 0, "object": "91", "group": "b", "officer": "2"}
    aticket.good("plain", "the first 5 bytes", **slot)
    aticket.good("shifted", "lengths keep 91 + 2 and 912 apart", **{**slot, "object": "912", "officer": ""})
    aticket.good("round-1", "another round, another ticket", **{**slot, "round": 1})
    return key.cases + ticket.cases + akey.cases + aticket.cases


def cases() -> list[Case]:
    return promises() + seeds() + tickets()
