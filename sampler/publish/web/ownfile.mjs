/**
 * One firm's file, checked alone by the kernel (records.md 3.16), and what it says.
 */

import { hex } from "./bytes.mjs";
import { rhash } from "./canon.mjs";
import { checkOpeningFile } from "./opening.mjs";
import { readRecord } from "./records.mjs";

/**
 * Check a firm's file and return what it says.
 * @param {Uint8Array} data
 */
export function readOpening(data) {
  const file = readRecord("opening-file", data);
  checkOpeningFile(file, "opening.json");
  const { opening, charter } = file;
  const fields = opening.row.split("\t");
  const where = opening.tree === "frame" ? { stratum: fields.at(-2), level: fields.at(-1), pi: opening.pi_e12 } : { reason: fields[1] };
  return { opening: true, id: fields[0], draw_id: opening.draw_id, tree: opening.tree, charter: hex(rhash(charter)), ...where };
}
