/**
 * What an estimate reads in a bundle: the weight of every drawn object, and for how many objects these speak (estimate.md 1).
 */

import { require, SamplerError } from "./errors.mjs";
import { bigW, designWeight, pastOf } from "./inference.mjs";
import { rational } from "./rational.mjs";
import { ownerOf } from "./units.mjs";

const levelOf = (row) => `${row.stratum}/${row.level}`;
const classOf = (row) => row.stratum.split(".")[0];

/** The earlier probabilities of the drawn units; null where some are not on record, so that W cannot be had. */
function earlier(period, months, history, someCool) {
  if (someCool && !history.some((row) => row.drawn === "0")) return null;
  try {
    return pastOf(period, months, history);
  } catch (error) {
    if (error instanceof SamplerError && error.code === "WEIGHT_UNKNOWN") return null;
    throw error;
  }
}

function known(frame, drawn, strata, levels) {
  const ids = new Set(frame.map((row) => row.object_id));
  const sealed = new Set(strata.map((row) => row.stratum));
  const fits = frame.every((row) => sealed.has(row.stratum) && levels.has(levelOf(row)));
  require(fits && drawn.every((id) => ids.has(id)), "ESTIMATE_FRAME", "a drawn object, a stratum or a level that is not sealed");
}

/**
 * The drawn objects with their weights, in order of the frame, and what is left to chance.
 * @param {object} given period, cooldown, units?, rows of frame, strata, levels and history, and the drawn ids
 */
export function drawnWeights({ period, cooldown, units, frame, strata, levels, history, drawn }) {
  const pi = new Map(levels.map((row) => [row.key, row.pi_e12]));
  known(frame, drawn, strata, pi);
  const unit = units === undefined ? (row) => row.object_id : ownerOf;
  const size = new Map();
  for (const row of frame) size.set(unit(row), (size.get(unit(row)) ?? 0) + 1);
  const certain = (row) => row.level === "T" && size.get(unit(row)) === 1;
  const months = (row) => (row.level === "T" ? 0 : cooldown.find((c) => c.class === classOf(row))?.months ?? 0);
  const chosen = frame.filter((row) => drawn.includes(row.object_id));
  const someCool = frame.some((row) => row.level === "0");
  const past = earlier(period, new Map(chosen.map((row) => [unit(row), months(row)])), history, someCool);
  const weigh = (row) => {
    const { num, den } = past ? bigW(pi.get(levelOf(row)), past.get(unit(row))) : designWeight(pi.get(levelOf(row)));
    return rational(num * BigInt(size.get(unit(row))), den);
  };
  const spoken = frame.filter((row) => past || row.level !== "0");
  const open = new Map(frame.filter((row) => row.level === "T" && !certain(row)).map((row) => [unit(row), row.stratum]));
  return {
    drawn: chosen.map((row) => ({ object_id: row.object_id, taken: certain(row), weight: weigh(row) })),
    taken: spoken.filter(certain).length,
    chance: spoken.filter((row) => !certain(row)).length,
    left_out: frame.length - spoken.length,
    m: strata.map(({ stratum, m }) => ({ stratum, m: m + [...open.values()].filter((s) => s === stratum).length })),
  };
}
