"""The beacon judged by two libraries: our own BLS12-381 in JavaScript and the one that Python uses say the same code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point, Scalar

from sampler import beacon, verify
from sampler.errors import RecordError
from tests.forge import Forge
from tests.javascript import Javascript, replayed
from tests.unit.test_beacon import ANSWER, NEIGHBOUR, ROUND, SECOND, SIGNATURE, VALUE, with_beacon

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    with Javascript.started() as javascript:
        yield javascript


def ours(round_: int, signature: bytes) -> str:
    try:
        beacon.check(round_, signature)
    except RecordError as e:
        return e.code
    return ""


def theirs(node: Javascript, round_: int, signature: bytes) -> str:
    said = node.ask("beacon", round=round_, signature=signature.hex())
    return str(said.get("error", ""))


def of_x(x: int, top: int) -> bytes:
    """Return an encoding of any x, reduced or not, under any three flags."""
    return (x % 2**381 | top << 381).to_bytes(48, "big")


CHANGED = st.integers(0, 383).map(lambda bit: (int(SIGNATURE, 16) ^ 1 << bit).to_bytes(48, "big"))
ENCODED = st.builds(
    of_x, st.integers(0, 2**381 - 1) | st.integers(P - 50, P + 50) | st.integers(0, 50), st.integers(0, 7)
)
POINTS = st.integers(1, 2**200).map(lambda k: bytes((G1Point() * Scalar(k)).to_compressed_bytes()))


@FEW
@given(CHANGED | ENCODED | POINTS | st.binary(min_size=48, max_size=48))
@example(bytes.fromhex(SIGNATURE))
@example(bytes.fromhex(NEIGHBOUR))
@example(bytes.fromhex(SECOND))
@example(of_x(0, 4))
@example(of_x(0, 6))
@example(of_x(P, 6))
@example(of_x(P - 1, 5))
def test_both_give_one_code(node: Javascript, signature: bytes) -> None:
    """A verifier MUST check against the public key of chain `52db9ba7...` pinned in its code: the 48 bytes are a point of
    the G1 subgroup in its one encoding (compressed, x below p), not the identity, and its BLS signature on SHA-256(ROUND as
    8 bytes big-endian), suite `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_`, holds."""
    assert theirs(node, ROUND, signature) == ours(ROUND, signature)


@FEW
@given(st.binary(max_size=100))
def test_both_hash_to_one_point(node: Javascript, message: bytes) -> None:
    found = node.ask("hash", message=message.hex(), dst=DST.decode())["ok"]
    point = bytes(G1Point.hash_to_curve(message, DST).to_compressed_bytes())
    x, y = int(found[:96], 16), int(found[96:], 16)
    assert of_x(x, 4 + (y > P - y)) == point


RELAYS = st.sampled_from(
    [ANSWER, ANSWER.replace(b"1000", b"1000.0"), ANSWER.replace(b"1000", b"1e3"), ANSWER.replace(b"{", b'{"round":1000,'), ANSWER + b" ", b"\xef\xbb\xbf" + ANSWER]
)  # fmt: skip


@settings(FEW, max_examples=300)
@given(RELAYS, st.integers(0, 10**6), st.integers(0, 255))
def test_both_read_one_answer(node: Javascript, data: bytes, at: int, byte: int) -> None:
    """Its first 4,096 bytes MUST be JSON that a record could hold, in any layout: UTF-8, no name twice, no fraction, no
    null."""
    changed = bytearray(data)
    changed[at % len(data)] = byte
    said = node.ask("relay", round=ROUND, data=changed.hex())
    try:
        want = {"ok": beacon.parse(bytes(changed), ROUND).hex()}
    except RecordError as e:
        want = {"error": e.code}
    said.pop("message", None)
    assert said == want


def test_a_good_beacon_passes_the_step_in_a_bundle(node: Javascript) -> None:
    """Value, signature and round hold in both; the golden draw is not the one that this seed gives."""
    files = with_beacon(Forge()).files
    found = replayed(node, files)
    assert found["status"][7] == "ok"
    assert f"round {ROUND}" in found["found"][7]
    assert found["first_failed"] == verify.verify(files.__getitem__, sorted(files)).first_failed == 12


@pytest.mark.parametrize("round_", [1, 800])
def test_a_round_of_before_the_deadline_fails_in_both(node: Javascript, round_: int) -> None:
    """The round's time, 1692803367 + 3 (ROUND - 1), at most the last second of the year 9999, MUST be after the sealed
    reveal_deadline."""
    files = with_beacon(Forge(), sealed=round_, answer=ANSWER.replace(b"1000", str(round_).encode())).files
    report = verify.verify(files.__getitem__, sorted(files))
    assert "截止" in next(s.meaning for s in report.steps if s.id == "public-value")
    assert replayed(node, files)["first_failed"] == report.first_failed == 8


@pytest.mark.parametrize(
    ("answer", "value", "sealed"),
    [
        (ANSWER.replace(SIGNATURE.encode(), NEIGHBOUR.encode()), beacon.value(bytes.fromhex(NEIGHBOUR)), ROUND),
        (ANSWER.replace(SIGNATURE.encode(), SECOND.encode()), beacon.value(bytes.fromhex(SECOND)), ROUND),
        (ANSWER.replace(SIGNATURE[:2].encode(), b"94"), beacon.value(bytes.fromhex("94" + SIGNATURE[2:])), ROUND),
        (ANSWER.replace(SIGNATURE.encode(), b"c0" + b"00" * 47), beacon.value(b"\xc0" + bytes(47)), ROUND),
        (ANSWER, VALUE, ROUND + 1),
        (ANSWER, "00" * 32, ROUND),
        (ANSWER, VALUE, 1),
        (ANSWER[:-1], VALUE, ROUND),
    ],
    ids=["neighbour", "second encoding", "other sign", "infinity", "another round sealed", "randomness believed", "round of the past", "cut off"],
)  # fmt: skip
def test_a_beacon_that_does_not_fit_fails_in_both(node: Javascript, answer: bytes, value: str, sealed: int) -> None:
    files = with_beacon(Forge(), answer=answer, value=value, sealed=sealed).files
    assert replayed(node, files)["first_failed"] == verify.verify(files.__getitem__, sorted(files)).first_failed == 8


def test_another_chain_fails_in_both(node: Javascript) -> None:
    """The seal names a chain by its hash: no key is pinned for it."""
    forge = with_beacon(Forge())
    for path in ("commitment.json", "public-value.json", "seed.json"):
        forge.change(path, source=f"drand:52db9ba7:{ROUND}")
    files = forge.relink().done().files
    assert replayed(node, files)["first_failed"] == verify.verify(files.__getitem__, sorted(files)).first_failed == 8


def test_a_bundle_without_the_answer_fails_in_both(node: Javascript) -> None:
    """**Decided: drand** (ADR 0024). The evidence MUST hold `evidence/drand-quicknet-ROUND.json`, the answer of a relay as
    it came: a JSON object with `round` (a number) and `signature` (96 lower-case hex digits); anything else in it,
    `randomness` above all, MUST be ignored."""
    forge = with_beacon(Forge())
    for path in [p for p in forge.files if p.startswith("evidence/")]:
        del forge.files[path]
    forge.change("public-value.json", evidence=[])
    files = forge.relink().done().files
    assert replayed(node, files)["first_failed"] == verify.verify(files.__getitem__, sorted(files)).first_failed == 8
