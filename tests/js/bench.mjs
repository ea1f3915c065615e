/** How fast the JavaScript is: one JSON object of seconds, read by tests/bench_javascript.py. */

import { createHash } from "node:crypto";
import { hex, unhex, utf8 } from "../../sampler/publish/js/bytes.mjs";
import { verifySignature } from "../../sampler/publish/js/ed25519.mjs";
import { levels, weights } from "../../sampler/publish/js/levels.mjs";
import { blindedLeaf, root } from "../../sampler/publish/js/merkle.mjs";
import { inclusion } from "../../sampler/publish/js/probability.mjs";
import { choose } from "../../sampler/publish/js/select.mjs";
import { sha256 } from "../../sampler/publish/js/sha256.mjs";
import { dice, golden } from "./files.mjs";
import { verify } from "../../sampler/publish/js/verify.mjs";

const HASHES = 500_000;
const clock = (f) => {
  const start = process.hrtime.bigint();
  f();
  return Number(process.hrtime.bigint() - start) / 1e9;
};
const best = (times, f) => Math.min(...Array.from({ length: times }, () => clock(f)));
const message = new Uint8Array(55);

async function subtle(count) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) await crypto.subtle.digest("SHA-256", message);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

const out = {
  node: process.version,
  hash: best(3, () => { for (let i = 0; i < HASHES; i += 1) { message[0] = i; sha256(message); } }) / HASHES,
  native: best(3, () => { for (let i = 0; i < HASHES / 5; i += 1) createHash("sha256").update(message).digest(); }) / (HASHES / 5),
  subtle: (await subtle(20_000)) / 20_000,
};

const key = new Uint8Array(32);
const frame = (n) => Array.from({ length: n }, (_, i) => ({ id: `91310101MA${String(i).padStart(8, "0")}`, L: 1 + ((i * 2654435761) % 4294967295) }));
out.select = Object.fromEntries([50_000, 500_000].map((n) => [n, best(2, () => choose(frame(n), key, n / 50, 5))]));

const next = dice(3);
const risks = Array.from({ length: 50_000 }, () => next(1_000_001));
let found;
out.levels = best(1, () => { found = levels(weights(risks, { num: 1n, den: 5n }, 2), 1000, false).levels; });
out.distinct = found.length;
out.pi = best(1, () => inclusion(found.map((l) => Math.max(1, Math.round(l.target_e12 * 4294967296e-12))), found.map((l) => l.count), 1000));
const rows = frame(50_000).map((u) => `${u.id}\t-\tA\tenterprise\t310101\tF51\t-\tA.firm.310101\t1`);
out.root = best(2, () => root(rows.map((row) => blindedLeaf("frame", "X-2026-0001", row, message.subarray(0, 16)))));

const [pk, sig] = ["3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"].map(unhex);
out.signature = best(5, () => verifySignature(pk, unhex("72"), sig));
const files = golden();
out.golden = best(5, () => verify((path) => files.get(path), [...files.keys()]));
out.check = hex(sha256(utf8("abc"))).slice(0, 8);
process.stdout.write(`${JSON.stringify(out)}\n`);
