/**
 * Field tables of all records (records.md 3), and the files of a bundle (records.md 6).
 */

import { decode } from "./canon.mjs";
import { require } from "./errors.mjs";
import { KINDS } from "./kinds.mjs";
import { checkPlan } from "./plan-rules.mjs";
import { checkShape } from "./schema.mjs";

const by = (...fields) => (item) => fields.map((field) => item[field]);
const itself = (item) => [item];
const oneOf = (...words) => (v) => words.includes(v);
const fromOne = (v) => KINDS.int(v) && v >= 1;
/** A record: the symbol says that `type` is its name. */
const typed = (type, fields) => ({ type: Symbol(type), ...fields });
const drawId = (v) => typeof v === "string" && /^[0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4}$/.test(v);
const agencyCode = (v) => typeof v === "string" && /^[0-9A-Z]{2,16}$/.test(v);
const RATIO = { den: "big", num: "big" };
const WHEN = { "types?": ["id", itself], "industries?": ["id", itself], "tags?": ["id", itself] };
const rooted = { root: "hash", count: "int" };
const listed = [{ object_id: "id", stratum: "id", rank: "int" }, by("object_id")];

const STRICT_FILES = oneOf("excluded", "frame", "history", "items", "levels", "plan", "recusals", "roster", "scores", "strata");
const KEY = { key_id: "id", owner: "id", public: "hash", role: "id", "outside?": "flag" };
/** The approval form and who approved; without `by` it counts for one. */
const APPROVAL = { form: "text", date: "date", "by?": ["text", itself] };
const BLANK = /[ \u00a0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff]/g;
export const approvers = ({ by }) => (by === undefined ? 1 : new Set(by.map((post) => post.replace(BLANK, "")).filter(Boolean)).size);
const MEMBERS = [{ group: "id", inspector_id: "id" }, by("group", "inspector_id")];
const VACANT = [{ group: "id", count: "int" }, by("group")];
const STAGE = {
  object_id: "id", inspector_id: "id", "lifted?": "flag", "undone?": "flag",
  changes: [{ object_id: "id", leaving: MEMBERS, entering: MEMBERS }, by("object_id")],
};
const BLOCKS = [
  { block: "id", rung: "id", round: "int", cost: "big", vacancies: "int", potentials: { map: ["text", "big"] }, "stages?": [STAGE] },
  by("block"),
];

const partyCommitment = typed("party-commitment", { sitting_id: "id", party: "id", c: "hash", "anchors?": ["hash"] });
const reveal = typed("reveal", { sitting_id: "id", party: "id", sitting: "hash", r: "hash" });

const CAUSE = typed("amendment-cause", {
  draw_id: drawId,
  number: fromOne,
  kind: oneOf("illness", "leave", "left", "certificate", "recusal", "vacancy", "out-of-scope"),
  requester: "text",
  reason: "note",
  approval: APPROVAL,
  "inspector_id?": "id",
  "object_id?": "id",
  "interval?": { from: "date", to: "date" },
});

const OPENING = typed("object-opening", {
  draw_id: drawId, commitment: "hash", tree: "id", row: "row", nonce: "nonce", index: "int",
  proof: ["hash"], "pi_e12?": "int",
});

