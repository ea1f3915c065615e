/**
 * Steps 5 to 9 of a replay: log, order, parties, public value, seed (PROTOCOL 7; records.md 4, 5).
 */

import { beaconValue, checkSignature, evidenceName, readAnswer, timeOf } from "./beacon.mjs";
import { demand, same } from "./bundle.mjs";
import { equal, hex, unhex } from "./bytes.mjs";
import { keysAt } from "./keys.mjs";
import { consistent, entryLeaf, included, logLeaf, root } from "./merkle.mjs";
import { keyHash, noteSignedBy, readCheckpoint } from "./note.mjs";
import { parseSource, valueBytes } from "./sources.mjs";
import { partyCommitment, seed as makeSeed, sittingHash } from "./ticket.mjs";
import { CLOSING } from "./wording.mjs";

/** A checkpoint must be the log's own: its origin and its key; every other line a witness's, and valid (log.md 4). */
function checkSigned(bundle, point, file) {
  const charter = bundle.get("charter.json");
  same(file, `sampler/${charter.agency}`, point.origin, "检查点属于另一日志", "a checkpoint of another log");
  const keys = keysAt(bundle, point.size).filter((k) => ["log", "witness"].includes(k.role));
  const roles = point.note.signatures.map((line) => {
    const nameOf = (k) => (k.role === "log" ? point.origin : k.owner);
    const key = keys.find((k) => line.name === nameOf(k) && equal(line.hash, keyHash(nameOf(k), unhex(k.public))));
    demand(key, file, "log, witness", line.name, "检查点上有不认识的签名", "a line of a key that the charter does not name");
    const good = noteSignedBy(point.note, line.name, unhex(key.public));
    demand(good, file, key.key_id, "-", "检查点的签名不成立", "a checkpoint whose signature does not verify");
    return key.role;
  });
  demand(roles.includes("log"), file, "log", "-", "检查点没有日志密钥的签名", "a checkpoint that the log's key did not sign");
}

/** Witness cosignatures on the head, where the charter asks for some. */
function checkWitnesses(bundle, point) {
  const charter = bundle.get("charter.json");
  if (charter.witness_k === undefined) return;
  const keys = keysAt(bundle, point.size).filter((k) => k.role === "witness");
  const signed = keys.filter((k) => noteSignedBy(point.note, k.owner, unhex(k.public))).length;
  const enough = signed >= charter.witness_k;
  demand(enough, "log/checkpoint", charter.witness_k, signed, "见证人签名不足", "too few cosignatures");
}

/** A checkpoint from outside must be one this log once had; of a newer one nothing can be said. @returns {object} what the step tells */
function checkHead(bundle, leaves, data) {
  const point = readCheckpoint(data);
  checkSigned(bundle, point, "--head");
  const [outside, here] = [point.size, leaves.length];
  if (outside > here) {
    return {
      found: { zh: `日志 ${here} 条; 外来检查点较新`, en: `log entries: ${here}; the outside head is newer` },
      notProved: {
        zh: `外来检查点 (${outside} 条) 比本包 (${here} 条) 新: 须向机关索取更新的证据包再核对`,
        en: `the outside head (${outside} entries) is newer than this bundle (${here}): ask for a newer bundle`,
      },
    };
  }
  const own = hex(root(leaves.slice(0, point.size)));
  same("--head", hex(point.root), own, "日志与外来检查点不符, 日志被改写", "the log was rewritten");
  return { found: { zh: `日志 ${here} 条, 与外来检查点一致`, en: `log entries: ${here}, as the outside head says` } };
}

