/**
 * Public sources and their values (draw.md 3.3, records.md 3.6).
 */

import { require } from "./errors.mjs";
import { unhex, utf8 } from "./bytes.mjs";

const ID = /^[0-9A-Za-z._-]{1,64}$/;
const ALPHABETS = { d6: [1, 6], d10: [0, 9] };
const choose = (n, k) => {
  let out = 1n;
  for (let i = 0n; i < BigInt(k); i += 1n) out = (out * (BigInt(n) - i)) / (i + 1n);
  return out;
};

/** Zones of a ball game: how many of how many; `digits` for games of drawn digits. */
const GAMES = {
  kl8: { zones: [[20, 80]] },
  ssq: { zones: [[6, 33], [1, 16]] },
  dlt: { zones: [[5, 35], [2, 12]] },
  fc3d: { digits: 3 },
  pl5: { digits: 5 },
};

function perIssue({ zones, digits }) {
  return zones ? zones.reduce((n, [k, of]) => n * choose(of, k), 1n) : 10n ** BigInt(digits);
}

function lottery(ids) {
  require(ids.length >= 2, "SOURCE_FORM", "a game and its issues");
  const [name, ...issues] = ids;
  require(Object.hasOwn(GAMES, name), "SOURCE_GAME", `unknown game ${name}`);
  const good = issues.every((i) => /^[0-9]{5,10}$/.test(i)) && new Set(issues.map(Number)).size === issues.length;
  require(good, "SOURCE_ISSUE", "issues are 5 to 10 digits, no number twice");
  const game = GAMES[name];
  return { kind: "lottery", game, issues, values: perIssue(game) ** BigInt(issues.length) };
}

function ceremony(ids) {
  require(ids.length === 3, "SOURCE_FORM", "a name, an alphabet and a length");
  const [, alphabet, length] = ids;
  require(Object.hasOwn(ALPHABETS, alphabet), "SOURCE_ALPHABET", `unknown alphabet ${alphabet}`);
  require(/^[1-9][0-9]{0,3}$/.test(length) && Number(length) <= 1024, "SOURCE_LENGTH", "a length of 1 to 1024");
  const [low, high] = ALPHABETS[alphabet];
  return { kind: "ceremony", low, high, length: Number(length), values: BigInt(high - low + 1) ** BigInt(length) };
}

/** A round of the one beacon whose key is pinned; forging its signature costs 2^128. */
function drand(ids) {
  require(ids.length === 2, "SOURCE_FORM", "a chain and a round");
  require(ids[0] === "quicknet", "SOURCE_CHAIN", `unknown chain ${ids[0]}`);
  require(/^[1-9][0-9]{0,11}$/.test(ids[1]), "SOURCE_ROUND", "a round without leading zeros");
  return { kind: "drand", round: Number(ids[1]), values: 1n << 128n };
}

/**
 * Read a sealed source.
 * @param {string} text `kind:id[:id...]`
 * @returns {{kind: string, bits: number, values: bigint}} bits: floor(log2) of the equally likely values, 0 for `parties`
 */
export function parseSource(text) {
  const [kind, ...ids] = text.split(":");
  require(["ceremony", "drand", "lottery", "parties"].includes(kind), "SOURCE_KIND", `unknown kind ${kind}`);
  require(ids.every((id) => ID.test(id)), "SOURCE_FORM", "ids of a source");
  if (kind === "parties") {
    require(ids.length === 0, "SOURCE_FORM", "parties has no ids");
    return { kind, bits: 0, values: 1n };
  }
  const source = { ceremony, drand, lottery }[kind](ids);
  require(source.values >= 1n << 60n, "SOURCE_ENTROPY", "fewer than 2^60 values");
  return { ...source, bits: source.values.toString(2).length - 1 };
}

/** One issue of a lottery. */
function checkPiece({ zones, digits }, piece) {
  if (digits) {
    require(piece.length === digits && /^[0-9]*$/.test(piece), "VALUE_FORM", "the digits of an issue");
    return;
  }
  const balls = zones.reduce((n, [k]) => n + k, 0);
  require(piece.length === 2 * balls && /^[0-9]*$/.test(piece), "VALUE_FORM", "two digits a ball");
  let at = 0;
  for (const [k, of] of zones) {
    const zone = Array.from({ length: k }, (_, i) => Number(piece.slice(at + 2 * i, at + 2 * i + 2)));
    require(zone.every((ball) => ball >= 1 && ball <= of), "VALUE_RANGE", `a ball outside 1..${of}`);
    require(zone.every((ball, i) => i === 0 || zone[i - 1] < ball), "VALUE_ORDER", "balls repeated or out of order");
    at += 2 * k;
  }
}

/**
 * Bytes of a value that enter the seed.
 * @param {string} source
 * @param {string} value
 * @returns {Uint8Array}
 */
export function valueBytes(source, value) {
  const parsed = parseSource(source);
  if (parsed.kind === "drand") {
    require(/^[0-9a-f]{64}$/.test(value), "VALUE_FORM", "64 lower-case hex digits");
    return unhex(value);
  }
  if (parsed.kind === "parties") require(value === "", "VALUE_FORM", "parties has no value");
  else if (parsed.kind === "ceremony") {
    require(value.length === parsed.length && /^[0-9]*$/.test(value), "VALUE_FORM", `${parsed.length} digits`);
    const good = [...value].every((d) => Number(d) >= parsed.low && Number(d) <= parsed.high);
    require(good, "VALUE_FORM", `digits ${parsed.low} to ${parsed.high}`);
  } else {
    const pieces = value.split(",");
    require(pieces.length === parsed.issues.length, "VALUE_FORM", "one piece an issue");
    for (const piece of pieces) checkPiece(parsed.game, piece);
  }
  return utf8(value);
}
