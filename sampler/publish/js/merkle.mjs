/**
 * Merkle trees of RFC 6962 / RFC 9162 and the blinded leaves of records.md 1.4.
 */

import { concat, equal, H, hex, lp, utf8 } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { hmac, sha256 } from "./sha256.mjs";

const ZERO = new Uint8Array([0]);
const ONE = new Uint8Array([1]);
const PAIR = new Uint8Array(65);

/** Hash of an inner node. */
export function node(left, right) {
  PAIR.set(ONE);
  PAIR.set(left, 1);
  PAIR.set(right, 33);
  return sha256(PAIR);
}

/** Leaf hash of a log entry: SHA-256(0x00 || entry). */
export const entryLeaf = (entry) => sha256(concat(ZERO, entry));

/** Leaf field of a log entry: SHA-256(0x00 || nonce || rhash) (records.md 4). */
export const logLeaf = (nonce, rhash) => sha256(concat(ZERO, nonce, rhash));

/** Blinded leaf of a table row. */
export function blindedLeaf(tree, drawId, row, nonce) {
  return sha256(concat(ZERO, nonce, lp(`sampler/v1/${tree}`), lp(drawId), utf8(row)));
}

/** Nonce of a row, from the draw's secret. @returns {Uint8Array} 16 bytes */
export const nonce = (secret, drawId, tree, key) => hmac(secret, concat(lp(drawId), lp(tree), lp(key))).subarray(0, 16);

/** Opening or task token (PROTOCOL 1). @returns {Uint8Array} 16 bytes */
export const token = (secret, drawId, id) => nonce(secret, drawId, "token", id);

/** rec_id of a recusal. @returns {string} 32 hex digits */
export const recusalId = (inspector, kind, target) => hex(H("recid", inspector, kind, target)).slice(0, 32);

/** Root over leaf hashes; the last of an odd level goes up unchanged, which is RFC 6962's split. */
export function root(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  let level = leaves;
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(node(level[i], level[i + 1]));
    if (level.length % 2) next.push(level[level.length - 1]);
    level = next;
  }
  return level[0];
}

/** Largest power of two below n. */
function split(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Inclusion path of RFC 6962 2.1.1. */
export function inclusionPath(leaves, index) {
  require(Number.isInteger(index) && index >= 0 && index < leaves.length, "MERKLE_INDEX", "no such leaf");
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [own, other] = index < k ? [leaves.slice(0, k), leaves.slice(k)] : [leaves.slice(k), leaves.slice(0, k)];
  return [...inclusionPath(own, index < k ? index : index - k), root(other)];
}

/** Consistency path of RFC 6962 2.1.2. */
export function consistencyPath(leaves, old) {
  require(Number.isInteger(old) && old > 0 && old <= leaves.length, "MERKLE_SIZE", "no such earlier size");
  return subproof(old, leaves, true);
}

function subproof(m, leaves, whole) {
  if (m === leaves.length) return whole ? [] : [root(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), root(leaves.slice(k))];
  return [...subproof(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
}

const hashes = (list) => list.every((h) => h.length === 32);
const half = (n) => Math.floor(n / 2);

/**
 * Verify an inclusion proof (RFC 9162 2.1.3.2).
 * @returns {boolean}
 */
export function included(leaf, index, size, proof, want) {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!hashes([leaf, want, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 || fn === sn) {
      r = node(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = node(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(r, want);
}

/**
 * Verify a consistency proof (RFC 9162 2.1.4.2). An old size of 0 proves nothing and is refused.
 * @returns {boolean}
 */
export function consistent(old, size, oldRoot, newRoot, proof) {
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(size) || old < 1 || old > size) return false;
  if (!hashes([oldRoot, newRoot, ...proof])) return false;
  if (old === size) return proof.length === 0 && equal(oldRoot, newRoot);
  if (proof.length === 0) return false;
  const power = 2 ** Math.round(Math.log2(old)) === old;
  const path = power ? [oldRoot, ...proof] : proof;
  let fn = old - 1;
  let sn = size - 1;
  while (fn % 2) [fn, sn] = [half(fn), half(sn)];
  let fr = path[0];
  let sr = path[0];
  for (const c of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 || fn === sn) {
      fr = node(c, fr);
      sr = node(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = node(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fr, oldRoot) && equal(sr, newRoot);
}
