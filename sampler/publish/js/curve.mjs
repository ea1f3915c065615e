/**
 * BLS12-381 for verification: points, their one encoding, the subgroup, and the check that two pairings agree.
 * From the curve's definition (draft-irtf-cfrg-pairing-friendly-curves 4.2.1), Zcash's encoding (ibid., appendix C) and
 * the optimal ate pairing (Vercauteren 2010). Points are affine [x, y], null is infinity. Only public values are computed.
 */

import { toInteger } from "./bytes.mjs";
import { conjugate, Fp, Fp2, Fp12, frobenius2, P, power } from "./fields.mjs";

export const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
/** The curve's parameter is -X. */
const X = 0xd201000000010000n;

/** The sum of two points of a curve y^2 = x^3 + b over F. */
export function plus(F, p, q) {
  if (p === null || q === null) return p ?? q;
  const slope = slopeOf(F, p, q);
  if (slope === null) return null;
  const x = F.minus(F.minus(F.square(slope), p[0]), q[0]);
  return [x, F.minus(F.times(slope, F.minus(p[0], x)), p[1])];
}

/** The slope of the line through two points, of the tangent where they are one; null: the line is vertical. */
function slopeOf(F, [x1, y1], [x2, y2]) {
  if (!F.same(x1, x2)) return F.times(F.minus(y2, y1), F.inverse(F.minus(x2, x1)));
  if (!F.same(y1, y2) || F.same(y1, F.zero)) return null;
  const square = F.square(x1);
  return F.times(F.plus(F.plus(square, square), square), F.inverse(F.plus(y1, y1)));
}

/** n times a point. */
export function multiply(F, n, p) {
  let out = null;
  for (const bit of n.toString(2)) {
    out = plus(F, out, out);
    if (bit === "1") out = plus(F, out, p);
  }
  return out;
}

export const inSubgroup = (F, p) => multiply(F, ORDER, p) === null;
export const clearCofactor = (p) => multiply(Fp, X + 1n, p); // h_eff of RFC 9380, 8.8.1

/** The three flags of an encoding, taken off its first byte. */
function flags(bytes) {
  const body = Uint8Array.from(bytes);
  body[0] &= 31;
  return { compressed: bytes[0] >> 7, infinity: (bytes[0] >> 6) & 1, larger: (bytes[0] >> 5) & 1, body };
}

/**
 * A point of G1 from its one encoding in 48 bytes.
 * @param {Uint8Array} bytes
 * @returns {bigint[] | null} null for infinity, an x that is not below p, and what is no point of the subgroup
 */
export function readG1(bytes) {
  const { compressed, infinity, larger, body } = flags(bytes);
  const x = toInteger(body);
  if (bytes.length !== 48 || !compressed || infinity || x >= P) return null;
  const y = Fp.root(Fp.plus(Fp.times(Fp.square(x), x), 4n));
  if (y === null) return null;
  const point = [x, Number(y > P - y) === larger ? y : P - y];
  return inSubgroup(Fp, point) ? point : null;
}

/** A point of G2 from its one encoding in 96 bytes, u's coefficient first; null as for G1. */
export function readG2(bytes) {
  const { compressed, infinity, larger, body } = flags(bytes);
  const x = [toInteger(body.subarray(48)), toInteger(body.subarray(0, 48))];
  if (bytes.length !== 96 || !compressed || infinity || x.some((c) => c >= P)) return null;
  const y = Fp2.root(Fp2.plus(Fp2.times(Fp2.square(x), x), [4n, 4n]));
  if (y === null) return null;
  const [a, b] = y;
  const point = [x, Number(b === 0n ? a > P - a : b > P - b) === larger ? y : Fp2.minus(Fp2.zero, y)];
  return inSubgroup(Fp2, point) ? point : null;
}

/** The generator of G2 (ibid., 4.2.1), in its encoding. */
export const G2 =
  "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e" +
  "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";

/** The line through two points of G2's twist, at a point of G1, times w^3, which the final power takes to 1. */
function line([xt, yt], slope, [x, y]) {
  const [s0, s1] = slope;
  const zero = Fp2.zero;
  return [Fp2.minus(Fp2.times(slope, xt), yt), zero, Fp2.times([P - s0, P - s1], [x, 0n]), [y, 0n], zero, zero];
}

/** Miller's loop over X, without the conjugation for its sign: a product of pairings is 1 with it or without. */
function miller(p, q) {
  let [f, t] = [Fp12.one, q];
  const step = (other) => {
    f = Fp12.times(f, line(t, slopeOf(Fp2, t, other), p));
    t = plus(Fp2, t, other);
  };
  for (const bit of X.toString(2).slice(1)) {
    f = Fp12.square(f);
    step(t);
    if (bit === "1") step(q);
  }
  return f;
}

/** f^((p^12 - 1) / r): first p^6 - 1, then p^2 + 1, then the rest. */
function finalPower(f) {
  const first = Fp12.times(conjugate(f), Fp12.inverse(f));
  const second = Fp12.times(frobenius2(first), first);
  return power(Fp12, second, (P ** 4n - P ** 2n + 1n) / ORDER);
}

/** Whether e(p1, q1) = e(p2, q2), for points of the subgroups other than infinity. */
export function pairingsAgree(p1, q1, p2, q2) {
  const against = [p2[0], P - p2[1]];
  return Fp12.same(finalPower(Fp12.times(miller(p1, q1), miller(against, q2))), Fp12.one);
}
