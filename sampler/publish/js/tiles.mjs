/**
 * The log as static files (log.md 1; C2SP tlog-tiles).
 */

import { concat, equal } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { entryLeaf, root } from "./merkle.mjs";

const WIDTH = 256;

/** Where a tile lies. */
export function tilePath(level, number, width) {
  const groups = [String(number % 1000).padStart(3, "0")];
  for (let left = Math.floor(number / 1000); left > 0; left = Math.floor(left / 1000)) {
    groups.unshift(`x${String(left % 1000).padStart(3, "0")}`);
  }
  return `tile/${level}/${groups.join("/")}${width < WIDTH ? `.p/${width}` : ""}`;
}

const parts = (list) => Array.from({ length: Math.ceil(list.length / WIDTH) }, (_, n) => list.slice(n * WIDTH, (n + 1) * WIDTH));

function bundle(data, width) {
  const found = [];
  let at = 0;
  while (at < data.length) {
    const end = at + 2 + data[at] * 256 + (data[at + 1] ?? 0);
    found.push(data.subarray(at + 2, end));
    at = end;
  }
  require(at === data.length && found.length === width, "TILE_FORM", `not ${width} whole entries`);
  return found;
}

/** Root of a log of `size`; every tile must follow from the entries. */
export function tilesRoot(size, read) {
  const leaves = [];
  for (let n = 0; n * WIDTH < size; n += 1) {
    const width = Math.min(WIDTH, size - n * WIDTH);
    leaves.push(...bundle(read(tilePath("entries", n, width)), width).map(entryLeaf));
  }
  for (let level = 0, hashes = leaves; hashes.length > 0; level += 1) {
    const tiles = parts(hashes);
    tiles.forEach((tile, n) => {
      const path = tilePath(level, n, tile.length);
      require(equal(read(path), concat(...tile)), "TILE_CHANGED", `${path} does not follow from the entries`);
    });
    hashes = tiles.filter((tile) => tile.length === WIDTH).map(root);
  }
  return root(leaves);
}
