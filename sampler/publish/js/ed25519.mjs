/**
 * Ed25519, verification only (RFC 8032 5.1.7, without the cofactor). Nothing secret is computed, so nothing has to be constant-time.
 * Keys with y at or above p, and points of small order, under which anybody can sign, are refused (records.md 1.3).
 */

import { concat, equal, hex } from "./bytes.mjs";
import { sha512 } from "./sha512.mjs";

const P = (1n << 255n) - 19n;
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;
const mod = (x) => {
  const r = x % P;
  return r < 0n ? r + P : r;
};

function power(x, n) {
  let out = 1n;
  for (let base = mod(x); n > 0n; n >>= 1n) {
    if (n & 1n) out = (out * base) % P;
    base = (base * base) % P;
  }
  return out;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT = power(2n, (P - 1n) / 4n);
const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

/** x of a point from y and the sign bit (RFC 8032 5.1.3); null when there is none. */
function recover(y, sign) {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = (u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n)) % P;
  if (mod(v * x * x) !== u) x = (x * ROOT) % P;
  if (mod(v * x * x) !== u || (x === 0n && sign)) return null;
  return (x & 1n) === BigInt(sign) ? x : P - x;
}

/** A point in extended coordinates (X, Y, Z, T); null when the bytes are none. */
function decode(bytes) {
  const y = little(bytes) & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const x = recover(y, bytes[31] >> 7);
  return x === null ? null : [x, y, 1n, (x * y) % P];
}

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (2n * ((t1 * t2) % P) * D) % P;
  const d = (2n * z1 * z2) % P;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), (g * h) % P, mod(f * g), mod(e * h)];
}

const ZERO = [0n, 1n, 1n, 0n];
const BASE_Y = mod(4n * power(5n, P - 2n));
const BASE_X = recover(BASE_Y, 0);
const BASE = [BASE_X, BASE_Y, 1n, mod(BASE_X * BASE_Y)];

/** a A + b B, bit by bit together. */
function combine(a, A, b, B) {
  const both = add(A, B);
  let out = ZERO;
  for (let i = 255n; i >= 0n; i -= 1n) {
    out = add(out, out);
    const which = Number((a >> i) & 1n) + 2 * Number((b >> i) & 1n);
    if (which) out = add(out, [A, B, both][which - 1]);
  }
  return out;
}

function encode([x, y, z]) {
  const inverse = power(z, P - 2n);
  const digits = (mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n)).toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(digits.slice(62 - 2 * i, 64 - 2 * i), 16));
}

/** Is 8 A the neutral element? */
function isSmall(A) {
  let out = A;
  for (let i = 0; i < 3; i += 1) out = add(out, out);
  return out[0] === 0n && out[1] === out[2];
}

/**
 * @param {Uint8Array} key public key, 32 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} signature 64 bytes
 * @returns {boolean}
 */
export function verifySignature(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const A = decode(key);
  const [R, s] = [signature.subarray(0, 32), little(signature.subarray(32))];
  if (A === null || isSmall(A) || s >= ORDER) return false;
  const k = little(sha512(concat(R, key, message))) % ORDER;
  const minus = [mod(-A[0]), A[1], 1n, mod(-A[3])];
  return equal(encode(combine(s, BASE, k, minus)), R);
}
