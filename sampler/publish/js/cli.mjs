#!/usr/bin/env node
/**
 * The second implementation on the command line (conformance.md 1): `verify FOLDER`, `vectors FILE...`, `without`.
 */

import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENTRIES, ownLog } from "./sharedlog.mjs";
import { answer, readVector, WITHOUT } from "./vectors.mjs";
import { verify } from "./verify.mjs";

/** From a copy's folder, data/DRAW/DIGEST, to its site, whose log is that of all copies. */
const SITE = "../../..";
const MARKS = { ok: "✓", fail: "✗", na: "-" };

/** Files of a folder as the replay sees them; links and other things that are no plain files are refused. */
export function folder(root) {
  const paths = [];
  const walk = (prefix) => {
    for (const name of readdirSync(join(root, prefix)).sort()) {
      const path = prefix ? `${prefix}/${name}` : name;
      const kind = lstatSync(join(root, path));
      if (kind.isDirectory()) walk(path);
      else if (kind.isFile()) paths.push(path);
      else throw new Error(`${path} is no plain file`);
    }
  };
  walk("");
  const read = (path) => new Uint8Array(readFileSync(join(root, path)));
  const shared = join(root, SITE, ENTRIES);
  if (paths.includes(ENTRIES) || !existsSync(shared)) return { read, paths };
  const log = ownLog((path) => (paths.includes(path) ? read(path) : undefined), new Uint8Array(readFileSync(shared)));
  return { read: (path) => (path === ENTRIES ? log : read(path)), paths: [...paths, ENTRIES] };
}

function parse(words) {
  const options = { lang: "zh" };
  const rest = [];
  const names = { "--charter": "charter", "--head": "head", "--seal-code": "sealCode", "--lang": "lang" };
  for (let i = 0; i < words.length; i += 1) {
    if (words[i] === "--json") options.json = true;
    else if (names[words[i]] && i + 1 < words.length) options[names[words[i]]] = words[(i += 1)];
    else if (words[i].startsWith("--")) throw new Error(`unknown option ${words[i]}`);
    else rest.push(words[i]);
  }
  if (!["zh", "en"].includes(options.lang)) throw new Error("--lang zh or en");
  return { options, rest };
}

/** One line that cannot move the cursor or pass for another line. */
const plain = (line) => line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\x${c.codePointAt(0).toString(16).padStart(2, "0")}`);

function print(report, { json, lang }) {
  const told = report.steps.map((s) => ({ ...s, want: s.want[lang], found: s.found[lang], meaning: s.meaning[lang] }));
  const notProved = report.not_proved.map((one) => one[lang]);
  if (json) {
    const { ok, steps, ...data } = report;
    const body = { ...data, steps: told, not_proved: notProved };
    return `${JSON.stringify({ schema: "sampler/verify/v1", ok, exit: ok ? 0 : 1, data: body, warnings: [], errors: [] })}\n`;
  }
  const lines = told.map((s) => {
    const detail = s.status === "fail" ? ` [${s.file}] ${s.want} / ${s.found}` : s.found && ` (${s.found})`;
    return `${MARKS[s.status]} ${String(s.no).padStart(2)} ${s.id}: ${s.meaning}${detail}`;
  });
  return `${[...lines, "", ...notProved.map((one) => `? ${one}`)].map(plain).join("\n")}\n`;
}

function verifyFolder({ options, rest }) {
  if (rest.length !== 1) throw new Error("verify FOLDER");
  const { read, paths } = folder(rest[0]);
  if (!paths.includes("manifest.json")) throw new Error("no manifest.json: not a bundle");
  const head = options.head ? new Uint8Array(readFileSync(options.head)) : undefined;
  const report = verify(read, paths, { ...options, head });
  process.stdout.write(print(report, options));
  return report.ok ? 0 : 1;
}

function vectorFiles({ rest }) {
  for (const path of rest) {
    process.stdout.write(`${path}\t${answer(readVector(new Uint8Array(readFileSync(path))))}\n`);
  }
  return 0;
}

function without() {
  process.stdout.write(WITHOUT.map((name) => `${name}\n`).join(""));
  return 0;
}

function main([command, ...words]) {
  const commands = { verify: verifyFolder, vectors: vectorFiles, without };
  if (!Object.hasOwn(commands, command ?? "")) throw new Error("verify FOLDER | vectors FILE... | without");
  return commands[command](parse(words));
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${plain(error.message)}\n`);
  process.exitCode = 2;
}
