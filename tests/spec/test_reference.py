"""The reference against answers that others know: it must be right before anything is compared with it."""

import base64
import hashlib
import json
import os
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.make_vectors import GOLDEN, NAME
from tests.reference import api, assign, bytes_, eligible, log, pareto, strata, tables, tree, world

BUNDLE = GOLDEN / NAME
EDGE = 2**32 - 1


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("SAMPLER_TEST_DATA")
    if not folder:
        pytest.skip(reason="SAMPLER_TEST_DATA is not set: outside vectors (RFC 6962, RFC 8785, certified pi) not read")
    return Path(folder)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def unbase(text: str | None) -> bytes:
    return base64.b64decode(text or "")


# --- bytes


def test_the_printf_line_of_the_specification() -> None:
    by_hand = hashlib.sha256(b"\0\0\0\021sampler/v1/ticket\0\0\0\004seed").hexdigest()
    assert bytes_.h("ticket", "seed").hex() == by_hand
    assert by_hand.startswith("6497923a77539a71")


def test_parts_are_raw_bytes_decimal_integers_and_utf8() -> None:
    assert bytes_.h("x", b"12") == bytes_.h("x", 12) == bytes_.h("x", "12") != bytes_.h("x", "1", "2")
    assert bytes_.lp("业") == b"\0\0\0\3\xe4\xb8\x9a"


def test_rfc8785_vectors(data: Path) -> None:
    folder = data / "vectors" / "rfc8785" / "testdata"
    cases = sorted((folder / "input").glob("*.json"))
    assert len(cases) == 6
    for case in cases:
        want = bytes.fromhex((folder / "outhex" / f"{case.stem}.txt").read_text(encoding="ascii"))
        assert api.ref_jcs(read(case)) == want, case.name


def test_numbers_of_rfc8785_appendix_b() -> None:
    shown = {
        5e-324: "5e-324",
        -5e-324: "-5e-324",
        1.7976931348623157e308: "1.7976931348623157e+308",
        -0.0: "0",
        9007199254740992.0: "9007199254740992",
        295147905179352830000.0: "295147905179352830000",
        9.999999999999997e22: "9.999999999999997e+22",
        1e23: "1e+23",
        999999999999999700000.0: "999999999999999700000",
        1e21: "1e+21",
        9.999999999999997e-7: "9.999999999999997e-7",
        0.000001: "0.000001",
        333333333.3333332: "333333333.3333332",
        -0.0000033333333333333333: "-0.0000033333333333333333",
        1424953923781206.2: "1424953923781206.2",
    }
    assert {value: api.ref_jcs(value).decode() for value in shown} == shown


def test_blinded_leaf_and_nonce_spelled_out() -> None:
    import hmac  # noqa: PLC0415 - only this test spells the construction out

    secret = b"s" * 32
    message = b"\0\0\0\x0eDEMO-2026-0001" + b"\0\0\0\x05frame" + b"\0\0\0\x01a"
    nonce = hmac.new(secret, message, hashlib.sha256).digest()[:16]
    assert api.ref_nonce(secret, "DEMO-2026-0001", "frame", "a") == nonce
    body = b"\0" + nonce + b"\0\0\0\x10sampler/v1/frame" + b"\0\0\0\x0eDEMO-2026-0001" + b"a\tb"
    assert api.ref_leaf(nonce, "frame", "DEMO-2026-0001", "a\tb") == hashlib.sha256(body).digest()


def test_seed_sorts_parties_and_spells_absent() -> None:
    r = b"r" * 32
    got = api.ref_seed(b"c" * 32, "parties", b"", {"z": None, "B": r, "a": r})
    assert got == bytes_.h("seed", b"c" * 32, "parties", b"", "B", r, "a", r, "z", b"ABSENT")


# trees


def test_rfc6962_roots(data: Path) -> None:
    known = read(data / "vectors" / "rfc6962" / "roots.json")
    leaves = [tree.leaf_hash(bytes.fromhex(text)) for text in known["leaves_hex"]]
    assert [api.ref_root(leaves[:size]).hex() for size in range(9)] == known["roots_by_size"]


