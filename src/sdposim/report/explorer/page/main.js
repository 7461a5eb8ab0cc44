// The page: what is selected, what is asked of the workers, and what is shown.
import { about, METRICS } from "./decode.js";
import { cellOf, refusal } from "./cell.js";
import { flagsOf, unsound } from "./composition.js";
import { plainSelection, plainCell, read, SEED_COUNTS, written } from "./selection.js";
import { axisSizes } from "./memory.js";
import { Pool } from "./pool.js";
import { curvesOf, finalsOf } from "./numbers.js";
import { buildControls } from "./controls.js";
import { Curves, finalsTable } from "./curves.js";
import { panels, showTables } from "./tables.js";
import { buildStories, selectionOf } from "./stories.js";
import { csvOf, download, yamlOf } from "./exports.js";

const the = id => document.getElementById(id);
const NAMES = ["a", "b"];

let selection = read(location.hash), story = null, playing = false;
const known = [null, null], shownPanels = {};
const pool = new Pool(), curves = new Curves(the("charts"));
const tell = buildStories(the("story-buttons"), the("story-text"), chosen => {
  story = chosen;
  selection = selectionOf(chosen);
  everything();
});

// --- what is computed ---------------------------------------------------------------------------

const pending = new Set(); // lanes that are not answered, and `drawing`

function busy(name, on) {
  pending[on ? "add" : "delete"](name);
  the("stop").disabled = !NAMES.some(lane => pending.has(lane));
  the("charts").setAttribute("aria-busy", String(!the("stop").disabled));
  document.documentElement.dataset.state = pending.size ? "busy" : "ready";
}

function complain(sentence) {
  the("problem").textContent = sentence;
  the("problem").hidden = !sentence;
}

function problems() {
  return NAMES.filter(name => selection[name]).map(name => {
    const sentence = refusal(about, selection[name]);
    return sentence && `Cell ${name.toUpperCase()}: ${sentence}.`;
  }).filter(Boolean);
}

/** What a cell's committed results are keyed by: everything that its numbers depend on. */
const identity = own => JSON.stringify([own.settings, own.method, own.feedback, own.feedback.scale ? own.noise : 0]);
const committed = new Map();
for (const { condition, points } of about.points) {
  const key = identity(cellOf(about, plainCell(condition)));
  committed.set(key, [...(committed.get(key) ?? []), ...points]);
}

async function train(i) {
  const name = NAMES[i];
  if (!selection[name]) {
    known[i] = null;
    busy(name, false);
    return;
  }
  const cell = cellOf(about, selection[name]);
  const seeds = Array.from({ length: selection.seeds }, (_, seed) => seed);
  busy(name, true);
  const start = performance.now();
  const trained = await pool.train(name, cell, seeds, (done, total) => { the("status").textContent = done < total ? `${done} of ${total} seeds` : ""; });
  if (!trained) return; // something newer was asked, or it was cancelled
  if (trained.stopped) {
    complain(`Cell ${name.toUpperCase()}: training left the finite numbers at step ${trained.stopped.step} of seed ${trained.stopped.seed}.`);
  }
  known[i] = { trained, cell, curves: curvesOf(trained), finals: finalsOf(trained), points: committed.get(identity(cell)) ?? [] };
  redraw();
  busy(name, false);
  the("status").textContent = `${seeds.length} seeds in ${Math.round(performance.now() - start)} ms`;
}

function redraw() {
  if (pending.has("drawing")) return;
  busy("drawing", true);
  requestAnimationFrame(() => {
    draw();
    busy("drawing", false);
  });
}

function draw() {
  const own = known.map((cell, i) => selection[NAMES[i]] ? cell : null);
  if (!own[0]) return;
  curves.draw(own);
  the("finals").innerHTML = finalsTable(own);
  performance.mark("plot");
}

async function showStep(i) {
  const name = NAMES[i], place = the(`tables-${name}`);
  if (!selection[name]) {
    place.replaceChildren();
    place.dataset.panels = "";
    busy(`step-${name}`, false);
    return;
  }
  const cell = cellOf(about, selection[name]), last = cell.settings.training.steps - 1;
  const step = Math.min(selection.step, last), lane = `step-${name}`;
  busy(lane, true);
  const tables = await pool.step(lane, cell, selection.seed, step);
  if (!tables || !selection[name]) return; // something newer was asked
  // The gate's weight at this step, from two means over steps.
  const weight = cell.method.blend ? await weightAt(`weight-${name}`, cell, step, tables.logs) : NaN;
  shownPanels[name] = panels(cell, tables, weight);
  showTables(place, name, cell, shownPanels[name], tables);
  place.dataset.step = step;
  busy(lane, false);
}

async function weightAt(lane, cell, step, logs) {
  const metric = METRICS.indexOf("hybrid_weight"), upTo = logs[metric];
  if (step === 0) return upTo;
  const before = await pool.step(lane, cell, selection.seed, step - 1);
  return before ? upTo * (step + 1) - before.logs[metric] * step : NaN;
}

// --- what is shown ------------------------------------------------------------------------------

