/**
 * Keys as they change in the log: which count where, and who must sign a change (records.md 3.10, 3.14).
 */

/**
 * Do the signatures of a key change suffice (records.md 3.14)?
 * @param {{key_id: string, role: string}[]} now keys that count for its place
 * @param {{old: string, new?: string}} change ids of the key that goes and, unless it is withdrawn, of the one that comes
 * @param {string[]} by ids of the keys whose signature on it verifies
 */
export function maySign(now, change, by) {
  const counts = now.map((k) => k.key_id);
  if (change.new !== undefined && !by.includes(change.new)) return false;
  if (counts.includes(change.old) && by.includes(change.old)) return true;
  const others = now.filter((k) => ["agency", "party"].includes(k.role) && k.key_id !== change.old);
  return others.length > 0 && others.every((k) => by.includes(k.key_id));
}
