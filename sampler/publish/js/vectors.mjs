/**
 * Answers to vector files (conformance.md 4): one operation, one canonical outcome.
 */

import { checkAssignment } from "./assign-check.mjs";
import { clauseTotal, parseRatio, strata } from "./allocation.mjs";
import { compare, concat, H, hex, lp, text, unhex, utf8 } from "./bytes.mjs";
import { codeOf, decode, rhash, write } from "./canon.mjs";
import { claim, require, SamplerError } from "./errors.mjs";
import { drawnWeights } from "./drawn.mjs";
import { bigW, designWeight, past, rankWeight } from "./inference.mjs";
import { maySign } from "./keys.mjs";
import { KINDS } from "./kinds.mjs";
import { cooling, levels, weights } from "./levels.mjs";
import { items } from "./lots.mjs";
import * as merkle from "./merkle.mjs";
import { batchOrder, checkBatches, checkPlan } from "./plan-rules.mjs";
import { checkLevels, singleL } from "./probability.mjs";
import { noteSignedBy, readHead, readNote } from "./note.mjs";
import { written } from "./rational.mjs";
import { verifySignature } from "./ed25519.mjs";
import { checkEntry, RECORDS } from "./records.mjs";
import { checkShape } from "./schema.mjs";
import { sha256 } from "./sha256.mjs";
import { choose, order } from "./select.mjs";
import { parseSource, valueBytes } from "./sources.mjs";
import { readScores, readTable } from "./tables.mjs";
import { misplaced } from "./target.mjs";
import * as ticket from "./ticket.mjs";
import { tilePath, tilesRoot } from "./tiles.mjs";
import { objectPi, objectsOf, second, unitsOf } from "./units.mjs";

const all = (list) => list.map(unhex);
const big = (h) => BigInt(`0x${h}`);
const digits = (h) => h.toString(16).padStart(64, "0");
const proved = (good) => {
  claim(good, "the claim does not follow");
  return true;
};
const kind = (name, value) => {
  require(KINDS[name](value), "RECORD_VALUE", `not of the kind ${name}`);
  return value;
};

function record(data) {
  const value = decode(data);
  require(value !== null && typeof value === "object" && KINDS.id(value.type), "RECORD_TYPE", "no type");
  return hex(rhash(value));
}

const bytes = {
  lp: (i) => hex(lp(unhex(i.data))),
  hash: (i) => hex(H(i.tag, ...all(i.parts))),
  json: (i) => decode(unhex(i.data)),
  rhash: (i) => record(unhex(i.data)),
  id: (i) => kind("id", i.text),
  value: (i) => kind(i.kind, i.value),
  code: (i) => codeOf(i.text),
  "recusal-id": (i) => merkle.recusalId(i.inspector, i.kind, i.target),
  table: (i) => readTable(i.file, unhex(i.data)).length,
  scores: (i) => readScores(unhex(i.data)).size,
};

const secrets = (list) => list.map(({ party, r }) => (r === undefined ? { party } : { party, r: unhex(r) }));
const seedOf = (i) => hex(ticket.seed(unhex(i.commitment), i.source, unhex(i.value), secrets(i.parties)));
const partyOf = (i) => hex(ticket.partyCommitment(i.sitting_id, i.party, unhex(i.r)));

const tickets = {
  sitting: (i) => hex(ticket.sittingHash(i.sitting_id, all(i.commitments))),
  party: partyOf,
  "party-opens": (i) => proved(partyOf(i) === i.c),
  seed: seedOf,
  "seed-follows": (i) => proved(seedOf(i) === i.seed),
  "object-key": (i) => hex(ticket.objectKey(unhex(i.seed))),
  ticket: (i) => digits(ticket.ticket(ticket.objectKey(unhex(i.seed)), i.id)),
  "assign-key": (i) => hex(ticket.assignKey(unhex(i.seed), i.round)),
  "assign-ticket": (i) => ticket.assignTicket(ticket.assignKey(unhex(i.seed), i.round), i.object, i.group, i.officer),
};

