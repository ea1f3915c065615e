/**
 * "Is my firm in it?": what the published files say of one code.
 */

import { unhex } from "./bytes.mjs";
import { decode } from "./canon.mjs";
import { readTable } from "./tables.mjs";
import { objectKey, ticket } from "./ticket.mjs";

const E12 = 10n ** 12n;

/** The row of a table whose first column is `key`. */
function rowOf(bytes, key) {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const names = lines[0].split("\t");
  const line = lines.find((one, i) => i > 0 && one.split("\t")[0] === key);
  return line === undefined ? null : Object.fromEntries(line.split("\t").map((cell, i) => [names[i], cell]));
}

/** Probability and threshold of an object, which only an open draw publishes. */
function chance(read, row) {
  if (row.level === "0") return { pi: "0", why: "cooling" };
  if (row.level === "T") return { pi: E12.toString(), why: "taken" };
  const level = rowOf(read("levels.tsv"), `${row.stratum}/${row.level}`);
  const tau = rowOf(read("tau.tsv"), row.stratum);
  return { pi: level?.pi_e12, tau: tau?.h, why: "drawn" };
}

/**
 * What the published files allow to say of a code.
 * @param {(path: string) => Uint8Array | undefined} read
 * @param {string} code
 */
export function lookUp(read, code) {
  const id = code.trim().toUpperCase();
  if (!/^[0-9A-Za-z._-]{1,64}$/.test(id)) return { id, form: false };
  const seed = decode(read("seed.json")).seed;
  const out = { id, form: true, ticket: ticket(objectKey(unhex(seed)), id).toString(16).padStart(64, "0") };
  const drawn = read("drawn.tsv") ? readDrawn(read("drawn.tsv")) : decode(read("draw.json")).drawn.map((one) => one.object_id);
  out.drawn = drawn.includes(id);
  if (read("frame.tsv")) {
    const row = rowOf(read("frame.tsv"), id);
    out.frame = row !== null;
    const gone = row ? null : rowOf(read("excluded.tsv"), id);
    if (gone) out.excluded = gone.reason;
    if (row) Object.assign(out, { stratum: row.stratum }, chance(read, row));
  }
  return out;
}

function readDrawn(bytes) {
  return readTable("drawn.tsv", bytes).map((row) => row.object_id);
}
