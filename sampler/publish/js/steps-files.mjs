/**
 * Steps 1 to 4 of a replay: files, records, charter and signatures, registration (PROTOCOL 7).
 */

import { demand, same } from "./bundle.mjs";
import { concat, H, hex, lp, unhex } from "./bytes.mjs";
import { verifySignature } from "./ed25519.mjs";
import { requiredOf } from "./copies.mjs";
import { shown } from "./withheld.mjs";
import { checkKeyChanges, keysAt, placeOf } from "./keys.mjs";
import { approvers, BUNDLE_FILES, lawfulPath, sittingFile } from "./records.mjs";

const SPEC = "draw/v1-draft";
/** Files that a draw voided early has at least (records.md 6). */
const ALWAYS = ["charter.json", "registration.json", "signatures.json", "log/checkpoint", "log/entries", "log/proofs.json", "log/nonces.json"];
const LEVELS = ["open", "standard", "after-inspection"];
const STAGES = ["sealed", "drawn", "opened"];
const ROLES = ["agency", "log", "party", "witness"];

/** The manifest names a version, level and stage that there are. */
function checkManifest({ schema, level, stage }) {
  const [file, auditor] = ["manifest.json", level === "auditor"];
  same(file, "sampler/bundle/v1", schema, "不是本系统的证据包, 或版本不认识", "no bundle of a known version");
  demand(auditor || LEVELS.includes(level), file, LEVELS, level, "公开级别不认识", "no level that there is");
  const good = auditor ? stage === undefined : STAGES.includes(stage);
  demand(good, file, auditor ? "-" : STAGES, stage ?? "-", "公开阶段不认识", "no stage that there is");
}

/** Step 1: the manifest lists exactly the files that are there, byte for byte. */
export function files(bundle) {
  const manifest = bundle.get("manifest.json");
  checkManifest(manifest);
  const there = bundle.paths.filter((p) => p !== "manifest.json").sort();
  const listed = manifest.files.map((f) => f.path);
  const copy = bundle.copy;
  for (const path of there) {
    demand(copy ? shown(path, copy) : lawfulPath(path), path, "records.md 6", path, "证据包里有不该有的文件", "a path no bundle may hold");
    demand(listed.includes(path), path, "-", path, "清单没有列出的文件", "a file the manifest does not list");
  }
  for (const { path, size, sha256 } of manifest.files) {
    demand(path !== "manifest.json" && there.includes(path), path, path, "-", "清单列出的文件缺失", "a listed file is missing");
    same(path, size, bundle.bytes(path).length, "文件大小与清单不符", "another size than the manifest says");
    same(path, sha256, bundle.digest(path), "文件内容与清单不符, 文件被改动或损坏", "other bytes than the manifest says");
  }
  const need = copy ? requiredOf(bundle, copy) : bundle.has("void.json") ? ALWAYS : BUNDLE_FILES;
  for (const path of need) demand(bundle.has(path), path, path, "-", "缺少必需的文件", "a required file is missing");
  return { found: { zh: `共 ${there.length} 个文件`, en: `files: ${there.length}` } };
}

/** Files of this draw carry its ids. */
function idsAgree(bundle) {
  const draw = bundle.get("manifest.json").draw_id;
  const after = ["amendment", "results", "opening", "attestation", "void"].flatMap((type) => bundle.later(type)).map((one) => one.file);
  for (const file of ["registration.json", "commitment.json", "seed.json", "draw.json", "assignment.json", ...after]) {
    if (bundle.has(file)) same(file, draw, bundle.get(file).draw_id, "记录属于另一次抽查", "a record of another draw");
  }
  if (!bundle.has("sitting.json")) return;
  const sitting = bundle.get("sitting.json");
  const sealed = sitting.commitments.map((one) => one.draw_id);
  demand(sealed.includes(draw), "sitting.json", draw, sealed.join(), "该场次没有封存这次抽查", "a sitting that did not seal this draw");
  for (const file of bundle.paths.filter(sittingFile)) {
    const other = sittingFile(file).draw_id;
    const record = bundle.get(file);
    const good = other !== draw && sealed.includes(other);
    demand(good, file, sealed, other, "该场次没有封存这次抽查", "a draw that the sitting did not seal");
    same(file, other, record.draw_id, "记录属于另一次抽查", "a record of another draw");
    if (record.type === "amendment") same(file, String(record.number).padStart(4, "0"), file.slice(-9, -5), "文件名与内容不符", "another number");
  }
  const parts = [...sitting.party_commitments, ...sitting.reveals, ...bundle.later("custody").map((one) => one.record)];
  for (const file of ["commitment.json", "closing.json", "public-value.json"]) {
    if (bundle.has(file)) parts.push(bundle.get(file));
  }
  for (const one of parts) {
    same("sitting.json", sitting.sitting_id, one.sitting_id, "记录属于另一场次", "a record of another sitting");
  }
}

