/**
 * Exact fractions where a rule speaks of them: numerator and denominator as BigInt in lowest terms, denominator above 0.
 */

const gcd = (a, b) => {
  while (b) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
};

/** @param {bigint} num @param {bigint} den not 0 @returns {{num: bigint, den: bigint}} */
export function rational(num, den) {
  const d = (den < 0n ? -1n : 1n) * gcd(num, den);
  return { num: num / d, den: den / d };
}

/** Division that rounds down, for a positive divisor. */
export function floorDiv(a, b) {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}

/** Division that rounds up, for a positive divisor. */
export const ceilDiv = (a, b) => -floorDiv(-a, b);

/** @param {{num: bigint, den: bigint}} x @returns {{den: string, num: string}} as records write it */
export const written = (x) => ({ den: String(x.den), num: String(x.num) });
