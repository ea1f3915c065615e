/** The replay of the golden bundle, and what must be refused. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { utf8 } from "../../sampler/publish/js/bytes.mjs";
import { replay, verify } from "../../sampler/publish/js/verify.mjs";
import { dice, golden, relisted, ROOT, VECTORS } from "./files.mjs";

const FLIPS = Number(process.env.SAMPLER_FLIPS ?? 12);
const judge = (files, options) => verify((path) => files.get(path), [...files.keys()], options);
const SEAL_CODE = /: .*?((?:[0-9a-f]{4} ?){10})$/;

test("the golden bundle is proved, with what is not proved said", () => {
  const report = judge(golden());
  assert.deepEqual(report.steps.filter((s) => s.status === "fail"), []);
  assert.deepEqual([report.ok, report.first_failed, report.draw_id], [true, null, "DEMO-2026-0001"]);
  assert.ok(report.not_proved.length >= 8);
  for (const { want, meaning } of report.steps) assert.ok(want.zh && want.en && meaning.zh && meaning.en);
});

test("what a reader brings along is checked: charter, head, seal code", () => {
  const files = golden();
  const told = judge(files).not_proved.map((one) => one.zh);
  const charter = /[0-9a-f]{64}/.exec(told.find((t) => t.includes("章程的指纹")))[0];
  const sealCode = SEAL_CODE.exec(told.find((t) => t.includes("封存码")))[1];
  const head = files.get("log/checkpoint");
  assert.equal(judge(files, { charter, sealCode, head }).ok, true);
  assert.equal(judge(files, { charter: charter.replace(/^./, (c) => (c === "0" ? "1" : "0")) }).first_failed, 3);
  assert.equal(judge(files, { sealCode: "0000" }).first_failed, 7);
  assert.equal(judge(files, { head: utf8("x") }).first_failed, 5);
});

test("steps come one by one, for pages that show progress", () => {
  const files = golden();
  const seen = [];
  const run = replay((path) => files.get(path), [...files.keys()], { progress: (id, share) => seen.push([id, share]) });
  const ids = [];
  for (let one = run.next(); !one.done; one = run.next()) ids.push(one.value.id);
  assert.equal(ids.length, 16);
  assert.deepEqual(new Set(seen.map(([id]) => id)), new Set(["probabilities", "selection", "assignment"]));
  assert.ok(seen.every(([, share]) => share > 0 && share <= 1));
});

test("a changed bit of any file is found at step 1", () => {
  const next = dice(1);
  for (const [path, data] of golden()) {
    for (let i = 0; i < FLIPS; i += 1) {
      const changed = Uint8Array.from(data);
      changed[next(data.length)] ^= 1 << next(8);
      const files = golden().set(path, changed);
      const run = replay((name) => files.get(name), [...files.keys()]);
      assert.equal(run.next().value.status, "fail", path);
    }
  }
});

test("files missing, added, renamed", () => {
  for (const path of golden().keys()) {
    const files = golden();
    files.delete(path);
    assert.equal(judge(files).ok, false, path);
    if (path === "manifest.json") continue;
    const report = judge(relisted(files));
    assert.equal(report.ok, false, path);
  }
  assert.equal(judge(golden().set("notes.txt", utf8("x"))).first_failed, 1);
  assert.equal(judge(relisted(golden().set("notes.txt", utf8("x")))).first_failed, 1);
  assert.equal(judge(relisted(golden().set("evidence/..", utf8("x")))).first_failed, 1);
});

test("nothing but a report comes of garbage", () => {
  const next = dice(7);
  for (const [path, data] of golden()) {
    const cut = data.subarray(0, next(data.length));
    for (const bad of [new Uint8Array(0), cut, utf8("[]"), utf8("{}"), utf8("null"), utf8("\n")]) {
      if (path === "manifest.json") assert.equal(judge(golden().set(path, bad)).first_failed, 1);
      else assert.equal(judge(relisted(golden().set(path, bad))).ok, false, path);
    }
  }
});

test("the command: exit 0, 1, 2, and links refused", () => {
  const cli = join(ROOT, "sampler/publish/js/cli.mjs");
  const call = (...words) => spawnSync(process.execPath, [cli, ...words], { encoding: "utf8" });
  const good = call("verify", join(VECTORS, "golden/bundle-12"), "--json");
  assert.equal(good.status, 0);
  const { schema, ok, exit, data } = JSON.parse(good.stdout);
  assert.deepEqual([schema, ok, exit, data.steps.length], ["sampler/verify/v1", true, 0, 16]);
  assert.equal(call("verify", join(VECTORS, "golden/bundle-12"), "--seal-code", "1").status, 1);
  assert.match(call("verify", join(VECTORS, "golden/bundle-12"), "--lang", "en").stdout, /every record is signed/);
  const empty = mkdtempSync(join(tmpdir(), "bundle-"));
  try {
    assert.equal(call("verify", empty).status, 2);
    writeFileSync(join(empty, "manifest.json"), "{}");
    assert.equal(call("verify", empty).status, 1);
  } finally {
    rmSync(empty, { recursive: true });
  }
  for (const words of [[], ["verify"], ["vectors", "nowhere.json"], ["verify", "--x"], ["toString"]]) {
    assert.equal(call(...words).status, 2, words.join(" "));
  }
});
