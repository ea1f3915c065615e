/**
 * Keys as they change in the log: which count where, and who must sign a change (records.md 3.10, 3.14).
 */

import { demand, same } from "./bundle.mjs";
import { H, hex, unhex } from "./bytes.mjs";

/**
 * Do the signatures of a key change suffice (records.md 3.14)?
 * @param {{key_id: string, role: string}[]} now keys that count for its place
 * @param {{old: string, new?: string}} change ids of the key that goes and, unless it is withdrawn, of the one that comes
 * @param {string[]} by ids of the keys whose signature on it verifies
 */
export function maySign(now, change, by) {
  const counts = now.map((k) => k.key_id);
  if (change.new !== undefined && !by.includes(change.new)) return false;
  if (counts.includes(change.old) && by.includes(change.old)) return true;
  const others = now.filter((k) => ["agency", "party"].includes(k.role) && k.key_id !== change.old);
  return others.length > 0 && others.every((k) => by.includes(k.key_id));
}

/** Charter's keys and what became of them: changes with their places in the log, in order of number. */
function changesOf(bundle) {
  const index = new Map(bundle.get("log/proofs.json").records.map((r) => [`${r.type} ${r.rhash}`, r.index]));
  return bundle.later("key-change").map(({ file, record }) => {
    const place = index.get(`key-change ${bundle.rhash(record)}`);
    demand(place !== undefined, file, "log/proofs.json", "-", "密钥变更没有进入日志", "a key change without a proof");
    return { file, record, place };
  });
}

/** Keys that count for the entry at a log index, or for a checkpoint of that size (records.md 3.14). */
export function keysAt(bundle, place) {
  const changes = bundle.once("key changes", () => changesOf(bundle));
  let keys = bundle.get("charter.json").keys;
  for (const { record, place: at } of changes) {
    if (at >= place) continue;
    keys = keys.filter((k) => k.key_id !== record.old);
    if (record.new) keys = [...keys, record.new];
  }
  return keys;
}

/** Place of a record in the log as the proofs give it; -1 where they do not. */
export function placeOf(bundle, type, rhash) {
  const found = bundle.get("log/proofs.json").records.find((r) => r.type === type && r.rhash === rhash);
  return found ? found.index : -1;
}

/** The new key follows the old one: same role and owner, a name never used before. */
function checkNew(file, old, next, used) {
  const want = hex(H("key", unhex(next.public))).slice(0, 16);
  same(file, want, next.key_id, "密钥编号不是由公钥算出", "a key id that does not follow from the key");
  const facts = (k) => `${k.role} ${k.owner} ${k.outside ?? false}`;
  same(file, facts(old), facts(next), "新密钥的角色或持有人不同", "another role, owner or place of the holder");
  demand(!used.has(next.key_id), file, "-", next.key_id, "密钥编号用过", "a key id that was used before");
}

/** Key changes: numbered without a gap, all those of the log, each signed as 3.14 asks. @param {(record: object, key: object) => boolean} signedBy */
export function checkKeyChanges(bundle, signedBy) {
  const changes = bundle.once("key changes", () => changesOf(bundle));
  const logged = bundle.get("log/entries").filter((e) => e.type === "key-change").length;
  same("log/entries", logged, changes.length, "日志里的密钥变更与包里的不同", "the log holds other key changes");
  const known = new Map(bundle.get("charter.json").keys.map((k) => [k.key_id, k]));
  changes.forEach(({ file, record, place }, i) => {
    const name = `keys/${String(i + 1).padStart(4, "0")}.json ${i + 1}`;
    same(file, name, `${file} ${record.number}`, "密钥变更编号不连续", "key changes with a gap");
    const after = i === 0 || place > changes[i - 1].place;
    demand(after, file, "log/entries", place, "密钥变更次序不对", "key changes out of order");
    const old = known.get(record.old);
    demand(old, file, "charter.json", record.old, "没有这把旧密钥", "an old key nobody knows");
    const now = keysAt(bundle, place);
    if (record.new) checkNew(file, old, record.new, known);
    const signers = [...new Map([...known, ...(record.new ? [[record.new.key_id, record.new]] : [])]).values()];
    const by = signers.filter((key) => signedBy(record, key)).map((k) => k.key_id);
    const enough = maySign(now, { old: record.old, new: record.new?.key_id }, by);
    demand(enough, file, record.old, by, "密钥变更的签名不够", "a key change without the signatures it needs");
    if (record.new) known.set(record.new.key_id, record.new);
  });
  return known;
}
