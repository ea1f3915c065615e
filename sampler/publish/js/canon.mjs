/**
 * Canonical JSON: the subset of RFC 8785 that records use (records.md 1.2, codes of conformance.md 4.15).
 * The language's own parser forgets duplicate keys and rounds numbers, so reading is our own.
 */

import { SamplerError } from "./errors.mjs";
import { compare, equal, H, hex, text, utf8 } from "./bytes.mjs";

const DEPTH = 32;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /-?(?:NaN|Infinity)/y;
const BLANK = /[ \t\n\r]*/y;
const ASCII = /^[\x00-\x7f]*$/;
const LONE = /\p{Surrogate}/u;

/** Reads JSON of RFC 8259 with the faults of conformance.md 4.15 told apart. */
class Reader {
  constructor(source) {
    this.source = source;
    this.at = 0;
  }

  fail(code, message, path) {
    throw new SamplerError(code, message, path);
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  take(character) {
    this.match(BLANK);
    if (this.source[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  whole() {
    const value = this.value("$", 0);
    this.match(BLANK);
    if (this.at !== this.source.length) this.fail("CANON_JSON", "something follows the value", "$");
    return value;
  }

  value(path, depth) {
    if (depth > DEPTH) this.fail("CANON_DEPTH", `more than ${DEPTH} levels`, path);
    this.match(BLANK);
    const first = this.source[this.at];
    if (first === "{") return this.object(path, depth);
    if (first === "[") return this.array(path, depth);
    if (first === '"') return this.string(path);
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.source.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    if (this.match(WORD)) this.fail("CANON_FLOAT", "not a number", path);
    return this.number(path);
  }

  number(path) {
    const found = this.match(NUMBER);
    if (!found) this.fail("CANON_JSON", "no value", path);
    if (found[1] !== undefined || found[2] !== undefined) this.fail("CANON_FLOAT", "not an integer", path);
    const value = Number(found[0]);
    if (!Number.isSafeInteger(value)) this.fail("CANON_INT", "beyond 2^53-1", path);
    return value === 0 ? 0 : value;
  }

  string(path) {
    const found = this.match(STRING);
    if (!found) this.fail("CANON_JSON", "a broken string", path);
    return JSON.parse(found[0]);
  }

  array(path, depth) {
    const out = [];
    this.at += 1;
    if (this.take("]")) return out;
    for (;;) {
      out.push(this.value(`${path}[${out.length}]`, depth + 1));
      if (this.take("]")) return out;
      if (!this.take(",")) this.fail("CANON_JSON", "a broken list", path);
    }
  }

  object(path, depth) {
    const out = Object.create(null);
    this.at += 1;
    if (this.take("}")) return out;
    for (;;) {
      this.match(BLANK);
      const key = this.source[this.at] === '"' ? this.string(path) : this.fail("CANON_JSON", "a key is missing", path);
      if (Object.hasOwn(out, key)) this.fail("CANON_DUPLICATE", "a key stands twice", `${path}.${key}`);
      if (!this.take(":")) this.fail("CANON_JSON", "a colon is missing", `${path}.${key}`);
      out[key] = this.value(`${path}.${key}`, depth + 1);
      if (this.take("}")) return out;
      if (!this.take(",")) this.fail("CANON_JSON", "a broken object", path);
    }
  }
}

function checkText(value, path) {
  if (LONE.test(value)) throw new SamplerError("CANON_SURROGATE", "a lone surrogate", path);
  if (!ASCII.test(value) && value.normalize("NFC") !== value) throw new SamplerError("CANON_NFC", "not NFC", path);
}

/** Refuse what no record may hold, in the value (conformance.md 4.15). */
function check(value, path, depth) {
  if (depth > DEPTH) throw new SamplerError("CANON_DEPTH", `more than ${DEPTH} levels`, path);
  if (typeof value === "string") checkText(value, path);
  else if (typeof value === "number") {
    if (!Number.isInteger(value)) throw new SamplerError("CANON_FLOAT", "not an integer", path);
    if (!Number.isSafeInteger(value)) throw new SamplerError("CANON_INT", "beyond 2^53-1", path);
  } else if (Array.isArray(value)) value.forEach((item, i) => check(item, `${path}[${i}]`, depth + 1));
  else if (value !== null && typeof value === "object") {
    for (const key of Object.keys(value)) {
      if (!ASCII.test(key)) throw new SamplerError("CANON_KEY", "a key outside ASCII", path);
      check(value[key], `${path}.${key}`, depth + 1);
    }
  } else if (typeof value !== "boolean") throw new SamplerError("CANON_TYPE", "a value of no kind", path);
}

/** RFC 8785 text of a value that is known to be lawful. */
export function write(value) {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort(compare);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${write(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * RFC 8785 bytes of a value.
 * @returns {Uint8Array}
 */
export function encode(value) {
  check(value, "$", 0);
  return utf8(write(value));
}

/**
 * Read JSON that a record could hold, laid out in any way.
 * @param {Uint8Array} data
 */
export function read(data) {
  const value = new Reader(text(data)).whole();
  check(value, "$", 0);
  return value;
}

/**
 * Read canonical bytes; anything else is refused with its code and path.
 * @param {Uint8Array} data
 */
export function decode(data) {
  const value = new Reader(text(data)).whole();
  if (!equal(encode(value), data)) throw new SamplerError("CANON_BYTES", "not the canonical form", "$");
  return value;
}

/**
 * Hash of a record: H("record", type, JCS(record)) (records.md 1.3).
 * @returns {Uint8Array} 32 bytes
 */
export const rhash = (record) => H("record", record.type, encode(record));

/** The code of a text that is no id (records.md 2). */
export function codeOf(value) {
  if (/^(-|[0-9A-Za-z._][0-9A-Za-z._-]{0,63})$/.test(value)) return value;
  return `x${hex(H("code", value).subarray(0, 8))}`;
}

