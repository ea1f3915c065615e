/**
 * Steps 10 to 12 of a replay: trees, sizes and probabilities, selection (PROTOCOL 7; draw.md 11).
 */

import { clauseTotal, parseRatio, strata as makeStrata } from "./allocation.mjs";
import { demand, same } from "./bundle.mjs";
import { compare, hex, unhex } from "./bytes.mjs";
import { cooling, levels as makeLevels, weights as makeWeights } from "./levels.mjs";
import { items, samples } from "./lots.mjs";
import { blindedLeaf, root } from "./merkle.mjs";
import { batchOrder } from "./plan-rules.mjs";
import { checkLevels } from "./probability.mjs";
import { choose } from "./select.mjs";
import { misplaced } from "./target.mjs";
import { objectKey } from "./ticket.mjs";
import { objectsOf, risksOf, second, unitsOf } from "./units.mjs";

const FULL = 4294967296;
const E12 = 10 ** 12;

function checkTree(bundle, tree, sealed) {
  const file = `${tree}.tsv`;
  const rows = bundle.get(file);
  const draw = bundle.get("commitment.json").draw_id;
  const own = root(rows.map((row) => blindedLeaf(tree, draw, row.line, unhex(row.nonce))));
  same(file, sealed.root, hex(own), "名单不是封存的那份", "not the sealed list");
  if (sealed.count !== undefined) same(file, sealed.count, rows.length, "行数与封存不符", "another number of rows than sealed");
  return rows;
}

