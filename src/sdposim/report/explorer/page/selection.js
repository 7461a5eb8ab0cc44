// What a reader selected, and the fragment of the address that keeps it.
import { about } from "./decode.js";
import { NONE, slotsOf } from "./composition.js";

const PLAIN = { method: "sdpo", feedback: "continuous", bias: "", noise: 0, landscape: "42", landscapeSeed: 0 };
export const LANDSCAPES = {
  ...Object.fromEntries(about.five.map(seed => [String(seed), seed === 42 ? "42, the paper's" : `${seed}, of figure 6`])),
  five: "figure 6's five, in turn", each: "a new one for each seed", keyed: "a new one, by its number",
};
export const SEED_COUNTS = [1, 5, 10, 20, 50, 100];

export const plainCell = changes => ({ ...PLAIN, parts: {}, set: {}, ...structuredClone(changes ?? {}) });
export const plainSelection = () => ({ a: plainCell(), b: null, seeds: 20, seed: 0, step: 0 });

/** The field of a path such as `update.oracle.strength`; undefined if there is none. */
export function fieldOf(path) {
  return path.split(".").reduce((group, name) => group?.[name], about.fields);
}

/** Why a value is not allowed, a sentence; empty if it is. */
export function objection(path, value, field = fieldOf(path)) {
  const { kind, options, least, most, above } = field;
  if (kind === "choice") return options.includes(value) ? "" : `${path}: allowed: ${options.join(", ")}`;
  if (kind === "boolean") return typeof value === "boolean" ? "" : `${path}: allowed: true, false`;
  const within = Number.isFinite(value) && (least === undefined || value >= least)
    && (above === undefined || value > above) && (most === undefined || value <= most)
    && (kind !== "integer" || Number.isInteger(value));
  const low = above !== undefined ? `more than ${above}` : least !== undefined ? `at least ${least}` : "";
  const high = most !== undefined ? `at most ${most}` : "";
  const limits = [low, high].filter(Boolean).join(", ");
  return within ? "" : `${path}: allowed: ${kind === "integer" ? "whole numbers" : "numbers"} ${limits}`.trim();
}

function parsed(path, text) {
  const { kind, options } = fieldOf(path);
  if (kind === "choice") return options.find(option => String(option) === text);
  return kind === "boolean" ? text === "true" : Number(text);
}

/** Any whole number that a seed can be here. */
const isSeed = number => Number.isInteger(number) && number >= 0 && number <= Number.MAX_SAFE_INTEGER;

function readPart(cell, slot, part) {
  if (slotsOf(about).includes(slot) && (part === NONE || about.codes[slot].includes(part))) cell.parts[slot] = part;
}

function cellFrom(parameters, prefix) {
  const cell = plainCell();
  for (const [key, text] of parameters) {
    if (!key.startsWith(`${prefix}.`)) continue;
    const name = key.slice(prefix.length + 1), number = Number(text);
    if (name === "method" && text in about.methods) cell.method = text;
    else if (name.startsWith("part.")) readPart(cell, name.slice(5), text);
    else if (name === "feedback" && text in about.feedbacks) cell.feedback = text;
    else if (name === "bias" && (text === "none" || about.codes.bias.includes(text))) cell.bias = text;
    else if (name === "landscape" && text in LANDSCAPES) cell.landscape = text;
    else if (name === "noise" && number >= 0 && number <= 1000) cell.noise = number;
    else if (name === "landscapeSeed" && isSeed(number)) cell.landscapeSeed = number;
    else if (fieldOf(name)?.kind && fieldOf(name).kind !== "other" && !objection(name, parsed(name, text))) cell.set[name] = parsed(name, text);
  }
  return cell;
}

/** The selection of a fragment; what it does not say, or says wrongly, is the default. */
export function read(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, "")), selection = plainSelection();
  selection.a = cellFrom(parameters, "a");
  if (parameters.get("compare") === "1") selection.b = cellFrom(parameters, "b");
  const number = name => Number(parameters.get(name));
  if (SEED_COUNTS.includes(number("seeds"))) selection.seeds = number("seeds");
  for (const name of ["seed", "step"]) if (isSeed(number(name))) selection[name] = number(name);
  return selection;
}

/** The fragment of a selection, which says what is not the default. */
export function written(selection) {
  const parameters = new URLSearchParams(), plain = plainSelection();
  for (const prefix of ["a", "b"]) {
    const cell = selection[prefix];
    if (!cell) continue;
    for (const name of Object.keys(PLAIN)) {
      if (cell[name] !== PLAIN[name]) parameters.set(`${prefix}.${name}`, cell[name]);
    }
    for (const [slot, part] of Object.entries(cell.parts)) parameters.set(`${prefix}.part.${slot}`, part);
    for (const [path, value] of Object.entries(cell.set)) parameters.set(`${prefix}.${path}`, value);
  }
  if (selection.b) parameters.set("compare", "1");
  for (const name of ["seeds", "seed", "step"]) {
    if (selection[name] !== plain[name]) parameters.set(name, selection[name]);
  }
  return `#${parameters}`;
}
