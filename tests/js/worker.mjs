/**
 * The JavaScript implementation as a server: one JSON line in, one out. Tests in Python compare it with other implementations.
 */

import { createInterface } from "node:readline";
import { amend, amendKey, begin } from "../../sampler/publish/js/amend.mjs";
import { beaconValue, checkSignature, readAnswer } from "../../sampler/publish/js/beacon.mjs";
import { compare, hex, unhex, utf8 } from "../../sampler/publish/js/bytes.mjs";
import { decode, rhash, write } from "../../sampler/publish/js/canon.mjs";
import { checkAssignment } from "../../sampler/publish/js/assign-check.mjs";
import { SamplerError } from "../../sampler/publish/js/errors.mjs";
import { hashToG1 } from "../../sampler/publish/js/hash-to-curve.mjs";
import { readScores, readTable, TABLE_FILES } from "../../sampler/publish/js/tables.mjs";
import { blindedLeaf, nonce, root } from "../../sampler/publish/js/merkle.mjs";
import { checkOpeningFile } from "../../sampler/publish/js/opening.mjs";
import { MANIFEST, readRecord, SIGNATURES } from "../../sampler/publish/js/records.mjs";
import { checkShape } from "../../sampler/publish/js/schema.mjs";
import { choose } from "../../sampler/publish/js/select.mjs";
import { ownLog } from "../../sampler/publish/js/sharedlog.mjs";
import { sha256 } from "../../sampler/publish/js/sha256.mjs";
import { derivedLevels, derivedStrata } from "../../sampler/publish/js/steps-draw.mjs";
import { assignTicket, objectKey, seed as makeSeed } from "../../sampler/publish/js/ticket.mjs";
import { answer } from "../../sampler/publish/js/vectors.mjs";
import { verify } from "../../sampler/publish/js/verify.mjs";

/** The L a test gives to a level: any number will do, since replays never compute it. */
function madeUpL(salt, stratum, level) {
  const word = new DataView(sha256(utf8(`${salt}/${stratum}/${level}`)).buffer).getUint32(0);
  return Math.min(Math.max(word, 1), 4294967295);
}

/** One stratum: weights, levels, targets, drawn, reserves, tau. */
function drawStratum(stratum, { plan, months, scores, salt, key }) {
  stratum.rows.sort((a, b) => compare(a.object_id, b.object_id)); // so that weights come in the order of ids
  const found = derivedLevels(stratum, plan, months, scores);
  const units = [];
  for (const { object_id: id } of stratum.rows) {
    const level = found.level.get(id);
    if (level !== "T" && level !== "0") units.push({ id, L: madeUpL(salt, stratum.stratum, level) });
  }
  const { drawn, reserves, tau } = choose(units, key, found.m, plan.reserves);
  return {
    stratum: stratum.stratum,
    clause: stratum.clause,
    N: stratum.N,
    n: stratum.n,
    m: found.m,
    take_all: found.takeAll,
    weights: found.weights.map(String),
    levels: Object.fromEntries(found.level),
    targets: Object.fromEntries(found.levels.map((l) => [l.level, l.target_e12])),
    drawn,
    reserves,
    tau: tau ? [tau.h.toString(16).padStart(64, "0"), tau.L] : [],
  };
}

/** A whole draw of a made-up frame. */
function frame({ plan, units, seed, salt, secret, draw_id }) {
  const rows = units.map(([object_id, class_, type, district]) => ({ object_id, class: class_, type, district }));
  const scores = new Map(units.map((u) => [u[0], u[4]]));
  const months = new Map(units.map((u) => [u[0], u[5]]));
  const secrets = seed.parties.map(([party, r]) => (r ? { party, r: unhex(r) } : { party }));
  const seedBytes = makeSeed(unhex(seed.commitment), seed.source, unhex(seed.value), secrets);
  const key = objectKey(seedBytes);
  const strata = derivedStrata(plan, rows).map((s) => drawStratum(s, { plan, months, scores, salt, key }));
  const place = new Map(strata.flatMap((s) => Object.entries(s.levels).map(([id, level]) => [id, [s.stratum, level]])));
  const leaves = rows.map((row) => {
    const [stratum, level] = place.get(row.object_id);
    const line = [row.object_id, "-", row.class, row.type, row.district, "-", "-", stratum, level].join("\t");
    return blindedLeaf("frame", draw_id, line, nonce(unhex(secret), draw_id, "frame", row.object_id));
  });
  return { seed: hex(seedBytes), strata, root: hex(root(leaves)) };
}

