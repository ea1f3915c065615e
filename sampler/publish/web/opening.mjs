/**
 * One firm's file, checked alone: its row was sealed, the seal was signed and logged (records.md 3.16).
 */

import { concat, H, hex, lp, unhex } from "./bytes.mjs";
import { decode, encode, rhash } from "./canon.mjs";
import { verifySignature } from "./ed25519.mjs";
import { require } from "./errors.mjs";
import { blindedLeaf, entryLeaf, included, logLeaf } from "./merkle.mjs";
import { noteSignedBy, readCheckpoint } from "./note.mjs";
import { readRecord } from "./records.mjs";

const FIELDS = "charter,checkpoint,commitment,keys,logged,opening,signatures,type";
const PARTS = { charter: "charter", commitment: "commitment", opening: "object-opening" };

const hashOf = (record) => hex(rhash(record));

/** The agency of the charter signed this record. */
function signed(file, record) {
  const own = hashOf(record);
  const message = concat(lp("sampler/v1/sign"), lp(record.type), unhex(own));
  const { agency, keys } = file.charter;
  return keys.some((key) => {
    if (key.role !== "agency" || key.owner !== agency || hex(H("key", unhex(key.public))).slice(0, 16) !== key.key_id) return false;
    const mine = file.signatures.filter((s) => s.type === record.type && s.rhash === own && s.key_id === key.key_id);
    return mine.some((s) => verifySignature(unhex(key.public), message, unhex(s.sig)));
  });
}

/** The seal is in the log of the checkpoint, which the log's key signed. */
function logged({ charter, commitment, logged: where, checkpoint }) {
  const point = readCheckpoint(checkpoint);
  const key = charter.keys.find((k) => k.role === "log");
  require(point.origin === `sampler/${charter.agency}` && noteSignedBy(point.note, point.origin, unhex(key.public)), "OPENING_HEAD", "the checkpoint is not the log's");
  require(point.size === where.size, "OPENING_SIZE", "a proof for another head");
  const leaf = hex(logLeaf(unhex(where.nonce), unhex(hashOf(commitment))));
  const entry = encode({ draw_id: commitment.draw_id, leaf, sitting_id: commitment.sitting_id, type: "commitment" });
  const good = included(entryLeaf(entry), where.index, where.size, where.proof.map(unhex), point.root);
  require(good, "OPENING_LOG", "the seal is not in the log");
}

/** The row is one of the sealed tree. */
function row({ opening, commitment }) {
  require(["frame", "excluded"].includes(opening.tree), "OPENING_TREE", "no tree of objects");
  const sealed = commitment[opening.tree];
  const size = sealed.count ?? Object.values(sealed.counts).reduce((a, b) => a + b, 0);
  const leaf = blindedLeaf(opening.tree, opening.draw_id, opening.row, unhex(opening.nonce));
  const good = included(leaf, opening.index, size, opening.proof.map(unhex), unhex(sealed.root));
  require(good, "OPENING_ROW", "the row is not the sealed one");
}

/**
 * Check a firm's file and return what it says.
 * @param {Uint8Array} data
 */
export function readOpening(data) {
  const file = decode(data);
  require(Object.keys(file ?? {}).sort().join() === FIELDS && file.type === "opening-file", "OPENING_FORM", "not a firm's file");
  for (const name of Object.keys(PARTS)) readRecord(PARTS[name], encode(file[name]));
  const { opening, commitment, charter } = file;
  require(file.keys.length === 0, "OPENING_KEYS", "a change of keys: use sampler verify");
  for (const record of [opening, commitment, charter]) require(signed(file, record), "OPENING_SIGNED", `no signature on ${record.type}`);
  require(hashOf(commitment) === opening.commitment && commitment.draw_id === opening.draw_id, "OPENING_SEAL", "another seal");
  logged(file);
  row(file);
  const fields = opening.row.split("\t");
  const where = opening.tree === "frame" ? { stratum: fields.at(-2), level: fields.at(-1), pi: opening.pi_e12 } : { reason: fields[1] };
  return { opening: true, id: fields[0], draw_id: opening.draw_id, tree: opening.tree, charter: hashOf(charter), ...where };
}
