/**
 * What a targeted draw is limited to: a filter, a list of triggers, a given list (records.md 3.2).
 */

/** @returns {Set<string> | undefined} the objects of the list, if there is one */
function listed({ triggers, given }) {
  if (given) return new Set(given.objects);
  return triggers && new Set(triggers.map((t) => t.object_id));
}

/**
 * The first frame object off the target, the first listed one that is nowhere, and the first wrongly left out.
 * @param {object} target the plan's
 * @param {object[]} frame rows of frame.tsv
 * @param {object[]} excluded rows of excluded.tsv
 */
export function misplaced(target, frame, excluded) {
  const list = listed(target);
  const { types, industries, tags } = target.when ?? {};
  const aimed = (row) => list ? list.has(row.object_id)
    : (!types || types.includes(row.type)) && (!industries || industries.some((i) => row.industry.startsWith(i))) &&
      (!tags || row.tags.split(",").some((tag) => tags.includes(tag)));
  const there = new Set([...frame, ...excluded].map((row) => row.object_id));
  const refused = ({ reason }) => target.given ? reason !== "status" : reason === "off-target";
  return {
    off: frame.find((row) => !aimed(row))?.object_id,
    lost: [...(list ?? [])].find((id) => !there.has(id)),
    wrong: excluded.find((row) => list?.has(row.object_id) && refused(row))?.object_id,
  };
}