/** Step 2: every file has the one form the specification allows, and belongs to this draw. */
export function records(bundle) {
  for (const path of bundle.known()) if (path !== "log/checkpoint") bundle.get(path); // its form is step 5's
  idsAgree(bundle);
  return {};
}

/** Keys of the charter: their ids follow from them, their owners from their role. */
function keysOf(charter) {
  const parties = new Set(charter.parties.map((p) => p.party));
  for (const { key_id, owner, public: key, role } of charter.keys) {
    const want = hex(H("key", unhex(key))).slice(0, 16);
    same("charter.json", want, key_id, "密钥编号不是由公钥算出", "a key id that does not follow from the key");
    demand(ROLES.includes(role), "charter.json", ROLES, role, "没有这种密钥", "a key of no known role");
    const good = role === "witness" || (role === "party" ? parties.has(owner) : owner === charter.agency);
    demand(good, "charter.json", role, owner, "密钥的持有人不对", "a key of the wrong owner");
  }
  return charter.keys;
}

function charterRules(charter) {
  const file = "charter.json";
  same(file, SPEC, charter.spec, "章程用的是另一版规范", "a charter of another specification");
  demand(charter.keys.some((k) => k.role === "log"), file, "log", "-", "章程没有日志密钥", "no key for the log");
  demand(charter.min_reveals >= 1, file, ">= 1", charter.min_reveals, "至少一方揭示", "at least one reveal");
  const witnesses = charter.keys.filter((k) => k.role === "witness").length;
  demand(charter.parties.length >= 2, file, ">= 2", charter.parties.length, "参与方不足两方", "fewer than two parties");
  const few = charter.min_reveals <= charter.parties.length;
  demand(few, file, charter.parties.length, charter.min_reveals, "揭示下限多于参与方", "more reveals demanded than parties");
  const k = charter.witness_k;
  const half = k === undefined || (2 * k > witnesses && k <= witnesses);
  demand(half, file, "> n/2", k, "见证人数不过半", "not more than half of the witnesses");
}

/** Key ids that count for one signer among keys; null is the agency. */
function keysFor(all, signer) {
  const keys = all.filter((k) => (signer === null ? k.role === "agency" : k.role === "party" && k.owner === signer));
  return keys.map((k) => k.key_id);
}

const messageOf = (type, rhash) => concat(lp("sampler/v1/sign"), lp(type), unhex(rhash));

/** Does signatures.json hold a signature of a record that verifies under a key? */
function signedBy(bundle, record, key) {
  const rhash = bundle.rhash(record);
  const found = bundle.get("signatures.json").find((s) => s.type === record.type && s.rhash === rhash && s.key_id === key.key_id);
  return found !== undefined && verifySignature(unhex(key.public), messageOf(record.type, rhash), unhex(found.sig));
}

/** Key ids that may sign a record; a change of keys may be signed by any that ever counted, and was judged above. */
function lawfulFor(bundle, { type, rhash, signers }, keys) {
  if (type === "key-change") return [...keys.keys()];
  const now = keysAt(bundle, placeOf(bundle, type, rhash));
  return signers.flatMap((signer) => keysFor(now, signer));
}

/** Step 3: the charter is the pinned one; whatever must be signed is, and nothing else. */
export function charter(bundle, options) {
  const record = bundle.get("charter.json");
  const own = bundle.rhash(record);
  if (options.charter) same("charter.json", options.charter, own, "章程不是指定的那份", "not the pinned charter");
  keysOf(record);
  charterRules(record);
  if (bundle.reached("commitment.json").length) {
    const sealed = bundle.get("commitment.json").spec;
    same("commitment.json", hex(H("spec", record.spec)), sealed, "封存的是另一版规范", "sealed under another specification");
  }
  const keys = checkKeyChanges(bundle, (change, key) => signedBy(bundle, change, key));
  const need = bundle.signed();
  const seen = new Map(need.map((one) => [one, []]));
  for (const { type, rhash, key_id, sig } of bundle.get("signatures.json")) {
    const [name, short] = [`${type} ${rhash}`, `${type} ${rhash.slice(0, 16)}`];
    if (type === "attestation") continue; // step 16
    const one = need.find((x) => `${x.type} ${x.rhash}` === name);
    const known = one !== undefined;
    demand(known, "signatures.json", "-", short, "签名所指的记录不在本包", "a signature of a record that is not here");
    const lawful = lawfulFor(bundle, one, keys);
    demand(lawful.includes(key_id), "signatures.json", lawful, key_id, "不该由这把密钥签名", "signed with the wrong key");
    const good = verifySignature(unhex(keys.get(key_id).public), messageOf(type, rhash), unhex(sig));
    demand(good, "signatures.json", short, "-", "签名不成立", "a signature that does not verify");
    seen.get(one).push(key_id);
  }
  for (const [one, by] of seen) {
    const now = keysAt(bundle, placeOf(bundle, one.type, one.rhash));
    const all = one.signers.every((signer) => keysFor(now, signer).some((id) => by.includes(id)));
    demand(all, one.file, `${one.type} ${one.rhash}`, by, "缺少签名", "a signature is missing");
  }
  if (options.charter) return {};
  return {
    found: { zh: "密钥未固定", en: "key not pinned" },
    notProved: { zh: `密钥未固定: 本包章程的指纹是 ${own}`, en: `keys not pinned: this charter's hash is ${own}` },
  };
}

