// The worker: trains what it is asked for, the newest request of each lane, and never for long without
// looking whether a newer one has come.

const BATCH_MS = 20;

const waiting = new Map(), newest = new Map(), channel = new MessageChannel();
let trainer = null, busy = false, resume = null;
channel.port1.onmessage = () => resume();
const pause = () => new Promise(resolve => { resume = resolve; channel.port2.postMessage(0); });

async function train({ lane, id, cell, seeds }) {
  const width = cell.settings.training.steps * trainer.about.metrics;
  const logs = new Float64Array(seeds.length * width);
  let done = 0, batch = 1, stopped = null;
  while (done < seeds.length && !stopped) {
    const start = performance.now(), made = trainer.train(cell, seeds.slice(done, done + batch));
    logs.set(made.logs, done * width);
    stopped = made.stopped;
    done += batch;
    if (performance.now() - start < BATCH_MS) batch *= 2;
    if (done >= seeds.length) break;
    await pause();
    if (newest.get(lane) !== id) return;
    self.postMessage({ kind: "progress", lane, id, done });
  }
  self.postMessage({ kind: "trained", lane, id, seeds, logs, stopped }, [logs.buffer]);
}

async function work() {
  busy = true;
  while (waiting.size) {
    const [lane, task] = waiting.entries().next().value;
    waiting.delete(lane);
    try {
      if (task.kind === "train") await train(task);
      else self.postMessage({ kind: "stepped", lane, id: task.id, tables: trainer.step(task.cell, task.seed, task.step) });
    } catch (error) {
      self.postMessage({ kind: "failed", lane, id: task.id, message: error.message });
    }
    await pause();
  }
  busy = false;
}

self.onmessage = async ({ data }) => {
  if (data.kind === "start") {
    const { instance } = await WebAssembly.instantiate(data.kernel, {});
    trainer = new Trainer(instance, data.about);
    self.postMessage({ kind: "ready" });
  } else {
    newest.set(data.lane, data.id);
    waiting.set(data.lane, data);
  }
  if (trainer && !busy) work();
};
