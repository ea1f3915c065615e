/**
 * Weights for inference (draw.md 10), as exact fractions.
 */

import { require } from "./errors.mjs";
import { monthNumber } from "./levels.mjs";
import { rational } from "./rational.mjs";
import { paretoKey } from "./select.mjs";

const FULL = 4294967296;
const E12 = 10 ** 12;
const inside = (x, low, high) => Number.isInteger(x) && x >= low && x <= high;

/**
 * Rank-conditioned weight 1 + (1 - lambda) / (lambda tau).
 * @param {number} L of the drawn unit
 * @param {{h: bigint, L: number} | null} tau
 */
export function rankWeight(L, tau) {
  require(inside(L, 1, FULL) && (!tau || inside(tau.L, 1, FULL - 1)), "WEIGHT_INPUT", "L is out of range");
  if (!tau) return rational(1n, 1n);
  const { num, den } = paretoKey(tau.h, tau.L);
  return rational(BigInt(L) * num + BigInt(FULL - L) * den, BigInt(L) * num);
}

/** Design weight 1 / pi. @param {number} pi in units of 10^-12 */
export function designWeight(pi) {
  require(inside(pi, 1, E12), "WEIGHT_INPUT", "pi is out of range");
  return rational(BigInt(E12), BigInt(pi));
}

/** W = 1 / (pi_t x product of (1 - pi_{t-k})). @param {number} pi @param {number[]} past */
export function bigW(pi, past) {
  const first = designWeight(pi);
  require(past.every((p) => inside(p, 0, E12 - 1)), "WEIGHT_CERTAIN", "a past probability is 1");
  const rest = past.reduce((x, p) => x * BigInt(E12 - p), 1n);
  return rational(first.num * BigInt(E12) ** BigInt(past.length), first.den * rest);
}

const monthOf = (row) => row.key.slice(row.key.lastIndexOf("/") + 1);

/** A month of the window in which history has rows, but none of a unit that was not drawn, is incomplete (draw.md 10). */
function requireComplete(rows) {
  const complete = new Set(rows.filter((row) => row.drawn === "0").map(monthOf));
  const gap = rows.map(monthOf).find((month) => !complete.has(month));
  require(gap === undefined, "WEIGHT_UNKNOWN", `${gap} names only those that were drawn`);
}

/**
 * pi of several units in the months before a draw, as history has them; a month without a row counts 0.
 * @param {string} period
 * @param {Map<string, number>} months of each unit
 * @param {{key: string, pi_e12: string, drawn: string}[]} history by key
 * @returns {Map<string, number[]>}
 */
export function pastOf(period, months, history) {
  const inWindow = (row, most) => {
    const ago = monthNumber(period) - monthNumber(monthOf(row));
    return ago >= 1 && ago <= most;
  };
  requireComplete(history.filter((row) => inWindow(row, Math.max(0, ...months.values()))));
  const out = new Map([...months.keys()].map((unit) => [unit, []]));
  for (const row of history) {
    const unit = row.key.slice(0, row.key.lastIndexOf("/"));
    if (!inWindow(row, months.get(unit) ?? 0)) continue;
    require(row.drawn !== "1", "WEIGHT_COOLING", `${row.key} was drawn`);
    require(row.pi_e12 !== "-", "WEIGHT_UNKNOWN", `pi of ${row.key} is unknown`);
    out.get(unit).push(Number(row.pi_e12));
  }
  return out;
}

/** The same of one unit. */
export const past = (unit, period, months, history) => pastOf(period, new Map([[unit, months]]), history).get(unit);
