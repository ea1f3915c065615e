/**
 * What each level of disclosure shows at each stage (records.md 7; PROTOCOL 6): form of a path to the copies that hold it.
 */

const [OPEN, STANDARD, AFTER] = ["open", "standard", "after-inspection"];
const [SEALED, DRAWN, OPENED] = ["sealed", "drawn", "opened"];
const STAGES = [SEALED, DRAWN, OPENED];
const NAME = "[0-9A-Za-z._-]{1,64}";

const pairs = (levels, stages) => new Set(levels.flatMap((level) => stages.map((stage) => `${level} ${stage}`)));
const both = (...sets) => new Set(sets.flatMap((one) => [...one]));
const BELOW = pairs([STANDARD, AFTER], STAGES);
const IN_OPEN = pairs([OPEN], STAGES);
const DONE = pairs([OPEN, STANDARD, AFTER], [DRAWN, OPENED]);
const TOLD_BELOW = both(pairs([STANDARD], [DRAWN, OPENED]), pairs([AFTER], [OPENED]));
const OPENING = pairs([OPEN, STANDARD, AFTER], [OPENED]);
const OPEN_DONE = pairs([OPEN], [DRAWN, OPENED]);

/** Form of a path, and the copies that hold it. */
const FILES = [
  ["(charter|registration|commitment|sitting|signatures)\\.json|items\\.tsv", both(BELOW, IN_OPEN)],
  ["log/(checkpoint|entries|proofs\\.json|nonces\\.json)|keys/\\d{4}\\.json", both(BELOW, IN_OPEN)],
  [`(closing|public-value|void)\\.json|custody-.*\\.json|evidence/${NAME}`, both(BELOW, IN_OPEN)],
  [`attestation-${NAME}\\.json`, DONE],
  ["clauses\\.tsv", BELOW],
  ["seed\\.json", both(TOLD_BELOW, OPEN_DONE)],
  ["drawn\\.tsv", TOLD_BELOW],
  ["exclusions\\.tsv", pairs([AFTER], [OPENED])],
  ["opening\\.json", OPENING],
  ["results/\\d{4}\\.json", both(pairs([OPEN], [DRAWN]), OPENING)],
  ["plan\\.json|(frame|excluded|strata|levels|history)\\.tsv|scores\\.csv", IN_OPEN],
  ["(draw|assignment)\\.json|tau\\.tsv|amendments/\\d{4}\\.json", OPEN_DONE],
].map(([form, where]) => [new RegExp(`^(${form})$`), where]);

/** A record of each type that a copy may withhold, by its file. */
const LOGGED = {
  draw: "draw.json", amendment: "amendments/0001.json", "amendment-cause": "amendments/0001.json",
  results: "results/0001.json", opening: "opening.json",
};

/** May a copy hold this file? */
export const shown = (path, { level, stage }) => FILES.some(([form, where]) => form.test(path) && where.has(`${level} ${stage}`));

/** Types of records that a copy does not hold although the log names them. */
export const withheldTypes = (copy) => Object.keys(LOGGED).filter((type) => !shown(LOGGED[type], copy));
