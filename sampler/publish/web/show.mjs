/**
 * What a replay found, as elements of the page.
 */

/** A new element with a class and children. */
export function element(name, kind = "", ...children) {
  const one = document.createElement(name);
  if (kind) one.className = kind;
  one.append(...children);
  return one;
}

const WIDE = { ",": "，", ";": "；", ":": "：" };

/** A text with the marks that its language sets between words: the records' Chinese has narrow ones. */
function typeset(text, say) {
  if (say.lang !== "zh") return text;
  return text.replace(/(?<=[\u3400-\u9fff）”])([,;:]) |([,;:]) (?=[\u3400-\u9fff])/g, (_, a, b) => WIDE[a ?? b]);
}

/** One step: number, mark, meaning; a failed one with what was wanted and found. */
export function stepItem(step, say) {
  const item = element("li", step.status);
  item.dataset.no = step.no;
  item.dataset.status = step.status;
  const meaning = typeset(step.meaning[say.lang], say);
  item.append(element("span", "no", String(step.no)), element("span", "mark", say.marks[step.status]), element("p", "", meaning));
  if (step.status !== "fail") {
    if (step.found[say.lang]) item.append(element("p", "note", typeset(step.found[say.lang], say)));
    return item;
  }
  const list = element("dl");
  for (const [name, value] of [[say.file, step.file], [say.want, step.want[say.lang]], [say.found, step.found[say.lang]]]) {
    list.append(element("dt", "", name), element("dd", "", element("code", "", String(value ?? ""))));
  }
  item.append(list);
  return item;
}

/** What is not proved. */
export function closing(report, say) {
  const list = element("ul");
  for (const one of report.not_proved) list.append(element("li", "", typeset(one[say.lang], say)));
  return [element("h3", "", say.notProved), list];
}

/** What the files say of one firm. */
export function firmLines(answer, say) {
  return say.firm(answer).map((line, i) => element("p", i === 0 ? (answer.drawn ? "good" : "") : "", line));
}
