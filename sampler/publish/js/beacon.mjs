/**
 * The beacon drand quicknet (records.md 3.6): which round is when, and whether a signature is the one that round has.
 */

import { hex, unhex } from "./bytes.mjs";
import { read } from "./canon.mjs";
import { G2, pairingsAgree, readG1, readG2 } from "./curve.mjs";
import { require, SamplerError } from "./errors.mjs";
import { hashToG1 } from "./hash-to-curve.mjs";
import { sha256 } from "./sha256.mjs";

/** The key of chain 52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971: pinned, never read from an answer. */
export const PUBLIC_KEY =
  "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
  "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a";
const DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
const [GENESIS, PERIOD, MOST_BYTES] = [1692803367, 3, 4096];

/** The moment before which nobody can know a round, as records write it; beyond every year that they can write, the last one. */
export function timeOf(round) {
  const seconds = Math.min(GENESIS + (round - 1) * PERIOD, 253402300799);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** Name under which a round's answer is kept in the bundle. */
export const evidenceName = (round) => `evidence/drand-quicknet-${round}.json`;

/**
 * The signature in a relay's answer; whatever else stands in it, `randomness` above all, is ignored.
 * @param {Uint8Array} data
 * @param {number} round
 * @returns {Uint8Array} 48 bytes
 */
export function readAnswer(data, round) {
  const found = parsed(data.subarray(0, MOST_BYTES));
  const whole = found !== null && ["round", "signature"].every((name) => Object.hasOwn(Object(found), name));
  require(whole, "BEACON_FILE", "no answer of a relay");
  require(found.round === round, "BEACON_ROUND", `not round ${round}`);
  require(typeof found.signature === "string" && /^[0-9a-f]{96}$/.test(found.signature), "BEACON_FILE", "the signature is not 96 lower-case hex digits");
  return unhex(found.signature);
}

/** JSON as strict as a record's, so that no two programs see different answers; null for anything else. */
function parsed(data) {
  try {
    return read(data);
  } catch (error) {
    if (error instanceof SamplerError) return null;
    throw error;
  }
}

/** The public value of a signature, in hex. */
export const beaconValue = (signature) => hex(sha256(signature));

/**
 * Refuse a signature that is not the one and only of a round under a key.
 * @param {number} round
 * @param {Uint8Array} signature
 */
export function checkSignature(round, signature) {
  const point = readG1(signature);
  require(point !== null, "BEACON_ENCODING", "no point of the subgroup in its one encoding");
  const message = new Uint8Array(8);
  new DataView(message.buffer).setBigUint64(0, BigInt(round));
  const hashed = hashToG1(sha256(message), DST);
  const good = pairingsAgree(hashed, readG2(unhex(PUBLIC_KEY)), point, readG2(unhex(G2)));
  require(good, "BEACON_SIGNATURE", `not the signature of round ${round}`);
}
