/**
 * Strict TSV tables and scores.csv (records.md 2, draw.md 2.3).
 */

import { compare, text } from "./bytes.mjs";
import { require, SamplerError } from "./errors.mjs";
import { isDate, isMonth, KINDS } from "./kinds.mjs";
import { recusalId } from "./merkle.mjs";

const MAYBE = KINDS.id;
const ID = (v) => v !== "-" && KINDS.id(v);
const optional = (kind) => (v) => v === "-" || kind(v);
const number = (v) => /^(0|[1-9][0-9]{0,14})$/.test(v);
const oneOf = (...words) => (v) => words.includes(v);
const level = (v) => /^(0|T|[1-9][0-9]{0,3})$/.test(v);
const load = (v) => /^(0|[1-9][0-9]{0,5})$/.test(v);

/** A field of several values: `-` or a list joined by commas, strictly increasing. */
export const listOf = (v) => (v === "-" ? [] : v.split(","));
const list = (kind) => (v) => v === "-" || v.split(",").every((x, i, all) => kind(x) && (i === 0 || compare(all[i - 1], x) < 0));
const pair = (name, kind) => (v) => {
  const at = v.lastIndexOf("/");
  return at > 0 && name(v.slice(0, at)) && kind(v.slice(at + 1));
};
const interval = (v) => {
  const [from, to, more] = v.split("..");
  return more === undefined && isDate(from) && isDate(to ?? "") && from <= to;
};
const words = (v) => /^\P{Cc}{1,1024}$/u.test(v);
const place = (v) => MAYBE(v) && !v.includes(".") && v.length <= 30;
const classOf = oneOf("A", "B", "C", "D");

/** Columns of each table with the check of each field; the first is the key. */
const TABLES = {
  "frame.tsv": {
    object_id: ID, owner_id: MAYBE, class: classOf, type: MAYBE, district: place, industry: MAYBE, tags: list(ID),
    stratum: MAYBE, level, nonce: KINDS.nonce,
  },
  "excluded.tsv": { object_id: ID, reason: MAYBE, nonce: KINDS.nonce },
  "strata.tsv": { stratum: MAYBE, clause: MAYBE, N: number, eligible: number, n: number, m: number, take_all: number },
  "levels.tsv": { key: pair(MAYBE, level), count: number, target_e12: number, L: number, pi_e12: number },
  "tau.tsv": { stratum: MAYBE, h: KINDS.hash, L: number },
  "history.tsv": { key: pair(ID, isMonth), draw_id: MAYBE, pi_e12: optional(number), drawn: oneOf("0", "1") },
  "items.tsv": {
    item_id: MAYBE, kind: oneOf("general", "key"), qualification: MAYBE, object_types: list(ID), name: words, legal_basis: words,
  },
  "roster.tsv": {
    inspector_id: ID, unit: ID, department: ID, district: (v) => v === "*" || place(v), role: oneOf("officer", "expert"),
    expiry: isDate, items: list(ID), qualifications: list(ID), max_load: load, leave: list(interval), nonce: KINDS.nonce,
  },
  "recusals.tsv": {
    rec_id: KINDS.nonce, inspector: MAYBE, kind: oneOf("object", "owner"), target: MAYBE, reason: MAYBE, asked_by: MAYBE,
    nonce: KINDS.nonce,
  },
};

/** Tables that only published copies hold (records.md 7). */
const hash = KINDS.hash;
Object.assign(TABLES, {
  "clauses.tsv": { clause: (v) => /^\d{3}$/.test(v), N: number, n: number },
  "drawn.tsv": { object_id: ID, owner: MAYBE, ticket: hash },
  "exclusions.tsv": { object_id: ID, reason: optional(ID), nonce: optional(KINDS.nonce), leaf: hash },
});

/** Tables of blinded trees, whose rows are ASCII. */
const BLINDED = ["frame.tsv", "excluded.tsv", "roster.tsv", "recusals.tsv"];

/** Names of the tables this page knows. */
export const TABLE_FILES = Object.keys(TABLES);

function splitRows(name, data) {
  const whole = text(data, "TABLE_UTF8");
  require(whole.endsWith("\n"), "TABLE_END", `${name} does not end with a line end`);
  require(!whole.includes("\r"), "TABLE_FIELD", `${name} holds a carriage return`);
  const [head, ...lines] = whole.slice(0, -1).split("\n");
  const columns = Object.keys(TABLES[name]);
  require(head === columns.join("\t"), "TABLE_HEADER", `${name} has another header`);
  return lines.map((line, i) => {
    const fields = line.split("\t");
    require(fields.length === columns.length, "TABLE_WIDTH", `${name} row ${i + 1} has another width`, `${name}:${i + 2}`);
    return fields;
  });
}

/**
 * Read a table strictly.
 * @param {string} name file name, one of TABLE_FILES
 * @param {Uint8Array} data
 * @returns {Object<string, string>[]} rows with a field per column; `line` is the row without its nonce column
 */
export function readTable(name, data) {
  const columns = Object.entries(TABLES[name]);
  const rows = splitRows(name, data);
  const at = (i) => `${name}:${i + 2}`;
  rows.forEach((fields, i) => {
    require(fields.every((f) => f.normalize("NFC") === f), "TABLE_NFC", `${name} row ${i + 1} is not NFC`, at(i));
  });
  rows.forEach(([key], i) => {
    const order = i === 0 ? 1 : compare(key, rows[i - 1][0]);
    require(order !== 0, "TABLE_DUPLICATE", `${name}: the key ${key} stands twice`, at(i));
    require(order > 0, "TABLE_ORDER", `${name}: the key ${key} is out of order`, at(i));
  });
  return rows.map((fields, i) => {
    const row = { line: fields.join("\t") };
    columns.forEach(([column, good], c) => {
      if (!good(fields[c])) throw new SamplerError("TABLE_VALUE", `${name} row ${i + 1}: ${column}`, at(i));
      row[column] = fields[c];
    });
    if (row.nonce !== undefined) row.line = row.line.slice(0, -33);
    if (name === "recusals.tsv") {
      const follows = recusalId(row.inspector, row.kind, row.target) === row.rec_id;
      require(follows, "TABLE_VALUE", `${name} row ${i + 1}: rec_id does not follow`, at(i));
    }
    if (BLINDED.includes(name)) require(/^[\x00-\x7f]*$/.test(row.line), "TABLE_ASCII", `${name} row ${i + 1}`, at(i));
    return row;
  });
}

/**
 * Read scores.csv.
 * @param {Uint8Array} data
 * @returns {Map<string, number>} risk in ppm by object id
 */
export function readScores(data) {
  const [head, ...lines] = new TextDecoder("latin1").decode(data).split("\n"); // whatever is not ASCII is no row
  require(head === "object_id,risk_ppm" && lines.pop() === "", "SCORES_HEAD", "header or last line end");
  const out = new Map();
  let before = "";
  lines.forEach((line, i) => {
    const [id, risk, more] = line.split(",");
    const good = more === undefined && ID(id) && number(risk ?? "") && Number(risk) <= 1000000;
    require(good, "SCORES_ROW", `row ${i + 1}`, `scores.csv:${i + 2}`);
    require(compare(before, id) < 0, "SCORES_ORDER", `${id} is out of order`, `scores.csv:${i + 2}`);
    before = id;
    out.set(id, Number(risk));
  });
  return out;
}