def good_inclusion(case: dict[str, Any]) -> bool:
    leaf, root = unbase(case["leafHash"]), unbase(case["root"])
    proof = [unbase(text) for text in case["proof"] or []]
    whole = all(len(part) == 32 for part in (leaf, root, *proof))
    return whole and tree.root_from_inclusion(leaf, case["leafIdx"], case["treeSize"], proof) == root


def good_consistency(case: dict[str, Any]) -> bool:
    old, new = unbase(case["root1"]), unbase(case["root2"])
    proof = [unbase(text) for text in case["proof"] or []]
    whole = all(len(part) == 32 for part in (old, new, *proof))
    return whole and tree.roots_from_consistency(case["size1"], case["size2"], old, proof) == (old, new)


@pytest.mark.parametrize(("kind", "least"), [("inclusion", 90), ("consistency", 90)])
def test_rfc6962_proofs(data: Path, kind: str, least: int) -> None:
    folder = data / "vectors" / "rfc6962" / "testdata" / kind
    check = good_inclusion if kind == "inclusion" else good_consistency
    cases = sorted(folder.rglob("*.json"))
    assert len(cases) >= least
    stricter = []
    for path in cases:
        case = read(path)
        if check(case) == case["wantErr"]:
            assert not case["wantErr"], f"accepted: {path.relative_to(folder)}"
            stricter.append(path.stem)
    # The published cases let an empty tree or an empty hash pass; there is nothing to prove at size 0.
    assert all("zero" in name or "empty" in name for name in stricter), stricter
    assert len(stricter) <= 4


@pytest.mark.parametrize("size", range(1, 20))
def test_every_proof_leads_to_the_root(size: int) -> None:
    leaves = [tree.leaf_hash(bytes([i])) for i in range(size)]
    root = tree.root(leaves)
    for i in range(size):
        assert tree.root_from_inclusion(leaves[i], i, size, tree.inclusion(i, leaves)) == root
        old = tree.root(leaves[: i + 1])
        proof = tree.consistency(i + 1, leaves)
        assert tree.roots_from_consistency(i + 1, size, old, proof) == (old, root)


def test_signed_note_vector(data: Path) -> None:
    known = read(data / "vectors" / "signed-note" / "vectors.json")
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(known["skey"].split("+", 4)[4])[1:])
    public = bytes_.public_bytes(private)
    line = log.signature_line("PeterNeumann", public, private.sign(known["text"].encode()))
    assert line.strip() == known["signature_line"].strip()


# sizes, weights, targets


def test_ratios_round_as_they_say() -> None:
    asked = [("10%", 25), ("10%", 24), (">=3%", 101), ("<=2‰", 999), ("0.0001%", 10**6), ("100%", 7)]
    assert [api.ref_clause_total(ratio, units) for ratio, units in asked] == [3, 2, 4, 1, 1, 7]
    assert api.ref_clause_total("60%", 10, "year", 1, 2) == 3
    for ratio, units in (("0%", 9), ("<=2‰", 499)):
        with pytest.raises(api.RefusedError, match="CLAUSE_ZERO"):
            api.ref_clause_total(ratio, units)


def test_small_districts_join_the_next_and_the_last_the_previous() -> None:
    cells = {("A", "firm", "01"): 30, ("A", "firm", "02"): 5, ("A", "firm", "03"): 55, ("A", "firm", "04"): 10}
    found = api.ref_strata({"c": cells}, {"c": 7})
    assert {name: (s.units, s.n) for name, s in found.items()} == {"A.firm.01": (30, 2), "A.firm.02": (70, 5)}


def test_remainders_by_size_then_id() -> None:
    cells = {("A", "firm", f"{i:02d}"): 10 for i in range(4)}
    assert [s.n for s in api.ref_strata({"c": cells}, {"c": 6}).values()] == [2, 2, 1, 1]


