/**
 * The kernel's side of a page, in a worker: it replays, looks a code up, or checks one firm's file.
 */

import { SamplerError } from "./errors.mjs";
import { lookUp } from "./firm.mjs";
import { readOpening } from "./ownfile.mjs";
import { replay } from "./verify.mjs";

/** What a page may ask: each answers with messages, the last one `{done}`. */
const TASKS = {
  verify({ files, options }, tell) {
    const run = replay((path) => files[path], Object.keys(files), { ...options, progress: (id, share) => tell({ id, share }) });
    for (;;) {
      const { value, done } = run.next();
      if (done) return value;
      tell({ step: value });
    }
  },
  firm({ files, code }) {
    return lookUp((path) => files[path], code);
  },
  opening({ file }) {
    return readOpening(file);
  },
};

self.onmessage = ({ data }) => {
  const tell = (message) => self.postMessage(message);
  try {
    tell({ done: TASKS[data.task](data, tell) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = error instanceof SamplerError ? error.code : "KERNEL";
    tell({ failed: { code, message: error.message } });
  }
};
self.postMessage({ ready: true });