function lastStep() {
  return Math.max(...NAMES.filter(name => selection[name]).map(name => cellOf(about, selection[name]).settings.training.steps)) - 1;
}

function keep() {
  history.replaceState(null, "", written(selection));
}

function showSelection() {
  the("compare").checked = Boolean(selection.b);
  the("seeds").value = selection.seeds;
  the("seed").value = selection.seed;
  the("step").max = lastStep();
  the("step").value = selection.step;
  the("step-value").textContent = Math.min(selection.step, lastStep()) + 1;
  curves.goTo(selection.step);
}

function asked() {
  keep();
  showSelection();
  const sentences = problems();
  complain(sentences.join(" "));
  return !sentences.length;
}

function fail(error) {
  complain(`It cannot be trained: ${error.message}.`);
  settle();
}

/** Nothing is waited for any more. */
function settle() {
  for (const name of [...pending]) if (name !== "drawing") busy(name, false);
}

/** Train and show cells anew: those of these numbers. */
function changed(...cells) {
  if (!asked()) {
    pool.stop();
    settle();
    return;
  }
  for (const i of cells) {
    train(i).catch(fail);
    showStep(i).catch(fail);
  }
  redraw();
}

/** After anything may have changed. */
function everything() {
  the("cells").replaceChildren(...NAMES.filter(name => selection[name]).map(name => {
    const fieldset = document.createElement("fieldset");
    fieldset.className = name;
    fieldset.id = `cell-${name}`;
    return fieldset;
  }));
  NAMES.forEach(controlsOf);
  tell(story);
  changed(0, 1);
}

function controlsOf(name) {
  if (!selection[name]) return;
  buildControls(the(`cell-${name}`), name, selection[name], redo => {
    story = null;
    if (redo) controlsOf(name);
    changed(NAMES.indexOf(name));
  });
}

// --- what the reader does -----------------------------------------------------------------------

for (const count of SEED_COUNTS) the("seeds").append(new Option(count, count));
the("tables").replaceChildren(...NAMES.map(name => {
  const place = document.createElement("div");
  place.className = "tables";
  place.id = `tables-${name}`;
  return place;
}));
the("compare").onchange = () => {
  selection.b = the("compare").checked ? plainCell(selection.a) : null;
  everything();
};
the("reset").onclick = () => { selection = plainSelection(); story = null; everything(); };
the("seeds").onchange = () => { selection.seeds = Number(the("seeds").value); changed(0, 1); };
the("seed").oninput = () => {
  const seed = Number(the("seed").value);
  if (the("seed").value === "" || !Number.isSafeInteger(seed) || seed < 0) return;
  selection.seed = seed;
  if (asked()) NAMES.forEach((_, i) => showStep(i).catch(fail));
};
the("step").oninput = () => { pause(); goTo(Number(the("step").value)); };
the("stop").onclick = () => {
  pool.stop();
  pause();
  settle();
  the("status").textContent = "cancelled";
};
the("play").onclick = () => playing ? pause() : play();
the("export-yaml").onclick = () => download("explorer.yaml", yamlOf(selection), "text/yaml");
the("export-csv").onclick = () => download("explorer.csv", csvOf(known.map((own, i) => selection[NAMES[i]] ? own : null)), "text/csv");
addEventListener("hashchange", () => {
  if (location.hash !== written(selection)) open(location.hash);
});
addEventListener("resize", () => NAMES.forEach((_, i) => showStep(i).catch(fail)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => NAMES.forEach((_, i) => showStep(i).catch(fail)));

function goTo(step) {
  selection.step = step;
  keep();
  the("step").value = step;
  the("step-value").textContent = step + 1;
  curves.goTo(step);
  return Promise.all(NAMES.map((_, i) => showStep(i)));
}

function pause() {
  playing = false;
  the("play").textContent = "Play";
  the("play").setAttribute("aria-pressed", "false");
}

async function play() {
  playing = true;
  the("play").textContent = "Pause";
  the("play").setAttribute("aria-pressed", "true");
  const last = lastStep(), stride = Math.max(1, Math.round(last / 150));
  if (selection.step >= last) selection.step = 0;
  while (playing && selection.step < last) {
    await goTo(Math.min(last, selection.step + stride));
    await new Promise(requestAnimationFrame);
  }
  pause();
}

/** Show what a fragment says. */
function open(fragment) {
  selection = read(fragment);
  story = null;
  everything();
}

// For tests, and for whoever opens the console: the very bits that the page computes.
window.explorer = {
  about, read, open, axisSizes,
  selection: () => structuredClone(selection),
  known: () => known.map(own => own && { finals: own.finals, points: own.points }),
  panels: name => Object.fromEntries(shownPanels[name].map(panel => [panel.name, Array.from(panel.values)])),
  yaml: yamlOf,
  refusal: own => refusal(about, own),
  judged: composition => unsound(about, composition) || flagsOf(about, composition),
  train: async (own, seeds) => {
    const trained = await pool.train("console", cellOf(about, own), seeds);
    return { stopped: trained.stopped, logs: Array.from(new Uint8Array(trained.logs.buffer)) };
  },
};

everything();
