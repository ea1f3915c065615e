/**
 * Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint; records.md 4).
 */

import { concat, equal, hex, text, unbase64, utf8 } from "./bytes.mjs";
import { verifySignature } from "./ed25519.mjs";
import { require } from "./errors.mjs";
import { sha256 } from "./sha256.mjs";

const ED25519 = new Uint8Array([1]);
const LF = utf8("\n");
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/;
const LINE = /^— ([^\s+]+) (\S+)$/;

/** Key hash of a note's signer: the first 4 bytes of SHA-256(name || LF || 0x01 || public key). */
export const keyHash = (name, key) => sha256(concat(utf8(name), LF, ED25519, key)).subarray(0, 4);

/**
 * Split a signed note.
 * @param {string} note
 * @returns {{text: string, signatures: {name: string, hash: Uint8Array, sig: Uint8Array}[]}}
 */
export function readNote(note) {
  const at = note.lastIndexOf("\n\n");
  require(at > 0 && note.endsWith("\n"), "NOTE_FORM", "a text, an empty line, signature lines");
  require(!CONTROL.test(note), "NOTE_FORM", "a control character");
  const lines = note.slice(at + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const found = LINE.exec(line);
    const bytes = found && unbase64(found[2]);
    require(bytes && bytes.length === 68, "NOTE_FORM", "a broken signature line");
    return { name: found[1], hash: bytes.subarray(0, 4), sig: bytes.subarray(4) };
  });
  const keys = signatures.map((s) => `${s.name} ${hex(s.hash)}`);
  require(new Set(keys).size === keys.length, "NOTE_TWICE", "one key signed twice");
  return { text: note.slice(0, at + 1), signatures };
}

/**
 * Has a key signed a note?
 * @param {ReturnType<typeof readNote>} note
 * @param {string} name
 * @param {Uint8Array} key
 */
export function noteSignedBy(note, name, key) {
  const want = keyHash(name, key);
  const lines = note.signatures.filter((s) => s.name === name && equal(s.hash, want));
  return lines.length > 0 && lines.every(({ sig }) => verifySignature(key, utf8(note.text), sig));
}

/**
 * Read the text of a checkpoint.
 * @param {string} whole
 * @returns {{origin: string, size: number, root: Uint8Array}}
 */
export function readHead(whole) {
  require(whole.endsWith("\n"), "CHECKPOINT_FORM", "no line end");
  const lines = whole.slice(0, -1).split("\n");
  const [origin, size, digits] = lines;
  const root = digits === undefined ? null : unbase64(digits);
  const number = /^(0|[1-9][0-9]{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  const good = lines.length === 3 && origin !== "" && !CONTROL.test(whole) && number && root && root.length === 32;
  require(good, "CHECKPOINT_FORM", "origin, size and root");
  return { origin, size: Number(size), root };
}

/**
 * Read a checkpoint.
 * @param {Uint8Array | string} data
 * @returns {{origin: string, size: number, root: Uint8Array, note: ReturnType<typeof readNote>}}
 */
export function readCheckpoint(data) {
  const whole = typeof data === "string" ? data : text(data, "CHECKPOINT_FORM");
  const note = readNote(whole);
  return { ...readHead(note.text), note };
}