/** Inclusion of each record of this draw, once, under its own entry. */
function checkInclusion(bundle, point) {
  const file = "log/proofs.json";
  const [entries, proofs] = [bundle.get("log/entries"), bundle.get(file)];
  const nonces = new Map(bundle.get("log/nonces.json").nonces.map((n) => [n.index, n.nonce]));
  const need = new Map(bundle.signed().map((one) => [`${one.type} ${one.rhash}`, one]));
  const want = proofs.records.map((r) => r.index).join();
  same("log/nonces.json", want, [...nonces.keys()].join(), "随机数与证明不配", "nonces that belong to no proof");
  for (const { index, type, rhash, proof } of proofs.records) {
    const name = `${type} ${rhash}`;
    const one = need.get(name);
    demand(one, file, "-", name.slice(0, 40), "证明里有本包没有的记录", "a proof of a record that is not here");
    demand(index < entries.length, file, entries.length, index, "证明的位置在日志之外", "an index outside the log");
    const { bytes, leaf, ...fields } = entries[index];
    const ids = { type, ...one.ids };
    const alike = ["type", "sitting_id", "draw_id"].every((k) => fields[k] === ids[k]);
    demand(alike, "log/entries", Object.values(ids), Object.values(fields), "日志条目不是这份记录的", "another record's entry");
    same("log/entries", hex(logLeaf(unhex(nonces.get(index)), unhex(rhash))), leaf, "记录与日志不符", "not the logged record");
    const good = included(entryLeaf(bytes), index, point.size, proof.map(unhex), point.root);
    demand(good, file, index, "-", "包含证明不成立", "an inclusion proof that does not hold");
    need.delete(name);
  }
  demand(need.size === 0, file, [...need.keys()][0]?.slice(0, 40), "-", "有记录没有进入日志", "a record without a proof");
}

/** Step 5: the log holds every record, only grew, and is the one its key signed. */
export function log(bundle, options) {
  const [entries, point, proofs] = [bundle.get("log/entries"), bundle.get("log/checkpoint"), bundle.get("log/proofs.json")];
  const leaves = bundle.once("leaves", () => entries.map((e) => entryLeaf(e.bytes)));
  same("log/checkpoint", entries.length, point.size, "日志条数与检查点不符", "another size than the checkpoint says");
  same("log/proofs.json", point.size, proofs.size, "证明属于另一检查点", "proofs for another head");
  demand(equal(root(leaves), point.root), "log/entries", hex(point.root), "-", "日志与检查点不符", "not the log of the checkpoint");
  checkSigned(bundle, point, "log/checkpoint");
  checkWitnesses(bundle, point);
  let before = 0;
  for (const { checkpoint, proof } of proofs.earlier) {
    const old = readCheckpoint(checkpoint);
    checkSigned(bundle, old, "log/proofs.json");
    demand(old.size > before, "log/proofs.json", `> ${before}`, old.size, "先前的检查点次序不对", "checkpoints out of order");
    const good = consistent(old.size, point.size, old.root, point.root, proof.map(unhex));
    demand(good, "log/proofs.json", old.size, "-", "日志没有包含先前的日志", "not an extension of an earlier log");
    before = old.size;
  }
  checkInclusion(bundle, point);
  if (options.head) return checkHead(bundle, leaves, options.head);
  return {
    found: { zh: `日志 ${point.size} 条; 未提供外来检查点`, en: `log entries: ${point.size}; head not supplied` },
    notProved: {
      zh: "未提供外来的检查点: 不能排除日志对不同的人有不同的样子",
      en: "head not supplied: the log may look different to others",
    },
  };
}

/** What comes after a draw, in any order. */
const AFTER = ["amendment-cause", "amendment", "results", "opening"];
/** Stages of a draw in the order of the log (records.md 5). */
const ORDER = [
  ["charter"], ["registration"], ["party-commitment"], ["commitment"], ["reveal", "custody"], ["closing"], ["public-value"],
  ["last"], ["draw"], AFTER,
];

/** The log of a copy reaches as far as the copy says: to its draw, although it may not show it. */
function checkReached(bundle) {
  const { draw_id } = bundle.get("registration.json");
  const there = bundle.get("log/entries").some((e) => e.type === "draw" && e.draw_id === draw_id);
  const stage = bundle.copy?.stage;
  demand(!stage || stage === "sealed" || there, "log/entries", "draw", "-", "日志里没有这次抽取", "the log does not hold this draw");
}