def test_weights_by_hand() -> None:
    assert api.ref_weights([0, 0, 0], 1, 5, 2) == [2**32] * 3
    assert api.ref_weights([0, 5], 1, 5, 0) == [2**32] * 2
    assert api.ref_weights([0, 1_000_000], 1, 5, 1) == [2**32 // 5, 2**32 * 9 // 5]
    assert api.ref_weights([0, 1], 0, 1, 1) == [1, 2**33]


def test_more_than_1024_weights_keep_leading_bits() -> None:
    exact = strata.weights(list(range(1, 1025)), 1, 5, 1)
    assert len(set(exact)) == 1024
    short = api.ref_weights(list(range(1, 3001)), 1, 5, 1)
    full = [2**32 * (sum(range(3001)) + 4 * 3000 * r) // (5 * sum(range(3001))) for r in range(1, 3001)]
    bits = max(w.bit_length() - (w & -w).bit_length() + 1 for w in short)
    assert len(set(short)) <= 1024 < len({strata.leading(w, bits + 1) for w in full})
    assert short == [strata.leading(w, bits) for w in full]


def test_levels_certain_capped_and_cooling() -> None:
    level_of, target = api.ref_levels([100, 1, 1, 2], 2, cooldown=False)
    assert level_of == ["T", "1", "1", "2"]
    assert target == {"T": 10**12, "1": 250_000_000_000, "2": 500_000_000_000}
    level_of, target = api.ref_levels([100, 1, 1, 1, 1, 1, 1, 1], 1, cooldown=True)
    assert level_of == ["2"] + ["1"] * 7
    assert target == {"1": 107_142_857_143, "2": 250_000_000_000}
    assert api.ref_levels([1, 2], 2, cooldown=False) == (["T", "T"], {"T": 10**12})
    with pytest.raises(api.RefusedError, match="SIZE_COOLDOWN"):
        api.ref_levels([1, 2, 3], 1, cooldown=True)


# probabilities and keys


def test_certified_inclusion_probabilities(data: Path) -> None:
    cases = read(data / "sampling" / "pareto_certified_pi.json")
    small = [case for case in cases if len(case["lambda_q32"]) <= 12]
    assert len(small) == 8
    for case in small:
        got = api.ref_inclusion(case["lambda_q32"], [1] * len(case["lambda_q32"]), case["n"])
        for found, want in zip(got, case["pi_certified"], strict=True):
            assert abs(found - Fraction(want)) < Fraction(1, 10**29), case["name"]


def test_probabilities_of_two_units_in_closed_form() -> None:
    """m = 1 of 2: P(key_1 < key_2) = (r (r - 1) - r log r) / (r - 1)^2 with r = theta_1 / theta_2."""
    assert api.ref_inclusion([7], [2], 1) == [Fraction(1, 2)]
    first, second = api.ref_inclusion([2**31, 2**30], [1, 1], 1)
    log3 = Fraction("1.098612288668109691395245236922525704647490557822749451734694")
    assert abs(first - (6 - 3 * log3) / 4) < Fraction(1, 10**35)
    assert abs(first + second - 1) < Fraction(1, 10**35)


def test_extreme_parameters_stay_certified() -> None:
    counts = [3, 2]
    found = api.ref_inclusion([1, EDGE], counts, 2)
    assert abs(counts[0] * found[0] + counts[1] * found[1] - 2) < Fraction(1, 10**30)
    assert found[1] > 1 - Fraction(1, 10**15)


def test_parameters_meet_their_targets() -> None:
    target, counts, m = [131_174_212_014, 404_499_013_023, 746_155_014_209], [3, 2, 1], 2
    scale = Fraction(m * 10**12, sum(n * t for n, t in zip(counts, target, strict=True)))
    goal = [round(t * scale) for t in target]
    found = api.ref_inclusion(api.ref_parameters(goal, counts, m), counts, m)
    for pi, value in zip(found, goal, strict=True):
        t = Fraction(value, 10**12)
        assert abs(pi - t) <= Fraction(1, 10**9) + t / 10**6
    assert api.ref_parameters([3 * 10**11], [10], 3) == [1_288_490_189]


def test_choice_is_the_order_of_floating_keys() -> None:
    stream = bytes_.h("stream", b"s" * 32, "object")
    units = [(f"id{i:02d}", 2**28 * (1 + i % 5)) for i in range(12)]

    def rough(unit: tuple[str, int]) -> float:
        u = (pareto.ticket(stream, unit[0]) + 0.5) / 2**256
        p = unit[1] / 2**32
        return u / (1 - u) * (1 - p) / p

    names = [name for name, _ in sorted(units, key=rough)]
    drawn, reserves, tau = api.ref_choose(units, stream, 4, 3)
    assert (drawn, reserves) == (names[:4], names[4:7])
    assert tau == (pareto.ticket(stream, names[4]), dict(units)[names[4]])
    assert api.ref_choose(units, stream, 12, 3)[1:] == ([], None)


def test_frequencies_agree_with_the_exact_probabilities() -> None:
    """2,000 seeds; the bound is five standard deviations."""
    units = [("a", 2**30), ("b", 2**31), ("c", 3 * 2**30), ("d", 2**31)]
    pi = api.ref_inclusion([value for _, value in units], [1] * 4, 2)
    hits = dict.fromkeys((name for name, _ in units), 0)
    for k in range(2000):
        for name in api.ref_choose(units, bytes_.h("stream", b"%d" % k, "object"), 2, 0)[0]:
            hits[name] += 1
    for (name, _), p in zip(units, pi, strict=True):
        assert abs(hits[name] - 2000 * p) < 5 * float(2000 * p * (1 - p)) ** 0.5


# assignment


def table_ticket(values: dict[tuple[str, str, str], int]) -> assign.TicketOf:
    return lambda _round, e, g, i: values[e, g, i]


def test_cheapest_assignment_and_its_certificate() -> None:
    demands: assign.Demands = {"e1": {"lead": (1, ["a", "b"])}, "e2": {"lead": (1, ["a", "b"])}}
    costs = {("e1", "lead", "a"): 5, ("e1", "lead", "b"): 1, ("e2", "lead", "a"): 9, ("e2", "lead", "b"): 2}
    (block,) = api.ref_assign(demands, {"a": 9, "b": 9}, [("r0", 0, 0)], table_ticket(costs))
    assert (block.rung, block.round, block.cost, block.vacancies) == ("r0", 0, 7, 0)
    assert block.picks == [("e1", "lead", "a"), ("e2", "lead", "b")]
    arcs = assign.network(demands, block.bounds, block.picks, lambda pick: costs[pick])
    p = assign.potentials(arcs)
    for arc in arcs:
        reduced = arc.cost + p[arc.tail] - p[arc.head]
        assert arc.flow == arc.high or reduced >= 0
        assert arc.flow == arc.low or reduced <= 0
    assert {node: value for node, value in p.items() if not node.startswith("p:")} == block.potentials
    assert max(p.values()) == 0


def test_the_last_rung_leaves_vacancies_and_prices_them() -> None:
    demands: assign.Demands = {"e1": {"lead": (2, ["a"])}, "e2": {"lead": (1, [])}}
    costs = {("e1", "lead", "a"): 5}
    full, empty = api.ref_assign(demands, {"a": 9}, [("r0", 0, 0)], table_ticket(costs))
    assert (full.rung, full.cost, full.vacancies, full.objects) == ("vacancy", 5, 1, ["e1"])
    assert (empty.block, empty.cost, empty.vacancies, empty.officers) == ("e2", 0, 1, [])
    assert empty.potentials == {"hub": -(2**40), "g:e2:lead": 0}
    assert full.potentials["hub"] == -(2 * 2**40)


def test_a_tie_goes_to_the_next_round_and_then_to_an_error() -> None:
    demands: assign.Demands = {"e1": {"lead": (1, ["a", "b"])}}

    def later(round_: int, _e: str, _g: str, officer: str) -> int:
        return 1 if officer == "a" or round_ < 3 else 0

    (block,) = api.ref_assign(demands, {"a": 1, "b": 1}, [("r0", 1, 0)], later)
    assert (block.round, block.picks) == (3, [("e1", "lead", "b")])
    with pytest.raises(api.RefusedError, match="ASSIGN_TIE"):
        api.ref_assign(demands, {"a": 1, "b": 1}, [("r0", 1, 0)], lambda *_: 1)


def test_every_full_team_is_listed_once() -> None:
    officers = list("abcd")
    listed = [tuple(team) for team in assign.teams({"x": (2, officers), "y": (1, officers)}) if len(team) == 3]
    assert len(listed) == len(set(listed)) == comb(4, 2) * 2


def test_reasons_of_the_golden_officers() -> None:
    plan, frame, items = world.plan(), {r["object_id"]: r for r in world.frame_rows()}, world.item_rows()
    roster, recusals = {r["inspector_id"]: r for r in world.roster_rows()}, world.recusal_rows()

    def why(officer: str, target: str, needs: list[str]) -> str | None:
        return eligible.reason(roster[officer], frame[target], {"group": "x", "needs": needs}, plan, items, recusals)

    assert why("P05", "91310104MA1FL0012M", ["lead"]) == "certificate"
    assert why("P04", "91310101MA1FL0006F", []) == "recusal"
    assert why("P04", "91310104MA1FL0012M", []) is None
    assert why("P03", "91310104MA1FL0012M", []) == "jurisdiction"
    assert why("P03", "91310101MA1FL0006F", ["lead"]) == "needs"


# the golden bundle


def test_the_golden_bundle_signs_and_lists_every_file() -> None:
    listed = {f["path"]: (f["sha256"], f["size"]) for f in read(BUNDLE / "manifest.json")["files"]}
    files = {p.relative_to(BUNDLE).as_posix(): p.read_bytes() for p in BUNDLE.rglob("*") if p.is_file()}
    del files["manifest.json"]
    assert listed == {path: (hashlib.sha256(body).hexdigest(), len(body)) for path, body in files.items()}
    for path, body in files.items():
        if path.endswith(".json"):
            assert api.ref_jcs(json.loads(body)) == body, path
    keys = {key["key_id"]: bytes.fromhex(key["public"]) for key in read(BUNDLE / "charter.json")["keys"]}
    signatures = read(BUNDLE / "signatures.json")
    assert len(signatures) == 10
    for entry in signatures:
        message = bytes_.lp("sampler/v1/sign") + bytes_.lp(entry["type"]) + bytes.fromhex(entry["rhash"])
        Ed25519PublicKey.from_public_bytes(keys[entry["key_id"]]).verify(bytes.fromhex(entry["sig"]), message)


def test_the_golden_tables_lead_to_the_sealed_roots() -> None:
    sealed = read(BUNDLE / "commitment.json")
    for table in tables.BLINDED:
        header, *lines = (BUNDLE / f"{table}.tsv").read_text(encoding="ascii").splitlines()
        names = header.split("\t")
        assert names == tables.columns(table)
        leaves = []
        for line in lines:
            row, _, nonce = line.rpartition("\t")
            leaves.append(api.ref_leaf(bytes.fromhex(nonce), table, world.DRAW_ID, row))
        assert api.ref_root(leaves).hex() == sealed[table]["root"]


def test_the_golden_log_proves_itself() -> None:
    leaves = [tree.leaf_hash(line) for line in (BUNDLE / "log/entries").read_bytes().splitlines()]
    proofs = read(BUNDLE / "log/proofs.json")
    root = tree.root(leaves)
    for record in proofs["records"]:
        proof = [bytes.fromhex(part) for part in record["proof"]]
        assert tree.root_from_inclusion(leaves[record["index"]], record["index"], proofs["size"], proof) == root
    for earlier in proofs["earlier"]:
        _, size, old, *_ = earlier["checkpoint"].split("\n")
        proof = [bytes.fromhex(part) for part in earlier["proof"]]
        known = base64.b64decode(old)
        assert tree.roots_from_consistency(int(size), len(leaves), known, proof) == (known, root)
