// Means and spreads of logs (seeds, steps, metrics).
import { about, METRICS } from "./decode.js";

/** Mean and sample SD over seeds of each metric at each step; NaN where it is not defined. */
export function curvesOf({ logs, seeds }) {
  const count = METRICS.length, steps = logs.length / seeds.length / count;
  return METRICS.map((_, metric) => {
    const mean = new Float64Array(steps), sd = new Float64Array(steps);
    for (let step = 0; step < steps; step++) {
      let sum = 0, squares = 0;
      for (let s = 0; s < seeds.length; s++) sum += logs[(s * steps + step) * count + metric];
      mean[step] = sum / seeds.length;
      for (let s = 0; s < seeds.length; s++) squares += (logs[(s * steps + step) * count + metric] - mean[step]) ** 2;
      sd[step] = seeds.length > 1 ? Math.sqrt(squares / (seeds.length - 1)) : 0;
    }
    return { mean, sd };
  });
}

/** Of each seed the mean over the final window: arrays by metric. */
export function finalsOf({ logs, seeds }) {
  const count = METRICS.length, steps = logs.length / seeds.length / count;
  const first = Math.max(0, steps - about.final_window);
  return METRICS.map((_, metric) => seeds.map((_, s) => {
    let sum = 0;
    for (let step = first; step < steps; step++) sum += logs[(s * steps + step) * count + metric];
    return sum / (steps - first);
  }));
}

export function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function sdOf(values) {
  const mean = meanOf(values);
  return values.length > 1 ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) : 0;
}

/** A number for readers; a dash for what is not defined. */
export function shown(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}
