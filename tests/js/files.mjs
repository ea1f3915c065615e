/** Files the tests read: the golden bundle, the vectors, and outside data named by SAMPLER_TEST_DATA. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hex } from "../../sampler/publish/js/bytes.mjs";
import { encode } from "../../sampler/publish/js/canon.mjs";
import { sha256 } from "../../sampler/publish/js/sha256.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const VECTORS = join(ROOT, "tests/vectors");
export const OUTSIDE = join(process.env.SAMPLER_TEST_DATA ?? "", "vectors");

/** Why a test of outside data is skipped, or false. */
export const noOutside = process.env.SAMPLER_TEST_DATA && existsSync(OUTSIDE) ? false : "SAMPLER_TEST_DATA is not set";

export const bytesOf = (path) => new Uint8Array(readFileSync(path));
export const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Every file under a folder, by its path from there. */
export function tree(root) {
  const names = readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile());
  return new Map(names.sort().map((name) => [name, bytesOf(join(root, name))]));
}

/** The golden bundle, path -> bytes. */
export const golden = () => tree(join(VECTORS, "golden/bundle-12"));

/** The same files under a manifest that fits them. */
export function relisted(files) {
  const out = new Map(files);
  const manifest = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
  const paths = [...files.keys()].filter((path) => path !== "manifest.json").sort();
  manifest.files = paths.map((path) => ({ path, sha256: hex(sha256(files.get(path))), size: files.get(path).length }));
  return out.set("manifest.json", encode(manifest));
}

/** A generator of numbers below n: the same in every run. */
export function dice(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
}
