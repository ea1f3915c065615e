/**
 * SHA-256 (FIPS 180-4) and HMAC (RFC 2104), without WebCrypto: pages on plain http have none, and one call a record is faster.
 */

const K = new Int32Array(64);
const START = new Int32Array(8);

/** First 32 bits of the fractional part of a root, from exact integers. */
function fill() {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const root = (n, k) => {
    let low = 0n;
    let high = 1n << 48n;
    while (high - low > 1n) {
      const mid = (low + high) >> 1n;
      if (mid ** BigInt(k) <= n) low = mid;
      else high = mid;
    }
    return low;
  };
  primes.forEach((p, i) => {
    K[i] = Number(BigInt.asIntN(32, root(BigInt(p) << 96n, 3)));
    if (i < 8) START[i] = Number(BigInt.asIntN(32, root(BigInt(p) << 64n, 2)));
  });
}
fill();

const W = new Int32Array(64);
const STATE = new Int32Array(8);
const TAIL = new Uint8Array(128);

/** Mix one block of 64 bytes into a state. */
function compress(state, data, at) {
  for (let i = 0; i < 16; i += 1, at += 4) {
    W[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
  state[5] = (state[5] + f) | 0;
  state[6] = (state[6] + g) | 0;
  state[7] = (state[7] + h) | 0;
}

/**
 * Hash and return the eight words: cheap where only the leading bits are looked at. The array is overwritten by the next call.
 * @param {Uint8Array} data
 * @returns {Int32Array}
 */
export function sha256Words(data) {
  const size = data.length;
  STATE.set(START);
  let at = 0;
  for (; at + 64 <= size; at += 64) compress(STATE, data, at);
  const rest = size - at;
  TAIL.fill(0);
  for (let i = 0; i < rest; i += 1) TAIL[i] = data[at + i];
  TAIL[rest] = 0x80;
  const end = rest < 56 ? 64 : 128;
  const high = Math.floor(size / 0x20000000);
  for (let i = 0; i < 4; i += 1) {
    TAIL[end - 1 - i] = (size * 8) >>> (8 * i);
    TAIL[end - 5 - i] = high >>> (8 * i);
  }
  compress(STATE, TAIL, 0);
  if (end === 128) compress(STATE, TAIL, 64);
  return STATE;
}

/**
 * @param {Uint8Array} data
 * @returns {Uint8Array} 32 bytes
 */
export function sha256(data) {
  const words = sha256Words(data);
  const out = new Uint8Array(32);
  for (let i = 0; i < 8; i += 1) {
    out[4 * i] = words[i] >>> 24;
    out[4 * i + 1] = words[i] >>> 16;
    out[4 * i + 2] = words[i] >>> 8;
    out[4 * i + 3] = words[i];
  }
  return out;
}

/**
 * HMAC-SHA-256 (RFC 2104).
 * @param {Uint8Array} key
 * @param {Uint8Array} data
 * @returns {Uint8Array} 32 bytes
 */
export function hmac(key, data) {
  const short = key.length > 64 ? sha256(key) : key;
  const inner = new Uint8Array(64 + data.length).fill(0x36, 0, 64);
  const outer = new Uint8Array(96).fill(0x5c, 0, 64);
  short.forEach((byte, i) => {
    inner[i] ^= byte;
    outer[i] ^= byte;
  });
  inner.set(data, 64);
  outer.set(sha256(inner), 64);
  return sha256(outer);
}
