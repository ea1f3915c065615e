/**
 * One firm's opening, judged alone: records, signatures, the seal in the log, the row in its tree (records.md 3.16).
 */

import { demand, same } from "./bundle.mjs";
import { concat, H, hex, lp, unhex, utf8 } from "./bytes.mjs";
import { rhash, write } from "./canon.mjs";
import { verifySignature } from "./ed25519.mjs";
import { maySign } from "./keys.mjs";
import { blindedLeaf, entryLeaf, included, logLeaf } from "./merkle.mjs";
import { noteSignedBy, readCheckpoint } from "./note.mjs";

const E12 = 10 ** 12;
const idOf = (key) => hex(H("key", unhex(key))).slice(0, 16);
const hashOf = (record) => hex(rhash(record));

/** Keys of the charter and those that changes brought, each change signed as 3.14 asks. */
function keysOf({ charter, keys, signatures }, path) {
  const known = new Map(charter.keys.map((k) => [k.key_id, k]));
  let now = charter.keys;
  keys.forEach((change, i) => {
    same(path, i + 1, change.number, "密钥变更编号不连续", "key changes with a gap");
    const next = change.new;
    const signers = next ? new Map([...known, [next.key_id, next]]) : known;
    const by = signatures.filter((s) => s.type === "key-change" && s.rhash === hashOf(change) && verifies(s, signers.get(s.key_id)));
    const old = known.get(change.old);
    const facts = (k) => `${k.role} ${k.owner} ${k.outside ?? false}`;
    const fits = old && (!next || (facts(old) === facts(next) && !known.has(next.key_id)));
    const enough = fits && maySign(now, { old: change.old, new: next?.key_id }, by.map((s) => s.key_id));
    demand(enough, path, change.old, by.length, "密钥变更的签名不够", "a key change without the signatures it needs");
    now = [...now.filter((k) => k.key_id !== change.old), ...(next ? [next] : [])];
    if (next) known.set(next.key_id, next);
  });
  for (const [id, key] of known) same(path, idOf(key.public), id, "密钥编号不是由公钥算出", "a key id that does not follow");
  return known;
}

function verifies({ type, rhash: hash, sig }, key) {
  return key !== undefined && verifySignature(unhex(key.public), concat(lp("sampler/v1/sign"), lp(type), unhex(hash)), unhex(sig));
}

/** Charter, seal and opening are the agency's. */
function checkSigned(file, known, path) {
  const records = [file.charter, file.commitment, file.opening];
  for (const record of records) {
    const hash = hashOf(record);
    const own = file.signatures.filter((s) => s.type === record.type && s.rhash === hash);
    const lawful = own.filter((s) => known.get(s.key_id)?.role === "agency" && verifies(s, known.get(s.key_id)));
    demand(own.length > 0 && lawful.length === own.length, path, record.type, own.length, "签名不成立", "not signed by the agency");
  }
  const hashes = new Set([...records, ...file.keys].map((r) => `${r.type} ${hashOf(r)}`));
  const stray = file.signatures.find((s) => !hashes.has(`${s.type} ${s.rhash}`));
  demand(!stray, path, "-", stray?.type, "签名所指的记录不在文件里", "a signature of a record that is not here");
}

/** The seal stands in the log. */
function checkLog({ charter, commitment, logged, checkpoint }, known, path) {
  const point = readCheckpoint(checkpoint);
  same(path, `sampler/${charter.agency}`, point.origin, "检查点属于另一日志", "a checkpoint of another log");
  const good = [...known.values()].some((k) => k.role === "log" && noteSignedBy(point.note, point.origin, unhex(k.public)));
  demand(good, path, "log", "-", "检查点的签名不成立", "a checkpoint whose signature does not verify");
  same(path, point.size, logged.size, "证明属于另一检查点", "a proof for another head");
  const { sitting_id, draw_id } = commitment;
  const leaf = hex(logLeaf(unhex(logged.nonce), rhash(commitment)));
  const bytes = utf8(write({ type: "commitment", sitting_id, draw_id, leaf }));
  const there = included(entryLeaf(bytes), logged.index, logged.size, logged.proof.map(unhex), point.root);
  demand(there, path, logged.index, "-", "封存不在日志里", "the seal is not in the log");
}

/** The row stands in the sealed tree. */
function checkRow({ opening, commitment }, path) {
  const { tree, draw_id, row, nonce, index, proof, pi_e12: pi } = opening;
  same(path, hashOf(commitment), opening.commitment, "属于另一次封存", "an opening of another seal");
  same(path, commitment.draw_id, draw_id, "属于另一次抽查", "an opening of another draw");
  demand(["frame", "excluded"].includes(tree), path, "frame, excluded", tree, "没有这种名单", "an unknown tree");
  const chance = tree === "frame" ? pi !== undefined && pi <= E12 : pi === undefined;
  demand(chance, path, "pi_e12", pi, "概率不对", "a probability that cannot be");
  const { root, count, counts } = commitment[tree];
  const size = count ?? Object.values(counts).reduce((a, b) => a + b, 0);
  const leaf = blindedLeaf(tree, draw_id, row, unhex(nonce));
  const there = index < size && included(leaf, index, size, proof.map(unhex), unhex(root));
  demand(there, path, root, "-", "这一行不在封存的名单里", "the row is not in the sealed list");
}

/**
 * Check an opening-file whose fields have been read; throws what is wrong.
 * @param {object} file
 * @param {string} path
 * @param {(step: string) => void} [reached] told the id of each step before it runs
 */
export function checkOpeningFile(file, path, reached = () => {}) {
  reached("charter");
  const known = keysOf(file, path);
  checkSigned(file, known, path);
  reached("log");
  checkLog(file, known, path);
  reached("trees");
  checkRow(file, path);
}
