/**
 * Who may visit what: eligibility, templates, blocks, loads (assignment.md 2 to 5). Depends on the seal and the drawn
 * objects alone, never on tickets.
 */

import { compare } from "./bytes.mjs";
import { require } from "./errors.mjs";
import { laminar } from "./plan-rules.mjs";
import { listOf } from "./tables.mjs";

const DAY = 86400000;

/** Days of leave inside the window, both ends included. */
function leaveDays(leave, { from, to }) {
  const days = new Set();
  for (const interval of leave) {
    const [a, b] = interval.split("..");
    const [first, last] = [a > from ? a : from, b < to ? b : to];
    for (let t = Date.parse(first); t <= Date.parse(last); t += DAY) days.add(t);
  }
  return days.size;
}

/** Places filled before the seed: officers by object and group (assignment.md 2). */
export function fixedPlaces(plan) {
  const out = new Map();
  for (const { object_id, group, inspector_id } of plan.assignment.fixed ?? []) {
    const name = `${object_id} ${group}`;
    out.set(name, (out.get(name) ?? new Set()).add(inspector_id));
  }
  return out;
}
const noneFixed = new Map();

/** Districts an officer may visit; null: every district (assignment.md 2). */
function areaOf(row, { jurisdiction, clusters = [], cross = [] }) {
  if (jurisdiction === "any" || row.district === "*") return null;
  const cluster = jurisdiction === "cluster" ? clusters.find((c) => c.districts.includes(row.district)) : undefined;
  const authorised = cross.filter((c) => c.inspector_id === row.inspector_id).map((c) => c.district);
  return new Set([row.district, ...(cluster?.districts ?? []), ...authorised]);
}

/** An officer as the rules see it. */
function readOfficer(row, plan, recusals) {
  const items = listOf(row.items);
  const own = recusals.filter((r) => r.inspector === row.inspector_id);
  return {
    id: row.inspector_id,
    role: row.role,
    department: row.department,
    area: areaOf(row, plan.assignment),
    load: Number(row.max_load),
    qualifications: new Set(listOf(row.qualifications)),
    expired: row.expiry < plan.visits.to,
    away: leaveDays(listOf(row.leave), plan.visits) > plan.assignment.leave_days,
    short: row.items !== "-" && plan.items.some((item) => !items.includes(item)),
    objects: new Set(own.filter((r) => r.kind === "object").map((r) => r.target)),
    owners: new Set(own.filter((r) => r.kind === "owner").map((r) => r.target)),
  };
}

/**
 * Why an officer may not serve in a group of an object; empty when he may (assignment.md 2).
 * @returns {string} reason code, the first that holds
 */
export function whyNot(officer, object, group, fixed = noneFixed) {
  const expert = group.needs.includes("expert");
  const owner = object.owner_id === "-" ? object.object_id : object.owner_id;
  const named = fixed.get(`${object.object_id} ${group.group}`);
  const reasons = [
    ["expert", expert !== (officer.role === "expert")],
    ["department", group.department !== undefined && group.department !== officer.department],
    ["certificate", officer.expired],
    ["leave", officer.away],
    ["jurisdiction", officer.area !== null && !officer.area.has(object.district)],
    ["recusal", officer.objects.has(object.object_id) || officer.owners.has(owner)],
    ["items", officer.short],
    ["needs", group.needs.some((need) => need !== "expert" && !officer.qualifications.has(need))],
    ["fixed", named !== undefined && !named.has(officer.id)],
  ];
  return reasons.find(([, holds]) => holds)?.[0] ?? "";
}

/** Does a template fit an object (assignment.md 3.1)? */
function fits(template, object) {
  const { types, industries, tags } = template.when ?? {};
  const own = listOf(object.tags);
  return (
    (types === undefined || types.includes(object.type)) &&
    (industries === undefined || (object.industry !== "-" && industries.some((x) => object.industry.startsWith(x)))) &&
    (tags === undefined || tags.some((tag) => own.includes(tag)))
  );
}

