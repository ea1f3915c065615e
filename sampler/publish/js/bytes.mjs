/**
 * Bytes, hex, UTF-8 and the tagged hash H of draw.md 2 (records.md 1.1).
 */

import { SamplerError } from "./errors.mjs";
import { sha256 } from "./sha256.mjs";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => ENCODER.encode(text);

/** Decode strictly: a byte order mark stays a character, bad bytes are refused with the given code. */
export function text(bytes, code = "CANON_UTF8") {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new SamplerError(code, "not UTF-8");
  }
}

/** @param {Uint8Array} bytes @returns {string} lower-case hex */
export function hex(bytes) {
  let out = "";
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** @param {string} digits an even number of hex digits @returns {Uint8Array} */
export function unhex(digits) {
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new SamplerError("RECORD_VALUE", "not lower-case hex digits");
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Compare like the bytes of UTF-8: ids are ASCII, where code units have the same order. */
export const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** @returns {boolean} */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A part is bytes, text (UTF-8) or an integer (ASCII decimal). */
export const part = (x) => (x instanceof Uint8Array ? x : utf8(String(x)));

/** LP(x): the length as 4 bytes big-endian, then x. */
export function lp(x) {
  const bytes = part(x);
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

/** H(tag, p1, p2, ...) of draw.md 2. @returns {Uint8Array} 32 bytes */
export function H(tag, ...parts) {
  return sha256(concat(lp(`sampler/v1/${tag}`), ...parts.map(lp)));
}

/** Bytes of at most 32 as an integer, big-endian. @returns {bigint} */
export const toInteger = (bytes) => BigInt(`0x${hex(bytes) || "0"}`);

/** Strict base64 with padding (RFC 4648). @returns {Uint8Array | null} null when it is not the canonical form */
export function unbase64(digits) {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(digits)) return null;
  const binary = atob(digits);
  const out = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return base64(out) === digits ? out : null;
}

/** @param {Uint8Array} bytes @returns {string} */
export const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
