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

/** One step: number, mark, meaning; a failed one with what was wanted and found. */
export function stepItem(step, say) {
  const item = element("li", step.status);
  item.dataset.no = step.no;
  item.dataset.status = step.status;
  const meaning = step.meaning[say.lang];
  item.append(element("span", "no", String(step.no)), element("span", "mark", say.marks[step.status]), element("p", "", meaning));
  if (step.status !== "fail") {
    if (step.found[say.lang]) item.append(element("p", "note", step.found[say.lang]));
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
  for (const one of report.not_proved) list.append(element("li", "", one[say.lang]));
  return [element("h3", "", say.notProved), list];
}

/** What the files say of one firm. */
export function firmLines(answer, say) {
  return say.firm(answer).map((line, i) => element("p", i === 0 ? (answer.drawn ? "good" : "") : "", line));
}
