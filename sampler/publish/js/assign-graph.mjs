/**
 * The residual graph of an assignment, its potentials and its uniqueness (assignment.md 6 to 9).
 */

import { demand, limitsOf } from "./assign-model.mjs";
import { assignKey, assignTicket } from "./ticket.mjs";

const TICKET = 1n << 40n;

/**
 * State of a block: who serves where.
 * @param {object} block of buildModel
 * @param {Map<string, object>} records teams of the record by object id
 * @param {Map<object, {floor: number, ceil: number}>} limits
 * @param {object} plan for its limits
 * @param {Map<string, number>} [paid] visits that a limit has let pass already, by `limit officer`
 */
export function makeState(block, records, limits, plan, paid = new Map()) {
  const groups = block.teams.flatMap((t) => t.groups.map((g) => ({ ...g, team: t, members: new Set(), name: `g:${g.object}:${g.group}` })));
  const officers = block.officers.map((o) => ({ officer: o, name: `i:${o.id}`, at: new Map(), ...limits.get(o) }));
  const byId = new Map(officers.map((o) => [o.officer.id, o]));
  const byName = new Map(groups.map((g) => [`${g.object} ${g.group}`, g]));
  for (const t of block.teams) {
    for (const { group, inspector_id } of records.get(t.object.object_id).members) {
      const [g, o] = [byName.get(`${t.object.object_id} ${group}`), byId.get(inspector_id)];
      g.members.add(o);
      o.at.set(t, g);
    }
  }
  for (const o of officers) o.groups = [];
  for (const g of groups) {
    g.eligible = g.officers.map((o) => byId.get(o.id));
    for (const o of g.eligible) o.groups.push(g);
  }
  const hub = { name: "hub" };
  for (const o of officers) o.below = new Map();
  for (const g of groups) g.around = limitsOf(plan, g.team.object.district);
  for (const g of groups) for (const o of g.eligible) growLimits(o, g, paid);
  const below = officers.flatMap((o) => [...o.below.values()]);
  return { block, groups, officers, hub, limits: below, nodes: [hub, ...officers, ...groups, ...below], V: BigInt(demand(block)) * TICKET };
}

/** Nodes of the limits between an officer and the objects of a group's district. */
function growLimits(o, { around }, paid) {
  let up = o;
  for (const { limit, districts, most } of around) {
    const rest = Math.max(0, most - (paid.get(`${limit} ${o.officer.id}`) ?? 0));
    if (!o.below.has(limit)) o.below.set(limit, { name: `l:${limit}:${o.officer.id}`, owner: o, up, districts, most: rest });
    up = o.below.get(limit);
  }
}

/** The node that the arcs of an officer to a group begin at: his innermost limit there, or he himself. */
export const beginOf = (o, g) => (g.around.length ? o.below.get(g.around[g.around.length - 1].limit) : o);

/** Visits under a limit. */
export const passed = ({ owner, districts }) => [...owner.at.keys()].filter((t) => districts.includes(t.object.district)).length;

/** Tickets of every eligible pair in a round: group -> officer -> t. */
export function tickets(state, seed, round, rule = assignTicket) {
  const key = assignKey(seed, round);
  return new Map(
    state.groups.map((g) => {
      const own = g.eligible.map((o) => [o, BigInt(rule(key, g.object, g.group, o.officer.id))]);
      return [g, new Map(own)];
    }),
  );
}

/** Ticket sum of the members. */
export function costOf(state, t) {
  let sum = 0n;
  for (const g of state.groups) for (const o of g.members) sum += t.get(g).get(o);
  return sum;
}

/** Residual arcs (assignment.md 7); `officer` is the one who moves, `twin` marks arcs that come with their own reverse. */
export function residual(state, t) {
  const { hub, V } = state;
  const arcs = [];
  const arc = (from, to, cost, { twin = false, officer = null } = {}) => arcs.push({ from, to, cost, twin, officer });
  for (const g of state.groups) {
    for (const o of g.eligible) {
      const cost = t.get(g).get(o);
      const s = o.at.get(g.team);
      if (s === undefined) arc(beginOf(o, g), g, cost, { officer: o });
      else if (s === g) arc(g, beginOf(o, g), -cost, { officer: o });
      else arc(s, g, cost - t.get(s).get(o), { officer: o });
    }
    const [filled, vacant] = [g.members.size, g.k - g.members.size];
    if (filled > 0) arc(hub, g, V, { twin: vacant > 0 });
    if (vacant > 0) arc(g, hub, -V, { twin: filled > 0 });
  }
  for (const o of state.officers) {
    const load = o.at.size;
    const twin = load > o.floor && load < o.ceil;
    if (load < o.ceil) arc(hub, o, 0n, { twin });
    if (load > o.floor) arc(o, hub, 0n, { twin });
  }
  for (const l of state.limits) {
    const load = passed(l);
    const twin = load > 0 && load < l.most;
    if (load < l.most) arc(l.up, l, 0n, { twin });
    if (load > 0) arc(l, l.up, 0n, { twin });
  }
  return arcs;
}

/** Are numbers the potentials (assignment.md 8.3)? @param {Map<object, bigint>} p */
export function arePotentials(state, arcs, p) {
  if (state.nodes.some((v) => p.get(v) > 0n)) return false;
  const tight = new Map(state.nodes.map((v) => [v, []]));
  for (const { from, to, cost } of arcs) {
    const reach = p.get(from) + cost;
    if (p.get(to) > reach) return false;
    if (p.get(to) === reach) tight.get(from).push(to);
  }
  const seen = new Set(state.nodes.filter((v) => p.get(v) === 0n));
  const stack = [...seen];
  while (stack.length) {
    for (const v of tight.get(stack.pop())) {
      if (seen.has(v)) continue;
      seen.add(v);
      stack.push(v);
    }
  }
  return seen.size === state.nodes.length;
}

/** Is the optimum the only one (assignment.md 9.2)? @param {Map<object, bigint>} p its potentials */
export function isUnique(state, arcs, p) {
  const up = new Map();
  const above = (v) => v.up ?? state.hub;
  for (const { from, to, twin } of arcs) if (twin && above(to) === from) up.set(to, from);
  const name = (v) => {
    let top = v;
    while (up.has(top)) top = up.get(top);
    return top;
  };
  const next = new Map(state.nodes.map((v) => [v, []]));
  const incoming = new Map(state.nodes.map((v) => [v, 0]));
  for (const { from, to, cost, twin } of arcs) {
    if (twin || p.get(to) !== p.get(from) + cost) continue;
    next.get(name(from)).push(name(to));
    incoming.set(name(to), incoming.get(name(to)) + 1);
  }
  const free = state.nodes.filter((v) => name(v) === v && incoming.get(v) === 0);
  let done = 0;
  while (free.length) {
    done += 1;
    for (const v of next.get(free.pop())) {
      incoming.set(v, incoming.get(v) - 1);
      if (incoming.get(v) === 0) free.push(v);
    }
  }
  return done === state.nodes.filter((v) => name(v) === v).length;
}
