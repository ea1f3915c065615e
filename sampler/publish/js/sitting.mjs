/**
 * What the other draws of a sitting took of the officers' loads (assignment.md 5.2, 14.8; records.md 6).
 */

import { AWAY } from "./amend.mjs";
import { demand, same } from "./bundle.mjs";
import { compare } from "./bytes.mjs";

const FILE = "log/entries";
const TOLD = ["draw", "void", "amendment"];

const othersOf = (bundle) => {
  const { draw_id } = bundle.get("registration.json");
  return bundle.get("sitting.json").commitments.map((c) => c.draw_id).filter((id) => id !== draw_id);
};

/** Count the visits of an assignment, as amendments of it left them. */
function count(found, assignment, amendments = []) {
  const add = (members, n) => members.forEach((m) => found.set(m.inspector_id, (found.get(m.inspector_id) ?? 0) + n));
  for (const { members } of assignment.teams) add(members, 1);
  for (const { changes } of amendments) {
    for (const { entering, leaving } of changes) {
      add(entering, 1);
      add(leaving, -1);
    }
  }
}

/** Types of another draw's entries before a place of the log; each must be shown. */
function happened(bundle, other, end) {
  const shown = new Set(bundle.get("log/proofs.json").records.map((r) => r.index));
  const found = [];
  bundle.get(FILE).slice(0, end).forEach((e, i) => {
    if (e.draw_id !== other || !TOLD.includes(e.type)) return;
    demand(shown.has(i), FILE, `${other} ${e.type}`, "-", "同场次另一任务的记录被隐去, 工作量无从核对", "a record of another draw is hidden");
    found.push(e.type);
  });
  const done = found.includes("draw") || found.includes("void");
  demand(done, FILE, other, "-", "同场次的任务没有先抽取", "a draw of the sitting that was to come first");
  return found;
}

/** Who visits what in another draw: drawn, or with its void what would have been drawn. */
function assignmentOf(bundle, other, ghost) {
  const [file, path] = [`sitting/${other}/draw.json`, `sitting/${other}/assignment.json`];
  const draw = bundle.get(file);
  same(path, draw.assignment, bundle.digest(path), "派员文件不是抽取时的那一份", "not the recorded file");
  if (ghost) same(file, ghost.draw, bundle.rhash(draw), "不是作废时公布的抽取", "not the draw that the void names");
  return bundle.get(path);
}

/** Visits by officer in the sitting's draws of smaller draw_id, as they were drawn. @returns {Map<string, number>} */
export function usedBefore(bundle) {
  const { draw_id } = bundle.get("registration.json");
  const entries = bundle.get(FILE);
  const own = entries.findIndex((e) => e.draw_id === draw_id && (e.type === "draw" || e.type === "void"));
  const found = new Map();
  for (const other of othersOf(bundle).filter((id) => compare(id, draw_id) < 0)) {
    const drawn = happened(bundle, other, own < 0 ? entries.length : own).includes("draw");
    const ghost = drawn ? null : bundle.get(`sitting/${other}/void.json`);
    if (!ghost || ghost.draw !== undefined) count(found, assignmentOf(bundle, other, ghost));
  }
  return found;
}

/**
 * What all other draws of the sitting had taken before a place of the log, where a cause stands.
 * @returns {{visits: Map<string, number>, away: string[]}}
 */
export function takenElsewhere(bundle, at) {
  const index = new Map(bundle.get("log/proofs.json").records.map((r) => [r.rhash, r.index]));
  const found = new Map();
  const away = [];
  for (const other of othersOf(bundle)) {
    const types = happened(bundle, other, at);
    const asked = bundle.get(FILE).slice(0, at).filter((e) => e.type === "amendment-cause" && e.draw_id === other).length;
    const done = types.filter((type) => type === "amendment").length;
    demand(asked === done, FILE, asked, done, "同场次另有事由在先, 还没有变更", "a cause of another draw still waits");
    if (types.includes("void")) continue;
    const changed = bundle.paths.filter((path) => path.startsWith(`sitting/${other}/amendments/`)).map((path) => bundle.get(path));
    const past = changed.filter((a) => index.get(bundle.rhash(a)) < at);
    count(found, assignmentOf(bundle, other, null), past);
    away.push(...past.filter((a) => AWAY.includes(a.cause.kind)).map((a) => a.cause.inspector_id));
  }
  return { visits: found, away };
}

/** A roster with the visits taken off that are used elsewhere. */
export const remaining = (roster, used) =>
  roster.map((row) => ({ ...row, max_load: String(Math.max(0, Number(row.max_load) - (used.get(row.inspector_id) ?? 0))) }));
