/**
 * The words of the page's own scripts.
 */

import { outcome } from "./outcome.mjs";

const percent = (pi) => `${(Number(pi) / 1e10).toPrecision(3)} %`;

const REASONS_EN = { "no-class": "no risk class", "no-clause": "no clause applies", "ratio-zero": "ratio zero", cap: "yearly cap reached", "off-target": "outside the targeted draw", grace: "young firm in its grace period", status: "status" };
const REASONS_ZH = { "no-class": "无信用风险分类", "no-clause": "无对应抽查条款", "ratio-zero": "抽查比例为零", cap: "年度频次上限已满", "off-target": "不在定向抽查范围", grace: "新设立，在包容审慎期内", status: "登记状态不可检查" };

/** What an open draw adds: probability and threshold. */
function chance(answer, zh) {
  if (answer.pi === undefined) return [];
  const pi = percent(answer.pi);
  if (answer.why === "taken") return [zh ? "必查：概率 100%，不参加摇号。" : "Certain: probability 100 %, no draw needed."];
  if (answer.why === "cooling") return [zh ? "刚被抽查过，仍在冷却期：本次概率 0。" : "Drawn recently and cooling down: probability 0 this time."];
  return [
    zh
      ? `被抽查概率 ${pi}：同样的情形反复抽，每一百次约有 ${(Number(answer.pi) / 1e10).toPrecision(3)} 次抽中。概率由风险和抽查比例在封存时定下。`
      : `Probability ${pi}: in a hundred such draws it would come up about ${(Number(answer.pi) / 1e10).toPrecision(3)} times. Fixed at the seal by risk and ratio.`,
  ].concat(answer.tau && answer.tau !== "-" ? [(zh ? "本层第一个未抽中者的摇号值：" : "Ticket of the first object not drawn in its stratum: ") + answer.tau] : []);
}

function place(answer, zh) {
  if (answer.excluded) return [zh ? `在剔除名单中：${REASONS_ZH[answer.excluded] ?? answer.excluded}` : `Excluded: ${REASONS_EN[answer.excluded] ?? answer.excluded}`];
  if (answer.frame === false) return [zh ? "封存的名录里没有这个代码。" : "The sealed registry does not hold this code."];
  if (answer.frame) return [zh ? `在名录里，分层 ${answer.stratum}。` : `In the frame, stratum ${answer.stratum}.`];
  return [zh ? "本级别不公开名录和概率；本户可向机关索取核验文件，在“核验”页核对。" : "This level shows neither frame nor probability; the firm may ask for its own file and check it on the Verify page."];
}

/** What a firm's own file says, once it has been checked. */
function ownFile(answer, zh) {
  const sealed = zh
    ? `核验通过：${answer.id} 的这一行封存于 ${answer.draw_id}，封存由机关签名并在日志里。章程哈希 ${answer.charter}，请与机关公布的核对。`
    : `Checked: the row of ${answer.id} was sealed in ${answer.draw_id}; the agency signed the seal and the log holds it. Charter hash ${answer.charter}: compare it with the published one.`;
  if (answer.reason !== undefined) return [sealed, ...place({ excluded: answer.reason }, zh)];
  const why = { 0: "cooling", T: "taken" }[answer.level] ?? "drawn";
  return [sealed, zh ? `分层 ${answer.stratum}，档次 ${answer.level}。` : `Stratum ${answer.stratum}, level ${answer.level}.`, ...chance({ ...answer, why }, zh)];
}

function firm(answer, zh) {
  if (answer.opening) return ownFile(answer, zh);
  if (!answer.form) return [zh ? "代码的格式不对。" : "Not the form of a code."];
  const head = answer.drawn ? (zh ? `${answer.id} 被抽中。` : `${answer.id} was drawn.`) : zh ? `${answer.id} 没有被抽中。` : `${answer.id} was not drawn.`;
  return [head, (zh ? "摇号值（由种子和代码算出）：" : "Ticket (from seed and code): ") + answer.ticket, ...place(answer, zh), ...chance(answer, zh)];
}

