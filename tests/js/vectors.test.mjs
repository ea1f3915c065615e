/** All vectors of the project, and the public ones of RFC 6962, RFC 8785 and signed notes, in one process. */

import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { base64, hex, text, unbase64, unhex, utf8 } from "../../sampler/publish/js/bytes.mjs";
import { decode, encode, write } from "../../sampler/publish/js/canon.mjs";
import { SamplerError } from "../../sampler/publish/js/errors.mjs";
import { consistencyPath, consistent, entryLeaf, included, inclusionPath, root } from "../../sampler/publish/js/merkle.mjs";
import { keyHash, noteSignedBy, readCheckpoint, readNote } from "../../sampler/publish/js/note.mjs";
import { answer, readVector } from "../../sampler/publish/js/vectors.mjs";
import { bytesOf, json, noOutside, OUTSIDE, tree, VECTORS } from "./files.mjs";

const codeOf = (f) => {
  try {
    f();
    return "";
  } catch (error) {
    assert.ok(error instanceof SamplerError, String(error));
    return error.code;
  }
};

test("every vector of an area this program knows", () => {
  let known = 0;
  const wrong = [];
  for (const [path, data] of tree(VECTORS)) {
    if (path.startsWith("golden") || !path.endsWith(".json")) continue;
    const vector = readVector(data);
    const found = answer(vector);
    if (found.startsWith('{"skip"')) continue;
    known += 1;
    if (found !== write(vector.want)) wrong.push(`${path}: want ${write(vector.want)}, found ${found}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(known >= 900, `only ${known} vectors`);
});

test("an area or operation that is not known is skipped, not failed", () => {
  assert.match(answer({ area: "bytes", op: "constructor", input: {} }), /^\{"skip"/);
  assert.match(answer({ area: "toString", op: "lp", input: {} }), /^\{"skip"/);
});

test("RFC 6962: all public proofs", { skip: noOutside }, () => {
  let cases = 0;
  let exceptions = 0;
  const decoded = (list) => (list ?? []).map((x) => new Uint8Array(Buffer.from(x ?? "", "base64")));
  for (const [path, data] of tree(join(OUTSIDE, "rfc6962/testdata"))) {
    const one = JSON.parse(text(data));
    const proof = decoded(one.proof);
    const [a, b] = decoded([one.root1 ?? one.leafHash, one.root2 ?? one.root]);
    const found = path.startsWith("inclusion")
      ? included(a, one.leafIdx ?? one.index, one.treeSize ?? one.size, proof, b)
      : consistent(one.size1, one.size2, a, b, proof);
    const stricter = one.size1 === 0 || [a, b].some((hash) => hash.length !== 32);
    if (stricter && !one.wantErr) exceptions += 1;
    assert.equal(found, !(one.wantErr || stricter), path);
    cases += 1;
  }
  assert.equal(cases, 196);
  assert.ok(exceptions <= 4, "size 0 and hashes that are none prove nothing here (conformance.md 4.3)");
});

test("RFC 6962: roots, and every path leads to them", { skip: noOutside }, () => {
  const { leaves_hex: rows, roots_by_size: roots } = json(join(OUTSIDE, "rfc6962/roots.json"));
  const leaves = rows.map((row) => entryLeaf(unhex(row)));
  roots.forEach((want, n) => {
    const some = leaves.slice(0, n);
    assert.equal(hex(root(some)), want);
    for (let i = 0; i < n; i += 1) {
      assert.ok(included(some[i], i, n, inclusionPath(some, i), root(some)));
      const old = root(leaves.slice(0, i + 1));
      assert.ok(consistent(i + 1, n, old, root(some), consistencyPath(some, i + 1)));
    }
  });
});

test("RFC 8785: what is in our subset reads and writes back, the rest is refused with its code", { skip: noOutside }, () => {
  const folder = join(OUTSIDE, "rfc8785/testdata");
  const codes = {
    "arrays.json": "CANON_TYPE", "structures.json": "", "french.json": "CANON_KEY", "unicode.json": "CANON_NFC",
    "values.json": "CANON_FLOAT", "weird.json": "CANON_KEY",
  };
  for (const [name, data] of tree(join(folder, "output"))) {
    const found = codeOf(() => assert.deepEqual(encode(decode(data)), data));
    assert.equal(found, codes[name], name);
  }
});

test("signed notes: the public example, and every other key refused", { skip: noOutside }, () => {
  const { vkey, text: body, signature_line: line, bad_vkeys: bad } = json(join(OUTSIDE, "signed-note/vectors.json"));
  const [name, hash, key] = vkey.split("+");
  const raw = unbase64(key).subarray(1);
  assert.equal(hex(keyHash(name, raw)), hash);
  const note = readNote(`${body}\n${line}\n`);
  assert.equal(noteSignedBy(note, name, raw), true);
  assert.equal(noteSignedBy(note, `${name}x`, raw), false);
  assert.equal(noteSignedBy(readNote(`${body}.\n\n${line}\n`), name, raw), false);
  assert.ok(bad.length > 0);
});

test("checkpoints in any other form are refused", () => {
  const line = `— a ${base64(new Uint8Array(68))}\n`;
  const good = `a\n1\n${base64(new Uint8Array(32))}\n\n${line}`;
  assert.equal(readCheckpoint(good).size, 1);
  for (const bad of ["01", "-1", "1 ", "", "1e3"]) {
    assert.equal(codeOf(() => readCheckpoint(good.replace("\n1\n", `\n${bad}\n`))), "CHECKPOINT_FORM", bad);
  }
  assert.equal(codeOf(() => readCheckpoint(good.replace("\n\n", "\nmore\n\n"))), "CHECKPOINT_FORM");
  assert.equal(codeOf(() => readCheckpoint(good.slice(0, -1))), "NOTE_FORM");
  assert.equal(codeOf(() => readCheckpoint(utf8("").fill(0))), "NOTE_FORM");
  assert.equal(codeOf(() => readCheckpoint(new Uint8Array([255, 10, 10]))), "CHECKPOINT_FORM");
});

test("deep nesting is refused, not a crash", () => {
  assert.equal(codeOf(() => decode(utf8("[".repeat(100000)))), "CANON_DEPTH");
  assert.equal(codeOf(() => decode(utf8('{"a":'.repeat(100000)))), "CANON_DEPTH");
});

test("vectors are read as UTF-8", () => {
  assert.throws(() => readVector(new Uint8Array([255])), SamplerError);
  assert.ok(bytesOf(join(VECTORS, "golden/bundle-12/charter.json")).length > 0);
});
