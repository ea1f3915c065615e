/** BLS12-381 and the beacon drand quicknet: published answers, and everything near them refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { beaconValue, checkSignature, PUBLIC_KEY, readAnswer, timeOf } from "../../sampler/publish/js/beacon.mjs";
import { hex, unhex, utf8 } from "../../sampler/publish/js/bytes.mjs";
import { G2, inSubgroup, multiply, ORDER, pairingsAgree, plus, readG1, readG2 } from "../../sampler/publish/js/curve.mjs";
import { SamplerError } from "../../sampler/publish/js/errors.mjs";
import { conjugate, Fp, Fp2, Fp12, frobenius2, P, power } from "../../sampler/publish/js/fields.mjs";
import { expand, hashToG1 } from "../../sampler/publish/js/hash-to-curve.mjs";
import { dice, json, noOutside, OUTSIDE } from "./files.mjs";

const codeOf = (f) => {
  try {
    f();
    return "";
  } catch (error) {
    assert.ok(error instanceof SamplerError, String(error.stack));
    return error.code;
  }
};
const judge = ({ round, signature }) => codeOf(() => checkSignature(round, unhex(signature)));
const drand = (name) => json(join(OUTSIDE, "drand", name));
const G1 = readG1(unhex("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"));

test("drand quicknet: ten rounds hold, and give their randomness", { skip: noOutside }, () => {
  const { chain, rounds } = drand("quicknet.json");
  assert.equal(chain.public_key, PUBLIC_KEY);
  assert.equal(rounds.length, 10);
  for (const one of rounds) {
    assert.equal(judge(one), "", `round ${one.round}`);
    assert.equal(beaconValue(unhex(one.signature)), one.randomness);
    assert.equal(timeOf(one.round), new Date(one.time * 1000).toISOString().replace(".000", ""));
  }
});

test("drand quicknet: wrong rounds, both second encodings, infinity", { skip: noOutside }, () => {
  const found = drand("quicknet.json").negative.map(judge);
  assert.deepEqual(found, ["BEACON_SIGNATURE", "BEACON_SIGNATURE", "BEACON_ENCODING", "BEACON_ENCODING", "BEACON_ENCODING"]);
  const other = drand("drand_client_walkthrough.json");
  assert.deepEqual(other.rounds.map(judge), ["BEACON_SIGNATURE", "BEACON_SIGNATURE"]);
});

test("encodings that are none: infinity, no flag, a point outside the subgroup, another length, x at or above p", () => {
  const wide = (x, top) => unhex((x | (BigInt(top) << 376n)).toString(16).padStart(96, "0"));
  const bad = [
    wide(0n, 0xc0), wide(0n, 0xe0), wide(0n, 0x80), wide(0n, 0x40), wide(G1[0], 0), wide(G1[0], 0x20), wide(G1[0], 0xc0),
    wide(4n, 0x80), wide(4n, 0xa0), wide(P, 0x80), wide(P + 4n, 0x80), wide(1n, 0x80), new Uint8Array(0), new Uint8Array(96),
  ];
  for (const bytes of bad) assert.equal(readG1(bytes), null, hex(bytes));
  assert.equal(readG1(wide(G1[0], 0x80))[1], G1[1]);
  assert.equal(readG1(wide(G1[0], 0xa0))[1], P - G1[1]);
  const key = unhex(G2);
  for (const bit of [7, 6, 5]) {
    const turned = Uint8Array.from(key);
    turned[0] ^= 1 << bit;
    const found = readG2(turned);
    assert.ok(bit === 5 ? Fp2.same(Fp2.plus(found[1], readG2(key)[1]), Fp2.zero) : found === null);
  }
  assert.equal(readG2(key.subarray(0, 48)), null);
});

test("the pinned key and the generators have the order that they must have", () => {
  assert.ok(inSubgroup(Fp, G1) && inSubgroup(Fp2, readG2(unhex(G2))) && inSubgroup(Fp2, readG2(unhex(PUBLIC_KEY))));
  assert.ok(!inSubgroup(Fp, [0n, 2n])); // y^2 = x^3 + 4, order 3
  assert.equal(multiply(Fp, 3n, [0n, 2n]), null);
});

test("a pairing is bilinear and not degenerate", () => {
  const [p, q] = [G1, readG2(unhex(G2))];
  assert.ok(pairingsAgree(multiply(Fp, 6n, p), multiply(Fp2, 35n, q), multiply(Fp, 14n, p), multiply(Fp2, 15n, q)));
  assert.ok(!pairingsAgree(multiply(Fp, 6n, p), multiply(Fp2, 35n, q), multiply(Fp, 14n, p), multiply(Fp2, 16n, q)));
  assert.ok(pairingsAgree(multiply(Fp, ORDER - 1n, p), q, p, multiply(Fp2, ORDER - 1n, q)));
  assert.ok(!pairingsAgree(p, q, multiply(Fp, 2n, p), q));
});

test("the fields: inverses, roots, Frobenius", () => {
  const roll = dice(7);
  const number = () => BigInt(`0x${Array.from({ length: 95 }, () => roll(16).toString(16)).join("")}`) % P;
  for (let k = 0; k < 20; k += 1) {
    const [a, b] = [number(), number()];
    assert.equal(Fp.times(a, Fp.inverse(a)), 1n);
    assert.ok(Fp2.same(Fp2.times([a, b], Fp2.inverse([a, b])), Fp2.one));
    const square = Fp2.square([a, b]);
    assert.ok(Fp2.same(Fp2.square(Fp2.root(square)), square));
    assert.equal(Fp.root(Fp.square(a)) ** 2n % P, (a * a) % P);
  }
  assert.equal(Fp.root(P - 1n), null);
  assert.ok(Fp2.same(Fp2.square(Fp2.root([P - 1n, 0n])), [P - 1n, 0n]));
  assert.equal(Fp2.root([1n, 1n]), null);
  assert.throws(() => Fp.inverse(P), RangeError);
  const f = Array.from({ length: 6 }, () => [number(), number()]);
  assert.ok(Fp12.same(Fp12.times(f, Fp12.inverse(f)), Fp12.one));
  assert.ok(Fp12.same(frobenius2(f), power(Fp12, f, P * P)));
  assert.ok(Fp12.same(conjugate(f), frobenius2(frobenius2(frobenius2(f)))));
});

test("RFC 9380: the published points of BLS12381G1_XMD:SHA-256_SSWU_RO_ (J.9.1)", () => {
  const dst = "QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
  const want = {
    "": [0x052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1n,
      0x08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265n],
    abc: [0x03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7655d3c68900be2f6903n,
      0x0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b88176c229f2885dn],
  };
  for (const [message, point] of Object.entries(want)) assert.deepEqual(hashToG1(utf8(message), dst), point);
  const expanded = expand(utf8(""), "QUUX-V01-CS02-with-expander-SHA256-128", 32);
  assert.equal(hex(expanded), "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235");
});

test("adding points: infinity, opposites, the same point", () => {
  const two = plus(Fp, G1, G1);
  assert.equal(plus(Fp, G1, [G1[0], P - G1[1]]), null);
  assert.deepEqual([plus(Fp, null, G1), plus(Fp, G1, null), plus(Fp, null, null)], [G1, G1, null]);
  assert.deepEqual(plus(Fp, two, G1), multiply(Fp, 3n, G1));
});

test("a relay's answer in another form", () => {
  const signature = "b4".repeat(48);
  const good = `{"round":1000,"randomness":"00","signature":"${signature}"}`;
  assert.equal(hex(readAnswer(utf8(good), 1000)), signature);
  assert.equal(hex(readAnswer(utf8(` ${good.replaceAll(",", ",\n ")}\n`), 1000)), signature);
  const bad = {
    BEACON_ROUND: [good.replace("1000", "1001"), good.replace("1000", '"1000"'), good.replace("1000", "true"), good.replace("1000", "[1000]")],
    BEACON_FILE: [
      "", "[]", "null", "7", '{"round":1000}', good.slice(0, -1), `${good}x`, good.replace("1000", "1000.0"), good.replace("1000", "1e3"),
      good.replace("b4", "B4"), good.replace("b4", ""), good.replace(`"${signature}"`, `["${signature}"]`), `\ufeff${good}`,
      good.replace("{", '{"round":1001,'), good.replace("{", '{"signature":"",'), good.replace('"00"', "null"), " ".repeat(5000) + good,
      good.replace('"00"', '"\\ud800"'), "[".repeat(4000), good.replace('"round"', '"__proto__"'),
    ],
  };
  for (const [code, texts] of Object.entries(bad)) for (const one of texts) assert.equal(codeOf(() => readAnswer(utf8(one), 1000)), code, one.slice(0, 60));
  assert.equal(codeOf(() => readAnswer(new Uint8Array([255]), 1000)), "BEACON_FILE");
});

test("rounds of beyond the calendar come later than any deadline", () => {
  assert.equal(timeOf(1), "2023-08-23T15:09:27Z");
  assert.equal(timeOf(999999999999), "9999-12-31T23:59:59Z");
});
