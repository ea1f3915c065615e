/**
 * Whether a page shows what its files say: a page is a file too, and somebody may have changed it alone.
 */

const same = (a, b) => a.length === b.length && a.every((one, i) => one === b[i]);
const rows = (page, id) => [...page.querySelectorAll(`#${id} tbody tr`)];
const text = (row, what) => row.querySelector(what)?.textContent.trim() ?? "";

/** Names of the facts that a page leaves out, adds, or shows otherwise. */
function facts(page, told) {
  const seen = new Map([...page.querySelectorAll("[data-shown]")].map((one) => [one.dataset.shown, one.textContent.replaceAll(/\s/g, "")]));
  const names = new Set([...seen.keys(), ...Object.keys(told)]);
  return [...names].filter((name) => seen.get(name) !== told[name]);
}

/**
 * What a page shows otherwise than the files that passed: names of facts, "drawn", "results".
 * @param {Document} page
 * @param {{facts: object, drawn?: string[], results: object[]}} told by the kernel
 * @param {object} say
 */
export function differences(page, told, say) {
  const out = facts(page, told.facts);
  const ids = rows(page, "drawn").map((row) => text(row, "code"));
  if (!same(ids.sort(), [...(told.drawn ?? [])].sort())) out.push("drawn");
  const lines = rows(page, "results").map((row) => [text(row, "code"), text(row, "time"), text(row, ".result")].join("\t"));
  const wanted = told.results.map((one) => [one.id, one.date, say.result(one)].join("\t"));
  if (!same(lines.sort(), wanted.sort())) out.push("results");
  return out;
}
