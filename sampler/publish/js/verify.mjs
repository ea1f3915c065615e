/**
 * The replay: sixteen numbered steps, each ok, failed (want, found, meaning) or not applicable, then what is not proved
 * (PROTOCOL 7). The same for Node, pages and drop zones: files come through a function path -> bytes.
 */

import { tooMany } from "./assign-bans.mjs";
import { checkAssignment, drawnRows } from "./assign-check.mjs";
import { Bundle, same, VerifyError } from "./bundle.mjs";
import { unhex } from "./bytes.mjs";
import { drawnTickets, exclusions } from "./copies.mjs";
import { SamplerError } from "./errors.mjs";
import { amendments, attestation, results } from "./steps-after.mjs";
import { remaining, usedBefore } from "./sitting.mjs";
import { probabilities, selection, trees } from "./steps-draw.mjs";
import { charter, files, records, registration } from "./steps-files.mjs";
import { log, order, parties, publicValue, seed } from "./steps-log.mjs";
import { CLOSING, MEANINGS } from "./wording.mjs";

/** Step 13: the assignment is the one lawful assignment with the lowest ticket sum. */
function assignment(bundle, options) {
  const draw = bundle.get("draw.json");
  same("assignment.json", draw.assignment, bundle.digest("assignment.json"), "派员文件不是记录的那份", "not the recorded file");
  const record = bundle.get("assignment.json");
  const input = {
    plan: bundle.get("plan.json"),
    objects: drawnRows(bundle.get("frame.tsv"), draw.drawn),
    roster: remaining(bundle.get("roster.tsv"), usedBefore(bundle)),
    recusals: bundle.get("recusals.tsv"),
  };
  const seedBytes = unhex(bundle.get("seed.json").seed);
  checkAssignment(record, input, seedBytes, { progress: (share) => options.progress?.("assignment", share) });
  const found = { zh: `${record.teams.length} 组`, en: `teams: ${record.teams.length}` };
  const most = input.plan.assignment.together;
  const left = tooMany(record, most);
  const shown = left.slice(0, 5).map(([pair, n]) => `${pair} ${n}`).join(", ");
  if (left.length === 0) return { found };
  return {
    found,
    notProved: { zh: `有 ${left.length} 对人员同组超过 ${most} 次, 已无人可换: ${shown}`, en: `pairs that meet more than ${most} times, nobody else being there to go: ${left.length}, ${shown}` },
  };
}

/** Files a step reads; without them a published copy cannot be asked. */
const NEEDS = {
  registration: ["registration.json", "commitment.json"],
  log: ["log/proofs.json", "log/nonces.json", "sitting.json"],
  order: ["log/proofs.json", "commitment.json"],
  parties: ["sitting.json", "commitment.json", "closing.json"],
  "public-value": ["public-value.json", "sitting.json"],
  seed: ["seed.json", "public-value.json", "closing.json"],
  trees: ["frame.tsv", "excluded.tsv", "scores.csv", "items.tsv", "history.tsv"],
  probabilities: ["plan.json", "frame.tsv", "levels.tsv", "strata.tsv", "history.tsv", "scores.csv"],
  selection: ["draw.json", "frame.tsv", "levels.tsv", "strata.tsv", "tau.tsv", "seed.json"],
  assignment: ["assignment.json", "frame.tsv", "roster.tsv", "recusals.tsv", "seed.json"],
};

/** What a published copy can still be asked where the whole step cannot be run. */
const PARTIAL = {
  trees: (bundle) => !bundle.has("frame.tsv") && exclusions,
  selection: (bundle) => bundle.has("drawn.tsv") && drawnTickets,
};

/** The steps, in order. */
const STEPS = [
  ["files", files],
  ["records", records],
  ["charter", charter],
  ["registration", registration],
  ["log", log],
  ["order", order],
  ["parties", parties],
  ["public-value", publicValue],
  ["seed", seed],
  ["trees", trees],
  ["probabilities", probabilities],
  ["selection", selection],
  ["assignment", assignment],
  ["amendments", amendments],
  ["results", results],
  ["attestation", attestation],
];
const MUST = 13;
const READ = 2; // the step that judges whether files can be read; what later steps need of one that cannot stays open
const NOTHING = { zh: "", en: "" };

