/**
 * "Is my firm in it?": what the published files say of one code.
 */

import { unhex } from "./bytes.mjs";
import { decode } from "./canon.mjs";
import { readTable } from "./tables.mjs";
import { objectKey, ticket } from "./ticket.mjs";
import { objectPi, ownerOf } from "./units.mjs";

const E12 = 10n ** 12n;

/** The row of a table whose first column is `key`. */
function rowOf(bytes, key) {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const names = lines[0].split("\t");
  const line = lines.find((one, i) => i > 0 && one.split("\t")[0] === key);
  return line === undefined ? null : Object.fromEntries(line.split("\t").map((cell, i) => [names[i], cell]));
}

/** The owner that was drawn for a code, and how many objects it has; the code itself where objects are drawn. */
function unitOf(read, id) {
  const listed = read("drawn.tsv") && readTable("drawn.tsv", read("drawn.tsv")).find((row) => row.object_id === id);
  if (listed) return { unit: ownerOf({ object_id: id, owner_id: listed.owner }) };
  if (!read("plan.json") || decode(read("plan.json")).units === undefined) return { unit: id };
  const rows = readTable("frame.tsv", read("frame.tsv"));
  const own = rows.find((row) => row.object_id === id);
  const unit = own ? ownerOf(own) : id;
  return { unit, size: rows.filter((row) => ownerOf(row) === unit).length || 1 };
}

/** Probability and threshold of an object of a unit of `size`, which only an open draw publishes. */
function chance(read, row, size) {
  if (row.level === "0") return { pi: "0", why: "cooling" };
  if (row.level === "T" && size === 1) return { pi: E12.toString(), why: "taken" };
  if (row.level === "T") return { pi: String(objectPi(E12, size)), why: "drawn" };
  const level = rowOf(read("levels.tsv"), `${row.stratum}/${row.level}`);
  const tau = rowOf(read("tau.tsv"), row.stratum);
  return { pi: level && String(objectPi(level.pi_e12, size)), tau: tau?.h, why: "drawn" };
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
  const { unit, size = 1 } = unitOf(read, id);
  const out = { id, form: true, ticket: ticket(objectKey(unhex(seed)), unit).toString(16).padStart(64, "0") };
  const drawn = read("drawn.tsv") ? readDrawn(read("drawn.tsv")) : decode(read("draw.json")).drawn.map((one) => one.object_id);
  out.drawn = drawn.includes(id);
  if (read("frame.tsv")) {
    const row = rowOf(read("frame.tsv"), id);
    out.frame = row !== null;
    const gone = row ? null : rowOf(read("excluded.tsv"), id);
    if (gone) out.excluded = gone.reason;
    if (row) Object.assign(out, { stratum: row.stratum }, chance(read, row, size));
  }
  return out;
}

function readDrawn(bytes) {
  return readTable("drawn.tsv", bytes).map((row) => row.object_id);
}
