/**
 * The fields of BLS12-381 in BigInt: Fp, Fp2 = Fp[u] / (u^2 + 1), and Fp12 = Fp2[w] / (w^6 - (1 + u)).
 * Only public values are computed, so nothing has to be constant-time. Fp6 lies inside Fp12 as the even powers of w.
 */

export const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

const mod = (x) => {
  const r = x % P;
  return r < 0n ? r + P : r;
};

/** x^n by squaring in any of the fields. */
export function power(F, x, n) {
  let out = F.one;
  for (const bit of n.toString(2)) {
    out = F.square(out);
    if (bit === "1") out = F.times(out, x);
  }
  return out;
}

/** 1 / x by Euclid's algorithm. */
function inverse(x) {
  let [a, b, s, t] = [mod(x), P, 1n, 0n];
  if (a === 0n) throw new RangeError("0 has no inverse");
  while (a > 1n) {
    const q = b / a;
    [a, b, s, t] = [b - q * a, a, t - q * s, s];
  }
  return mod(s);
}

export const Fp = {
  zero: 0n,
  one: 1n,
  plus: (a, b) => mod(a + b),
  minus: (a, b) => mod(a - b),
  times: (a, b) => mod(a * b),
  square: (a) => mod(a * a),
  inverse,
  same: (a, b) => a === b,
  /** A square root, null where there is none: p = 3 mod 4. */
  root: (a) => {
    const found = power(Fp, a, (P + 1n) / 4n);
    return mod(found * found) === a ? found : null;
  },
};

function times2([a, b], [c, d]) {
  const [ac, bd] = [a * c, b * d];
  return [mod(ac - bd), mod((a + b) * (c + d) - ac - bd)];
}

export const Fp2 = {
  zero: [0n, 0n],
  one: [1n, 0n],
  plus: ([a, b], [c, d]) => [mod(a + c), mod(b + d)],
  minus: ([a, b], [c, d]) => [mod(a - c), mod(b - d)],
  times: times2,
  square: (a) => times2(a, a),
  inverse: ([a, b]) => {
    const norm = inverse(a * a + b * b);
    return [mod(a * norm), mod(-b * norm)];
  },
  same: ([a, b], [c, d]) => a === c && b === d,
  /** A square root, null where there is none: a^((p + 1) / 4) up to a square root of -1 or of its norm. */
  root: (a) => {
    const half = power(Fp2, a, (P - 3n) / 4n);
    const [root, sign] = [times2(half, a), times2(times2(half, half), a)];
    const found = Fp2.same(sign, [P - 1n, 0n])
      ? times2([0n, 1n], root)
      : times2(power(Fp2, Fp2.plus(Fp2.one, sign), (P - 1n) / 2n), root);
    return Fp2.same(Fp2.square(found), a) ? found : null;
  },
};

const XI = [1n, 1n]; // w^6

/** Products of six coefficients each; w^6 comes back as 1 + u. */
function times12(f, g) {
  const wide = Array.from({ length: 11 }, () => [0n, 0n]);
  f.forEach(([a, b], i) => {
    if (a === 0n && b === 0n) return;
    g.forEach(([c, d], j) => {
      const [ac, bd] = [a * c, b * d];
      wide[i + j][0] += ac - bd;
      wide[i + j][1] += (a + b) * (c + d) - ac - bd;
    });
  });
  return wide.slice(0, 6).map(([a, b], k) => {
    const [c, d] = wide[k + 6] ?? [0n, 0n];
    return [mod(a + c - d), mod(b + c + d)];
  });
}

const one12 = [Fp2.one, ...Array.from({ length: 5 }, () => Fp2.zero)];
const GAMMA = power(Fp2, XI, (P * P - 1n) / 6n); // w^(p^2) = GAMMA w

/** f^(p^2): coefficients of Fp2 stay, w is multiplied by GAMMA. */
export function frobenius2(f) {
  let factor = Fp2.one;
  return f.map((c) => {
    const out = times2(c, factor);
    factor = times2(factor, GAMMA);
    return out;
  });
}

/** f^(p^6): odd powers of w change their sign. */
export const conjugate = (f) => f.map((c, k) => (k % 2 ? Fp2.minus(Fp2.zero, c) : c));

export const Fp12 = {
  one: one12,
  times: times12,
  square: (f) => times12(f, f),
  same: (f, g) => f.every((c, k) => Fp2.same(c, g[k])),
  /** The product of the five other conjugates over Fp2, divided by the norm, which lies in Fp2. */
  inverse: (f) => {
    let [other, rest] = [f, one12];
    for (let k = 0; k < 5; k += 1) {
      other = frobenius2(other);
      rest = times12(rest, other);
    }
    const norm = Fp2.inverse(times12(f, rest)[0]);
    return rest.map((c) => times2(c, norm));
  },
};
