/**
 * Steps 14 to 16 of a replay: what comes after the draw (records.md 3.13, 3.15, 3.17).
 */

import { amend, amendKey, begin, flags } from "./amend.mjs";
import { demand, same, VerifyError } from "./bundle.mjs";
import { compare, concat, H, hex, lp, unhex } from "./bytes.mjs";
import { encode } from "./canon.mjs";
import { verifySignature } from "./ed25519.mjs";
import { SamplerError } from "./errors.mjs";
import { checkOpeningFile } from "./opening.mjs";
import { objectPi, ownerOf } from "./units.mjs";
import { entryLeaf, root } from "./merkle.mjs";
import { readCheckpoint } from "./note.mjs";
import { sha256 } from "./sha256.mjs";
import { checkApproved } from "./steps-files.mjs";
import { takenElsewhere } from "./sitting.mjs";

/** What the log holds of a kind and the bundle does not. */
function nothingHidden(bundle, kind) {
  const hidden = bundle.hidden().find((entry) => kind.test(entry.type));
  demand(!hidden, "log/entries", "-", hidden?.type, "日志里还有本包没有的记录", "the log holds records that are not here");
}

/** Log index of each record, by its hash. */
const places = (bundle) => new Map(bundle.get("log/proofs.json").records.map((r) => [r.rhash, r.index]));

/** Numbers without a gap, the cause logged before, the value on the sealed chain. */
function checkOrder(bundle, { file, record }, i, index) {
  const { number, cause, chain } = record;
  const name = `amendments/${String(i + 1).padStart(4, "0")}.json ${i + 1} ${i + 1}`;
  same(file, name, `${file} ${number} ${cause.number}`, "变更编号不连续", "amendments with a gap");
  same(file, record.draw_id, cause.draw_id, "事由属于另一次抽查", "the cause of another draw");
  const after = index.get(bundle.rhash(record)) > index.get(bundle.rhash(cause));
  demand(after, file, "cause < amendment", "-", "变更先于事由", "an amendment before its cause");
  checkApproved(bundle, cause.approval, file);
  if (chain === undefined) return;
  let end = unhex(chain);
  for (let k = 0; k < number; k += 1) end = sha256(end);
  same(file, bundle.get("commitment.json").anchor?.end, hex(end), "变更链的值不对", "not the value of the sealed chain");
}

/** Replay all amendments on the teams as drawn (assignment.md 14). */
function replayAll(bundle, all, index) {
  const draw = bundle.get("draw.json");
  const rows = new Map(bundle.get("frame.tsv").map((row) => [row.object_id, row]));
  const input = { plan: bundle.get("plan.json"), rows, roster: bundle.get("roster.tsv"), recusals: bundle.get("recusals.tsv") };
  const state = begin(input, draw, bundle.get("assignment.json"));
  for (const { file, record } of all) {
    const cause = bundle.rhash(record.cause);
    const batches = bundle.later("results").filter((r) => index.get(bundle.rhash(r.record)) < index.get(cause));
    const done = new Set(batches.flatMap((r) => r.record.rows.map((row) => row.object_id)));
    const key = record.chain && amendKey(unhex(bundle.get("seed.json").seed), record.number, unhex(cause), unhex(record.chain));
    state.elsewhere = takenElsewhere(bundle, index.get(cause));
    try {
      amend(state, record, done, key);
    } catch (error) {
      if (!(error instanceof SamplerError)) throw error;
      throw new VerifyError(file, "assignment.md 14", error.code, "变更不是事由与变更链所定的", error.message);
    }
  }
}

/** Step 14: cause first, then chance, and nothing but what both decide. */
export function amendments(bundle) {
  nothingHidden(bundle, /^amendment$/);
  const waiting = bundle.hidden().filter((entry) => entry.type === "amendment-cause").length;
  const all = bundle.later("amendment");
  if (all.length === 0 && waiting === 0) return { na: true };
  const told = [];
  const index = places(bundle);
  all.forEach((one, i) => checkOrder(bundle, one, i, index));
  if (bundle.reached("roster.tsv").length) replayAll(bundle, all, index);
  else told.push({ zh: "检查人员不公开: 变更后的派员没有重算", en: "officers are not public: the new teams were not replayed" });
  const heaped = flags(all.map((one) => one.record), bundle.get("draw.json").n).join("; ");
  if (waiting) told.push({ zh: `${waiting} 项变更事由已登记, 还没有变更`, en: `causes logged without an amendment: ${waiting}` });
  if (heaped) told.push({ zh: `变更异常频繁, 请查事由: ${heaped}`, en: `amendments heap up, ask why: ${heaped}` });
  const notProved = told.length ? { zh: told.map((x) => x.zh).join("; "), en: told.map((x) => x.en).join("; ") } : undefined;
  const found = { zh: `${all.length} 次变更, 逐次重算相同`, en: `amendments: ${all.length}, each replayed` };
  return { found, notProved, na: all.length === 0 || bundle.reached("roster.tsv").length === 0 };
}

