/**
 * Amendments replayed from their causes and the chain's values (assignment.md 14): who leaves, who enters, no more.
 */

import { declared, meetings } from "./assign-bans.mjs";
import { checkCounts, checkProof, checkRounds, checkStages, ROUNDS, VACANCY } from "./assign-check.mjs";
import { blocksOf, buildModel, limitsOf, team, whyNot } from "./assign-model.mjs";
import { compare, H } from "./bytes.mjs";
import { write } from "./canon.mjs";
import { require } from "./errors.mjs";
import { compareKeys } from "./schema.mjs";

/** Kinds that take an officer from every visit. */
export const AWAY = ["illness", "leave", "left", "certificate"];
const FIELDS = {
  illness: ["inspector_id", "interval"],
  leave: ["inspector_id", "interval"],
  left: ["inspector_id"],
  certificate: ["inspector_id"],
  recusal: ["inspector_id", "object_id"],
  "out-of-scope": ["object_id"],
  vacancy: [],
};

/**
 * Teams as the assignment has them, and all that amendments may change.
 * @param {{plan: object, rows: Map<string, object>, roster: object[], recusals: object[]}} input rows: frame rows by id
 * @param {object} draw
 * @param {object} assignment
 */
export function begin({ plan, rows, roster, recusals }, draw, assignment) {
  const everyone = [...draw.drawn, ...draw.reserves];
  const model = buildModel(plan, everyone.map((x) => rows.get(x.object_id)), roster, recusals);
  return {
    model,
    window: plan.visits,
    teams: new Map(model.teams.map((t) => [t.object.object_id, t])),
    strata: new Map(everyone.map((x) => [x.object_id, x.stratum])),
    reserves: [...draw.reserves],
    members: new Map(assignment.teams.map((t) => [t.object_id, t.members])),
    elsewhere: { visits: new Map(), away: [] },
    away: new Set(),
    barred: new Set(),
  };
}

/** The cause asks for what its kind asks for, and names who and what is there (14.1). */
function checkCause(state, cause) {
  const { kind, inspector_id, object_id, interval } = cause;
  require(Object.hasOwn(FIELDS, kind), "AMEND_KIND", `no cause ${kind}`);
  const given = ["inspector_id", "object_id", "interval"].filter((name) => Object.hasOwn(cause, name));
  const wanted = kind === "vacancy" && object_id !== undefined ? ["object_id"] : FIELDS[kind];
  const named = ["inspector_id", "object_id", "interval"].filter((name) => wanted.includes(name));
  require(given.join() === named.join(), "AMEND_FIELDS", `${kind} asks for ${named.join(", ")}`);
  const officer = inspector_id === undefined || state.model.officers.has(inspector_id);
  require(officer && (object_id === undefined || state.members.has(object_id)), "AMEND_FIELDS", "an unknown officer or object");
  if (interval === undefined) return;
  const meets = interval.from <= interval.to && interval.from <= state.window.to && interval.to >= state.window.from;
  require(meets, "AMEND_FIELDS", "an interval outside the visits");
}

/** Empty places of an object by group. */
function empty(state, object) {
  const places = new Map();
  for (const { group, k } of state.teams.get(object).groups) {
    const n = k - state.members.get(object).filter((m) => m.group === group).length;
    if (n > 0) places.set(group, n);
  }
  return places;
}

/** Who leaves which object: object -> members. */
function leaving(state, { kind, inspector_id, object_id }, done) {
  const out = new Map();
  for (const [object, members] of state.members) {
    const concerned = AWAY.includes(kind) ? !done.has(object) : object === object_id && kind !== "vacancy";
    const own = concerned ? members.filter((m) => kind === "out-of-scope" || m.inspector_id === inspector_id) : [];
    if (own.length || (concerned && kind === "out-of-scope")) out.set(object, own);
  }
  return out;
}

/** Take the leaving away; returns the places to fill: object -> group -> number. */
function free(state, cause, gone, reserve, done) {
  const places = new Map();
  for (const [object, own] of gone) {
    state.members.set(object, state.members.get(object).filter((m) => !own.includes(m)));
    if (cause.kind === "out-of-scope") continue;
    const groups = new Map();
    for (const { group } of own) groups.set(group, (groups.get(group) ?? 0) + 1);
    places.set(object, groups);
  }
  if (AWAY.includes(cause.kind)) state.away.add(cause.inspector_id);
  if (cause.kind === "recusal") state.barred.add(`${cause.inspector_id} ${cause.object_id}`);
  if (cause.kind === "out-of-scope") state.members.delete(cause.object_id);
  if (reserve) {
    const left = [...rests(state)].filter(([o]) => !isAway(state, o.id)).map(([o, load]) => ({ ...o, load }));
    state.teams.set(reserve.object_id, team(state.model.plan, state.teams.get(reserve.object_id).object, left, state.model.fixed));
    state.members.set(reserve.object_id, []);
    places.set(reserve.object_id, empty(state, reserve.object_id));
  }
  if (cause.kind !== "vacancy") return places;
  for (const object of cause.object_id === undefined ? state.members.keys() : [cause.object_id]) {
    const groups = done.has(object) ? new Map() : empty(state, object);
    if (groups.size) places.set(object, groups);
  }
  return places;
}