/** Replay a bundle given as path -> base64; answers with each step's status. */
function bundle({ files }) {
  const data = new Map(Object.entries(files).map(([path, b64]) => [path, new Uint8Array(Buffer.from(b64, "base64"))]));
  const report = verify((path) => data.get(path), [...data.keys()]);
  const { ok, first_failed: first, steps } = report;
  return { ok, first_failed: first ?? 0, status: steps.map((s) => s.status), found: steps.map((s) => s.found.en) };
}

/** Replay amendments one after the other; answers with the number replayed. */
function amendments({ input, draw, assignment, seed, history }) {
  const state = begin({ ...input, rows: new Map(input.objects.map((row) => [row.object_id, row])) }, draw, assignment);
  for (const { record, done } of history) {
    const key = record.chain && amendKey(unhex(seed), record.number, rhash(record.cause), unhex(record.chain));
    amend(state, record, new Set(done), key);
  }
  return history.length;
}

/** Judge an opening-file: the step that refuses it, empty when none does. */
function opening({ file }) {
  let step = "records";
  try {
    const record = readRecord("opening-file", new Uint8Array(Buffer.from(file, "base64")));
    checkOpeningFile(record, "", (id) => {
      step = id;
    });
    return "";
  } catch (error) {
    if (error instanceof SamplerError) return step;
    throw error;
  }
}

/** The code by which each of these records and tables is refused, or `ok`: a list of type or file, and base64. */
function read({ files }) {
  const untyped = { manifest: MANIFEST, signatures: SIGNATURES };
  return files.map(([type, b64]) => {
    const data = new Uint8Array(Buffer.from(b64, "base64"));
    try {
      if (untyped[type]) checkShape(decode(data), untyped[type]);
      else if (TABLE_FILES.includes(type)) readTable(type, data);
      else if (type === "scores.csv") readScores(data);
      else readRecord(type, data);
      return "ok";
    } catch (error) {
      if (error instanceof SamplerError) return error.code;
      throw error;
    }
  });
}

/** The part of a site's log that is a copy's own. */
function own({ files, whole }) {
  const bytes = (b64) => new Uint8Array(Buffer.from(b64, "base64"));
  const data = new Map(Object.entries(files).map(([path, b64]) => [path, bytes(b64)]));
  return Buffer.from(ownLog((path) => data.get(path), bytes(whole))).toString("base64");
}

const OPS = {
  read: (i) => write({ ok: read(i) }),
  "own-log": (i) => write({ ok: own(i) }),
  opening: (i) => write({ ok: opening(i) }),
  amendments: (i) => write({ ok: amendments(i) }),
  frame: (i) => write({ ok: frame(i) }),
  bundle: (i) => write({ ok: bundle(i) }),
  beacon: ({ round, signature }) => {
    checkSignature(round, unhex(signature));
    return write({ ok: beaconValue(unhex(signature)) });
  },
  relay: ({ round, data }) => write({ ok: hex(readAnswer(unhex(data), round)) }),
  hash: ({ message, dst }) => write({ ok: hashToG1(unhex(message), dst).map((x) => x.toString(16).padStart(96, "0")).join("") }),
  vector: (i) => answer(i),
  assignment: ({ record, input, seed, bits }) => {
    const rule = (...pair) => Math.floor(assignTicket(...pair) / 2 ** (40 - bits)); // few bits: ties happen
    checkAssignment(record, input, unhex(seed), { rule });
    return write({ ok: true });
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { op, ...input } = JSON.parse(line);
  try {
    process.stdout.write(`${OPS[op](input)}\n`);
  } catch (error) {
    if (!(error instanceof SamplerError)) throw error;
    process.stdout.write(`${write({ error: error.code, message: error.message })}\n`);
  }
}
