/**
 * The certificate of an assignment, checked without a solver (assignment.md 10).
 */

import { declared, joined, nothingBefore, replayStages, standingBans, tiesBanned } from "./assign-bans.mjs";
import { bounds, buildModel, whyNot } from "./assign-model.mjs";
import { arePotentials, costOf, isUnique, makeState, passed, residual, tickets } from "./assign-graph.mjs";
import { feasible, ties } from "./assign-solve.mjs";
import { compare } from "./bytes.mjs";
import { write } from "./canon.mjs";
import { require, SamplerError } from "./errors.mjs";
import { compareKeys } from "./schema.mjs";

/** Tie rounds. */
export const ROUNDS = 8;
/** The last rung. */
export const VACANCY = "vacancy";
const NUMBER = /^(0|-?[1-9][0-9]*)$/;
const increasing = (list, keys) => list.every((x, i) => i === 0 || compareKeys(keys(list[i - 1]), keys(x)) < 0);

/** Step 2: every drawn object once, everything in order. */
function checkTeams(model, teams) {
  const want = model.teams.map((t) => t.object.object_id).join();
  const found = teams.map((t) => t.object_id);
  require([...found].sort(compare).join() === want, "ASSIGN_TEAM", "the teams are not those of the drawn objects");
  const ordered = teams.every(
    (t) => increasing(t.members, (m) => [m.group, m.inspector_id]) && increasing(t.vacant, (v) => [v.group]),
  );
  require(ordered && increasing(teams, (t) => [t.object_id]), "ASSIGN_ORDER", "teams, members or vacant groups out of order");
}

/** Step 3: one team against its template. */
function checkTeam(model, wanted, record) {
  const id = record.object_id;
  require(record.template === wanted.template, "ASSIGN_TEMPLATE", `${id} takes ${wanted.template}`);
  const count = new Map(wanted.groups.map((g) => [g.group, 0]));
  for (const { group } of record.members) {
    require(count.has(group), "ASSIGN_COUNT", `${id}: no group ${group}`);
    count.set(group, count.get(group) + 1);
  }
  for (const { group, count: n } of record.vacant) if (count.has(group)) count.set(group, count.get(group) + n);
  for (const g of wanted.groups) require(count.get(g.group) === g.k, "ASSIGN_COUNT", `${id}: ${g.group} has ${g.k} places`);
  for (const { group, inspector_id } of record.members) {
    const officer = model.officers.get(inspector_id);
    const own = wanted.groups.find((g) => g.group === group);
    const reason = officer ? whyNot(officer, wanted.object, own, model.fixed) : "unknown";
    require(reason === "", "ASSIGN_INELIGIBLE", `${inspector_id} at ${id}: ${reason}`);
  }
  const officers = record.members.map((m) => m.inspector_id);
  require(new Set(officers).size === officers.length, "ASSIGN_TWICE", `an officer is twice in the team of ${id}`);
  const real = record.vacant.every((v) => v.count > 0 && count.has(v.group));
  require(real, "ASSIGN_VACANCY", `a vacancy of ${id} that is none`);
}

/** Vacancies, loads and cost of a block within given limits. */
export function checkCounts(block, record, teams, limits, { seed, rule, plan, paid }) {
  const empty = block.teams.reduce((n, t) => n + teams.get(t.object.object_id).vacant.reduce((k, v) => k + v.count, 0), 0);
  const lawful = record.vacancies === empty && (record.rung === VACANCY || empty === 0);
  require(lawful, "ASSIGN_VACANCY", `${empty} places are empty`);
  const state = makeState(block, teams, limits, plan, paid);
  for (const { officer, at, floor, ceil } of state.officers) {
    const good = at.size >= floor && at.size <= ceil;
    require(good, "ASSIGN_LOAD", `${officer.id} has ${at.size} visits, not ${floor} to ${ceil}`);
  }
  for (const l of state.limits) require(passed(l) <= l.most, "ASSIGN_LOAD", `${l.name}: more than ${l.most} visits`);
  const t = tickets(state, seed, record.round, rule);
  require(String(costOf(state, t)) === record.cost, "ASSIGN_COST", `the cost of block ${record.block}`);
  return { state, t };
}

/** Step 5: rung, round, vacancies, loads, cost of a block. */
function checkNumbers(plan, block, record, teams, options) {
  const index = plan.assignment.ladder.findIndex((r) => r.rung === record.rung);
  require(index >= 0 || record.rung === VACANCY, "ASSIGN_RUNG", `unknown rung ${record.rung}`);
  require(record.round < ROUNDS, "ASSIGN_ROUND", "rounds are 0 to 7");
  const limits = bounds(block, index < 0 ? null : plan.assignment.ladder[index], plan);
  return { ...checkCounts(block, record, teams, limits, { ...options, plan }), index };
}