/** The next object of the stratum not yet called, by rank (14.1). */
function nextReserve(state, { kind, object_id }) {
  if (kind !== "out-of-scope") return undefined;
  const own = state.reserves.filter((x) => x.stratum === state.strata.get(object_id));
  const next = own.sort((a, b) => a.rank - b.rank)[0];
  state.reserves = state.reserves.filter((x) => x !== next);
  return next;
}

const byPlace = (a, b) => compareKeys([a.group, a.inspector_id], [b.group, b.inspector_id]);
const increasing = (list, keys) => list.every((x, i) => i === 0 || compareKeys(keys(list[i - 1]), keys(x)) < 0);

/** Each change: who leaves, who enters into places that are free, what is empty afterwards (14.5). */
function checkChanges(state, changes, gone, places) {
  const objects = [...new Set([...gone.keys(), ...places.keys()])].sort(compare);
  require(objects.join() === changes.map((c) => c.object_id).join(), "AMEND_CHANGES", "other objects than the cause frees");
  for (const { object_id: object, leaving: out, entering, vacant } of changes) {
    require(write(out) === write(gone.get(object) ?? []), "AMEND_CHANGES", `${object}: others leave`);
    require(increasing(entering, (m) => [m.group, m.inspector_id]), "AMEND_CHANGES", `${object}: out of order`);
    const room = new Map(places.get(object) ?? []);
    for (const { group } of entering) room.set(group, (room.get(group) ?? 0) - 1);
    require([...room.values()].every((n) => n >= 0), "AMEND_CHANGES", `${object}: more enter than places are free`);
    const before = state.members.get(object);
    if (before) state.members.set(object, [...before, ...entering].sort(byPlace));
    const left = before ? [...empty(state, object)].sort((a, b) => compare(a[0], b[0])) : [];
    const found = vacant.map((v) => [v.group, v.count]);
    require(left.join(";") === found.join(";"), "AMEND_CHANGES", `${object}: other places are empty`);
    if (before) state.members.set(object, before);
  }
}

const isAway = (state, id) => state.away.has(id) || state.elsewhere.away.includes(id);

/** Officers with the visits they still have taken off their loads, here and in the sitting's other draws. */
function rests(state) {
  const visits = new Map(state.elsewhere.visits);
  for (const { inspector_id: id } of [...state.members.values()].flat()) visits.set(id, (visits.get(id) ?? 0) + 1);
  return new Map([...state.model.officers.values()].map((o) => [o, Math.max(0, o.load - (visits.get(o.id) ?? 0))]));
}

/** Visits that limits have let pass already, by `limit officer`. */
function paidWithin(state) {
  const paid = new Map();
  for (const [object, members] of state.members) {
    const around = limitsOf(state.model.plan, state.teams.get(object).object.district);
    for (const { inspector_id } of members) {
      for (const { limit } of around) paid.set(`${limit} ${inspector_id}`, (paid.get(`${limit} ${inspector_id}`) ?? 0) + 1);
    }
  }
  return paid;
}

/** The network of the places to fill (14.3): its blocks, and the limits of each officer. */
function network(state, places) {
  const may = (officer, team, g) => {
    const object = team.object.object_id;
    const barred = isAway(state, officer.id) || state.barred.has(`${officer.id} ${object}`);
    const there = state.members.get(object).some((m) => m.inspector_id === officer.id);
    return !barred && !there && whyNot(officer, team.object, g, state.model.fixed) === "";
  };
  const officers = [...state.model.officers.values()];
  const teams = [...places.keys()].sort(compare).map((object) => {
    const team = state.teams.get(object);
    const groups = team.groups.filter((g) => places.get(object).has(g.group));
    return {
      object: team.object,
      groups: groups.map((g) => ({ ...g, k: places.get(object).get(g.group), officers: officers.filter((o) => may(o, team, g)) })),
    };
  });
  const limits = new Map([...rests(state)].map(([o, ceil]) => [o, { floor: 0, ceil }]));
  return { blocks: blocksOf(teams), teams, limits };
}