/** Nothing of a draw follows its Void; one that shows the draw comes after everything that the draw follows from. */
function checkVoidLast(bundle, places) {
  const [at] = places("void");
  if (at === undefined) return;
  const shown = bundle.get("void.json").draw === undefined ? [] : ["closing", "public-value", "last"];
  const before = places("registration", "commitment", "draw", ...AFTER, ...shown);
  demand(Math.max(...before) < at, "log/entries", "void", at, "次序不对: void 太早", "out of order: void is too early");
}

/** The log holds one charter. */
function checkCharters(bundle) {
  const charters = bundle.get("log/entries").filter((e) => e.type === "charter").length;
  same("log/entries", 1, charters, "日志里的章程不止一份", "the log holds another charter");
}

/** Checkpoints between the seal and the first secret. */
function between(bundle, places) {
  const [sealed, random] = [places("commitment")[0], Math.min(...places("reveal", "custody", "closing"))];
  const points = bundle.get("log/proofs.json").earlier.map(({ checkpoint }) => readCheckpoint(checkpoint));
  return { random, points: points.filter(({ size }) => size > sealed && size <= random) };
}

/** Did a key outside the agency sign a reveal, a receipt, or a checkpoint between seal and reveals? */
function outsider(bundle, points) {
  const changed = bundle.later("key-change").flatMap(({ record }) => (record.new ? [record.new] : []));
  const outside = [...bundle.get("charter.json").keys, ...changed].filter((k) => k.outside);
  const parties = outside.filter((k) => k.role === "party").map((k) => k.key_id);
  const theirs = (s) => ["reveal", "custody"].includes(s.type) && parties.includes(s.key_id);
  const witnesses = outside.filter((k) => k.role === "witness");
  const seen = ({ note }) => witnesses.some((k) => noteSignedBy(note, k.owner, unhex(k.public)));
  return bundle.get("signatures.json").some(theirs) || points.some(seen);
}

/** Step 6: everything was sealed before anything random existed, by log index. */
export function order(bundle) {
  const proofs = bundle.get("log/proofs.json");
  const { last: name } = bundle.get("commitment.json");
  const final = bundle.get("sitting.json").reveals.find((r) => r.party === name);
  const late = final && bundle.rhash(final);
  const stage = (r) => (r.rhash === late ? "last" : r.type);
  const { draw_id } = bundle.get("registration.json");
  const owners = bundle.get("log/entries").map((e) => e.draw_id ?? draw_id);
  const mine = proofs.records.filter((r) => owners[r.index] === draw_id);
  const places = (...types) => mine.filter((r) => types.includes(stage(r))).map((r) => r.index);
  let last = -1;
  for (const types of ORDER) {
    const own = places(...types);
    const least = Math.min(...own);
    const [zh, en] = [`次序不对: ${types[0]} 太早`, `out of order: ${types[0]} is too early`];
    demand(least > last, "log/entries", ORDER.join(" < "), types[0], zh, en);
    last = Math.max(last, ...own);
  }
  checkVoidLast(bundle, places);
  checkCharters(bundle);
  const sealed = places("commitment")[0];
  const { random, points } = between(bundle, places);
  demand(points.length || random === Infinity, "log/proofs.json", "checkpoint", "-", "封存之后、揭示之前没有检查点", "no checkpoint between seal and reveals");
  checkReached(bundle);
  const hidden = bundle.hidden().find((e) => !["amendment-cause", "amendment", "results"].includes(e.type));
  demand(!hidden, "log/entries", "-", hidden?.type, "日志里还有本包没有的记录", "the log holds records of this draw that are not here");
  const before = bundle.get("log/entries").slice(0, sealed).filter((e) => e.type === "commitment");
  const first = before.length === 0;
  const known = bundle.get("sitting.json").commitments.find((c) => c.draw_id === before.at(-1)?.draw_id);
  const { previous } = bundle.get("commitment.json");
  if (known) same("commitment.json", known.commitment, previous, "没有指明上一次封存", "the seal before is another");
  const zero = /^0+$/.test(bundle.get("commitment.json").previous);
  demand(first === zero, "commitment.json", "previous", "-", "没有指明上一次封存", "the seal before is not named");
  return outsider(bundle, points) ? {} : { notProved: CLOSING.outsider };
}

