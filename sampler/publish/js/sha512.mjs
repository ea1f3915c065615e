/**
 * SHA-512 (FIPS 180-4) in BigInt: a handful of signatures a bundle need it, so it is short rather than fast.
 */

const MASK = (1n << 64n) - 1n;

/** floor of the k-th root of n. */
function root(n, k) {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const mid = (low + high) >> 1n;
    if (mid ** k <= n) low = mid;
    else high = mid;
  }
  return low;
}

/** The first 80 primes. */
function primes() {
  const out = [];
  for (let n = 2; out.length < 80; n += 1) if (out.every((p) => n % p)) out.push(n);
  return out.map(BigInt);
}

const K = primes().map((p) => root(p << 192n, 3n) & MASK);
const START = primes().slice(0, 8).map((p) => root(p << 128n, 2n) & MASK);
const rotate = (x, n) => ((x >> n) | (x << (64n - n))) & MASK;

function compress(state, view, at) {
  const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + 8 * i));
  for (let i = 16; i < 80; i += 1) {
    const [x, y] = [w[i - 15], w[i - 2]];
    const s0 = rotate(x, 1n) ^ rotate(x, 8n) ^ (x >> 7n);
    const s1 = rotate(y, 19n) ^ rotate(y, 61n) ^ (y >> 6n);
    w.push((w[i - 16] + s0 + w[i - 7] + s1) & MASK);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 80; i += 1) {
    const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
    const t1 = h + s1 + ((e & f) ^ (~e & MASK & g)) + K[i] + w[i];
    const s0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(t1 + t2) & MASK, a, b, c, (d + t1) & MASK, e, f, g];
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) & MASK);
}

/**
 * @param {Uint8Array} data
 * @returns {Uint8Array} 64 bytes
 */
export function sha512(data) {
  const size = Math.ceil((data.length + 17) / 128) * 128;
  const padded = new Uint8Array(size);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(size - 8, BigInt(data.length) * 8n);
  let state = START;
  for (let at = 0; at < size; at += 128) state = compress(state, view, at);
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((x, i) => out.setBigUint64(8 * i, x));
  return new Uint8Array(out.buffer);
}
