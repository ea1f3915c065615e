/**
 * A bundle as the steps of a replay see it: files read once, strictly, on demand (records.md 6).
 */

import { decode, encode, rhash } from "./canon.mjs";
import { equal, hex, text } from "./bytes.mjs";
import { require, SamplerError } from "./errors.mjs";
import { withheldTypes } from "./withheld.mjs";
import { readCheckpoint } from "./note.mjs";
import { checkEntry, laterType, MANIFEST, readRecord, RECORD_FILES, SIGNATURES, sittingFile } from "./records.mjs";
import { checkShape } from "./schema.mjs";
import { sha256 } from "./sha256.mjs";
import { readScores, readTable, TABLE_FILES } from "./tables.mjs";

/** What a step found wrong: file, wanted, found, and what it means in both languages. */
export class VerifyError extends SamplerError {
  constructor(file, want, found, zh, en) {
    super("VERIFY_FAILED", en, file);
    Object.assign(this, { file, want: String(want), found: String(found), meaning: { zh, en } });
  }
}

/** Demand that two values are equal; they are compared as they print. */
export function same(file, want, found, zh, en) {
  if (String(want) !== String(found)) throw new VerifyError(file, want, found, zh, en);
}

/** Demand that a condition holds. */
export function demand(condition, file, want, found, zh, en) {
  if (!condition) throw new VerifyError(file, want, found, zh, en);
}

/** Entries of the log: one canonical record a line. */
function readEntries(data) {
  const whole = text(data);
  require(whole === "" || whole.endsWith("\n"), "LOG_END", "the last entry has no line end");
  const lines = whole.split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const bytes = new TextEncoder().encode(line);
    const entry = decode(bytes);
    checkEntry(entry, `$[${i}]`);
    return { ...entry, bytes };
  });
}

const READERS = {
  "manifest.json": (data) => shaped(data, MANIFEST),
  "signatures.json": (data) => shaped(data, SIGNATURES),
  "scores.csv": readScores,
  "log/entries": readEntries,
  "log/checkpoint": readCheckpoint,
};
for (const [file, type] of Object.entries(RECORD_FILES)) READERS[file] = (data) => readRecord(type, data);
for (const file of TABLE_FILES) READERS[file] = (data) => readTable(file, data);

function shaped(data, shape) {
  const value = decode(data);
  checkShape(value, shape);
  return value;
}

export class Bundle {
  /**
   * @param {(path: string) => Uint8Array} read
   * @param {string[]} paths every file of the directory
   */
  constructor(read, paths) {
    this.read = read;
    this.paths = paths;
    this.cache = new Map();
  }

  has(path) {
    return this.paths.includes(path);
  }

  /** Compute once. */
  once(name, compute) {
    if (!this.cache.has(name)) this.cache.set(name, compute());
    return this.cache.get(name);
  }

  /** Bytes of a file. */
  bytes(path) {
    return this.once(`bytes ${path}`, () => {
      if (!this.has(path)) throw new VerifyError(path, path, "-", "缺少文件", "a file is missing");
      return this.read(path);
    });
  }

  /** SHA-256 of a file, in hex. */
  digest(path) {
    return this.once(`digest ${path}`, () => hex(sha256(this.bytes(path))));
  }

  /** The parsed content of a file this specification knows. */
  get(path) {
    return this.once(`value ${path}`, () => {
      try {
        const read = READERS[path] ?? ((data) => readRecord(laterType(path) ?? sittingFile(path)?.type, data));
        return read(this.bytes(path));
      } catch (error) {
        if (!(error instanceof SamplerError) || error instanceof VerifyError) throw error;
        const where = error.path && error.path !== "$" ? ` ${error.path}` : "";
        const meaning = { zh: `文件不合规格, 可能被改动 (${error.message})`, en: `not as the specification says: ${error.message}` };
        const refusal = new VerifyError(path, "records.md", `${error.code}${where}`, meaning.zh, meaning.en);
        throw Object.assign(refusal, { unreadable: path !== "log/checkpoint" }); // its form is step 5's
      }
    });
  }

