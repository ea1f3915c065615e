/**
 * Strict shapes of records (records.md 1.2): unknown, missing and ill-typed fields are refused with their path.
 *
 * A shape is a kind's name, a function that says whether a value may stand there, `[shape]` for a list, `{map: [kind, shape]}`,
 * or an object of fields; a field's name may end in `?`, and `type` names the record. A list may ask for an order:
 * `[shape, keyOf]`, strictly increasing by the keys.
 */

import { compare } from "./bytes.mjs";
import { require, SamplerError } from "./errors.mjs";
import { KINDS } from "./kinds.mjs";

const isObject = (v) => v !== null && typeof v === "object" && !Array.isArray(v);

function checkList(value, [shape, keyOf], path) {
  require(Array.isArray(value), "RECORD_VALUE", "not a list", path);
  value.forEach((item, i) => checkShape(item, shape, `${path}[${i}]`));
  if (!keyOf) return;
  value.forEach((item, i) => {
    const inOrder = i === 0 || compareKeys(keyOf(value[i - 1]), keyOf(item)) < 0;
    require(inOrder, "RECORD_ORDER", "not in increasing order", `${path}[${i}]`);
  });
}

/** Compare tuples of strings or numbers. */
export function compareKeys(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    const order = compare(a[i], b[i]);
    if (order) return order;
  }
  return 0;
}

function checkFields(value, shape, path) {
  require(isObject(value), "RECORD_TYPE", "not an object", path);
  const record = typeof shape.type === "symbol" ? shape.type.description : undefined;
  require(record === undefined || value.type === record, "RECORD_TYPE", `not a ${record}`, path);
  const known = new Set(Object.keys(shape).map((name) => name.replace("?", "")));
  for (const name of Object.keys(value)) require(known.has(name), "RECORD_UNKNOWN", "an unknown field", `${path}.${name}`);
  for (const [name, inner] of Object.entries(shape)) {
    const field = name.replace("?", "");
    if (typeof inner === "symbol") continue; // seen above
    if (Object.hasOwn(value, field)) checkShape(value[field], inner, `${path}.${field}`);
    else require(name.endsWith("?"), "RECORD_MISSING", "a field is missing", `${path}.${field}`);
  }
}

function checkMap(value, [kind, shape], path) {
  require(isObject(value), "RECORD_VALUE", "not a map", path);
  for (const key of Object.keys(value)) {
    require(KINDS[kind](key), "RECORD_VALUE", "a key of the wrong kind", `${path}.${key}`);
    checkShape(value[key], shape, `${path}.${key}`);
  }
}

/**
 * Check a value against a shape.
 * @param {unknown} value
 * @param {string | Function | object} shape
 * @param {string} [path]
 */
export function checkShape(value, shape, path = "$") {
  if (typeof shape === "function") require(shape(value), "RECORD_VALUE", "a value that may not stand here", path);
  else if (typeof shape === "string") {
    if (!Object.hasOwn(KINDS, shape)) throw new SamplerError("RECORD_SCHEMA", `unknown kind ${shape}`, path);
    require(KINDS[shape](value), "RECORD_VALUE", `not of the kind ${shape}`, path);
  } else if (Array.isArray(shape)) checkList(value, shape, path);
  else if (shape.map) checkMap(value, shape.map, path);
  else checkFields(value, shape, path);
}
