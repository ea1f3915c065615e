/**
 * Pareto order sampling (draw.md 9). Doubles only leave out units that cannot matter; integers decide.
 */

import { compare } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { ticket, ticketTop } from "./ticket.mjs";

const TOP = 2 ** 53;
const FULL = 1n << 257n;
const ONE = 1n << 32n;
const SLACK = 2 ** -50;

/** Key of a unit as numerator and denominator (draw.md 9.1). */
export function paretoKey(h, L) {
  const a = 2n * h + 1n;
  return { num: a * (ONE - BigInt(L)), den: BigInt(L) * (FULL - a) };
}

/** Compare two units by key, then id. */
function exactly(x, y) {
  const left = x.key.num * y.key.den;
  const right = y.key.num * x.key.den;
  return left < right ? -1 : left > right ? 1 : compare(x.id, y.id);
}

/**
 * Bounds of a key from the first 53 bits of the ticket: top/2^53 < u < (top+1)/2^53. Three roundings of at most
 * 2^-53 each are covered by SLACK; the upper bound of the last ticket is infinite.
 */
function bounds(top, L) {
  const odds = (4294967296 - L) / L;
  return { low: (top / (TOP - top)) * odds * (1 - SLACK), high: ((top + 1) / (TOP - 1 - top)) * odds * (1 + SLACK) };
}

/** Order units by bounds where they decide, else exactly. */
function byKey(x, y) {
  if (x.high < y.low) return -1;
  if (y.high < x.low) return 1;
  x.key ??= paretoKey(x.hash(), x.L);
  y.key ??= paretoKey(y.hash(), y.L);
  return exactly(x, y);
}

/**
 * Ids by key, smallest first, of units whose tickets are given.
 * @param {{id: string, h: bigint, L: number}[]} units
 */
export function order(units) {
  requireL(units);
  return units
    .map((u) => ({ ...u, ...bounds(Number(u.h >> 203n), u.L), hash: () => u.h }))
    .sort(byKey)
    .map((u) => u.id);
}

function requireL(units) {
  for (const { id, L } of units) {
    require(Number.isInteger(L) && L >= 1 && L <= 4294967295, "SELECT_L", `L of ${id} is out of range`);
  }
}

/** The `keep` smallest units by key, in order; every other unit has a larger key. */
function smallest(units, key, keep) {
  const low = new Float64Array(units.length);
  const high = new Float64Array(units.length);
  units.forEach(({ id, L }, i) => {
    const b = bounds(ticketTop(key, id), L);
    low[i] = b.low;
    high[i] = b.high;
  });
  const line = keep < units.length ? high.slice().sort()[keep - 1] : Infinity;
  const near = [];
  for (let i = 0; i < units.length; i += 1) {
    if (low[i] > line) continue;
    const { id, L } = units[i];
    near.push({ id, L, low: low[i], high: high[i], hash: () => ticket(key, id), key: undefined });
  }
  return near.sort(byKey).slice(0, keep);
}

/**
 * The draw of one stratum (draw.md 9).
 * @param {{id: string, L: number}[]} units of numbered levels, in any order
 * @param {Uint8Array} key K
 * @param {number} m units to draw
 * @param {number} reserves
 * @returns {{drawn: string[], reserves: string[], tau: {h: bigint, L: number} | null}}
 */
export function choose(units, key, m, reserves) {
  requireL(units);
  require(new Set(units.map((u) => u.id)).size === units.length, "SELECT_DUPLICATE", "an id stands twice");
  require(m >= 0 && m <= units.length && reserves >= 0, "SELECT_SIZE", "m or reserves out of range");
  const keep = Math.min(units.length, Math.max(m + reserves, m + 1));
  const best = keep ? smallest(units, key, keep) : [];
  const ids = best.map((u) => u.id);
  const tau = best.length > m ? { h: best[m].hash(), L: best[m].L } : null;
  return { drawn: ids.slice(0, m), reserves: ids.slice(m, m + reserves), tau };
}
