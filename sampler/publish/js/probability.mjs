/**
 * Inclusion probabilities of Pareto order sampling, computed to check what is sealed (draw.md 8).
 *
 * pi_j = integral over z of p_j (1 - p_j) F_j dz, by equidistant sums that are halved until they agree. F_j, the chance
 * that at most m-1 of the other units come before e^z, is inverted from the characteristic function of their number:
 * phases are centred on the mean, and a unit is left out by subtracting its logarithm, so that no digits are lost.
 * Cost: nodes x about 30 frequencies x levels, whatever the number of units.
 */

import { claim, require } from "./errors.mjs";

const FULL = 4294967296;
const E12 = 10 ** 12;
const BELOW = 37; // e^-37 is below 10^-16
const AGREE = 1e-13;
const HALVINGS = 6;

/** L of a stratum with one numbered level (draw.md 8.3.4). */
export function singleL(count, m) {
  const N = BigInt(count);
  const L = ((1n << 33n) * BigInt(m) + N) / (2n * N);
  return Number(L < 1n ? 1n : L > 4294967295n ? 4294967295n : L);
}

/** Chances, complements, mean and variance of the number of units below e^z. */
function momentsAt(z, logOdds, counts) {
  const p = new Float64Array(counts.length);
  const q = new Float64Array(counts.length);
  let mean = 0;
  let variance = 0;
  for (let j = 0; j < counts.length; j += 1) {
    const x = z + logOdds[j];
    const e = Math.exp(-Math.abs(x));
    const large = 1 / (1 + e);
    const small = e / (1 + e);
    p[j] = x < 0 ? small : large;
    q[j] = x < 0 ? large : small;
    mean += counts[j] * p[j];
    variance += counts[j] * p[j] * q[j];
  }
  return { p, q, mean, variance };
}

/** How far the number strays from its mean, at most, but for a chance of e^-BELOW (Bernstein's inequality). */
const reach = (variance) => BELOW / 3 + Math.sqrt((BELOW * BELOW) / 9 + 2 * BELOW * variance);

/** F_j of each level at one node, by the characteristic function over a window of `size` numbers that starts at `from`. */
function inverted({ p, q, mean }, counts, m, from, size) {
  const J = counts.length;
  const sum = new Float64Array(J);
  const loss = new Float64Array(J);
  const turn = new Float64Array(J);
  const width = m - from;
  for (let f = 1; 2 * f < size; f += 1) {
    const t = (2 * Math.PI * f) / size;
    const [sin, half] = [Math.sin(t), Math.sin(t / 2)];
    const s2 = half * half;
    let total = 0;
    let phase = 0;
    let least = 0;
    for (let j = 0; j < J; j += 1) {
      const x = 4 * p[j] * q[j] * s2;
      loss[j] = x < 0.5 ? 0.5 * Math.log1p(-x) : 0.5 * Math.log(Math.max(1 - x, 1e-30));
      turn[j] = Math.atan2(p[j] * sin, 1 - 2 * p[j] * s2) - p[j] * t;
      total += counts[j] * loss[j];
      phase += counts[j] * turn[j];
      if (loss[j] < least) least = loss[j];
    }
    if (total - least < -BELOW - 4) break;
    const kernel = Math.sin((t * width) / 2) / half;
    const centre = mean - (from + m - 1) / 2;
    for (let j = 0; j < J; j += 1) {
      sum[j] += Math.exp(total - loss[j]) * Math.cos(phase - turn[j] + t * (centre - p[j])) * kernel;
    }
  }
  return sum.map((x) => Math.min(1, Math.max(0, (width + 2 * x) / size)));
}

/** F_j of each level; null where it is 0 for all of them. */
function before(moments, counts, units, m) {
  const { mean, variance } = moments;
  const far = reach(variance);
  if (m - mean > far) return counts.map(() => 1);
  if (mean - m > far) return null;
  const window = 2 * Math.ceil(far) + 3;
  if (units <= window) return inverted(moments, counts, m, 0, units + 1 - (units % 2));
  const from = Math.round(mean) - (window - 1) / 2;
  return inverted(moments, counts, m, from, window);
}