/** Numbers of the agency's registrations in the log: gapless from 1 in each year. */
function gapless(bundle, agency) {
  const next = new Map();
  const form = new RegExp(`^(${agency}-[0-9]{4})-([0-9]{4})$`);
  let count = 0;
  for (const entry of bundle.get("log/entries")) {
    if (entry.type !== "registration") continue;
    const found = form.exec(entry.draw_id ?? "");
    demand(found, "log/entries", "AGENCY-YYYY-NNNN", entry.draw_id, "登记编号不合规格", "a registration without a draw id");
    const want = (next.get(found[1]) ?? 0) + 1;
    same("log/entries", want, Number(found[2]), "登记编号不连续或重复", "registrations with a gap or twice");
    next.set(found[1], want);
    count += 1;
  }
  return count;
}

/** The plan is the one registered and sealed, of this agency. */
function planAgrees(bundle, record, plan) {
  const [file, agency] = ["registration.json", bundle.get("charter.json").agency];
  same("plan.json", record.plan, bundle.rhash(plan), "计划在登记之后有改动", "the plan is not the registered one");
  if (bundle.reached("commitment.json").length) {
    same("plan.json", bundle.get("commitment.json").plan, bundle.rhash(plan), "计划不是封存的那份", "the plan is not the sealed one");
  }
  for (const name of ["plan_id", "scope", "period"]) {
    same(file, plan[name], record[name], "登记与计划不一致", "registration and plan differ");
  }
  same("plan.json", agency, plan.agency, "计划属于另一机关", "the plan of another agency");
}

/** The seal is of this registration and of its plan, and its reveals end before its deadline. */
function sealAgrees(bundle, record) {
  const [seal, file] = [bundle.get("commitment.json"), "registration.json"];
  same(file, seal.plan, record.plan, "登记和封存的计划不同", "registration and seal name different plans");
  same(file, seal.registration, bundle.rhash(record), "登记不是封存的那份", "the registration is not the sealed one");
  const late = seal.reveal_deadline <= record.deadline;
  demand(late, "commitment.json", record.deadline, seal.reveal_deadline, "揭示期限晚于抽查期限", "reveals end after the deadline");
  checkApproved(bundle, seal.approval, "commitment.json");
}

/** As many approved as the charter asks for (records.md 3.1). */
export function checkApproved(bundle, approval, file) {
  const [least, count] = [bundle.get("charter.json").approvals, approvers(approval)];
  demand(count >= least, file, least, count, "批准的人比章程要求的少", "fewer approved than the charter asks for");
}

/** A redraw names a draw whose Void was logged before (records.md 3.12). */
function checkRedraw(bundle, { draw_id, redraw }) {
  if (redraw === undefined) return;
  const entries = bundle.get("log/entries");
  const own = entries.findIndex((e) => e.type === "registration" && e.draw_id === draw_id);
  const before = entries.slice(0, own).some((e) => e.type === "void" && e.draw_id === redraw.draw_id);
  demand(before, "log/entries", `void ${redraw.draw_id}`, "-", "重抽登记在作废之前", "a redraw registered before the void it names");
}

/** Step 4: registered before sealed, under a gapless number, for this plan. */
export function registration(bundle) {
  const record = bundle.get("registration.json");
  const plan = bundle.reached("plan.json").length ? bundle.get("plan.json") : null;
  const agency = bundle.get("charter.json").agency;
  const file = "registration.json";
  if (plan) planAgrees(bundle, record, plan);
  if (bundle.reached("commitment.json").length) sealAgrees(bundle, record);
  same(file, agency, record.draw_id.split("-")[0], "编号属于另一机关", "the number of another agency");
  const count = gapless(bundle, agency);
  const logged = bundle.get("log/entries").some((e) => e.type === "registration" && e.draw_id === record.draw_id);
  demand(logged, "log/entries", record.draw_id, "-", "日志里没有这次登记", "this registration is not in the log");
  checkRedraw(bundle, record);
  const found = { zh: `日志共登记 ${count} 次抽查, 编号连续`, en: `draws registered: ${count}, without a gap` };
  const closed = { zh: "计划本身未公开: 只核对了登记和封存指的是同一份计划", en: "the plan is not public: registration and seal name the same one" };
  return plan ? { found } : { found, notProved: closed };
}
