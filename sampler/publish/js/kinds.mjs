/**
 * Kinds of values (records.md 1.2): one predicate a kind.
 */

import { utf8 } from "./bytes.mjs";

const ID = /^[0-9A-Za-z._-]{1,64}$/;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LF = /(?!\n)\p{Cc}/u;
const CONTROL_BUT_TAB = /(?!\t)\p{Cc}/u;

const isText = (v) => typeof v === "string";
const matching = (pattern) => (v) => isText(v) && pattern.test(v);
const nfc = (v) => isText(v) && v.isWellFormed() && v.normalize("NFC") === v;

/** A day of the calendar that exists, in the years 0001 to 9999. */
export function isDate(v) {
  const found = isText(v) && /^(\d{4})-(\d{2})-(\d{2})$/.exec(v);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

function isTime(v) {
  const found = isText(v) && /^(.{10})T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.exec(v);
  return Boolean(found) && isDate(found[1]);
}

export const isMonth = (v) => isText(v) && /^\d{4}-(0[1-9]|1[0-2])$/.test(v) && v.slice(0, 4) !== "0000";

const isBig = (v) => isText(v) && /^(0|-?[1-9][0-9]*)$/.test(v) && v.replace("-", "").length <= 100;

/** Predicate of each kind. */
export const KINDS = {
  int: (v) => Number.isSafeInteger(v) && v >= 0,
  big: isBig,
  hash: matching(/^[0-9a-f]{64}$/),
  sig: matching(/^[0-9a-f]{128}$/),
  nonce: matching(/^[0-9a-f]{32}$/),
  id: matching(ID),
  text: (v) => nfc(v) && utf8(v).length <= 1024 && !CONTROL.test(v),
  note: (v) => nfc(v) && utf8(v).length <= 8192 && !CONTROL_BUT_LF.test(v),
  row: (v) => nfc(v) && utf8(v).length <= 1024 && !CONTROL_BUT_TAB.test(v),
  time: isTime,
  date: isDate,
  month: isMonth,
  flag: (v) => v === true,
};
