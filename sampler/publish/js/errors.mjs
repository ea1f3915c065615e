/**
 * One error class for everything that is refused. Codes are those of docs/spec/errors.md.
 */

export class SamplerError extends Error {
  /**
   * @param {string} code stable code, compared by tests and outside programs
   * @param {string} message what was found and where
   * @param {string} [path] place inside a record or table
   */
  constructor(code, message, path = "") {
    super(message);
    this.name = "SamplerError";
    this.code = code;
    this.path = path;
  }
}

/** Throw a SamplerError when a condition does not hold. */
export function require(condition, code, message, path) {
  if (!condition) throw new SamplerError(code, message, path);
}

/** One code for a claim that does not follow from what it is claimed of (conformance.md 3). */
export function claim(condition, message) {
  require(condition, "VERIFY_FAILED", message);
}
