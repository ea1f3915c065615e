/**
 * The page's side: buttons, progress, the list of steps, sorting and filtering. Text goes in as text, never as markup.
 */

import { ask, chosen, dropped, published } from "./feed.mjs";
import { differences } from "./compare.mjs";
import { closing, element, firmLines, stepItem } from "./show.mjs";
import { tables } from "./lists.mjs";
import { words } from "./say.mjs";

const part = (box, name) => box.querySelector(`[data-out="${name}"]`);

/** Replay what `take` gives; one at a time, for a box shows one list of steps. */
async function verify(box, take) {
  if (box.dataset.state === "running") return;
  const say = words(box.dataset.lang);
  const [status, steps, bar] = [part(box, "status"), part(box, "steps"), box.querySelector("progress")];
  steps.replaceChildren();
  part(box, "closing").replaceChildren();
  box.dataset.state = "running";
  status.className = "";
  status.textContent = say.reading;
  bar.hidden = false;
  bar.value = 0;
  try {
    const report = await ask(box, { task: "verify", options: {}, shared: take.shared }, take, ({ step, id, share }) => {
      if (!step) {
        status.textContent = say.working(id, share);
        return;
      }
      bar.value = step.no;
      status.textContent = say.done(step.no);
      steps.append(stepItem(step, say));
    });
    const other = report.shown ? differences(document, report.shown, say) : [];
    const held = other.length ? element("p", "wrong", say.otherwise(other)) : element("p", "good", say.alike);
    status.className = report.first_failed || other.length ? "wrong" : "good";
    status.textContent = other.length ? say.otherwise(other) : say.verdict(report);
    part(box, "closing").replaceChildren(...(report.shown ? [held] : []), ...closing(report, say));
    box.dataset.state = report.first_failed ? `failed ${report.first_failed}` : other.length ? `other ${other}` : "passed";
  } catch (error) {
    status.className = "wrong";
    status.textContent = say.broken(error.message);
    box.dataset.state = "broken";
  } finally {
    bar.hidden = true;
  }
}

async function firm(box, code) {
  const say = words(box.dataset.lang);
  const out = part(box, "firm");
  out.textContent = say.reading;
  try {
    const answer = await ask(box, { task: "firm", code }, published(box));
    out.replaceChildren(...firmLines(answer, say));
  } catch (error) {
    out.textContent = say.broken(error.message);
  }
}

function dropZone(box, zone) {
  const folder = zone.querySelector("[data-act=folder]");
  folder.addEventListener("change", () => verify(box, chosen(folder.files)));
  for (const type of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", type === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    const item = event.dataTransfer.items[0];
    if (item?.kind === "file") verify(box, dropped(item));
  });
}

async function opening(box, file) {
  const say = words(box.dataset.lang);
  const out = part(box, "firm");
  try {
    const answer = await ask(box, { task: "opening", name: "opening.json" }, () => [["opening.json", file]]);
    out.replaceChildren(...firmLines(answer, say));
  } catch (error) {
    out.className = "wrong";
    out.textContent = say.broken(error.message);
  }
}

function start() {
  tables(document, words(document.documentElement.lang === "en" ? "en" : "zh"));
  const box = document.getElementById("verify");
  if (!box) return;
  const act = (name) => box.querySelector(`[data-act=${name}]`);
  act("verify")?.addEventListener("click", async ({ currentTarget: button }) => {
    button.disabled = true;
    await verify(box, published(box));
    button.disabled = false;
  });
  act("firm")?.addEventListener("submit", (event) => {
    event.preventDefault();
    firm(box, event.currentTarget.elements.code.value);
  });
  const zone = act("drop");
  if (zone) dropZone(box, zone);
  act("opening")?.addEventListener("change", ({ currentTarget: input }) => opening(box, input.files[0]));
}

start();
