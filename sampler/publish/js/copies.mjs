/**
 * Published copies: what they must hold and what they still prove (records.md 7).
 */

import { demand, same } from "./bundle.mjs";
import { hex, unhex } from "./bytes.mjs";
import { blindedLeaf, root } from "./merkle.mjs";
import { BUNDLE_FILES } from "./records.mjs";
import { objectKey, ticket } from "./ticket.mjs";
import { shown } from "./withheld.mjs";

/** What a copy of a sealed draw may not hold yet. */
const NOT_YET = ["closing.json", "public-value.json"];

/** The fixed files that a copy must hold. */
export function requiredOf(bundle, copy) {
  const secret = bundle.has("opening.json") || bundle.paths.some((p) => p.startsWith("custody-"));
  const made = ["clauses.tsv", "drawn.tsv", "exclusions.tsv", ...(secret ? ["opening.json"] : [])];
  const optional = copy.stage === "sealed" ? NOT_YET : [];
  return [...BUNDLE_FILES, ...made].filter((path) => path !== "manifest.json" && shown(path, copy) && !optional.includes(path));
}

/** Is the drawn list of a copy the one its seed gives tickets for? That nobody is missing only the whole bundle shows. */
export function drawnTickets(bundle) {
  const key = objectKey(unhex(bundle.get("seed.json").seed));
  const rows = bundle.get("drawn.tsv");
  for (const { object_id, owner, ticket: found } of rows) {
    const unit = owner === "-" ? object_id : owner;
    same("drawn.tsv", ticket(key, unit).toString(16).padStart(64, "0"), found, "摇号数不是种子给出的", "a ticket the seed does not give");
  }
  const n = bundle.get("clauses.tsv").reduce((sum, row) => sum + Number(row.n), 0);
  same("drawn.tsv", n, rows.length, "抽中名单的户数与公布的抽取数不符", "another number than the clauses say");
  return {
    na: true,
    found: { zh: `${n} 户的摇号数都对`, en: `tickets: ${n}, all follow from the seed` },
    meaning: {
      zh: "名单是否完整、概率是否照办, 公众看不到, 要由审计人核验",
      en: "whether the list is complete and the chances were kept the public cannot see: an auditor must",
    },
  };
}

/** What a copy shows of the excluded: every leaf of their tree, and the rows that are opened. */
export function exclusions(bundle) {
  const meaning = { zh: "名单、人员和层不公开, 只公布了它们的根", en: "frame, roster and strata are not public, only their roots" };
  if (!bundle.has("exclusions.tsv")) return { na: true, meaning };
  const [seal, rows] = [bundle.get("commitment.json"), bundle.get("exclusions.tsv")];
  const own = hex(root(rows.map((row) => unhex(row.leaf))));
  same("exclusions.tsv", seal.excluded.root, own, "剔除名单与封存时不同", "not the sealed exclusions");
  for (const { object_id, reason, nonce, leaf } of rows) {
    if (nonce === "-") continue;
    const found = hex(blindedLeaf("excluded", seal.draw_id, `${object_id}\t${reason}`, unhex(nonce)));
    same("exclusions.tsv", leaf, found, "剔除理由不是封存的那一条", "not the sealed reason");
  }
  const count = Object.values(seal.excluded.counts).reduce((a, b) => a + b, 0);
  demand(count === rows.length, "exclusions.tsv", count, rows.length, "剔除的户数与封存不同", "another number of exclusions");
  return { na: true, found: { zh: `剔除 ${count} 户与封存一致`, en: `exclusions: ${count}, as sealed` }, meaning };
}
