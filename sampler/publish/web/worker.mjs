/**
 * The kernel's side of a page, in a worker: it takes the files, then replays, looks a code up, or checks one firm's file.
 */

import { concat } from "./bytes.mjs";
import { SamplerError } from "./errors.mjs";
import { lookUp } from "./firm.mjs";
import { readOpening } from "./ownfile.mjs";
import { shown } from "./shown.mjs";
import { ENTRIES, ownLog } from "./sharedlog.mjs";
import { replay } from "./verify.mjs";

/** Pieces of every file by path, in the order they came: a path may be anything, so it is never a property. */
const PIECES = new Map();
const FILES = new Map();

const read = (path) => FILES.get(path);

/** What a page may ask: each answers with messages, the last one `{done}`. */
const TASKS = {
  verify({ options, shared }, tell) {
    const run = replay(read, [...FILES.keys()], { ...options, progress: (id, share) => tell({ id, share }) });
    for (;;) {
      const { value, done } = run.next();
      if (done) return shared && !value.first_failed ? { ...value, shown: shown(read, [...FILES.keys()]) } : value;
      tell({ step: value });
    }
  },
  firm({ code }) {
    return lookUp(read, code);
  },
  opening({ name }) {
    return readOpening(read(name));
  },
};

/** Bytes of a piece: of base64, of a file on this computer, or as they are. */
function bytes(body) {
  if (body instanceof Blob) return new Uint8Array(new FileReaderSync().readAsArrayBuffer(body));
  if (typeof body !== "string") return new Uint8Array(body);
  const text = decoded(body);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i += 1) out[i] = text.charCodeAt(i);
  return out;
}

/** Base64 as text of bytes; what is none was changed, and stands for no bytes: the first step will say so. */
function decoded(body) {
  try {
    return atob(body);
  } catch {
    return "";
  }
}

function answer(question, tell) {
  for (const [path, pieces] of PIECES) FILES.set(path, pieces.length === 1 ? pieces[0] : concat(...pieces));
  PIECES.clear();
  if (question.shared && FILES.has(ENTRIES)) FILES.set(ENTRIES, ownLog(read, read(ENTRIES)));
  tell({ done: TASKS[question.task](question, tell) });
}

self.onmessage = ({ data }) => {
  const tell = (message) => self.postMessage(message);
  try {
    if ("path" in data) PIECES.set(data.path, [...(PIECES.get(data.path) ?? []), bytes(data.body)]);
    else answer(data, tell);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = error instanceof SamplerError ? error.code : "KERNEL";
    tell({ failed: { code, message: error.message } });
  }
};
self.postMessage({ ready: true });
