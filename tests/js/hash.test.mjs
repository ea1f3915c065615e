/** SHA-256, SHA-512, HMAC and Ed25519 against published answers and Node's own. */

import assert from "node:assert/strict";
import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import test from "node:test";
import { hex, unhex, utf8 } from "../../sampler/publish/js/bytes.mjs";
import { verifySignature } from "../../sampler/publish/js/ed25519.mjs";
import { hmac, sha256 } from "../../sampler/publish/js/sha256.mjs";
import { sha512 } from "../../sampler/publish/js/sha512.mjs";
import { ticket, ticketTop } from "../../sampler/publish/js/ticket.mjs";

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const pattern = (n) => Uint8Array.from({ length: n }, (_, i) => (i * 151 + n) & 255);

/** RFC 8032, section 7.1: key, message, signature. */
const RFC8032 = [
  ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"],
  ["3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"],
  ["fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"],
];

test("SHA-256 of FIPS 180-4's examples", () => {
  assert.equal(hex(sha256(utf8("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(hex(sha256(utf8(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("SHA-256 and SHA-512 at every length around the padding edges", () => {
  for (let n = 0; n <= 260; n += 1) {
    const data = pattern(n);
    assert.equal(hex(sha256(data)), createHash("sha256").update(data).digest("hex"), `sha256 of ${n} bytes`);
    assert.equal(hex(sha512(data)), createHash("sha512").update(data).digest("hex"), `sha512 of ${n} bytes`);
  }
  const large = pattern(1_000_003);
  assert.equal(hex(sha256(large)), createHash("sha256").update(large).digest("hex"));
});

test("HMAC with short, whole and long keys", () => {
  for (const n of [0, 1, 31, 32, 63, 64, 65, 131]) {
    assert.equal(hex(hmac(pattern(n), pattern(50))), createHmac("sha256", pattern(n)).update(pattern(50)).digest("hex"));
  }
});

test("the first 53 bits of a ticket are those of the ticket, for ids of every length", () => {
  const key = pattern(32);
  for (let n = 1; n <= 64; n += 1) {
    const id = "x".repeat(n);
    assert.equal(BigInt(ticketTop(key, id)), ticket(key, id) >> 203n);
  }
});

test("Ed25519: RFC 8032 examples hold, and fail with any byte changed", () => {
  for (const [key, message, signature] of RFC8032) {
    const parts = [unhex(key), unhex(message), unhex(signature)];
    assert.equal(verifySignature(...parts), true);
    for (let i = 0; i < 64; i += 7) {
      const bad = Uint8Array.from(parts[2]);
      bad[i] ^= 1;
      assert.equal(verifySignature(parts[0], parts[1], bad), false);
    }
    assert.equal(verifySignature(parts[0], utf8("other"), parts[2]), false);
  }
});

test("Ed25519 refuses a second form of a signature, strange keys and lengths", () => {
  const [key, message, signature] = RFC8032[1].map(unhex);
  const s = BigInt(`0x${hex(Uint8Array.from(signature.subarray(32)).reverse())}`) + ORDER;
  const digits = unhex(s.toString(16).padStart(64, "0")).reverse();
  assert.equal(verifySignature(key, message, Uint8Array.from([...signature.subarray(0, 32), ...digits])), false);
  assert.equal(verifySignature(new Uint8Array(32).fill(255), message, signature), false);
  assert.equal(verifySignature(key.subarray(1), message, signature), false);
  assert.equal(verifySignature(key, message, signature.subarray(1)), false);
  assert.equal(verifySignature(new Uint8Array(0), message, signature), false);
});

test("Ed25519 agrees with Node on fresh keys", () => {
  for (let i = 0; i < 8; i += 1) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const key = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
    const signature = new Uint8Array(sign(null, pattern(i * 40), privateKey));
    assert.equal(verifySignature(key, pattern(i * 40), signature), true);
    assert.equal(verifySignature(key, pattern(i * 40 + 1), signature), false);
  }
});
