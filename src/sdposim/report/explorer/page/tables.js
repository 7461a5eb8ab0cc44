// The tables of a step as heat maps: tokens by positions.
import { about } from "./decode.js";
import { shown } from "./numbers.js";

const FONT = "10.5px system-ui", SIDE = 24, LEGIBLE = 29;

function channels(colour) {
  return [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
}

function between(from, to, share) {
  const [first, last] = [channels(from), channels(to)];
  return first.map((value, i) => Math.round(value + (last[i] - value) * share));
}

/**
 * The mean teacher of a step: where there is one table that says it. The pull of forward KL is the mean
 * teacher less the policy (equation 3), to which the lambda term and, by equation 6, the second term
 * are added.
 */
export function teacherOf(cell, tables, weight) {
  const { divergence, regulariser, preconditioner, blend } = cell.method;
  const plain = divergence && "forward_kl" in divergence && cell.flags.quick && !preconditioner
    && (!regulariser || "pull" in regulariser) && cell.settings.policy.context === "position";
  if (!plain || (blend && !(weight > 1e-6))) return null;
  const lambda = regulariser ? regulariser.pull.weight : 0;
  return tables.direction.map((value, k) => {
    const whole = value + lambda * (tables.policy[k] - tables.reference[k]);
    const own = blend ? (whole - (1 - weight) * tables.second[k]) / weight : whole;
    return own + tables.policy[k];
  });
}

/** What is shown of a step: title, values, and whether zero is its middle. */
export function panels(cell, tables, weight) {
  const rows = tables.policy.length / tables.quality.length;
  const perContext = rows === 1 ? tables.quality : spread(tables.quality, rows, cell);
  const teacher = teacherOf(cell, tables, weight);
  return [
    { name: "policy", title: "Policy π", values: tables.policy, signed: false },
    { name: "quality", title: "Token quality q", values: perContext, signed: true },
    ...(teacher ? [{ name: "teacher", title: "Teacher (mean)", values: teacher, signed: false }] : []),
    { name: "advantages", title: "Advantages A*", values: tables.advantages, signed: true },
    { name: "direction", title: "Gradient", values: tables.direction, signed: true },
  ];
}

/** Quality (T, V) for each context (C, V) of an autoregressive policy. */
function spread(quality, rows, cell) {
  const V = cell.settings.landscape.vocabulary_size;
  return Float64Array.from({ length: quality.length * rows }, (_, k) => {
    const context = Math.floor(k / V);
    return quality[Math.floor(context / rows) * V + (k % V)];
  });
}

/** The power of ten that small values are shown by: 0 of those that are not small. */
function powerOf({ values, signed }) {
  const most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return signed && most > 0 && most < 0.0995 ? Math.floor(Math.log10(most * 1.005)) : 0;
}

const raised = power => [...String(power)].map(letter => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(letter)]).join("");

/** Draw values (columns, V) with tokens as rows. */
function paint(canvas, panel, V, target, rows) {
  const { values, signed } = panel, power = powerOf(panel);
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const columns = values.length / V, ratio = devicePixelRatio || 1;
  const width = Math.max(canvas.clientWidth, 60), each = width / columns, height = SIDE * V;
  canvas.style.height = `${height}px`;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d"), most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 1e-300);
  pen.scale(ratio, ratio);
  pen.font = FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const [zero, cold, warm] = [style("--zero"), style("--cold"), style("--warm")];
  const digits = power ? 1 : 2;
  for (let c = 0; c < columns; c++) {
    for (let v = 0; v < V; v++) {
      const value = values[c * V + v], share = Math.abs(value) / (signed ? most : Math.max(most, 2 / V));
      const [r, g, b] = between(zero, signed && value < 0 ? warm : cold, Math.min(1, share));
      pen.fillStyle = `rgb(${r},${g},${b})`;
      pen.fillRect(c * each, v * SIDE, each + 0.5, SIDE + 0.5);
      const light = 0.299 * r + 0.587 * g + 0.114 * b > 128;
      pen.fillStyle = light ? "#111111" : "#ffffff";
      if (each >= LEGIBLE) pen.fillText(shown(value / 10 ** power, digits), c * each + each / 2, v * SIDE + SIDE / 2);
    }
  }
  // Around all contexts of a position, which are many and narrow where a policy is autoregressive.
  target.forEach((v, t) => {
    pen.strokeStyle = style("--text");
    pen.lineWidth = 1.5;
    pen.strokeRect(t * rows * each + 1.5, v * SIDE + 1.5, rows * each - 3, SIDE - 3);
  });
}

function summary({ title, values }, V) {
  const columns = values.length / V;
  const best = Array.from({ length: columns }, (_, c) => {
    const column = Array.from(values.slice(c * V, (c + 1) * V)), most = Math.max(...column);
    return `${c + 1}: token ${column.indexOf(most)}, ${shown(most)}`;
  });
  return `${title}; largest by position ${best.slice(0, 16).join("; ")}`;
}

/** Show a cell's panels in a place, reusing what is there. */
export function showTables(place, name, cell, own, tables) {
  const V = cell.settings.landscape.vocabulary_size;
  const rows = tables.policy.length / tables.quality.length;
  const names = own.map(panel => panel.name).join();
  if (place.dataset.panels !== names) {
    place.dataset.panels = names;
    place.replaceChildren(...own.map(() => {
      const figure = document.createElement("figure"), caption = document.createElement("figcaption");
      caption.className = `of-${name}`;
      const canvas = document.createElement("canvas");
      canvas.className = "heat";
      canvas.setAttribute("role", "img");
      figure.append(caption, canvas);
      return figure;
    }));
  }
  place.querySelectorAll("canvas").forEach((canvas, i) => {
    const power = powerOf(own[i]);
    canvas.previousSibling.textContent = `${name.toUpperCase()}: ${own[i].title}${power ? `, ×10${raised(power)}` : ""}`;
    paint(canvas, own[i], V, tables.target, rows);
    canvas.setAttribute("aria-label", summary(own[i], V));
  });
}