/** Sum of p (1 - p) F over an equidistant grid. */
function gridSum(first, step, last, logOdds, counts, units, m) {
  const out = new Float64Array(counts.length);
  for (let i = 0; ; i += 1) {
    const z = first + i * step;
    if (z > last) return out;
    const moments = momentsAt(z, logOdds, counts);
    const F = before(moments, counts, units, m);
    if (F === null) return out;
    for (let j = 0; j < counts.length; j += 1) out[j] += moments.p[j] * moments.q[j] * F[j];
  }
}

/** z where the expected number of units below e^z is m. */
function middle(low, high, logOdds, counts, m) {
  for (let i = 0; i < 60; i += 1) {
    const z = (low + high) / 2;
    if (momentsAt(z, logOdds, counts).mean < m) low = z;
    else high = z;
  }
  return low;
}

/**
 * Inclusion probabilities of levels.
 * @param {number[]} Ls one L a level, 1..2^32-1
 * @param {number[]} counts units of each level
 * @param {number} m units drawn, 0 < m < sum of counts
 * @returns {Float64Array | null} null when the sums do not settle: the caller must say that it could not compute
 */
export function inclusion(Ls, counts, m) {
  const units = counts.reduce((a, b) => a + b, 0);
  const logOdds = Ls.map((L) => Math.log(L / (FULL - L)));
  const [least, most] = logOdds.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  const [low, high] = [-most - BELOW, -least + BELOW];
  const centre = middle(low, high, logOdds, counts, m);
  let step = Math.min(0.5, 0.7 / Math.sqrt(momentsAt(centre, logOdds, counts).variance));
  let sum = gridSum(low, step, high, logOdds, counts, units, m);
  for (let i = 0; i < HALVINGS; i += 1) {
    const more = gridSum(low + step / 2, step, high, logOdds, counts, units, m);
    const gap = sum.reduce((worst, x, j) => Math.max(worst, (Math.abs(x - more[j]) * step) / 2), 0);
    sum = sum.map((x, j) => x + more[j]);
    step /= 2;
    if (gap < AGREE) return certified(sum.map((x) => x * step), counts, units, m);
  }
  return null;
}

/** Correct probabilities add up to m (draw.md 8.2.3). */
function certified(pi, counts, units, m) {
  const total = pi.reduce((sum, x, j) => sum + counts[j] * x, 0);
  return Math.abs(total - m) <= Math.max(units, 1) * 1e-12 ? pi : null;
}

const near = (a, b) => Math.abs(a - b) <= 1000 + b / 1e6;

/** One numbered level: pi = m / N exactly (draw.md 8.3.4). */
function checkSingle({ count, L, target_e12, pi_e12 }, m) {
  const [N, exact, pi, target] = [BigInt(count), BigInt(E12) * BigInt(m), BigInt(pi_e12), BigInt(target_e12)];
  const gap = (x, y) => (x > y ? x - y : y - x);
  claim(L === singleL(count, m), "L of a single level");
  claim(gap(exact, pi * N) <= 2n * N, "pi does not follow from L");
  claim(gap(exact, target * N) * 1000000n <= N * (1000000000n + target) && near(pi_e12, target_e12), "pi misses its target");
}

/**
 * Check the numbered levels of a stratum (draw.md 8.3).
 * @param {{count: number, L: number, target_e12: number, pi_e12: number}[]} levels
 * @param {number} m
 * @returns {boolean} false: pi could not be computed, nothing is proved
 */
export function checkLevels(levels, m) {
  const units = levels.reduce((sum, level) => sum + level.count, 0);
  const good = levels.every(({ count, L }) => count >= 1 && L >= 1 && L <= FULL - 1);
  require(levels.length > 0 && good && m >= 1 && m < units, "PI_INPUT", "counts, m or L out of range");
  if (levels.length === 1) {
    checkSingle(levels[0], m);
    return true;
  }
  const pi = inclusion(levels.map((x) => x.L), levels.map((x) => x.count), m);
  if (pi === null) return false;
  levels.forEach(({ target_e12, pi_e12 }, j) => {
    claim(Math.abs(E12 * pi[j] - pi_e12) <= 2, "pi does not follow from L");
    claim(near(E12 * pi[j], target_e12) && near(pi_e12, target_e12), "pi misses its target");
  });
  return true;
}
