/**
 * What is drawn: objects, or owners of whom one object is then taken (draw.md 1.1 and 9.6).
 */

import { compare, H, hex } from "./bytes.mjs";

/** The owner of a row: the object itself where none is named. */
export const ownerOf = ({ object_id, owner_id }) => (owner_id === "-" ? object_id : owner_id);

/** Does `b` decide the cell rather than `a`: a higher class, then a smaller `class.type.district`? */
function decides(a, b, cell) {
  if (a.class !== b.class) return compare(b.class, a.class) > 0;
  return compare(cell(b), cell(a)) < 0;
}

/**
 * The units of a frame, as rows: id, and class, type and district of the row that decides the cell.
 * @param {object} plan
 * @param {object[]} frame rows of frame.tsv
 * @returns {object[]} the rows themselves where objects are drawn; else a row per owner, its `objects` beside it
 */
export function unitsOf(plan, frame) {
  if (plan.units === undefined) return frame;
  const typeOf = new Map(plan.types.map((t) => [t.type, t.stratum]));
  const cell = (row) => `${row.class}.${typeOf.get(row.type) ?? "-"}.${row.district}`;
  const units = new Map();
  for (const row of frame) {
    const id = ownerOf(row);
    const known = units.get(id);
    if (!known) units.set(id, { ...row, object_id: id, objects: [row] });
    else {
      known.objects.push(row);
      if (decides(known, row, cell)) Object.assign(known, { class: row.class, type: row.type, district: row.district });
    }
  }
  return [...units.values()];
}

/** The rows of a unit. */
export const objectsOf = (unit) => unit.objects ?? [unit];

/** The risk of each unit: the largest of its objects', undefined where one has none. @returns {Map<string, number>} */
export function risksOf(units, scores) {
  const largest = (unit) => {
    const risks = objectsOf(unit).map((row) => scores.get(row.object_id));
    return risks.includes(undefined) ? undefined : risks.reduce((a, b) => (b > a ? b : a));
  };
  return new Map(units.map((unit) => [unit.object_id, largest(unit)]));
}

/**
 * The object of a drawn unit: that of the smallest H("second", seed, owner, object).
 * @param {Uint8Array} seed
 * @param {string} owner
 * @param {string[]} objects at least one
 */
export function second(seed, owner, objects) {
  if (objects.length === 1) return objects[0];
  const keyed = objects.map((id) => [hex(H("second", seed, owner, id)), id]);
  return keyed.reduce((a, b) => ((compare(a[0], b[0]) || compare(a[1], b[1])) <= 0 ? a : b))[1];
}

/** Probability of one object of a unit that has `size`, in 10^-12, rounded half up. */
export const objectPi = (pi, size) => Number((2n * BigInt(pi) + BigInt(size)) / (2n * BigInt(size)));