const STATES = ["visited", "not-visited", "out-of-scope"];
const REASONS = ["closed", "deregistered", "moved", "other"];
const MEASURES = ["none", "stop", "order", "transfer", "copy"];
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;

/** Rules of a row of results (records.md 3.17). */
function lawfulRow({ state, reason, date, result, also, severity, measure, officers, entered_at: came, left_at: left }) {
  const codes = result === undefined ? [] : [result, ...(also ?? []).map(Number)];
  const visited = state === "visited";
  return (
    STATES.includes(state) && visited === codes.length > 0 && codes.every((x) => x >= 1 && x <= 8) &&
    new Set(codes).size === codes.length && (codes.length === 1 || !codes.includes(1)) &&
    (!visited || (date !== undefined && (officers ?? []).length >= 2)) &&
    (reason === undefined || (state === "not-visited" && REASONS.includes(reason))) && (severity ?? 0) <= 3 &&
    (measure === undefined || MEASURES.includes(measure)) && [came, left].every((t) => t === undefined || TIME.test(t))
  );
}

/** An Opening shows the secrets that were in custody, and no other. */
function checkOpening(bundle, { file, record }) {
  const secrets = new Map(bundle.get("seed.json").parties.map((p) => [p.party, p.r]));
  const kept = bundle.get("closing.json").custody.map((c) => `${c.party}=${secrets.get(c.party)}`);
  const shown = Object.keys(record.secrets).sort().map((p) => `${p}=${record.secrets[p]}`);
  same(file, kept, shown, "公开的秘密不是代管的那些", "not the secrets that were in custody");
  if (bundle.reached("draw.json").length === 0) return;
  same(file, bundle.rhash(bundle.get("draw.json")), record.draw, "公开的是另一次抽取", "the opening of another draw");
}

/** Ids that may have a result; null in a copy, which does not show the reserves. */
function drawnIds(bundle) {
  if (bundle.reached("draw.json").length === 0) return null;
  const { drawn, reserves } = bundle.get("draw.json");
  return new Set([...drawn, ...reserves].map((x) => x.object_id));
}

/** A Void after which nobody can compute the list names who or what is missing. */
function checkMissing(bundle, { missing }) {
  const known = ["source", ...bundle.get("commitment.json").parties.map((p) => p.party)];
  const strange = missing.find((x) => !known.includes(x));
  demand(!strange, "void.json", known, strange, "作废所称缺少的不是参与方", "what is missing is no party and no source");
  const there = bundle.get("sitting.json").reveals.map((r) => r.party);
  if (bundle.has("public-value.json")) there.push("source");
  if (bundle.has("closing.json")) there.push(...bundle.get("closing.json").absent);
  const false_ = missing.find((x) => there.includes(x));
  demand(!false_, "void.json", "-", false_, "作废所称缺少的, 日志里就有", "what is called missing is in the log");
  const told = missing.join("、");
  return { zh: `作废时缺 ${told}: 没有公布本应抽中的名单`, en: `voided without ${told}: the list is not shown` };
}

/** A Void names this draw, and shows the whole result once it could be known (records.md 3.12). */
function checkVoid(bundle) {
  if (!bundle.has("void.json")) return undefined;
  const [record, file] = [bundle.get("void.json"), "void.json"];
  same(file, bundle.rhash(bundle.get("registration.json")), record.registration, "作废的是另一次登记", "the void of another registration");
  const seal = bundle.has("commitment.json") ? bundle.rhash(bundle.get("commitment.json")) : "-";
  same(file, seal, record.commitment ?? "-", "作废的是另一次封存", "the void of another seal");
  const told = { zh: `这次抽查已作废, 理由: ${record.cause}; 结果不能使用`, en: `voided: ${record.cause}; the result counts for nothing` };
  if (!bundle.has("sitting.json")) return told;
  const given = [...bundle.get("sitting.json").reveals, ...bundle.later("custody").map((one) => one.record)].map((r) => r.party);
  if (new Set(given).size < bundle.get("charter.json").min_reveals) return told;
  if (record.missing?.length) return checkMissing(bundle, record);
  demand(record.draw, file, "draw", "-", "结果已可以算出, 作废却没有公布它", "the result could be known and is not shown");
  if (bundle.has("draw.json")) {
    same(file, bundle.rhash(bundle.get("draw.json")), record.draw, "作废公布的不是这次的结果", "not the result of this draw");
  }
  return told;
}

