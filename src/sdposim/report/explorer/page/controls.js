// The controls of a cell: selects, and a slider with a number for each parameter that it reads.
import { about } from "./decode.js";
import { cellOf } from "./cell.js";
import { compositionOf, NONE, partOf, slotsOf } from "./composition.js";
import { fieldOf, LANDSCAPES, objection } from "./selection.js";

const SLIDER = 1000;
const SPANS = { // of sliders; numbers beside them take all that is declared
  "landscape.vocabulary_size": [2, 16], "landscape.sequence_length": [1, 12],
  "landscape.quality_sd": [0, 4], "landscape.bigram_sd": [0, 2], "landscape.pattern_weight": [-2, 2],
  "policy.initial_logit_sd": [0, 2], "training.steps": [20, 1000], "training.rollouts": [1, 256],
  "training.learning_rate": [0.001, 100],
};
const NOT_HERE = ["landscape.seed", "landscape.generator", "landscape.order"];

let counter = 0;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** From where a slider stands (0 to 1) to a value and back: even, or by ratios over wide spans. */
function scaleOf(path, field) {
  const usual = Math.abs(field.default ?? 0) || 1;
  const least = field.least ?? field.above ?? -10 * usual;
  let [low, high] = SPANS[path] ?? [Math.max(least, -10 * usual), Math.min(field.most ?? Infinity, 10 * usual)];
  if (!SPANS[path] && field.most !== undefined && field.most <= 10) high = field.most;
  if (field.above === low) low = high / 1e4;
  const round = value => field.kind === "integer" ? Math.round(value) : Number(value.toPrecision(3));
  if (low > 0 && high / low > 1000) {
    return {
      value: place => round(low * (high / low) ** place),
      place: value => Math.log(Math.max(low, value) / low) / Math.log(high / low),
    };
  }
  return { value: place => round(low + (high - low) * place), place: value => (value - low) / (high - low) };
}

const labelOf = path => path.split(".").slice(-2).join(" ").replaceAll("_", " ").replace(/^(landscape|policy|training) /, "");

function described(made, text) {
  const id = `about-${++counter}`;
  made.append(element("small", { id, textContent: text }));
  return id;
}

function numberControl(path, field, value, change) {
  const id = `control-${++counter}`, scale = scaleOf(path, field);
  const made = element("div", { className: "control" });
  made.dataset.path = path;
  const slider = element("input", { type: "range", id, min: 0, max: SLIDER });
  const number = element("input", { type: "number", step: "any", value });
  const showOn = shownValue => { slider.value = SLIDER * Math.min(1, Math.max(0, scale.place(shownValue))); };
  showOn(value);
  slider.setAttribute("aria-valuetext", String(value));
  number.setAttribute("aria-label", `${labelOf(path)}, number`);
  slider.oninput = () => {
    const chosen = scale.value(slider.value / SLIDER);
    number.value = chosen;
    number.setAttribute("aria-invalid", "false");
    slider.setAttribute("aria-valuetext", String(chosen));
    change(path, chosen);
  };
  number.oninput = () => {
    const wrong = number.value === "" ? `${path}: a number is missing` : objection(path, Number(number.value), field);
    number.setAttribute("aria-invalid", String(Boolean(wrong)));
    note.textContent = wrong || field.text;
    if (!wrong) { showOn(Number(number.value)); change(path, Number(number.value)); }
  };
  made.append(element("label", { htmlFor: id, textContent: labelOf(path) }), slider, number);
  const about = described(made, field.text), note = made.lastChild;
  for (const input of [slider, number]) input.setAttribute("aria-describedby", about);
  return made;
}

function choiceControl(path, field, value, change) {
  const id = `control-${++counter}`, made = element("div", { className: "control" });
  made.dataset.path = path;
  const options = field.kind === "boolean" ? [true, false] : field.options;
  const select = element("select", { id });
  for (const option of options) select.append(element("option", { value: String(option), textContent: String(option).replaceAll("_", " "), selected: option === value }));
  select.onchange = () => change(path, options[select.selectedIndex]);
  made.append(element("label", { htmlFor: id, textContent: labelOf(path) }), select);
  select.setAttribute("aria-describedby", described(made, field.text));
  return made;
}

function selectControl(name, text, groups, value, change) {
  const id = `control-${++counter}`, select = element("select", { id });
  for (const [group, options] of groups) {
    const place = group ? element("optgroup", { label: group }) : select;
    for (const [option, label] of options) place.append(element("option", { value: option, textContent: label, selected: option === value }));
    if (group) select.append(place);
  }
  select.onchange = () => change(name, select.value);
  const made = element("div", { className: "control" }, element("label", { htmlFor: id, textContent: text }), select);
  made.dataset.path = name;
  return made;
}

