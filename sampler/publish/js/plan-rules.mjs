/**
 * What a plan must satisfy beyond the kinds of its fields (records.md 3.2).
 */

import { compare, H, hex } from "./bytes.mjs";
import { require } from "./errors.mjs";

const REASONS = ["status", "no-class", "no-clause", "ratio-zero", "cap"];
const TEAM = 2; // 行政处罚法 art. 42: no visit by one officer alone

const ask = (good, code, field) => require(good, code, "a plan whose parts do not fit together", `$.${field}`);
const distinct = (list) => new Set(list).size === list.length;
const sorted = (list) => [...list].sort(compare).join(" ");
const counted = (template) => template.groups.filter((group) => !group.needs.includes("expert"));

function fraction({ num, den }, field) {
  ask(BigInt(num) >= 0n && BigInt(num) <= BigInt(den), "PLAN_RATIO", field);
}

function clauses(plan) {
  ask(plan.clauses.length > 0 && distinct(plan.clauses.map((c) => c.clause)), "PLAN_CLAUSES", "clauses");
  for (const clause of plan.clauses) {
    const year = clause.period === "year";
    const fits = ["drawn", "batches_left"].every((field) => Object.hasOwn(clause, field) === year);
    ask(fits, "PLAN_CLAUSE_PERIOD", "clauses");
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

function limited({ assignment: { limits = [] }, districts }) {
  const known = limits.every((one) => one.districts.length > 0 && one.districts.every((d) => districts.includes(d)));
  ask(known && laminar(limits.map((one) => one.districts)), "PLAN_LIMITS", "assignment.limits");
}

function areas({ jurisdiction, clusters = [], ladder }) {
  ask((jurisdiction === "cluster") === clusters.length > 0, "PLAN_JURISDICTION", "assignment.jurisdiction");
  ask(distinct(clusters.flatMap((cluster) => cluster.districts)), "PLAN_CLUSTERS", "assignment.clusters");
  const rungs = ladder.map((rung) => rung.rung);
  ask(rungs.length > 0 && distinct(rungs) && !rungs.includes("vacancy"), "PLAN_LADDER", "assignment.ladder");
}

/** The objects of a list are visited because it names them, not by the rules of rest. */
function targeted({ target, visits, clauses: list, units, cooldown, grace }) {
  if (target === undefined) return;
  const { when, triggers, given } = target;
  const filled = when === undefined || ["types", "industries", "tags"].some((field) => when[field] !== undefined);
  const aims = [when, triggers, given].filter((one) => one !== undefined);
  ask(aims.length === 1 && filled, "PLAN_TARGET", "target");
  if (when !== undefined) return;
  ask((triggers ?? []).every((one) => one.date <= visits.to), "PLAN_TRIGGER", "target.triggers");
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
}

/** Refuse a plan whose parts do not fit together. */
export function checkPlan(plan) {
  ask(plan.visits.from <= plan.visits.to, "PLAN_VISITS", "visits");
  const reasons = [...REASONS, ...(plan.target ? ["off-target"] : []), ...(plan.grace === undefined ? [] : ["grace"])];
  ask(sorted(plan.exclusions) === sorted(reasons), "PLAN_EXCLUSIONS", "exclusions");
  ask(plan.items.length > 0, "PLAN_ITEMS", "items");
  fraction(plan.risk.floor, "risk.floor");
  fraction(plan.q_max, "q_max");
  clauses(plan);
  templates(plan);
  areas(plan.assignment);
  limited(plan);
  targeted(plan);
  lotted(plan);
  if (plan.batches !== undefined) checkBatches(plan.batches, plan.districts);
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