/** Can distinct officers fill every place of the groups (augmenting paths)? */
function fullTeam(groups) {
  const places = groups.flatMap((g) => Array.from({ length: g.k }, () => g.officers.filter((o) => o.load >= 1)));
  const taken = new Map();
  const place = (i, seen) => {
    for (const officer of places[i]) {
      if (seen.has(officer)) continue;
      seen.add(officer);
      if (!taken.has(officer) || place(taken.get(officer), seen)) {
        taken.set(officer, i);
        return true;
      }
    }
    return false;
  };
  return places.every((_, i) => place(i, new Set()));
}

/** Groups of an object under a template, with the officers eligible for each. */
function groupsOf(template, object, officers, fixed) {
  return template.groups.map((g) => ({
    object: object.object_id,
    group: g.group,
    k: g.count,
    needs: g.needs,
    department: g.department,
    officers: officers.filter((o) => whyNot(o, object, g, fixed) === ""),
  }));
}

/** The template an object takes, and its groups (assignment.md 3.3). */
export function team(plan, object, officers, fixed) {
  for (const template of plan.templates) {
    if (!fits(template, object)) continue;
    const groups = groupsOf(template, object, officers, fixed);
    if (fullTeam(groups)) return { object, template: template.template, groups };
  }
  const last = plan.templates[plan.templates.length - 1];
  return { object, template: last.template, groups: groupsOf(last, object, officers, fixed) };
}

/** Clusters share no district and are there where they are needed (assignment.md 2). */
function checkAreas({ assignment: { jurisdiction, clusters } }) {
  const districts = (clusters ?? []).flatMap((c) => c.districts);
  require(new Set(districts).size === districts.length, "PLAN_CLUSTERS", "a district in two clusters");
  require(jurisdiction !== "cluster" || clusters, "PLAN_JURISDICTION", "the jurisdiction needs clusters");
}

/** Joint visits: each department its own, the initiator leads (assignment.md 2). */
function checkJoint({ groups }, initiator) {
  if (groups.every((g) => g.department === undefined)) return;
  const own = groups.filter((g) => !g.needs.includes("expert"));
  const lead = own.filter((g) => g.needs.includes("lead")).every((g) => g.department === initiator);
  const known = groups.some((g) => g.department === initiator);
  require(own.every((g) => g.department !== undefined) && lead && known, "PLAN_JOINT", "departments of a joint visit");
}

/** Limits have names of their own, districts and at least one visit, and are laminar (assignment.md 5.5). */
function checkLimits({ assignment: { limits = [] } }) {
  const good = limits.every((x) => x.most >= 1 && x.districts.length > 0);
  require(good && new Set(limits.map((x) => x.limit)).size === limits.length, "PLAN_LIMITS", "limits of distinct names");
  require(laminar(limits.map((x) => x.districts)), "PLAN_LIMITS", "limits that overlap");
}

/** Limits around a district, outermost first. */
export function limitsOf({ assignment: { limits = [] } }, district) {
  return limits.filter((x) => x.districts.includes(district)).sort((a, b) => b.districts.length - a.districts.length);
}

/** The most of these objects that one officer may visit (assignment.md 5.5). */
function reach(plan, objects) {
  const inside = (districts) => objects.filter((o) => districts.includes(o.district)).length;
  const limits = [...(plan.assignment.limits ?? [])].sort((a, b) => a.districts.length - b.districts.length);
  const cut = new Map();
  for (const x of limits) {
    const lost = limits.filter((y) => y !== x && y.districts.every((d) => x.districts.includes(d))).reduce((n, y) => n + (cut.get(y) ?? 0), 0);
    cut.set(x, Math.max(0, inside(x.districts) - lost - x.most));
  }
  return objects.length - [...cut.values()].reduce((n, k) => n + k, 0);
}

