// What the builder put into the page.

const textOf = id => document.getElementById(id).textContent;

function bytesOf(text) {
  return Uint8Array.from(atob(text.trim()), letter => letter.charCodeAt(0));
}

export const kernel = bytesOf(textOf("kernel"));
export const workerSource = textOf("worker");
export const about = JSON.parse(textOf("catalogue"));
for (const own of Object.values(about.landscapes.seeds)) {
  own.normals = new Float64Array(bytesOf(own.normals).buffer);
}
export const METRICS = about.metrics.map(metric => metric.name);

/** The part of it that a worker needs. */
export const forWorkers = {
  layout: about.layout, metrics: METRICS.length, purposes: about.purposes, landscapes: about.landscapes,
};