const leafOf = (i) => merkle.blindedLeaf(i.tree, i.draw_id, i.row, unhex(i.nonce));
const trees = {
  root: (i) => hex(merkle.root(all(i.leaves))),
  nonce: (i) => hex(merkle.nonce(unhex(i.secret), i.draw_id, i.tree, i.key)),
  leaf: (i) => hex(leafOf(i)),
  token: (i) => hex(merkle.token(unhex(i.secret), i.draw_id, i.id)),
  "log-leaf": (i) => hex(merkle.logLeaf(unhex(i.nonce), unhex(i.rhash))),
  "entry-leaf": (i) => hex(merkle.entryLeaf(unhex(i.entry))),
  "inclusion-path": (i) => merkle.inclusionPath(all(i.leaves), i.index).map(hex),
  inclusion: (i) => proved(merkle.included(unhex(i.leaf), i.index, i.size, all(i.proof), unhex(i.root))),
  "consistency-path": (i) => merkle.consistencyPath(all(i.leaves), i.old).map(hex),
  consistency: (i) => proved(merkle.consistent(i.old, i.new, unhex(i.old_root), unhex(i.new_root), all(i.proof))),
  opening: (i) => proved(merkle.included(leafOf(i), i.index, i.size, all(i.proof), unhex(i.root))),
};

function total(i) {
  const year = i.drawn === undefined ? null : { drawn: i.drawn, batches: i.batches_left };
  const found = clauseTotal(parseRatio(i.ratio), i.units, year);
  require(found > 0n, "CLAUSE_ZERO", "the clause gives no visit");
  return Number(found);
}

function ratio(i) {
  const found = parseRatio(i.text);
  return { ...written(found), rounding: found.rounding };
}

function owned(i) {
  const typeOf = new Map(i.types.map((t) => [t.type, t.stratum]));
  const units = unitsOf({ types: i.types, units: "owner" }, i.rows).sort((a, b) => compare(a.object_id, b.object_id));
  return units.map((u) => ({
    owner: u.object_id,
    cell: `${u.class}.${typeOf.get(u.type)}.${u.district}`,
    objects: objectsOf(u).map((row) => row.object_id).sort(compare),
  }));
}

const aimed = (i) => proved(Object.values(misplaced(i.target, i.frame, i.excluded)).every((id) => id === undefined));

const allocation = {
  ratio,
  target: aimed,
  total,
  owners: owned,
  strata: (i) => strata(i.clauses).map((s) => ({ ...s, districts: [...s.districts].sort() })),
};

const fraction = ({ num, den }) => ({ num: BigInt(num), den: BigInt(den) });
function levelsOf(i) {
  const found = levels(i.weights.map(BigInt), i.n, i.cooldown);
  return { level_of: found.levelOf, levels: found.levels, take_all: found.takeAll, m: found.m };
}

const levelOps = {
  cooling: (i) => cooling(i.period, i.months, i.drawn),
  weights: (i) => weights(i.risks, fraction(i.floor), i.gamma).map(String),
  levels: levelsOf,
};

const probability = {
  single: (i) => singleL(i.count, i.m),
  check: (i) => proved(checkLevels(i.levels, i.m)),
};

const threshold = (tau) => (tau ? { h: big(tau.h), L: tau.L } : null);
function chosen(i) {
  const { drawn, reserves, tau } = choose(i.units, ticket.objectKey(unhex(i.seed)), i.m, i.reserves);
  return { drawn, reserves, ...(tau ? { tau: { h: digits(tau.h), L: tau.L } } : {}) };
}

const select = {
  order: (i) => order(i.units.map(({ id, h, L }) => ({ id, L, h: big(h) }))),
  choose: chosen,
  second: (i) => second(unhex(i.seed), i.owner, i.objects),
  items: (i) => items(unhex(i.seed), i.object, i.size, i.sample),
};

