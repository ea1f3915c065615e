/**
 * Sizes (draw.md 4): ratios, totals of clauses, merges, largest remainders. All in integers.
 */

import { compare } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { ceilDiv, floorDiv, rational } from "./rational.mjs";

const RATIO = /^(>=|<=)?(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,4}))?(%|‰)$/;
const ROUNDING = { undefined: "half-up", ">=": "up", "<=": "down" };

/**
 * Ratio text of a clause (draw.md 4.1).
 * @param {string} text
 * @returns {{num: bigint, den: bigint, rounding: "half-up" | "up" | "down"}} lowest terms
 */
export function parseRatio(text) {
  const found = RATIO.exec(text);
  require(found, "RATIO_SYNTAX", `not a ratio: ${text}`);
  const [, sign, whole, decimals = "", unit] = found;
  const scale = 10n ** BigInt(decimals.length) * (unit === "%" ? 100n : 1000n);
  const ratio = rational(BigInt(whole + decimals), scale);
  require(ratio.num <= ratio.den, "RATIO_ABOVE_ONE", `above 100 %: ${text}`);
  return { ...ratio, rounding: ROUNDING[sign] };
}

/**
 * Total of a clause (draw.md 4.2).
 * @param {ReturnType<typeof parseRatio>} ratio
 * @param {number} units the clause's units, N_c
 * @param {{drawn: number, batches: number} | null} year quota already drawn and batches left; null: period `task`
 * @returns {bigint} may be 0 or less; the caller refuses that
 */
export function clauseTotal(ratio, units, year = null) {
  const exact = ratio.num * BigInt(units);
  const round = {
    "half-up": () => floorDiv(2n * exact + ratio.den, 2n * ratio.den),
    up: () => ceilDiv(exact, ratio.den),
    down: () => floorDiv(exact, ratio.den),
  };
  const quota = round[ratio.rounding]();
  return year ? ceilDiv(quota - BigInt(year.drawn), BigInt(year.batches)) : quota;
}

/** Join districts whose expectation is below 1 (draw.md 4.3.2); expectations stand as total x units, to be divided by N_c. */
function merge(members, units) {
  while (members.length > 1) {
    let at = 0;
    members.forEach((one, i) => {
      if (one.share < members[at].share) at = i;
    });
    if (members[at].share >= units) return;
    const first = at === members.length - 1 ? at - 1 : at;
    const [a, b] = members.splice(first, 2);
    members.splice(first, 0, { share: a.share + b.share, N: a.N + b.N, districts: [...a.districts, ...b.districts] });
  }
}

/**
 * @typedef {{class: string, type: string, district: string, units: number}} Cell
 * @typedef {{stratum: string, clause: string, N: number, n: number, districts: string[]}} Stratum
 */

/** Strata of one clause, with sizes by largest remainder. */
function ofClause({ clause, total, cells }) {
  const big = BigInt(total);
  const all = BigInt(cells.reduce((sum, cell) => sum + cell.units, 0));
  require(big > 0n, "CLAUSE_ZERO", `clause ${clause} gives no visit`);
  require(big <= all, "CLAUSE_ABOVE", `clause ${clause} asks for more than it has`);
  const groups = new Map();
  for (const cell of [...cells].sort((a, b) => compare(a.district, b.district))) {
    const name = `${cell.class}.${cell.type}`;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push({ share: big * BigInt(cell.units), N: cell.units, districts: [cell.district] });
  }
  const out = [];
  for (const [name, members] of groups) {
    merge(members, all);
    for (const { share, N, districts } of members) {
      out.push({ stratum: `${name}.${districts[0]}`, clause, N, n: Number(share / all), districts, rest: share % all });
    }
  }
  const byRest = [...out].sort((a, b) => compare(b.rest, a.rest) || compare(a.stratum, b.stratum));
  const lacking = Number(big) - out.reduce((sum, s) => sum + s.n, 0);
  for (const s of byRest.slice(0, lacking)) s.n += 1;
  const zero = out.filter((s) => s.n === 0).map((s) => s.stratum).sort()[0];
  require(zero === undefined, "STRATUM_ZERO", `stratum ${zero} would get no visit`);
  return out.map(({ rest, ...s }) => s);
}

/**
 * Strata and their sizes (draw.md 4.3).
 * @param {{clause: string, total: bigint | number, cells: Cell[]}[]} clauses in the order of the plan
 * @returns {Stratum[]} by stratum id
 */
export function strata(clauses) {
  const out = clauses.flatMap(ofClause).sort((a, b) => compare(a.stratum, b.stratum));
  out.forEach((s, i) => require(i === 0 || out[i - 1].stratum !== s.stratum, "STRATUM_ID", `two strata ${s.stratum}`));
  return out;
}