function checkExcluded(bundle, rows) {
  const { excluded, registry, frame } = bundle.get("commitment.json");
  const counts = {};
  const reasons = bundle.get("plan.json").exclusions;
  for (const { reason } of rows) {
    demand(reasons.includes(reason), "excluded.tsv", reasons, reason, "计划里没有的剔除理由", "a reason the plan does not have");
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  const written = (map) => Object.keys(map).sort().map((k) => `${k}=${map[k]}`);
  same("excluded.tsv", written(excluded.counts), written(counts), "剔除的件数与封存不符", "other counts than sealed");
  same("commitment.json", registry, frame.count + rows.length, "名录不等于可抽加剔除", "registry is not frame plus excluded");
}

/** A targeted draw holds what its sealed filter or list names, and an object on the list nowhere else. */
function checkTarget({ target }, frame, excluded) {
  if (!target) return;
  const { off, lost, wrong } = misplaced(target, frame, excluded);
  demand(off === undefined, "frame.tsv", target.filter, off, "对象不符合筛选条件", "an object off the target");
  demand(lost === undefined, "excluded.tsv", lost, "-", "名单的对象下落不明", "a listed object is nowhere");
  demand(wrong === undefined, "excluded.tsv", "-", wrong, "名单的对象被剔除了", "a listed object is excluded");
}

/** Step 10: lists, officers and files are the sealed ones. */
export function trees(bundle) {
  const seal = bundle.get("commitment.json");
  for (const [name, digest] of Object.entries(seal.tables)) {
    const file = name === "scores" ? "scores.csv" : `${name}.tsv`;
    same(file, digest, bundle.digest(file), "文件不是封存的那份", "not the sealed file");
  }
  const frame = checkTree(bundle, "frame", seal.frame);
  const excluded = checkTree(bundle, "excluded", seal.excluded);
  const closed = ["roster", "recusals"].filter((name) => bundle.reached(`${name}.tsv`).length === 0);
  for (const name of ["roster", "recusals"]) if (!closed.includes(name)) checkTree(bundle, name, seal[name]);
  checkExcluded(bundle, excluded);
  checkTarget(bundle.get("plan.json"), frame, excluded);
  const ids = new Set(frame.map((row) => row.object_id));
  const both = excluded.find((row) => ids.has(row.object_id))?.object_id;
  demand(both === undefined, "excluded.tsv", "-", both, "同一对象既可抽又剔除", "an object both in the frame and excluded");
  const listed = new Set(bundle.get("items.tsv").map((row) => row.item_id));
  const unlisted = bundle.get("plan.json").items.find((item) => !listed.has(item));
  demand(!unlisted, "items.tsv", unlisted, "-", "任务事项不在清单里", "an item that is not listed");
  const hidden = { zh: "检查人员和回避名单不公开, 没有与封存核对", en: "roster and recusals are not public: not held against the seal" };
  return {
    ...(closed.length ? { notProved: hidden } : {}),
    found: {
      zh: `名录 ${seal.registry} = 可抽 ${frame.length} + 剔除 ${excluded.length}`,
      en: `registry ${seal.registry} = frame ${frame.length} + excluded ${excluded.length}`,
    },
  };
}

/** Units of the frame by cell, under the first clause that holds them. */
function cellsOf(plan, frame) {
  const typeOf = new Map(plan.types.map((t) => [t.type, t.stratum]));
  const cells = new Map();
  for (const row of frame) {
    const type = typeOf.get(row.type);
    const clause = plan.clauses.findIndex((c) => c.classes.includes(row.class) && c.types.includes(type));
    demand(clause >= 0, "frame.tsv", "clause", row.object_id, "对象不属于任何条款", "an object of no clause");
    const known = plan.districts.includes(row.district);
    demand(known, "frame.tsv", plan.districts, row.district, "计划里没有的辖区", "a district the plan does not have");
    const name = `${clause}/${row.class}.${type}.${row.district}`;
    if (!cells.has(name)) cells.set(name, { clause, class: row.class, type, district: row.district, units: 0, rows: [] });
    const cell = cells.get(name);
    cell.units += 1;
    cell.rows.push(row);
  }
  return [...cells.values()];
}

/** Strata of plan and frame, each with its rows (draw.md 4). */
export function derivedStrata(plan, frame) {
  const cells = cellsOf(plan, frame);
  const clauses = plan.clauses.flatMap((clause, i) => {
    const own = cells.filter((cell) => cell.clause === i);
    if (own.length === 0) return [];
    const year = clause.period === "year" ? { drawn: clause.drawn, batches: clause.batches_left } : null;
    const units = own.reduce((sum, cell) => sum + cell.units, 0);
    return [{ clause: clause.clause, total: clauseTotal(parseRatio(clause.ratio), units, year), cells: own }];
  });
  return makeStrata(clauses).map((stratum) => {
    const [class_, type] = stratum.stratum.split(".");
    const own = cells.filter((c) => c.class === class_ && c.type === type && stratum.districts.includes(c.district));
    return { ...stratum, class: class_, rows: own.flatMap((cell) => cell.rows) };
  });
}

/** Months in which each object was drawn, as history has them. */
function drawnMonths(history) {
  const out = new Map();
  for (const { key, drawn } of history) {
    if (drawn !== "1") continue;
    const slash = key.lastIndexOf("/");
    const id = key.slice(0, slash);
    if (!out.has(id)) out.set(id, []);
    out.get(id).push(key.slice(slash + 1));
  }
  return out;
}

/** Levels of a stratum's rows and what its rows in the tables must be (draw.md 5 to 7). */
export function derivedLevels(stratum, plan, months, scores) {
  const g = plan.cooldown.find((c) => c.class === stratum.class)?.months ?? 0;
  const cold = (row) => cooling(plan.period, g, months.get(row.object_id) ?? []);
  const [cool, warm] = [stratum.rows.filter(cold), stratum.rows.filter((row) => !cold(row))];
  const risks = warm.map((row) => {
    const risk = scores.get(row.object_id);
    demand(risk !== undefined, "scores.csv", row.object_id, "-", "对象没有风险分", "an object without a score");
    return risk;
  });
  const { num, den } = plan.risk.floor;
  const w = makeWeights(risks, { num: BigInt(num), den: BigInt(den) }, plan.risk.gamma);
  const found = makeLevels(w, stratum.n, g > 0);
  const level = new Map(cool.map((row) => [row.object_id, "0"]));
  warm.forEach((row, i) => level.set(row.object_id, found.levelOf[i]));
  return { ...found, level, weights: w, cooling: cool.length, eligible: warm.length };
}

/** Rows of levels.tsv a stratum must have: key, count, target. */
function wantedLevels(name, found) {
  const rows = found.levels.map((l) => [`${name}/${l.level}`, l.count, l.target_e12]);
  if (found.cooling) rows.push([`${name}/0`, found.cooling, 0]);
  if (found.takeAll) rows.push([`${name}/T`, found.takeAll, E12]);
  return rows;
}

/** L and pi of the fixed levels (draw.md 8). */
function checkFixed(row) {
  const fixed = { 0: "0,0", T: `${FULL},${E12}` }[row.key.slice(row.key.lastIndexOf("/") + 1)];
  if (fixed) same("levels.tsv", fixed, `${row.L},${row.pi_e12}`, `${row.key} 的参数不对`, `L or pi of ${row.key}`);
}

/** Numbered levels of a stratum, ascending. */
function numbered(table, name) {
  const own = table.filter((row) => row.key.startsWith(`${name}/`) && !/\/[0T]$/.test(row.key));
  return own.sort((a, b) => Number(a.key.slice(name.length + 1)) - Number(b.key.slice(name.length + 1)));
}

/** Step 11: sizes and probabilities follow from plan, scores and history. */
export function probabilities(bundle, options) {
  const [plan, frame, table] = [bundle.get("plan.json"), bundle.get("frame.tsv"), bundle.get("levels.tsv")];
  const months = drawnMonths(bundle.get("history.tsv"));
  if (plan.units) cellsOf(plan, frame); // every object has a clause and a district, whichever decides for its owner
  const units = unitsOf(plan, frame);
  const scores = risksOf(units, bundle.get("scores.csv"));
  const bare = units.find((unit) => scores.get(unit.object_id) === undefined);
  demand(!bare, "scores.csv", bare?.object_id, "-", "对象没有风险分", "an object without a score");
  const strata = derivedStrata(plan, units);
  const sizes = [];
  const want = [];
  for (const s of strata) {
    const found = derivedLevels(s, plan, months, scores);
    sizes.push([s.stratum, s.clause, s.N, found.eligible, s.n, found.m, found.takeAll].join("\t"));
    want.push(...wantedLevels(s.stratum, found));
    for (const unit of s.rows) for (const row of objectsOf(unit)) {
      const [level, id] = [found.level.get(unit.object_id), row.object_id];
      same("frame.tsv", `${s.stratum} ${level}`, `${row.stratum} ${row.level}`, `${id} 的层或级不对`, `stratum or level of ${id}`);
    }
    options.progress?.("probabilities", sizes.length / (2 * strata.length));
  }
  const written = bundle.get("strata.tsv").map((row) => row.line);
  same("strata.tsv", sizes.join("; "), written.join("; "), "抽取数不是由计划定出的", "sizes do not follow from the plan");
  const wanted = want.sort((a, b) => compare(a[0], b[0])).map((row) => row.join(" "));
  const rows = table.map((row) => `${row.key} ${row.count} ${row.target_e12}`);
  wanted.forEach((row, i) => same("levels.tsv", row, rows[i], "概率的目标不是由规则定出的", "levels do not follow"));
  same("levels.tsv", wanted.length, rows.length, "多出的级", "levels too many");
  table.forEach(checkFixed);
  strata.forEach((s, i) => {
    const levels = numbered(table, s.stratum).map((row) => ({
      count: Number(row.count), L: Number(row.L), target_e12: Number(row.target_e12), pi_e12: Number(row.pi_e12),
    }));
    const m = Number(sizes[i].split("\t")[5]);
    const done = levels.length === 0 || checkLevels(levels, m);
    demand(done, "levels.tsv", s.stratum, "-", "本程序算不出这一层的概率", "pi of this stratum is out of reach");
    options.progress?.("probabilities", 0.5 + (i + 1) / (2 * strata.length));
  });
  return { found: { zh: "抽中概率已由参数重算", en: "probabilities recomputed from the sealed parameters" } };
}

/** The draw of one stratum, from the sealed L. */
function drawn({ stratum: name, m }, all, levelOf, key, reserves) {
  const taken = all.filter((row) => row.level === "T").map((row) => row.object_id);
  const units = all
    .filter((row) => row.level !== "T" && row.level !== "0")
    .map((row) => ({ id: row.object_id, L: levelOf.get(`${name}/${row.level}`) }));
  return { taken, choice: choose(units, key, Number(m), reserves) };
}

/** Step 12: the lists follow from seed and L. */
export function selection(bundle, options) {
  const [draw, plan] = [bundle.get("draw.json"), bundle.get("plan.json")];
  same("tau.tsv", draw.tau, bundle.digest("tau.tsv"), "门槛文件不是记录的那份", "not the recorded tau");
  const seed = unhex(bundle.get("seed.json").seed);
  const key = objectKey(seed);
  const levelOf = new Map(bundle.get("levels.tsv").map((row) => [row.key, Number(row.L)]));
  const rows = new Map();
  const objects = new Map();
  for (const row of unitsOf(plan, bundle.get("frame.tsv"))) {
    objects.set(row.object_id, objectsOf(row).map((one) => one.object_id));
    if (!rows.has(row.stratum)) rows.set(row.stratum, []);
    rows.get(row.stratum).push(row);
  }
  const strata = bundle.get("strata.tsv");
  const want = { drawn: [], reserves: [], tau: [] };
  strata.forEach((one, i) => {
    const { stratum, m } = one;
    const { taken, choice } = drawn(one, rows.get(stratum) ?? [], levelOf, key, plan.reserves);
    const row = (unit, rank) => ({ object_id: second(seed, unit, objects.get(unit)), stratum, rank });
    want.drawn.push(...taken.map((id) => row(id, 0)), ...choice.drawn.map((id, k) => row(id, k + 1)));
    want.reserves.push(...choice.reserves.map((id, k) => row(id, Number(m) + k + 1)));
    if (choice.tau) want.tau.push([stratum, choice.tau.h.toString(16).padStart(64, "0"), choice.tau.L].join(" "));
    options.progress?.("selection", (i + 1) / strata.length);
  });
  compareLists(draw, want);
  checkOrder(bundle, plan, draw, seed);
  checkLots(bundle, plan, draw, seed);
  const tau = bundle.get("tau.tsv").map((row) => `${row.stratum} ${row.h} ${row.L}`);
  same("tau.tsv", want.tau, tau, "门槛不是由种子和参数定出的", "tau does not follow");
  const [n, r] = [want.drawn.length, want.reserves.length];
  return { found: { zh: `重抽 ${n} 户, 备选 ${r} 户, 逐户相同`, en: `drawn: ${n}, reserves: ${r}, all alike` } };
}

/** The order of batches follows from the seed; only items of the kind `key` have one. */
function checkOrder(bundle, plan, draw, seed) {
  const want = batchOrder(plan.batches ?? [], seed);
  const [own, found] = [plan.batches ? want : ["-"], draw.order ?? ["-"]].map((names) => names.join(" "));
  same("draw.json", own, found, "检查批次的次序不是种子定出的", "the order of batches does not follow");
  const key = new Set(bundle.get("items.tsv").filter((row) => row.kind === "key").map((row) => row.item_id));
  const general = plan.batches && plan.items.find((item) => !key.has(item));
  demand(!general, "items.tsv", "key", general, "一般检查事项不抽批次次序", "an order of batches for a general item");
}

/** The items of every lot follow from the seed; no object of the frame lacks its number of items. */
function checkLots(bundle, plan, draw, seed) {
  const size = new Map((plan.lots ?? []).map((lot) => [lot.object_id, lot.size]));
  const sample = samples(plan, bundle.get("strata.tsv"));
  const lacking = bundle.get("frame.tsv").find((row) => sample.has(row.stratum) && !size.has(row.object_id))?.object_id;
  demand(lacking === undefined, "plan.json", lacking, "-", "按件抽样的对象没有抽样基数", "a lot without its number of items");
  const mine = [...draw.drawn, ...draw.reserves].filter((one) => sample.has(one.stratum));
  const want = mine.map(({ object_id: id, stratum }) => ({ object_id: id, size: size.get(id), items: items(seed, id, size.get(id), sample.get(stratum)) }));
  const line = (one) => `${one.object_id} ${one.size} ${one.items}`;
  const [own, found] = [plan.lots && want.map(line).sort(compare), draw.lots?.map(line)].map((list) => list?.join("; ") ?? "-");
  same("draw.json", own, found, "各批抽取的件号不是种子定出的", "the items of a lot do not follow");
}

function compareLists(draw, want) {
  for (const [list, zh] of [["drawn", "抽中名单"], ["reserves", "备选名单"]]) {
    const line = (x) => `${x.object_id} ${x.stratum} ${x.rank}`;
    const own = want[list].sort((a, b) => compare(a.object_id, b.object_id)).map(line);
    const found = draw[list].map(line);
    own.forEach((x, i) => same("draw.json", x, found[i], `${zh}不是应抽中的`, `the ${list} are not those that follow`));
    same("draw.json", own.length, found.length, `${zh}多出对象`, `more ${list} than follow`);
  }
  same("draw.json", want.drawn.length, draw.n, "户数不对", "another number of drawn objects");
}