/** Shape of each record by its type. */
export const RECORDS = {
  charter: typed("charter", {
    agency: agencyCode,
    name: "text",
    spec: "text",
    keys: [KEY, by("key_id")],
    parties: [{ party: "id", name: "text" }, by("party")],
    "witness_k?": "int",
    sources: ["id", itself],
    min_reveals: "int",
    approvals: "int",
    disclosure: oneOf("open", "standard", "after-inspection"),
    calendar: "text",
    "demo?": "flag",
  }),
  plan: typed("plan", {
    plan_id: "id",
    scope: "id",
    title: "text",
    agency: "id",
    period: "month",
    disclosure: "id",
    visits: { from: "date", to: "date" },
    items: ["id", itself],
    districts: ["id", itself],
    active: ["text"],
    exclusions: ["id"],
    types: [{ type: "id", stratum: "id" }, by("type")],
    clauses: [
      {
        clause: "id", classes: ["id", itself], types: ["id", itself], ratio: "text", period: "id",
        "drawn?": "int", "batches_left?": "int", "sample?": "int",
      },
    ],
    caps: [{ item: "id", department: "id", cap: "int" }],
    cooldown: [{ class: "id", months: "int" }, by("class")],
    risk: { floor: RATIO, gamma: "int" },
    reserves: "int",
    templates: [
      {
        template: "id",
        "when?": WHEN,
        groups: [{ group: "id", count: "int", needs: ["id", itself], "department?": "id" }, by("group")],
      },
    ],
    assignment: {
      jurisdiction: "id",
      leave_days: "int",
      ladder: [{ rung: "id", below: "int", above: "int" }],
      "initiator?": "id",
      "clusters?": [{ cluster: "id", districts: ["id", itself] }, by("cluster")],
      "cross?": [{ inspector_id: "id", district: "id", document: "text" }, by("inspector_id", "district")],
      "fixed?": [
        { object_id: "id", group: "id", inspector_id: "id", document: "text" }, by("object_id", "group", "inspector_id"),
      ],
      "rotate?": "flag",
      "limits?": [{ limit: "id", districts: ["id", itself], most: "int" }, by("limit")],
      "together?": "int",
    },
    dry_runs: "int",
    q_max: RATIO,
    "note?": "text",
    "units?": "id",
    "target?": {
      filter: "text",
      "when?": WHEN,
      "triggers?": [
        { object_id: "id", date: "date", reason: "id", source: "id" }, by("object_id", "date", "reason", "source"),
      ],
      "given?": { authority: "text", document: "text", date: "date", sha256: "hash", objects: ["id", itself] },
    },
    "grace?": "int",
    "batches?": [{ batch: "id", districts: ["id", itself] }, by("batch")],
    "lots?": [{ object_id: "id", size: "int" }, by("object_id")],
  }),
  registration: typed("registration", {
    draw_id: drawId, plan: "hash", plan_id: "id", scope: "id", period: "month", deadline: "time",
    "redraw?": { draw_id: drawId, void: "hash", differs: [STRICT_FILES, itself] },
  }),
  "party-commitment": partyCommitment,
  reveal,
  commitment: typed("commitment", {
    draw_id: drawId,
    sitting_id: "id",
    registration: "hash",
    plan: "hash",
    approval: APPROVAL,
    frame: rooted,
    excluded: { root: "hash", counts: { map: ["id", "int"] } },
    registry: "int",
    tables: { history: "hash", items: "hash", levels: "hash", scores: "hash", strata: "hash" },
    roster: rooted,
    recusals: rooted,
    "model?": "hash",
    "training?": "hash",
    spec: "hash",
    parties: [{ party: "id", c: "hash" }, by("party")],
    "anchor?": { party: "id", end: "hash" },
    "last?": "id",
    source: "text",
    reveal_deadline: "time",
    previous: "hash",
    "software?": "text",
  }),
  closing: typed("closing", {
    sitting_id: "id",
    sitting: "hash",
    revealed: { map: ["id", "hash"] },
    absent: ["id", itself],
    custody: [{ party: "id", holder: "id", rhash: "hash" }, by("party")],
    "form_scan?": "hash",
  }),
  "public-value": typed("public-value", {
    sitting_id: "id", sitting: "hash", source: "text", value: "text", evidence: [{ file: "text", sha256: "hash" }, by("file")],
  }),
  seed: typed("seed", {
    draw_id: drawId, source: "text", value: "text", parties: [{ party: "id", "r?": "hash" }, by("party")], seed: "hash",
  }),
  sitting: typed("sitting", {
    sitting_id: "id",
    sitting: "hash",
    commitments: [{ draw_id: drawId, commitment: "hash" }, by("draw_id")],
    party_commitments: [partyCommitment, by("party")],
    reveals: [reveal, by("party")],
  }),
  draw: typed("draw", {
    draw_id: drawId, commitment: "hash", seed: "hash", tau: "hash", assignment: "hash", n: "int", drawn: listed, reserves: listed, "order?": ["id"],
    "lots?": [{ object_id: "id", size: "int", items: ["int"] }, by("object_id")],
  }),
  assignment: typed("assignment", {
    draw_id: drawId,
    blocks: BLOCKS,
    teams: [{ object_id: "id", template: "id", members: MEMBERS, vacant: VACANT }, by("object_id")],
    bans: [{ object_id: "id", inspector_id: "id" }, by("object_id", "inspector_id")],
  }),
  proofs: typed("proofs", {
    size: "int",
    records: [{ index: "int", type: "id", rhash: "hash", proof: ["hash"] }, by("index")],
    earlier: [{ checkpoint: "note", proof: ["hash"] }],
  }),
  custody: typed("custody", { sitting_id: "id", sitting: "hash", party: "id", holder: "id", c: "hash" }),
  void: typed("void", {
    draw_id: drawId, registration: "hash", cause: "note", "sitting_id?": "id", "commitment?": "hash", "draw?": "hash", "missing?": ["id", itself],
  }),
  attestation: typed("attestation", {
    draw_id: drawId, draw: "hash", checkpoint: "note", report: "hash", auditor: "text", public: "hash",
  }),
  "key-change": typed("key-change", { number: fromOne, old: "id", cause: "text", "new?": KEY }),
  "object-opening": OPENING,
  opening: typed("opening", { draw_id: drawId, draw: "hash", secrets: { map: ["id", "hash"] } }),
  results: typed("results", {
    draw_id: drawId,
    batch: fromOne,
    previous: "hash",
    rows: [
      {
        object_id: "id", state: "id", "reason?": "id", "date?": "date", "result?": "int", "also?": ["id", itself], "severity?": "int",
        "defects?": "int", "measure?": "id", "officers?": ["id", itself], "visit_code?": "id", "entered_at?": "text", "left_at?": "text",
        "attachments?": [{ name: "text", sha256: "hash" }, by("name")], "merged_into?": "id",
      },
      by("object_id"),
    ],
  }),
  "amendment-cause": CAUSE,
  amendment: typed("amendment", {
    draw_id: drawId,
    number: fromOne,
    cause: CAUSE,
    changes: [{ object_id: "id", leaving: MEMBERS, entering: MEMBERS, vacant: VACANT }, by("object_id")],
    blocks: BLOCKS,
    "chain?": "hash",
    "reserve?": { object_id: "id", stratum: "id", rank: "int" },
  }),
  nonces: typed("nonces", { nonces: [{ index: "int", nonce: "nonce" }, by("index")] }),
};

