// A plot for each metric, by uPlot: of each cell the mean over seeds, a band, and committed results.
import { about, METRICS } from "./decode.js";
import { meanOf, sdOf, shown } from "./numbers.js";

const HEIGHT = 190;
const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function translucent(colour) {
  return `${colour}33`;
}

function seriesOf(cell) {
  const stroke = () => style(`--${cell}`);
  return [
    { label: `${cell} mean`, stroke, width: 2, points: { show: false } },
    { label: `${cell} above`, stroke: "transparent", points: { show: false } },
    { label: `${cell} below`, stroke: "transparent", points: { show: false } },
    { label: `${cell} committed`, stroke, paths: () => null,
      points: { show: true, size: 8, width: 2, stroke, fill: () => style("--page") } },
  ];
}

function band(cell, first) {
  return { series: [first + 1, first + 2], fill: () => translucent(style(`--${cell}`)) };
}

function axis() {
  return { stroke: () => style("--quiet"), grid: { stroke: () => style("--grid"), width: 1 }, ticks: { stroke: () => style("--grid"), width: 1 }, font: "12px system-ui" };
}

/** A plot of one metric in its own figure. */
class Chart {
  constructor(metric, place) {
    this.metric = metric;
    this.figure = document.createElement("figure");
    this.figure.dataset.metric = metric.name;
    const caption = document.createElement("figcaption");
    caption.textContent = metric.name.replaceAll("_", " ") + (metric.unit ? `, ${metric.unit}` : "");
    caption.title = metric.meaning;
    this.box = document.createElement("div");
    this.box.setAttribute("role", "img");
    this.step = 0;
    this.figure.append(caption, this.box);
    place.append(this.figure);
  }

  options() {
    return {
      width: this.box.clientWidth || 340, height: HEIGHT, legend: { show: false },
      cursor: { drag: { setScale: false }, y: false },
      scales: { x: { time: false }, y: { range: (_, low, high) => padded(low, high) } },
      axes: [axis(), { ...axis(), size: 56 }],
      series: [{}, ...seriesOf("a"), ...seriesOf("b")],
      bands: [band("a", 1), band("b", 5)],
      hooks: { draw: [plot => this.mark(plot)] },
    };
  }

  draw(data, text) {
    this.figure.hidden = data.slice(1).every(values => values.every(value => value === null));
    if (this.figure.hidden) return;
    this.box.setAttribute("aria-label", text);
    if (this.plot && this.plot.width === this.box.clientWidth) this.plot.setData(data);
    else {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(), data, this.box);
    }
  }

  /** A line at the step of which tables are shown. */
  mark({ ctx, bbox, valToPos }) {
    const x = Math.round(valToPos(this.step + 1, "x", true));
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
    ctx.save();
    ctx.strokeStyle = style("--quiet");
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  forget() {
    this.plot?.destroy();
    this.plot = null;
  }
}

/** The span of an axis. Of a curve that moves by rounding alone it is not that of its rounding. */
function padded(low, high) {
  if (low === null || !Number.isFinite(low)) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high)), flat = high - low <= 1e-6 * size;
  const room = flat ? 0.01 * size || 0.01 : 0.06 * (high - low);
  return [low - room, high + room];
}

const filled = (length, of) => Array.from({ length }, (_, i) => {
  const value = of(i);
  return Number.isFinite(value) ? value : null;
});

/** All plots; `draw` takes what is known of each cell: `curves`, `points` and `finals`. */
export class Curves {
  constructor(place) {
    this.charts = about.metrics.map(metric => new Chart(metric, place));
    this.last = null;
    const again = () => { this.charts.forEach(chart => chart.forget()); if (this.last) this.draw(this.last); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new ResizeObserver(() => { if (this.last) this.draw(this.last); }).observe(place);
  }

  /** Mark a step, counted from 0. */
  goTo(step) {
    for (const chart of this.charts) {
      chart.step = step;
      chart.plot?.redraw(false);
    }
  }

  draw(known) {
    this.last = known;
    const steps = Math.max(...known.map(own => own ? own.curves[0].mean.length : 0));
    const x = Array.from({ length: steps }, (_, i) => i + 1);
    this.charts.forEach((chart, metric) => {
      const columns = [x], texts = [];
      known.forEach((own, i) => {
        if (!own) return columns.push(...Array.from({ length: 4 }, () => filled(steps, () => NaN)));
        const { mean, sd } = own.curves[metric], points = new Map(own.points.filter(point => point.metric === METRICS[metric]).map(point => [point.step - 1, point.mean]));
        columns.push(filled(steps, s => mean[s]), filled(steps, s => mean[s] + sd[s]), filled(steps, s => mean[s] - sd[s]), filled(steps, s => points.get(s)));
        texts.push(`cell ${"AB"[i]} ends at ${shown(meanOf(own.finals[metric]))}`);
      });
      chart.draw(columns, `${METRICS[metric].replaceAll("_", " ")} against steps: ${texts.join("; ")}`);
    });
  }
}

/** The means over the final window: a row for each metric. */
export function finalsTable(known) {
  const [a, b] = known, rows = [];
  METRICS.forEach((name, metric) => {
    const own = known.filter(Boolean).map(cell => cell.finals[metric]);
    if (own.every(values => values.every(Number.isNaN))) return;
    const cells = own.map(values => Number.isNaN(meanOf(values)) ? "–" : `${shown(meanOf(values), 4)} ± ${shown(sdOf(values), 4)}`);
    if (b) cells.push(shown(meanOf(b.finals[metric].map((value, s) => value - a.finals[metric][s])), 4));
    rows.push(`<tr><th scope="row">${name.replaceAll("_", " ")}</th>${cells.map(text => `<td>${text}</td>`).join("")}</tr>`);
  });
  const heads = ["A", ...(b ? ["B", "B − A"] : [])].map(text => `<th scope="col">${text}</th>`).join("");
  return `<p class="quiet">Mean of the last ${about.final_window} steps ± standard deviation between seeds.</p>`
    + `<div class="scroll" tabindex="0" role="region" aria-label="Final values"><table><thead><tr><th scope="col">final</th>${heads}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