/** Hash of the sitting over its seals. */
function ownSitting(bundle) {
  const { sitting_id, commitments } = bundle.get("sitting.json");
  return hex(sittingHash(sitting_id, commitments.map((c) => unhex(c.commitment))));
}

/** Custody: the holder, another party, keeps what was promised (records.md 3.11). */
function checkCustody(bundle, promised) {
  const [closing, sitting] = [bundle.get("closing.json"), bundle.get("sitting.json").sitting];
  const kept = bundle.later("custody").map(({ file, record }) => {
    const { party, holder } = record;
    same(file, `custody-${party}.json ${sitting} ${promised.get(party)}`, `${file} ${record.sitting} ${record.c}`, "代管不符", "another custody");
    demand(holder !== party && promised.has(holder), file, "holder", holder, "代管人应是另一方", "the holder is not another party");
    return `${party} ${holder} ${bundle.rhash(record)}`;
  });
  const listed = closing.custody.map((c) => `${c.party} ${c.holder} ${c.rhash}`);
  same("closing.json", kept, listed, "截止记录的代管不符", "the closing lists other custody");
}

/** Every party revealed, is in custody, is absent, or is the last: in exactly one of these (records.md 3.6). */
function checkClosing(bundle) {
  const [sitting, closing, charter] = [bundle.get("sitting.json"), bundle.get("closing.json"), bundle.get("charter.json")];
  const { last } = bundle.get("commitment.json");
  const early = sitting.reveals.filter((r) => r.party !== last);
  const pairs = early.map((r) => `${r.party}=${r.r}`);
  const listed = Object.keys(closing.revealed).sort().map((p) => `${p}=${closing.revealed[p]}`);
  same("closing.json", pairs, listed, "截止记录与揭示不符", "the closing lists other reveals");
  const accounted = [...early.map((r) => r.party), ...closing.custody.map((c) => c.party), ...(last ? [last] : [])];
  demand(new Set(accounted).size === accounted.length, "closing.json", "-", accounted, "一方算了两次", "a party counted twice");
  const absent = charter.parties.map((p) => p.party).filter((p) => !accounted.includes(p));
  same("closing.json", absent, closing.absent, "缺席名单不对", "the absent parties are others");
  const [need, count] = [charter.min_reveals, accounted.length];
  demand(count >= need, "closing.json", need, count, "揭示的不够, 应当作废", "too few reveals: void");
  return { revealed: sitting.reveals.length, absent: absent.length };
}

/** The end of the amendment chain is one its party promised; a list that may not be known needs a secret in custody. */
function checkSpecial(bundle, place) {
  const [seal, sitting] = [bundle.get("commitment.json"), bundle.get("sitting.json")];
  const kept = bundle.has("plan.json") && bundle.get("plan.json").disclosure === "after-inspection";
  const custody = bundle.get("closing.json").custody.length;
  demand(!kept || custody > 0, "closing.json", "custody", "-", "检查前不公开的抽查要有代管的秘密", "nothing is in custody");
  if (seal.anchor) {
    const ends = sitting.party_commitments.find((p) => p.party === seal.anchor.party)?.anchors ?? [];
    same("commitment.json", ends[place], seal.anchor.end, "变更链不是该方承诺的", "not the promised chain");
  }
}

