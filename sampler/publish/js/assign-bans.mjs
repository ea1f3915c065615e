/**
 * The limit on how often two officers meet: visits are banned one by one, the dearest first (assignment.md 18).
 */

import { beginOf, isUnique, passed, residual } from "./assign-graph.mjs";
import { push, shortest, ties } from "./assign-solve.mjs";
import { compare } from "./bytes.mjs";
import { write } from "./canon.mjs";
import { require } from "./errors.mjs";
import { compareKeys } from "./schema.mjs";

/** Meetings before a block: officers in the teams of its objects, and how often pairs met, by `one other`. */
export const nothingBefore = () => ({ standing: new Map(), met: new Map() });
const pairOf = (i, j) => (compare(i, j) < 0 ? `${i} ${j}` : `${j} ${i}`);
const visitOf = (o, team) => `${team.object.object_id} ${o.officer.id}`;

/** Do entries of blocks tell their stages exactly when the plan limits meetings? */
export const declared = (entries, { assignment }) =>
  entries.every((entry) => Object.hasOwn(entry, "stages") === Object.hasOwn(assignment, "together"));

/** The bans that hold in the end. */
export function standingBans(entries) {
  const held = entries.flatMap((entry) => entry.stages ?? []).filter((s) => s.lifted === undefined && s.undone === undefined);
  const rows = held.map(({ object_id, inspector_id }) => ({ object_id, inspector_id }));
  return rows.sort((a, b) => compareKeys([a.object_id, a.inspector_id], [b.object_id, b.inspector_id]));
}

/** How often pairs meet in teams of officer ids. */
export function meetings(teams) {
  const met = new Map();
  for (const team of teams) {
    team.forEach((i, n) => {
      for (const j of team.slice(n + 1)) met.set(pairOf(i, j), (met.get(pairOf(i, j)) ?? 0) + 1);
    });
  }
  return met;
}

/** Pairs of an assignment that meet more than `most` times; none without a limit. */
export function tooMany({ teams }, most) {
  if (most === undefined) return [];
  const met = meetings(teams.map((t) => t.members.map((m) => m.inspector_id)));
  return [...met].filter(([, n]) => n > most).sort((a, b) => compare(a[0], b[0]));
}

/** Members of each object of a state, as group and officer. */
function teamsOf(state) {
  const out = new Map(state.block.teams.map((team) => [team, []]));
  for (const g of state.groups) for (const o of g.members) out.get(g.team).push({ g, o });
  return out;
}

/** What stands once the officers of a state have entered. */
export function joined({ standing, met }, state) {
  const after = new Map(met);
  for (const [{ object }, members] of teamsOf(state)) {
    const here = standing.get(object.object_id) ?? [];
    const all = meetings([[...here, ...members.map(({ o }) => o.officer.id)]]);
    for (const pair of meetings([here]).keys()) all.delete(pair);
    for (const [pair, n] of all) after.set(pair, (after.get(pair) ?? 0) + n);
  }
  return { standing, met: after };
}

/** The meetings of a state that are too many, each by the visits that make it. */
function crowded(state, most, { standing, met }) {
  const count = new Map(met);
  const found = [];
  for (const [team, members] of teamsOf(state)) {
    const there = [...members, ...(standing.get(team.object.object_id) ?? []).map((id) => ({ id }))];
    there.forEach((one, n) => {
      for (const other of there.slice(n + 1)) {
        if (!one.o && !other.o) continue;
        const pair = pairOf(one.o?.officer.id ?? one.id, other.o?.officer.id ?? other.id);
        count.set(pair, (count.get(pair) ?? 0) + 1);
        found.push({ pair, visits: [one, other].filter((x) => x.o) });
      }
    });
  }
  return found.filter(({ pair }) => count.get(pair) > most);
}

/** The visits of the highest ticket of all with one of these meetings, but for those whose ban was lifted. */
function dearest(meet, t, lifted) {
  const left = [...new Set(meet.flatMap(({ visits }) => visits))].filter(({ g, o }) => !lifted.has(visitOf(o, g.team)));
  const price = ({ g, o }) => t.get(g).get(o);
  return left.filter((x) => left.every((y) => price(x) >= price(y)));
}

/** Take an officer's arcs to an object out; the nodes stay. */
function ban(state, o, team) {
  for (const g of state.groups.filter((x) => x.team === team)) {
    g.eligible = g.eligible.filter((x) => x !== o);
    o.groups = o.groups.filter((x) => x !== g);
  }
}