/** Shapes of the two files without a type. */
export const MANIFEST = {
  schema: "text",
  draw_id: drawId,
  level: "id",
  "stage?": "id",
  files: [{ path: "text", sha256: "hash", size: "int" }, by("path")],
};
export const SIGNATURES = [{ type: "id", rhash: "hash", key_id: "id", sig: "sig" }, by("type", "rhash", "key_id")];
RECORDS["opening-file"] = typed("opening-file", {
  opening: OPENING, charter: RECORDS.charter, commitment: RECORDS.commitment, signatures: SIGNATURES, keys: [RECORDS["key-change"]],
  logged: { index: "int", nonce: "nonce", size: "int", proof: ["hash"] }, checkpoint: "note",
});
export const ENTRY = { type: "id", "sitting_id?": "id", "draw_id?": "id", leaf: "hash" };

const SITTING = ["party-commitment", "reveal", "closing", "public-value", "custody"];
const DRAW = ["registration", "draw", "void", "opening", "amendment-cause", "amendment", "results"];

/** Ids that the log entry of a type carries (records.md 4); undefined: a type this page does not know. */
function entryIds(type) {
  if (SITTING.includes(type)) return ["sitting_id"];
  if (DRAW.includes(type)) return ["draw_id"];
  if (type === "commitment") return ["sitting_id", "draw_id"];
  return ["charter", "key-change"].includes(type) ? [] : undefined;
}

/** Refuse an entry that carries other ids than its type. */
export function checkEntry(entry, path) {
  checkShape(entry, ENTRY, path);
  const ids = entryIds(entry.type);
  const carried = ["sitting_id", "draw_id"].filter((name) => Object.hasOwn(entry, name)).join();
  require(ids === undefined || ids.join() === carried, "LOG_IDS", `${entry.type} carries ${ids}`);
}

/** Record type of each JSON file of a bundle. */
export const RECORD_FILES = {
  "charter.json": "charter",
  "registration.json": "registration",
  "plan.json": "plan",
  "sitting.json": "sitting",
  "commitment.json": "commitment",
  "closing.json": "closing",
  "public-value.json": "public-value",
  "seed.json": "seed",
  "draw.json": "draw",
  "assignment.json": "assignment",
  "log/proofs.json": "proofs",
  "log/nonces.json": "nonces",
};

/** Files an auditor's bundle must hold (records.md 6). */
export const BUNDLE_FILES = [
  ...Object.keys(RECORD_FILES),
  "manifest.json", "signatures.json", "frame.tsv", "excluded.tsv", "strata.tsv", "levels.tsv", "tau.tsv", "history.tsv",
  "items.tsv", "roster.tsv", "recusals.tsv", "scores.csv", "log/checkpoint", "log/entries",
];

const NAME = "(?!\\.\\.?$)[0-9A-Za-z._-]{1,64}";
const MORE = new RegExp(
  `^(evidence/${NAME}|custody-[0-9A-Za-z._-]{1,64}\\.json|(keys|amendments|results)/\\d{4}\\.json|` +
    "attestation-[0-9A-Za-z._-]{1,64}\\.json|(void|opening)\\.json|openings/[0-9a-f]{32}\\.json)$",
);

/** Record type of the files that are there in some bundles only. */
export function laterType(path) {
  if (/^openings\/[0-9a-f]{32}\.json$/.test(path)) return "opening-file";
  const found = /^(?:(custody|attestation)-.*\.json|(void|opening)\.json|(keys|results|amendments)\/\d{4}\.json)$/.exec(path);
  const name = found && (found[1] ?? found[2] ?? found[3]);
  return { keys: "key-change", amendments: "amendment" }[name] ?? name;
}

const SITTING_FILE = /^sitting\/([0-9A-Z]{2,16}-[0-9]{4}-[0-9]{4})\/(?:(draw|void|assignment)\.json|(amendments)\/[0-9]{4}\.json)$/;

/** Draw and record type of a file that shows another draw of the sitting; null for any other path. */
export function sittingFile(path) {
  const found = SITTING_FILE.exec(path);
  return found && { draw_id: found[1], type: found[3] ? "amendment" : found[2] };
}

/** May a bundle hold this path (records.md 6)? */
export const lawfulPath = (path) => BUNDLE_FILES.includes(path) || MORE.test(path) || sittingFile(path) !== null;

/**
 * Read a record strictly.
 * @param {string} type
 * @param {Uint8Array} data
 */
export function readRecord(type, data) {
  const value = decode(data);
  require(Object.hasOwn(RECORDS, type), "RECORD_SCHEMA", `unknown record type ${type}`);
  checkShape(value, RECORDS[type]);
  if (type === "plan") checkPlan(value);
  return value;
}