/** Step 7: the secrets revealed are the secrets promised. */
export function parties(bundle, options) {
  const [sitting, seal, charter] = [bundle.get("sitting.json"), bundle.get("commitment.json"), bundle.get("charter.json")];
  const file = "sitting.json";
  const own = sitting.commitments.find((c) => c.draw_id === seal.draw_id);
  const names = charter.parties.map((p) => p.party);
  const promised = sitting.party_commitments.map((p) => `${p.party}=${p.c}`);
  same("commitment.json", promised, seal.parties.map((p) => `${p.party}=${p.c}`), "封存的承诺不同", "the seal has other promises");
  same(file, names, sitting.party_commitments.map((p) => p.party), "承诺的不是章程的各方", "not the parties of the charter");
  checkSpecial(bundle, sitting.commitments.indexOf(own));
  for (const { party, r, sitting: hash } of sitting.reveals) {
    same(file, sitting.sitting, hash, "揭示指向另一场次", "a reveal of another sitting");
    const c = sitting.party_commitments.find((p) => p.party === party)?.c;
    same(file, c, hex(partyCommitment(sitting.sitting_id, party, unhex(r))), "揭示的秘密不是承诺的", "not the promised secret");
  }
  same("closing.json", sitting.sitting, bundle.get("closing.json").sitting, "截止属于另一场次", "closing of another sitting");
  checkCustody(bundle, new Map(sitting.party_commitments.map((p) => [p.party, p.c])));
  const { revealed, absent } = checkClosing(bundle);
  return sealCode(ownSitting(bundle).slice(0, 40), revealed, absent, options);
}

function sealCode(code, revealed, absent, options) {
  const found = { zh: `${revealed} 方揭示, ${absent} 方缺席`, en: `${revealed} revealed, ${absent} absent` };
  const grouped = code.match(/.{4}/g).join(" ");
  if (options.sealCode) {
    const given = options.sealCode.replace(/[\s-]/g, "").toLowerCase();
    same("sitting.json", grouped, given.match(/.{1,4}/g)?.join(" "), "封存码与审批表不符", "not the code on the form");
    return { found };
  }
  return {
    found,
    notProved: { zh: `未核对审批表上的封存码: 应为 ${grouped}`, en: `seal code not checked: the form should show ${grouped}` },
  };
}

/** With a ceremony, and only then, a party outside the agency reveals after the digits. */
function checkLast(bundle) {
  const [seal, sitting, charter] = [bundle.get("commitment.json"), bundle.get("sitting.json"), bundle.get("charter.json")];
  const ceremony = seal.source.startsWith("ceremony:");
  same("commitment.json", ceremony, seal.last !== undefined, "掷码仪式应有最后揭示的一方", "a ceremony names who reveals last");
  if (!ceremony) return;
  const outside = charter.keys.some((k) => k.role === "party" && k.owner === seal.last && k.outside);
  const there = sitting.reveals.some((r) => r.party === seal.last);
  demand(outside && there, "commitment.json", "outside", seal.last, "最后揭示的应是机关以外的一方", "the last must be an outsider");
}

/** A beacon's answer: a round of after the deadline, and the one signature that it can have. */
function checkBeacon(bundle, round) {
  const [deadline, moment, file] = [bundle.get("commitment.json").reveal_deadline, timeOf(round), evidenceName(round)];
  demand(deadline < moment, "commitment.json", deadline, moment, "信标这一轮在揭示截止之前已经公开", "a round of before the deadline");
  demand(bundle.paths.includes(file), "public-value.json", file, "-", "包里没有信标的答复", "the beacon's answer is missing");
  const signature = readAnswer(bundle.bytes(file), round);
  const value = beaconValue(signature);
  same("public-value.json", value, bundle.get("public-value.json").value, "公开数不是由信标签名算出的", "not the value of the signature");
  checkSignature(round, signature);
  return {
    found: { zh: `drand quicknet 第 ${round} 轮 (${moment}), 签名有效, 强`, en: `drand quicknet, round ${round} (${moment}), signature valid, strong` },
  };
}