/** Who enters is eligible, once in a team; and the certificate of each block (14.6). */
function checkEntering(state, record, places, key) {
  const { blocks, teams, limits } = network(state, places);
  require(blocks.map((b) => b.block).join() === record.blocks.map((b) => b.block).join(), "ASSIGN_BLOCKS", "the blocks are others");
  require(declared(record.blocks, state.model.plan), "ASSIGN_BANS", "there is a limit on meetings, or there is none");
  const entering = new Map(record.changes.map((c) => [c.object_id, c.entering]));
  const own = new Map();
  for (const { object: { object_id: id }, groups } of teams) {
    const members = entering.get(id);
    const once = new Set(members.map((m) => m.inspector_id)).size === members.length;
    require(once, "ASSIGN_TWICE", `an officer is twice in the team of ${id}`);
    for (const { group, inspector_id } of members) {
      const good = groups.find((g) => g.group === group)?.officers.some((o) => o.id === inspector_id);
      require(good, "ASSIGN_INELIGIBLE", `${inspector_id} at ${id}`);
    }
    const left = groups.map((g) => ({ group: g.group, count: g.k - members.filter((m) => m.group === g.group).length }));
    own.set(id, { members, vacant: left });
  }
  const options = { seed: key, plan: state.model.plan, paid: paidWithin(state) };
  const standing = new Map([...state.members].map(([object, members]) => [object, members.map((m) => m.inspector_id)]));
  const befores = [{ standing, met: meetings([...standing.values()]) }];
  const works = blocks.map((block, i) => {
    const entry = record.blocks[i];
    require(entry.rung === VACANCY, "ASSIGN_RUNG", "the rung of an amendment is vacancy");
    require(entry.round < ROUNDS, "ASSIGN_ROUND", "rounds are 0 to 7");
    return checkCounts(block, entry, own, limits, options);
  });
  blocks.forEach((block, i) => {
    befores.push(checkStages(works[i], record.blocks[i], state.model.plan.assignment, befores[i]));
    checkProof(works[i], record.blocks[i]);
  });
  blocks.forEach((block, i) => checkRounds(block, record.blocks[i], own, limits, { ...options, past: befores[i] }));
}

/**
 * Replay one amendment; the state moves on. Throws the first code that applies.
 * @param {object} state of begin
 * @param {object} record the amendment
 * @param {Set<string>} done objects with a result logged before the cause
 * @param {Uint8Array} [key] K_j; none when the chain is withheld
 */
export function amend(state, record, done, key) {
  const { cause, chain, changes, blocks } = record;
  checkCause(state, cause);
  require(!done.has(cause.object_id), "AMEND_NOTHING", `${cause.object_id} is done`);
  const gone = leaving(state, cause, done);
  const reserve = nextReserve(state, cause);
  require(write(record.reserve ?? "-") === write(reserve ?? "-"), "AMEND_RESERVE", "not the next reserve");
  const places = free(state, cause, gone, reserve, done);
  require(gone.size + places.size > 0, "AMEND_NOTHING", "nothing changes");
  checkChanges(state, changes, gone, places);
  if (chain === undefined) {
    require(changes.every((c) => c.entering.length === 0), "AMEND_CHANGES", "officers enter without a chain value");
    require(blocks.length === 0, "ASSIGN_BLOCKS", "blocks without a chain value");
  } else checkEntering(state, record, places, key);
  for (const { object_id: object, entering } of changes) {
    if (!state.members.has(object)) continue;
    state.members.set(object, [...state.members.get(object), ...entering].sort(byPlace));
  }
}

/** K_j, in the place of the seed (14.3). */
export const amendKey = (seed, number, cause, chain) => H("amend", seed, number, cause, chain);

/** Objects and officers where amendments heap up (14.7). @returns {string[]} */
export function flags(all, n) {
  const count = (names) => {
    const found = new Map();
    for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
    return found;
  };
  const objects = count(all.flatMap((a) => a.changes.map((c) => c.object_id)));
  const officers = count(all.flatMap((a) => [...new Set(a.changes.flatMap((c) => c.leaving.map((m) => m.inspector_id)))]));
  return [
    ...[...objects].filter(([, times]) => times > 2).map(([id, times]) => `${id}: ${times}`),
    ...[...officers].filter(([, times]) => times > 3).map(([id, times]) => `${id}: ${times}`),
    ...all.filter((a) => !a.chain).map((a) => `${a.number}: no chain value`),
    ...(20 * objects.size > n ? [`${objects.size} / ${n}`] : []),
  ];
}
