/**
 * From wherever files lie to the kernel in its worker: a file at a time, handed over, never copied or held by the page.
 */

/** What a folder may hold: a bundle has some fifty files; whatever is far larger is no bundle. */
const MOST_FILES = 5000;
const MOST_BYTES = 4 * 2 ** 30;
const DEEPEST = 8;

/** Load a script; resolves when it has run. */
function load(src) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => (script.remove(), done());
    script.onerror = () => failed(new Error(src));
    document.head.append(script);
  });
}

async function fetched(url) {
  const answer = await fetch(url, { cache: "no-store" });
  return answer.ok ? answer.arrayBuffer() : null;
}

/** The paths that a manifest lists; none of one that cannot be read: the first step will say so. */
function listedIn(manifest) {
  try {
    const { files } = JSON.parse(new TextDecoder().decode(manifest));
    return Array.isArray(files) ? files.map((one) => String(one?.path)) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Files as they lie on the server, [path, bytes]; the log is the site's, for all copies. */
async function* served({ root, copy }) {
  const base = `${root}data/${copy}`;
  const manifest = await fetched(`${base}/manifest.json`);
  if (!manifest) throw new Error("NO_COPY");
  const paths = listedIn(manifest);
  yield ["manifest.json", manifest];
  for (const path of paths) {
    const body = await fetched(path === "log/entries" ? `${root}${path}` : `${base}/${path}`);
    if (body) yield [path, body];
  }
}

/**
 * The same bytes from a stick, where nothing can be fetched: scripts of base64 pieces, decoded by the worker. A script that
 * is gone or broken leaves its files out: the first step will say so.
 */
async function* wrapped({ root, copy }) {
  let any = false;
  for (const base of [`${root}offline/${copy}`, `${root}offline/log`]) {
    for (let name = "data.js"; name; name = globalThis.SAMPLER_DATA.next) {
      globalThis.SAMPLER_DATA = { parts: [], next: "" };
      await load(`${base}/${name}`).catch(() => {});
      any ||= globalThis.SAMPLER_DATA.parts.some(([path]) => path === "manifest.json");
      yield* globalThis.SAMPLER_DATA.parts;
    }
  }
  globalThis.SAMPLER_DATA = undefined;
  if (!any) throw new Error("NO_COPY");
}

/** The published files of the draw a box belongs to. */
export const published = (box) => Object.assign(() => (location.protocol === "file:" ? wrapped : served)(box.dataset), { shared: true });

/** Refuse what no bundle is before any of it is read. */
function* bounded(files) {
  let [count, bytes] = [0, 0];
  for (const [path, file] of files) {
    count += 1;
    bytes += file.size;
    if (count > MOST_FILES || bytes > MOST_BYTES || path.split("/").length > DEEPEST) throw new Error("TOO_LARGE");
    yield [path, file];
  }
  if (count === 0) throw new Error("EMPTY");
}

const below = (file) => file.webkitRelativePath.split("/").slice(1).join("/");

/** Files of a chosen folder, by path below it; the worker reads them. */
export const chosen = (list) => () => bounded([...list].map((file) => [below(file), file]));

/** What lies in a folder: [name, file or null, folder or null], by the newer interface, which also works from a stick. */
async function* held(folder) {
  for await (const [name, one] of folder.entries()) yield one.kind === "file" ? [name, await one.getFile(), null] : [name, null, one];
}

/** The same by the older interface: all there is on plain http. */
async function* listed(folder) {
  const reader = folder.createReader();
  for (;;) {
    const more = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!more.length) return;
    for (const one of more) {
      yield one.isFile ? [one.name, await new Promise((done, failed) => one.file(done, failed)), null] : [one.name, null, one];
    }
  }
}

async function gathered(folder, within, prefix = "", files = []) {
  for await (const [name, file, deeper] of within(folder)) {
    if (file) files.push([prefix + name, file]);
    if (files.length > MOST_FILES || prefix.split("/").length > DEEPEST) throw new Error("TOO_LARGE");
    if (deeper) await gathered(deeper, within, `${prefix}${name}/`, files);
  }
  return files;
}

/**
 * Files of a dropped folder; both interfaces must be asked while the drop is handled. The newer one is for secure pages:
 * Chromium offers it to all, and kills a page of plain http that asks it.
 */
export function dropped(item) {
  const [handle, entry] = [globalThis.isSecureContext ? item.getAsFileSystemHandle?.() : null, item.webkitGetAsEntry()];
  return async () => {
    const modern = await handle;
    const folder = modern ?? entry;
    if (!folder || folder.isFile || folder.kind === "file") throw new Error("EMPTY");
    return bounded(await gathered(folder, modern ? held : listed));
  };
}

/** Start the kernel in a worker made of its own text: a page from a stick may not start one from a file. */
async function kernel(box) {
  if (!globalThis.SAMPLER_KERNEL) await load(box.dataset.kernel);
  const source = new Blob([`(${globalThis.SAMPLER_KERNEL.toString()})();`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  const worker = new Worker(url);
  return { worker, end: () => (worker.terminate(), URL.revokeObjectURL(url)) };
}

/** Hand every file over: bytes by transfer, a file on this computer as its handle, base64 as text. */
async function feed(worker, files) {
  for await (const [path, body] of files) worker.postMessage({ path, body }, body instanceof ArrayBuffer ? [body] : []);
}

/**
 * Ask the kernel a question about files.
 * @param {HTMLElement} box
 * @param {object} question
 * @param {() => Iterable<[string, ArrayBuffer | Blob | string]>} take gives the files
 * @param {(message: object) => void} tell gets every message before the answer
 */
export async function ask(box, question, take, tell = () => {}) {
  const { worker, end } = await kernel(box);
  try {
    return await new Promise((done, failed) => {
      worker.onerror = (event) => failed(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.ready) handed().catch(failed);
        else if (data.failed) failed(new Error(`${data.failed.code}: ${data.failed.message}`));
        else if ("done" in data) done(data.done);
        else tell(data);
      };
      const handed = async () => {
        await feed(worker, await take());
        worker.postMessage(question);
      };
    });
  } finally {
    end();
  }
}
