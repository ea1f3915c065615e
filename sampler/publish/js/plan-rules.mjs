/**
 * What a plan must satisfy beyond the kinds of its fields (records.md 3.2).
 */

import { compare, H, hex } from "./bytes.mjs";
import { require } from "./errors.mjs";

const REASONS = ["status", "no-class", "no-clause", "ratio-zero", "cap"];
const LEVELS = ["open", "standard", "after-inspection"];
const CLASSES = ["A", "B", "C", "D"];
const TRIGGERS = ["complaint", "report", "recall", "accident", "alert", "transfer"];
const TEAM = 2; // 行政处罚法 art. 42: no visit by one officer alone
const MOST_ITEMS = 10000;

const ask = (good, code, field) => require(good, code, "a plan whose parts do not fit together", `$.${field}`);
const distinct = (list) => new Set(list).size === list.length;
const sorted = (list) => [...list].sort(compare).join(" ");
const counted = (template) => template.groups.filter((group) => !group.needs.includes("expert"));
const within = (n, low, high) => n >= low && n <= high;

function gcd(a, b) {
  return b === 0n ? a : gcd(b, a % b);
}

/** A share from 0 to 1 in lowest terms. */
function fraction({ num, den }, field) {
  const [n, d] = [BigInt(num), BigInt(den)];
  ask(d > 0n && n >= 0n && n <= d && gcd(n, d) === 1n, "PLAN_RATIO", field);
}

function clauses(plan) {
  ask(plan.clauses.length > 0 && distinct(plan.clauses.map((c) => c.clause)), "PLAN_CLAUSES", "clauses");
  for (const clause of plan.clauses) {
    const year = clause.period === "year";
    const fits = ["drawn", "batches_left"].every((field) => Object.hasOwn(clause, field) === year);
    ask((year || clause.period === "task") && fits && clause.batches_left !== 0, "PLAN_CLAUSE_PERIOD", "clauses");
    ask(clause.classes.every((c) => CLASSES.includes(c)), "PLAN_CLASS", "clauses");
  }
}

/** A joint team: every place has its department, and a lead of the initiating one. */
function joint(template, initiator) {
  const places = counted(template);
  if (places.every((group) => group.department === undefined)) return;
  const departments = places.map((group) => group.department);
  const leads = template.groups.filter((group) => group.needs.includes("lead")).map((group) => group.department);
  const led = leads.length > 0 && leads.every((department) => department === initiator);
  ask(!departments.includes(undefined) && departments.includes(initiator) && led, "PLAN_JOINT", "templates");
}

function templates({ templates: list, assignment }) {
  ask(list.length > 0 && list.at(-1).when === undefined, "PLAN_TEMPLATES", "templates");
  for (const template of list) {
    const size = counted(template).reduce((sum, group) => sum + group.count, 0);
    ask(size >= TEAM && template.groups.every((group) => group.count > 0), "PLAN_TEAM", "templates");
    joint(template, assignment.initiator);
  }
}

/** Are any two of these sets different, and nested or without a common member? */
export function laminar(families) {
  const sets = families.map((list) => new Set(list));
  return sets.every((a, i) => sets.slice(i + 1).every((b) => {
    const shared = [...a].filter((x) => b.has(x)).length;
    return shared === 0 || (shared === Math.min(a.size, b.size) && a.size !== b.size);
  }));
}

function limited({ assignment: { limits = [], together }, districts }) {
  const known = limits.every((one) => one.most > 0 && one.districts.length > 0 && one.districts.every((d) => districts.includes(d)));
  ask(known && laminar(limits.map((one) => one.districts)), "PLAN_LIMITS", "assignment.limits");
  ask(together !== 0, "PLAN_TOGETHER", "assignment.together");
}

function areas({ jurisdiction, clusters = [] }) {
  const known = ["district", "cluster", "any"].includes(jurisdiction);
  ask(known && (jurisdiction === "cluster") === clusters.length > 0, "PLAN_JURISDICTION", "assignment.jurisdiction");
  ask(distinct(clusters.flatMap((cluster) => cluster.districts)), "PLAN_CLUSTERS", "assignment.clusters");
}