function failure(base, error) {
  if (error instanceof VerifyError) {
    return { ...base, status: "fail", want: { zh: error.want, en: error.want }, found: { zh: error.found, en: error.found },
      meaning: error.meaning, file: error.file };
  }
  const found = `${error.code} ${error.path}`.trim();
  return { ...base, status: "fail", found: { zh: found, en: found }, meaning: { zh: `不合规则: ${error.message}`, en: error.message } };
}

/** Run one step. */
function runStep([id, whole], no, bundle, options) {
  const part = options.partial && PARTIAL[id]?.(bundle);
  const check = part || whole;
  const base = { no, id, status: "ok", want: MEANINGS[id].want, found: NOTHING, meaning: MEANINGS[id].ok, file: "" };
  const absent = part ? [] : (NEEDS[id] ?? []).filter((path) => !bundle.has(path));
  if (absent.length && options.partial) return { ...base, status: "na", meaning: CLOSING.absent, file: absent[0] };
  try {
    const { found, notProved, na, meaning } = check(bundle, options);
    if (na) return { ...base, status: "na", found: found ?? NOTHING, meaning: meaning ?? notProved ?? MEANINGS[id].na, notProved };
    return { ...base, found: found ?? NOTHING, notProved };
  } catch (error) {
    if (error.unreadable && no > READ) return { ...base, status: "na", meaning: CLOSING.unreadable, file: error.file };
    if (error instanceof SamplerError) return failure(base, error);
    if (error instanceof RangeError || error instanceof TypeError) {
      return failure(base, new SamplerError("VERIFY_UNREADABLE", "the files do not hold together"));
    }
    throw error;
  }
}

/**
 * Run the steps one after the other; each is yielded when it is done, so that a page stays alive.
 * @param {(path: string) => Uint8Array} read
 * @param {string[]} paths every file of the directory, `/` between folders
 * @param {{charter?: string, head?: Uint8Array, sealCode?: string, progress?: (id: string, share: number) => void}} [options]
 * @returns {Generator<object, object>} the steps; the report at the end
 */
export function* replay(read, paths, options = {}) {
  const bundle = new Bundle(read, paths);
  const steps = [];
  const level = attempt(() => bundle.get("manifest.json").level) ?? "auditor";
  const asked = { ...options, partial: level !== "auditor" || paths.includes("void.json") };
  for (let i = 0; i < STEPS.length; i += 1) {
    const { notProved, ...step } = runStep(STEPS[i], i + 1, bundle, asked);
    steps.push({ step, notProved });
    if (step.no === MUST) bundle.cache.set("passed", passed(steps));
    yield step;
  }
  return report(bundle, level, steps);
}

/** Steps 1 to 13 as an attestation's report has them; null when one of them is not ok. */
function passed(done) {
  const steps = done.map(({ step: { id, no, status } }) => ({ id, no, status }));
  return steps.every((s) => s.status === "ok") ? steps : null;
}

function attempt(f) {
  try {
    return f();
  } catch (error) {
    if (error instanceof SamplerError) return null;
    throw error;
  }
}

function report(bundle, level, done) {
  const steps = done.map((d) => d.step);
  const failed = steps.find((s) => s.status === "fail");
  const open = steps.slice(0, MUST).some((s) => s.status !== "ok");
  const record = attempt(() => bundle.get("charter.json"));
  const notProved = done.flatMap((d) => (d.notProved ? [d.notProved] : []));
  if (record?.demo) notProved.unshift(CLOSING.demo);
  return {
    draw_id: attempt(() => bundle.get("manifest.json").draw_id) ?? "",
    level,
    ok: !open && !failed,
    first_failed: failed?.no ?? null,
    steps,
    not_proved: [...notProved, ...CLOSING.never],
  };
}

/** Run all steps at once. */
export function verify(read, paths, options) {
  const run = replay(read, paths, options);
  for (;;) {
    const { value, done } = run.next();
    if (done) return value;
  }
}