/** Residual arcs in which a visit is not paid: what else could lead from where its arc begins to where it ends. */
const around = (state, t, g) => residual(state, t).filter(({ from }) => from !== g);

/** Can a place be filled without this officer, and nothing be lost? A vacancy may be opened only after one was closed. */
function replaceable(state, t, { g, o }) {
  const leaving = new Map(state.nodes.map((v) => [v, []]));
  for (const { from, to, cost } of around(state, t, g)) {
    const hub = to === state.hub || from === state.hub;
    leaving.get(from).push({ to, opened: hub && cost !== 0n ? (cost > 0n ? 1 : -1) : 0 });
  }
  const seen = [new Set(), new Set()];
  const stack = [[beginOf(o, g), 0]];
  while (stack.length) {
    const [v, closed] = stack.pop();
    if (v === g) return true;
    if (seen[closed].has(v)) continue;
    seen[closed].add(v);
    for (const { to, opened } of leaving.get(v)) {
      if (opened <= closed) stack.push([to, Math.max(0, Math.min(1, closed - opened))]);
    }
  }
  return false;
}

/** Fill the place of a visit by the cheapest way around it; vacancies are so dear that none is opened. */
function reroute(state, t, { g, o }) {
  const begin = beginOf(o, g);
  const dear = 4n * state.V;
  const reach = new Map([[begin, 0n]]);
  const by = new Map();
  const arcs = around(state, t, g).map((arc) => (arc.cost === state.V || arc.cost === -state.V ? { ...arc, cost: arc.cost > 0n ? dear : -dear } : arc));
  for (let moved = true; moved; ) {
    moved = false;
    for (const arc of arcs) {
      if (!reach.has(arc.from)) continue;
      const cost = reach.get(arc.from) + arc.cost;
      if (reach.has(arc.to) && reach.get(arc.to) <= cost) continue;
      reach.set(arc.to, cost);
      by.set(arc.to, arc);
      moved = true;
    }
  }
  const path = [];
  for (let v = g; v !== begin; v = by.get(v).from) path.push(by.get(v));
  push([{ from: g, to: begin, officer: o }, ...path]);
}

/** Does a round of tickets tie, be it at a later stage? The state is changed. */
export function tiesBanned(state, t, most, past) {
  if (ties(state, t)) return true;
  const lifted = new Set();
  const D = state.groups.reduce((n, g) => n + g.k, 0);
  for (let n = 0; n < D; n += 1) {
    const found = dearest(crowded(state, most, past), t, lifted);
    if (found.length !== 1) return found.length > 1;
    const [{ g, o }] = found;
    if (replaceable(state, t, found[0])) {
      reroute(state, t, found[0]);
      ban(state, o, g.team);
      if (ties(state, t)) return true;
    } else lifted.add(visitOf(o, g.team));
  }
  return false;
}

const seatsOf = (state) => new Set(state.groups.flatMap((g) => [...g.members].map((o) => `${g.object} ${g.group} ${o.officer.id}`)));

/** Seats on the other side of a stage. */
function moved(seats, changes, gone, come) {
  const listed = (which) => changes.flatMap((c) => c[which].map((m) => `${c.object_id} ${m.group} ${m.inspector_id}`));
  const out = new Set(seats);
  for (const seat of listed(gone)) out.delete(seat);
  for (const seat of listed(come)) out.add(seat);
  return out;
}

/** Let exactly these serve; false when a seat is none of the block's, or banned. */
function seat(state, seats) {
  for (const g of state.groups) g.members.clear();
  for (const o of state.officers) o.at.clear();
  let placed = 0;
  for (const g of state.groups) {
    for (const o of g.eligible) {
      if (!seats.has(`${g.object} ${g.group} ${o.officer.id}`)) continue;
      placed += 1;
      g.members.add(o);
      o.at.set(g.team, g);
    }
  }
  return placed === seats.size;
}

/** Places, one visit an object, loads and limits of what was seated. */
function lawful(state) {
  const once = state.groups.every((g) => g.members.size <= g.k && [...g.members].every((o) => o.at.get(g.team) === g));
  const within = state.officers.every((o) => o.at.size >= o.floor && o.at.size <= o.ceil);
  return once && within && state.limits.every((l) => passed(l) <= l.most);
}