/** Openings of single firms hold alone, are of this seal, and say the level's probability. @returns {number} how many */
function checkSingle(bundle) {
  const all = bundle.later("opening-file");
  const seal = all.length ? bundle.rhash(bundle.get("commitment.json")) : "";
  for (const { file, record } of all) {
    checkOpeningFile(record, file);
    same(file, seal, record.opening.commitment, "单户核验文件属于另一次封存", "an opening of another seal");
    if (record.opening.tree !== "frame") continue;
    const [object_id, owner_id, ...rest] = record.opening.row.split("\t");
    const level = bundle.get("levels.tsv").find((row) => row.key === rest.slice(-2).join("/"));
    const own = ownerOf({ object_id, owner_id });
    const size = bundle.get("plan.json").units ? bundle.get("frame.tsv").filter((row) => ownerOf(row) === own).length : 1;
    same(file, level && objectPi(level.pi_e12, size || 1), record.opening.pi_e12, "单户核验文件所写的概率与封存的不同", "another probability than sealed");
  }
  return all.length;
}

/** Is this a draw of the same sitting with a smaller draw_id? Only these make visits that this draw shares. */
function isEarlier(bundle, other) {
  const mine = bundle.get("commitment.json").draw_id;
  return compare(other, mine) < 0 && bundle.get("sitting.json").commitments.some((c) => c.draw_id === other);
}

/** Step 15: results in gapless batches, each on the one before; the opening of what was in custody. */
export function results(bundle) {
  nothingHidden(bundle, /^results/);
  const [batches, openings] = [bundle.later("results"), bundle.later("opening")];
  const notProved = checkVoid(bundle);
  const single = checkSingle(bundle);
  if (batches.length + openings.length === 0) return notProved || single ? { notProved } : { na: true };
  const known = drawnIds(bundle);
  let previous = "0".repeat(64);
  batches.forEach(({ file, record }, i) => {
    same(file, `results/${String(i + 1).padStart(4, "0")}.json ${i + 1}`, `${file} ${record.batch}`, "结果批次不连续", "a gap");
    same(file, previous, record.previous, "结果没有接着上一批", "results that do not follow the batch before");
    const strange = known && record.rows.find((row) => !known.has(row.object_id))?.object_id;
    demand(strange === undefined, file, "-", strange, "结果里有没有抽中的对象", "the result of an object that was not drawn");
    const unlawful = record.rows.find((row) => !lawfulRow(row))?.object_id;
    demand(unlawful === undefined, file, "records.md 3.17", unlawful, "结果不合检查的规则", "a row against the rules of a visit");
    const merged = record.rows.filter((row) => row.merged_into !== undefined);
    const odd = merged.find((row) => !isEarlier(bundle, row.merged_into))?.object_id;
    demand(odd === undefined, file, "sitting", odd, "结果所并入的不是同一场次在先的抽查", "merged into no earlier draw of the sitting");
    previous = bundle.rhash(record);
  });
  for (const one of openings) checkOpening(bundle, one);
  return { notProved, found: { zh: `结果 ${batches.length} 批`, en: `batches of results: ${batches.length}` } };
}

/** Only who holds the whole bundle can replay what an auditor replayed. */
function sameReport(bundle, file, record, report) {
  same(file, bundle.rhash(bundle.get("draw.json")), record.draw, "核验的是另一次抽取", "the attestation of another draw");
  same(file, report, record.report, "核验意见不是全部通过的重放", "not the report of a replay that passed");
}

/** One attestation: its key, signature, draw, report and checkpoint. */
function checkAttestation(bundle, { file, record }, report) {
  const key = unhex(record.public);
  const id = hex(H("key", key)).slice(0, 16);
  same(file, `attestation-${id}.json`, file, "文件名不是核验人的密钥编号", "a file not named after its key");
  if (bundle.copy === null) sameReport(bundle, file, record, report);
  const own = bundle.rhash(record);
  const signed = bundle.get("signatures.json").find((s) => s.type === "attestation" && s.rhash === own && s.key_id === id);
  const message = concat(lp("sampler/v1/sign"), lp("attestation"), unhex(own));
  const good = signed !== undefined && verifySignature(key, message, unhex(signed.sig));
  demand(good, "signatures.json", id, "-", "核验意见没有有效签名", "an attestation without a valid signature");
  const [point, leaves] = [readCheckpoint(record.checkpoint), bundle.get("log/entries").map((e) => entryLeaf(e.bytes))];
  const head = point.size <= leaves.length && hex(root(leaves.slice(0, point.size))) === hex(point.root);
  demand(head, file, "log/entries", point.size, "核验时的日志不是本包的", "the head of another log");
}

/** Step 16: auditors who replayed the whole bundle. */
export function attestation(bundle) {
  const all = bundle.later("attestation");
  const known = new Set(all.map((one) => bundle.rhash(one.record)));
  const extra = bundle.get("signatures.json").find((s) => s.type === "attestation" && !known.has(s.rhash));
  demand(!extra, "signatures.json", "-", extra?.rhash, "签名所指的核验意见不在本包", "an attestation that is not here");
  if (all.length === 0) return { na: true };
  const draw_id = bundle.get("manifest.json").draw_id;
  const steps = bundle.once("passed", () => null);
  const report = steps && hex(H("report", encode({ draw_id, steps })));
  for (const one of all) checkAttestation(bundle, one, report ?? "-");
  return { found: { zh: `${all.length} 份`, en: `attestations: ${all.length}` } };
}