/** What a page may show otherwise than its files. */
const SHOWN = {
  draw: ["抽查任务编号", "task no."], source: ["公开数来源", "public source"], plan: ["计划哈希", "plan hash"], frame: ["名录根", "frame root"],
  charter: ["章程哈希", "charter hash"], code: ["封存码", "seal code"], seed: ["种子", "seed"], value: ["公开数", "public value"],
  drawn: ["抽中名单", "objects drawn"], results: ["抽查结果", "results"],
};
const named = (names, at, joint) => names.map((one) => SHOWN[one]?.[at] ?? one).join(joint);

/** Why nothing was replayed. */
const NO_BUNDLE = {
  NO_COPY: ["本次抽查的公开副本缺失或损坏，无从核验：请向机关查问", "the published files of this draw are missing or damaged: ask the authority"],
  COPY_OLD: ["日志里已有本次抽查的新条目，这份公开副本较旧：请刷新页面；仍然如此，请向机关查问", "the log has newer entries of this draw than this copy: reload the page; if that does not help, ask the authority"],
  EMPTY: ["这里没有文件：请选择整个证据包文件夹", "nothing here: choose the whole bundle folder"],
  TOO_LARGE: ["这不是证据包：文件太多、太大或层次太深", "no bundle: too many files, too large or too deep"],
};

const ZH = {
  lang: "zh",
  marks: { ok: "✓ 通过", fail: "✗ 不符", na: "– 未核" },
  reading: "正在读取材料…",
  working: (id, share) => `正在核验 ${id} ${Math.round(share * 100)}%`,
  done: (no) => `第 ${no} 步，共 16 步`,
  verdict(report) {
    if (report.first_failed) return `第 ${report.first_failed} 步不符：材料与规则不一致。`;
    const open = report.steps.filter((s) => s.status === "na").length;
    return open ? `没有不符的步骤；${open} 步在本级别或本阶段无可核对。` : "十六步全部通过。";
  },
  broken: (why) => `核验没有完成：${NO_BUNDLE[why.split(":")[0]]?.[0] ?? why}`,
  file: "文件", want: "应为", found: "实为", notProved: "没有证明的", rows: (n) => `${n} 行`, sort: (name) => `按${name}排序`,
  alike: "本页所示的编号、哈希、种子、名单和结果，与核验过的材料一致。",
  otherwise: (names) => `材料通过核验，但本页所示与材料不符：${named(names, 0, "、")}。`,
  result: (one) => outcome(one, true),
  firm: (answer) => firm(answer, true),
};

const EN = {
  lang: "en",
  marks: { ok: "✓ ok", fail: "✗ failed", na: "– n/a" },
  reading: "Reading the files…",
  working: (id, share) => `Checking ${id} ${Math.round(share * 100)} %`,
  done: (no) => `Step ${no} of 16`,
  verdict(report) {
    if (report.first_failed) return `Step ${report.first_failed} failed: the files do not follow the rules.`;
    const open = report.steps.filter((s) => s.status === "na").length;
    return open ? `No step failed; ${open} of 16 had nothing to check at this level or stage.` : "All sixteen steps passed.";
  },
  broken: (why) => `Not finished: ${NO_BUNDLE[why.split(":")[0]]?.[1] ?? why}`,
  file: "file", want: "wanted", found: "found", notProved: "Not proved", rows: (n) => `rows: ${n}`, sort: (name) => `Sort by ${name}`,
  alike: "Numbers, hashes, seed, list and results on this page are those of the files that passed.",
  otherwise: (names) => `The files pass, but this page shows something else: ${named(names, 1, ", ")}.`,
  result: (one) => outcome(one, false),
  firm: (answer) => firm(answer, false),
};

/** The words of a language. */
export const words = (lang) => (lang === "en" ? EN : ZH);
