/**
 * Which items of a lot are taken: an equal draw of k from N (draw.md 9.7).
 */

import { compare, H, hex } from "./bytes.mjs";
import { require } from "./errors.mjs";

const MOST = 10000;

/**
 * The numbers of 1 .. size with the smallest H("item", seed, object, number), smallest first.
 * @param {Uint8Array} seed
 * @param {string} object
 * @param {number} size
 * @param {number} sample how many; all where the lot has fewer
 * @returns {number[]}
 */
export function items(seed, object, size, sample) {
  require(size >= 1 && size <= MOST && sample >= 1, "LOT_RANGE", "no such lot or sample");
  const keyed = Array.from({ length: size }, (_, i) => [hex(H("item", seed, object, i + 1)), i + 1]);
  return keyed.sort((a, b) => compare(a[0], b[0]) || a[1] - b[1]).slice(0, sample).map(([, number]) => number);
}

/** Stratum to the items its clause takes of a lot. */
export function samples(plan, strata) {
  const of = new Map(plan.clauses.filter((c) => c.sample !== undefined).map((c) => [c.clause, c.sample]));
  return new Map(strata.filter((s) => of.has(s.clause)).map((s) => [s.stratum, of.get(s.clause)]));
}