/** Plans no checker accepts (assignment.md 3.4, 5.3). */
function checkPlan(plan) {
  const names = plan.templates.map((t) => t.template);
  const last = plan.templates[plan.templates.length - 1];
  require(last && !last.when && new Set(names).size === names.length, "PLAN_TEMPLATES", "the last template has no when");
  for (const { groups } of plan.templates) {
    const good = groups.length >= 1 && groups.length <= 99 && new Set(groups.map((g) => g.group)).size === groups.length;
    require(good && groups.every((g) => g.count >= 1 && g.count <= 99), "PLAN_GROUPS", "1 to 99 groups of 1 to 99 places");
  }
  checkAreas(plan);
  checkLimits(plan);
  plan.templates.forEach((t) => checkJoint(t, plan.assignment.initiator));
  require((plan.assignment.together ?? 1) >= 1, "PLAN_TOGETHER", "officers who meet at all meet at least once");
  const rungs = plan.assignment.ladder.map((r) => r.rung);
  require(!rungs.includes("vacancy") && new Set(rungs).size === rungs.length, "PLAN_LADDER", "rungs of distinct names");
}

/** Connected components that hold an object, by smallest object id (assignment.md 4). */
export function blocksOf(teams) {
  const parent = new Map();
  const find = (x) => {
    if (!parent.has(x)) parent.set(x, x);
    while (parent.get(x) !== x) {
      parent.set(x, parent.get(parent.get(x)));
      x = parent.get(x);
    }
    return x;
  };
  for (const t of teams) for (const g of t.groups) for (const o of g.officers) parent.set(find(o), find(t));
  const blocks = new Map();
  for (const t of teams) {
    const top = find(t);
    if (!blocks.has(top)) blocks.set(top, []);
    blocks.get(top).push(t);
  }
  return [...blocks.values()].map((own) => {
    const officers = [...new Set(own.flatMap((t) => t.groups.flatMap((g) => g.officers)))];
    return { block: own[0].object.object_id, teams: own, officers: officers.sort((a, b) => compare(a.id, b.id)) };
  });
}

/**
 * Load bounds of each officer of a block on a rung (assignment.md 5).
 * @param {{below: number, above: number} | null} rung null: `vacancy`
 * @param {object} plan for its limits
 * @returns {Map<object, {floor: number, ceil: number}>}
 */
export function bounds(block, rung, plan) {
  const D = demand(block);
  const E = block.officers.length;
  const open = new Map(block.officers.map((o) => [o, []]));
  for (const t of block.teams) {
    for (const o of new Set(t.groups.flatMap((g) => g.officers))) open.get(o).push(t.object);
  }
  const visits = new Map(rung === null ? [] : [...open].map(([o, objects]) => [o, reach(plan, objects)]));
  return new Map(
    block.officers.map((o) => {
      if (rung === null) return [o, { floor: 0, ceil: o.load }];
      const ceil = Math.min(o.load, Math.ceil(D / E) + rung.above);
      return [o, { floor: Math.min(ceil, visits.get(o), Math.max(0, Math.floor(D / E) - rung.below)), ceil }];
    }),
  );
}

/** Places of a block. */
export const demand = (block) => block.teams.reduce((n, t) => n + t.groups.reduce((k, g) => k + g.k, 0), 0);

/**
 * Everything about an assignment that the seal and the drawn objects decide.
 * @param {object} plan
 * @param {object[]} objects frame rows of the drawn objects
 * @param {object[]} roster
 * @param {object[]} recusals
 */
export function buildModel(plan, objects, roster, recusals) {
  checkPlan(plan);
  const ids = (rows, key) => new Set(rows.map((row) => row[key])).size === rows.length;
  const once = ids(objects, "object_id") && ids(roster, "inspector_id");
  require(once, "ASSIGN_FRAME", "an object or officer given twice");
  const officers = roster.map((row) => readOfficer(row, plan, recusals)).sort((a, b) => compare(a.id, b.id));
  const sorted = [...objects].sort((a, b) => compare(a.object_id, b.object_id));
  const fixed = fixedPlaces(plan);
  const teams = sorted.map((object) => team(plan, object, officers, fixed));
  return { plan, fixed, officers: new Map(officers.map((o) => [o.id, o])), teams, blocks: blocksOf(teams) };
}
