// What a reader can take away: a configuration for the workflow, and the data.
import { about, METRICS } from "./decode.js";
import { cellOf } from "./cell.js";

function scalar(value) {
  if (typeof value === "number" && !Number.isInteger(value)) {
    const text = String(value); // YAML reads an exponent only after a point
    return /^-?\d+e/.test(text) ? text.replace("e", ".0e") : text;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function lines(value, indent) {
  return Object.entries(value).flatMap(([key, own]) => {
    const start = `${" ".repeat(indent)}${key}:`;
    if (Array.isArray(own)) return [`${start} [${own.map(scalar).join(", ")}]`];
    if (typeof own !== "object") return [`${start} ${scalar(own)}`];
    return Object.keys(own).length ? [start, ...lines(own, indent + 2)] : [`${start} {}`];
  });
}

/** A selection as a configuration: a study for each cell, every parameter that is read said. */
export function configuration(selection) {
  const made = { name: "explorer", run: [], methods: {}, feedbacks: {}, settings: {}, studies: {} };
  let shortest = Infinity; // steps, more than which no window can have
  for (const cell of ["a", "b"].filter(name => selection[name])) {
    const own = cellOf(about, selection[cell]), name = `explorer_${cell}`;
    const judge = own.feedback.scale ? { ...own.told, ...own.feedback } : own.told;
    made.run.push(name);
    const changed = Object.keys(selection[cell].parts).length ? ", other parts" : "";
    const label = `${about.methods[selection[cell].method].label}${changed} (${cell.toUpperCase()})`;
    made.methods[name] = { label: label.slice(0, 40), ...own.method };
    made.feedbacks[name] = { label: `${about.feedbacks[selection[cell].feedback].label} (${cell.toUpperCase()})`.slice(0, 40), ...judge };
    made.settings[name] = own.settings;
    made.studies[name] = { settings: [name], methods: [name], feedbacks: [name], noise: [own.noise], seeds: selection.seeds, figures: { [name]: { kind: "learning_curves" } } };
    shortest = Math.min(shortest, own.settings.training.steps);
  }
  const analysis = Object.fromEntries(Object.entries(about.windows).map(([name, window]) => [name, Math.min(window, shortest)]));
  return { ...made, analysis };
}

export function yamlOf(selection) {
  const note = "# Exported by the explorer: snakemake --cores all --configfile explorer.yaml\n"
    + "# Its results go to runs/explorer/.\n";
  return `${note}${lines(configuration(selection), 0).join("\n")}\n`;
}

/** Logs of the cells as csv: every seed and step. */
export function csvOf(known) {
  const made = [["cell", "seed", "step", ...METRICS].join()];
  known.forEach((own, i) => {
    if (!own) return;
    const { logs, seeds } = own.trained, count = METRICS.length, steps = logs.length / seeds.length / count;
    for (let row = 0; row < seeds.length * steps; row++) {
      const values = Array.from(logs.subarray(row * count, (row + 1) * count), value => Number.isNaN(value) ? "" : value);
      made.push(["ab"[i], seeds[Math.floor(row / steps)], (row % steps) + 1, ...values].join());
    }
  });
  return `${made.join("\n")}\n`;
}

/** Let the reader keep a text as a file. */
export function download(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
