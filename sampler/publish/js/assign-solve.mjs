/**
 * What a checker solves itself, and rarely has to: earlier tie rounds and earlier rungs (assignment.md 9.4, 10).
 */

import { beginOf, isUnique, passed, residual } from "./assign-graph.mjs";

/** Shortest distances from anywhere, 0 included; or a negative cycle as a list of arcs (Bellman-Ford). */
export function shortest(state, arcs) {
  const p = new Map(state.nodes.map((v) => [v, 0n]));
  const by = new Map();
  let last = null;
  for (let i = 0; i <= state.nodes.length; i += 1) {
    last = null;
    for (const arc of arcs) {
      const reach = p.get(arc.from) + arc.cost;
      if (reach >= p.get(arc.to)) continue;
      p.set(arc.to, reach);
      by.set(arc.to, arc);
      last = arc.to;
    }
    if (last === null) return { p, cycle: null };
  }
  for (let i = 0; i < state.nodes.length; i += 1) last = by.get(last).from;
  const cycle = [];
  let v = last;
  do {
    cycle.push(by.get(v));
    v = by.get(v).from;
  } while (v !== last);
  return { p, cycle };
}

/** Move officers along residual arcs: everybody leaves first, then everybody arrives. */
export function push(moves) {
  const own = moves.filter((move) => move.officer);
  for (const { officer, from } of own) {
    if (!from.members) continue;
    from.members.delete(officer);
    officer.at.delete(from.team);
  }
  for (const { officer, to } of own) {
    if (!to.members) continue;
    to.members.add(officer);
    officer.at.set(to.team, to);
  }
}

/**
 * Does the optimum of a round tie? Starts from the recorded teams and cancels negative cycles.
 * @param {object} state of makeState; changed
 * @param {Map} t tickets of the round
 */
export function ties(state, t) {
  for (;;) {
    const arcs = residual(state, t);
    const { p, cycle } = shortest(state, arcs);
    if (cycle === null) return !isUnique(state, arcs, p);
    push(cycle);
  }
}

/** Residual moves out of a node, the hub left out: of an officer or a limit, or of a group. */
function moves(v) {
  if (!v.members) {
    const who = v.owner ?? v;
    const down = [...who.below.values()].filter((l) => l.up === v && passed(l) < l.most).map((to) => ({ from: v, to }));
    const up = v.up && passed(v) > 0 ? [{ from: v, to: v.up }] : [];
    const own = who.groups.filter((g) => beginOf(who, g) === v && !who.at.has(g.team));
    return [...down, ...up, ...own.map((to) => ({ from: v, to, officer: who }))];
  }
  return [...v.members].flatMap((officer) => [
    { from: v, to: beginOf(officer, v), officer },
    ...officer.groups.filter((g) => g !== v && g.team === v.team).map((to) => ({ from: v, to, officer })),
  ]);
}

/** Shift one visit: a path from one of the receivers to a giver. @returns {boolean} false when there is none */
function shift(receivers, gives) {
  const by = new Map(receivers.map((o) => [o, null]));
  const queue = [...receivers];
  for (let i = 0; i < queue.length; i += 1) {
    if (queue[i].at && by.get(queue[i]) !== null && gives(queue[i])) {
      const path = [];
      for (let move = by.get(queue[i]); move; move = by.get(move.from)) path.push(move);
      push(path);
      return true;
    }
    for (const move of moves(queue[i])) {
      if (by.has(move.to)) continue;
      by.set(move.to, move);
      queue.push(move.to);
    }
  }
  return false;
}

/**
 * Can all places be filled within the bounds of the state? Starts from its full teams and shifts visits: first away
 * from officers above their ceiling, then to those below their floor; when no path is left, no circulation exists.
 * @param {object} state of makeState without vacancies; changed
 */
export function feasible({ officers }) {
  const load = (o) => o.at.size;
  while (officers.some((o) => load(o) > o.ceil)) {
    const room = officers.filter((o) => load(o) < o.ceil);
    if (!shift(room, (o) => load(o) > o.ceil)) return false;
  }
  for (const o of officers) {
    while (load(o) < o.floor) if (!shift([o], (x) => load(x) > x.floor)) return false;
  }
  return true;
}
