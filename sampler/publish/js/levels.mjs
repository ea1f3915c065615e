/**
 * Cool-down, weights, certainties, targets and levels (draw.md 5 to 7), in exact integers.
 */

import { compare } from "./bytes.mjs";
import { require } from "./errors.mjs";

const MOST = 1024;
const ONE = 1n << 32n;
const E12 = 10n ** 12n;

/** @param {string} month `YYYY-MM` @returns {number} months as whole numbers */
export const monthNumber = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));

/**
 * Is a unit cooling (draw.md 5.1)?
 * @param {string} period month of the draw
 * @param {number} months g of the unit's class
 * @param {string[]} drawn months in which it was drawn
 */
export function cooling(period, months, drawn) {
  return drawn.map((month) => monthNumber(period) - monthNumber(month)).some((ago) => ago > 0 && ago <= months);
}

const bits = (w) => w.toString(2).length;

/** Keep the k highest bits of w. */
function cut(w, k) {
  const low = BigInt(Math.max(0, bits(w) - k));
  return (w >> low) << low;
}

/** At most 1,024 distinct weights (draw.md 6.4). @param {Map<number, bigint>} byRisk */
function coarsen(byRisk) {
  const distinct = [...new Set(byRisk.values())];
  if (distinct.length <= MOST) return byRisk;
  let fits = 0;
  let fails = Math.max(...distinct.map(bits));
  while (fails - fits > 1) {
    const k = (fits + fails) >> 1;
    if (new Set(distinct.map((w) => cut(w, k))).size <= MOST) fits = k;
    else fails = k;
  }
  return new Map([...byRisk].map(([risk, w]) => [risk, cut(w, fits)]));
}

/**
 * Weights of the eligible units of a stratum (draw.md 6).
 * @param {number[]} risks integers 0..10^6
 * @param {{num: bigint, den: bigint}} floor f
 * @param {number} gamma 0..3
 * @returns {bigint[]} w of each unit
 */
export function weights(risks, floor, gamma) {
  const { num: a, den: b } = floor;
  require(b > 0n && a >= 0n && a <= b && [0, 1, 2, 3].includes(gamma), "FLOOR_RANGE", "floor or gamma out of range");
  require(risks.every((r) => Number.isInteger(r) && r >= 0 && r <= 1000000), "RISK_RANGE", "a risk is out of range");
  const power = new Map(risks.map((r) => [r, 0n]));
  for (const r of power.keys()) power.set(r, BigInt(r) ** BigInt(gamma));
  const S = risks.reduce((sum, r) => sum + power.get(r), 0n);
  if (S === 0n) return risks.map(() => ONE);
  const N = BigInt(risks.length);
  for (const [r, p] of power) {
    const w = (ONE * (a * S + (b - a) * N * p)) / (b * S);
    power.set(r, w < 1n ? 1n : w);
  }
  const byRisk = coarsen(power);
  return risks.map((r) => byRisk.get(r));
}

/** Weights with their numbers of units, heaviest first. */
function grouped(units) {
  const counts = new Map();
  for (const w of units) counts.set(w, (counts.get(w) ?? 0) + 1);
  return [...counts].map(([w, count]) => ({ w, count: BigInt(count) })).sort((x, y) => compare(y.w, x.w));
}

const size = (groups) => groups.reduce((sum, g) => sum + g.count, 0n);
const mass = (groups) => groups.reduce((sum, g) => sum + g.count * g.w, 0n);

/** Certainties (draw.md 7.3): the groups left and the m left for them. */
function takeCertain(groups, n) {
  let left = groups;
  let m = n;
  for (;;) {
    const S = mass(left);
    let taken = left.filter((g) => 1024n * g.w * m >= 1023n * S);
    if (size(taken) > m - 1n) taken = left.filter((g) => g.w * m >= S);
    if (taken.length === 0) return { left, m };
    left = left.slice(taken.length);
    m -= size(taken);
  }
}

/** Target of each group in units of 10^-12 (draw.md 7.4 and 7.5); quarters: 4 x cap. */
function targets(groups, m, quarters) {
  let capped = 0;
  for (;;) {
    const free = groups.slice(capped);
    const W = mass(free);
    const num = 4n * m - quarters * size(groups.slice(0, capped));
    const over = free.filter((g) => num * g.w > quarters * W).length;
    if (over === 0) {
      const den = 4n * W;
      const cap = (quarters * E12) / 4n;
      return groups.map((g, i) => (i < capped ? cap : (2n * E12 * num * g.w + den) / (2n * den)));
    }
    capped += over;
  }
}

/**
 * Levels of the eligible units of a stratum (draw.md 7).
 * @param {bigint[]} units weights
 * @param {number} n size of the stratum
 * @param {boolean} cooldown is it a cool-down stratum
 * @returns {{levelOf: string[], levels: {level: string, count: number, target_e12: number}[], takeAll: number, m: number}}
 */
export function levels(units, n, cooldown) {
  require(n >= 1, "STRATUM_ZERO", "a stratum without a visit");
  if (cooldown) require(n <= Math.floor(units.length / 4), "SIZE_COOLDOWN", "more than a quarter of a cool-down stratum");
  require(n <= units.length, "SIZE_FRAME", "more visits than eligible units");
  if (!cooldown && n === units.length) return { levelOf: units.map(() => "T"), levels: [], takeAll: n, m: 0 };
  const groups = grouped(units);
  const { left, m } = cooldown ? { left: groups, m: BigInt(n) } : takeCertain(groups, BigInt(n));
  const found = targets(left, m, cooldown ? 1n : 4n);
  const table = new Map();
  left.forEach((g, i) => table.set(found[i], (table.get(found[i]) ?? 0) + Number(g.count)));
  const ordered = [...table.keys()].sort(compare);
  const name = new Map(ordered.map((target, i) => [target, String(i + 1)]));
  const nameOf = new Map(left.map((g, i) => [g.w, name.get(found[i])]));
  return {
    levelOf: units.map((w) => nameOf.get(w) ?? "T"),
    levels: ordered.map((target) => ({ level: name.get(target), count: table.get(target), target_e12: Number(target) })),
    takeAll: n - Number(m),
    m: Number(m),
  };
}