/** Step 8: the public value comes from the source named in the seal. */
export function publicValue(bundle) {
  const [record, seal, charter] = [bundle.get("public-value.json"), bundle.get("commitment.json"), bundle.get("charter.json")];
  const file = "public-value.json";
  same(file, seal.source, record.source, "公开数的来源不是封存的", "another source than the sealed one");
  same(file, bundle.get("sitting.json").sitting, record.sitting, "公开数属于另一场次", "the value of another sitting");
  const { kind, bits, round } = parseSource(record.source);
  demand(charter.sources.includes(kind), file, charter.sources, kind, "章程不准许这种来源", "a kind the charter does not permit");
  valueBytes(record.source, record.value);
  checkLast(bundle);
  const all = kind !== "parties" || bundle.get("closing.json").absent.length === 0;
  demand(all, file, "-", "absent", "没有公开数时不得缺席", "nobody may be absent without a public value");
  const listed = record.evidence.map((e) => e.file);
  for (const { file: path, sha256 } of record.evidence) {
    demand(path.startsWith("evidence/"), file, "evidence/NAME", path, "证据的路径不对", "evidence outside its folder");
    same(path, sha256, bundle.digest(path), "证据不是记录的那份", "other evidence than recorded");
  }
  const scan = bundle.get("closing.json").form_scan;
  const extra = bundle.paths.find((p) => p.startsWith("evidence/") && !listed.includes(p) && bundle.digest(p) !== scan);
  demand(!extra, extra, "-", extra, "没有记录的证据", "evidence that is not recorded");
  if (kind === "drand") return checkBeacon(bundle, round);
  const shown = record.value || "-";
  return {
    found: { zh: `约 ${bits} 比特`, en: `about ${bits} bits` },
    notProved: {
      zh: `公开数是否真实、是否在封存之后产生: ${record.source} 应为 ${shown}, 请对照公告`,
      en: `that the public value is true and came after the seal: ${record.source} should be ${shown}; compare the notice`,
    },
  };
}

/** Step 9: the seed follows from seal, value and secrets, and from nothing else. */
export function seed(bundle) {
  const [record, value] = [bundle.get("seed.json"), bundle.get("public-value.json")];
  const draw = bundle.reached("draw.json").length ? bundle.get("draw.json") : null;
  const [charter, sitting] = [bundle.get("charter.json"), bundle.get("sitting.json")];
  const file = "seed.json";
  same(file, value.source, record.source, "种子的来源不同", "the seed names another source");
  same(file, value.value, record.value, "种子的公开数不同", "the seed names another value");
  const { custody } = bundle.get("closing.json");
  const secretOf = ({ party }) => {
    const given = record.parties.find((p) => p.party === party)?.r;
    if (!custody.some((c) => c.party === party)) return sitting.reveals.find((r) => r.party === party)?.r;
    const c = sitting.party_commitments.find((p) => p.party === party)?.c;
    const own = given && hex(partyCommitment(sitting.sitting_id, party, unhex(given)));
    same(file, c, own, "代管的秘密不是承诺的", "the secret in custody is not the promised one");
    return given;
  };
  const want = charter.parties.map((p) => `${p.party}=${secretOf(p) ?? "ABSENT"}`);
  same(file, want, record.parties.map((p) => `${p.party}=${p.r ?? "ABSENT"}`), "种子的秘密不同", "the seed names other secrets");
  const secrets = record.parties.map(({ party, r }) => (r ? { party, r: unhex(r) } : { party }));
  same("sitting.json", ownSitting(bundle), sitting.sitting, "场次哈希不对", "another sitting hash");
  const seal = bundle.rhash(bundle.get("commitment.json"));
  const listed = sitting.commitments.find((c) => c.draw_id === record.draw_id)?.commitment;
  same("sitting.json", seal, listed, "封存不在场次里", "the seal is not in the sitting");
  if (draw) same("draw.json", seal, draw.commitment, "抽取依据另一份封存", "the draw of another seal");
  const bytes = valueBytes(record.source, record.value);
  const own = hex(makeSeed(unhex(seal), record.source, bytes, secrets));
  same(file, own, record.seed, "种子不是由封存、公开数和秘密算出的", "the seed does not follow");
  if (draw) same("draw.json", own, draw.seed, "抽取用了另一个种子", "the draw names another seed");
  return { found: { zh: own, en: own } };
}