const inference = {
  "rank-weight": (i) => written(rankWeight(i.L, threshold(i.tau))),
  "design-weight": (i) => written(designWeight(i.pi_e12)),
  W: (i) => written(bigW(i.pi_e12, i.past_e12)),
  "object-pi": (i) => objectPi(i.pi_e12, i.objects),
  past: (i) => past(i.unit, i.period, i.months, i.history),
  bundle: (i) => {
    const found = drawnWeights(i);
    return { ...found, drawn: found.drawn.map((one) => ({ ...one, weight: written(one.weight) })) };
  },
};

const sources = {
  source: (i) => {
    const { kind: name, bits } = parseSource(i.text);
    return { kind: name, bits };
  },
  value: (i) => hex(valueBytes(i.source, i.value)),
};

const assignment = {
  check: (i) => {
    checkAssignment(i.record, i, unhex(i.seed));
    return true;
  },
};

function shaped(i) {
  require(Object.hasOwn(RECORDS, i.type), "RECORD_TYPE", "another type");
  checkShape(i.record, RECORDS[i.type]);
  return hex(rhash(i.record));
}

function signed(i) {
  const [key, sig] = [unhex(i.public), unhex(i.sig)];
  const message = concat(lp("sampler/v1/sign"), lp(i.type), unhex(i.rhash));
  return proved(key.length === 32 && sig.length === 64 && verifySignature(key, message, sig));
}

function chain(i) {
  let end = unhex(i.value);
  for (let k = 0; k < i.number; k += 1) end = sha256(end);
  return proved(hex(end) === i.end);
}

const records = {
  record: shaped,
  "key-id": (i) => hex(H("key", unhex(i.public))).slice(0, 16),
  signed,
  "key-change": (i) => proved(maySign(i.now, i, i.by)),
  chain,
};

/** The text of a checkpoint, as its note would hold it. */
function checkpoint(i) {
  const { origin, size, root } = readHead(i.text);
  return { origin, size, root: hex(root) };
}

function entry(i) {
  checkEntry(i);
  return hex(utf8(write(i)));
}

function note(i) {
  const data = unhex(i.note);
  const found = readNote(text(data, "NOTE_FORM"));
  require(noteSignedBy(found, i.signer, unhex(i.public)), "NOTE_SIGNATURE", "no valid signature");
  return found.text;
}

const logged = {
  entry,
  checkpoint,
  note,
  tile: (i) => tilePath(i.level, i.number, i.width),
  tiles: (i) => hex(tilesRoot(i.size, (path) => unhex(i.files[path]))),
};

const plan = {
  plan: (i) => {
    checkShape(i.record, RECORDS.plan);
    checkPlan(i.record);
    return hex(rhash(i.record));
  },
  batches: (i) => {
    checkBatches(i.batches, i.districts);
    return batchOrder(i.batches, unhex(i.seed));
  },
};

/** Areas and operations that this program does not do (conformance.md 1): no record of a bundle rests on them. */
export const WITHOUT = ["audit", "estimate", "plan/grace"];

const AREAS = {
  assignment, plan, records, log: logged, bytes, ticket: tickets, merkle: trees, allocation, levels: levelOps, probability, select, inference, sources,
};

/** The operation of a name; `OP-follows` computes OP and compares with the claim. */
function operation(area, op) {
  const ops = Object.hasOwn(AREAS, area) ? AREAS[area] : {};
  if (Object.hasOwn(ops, op)) return ops[op];
  const base = op.replace(/-follows$/, "");
  if (base === op || !Object.hasOwn(ops, base)) return null;
  return ({ claim: claimed, ...input }) => proved(write(ops[base](input)) === write(claimed));
}

/**
 * Answer one vector.
 * @param {{area: string, op: string, input: object}} vector
 * @returns {string} canonical JSON: ok, error or skip
 */
export function answer({ area, op, input }) {
  const run = operation(area, op);
  if (run === null) return write({ skip: `${area}/${op} is not implemented` });
  try {
    return write({ ok: run(input) });
  } catch (error) {
    if (error instanceof SamplerError) return write({ error: error.code });
    throw error;
  }
}

/** A vector file as it is written: JSON for people. @param {Uint8Array} data */
export const readVector = (data) => JSON.parse(text(data));
