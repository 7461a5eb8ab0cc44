// From what a reader selects to a cell in the kernel's terms, as model/compositions.py completes and
// packs methods and feedbacks.
import { compositionOf, factoredOnly, flagsOf, tablesOf, unsound } from "./composition.js";

/** A feedback with another bias: "" keeps its own, "none" takes it away. */
function withBias(feedback, bias) {
  const { bias: own, ...rest } = feedback;
  if (bias === "none") return rest;
  return bias ? { ...rest, bias: { [bias]: {} } } : feedback;
}

/** Parts by slot with every parameter: the setting's, the composition's own, and the reader's. */
function completed(about, composition, group, set) {
  const made = {};
  for (const [slot, choice] of Object.entries(composition)) {
    const [name, own] = Object.entries(choice)[0];
    const values = { ...about.setting[group][name], ...own };
    for (const parameter of Object.keys(values)) {
      values[parameter] = set[`${group}.${name}.${parameter}`] ?? values[parameter];
    }
    made[slot] = { [name]: values };
  }
  return made;
}

function levelsOf(about, judge) {
  if (!judge.scale) return null;
  const [name, values] = Object.entries(judge.scale)[0], declared = about.parts[name].levels;
  return typeof declared === "string" ? values[declared] : declared;
}

/** The kernel's numbers of all parts' parameters: those that are read, and defaults. */
function packed(about, group, made) {
  const scalars = {};
  for (const [name, declared] of Object.entries(about.fields[group])) {
    const chosen = Object.values(made).find(choice => name in choice);
    for (const [parameter, field] of Object.entries(declared)) {
      const value = chosen ? chosen[name][parameter] : field.default;
      const place = field.kind === "choice" ? field.options.indexOf(value) : value;
      scalars[`${group}.settings.${name}.${parameter}`] = Number(place);
    }
  }
  return scalars;
}

/** The landscape of a choice: a seed of NumPy's, five of them, or the project's own generator. */
export function landscapeOf(about, choice, seed) {
  if (choice === "five") return { seed: about.five, generator: about.setting.landscape.generator };
  if (choice === "each") return { seed: "each", generator: "keyed" };
  if (choice === "keyed") return { seed, generator: "keyed" };
  return { seed: Number(choice), generator: about.setting.landscape.generator };
}

/**
 * A cell that can be trained, of a selection: method, feedback, bias, noise, landscape, landscapeSeed,
 * `parts` by slot in the place of the method's own, and `set`, values by path.
 *
 * Returns `settings`, `method` and `feedback` (every parameter that is read), `scalars` (the kernel's
 * numbers by path), `sizes`, and `flags`, what the method has.
 */
export function cellOf(about, selection) {
  const { set } = selection, composition = compositionOf(about, selection), flags = flagsOf(about, composition);
  const settings = {};
  for (const group of ["landscape", "policy", "training"]) {
    settings[group] = { ...about.setting[group] };
    for (const name of Object.keys(settings[group])) {
      settings[group][name] = set[`${group}.${name}`] ?? settings[group][name];
    }
  }
  Object.assign(settings.landscape, landscapeOf(about, selection.landscape, selection.landscapeSeed));
  const update = completed(about, composition, "update", set);
  const told = withBias(about.feedbacks[selection.feedback].composition, selection.bias);
  const seen = flags.sees_feedback ? { ...told } : {};
  if (!flags.guided_by_quality) delete seen.hints;
  const judge = completed(about, seen, "judge", set), levels = levelsOf(about, judge);
  const { sequence_length: T, vocabulary_size: V } = settings.landscape;
  const rows = settings.policy.context === "position" ? 1 : V;
  const scalars = {
    "landscape.pattern_weight": settings.landscape.pattern_weight,
    "scales.quality": settings.landscape.quality_sd,
    "scales.bigram": settings.landscape.bigram_sd,
    "run.noise": selection.noise,
    "run.rollouts": settings.training.rollouts,
    "run.learning_rate": settings.training.learning_rate,
    "run.initial_logit_sd": settings.policy.initial_logit_sd,
    "judge.biased": "bias" in judge, "judge.hinted": "hints" in judge,
    "judge.quantised": levels !== null,
    ...packed(about, "update", update), ...packed(about, "judge", judge),
  };
  for (const [name, value] of Object.entries(flags)) scalars[`update.${name}`] = value;
  for (const slot of ["bias", "noise", "scale", "hints"]) {
    scalars[`judge.${slot}`] = slot in judge ? about.codes[slot].indexOf(Object.keys(judge[slot])[0]) : 0;
  }
  return {
    settings, method: update, feedback: judge, told, noise: selection.noise, scalars, flags,
    sizes: { C: T * rows, levels: levels ?? settings.training.rollouts, ...tablesOf(about, composition) },
  };
}

/** Why a cell cannot be trained here, a sentence; empty if it can. */
export function refusal(about, selection) {
  const composition = compositionOf(about, selection), wrong = unsound(about, composition);
  if (wrong) return wrong;
  const cell = cellOf(about, selection), factored = factoredOnly(about, composition);
  const { sequence_length: T, vocabulary_size: V, generator } = cell.settings.landscape;
  const { rollouts, steps } = cell.settings.training;
  if (cell.settings.policy.context !== "position" && factored.length) {
    return `${factored.join(" and ")} takes positions for independent, which is not so with policy.context previous_token; allowed: position`;
  }
  if (cell.sizes.coalitions && (V + 1) ** T > about.limits.table) {
    return `${about.methods[selection.method].label} needs a table of ${V + 1}^${T} numbers; allowed here: at most ${about.limits.table}, so lower V or T`;
  }
  if (generator !== "keyed" && (T > about.landscapes.largest.T || V > about.landscapes.largest.V)) {
    return `this landscape is here up to T ${about.landscapes.largest.T} and V ${about.landscapes.largest.V}; choose a landscape of the project's own generator for larger ones`;
  }
  if (rollouts * T * V * T > about.limits.work || steps * about.metrics.length > about.limits.log) {
    return "this cell is too large for a page; train it with the workflow (export its YAML)";
  }
  return "";
}