function laddered({ ladder }) {
  const rungs = ladder.map((rung) => rung.rung);
  ask(rungs.length > 0 && distinct(rungs) && !rungs.includes("vacancy"), "PLAN_LADDER", "assignment.ladder");
}

/** The objects of a list are visited because it names them, not by the rules of rest. */
function targeted({ target, visits, clauses: list, units, cooldown, grace }) {
  ask(grace === undefined || within(grace, 1, 36), "PLAN_GRACE", "grace");
  if (target === undefined) return;
  const { when, triggers, given } = target;
  const filled = when === undefined || ["types", "industries", "tags"].some((field) => when[field] !== undefined);
  const aims = [when, triggers, given].filter((one) => one !== undefined);
  ask(aims.length === 1 && filled, "PLAN_TARGET", "target");
  if (when !== undefined) return;
  ask((triggers ?? []).every((one) => TRIGGERS.includes(one.reason) && one.date <= visits.to), "PLAN_TRIGGER", "target.triggers");
  const yearly = list.some((clause) => clause.period === "year");
  const free = units === undefined && cooldown.length === 0 && grace === undefined && !yearly;
  ask(free && (triggers ?? given.objects).length > 0, "PLAN_TARGET", "target");
  if (triggers !== undefined) return;
  const whole = list.every((clause) => clause.ratio === "100%");
  ask(whole && given.date <= visits.to, "PLAN_GIVEN", "target.given");
}

/** Sizes of lots where a clause takes items, and only there. */
function lotted({ clauses: list, lots }) {
  const sampled = list.some((clause) => clause.sample !== undefined);
  ask((lots !== undefined) === sampled && lots?.length !== 0, "PLAN_LOTS", "lots");
  const numbers = [...list.flatMap((clause) => clause.sample ?? []), ...(lots ?? []).map((lot) => lot.size)];
  ask(numbers.every((n) => within(n, 1, MOST_ITEMS)), "PLAN_LOTS", "lots");
}

/** Words and numbers that stand alone. */
function scalars({ disclosure, visits, exclusions, target, grace, items, risk, units, q_max, cooldown, types, districts }) {
  ask(LEVELS.includes(disclosure), "PLAN_LEVEL", "disclosure");
  ask(visits.from <= visits.to, "PLAN_VISITS", "visits");
  const reasons = [...REASONS, ...(target ? ["off-target"] : []), ...(grace === undefined ? [] : ["grace"])];
  ask(sorted(exclusions) === sorted(reasons), "PLAN_EXCLUSIONS", "exclusions");
  ask(items.length > 0, "PLAN_ITEMS", "items");
  ask(risk.gamma <= 3, "PLAN_GAMMA", "risk.gamma");
  ask(units === undefined || units === "owner", "PLAN_UNITS", "units");
  fraction(risk.floor, "risk.floor");
  fraction(q_max, "q_max");
  ask(cooldown.every((c) => c.months <= 24 && CLASSES.includes(c.class)), "PLAN_COOLDOWN", "cooldown");
  const places = [...types.map((t) => t.stratum), ...districts];
  ask(places.every((place) => !place.includes(".") && place.length <= 30), "PLAN_PART", "types, districts");
}

/** Refuse a plan whose parts do not fit together (records.md 3.2, in its order). */
export function checkPlan(plan) {
  scalars(plan);
  clauses(plan);
  templates(plan);
  areas(plan.assignment);
  limited(plan);
  laddered(plan.assignment);
  targeted(plan);
  if (plan.batches !== undefined) checkBatches(plan.batches, plan.districts);
  lotted(plan);
}

/** Refuse batches that are fewer than two or do not hold every district exactly once. */
export function checkBatches(batches, districts) {
  const held = batches.flatMap((batch) => batch.districts);
  ask(batches.length > 1 && sorted(held) === sorted(districts), "PLAN_BATCHES", "batches");
}

/** The order of batches: by increasing H("batch", seed, batch), ties by id (records.md 3.8). */
export function batchOrder(batches, seed) {
  const hash = new Map(batches.map(({ batch }) => [batch, hex(H("batch", seed, batch))]));
  return [...hash.keys()].sort((a, b) => compare(hash.get(a), hash.get(b)) || compare(a, b));
}