/** The entry that a stage must have. */
function stageOf(visit, before, after) {
  const rows = (seats, other) => [...seats].filter((x) => !other.has(x)).map((x) => x.split(" "));
  const [leaving, entering] = [rows(before, after), rows(after, before)];
  const objects = [...new Set([...leaving, ...entering].map(([e]) => e))].sort(compare);
  const own = (list, e) =>
    list
      .filter(([x]) => x === e)
      .sort((a, b) => compareKeys(a, b))
      .map(([, group, inspector_id]) => ({ group, inspector_id }));
  const changes = objects.map((e) => ({ object_id: e, leaving: own(leaving, e), entering: own(entering, e) }));
  return { object_id: visit.g.object, inspector_id: visit.o.officer.id, changes };
}

/** The first stage, from one on, that is not lifted. */
const heldFrom = (stages, n) => {
  const ahead = stages.slice(n).findIndex((s) => s.lifted !== true);
  return ahead < 0 ? stages.length : n + ahead;
};

/** What is kept of a state while later bans are tried, and how to come back to it. */
function bookmark(state) {
  const kept = [state.groups.map((g) => g.eligible), state.officers.map((o) => o.groups)];
  return (seats) => {
    state.groups.forEach((g, n) => (g.eligible = kept[0][n]));
    state.officers.forEach((o, n) => (o.groups = kept[1][n]));
    seat(state, seats);
  };
}

/** Seats before the first stage and after each, from those of the record, which stand after `first` stages. */
function flowsOf(seats, stages, first) {
  const flows = [seats];
  for (const { changes } of stages.slice(0, first).reverse()) flows.unshift(moved(flows[0], changes, "entering", "leaving"));
  for (const { changes } of stages.slice(first)) flows.push(moved(flows[flows.length - 1], changes, "leaving", "entering"));
  return flows;
}

/** Let a stage's officers serve: lawful, the cheapest way, and the only one. */
function prove(state, t, seats, filled) {
  const bad = (good, message) => require(good, "ASSIGN_BANS", message);
  bad(seats.size === filled && seat(state, seats) && lawful(state), "a stage is not lawful");
  const arcs = residual(state, t);
  const { p, cycle } = shortest(state, arcs);
  bad(cycle === null, "a stage is not the cheapest");
  require(isUnique(state, arcs, p), "ASSIGN_TIE", "a stage ties");
}

/**
 * Check the stages of a block; its state ends as the record has it, without the visits banned.
 * @param {{state: object, t: Map}} work the recorded seats
 * @param {object[]} stages
 * @param {number} most
 * @param {object} past meetings that stood before
 */
export function replayStages({ state, t }, stages, most, past) {
  const bad = (good, message) => require(good, "ASSIGN_BANS", message);
  const undone = stages.findIndex((s) => s.undone === true);
  const first = undone < 0 ? stages.length : undone;
  const flows = flowsOf(seatsOf(state), stages, first);
  const [filled, last] = [flows[first].size, flows[flows.length - 1]];
  const D = state.groups.reduce((n, g) => n + g.k, 0);
  const lifted = new Set();
  const counts = [];
  let back;
  const next = () => {
    if (counts.length === first) back = bookmark(state);
    const meet = crowded(state, most, past);
    counts.push(meet.length);
    return dearest(meet, t, lifted);
  };
  const one = (found) => require(found.length < 2, "ASSIGN_TIE", "two visits are equally dear");
  stages.forEach((entry, n) => {
    const [before, after] = [flows[n], flows[n + 1]];
    prove(state, t, before, filled);
    const found = next();
    one(found);
    const [visit] = found;
    bad(visit !== undefined, "nothing is left to ban");
    const kept = entry.lifted === true;
    const marks = { ...(kept ? { lifted: true } : {}), ...(!kept && n >= first ? { undone: true } : {}) };
    bad(write({ ...stageOf(visit, before, after), ...marks }) === write(entry), "another visit is to be banned, or others change");
    if (kept) {
      bad(write([...before].sort()) === write([...after].sort()) && !replaceable(state, t, visit), "the ban can hold");
      lifted.add(visitOf(visit.o, visit.g.team));
    } else ban(state, visit.o, visit.g.team);
  });
  bad(seat(state, last), "a banned visit is paid");
  if (first < stages.length) prove(state, t, last, filled);
  const found = next();
  bad(stages.length <= D, "the bans end too late");
  if (stages.length < D) {
    one(found);
    bad(found.length === 0, "the bans end too early");
  }
  const best = heldFrom(stages, counts.indexOf(Math.min(...counts)));
  bad(first === best, "fewest meetings are too many after another stage");
  back(flows[first]);
}
