/**
 * What the steps of a replay ask and prove, in the words of clerks and readers.
 */

const say = (zh, en) => ({ zh, en });

/** For each step: what is demanded, what it proves, what it means that there is nothing to check. */
export const MEANINGS = {
  files: {
    want: say("文件与清单完全一致", "files exactly as listed"),
    ok: say("文件齐全, 与清单逐字节相符", "all files are there, byte for byte"),
  },
  records: {
    want: say("每个文件只有规范的一种写法", "one form for every file"),
    ok: say("文件都能严格读出, 同属这次抽查", "all files read strictly and belong to this draw"),
  },
  charter: {
    want: say("章程固定, 应签的都已签", "a pinned charter, all signatures"),
    ok: say("每份记录都由章程所列的人签名", "every record is signed by those the charter names"),
  },
  registration: {
    want: say("先登记后封存, 编号连续", "registered before sealed, no gap"),
    ok: say("计划在登记和封存之后没有改动", "the plan did not change after registration and seal"),
  },
  log: {
    want: say("每份记录都在只增不改的日志里", "every record in an append-only log"),
    ok: say("记录都在日志里, 日志没有改写", "all records are in the log, which was not rewritten"),
  },
  order: {
    want: say("封存 < 揭示 < 截止 < 公开数 < 抽取", "seal < reveals < closing < public value < draw"),
    ok: say("随机数产生之前一切已经封存", "everything was sealed before anything random existed"),
  },
  parties: {
    want: say("揭示的秘密就是承诺的秘密", "the secrets revealed are those promised"),
    ok: say("各方的秘密没有调换", "no party changed its secret"),
  },
  "public-value": {
    want: say("公开数出自封存时指定的来源", "the value of the sealed source"),
    ok: say("公开数不能预知, 也不能挑选", "the public value could be neither foreseen nor chosen"),
  },
  seed: {
    want: say("种子只由封存、公开数和秘密算出", "a seed from seal, value and secrets alone"),
    ok: say("种子没有挑选的余地", "the seed left nothing to choose"),
  },
  trees: {
    want: say("名单、人员与文件就是封存的那些", "lists, officers and files as sealed"),
    ok: say("封存之后没有人增、删、改名单", "nobody changed the lists after the seal"),
  },
  probabilities: {
    want: say("抽取数与概率由计划、风险分和历史定出", "sizes and probabilities from plan, scores, history"),
    ok: say("每户抽中的机会由规则定出", "every chance follows from the rules"),
  },
  selection: {
    want: say("名单由种子和概率唯一确定", "one list follows from seed and chances"),
    ok: say("抽中的就是应抽中的", "those drawn are those that had to be drawn"),
  },
  assignment: {
    want: say("派员由种子和规则唯一确定", "one assignment follows from seed and rules"),
    ok: say("执法人员合格, 派员没有挑选的余地", "all officers are eligible and nobody chose them"),
  },
  amendments: {
    want: say("变更先有事由后有随机", "cause first, then chance"),
    ok: say("变更有据", "the amendments follow"),
    na: say("没有变更", "no amendments"),
  },
  results: {
    want: say("结果按期公布", "results in time"),
    ok: say("结果完整", "the results are complete"),
    na: say("还没有检查结果", "no results yet"),
  },
  attestation: {
    want: say("外部核验", "an outside check"),
    ok: say("外部核验有效", "attested"),
    na: say("没有外部核验意见; 核验人可以就是您", "nobody attested yet; you can"),
  },
};

/** What no replay proves, and other closing words. */
export const CLOSING = {
  absent: say("本包的公开级别不含所需的文件, 不能核验", "this level does not show the files needed: not checked"),
  unreadable: say("取决于第 2 步: 文件读不出来", "depends on step 2: a file cannot be read"),
  demo: say(
    "这是演示: 秘密和时间由固定标签生成, 结果人人可以预知, 只供展示",
    "a demo: secrets and times come from a fixed label, everybody can foresee the result",
  ),
  outsider: say("没有外部的参与方或见证人, 次序未经外人证明", "order not proved by an outsider"),
  never: [
    say(
      "封存的内容是否属实: 剔除的理由、信用分类、风险分、历史、人员; 重放只证明封存后未改",
      "that what was sealed is true: reasons, classes, scores, history, officers",
    ),
    say("名录在封存时是否齐全: 没有登记进来的对象, 重放看不见", "that the registry was complete at the seal"),
    say("机关是否保守秘密: 名单在检查前有没有走漏, 重放看不见", "that the office kept silent before the visits"),
    say("检查是否如实进行: 现场做了什么, 重放看不见", "that the visits were honest"),
  ],
};