  /** Entries of this draw and sitting in the log that no proof covers: what the bundle hides. */
  hidden() {
    const proved = new Set(this.get("log/proofs.json").records.map((r) => r.index));
    const sitting = this.reached("sitting.json").length ? this.get("sitting.json") : { commitments: [] };
    const others = sitting.commitments.map((c) => c.draw_id);
    const { draw_id } = this.get("registration.json");
    const withheld = this.copy ? withheldTypes(this.copy) : [];
    return this.get("log/entries").filter((entry, index) => {
      if (proved.has(index) || withheld.includes(entry.type)) return false;
      const other = entry.draw_id !== draw_id && others.includes(entry.draw_id);
      const ours = entry.sitting_id !== undefined && entry.sitting_id === sitting.sitting_id;
      return entry.draw_id === draw_id || (ours && !(other && entry.type === "commitment"));
    });
  }

  /** Record hash of a record, in hex. */
  rhash(record) {
    return hex(rhash(record));
  }

  /** Files this bundle holds that a reader exists for. */
  known() {
    return this.paths.filter((path) => Object.hasOwn(READERS, path) || laterType(path) || sittingFile(path));
  }

  /** Records of a type that some bundles hold, in order of their paths. */
  later(type) {
    return this.paths.filter((path) => laterType(path) === type).sort().map((file) => ({ file, record: this.get(file) }));
  }

  /** Level and stage of a published copy; null for an auditor's bundle. */
  get copy() {
    const { level, stage } = this.get("manifest.json");
    return level === "auditor" ? null : { level, stage: stage ?? "" };
  }

  /** A file, as a list: empty when this is a copy that does not hold it, or a draw that was voided before. */
  reached(path) {
    return (this.copy || this.has("void.json")) && !this.has(path) ? [] : [path];
  }

  /** A draw shown with its Void and never logged: computed in full, neither signed nor logged (records.md 3.12). */
  get replayedOnly() {
    if (!this.has("void.json") || !this.has("draw.json")) return false;
    const { draw_id } = this.get("registration.json");
    return !this.get("log/entries").some((e) => e.type === "draw" && e.draw_id === draw_id);
  }

  /** Files of the sitting's other draws whose records are signed and logged; a draw only shown with its void is neither. */
  ofSitting() {
    const drawn = new Set(this.get("log/entries").filter((e) => e.type === "draw").map((e) => e.draw_id));
    const all = this.paths.map((file) => ({ file, ...sittingFile(file) }));
    return all.filter(({ type, draw_id }) => type && type !== "assignment" && (type !== "draw" || drawn.has(draw_id)));
  }

  /** Every record that is signed and logged: type, signers (null: the agency), record, ids of its log entry. */
  signed() {
    return this.once("signed", () => {
      const none = { party_commitments: [], reveals: [] };
      const sitting = this.reached("sitting.json").length ? this.get("sitting.json") : none;
      const registration = this.get("registration.json");
      const ofDraw = { draw_id: registration.draw_id };
      const ofSitting = { sitting_id: sitting.sitting_id };
      const agency = (file, ids) => ({ record: this.get(file), signers: [null], file, ids });
      const party = (record) => ({ record, signers: [record.party], file: "sitting.json", ids: ofSitting });
      return [
        agency("charter.json", {}),
        agency("registration.json", ofDraw),
        ...sitting.party_commitments.map(party),
        ...this.reached("commitment.json").map((file) => agency(file, { ...ofDraw, ...ofSitting })),
        ...sitting.reveals.map(party),
        ...this.reached("closing.json").map((file) => agency(file, ofSitting)),
        ...this.reached("public-value.json").map((file) => agency(file, ofSitting)),
        ...(this.replayedOnly ? [] : this.reached("draw.json")).map((file) => agency(file, ofDraw)),
        ...this.later("custody").map(({ file, record }) => ({ record, signers: [record.party, record.holder], file, ids: ofSitting })),
        ...this.later("amendment").map(({ file, record }) => ({ ...agency(file, ofDraw), record: record.cause })),
        ...this.later("key-change").map(({ file, record }) => ({ record, signers: [], file, ids: {} })),
        ...["amendment", "results", "opening", "void"].flatMap((type) => this.later(type)).map(({ file }) => agency(file, ofDraw)),
        ...this.ofSitting().flatMap(({ file, draw_id, type }) => {
          const one = agency(file, { draw_id });
          return type === "amendment" ? [one, { ...one, record: one.record.cause }] : [one];
        }),
      ].map((one) => ({ ...one, type: one.record.type, rhash: this.rhash(one.record) }));
    });
  }
}

/** Do two values have the same canonical bytes? */
export const identical = (a, b) => equal(encode(a), encode(b));
