"""The beacon: ten real rounds hold, every other signature or encoding does not, and nothing is believed unchecked."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler import beacon, canon
from sampler.errors import RecordError
from tests.forge import Forge, first_failed

ROUND = 1000
SIGNATURE = (
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"  # of quicknet
)
VALUE = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
ANSWER = json.dumps({"round": ROUND, "randomness": "00" * 32, "signature": SIGNATURE}).encode()
NEIGHBOUR = (
    "b33bf3667cbd5a82de3a24b4e0e9fe5513cc1a0e840368c6e31f5fcfa79bea03f73896b25883abf2853d10337fb8fa41"  # of 1001
)
SECOND = (
    "be076aa25a40df5b4d22f9f7bcedaff30dcac20d94556107b8e652c7b54b2a440ce796f9fa53ad28023c84b40a580f55"  # 1004, x + p
)
FILE = f"evidence/drand-quicknet-{ROUND}.json"


@pytest.fixture(scope="module")
def vectors(test_data: Path) -> Any:
    return json.loads((test_data / "vectors/drand/quicknet.json").read_bytes())


def refusal(round_: int, signature: str) -> str:
    try:
        beacon.check(round_, bytes.fromhex(signature))
    except RecordError as e:
        return e.code
    return ""


def test_the_pinned_chain_is_quicknet(vectors: Any) -> None:
    chain = vectors["chain"]
    assert bytes.fromhex(chain["public_key"]) == beacon.PUBLIC_KEY
    assert (chain["genesis_time"], chain["period"], chain["beaconID"]) == (beacon.GENESIS, beacon.PERIOD, beacon.CHAIN)


def test_ten_real_rounds(vectors: Any) -> None:
    assert len(vectors["rounds"]) == 10
    for r in vectors["rounds"]:
        assert refusal(r["round"], r["signature"]) == ""
        assert beacon.value(bytes.fromhex(r["signature"])) == r["randomness"]
        assert beacon.GENESIS + (r["round"] - 1) * beacon.PERIOD == r["time"]


def test_all_negatives(vectors: Any) -> None:
    """Two wrong rounds, both second encodings, infinity in a lenient encoding."""
    found = [refusal(r["round"], r["signature"]) for r in vectors["negative"]]
    assert found == ["BEACON_SIGNATURE"] * 2 + ["BEACON_ENCODING"] * 3


def test_infinity_in_its_right_encoding() -> None:
    assert refusal(ROUND, "c0" + "00" * 47) == "BEACON_ENCODING"


def test_the_signature_of_another_chain(test_data: Path) -> None:
    walk = json.loads((test_data / "vectors/drand/drand_client_walkthrough.json").read_bytes())
    assert walk["public_key"] != beacon.PUBLIC_KEY.hex()
    assert [refusal(r["round"], r["signature"]) for r in walk["rounds"]] == ["BEACON_SIGNATURE"] * 2


def test_a_point_outside_the_subgroup_is_refused() -> None:
    """x = 4 lies on the curve, like most points of it outside the subgroup of the signatures."""
    assert refusal(ROUND, "80" + "00" * 46 + "04") == "BEACON_ENCODING"


def test_another_implementation_agrees(vectors: Any) -> None:
    from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: PLC0415  # slow to import
    from py_ecc.bls.point_compression import decompress_G1, decompress_G2  # noqa: PLC0415
    from py_ecc.optimized_bls12_381 import G2, pairing  # noqa: PLC0415

    key = beacon.PUBLIC_KEY
    public = decompress_G2((int.from_bytes(key[:48], "big"), int.from_bytes(key[48:], "big")))
    last = vectors["rounds"][-1]
    for number, holds in ((last["round"], True), (last["round"] + 1, False)):
        import hashlib  # noqa: PLC0415

        hashed = hash_to_G1(beacon.message(number), b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_", hashlib.sha256)
        point = decompress_G1(int(last["signature"], 16))
        assert (pairing(public, hashed) == pairing(G2, point)) == holds == (refusal(number, last["signature"]) == "")


@settings(max_examples=40)
@given(st.integers(0, 48 * 8 - 1))
def test_a_signature_changed_by_a_bit(bit: int) -> None:
    raw = bytearray.fromhex(SIGNATURE)
    raw[bit // 8] ^= 1 << bit % 8
    assert refusal(ROUND, raw.hex()) in {"BEACON_ENCODING", "BEACON_SIGNATURE"}


def test_a_round_of_beyond_the_calendar_is_after_every_deadline() -> None:
    assert beacon.time_of(10**12 - 1) == "9999-12-31T23:59:59Z"


def test_the_randomness_in_an_answer_is_ignored() -> None:
    assert beacon.value(beacon.parse(ANSWER, ROUND)) == VALUE


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "BEACON_FILE"),
        (b"[]", "BEACON_FILE"),
        (b"\xff", "BEACON_FILE"),
        (b"[" * 4000, "BEACON_FILE"),
        (b'{"round":1000}', "BEACON_FILE"),
        (ANSWER.replace(b"1000", b"1001"), "BEACON_ROUND"),
        (ANSWER.replace(b"1000", b'"1000"'), "BEACON_ROUND"),
        (ANSWER.replace(b"1000", b"1000.0"), "BEACON_FILE"),
        (ANSWER.replace(b"1000", b"true"), "BEACON_ROUND"),
        (ANSWER.replace(b"b446", b"B446"), "BEACON_FILE"),
        (ANSWER.replace(b"b446", b""), "BEACON_FILE"),
        (ANSWER.replace(b'"b446', b'["b446').replace(b'39"', b'39"]'), "BEACON_FILE"),
        (b" " * 5000 + ANSWER, "BEACON_FILE"),
        (ANSWER.replace(b"{", b'{"round": 1001, '), "BEACON_FILE"),
        (ANSWER.replace(b"{", b'{"x": 0.5, '), "BEACON_FILE"),
        (ANSWER.replace(b"{", b'{"x": NaN, '), "BEACON_FILE"),
        (ANSWER.replace(b"{", b'{"x": null, '), "BEACON_FILE"),
        (ANSWER.replace(b"{", b'{"x": 9007199254740993, '), "BEACON_FILE"),
        (b"\xef\xbb\xbf" + ANSWER, "BEACON_FILE"),
        (ANSWER.decode().encode("utf-16"), "BEACON_FILE"),
    ],
)
def test_an_answer_in_another_form(data: bytes, code: str) -> None:
    with pytest.raises(RecordError) as e:
        beacon.parse(data, ROUND)
    assert e.value.code == code


# --- in a bundle: the forger holds every key and seals, signs and logs anew ---


def with_beacon(forge: Forge, *, answer: bytes = ANSWER, value: str = VALUE, sealed: int = ROUND) -> Forge:
    source = f"drand:quicknet:{sealed}"
    forge.change("commitment.json", source=source, reveal_deadline="2023-08-23T15:50:00Z")
    forge.change("charter.json", sources=["drand"])
    for path in [p for p in forge.files if p.startswith("evidence/")]:
        del forge.files[path]
    forge.files[FILE] = answer
    listed = [{"file": FILE, "sha256": canon.sha256(answer).hex()}]
    forge.change("public-value.json", source=source, value=value, evidence=listed)
    forge.change("seed.json", source=source, value=value)
    return forge.relink().done()


def test_a_beacon_in_a_bundle() -> None:
    """Value and seed hold; the golden draw is not the one this seed gives."""
    assert first_failed(with_beacon(Forge())) == "selection"


@pytest.mark.parametrize(
    ("answer", "value", "sealed"),
    [
        (ANSWER.replace(SIGNATURE.encode(), NEIGHBOUR.encode()), "b0a591ad1b9002cfc372ac6e30abd3da8d3088d4caae026961743474fb94235f", ROUND),
        (ANSWER.replace(SIGNATURE.encode(), SECOND.encode()), beacon.value(bytes.fromhex(SECOND)), ROUND),
        (ANSWER, VALUE, ROUND + 1),
        (ANSWER, "00" * 32, ROUND),
        (ANSWER, VALUE, 1),
        (ANSWER[:-1], VALUE, ROUND),
    ],
    ids=["neighbour", "second encoding", "another round sealed", "randomness believed", "round of the past", "cut off"],
)  # fmt: skip
def test_a_beacon_that_does_not_fit(answer: bytes, value: str, sealed: int) -> None:
    assert first_failed(with_beacon(Forge(), answer=answer, value=value, sealed=sealed)) == "public-value"


def test_without_the_extra_nothing_is_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verifier without BLS MUST call step 8 not applicable."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == beacon.EXTRA else real(name))
    report = with_beacon(Forge()).judge()
    step = next(s for s in report.steps if s.id == "public-value")
    assert step.status == "na"
    assert any("没有安装 beacon 扩展" in text for text in report.not_proved)
    assert refusal(ROUND, SIGNATURE) == "BEACON_EXTRA"
