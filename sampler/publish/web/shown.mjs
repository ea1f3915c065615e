/**
 * What a draw's page shows of the files, read out of files that have passed: the page is held to it.
 */

import { hex } from "./bytes.mjs";
import { decode, rhash } from "./canon.mjs";
import { readTable } from "./tables.mjs";

const SEAL_DIGITS = 40;

/** Ids of the drawn, where the copy tells them. */
function drawn(read) {
  if (read("drawn.tsv")) return readTable("drawn.tsv", read("drawn.tsv")).map((row) => row.object_id);
  return read("draw.json") && decode(read("draw.json")).drawn.map((one) => one.object_id);
}

/** The row of results that holds for every object: a later batch takes the place of an earlier one. */
function results(read, paths) {
  const held = new Map();
  for (const path of paths.filter((p) => p.startsWith("results/")).sort()) {
    for (const row of decode(read(path)).rows) held.set(row.object_id, row);
  }
  const codes = (row) => (row.result === undefined ? [] : [row.result, ...(row.also ?? [])]).map(String);
  return [...held.values()].map((row) => ({ id: row.object_id, date: row.date ?? "—", codes: codes(row), state: row.state }));
}

/**
 * The facts of a page by name; what a copy does not tell is not among them.
 * @param {(path: string) => Uint8Array | undefined} read
 * @param {string[]} paths
 */
export function shown(read, paths) {
  const seal = decode(read("commitment.json"));
  const seed = read("seed.json") && decode(read("seed.json"));
  const facts = {
    draw: seal.draw_id,
    source: seal.source,
    plan: seal.plan,
    frame: seal.frame.root,
    charter: hex(rhash(decode(read("charter.json")))),
    code: decode(read("sitting.json")).sitting.slice(0, SEAL_DIGITS),
    seed: seed?.seed,
    value: seed?.value || undefined,
  };
  const told = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { facts: Object.fromEntries(told), drawn: drawn(read), results: results(read, paths) };
}
