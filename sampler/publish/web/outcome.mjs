/**
 * The eight national categories of a result, and why there is none, as pages write them.
 */

const RESULTS = {
  1: ["未发现问题", "No problem found"],
  2: ["未按规定公示应当公示的信息", "Required information not published"],
  3: ["公示信息隐瞒真实情况、弄虚作假", "Published information conceals or falsifies facts"],
  4: ["通过登记的住所（经营场所）无法联系", "Cannot be contacted at the registered address"],
  5: ["发现问题已责令改正", "Problem found, correction ordered"],
  6: ["不配合检查情节严重", "Serious refusal to cooperate"],
  7: ["未发现开展本次抽查涉及的经营活动", "No business activity covered by this inspection"],
  8: ["发现问题待后续处理", "Problem found, follow-up pending"],
};
const STATES = {
  visited: ["已检查", "Visited"],
  "not-visited": ["未检查", "Not visited"],
  "out-of-scope": ["封存前已不在登记库", "Left the registry before the seal"],
};

/** A result in the words of a language. */
export function outcome({ codes, state }, zh) {
  const said = codes.length ? codes.map((code) => RESULTS[code]) : [STATES[state] ?? [state, state]];
  return said.map((one) => one[zh ? 0 : 1]).join(zh ? "；" : "; ");
}