/** Step 6: the bans of a block, where the plan limits meetings. @returns {object} the meetings before the next block */
export function checkStages(work, { stages }, { together }, past) {
  if (together === undefined) return past;
  replayStages(work, stages, together, past);
  return joined(past, work.state);
}

/** Steps 6 and 7: the potentials prove the optimum, and that it is the only one. */
export function checkProof({ state, t }, record) {
  const names = state.nodes.map((v) => v.name);
  const given = Object.keys(record.potentials);
  const all = given.length === names.length && names.every((name) => Object.hasOwn(record.potentials, name));
  require(all, "ASSIGN_POTENTIALS", "a node is missing or too many");
  const canonical = given.every((name) => NUMBER.test(record.potentials[name]));
  require(canonical, "ASSIGN_POTENTIALS", "a number is not canonical");
  const p = new Map(state.nodes.map((v) => [v, BigInt(record.potentials[v.name])]));
  const arcs = residual(state, t);
  require(arePotentials(state, arcs, p), "ASSIGN_POTENTIALS", `block ${record.block} is not proved optimal`);
  require(isUnique(state, arcs, p), "ASSIGN_TIE", `block ${record.block} ties in round ${record.round}`);
}

/** Step 8: earlier rounds tied. */
export function checkRounds(block, record, teams, limits, { seed, rule, plan, paid, past }) {
  const { together } = plan.assignment;
  for (let round = 0; round < record.round; round += 1) {
    const state = makeState(block, teams, limits, plan, paid);
    const t = tickets(state, seed, round, rule);
    const tied = together === undefined ? ties(state, t) : tiesBanned(state, t, together, past);
    require(tied, "ASSIGN_ROUND", `round ${round} was not tied`);
  }
}

/** Steps 8 and 9: earlier rounds tied, earlier rungs cannot be met. */
function checkEarlier(plan, block, record, teams, { seed, rule, index, past }) {
  checkRounds(block, record, teams, bounds(block, index < 0 ? null : plan.assignment.ladder[index], plan), { seed, rule, plan, past });
  if (record.vacancies > 0) return;
  const before = index < 0 ? plan.assignment.ladder : plan.assignment.ladder.slice(0, index);
  for (const rung of before) {
    const open = feasible(makeState(block, teams, bounds(block, rung, plan), plan));
    require(!open, "ASSIGN_RUNG", `rung ${rung.rung} can be met`);
  }
}

/**
 * Check an assignment record; throws the first code of assignment.md 10 that applies.
 * @param {object} record assignment.json
 * @param {{plan: object, objects: object[], roster: object[], recusals: object[]}} input objects: frame rows of the drawn
 * @param {Uint8Array} seed
 * @param {{progress?: (share: number) => void, rule?: typeof assignTicket}} [options] rule: other tickets, for tests of ties
 */
export function checkAssignment(record, { plan, objects, roster, recusals }, seed, { progress, rule } = {}) {
  const model = buildModel(plan, objects, roster, recusals);
  const told = declared(record.blocks, plan) && write(record.bans) === write(standingBans(record.blocks));
  require(told, "ASSIGN_BANS", "bans are not those of the stages, or there is no limit on meetings");
  checkTeams(model, record.teams);
  const teams = new Map(record.teams.map((t) => [t.object_id, t]));
  for (const t of model.teams) checkTeam(model, t, teams.get(t.object.object_id));
  const names = model.blocks.map((b) => b.block);
  require(names.join() === record.blocks.map((b) => b.block).join(), "ASSIGN_BLOCKS", "the blocks are others");
  const work = model.blocks.map((block, i) => checkNumbers(plan, block, record.blocks[i], teams, { seed, rule }));
  model.blocks.forEach((block, i) => {
    checkStages(work[i], record.blocks[i], plan.assignment, nothingBefore());
    checkProof(work[i], record.blocks[i]);
    progress?.((i + 1) / model.blocks.length);
  });
  model.blocks.forEach((block, i) => checkEarlier(plan, block, record.blocks[i], teams, { seed, rule, index: work[i].index, past: nothingBefore() }));
}

/** Drawn objects as frame rows. */
export function drawnRows(frame, drawn) {
  const rows = new Map(frame.map((row) => [row.object_id, row]));
  return drawn.map(({ object_id }) => {
    if (!rows.has(object_id)) throw new SamplerError("ASSIGN_FRAME", `${object_id} is not in the frame`);
    return rows.get(object_id);
  });
}
