/**
 * The page's side: buttons, progress, the list of steps, sorting and filtering. Text goes in as text, never as markup.
 */

import { closing, firmLines, stepItem } from "./show.mjs";
import { tables } from "./lists.mjs";
import { words } from "./say.mjs";

/** Load a script; resolves when it has run. */
function load(src) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = done;
    script.onerror = () => failed(new Error(src));
    document.head.append(script);
  });
}

/** Files of the draw as they lie on the server; from a stick, the same bytes out of data.js. */
async function published(box) {
  const base = box.dataset.src;
  if (location.protocol === "file:") {
    await load(`${base}/data.js`);
    const unwrapped = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Object.fromEntries(Object.entries(globalThis.SAMPLER_DATA).map(([path, text]) => [path, unwrapped(text)]));
  }
  const manifest = await fetched(`${base}/manifest.json`);
  const listed = JSON.parse(new TextDecoder().decode(manifest)).files.map((one) => one.path);
  const bodies = await Promise.all(listed.map((path) => fetched(`${base}/${path}`)));
  const files = Object.fromEntries(listed.map((path, i) => [path, bodies[i]]).filter(([, body]) => body));
  return { ...files, "manifest.json": manifest };
}

async function fetched(url) {
  const answer = await fetch(url, { cache: "no-store" });
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
}

/** Start the kernel in a worker made of its own text: a page from a stick may not start one from a file. */
async function kernel(box) {
  if (!globalThis.SAMPLER_KERNEL) await load(box.dataset.kernel);
  const source = new Blob([`(${globalThis.SAMPLER_KERNEL.toString()})();`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  const worker = new Worker(url);
  return { worker, end: () => (worker.terminate(), URL.revokeObjectURL(url)) };
}

/** Ask the kernel; `tell` gets every message before the answer. */
async function ask(box, question, tell = () => {}) {
  const { worker, end } = await kernel(box);
  try {
    return await new Promise((done, failed) => {
      worker.onerror = (event) => failed(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.ready) worker.postMessage(question);
        else if (data.failed) failed(new Error(`${data.failed.code}: ${data.failed.message}`));
        else if ("done" in data) done(data.done);
        else tell(data);
      };
    });
  } finally {
    end();
  }
}

const part = (box, name) => box.querySelector(`[data-out="${name}"]`);

async function verify(box, take) {
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
    const files = await take();
    const report = await ask(box, { task: "verify", files, options: {} }, ({ step, id, share }) => {
      if (!step) {
        status.textContent = say.working(id, share);
        return;
      }
      bar.value = step.no;
      status.textContent = say.done(step.no);
      steps.append(stepItem(step, say));
    });
    status.className = report.first_failed ? "wrong" : "good";
    status.textContent = say.verdict(report);
    part(box, "closing").replaceChildren(...closing(report, say));
    box.dataset.state = report.first_failed ? `failed ${report.first_failed}` : "passed";
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
    const answer = await ask(box, { task: "firm", files: await published(box), code });
    out.replaceChildren(...firmLines(answer, say));
  } catch (error) {
    out.textContent = say.broken(error.message);
  }
}

/** Files of a chosen folder, by path below it. */
async function chosen(list) {
  const entries = await Promise.all(
    [...list].map(async (file) => [file.webkitRelativePath.split("/").slice(1).join("/"), new Uint8Array(await file.arrayBuffer())]),
  );
  return Object.fromEntries(entries);
}

/** Files of a dropped folder. */
async function dropped(item) {
  const files = {};
  const walk = async (entry, prefix) => {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      files[prefix + entry.name] = new Uint8Array(await file.arrayBuffer());
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const more = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!more.length) return;
      for (const one of more) await walk(one, entry === item ? "" : `${prefix}${entry.name}/`);
    }
  };
  await walk(item, "");
  return files;
}

function dropZone(box, zone) {
  const folder = zone.querySelector("[data-act=folder]");
  folder.addEventListener("change", () => verify(box, () => chosen(folder.files)));
  for (const type of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", type === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    const entry = event.dataTransfer.items[0]?.webkitGetAsEntry();
    if (entry) verify(box, () => dropped(entry));
  });
}

async function opening(box, file) {
  const say = words(box.dataset.lang);
  const out = part(box, "firm");
  try {
    const answer = await ask(box, { task: "opening", file: new Uint8Array(await file.arrayBuffer()) });
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
    await verify(box, () => published(box));
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
