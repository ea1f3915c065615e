/**
 * Seed and tickets (draw.md 3). The only randomness of a draw.
 */

import { compare, concat, H, lp, toInteger, utf8 } from "./bytes.mjs";
import { sha256, sha256Words } from "./sha256.mjs";

const RAW = new Uint8Array(96);

/** C = H("party", sitting_id, party, r). */
export const partyCommitment = (sitting, party, r) => H("party", sitting, party, r);

/** Hash of a sitting over its seals, in order of draw_id. */
export const sittingHash = (sitting, commitments) => H("sitting", sitting, ...commitments);

/**
 * The seed (draw.md 3.1).
 * @param {Uint8Array} commitment record hash of the seal
 * @param {string} source
 * @param {Uint8Array} value
 * @param {{party: string, r?: Uint8Array}[]} parties in any order; no r: absent
 */
export function seed(commitment, source, value, parties) {
  const sorted = [...parties].sort((a, b) => compare(a.party, b.party));
  return H("seed", commitment, source, value, ...sorted.flatMap(({ party, r }) => [party, r ?? "ABSENT"]));
}

/** K of the object draw. */
export const objectKey = (seedBytes) => H("stream", seedBytes, "object");

/** K_r of the assignment (assignment.md 6). */
export const assignKey = (seedBytes, round) => H("stream", seedBytes, "assign", round);

/** Ticket of a unit: SHA-256(K || id) as an integer of 256 bits. @returns {bigint} */
export const ticket = (key, id) => toInteger(sha256(concat(key, utf8(id))));

/**
 * The first 53 bits of a ticket, as a number: enough to leave most units out of an exact comparison.
 * @returns {number} integer below 2^53
 */
export function ticketTop(key, id) {
  RAW.set(key);
  for (let i = 0; i < id.length; i += 1) RAW[32 + i] = id.charCodeAt(i);
  const words = sha256Words(RAW.subarray(0, 32 + id.length));
  return (words[0] >>> 0) * 0x200000 + (words[1] >>> 11);
}

/** t(e, g, i): 40 bits (assignment.md 6). @returns {number} */
export function assignTicket(key, object, group, officer) {
  const h = sha256(concat(key, lp(object), lp(group), lp(officer)));
  return ((h[0] * 256 + h[1]) * 256 + h[2]) * 65536 + h[3] * 256 + h[4];
}