/** A select for each slot of a method, under a heading of its own. */
function partControls(selection, open, change) {
  const own = about.methods[selection.method].composition, made = compositionOf(about, selection);
  const details = element("details", { open }, element("summary", { textContent: "Parts of the method" }));
  details.dataset.group = "parts";
  const choose = (path, part) => {
    const slot = path.slice("part.".length);
    if (part === partOf(own, slot)) delete selection.parts[slot];
    else selection.parts[slot] = part;
    change(true);
  };
  for (const slot of slotsOf(about)) {
    const options = [NONE, ...about.codes[slot]].map(part => [part, part.replaceAll("_", " ")]);
    details.append(selectControl(`part.${slot}`, slot, [["", options]], partOf(made, slot), choose));
  }
  return details;
}

function grouped(known) {
  const groups = new Map();
  for (const [name, { label, group }] of Object.entries(known)) {
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push([name, label]);
  }
  return [...groups];
}

/** The parameters that a cell reads: paths and present values, by heading. */
export function readBy(selection) {
  const cell = cellOf(about, selection), made = [];
  for (const group of ["landscape", "policy", "training"]) {
    const paths = Object.keys(about.fields[group]).map(name => `${group}.${name}`).filter(path => !NOT_HERE.includes(path));
    made.push([group, paths.map(path => [path, cell.settings[group][path.split(".")[1]]])]);
  }
  for (const [group, composition] of [["update", cell.method], ["judge", cell.feedback]]) {
    const paths = Object.values(composition).flatMap(choice => Object.entries(choice).flatMap(
      ([part, values]) => Object.entries(values).map(([name, value]) => [`${group}.${part}.${name}`, value])));
    if (paths.length) made.push([group === "update" ? "method" : "judge", paths]);
  }
  return made;
}

const NOISE = { kind: "number", default: 0, least: 0, most: 1000, text: "sigma, the standard deviation of the feedback's noise, in units of reward." };

/** Take away what is chosen of a method's own parts and parameters. */
function forgetMethod(selection) {
  selection.parts = {};
  for (const path of Object.keys(selection.set)) if (path.startsWith("update.")) delete selection.set[path];
}

/** Fill a fieldset with the controls of a cell; `change(redo)` is called when one moves. */
export function buildControls(fieldset, name, selection, change) {
  const open = new Set([...fieldset.querySelectorAll("details[open]")].map(own => own.dataset.group));
  const focus = document.activeElement?.closest?.(".control")?.dataset.path;
  const inside = fieldset.contains(document.activeElement);
  const method = about.methods[selection.method];
  const plain = (key, value) => {
    selection[key] = value;
    if (key === "method") forgetMethod(selection);
    change(true);
  };
  const set = (path, value) => { selection.set[path] = value; change(fieldOf(path).kind === "choice" || path.endsWith(".levels")); };
  fieldset.replaceChildren(element("legend", { textContent: `Cell ${name.toUpperCase()}` }));
  fieldset.append(selectControl("method", "Method", grouped(about.methods), selection.method, plain));
  if (method.note) fieldset.append(element("small", { textContent: method.note }));
  fieldset.append(partControls(selection, open.has("parts"), change));
  const sees = cellOf(about, selection).flags.sees_feedback;
  fieldset.append(selectControl("feedback", "Feedback", grouped(about.feedbacks), selection.feedback, plain));
  const biases = [["", "as the feedback has it"], ["none", "none"], ...about.codes.bias.map(bias => [bias, bias.replaceAll("_", " ")])];
  fieldset.append(selectControl("bias", "Judge bias", [["", biases]], selection.bias, plain));
  const noise = numberControl("noise", NOISE, selection.noise, (_, value) => { selection.noise = value; change(false); });
  fieldset.append(noise);
  if (!sees) {
    fieldset.append(element("small", { textContent: `${method.label} never sees feedback: feedback, bias and noise change nothing.` }));
  }
  fieldset.append(selectControl("landscape", "Landscape", [["", Object.entries(LANDSCAPES)]], selection.landscape, plain));
  if (selection.landscape === "keyed") {
    const field = { kind: "integer", default: 0, least: 0, most: 1e6, text: "The number of the landscape, drawn by this project's own generator." };
    fieldset.append(numberControl("landscapeSeed", field, selection.landscapeSeed, (_, value) => { selection.landscapeSeed = value; change(false); }));
  }
  for (const [heading, paths] of readBy(selection)) {
    const details = element("details", { open: open.has(heading) }, element("summary", { textContent: `Hyperparameters: ${heading}` }));
    details.dataset.group = heading;
    for (const [path, value] of paths) {
      const field = fieldOf(path), made = field.kind === "number" || field.kind === "integer" ? numberControl : choiceControl;
      if (field.kind !== "other") details.append(made(path, field, value, set));
    }
    fieldset.append(details);
  }
  if (inside && focus) fieldset.querySelector(`[data-path="${focus}"] :is(select, input)`)?.focus();
}
