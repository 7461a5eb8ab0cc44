// Workers that share the seeds of a cell. A lane is a question of which only the newest matters.
import { forWorkers, kernel, workerSource } from "./decode.js";

const MOST = 4;

export class Pool {
  constructor(count = Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 2))) {
    this.count = count;
    this.address = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    this.asked = new Map(); // by lane
    this.number = 0;
    this.start();
  }

  start() {
    this.workers = Array.from({ length: this.count }, () => {
      const worker = new Worker(this.address);
      worker.onmessage = ({ data }) => this.receive(data);
      worker.postMessage({ kind: "start", kernel, about: forWorkers });
      return worker;
    });
  }

  /** End whatever is being computed; what was asked is answered by null. */
  stop() {
    this.workers.forEach(worker => worker.terminate());
    for (const question of this.asked.values()) question.resolve(null);
    this.asked.clear();
    this.start();
  }

  ask(lane, total, progress) {
    this.asked.get(lane)?.resolve(null);
    const question = { id: ++this.number, total, done: 0, parts: [], running: new Map(), progress };
    this.asked.set(lane, question);
    const answer = new Promise((resolve, reject) => Object.assign(question, { resolve, reject }));
    return { id: question.id, answer };
  }

  /** Train cells; `logs` (seeds, steps, metrics), or null if something newer was asked. */
  train(lane, cell, seeds, progress = () => {}) {
    const share = Math.ceil(seeds.length / this.count), { id, answer } = this.ask(lane, seeds.length, progress);
    this.asked.get(lane).seeds = seeds;
    this.workers.forEach((worker, i) => {
      const own = seeds.slice(i * share, (i + 1) * share);
      if (own.length) worker.postMessage({ kind: "train", lane, id, cell, seeds: own });
    });
    return answer;
  }

  /** What a cell's step sees and does; null if something newer was asked. */
  step(lane, cell, seed, step) {
    const { id, answer } = this.ask(lane, 1, () => {});
    const place = lane.endsWith("b") ? this.workers.length - 1 : 0;
    this.workers[place].postMessage({ kind: "step", lane, id, cell, seed, step });
    return answer;
  }

  receive(data) {
    const question = this.asked.get(data.lane);
    if (!question || question.id !== data.id) return;
    if (data.kind === "failed") {
      this.asked.delete(data.lane);
      question.reject(new Error(data.message));
    } else if (data.kind === "stepped") {
      this.asked.delete(data.lane);
      question.resolve(data.tables);
    } else if (data.kind === "trained") {
      question.parts.push(data);
      question.done += data.seeds.length;
      question.progress(question.done, question.total);
      if (question.done === question.total) this.finish(data.lane, question);
    }
  }

  finish(lane, { parts, seeds, resolve }) {
    this.asked.delete(lane);
    const width = parts[0].logs.length / parts[0].seeds.length;
    const logs = new Float64Array(seeds.length * width);
    for (const part of parts) logs.set(part.logs, seeds.indexOf(part.seeds[0]) * width);
    resolve({ logs, seeds, stopped: parts.map(part => part.stopped).find(Boolean) ?? null });
  }
}
