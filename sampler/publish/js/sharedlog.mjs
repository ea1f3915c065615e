/**
 * One log for all copies of a site: a copy's log is the beginning of the site's (records.md 7).
 */

import { decode } from "./canon.mjs";
import { SamplerError } from "./errors.mjs";

export const ENTRIES = "log/entries";

const NEW_LINE = 10;

/** A record's fields; none of what is no record: the replay will say so. */
function fields(bytes) {
  try {
    const found = bytes ? decode(bytes) : {};
    return found !== null && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch (error) {
    if (error instanceof SamplerError) return {};
    throw error;
  }
}

function* lines(bytes) {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEW_LINE, at);
    yield bytes.subarray(at, end < 0 ? bytes.length : end);
    at = end < 0 ? bytes.length : end + 1;
  }
}

function listedSize(manifest, whole) {
  const listed = Array.isArray(manifest.files) ? manifest.files : [];
  const size = listed.find((one) => one !== null && typeof one === "object" && one.path === ENTRIES)?.size;
  return Number.isInteger(size) ? size : whole.length;
}

/**
 * The part of a site's log that is the copy's own.
 * @param {(path: string) => Uint8Array | undefined} read the copy's files
 * @param {Uint8Array} whole the site's log/entries
 * @throws {SamplerError} COPY_OLD when a later entry is of this draw or its sitting
 */
export function ownLog(read, whole) {
  const manifest = fields(read("manifest.json"));
  const sitting = fields(read("sitting.json")).sitting_id;
  const size = listedSize(manifest, whole);
  for (const line of lines(whole.subarray(size))) {
    const entry = fields(line);
    const concerns = entry.draw_id !== undefined ? entry.draw_id === manifest.draw_id : (entry.sitting_id ?? sitting) === sitting;
    if (concerns) throw new SamplerError("COPY_OLD", "the log has a newer entry of this draw than this copy", new TextDecoder().decode(line));
  }
  return whole.subarray(0, size);
}
